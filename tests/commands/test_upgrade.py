"""A new facts.db under corrections, as a server's people meet it: told once, kept or dropped, looked back at."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from bot.discord.client import LedgerClient
from bot.features import FEATURES
from bot.ledger import Ledger
from knowledge.corrections import EVERYWHERE, Value
from knowledge.facts import Facts
from tests.commands.test_channel import labels, texts
from tests.commands.test_data import Server, gap
from tests.conftest import Channel
from tests.upgrades import republished

SVN, ESP = (("2026", "share", code, 2026) for code in ("SVN", "ESP"))
SPAIN = {"member": "Spain", "value": "2.05e"}
AS_CORRECTED, OTHER = Value(Decimal("2.05"), "e"), Value(Decimal("1.75"), "e")


@pytest.fixture
def server(offline: Channel) -> Server:
    return Server(offline)


async def restarted(server: Server, facts: Facts) -> None:
    """The bot stops and comes back with other figures; what it owes is posted."""
    offline = server.offline
    client = LedgerClient(Ledger(facts, offline.client.ledger.local), FEATURES)
    client.ledger.maintainers = offline.client.ledger.maintainers
    await offline.env.restart_bot(client)
    offline.client = client
    for _ in range(5):
        await asyncio.sleep(0.05)
        await offline.env.settle()


async def both_corrected(server: Server, *, everywhere: bool = False) -> None:
    wanted: tuple[dict[str, Any], ...] = ({}, SPAIN)
    for number, values in enumerate(wanted, 1):
        await server.proposed("editor", **values, everywhere=everywhere)
        if everywhere:
            waiting = await server.people["member"].slash(server.channel, "data pending", everywhere=True)
            await server.people["member"].click(waiting.response, label="Approve")
        else:
            await server.press("approver", "Approve")
        assert server.state(number) == "applied"


def posted(server: Server) -> list[str]:
    return ["\n".join(texts([one.to_dict() for one in message.components])) for message in server.waiting.history()]


async def test_what_nato_prints_anew_is_told_and_asked(offline: Channel, server: Server, facts: Facts) -> None:
    await server.set_up()
    await both_corrected(server)
    before = len(posted(server))
    await restarted(server, republished(facts, "next", {SVN: OTHER, ESP: AS_CORRECTED}))
    retired, aside = posted(server)[before:]
    assert retired.startswith("### New figures under corrections, revision 3")
    assert "Spain, 2026: the correction is retired, since the figure itself is 2.05% (estimate) now" in retired
    assert aside.startswith("### Change 5, waits for a decision")
    assert "This stood until the figure beneath it changed." in aside
    assert "Share of GDP, Slovenia, 2026: 1.75% (estimate) → 2.01% (estimate) (2026 edition)" in aside
    assert "**Why:** revised budget act" in aside
    assert labels(server.shown()) == ["Keep", "Ask for more…", "Drop…", "Take back", "Answers that change"]
    now = await gap(offline)
    assert "1.75%" in now
    assert "corrected here" not in now
    status = await server.told("member", "data status")
    assert "Figures corrected here: 0" in status
    assert "Set aside by new figures** · 1: share of GDP, Slovenia, 2026 (2026 edition)" in status
    assert "Retired by new figures** · 1: share of GDP, Spain, 2026 (2026 edition)" in status
    history = await server.told("member", "data history")
    assert "the correction to 2.01% (estimate) is set aside, since the figure itself is 1.75% (estimate) now" in history
    assert "the correction is retired" in history
    await restarted(server, republished(facts, "next", {SVN: OTHER, ESP: AS_CORRECTED}))
    assert len(posted(server)) == before + 2  # told once
    assert not offline.env.errors


async def test_kept(offline: Channel, server: Server, facts: Facts) -> None:
    await server.set_up()
    await both_corrected(server)
    await restarted(server, republished(facts, "next", {SVN: OTHER}))
    await server.told("manager", "settings corrections", approvers=server.editing)
    assert "Another person has to approve this" in await server.press("editor", "Keep")  # who proposed it once
    await server.told("manager", "settings corrections", approvers=server.approving)
    assert "approved, revision 4" in await server.press("approver", "Keep")
    assert "By a correction made here Slovenia spends 2.01% of GDP" in await gap(offline)
    assert "NATO printed 1.75%" in await gap(offline)
    assert "Figures corrected here: 2" in await server.told("member", "data status")
    await restarted(server, republished(facts, "next", {SVN: OTHER}))
    assert "By a correction made here Slovenia spends 2.01% of GDP" in await gap(offline)
    assert not offline.env.errors


async def test_dropped(offline: Channel, server: Server, facts: Facts) -> None:
    await server.set_up()
    await both_corrected(server)
    await restarted(server, republished(facts, "next", {SVN: OTHER}))
    assert "rejected" in await server.press("approver", "Drop…", "NATO restated it")
    assert "corrected here" not in await gap(offline)
    assert "Set aside" not in await server.told("member", "data status")


async def test_a_row_that_is_gone(offline: Channel, server: Server, facts: Facts) -> None:
    """It can be begun again, so that is asked too."""
    await server.set_up()
    await both_corrected(server)
    await restarted(server, republished(facts, "next", {SVN: None}))
    assert "Slovenia, 2026: blank → 2.01% (estimate) (2026 edition)" in posted(server)[-1]
    assert "is set aside, since there is no such row any more" in await server.told("member", "data history")
    assert "corrected here" not in await gap(offline)
    assert "approved" in await server.press("approver", "Keep")
    assert "By a correction made here Slovenia spends 2.01% of GDP" in await gap(offline)
    assert not offline.env.errors


async def test_an_edition_that_is_gone(offline: Channel, server: Server, facts: Facts) -> None:
    """As where one that was entered here is taken back: nothing to keep, and every list goes on."""
    await server.set_up()
    await both_corrected(server)
    await server.proposed("editor", value="1.99e")  # waits for a decision
    without = replace(
        facts,
        version="without",
        editions={key: one for key, one in facts.editions.items() if key != "2026"},
        series={key: one for key, one in facts.series.items() if key[0] != "2026"},
        _made={},
        _rows={},
    )
    await restarted(server, without)
    told = posted(server)[-1]
    assert told.startswith("### New figures under corrections, revision 3")
    for line in ("Slovenia, 2026: the correction to 2.01e", "Spain, 2026: the correction to 2.05e"):
        assert f"{line} is set aside, since there is no such row any more (2026)" in told
    assert labels(server.shown()) == []
    assert "Slovenia, 2026: 1.61e → 2.01e (2026)" in await server.told("editor", "data history")
    assert "Figures corrected here: 0" in await server.told("editor", "data status")
    waiting = await server.people["approver"].slash(server.channel, "data pending")
    assert "2.01e → 1.99e" in "\n".join(texts(waiting.response.components))
    for label in ("Answers that change", "Approve"):
        result = await server.people["approver"].click(waiting.response, label=label)
    assert "The figures have no such row any more" in "\n".join(texts(result.response.components))
    assert server.state(3) == "pending"
    undone = await server.told("editor", "data undo", revision=3, why="it was right")
    assert "The figures have no such row any more" in undone
    result = await server.people["approver"].click(waiting.response, label="Reject…")
    await server.people["approver"].submit_modal(result, {"reason": "it is gone"})
    assert server.state(3) == "rejected"
    assert not offline.env.errors


async def test_for_every_server_it_is_told_where_maintainers_look(
    offline: Channel, server: Server, facts: Facts, caplog: pytest.LogCaptureFixture
) -> None:
    await server.set_up()
    offline.client.ledger.maintainers = frozenset(server.people[name].id for name in ("editor", "member"))
    await both_corrected(server, everywhere=True)
    with caplog.at_level(logging.WARNING, "ledger"):
        await restarted(server, republished(facts, "next", {SVN: OTHER, ESP: AS_CORRECTED}))
    assert "the published figures changed under corrections: 1 retired, 1 set aside, 0 gone" in caplog.text
    assert posted(server) == []
    status = await server.told("editor", "data status", everywhere=True)
    assert "Set aside by new figures" in status
    waiting = await server.people["member"].slash(server.channel, "data pending", everywhere=True)
    await server.people["member"].click(waiting.response, label="Keep")
    assert len(offline.client.ledger.stands(EVERYWHERE).cells) == 1


async def test_without_a_channel_pending_has_it(offline: Channel, server: Server, facts: Facts) -> None:
    options = {"editors": server.editing, "approvers": server.approving}
    await server.told("manager", "settings corrections", **options)
    await server.proposed("editor")
    waiting = await server.people["approver"].slash(server.channel, "data pending")
    await server.people["approver"].click(waiting.response, label="Approve")
    await restarted(server, republished(facts, "next", {SVN: OTHER}))
    waiting = await server.people["approver"].slash(server.channel, "data pending")
    assert "Keep" in labels(waiting.response.components)


async def test_the_log_as_a_file_says_what_was_taken_back(offline: Channel, server: Server, facts: Facts) -> None:
    await server.set_up()
    await both_corrected(server)
    await restarted(server, republished(facts, "next", {ESP: AS_CORRECTED}))
    result = await server.people["manager"].slash(server.channel, "data export")
    (file,) = result.response.attachments
    row = list(csv.DictReader(io.StringIO((await file.read()).decode("utf-8-sig"))))[-1]
    assert [row[name] for name in ("kind", "before", "after", "by", "approved")] == [
        "upgrade", "2.05e", "what NATO prints", "system", "",
    ]  # fmt: skip
