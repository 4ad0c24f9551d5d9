"""What later editions made of a year: of one Ally through all of them, or of every Ally between the newest two."""

from __future__ import annotations

from knowledge.answer import Answer
from knowledge.asking.resolve import TOTAL, Subject
from knowledge.facts import Facts
from knowledge.questions.revisions.all_allies import of_everyone
from knowledge.questions.revisions.one_ally import of_one


def revisions(facts: Facts, subject: Subject) -> Answer:
    """What became of a figure for a year; asked about NATO, of every Ally's, with the total among the rows.

    With an edition or a day, only what was published up to it counts.
    """
    return of_everyone(facts, subject) if subject.spender.code == TOTAL else of_one(facts, subject)
