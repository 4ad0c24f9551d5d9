"""local.db: what changes while the bot runs; it lives on the volume and outlives every upgrade."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database, Migrations

from data.store import StoreError

migrations = Migrations("allied-ledger-local")


@migrations()
def create_state(db: Database) -> None:
    db.table("state").create({"key": str, "value": str}, pk="key", not_null={"value"}, strict=True)


@migrations()
def create_follow(db: Database) -> None:
    db.table("follow").create(
        {"server": int, "channel": int, "what": str, "role": int, "language": str, "seen": str},
        pk=("server", "channel", "what"),
        not_null={"server", "channel", "what", "language", "seen"},
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class Follow:
    """A channel that hears of one thing, named as knowledge/following.py names it.

    `role` is pinged, if there is one; `language` is the server's; `seen` is the state that was announced last.
    """

    server: int
    channel: int
    what: str
    role: int | None
    language: str
    seen: str


class LocalStore:
    """One writer, opened once; every write is one transaction and on disk when it returns.

    `path` None keeps it in memory, for the offline channel and for tests.
    """

    def __init__(self, path: Path | None) -> None:
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = Database(path) if path is not None else Database(memory=True)
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA busy_timeout = 5000")
            if path is not None:
                self._db.enable_wal()
                self._db.execute("PRAGMA synchronous = FULL")
            migrations.apply(self._db)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The folder {path.parent if path else '?'} for local.db cannot be written ({error}). "
                "Give the bot a folder it may write to, in LEDGER_FOLDER."
            ) from error

    def get(self, key: str) -> str | None:
        row = next(self._db.query("select value from state where key = ?", [key]), None)
        return None if row is None else str(row["value"])

    def put(self, key: str, value: str) -> None:
        with self._db.atomic():
            self._db.table("state").upsert({"key": key, "value": value}, pk="key")

    def follow(self, follow: Follow) -> None:
        """Keep a follow; the same channel following the same thing again changes whom it pings, not what was seen."""
        with self._db.atomic():
            self._db.execute(
                "insert into follow (server, channel, what, role, language, seen) values (?, ?, ?, ?, ?, ?) "
                "on conflict do update set role = excluded.role, language = excluded.language",
                [follow.server, follow.channel, follow.what, follow.role, follow.language, follow.seen],
            )

    def unfollow(self, server: int, what: str, channel: int | None = None) -> list[int]:
        """Forget a follow in one channel, or in every channel of the server; the channels that followed."""
        where, values = "server = ? and what = ?", [server, what]
        if channel is not None:
            where, values = f"{where} and channel = ?", [*values, channel]
        with self._db.atomic():
            found = [int(row["channel"]) for row in self._db.query(f"select channel from follow where {where}", values)]
            self._db.table("follow").delete_where(where, values)
        return found

    def follows(self) -> list[Follow]:
        """Every follow of every server."""
        return [Follow(**row) for row in self._db.query("select * from follow order by rowid")]

    def follows_of(self, server: int) -> list[Follow]:
        """A server's follows, the oldest first."""
        return [
            Follow(**row) for row in self._db.query("select * from follow where server = ? order by rowid", [server])
        ]

    def mark_seen(self, follow: Follow, seen: str) -> None:
        """The state that was announced; a follow that was ended meanwhile stays ended."""
        with self._db.atomic():
            self._db.execute(
                "update follow set seen = ? where server = ? and channel = ? and what = ?",
                [seen, follow.server, follow.channel, follow.what],
            )

    def forget_server(self, server: int) -> None:
        """Delete everything that is kept of a server."""
        with self._db.atomic():
            self._db.table("follow").delete_where("server = ?", [server])

    def close(self) -> None:
        self._db.close()
