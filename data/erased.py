"""What was deleted on request, as digests in a file beside the backups, so that a restored copy has it deleted again.

A person is kept as a digest of each token they had, which is random and tells nothing; a server as a slow, salted
digest of its id. Neither can be read back.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

NAME = "erased.jsonl"
PERSON, SERVER = "person", "server"


class Erased(Struct, frozen=True):
    """One deletion: of a person in one scope, or of a server; `at` is when, in UTC. A person's has no salt."""

    kind: str
    digest: str
    at: str
    salt: str = ""


def file_of(path: Path) -> Path:
    """The file that belongs to a local.db."""
    return path.parent / "backups" / NAME


def note_people(path: Path | None, tokens: Collection[str]) -> None:
    """Keep that whoever had these tokens is forgotten; before it is done, so that a kill in between loses nothing."""
    _note(path, [Erased(PERSON, _of_token(token), _now()) for token in tokens])


def note_server(path: Path | None, server: int) -> None:
    """Keep that everything of a server was deleted; before it is done."""
    if path is not None:
        known = [one.salt for one in read(file_of(path)) if one.salt]
        salt = known[-1] if known else secrets.token_hex(16)
        _note(path, [Erased(SERVER, _of_server(server, salt), _now(), salt)])


def read(file: Path) -> list[Erased]:
    """What was deleted, oldest first; a line that a kill cut short was of a deletion that did not happen."""
    return list(_lines(file))


def tokens_among(erased: Iterable[Erased], tokens: Iterable[str]) -> set[str]:
    """Those of them whose person was forgotten."""
    gone = {one.digest for one in erased if one.kind == PERSON}
    return {token for token in tokens if _of_token(token) in gone}


def servers_among(erased: Iterable[Erased], servers: Iterable[int], since: str) -> set[int]:
    """Those of them that were deleted after a time; one deleted before may have come back."""
    gone = {(one.salt, one.digest) for one in erased if one.kind == SERVER and one.at >= since}
    salts = {salt for salt, _ in gone}
    return {server for server in servers if any((salt, _of_server(server, salt)) in gone for salt in salts)}


def _lines(file: Path) -> Iterator[Erased]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield Erased(**json.loads(line))
        except (ValueError, TypeError):
            continue


def _note(path: Path | None, erased: Collection[Erased]) -> None:
    """sqlite3.OperationalError, as of a write to local.db itself, if the disk refuses."""
    if path is None or not erased:
        return
    file = file_of(path)
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        ends = not file.exists() or file.read_bytes()[-1:] in (b"", b"\n")
        text = "".join(
            json.dumps({name: getattr(one, name) for name in one.__struct_fields__}) + "\n" for one in erased
        )
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as out:
            out.write((text if ends else f"\n{text}").encode())
            out.flush()  # all of it or an error: one write alone may stop halfway on a full disk
            os.fsync(out.fileno())
    except OSError as error:
        refused = sqlite3.OperationalError(str(error))
        refused.sqlite_errorname = "SQLITE_FULL" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "SQLITE_CANTOPEN"
        raise refused from error


def _of_token(token: str) -> str:
    return hashlib.sha256(f"allied-ledger erased 1\0{token}".encode()).hexdigest()


def _of_server(server: int, salt: str) -> str:
    """Slow, since ids are few enough to be tried one after another."""
    return hashlib.scrypt(str(server).encode(), salt=bytes.fromhex(salt), n=2**12, r=8, p=1, dklen=32).hex()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
