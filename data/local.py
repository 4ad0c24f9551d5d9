"""local.db: what changes while the bot runs; it lives on the volume and outlives every upgrade."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from msgspec import Struct
from msgspec.structs import astuple, fields

from data import erased
from data.store import StoreError

SCOPED = ("outbox", "proposal", "slip", "report", "actor", "revision")  # tables with a scope: a server, or everywhere
NOTES = {  # table → a column with what somebody wrote → that with the token of whoever did
    "proposal": {
        "reason": "proposer",
        "answer": "proposer",
        "question": "coalesce(asker, decider)",
        "remark": "decider",
    },
    "slip": {"remark": "decider"},
    "report": {"words": "reporter", "better": "reporter"},
}
STEPS = 6  # of data/migrations.py
LOCKED = 1.0  # seconds to wait for another writer: an interaction has three in all
FAULTS = 100  # are kept
ROOM = 64 * 1024  # bytes that SQLite needs beside the file to open it
# Between two looks that do not find a server, before it is forgotten; a look may come a moment early.
ABSENT = timedelta(days=7) - timedelta(minutes=1)


class Follow(Struct, frozen=True):
    """A channel that hears of one thing, named as knowledge/following.py names it.

    `role` is pinged, if there is one; `language` is the server's; `seen` is the state that was announced last.
    """

    server: int
    channel: int
    what: str
    role: int | None
    language: str
    seen: str


class Fault(Struct, frozen=True):
    """A fault of ours, as the operator meets it: nothing of what was asked, or by whom."""

    code: str
    time: str
    where: str
    kind: str
    place: str


def _columns(record: type[Struct]) -> str:
    return ", ".join(f'"{field.name}"' for field in fields(record))  # quoted, since "where" is a word of SQL


_FOLLOW, _FAULT = _columns(Follow), _columns(Fault)


class LocalStore:
    """One writer, opened once; every write is one transaction and on disk when it returns.

    It may be used by one thread at a time, whichever it is. `path` None keeps it in memory, for the offline channel
    and for tests. StoreError, in a sentence, if it cannot be opened, or if another bot runs on its folder.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock: IO[str] | None = None
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._lock = locked(path.with_suffix(".lock"))
            at = path or ":memory:"
            self.db = sqlite3.connect(at, timeout=LOCKED, check_same_thread=False, isolation_level=None)
            self.db.row_factory = sqlite3.Row
            self.db.execute("PRAGMA foreign_keys = ON")
            if path is not None:
                self.db.execute("PRAGMA journal_mode = WAL")
                self.db.execute("PRAGMA synchronous = FULL")
            if (found := self.db.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                raise Damaged(" ".join(str(found).split()))
            _bring_up_to_date(self.db, path)
            if path is not None:
                self._file, self._time = _identity(path), _written(path)
        except (sqlite3.Error, OSError) as error:
            self._unlock()
            raise StoreError(why(path, error)) from error
        except StoreError:
            self._unlock()
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, begun as a writer's: one that reads first could not wait for another writer."""
        if self.path is not None and (_identity(self.path), _written(self.path)) != (self._file, self._time):
            raise Gone
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self.db.execute("ROLLBACK")
            raise
        if self.path is not None:
            if _identity(self.path) != self._file:
                raise Gone
            self._time = _written(self.path)  # later than before, if SQLite took its log into the file

    # -- single values -------------------------------------------------------------------------------

    def get(self, key: str) -> str | None:
        row = self.db.execute("select value from state where key = ?", [key]).fetchone()
        return None if row is None else str(row["value"])

    def put(self, key: str, value: str) -> None:
        with self.writing():
            self.keep(key, value)

    def keep(self, key: str, value: str) -> None:
        """The same within a transaction of the caller's."""
        self.db.execute(
            "insert into state (key, value) values (?, ?) on conflict do update set value = excluded.value",
            [key, value],
        )

    def belongs_to(self, application: int) -> bool:
        """Whether the folder is this application's; one that is nobody's becomes so."""
        owner = self.get("application")
        if owner is None:
            self.put("application", str(application))
        return owner in (None, str(application))

    # -- follows -------------------------------------------------------------------------------------

    def follow(self, follow: Follow) -> None:
        """Keep a follow; the same channel following the same thing again changes whom it pings, not what was seen."""
        with self.writing():
            self.db.execute(
                f"insert into follow ({_FOLLOW}) values (?, ?, ?, ?, ?, ?) "
                "on conflict do update set role = excluded.role, language = excluded.language",
                astuple(follow),
            )

    def unfollow(self, server: int, what: str, channel: int | None = None) -> list[int]:
        """Forget a follow in one channel, or in every channel of the server; the channels that followed."""
        where, values = "server = ? and what = ?", [server, what]
        if channel is not None:
            where, values = f"{where} and channel = ?", [*values, channel]
        with self.writing():
            found = [
                int(row["channel"]) for row in self.db.execute(f"select channel from follow where {where}", values)
            ]
            self.db.execute(f"delete from follow where {where}", values)
            self.keep_no_stranger(server)
        return found

    def follows(self) -> list[Follow]:
        """Every follow of every server."""
        return [Follow(**row) for row in self.db.execute(f"select {_FOLLOW} from follow order by rowid")]

    def follows_of(self, server: int) -> list[Follow]:
        """A server's follows, the oldest first."""
        rows = self.db.execute(f"select {_FOLLOW} from follow where server = ? order by rowid", [server])
        return [Follow(**row) for row in rows]

    def mark_seen(self, follow: Follow, seen: str) -> None:
        """The state that was announced; a follow that was ended meanwhile stays ended."""
        with self.writing():
            self.db.execute(
                "update follow set seen = ? where server = ? and channel = ? and what = ?",
                [seen, follow.server, follow.channel, follow.what],
            )

    def forget_absent(self, ours: set[int], now: datetime | None = None) -> int:
        """Delete what is kept of servers that were absent on two looks about a week apart; how many they are."""
        now = now if now is not None else datetime.now(UTC)
        gone = 0
        with self.writing():
            for server in self.servers():
                key = f"absent:{server}"
                since = self.get(key)
                if server in ours:
                    self.db.execute("delete from state where key = ?", [key])
                elif since is None:
                    self.keep(key, now.isoformat())
                elif now - datetime.fromisoformat(since) >= ABSENT:
                    gone += 1
                    self._forget(server)
        return gone

    def servers(self) -> set[int]:
        """Those of which something is kept."""
        named = "select server from follow union select server from setting"
        scoped = " union ".join(f"select cast(scope as integer) from {t} where scope <> 'everywhere'" for t in SCOPED)
        return {int(row[0]) for row in self.db.execute(f"{named} union {scoped}")}

    def forget_server(self, server: int) -> None:
        with self.writing():
            self._forget(server)

    def _forget(self, server: int) -> None:
        """Everything of a server goes, its whole log too."""
        erased.note_server(self.path, server)
        scope = str(server)
        for table, written in NOTES.items():
            for column in written:
                self.db.execute(f"delete from note where id in (select {column} from {table} where scope = ?)", [scope])
        self.db.execute("insert or ignore into leaving (scope) values (?)", [scope])
        for table in SCOPED:
            self.db.execute(f"delete from {table} where scope = ?", [scope])
        self.db.execute("delete from leaving where scope = ?", [scope])
        for table in ("follow", "setting"):
            self.db.execute(f"delete from {table} where server = ?", [server])
        self.keep_no_stranger(server)

    def keep_no_stranger(self, server: int) -> None:
        """Forget since when a server is absent, once nothing else is kept of it: else its id would stay."""
        if server not in self.servers():
            self.db.execute("delete from state where key = ?", [f"absent:{server}"])

    # -- faults --------------------------------------------------------------------------------------

    def note_fault(self, fault: Fault) -> None:
        """Keep a fault of ours, as one of the last hundred, and count it."""
        with self.writing():
            self.db.execute(f"insert into fault ({_FAULT}) values (?, ?, ?, ?, ?)", astuple(fault))
            self.db.execute("delete from fault where id <= (select max(id) from fault) - ?", [FAULTS])

    def close(self) -> None:
        self.db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()


def faults_of(path: Path, most: int = 5) -> tuple[int, list[Fault]]:
    """How many faults a folder's bot had in all, and the last ones, newest first; read beside a running bot."""
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        db.row_factory = sqlite3.Row
        try:
            count = db.execute("select coalesce(max(id), 0) from fault").fetchone()[0]
            rows = db.execute(f"select {_FAULT} from fault order by id desc limit ?", [most])
            return int(count), [Fault(**row) for row in rows]
        finally:
            db.close()
    except sqlite3.Error:  # no file yet, or one of before faults were kept
        return 0, []


def _bring_up_to_date(db: sqlite3.Connection, path: Path | None) -> None:
    """Take the steps that the file lacks, after a backup. One that has them all is not held up by what takes them."""
    try:
        taken = db.execute("select count(*) from _sqlite_migrations").fetchone()[0]
    except sqlite3.OperationalError:  # a new file
        taken = 0
    if taken < STEPS:
        from sqlite_utils import Database

        from data.copying import copied, folder_of
        from data.migrations import migrations

        if path is not None and taken:
            copied(path, folder_of(path), whatever=True)
        migrations.apply(Database(db))


def locked(path: Path) -> IO[str] | None:
    """A file that this process alone holds until it ends; None where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    file = path.open("w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InUse(
            f"Another bot runs on the folder {path.parent}. Stop it first, or set another LEDGER_FOLDER."
        ) from None
    except OSError:  # a file system without locks
        file.close()
        return None
    return file


class InUse(StoreError):
    """Another bot runs on the folder."""


class Gone(sqlite3.OperationalError):
    """The file that is written is no longer the one of its name, or another program wrote into it."""


class Damaged(sqlite3.DatabaseError):
    """The file contradicts itself, as one does that was copied over another while that was in use."""

    sqlite_errorname = "SQLITE_CORRUPT"


def _identity(path: Path) -> list[tuple[int, int] | None]:
    """Which file it is, and which its log, so that others in their place are noticed."""
    found: list[tuple[int, int] | None] = []
    for name in (path, f"{path}-wal"):
        try:
            stat = os.stat(name)  # noqa: PTH116 - nothing but the numbers
        except OSError:
            found.append(None)
        else:
            found.append((stat.st_dev, stat.st_ino))
    return found


def _written(path: Path) -> int:
    """When somebody last wrote into the file itself; while the bot runs, only its own SQLite does, and seldom."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another program holds the file, for a while."""
    return _code(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _code(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def is_full(path: Path, error: Exception) -> bool:
    """Whether the disk has no room; where SQLite cannot make its files for that, it speaks of an error of the disk."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or _code(error) == "SQLITE_FULL":
        return True
    try:
        return _code(error).startswith("SQLITE_IOERR") and shutil.disk_usage(path.parent).free < ROOM
    except OSError:  # the folder is gone
        return False


def why(path: Path | None, error: Exception) -> str:
    """What keeps the file from being used, and the way back; for whoever runs the bot."""
    if path is None:
        return f"What is kept in memory cannot be used ({error})."
    if isinstance(error, Gone):
        return (
            f"{path} was deleted or replaced while the bot ran, or another program wrote into it, so nothing more is "
            "kept. Stop the bot, put a copy in its place as docs/running.md restores one, and start the bot again."
        )
    if os.path.isdir(path):  # noqa: PTH112 - a folder that may not be looked into raises nothing
        return f"{path} is a folder, where the bot keeps a file. Move it away, or set another LEDGER_FOLDER."
    code = _code(error)
    if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return (
            f"{path} is damaged ({error}). Stop the bot and put a copy of the file in its place with `python -m data "
            "restore`, or delete it: then servers have to say again what they follow. docs/running.md tells of backups."
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is held by another program. End that program."
    if is_full(path, error):
        return f"The disk with {path} is full, so nothing is kept. Make room on it."
    if isinstance(error, OSError) or code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return (
            f"The folder {path.parent} for local.db cannot be written ({error}). "
            "Give the bot a folder it may write to, in LEDGER_FOLDER."
        )
    if code.startswith("SQLITE_IOERR"):
        return f"The disk with {path} does not read or write ({error}). Move the folder to another disk."
    return f"{path} cannot be used ({error}). Is it of a newer version of the bot? Use that one, or a copy of before."
