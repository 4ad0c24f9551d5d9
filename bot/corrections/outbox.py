"""Messages owed to the channel where proposals and reports wait: sent, and changed with every step, until Discord has them.

What is owed is kept in local.db, so that a kill, a lost permission or a deleted channel loses nothing and holds up
nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from itertools import groupby
from typing import Any
from weakref import WeakValueDictionary

import discord
from discord.ext import tasks
from msgspec import Struct

from bot.corrections.messages import proposal_message, reminder_message, slip_message
from bot.corrections.picture import Drawing
from bot.corrections.rights import seen_in
from bot.discord.message import Message
from bot.discord.responding import BROKEN_OFF
from bot.drawing.words import words
from bot.ledger import Ledger
from data.local import LocalStore
from data.proposals import OPEN, REMINDS, Proposal, Proposals
from data.reports import Reports, Slip
from knowledge.asking.problem import Problem

log = logging.getLogger("ledger")

EVERY = 60.0  # seconds between two looks
AGAIN = timedelta(days=1)  # until a channel that refused is tried again
SOON = timedelta(minutes=2)  # after the network broke off
UNKNOWN_MESSAGE = 10008  # says Discord of one that was deleted

# What is told of, by the name of its table.
READ: Mapping[str, Callable[[LocalStore, int], Proposal | Slip]] = {
    "proposal": lambda local, number: Proposals(local).get(number),
    "slip": lambda local, number: Reports(local).get(number),
}


_UNDER_WAY: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()


class Sent(Enum):
    """What came of a message."""

    THERE = "it stands in the channel"
    REFUSED = "the bot may not write there, or the channel is gone"
    LATER = "Discord did not answer; it is tried again soon"


class Owed(Struct, frozen=True):
    """A message of one proposal or slip: where it goes, or stands, and which version of that it shows (0: none yet).

    `tries` to send it were begun since one was known to have come. `remind` is when its reminder is due, None once
    that was sent, or where none is to be.
    """

    id: int
    scope: str
    channel: int
    message: int | None
    what: str
    number: int
    version: int
    tries: int
    due: str
    language: str
    remind: str | None


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
            log.error("the posts of corrections and reports failed", exc_info=error)

    look.before_loop(client.wait_until_ready)
    return look


async def send(ledger: Ledger, client: discord.Client, found: Proposal | Slip) -> Sent:
    """Try at once what is owed already."""
    return await _try(ledger, client, _what(found), found.id)


async def renew(ledger: Ledger, client: discord.Client, found: Proposal | Slip) -> None:
    """It went on: its message follows."""
    what = _what(found)

    def due(local: LocalStore) -> None:
        with local.writing():
            local.db.execute("update outbox set due = ? where what = ? and number = ?", [_now(), what, found.id])
            later = "update outbox set remind = ? where what = ? and number = ? and remind is not null"
            local.db.execute(later, [_now(REMINDS), what, found.id])

    await ledger.locally(due)
    await _try(ledger, client, what, found.id)


async def send_due(ledger: Ledger, client: discord.Client) -> None:
    """Everything that is due; what one channel refuses, or we cannot draw, stops no other."""

    def due(local: LocalStore) -> list[tuple[int, str, int]]:
        Proposals(local).expire()
        Reports(local).forget_old()
        versions = " union all ".join(f"select '{what}' as what, id as number, version from {what}" for what in READ)
        rows = local.db.execute(
            f"select o.id, o.what, o.number from outbox o join ({versions}) p using (what, number)"
            " where o.version <> p.version and o.due <= ? order by o.id",
            [_now()],
        )
        return [(int(row["id"]), str(row["what"]), int(row["number"])) for row in rows]

    for owed, what, number in await ledger.locally(due):
        try:
            await _try(ledger, client, what, number)
        except Problem:  # local.db refused, or it is gone by now: the next look goes on
            raise
        except Exception as error:  # a fault of ours in one message keeps no other back
            log.error("a message on corrections could not be made", exc_info=error)
            await ledger.locally(partial(_put_off, owed=owed, later=AGAIN))
        await asyncio.sleep(0)


async def remind(ledger: Ledger, client: discord.Client) -> None:
    """Remind each channel, once and in one message, of the proposals that wait there for a week."""

    def due(local: LocalStore) -> list[tuple[Owed, Proposal]]:
        Proposals(local).expire()
        rows = local.db.execute(
            "select o.* from outbox o join proposal p on p.id = o.number"
            f" where o.what = 'proposal' and o.remind <= ? and p.state in ({', '.join('?' * len(OPEN))}) order by o.channel, o.id",
            [_now(), *OPEN],
        ).fetchall()
        return [(Owed(**row), Proposals(local).get(row["number"])) for row in rows]

    for _, group in groupby(await ledger.locally(due), lambda one: (one[0].scope, one[0].channel)):
        await _remind(ledger, client, list(group))
        await asyncio.sleep(0)


async def _remind(ledger: Ledger, client: discord.Client, waiting: Sequence[tuple[Owed, Proposal]]) -> None:
    last = waiting[-1][0]
    message = reminder_message([found for _, found in waiting], words(last.language, markdown=True))
    where = client.get_partial_messageable(last.channel, guild_id=int(last.scope))
    try:
        await where.send(view=message.view(), nonce=f"alr{last.id}")
        again = None
    except (discord.HTTPException, *BROKEN_OFF) as error:
        again = _now(AGAIN if _told(error) is Sent.REFUSED else SOON)

    def mark(local: LocalStore) -> None:
        with local.writing():
            local.db.executemany("update outbox set remind = ? where id = ?", [(again, one.id) for one, _ in waiting])

    await ledger.locally(mark)


async def _try(ledger: Ledger, client: discord.Client, what: str, number: int) -> Sent:
    """Bring one message up to date; of two who would do so at once the second waits, and sends what is new by then."""
    lock = _UNDER_WAY.setdefault((what, number), asyncio.Lock())
    async with lock:
        return await _send(ledger, client, what, number)


async def _send(ledger: Ledger, client: discord.Client, what: str, number: int) -> Sent:
    await ledger.catch_up()
    row, found = await ledger.locally(lambda local: _begun(local, what, number))
    if row is None:
        return Sent.LATER
    if row.version == found.version:
        return Sent.THERE
    drawn, facts = words(row.language, markdown=True), seen_in(ledger, found.scope).facts
    if isinstance(found, Slip):
        message = slip_message(facts, found, drawn)
    else:
        drawing = Drawing(ledger, found.scope, found.changes, drawn, found.scope) if found.open else None
        picture = await drawing.in_time() if drawing is not None else None
        message = proposal_message(facts, found, drawn, picture=picture)
    try:
        shown = await _put(client, row, message, again=found.open)
    except (discord.HTTPException, *BROKEN_OFF) as error:
        told = _told(error)
        await ledger.locally(lambda local: _put_off(local, row.id, AGAIN if told is Sent.REFUSED else SOON))
        return told
    if row.tries and shown != row.message:  # Discord may have had it from an earlier try, and told of that one
        await ledger.locally(lambda local: _shown(local, row.id, shown, row.version))
        return await _send(ledger, client, what, number)
    await ledger.locally(lambda local: _shown(local, row.id, shown, found.version))
    return Sent.THERE


async def _put(client: discord.Client, owed: Owed, message: Message, *, again: bool) -> int:
    """Send or change the message; which it is. One that somebody deleted is sent anew, if `again`."""
    where = client.get_partial_messageable(owed.channel, guild_id=int(owed.scope))

    def files() -> list[discord.File]:
        return [file.file() for file in message.files]

    if owed.message is not None:
        try:
            await where.get_partial_message(owed.message).edit(view=message.view(), attachments=files())
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            if not again:
                return owed.message
        else:
            return owed.message
    nonce = f"al{owed.id}.{owed.version}"
    # of one that was sent though the network broke off, Discord tells by the nonce
    return (await where.send(view=message.view(), files=files(), nonce=nonce, silent=True)).id


def _told(error: Exception) -> Sent:
    """What an error says of the channel; the operator reads its code."""
    code = getattr(error, "code", None) or type(error).__name__
    log.warning("a message on corrections could not be posted in one channel: %s", code)
    refused = isinstance(error, discord.HTTPException) and error.status in (403, 404)
    return Sent.REFUSED if refused else Sent.LATER


def _what(found: Proposal | Slip) -> str:
    return "proposal" if isinstance(found, Proposal) else "slip"


def _begun(local: LocalStore, what: str, number: int) -> tuple[Owed | None, Proposal | Slip]:
    """What is owed; if something is, it is kept that it was tried, since a kill may come before it is known how it went."""
    row = local.db.execute("select * from outbox where what = ? and number = ?", [what, number]).fetchone()
    found = READ[what](local, number)
    if row is None:
        return None, found
    if row["version"] != found.version:
        with local.writing():
            local.db.execute("update outbox set tries = tries + 1 where id = ?", [row["id"]])
    return Owed(**row), found


def _put_off(local: LocalStore, owed: int, later: timedelta) -> None:
    with local.writing():
        local.db.execute("update outbox set due = ? where id = ?", [_now(later), owed])


def _shown(local: LocalStore, owed: int, message: int | None, version: int) -> None:
    with local.writing():
        local.db.execute("update outbox set message = ?, version = ?, tries = 0 where id = ?", [message, version, owed])


def _now(later: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + later).isoformat(timespec="seconds")
