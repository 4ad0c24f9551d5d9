"""The tables of local.db, a step for each change of theirs; only a file that lacks one needs this module."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

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


@migrations()
def create_fault(db: Database) -> None:
    db.table("fault").create(
        {"id": int, "code": str, "time": str, "where": str, "kind": str, "place": str},
        pk="id",
        not_null={"code", "time", "where", "kind", "place"},
        strict=True,
    )
