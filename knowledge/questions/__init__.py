"""Every question the ledger answers: a pure function of the facts and what was asked, a file each."""

from __future__ import annotations

from collections.abc import Callable

from knowledge.answer import Answer
from knowledge.facts import Facts
from knowledge.question import Question
from knowledge.questions import reference
from knowledge.questions.compare import compare
from knowledge.questions.define import define
from knowledge.questions.gap import gap
from knowledge.questions.pledges import pledges
from knowledge.questions.rank import rank
from knowledge.questions.revisions import revisions
from knowledge.questions.spending import spending
from knowledge.questions.target import target
from knowledge.questions.whatif import whatif

ANSWERS: dict[str, Callable[[Facts, Question], Answer]] = {
    "target": target,
    "gap": gap,
    "spending": spending,
    "rank": rank,
    "compare": compare,
    "whatif": whatif,
    "revisions": revisions,
    "pledges": pledges,
    "rule": reference.rule,
    "summit": reference.summit,
    "define": define,
    "sources": reference.sources,
    "help": reference.help_,
    "about": reference.about,
    "privacy": reference.privacy,
}


def ask(facts: Facts, question: Question) -> Answer:
    """The answer; Problem if the question is wrong, with what to ask instead."""
    return ANSWERS[question.name](facts, question)
