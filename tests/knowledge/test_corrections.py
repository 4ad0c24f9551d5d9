"""A corrected cell shows in every answer that touches it, and the snapshot it corrects stays as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.drawing.document import document
from bot.drawing.words import words
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.corrections import Change, Value, change_in_words, value_in
from knowledge.facts import Cell, Facts
from knowledge.figure import Figure, Status
from knowledge.names import index_of
from knowledge.questions import ask
from tests.corrections import correction

TOUCHING = (
    "gap germany",
    "target germany 2026",
    "spending germany",
    "spending germany since 2014 measure:share",
    "rank share 2026",
    "rank gap 2026",
    "compare germany, france",
    "whatif germany 3.5 2032",
    "whatif germany",
    "pledges germany",
    "revisions germany 2026",
)


@pytest.fixture
def cell(facts: Facts) -> Cell:
    return facts.newest.id, "share", "DEU", facts.newest.last


@pytest.fixture
def corrected(facts: Facts, cell: Cell) -> Facts:
    return facts.corrected({cell: correction("3.60", "e")}, "corrected")


def leaves(figure: Figure) -> set[Decimal]:
    return {leaf.value for leaf in figure.closure() if leaf.name.startswith("share.DEU.")}


@pytest.mark.parametrize("asked", TOUCHING)
def test_it_shows_in_every_answer_that_touches_it(facts: Facts, corrected: Facts, asked: str) -> None:
    before, after = (document(ask(of, read(f"{asked}")), words()) for of in (facts, corrected))
    text = [after.headline, *(text for _, text in after.rows), *after.workings]
    assert any("3.60%" in line or "3.6%" in line for line in text)
    assert before != after
    answer = ask(corrected, read(asked))
    touched = [f for f in answer.figures if Decimal("3.60") in leaves(f)]
    assert touched
    assert all(figure.status >= Status.CORRECTED for figure in touched)
    assert answer.status >= Status.CORRECTED
    assert "correction-server-7" in {citation.source.key for citation in answer.citations}
    [note] = [note for note in after.notes if note.startswith("Corrected here on 3 November 2026")]
    assert "NATO printed 2.69%" in note
    assert "https://budget.example/act" in note


def test_the_old_snapshot_is_untouched(facts: Facts, corrected: Facts, cell: Cell) -> None:
    edition, measure, code, year = cell
    for asked in TOUCHING:
        ask(corrected, read(asked))
    was = facts.figure(facts.editions[edition], measure, facts.members[code], year)
    now = corrected.figure(corrected.editions[edition], measure, corrected.members[code], year)
    assert was is not None
    assert now is not None
    assert (was.status, now.status) == (Status.ESTIMATE, Status.CORRECTED)
    assert was.value != now.value == Decimal("3.60")
    assert facts.version != corrected.version


def test_what_is_unchanged_is_shared(facts: Facts, corrected: Facts, cell: Cell) -> None:
    assert corrected.members is facts.members
    assert index_of(corrected) is index_of(facts)
    others = [key for key in facts.series if key != cell[:3]]
    assert all(corrected.series[key] is facts.series[key] for key in others)
    again = corrected.corrected({cell: correction("3.70")}, "again")
    assert again.built is facts  # a chain of corrections keeps no snapshot in between


def test_a_blank_can_be_filled(facts: Facts) -> None:
    blank = ("2025", "share", "DEU", 2025)
    assert blank[3] not in facts.series[blank[:3]].values
    filled = facts.corrected({blank: correction("2.4")}, "filled")
    figure = filled.figure(filled.editions["2025"], "share", filled.members["DEU"], 2025)
    assert figure is not None
    assert (figure.value, figure.status) == (Decimal("2.4"), Status.CORRECTED)
    assert list(filled.series[blank[:3]].values) == sorted(filled.series[blank[:3]].values)


def test_a_cell_that_was_taken_out_is_no_blank_of_natos(facts: Facts, cell: Cell) -> None:
    without = facts.corrected({cell: correction(None)}, "without")
    with pytest.raises(Problem) as refused:
        ask(without, read("spending germany 2026 measure:share edition:2026"))
    told = words()(refused.value.sentence)
    assert "was taken out here on 3 November 2026" in told
    assert "NATO left" not in told
    assert "taken out here" in str(document(ask(without, read("rank share 2026")), words()))


@pytest.mark.parametrize(
    "asked",
    ["gap slovenia", "spending slovenia", "compare slovenia, spain", "gap slovenia since 2014", "target slovenia",
     "gap slovenia 2026", "spending slovenia 2026", "gap slovenia 1 november 2026"],
)  # fmt: skip
def test_what_was_taken_out_is_said_wherever_it_is_missed(facts: Facts, asked: str) -> None:
    without = facts.corrected({("2026", "share", "SVN", 2026): correction(None)}, "without")
    try:
        told = str(document(ask(without, read(asked)), words()))
    except Problem as problem:
        told = words()(problem.sentence)
    assert "was taken out here on 3 November 2026" in told
    assert "not held here for Slovenia" not in told
    assert "blank" not in told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("gap germany", "By a correction made here Germany spends 3.60% of GDP on core defence in 2026"),
        ("spending germany since 2014 measure:share", "Germany: share of GDP is"),
        ("rank share 2026", "corrected here, 2026 edition"),
        ("pledges germany", "for 2026 3.60% is corrected here"),
    ],
)
def test_no_sentence_calls_it_natos(corrected: Facts, asked: str, told: str) -> None:
    headline = document(ask(corrected, read(asked)), words()).headline
    assert told in headline
    assert "NATO's estimate" not in headline


def test_a_corrected_share_is_not_explained_as_natos(facts: Facts) -> None:
    """That NATO's shares are of real GDP is why its amounts give another one; a correction has a reason of its own."""
    told, dutch = "spending over GDP in current prices is", ("2026", "share", "NLD", 2026)
    assert told in str(document(ask(facts, read("gap netherlands")), words()))
    assert told not in str(
        document(ask(facts.corrected({dutch: correction("2.01")}, "it"), read("gap netherlands")), words())
    )


def test_money_goes_with_a_corrected_share(facts: Facts) -> None:
    """Slovenia's GDP is US$ 86,525 m: at 2.01% it lacks 1.49% of that, not what NATO's amount of spending lacks."""
    slovenia = facts.corrected({("2026", "share", "SVN", 2026): correction("2.01", "e")}, "slovenia")
    by_name = {figure.name: figure.value for figure in ask(slovenia, read("gap slovenia")).figures}
    assert by_name["gap.hague.usd"] == Decimal("86525000000") * Decimal("0.0149")


def test_the_published_value_outlives_a_second_correction(facts: Facts, cell: Cell) -> None:
    twice = facts.corrected({cell: correction("3.60")}, "once").corrected({cell: correction("3.70", "", 8)}, "twice")
    [note] = [n for n in document(ask(twice, read("gap germany")), words()).notes if n.startswith("Corrected here")]
    assert "3.70%" in note
    assert "NATO printed 2.69%" in note


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (("2025", "spending_usd", "DEU", 2025), "not held here → US$"),
        (("report-2025", "share", "HUN", 2025), "not held here → 90,000.0%"),
        (("2025", "share", "DEU", 2025), "blank → 90,000.00%"),
    ],
)
def test_what_is_not_held_was_not_blank(facts: Facts, key: Cell, told: str) -> None:
    change = Change(key, None, Value(Decimal(90000)), value_in(facts, key))
    assert told in words()(change_in_words(facts, change))


@pytest.mark.parametrize(
    "asked",
    ["spending slovenia 2026 share", "compare slovenia, spain", "whatif slovenia 3.5", "target slovenia hague",
     "spending sweden 2026 dollars", "spending nordic", "compare sweden, norway spending"],
)  # fmt: skip
def test_a_corrected_figure_stands_on_no_estimate_of_natos(facts: Facts, asked: str) -> None:
    corrections = {
        ("2026", "share", "SVN", 2026): correction("2.01"), ("2026", "spending_usd", "SWE", 2026): correction("20000")
    }  # fmt: skip
    told = document(ask(facts.corrected(corrections, "test"), read(asked)), words())
    text = str((told.headline, told.rows))
    assert "corrected here" in text
    assert "(estimate, 2026 edition" not in text
