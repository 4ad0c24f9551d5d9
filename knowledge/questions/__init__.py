"""Every question the ledger answers: a pure function of the facts and what is meant, a file each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache
from importlib import import_module
from itertools import islice

from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer
from knowledge.asking.defaults import NONE, Defaults, left_out
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, read
from knowledge.asking.resolve import Subject, resolve
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.questions import saying
from knowledge.sentences import Listing, say

MOST_OFFERS = 5


def ask(facts: Facts, question: Question, today: date | None = None, defaults: Defaults = NONE) -> Answer:
    """The answer; Problem if the question is wrong, with questions to ask instead, each of which has an answer.

    A default never takes an answer away: one that does not fit is left out, and the answer says so.
    """
    try:
        return _under(facts, question, today, defaults)
    except Problem as problem:
        offers = _offers(facts, question, problem, today)
        raise Problem(problem.code, problem.sentence, offers) from None


def _under(facts: Facts, question: Question, today: date | None, defaults: Defaults) -> Answer:
    chosen = [option for option in ("rule", "edition") if getattr(defaults, option) is not None]
    try:
        return _answer(facts, question, today, defaults)
    except Problem:
        if not chosen:
            raise
    answer, without = _answer(facts, question, today, Defaults(country=defaults.country)), chosen
    for option in chosen if len(chosen) > 1 else ():
        with suppress(Problem):
            answer, without = _answer(facts, question, today, replace(defaults, **{option: None})), [option]
            break
    return replace(answer, notes=(*left_out(facts, question, defaults, *without), *answer.notes))


def _answer(facts: Facts, question: Question, today: date | None, defaults: Defaults = NONE) -> Answer:
    subject = resolve(facts, question, today, defaults)
    if subject.unarmed is not None and subject.kind.lacks is not None and subject.kind.free == "member":
        return saying.no_forces(facts, subject, subject.unarmed)
    day = subject.day if subject.kind.dated else None
    answer = _as_of(facts, subject, day) if day is not None else _answering(question.name)(facts, subject)
    corrected = saying.correction_notes(facts, answer) if facts.built is not None or facts.entered else []
    if subject.said or corrected:
        answer = replace(answer, notes=(*subject.said, *corrected, *answer.notes))
    return answer


def _as_of(facts: Facts, subject: Subject, day: date) -> Answer:
    """The answer by the rules there were on a day, and which of those that bear now had not been agreed then."""
    then, rule = facts.agreed_by(day), subject.rule
    subject = replace(subject, rule=then.rules.get(rule.id, rule) if rule else None)
    answer = _answering(subject.kind.name)(then, subject)
    if "rule" not in subject.kind.options:
        return answer
    later = [rule for rule in facts.adopted if rule.announced.last > day]
    later = [rule for rule in later if any(rules.bearing(rule, None, year).bears for year in subject.years)]
    if not later:
        return answer
    told = say("Not yet agreed on {day}: {rules}.", day=PartialDate(day.isoformat()), rules=Listing(tuple(later)))
    return replace(answer, headline=say("{told}", told=Listing((answer.headline, told), "sentences")))


@cache
def _answering(name: str) -> Callable[[Facts, Subject], Answer]:
    """A file is read when it is first asked for."""
    file, _, function = KINDS[name].answer.partition(".")
    found: Callable[[Facts, Subject], Answer] = getattr(import_module(f"{__name__}.{file}"), function)
    return found


def _offers(facts: Facts, question: Question, problem: Problem, today: date | None) -> tuple[str, ...]:
    """Of the questions to ask instead those that have an answer; without any, the question less one of its options."""
    wanted: list[Question] = []
    for text in problem.instead:
        offer = read(text)
        kept = replace(question, **offer.given) if problem.keep and offer.name == question.name else offer
        wanted.append(kept if _has_answer(facts, kept, today) else offer)
    kind = KINDS[question.name]
    given = [option for option in reversed(kind.options) if getattr(question, option)]
    fallback = [replace(question, **{option: None}) for option in given]
    found: tuple[str, ...] = ()
    for offers in (wanted, [*fallback, read(kind.example)]):
        answered = (str(offer) for offer in dict.fromkeys(offers) if _has_answer(facts, offer, today))
        found = found or tuple(islice(answered, MOST_OFFERS))
    return found if problem.instead else found[:1]


def _has_answer(facts: Facts, question: Question, today: date | None) -> bool:
    try:
        _answer(facts, question, today)
    except Problem:
        return False
    return True
