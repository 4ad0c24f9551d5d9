"""A corrected cell shows in every answer that touches it, and the snapshot it corrects stays as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.drawing.document import document
from bot.drawing.words import words
from knowledge.asking.question import read
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
