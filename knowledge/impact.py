"""Which answers a change would change, and how; pure: whoever asks says how an answer is drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest

from msgspec import Struct

from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.corrections import Change, Row
from knowledge.facts import Cell, Facts
from knowledge.questions import ask

MOST = 50  # cells whose Allies are all asked for
Drawn = Callable[[Answer | Problem], tuple[str, ...]]  # the lines that a reader reads of it


class Changed(Struct, frozen=True):
    """A question, and the first line of its answer that changes, before and after."""

    question: Question
    before: str
    after: str


class Impact(Struct, frozen=True):
    asked: int
    changed: tuple[Changed, ...]


def compared(before: Facts, after: Facts, changes: Sequence[Change], drawn: Drawn) -> Iterator[Changed | None]:
    """Question after question, what changes in its answer, None for nothing; others may have a turn in between.

    Drawn lines are compared, since two answers of two snapshots are never equal.
    """
    cells = sorted((one.key for one in changes if len(one.key) == 4), key=_seldom)
    for question in (*_of_rows(after, changes), *_candidates(after, cells[:MOST])):
        then, now = _told(before, question, drawn), _told(after, question, drawn)
        if then == now:
            yield None
        else:
            lines = zip_longest(then, now, fillvalue="")
            yield Changed(question, *next(pair for pair in lines if pair[0] != pair[1]))


def _told(facts: Facts, question: Question, drawn: Drawn) -> tuple[str, ...]:
    try:
        return drawn(ask(facts, question))
    except Problem as problem:
        return drawn(problem)


def _seldom(cell: Cell) -> tuple[bool, int]:
    """An order of cells in which those that are most asked for come first."""
    return cell[1] != "share", -cell[3]


def _of_rows(facts: Facts, changes: Iterable[Change]) -> Iterator[Question]:
    """What is asked of rows that come, change or go."""
    for one in changes:
        row = one.new if one.new is not None else one.old
        if not isinstance(row, Row):
            continue
        columns = json.loads(row.json)
        match one.key[0]:
            case "pledge":
                yield Question("pledges", member=facts.members[columns["member"]].name)
            case "summit":
                yield Question("summit", summit=columns["id"])
            case "definition":
                yield Question("define", term=columns["term"])
            case "rule":
                yield Question("rule", rule=columns["id"])
                yield from (Question("gap", member=one.name, rule=columns["id"]) for one in facts.spenders.values())


def _candidates(facts: Facts, cells: Iterable[Cell]) -> Iterator[Question]:
    """What is asked of the touched Allies, both totals, and every ranking in which they stand."""
    found: dict[Question, None] = {}
    touched = list(cells)
    for name in dict.fromkeys(facts.spenders[cell[2]].name for cell in touched):
        for kind in ("gap", "target", "spending", "revisions", "pledges", "whatif"):
            found[Question(kind, member=name)] = None
    for edition, measure, code, year in touched:
        of = {"year": str(year), "edition": None if edition == facts.newest.id else edition}
        found[Question("spending", member=facts.spenders[code].name, measure=measure, **of)] = None
        found[Question("gap", member=facts.spenders[code].name, **of)] = None
        found[Question("rank", measure=measure, **of)] = None
        for level in ("2", "3.5"):
            found[Question("rank", measure="share", level=level, **of)] = None
    found[Question("rank")] = None
    for spender in facts.spenders.values():
        found[Question("gap", member=spender.name)] = None
    yield from found
