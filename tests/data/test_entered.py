"""What is entered over a snapshot is what the build would have made of the same rows."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bot.drawing.document import document
from bot.drawing.words import words
from data import seeds
from data.build import build
from data.entered import row_of, with_entries
from data.seeds import FOLDER
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.corrections import Entry, EntryMade, Value
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.questions import ask
from tests.data.test_next_edition import ASKED, add_next_edition

DAY = PartialDate("2027-07-11")


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(FOLDER, tmp_path_factory.getbasetemp() / "entered" / "seed"))
    add_next_edition(folder)
    return folder


@pytest.fixture(scope="module")
def built(seed: Path) -> Facts:
    return build(seed.parent / "facts.db", seed)


@pytest.fixture(scope="module")
def entered(seed: Path, built: Facts, facts: Facts) -> Facts:
    edition = next(row for row in seeds.rows("editions.csv", seeds.EditionRow, seed) if row.id == built.newest.id)
    entry = EntryMade(row_of("edition", edition.model_dump()), DAY, 1, server=False)
    printed = {
        (*key, year): Value(value, row.marks.get(year, ""))
        for key, row in built.series.items()
        if key[0] == built.newest.id
        for year, value in row.values.items()
    }
    entries: dict[Entry, EntryMade] = {("edition", edition.id): entry}
    for key, row in built.series.items():
        if key[0] == built.newest.id and row.currency:
            columns = dict(zip(("edition", "measure", "member", "currency"), (*key, row.currency), strict=True))
            entries["series", "/".join(key)] = EntryMade(row_of("series", columns), DAY, 1, server=False)
    return with_entries(facts, entries, printed)


def test_an_edition_is_covered_as_the_build_would_say(built: Facts, entered: Facts) -> None:
    ours = {key: rows for key, rows in built.coverage.items() if key[0] == built.newest.id}
    assert {key: rows for key, rows in entered.coverage.items() if key[0] == built.newest.id} == ours


def test_breaks_that_go_on_reach_it(built: Facts, entered: Facts) -> None:
    of = {one.id: set(one.editions) for one in built.breaks}
    assert {one.id: set(one.editions) for one in entered.breaks} == of


@pytest.mark.parametrize("asked", ASKED)
def test_answers_are_those_of_the_build_and_say_that_it_was_entered(built: Facts, entered: Facts, asked: str) -> None:
    drawn = words()
    ours, theirs = (document(ask(facts, read(asked)), drawn) for facts in (entered, built))
    assert ours.headline == theirs.headline
    assert ours.rows == theirs.rows
    assert ours.table == theirs.table
    note = "Entered here on 11 July 2027 by hand"
    assert [one for one in ours.notes if not one.startswith(note)] == list(theirs.notes)
    cites = any(source.title == "Tables of a trial, to 2027" for source in theirs.sources)
    assert any(one.startswith(note) for one in ours.notes) == cites


def test_a_year_without_a_column_is_not_held_and_was_not_left_blank(facts: Facts) -> None:
    members = [m for m in facts.members.values() if m.armed_forces]
    printed = {("2027", "share", m.code, year): Value(Decimal(2)) for m in members for year in (2014, 2015, 2020, 2027)}
    columns = {
        "id": "2027", "name": "2027 edition", "tables": "yes", "first": 2014, "last": 2027, "title": "Tables",
        "publisher": "NATO", "published": "2027-07-10", "cut_off": "", "price_base": "2021", "decimals": 2,
        "definition": "core defence expenditure", "held": "some years", "address": "https://www.nato.int/x",
        "said_by": "nato", "read": "excerpt",
    }  # fmt: skip
    made = EntryMade(row_of("edition", columns), DAY, 1, server=False)
    found = with_entries(facts, {("edition", "2027"): made}, printed)
    held = [(row.first, row.last, row.held) for row in found.coverage["2027", "share"]]
    assert held == [
        (2014, 2015, "whole"), (2016, 2019, "part"), (2020, 2020, "whole"), (2021, 2026, "part"), (2027, 2027, "whole")
    ]  # fmt: skip
    with pytest.raises(Problem) as refused:
        ask(found, read("gap germany 2018 edition:2027"))
    assert refused.value.code == "not-held"
    notes = [words()(note) for note in ask(found, read("spending germany since 2014 edition:2027")).notes]
    assert not [note for note in notes if "blank" in note]
