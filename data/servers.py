"""What each server has set for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct, field

from data.local import LocalStore
from knowledge.asking.defaults import Defaults

PUBLIC, PRIVATE, QUIET = "public", "private", "quiet"


class Moderation(Struct, frozen=True):
    """Who may propose and approve corrections in a server, by role, and where they wait.

    Without a role for approving, those who manage the server do it. `alone` says that one person is enough.
    """

    editors: int | None = None
    approvers: int | None = None
    alone: bool = False
    channel: int | None = None


class Answering(Struct, frozen=True):
    """How questions are answered in a server.

    `language` is that of what all see, None where Discord says it; `private` holds where a channel has nothing of its
    own. In a quiet channel answers are private whatever the question says, and no news are posted.
    """

    language: str | None = None
    private: bool = False
    channels: Mapping[int, str] = field(default_factory=dict)
    defaults: Defaults = Defaults()

    def visibility(self, *channels: int | None) -> str:
        """Of an answer in a channel; what the first of these has of its own goes before the next, then the server's."""
        for channel in channels if self.channels else ():
            if (own := self.channels.get(channel or 0)) is not None:
                return own
        return PRIVATE if self.private else PUBLIC


AS_EVER = Answering()
_MODERATION, _ANSWERING = "moderation", "answers"


def moderation_of(local: LocalStore, server: int) -> Moderation:
    row = _kept(local, server, _MODERATION)
    return Moderation() if row is None else msgspec.json.decode(row, type=Moderation)


def change_moderation(local: LocalStore, server: int, change: Callable[[Moderation], Moderation]) -> Moderation:
    """What is set after a change of what is set by now; what is all default is not kept."""
    with local.writing():
        chosen = change(moderation_of(local, server))
        _keep(local, server, _MODERATION, None if chosen == Moderation() else chosen)
    return chosen


def all_answering(local: LocalStore) -> Mapping[int, Answering]:
    """Of every server that set something of it."""
    rows = local.db.execute("select server, value from setting where key = ?", [_ANSWERING])
    return {int(row["server"]): msgspec.json.decode(row["value"], type=Answering) for row in rows}


def change_answering(local: LocalStore, server: int, change: Callable[[Answering], Answering]) -> Answering:
    """What is set after a change of what is set by now; what is all as ever is not kept."""
    with local.writing():
        row = _kept(local, server, _ANSWERING)
        chosen = change(AS_EVER if row is None else msgspec.json.decode(row, type=Answering))
        _keep(local, server, _ANSWERING, None if chosen == AS_EVER else chosen)
    return chosen


def _kept(local: LocalStore, server: int, key: str) -> str | None:
    row = local.db.execute("select value from setting where server = ? and key = ?", [server, key]).fetchone()
    return None if row is None else str(row["value"])


def _keep(local: LocalStore, server: int, key: str, chosen: Struct | None) -> None:
    if chosen is None:
        local.db.execute("delete from setting where server = ? and key = ?", [server, key])
        local.keep_no_stranger(server)
        return
    local.db.execute(
        "insert into setting (server, key, value) values (?, ?, ?) on conflict do update set value = excluded.value",
        [server, key, msgspec.json.encode(chosen).decode()],
    )
