"""What goes wrong on the wire, as rows: where, at which request there, and what."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

# Where: a method and a path with wild cards, or what the bot sends to the gateway.
LOGIN = "GET /users/@me"
SYNC = "PUT /applications/*/commands"
GUILDS = "GET /users/@me/guilds"
CALLBACK = "POST /interactions/*/callback"
EDIT = "PATCH /webhooks/*/messages/@original"
POST = "POST /channels/*/messages"
IDENTIFY, RESUME, HEARTBEAT = "IDENTIFY", "RESUME", "HEARTBEAT"


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: from the `nth` request at `where` on, `times` requests meet it.

    A `status` is answered, with Discord's `code`; a `cut` ends the connection without an answer, by a reset or a plain
    close. Either comes instead of doing what was asked, or with `done` after doing it. `delay` seconds pass first.
    `via` says whether a 429 names a proxy, as Discord's own do; without it Cloudflare speaks. What comes to the
    gateway is answered by closing it, with the code `close`.
    """

    where: str
    nth: int = 1
    times: int = 1
    status: int = 0
    code: int = 0
    cut: Literal["", "reset", "close"] = ""
    done: bool = False
    delay: float = 0.0
    via: bool = True
    retry_after: float = 0.1
    close: int = 0


class Faults:
    """The rows, and how many requests have come to each place."""

    def __init__(self, *rows: Fault) -> None:
        self.rows = list(rows)
        self.met: dict[str, int] = {}

    def at(self, place: str) -> Fault | None:
        """What the request that is at this place now meets; each place of a row counts for itself."""
        found = None
        for where in {row.where for row in self.rows if fnmatchcase(place, row.where)}:
            count = self.met[where] = self.met.get(where, 0) + 1
            for row in self.rows:
                if row.where == where and row.nth <= count < row.nth + row.times:
                    found = row
        return found
