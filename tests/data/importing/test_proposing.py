"""What a table that was read would change: a whole edition as the build would have it, or figures of one that is held."""

from __future__ import annotations

from decimal import Decimal

import pytest

from data.entered import with_entries
from data.importing.limits import Refused
from data.importing.naming import names_of
from data.importing.proposing import Announced, Proposed, proposed, proposed_edition
from data.importing.reading import read
from data.importing.recognising import recognise
from knowledge.corrections import EVERYWHERE, Change, Trial, Value, fold
from knowledge.facts import Facts
from tests.data.importing import tables
from tests.data.importing.test_natos_workbooks import FOLDER, WORKBOOKS, needs_workbooks

ADDRESS = "https://www.nato.int/tables-2027.xlsx"


def trial(year: int) -> Announced:
    return Announced(str(year), "2026-11-02", ADDRESS)


def later(facts: Facts, found: Proposed) -> Facts:
    stands = fold([Trial(EVERYWHERE, found.changes, "2026-11-25")])
    return with_entries(facts, stands.entries, stands.printed)


def of_table(facts: Facts, data: bytes, announced: Announced | None = None) -> Proposed:
    found = recognise(read(data), names_of(facts))
    return proposed_edition(facts, found, announced) if announced is not None else proposed(facts, found)


def test_a_whole_edition_comes_in_cell_by_cell(facts: Facts) -> None:
    newest, year = facts.newest, facts.newest.last + 1
    found = of_table(facts, tables.nato(facts, newest.id, years_more=1), trial(year))
    assert found.comparison.refused is None
    after = later(facts, found)
    assert after.newest.id == str(year)
    assert (after.newest.first, after.newest.last, after.newest.price_base) == (2014, year, newest.price_base)
    assert after.newest.definition == newest.definition
    printed = {key[1:] for key in facts.series if key[0] == newest.id}
    assert {key[1:] for key in after.series if key[0] == str(year)} == printed
    for measure, spender in printed:
        then, now = (after.series[edition, measure, spender] for edition in (newest.id, str(year)))
        more = {year: then.values[newest.last]} if newest.last in then.values else {}
        assert now.currency == then.currency
        assert now.values == {**then.values, **more}, (measure, spender)
        assert {y for y, mark in now.marks.items() if mark == "e"} >= set(more)
    for (edition, measure), rows in facts.coverage.items():
        if edition == newest.id:
            [row] = after.coverage[str(year), measure]
            assert (row.held, row.last) == (rows[0].held, year)


@needs_workbooks
@pytest.mark.parametrize("name", WORKBOOKS)
def test_natos_workbooks_come_in_as_they_are_held(facts: Facts, name: str) -> None:
    """Under another id, beside the edition that the build has of them."""
    edition = facts.editions[WORKBOOKS[name][0]]
    announced = Announced("again", edition.published.text, edition.source.address)
    after = later(facts, of_table(facts, (FOLDER / name).read_bytes(), announced))
    for key, row in facts.series.items():
        if key[0] == edition.id:
            again = after.series["again", *key[1:]]
            assert (again.currency, again.marks) == (row.currency, row.marks)
            assert again.values.keys() == row.values.keys()
            assert all(abs(again.values[y] - v) <= Decimal("2e-8") for y, v in row.values.items())
    assert after.editions["again"].definition == edition.definition
    assert after.editions["again"].price_base == edition.price_base


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Announced("Neu 2027", "2026-11-02", ADDRESS), "“Neu 2027” is no id of an edition."),
        (Announced("2026", "2026-11-02", ADDRESS), "The 2026 edition is held already."),
        (Announced("2027", "July", ADDRESS), "“July” is no day. Write it as 2027-07-10."),
        (Announced("2027", "2999-01-01", ADDRESS), "“2999-01-01” is still to come"),
        (Announced("2027", "2026-11-02", "nato.int"), "“nato.int” is no web address."),
        (Announced("2027", "2026-11-02", ADDRESS, price_base="2015"), "constant prices are (2015, 2021)"),
    ],
)
def test_what_is_said_of_it_wrongly(facts: Facts, said: Announced, told: str) -> None:
    with pytest.raises(Refused) as refused:
        of_table(facts, tables.nato(facts, "2026", years_more=1), said)
    assert refused.value.code == "bad-edition"
    assert told in refused.value.sentence


def test_constant_prices_of_a_year_that_nothing_says(facts: Facts) -> None:
    with pytest.raises(Refused, match="Say it with --prices"):
        of_table(facts, tables.wide_floats(facts), trial(2027))


def test_one_figure_of_a_held_edition(facts: Facts) -> None:
    def restated(measure: str, code: str, year: int, number: Decimal) -> Decimal:
        return number + 1 if (measure, code, year) == ("share", "SVN", 2026) else number

    found = of_table(facts, tables.nato(facts, "2026", change=restated))
    cell = ("2026", "share", "SVN", 2026)
    then = facts.series[cell[:3]].values[2026]
    assert found.changes == (Change(cell, None, Value(then + 1, "e"), Value(then, "e")),)
    after = later(facts, of_table(facts, tables.nato(facts, "2026", years_more=1), trial(2027)))
    assert after.series["2027", "share", "SVN"].values[2026] == then


@pytest.mark.parametrize("made", [tables.wide_floats, tables.french, tables.dollars, tables.classroom, tables.turned])
def test_what_is_held_or_refused_changes_nothing(facts: Facts, made: object) -> None:
    assert callable(made)
    assert of_table(facts, made(facts)).changes == ()
