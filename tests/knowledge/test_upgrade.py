"""What other published figures make of a correction: by what lay beneath it, what lies there now, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product

import pytest

from data.log import Revision
from knowledge.corrections import (
    EVERYWHERE,
    Change,
    Outcome,
    Value,
    fold,
    layered,
    met,
    outcome_of,
    outcome_told,
    printed,
    upgrade_in_words,
    value_in,
    value_of,
)
from knowledge.facts import Cell, Facts
from tests.upgrades import republished

SVN: Cell = ("2026", "share", "SVN", 2026)
HERE = "77"
A, B, C = (Value(Decimal(number), "e") for number in ("1.61", "2.01", "1.75"))
UNMARKED, BLANK, NO_ROW = Value(Decimal("2.01")), Value(None), None
KEPT, RETIRED, ASIDE, GONE = Outcome.KEPT, Outcome.RETIRED, Outcome.SET_ASIDE, Outcome.GONE

OUTCOMES: list[tuple[Value | None, Value | None, Value, Outcome]] = [  # then, now, corrected
    (A, A, B, KEPT),
    (A, B, B, RETIRED),
    (A, C, B, ASIDE),
    (A, UNMARKED, B, ASIDE),  # the same number with another mark is another value
    (A, Value(Decimal("2.010"), "e"), B, RETIRED),  # zeros behind say nothing
    (A, BLANK, B, ASIDE),
    (A, NO_ROW, B, GONE),
    (A, A, BLANK, KEPT),
    (A, BLANK, BLANK, RETIRED),
    (A, C, BLANK, ASIDE),
    (A, NO_ROW, BLANK, GONE),
    (BLANK, BLANK, B, KEPT),
    (BLANK, B, B, RETIRED),
    (BLANK, C, B, ASIDE),
    (BLANK, NO_ROW, B, GONE),
    (NO_ROW, NO_ROW, B, GONE),
    (NO_ROW, A, B, ASIDE),
    (NO_ROW, BLANK, BLANK, RETIRED),
]


@pytest.mark.parametrize(("then", "now", "corrected", "outcome"), OUTCOMES)
def test_what_becomes_of_it(then: Value | None, now: Value | None, corrected: Value, outcome: Outcome) -> None:
    assert outcome_of(then, now, corrected) is outcome
    if outcome is not KEPT:
        assert outcome_told(Change(SVN, corrected, None, now)) is outcome


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
        return value_of(fold(one for one in self.revisions if one.scope == scope).get(SVN))

    def change(self, scope: str, new: Value | None, kind: str = "correct", seen: Value | None = None) -> None:
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
    ([(HERE, B)], NO_ROW, {HERE: GONE}),
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
    ([(EVERYWHERE, C), (HERE, B)], NO_ROW, {EVERYWHERE: GONE, HERE: GONE}),
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
                        beneath = log.seen(scope, without=True) if now is not NO_ROW else NO_ROW
                        expected = outcome_of(then[scope], beneath, corrected)
                        assert told.get(scope, KEPT) is expected, (log.revisions, now)
                assert log.publish(facts, now) == {}
    assert tried > 10_000


def test_what_is_printed_is_what_a_bare_change_saw() -> None:
    log = Written(A)
    log.change(HERE, B)
    assert printed(log.revisions) == {SVN: A}
    log.change(EVERYWHERE, C)
    log.change("88", BLANK)  # saw what is corrected for every server
    assert printed(log.revisions) == {SVN: A}
    log.change(EVERYWHERE, None, "upgrade", BLANK)
    assert printed(log.revisions) == {SVN: BLANK}


def test_a_correction_whose_row_is_gone_is_never_shown(facts: Facts) -> None:
    log = Written(A)
    log.change(HERE, B)
    cells = fold(log.revisions)
    assert value_in(layered(facts, cells, "with"), SVN) == B
    without = republished(facts, "without", {SVN: NO_ROW})
    assert layered(without, cells, "with") is without
    assert value_in(layered(without, cells, "with"), SVN) is None


def test_it_is_told_even_of_what_is_held_no_longer(facts: Facts) -> None:
    gone: Cell = ("1850", "cavalry", "PRU", 1850)
    told = upgrade_in_words(facts, Change(gone, B, None, None))
    assert [str(one) for one in told.walk()[:2]] == ["cavalry", "PRU"]
    assert "2.01e" in told.walk()
