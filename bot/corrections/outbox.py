"""Messages owed to the channel where a server's proposals wait: sent, and changed with every step, until Discord has them.

What is owed is kept in local.db, so that a kill, a lost permission or a deleted channel loses nothing and holds up
nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import groupby
from typing import Any

import discord
from discord.ext import tasks
from msgspec import Struct

from bot.corrections.messages import proposal_message, reminder_message
from bot.corrections.picture import Drawing
from bot.corrections.rights import seen_in
from bot.discord.responding import BROKEN_OFF
from bot.drawing.words import words
from bot.ledger import Ledger
from data.local import LocalStore
from data.proposals import OPEN, REMINDS, Proposal, Proposals
from knowledge.asking.problem import Problem

log = logging.getLogger("ledger")

EVERY = 60.0  # seconds between two looks
AGAIN = timedelta(days=1)  # until a channel that refused is tried again
SOON = timedelta(minutes=2)  # after the network broke off


class Owed(Struct, frozen=True):
    """A message of one proposal: where it goes, or stands, and which step of the proposal it shows (0: none yet).

    `remind` is when its reminder is due, None once that was sent.
    """

    id: int
    scope: str
    channel: int
    message: int | None
    proposal: int
    version: int
    tries: int
    due: str
    language: str
    remind: str | None


class Sent(Enum):
    """What came of a message."""

    THERE = "it stands in the channel"
    REFUSED = "the bot may not write there, or the channel is gone"
    LATER = "Discord did not answer; it is tried again soon"


def posting(client: discord.Client, ledger: Ledger) -> tasks.Loop[Any]:
    """Send what is owed, also what was owed before a restart."""

    @tasks.loop(seconds=EVERY)
    async def look() -> None:
        try:
            if ledger.behind:
                await ledger.take_corrections()
            await send_due(ledger, client)
            await remind(ledger, client)
        except Problem:  # local.db refused, and the log says why
            pass
        except Exception as error:
            log.error("the posts of proposed corrections failed", exc_info=error)

    look.before_loop(client.wait_until_ready)
    return look


async def owe(ledger: Ledger, client: discord.Client, found: Proposal, channel: int, language: str) -> Sent:
    """Owe a new proposal's message to a channel, in the server's language, and try at once."""

    def keep(local: LocalStore) -> None:
        with local.writing():
            local.db.execute(
                "insert into outbox (scope, channel, proposal, version, due, language, remind)"
                " values (?, ?, ?, 0, ?, ?, ?)",
                [found.scope, channel, found.id, _now(), language, _now(REMINDS)],
            )

    await ledger.locally(keep)
    return await _try(ledger, client, found.id)


async def renew(ledger: Ledger, client: discord.Client, found: Proposal) -> None:
    """A proposal went on: its message follows."""

    def due(local: LocalStore) -> None:
        with local.writing():
            local.db.execute("update outbox set due = ? where proposal = ?", [_now(), found.id])
            later = "update outbox set remind = ? where proposal = ? and remind is not null"
            local.db.execute(later, [_now(REMINDS), found.id])

    await ledger.locally(due)
    await _try(ledger, client, found.id)


async def send_due(ledger: Ledger, client: discord.Client) -> None:
    """Everything that is due; what one channel refuses stops no other."""

    def due(local: LocalStore) -> list[int]:
        Proposals(local).expire()
        rows = local.db.execute(
            "select o.proposal from outbox o join proposal p on p.id = o.proposal"
            " where o.version <> p.version and o.due <= ? order by o.id",
            [_now()],
        )
        return [int(row["proposal"]) for row in rows]

    for proposal in await ledger.locally(due):
        await _try(ledger, client, proposal)
        await asyncio.sleep(0)


async def remind(ledger: Ledger, client: discord.Client) -> None:
    """Remind each channel, once and in one message, of what waits there for a week."""

    def due(local: LocalStore) -> list[tuple[Owed, Proposal]]:
        Proposals(local).expire()
        rows = local.db.execute(
            "select o.* from outbox o join proposal p on p.id = o.proposal"
            f" where o.remind <= ? and p.state in ({', '.join('?' * len(OPEN))}) order by o.channel, o.id",
            [_now(), *OPEN],
        ).fetchall()
        return [(Owed(**row), Proposals(local).get(row["proposal"])) for row in rows]

    for _, group in groupby(await ledger.locally(due), lambda one: (one[0].scope, one[0].channel)):
        await _remind(ledger, client, list(group))
        await asyncio.sleep(0)


async def _remind(ledger: Ledger, client: discord.Client, waiting: Sequence[tuple[Owed, Proposal]]) -> None:
    owed = waiting[-1][0]
    message = reminder_message([found for _, found in waiting], words(owed.language, markdown=True))
    where = client.get_partial_messageable(owed.channel, guild_id=int(owed.scope))
    try:
        await where.send(view=message.view(), nonce=f"alr{owed.id}")
        again = None
    except (discord.HTTPException, *BROKEN_OFF) as error:
        again = _now(AGAIN if _told(error) is Sent.REFUSED else SOON)

    def mark(local: LocalStore) -> None:
        with local.writing():
            local.db.executemany("update outbox set remind = ? where id = ?", [(again, one.id) for one, _ in waiting])

    await ledger.locally(mark)


async def _try(ledger: Ledger, client: discord.Client, proposal: int) -> Sent:
    """Bring one message up to date."""
    owed, found = await ledger.locally(lambda local: _owed(local, proposal))
    if owed is None or owed.version == found.version:
        return Sent.THERE
    drawn = words(owed.language, markdown=True)
    facts, picture = seen_in(ledger, found.scope).facts, None
    if found.open:
        picture = await Drawing(ledger, found.scope, found.changes, drawn, found.scope).in_time()
    message = proposal_message(facts, found, drawn, picture=picture)
    files = [file.file() for file in message.files]
    where = client.get_partial_messageable(owed.channel, guild_id=int(found.scope))
    try:
        if owed.message is None:
            sent = await where.send(view=message.view(), files=files, nonce=f"al{owed.id}", silent=True)
            shown: int | None = sent.id
        else:
            await where.get_partial_message(owed.message).edit(view=message.view(), attachments=files)
            shown = owed.message
    except (discord.HTTPException, *BROKEN_OFF) as error:
        told = _told(error)
        await ledger.locally(lambda local: _put_off(local, owed.id, AGAIN if told is Sent.REFUSED else SOON))
        return told
    await ledger.locally(lambda local: _shown(local, owed.id, shown, found.version))
    return Sent.THERE


def _told(error: Exception) -> Sent:
    """What an error says of the channel; the operator reads its code."""
    code = getattr(error, "code", None) or type(error).__name__
    log.warning("a proposed correction could not be posted in one channel: %s", code)
    refused = isinstance(error, discord.HTTPException) and error.status in (403, 404)
    return Sent.REFUSED if refused else Sent.LATER


def _owed(local: LocalStore, proposal: int) -> tuple[Owed | None, Proposal]:
    row = local.db.execute("select * from outbox where proposal = ?", [proposal]).fetchone()
    return (None if row is None else Owed(**row)), Proposals(local).get(proposal)


def _put_off(local: LocalStore, owed: int, later: timedelta) -> None:
    with local.writing():
        local.db.execute("update outbox set tries = tries + 1, due = ? where id = ?", [_now(later), owed])


def _shown(local: LocalStore, owed: int, message: int | None, version: int) -> None:
    with local.writing():
        local.db.execute("update outbox set message = ?, version = ? where id = ?", [message, version, owed])


def _now(later: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + later).isoformat(timespec="seconds")
