"""Follows and their news: posted once, to whom it was promised, and never lost."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import discord
import pytest

from bot.discord.client import LedgerClient
from bot.drawing.words import words
from bot.features import FEATURES
from bot.follow.posts import Posts, Told, _nonce
from bot.ledger import Ledger
from data.local import Follow, LocalStore
from knowledge.answer import Answer
from knowledge.facts import Facts
from knowledge.figure import Standing
from knowledge.following import News, news, sample, state_of
from knowledge.sentences import say
from tests.commands.test_channel import labels, texts
from tests.conftest import Channel

FOLLOWED = (
    "member:DEU", "member:NLD", "member:NATO_TOTAL", "member:NATO_EUR_CAN", "edition", "group:nordic", "everything",
    "crossed",
)  # fmt: skip


def without(facts: Facts, *editions: str) -> Facts:
    """The facts before these editions came."""
    return replace(facts, editions={k: e for k, e in facts.editions.items() if k not in editions}, _made={})


@pytest.fixture(scope="session")
def earlier(facts: Facts) -> Facts:
    return without(facts, "2026")


def follow(facts: Facts, what: str, role: int | None = None) -> Follow:
    return Follow(1, 2, what, role, "en", state_of(facts, what) or "")


def found_of(facts: Facts, kept: Follow) -> News | None:
    return news(facts, kept.what, kept.seen)


def told(facts: Facts, kept: Follow) -> Answer:
    """What is told of a follow, which has to be something."""
    found = found_of(facts, kept)
    assert found is not None
    assert found.answer is not None
    return found.answer


# -- the news, without Discord ----------------------------------------------------------------------


@pytest.mark.parametrize("what", FOLLOWED)
def test_the_same_facts_are_no_news(facts: Facts, what: str) -> None:
    assert found_of(facts, follow(facts, what)) is None


@pytest.mark.parametrize("what", FOLLOWED)
def test_figures_put_back_are_no_news(facts: Facts, earlier: Facts, what: str) -> None:
    assert found_of(earlier, follow(facts, what)) is None


def headline(facts: Facts, kept: Follow) -> str:
    return words()(told(facts, kept).headline)


def test_a_new_edition_stands_beside_the_one_before(facts: Facts, earlier: Facts) -> None:
    assert headline(facts, follow(earlier, "member:NLD")) == (
        "NATO's 2026 edition is out: for the Netherlands the share of GDP in 2025e is now 2.53% "
        "(2.49% in the 2025 edition), and in 2026e it is 2.58%."
    )
    answer = told(facts, follow(earlier, "member:NLD"))
    drawn = [words()(row.text) for row in answer.rows]
    assert drawn[:3] == ["2.58%", "2.53%; 2.49% in the 2025 edition", "2.02%; 2.00% in the 2025 edition"]
    assert any("which is not the same" in words()(note) for note in answer.notes)
    computed = {part.edition for step in answer.workings for part in step.closure()}
    assert computed <= {"2026", None}  # two editions are never computed with one another


def test_a_year_that_was_blank_is_said_to_have_been(facts: Facts, earlier: Facts) -> None:
    """NATO left Germany's 2025 blank in its 2025 edition, so 2024 is the newest year of both."""
    answer = told(facts, follow(earlier, "member:DEU"))
    assert "in 2024 is now 2.00% (2.00% in the 2025 edition), and in 2026e it is 2.69%" in words()(answer.headline)
    assert [words()(row.text) for row in answer.rows][1] == "2.22%; left blank in the 2025 edition"


def test_an_edition_that_was_missed_is_compared_with_the_one_that_was_seen(facts: Facts) -> None:
    older = without(facts, "2026", "2025", "report-2025")
    assert "(2.12% in the 2024 edition)" in headline(facts, follow(older, "member:DEU"))


def test_every_ally_has_news_in_every_new_edition(facts: Facts) -> None:
    """No blank, missing row or missing total stops a post, whichever editions follow one another."""
    held = [e.id for e in facts.editions.values() if e.tables]
    for n, newest in enumerate(held[:-1]):
        now = without(facts, *held[:n])
        for seen in held[n + 1 :]:
            then = without(facts, *held[: held.index(seen)])
            for member in facts.spenders.values():
                text = headline(now, follow(then, f"member:{member.code}"))
                assert text.startswith(f"NATO's {facts.editions[newest].name} is out")
            assert headline(now, follow(then, "edition")).startswith(f"NATO's {facts.editions[newest].name} is out")


def test_a_correction_says_what_stood_here_before(facts: Facts) -> None:
    key = ("2026", "share", "DEU")
    values = {**facts.series[key].values, 2025: Decimal("2.33")}
    series = MappingProxyType({**facts.series, key: replace(facts.series[key], values=values)})
    wrong = replace(facts, series=series, _made={})
    assert headline(facts, follow(wrong, "member:DEU")) == (
        "Figures of Germany in NATO's 2026 edition were corrected here: the share of GDP in 2025e is 2.22%, not 2.33%."
    )
    assert found_of(facts, follow(wrong, "member:FRA")) is None
    assert found_of(facts, follow(wrong, "edition")) is None


def test_a_rule_that_was_superseded_is_news(facts: Facts) -> None:
    rule = facts.rules["hague"]
    before = replace(facts, rules={**facts.rules, "hague": replace(rule, standing=Standing.PROPOSED)}, _made={})
    assert headline(facts, follow(before, "rule:hague")).startswith(
        "What is held here on The Hague commitment has changed. Adopted, in force: "
    )
    reworded = replace(facts, rules={**facts.rules, "hague": replace(rule, summary="In other words.")}, _made={})
    assert found_of(reworded, follow(facts, "rule:hague")) is None
    gone = replace(facts, rules={k: r for k, r in facts.rules.items() if k != "hague"}, _made={})
    assert found_of(gone, follow(facts, "rule:hague")) is None


def test_the_nonce_is_that_of_the_news(facts: Facts, earlier: Facts) -> None:
    kept = follow(earlier, "member:DEU")
    found = found_of(facts, kept)
    assert found is not None
    here = [Told(kept, found)]
    assert _nonce((1, 2), here) == _nonce((1, 2), [Told(replace(kept), found)])
    assert _nonce((1, 2), here) != _nonce((1, 3), here)
    assert len(_nonce((1, 2), here)) <= 25


def test_a_group_has_a_row_for_each_of_its_allies(facts: Facts, earlier: Facts) -> None:
    answer = told(facts, follow(earlier, "group:nordic"))
    assert words()(answer.headline) == "NATO's 2026 edition is out: the shares of GDP of Nordic countries."
    rows = {words()(row.label): words()(row.text) for row in answer.rows}
    assert set(rows) == {"Denmark", "Finland", "Norway", "Sweden"}  # Iceland has no figures
    assert rows["Sweden"] == "3.22% in 2026e; in 2025e 2.85% (2.51% in the 2025 edition)"


def test_who_is_on_the_other_side_of_the_line(facts: Facts) -> None:
    """By another road: the shares of the newest year that two editions have, straight from the tables."""
    held = [e for e in facts.editions.values() if e.tables]
    for n, newest in enumerate(held[:-1]):
        now, then = without(facts, *[e.id for e in held[:n]]), without(facts, *[e.id for e in held[: n + 1]])
        crossed = set()
        for member in facts.members.values():
            a, b = ({y: facts.figure(e, "share", member, y) for y in range(1949, 2030)} for e in (newest, held[n + 1]))
            both = [y for y in a if a[y] is not None and b[y] is not None]
            if both and len({one[max(both)].printed >= 2 for one in (a, b)}) == 2:  # type: ignore[union-attr]
                crossed.add(member)
        found = found_of(now, follow(then, "crossed"))
        assert found is not None
        rows = found.answer.rows if found.answer is not None else ()
        assert {words()(row.label).rpartition(",")[0] for row in rows} == {words()(say("{m}", m=m)) for m in crossed}


def test_everything_tells_of_corrections_and_rules(facts: Facts) -> None:
    key = ("2026", "share", "DEU")
    values = {**facts.series[key].values, 2025: Decimal("2.33")}
    series = MappingProxyType({**facts.series, key: replace(facts.series[key], values=values)})
    rule = replace(facts.rules["hague"], standing=Standing.PROPOSED)
    before = replace(facts, series=series, rules={**facts.rules, "hague": rule}, _made={})
    text = headline(facts, follow(before, "everything"))
    assert "Figures of Germany in NATO's 2026 edition were corrected here." in text
    assert "What is held here on these rules has changed: The Hague commitment." in text


@pytest.mark.parametrize("seen", ["2026|2014=1.19", "2026", "", "adopted|||", "{", "[1]", '{"form": 99}', "null"])
@pytest.mark.parametrize("what", [*FOLLOWED, "rule:hague"])
def test_a_state_of_another_form_is_replaced_and_nobody_told(facts: Facts, what: str, seen: str) -> None:
    found = news(facts, what, seen)
    assert found is not None
    assert found.answer is None
    assert news(facts, what, found.state) is None


def test_a_rule_said_in_other_words_is_no_news(facts: Facts) -> None:
    rule = facts.rules["hague"]
    parts = tuple(replace(component, op="aim") for component in rule.components)
    other = replace(facts, rules={**facts.rules, "hague": replace(rule, components=parts)}, _made={})
    assert found_of(other, follow(facts, "rule:hague")) is None
    assert found_of(other, follow(facts, "everything")) is None


@pytest.mark.parametrize("what", [*FOLLOWED, "rule:hague"])
def test_everything_that_can_be_followed_can_be_previewed(facts: Facts, what: str) -> None:
    found = sample(facts, what)
    assert found is not None
    assert found.answer is not None
    assert words()(found.answer.headline)


# -- the posts ---------------------------------------------------------------------------------------


@pytest.fixture
def simcord_bot(earlier: Facts, client: LedgerClient) -> LedgerClient:
    """The bot as it was before the newest edition."""
    return LedgerClient(Ledger(earlier, client.ledger.local), FEATURES)


@pytest.fixture
def before(simcord_bot: LedgerClient, offline: Channel) -> Channel:
    return replace(offline, client=simcord_bot)


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
    [sent] = [r.json for r in before.env.http_requests if r.path.endswith(f"/channels/{news_channel.id}/messages")]
    assert sent["allowed_mentions"] == {"parse": [], "roles": [role.id]}
    assert sent["enforce_nonce"] is True
    await Posts(client, client.ledger).look()
    client = await upgrade(before, facts)
    await Posts(client, client.ledger).look()
    assert len(posts(before, news_channel)) == 1
    assert not before.env.errors


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
    [sent] = [r.json for r in before.env.http_requests if r.path.endswith(f"/channels/{before.channel.id}/messages")]
    assert sent["allowed_mentions"].get("parse") == []
    assert not sent["allowed_mentions"].get("roles")
    assert "<@" not in "\n".join(posts(before))


async def test_what_did_not_change_is_not_posted(before: Channel, moderator: Any, facts: Facts) -> None:
    await moderator.slash(before.channel, "follow start", what="rule:hague")
    await upgrade(before, facts)
    assert len(before.client.ledger.local.follows()) == 1
    assert posts(before) == []


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
    sent = [r.json for r in before.env.http_requests if r.path.endswith(f"/channels/{before.channel.id}/messages")]
    assert len(sent) == 2
    assert sent[0]["nonce"] == sent[1]["nonce"]
    await upgrade(before, facts)
    assert len(posts(before)) == 2


async def test_a_channel_that_is_gone_takes_its_follow_along(before: Channel, moderator: Any, facts: Facts) -> None:
    server = before.channel.guild
    gone = server.create_text_channel("gone")
    await moderator.slash(before.channel, "follow start", what="DEU", channel=gone)
    await moderator.slash(before.channel, "follow start", what="FRA")
    before.env.backend.delete_channel(gone.id)
    await upgrade(before, facts)
    assert [f.what for f in before.client.ledger.local.follows()] == ["member:FRA"]
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
    assert "what a channel follows could not be posted: Discord's code 50013" in caplog.text
    assert "closed" not in caplog.text
    await Posts(client, client.ledger).look()
    assert "Germany" in posts(before, closed)[0]


async def test_a_server_that_removed_the_bot_is_forgotten(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    before.client.ledger.local.follow(Follow(1, 2, "member:DEU", None, "en", "2025||"))
    before.client.ledger.local.put("absent:1", "2026-01-01T00:00:00+00:00")
    await upgrade(before, facts)
    assert {f.server for f in before.client.ledger.local.follows()} == {before.channel.guild.id}


async def test_a_list_of_servers_that_cannot_be_read_deletes_nothing(
    before: Channel, moderator: Any, facts: Facts
) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    before.env.inject_error("GET", "/users/@me/guilds", status=403, code=50001)
    await upgrade(before, facts)
    assert len(before.client.ledger.local.follows()) == 1
    assert len(posts(before)) == 1


def sent_to(before: Channel, channel: Any) -> list[Any]:
    return [r.json for r in before.env.http_requests if r.path.endswith(f"/channels/{channel.id}/messages")]


async def test_one_message_and_one_ping_whatever_a_channel_follows(
    before: Channel, moderator: Any, facts: Facts
) -> None:
    server, whats = before.channel.guild, ("DEU", "FRA", "edition", "nordic countries", "everything", "crossed")
    role = server.create_role("Readers", mentionable=True)
    for what in whats:
        await moderator.slash(before.channel, "follow start", what=what, role=role)
    await upgrade(before, facts)
    sent = sent_to(before, before.channel)
    pings = [one for one in sent if one["allowed_mentions"].get("roles")]
    assert len(pings) == 1
    assert len(sent) <= 3, "what does not fit in one message goes to another"
    text = "\n".join(posts(before))
    for said in ("for Germany", "for France", "Nordic countries", "all Allies", "On the other side of 2%"):
        assert said in text
    assert text.count(f"<@&{role.id}>") == 1
    assert text.count("Posted because") == 1
    assert {f.seen for f in before.client.ledger.local.follows()} == {
        state_of(facts, f.what) for f in before.client.ledger.local.follows()
    }


async def test_what_could_not_be_marked_is_not_posted_every_day(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    client = LedgerClient(Ledger(facts, before.client.ledger.local), FEATURES)
    daily = Posts(client, client.ledger)
    await before.env.restart_bot(client)
    client.loops[0].cancel()
    for post in list(before.channel.history()):
        before.env.backend.delete_message(before.channel.id, post.id)
    [kept] = before.client.ledger.local.follows()
    before.client.ledger.local.mark_seen(kept, '{"form":1,"edition":"2025"}')

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    count = len(sent_to(before, before.channel))
    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "mark_seen", full)
        for _ in range(3):
            await daily.look()
    assert len(sent_to(before, before.channel)) == count + 1
    assert "disk is full" in caplog.text
    await daily.look()  # there is room again
    assert len(sent_to(before, before.channel)) == count + 1
    assert before.client.ledger.local.follows()[0].seen == state_of(facts, "member:DEU")


async def test_a_preview_posts_nothing(before: Channel, moderator: Any) -> None:
    result = await moderator.slash(before.channel, "follow preview", what="DEU")
    text = "\n".join(texts(result.response.components))
    assert result.ephemeral
    assert "Nothing was posted" in text
    assert "Germany" in text
    assert posts(before) == []


async def test_the_list_says_what_is_gone(before: Channel, moderator: Any) -> None:
    server = before.channel.guild
    role, channel = server.create_role("Readers", mentionable=True), server.create_text_channel("gone")
    await moderator.slash(before.channel, "follow start", what="DEU", role=role)
    await moderator.slash(before.channel, "follow start", what="FRA", channel=channel)
    listed = "\n".join(texts((await moderator.slash(before.channel, "follow list")).response.components))
    assert "gone" not in listed
    before.env.backend.delete_role(server.id, role.id)
    before.env.backend.delete_channel(channel.id)
    listed = "\n".join(texts((await moderator.slash(before.channel, "follow list")).response.components))
    assert "That role is gone" in listed
    assert "does not see that channel" in listed


async def test_a_post_in_an_announcement_channel_is_published(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    news_channel = before.channel.guild.create_text_channel("news")
    monkeypatch.setattr(discord.TextChannel, "is_news", lambda _: True)
    await moderator.slash(before.channel, "follow start", what="DEU", channel=news_channel)
    await upgrade(before, facts)
    assert len(posts(before, news_channel)) == 1
    published = [r for r in before.env.http_requests if r.path.endswith("/crosspost")]
    assert len(published) == 1 or "could not be published" in caplog.text
