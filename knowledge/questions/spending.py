"""What an Ally, a total or a group spent: one figure, one year, or the series of an edition."""

from __future__ import annotations

from knowledge.answer import Answer, Row
from knowledge.asking.absent import cell_absent, in_edition
from knowledge.asking.resolve import Subject, in_dollars
from knowledge.asking.years import Span
from knowledge.facts import SHARE_OF_INCOME, Facts
from knowledge.questions import saying
from knowledge.questions.amounts import Amounts
from knowledge.questions.funding import own_budgets
from knowledge.questions.over_years import like_for_like, over_years
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Measure, Member

# What one year is shown by, and what fits beside a year on a phone.
YEARLY = ("share", "spending_usd", "spending_usd_constant", "spending_national", "real_change", "equipment_share")
BESIDE = ("spending_usd", "real_change", "equipment_share")


def spending(facts: Facts, subject: Subject) -> Answer:
    """The measure asked for, else share, money, real change and equipment; without a year, the whole series as well."""
    if subject.term is not None:
        return own_budgets(facts, subject)
    if subject.several or subject.levels is not None:
        return over_years(facts, subject)
    edition, spender, year = subject.edition, subject.spender, subject.year
    alone = subject.measure is not None or subject.currency is not None
    lead = subject.measure or facts.measures["spending_usd" if subject.currency else "share"]
    of = in_dollars(facts, lead) if subject.currency and lead.per_head else lead
    printed = facts.years(edition, of.id, spender)
    years = printed if printed and subject.span is None else (year,)
    amounts = Amounts(facts, subject, spender, lead, years)
    told = [amounts.told(year) if alone else _headline(facts, subject)]
    shown = [amounts.measure] if alone else [facts.measures[m] for m in YEARLY]
    rows = [] if alone else _rows(facts, subject, shown)
    if any(m.id == "real_change" for m in shown):
        rows += like_for_like(facts, subject, year - 1, year)
    of_year = Amounts(facts, subject, spender, lead, (year,))
    unlike = of_year.unlike if alone else []
    told += of_year.joining + unlike if alone else []
    headline = say("{told}", told=Listing((*_blank(facts, subject, amounts.measure), *told), "sentences"))
    notes = tuple(note for note in _notes(facts, subject, amounts, shown) if note not in unlike)
    beside = [] if alone else [facts.measures[m] for m in BESIDE]
    listed = {*years, *(y for m in beside for y in facts.years(edition, m.id, spender))}
    table = amounts.table(listed, beside) if subject.span is None else None
    chart = amounts.chart(years if subject.currency else printed)
    return Answer(subject.asked, headline, tuple(rows), notes, table, chart, edition)


def _headline(facts: Facts, subject: Subject) -> Sentence:
    """The share of the year and the same in money, in US dollars and in the Ally's own."""
    edition, spender, year = subject.edition, subject.spender, subject.year
    share, dollars, national = (facts.figure(edition, YEARLY[n], spender, year) for n in (0, 1, 3))
    money = say("{dollars}", dollars=dollars)
    if national is not None and national.unit.currency != "USD":
        money = say("{dollars} ({national})", dollars=dollars, national=national)
    values: dict[str, object] = {"money": money, "member": spender, "year": Year(year)}
    if share is None:
        basis = saying.basis(edition, facts.mark(edition, YEARLY[1], spender, year), *([dollars] if dollars else []))
        return say("{member}, {year}: {money} on {what} ({basis}).", **values, what=saying.spends(edition), basis=basis)
    spent = saying.spent(facts, edition, spender, share, year)
    return say("{spent}.", spent=spent) if dollars is None else say("{spent}: {money}.", spent=spent, **values)


def _rows(facts: Facts, subject: Subject, measures: list[Measure]) -> list[Row]:
    """A row for each measure; for what NATO prints of no total or group, none."""
    edition, spender, year = subject.edition, subject.spender, subject.year
    rows = []
    for measure in measures:
        figure = facts.figure(edition, measure.id, spender, year)
        never = figure is None and not isinstance(spender, Member) and not facts.years(edition, measure.id, spender)
        if never or (measure.national and figure is not None and figure.unit.currency == "USD"):
            continue
        label = say("{measure}", measure=SHARE_OF_INCOME if figure is not None and figure.unit.of else measure)
        if measure.constant:
            label = say("{measure} of {base}", measure=measure, base=Year(int(edition.price_base)))
        absent = cell_absent(facts, edition, measure, spender, year)
        rows.append(Row(label, say("{figure}", figure=figure) if figure is not None else absent))
    return rows


def _blank(facts: Facts, subject: Subject, measure: Measure) -> list[Sentence]:
    """That NATO left the newest year of the series blank, where no year was asked for."""
    newest = max(facts.printed_years.get((subject.edition.id, measure.id), (0,)))
    if subject.span is not None or newest <= subject.year:
        return []
    code, told = in_edition(facts, subject.edition, measure, subject.spender, Span(newest, newest))
    return [told] if code == "blank" else []


def _notes(facts: Facts, subject: Subject, amounts: Amounts, shown: list[Measure]) -> list[Sentence]:
    edition, spender, year = subject.edition, subject.spender, subject.year
    notes = [saying.MARKED] if any(amounts.mark(y).mark for y in amounts.years) else []
    if any(m.about == "spending" for m in shown):
        notes += saying.wider_definition(facts, edition)
    if not all(facts.complete(edition, m.id, year, list(facts.members.values())) for m in shown):
        notes.append(say("Held of the {edition}: {held}.", edition=edition, held=edition.held))
    notes += amounts.notes + saying.sum_notes([spender])
    if subject.span is None:
        notes += saying.span_notes(facts, subject, amounts.measure)
    notes += saying.break_notes(facts, edition, shown, [spender], min(amounts.years), year)
    return notes + saying.member_notes(facts, edition, spender, year, facts.figure(edition, "share", spender, year))
