"""What is told of a spender year by year: a measure as NATO prints it, or money in a currency, whole or per head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Table
from knowledge.arithmetic import as_shown, converted, per_person, total
from knowledge.asking.absent import absent
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject, in_dollars
from knowledge.asking.years import Span
from knowledge.chart import Level, Line, LineChart
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind
from knowledge.forecast import exchange_rate
from knowledge.questions import saying
from knowledge.questions.membership import allies_of
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Break, Currency, Measure, Member, Spender


class Amounts:
    """One row of figures in some years: the measure asked for, or with a currency NATO's amounts in it; Problem without.

    Per head, a currency means current prices, and the people of the year. `rates` turn dollars into `currency`; `notes`
    say how figures are made that NATO does not print so. `figures` have percentages at the decimals NATO prints, `unlike`
    is what is not as its name says in these years, `apart` the break across which nothing may be computed.
    """

    def __init__(
        self, facts: Facts, subject: Subject, spender: Spender, measure: Measure, years: Sequence[int]
    ) -> None:
        edition, code = subject.edition, subject.currency
        row = measure if code is None else _row_in(code, facts, subject, spender, measure, years)
        if not any(facts.has(edition, row.id, spender, year) for year in years):
            span = Span(years[0], years[-1]) if years else subject.span
            raise absent(facts, subject.asked, row, spender, span, edition)
        self.facts, self.subject, self.edition, self.spender = facts, subject, edition, spender
        self.measure, self.years, self.per_head = row, years, measure.per_head and code is not None
        self.rates: Mapping[int, Figure] = {}
        self.currency: Currency | None = None
        self.notes: list[Sentence] = []
        if code is not None and code != "USD" and not row.national:
            if row.constant:
                told = say("Constant prices are not converted; {measure} can be asked for in current prices.")
                raise _no_currency(subject, told.filled(measure=measure), measure="spending_usd")
            self.rates, used_by = _rates(facts, subject, years)
            self.currency = facts.currencies[code]
            text = say("In {currency} at the rate NATO's own tables imply for {member} in each year.")
            self.notes.append(text.filled(currency=self.currency, member=used_by))
        if self.per_head:
            if (people := people_of(facts, spender, years[-1])) is None:
                told = say(
                    "How many people live in {member} is not held here, so amounts per head come in NATO's constant prices alone."
                )
                raise _no_currency(subject, told.filled(member=spender), currency=None)
            text = say(
                "Computed here: NATO's amount of each year over its people, lastly {people} {who} ({publisher})."
            )
            if len(years) == 1:
                text = say("Computed here: NATO's amount over the {people} {who} ({publisher}).")
            publisher = facts.sources[facts.forecast.people].publisher
            self.notes.append(text.filled(people=people, who=people.label, publisher=publisher))
        self.what = what_in(row, self.currency, self.per_head)
        self.figures = {year: as_shown(figure) for year in years if (figure := self.figure(year)) is not None}
        self.first, self.last = min(self.figures, default=years[0]), max(self.figures, default=years[-1])
        self.apart = rules.apart(facts, edition, row, spender, self.first, self.last)
        self.unlike = [say("{what}", what=one) for one in self.breaks(self.first, self.last) if not one.joined]

    def figure(self, year: int) -> Figure | None:
        found = self.facts.figure(self.edition, self.measure.id, self.spender, year)
        if found is None or not (self.rates or self.per_head):
            return found
        label = say("{what}, {member}, {year}", what=self.what, member=self.spender, year=Year(year))
        if self.currency is not None:
            found = converted(f"{found.name}.{self.currency.code}", found, self.rates[year], label)
        if not self.per_head:
            return found
        people = people_of(self.facts, self.spender, year)
        return people and per_person(f"per_head.{self.spender.code}.{year}", found, people, label)

    def mark(self, year: int) -> Year:
        return self.facts.mark(self.edition, self.measure.id, self.spender, year)

    def told(self, year: int) -> Sentence:
        """One figure with what it is, in constant prices their base, and what it stands on."""
        values = {"member": self.spender, "year": Year(year), "figure": self.figure(year), "measure": self.what}
        figure = self.figure(year)
        values["basis"] = saying.basis(self.edition, self.mark(year), *([figure] if figure else []))
        if not self.measure.constant:
            return say("{member}, {year}: {figure}, {measure} ({basis}).", **values)
        base = Year(int(self.edition.price_base))
        return say("{member}, {year}: {figure}, {measure} of {base} ({basis}).", **values, base=base)

    def breaks(self, first: int, last: int) -> list[Break]:
        return rules.breaks(self.facts, self.edition, self.measure, self.spender, first, last)

    @property
    def joining(self) -> list[Sentence]:
        """Whose joining the change of a total holds, or of a rate of change that of its last year."""
        found = self.breaks(self.last if self.measure.kind is Kind.PERCENT else self.first + 1, self.last)
        years = {one.first for one in found if one.kind == "membership"}
        joined = tuple(ally for ally in allies_of(self.facts, self.spender) if ally.accession.year in years)
        return [say("That holds the joining of {joined}.", joined=Listing(joined))] if joined else []

    def table(self, years: Iterable[int], beside: Sequence[Measure] = ()) -> Table:
        """The years, the newest first, with other measures beside it."""
        facts, edition, spender = self.facts, self.edition, self.spender
        held = [m for m in beside if facts.years(edition, m.id, spender)]
        heading = say("{unit}", unit="") if self.rates else saying.heading(self.measure)
        rows = (
            (self.mark(year), self.figure(year), *(facts.figure(edition, m.id, spender, year) for m in held))
            for year in sorted(years, reverse=True)
        )
        return Table((say("Year"), heading, *map(saying.heading, held)), tuple(rows))

    def chart(self, years: Iterable[int], levels: tuple[Level, ...] = ()) -> LineChart:
        title = say("{member}: {measure}, {edition}", member=self.spender, measure=self.what, edition=self.edition)
        points = ((year, figure) for year in years if (figure := self.figure(year)) is not None)
        return LineChart(title, (Line(say("{member}", member=self.spender), tuple(points)),), levels)


def _row_in(
    code: str, facts: Facts, subject: Subject, spender: Spender, measure: Measure, years: Sequence[int]
) -> Measure:
    """NATO's amounts in this currency, where it prints them so in all of the years; else those in US dollars."""
    if measure.kind is not Kind.MONEY:
        told = say("A currency can be chosen for money in current prices only; {measure} has none.")
        raise _no_currency(subject, told.filled(measure=measure), measure="spending_usd")
    dollars = in_dollars(facts, measure)
    for own in facts.measures.values() if code != "USD" else ():
        found = (facts.figure(subject.edition, own.id, spender, year) for year in years)
        alike = own.national and (own.about, own.constant) == (dollars.about, dollars.constant)
        if alike and all(figure is not None and figure.unit.currency == code for figure in found):
            return own
    return dollars


def what_in(measure: Measure, currency: Currency | None, per_head: bool) -> Sentence:
    """What figures are, in words: a measure, or with a currency the same in it."""
    what = say("{measure}", measure=measure)
    if currency is not None:
        text = say("GDP in {currency}") if measure.about == "gdp" else say("spending in {currency}")
        what = text.filled(currency=currency)
    return say("{what} per head", what=what) if per_head else what


def _no_currency(subject: Subject, told: Sentence, **instead: str | None) -> Problem:
    """The refusal to tell a measure in another currency."""
    return Problem("no-currency-here", told, (str(replace(subject.asked, **instead)),))


def _rates(facts: Facts, subject: Subject, years: Sequence[int]) -> tuple[Mapping[int, Figure], Member]:
    """The currency's rate of each year in the tables of the largest Ally that uses it; Problem where they imply none."""
    edition, code = subject.edition, subject.currency or ""
    uses = {key[::2] for key, row in facts.series.items() if key[1] == "spending_national" and row.currency == code}
    users = [member for member in facts.members.values() if (edition.id, member.code) in uses]
    spent = {member: facts.figure(edition, "spending_usd", member, years[-1]) for member in users}
    for member, _ in sorted(spent.items(), key=lambda one: -one[1].value if one[1] else 0):
        made = ((year, exchange_rate(facts, member, edition, year, to_dollars=False)) for year in years)
        rates = {year: rate for year, rate in made if rate is not None}
        if len(rates) == len(years):
            return rates, member
    none = say("What is held of the {edition} implies no rate of {currency} for all of these years.")
    others = (str(replace(subject.asked, edition=one)) for one in facts.editions if one in {e for e, _ in uses})
    instead = None if code == "EUR" else "EUR"
    told = none.filled(edition=edition, currency=facts.currencies[code])
    raise Problem("unknown-currency", told, (*others, str(replace(subject.asked, currency=instead))))


def people_of(facts: Facts, spender: Spender, year: int) -> Figure | None:
    """Who lives there in the year, or in the newest before it that is held; of a group all of its people."""
    members = [spender] if isinstance(spender, Member) else facts.those(spender)
    held = facts.forecast.people
    rows = [facts.outlooks.get((held, "population", member.code)) for member in members]
    last = min((max(row.values) for row in rows if row is not None), default=year)
    found = [facts.outlook(held, "population", member, min(year, last)) for member in members]
    people = [figure for figure in found if figure is not None]
    if not people or len(people) < len(members):
        return None
    label = say("people living in {member} in {year}", member=spender, year=Year(min(year, last)))
    return people[0] if len(people) == 1 else total(f"population.{spender.code}.{min(year, last)}", people, label)
