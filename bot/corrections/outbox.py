"""Messages owed to the channel where a server's proposals wait: sent, and changed with every step, until Discord has them.

What is owed is kept in local.db, so that a kill, a lost permission or a deleted channel loses nothing and holds up
nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from discord.ext import tasks
from msgspec import Struct

from bot.corrections.messages import proposal_message
from bot.corrections.rights import seen_in
from bot.discord.responding import BROKEN_OFF
from bot.drawing.words import words
from bot.ledger import Ledger
from data.local import LocalStore
from data.proposals import Proposal, Proposals
from knowledge.asking.problem import Problem

log = logging.getLogger("ledger")

EVERY = 60.0  # seconds between two looks
AGAIN = timedelta(days=1)  # until a channel that refused is tried again
SOON = timedelta(minutes=2)  # after the network broke off


class Owed(Struct, frozen=True):
    """A message of one proposal: where it goes, or stands, and which step of the proposal it shows (0: none yet)."""

    id: int
    scope: str
    channel: int
    message: int | None
    proposal: int
    version: int
    tries: int
    due: str


def posting(client: discord.Client, ledger: Ledger) -> tasks.Loop[Any]:
    """Send what is owed, also what was owed before a restart."""

    @tasks.loop(seconds=EVERY)
    async def look() -> None:
        try:
            await send_due(ledger, client)
        except Problem:  # local.db refused, and the log says why
            pass
        except Exception as error:
            log.error("the posts of proposed corrections failed", exc_info=error)

    look.before_loop(client.wait_until_ready)
    return look


async def owe(ledger: Ledger, client: discord.Client, found: Proposal, channel: int) -> bool:
    """Owe a new proposal's message to a channel and try at once; whether it is there."""

    def keep(local: LocalStore) -> None:
        with local.writing():
            local.db.execute(
                "insert into outbox (scope, channel, proposal, version, due) values (?, ?, ?, 0, ?)",
                [found.scope, channel, found.id, _now()],
            )

    await ledger.locally(keep)
    return await _try(ledger, client, found.id)


async def renew(ledger: Ledger, client: discord.Client, found: Proposal) -> None:
    """A proposal went on: its message follows."""

    def due(local: LocalStore) -> None:
        with local.writing():
            local.db.execute("update outbox set due = ? where proposal = ?", [_now(), found.id])

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


async def _try(ledger: Ledger, client: discord.Client, proposal: int) -> bool:
    """Bring one message up to date; whether it is."""
    await ledger.catch_up()
    owed, found = await ledger.locally(lambda local: _owed(local, proposal))
    if owed is None or owed.version == found.version:
        return owed is not None
    drawn = words("en", markdown=True)
    message = proposal_message(seen_in(ledger, found.scope).facts, found, drawn)
    where = client.get_partial_messageable(owed.channel, guild_id=int(found.scope))
    try:
        if owed.message is None:
            sent = await where.send(view=message.view(), nonce=f"al{owed.id}", silent=True)
            shown: int | None = sent.id
        else:
            await where.get_partial_message(owed.message).edit(view=message.view())
            shown = owed.message
    except (discord.HTTPException, *BROKEN_OFF) as error:
        code = getattr(error, "code", None) or type(error).__name__
        log.warning("a proposed correction could not be posted in one channel: %s", code)
        later = AGAIN if isinstance(error, discord.HTTPException) and error.status in (403, 404) else SOON
        await ledger.locally(lambda local: _put_off(local, owed.id, later))
        return False
    await ledger.locally(lambda local: _shown(local, owed.id, shown, found.version))
    return True


def _owed(local: LocalStore, proposal: int) -> tuple[Owed | None, Proposal]:
    row = local.db.execute("select * from outbox where proposal = ?", [proposal]).fetchone()
    return (None if row is None else Owed(**row)), Proposals(local).get(proposal)


def _put_off(local: LocalStore, owed: int, later: timedelta) -> None:
    with local.writing():
        due = (datetime.now(UTC) + later).isoformat(timespec="seconds")
        local.db.execute("update outbox set tries = tries + 1, due = ? where id = ?", [due, owed])


def _shown(local: LocalStore, owed: int, message: int | None, version: int) -> None:
    with local.writing():
        local.db.execute("update outbox set message = ?, version = ? where id = ?", [message, version, owed])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
