"""What each server has set for itself."""

from __future__ import annotations

import json

from msgspec import Struct

from data.local import LocalStore


class Moderation(Struct, frozen=True):
    """Who may propose and approve corrections in a server, by role, and where they wait.

    Without a role for approving, those who manage the server do it. `alone` says that one person is enough.
    """

    editors: int | None = None
    approvers: int | None = None
    alone: bool = False
    channel: int | None = None


_KEY = "moderation"


def moderation_of(local: LocalStore, server: int) -> Moderation:
    row = local.db.execute("select value from setting where server = ? and key = ?", [server, _KEY]).fetchone()
    return Moderation() if row is None else Moderation(**json.loads(row["value"]))


def set_moderation(local: LocalStore, server: int, chosen: Moderation) -> None:
    kept = json.dumps({name: getattr(chosen, name) for name in chosen.__struct_fields__})
    with local.writing():
        local.db.execute(
            "insert into setting (server, key, value) values (?, ?, ?) on conflict do update set value = excluded.value",
            [server, _KEY, kept],
        )


def forget_server(local: LocalStore, server: int) -> None:
    """Everything that a server has set goes."""
    with local.writing():
        local.db.execute("delete from setting where server = ?", [server])
