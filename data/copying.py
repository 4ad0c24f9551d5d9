"""A whole, checked copy of local.db while others use it, and what the names of copies tell."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from data.log import Broken, Head, Log, digest_of_all

PAGES, PAUSE = 256, 0.005  # a step of copying is one megabyte; seconds until the next, for the bot's own writes
LEFT_OVER = timedelta(hours=1)  # after which a half file is nobody's any more
SHOWN = 16  # signs of the digest in a name, as in /data status
BROKEN = "broken"  # in place of the digest
STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(rf"local-(\d{{8}}-\d{{6}})-([0-9a-f]{{{SHOWN}}}|{BROKEN})\.db")
MADE = "backup_made"  # the line of `state` in a copy that says when it was begun


class Stopped(Exception):
    """Copying was given up, since the bot ends."""


class Damaged(sqlite3.DatabaseError):
    """A file that contradicts itself, as one does that was copied over another while that was in use."""

    sqlite_errorname = "SQLITE_CORRUPT"


class Backup(Struct, frozen=True):
    """A backup as its name tells of it: when it was begun, in UTC, and the digest of all logs, its first signs."""

    path: Path
    made: datetime
    digest: str


def folder_of(path: Path) -> Path:
    """Where the backups of a local.db lie."""
    return path.parent / "backups"


def backups_of(path: Path) -> list[Backup]:
    """Those beside a local.db, oldest first."""
    try:
        found = [named for one in folder_of(path).iterdir() if (named := named_as(one)) is not None]
    except OSError:
        return []
    return sorted(found, key=lambda one: (one.made, one.path.name))


def whole_of(path: Path | None) -> list[Backup]:
    """Those that were found whole when they were made, oldest first; none of what is kept in memory."""
    return [one for one in backups_of(path) if one.digest != BROKEN] if path is not None else []


def named_as(path: Path) -> Backup | None:
    """What a name tells; None if it is no backup's."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    try:
        return Backup(path, datetime.strptime(match[1], STAMP).replace(tzinfo=UTC), match[2])
    except ValueError:
        return None


def copied(
    path: Path, folder: Path, file: Path | None = None, *,
    whatever: bool = False, stopped: Callable[[], bool] = lambda: False,
) -> Backup:  # fmt: skip
    """A copy that is whole, checked and on disk when it has its name: `file`, or one in the folder.

    Broken, unless `whatever`, if a log is not as it was written; sqlite3.Error or OSError, with no half file left.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(folder)
    made = datetime.now(UTC).replace(microsecond=0)
    part = folder / f"local-{made.strftime(STAMP)}.{os.getpid()}.part"
    try:
        copy(path, part, stopped)
        with opened(part, write=True) as db:
            if (found := trouble_in(db)) is not None:
                raise Damaged(found)
            digest = _digest(db, whatever)
            if has(db, "state"):
                db.execute("insert or replace into state (key, value) values (?, ?)", [MADE, made.isoformat()])
        sync(part)
        done = Backup(file or folder / f"local-{made.strftime(STAMP)}-{digest[:SHOWN]}.db", made, digest[:SHOWN])
        part.replace(done.path)
        sync(folder)
        return done
    except BaseException:
        _remove(part)
        raise


def copy(path: Path, to: Path, stopped: Callable[[], bool] = lambda: False) -> None:
    """Everything of a database as of one moment, in steps; `to` is one file alone, without a log beside it."""

    def step(_: int, left: int, __: int) -> None:
        if stopped():
            raise Stopped
        if left:
            time.sleep(PAUSE)

    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with opened(path) as source, opened(to, write=True) as target:
        source.execute("BEGIN")
        source.execute("select count(*) from sqlite_master").fetchone()  # this moment: else each write begins it anew
        source.backup(target, pages=PAGES, progress=step)
        source.execute("COMMIT")
        target.execute("PRAGMA journal_mode = DELETE").fetchone()


@contextmanager
def opened(path: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that is closed afterwards; it makes no file."""
    mode = "rw" if write else "ro"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        yield db


def trouble_in(db: sqlite3.Connection) -> str | None:
    """What contradicts itself in a database; None if nothing does."""
    found = " ".join(str(db.execute("PRAGMA integrity_check(1)").fetchone()[0]).split())
    return None if found == "ok" else found


def has(db: sqlite3.Connection, table: str) -> bool:
    """Whether there is such a table."""
    return db.execute("select 1 from sqlite_master where type = 'table' and name = ?", [table]).fetchone() is not None


def heads_in(db: sqlite3.Connection) -> dict[str, Head]:
    """Where each log stands, all of them checked; none in a file of before there were logs."""
    return Log(db).heads() if has_logs(db) else {}


def has_logs(db: sqlite3.Connection) -> bool:
    return has(db, "revision")


def _digest(db: sqlite3.Connection, whatever: bool) -> str:
    try:
        return digest_of_all(heads_in(db))
    except Broken:
        if not whatever:
            raise
        return BROKEN


def _clear(folder: Path) -> None:
    """Remove what a kill left over."""
    for half in folder.glob("local-*.part*"):
        with suppress(OSError):
            if time.time() - half.stat().st_mtime > LEFT_OVER.total_seconds():
                half.unlink()


def _remove(part: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{part}{ending}").unlink(missing_ok=True)


def sync(path: Path) -> None:
    """A file, or what stands in a folder, is on disk when this returns."""
    at = os.open(path, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
