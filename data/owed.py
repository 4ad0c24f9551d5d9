"""Messages owed to channels: of what, where to, and which version of it is shown there; bot/corrections/outbox.py sends them."""

from __future__ import annotations

import sqlite3

from msgspec import Struct


class Place(Struct, frozen=True):
    """A channel that a message is owed to, and the language it is in."""

    channel: int
    language: str


def owe(
    db: sqlite3.Connection, scope: str, channel: int, what: str, number: int, language: str, now: str,
    remind: str | None = None,
) -> None:  # fmt: skip
    """Owe a channel the message of something, by its table and number; within a transaction of the caller's.

    One that was owed to it before is changed; what another channel had stays there as it is. `remind` is when it is
    reminded of.
    """
    db.execute(
        "insert into outbox (scope, channel, what, number, version, language, due, remind)"
        " values (?, ?, ?, ?, 0, ?, ?, ?)"
        " on conflict (what, number) do update set due = excluded.due, channel = excluded.channel,"
        " message = case channel when excluded.channel then message end",
        [scope, channel, what, number, language, now, remind],
    )
