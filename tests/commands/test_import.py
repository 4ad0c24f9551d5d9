"""Tables sent to the bot: what they would change is shown first, then proposed and decided like any correction."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, cast

import discord
import pytest
from cachetools import TTLCache
from msgspec.structs import replace

from bot.corrections import imports
from bot.follow.posts import DAY, STANDS, Posts
from knowledge.asking.problem import Problem
from knowledge.facts import Facts
from tests.commands.test_channel import labels, texts
from tests.commands.test_data import Server, gap
from tests.conftest import Channel
from tests.data.importing import tables

ADDRESS = "https://www.nato.int/tables.xlsx"


@pytest.fixture
def server(offline: Channel) -> Server:
    return Server(offline)


@pytest.fixture(autouse=True)
def nobody_has_sent_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "READING", imports.Reading())


def restated(measure: str, code: str, year: int, number: Decimal) -> Decimal:
    return Decimal("2.01") if (measure, code, year) == ("share", "SVN", 2026) else number


async def sent(server: Server, who: str, data: bytes, name: str = "table.xlsx", command: str = "data import",
               **options: Any) -> Any:  # fmt: skip
    result = await server.people[who].slash(server.channel, command, file=(name, data), **options)
    assert result.ephemeral
    return result.response


async def proposed(server: Server, who: str, preview: Any, address: str = ADDRESS) -> str:
    form = await server.people[who].click(preview, label="Propose…")
    kept = await server.people[who].submit_modal(form, {"reason": "NATO restated it", "address": address})
    return "\n".join(texts(kept.response.components))


async def test_one_figure_out_of_a_workbook(offline: Channel, server: Server, facts: Facts) -> None:
    await server.set_up()
    before = await gap(offline)
    preview = await sent(server, "editor", tables.nato(facts, "2026", change=restated))
    told = "\n".join(texts(preview.components))
    assert "figures are those of the 2026 edition; 1 different." in told
    assert "Share of GDP, Slovenia, 2026: 1.61% (estimate) → 2.01% (estimate) (2026 edition)" in told
    assert "Answers that change: " in told
    assert await gap(offline) == before
    assert "Kept as change 1, and posted in" in await proposed(server, "editor", preview)
    await server.press("approver", "Approve")
    assert "2.01%" in await gap(offline)
    assert not offline.env.errors


async def test_a_table_that_is_held_offers_nothing(server: Server, facts: Facts) -> None:
    await server.set_up()
    preview = await sent(server, "editor", tables.wide_floats(facts), "shares.csv")
    assert texts(preview.components)[0] == "All 363 figures are those of the 2025 edition. Nothing to add."
    assert labels(preview.components) == []


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "empty.csv", "The file is empty"),
        (b"dear all", "letter.txt", "No table of Allies was found"),
        (b"PK\x03\x04 cut", "../../etc/passwd.xlsx", "cannot be opened"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.xls", "password"),
        (b"x" * (8 * 1024 * 1024 + 1), "large.csv", "at most 8,192 are read"),
    ],
)
async def test_what_is_no_table(server: Server, data: bytes, name: str, told: str) -> None:
    await server.set_up()
    refused = "\n".join(texts((await sent(server, "editor", data, name)).components))
    assert told in refused
    assert "passwd" not in refused
    assert server.proposals.pending(str(server.id)) == []


async def test_who_may_not_propose_may_not_send(server: Server, facts: Facts) -> None:
    await server.set_up()
    data = tables.wide_floats(facts)
    assert "Only those whom" in texts((await sent(server, "member", data)).components)[0]
    wide = await sent(server, "manager", data, everywhere=True)
    assert "Only a maintainer" in texts(wide.components)[0]
    whole = {"id": "2027", "published": "2026-11-02", "source": ADDRESS}
    edition = await sent(server, "manager", data, command="data edition", **whole)
    assert "Only a maintainer" in texts(edition.components)[0]


async def test_a_draft_is_its_senders_and_no_longer_kept_after_a_while(server: Server, facts: Facts) -> None:
    await server.set_up()
    preview = await sent(server, "editor", tables.nato(facts, "2026", change=restated))
    drafts = server.offline.client.ledger.drafts
    [(token, draft)] = drafts.items()
    drafts[token] = replace(draft, person=1)
    strange = await server.people["editor"].click(preview, label="Propose…")
    assert "kept for a quarter of an hour" in texts(strange.response.components)[0]
    drafts.clear()  # as a restart does
    late = await server.people["editor"].click(preview, label="Propose…")
    assert "kept for a quarter of an hour" in texts(late.response.components)[0]


async def test_five_files_a_day(server: Server, facts: Facts) -> None:
    await server.set_up()
    for _ in range(5):
        await sent(server, "editor", b"dear all", "letter.txt")
    assert "five files within a day" in texts((await sent(server, "editor", b"dear all", "l.txt")).components)[0]
    assert "No table" in texts((await sent(server, "manager", b"dear all", "letter.txt")).components)[0]


async def test_files_sent_at_once_are_no_more_than_five_a_day(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    async def letter(*_: object) -> bytes:
        await asyncio.sleep(0)
        return b"dear all"

    monkeypatch.setattr(imports, "content_of", letter)
    reading, file = imports.Reading(), cast(discord.Attachment, None)
    for _ in range(4):
        await asyncio.gather(reading.of(file, 1, facts), return_exceptions=True)
    found = await asyncio.gather(*(reading.of(file, 1, facts) for _ in range(3)), return_exceptions=True)
    assert [isinstance(one, Problem) and one.code == "too-many" for one in found] == [False, True, True]


async def test_a_day_ends_for_each_file_by_itself(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.set_up()
    now = [0.0]
    sent_by: TTLCache[int, int] = TTLCache(10_000, imports.DAY, timer=lambda: now[0])
    monkeypatch.setattr(imports.READING, "_sent", sent_by)
    for _ in range(7):  # one every twenty hours
        told = texts((await sent(server, "editor", b"dear all", "letter.txt")).components)[0]
        assert "No table" in told
        now[0] += imports.DAY * 5 / 6


async def test_a_whole_edition_takes_two_maintainers(offline: Channel, server: Server, facts: Facts) -> None:
    ledger = offline.client.ledger
    ledger.maintainers = frozenset({server.people["manager"].id, server.people["member"].id})
    news = offline.channel.guild.create_text_channel("news")
    await server.told("manager", "follow start", what="Slovenia", channel=news)
    data = tables.nato(facts, facts.newest.id, years_more=1)
    whole = {"id": "2027", "published": "2026-11-02", "source": ADDRESS}
    preview = await sent(server, "manager", data, command="data edition", **whole)
    told = "\n".join(texts(preview.components))
    assert "2027 edition, a whole edition, published 2 November 2026" in told
    assert "Propose…" in labels(preview.components)
    assert "Kept as change 1" in await proposed(server, "manager", preview)
    waiting = await server.people["member"].slash(server.channel, "data pending", everywhere=True)
    assert "2027 edition, a whole edition" in "\n".join(texts(waiting.response.components))
    own = await server.people["manager"].slash(server.channel, "data pending", everywhere=True)
    refused = await server.people["manager"].click(own.response, label="Approve")
    assert "Another person" in "\n".join(texts(refused.response.components))
    await server.people["member"].click(waiting.response, label="Approve")
    assert ledger.facts.newest.id == "2027"
    await Posts(offline.client, ledger).look()
    assert "2027 edition" in "\n".join(texts([one.to_dict() for one in news.history()[-1].components]))
    answer = await gap(offline)
    assert "2027 edition" in answer
    assert "Entered here on" in answer
    back = await server.people["manager"].slash(
        server.channel, "data undo", revision=1, why="it was a trial", everywhere=True
    )
    assert "a whole edition" in "\n".join(texts(back.response.components))
    waiting = await server.people["member"].slash(server.channel, "data pending", everywhere=True)
    await server.people["member"].click(waiting.response, label="Approve")
    assert ledger.facts.newest.id == facts.newest.id
    assert "2027" not in await gap(offline)
    assert not offline.env.errors


@pytest.mark.parametrize(
    ("looked", "moved", "now", "due"),
    [
        (None, None, 0, True),  # as soon as the bot is ready
        (0, None, DAY - 1, False),
        (0, None, DAY, True),
        (0, 100, 100 + STANDS - 1, False),
        (0, 100, 100 + STANDS, True),
        (100 + STANDS, 100, 200 + STANDS, False),  # it was told
        (0, 200, 100 + STANDS, False),  # changed again meanwhile
    ],
)
def test_what_corrections_changed_is_told_when_it_has_stood_for_a_while(
    offline: Channel, looked: float | None, moved: float | None, now: float, due: bool
) -> None:
    posts = Posts(offline.client, offline.client.ledger)
    if looked is not None:
        assert posts.due(looked)
    if moved is not None:
        offline.client.ledger.moved = moved
    assert posts.due(now) is due
