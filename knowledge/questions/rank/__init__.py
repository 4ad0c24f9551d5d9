"""All Allies, or a group of them, in order: of one year, over several years, by growth, or by when they joined."""

from __future__ import annotations

from msgspec.structs import replace

from knowledge.answer import Answer
from knowledge.asking.apart import GROWTH, MEMBERS
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.questions.membership import members_of
from knowledge.questions.rank.one_year import of_one_year
from knowledge.questions.rank.over_years import Years, over_years
from knowledge.sentences import say


def rank(facts: Facts, subject: Subject) -> Answer:
    """The ranking that was asked for; Problem for what has no order."""
    if subject.ranked in (MEMBERS, GROWTH) and (subject.rule is not None or subject.levels is not None):
        told = say("Growth and membership are not held against a level: leave the rule and the level out.")
        offers = {"rule": None, "level": None}, {"measure": "share"}
        raise Problem("bad-level", told, tuple(str(replace(subject.asked, **one)) for one in offers))
    if subject.ranked == MEMBERS:
        return members_of(facts, subject)
    if subject.ranked == GROWTH:
        return Years(facts, subject).growth()
    if subject.measure is None or subject.measure.national:
        told = say("Amounts in different currencies have no order. Rank spending in US dollars instead.")
        raise Problem("not-rankable", told, ("rank measure:spending_usd",))
    return over_years(facts, subject) if subject.several else of_one_year(facts, subject)
