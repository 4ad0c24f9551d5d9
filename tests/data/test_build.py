"""Seed tables → store: the same every time, strict, and never replaced by a broken one."""

from __future__ import annotations

import csv
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from data.build import build, seal
from data.seeds import FOLDER, SeedError
from data.store import UNHASHED, StoreError, load

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
        return {name: db.execute(f"select * from [{name}] order by rowid").fetchall() for name in tables(db)}


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
        ours = tables(db)
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


def row_dropped(name: str, *cells: str) -> Spoil:
    """The one row that begins with these cells taken out."""

    def spoil(folder: Path) -> None:
        rows = table_of(folder / name)
        kept = [row for row in rows if row[: len(cells)] != list(cells)]
        assert len(kept) == len(rows) - 1
        write(folder / name, kept)

    return spoil


def replaced(name: str, old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

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
        column_dropped("figures/2026.csv", "currency"),
        ("figures/2026.csv", "line 1", "no column currency"),
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
        column_dropped("members.csv", "currency"),
        ("members.csv", "line 2", "column currency", "required"),
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
    "a source nobody saw": (cell("sources.csv", 2, "read", "no"), ("sources.csv", "line 2", "column read", "'no'")),
    "a source said by nobody": (cell("sources.csv", 2, "said_by", ""), ("sources.csv", "line 2", "column said_by")),
    "a mirror": (
        cell("sources.csv", 2, "address", "https://albania.news-pravda.com/en/1606.html"),
        ("sources.csv", "is cited from news-pravda.com, which is refused: state propaganda network"),
    ),
    "a mirror as a publisher": (
        cell("sources.csv", 3, "publisher", "AP via www.daily8.com"),
        ("sources.csv", "is cited from daily8.com, which is refused"),
    ),
    "a propaganda outlet by its name": (
        cell("sources.csv", 4, "publisher", "Press TV (Tehran)"),
        ("sources.csv", "is cited from Press TV (Tehran), which is refused: Iranian state broadcaster"),
    ),
    "an edition at a mirror": (
        cell("editions.csv", 2, "address", "https://www.scribd.com/document/1"),
        ("editions.csv", "is cited from scribd.com, which is refused"),
    ),
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
    "figures whose coverage nobody told": (
        row_dropped("coverage.csv", "2026", "share"),
        ("coverage.csv: share of the 2026 edition has no row for 2014",),
    ),
    "figures of a year the coverage leaves out": (
        replaced("coverage.csv", "2025,spending_usd_constant,2014-2024", "2025,spending_usd_constant,2014-2023"),
        ("coverage.csv: spending_usd_constant of the 2025 edition has no row for 2024",),
    ),
    "a whole table without a member": (
        row_dropped("figures/2024.csv", "7", "personnel", "EST"),
        ("coverage.csv: personnel of the 2024 edition is whole for 2014-2024, and there is no row of EST.",),
    ),
    "a whole table without a year": (
        replaced("coverage.csv", "2025,spending_usd_constant,2014-2024", "2025,spending_usd_constant,"),
        ("spending_usd_constant of the 2025 edition is whole for 2014-2025, and nothing is held for 2025",),
    ),
    "a list of the press that calls itself whole": (
        replaced("coverage.csv", "2022,share,2022,part", "2022,share,2022,whole"),
        ("share of the June 2022 edition is whole for 2022, and there is no row of ALB, BEL",),
    ),
    "a table that is not printed, and held": (
        replaced("coverage.csv", "2024,personnel,,whole", "2024,personnel,,unprinted"),
        ("personnel of the 2024 edition is unprinted for 2014-2024, and figures of it are held",),
    ),
    "a row left out that is held": (
        replaced("coverage.csv", "2026,gdp_usd,,whole,ISL", "2026,gdp_usd,,whole,ISL|DEU"),
        ("gdp_usd of the 2026 edition leaves out DEU, and a row of it is held",),
    ),
    "a row left out that is of nobody": (
        replaced("coverage.csv", "2026,gdp_usd,,whole,ISL", "2026,gdp_usd,,whole,XYZ"),
        ("gdp_usd of the 2026 edition leaves out XYZ, which is neither a member nor a total",),
    ),
    "a year told twice": (
        row_added("coverage.csv", "2023", "share", "2014", "part", ""),
        ("Table coverage refused its rows",),
    ),
    "two spans that overlap": (
        row_added("coverage.csv", "2023", "share", "2022-2023", "part", ""),
        ("coverage.csv: share of the 2023 edition has two rows for 2022",),
    ),
    "a year the edition does not print": (
        row_added("coverage.csv", "2024", "real_change_since_2014", "2025", "part", ""),
        ("real_change_since_2014 of the 2024 edition has a row for 2025, and the edition prints 2014 to 2024",),
    ),
    "coverage of no edition": (
        row_added("coverage.csv", "1999", "share", "", "part", ""),
        ("coverage.csv, column edition: '1999' is no edition",),
    ),
    "a known total that does not come out": (
        replaced(
            "known.csv",
            "2026,total,spending_usd,NATO_TOTAL,2026,,1809915",
            "2026,total,spending_usd,NATO_TOTAL,2026,,1809916",
        ),
        ("2026 edition, NATO_TOTAL 2026: spending_usd is 1809915, NATO's release says 1809916",),
    ),
    "a known count that does not come out": (
        replaced("known.csv", "2023-03,count,share,,2022,2,7", "2023-03,count,share,,2022,2,8"),
        ("March 2023 edition, 2022: 7 print 2 or more, 8 are known",),
    ),
    "a known member that does not come out": (
        replaced("known.csv", "EST|GRC|LTU|LVA|POL", "DNK|EST|GRC|LTU|LVA|POL"),
        ("2026 edition, 2026: EST|GRC|LTU|LVA|POL print 3.5 or more, DNK|EST",),
    ),
    "a known total of no edition": (
        row_added("known.csv", "1999", "total", "share", "NATO_TOTAL", "1999", "", "2.00"),
        ("known.csv, column edition: '1999' is no edition",),
    ),
    "a break of no measure": (
        cell("breaks.csv", 3, "measures", "shares"),
        ("breaks.csv, column measures: france-2020 names shares",),
    ),
    "a break in no edition": (
        cell("breaks.csv", 3, "editions", "1999 on"),
        ("breaks.csv, column editions: france-2020 names 1999 on",),
    ),
    "a price base of editions that have another": (
        replaced("breaks.csv", ",2016|2017,", ",2016|2017|2019,"),
        ("breaks.csv: the editions of prices-2010 have different price bases",),
    ),
    "common funding that is neither a ceiling nor a share": (
        cell("common_funding.csv", 2, "share", ""),
        ("common_funding.csv, line 2", "either a ceiling, or the share of a member"),
    ),
    "a forecast from a data set that is not there": (
        replaced("forecast.toml", 'second = "ameco-2026-05"', 'second = "nowhere"'),
        ("Table forecast refused its rows",),
    ),
    "an unknown key of the forecast": (
        replaced("forecast.toml", "prices = 2026", "prices = 2026\ncolour = 1"),
        ("forecast.toml", "column colour", "not permitted"),
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


DAMAGED = {
    "no figures": "delete from figure",
    "a figure too few": "delete from figure where rowid = 77",
    "a value that is no number": "update figure set value = 'abc' where rowid = 7",
    "another value": "update figure set value = '9.99' where rowid = 7",
    "a row of another Ally": "update series set spender = 'FRA' where spender = 'DEU' and measure = 'gdp_usd'",
    "another level of a rule": "update rule_component set value = '9' where rule = 'wales'",
    "another forecast": "update outlook_value set value = '1' where rowid = 7",
    "another word": "update member set name = 'Germania' where code = 'DEU'",
    "no editions": "pragma foreign_keys = off; delete from edition",
    "no hash": "delete from meta where key = 'hash'",
    "an empty hash": "update meta set value = '' where key = 'hash'",
    "another hash": "update meta set value = 'abc' where key = 'hash'",
}
SEALED = ("no figures", "a value that is no number", "no editions")  # refused though the hash is theirs


def spoiled(store: Path, folder: Path, what: str) -> Path:
    path = folder / "facts.db"
    shutil.copy(store, path)
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(DAMAGED[what])
    return path


@pytest.mark.parametrize("what", DAMAGED)
def test_a_store_that_lost_something_is_refused(store: Path, tmp_path: Path, what: str) -> None:
    path = spoiled(store, tmp_path, what)
    with pytest.raises(StoreError, match="make store") as raised:
        load(path)
    assert "()" not in str(raised.value), "a reason is named"


@pytest.mark.parametrize("what", SEALED)
def test_a_store_that_was_built_wrong_is_refused_too(store: Path, tmp_path: Path, what: str) -> None:
    path = spoiled(store, tmp_path, what)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("update meta set value = ? where key = 'hash'", [UNHASHED])
        raw.commit()
    seal(path)
    with pytest.raises(StoreError, match="make store") as raised:
        load(path)
    assert "()" not in str(raised.value)
    assert "as it was built" not in str(raised.value)


def test_one_flipped_bit_anywhere_is_noticed(store: Path, tmp_path: Path) -> None:
    whole, path = store.read_bytes(), tmp_path / "facts.db"
    for place in random.Random(8).sample(range(len(whole)), 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(StoreError, match="make store"):
            load(path)
