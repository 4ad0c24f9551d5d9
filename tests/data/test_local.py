"""local.db: what was acknowledged is there, whatever happens to the process, the disk or the file; and who is told."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel import UnknownLocaleError
from msgspec.structs import replace
from sqlite_utils import Database

from bot.drawing.words import Words
from bot.ledger import Ledger
from bot.service.check import check
from data.local import FAULTS, STEPS, Fault, Follow, InUse, LocalStore, faults_of, why
from data.migrations import migrations
from data.store import StoreError
from knowledge.asking.problem import Problem
from knowledge.dates import PartialDate
from knowledge.facts import Facts

ROOT = Path(__file__).parents[2]


WRITER = """
import asyncio, sys
from pathlib import Path
from bot.ledger import Ledger
from data.local import LocalStore
from data.store import load

async def write():
    ledger = Ledger(load(), LocalStore(Path(sys.argv[1])))
    for n in range(100_000):
        await ledger.locally(lambda local: local.put(f"key{n}", f"{n}: ä🇹🇷'; drop table state;--"))
        print(n, flush=True)

asyncio.run(write())
"""


def test_the_local_store_survives_reopening(tmp_path: Path) -> None:
    path = tmp_path / "volume" / "local.db"
    store = LocalStore(path)
    assert store.get("a") is None
    store.put("a", "1")
    store.put("a", "2")
    store.put("b", "")
    store.close()
    again = LocalStore(path)
    assert (again.get("a"), again.get("b"), again.get("c")) == ("2", "", None)
    again.close()


@pytest.mark.parametrize("acknowledged", [1, random.Random(8).randint(20, 90)])
def test_what_was_put_survives_a_killed_writer(tmp_path: Path, acknowledged: int) -> None:
    """As the bot writes, in its thread, and killed in the midst of it."""
    path = tmp_path / "local.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for n in range(acknowledged):
            assert writer.stdout.readline() == f"{n}\n"
        writer.kill()
        told = acknowledged + len(writer.stdout.readlines())
        assert writer.wait(10) == -signal.SIGKILL
    store = LocalStore(path)
    assert [store.get(f"key{n}") for n in range(told)] == [f"{n}: ä🇹🇷'; drop table state;--" for n in range(told)]
    assert store.get(f"key{told + 1}") is None  # at most one was written and not yet told
    store.close()


FOLLOWER = """
import sys, time
from pathlib import Path
from data.local import Follow, LocalStore
store = LocalStore(Path(sys.argv[1]))
for n in range(20):
    store.follow(Follow(2**62 + n % 2, n, "member:DEU", 7, "de", "2025||"))
store.mark_seen(store.follows()[0], "2026||")
store.unfollow(2**62 + 1, "member:DEU", 19)
print("written", flush=True)
time.sleep(60)
"""


def test_follows_survive_a_killed_writer(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    with subprocess.Popen(
        [sys.executable, "-c", FOLLOWER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
        assert writer.wait(10) == -signal.SIGKILL
    store = LocalStore(path)
    assert [f.channel for f in store.follows()] == list(range(19))
    assert store.follows()[0] == Follow(2**62, 0, "member:DEU", 7, "de", "2026||")
    assert {f.seen for f in store.follows()[1:]} == {"2025||"}
    store.close()


def test_every_step_of_the_tables_is_counted(tmp_path: Path) -> None:
    assert len(migrations.pending(Database(memory=True))) == STEPS


def test_an_older_local_store_is_brought_forward(tmp_path: Path) -> None:
    """A local.db of the first version, before anything could be followed."""
    path = tmp_path / "local.db"
    db = Database(path)
    migrations.apply(db, stop_before="create_follow")
    db.table("state").insert({"key": "commands_hash", "value": "abc"})
    assert "follow" not in db.table_names()
    db.close()
    for _ in range(2):  # the second time nothing is left to do
        store = LocalStore(path)
        assert store.get("commands_hash") == "abc"
        store.follow(Follow(1, 2, "edition", None, "en", "2025"))
        assert store.follows() == [Follow(1, 2, "edition", None, "en", "2025")]
        store.close()
    with closing(sqlite3.connect(path)) as raw:
        assert {row[1] for row in raw.execute("pragma table_list") if row[5]} >= {"state", "follow"}
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(
                "insert into follow (server, channel, what, language, seen) values ('a server', 2, 'x', 'en', '')"
            )


def test_follows_are_kept_by_server_channel_and_thing() -> None:
    store = LocalStore(None)
    first = Follow(1, 2, "edition", None, "en", "2025")
    for follow in (first, replace(first, channel=3), replace(first, what="rule:hague"), replace(first, server=9)):
        store.follow(follow)
    store.follow(replace(first, role=5, language="fr", seen="2026"))  # again: whom it pings changes, not what was seen
    assert store.follows_of(1)[0] == replace(first, role=5, language="fr")
    assert len(store.follows()) == 4
    assert store.unfollow(1, "edition", 4) == []
    assert store.unfollow(1, "edition") == [2, 3]
    store.mark_seen(first, "2026")  # ended meanwhile: it stays ended
    assert [f.what for f in store.follows_of(1)] == ["rule:hague"]
    store.close()


WEEK, DAYS = timedelta(days=7), timedelta(days=6, hours=23)
LOOKS = {  # when it was looked, whether the server was in the list, and whether its follows are still there
    "one empty list": [(timedelta(), False, True)],
    "two looks in an hour": [(timedelta(), False, True), (timedelta(hours=1), False, True)],
    "a restart late in the week": [(timedelta(), False, True), (DAYS, False, True), (WEEK, False, False)],
    "it is there again": [(timedelta(), False, True), (DAYS, True, True), (2 * WEEK, False, True)],
    "a look that comes a moment early": [(timedelta(), False, True), (WEEK - timedelta(seconds=5), False, False)],
}


@pytest.mark.parametrize("what", LOOKS)
def test_a_server_is_forgotten_when_two_looks_a_week_apart_miss_it(what: str) -> None:
    store, begun = LocalStore(None), datetime(2026, 11, 25, 9, tzinfo=UTC)
    for server in (1, 9):
        store.follow(Follow(server, 2, "edition", None, "en", "2025"))
    for after, there, kept in LOOKS[what]:
        assert store.forget_absent({1, 9} if there else {9}, begun + after) == (0 if kept else 1)
        assert [follow.server for follow in store.follows()] == ([1, 9] if kept else [9])
    store.close()


def test_of_a_server_that_follows_nothing_nothing_stays(tmp_path: Path) -> None:
    store, begun = LocalStore(tmp_path / "local.db"), datetime(2026, 11, 25, 9, tzinfo=UTC)
    for server in (1, 9):
        store.follow(Follow(server, 2, "edition", None, "en", "2025"))
    store.forget_absent(set(), begun)
    store.unfollow(1, "edition")
    store.forget_absent(set(), begun + WEEK)
    with closing(sqlite3.connect(tmp_path / "local.db")) as raw:
        assert raw.execute("select key from state").fetchall() == []
    store.follow(Follow(1, 2, "edition", None, "en", "2025"))
    assert store.forget_absent(set(), begun + 2 * WEEK) == 0  # the look of before counts no more
    store.close()


@pytest.mark.parametrize("folder", ["file", "x" * 300], ids=["is a file", "has too long a name"])
def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="LEDGER_FOLDER"):
        LocalStore(tmp_path / folder / "local.db")


def test_a_folder_that_may_not_be_looked_into_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "stat", refused)
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StoreError, match="LEDGER_FOLDER"):
        LocalStore(tmp_path / "local.db")


def test_a_folder_is_one_applications() -> None:
    store = LocalStore(None)
    assert store.belongs_to(1)
    assert store.belongs_to(1)
    assert not store.belongs_to(2)
    store.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"a letter, no database" * 500), "is damaged"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
)
def test_a_local_store_that_cannot_be_opened_says_why(
    tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(tmp_path / "local.db")
    with pytest.raises(StoreError, match=said):
        LocalStore(tmp_path / "local.db")


def test_a_copy_made_over_the_file_of_a_running_bot_is_never_read_half(tmp_path: Path) -> None:
    """Pages of both would be mixed: what was acknowledged would be gone, without a word."""
    path, copy = tmp_path / "local.db", tmp_path / "copy.db"
    store = LocalStore(path)
    for channel in range(200):
        store.follow(Follow(1, channel, "edition", None, "en", "x" * 300))
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(copy)) as other:
        live.backup(other)
    for channel in range(150):
        store.unfollow(1, "edition", channel)
        store.follow(Follow(1, 300 + channel, "edition", None, "en", "y" * 300))
    store.close()
    store = LocalStore(path)
    store.follow(Follow(1, 500, "edition", None, "en", "2025"))
    shutil.copyfile(copy, path)  # the same file, with another content
    with pytest.raises(sqlite3.OperationalError):
        store.follow(Follow(1, 501, "edition", None, "en", "2025"))
    store.close()
    with pytest.raises(StoreError, match="is damaged"):
        LocalStore(path)


def test_a_second_bot_on_the_folder_is_refused(tmp_path: Path) -> None:
    first = LocalStore(tmp_path / "local.db")
    with pytest.raises(InUse, match="Another bot runs"):
        LocalStore(tmp_path / "local.db")
    first.close()
    LocalStore(tmp_path / "local.db").close()


def test_a_newer_local_store_reads_too(tmp_path: Path) -> None:
    """A bot that went back a version meets columns that it does not know."""
    store = LocalStore(tmp_path / "local.db")
    store.follow(Follow(1, 2, "edition", None, "en", "2025"))
    store.close()
    with closing(sqlite3.connect(tmp_path / "local.db")) as raw:
        raw.execute("alter table follow add column colour text")
        raw.commit()
    again = LocalStore(tmp_path / "local.db")
    assert again.follows() == [Follow(1, 2, "edition", None, "en", "2025")]
    again.close()


def test_a_disk_without_locks_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    LocalStore(tmp_path / "local.db").close()


# -- under the running bot ---------------------------------------------------------------------------


def test_what_sqlite_takes_from_the_log_into_the_file_is_no_alarm(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    store = LocalStore(path)
    store.db.execute("pragma wal_autocheckpoint = 1").fetchall()
    before = path.stat().st_mtime_ns
    for n in range(20):
        store.put(str(n), "1")
        time.sleep(0.005)
    with closing(sqlite3.connect(path)) as other, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        other.backup(copy)
    store.put("after", "1")
    assert path.stat().st_mtime_ns > before
    store.close()


def test_what_is_kept_while_the_file_goes_is_not_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    store = LocalStore(path)
    with pytest.raises(sqlite3.OperationalError), store.writing():
        path.unlink()
    with pytest.raises(sqlite3.OperationalError):
        store.put("a", "2")
    store.close()


Ill = Callable[[LocalStore, Path], object]


def held(_: LocalStore, path: Path) -> object:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    return other


def pragma(*lines: str) -> Ill:
    return lambda store, _: [store.db.execute(f"pragma {line}").fetchall() for line in lines]


def damaged(store: LocalStore, path: Path) -> None:
    """As a failing disk does it: the file tells of no change."""
    before = path.stat()
    pragma("wal_checkpoint(truncate)", "shrink_memory")(store, path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"a letter" * 4096)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


REFUSALS: dict[str, tuple[Ill, str, str]] = {
    "held": (held, "busy", "is held by another program. End that program."),
    "full": (pragma("max_page_count = 1"), "not-kept", "is full, so nothing is kept. Make room on it."),
    "read-only": (pragma("query_only = 1"), "not-kept", "cannot be written (attempt to write a readonly database)"),
    "damaged": (damaged, "not-kept", "is damaged (database disk image is malformed). Stop the bot and put a copy"),
    "deleted": (lambda _, path: path.unlink(), "not-kept", "was deleted or replaced while the bot ran"),
    "replaced": (
        lambda _, path: Path(shutil.copy(path, path.parent / "new")).replace(path),
        "not-kept",
        "was deleted or",
    ),
    "written over": (
        lambda _, path: path.write_bytes(path.read_bytes()),
        "not-kept",
        "or another program wrote into it",
    ),
    "its log deleted": (lambda _, path: Path(f"{path}-wal").unlink(), "not-kept", "or another program wrote into it"),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_who_asks_and_who_runs_it_are_told(
    facts: Facts, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("data.local.LOCKED", 0.1)
    path = tmp_path / "local.db"
    ill, code, told = REFUSALS[what]
    store = LocalStore(path)
    ledger = Ledger(facts, store)
    await ledger.locally(lambda local: local.put("before", "1"))
    kept = ill(store, path)
    with pytest.raises(Problem) as problem:
        await ledger.locally(lambda local: local.put("after", "x" * 100_000))
    assert problem.value.code == code
    [record] = caplog.records
    assert told in record.getMessage()
    assert record.exc_info is None, "a sentence and no trace"
    if isinstance(kept, sqlite3.Connection):
        kept.close()
        await ledger.locally(lambda local: local.put("after", "2"))
    await ledger.close()


@pytest.mark.parametrize(("free", "told"), [(0, "is full, so nothing is kept"), (10**9, "does not read or write")])
def test_a_start_on_a_full_disk_says_that_it_is_full(
    tmp_path: Path, free: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where SQLite cannot make its files, it speaks of an error of the disk."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert told in why(tmp_path / "local.db", error)


async def test_of_many_who_wait_for_a_held_file_all_hear_of_it_in_time(facts: Facts, tmp_path: Path) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    other = held(ledger.local, tmp_path / "local.db")
    begun = time.monotonic()
    told = await asyncio.gather(
        *(ledger.locally(lambda local: local.put("a", "1")) for _ in range(8)), return_exceptions=True
    )
    assert [one.code for one in told if isinstance(one, Problem)] == ["busy"] * 8
    assert time.monotonic() - begun < 2.3, "Discord waits for three seconds"
    assert isinstance(other, sqlite3.Connection)
    other.close()
    await ledger.locally(lambda local: local.put("a", "1"))
    await ledger.close()


# -- faults ------------------------------------------------------------------------------------------


async def test_a_fault_is_kept_without_its_words(facts: Facts, tmp_path: Path) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    try:
        raise ValueError("what mia typed")
    except ValueError as error:
        await ledger.note_fault("F-abc123", "/gap", error)
    count, [fault] = faults_of(tmp_path / "local.db")
    assert (count, fault.code, fault.where, fault.kind) == (1, "F-abc123", "/gap", "ValueError")
    assert fault.place.startswith("test_local.py:")
    await ledger.close()
    assert b"typed" not in (tmp_path / "local.db").read_bytes()
    await ledger.note_fault("F-abc124", "/gap", ValueError())  # the bot ends: no fault of a fault


async def test_a_fault_inside_a_library_names_our_line(facts: Facts, tmp_path: Path) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    with pytest.raises(UnknownLocaleError) as raised:
        Words("xx", NullTranslations(), False).date(PartialDate("2026-07-10"))  # type: ignore[arg-type]
    assert "babel" in str(raised.traceback[-1].path)
    await ledger.note_fault("F-abc123", "/gap", raised.value)
    await ledger.close()
    _, [fault] = faults_of(tmp_path / "local.db")
    assert fault.place.startswith("bot/drawing/"), fault


async def test_who_asks_while_the_bot_ends_is_told_and_the_log_says_nothing_untrue(
    facts: Facts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    before = asyncio.create_task(ledger.locally(lambda local: local.put("a", "1")))
    await asyncio.sleep(0)
    ending = asyncio.create_task(ledger.close())
    for _ in range(4):  # as it begins, and when it has ended
        await asyncio.sleep(0.01)
        with pytest.raises(Problem, match="busy"):
            await ledger.locally(lambda local: local.put("b", "1"))
    await asyncio.gather(before, ending)
    await ledger.close()  # again: nothing is left to do
    assert not caplog.records
    with closing(sqlite3.connect(tmp_path / "local.db")) as raw:
        assert raw.execute("select key from state").fetchall() == [("a",)]


async def test_the_operator_reads_how_many_faults_there_were_and_the_last(
    facts: Facts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    for n in range(7):
        await ledger.note_fault(f"F-00000{n}", "/gap", ValueError())
    for running in (True, False):
        if not running:
            await ledger.close()
        assert check({"LEDGER_FOLDER": str(tmp_path), "DISCORD_TOKEN": "a"}) == 0
        said = capsys.readouterr().out
        assert "Faults of the program so far: 7" in said
        assert [line.split()[1] for line in said.splitlines() if "ValueError" in line] == [
            f"F-00000{n}" for n in (6, 5, 4, 3, 2)
        ]
        assert ("A bot runs on the folder" in said) is running


def test_faults_are_counted_and_the_last_kept(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    assert faults_of(path) == (0, [])
    store = LocalStore(path)
    for n in range(FAULTS + 20):
        store.note_fault(Fault(f"F-{n}", "2026-11-25T10:00:00+00:00", "/gap", "ValueError", "gap.py:7"))
    count, last = faults_of(path, FAULTS + 20)
    assert (count, len(last), last[0].code) == (FAULTS + 20, FAULTS, f"F-{FAULTS + 19}")
    store.close()
