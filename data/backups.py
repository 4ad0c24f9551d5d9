"""Backups of local.db, checked before they have their name, and the way back from one."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from data import erased
from data.local import LocalStore, locked, why
from data.log import Broken, Head, Log, digest_of_all
from data.proposals import Proposals
from data.store import StoreError

PAGES, PAUSE = 256, 0.005  # a step of copying is one megabyte; seconds until the next, for the bot's own writes
LEFT_OVER = timedelta(hours=1)  # after which a half file is nobody's any more
MARGIN = timedelta(hours=1)  # a deletion so long before a backup may have been on its way into it
SHOWN = 16  # signs of the digest in a name, as in /data status
BROKEN = "broken"  # in place of the digest
_STAMP, _FINE = "%Y%m%d-%H%M%S", "%Y%m%d-%H%M%S-%f"
_NAME = re.compile(rf"local-(\d{{8}}-\d{{6}})-([0-9a-f]{{{SHOWN}}}|{BROKEN})\.db")
_MADE = "backup_made"  # the line of `state` in a copy that says when it was begun


class BackupError(StoreError):
    """Why there is no backup, or none is restored, and what to do: one sentence or two, for whoever runs the bot."""


class Stopped(Exception):
    """Copying was given up, since the bot ends."""


class Backup(Struct, frozen=True):
    """A backup as its name tells of it: when it was begun, in UTC, and the digest of all logs, its first signs."""

    path: Path
    made: datetime
    digest: str


class Restored(Struct, frozen=True):
    """What a restore came to: how many revisions, people and servers forgotten again, and where the old one lies."""

    revisions: int
    digest: str
    people: int
    servers: int
    aside: Path | None


def folder_of(path: Path) -> Path:
    """Where the backups of a local.db lie."""
    return path.parent / "backups"


def backups_of(path: Path) -> list[Backup]:
    """Those beside a local.db, oldest first."""
    try:
        found = [named for one in folder_of(path).iterdir() if (named := _named(one)) is not None]
    except OSError:
        return []
    return sorted(found, key=lambda one: (one.made, one.path.name))


def whole_of(path: Path | None) -> list[Backup]:
    """Those that were found whole when they were made, oldest first; none of what is kept in memory."""
    return [one for one in backups_of(path) if one.digest != BROKEN] if path is not None else []


def _named(path: Path) -> Backup | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    try:
        return Backup(path, datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), match[2])
    except ValueError:
        return None


# -- making one --------------------------------------------------------------------------------------


def back_up(
    path: Path, keep: int | None = None, to: Path | None = None, *,
    whatever: bool = False, stopped: Callable[[], bool] = lambda: False,
) -> Backup:  # fmt: skip
    """Copy local.db while others use it; the copy is whole, checked and on disk when it has its name.

    Afterwards the newest `keep` stay; None deletes none. `to` is another folder or file. `whatever` takes a log that is
    broken or shorter than before too, as what stands before an upgrade. BackupError if there is no backup now.
    """
    if not path.exists():
        raise BackupError(f"There is no {path}, so there is nothing to copy. Is LEDGER_FOLDER the bot's folder?")
    folder = folder_of(path) if to is None else to if to.is_dir() else to.parent
    file = None if to is None or to.is_dir() else to
    if file is not None and file.exists():
        raise BackupError(f"{file} is there already. Name another file.")
    try:
        if not whatever:
            _notice_a_cut_tail(path)
        done = _try_twice(path, folder, file, whatever, stopped)
    except Broken as error:
        raise BackupError(
            f"No backup was made, since the log in {path} is not as it was written: {error} The backups of before are "
            "kept. Restore the last one with `python -m data restore`, or ask for help before you do."
        ) from error
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"No backup was made. {_refused(path, folder, error)}") from error
    if keep is not None:
        _keep(path, keep, done.made)
    return done


def _try_twice(path: Path, folder: Path, file: Path | None, whatever: bool, stopped: Callable[[], bool]) -> Backup:
    """On a full disk the oldest backup makes room, once, and never the last one."""
    try:
        return _copied(path, folder, file, whatever, stopped)
    except (sqlite3.Error, OSError) as error:
        kept = backups_of(path)
        if not is_full(error) or len(kept) < 2 or folder != folder_of(path):
            raise
        kept[0].path.unlink()
    return _copied(path, folder, file, whatever, stopped)


def _copied(path: Path, folder: Path, file: Path | None, whatever: bool, stopped: Callable[[], bool]) -> Backup:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(folder)
    made = datetime.now(UTC).replace(microsecond=0)
    part = folder / f"local-{made.strftime(_STAMP)}.{os.getpid()}.part"
    try:
        copy(path, part, stopped)
        with _opened(part, write=True) as db:
            if (found := trouble_in(db)) is not None:
                raise Damaged(found)
            digest = _digest(db, whatever)
            if _has(db, "state"):
                db.execute("insert or replace into state (key, value) values (?, ?)", [_MADE, made.isoformat()])
        _sync(part)
        done = Backup(file or folder / f"local-{made.strftime(_STAMP)}-{digest[:SHOWN]}.db", made, digest[:SHOWN])
        part.replace(done.path)
        _sync(folder)
        return done
    except BaseException:
        _remove(part)
        raise


class Damaged(sqlite3.DatabaseError):
    """A file that contradicts itself."""

    sqlite_errorname = "SQLITE_CORRUPT"


def copy(path: Path, to: Path, stopped: Callable[[], bool] = lambda: False) -> None:
    """Everything of a database as of one moment, in steps; `to` is one file alone, without a log beside it."""

    def step(_: int, left: int, __: int) -> None:
        if stopped():
            raise Stopped
        if left:
            time.sleep(PAUSE)

    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with _opened(path) as source, _opened(to, write=True) as target:
        source.execute("BEGIN")
        source.execute("select count(*) from sqlite_master").fetchone()  # this moment: else each write begins it anew
        source.backup(target, pages=PAGES, progress=step)
        source.execute("COMMIT")
        target.execute("PRAGMA journal_mode = DELETE").fetchone()


@contextmanager
def _opened(path: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that is closed afterwards; it makes no file."""
    mode = "rw" if write else "ro"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        yield db


def trouble_in(db: sqlite3.Connection) -> str | None:
    """What contradicts itself in a database; None if nothing does."""
    found = " ".join(str(db.execute("PRAGMA integrity_check(1)").fetchone()[0]).split())
    return None if found == "ok" else found


def _has(db: sqlite3.Connection, table: str) -> bool:
    return db.execute("select 1 from sqlite_master where type = 'table' and name = ?", [table]).fetchone() is not None


def heads_in(db: sqlite3.Connection) -> dict[str, Head]:
    """Where each log stands, all of them checked; none in a file of before there were logs."""
    return Log(db).heads() if _logs(db) else {}


def _digest(db: sqlite3.Connection, whatever: bool) -> str:
    try:
        return digest_of_all(heads_in(db))
    except Broken:
        if not whatever:
            raise
        return BROKEN


def _notice_a_cut_tail(path: Path) -> None:
    """BackupError if a log is shorter than a backup has it, or another."""
    for backup in backups_of(path):
        if (found := _beyond(path, backup)) is not None:
            scope, n = found
            raise BackupError(
                f"No backup was made, since {path} lacks revision {n} of {scope}, which {backup.path} has: the end of its "
                "log was cut off or changed. Restore that backup with `python -m data restore`; if it was meant, move "
                "that backup away."
            )


def _beyond(path: Path, backup: Backup) -> tuple[str, int] | None:
    """A scope and its revision that a backup has and local.db has not; one that went with its server does not count."""
    with _opened(path) as ours:
        try:
            with _opened(backup.path) as theirs:
                heads = {scope: Log(theirs).head(scope) for scope in Log(theirs).scopes()} if _logs(theirs) else {}
        except sqlite3.Error:  # what is damaged is told where it is looked at
            return None
        for scope, head in heads.items():
            row = None
            if _logs(ours):
                held = "select digest from revision where scope = ? and n = ?"
                row = ours.execute(held, [scope, head.n]).fetchone()
            if (row is None or row["digest"] != head.digest) and not _deleted_since(path, scope, backup):
                return scope, head.n
    return None


def _logs(db: sqlite3.Connection) -> bool:
    return _has(db, "revision")


def _deleted_since(path: Path, scope: str, backup: Backup) -> bool:
    if not scope.isdecimal():
        return False
    gone = erased.read(erased.file_of(path))
    return bool(erased.servers_among(gone, [int(scope)], _since(backup.made)))


def _since(made: datetime) -> str:
    return (made - MARGIN).isoformat(timespec="seconds")


def _keep(path: Path, keep: int, now: datetime) -> None:
    """Delete all but the newest backups, and what a restore put aside that long ago."""
    with suppress(OSError):
        for old in backups_of(path)[:-keep]:
            old.path.unlink()
        for aside in _aside(path).iterdir():
            with suppress(ValueError):
                put = datetime.strptime(aside.name, _FINE).replace(tzinfo=UTC)
                if now - put > timedelta(days=keep):
                    shutil.rmtree(aside)


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


def _sync(path: Path) -> None:
    at = os.open(path, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)


def is_full(error: Exception) -> bool:
    """Whether there is no room on the disk."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"


def _refused(path: Path, folder: Path, error: Exception) -> str:
    if is_full(error):
        return f"The disk with {folder} is full. Make room on it."
    if isinstance(error, OSError):
        return f"The folder {folder} cannot be written ({error.strerror}). Let the bot's user write to it."
    return why(path, error)


# -- looking -----------------------------------------------------------------------------------------


def told_of(path: Path) -> tuple[bool, str]:
    """Whether all is well with the last backup, looked through once more, and what is to be said of it."""
    if (half := broken_off(path)) is not None:
        return False, half
    kept = backups_of(path)
    if not kept:
        return True, f"There is no backup of {path} yet; a running bot makes one a day."
    last = kept[-1]
    begun = f"The last backup is of {last.made:%Y-%m-%d %H:%M} UTC"
    try:
        with _opened(last.path) as db:
            found = trouble_in(db)
            if found is None and last.digest != BROKEN and digest_of_all(heads_in(db))[:SHOWN] != last.digest:
                found = "its logs are not those of its name"
    except (sqlite3.Error, Broken) as error:
        found = str(error).rstrip(".")
    if found is not None:
        return False, f"{begun} and is damaged: {found}. Make another: python -m data backup"
    return True, f"{begun}, of {len(kept)}; it is whole, and the head of its logs is {last.digest}."


def broken_off(path: Path) -> str | None:
    """What a restore that was killed left behind, and what to do."""
    if not _making(path).exists():
        return None
    if (_making(path) / path.name).exists():
        return (
            f"A restore was broken off: {path} is still what it was before. Restore again with `python -m data restore`, "
            f"or delete {_making(path)}."
        )
    return f"A restore was broken off at its end: {path} may be the restored one. Restore again, or delete {_making(path)}."


# -- the way back ------------------------------------------------------------------------------------


def restore(path: Path, file: Path) -> Restored:
    """Put a checked copy in the place of local.db, with what was deleted since deleted again.

    Killed at any moment, it leaves the old one or the new one whole. BackupError if nothing was changed, and why.
    """
    path = path.absolute()
    if not file.is_file():
        raise BackupError(f"There is no file {file}. The backups lie in {folder_of(path)}.")
    if path.exists() and file.samefile(path):
        raise BackupError(f"{file} is the bot's own file, and no copy of it. The backups lie in {folder_of(path)}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = locked(path.with_suffix(".lock"))
    except OSError as error:
        raise BackupError(f"Nothing was restored. {why(path, error)}") from error
    try:
        return _restored(path, file)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"Nothing was restored. {_refused(path, path.parent, error)}") from error
    finally:
        if held is not None:
            held.close()


def _restored(path: Path, file: Path) -> Restored:
    making = _making(path)
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(mode=0o700)
    fresh = making / path.name
    try:
        _take(file, fresh)
        made = _checked(fresh, file)
        people, servers = _delete_again(fresh, path, made)
        heads = _looked_through(fresh)
        _sync(fresh)
        aside = _put_aside(path)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    fresh.replace(path)
    _sync(path.parent)
    try:
        same = _looked_through(path) == heads
    except (sqlite3.Error, Broken):
        same = False
    if not same:
        raise BackupError(f"{path} is not as it was written: the disk does not keep it. What was before is in {aside}.")
    _put_aside_what_is_later(path, aside)
    shutil.rmtree(making, ignore_errors=True)
    return Restored(sum(head.n for head in heads.values()), digest_of_all(heads), people, servers, aside)


def _take(file: Path, fresh: Path) -> None:
    """The copy is copied, and stays as it is; BackupError if it is none."""
    try:
        try:
            copy(file, fresh)
        except sqlite3.OperationalError as error:
            if not str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_CANTOPEN"):
                raise
            if Path(f"{file}-wal").exists():
                raise
            shutil.copyfile(file, fresh)  # one that was in use before, in a folder that cannot be written
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise
        raise BackupError(
            f"Nothing was restored, since {file} cannot be read ({error}). Take another backup."
        ) from error


def _checked(fresh: Path, file: Path) -> str:
    """When a copy was made, "" if it does not say so; BackupError if it is not whole, not ours, or of a newer bot."""
    from sqlite_utils import Database

    from data.migrations import migrations

    try:
        with _opened(fresh, write=True) as db:
            db.execute("PRAGMA journal_mode = DELETE").fetchall()
            if (found := trouble_in(db)) is not None:
                raise BackupError(f"Nothing was restored, since {file} is damaged: {found}. Take another backup.")
            if not (_has(db, "state") and _has(db, "_sqlite_migrations")):
                raise BackupError(f"Nothing was restored, since {file} is no copy of a local.db.")
            taken = {row[0] for row in db.execute("select name from _sqlite_migrations")}
            if taken - {one.name for one in migrations.pending(Database(memory=True))}:
                raise BackupError(f"Nothing was restored, since {file} is of a newer version of the bot. Use that one.")
            digest = digest_of_all(heads_in(db))[:SHOWN]
            named = _named(file)
            if named is not None and named.digest not in (digest, BROKEN):
                raise BackupError(
                    f"Nothing was restored, since the logs in {file} end elsewhere than its name says ({digest}): "
                    "something was cut off or changed. Take another backup."
                )
            made = db.execute("select value from state where key = ?", [_MADE]).fetchone()
            db.execute("delete from state where key = ?", [_MADE])
            migrations.apply(Database(db))
            return "" if made is None else str(made[0])
    except Broken as error:
        raise BackupError(f"Nothing was restored, since {file} is not whole: {error} Take another backup.") from error
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise
        raise BackupError(f"Nothing was restored, since {file} is damaged ({error}). Take another backup.") from error


def _delete_again(fresh: Path, path: Path, made: str) -> tuple[int, int]:
    """Forget the people and the servers that were forgotten after the copy was made; how many they are."""
    gone = erased.read(erased.file_of(path))
    if not gone:
        return 0, 0
    since = _since(datetime.fromisoformat(made)) if made else ""
    store = LocalStore(fresh)
    try:
        rows = store.db.execute("select token, person from actor").fetchall()
        tokens = erased.tokens_among(gone, [row["token"] for row in rows])
        people = {int(row["person"]) for row in rows if row["token"] in tokens}
        servers = erased.servers_among(gone, store.servers(), since)
        for person in people:
            Proposals(store).forget_person(person)
        for server in servers:
            store.forget_server(server)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        store.db.execute("VACUUM")  # nothing of it stays in pages that are free
        store.db.execute("PRAGMA journal_mode = DELETE").fetchall()
    finally:
        store.close()
    return len(people), len(servers)


def _looked_through(path: Path) -> dict[str, Head]:
    with _opened(path) as db:
        if (found := trouble_in(db)) is not None:
            raise Damaged(found)
        return heads_in(db)


def _put_aside(path: Path) -> Path | None:
    """Keep the old file with its log under another name, while it stays in its place until it is replaced."""
    old = [one for ending in ("", "-wal", "-shm") if (one := Path(f"{path}{ending}")).exists()]
    if not old:
        return None
    try:
        with _opened(path, write=True) as db:  # takes its log in
            db.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.Error as error:
        if not str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise  # held, or no room: what is whole stays whole
    aside = _aside(path) / datetime.now(UTC).strftime(_FINE)
    aside.mkdir(mode=0o700, parents=True)
    for one in old:
        if one.exists():
            _linked(one, aside / one.name)
    _sync(aside)
    for one in old[1:]:  # a log of the old file beside the new one would be taken into that
        one.unlink(missing_ok=True)
    return aside


def _linked(one: Path, to: Path) -> None:
    try:
        os.link(one, to)
    except OSError as error:
        if is_full(error):
            raise
        shutil.copy2(one, to)
        _sync(to)


def _put_aside_what_is_later(path: Path, aside: Path | None) -> None:
    """Backups whose log goes on beyond the restored one belong to what was put aside."""
    for backup in backups_of(path):
        if aside is not None and _beyond(path, backup) is not None:
            backup.path.replace(aside / backup.path.name)


def _making(path: Path) -> Path:
    return path.parent / "restoring"


def _aside(path: Path) -> Path:
    return path.parent / "replaced"
