"""Two programs at one local.db: the bot's own, and one beside it that may come at any moment."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlite_utils import Database

from data.local import STEPS, LocalStore, Watch
from data.log import Log, Moved, Revision
from data.migrations import migrations
from data.proposals import OPERATOR, Proposals
from data.store import StoreError
from knowledge.corrections import EVERYWHERE, Change, Value, fold
from knowledge.facts import Cell

ROOT = Path(__file__).parents[2]
SVN: Cell = ("2026", "share", "SVN", 2026)
BASE = {SVN: Value(Decimal("1.61"), "e")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    LocalStore(tmp_path / "local.db").close()
    return tmp_path / "local.db"


def write(store: LocalStore, number: str, scope: str = EVERYWHERE) -> Revision:
    proposals = Proposals(store)
    change = Change(SVN, None, Value(Decimal(number), "e"), proposals.seen(scope, BASE)[SVN])
    return proposals.write(scope, "correct", (change,), BASE, address="https://a.example", reason="revised", facts="v1")


def test_a_bot_and_a_writer_beside_it_take_turns(path: Path) -> None:
    bot = LocalStore(path)
    for n in range(3):
        beside = LocalStore.beside(path)
        bot.put(f"before {n}", "1")
        beside.put(f"beside {n}", "1")
        bot.put(f"after {n}", "1")
        beside.close()
        bot.put(f"closed {n}", "1")
    bot.close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("select count(*) from state").fetchone() == (12,)


def test_what_is_written_beside_is_taken_into_the_file_by_the_bot_alone(path: Path) -> None:
    """So that a file that was written into itself stays the sign of a copy that was put over it."""
    bot, beside = LocalStore(path), LocalStore.beside(path)
    before = path.stat().st_mtime_ns
    for n in range(4):
        beside.put(f"large {n}", "x" * 3_000_000)  # a thousand pages, where SQLite would take its log in by itself
    beside.close()
    assert path.stat().st_mtime_ns == before
    bot.put("after", "1")
    assert path.stat().st_size > 12_000_000
    another = LocalStore.beside(path)
    bot.db.execute("pragma wal_checkpoint(truncate)").fetchall()
    another.put("to who is beside it the bot's own taking in is no alarm", "1")
    another.close()
    bot.close()


def test_without_a_bot_the_last_who_closes_takes_it_in(path: Path) -> None:
    with closing(LocalStore.beside(path)) as beside:
        beside.put("a", "1")
    assert sorted(one.name for one in path.parent.iterdir()) == ["local.db", "local.lock"]
    bot = LocalStore(path)
    assert bot.get("a") == "1"
    bot.close()


GONE: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "replaced": lambda path: Path(shutil.copy(path, path.parent / "new")).replace(path),
    "its log deleted": lambda path: Path(f"{path}-wal").unlink(),
}


@pytest.mark.parametrize("what", GONE)
def test_who_is_beside_it_writes_into_no_other_file(path: Path, what: str) -> None:
    beside = LocalStore.beside(path)
    beside.put("a", "1")
    GONE[what](path)
    with pytest.raises(sqlite3.OperationalError):
        beside.put("b", "1")
    beside.close()


def older(path: Path) -> None:
    path.unlink()
    db = Database(path)
    migrations.apply(db, stop_before="create_corrections")
    db.close()


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('allied-ledger-local', 'x', '')"
        )
        raw.commit()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.unlink(), "There is no .*local.db. A bot makes it when it starts"),
    "of an older form": (older, "is of an older form. Start the bot of this version on it once"),
    "of a newer form": (newer, "is of a newer form than this program. Use the program of the bot's version."),
    "damaged": (lambda path: path.write_bytes(b"a letter, no database" * 500), "is damaged"),
    "empty": (lambda path: path.write_bytes(b""), "is of an older form"),
    "a folder": (folder, "is a folder, where the bot keeps a file"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_opened_beside_a_bot_is_left_as_it_is(path: Path, what: str) -> None:
    spoil, told = REFUSED[what]
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=told):
        LocalStore.beside(path)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_an_older_form_under_a_running_bot_stays_so(path: Path) -> None:
    older(path)
    with closing(sqlite3.connect(path)) as bot:  # of the version before
        with pytest.raises(StoreError, match="older form"):
            LocalStore.beside(path)
        assert bot.execute("select count(*) from _sqlite_migrations").fetchone()[0] < STEPS


def test_a_watch_tells_once_of_what_was_committed(path: Path) -> None:
    bot, beside, watch = LocalStore(path), LocalStore.beside(path), Watch(path)
    assert not watch.moved()
    with beside.writing():
        assert not watch.moved()  # held, and nothing committed
        beside.db.execute("insert into state values ('a', '1')")
    assert watch.moved()
    assert not watch.moved()
    watch.forget()
    assert watch.moved()
    path.unlink()
    assert not watch.moved()
    watch.close()
    assert not watch.moved()
    beside.close()
    bot.close()


def test_what_the_operator_writes_is_approved_by_nobody_else(path: Path) -> None:
    with closing(LocalStore.beside(path)) as store:
        made = write(store, "2.01")
        proposals = Proposals(store)
        assert (made.n, made.by, made.approved, made.kind) == (1, OPERATOR, OPERATOR, "correct")
        assert proposals.reasons(EVERYWHERE) == {1: "revised"}
        assert proposals.log.verify(EVERYWHERE).digest == made.digest
        assert proposals.get(1).state == "applied"
        assert proposals.pending(EVERYWHERE) == []
        assert store.db.execute("select count(*) from actor").fetchone()[0] == 0


def test_what_was_changed_since_it_was_shown_is_not_written(path: Path) -> None:
    with closing(LocalStore.beside(path)) as store:
        write(store, "2.01")
        change = Change(SVN, None, Value(Decimal("2.02"), "e"), BASE[SVN])
        with pytest.raises(Moved):
            Proposals(store).write(EVERYWHERE, "correct", (change,), BASE, address="", reason="late", facts="v1")
        assert Log(store.db).head(EVERYWHERE).n == 1
        assert store.db.execute("select count(*) from note where text = 'late'").fetchone()[0] == 0


WRITER = """
import sys
from pathlib import Path
from data.local import LocalStore
from data.log import Moved
from tests.data.test_beside import write
store = LocalStore.beside(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(1, int(sys.argv[2]) + 1):
    while True:
        try:
            made = write(store, f"{n}.{sys.argv[3]}", sys.argv[4])
            break
        except Moved:
            pass
    print(made.n, flush=True)
"""


def test_two_who_write_at_once_lose_nothing(path: Path) -> None:
    """Beside a bot that writes too: every acknowledged revision is there, once, in one chain."""
    bot = LocalStore(path)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), "15", who, EVERYWHERE],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("1", "2")
    ]
    told: list[int] = []
    for n in range(15):
        bot.put(f"key{n}", "x" * 1000)
    for writer in writers:
        with writer:
            assert writer.stdout is not None
            told += [int(line) for line in writer.stdout if line != "ready\n"]
        assert writer.returncode == 0
    log = Log(bot.db)
    assert sorted(told) == list(range(1, 31))
    assert log.verify(EVERYWHERE).n == 30
    numbers = [one.changes[0].new.number for one in log.of(EVERYWHERE) if isinstance(one.changes[0].new, Value)]
    assert sorted(map(str, filter(None, numbers))) == sorted(f"{n}.{who}" for n in range(1, 16) for who in "12")
    assert all(bot.get(f"key{n}") for n in range(15))
    assert fold(log.of(EVERYWHERE)).cells[SVN].revision == 30
    bot.close()


@pytest.mark.parametrize("after", [1, 9])
def test_one_who_is_killed_loses_nothing_and_holds_up_nobody(path: Path, after: int) -> None:
    bot = LocalStore(path)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), "100000", "1", EVERYWHERE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            writer.stdout.readline()
        writer.kill()
        told = [line for line in writer.stdout if line.endswith("\n")]
        assert writer.wait(10) == -signal.SIGKILL
    bot.put("after", "1")
    head = Log(bot.db).verify(EVERYWHERE)
    assert head.n in (after - 1 + len(told), after + len(told))  # at most one was written and not yet told
    bot.close()
