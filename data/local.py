"""local.db: what changes while the bot runs; it lives on the volume and outlives every upgrade."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from data.store import StoreError

migrations = Migrations("allied-ledger-local")


@migrations()
def create_state(db: Database) -> None:
    db.table("state").create({"key": str, "value": str}, pk="key", not_null={"value"}, strict=True)


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

    def close(self) -> None:
        self._db.close()
