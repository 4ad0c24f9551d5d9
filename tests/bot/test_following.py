"""Follows and their news: posted once, to whom it was promised, and never lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import discord
import pytest

from bot.discord.client import LedgerClient
from bot.drawing.words import words
from bot.features import FEATURES
from bot.follow import posts as following
from bot.follow.posts import announce_changes
from bot.ledger import Ledger
from data.local import Follow, LocalStore
from knowledge.facts import Facts
from knowledge.figure import Standing
from knowledge.following import News, news, state_of
from tests.commands.test_channel import labels, texts
from tests.conftest import Channel

FOLLOWED = ("member:DEU", "member:NLD", "member:NATO_TOTAL", "member:NATO_EUR_CAN", "edition")


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


# -- the news, without Discord ----------------------------------------------------------------------


@pytest.mark.parametrize("what", FOLLOWED)
def test_the_same_facts_are_no_news(facts: Facts, what: str) -> None:
    assert found_of(facts, follow(facts, what)) is None


@pytest.mark.parametrize("what", FOLLOWED)
def test_figures_put_back_are_no_news(facts: Facts, earlier: Facts, what: str) -> None:
    assert found_of(earlier, follow(facts, what)) is None


def headline(facts: Facts, kept: Follow) -> str:
    found = found_of(facts, kept)
    assert found is not None
    return words()(found.answer.headline)


def test_a_new_edition_stands_beside_the_one_before(facts: Facts, earlier: Facts) -> None:
    assert headline(facts, follow(earlier, "member:NLD")) == (
        "NATO's 2026 edition is out: for the Netherlands the share of GDP in 2025e is now 2.53% "
        "(2.49% in the 2025 edition), and in 2026e it is 2.58%."
    )
    found = found_of(facts, follow(earlier, "member:NLD"))
    assert found is not None
    drawn = [words()(row.text) for row in found.answer.rows]
    assert drawn[:3] == ["2.58%", "2.53%; 2.49% in the 2025 edition", "2.02%; 2.00% in the 2025 edition"]
    assert any("which is not the same" in words()(note) for note in found.answer.notes)
    computed = {part.edition for step in found.answer.workings for part in step.closure()}
    assert computed <= {"2026", None}  # two editions are never computed with one another


def test_a_year_that_was_blank_is_said_to_have_been(facts: Facts, earlier: Facts) -> None:
    """NATO left Germany's 2025 blank in its 2025 edition, so 2024 is the newest year of both."""
    found = found_of(facts, follow(earlier, "member:DEU"))
    assert found is not None
    assert "in 2024 is now 2.00% (2.00% in the 2025 edition), and in 2026e it is 2.69%" in words()(
        found.answer.headline
    )
    assert [words()(row.text) for row in found.answer.rows][1] == "2.22%; left blank in the 2025 edition"


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
    again = found_of(facts, replace(kept))
    assert again is not None
    assert following._nonce(kept, found) == following._nonce(kept, again)
    assert following._nonce(kept, found) != following._nonce(replace(kept, channel=3), found)
    assert len(following._nonce(kept, found)) <= 25


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
    await before.env.settle()
    return client


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
    await announce_changes(client, client.ledger)
    client = await upgrade(before, facts)
    await announce_changes(client, client.ledger)
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
    assert "a follow of member:DEU could not be posted: Discord's code 50013" in caplog.text
    assert "closed" not in caplog.text
    await announce_changes(client, client.ledger)
    assert "Germany" in posts(before, closed)[0]


async def test_a_server_that_removed_the_bot_is_forgotten(
    before: Channel, moderator: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moderator.slash(before.channel, "follow start", what="DEU")
    before.client.ledger.local.follow(Follow(1, 2, "member:DEU", None, "en", "2025||"))
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
