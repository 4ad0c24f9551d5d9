"""What other published figures make of a correction: by what lay beneath it, what lies there now, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product

import pytest
from msgspec.structs import replace

from data.log import Revision
from knowledge.corrections import (
    EVERYWHERE,
    Change,
    Outcome,
    Row,
    Stated,
    Value,
    fold,
    lay_beneath,
    layered,
    met,
    outcome_of,
    upgrade_in_words,
    value_in,
)
from knowledge.facts import Cell, Facts
from tests.upgrades import republished

SVN: Cell = ("2026", "share", "SVN", 2026)
HERE = "77"
A, B, C = (Value(Decimal(number), "e") for number in ("1.61", "2.01", "1.75"))
UNMARKED, BLANK, NO_ROW = Value(Decimal("2.01")), Value(None), None
KEPT, RETIRED, ASIDE, GONE = Outcome.KEPT, Outcome.RETIRED, Outcome.SET_ASIDE, Outcome.GONE

OUTCOMES: list[tuple[Value | None, Value | None, Value, Outcome]] = [  # then, now (None: no such row), corrected
    (A, A, B, KEPT),
    (A, B, B, RETIRED),
    (A, C, B, ASIDE),
    (A, UNMARKED, B, ASIDE),  # the same number with another mark is another value
    (A, Value(Decimal("2.010"), "e"), B, RETIRED),  # zeros behind say nothing
    (A, BLANK, B, ASIDE),
    (A, NO_ROW, B, ASIDE),
    (A, A, BLANK, KEPT),
    (A, BLANK, BLANK, RETIRED),
    (A, C, BLANK, ASIDE),
    (A, NO_ROW, BLANK, ASIDE),
    (BLANK, BLANK, B, KEPT),
    (BLANK, B, B, RETIRED),
    (BLANK, C, B, ASIDE),
    (BLANK, NO_ROW, B, ASIDE),
    (NO_ROW, NO_ROW, B, KEPT),  # a row that was begun here
    (NO_ROW, B, B, RETIRED),
    (NO_ROW, A, B, ASIDE),
    (NO_ROW, BLANK, BLANK, RETIRED),
]


@pytest.mark.parametrize(("then", "now", "corrected", "outcome"), OUTCOMES)
def test_what_becomes_of_it(then: Value | None, now: Value | None, corrected: Value, outcome: Outcome) -> None:
    assert outcome_of(then, now, corrected) is outcome
    assert outcome_of(then, now, corrected, placed=False) is GONE


class Written:
    """A log in the making: each change as a reader of its scope saw the cell."""

    def __init__(self, published: Value | None) -> None:
        self.published, self.revisions = published, list[Revision]()

    def seen(self, scope: str, *, without: bool = False) -> Value | None:
        everywhere, own = self.live(EVERYWHERE), self.live(scope)
        if scope == EVERYWHERE:
            return self.published if without or own is None else own
        below = everywhere if everywhere is not None else self.published
        return below if without or own is None else own

    def live(self, scope: str) -> Value | None:
        found = fold(one for one in self.revisions if one.scope == scope).get(SVN)
        assert not isinstance(found, Row)
        return found

    def change(self, scope: str, new: Value | None, kind: str = "correct", seen: Stated | None = None) -> None:
        seen = seen if kind == "upgrade" else self.seen(scope)
        change = Change(SVN, self.live(scope), new, seen)
        n, position = len([one for one in self.revisions if one.scope == scope]) + 1, len(self.revisions) + 1
        self.revisions.append(
            Revision(scope, n, "2026-11-03T14:02:00+00:00", "x", "y", kind, (change,), "", "", "v", position=position)
        )

    def publish(self, facts: Facts, now: Value | None) -> dict[str, Outcome]:
        self.published = now
        found = met(republished(facts, "next", {SVN: now}), self.revisions)
        for scope, [one] in found.items():
            assert one.change.old == self.live(scope)
            self.change(scope, None, "upgrade", one.change.seen)
        return {scope: one.outcome for scope, [one] in found.items()}


# What was corrected, oldest first, where NATO printed A; what NATO prints then; what becomes of it, and what is left.
HISTORIES: list[tuple[Sequence[tuple[str, Value | None]], Value | None, dict[str, Outcome]]] = [
    ([(HERE, B)], A, {}),
    ([(HERE, B)], B, {HERE: RETIRED}),
    ([(HERE, B)], C, {HERE: ASIDE}),
    ([(HERE, B)], NO_ROW, {HERE: ASIDE}),
    # changed later: what lay beneath is what it began over
    ([(HERE, C), (HERE, B)], A, {}),
    ([(HERE, C), (HERE, B)], B, {HERE: RETIRED}),
    ([(HERE, C), (HERE, B)], C, {HERE: ASIDE}),
    ([(HERE, BLANK), (HERE, B)], BLANK, {HERE: ASIDE}),
    # taken back, and begun anew
    ([(HERE, B), (HERE, None)], C, {}),
    ([(HERE, C), (HERE, None), (HERE, B)], A, {}),
    ([(HERE, C), (HERE, None), (HERE, B)], C, {HERE: ASIDE}),
    # a server's over one for every server
    ([(EVERYWHERE, C), (HERE, B)], A, {}),
    ([(EVERYWHERE, C), (HERE, B)], C, {EVERYWHERE: RETIRED}),  # the server's readers find C beneath, as before
    ([(EVERYWHERE, C), (HERE, B)], B, {EVERYWHERE: ASIDE, HERE: RETIRED}),
    ([(EVERYWHERE, C), (HERE, B)], UNMARKED, {EVERYWHERE: ASIDE, HERE: ASIDE}),
    ([(EVERYWHERE, C), (HERE, B)], NO_ROW, {EVERYWHERE: ASIDE, HERE: ASIDE}),
    # one for every server that came, changed or went after the server's: the server's lies above, and stays
    ([(HERE, B), (EVERYWHERE, C)], A, {}),
    ([(HERE, B), (EVERYWHERE, C)], C, {EVERYWHERE: RETIRED}),
    ([(HERE, B), (EVERYWHERE, B)], B, {EVERYWHERE: RETIRED, HERE: RETIRED}),
    ([(HERE, B), (EVERYWHERE, B)], A, {HERE: RETIRED}),  # what every server sees says the same
    ([(EVERYWHERE, C), (HERE, B), (EVERYWHERE, None)], A, {}),
    ([(EVERYWHERE, C), (HERE, B), (EVERYWHERE, None)], C, {HERE: ASIDE}),
    ([(EVERYWHERE, C), (HERE, B), (EVERYWHERE, BLANK)], A, {}),
    ([(EVERYWHERE, C), (HERE, B), (EVERYWHERE, BLANK)], BLANK, {EVERYWHERE: RETIRED}),
]


@pytest.mark.parametrize(("changes", "now", "outcomes"), HISTORIES)
def test_what_lay_beneath_is_known_from_the_log(
    facts: Facts, changes: Sequence[tuple[str, Value | None]], now: Value | None, outcomes: dict[str, Outcome]
) -> None:
    assert value_in(facts, SVN) == A
    log = Written(A)
    for scope, new in changes:
        log.change(scope, new)
    assert log.publish(facts, now) == outcomes
    assert log.publish(facts, now) == {}  # once


def test_any_history_under_any_two_publications(facts: Facts) -> None:
    """Whatever was changed before: what lay beneath each live correction is known, and each outcome is by it alone."""
    values = (B, C, BLANK, None)
    tried = 0
    for first, second, third in product([(scope, new) for scope in (EVERYWHERE, HERE) for new in values], repeat=3):
        for one, other in product((A, B, C, BLANK, NO_ROW), repeat=2):
            log = Written(A)
            for scope, new in (first, second, third):
                if new != log.seen(scope) and (new is not None or log.live(scope) is not None):
                    log.change(scope, new)
            for now in (one, other):
                tried += 1
                then = {scope: log.seen(scope, without=True) for scope in (EVERYWHERE, HERE)}
                stood = {scope: log.live(scope) for scope in then}
                told = log.publish(facts, now)
                for scope, corrected in stood.items():
                    if corrected is None:
                        assert scope not in told
                    else:
                        expected = outcome_of(then[scope], log.seen(scope, without=True), corrected)
                        assert told.get(scope, KEPT) is expected, (log.revisions, now)
                assert log.publish(facts, now) == {}
    assert tried > 10_000


def test_what_is_printed_is_what_a_bare_change_saw() -> None:
    log = Written(A)
    log.change(HERE, B)
    assert lay_beneath(log.revisions) == {SVN: A}
    log.change(EVERYWHERE, C)
    log.change("88", BLANK)  # saw what is corrected for every server
    assert lay_beneath(log.revisions) == {SVN: A}
    log.change(EVERYWHERE, None, "upgrade", BLANK)
    assert lay_beneath(log.revisions) == {SVN: BLANK}


@pytest.mark.parametrize("cell", [("1850", "share", "SVN", 2026), ("2026", "spending", "SVN", 1949)])
def test_where_the_figures_have_no_place_nothing_is_shown(facts: Facts, cell: Cell) -> None:
    """An edition that is gone, or a row in the spender's own money, whose currency would not be known."""
    measure = next(key for key, one in facts.measures.items() if one.national) if cell[1] == "spending" else cell[1]
    cell = (cell[0], measure, *cell[2:])
    gone = republished(facts, "gone", {cell: None})
    change = Change(cell, None, B, A)
    made = Revision(HERE, 1, "2026-11-03", "x", "y", "correct", (change,), "", "", "v")
    assert layered(gone, fold([made]).cells, "with") is gone
    [one] = met(gone, [made])[HERE]
    assert (one.outcome, one.change) == (GONE, Change(cell, B, None, None))


def test_it_is_told_even_of_what_is_held_no_longer(facts: Facts) -> None:
    gone: Cell = ("1850", "cavalry", "PRU", 1850)
    told = upgrade_in_words(facts, Change(gone, B, None, None))
    assert [str(one) for one in told.walk()[:2]] == ["cavalry", "PRU"]
    assert "2.01e" in told.walk()


EDITION = ("2027", "share", "SVN", 2027)


def entered(*changes: Change, scope: str = EVERYWHERE, n: int = 1) -> Revision:
    return Revision(scope, n, "2027-07-11", "x", "y", "import", changes, "", "", "v", position=n)


@pytest.mark.parametrize(
    ("shipped", "corrected", "outcomes", "left"),
    [  # what the shipped edition says, where B was entered and C corrected over it or nothing
        (B, None, [RETIRED, RETIRED], {}),
        (A, None, [RETIRED, ASIDE], {}),
        (NO_ROW, None, [RETIRED, ASIDE], {}),
        (B, C, [RETIRED], {EDITION: C}),  # it lies over the same figure as before
        (C, C, [RETIRED, RETIRED], {}),
        (A, C, [RETIRED, ASIDE], {}),
    ],
)
def test_an_entered_edition_that_is_shipped_now(
    facts: Facts, shipped: Value | None, corrected: Value | None, outcomes: list[Outcome], left: dict[Cell, Value]
) -> None:
    key, row = ("edition", "2027"), Row('{"id":"2027"}')
    log = [entered(Change(key, None, row, None), Change(EDITION, None, B, None))]
    if corrected is not None:
        log.append(entered(Change(EDITION, B, corrected, B), n=2))
    others = {"2027": replace(facts.newest, id="2027"), **facts.editions}
    published = republished(replace(facts, editions=others), "next", {EDITION: shipped})
    assert met(facts, log) == {}  # not shipped: all of it stands
    found = met(published, log, lambda own, below: {key: RETIRED})[EVERYWHERE]
    assert [one.outcome for one in found] == outcomes
    log.append(replace(entered(*(one.change for one in found), n=9), kind="upgrade"))
    stands = fold(log)
    assert {cell: stands.get(cell) for cell in stands.cells} == left
    assert (stands.entries, stands.printed) == ({}, {})
    assert met(published, log) == {}
    assert [
        one.outcome for one in met(republished(published, "third", {EDITION: UNMARKED}), log).get(EVERYWHERE, [])
    ] == [ASIDE] * len(left)
