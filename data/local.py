"""local.db: what changes while the bot runs; it lives on the volume and outlives every upgrade."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from msgspec import Struct
from msgspec.structs import astuple, fields

from data import erased
from data.copying import Damaged, copied, folder_of, trouble_in
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
BESIDE = 5.0  # the same for an operator, who has time
HELD = ("SQLITE_BUSY", "SQLITE_LOCKED")  # codes of a file that another program holds
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
    `beside()` opens it for another program, whether a bot runs or not.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock: IO[str] | None = None
        self._alone = True
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
            if (found := trouble_in(self.db)) is not None:
                raise Damaged(found)
            _bring_up_to_date(self.db, path)
            if path is not None:
                self._file, self._time = _identity(path), _written(path)
        except (sqlite3.Error, OSError) as error:
            self._unlock()
            raise StoreError(why(path, error)) from error
        except StoreError:
            self._unlock()
            raise

    @classmethod
    def beside(cls, path: Path) -> LocalStore:
        """The file of a bot that may be running; it is neither made nor brought to another form.

        What is written is added to SQLite's log and taken into the file by the bot, or by who closes it last. So to a
        bot a file that was written into itself stays a sign of a copy put over it. StoreError, in a sentence, if there
        is none, or if it is of another form than this program's.
        """
        store = cls.__new__(cls)
        store.path, store._lock, store._alone = path, None, False
        db = None
        try:
            path.stat()  # SQLite would not say what is missing
            db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BESIDE, isolation_level=None)
            store.db = db
            db.row_factory = sqlite3.Row
            for line in ("foreign_keys = ON", "synchronous = FULL", "wal_autocheckpoint = 0"):
                db.execute(f"PRAGMA {line}").fetchall()
            if (found := trouble_in(db)) is not None:
                raise Damaged(found)
            _is_of_this_form(path, db)
            store._file = _identity(path)
        except FileNotFoundError:
            raise StoreError(
                f"There is no {path}. A bot makes it when it starts; LEDGER_FOLDER says in which folder it is."
            ) from None
        except (sqlite3.Error, OSError) as error:
            if db is not None:
                db.close()
            raise StoreError(why_beside(path, error)) from error
        except StoreError:
            store.db.close()
            raise
        return store

    def _is_another(self) -> bool:
        """Whether the file is no longer the one that was opened, or, under a bot, was written into by no SQLite."""
        assert self.path is not None
        return _identity(self.path) != self._file or (self._alone and _written(self.path) != self._time)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, begun as a writer's: one that reads first could not wait for another writer."""
        if self.path is not None and self._is_another():
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


class Watch:
    """Notices within microseconds that somebody committed to the file, and never waits.

    A connection of its own, since another counts as nobody's what it writes itself. A file that is held, gone or damaged
    tells of nothing.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_to_read(path, 0)
        self._seen = self._version()

    def moved(self) -> bool:
        """Whether something was committed since it was asked last, by this program or by another."""
        version = self._version()
        if version is None or version == self._seen:
            return False
        self._seen = version
        return True

    def forget(self) -> None:
        """What was committed shall be told once more."""
        self._seen = None

    def close(self) -> None:
        self._db.close()

    def _version(self) -> int | None:
        try:
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None


def open_to_read(path: Path, wait: float) -> sqlite3.Connection:
    """The file, beside whoever writes it; in WAL mode a reader waits for no writer."""
    at = f"{path.resolve().as_uri()}?mode=ro"
    db = sqlite3.connect(at, uri=True, timeout=wait, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def faults_of(path: Path, most: int = 5) -> tuple[int, list[Fault]]:
    """How many faults a folder's bot had in all, and the last ones, newest first; read beside a running bot."""
    try:
        with closing(open_to_read(path, LOCKED)) as db:
            count = db.execute("select coalesce(max(id), 0) from fault").fetchone()[0]
            rows = db.execute(f"select {_FAULT} from fault order by id desc limit ?", [most])
            return int(count), [Fault(**row) for row in rows]
    except sqlite3.Error:  # no file yet, or one of before faults were kept
        return 0, []


def _steps(db: sqlite3.Connection) -> int:
    """How many steps of data/migrations.py the file has taken."""
    try:
        return int(db.execute("select count(*) from _sqlite_migrations").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return 0  # a new file


def _is_of_this_form(path: Path, db: sqlite3.Connection) -> None:
    """StoreError if the file is of a form of before or of later: another version's bot may be running on it."""
    taken = _steps(db)
    if taken < STEPS:
        raise StoreError(f"{path} is of an older form. Start the bot of this version on it once, and try again.")
    if taken > STEPS:
        raise StoreError(f"{path} is of a newer form than this program. Use the program of the bot's version.")


def _bring_up_to_date(db: sqlite3.Connection, path: Path | None) -> None:
    """Take the steps that the file lacks, after a backup. One that has them all is not held up by what takes them."""
    taken = _steps(db)
    if taken < STEPS:
        from sqlite_utils import Database

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
    """The file that is written is no longer the one of its name, or was written into past SQLite."""


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
    """When somebody last wrote into the file itself; while the bot runs, only its own SQLite does, and seldom.

    Who writes beside it (LocalStore.beside) adds to SQLite's log alone.
    """
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another program holds the file, for a while."""
    return _code(error).startswith(HELD)


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


def why_beside(path: Path, error: Exception) -> str:
    """The same for an operator whose command could not read or write the file of a bot that may be running."""
    if isinstance(error, Gone):
        return f"{path} was deleted or replaced meanwhile, so nothing was stored. Try again on the new one."
    code = _code(error)
    if code.startswith(HELD):
        return f"{path} is held by another program, so nothing was stored. Try again, or end that program."
    denied = isinstance(error, PermissionError) or code.startswith(
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")
    )
    if denied and not path.is_dir():
        return (
            f"{path} or its folder cannot be written ({error}), so nothing was stored. Use the user the bot runs as, and "
            "see that the volume is not read-only."
        )
    return why(path, error)


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
    if code.startswith(HELD):
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
