"""What an Ally or a total spent: one figure, one year, or the series of an edition."""

from __future__ import annotations

from dataclasses import replace

from knowledge import names
from knowledge.answer import Answer, Row, Table
from knowledge.chart import LineChart
from knowledge.facts import Edition, Facts, Measure, Member, Spender
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.questions.over_years import over_years
from knowledge.sentences import Sentence, Year, say

YEARLY = ("share", "spending_usd", "spending_national", "real_change", "equipment_share")  # what one year is shown by
IN_SERIES = ("share", "spending_usd", "real_change", "equipment_share")  # what fits beside a year on a phone


def spending(facts: Facts, question: Question) -> Answer:
    """The measure asked for, else share, money, real change and equipment; without a year, the whole series.

    A span of years is summed and compared in knowledge/questions/over_years.py.
    """
    if question.member and not question.measure:
        member, measure = names.index_of(facts).with_measure(question.member)
        question = replace(question, member=member, measure=measure.id) if measure else question
    if question.year and (span := names.years_if_several(question.year)):
        if span[0] != span[1]:
            return over_years(facts, question, span)
        question = replace(question, year=str(span[0]))
    about = parts.subject(facts, question)
    spender = about.spender
    measure = names.index_of(facts).measure(question.measure) if question.measure else None
    lead = measure or facts.measures["share"]
    if isinstance(spender, Member) and not spender.armed_forces and not lead.id.startswith("gdp"):
        asked = Question("spending", member=spender.code)
        return parts.no_forces(facts, asked, spender, say("series"))
    edition = parts.edition_with(facts, about, lead.id, asked=question.edition is not None)
    years = facts.years(edition, lead.id, spender)
    year = about.year if about.year is not None else max(years, default=None)
    if year not in years:
        raise parts.no_figure(facts, edition, lead, spender, about.year)
    assert year is not None
    asked = parts.pinned(question, about, edition, about.year, measure=measure.id if measure else None)
    if measure is None:
        headline, rows = _one_year(facts, edition, spender, year)
    else:
        headline, rows = parts.one_figure(facts, edition, spender, measure, year), []
    table = None
    if about.year is None:
        table = _series(facts, edition, spender, (measure.id,) if measure else IN_SERIES)
    blank = parts.blank_years(facts, edition, lead.id, spender)
    if blank and about.year is None:
        headline = say(
            "NATO left {blank} blank for {member} in the {edition}. {headline}",
            blank=Year(blank[-1]),
            member=spender,
            edition=edition,
            headline=headline,
        )
    return Answer(
        asked,
        headline,
        tuple(rows),
        tuple(_notes(facts, edition, spender, lead, year, asked_year=about.year)),
        table,
        _chart(facts, edition, spender, lead),
        edition,
    )


def _one_year(facts: Facts, edition: Edition, spender: Spender, year: int) -> tuple[Sentence, list[Row]]:
    share = facts.figure(edition, "share", spender, year)
    assert share is not None  # the caller saw the year in the row of shares
    mark = facts.mark(edition, "share", spender, year)
    dollars = facts.figure(edition, "spending_usd", spender, year)
    basis = parts.basis(edition, mark)
    if dollars is None:
        headline = say(
            "{member} spent {share} of GDP on {what} in {year} ({basis}).",
            member=spender,
            share=share,
            what=parts.spends(edition),
            year=Year(year),
            basis=basis,
        )
    else:
        national = facts.figure(edition, "spending_national", spender, year)
        money = (
            say("{dollars} ({national})", dollars=dollars, national=national)
            if national is not None and national.unit.currency != "USD"
            else say("{dollars}", dollars=dollars)
        )
        headline = say(
            "{member} spent {share} of GDP on {what} in {year}: {money} ({basis}).",
            member=spender,
            share=share,
            what=parts.spends(edition),
            year=Year(year),
            money=money,
            basis=basis,
        )
    rows = []
    for key in YEARLY:
        measure = facts.measures[key]
        figure = facts.figure(edition, key, spender, year)
        if key == "spending_national" and figure is not None and figure.unit.currency == "USD":
            continue
        text = say("{figure}", figure=figure) if figure is not None else _missing(facts, edition, measure, spender)
        rows.append(Row(say("{measure}", measure=measure.name), text))
    return headline, rows


def _missing(facts: Facts, edition: Edition, measure: Measure, spender: Spender) -> Sentence:
    if facts.years(edition, measure.id, spender):
        return say("left blank by NATO")
    if any((edition.id, measure.id, code) in facts.series for code in facts.members):
        return say("not published for {member}", member=spender)
    return say("not held for the {edition}", edition=edition)


def _series(facts: Facts, edition: Edition, spender: Spender, measures: tuple[str, ...]) -> Table:
    held = [m for m in measures if facts.years(edition, m, spender)]
    years = sorted({year for m in held for year in facts.years(edition, m, spender)}, reverse=True)
    return Table(
        (say("Year"), *(parts.heading(m) for m in held)),
        tuple(
            (facts.mark(edition, held[0], spender, year), *(facts.figure(edition, m, spender, year) for m in held))
            for year in years
        ),
    )


def _notes(
    facts: Facts, edition: Edition, spender: Spender, measure: Measure, year: int, *, asked_year: int | None
) -> list[Sentence]:
    notes = []
    shown = facts.years(edition, measure.id, spender) if asked_year is None else (year,)
    if any(facts.mark(edition, measure.id, spender, y).mark for y in shown):
        notes.append(parts.MARKED)
    if not edition.core:
        notes.append(
            say(
                "The {edition} counts defence expenditure; from 2026 NATO prints core defence expenditure, which is not the same.",
                edition=edition,
            )
        )
    if edition.held.startswith("share") or not edition.tables:
        notes.append(say("Held of the {edition}: {held}.", edition=edition, held=edition.held))
    share = facts.figure(edition, "share", spender, year)
    return notes + parts.member_notes(facts, edition, spender, year, share)


def _chart(facts: Facts, edition: Edition, spender: Spender, measure: Measure) -> LineChart:
    title = say("{member}: {measure}, {edition}", member=spender, measure=measure.name, edition=edition)
    return LineChart(title, (parts.line(facts, edition, measure.id, spender),))
