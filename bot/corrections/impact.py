"""Which answers a change would change, and how: before it is stored, and without holding anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from bot.drawing.tables import cells_of
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Cell, Facts
from knowledge.questions import ask

MOST = 50  # cells whose Allies are all asked for


class Changed(Struct, frozen=True):
    """A question and how its answer begins, before and after."""

    question: Question
    before: str
    after: str


class Impact(Struct, frozen=True):
    asked: int
    changed: tuple[Changed, ...]


async def impact_of(before: Facts, after: Facts, cells: Sequence[Cell], words: Words) -> Impact:
    """Drawn texts are compared, since two answers of two snapshots are never equal. Others are answered in between."""
    asked, changed = 0, list[Changed]()
    for question in _candidates(after, cells[:MOST]):
        then, now = _told(before, question, words), _told(after, question, words)
        asked += 1
        if then != now:
            changed.append(Changed(question, then[0], now[0]))
        await asyncio.sleep(0)
    return Impact(asked, tuple(changed))


def _candidates(facts: Facts, cells: Iterable[Cell]) -> Iterator[Question]:
    """What is asked of the touched Allies, both totals, and every ranking in which they stand."""
    found: dict[Question, None] = {}
    touched = list(cells)
    for code in dict.fromkeys(cell[2] for cell in touched):
        for name in ("gap", "target", "spending", "revisions", "pledges", "whatif"):
            found[Question(name, member=code)] = None
    for edition, measure, code, year in touched:
        named = None if edition == facts.newest.id else edition
        found[Question("spending", member=code, measure=measure, year=str(year), edition=named)] = None
        found[Question("gap", member=code, year=str(year), edition=named)] = None
        found[Question("rank", measure=measure, year=str(year), edition=named)] = None
        for level in ("2", "3.5"):
            found[Question("rank", measure="share", year=str(year), level=level, edition=named)] = None
    found[Question("rank")] = None
    for code in facts.aggregates:
        found[Question("gap", member=code)] = None
    for member in facts.members.values():
        found[Question("gap", member=member.code)] = None
    yield from found


def _told(facts: Facts, question: Question, words: Words) -> tuple[str, ...]:
    """What a reader reads of an answer, without the notes on what was corrected."""
    try:
        answer = ask(facts, question)
    except Problem as problem:
        return (words(problem.sentence),)
    rows = (f"{words(row.label)}: {words(row.text)}" for row in answer.rows)
    return (words(answer.headline), *rows, *_table(answer, words))


def _table(answer: Answer, words: Words) -> Iterator[str]:
    for row in cells_of(answer.table, words) if answer.table is not None else ():
        yield " ".join(row)
