"""Every question the ledger answers: a pure function of the facts and what was asked, a file each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from knowledge.answer import Answer
from knowledge.facts import Facts
from knowledge.question import Question

# Where each is computed, in this folder: the file and the function. A file is read when it is first asked for.
ANSWERS = {
    "target": "target.target",
    "gap": "gap.gap",
    "spending": "spending.spending",
    "rank": "rank.rank",
    "compare": "compare.compare",
    "whatif": "whatif.whatif",
    "revisions": "revisions.revisions",
    "pledges": "pledges.pledges",
    "rule": "reference.rule",
    "summit": "reference.summit",
    "define": "define.define",
    "sources": "reference.sources",
    "help": "reference.help_",
    "about": "reference.about",
    "privacy": "reference.privacy",
}


def ask(facts: Facts, question: Question) -> Answer:
    """The answer; Problem if the question is wrong, with what to ask instead."""
    return _answering(question.name)(facts, question)


@cache
def _answering(name: str) -> Callable[[Facts, Question], Answer]:
    file, _, function = ANSWERS[name].partition(".")
    found: Callable[[Facts, Question], Answer] = getattr(import_module(f"{__name__}.{file}"), function)
    return found
