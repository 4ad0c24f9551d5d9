"""Seed tables → store: the same every time, strict, and never replaced by a broken one."""

from __future__ import annotations

import csv
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from data.build import build
from data.local import LocalStore, migrations
from data.seeds import FOLDER, SeedError
from data.store import StoreError, load
from knowledge.following import Follow

Spoil = Callable[[Path], None]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "facts.db"
    build(path)
    return path


def tables(db: sqlite3.Connection) -> list[str]:
    found = db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
    return [name for (name,) in found]


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        return {
            name: db.execute(f"select * from [{name}] order by rowid").fetchall()
            for name in tables(db)
            if name != "_sqlite_migrations"
        }


# -- the store ---------------------------------------------------------------------------------------


def test_two_builds_give_the_same_store(store: Path, tmp_path: Path) -> None:
    build(tmp_path / "again" / "facts.db")
    first, second = content(store), content(tmp_path / "again" / "facts.db")
    assert first == second
    assert len(first) > 15
    assert all(rows for rows in first.values())


def test_the_store_in_use_is_built_from_these_seeds(store: Path) -> None:
    assert load().version == load(store).version


def test_every_table_is_strict(store: Path) -> None:
    with closing(sqlite3.connect(store)) as db:
        strict = {row[1]: row[5] for row in db.execute("pragma table_list") if row[2] == "table"}
        ours = [name for name in tables(db) if name != "_sqlite_migrations"]
    assert ours
    assert [name for name in ours if not strict[name]] == []


def test_foreign_keys_hold(store: Path, tmp_path: Path) -> None:
    copy = shutil.copy(store, tmp_path / "copy.db")
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("pragma foreign_key_check").fetchall() == []
        db.execute("pragma foreign_keys = on")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            db.execute("update series set edition = '1999'")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            db.execute("update rule_source set source = 'nowhere'")


# -- broken seeds ------------------------------------------------------------------------------------


def table_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def cell(name: str, line: int, column: str, value: str) -> Spoil:
    """One cell changed; `line` as an editor counts it."""

    def spoil(folder: Path) -> None:
        rows = table_of(folder / name)
        rows[line - 1][rows[0].index(column)] = value
        write(folder / name, rows)

    return spoil


def column_added(name: str, column: str) -> Spoil:
    def spoil(folder: Path) -> None:
        rows = table_of(folder / name)
        write(folder / name, [[*row, "x" if n else column] for n, row in enumerate(rows)])

    return spoil


def column_dropped(name: str, column: str) -> Spoil:
    def spoil(folder: Path) -> None:
        rows = table_of(folder / name)
        gone = rows[0].index(column)
        write(folder / name, [row[:gone] + row[gone + 1 :] for row in rows])

    return spoil


def short_row(name: str, line: int) -> Spoil:
    def spoil(folder: Path) -> None:
        rows = table_of(folder / name)
        rows[line - 1].pop()
        write(folder / name, rows)

    return spoil


def row_added(name: str, *cells: str) -> Spoil:
    def spoil(folder: Path) -> None:
        write(folder / name, [*table_of(folder / name), list(cells)])

    return spoil


def rule_line(key: str) -> Spoil:
    """A line added to the first rule."""

    def spoil(folder: Path) -> None:
        text = (folder / "rules.toml").read_text(encoding="utf-8")
        (folder / "rules.toml").write_text(text.replace("[[rule]]\n", f"[[rule]]\n{key}\n", 1), encoding="utf-8")

    return spoil


BROKEN: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "a figure that is no number": (
        cell("figures/2026.csv", 3, "2019", "1.x"),
        ("figures/2026.csv", "line 3", "column 2019", "'1.x' is not a plain decimal number"),
    ),
    "a heading that is no year": (
        column_added("figures/2026.csv", "20155"),
        ("figures/2026.csv", "line 1", "column 20155", "neither a year"),
    ),
    "a key column gone": (
        column_dropped("figures/2026.csv", "obtained"),
        ("figures/2026.csv", "line 1", "no column obtained"),
    ),
    "an unknown member": (
        cell("figures/2026.csv", 2, "member", "XYZ"),
        ("figures/2026.csv", "column member", "'XYZ' is neither a member nor a total"),
    ),
    "an unknown column": (
        column_added("members.csv", "shoe_size"),
        ("members.csv", "line 2", "column shoe_size", "not permitted"),
    ),
    "a missing column": (
        column_dropped("members.csv", "capital"),
        ("members.csv", "line 2", "column capital", "required"),
    ),
    "a row too short": (short_row("members.csv", 4), ("members.csv", "line 4", "not as many columns")),
    "an unknown key of a rule": (rule_line('colour = "red"'), ("rules.toml", "line", "column colour", "not permitted")),
    "a rule file that is no TOML": (rule_line("colour = "), ("rules.toml", "line")),
    "a date that is none": (
        cell("summits.csv", 2, "start", "2025-13-01"),
        ("summits.csv", "line 2", "column start", "2025-13-01"),
    ),
    "a date written another way": (
        cell("sources.csv", 2, "published", "1 May 2025"),
        ("sources.csv", "line 2", "column published", "YYYY-MM-DD"),
    ),
    "a source nobody saw": (cell("sources.csv", 2, "grade", "R"), ("sources.csv", "line 2", "column grade", "'R'")),
    "a source that does not exist": (cell("summits.csv", 2, "source", "nowhere"), ("summit", "FOREIGN KEY")),
    "an exception that explains nothing": (
        row_added("exceptions.csv", "share", "2026", "DEU", "2026", "a reason that is long enough"),
        ("exceptions.csv explains nothing", "share, 2026, DEU, 2026"),
    ),
    "a group that left somebody out": (
        cell("groups.csv", 3, "members", "BEL|BGR"),
        ("groups.csv: eu and members.csv disagree on", "DEU", "POL"),
    ),
    "a founding member that was none": (
        cell("groups.csv", 7, "members", "BEL|CAN|DNK|FRA|GBR|ISL|ITA|LUX|NLD|NOR|PRT|TUR|USA"),
        ("groups.csv: founding and members.csv disagree on TUR",),
    ),
    "a group with a stranger": (
        cell("groups.csv", 4, "members", "EST|LTU|LVA|UKR"),
        ("groups.csv", "baltic names UKR", "no member"),
    ),
    "a distinction from no term": (
        cell("distinctions.csv", 2, "b", "nothing"),
        ("distinctions.csv: 'nothing' is no id of definitions.csv",),
    ),
    "a distinction that stands there twice": (
        row_added("distinctions.csv", "defence-expenditure", "common-funding", "The other way round.", ""),
        ("distinctions.csv: defence-expenditure and common-funding stand there twice",),
    ),
    "a slip of a digit": (cell("figures/2026.csv", 2, "2019", "9.27"), ("2026 edition, ALB 2019", "9.27")),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_seed_stops_the_build(store: Path, tmp_path: Path, what: str) -> None:
    spoil, parts = BROKEN[what]
    seeds, path = tmp_path / "seed", tmp_path / "facts.db"
    shutil.copytree(FOLDER, seeds)
    shutil.copy(store, path)
    before = path.read_bytes()
    spoil(seeds)
    with pytest.raises(SeedError) as error:
        build(path, seeds)
    for part in parts:
        assert part in str(error.value)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["facts.db", "seed"]
    load(path)


def test_no_row_was_left_unseen() -> None:
    """Grade R marks what was reported and not seen; nothing of that grade may be held."""
    graded = 0
    for file in FOLDER.rglob("*.csv"):
        rows = table_of(file)
        for column in (n for n, name in enumerate(rows[0]) if name == "grade"):
            graded += len(rows) - 1
            assert [row for row in rows[1:] if row[column] == "R"] == [], file.name
    assert graded > 50
    assert 'grade = "R"' not in (FOLDER / "rules.toml").read_text(encoding="utf-8")


# -- reading -----------------------------------------------------------------------------------------


def test_a_missing_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="make store"):
        load(tmp_path / "facts.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [50, 100, 4096, 20_000, 0.5, 0.9, 0.99])
def test_a_truncated_store_says_what_to_do(store: Path, tmp_path: Path, kept: float) -> None:
    whole = store.read_bytes()
    cut = tmp_path / "facts.db"
    cut.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    with pytest.raises(StoreError, match="make store"):
        load(cut)


def test_a_file_that_is_no_store_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "facts.db"
    path.write_text("This is a letter, not a store. " * 400, encoding="utf-8")
    with pytest.raises(StoreError, match="make store"):
        load(path)


# -- local.db ----------------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
from data.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
for n in range(20):
    store.put("count", str(n))
    store.put(f"key{n}", "ä🇹🇷'; drop table state;--")
print("written", flush=True)
time.sleep(60)
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


def test_what_was_put_survives_a_killed_writer(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
        assert writer.wait(10) == -signal.SIGKILL
    store = LocalStore(path)
    assert store.get("count") == "19"
    assert [store.get(f"key{n}") for n in range(20)] == ["ä🇹🇷'; drop table state;--"] * 20
    store.close()


FOLLOWER = """
import sys, time
from pathlib import Path
from data.local import LocalStore
from knowledge.following import Follow
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
    store.forget_server(1)
    assert [f.server for f in store.follows()] == [9]
    store.close()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="LEDGER_FOLDER"):
        LocalStore(tmp_path / "file" / "local.db")
