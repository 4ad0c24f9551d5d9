"""What a share of GDP by a year would mean, and when a rule is met at the pace of the last years: our illustrations."""

from __future__ import annotations

from knowledge import rules
from knowledge.answer import Answer
from knowledge.arithmetic import as_printed
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.questions import saying
from knowledge.questions.whatif.everyone import everyone
from knowledge.questions.whatif.pace import pace
from knowledge.questions.whatif.plan import Plan
from knowledge.questions.whatif.printed import printed
from knowledge.questions.whatif.start import Start, assumptions
from knowledge.sentences import Year, say
from knowledge.things import Member


def whatif(facts: Facts, subject: Subject) -> Answer:
    """With a share: its money in a year that is printed, or on the way to a year ahead. Without: the pace to the rule."""
    edition, spender, year = subject.edition, subject.spender, subject.year
    share = facts.figure(edition, "share", spender, year)
    assert share is not None  # the year is the newest that is held
    rule = subject.rule or rules.main_rule(facts, year)
    if rule is None:
        told = say("No adopted rule set a share of GDP in {year}.", year=Year(year))
        raise Problem("no-rule-then", told, (f"whatif member:{spender.name}",))
    saying.level_of(rule)  # a rule without a level is refused
    start = Start(facts, subject, edition, spender, year, as_printed(share), rule)
    if subject.share is None:
        return pace(start)
    given = assumptions(start, subject.share)
    if given.by <= year:
        return printed(start, given)
    return Plan(start, given).answer() if isinstance(spender, Member) else everyone(start, given)
