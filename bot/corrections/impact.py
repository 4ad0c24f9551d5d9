"""Which answers a change would change, and how: before it is stored, and without holding anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial

from bot.drawing.tables import cells_of
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.corrections import Change
from knowledge.facts import Facts
from knowledge.impact import Changed, Impact, compared


async def impact_of(before: Facts, after: Facts, changes: Sequence[Change], words: Words) -> Impact:
    """What is told of every question that may change; others are answered in between."""
    asked, changed = 0, list[Changed]()
    for found in compared(before, after, changes, partial(_told, words)):
        asked += 1
        if found is not None:
            changed.append(found)
        await asyncio.sleep(0)
    return Impact(asked, tuple(changed))


def _told(words: Words, answer: Answer | Problem) -> tuple[str, ...]:
    """What a reader reads of an answer, without the notes on what was corrected."""
    if isinstance(answer, Problem):
        return (words(answer.sentence),)
    rows = (f"{words(row.label)}: {words(row.text)}" for row in answer.rows)
    return (words(answer.headline), *rows, *_table(answer, words))


def _table(answer: Answer, words: Words) -> Iterator[str]:
    for row in cells_of(answer.table, words) if answer.table is not None else ():
        yield " ".join(row)
