"""The append-only log of corrections: one chain of digests a scope, one position over all of them.

Nothing personal enters a hashed body: people are tokens of this scope, a reason is a salted digest. So a person can be
forgotten and the chain stays whole. A cut tail is seen by whoever kept the head's digest.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from knowledge.corrections import Change, Row, Stated, Value, as_text, key_of

FORM = "allied-ledger revision 1"
Mark = tuple[int, int]
FIRST = "0" * 64  # what comes before the first revision of a scope


class Moved(Exception):
    """The scope's log went on since it was read: nothing was appended."""


class Broken(Exception):
    """A revision that is not as it was written, by its scope and number."""

    def __init__(self, scope: str, n: int) -> None:
        super().__init__(f"Revision {n} of {scope} is not as it was written.")
        self.scope, self.n = scope, n


class Head(Struct, frozen=True):
    """Where a scope's log stands: its last revision and that one's digest."""

    n: int
    digest: str


class Revision(Struct, frozen=True):
    """What was changed, when, by whom and with whose consent; `of` is the proposal it came from.

    `kind` is correct, import, add, undo, upgrade (new figures took corrections back) or keep (one of those put back).
    `note` is the digest of the reason, "" without one. `position` orders the revisions of all scopes.
    """

    scope: str
    n: int
    at: str
    by: str
    approved: str | None
    kind: str
    changes: tuple[Change, ...]
    address: str
    note: str
    facts: str
    of: int | None = None
    undoes: int | None = None
    before: str = FIRST
    digest: str = ""
    position: int = 0


class Log:
    """Over one connection. `append` belongs in a transaction of the caller's."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def head(self, scope: str) -> Head:
        row = self._db.execute(
            "select n, digest from revision where scope = ? order by n desc limit 1", [scope]
        ).fetchone()
        return Head(row["n"], row["digest"]) if row is not None else Head(0, FIRST)

    def append(self, revision: Revision) -> Revision:
        """The next revision of its scope, chained to the last; Moved if it is not the next."""
        head = self.head(revision.scope)
        if revision.n != head.n + 1:
            raise Moved
        body = body_of(revision)
        digest = digest_of(head.digest, body)
        position = self._db.execute(
            "insert into revision (scope, n, body, before, digest) values (?, ?, ?, ?, ?)",
            [revision.scope, revision.n, body, head.digest, digest],
        ).lastrowid
        return replace(revision, before=head.digest, digest=digest, position=position or 0)

    def of(self, scope: str) -> list[Revision]:
        """A scope's revisions, oldest first."""
        return [_read(row) for row in self._db.execute("select * from revision where scope = ? order by n", [scope])]

    def since(self, position: int) -> list[Revision]:
        """Every scope's revisions after a position, in the order they were written."""
        rows = self._db.execute("select * from revision where position > ? order by position", [position])
        return [_read(row) for row in rows]

    def position(self) -> int:
        """That of the last revision of all."""
        return int(self._db.execute("select coalesce(max(position), 0) from revision").fetchone()[0])

    def mark(self) -> Mark:
        """Two numbers that are others as soon as something was appended, or a scope left."""
        row = self._db.execute("select count(*), coalesce(max(position), 0) from revision").fetchone()
        return int(row[0]), int(row[1])

    def ends(self) -> dict[str, Head]:
        """The head of every scope, as it is written; verify() says whether its chain is whole."""
        rows = self._db.execute("select scope, max(n) as n, digest from revision group by scope order by scope")
        return {row["scope"]: Head(row["n"], row["digest"]) for row in rows}

    def with_digest(self, begins: str) -> list[tuple[str, int]]:
        """The scope and number of each revision whose digest begins so, in hexadecimal digits."""
        rows = self._db.execute(
            "select scope, n from revision where substr(digest, 1, ?) = ? order by position", [len(begins), begins]
        )
        return [(str(row["scope"]), int(row["n"])) for row in rows]

    def scopes(self) -> list[str]:
        return [str(row[0]) for row in self._db.execute("select distinct scope from revision order by scope")]

    def heads(self) -> dict[str, Head]:
        """That of every scope, each of a chain that is whole; Broken at the first that is not."""
        return {scope: self.verify(scope) for scope in self.scopes()}

    def verify(self, scope: str) -> Head:
        """The head of a chain that is whole; Broken at the first revision that is not as it was written."""
        head = Head(0, FIRST)
        for row in self._db.execute("select n, body, before, digest from revision where scope = ? order by n", [scope]):
            if row["n"] != head.n + 1 or row["before"] != head.digest:
                raise Broken(scope, head.n + 1)
            if row["digest"] != digest_of(row["before"], row["body"]) or json.loads(row["body"])["n"] != row["n"]:
                raise Broken(scope, row["n"])
            head = Head(row["n"], row["digest"])
        return head


def digest_of(before: str, body: str) -> str:
    return hashlib.sha256(f"{FORM}\0{before}\0{body}".encode()).hexdigest()


def digest_of_all(heads: Mapping[str, Head]) -> str:
    """One digest that stands for the logs of all scopes: whatever is cut from one of them, it is another."""
    lines = "".join(f"{scope} {head.n} {head.digest}\n" for scope, head in sorted(heads.items()))
    return hashlib.sha256(f"allied-ledger heads 1\0{lines}".encode()).hexdigest()


def note_digest(salt: str, text: str) -> str:
    """What a hashed body says of a reason: enough to prove it, nothing to read."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def new_token() -> str:
    return secrets.token_hex(16)


def body_of(revision: Revision) -> str:
    """What is hashed: sorted keys, no spaces, composed characters, numbers as decimal text."""
    return canonical(
        {
            "address": revision.address,
            "approved": revision.approved,
            "at": revision.at,
            "by": revision.by,
            "changes": changes_as_json(revision.changes),
            "facts": revision.facts,
            "kind": revision.kind,
            "n": revision.n,
            "note": revision.note,
            "of": revision.of,
            "scope": revision.scope,
            "undoes": revision.undoes,
            "v": 1,
        }
    )


def canonical(what: Mapping[str, Any]) -> str:
    """Sorted keys, no spaces, composed characters."""
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return unicodedata.normalize("NFC", text)


def changes_as_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {"key": as_text(one.key), "old": _value(one.old), "new": _value(one.new), "seen": _value(one.seen)}
        for one in changes
    ]


def read_changes(found: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    return tuple(
        Change(key_of(one["key"]), _read_value(one["old"]), _read_value(one["new"]), _read_value(one["seen"]))
        for one in found
    )


def _value(value: Stated | None) -> dict[str, Any] | None:
    if value is None:
        return None
    if isinstance(value, Row):
        return {"row": json.loads(value.json)}
    return {"blank": True} if value.number is None else {"value": f"{value.number:f}", "mark": value.mark}


def _read_value(found: Mapping[str, Any] | None) -> Stated | None:
    if found is None:
        return None
    if "row" in found:
        return Row(canonical(found["row"]))
    return Value(None) if found.get("blank") else Value(Decimal(found["value"]), found["mark"])


def _read(row: sqlite3.Row) -> Revision:
    body = json.loads(row["body"])
    names = ("scope", "n", "at", "by", "approved", "kind", "address", "note", "facts", "of", "undoes")
    return Revision(
        **{name: body[name] for name in names},
        changes=read_changes(body["changes"]),
        before=row["before"],
        digest=row["digest"],
        position=row["position"],
    )
