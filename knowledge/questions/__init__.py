"""Every question the ledger answers: a pure function of the facts and what was asked, a file each."""

from __future__ import annotations

from collections.abc import Callable

from knowledge.answer import Answer
from knowledge.facts import Facts
from knowledge.question import Question
from knowledge.questions import reference
from knowledge.questions.gap import gap
from knowledge.questions.spending import spending
from knowledge.questions.target import target

ANSWERS: dict[str, Callable[[Facts, Question], Answer]] = {
    "target": target,
    "gap": gap,
    "spending": spending,
    "rule": reference.rule,
    "summit": reference.summit,
    "sources": reference.sources,
    "help": reference.help_,
    "about": reference.about,
    "privacy": reference.privacy,
}


def ask(facts: Facts, question: Question) -> Answer:
    """The answer; Problem if the question is wrong, with what to ask instead."""
    return ANSWERS[question.name](facts, question)
