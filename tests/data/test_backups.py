"""Backups of local.db: whole or not there, kept by count; restored whole or not at all, and what was deleted stays so."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from bot.service.backups import DailyBackup
from bot.service.check import check
from data import KEPT, backups, copying, erased
from data.__main__ import main
from data.backups import BackupError, back_up, broken_off, restore, told_of
from data.copying import Stopped, backups_of, copied, copy, folder_of
from data.local import STEPS, Follow, InUse, LocalStore
from data.log import Head, Log, Revision, digest_of_all
from data.migrations import migrations
from data.proposals import Proposals
from data.store import StoreError
from knowledge.corrections import Change, Value
from knowledge.facts import Cell

HERE, THERE, ANN, BEN = "77", "78", 1001, 1002
SVN: Cell = ("2026", "share", "SVN", 2026)
BEFORE = Value(Decimal("1.61"), "e")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "local.db"


def correct(path: Path, number: str, scope: str = HERE, person: int = ANN) -> None:
    """One more revision, proposed by one person and approved by another."""
    store = LocalStore(path)
    try:
        proposals = Proposals(store)
        change = Change(SVN, None, Value(Decimal(number), "e"), BEFORE)
        found = proposals.propose(
            scope, person, "correct", (change,), address="", reason=f"the words of {person}", facts="v1"
        )
        with store.writing():  # whatever is seen by now: the log is what is looked at here
            store.db.execute("update proposal set state = 'applied' where id = ?", [found.id])
            head = proposals.log.head(scope)
            by = found.proposer
            proposals.log.append(
                Revision(scope, head.n + 1, "2026-11-03T14:02:00+00:00", by, None, "correct", (change,), "", "", "v1")
            )
    finally:
        store.close()


def heads(path: Path) -> dict[str, Head]:
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return Log(db).heads()


def content(path: Path) -> dict[str, list[Any]]:
    """Every row of every table, but for the line that says when a backup was made."""
    with closing(sqlite3.connect(path)) as db:
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
        found = {one: sorted(map(repr, db.execute(f'select * from "{one}"'))) for one in tables}
    found["state"] = [row for row in found["state"] if "backup_made" not in row]
    return found


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


# -- making one --------------------------------------------------------------------------------------


def test_a_backup_is_whole_and_named_by_its_day_and_its_head(path: Path) -> None:
    correct(path, "2.01")
    done = back_up(path)
    digest = digest_of_all(heads(path))[:16]
    assert done.path.name == f"local-{done.made:%Y%m%d-%H%M%S}-{digest}.db"
    assert content(done.path) == content(path)
    assert names(folder_of(path)) == [done.path.name]
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert told_of(path)[0]
    assert f"is whole, and the head of its logs is {digest}" in told_of(path)[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"1": Head(1, "a")}, {}),
        ({"1": Head(1, "a")}, {"2": Head(1, "a")}),
        ({"1": Head(1, "a")}, {"1": Head(2, "a")}),
        ({"1": Head(1, "a"), "2": Head(1, "b")}, {"1": Head(1, "b"), "2": Head(1, "a")}),
    ],
)
def test_one_digest_stands_for_all_logs(one: dict[str, Head], other: dict[str, Head]) -> None:
    assert digest_of_all(one) != digest_of_all(other)
    assert digest_of_all(one) == digest_of_all(dict(reversed(one.items())))


def test_a_busy_bot_does_not_keep_a_backup_from_ending(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written meanwhile is not in it, or it would begin anew each time."""
    monkeypatch.setattr(copying, "PAGES", 4)
    store = LocalStore(path)
    for n in range(200):
        store.put(f"{n}", "x" * 2000)
    begun, ends = threading.Event(), threading.Event()

    def write() -> None:
        n = 0
        while not ends.is_set():
            store.put("busy", str(n := n + 1))
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(5)
    late = time.monotonic() + 10
    try:
        done = back_up(path, stopped=lambda: time.monotonic() > late)
    finally:
        ends.set()
        writer.join()
    store.put("busy", "after")
    store.close()
    assert len(content(done.path)["state"]) == 201


def test_so_many_are_kept_and_what_was_replaced_that_long_ago_goes(path: Path) -> None:
    correct(path, "2.01")
    folder, now = folder_of(path), datetime.now(UTC)
    folder.mkdir(exist_ok=True)
    for day in range(1, 21):
        (folder / f"local-{now - timedelta(days=day):%Y%m%d-%H%M%S}-{'0' * 16}.db").write_bytes(b"")
    (folder / "mine.db").write_bytes(b"")
    for day in (13, 15):
        (path.parent / "replaced" / f"{now - timedelta(days=day):%Y%m%d-%H%M%S-%f}").mkdir(parents=True)
    done = back_up(path, KEPT)
    kept = backups_of(path)
    assert (len(kept), kept[-1]) == (KEPT, done)
    assert now - kept[0].made < timedelta(days=14)
    assert "mine.db" in names(folder)
    assert len(names(path.parent / "replaced")) == 1


def full(_: Path, to: Path, *__: object) -> None:
    to.write_bytes(b"half")
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorname = "SQLITE_FULL"
    raise error


def no_room(_: Path, to: Path, *__: object) -> None:
    to.write_bytes(b"half")
    raise OSError(errno.ENOSPC, "No space left on device", str(to))


@pytest.mark.parametrize("trouble", [full, no_room])
def test_on_a_full_disk_the_oldest_makes_room_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Callable[..., None]
) -> None:
    correct(path, "2.01")
    first = back_up(path)
    others = [first.path.with_name(f"local-2025010{n}-000000-{first.digest}.db") for n in (1, 2)]
    for other in others:
        shutil.copy(first.path, other)

    def once(*given: Any) -> None:
        monkeypatch.setattr(copying, "copy", copy)
        trouble(*given)

    monkeypatch.setattr(copying, "copy", once)
    done = back_up(path)
    assert {one.path for one in backups_of(path)} == {others[1], first.path, done.path}
    monkeypatch.setattr(copying, "copy", trouble)
    with pytest.raises(BackupError, match=r"The disk with .* is full. Make room on it\."):
        back_up(path)
    assert others[1] not in [one.path for one in backups_of(path)]
    for _ in range(3):
        with suppress(BackupError):
            back_up(path)
    assert len(backups_of(path)) == 1, "the last one stays"
    assert not list(folder_of(path).glob("*.part*"))


def test_a_folder_that_cannot_be_written_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    correct(path, "2.01")

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as only_read:
        only_read.setattr(os, "mkdir", refused)
        only_read.setattr(os, "open", refused)
        with pytest.raises(BackupError, match=r"cannot be written \(Read-only file system\)"):
            back_up(path)
    with monkeypatch.context() as only_read:
        only_read.setattr(os, "mkdir", refused)
        with pytest.raises(BackupError, match=r"Nothing was restored\. The folder"):
            restore(path, back_up_elsewhere(path))
    assert heads(path)[HERE].n == 1


def back_up_elsewhere(path: Path) -> Path:
    """A copy made without a folder of backups."""
    to = path.parent / "elsewhere.db"
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(to)) as other:
        db.backup(other)
    return to


def test_a_broken_log_is_not_backed_up_and_the_good_ones_stay(path: Path) -> None:
    correct(path, "2.01")
    good = back_up(path, 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute("drop trigger revision_stays")
        db.execute("update revision set body = replace(body, '2.01', '2.02')")
        db.commit()
    with pytest.raises(BackupError, match="Revision 1 of 77 is not as it was written"):
        back_up(path, 1)
    assert backups_of(path) == [good]
    assert copied(path, folder_of(path), whatever=True).digest == "broken"


def test_a_damaged_file_is_not_backed_up(path: Path) -> None:
    correct(path, "2.01")
    garble(path)
    with pytest.raises(BackupError, match="is damaged"):
        back_up(path)
    assert not names(folder_of(path))


def garble(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"a letter" * 4096)


def test_a_note_that_has_no_room_whole_is_an_error(path: Path) -> None:
    resource = pytest.importorskip("resource")
    correct(path, "2.01")
    correct(path, "2.02", THERE, BEN)
    forget(path, person=ANN)
    file = erased.file_of(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 20, limits[1]))  # a part of it has room
    try:
        with pytest.raises(sqlite3.OperationalError):
            erased.note_people(path, ["somebody's"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    forget(path, person=BEN)
    assert len(erased.read(file)) == 2


def cut(path: Path, n: int, scope: str = HERE) -> None:
    """What somebody does who would have a revision never have been."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("drop trigger revision_goes_with_its_scope")
        db.execute("delete from revision where scope = ? and n > ?", [scope, n])
        db.commit()


@pytest.mark.parametrize("left", [0, 1])
def test_a_tail_that_was_cut_is_noticed(path: Path, left: int) -> None:
    for number in ("2.01", "2.02"):
        correct(path, number)
    good = back_up(path)
    cut(path, left)
    with pytest.raises(BackupError, match="lacks revision 2 of 77"):
        back_up(path)
    restore(path, good.path)
    assert heads(path)[HERE].n == 2
    assert back_up(path).digest == good.digest


def test_a_tail_that_was_cut_from_a_backup_is_noticed(path: Path) -> None:
    for number in ("2.01", "2.02"):
        correct(path, number)
    good = back_up(path)
    cut(good.path, 1)
    assert "its logs are not those of its name" in told_of(path)[1]
    with pytest.raises(BackupError, match="end elsewhere than its name says"):
        restore(path, good.path)
    assert heads(path)[HERE].n == 2


def test_a_server_that_left_and_came_back_has_no_tail_cut(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in ("2.01", "2.02"):
        correct(path, number)
    back_up(path)
    monkeypatch.setattr(erased, "_now", lambda: (datetime.now(UTC) + timedelta(days=8)).isoformat(timespec="seconds"))
    store = LocalStore(path)
    store.forget_server(int(HERE))
    store.close()
    back_up(path)
    correct(path, "2.03")
    back_up(path)


# -- before an upgrade -------------------------------------------------------------------------------


def step_names() -> list[str]:
    return [one.name for one in migrations.pending(Database(memory=True))]


def of_step(path: Path, steps: int) -> dict[str, list[Any]]:
    """A local.db of so many steps with a row in every table; what is in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = Database(path)
    migrations.apply(db, stop_before=step_names()[steps] if steps < STEPS else None)
    raw = db.conn
    raw.row_factory = sqlite3.Row
    raw.execute("pragma journal_mode = wal")
    for table in sorted(db.table_names()):
        if table.startswith(("_", "sqlite_")) or table == "leaving":  # a line in it stands for a deletion under way
            continue
        if table == "revision":
            change = Change(SVN, None, Value(Decimal("2.01"), "e"), BEFORE)
            Log(raw).append(Revision(HERE, 1, "2026-11-03", "t1", "t2", "correct", (change,), "", "", "v1"))
            continue
        columns = [(row["name"], row["type"]) for row in raw.execute(f'pragma table_info("{table}")')]
        given = [_sample(name, kind) for name, kind in columns]
        raw.execute(f'insert into "{table}" values ({", ".join("?" * len(given))})', given)
    raw.commit()
    found = {table: [dict(row) for row in raw.execute(f'select * from "{table}"')] for table in db.table_names()}
    db.close()
    return {table: rows for table, rows in found.items() if not table.startswith(("_", "sqlite_"))}


def _sample(name: str, kind: str) -> object:
    known = {"scope": HERE, "server": int(HERE), "person": ANN, "changes": "[]", "state": "applied"}
    return known.get(name, 1 if kind.upper() == "INTEGER" else f"a {name}")


RENAMED = {("outbox", "proposal"): "number"}


def holds(path: Path, rows: dict[str, list[Any]]) -> None:
    """Everything that was there is there, whatever was added since."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        for table, found in rows.items():
            now = [dict(row) for row in db.execute(f'select * from "{table}"')]
            for row in found:
                later = {RENAMED.get((table, name), name): value for name, value in row.items()}
                assert any(row.items() <= one.items() or later.items() <= one.items() for one in now), (table, row)


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
def test_a_restore_from_each_released_schema(path: Path, tmp_path: Path, steps: int) -> None:
    rows = of_step(tmp_path / "old" / "local.db", steps)
    made = back_up(tmp_path / "old" / "local.db")
    correct(path, "2.05", THERE)
    before = content(path)
    done = restore(path, made.path)
    holds(path, rows)
    assert done.revisions == (1 if "revision" in rows else 0)
    assert done.aside is not None
    assert content(done.aside / "local.db") == before
    store = LocalStore(path)
    assert store.db.execute("select count(*) from _sqlite_migrations").fetchone()[0] == STEPS
    store.close()
    correct(path, "2.06", THERE)


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
def test_before_the_tables_change_there_is_a_backup(path: Path, steps: int) -> None:
    rows = of_step(path, steps)
    LocalStore(path).close()
    kept = backups_of(path)
    assert len(kept) == (1 if steps < STEPS else 0)
    for one in kept:
        holds(one.path, rows)
        with closing(sqlite3.connect(one.path)) as db:
            assert db.execute("select count(*) from _sqlite_migrations").fetchone()[0] == steps
    holds(path, rows)


def test_an_upgrade_without_room_for_a_backup_does_not_begin(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = of_step(path, 1)
    monkeypatch.setattr(copying, "copy", full)
    with pytest.raises(StoreError, match="is full"):
        LocalStore(path)
    monkeypatch.undo()
    assert len(Database(path).table_names()) == 2
    LocalStore(path).close()
    holds(path, rows)


# -- the way back ------------------------------------------------------------------------------------


def not_there(path: Path) -> Path:
    return path.parent / "none.db"


def itself(path: Path) -> Path:
    return path


def no_database(path: Path) -> Path:
    file = path.parent / "copy.db"
    file.write_bytes(b"a letter" * 4096)
    return file


def of_another_program(path: Path) -> Path:
    file = path.parent / "copy.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("create table follow (server integer)")
    return file


def garbled(path: Path) -> Path:
    made = back_up(path).path
    garble(made)
    return made


def cut_short(path: Path) -> Path:
    made = back_up(path).path
    os.truncate(made, made.stat().st_size - 8192)
    return made


def newer(path: Path) -> Path:
    made = back_up(path).path
    with closing(sqlite3.connect(made)) as db:
        db.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('x', 'create_more', '')")
        db.commit()
    return made


def rewritten(path: Path) -> Path:
    made = back_up(path).path
    with closing(sqlite3.connect(made)) as db:
        db.execute("drop trigger revision_stays")
        db.execute("update revision set body = replace(body, '2.01', '2.02')")
        db.commit()
    return made


REFUSED: dict[Callable[[Path], Path], str] = {
    not_there: "There is no file",
    itself: "is the bot's own file",
    no_database: "file is not a database",
    of_another_program: "is no copy of a local.db",
    garbled: "damaged",
    cut_short: "Take another backup.",
    newer: "is of a newer version of the bot. Use that one.",
    rewritten: "Revision 1 of 77 is not as it was written",
}


@pytest.mark.parametrize("file", REFUSED, ids=lambda one: one.__name__)
def test_what_is_no_good_copy_changes_nothing(
    path: Path, file: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    correct(path, "2.01")
    copied = file(path)
    before = content(path)
    assert main(["restore", str(copied), "--folder", str(path.parent)]) == 1
    said = capsys.readouterr()
    assert REFUSED[file] in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert content(path) == before
    assert set(names(path.parent)) <= {"local.db", "local.lock", "backups", "copy.db"}


def test_nothing_is_restored_under_a_running_bot(path: Path) -> None:
    correct(path, "2.01")
    made = back_up(path)
    store = LocalStore(path)
    with pytest.raises(InUse, match="Another bot runs on the folder"):
        restore(path, made.path)
    store.put("a", "1")
    store.close()


def test_the_commands_tell_what_they_did(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(path.parent)]
    assert main(["backup", *folder]) == 1
    assert "so there is nothing to copy" in capsys.readouterr().err
    correct(path, "2.01")
    head = digest_of_all(heads(path))[:16]
    assert main(["backup", *folder]) == 0
    assert f"is a whole copy of {path}; the head of its logs is {head}" in capsys.readouterr().out
    mine = tmp_path / "mine.db"
    assert main(["backup", str(mine), *folder]) == 0
    assert main(["backup", str(mine), *folder]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["backup", str(tmp_path), *folder]) == 0
    assert list(tmp_path.glob(f"local-*-{head}.db"))
    correct(path, "2.02")
    assert main(["restore", str(mine), *folder]) == 0
    said = capsys.readouterr().out
    assert f"with 1 revisions; the head of its logs is {head}" in said
    assert "What was there before is in" in said
    with pytest.raises(SystemExit) as wrong:
        main(["restore"])
    assert wrong.value.code == 2


def test_a_copy_in_use_before_is_restored_from_a_folder_that_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One made as docs/running.md told before, on a volume that is mounted to be read."""
    correct(path, "2.01")
    file = back_up_elsewhere(path)

    def refused(*_: object) -> None:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorname = "SQLITE_CANTOPEN"
        raise error

    monkeypatch.setattr(backups, "copy", refused)
    assert restore(path, file).revisions == 1


def test_backups_of_what_was_put_aside_go_with_it(path: Path) -> None:
    correct(path, "2.01")
    first = back_up(path)
    correct(path, "2.02")
    later = back_up(path)
    done = restore(path, first.path)
    assert [one.path for one in backups_of(path)] == [first.path]
    assert done.aside is not None
    assert later.path.name in names(done.aside)
    correct(path, "2.03")
    back_up(path)


def test_a_damaged_file_is_replaced(path: Path) -> None:
    correct(path, "2.01")
    made = back_up(path)
    garble(path)
    restore(path, made.path)
    assert heads(path)[HERE].n == 1


def test_what_is_in_the_log_beside_it_is_put_aside_too(path: Path) -> None:
    """As a killed bot leaves it."""
    correct(path, "2.01")
    made = back_up(path)
    pid = forked()
    if pid == 0:
        LocalStore(path).put("late", "1")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert Path(f"{path}-wal").stat().st_size
    done = restore(path, made.path)
    assert done.aside is not None
    assert "('late', '1')" in content(done.aside / "local.db")["state"]
    assert "('late', '1')" not in content(path)["state"]


# -- what was deleted --------------------------------------------------------------------------------


def forget(path: Path, *, person: int | None = None, server: int | None = None) -> None:
    with closing(LocalStore(path)) as store:
        if person is not None:
            Proposals(store).forget_person(person)
        if server is not None:
            store.forget_server(server)


def test_who_was_forgotten_stays_forgotten(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    correct(path, "2.01", person=ANN)
    correct(path, "2.02", person=BEN)
    correct(path, "2.03", THERE, person=ANN)
    made = back_up(path)
    forget(path, person=ANN)
    assert main(["restore", str(made.path), "--folder", str(path.parent)]) == 0
    assert "1 people, 0 servers" in capsys.readouterr().out
    raw = path.read_bytes()
    assert f"the words of {ANN}".encode() not in raw
    assert f"the words of {BEN}".encode() in raw
    store = LocalStore(path)
    assert [row["person"] for row in store.db.execute("select person from actor")] == [BEN]
    store.close()
    assert {scope: head.n for scope, head in heads(path).items()} == {HERE: 2, THERE: 1}


def test_what_was_forgotten_of_a_server_stays_forgotten(path: Path) -> None:
    correct(path, "2.01")
    correct(path, "2.02", THERE)
    store = LocalStore(path)
    store.follow(Follow(int(HERE), 5, "edition", None, "en", "2025"))
    store.close()
    made = back_up(path)
    forget(path, server=int(HERE))
    done = restore(path, made.path)
    assert (done.people, done.servers) == (0, 1)
    assert set(heads(path)) == {THERE}
    store = LocalStore(path)
    assert store.servers() == {int(THERE)}
    store.close()


def test_what_came_back_since_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that left, was deleted, came back, and is in a later backup; a person who proposes once more."""
    correct(path, "2.01")
    long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat(timespec="seconds")
    monkeypatch.setattr(erased, "_now", lambda: long_ago)
    forget(path, person=ANN, server=int(HERE))
    correct(path, "2.02")
    made = back_up(path)
    done = restore(path, made.path)
    assert (done.people, done.servers) == (0, 0)
    assert heads(path)[HERE].n == 1


def test_the_list_of_deletions_holds_no_id(path: Path) -> None:
    correct(path, "2.01", scope="1234567890123456789", person=9876543210987654321 // 2)
    with closing(sqlite3.connect(path)) as db:
        [token] = db.execute("select token from actor").fetchone()
    forget(path, person=9876543210987654321 // 2, server=1234567890123456789)
    text = erased.file_of(path).read_text(encoding="utf-8")
    assert [one.kind for one in erased.read(erased.file_of(path))] == ["person", "server"]
    assert not any(secret in text for secret in ("1234567890123456789", str(9876543210987654321 // 2), token))


def test_a_deletion_that_cannot_be_noted_is_not_done(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would come back with a backup, after it was said to be done."""
    correct(path, "2.01")

    def refused(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(sqlite3.OperationalError) as error:
        forget(path, person=ANN)
    assert error.value.sqlite_errorname == "SQLITE_FULL"
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select count(*) from actor").fetchone()[0] == 1


def test_a_line_that_a_kill_cut_short_costs_only_itself(path: Path) -> None:
    correct(path, "2.01")
    correct(path, "2.02", THERE, BEN)
    forget(path, person=ANN)
    with erased.file_of(path).open("a", encoding="utf-8") as file:
        file.write('{"kind": "per')
    forget(path, person=BEN)
    assert len(erased.read(erased.file_of(path))) == 2


# -- killed ------------------------------------------------------------------------------------------

EVENTS = ("open", "os.", "sqlite3.connect")  # what the system is asked for, as Python tells of it


def forked() -> int:
    """As os.fork; Python warns where the tests' own runner has threads, which the child does not use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def killed_at(n: int, work: Callable[[], object]) -> bool:
    """Do it in a process that is killed as it asks the system for something the nth time; whether it was killed."""
    pid = forked()
    if pid == 0:
        left = n

        def heard(event: str, _: object) -> None:
            nonlocal left
            if event.startswith(EVENTS):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(heard)
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_a_backup_killed_anywhere_is_whole_or_not_there(path: Path) -> None:
    correct(path, "2.01")
    before, kills = content(path), 0
    folder = folder_of(path)
    while killed_at(kills + 1, lambda: back_up(path)):
        kills += 1
        assert content(path) == before
        for one in backups_of(path):
            assert content(one.path) == before
            one.path.unlink()
        for half in folder.glob("*.part*") if folder.exists() else ():
            os.utime(half, (0, 0))  # as an hour later
    assert kills > 10
    assert len(backups_of(path)) == 1
    assert not list(folder.glob("*.part*"))


def test_a_restore_killed_anywhere_leaves_the_old_or_the_new_whole(path: Path) -> None:
    correct(path, "2.01")
    made = back_up(path)
    new = content(made.path)
    correct(path, "2.02")
    forget(path, server=int(THERE))  # so that something is looked for to delete again
    old, kills, left = content(path), 0, {"old": 0, "new": 0}
    kept = path.parent / "kept.db"
    shutil.copy(made.path, kept)
    shutil.copytree(path.parent, path.parent.parent / "begin")
    while killed_at(kills + 1, lambda: restore(path, kept)):
        kills += 1
        found = content(path)
        assert found in (old, new), f"killed at {kills}"
        left["old" if found == old else "new"] += 1
        whole, said = told_of(path)
        assert whole or "Restore again" in said
        if found == new:
            restore(path, kept)  # what it says
            assert broken_off(path) is None
            assert told_of(path)[0]
            shutil.rmtree(path.parent)
            shutil.copytree(path.parent.parent / "begin", path.parent)
    assert left["old"] > 20
    assert left["new"] > 2
    assert content(path) == new
    assert broken_off(path) is None


def test_a_backup_killed_while_it_copies_leaves_nothing_that_looks_like_one(path: Path) -> None:
    store = LocalStore(path)
    store.put("a", "x" * 4_000_000)
    store.close()
    pid = forked()
    if pid == 0:
        copying.PAGES = 16
        back_up(path)
        os._exit(0)
    while not any(half.stat().st_size > 100_000 for half in folder_of(path).glob("*.part")):
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)
    assert not backups_of(path)
    assert told_of(path)[0]


# -- by the bot --------------------------------------------------------------------------------------


async def days(made: DailyBackup, seconds: float = 0.3) -> None:
    task = asyncio.create_task(made.run())
    await asyncio.sleep(seconds)
    task.cancel()


async def test_the_bot_makes_one_a_day(path: Path) -> None:
    correct(path, "2.01")
    await days(DailyBackup(path, 2, 0, 0.02))
    [first] = backups_of(path)
    await days(DailyBackup(path, 2, 0, 0.02))  # started once more on the same day
    assert backups_of(path) == [first]
    for day in (2, 3, 4):
        stamp = f"{first.made - timedelta(days=day):%Y%m%d-%H%M%S}"
        shutil.copy(first.path, first.path.with_name(f"local-{stamp}-{first.digest}.db"))
    first.path.unlink()
    await days(DailyBackup(path, 2, 0, 0.02))
    kept = backups_of(path)
    assert len(kept) == 2
    assert datetime.now(UTC) - kept[-1].made < timedelta(minutes=1)


async def test_a_backup_that_failed_is_said_once_a_day(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    correct(path, "2.01")
    monkeypatch.setattr(copying, "copy", full)
    await days(DailyBackup(path, 2, 0, 0.02))
    [record] = caplog.records
    assert "is full. Make room on it." in record.getMessage()
    assert record.exc_info is None


async def test_a_bot_that_ends_gives_up_what_it_copies(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(path)
    store.put("a", "x" * 2_000_000)
    monkeypatch.setattr(copying, "PAGES", 1)
    made = DailyBackup(path, 2, 0, 0.02)
    task = asyncio.create_task(made.run())
    await asyncio.sleep(0.05)
    assert list(folder_of(path).glob("*.part"))
    made.end()
    await asyncio.sleep(0.1)
    assert not names(folder_of(path))
    task.cancel()
    store.close()
    with pytest.raises(Stopped):
        back_up(path, stopped=lambda: True)


async def test_nobody_waits_while_it_is_made(path: Path) -> None:
    """Answers go on: the loop has its turn all the time."""
    store = LocalStore(path)
    store.put("a", "x" * 20_000_000)
    store.close()
    made, worst = DailyBackup(path, 2, 0, 60), 0.0
    task = asyncio.create_task(made.run())
    while not backups_of(path):
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        worst = max(worst, time.perf_counter() - begun)
    task.cancel()
    assert worst < 0.2


def test_the_operator_reads_of_the_last_one(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    correct(path, "2.01")
    given = {"LEDGER_FOLDER": str(path.parent), "DISCORD_TOKEN": "a"}
    assert check(given) == 0
    assert "There is no backup" in capsys.readouterr().out
    made = back_up(path)
    assert check(given) == 0
    assert f"✓ The last backup is of {made.made:%Y-%m-%d %H:%M} UTC, of 1; it is whole" in capsys.readouterr().out
    garble(made.path)
    assert check(given) == 1
    assert "Make another: python -m data backup" in capsys.readouterr().out
