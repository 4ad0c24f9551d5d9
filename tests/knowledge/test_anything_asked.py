"""Whatever real words are put together: an answer that can be asked again, or a refusal whose offers work.

`make soak` asks many more of them.
"""

from __future__ import annotations

import random
import re
from datetime import date

import pytest
from msgspec.structs import replace

from bot.drawing.words import words
from knowledge.answer import Answer
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import from_compact, read
from knowledge.facts import Facts
from knowledge.figure import Figure
from knowledge.questions import ask
from tests.conftest import few_or_many

TODAY = date(2026, 11, 25)
BATCHES, EACH = 8, few_or_many(60, 3000)
YEARS = (
    "2014",
    "2016",
    "2024",
    "2025",
    "2026",
    "2030",
    "2035",
    "2014-2026",
    "since 2020",
    "2025/26",
    "last year",
    "1999",
)
OTHERS = (
    "2%", "3.5%", "3.5", "2", "5", "below 2%", "between 2 and 3.5", "per head", "constant usd", "pln", "euros", "pounds",
    "equipment", "personnel", "growth", "gdp", "gap", "gap usd", "members of 2004", "all", "nato budget", "and", ",", "in",
    "1 March 2026", "12 June 2021", "edition 2024", "prices:current", "growth:1.2", "by:2032", "share:3.5", "level:2", "xyz",
)  # fmt: skip
# What no reader may ever see: a value that was not filled in.
NEVER = re.compile(r"\{|\}|\bYear\(|\b0 to 0\b|any year|the The\b|  ")


def texts(facts: Facts, seed: int) -> list[str]:
    """Questions of one to seven real words in any order, the same for a seed."""
    chance = random.Random(seed)
    names = [[t.name, *t.aliases] for t in (*facts.spenders.values(), *facts.groups.values())]
    rules = [[rule.id, *rule.aliases] for rule in facts.rules.values()]
    editions = [[edition.id, edition.name, f"edition:{edition.id}"] for edition in facts.editions.values()]
    measures = [[measure.id, *measure.aliases] for measure in facts.measures.values()]
    kinds = list(KINDS)
    made = []
    for _ in range(EACH):
        pieces = [chance.choice(chance.choice(names)) for _ in range(chance.choice((0, 1, 1, 1, 2)))]
        pieces += [chance.choice(YEARS) for _ in range(chance.choice((0, 1, 1)))]
        for pool in (rules, editions, measures):
            pieces += [chance.choice(chance.choice(pool))] if chance.random() < 0.3 else []
        pieces += [chance.choice(OTHERS) for _ in range(chance.choice((0, 0, 1, 2)))]
        chance.shuffle(pieces)
        made.append(" ".join([chance.choice(kinds), *pieces]))
    return made


def told(answer: Answer) -> str:
    drawn = words()
    return "\n".join(
        [
            drawn(answer.headline),
            *(f"{drawn(row.label)} · {drawn(row.text)}" for row in answer.rows),
            *map(drawn, answer.notes),
        ]
    )


def fault(facts: Facts, text: str) -> str | None:
    """What is wrong with how a text is answered; None if nothing is."""
    try:
        question = read(text)
        answer = ask(facts, question, TODAY)
    except Problem as problem:
        if NEVER.search(words()(problem.sentence)):
            return f"a hole in the sentence: {words()(problem.sentence)}"
        if problem.code not in ("unknown-command", "unknown-option", "too-many-words") and not problem.instead:
            return "nothing is offered"
        for offer in problem.instead:
            ask(facts, read(offer), TODAY)
        return None
    values: dict[str, Figure] = {}
    for figure in answer.figures:
        for one in figure.closure():
            if values.setdefault(one.name, one).value != one.value:
                return f"two values are called {one.name}"
    if hole := NEVER.search(told(answer)):
        return f"a hole in the answer: {hole[0]!r} in {told(answer)}"
    again = ask(facts, from_compact(answer.asked.compact), TODAY)
    extra = len(answer.notes) - len(again.notes)  # what was assumed of the words is told once, before the other notes
    if extra < 0 or told(again) != told(replace(answer, notes=answer.notes[extra:])):
        return f"asked again as {answer.asked} it is another answer"
    return None


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(BATCHES))
def test_it_is_answered_or_refused_with_an_offer(facts: Facts, seed: int) -> None:
    for text in texts(facts, seed):
        try:
            wrong = fault(facts, text)
        except Problem as problem:
            wrong = f"an offer is refused: {problem.code}"
        assert wrong is None, (text, wrong)
