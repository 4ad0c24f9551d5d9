"""Backups of local.db, checked before they have their name, and the way back from one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from data import erased
from data.copying import (
    BROKEN,
    MADE,
    SHOWN,
    Backup,
    Damaged,
    backups_of,
    copied,
    copy,
    folder_of,
    has,
    has_logs,
    heads_in,
    named_as,
    opened,
    sync,
    trouble_in,
)
from data.local import LocalStore, is_full, locked, why
from data.log import Broken, Head, Log, digest_of_all
from data.proposals import Proposals
from data.store import StoreError

MARGIN = timedelta(hours=1)  # a deletion so long before a backup may have been on its way into it
_FINE = "%Y%m%d-%H%M%S-%f"


class BackupError(StoreError):
    """Why there is no backup, or none is restored, and what to do: one sentence or two, for whoever runs the bot."""


class Restored(Struct, frozen=True):
    """What a restore came to: how many revisions, people and servers forgotten again, and where the old one lies."""

    revisions: int
    digest: str
    people: int
    servers: int
    aside: Path | None


# -- making one --------------------------------------------------------------------------------------


def back_up(
    path: Path, keep: int | None = None, to: Path | None = None, stopped: Callable[[], bool] = lambda: False
) -> Backup:
    """Copy local.db while others use it; the copy is whole, checked and on disk when it has its name.

    Afterwards the newest `keep` stay; None deletes none. `to` is another folder or file. BackupError if there is no
    backup now.
    """
    if not path.exists():
        raise BackupError(f"There is no {path}, so there is nothing to copy. Is LEDGER_FOLDER the bot's folder?")
    folder = folder_of(path) if to is None else to if to.is_dir() else to.parent
    file = None if to is None or to.is_dir() else to
    if file is not None and file.exists():
        raise BackupError(f"{file} is there already. Name another file.")
    try:
        done = _try_twice(path, folder, file, stopped)
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


def _try_twice(path: Path, folder: Path, file: Path | None, stopped: Callable[[], bool]) -> Backup:
    """On a full disk the oldest backup makes room, once, and never the last one."""
    try:
        _notice_a_cut_tail(path)
        return copied(path, folder, file, stopped=stopped)
    except (sqlite3.Error, OSError) as error:
        kept = backups_of(path)
        if not is_full(folder / path.name, error) or len(kept) < 2 or folder != folder_of(path):
            raise
        kept[0].path.unlink()
    return copied(path, folder, file, stopped=stopped)


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
    with opened(path) as ours:
        try:
            with opened(backup.path) as theirs:
                heads = Log(theirs).ends() if has_logs(theirs) else {}
        except sqlite3.Error:  # what is damaged is told where it is looked at
            return None
        for scope, head in heads.items():
            row = None
            if has_logs(ours):
                held = "select digest from revision where scope = ? and n = ?"
                row = ours.execute(held, [scope, head.n]).fetchone()
            if (row is None or row["digest"] != head.digest) and not _deleted_since(path, scope, backup):
                return scope, head.n
    return None


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


def _refused(path: Path, folder: Path, error: Exception) -> str:
    if is_full(folder / path.name, error):
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
        with opened(last.path) as db:
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
        sync(fresh)
        aside = _put_aside(path)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    fresh.replace(path)
    sync(path.parent)
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
        if is_full(fresh, error):
            raise
        raise BackupError(
            f"Nothing was restored, since {file} cannot be read ({error}). Take another backup."
        ) from error


def _checked(fresh: Path, file: Path) -> str:
    """When a copy was made, "" if it does not say so; BackupError if it is not whole, not ours, or of a newer bot."""
    from sqlite_utils import Database

    from data.migrations import migrations

    try:
        with opened(fresh, write=True) as db:
            db.execute("PRAGMA journal_mode = DELETE").fetchall()
            if (found := trouble_in(db)) is not None:
                raise BackupError(f"Nothing was restored, since {file} is damaged: {found}. Take another backup.")
            if not (has(db, "state") and has(db, "_sqlite_migrations")):
                raise BackupError(f"Nothing was restored, since {file} is no copy of a local.db.")
            taken = {row[0] for row in db.execute("select name from _sqlite_migrations")}
            if taken - {one.name for one in migrations.pending(Database(memory=True))}:
                raise BackupError(f"Nothing was restored, since {file} is of a newer version of the bot. Use that one.")
            digest = digest_of_all(heads_in(db))[:SHOWN]
            named = named_as(file)
            if named is not None and named.digest not in (digest, BROKEN):
                raise BackupError(
                    f"Nothing was restored, since the logs in {file} end elsewhere than its name says ({digest}): "
                    "something was cut off or changed. Take another backup."
                )
            made = db.execute("select value from state where key = ?", [MADE]).fetchone()
            db.execute("delete from state where key = ?", [MADE])
            migrations.apply(Database(db))
            return "" if made is None else str(made[0])
    except Broken as error:
        raise BackupError(f"Nothing was restored, since {file} is not whole: {error} Take another backup.") from error
    except sqlite3.DatabaseError as error:
        if is_full(fresh, error):
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
    with opened(path) as db:
        if (found := trouble_in(db)) is not None:
            raise Damaged(found)
        return heads_in(db)


def _put_aside(path: Path) -> Path | None:
    """Keep the old file with its log under another name, while it stays in its place until it is replaced."""
    old = [one for ending in ("", "-wal", "-shm") if (one := Path(f"{path}{ending}")).exists()]
    if not old:
        return None
    try:
        with opened(path, write=True) as db:  # takes its log in
            db.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.Error as error:
        if not str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise  # held, or no room: what is whole stays whole
    aside = _aside(path) / datetime.now(UTC).strftime(_FINE)
    aside.mkdir(mode=0o700, parents=True)
    for one in old:
        if one.exists():
            _linked(one, aside / one.name)
    sync(aside)
    for one in old[1:]:  # a log of the old file beside the new one would be taken into that
        one.unlink(missing_ok=True)
    return aside


def _linked(one: Path, to: Path) -> None:
    try:
        os.link(one, to)
    except OSError as error:
        if is_full(to, error):
            raise
        shutil.copy2(one, to)
        sync(to)


def _put_aside_what_is_later(path: Path, aside: Path | None) -> None:
    """Backups whose log goes on beyond the restored one belong to what was put aside."""
    for backup in backups_of(path):
        if aside is not None and _beyond(path, backup) is not None:
            backup.path.replace(aside / backup.path.name)


def _making(path: Path) -> Path:
    return path.parent / "restoring"


def _aside(path: Path) -> Path:
    return path.parent / "replaced"
