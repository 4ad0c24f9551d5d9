"""The one sentence for a figure that is not there: left blank by NATO, not in this edition, not held here, or nowhere."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.years import Span
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Edition, Group, Measure, Member, Spender

EMPTIED = ("blank", "taken-out")  # why a cell of a table that is held has no figure


def absent(
    facts: Facts, question: Question, measure: Measure, spender: Spender, span: Span | None,
    edition: Edition | None = None, day: date | None = None,
) -> Problem:  # fmt: skip
    """The refusal, naming the editions that do have it as questions to press; `edition` or `day` as they were asked for.

    Without either, no edition has it.
    """
    having = [e for e in facts.editions.values() if _has_some(facts, e, measure, spender, span)]
    having = [e for e in having if _wholly(facts, e, measure, spender, span)] or having
    offers = [str(replace(question, edition=e.id)) for e in having]
    if edition is not None:
        code, first = in_edition(facts, edition, measure, spender, span)
    elif day is not None and having:
        told = say("Of what is held, nothing published by {day} has the {measure} of {member} for {years}.")
        if span is None:
            told = say("Of what is held, nothing published by {day} has the {measure} of {member}.")
        values = {"measure": measure, "member": spender, "years": _years(span)}
        code, first = "not-held-then", told.filled(**values, day=PartialDate(day.isoformat()))
        then = (in_edition(facts, e, measure, spender, span) for e in facts.known_on(day))
        code, first = next((why for why in then if why[0] in EMPTIED), (code, first))
    else:
        code, first = _nowhere(facts, measure, spender, span)
        held = {year for e in facts.editions.values() for year in facts.years(e, measure.id, spender)}
        near = min(held, key=lambda year: abs(year - span.first)) if held and span is not None else None
        offers = [f"target member:{spender.name} year:{span.first}"] if code == "no-figure-yet" and span else []
        if question.year:
            offers.append(str(replace(question, year=str(near) if near else None)))
        return Problem(code, first, tuple(offers))
    if not having:
        return Problem(code, say("{told}", told=Listing((first, _none(measure, spender, span)), "sentences")))
    told = say("{first} It is in the {editions}.", first=first, editions=Listing(tuple(having[:4])))
    return Problem(code, told, tuple(offers[:4]))


def in_edition(
    facts: Facts, edition: Edition, measure: Measure, spender: Spender, span: Span | None
) -> tuple[str, Sentence]:
    """Why one edition has no figure, as a code and a sentence: which of blank, out of reach, unprinted, not held it is."""
    values = {"edition": edition, "measure": measure, "member": spender, "years": _years(span)}
    reach = range(edition.first, edition.last + 1)
    if span is not None and not any(span.holds(year) for year in reach):
        told = say("The {edition} prints {first} to {last}, not {years}.")
        if edition.first == edition.last:
            told = say("The {edition} is about {first} alone, not {years}.")
        return "no-figure", told.filled(**values, first=Year(edition.first), last=Year(edition.last))
    if isinstance(spender, Group):  # whose sum lacks one of its Allies
        for member in facts.those(spender):
            if not _has_some(facts, edition, measure, member, span):
                return in_edition(facts, edition, measure, member, span)
        told = say("Of {member} the {edition} gives no {measure}, and it cannot be summed here.", **values)
        return "not-in-edition", told
    if isinstance(spender, Member) and spender.accession.first > edition.published.last:
        return "not-in-edition", say("The {edition} has no row of {member}, which was not yet a member.", **values)
    year = min(max(span.first, edition.first), edition.last) if span else edition.last
    row = facts.covered(edition, measure.id, year)
    if row is not None and row.held == "unprinted":
        return "not-in-edition", say("The {edition} has no {measure}.", **values)
    if span is not None and (one := facts.correction(edition, measure.id, spender, year)) is not None:
        told = say("{member}'s {measure} for {years} was taken out here on {day}; it stood in the {edition}.")
        return "taken-out", told.filled(**values, day=one.day)
    if row is not None and row.held == "whole" and spender.code not in row.but:
        if span is None:
            return "blank", say("NATO left {member}'s row of {measure} blank in the {edition}.", **values)
        return "blank", say("NATO left {member}'s {measure} for {years} blank in the {edition}.", **values)
    if row is None:
        return "not-held", say("The {measure} of the {edition} is not held here.", **values)
    if span is None:
        return "not-held", say("Of the {edition} the {measure} of {member} is not held here.", **values)
    return "not-held", say("Of the {edition} the {measure} of {member} for {years} is not held here.", **values)


def cell_absent(facts: Facts, edition: Edition, measure: Measure, spender: Spender, year: int) -> Sentence:
    """The same in two or three words, for a row or a bar of an answer."""
    return _IN_SHORT[in_edition(facts, edition, measure, spender, Span(year, year))[0]]


_IN_SHORT = {
    "blank": say("left blank by NATO"),
    "taken-out": say("taken out here"),
    "not-held": say("not held here"),
    "not-in-edition": say("not in this edition"),
    "no-figure": say("not in this edition"),
}


def _nowhere(facts: Facts, measure: Measure, spender: Spender, span: Span | None) -> tuple[str, Sentence]:
    """Why no edition has it: nothing of the row, a year still ahead, a year before all of them, or a blank."""
    values = {"measure": measure, "member": spender, "years": _years(span), "edition": facts.newest}
    printed = [year for e in facts.editions.values() for year in facts.years(e, measure.id, spender)]
    if span is None or not printed:
        return "not-published", _none(measure, spender, None)
    last = max(e.last for e in facts.editions.values())
    if span.first > last:
        told = say("NATO has printed nothing for {years} yet: the newest edition, the {edition}, ends in {last}.")
        return "no-figure-yet", told.filled(**values, last=Year(last))
    if (span.last or last) < min(printed):
        told = say("No edition held here has {member}'s {measure} for {years}; the earliest year held is {first}.")
        return "no-figure", told.filled(**values, first=Year(min(printed)))
    for edition in facts.editions.values():
        if facts.correction(edition, measure.id, spender, span.first) is not None:
            return in_edition(facts, edition, measure, spender, Span(span.first, span.first))
        row = facts.covered(edition, measure.id, span.first)
        if row is not None and row.held == "whole" and spender.code not in row.but:
            told = say("NATO left {member}'s {measure} for {years} blank in the {edition}.")
            return "blank", told.filled(**(values | {"edition": edition}))
    return "no-figure", _none(measure, spender, span)


def _none(measure: Measure, spender: Spender, span: Span | None) -> Sentence:
    """That no edition has it, whose and of when."""
    if span is None:
        return say("No edition held here has {measure} for {member}.", measure=measure, member=spender)
    told = say("No edition held here has {member}'s {measure} for {years}.")
    return told.filled(measure=measure, member=spender, years=_years(span))


def _wholly(facts: Facts, edition: Edition, measure: Measure, spender: Spender, span: Span | None) -> bool:
    """Whether an edition has every year of the span that it reaches at all."""
    years = facts.years(edition, measure.id, spender)
    return span is None or all(y in years for y in range(edition.first, edition.last + 1) if span.holds(y))


def _has_some(facts: Facts, edition: Edition, measure: Measure, spender: Spender, span: Span | None) -> bool:
    return any(span is None or span.holds(year) for year in facts.years(edition, measure.id, spender))


def _years(span: Span | None) -> Sentence:
    """A year or a span in words."""
    if span is None:
        return say("any year")
    if span.single:
        return say("{year}", year=Year(span.first))
    if span.last is None:
        return say("{first} and after", first=Year(span.first))
    return say("{first} to {last}", first=Year(span.first), last=Year(span.last))
