"""Follows and their news: gathered, posted once, to whom it was promised, and never lost."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any

import discord
import pytest
from msgspec.structs import replace

from bot.discord.client import LedgerClient
from bot.discord.message import Message
from bot.drawing.languages import LANGUAGES
from bot.drawing.words import words
from bot.features import FEATURES
from bot.follow.posts import Posts, posts_of
from bot.ledger import Ledger
from data.local import Fault, Follow, LocalStore
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.figure import Standing, Status
from knowledge.following import ALONE, Change, changed, everything, preview, state_of
from tests.commands.test_channel import labels, texts
from tests.conftest import Channel

FOLLOWED = ("member:DEU", "member:NATO_TOTAL", "group:nordic", "edition", "crossed", "everything")


def without(facts: Facts, *editions: str) -> Facts:
    """The facts before these editions came."""
    return replace(facts, editions={k: e for k, e in facts.editions.items() if k not in editions}, _made={}, _rows={})


def with_rule(facts: Facts, key: str, **other: Any) -> Facts:
    return replace(facts, rules={**facts.rules, key: replace(facts.rules[key], **other)}, _made={}, _rows={})


def with_share(facts: Facts, code: str, values: dict[int, str | None]) -> Facts:
    """The newest edition with other shares of an Ally; None takes one away."""
    key = (facts.newest.id, "share", code)
    new = {**facts.series[key].values, **{year: Decimal(value or 0) for year, value in values.items()}}
    held = {year: value for year, value in new.items() if values.get(year, "") is not None}
    series = MappingProxyType({**facts.series, key: replace(facts.series[key], values=held)})
    return replace(facts, series=series, _made={}, _rows={})


@pytest.fixture(scope="session")
def earlier(facts: Facts) -> Facts:
    return without(facts, "2026")


def follow(facts: Facts, what: str, role: int | None = None) -> Follow:
    return Follow(1, 2, what, role, "en", state_of(facts, what) or "")


def change_of(facts: Facts, kept: Follow) -> Change | None:
    return changed(facts, kept.what, kept.seen)


def told(facts: Facts, kept: Follow) -> list[str]:
    """The headlines of its news."""
    change = change_of(facts, kept)
    return [words()(one.answer.headline) for one in change.news] if change is not None else []


def rows(facts: Facts, kept: Follow, n: int = 0) -> list[tuple[str, str]]:
    change = change_of(facts, kept)
    assert change is not None
    return [(words()(row.label), words()(row.text)) for row in change.news[n].answer.rows]


# -- the news, without Discord ----------------------------------------------------------------------


@pytest.mark.parametrize("what", FOLLOWED)
def test_the_same_facts_are_no_change(facts: Facts, what: str) -> None:
    assert change_of(facts, follow(facts, what)) is None


@pytest.mark.parametrize("what", FOLLOWED)
def test_older_facts_put_back_are_no_change(facts: Facts, earlier: Facts, what: str) -> None:
    """Nor is the state replaced: when the newer facts are back, they are no news."""
    assert change_of(earlier, follow(facts, what)) is None


def test_a_new_edition_stands_beside_the_one_before(facts: Facts, earlier: Facts) -> None:
    kept = follow(earlier, "member:NLD")
    assert told(facts, kept) == [
        "NATO's 2026 edition is out: for the Netherlands the share of GDP in 2025e is now 2.53% "
        "(2.49% in the 2025 edition), and in 2026e it is 2.58%."
    ]
    drawn = [text for _, text in rows(facts, kept)]
    assert drawn[:3] == ["2.58%", "2.53%; 2.49% in the 2025 edition", "2.02%; 2.00% in the 2025 edition"]
    change = change_of(facts, kept)
    assert change is not None
    [found] = change.news
    assert any("which is not the same" in words()(note) for note in found.answer.notes)
    computed = {part.edition for step in found.answer.workings for part in step.closure()}
    assert computed <= {"2026", None}  # two editions are never computed with one another


def test_a_year_that_was_blank_is_said_to_have_been(facts: Facts, earlier: Facts) -> None:
    """NATO left Germany's 2025 blank in its 2025 edition; 2024, the newest year of both, is in both the same."""
    kept = follow(earlier, "member:DEU")
    assert told(facts, kept) == ["NATO's 2026 edition is out: for Germany the share of GDP in 2026e is 2.69%."]
    assert rows(facts, kept)[1] == ("2025e", "2.22%; left blank in the 2025 edition")


def test_a_figure_that_stayed_is_no_news_of_a_change(facts: Facts, earlier: Facts) -> None:
    """Where the newer edition has no further year, it is said that the share is still the same."""
    same = with_share(facts, "NLD", {2025: str(earlier.series["2025", "share", "NLD"].values[2025]), 2026: None})
    assert told(same, follow(earlier, "member:NLD")) == [
        "NATO's 2026 edition is out: for the Netherlands the share of GDP in 2025e is still 2.49%, as in the 2025 edition."
    ]


def test_an_edition_that_was_missed_is_compared_with_the_one_that_was_seen(facts: Facts) -> None:
    older = without(facts, "2026", "2025", "report-2025")
    assert "(2.12% in the 2024 edition)" in told(facts, follow(older, "member:DEU"))[0]


def test_an_edition_that_is_held_no_longer_stops_no_news(facts: Facts, earlier: Facts) -> None:
    """What was seen last may be dropped from the tables, or get another id: the newest is told of all the same."""
    kept = follow(earlier, "member:NLD")
    gone = without(facts, "2025")
    assert told(gone, kept) == told(gone, follow(without(facts, "2026", "2025"), "member:NLD"))


def test_every_spender_has_news_in_every_new_edition(facts: Facts) -> None:
    """No blank, missing row or missing total stops a post, whichever editions follow one another."""
    held = [e.id for e in facts.editions.values() if e.tables]
    for n, newest in enumerate(held[:-1]):
        now = without(facts, *held[:n])
        for seen in held[n + 1 :]:
            then = without(facts, *held[: held.index(seen)])
            out = f"NATO's {facts.editions[newest].name} is out"
            for member in facts.spenders.values():
                assert [text.startswith(out) for text in told(now, follow(then, f"member:{member.code}"))] == [True]
            for what in ("edition", "group:baltic", "group:eu", "everything"):
                assert told(now, follow(then, what))[0].startswith(out)
            assert all(text.startswith(out) for text in told(now, follow(then, "crossed")))


def test_a_group_is_told_as_one_and_ally_by_ally(facts: Facts, earlier: Facts) -> None:
    kept = follow(earlier, "group:baltic")
    assert told(facts, kept) == [
        "NATO's 2026 edition is out: for the Baltic states the share of GDP in 2026e is 5.17%."
    ]
    assert {"Estonia, 2026e", "Latvia, 2026e", "Lithuania, 2026e"} <= {label for label, _ in rows(facts, kept)}


def test_who_crossed_a_line_is_told_by_line(facts: Facts, earlier: Facts) -> None:
    kept = follow(earlier, "crossed")
    assert told(facts, kept) == [
        "NATO's 2026 edition is out: for 2025e it puts these Allies on the other side of a line than the 2025 edition did."
    ]
    assert rows(facts, kept) == [
        ("Now at 3.5% or above", "Estonia (3.93%; 3.38% in the 2025 edition)"),
        (
            "No longer at 2%",
            "Albania (1.48%; 2.01% in the 2025 edition), Czechia (1.86%; 2.00% in the 2025 edition) "
            "and Slovenia (1.57%; 2.02% in the 2025 edition)",
        ),
    ]
    change = change_of(facts, kept)
    assert change is not None
    assert change.news[0].answer.status is Status.ESTIMATE


def test_where_nobody_crossed_a_line_nothing_is_told_and_the_state_goes_on(facts: Facts, earlier: Facts) -> None:
    same = facts
    for code in facts.members:
        old = facts.series.get(("2025", "share", code))
        if old is not None and 2025 in old.values:
            same = with_share(same, code, {2025: str(old.values[2025])})
    kept = follow(earlier, "crossed")
    assert change_of(same, kept) == Change(state_of(same, "crossed") or "", ())
    assert preview(same, "crossed") == ()


def test_everything_is_editions_lines_corrections_and_rules(facts: Facts, earlier: Facts) -> None:
    out = "NATO's 2026 edition is out: for"
    kept = follow(earlier, "everything")
    assert [text[: len(out)] for text in told(facts, kept)] == [out, out]
    rule = facts.rules["hague"]
    before = replace(facts, rules={k: r for k, r in facts.rules.items() if k != "hague"}, _made={}, _rows={})
    later = replace(facts, rules={**before.rules, "hague": replace(rule, announced=PartialDate("2026-08-01"))})
    kept = follow(with_share(before, "DEU", {2025: "2.33"}), "everything")
    assert told(later, kept) == [
        f"New here: The Hague commitment. Adopted, in force: {rule.summary}",
        "Figures of Germany in NATO's 2026 edition were corrected here: the share of GDP in 2025e is 2.22%, not 2.33%.",
    ]
    assert told(facts, follow(before, "everything")) == []  # an old rule that is held now is nothing new


CORRECTED = [
    ("member:DEU", {"DEU": {2025: "2.33"}}, "Figures of Germany in NATO's 2026 edition were corrected here: the share"),
    ("group:baltic", {"EST": {2025: "2.33"}}, "Figures of Estonia in NATO's 2026 edition were corrected here: the sh"),
    (
        "group:baltic",
        {"EST": {2025: "1"}, "LVA": {2024: "1"}},
        "Figures of the Baltic states in NATO's 2026 edition were",
    ),
    (
        "everything",
        {"EST": {2025: "1"}, "LVA": {2024: "1"}},
        "Figures of Estonia and Latvia in NATO's 2026 edition were corrected here.",
    ),
    ("member:FRA", {"DEU": {2025: "2.33"}}, None),
    ("group:baltic", {"DEU": {2025: "2.33"}}, None),
    ("edition", {"DEU": {2025: "2.33"}}, None),
    ("crossed", {"DEU": {2025: "1.33"}}, None),
    ("member:DEU", {"DEU": {2025: None}}, None),  # it is held only now: what was announced stands
    ("member:DEU", {"DEU": {2025: "2.2200"}}, None),
]


@pytest.mark.parametrize(("what", "then", "sentence"), CORRECTED)
def test_a_correction_says_what_stood_here_before(
    facts: Facts, what: str, then: dict[str, dict[int, str | None]], sentence: str | None
) -> None:
    wrong = facts
    for code, values in then.items():
        wrong = with_share(wrong, code, values)
    found = told(facts, follow(wrong, what))
    assert [text[: len(sentence or "")] for text in found] == ([sentence] if sentence else [])


def test_many_corrections_are_counted(facts: Facts) -> None:
    wrong = facts
    for code in ("EST", "LVA"):
        wrong = with_share(wrong, code, dict.fromkeys(range(2015, 2026), "9"))
    found = rows(facts, follow(wrong, "group:baltic"))
    assert found[0] == ("Estonia, 2025", "3.93%, not 9.00%")
    assert found[-1] == ("More figures corrected", "12")
    assert len(found) == 11


RULES = [
    # what was so before → whether it is news
    ({"standing": Standing.PROPOSED}, True),
    ({"superseded_by": "wales"}, True),
    ({"deadline": 2032}, True),
    ({"summary": "In other words."}, False),
    ({"name": "Another name", "aliases": (), "caution": "x", "review": "x"}, False),
]


@pytest.mark.parametrize("what", ["rule:hague", "everything"])
@pytest.mark.parametrize(("other", "is_news"), RULES)
def test_a_rule_that_changed_is_news_and_other_words_are_none(
    facts: Facts, what: str, other: dict[str, Any], is_news: bool
) -> None:
    found = told(facts, follow(with_rule(facts, "hague", **other), what))
    begin = "What is held here on The Hague commitment has changed. Adopted, in force: "
    assert [text[: len(begin)] for text in found] == ([begin] if is_news else [])


def test_a_level_is_news_and_the_words_of_a_part_are_none(facts: Facts) -> None:
    core, *others = facts.rules["hague"].components
    for other, is_news in (
        ({"value": Decimal("3.4")}, True),
        ({"by": 2034}, True),
        ({"op": "no less than"}, False),
        ({"measure": "in other words"}, False),
        ({"value": Decimal("3.50")}, False),
    ):
        before = with_rule(facts, "hague", components=(replace(core, **other), *others))
        assert bool(told(facts, follow(before, "rule:hague"))) is is_news, other


def test_a_rule_that_is_held_no_longer_is_no_change(facts: Facts) -> None:
    gone = replace(facts, rules={k: r for k, r in facts.rules.items() if k != "hague"}, _made={}, _rows={})
    assert change_of(gone, follow(facts, "rule:hague")) is None


# -- the state that is kept ---------------------------------------------------------------------------

UNREADABLE = [
    "2025", "2025|2024=2.00|2024=1", "2026|", "2026||", "adopted|core3.5%|2035|", "", "null", "[]", "{}", "{",
    '{"version":0,"edition":"2025","published":"2025-08-28"}', '{"version":2,"edition":"2025"}',
    '{"version":1,"edition":"2025"}', '{"version":1,"edition":"2025","published":"soon"}',
    '{"version":1,"edition":"2025","published":"2025-08-28","shares":{"DEU":{"2024":"two"}}}',
    '{"version":1,"edition":"2025","published":"2025-08-28","shares":[]}',
    '{"version":1,"edition":"2026","published":"2026-07-10","dollars":{"DEU":{"2026":"sNaN"}}}',
    '{"version":1,"edition":["2025"],"published":"2025-08-28"}', '{"version":1,"edition":"","published":7}',
    '{"version":1,"rules":{"hague":["adopted"]}}', '{"version":1,"more":1}',
]  # fmt: skip


@pytest.mark.parametrize("seen", UNREADABLE)
@pytest.mark.parametrize("what", [*FOLLOWED, "rule:hague"])
def test_what_cannot_be_read_or_is_of_another_version_is_replaced_in_silence(
    facts: Facts, what: str, seen: str
) -> None:
    """The form of 0.2 is among them."""
    assert changed(facts, what, seen) == Change(state_of(facts, what) or "", ())


@pytest.mark.parametrize("what", FOLLOWED)
def test_the_state_of_another_thing_is_replaced_in_silence(facts: Facts, what: str) -> None:
    for one, other in ((what, "rule:hague"), ("rule:hague", what)):
        now = state_of(facts, one) or ""
        assert changed(facts, one, state_of(without(facts, "2026"), other) or "") == Change(now, ())
        assert changed(facts, one, '{"version":1}') == Change(now, ())


def test_the_form_of_the_state(facts: Facts) -> None:
    """Whoever changes what is written here raises VERSION in knowledge/following.py."""
    assert state_of(facts, "rule:hague") == (
        '{"version":1,"rules":{"hague":["adopted",{"core":["3.5",2035],"related":["1.5",2035]},2035,""]}}'
    )
    assert state_of(facts, "edition") == '{"version":1,"edition":"2026","published":"2026-07-10"}'
    kept = json.loads(state_of(facts, "member:DEU") or "")
    assert list(kept) == ["version", "edition", "published", "shares", "dollars"]
    assert kept["shares"]["DEU"]["2026"] == "2.69"
    assert kept["dollars"] == {"DEU": {"2026": "147002000000"}}
    assert len(state_of(facts, "everything") or "") < 10_000


@pytest.mark.parametrize("what", [*FOLLOWED, "rule:hague"])
def test_a_state_written_otherwise_is_no_news(facts: Facts, what: str) -> None:
    """Other spaces, another order, another precision: the same numbers are the same state."""
    kept = json.loads(state_of(facts, what) or "")
    for years in (*kept.get("shares", {}).values(), *kept.get("dollars", {}).values()):
        years.update({year: f"{Decimal(value):.4f}" for year, value in years.items()})
    other = json.dumps(dict(reversed(kept.items())), indent=1)
    assert changed(facts, what, other) == Change(state_of(facts, what) or "", ())


# -- the messages -------------------------------------------------------------------------------------


def parts(components: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for one in components for part in (one, *parts(one.get("components", ())))]


def ids(message: Message) -> list[str]:
    return [part["custom_id"] for part in parts(message.components) if "custom_id" in part]


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("begin", [0, 12, 36])
def test_any_follows_fit_the_limits_of_discord(facts: Facts, language: str, begin: int) -> None:
    oldest = without(facts, *[e.id for e in facts.editions.values() if e.id not in ("2024", "report-2023", "2023")])
    new = {}
    for n, what in enumerate(everything(facts)[begin : begin + 25]):
        kept = follow(with_rule(oldest, "hague", standing=Standing.DEMANDED), what, 10**18 + n)
        change = change_of(facts, kept)
        if change is not None and change.news:
            new[kept] = change
    found = posts_of(facts, new, [10**18 + n for n in range(25)], words(language, markdown=True))
    assert [follow for post in found for follow in post.told] == list(new) or set(new) == {
        follow for post in found for follow in post.told
    }
    for n, post in enumerate(found):
        shown = parts(post.message.components)
        assert len(shown) <= 40
        assert sum(len(part.get("content", "")) for part in shown) <= 4000
        assert len(set(ids(post.message))) == len(ids(post.message))
        assert ("<@&" in "".join(part.get("content", "") for part in shown)) is (n == 0)


def test_a_text_too_long_for_one_message_goes_on_in_another(facts: Facts) -> None:
    kept = follow(with_rule(facts, "hague", deadline=2032), "rule:hague", 7)
    long = with_rule(facts, "hague", summary="Word " * 2000)
    change = change_of(long, kept)
    assert change is not None
    found = posts_of(long, {kept: change}, [7], words(markdown=True))
    drawn = [" ".join(part.get("content", "") for part in parts(post.message.components)) for post in found]
    assert sum(text.count("Word") for text in drawn) == 2000
    assert all(len(text) <= 4000 for text in drawn)
    assert [post.told for post in found] == [(), (), (), (kept,)]
    assert ["<@&7>" in text for text in drawn] == [True, False, False, False]


# -- the posts ---------------------------------------------------------------------------------------


@pytest.fixture
def simcord_bot(earlier: Facts, client: LedgerClient) -> LedgerClient:
    """The bot as it was before the newest edition."""
    return LedgerClient(Ledger(earlier, client.ledger.local), FEATURES)


@pytest.fixture
def before(simcord_bot: LedgerClient, offline: Channel) -> Channel:
    return dataclasses.replace(offline, client=simcord_bot)


@pytest.fixture
async def moderator(before: Channel) -> Any:
    server = before.channel.guild
    role = server.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
    return server.add_member(before.env.create_user("max"), roles=[role])


async def upgrade(before: Channel, facts: Facts) -> LedgerClient:
    """The bot stops and comes back with newer facts."""
    client = LedgerClient(Ledger(facts, before.client.ledger.local), FEATURES)
    await before.env.restart_bot(client)
    await settled(before)
    return client


async def settled(before: Channel) -> None:
    """Until the look at the follows, part of which is in another thread, is over."""
    for _ in range(5):
        await asyncio.sleep(0.05)
        await before.env.settle()


def posts(before: Channel, channel: Any = None) -> list[str]:
    """What stands in a channel that no question asked for."""
    history = (channel or before.channel).history()
    return ["\n".join(texts([c.to_dict() for c in message.components])) for message in history]


def sent_to(before: Channel, channel: Any) -> list[dict[str, Any]]:
    asked = [r for r in before.env.http_requests if r.path.endswith(f"/channels/{channel.id}/messages")]
    return [request.json for request in asked if request.method == "POST"]


def follows(before: Channel) -> list[Follow]:
    return before.client.ledger.local.follows()


async def test_a_new_edition_is_posted_once_and_pings_one_role(before: Channel, moderator: Any, facts: Facts) -> None:
    server = before.channel.guild
    news_channel = server.create_text_channel("news")
    role = server.create_role("Readers", mentionable=True)
    server.create_role("Others", mentionable=True)
    await moderator.slash(before.channel, "follow start", what="member:NLD", channel=news_channel, role=role)
    assert posts(before, news_channel) == []
    client = await upgrade(before, facts)
    [text] = posts(before, news_channel)
    assert "NATO's 2026 edition is out: for the Netherlands" in text
    assert "2026 edition, published 10 July 2026" in text
    assert "not affiliated with NATO" in text
    assert "end it with /follow stop" in text
    assert text.endswith(f"<@&{role.id}>")
    [sent] = sent_to(before, news_channel)
    assert sent["allowed_mentions"] == {"parse": [], "roles": [role.id]}
    assert sent["enforce_nonce"] is True
    await Posts(client, client.ledger).look()
    client = await upgrade(before, facts)
    await Posts(client, client.ledger).look()
    assert len(posts(before, news_channel)) == 1
    assert not before.env.errors


async def test_a_channel_hears_of_an_edition_in_one_message_with_one_ping(
    before: Channel, moderator: Any, facts: Facts
) -> None:
    server = before.channel.guild
    readers, others = (server.create_role(name, mentionable=True) for name in ("Readers", "Others"))
    for what, role in (("NLD", readers), ("edition", readers), ("everything", others), ("crossed", None)):
        await moderator.slash(before.channel, "follow start", what=what, **({"role": role} if role else {}))
    await upgrade(before, facts)
    [sent] = sent_to(before, before.channel)
    assert sent["allowed_mentions"] == {"parse": [], "roles": [readers.id, others.id]}
    [text] = posts(before)
    assert text.endswith(f"<@&{readers.id}> <@&{others.id}>")
    assert text.count("the Netherlands the share") == 1
    assert text.count("for NATO the share") == 1  # of editions and of everything
    assert text.count("on the other side of a line") == 1
    assert text.count("which is not the same") == 1
    assert changed(facts, "everything", follows(before)[2].seen) is None


async def test_what_does_not_fit_follows_without_a_ping(before: Channel, moderator: Any, facts: Facts) -> None:
    role = before.channel.guild.create_role("Readers", mentionable=True)
    codes = [m.code for m in facts.members.values() if m.armed_forces][:25]
    for code in codes:
        await moderator.slash(before.channel, "follow start", what=code, role=role)
    await upgrade(before, facts)
    sent = sent_to(before, before.channel)
    assert 1 < len(sent) <= 6
    assert [one["allowed_mentions"].get("roles", []) for one in sent] == [[role.id], *[[]] * (len(sent) - 1)]
    text = "\n".join(posts(before))
    assert text.count("NATO's 2026 edition is out") == 25
    assert text.count("<@&") == 1
    assert len({one["nonce"] for one in sent}) == len(sent)


async def test_what_failed_after_the_ping_comes_later_without_another(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = before.channel.guild.create_role("Readers", mentionable=True)
    for code in [m.code for m in facts.members.values() if m.armed_forces][:12]:
        await moderator.slash(before.channel, "follow start", what=code, role=role)
    news, sends = Posts(before.client, Ledger(facts, before.client.ledger.local)), []
    really = discord.PartialMessageable.send

    async def once(*given: Any, **options: Any) -> Any:
        sends.append(options["allowed_mentions"].to_dict().get("roles", []))
        if len(sends) == 2:
            raise discord.DiscordServerError(SimpleNamespace(status=503, reason="Service Unavailable"), "")
        return await really(*given, **options)

    monkeypatch.setattr(discord.PartialMessageable, "send", once)
    await news.look()
    assert len(posts(before)) == 1
    await news.look()
    assert sends == [[role.id], *[[]] * (len(sends) - 1)]
    assert "\n".join(posts(before)).count("NATO's 2026 edition is out") == 12


async def test_its_buttons_ask_on_in_private(before: Channel, moderator: Any, facts: Facts) -> None:
    await moderator.slash(before.channel, "follow start", what="edition")
    await upgrade(before, facts)
    message = before.channel.last_message
    shown = labels([c.to_dict() for c in message.components])
    assert shown == ["Sources", "/spending NATO edition:2026", "/revisions edition:2026", "/sources edition:2026"]
    for label in shown:
        asked = await before.member.click(message, label=label)
        assert asked.ephemeral
        assert "\n".join(texts(asked.response.components)).startswith("### ")


async def test_without_a_role_nobody_is_pinged(before: Channel, moderator: Any, facts: Facts) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    await upgrade(before, facts)
    [sent] = sent_to(before, before.channel)
    assert sent["allowed_mentions"].get("parse") == []
    assert not sent["allowed_mentions"].get("roles")
    assert "<@" not in "\n".join(posts(before))


async def test_a_deleted_role_is_neither_pinged_nor_named(before: Channel, moderator: Any, facts: Facts) -> None:
    role = before.channel.guild.create_role("Readers", mentionable=True)
    await moderator.slash(before.channel, "follow start", what="DEU", role=role)
    before.env.backend.delete_role(before.channel.guild.id, role.id)
    await upgrade(before, facts)
    [sent] = sent_to(before, before.channel)
    assert not sent["allowed_mentions"].get("roles")
    assert "<@" not in "\n".join(posts(before))


async def test_what_did_not_change_is_not_posted(before: Channel, moderator: Any, facts: Facts) -> None:
    await moderator.slash(before.channel, "follow start", what="rule:hague")
    await upgrade(before, facts)
    assert len(follows(before)) == 1
    assert posts(before) == []


async def test_a_state_of_an_older_form_is_replaced_and_nothing_is_posted(before: Channel, facts: Facts) -> None:
    server, channel = before.channel.guild.id, before.channel.id
    old = {"member:DEU": "2026|2025=2.21|2026=1", "rule:hague": "adopted|coreat least3.5%2035|2035|", "edition": "2025"}
    for what, seen in old.items():
        before.client.ledger.local.follow(Follow(server, channel, what, None, "en-US", seen))
    await upgrade(before, facts)
    assert posts(before) == []
    assert {f.what: f.seen for f in follows(before)} == {what: state_of(facts, what) for what in old}


@pytest.mark.parametrize("kind", ["text", "news"])
async def test_an_announcement_channel_publishes(before: Channel, moderator: Any, facts: Facts, kind: str) -> None:
    channel = getattr(before.channel.guild, f"create_{kind}_channel")("heard")
    result = await moderator.slash(before.channel, "follow start", what="DEU", channel=channel)
    assert ("announcement channel" in "\n".join(texts(result.response.components))) is (kind == "news")
    await upgrade(before, facts)
    assert len(posts(before, channel)) == 1
    published = [r for r in before.env.http_requests if r.path.endswith("/crosspost")]
    assert len(published) == (kind == "news")


async def test_what_is_out_when_a_post_breaks_off_is_published(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = before.channel.guild.create_news_channel("heard")
    for code in [m.code for m in facts.members.values() if m.armed_forces][:12]:
        await moderator.slash(before.channel, "follow start", what=code, channel=channel)
    news, sends = Posts(before.client, Ledger(facts, before.client.ledger.local)), []
    really = discord.PartialMessageable.send

    async def once(*given: Any, **options: Any) -> Any:
        sends.append(options["nonce"])
        if len(sends) == 2:
            raise discord.DiscordServerError(SimpleNamespace(status=503, reason="Service Unavailable"), "")
        return await really(*given, **options)

    monkeypatch.setattr(discord.PartialMessageable, "send", once)
    for _ in range(2):  # the second look posts the rest
        await news.look()
        published = [r for r in before.env.http_requests if r.path.endswith("/crosspost")]
        assert len({r.path for r in published}) == len(published) == len(posts(before, channel)) > 0


async def test_what_may_not_be_published_is_posted_all_the_same(
    before: Channel, moderator: Any, facts: Facts, caplog: pytest.LogCaptureFixture
) -> None:
    channel = before.channel.guild.create_news_channel("heard")
    await moderator.slash(before.channel, "follow start", what="DEU", channel=channel)
    before.env.inject_error("POST", "*/crosspost", status=403, code=50013)
    client = await upgrade(before, facts)
    assert "may not be published: Discord's code 50013" in caplog.text
    await Posts(client, client.ledger).look()
    assert len(posts(before, channel)) == 1


async def test_a_kill_between_sending_and_marking_repeats_and_loses_nothing(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill is a mark that was never written; the message comes again, with the same nonce."""
    await moderator.slash(before.channel, "follow start", what="DEU")
    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "mark_seen", lambda *_: None)
        await upgrade(before, facts)
    assert len(posts(before)) == 1
    await upgrade(before, facts)
    sent = sent_to(before, before.channel)
    assert len(sent) == 2
    assert sent[0]["nonce"] == sent[1]["nonce"]
    assert len(sent[0]["nonce"]) <= 25
    await upgrade(before, facts)
    assert len(posts(before)) == 2


async def test_what_cannot_be_marked_is_not_posted_every_day(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    await moderator.slash(before.channel, "follow start", what="FRA")
    news = Posts(before.client, Ledger(facts, before.client.ledger.local))

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "mark_seen", full)
        for _ in range(3):
            await news.look()
    assert len(posts(before)) == 1
    assert "database or disk is full" in caplog.text
    assert caplog.text.count("2 posts could not be kept as posted: after a restart they come again") == 3
    await news.look()  # there is room again
    assert {f.seen for f in follows(before)} == {state_of(facts, "member:DEU"), state_of(facts, "member:FRA")}
    await upgrade(before, facts)
    assert len(posts(before)) == 1


async def test_what_is_followed_no_longer_is_not_told_as_unkept(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for what in ("DEU", "FRA"):
        await moderator.slash(before.channel, "follow start", what=what)
    news = Posts(before.client, Ledger(facts, before.client.ledger.local))

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(LocalStore, "mark_seen", full)
    await news.look()
    await moderator.slash(before.channel, "follow stop", what="DEU")
    await news.look()
    told = [r.getMessage() for r in caplog.records if "could not be kept as posted" in r.getMessage()]
    assert [line.split()[0] for line in told] == ["2", "1"]


async def test_a_channel_that_is_gone_takes_its_follows_along(before: Channel, moderator: Any, facts: Facts) -> None:
    server = before.channel.guild
    gone = server.create_text_channel("gone")
    for what in ("DEU", "rule:hague"):
        await moderator.slash(before.channel, "follow start", what=what, channel=gone)
    await moderator.slash(before.channel, "follow start", what="FRA")
    before.env.backend.delete_channel(gone.id)
    await upgrade(before, facts)
    assert [f.what for f in follows(before)] == ["member:FRA"]
    assert len(posts(before)) == 1


async def test_a_closed_channel_is_kept_for_later_and_stops_no_other(
    before: Channel, moderator: Any, facts: Facts, caplog: pytest.LogCaptureFixture
) -> None:
    closed = before.channel.guild.create_text_channel("closed")
    await moderator.slash(before.channel, "follow start", what="DEU", channel=closed)
    await moderator.slash(before.channel, "follow start", what="FRA")
    before.env.inject_error("POST", f"/channels/{closed.id}/messages", status=403, code=50013)
    client = await upgrade(before, facts)
    assert posts(before, closed) == []
    assert len(posts(before)) == 1
    assert "news could not be posted in one channel: Discord's code 50013" in caplog.text
    assert "closed" not in caplog.text
    assert str(closed.id) not in caplog.text
    await Posts(client, client.ledger).look()
    assert "Germany" in posts(before, closed)[0]


async def test_a_fault_of_ours_in_a_post_stops_no_other_and_is_kept(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = before.channel.guild.create_text_channel("other")
    await moderator.slash(before.channel, "follow start", what="DEU", channel=other)
    await moderator.slash(before.channel, "follow start", what="FRA")
    noted: list[Fault] = []
    monkeypatch.setattr(LocalStore, "note_fault", lambda _, fault: noted.append(fault))
    before.env.inject_error("POST", f"/channels/{other.id}/messages", status=400, code=50035)
    await upgrade(before, facts)
    assert len(posts(before)) == 1
    [fault] = noted
    assert fault.where == "the posts of /follow"
    assert f"{fault.code}: news could not be posted in one channel" in caplog.text


async def test_the_folder_of_another_application(
    before: Channel, moderator: Any, facts: Facts, caplog: pytest.LogCaptureFixture
) -> None:
    """Its follows are neither shown, ended nor posted, and nothing is promised that would not be kept."""
    local = before.client.ledger.local
    await moderator.slash(before.channel, "follow start", what="DEU")
    local.put("application", "7")
    kept = local.follows()
    for command, options in (("start", {"what": "FRA"}), ("stop", {"what": "DEU"}), ("list", {})):
        result = await moderator.slash(before.channel, f"follow {command}", **options)
        assert "Nothing can be followed here for now" in "\n".join(texts(result.response.components))
    assert await moderator.autocomplete(before.channel, "follow stop", "what", "") == []
    assert local.follows() == kept
    await upgrade(before, facts)
    assert posts(before) == []
    assert local.follows() == kept
    [warning] = [r.getMessage() for r in caplog.records if "another application" in r.getMessage()]
    assert "Set another LEDGER_FOLDER" in warning


async def test_a_server_that_removed_the_bot_is_forgotten(before: Channel, moderator: Any, facts: Facts) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    before.client.ledger.local.follow(Follow(1, 2, "member:DEU", None, "en", "2025||"))
    before.client.ledger.local.put("absent:1", "2026-01-01T00:00:00+00:00")
    await upgrade(before, facts)
    assert {f.server for f in follows(before)} == {before.channel.guild.id}


async def test_a_list_of_servers_that_cannot_be_read_deletes_nothing(
    before: Channel, moderator: Any, facts: Facts
) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    before.env.inject_error("GET", "/users/@me/guilds", status=403, code=50001)
    await upgrade(before, facts)
    assert len(follows(before)) == 1
    assert len(posts(before)) == 1


def test_what_is_no_name_is_offered_first(facts: Facts) -> None:
    assert everything(facts)[: len(ALONE)] == list(ALONE)
