"""Two to six Allies, groups or totals side by side on one measure over years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from knowledge import rules
from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import as_shown, change, fraction, quotient
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject, in_dollars, short
from knowledge.chart import Line, LineChart
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind
from knowledge.questions import saying
from knowledge.questions.amounts import Amounts, amounts_of, what_in
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Aggregate, Break, Edition, Group, Measure, Member, Spender


def compare(facts: Facts, subject: Subject) -> Answer:
    """The newest common year, the ratio of highest to lowest, each one's change; the order of naming changes nothing."""
    measure, edition, currency = subject.measure, subject.edition, subject.currency
    assert measure is not None  # the share of GDP where none was asked for
    if subject.unarmed is not None:
        raise _no_forces(subject, measure, subject.unarmed)
    if measure.national:
        text = say(
            "National currencies cannot be compared. Compare spending in US dollars, and add a currency: “{example}”."
        )
        offer = str(replace(subject.asked, measure="spending_usd"))
        raise Problem("different-currencies", text.filled(example="currency:EUR"), (offer,))
    amounts = {s: amounts_of(facts, subject, s, measure, subject.years) for s in subject.spenders}
    per_head, chosen = measure.per_head and currency is not None, None
    if currency is not None:
        measure, chosen = in_dollars(facts, measure), facts.currencies[currency] if currency != "USD" else None
    what = what_in(measure, chosen, per_head)
    side = _SideBySide(facts, subject, edition, measure, what, subject.years[0], subject.years[-1], amounts)
    rows = (*side.rows(), *side.parts_of_the_whole())
    return Answer(subject.asked, side.headline(), rows, tuple(side.notes()), side.table(), side.chart(), edition)


def _no_forces(subject: Subject, measure: Measure, spender: Member) -> Problem:
    text = say("{member} has no armed forces, so NATO publishes no {measure} for it.")
    rest = [short(s) for s in subject.spenders if s is not spender]
    offer = f"compare members:{', '.join(rest)}" if len(rest) > 1 else f"spending member:{rest[0]}"
    return Problem("no-armed-forces", text.filled(member=spender, measure=measure.name), (offer,), keep=True)


@dataclass(frozen=True, eq=False)
class _SideBySide:
    """From the first to the last year that every one of them has."""

    facts: Facts
    subject: Subject
    edition: Edition
    measure: Measure
    what: Sentence
    first: int
    last: int
    amounts: Mapping[Spender, Amounts]

    def figure(self, spender: Spender, year: int) -> Figure:
        figure = self.amounts[spender].figure(year)
        assert figure is not None  # only years that all of them have are here
        return as_shown(figure)

    def mark(self, year: int) -> Year:
        """The year with NATO's "e" where it estimates one of the figures."""
        return Year(year, max(one.mark(year).mark for one in self.amounts.values()))

    def order(self, year: int) -> list[Spender]:
        """Highest first; by name where two are equal."""
        return sorted(self.subject.spenders, key=lambda s: (-self.figure(s, year).value, s.name))

    @cached_property
    def ranked(self) -> list[Spender]:
        return self.order(self.last)

    def ratio(self, a: Spender, b: Spender) -> Figure | None:
        """How many times the lower the higher is; None for rates of change, totals, an Ally and its group, and equals."""
        x, y = self.figure(a, self.last), self.figure(b, self.last)
        within = isinstance(a, Aggregate) or isinstance(b, Aggregate) or _allies(a) & _allies(b)
        if within or x.value == y.value or y.value <= 0 or x.unit.kind is Kind.PERCENT:
            return None
        label = say("{first} over {last}, {year}", first=a, last=b, year=Year(self.last))
        return quotient(f"ratio.{a.code}.{b.code}.{self.last}", x, y, label)

    def apart(self, spender: Spender) -> bool:
        """Whether its first and last year are not alike, so that no change is computed."""
        return rules.apart(self.facts, self.edition, self.measure, spender, self.first, self.last) is not None

    @cached_property
    def unlike(self) -> list[Break]:
        """What is not alike in these years of these rows, and whose joining a rate of change holds, each break once."""
        years = self.first, self.last
        rows = (rules.breaks(self.facts, self.edition, self.measure, s, *years) for s in self.subject.spenders)
        rate = self.measure.kind is Kind.PERCENT
        told = dict.fromkeys(one for row in rows for one in row)
        return [b for b in told if not b.joined or (rate and b.kind == "membership" and b.last == self.last)]

    def since(self, spender: Spender) -> tuple[str, Figure, Figure, Sentence]:
        """What a change is made of: its name, the newest and the first figure, and what it is."""
        values = {"member": spender, "start": Year(self.first), "end": Year(self.last)}
        label = say("change of {member} from {start} to {end}", **values)
        return f"change.{spender.code}", self.figure(spender, self.last), self.figure(spender, self.first), label

    def headline(self) -> Sentence:
        """The newest values, the ratio of the highest to the lowest, and whether the order was another one before."""
        last, ranked = self.last, self.ranked
        listed = Listing(tuple(say("{member} {figure}", member=s, figure=self.figure(s, last)) for s in ranked))
        values = {"measure": self.what, "year": Year(last), "values": listed}
        basis = saying.basis(self.edition, self.mark(last))
        told = [say("{measure} in {year}: {values} ({basis}).", **values, basis=basis)]
        if (ratio := self.ratio(ranked[0], ranked[-1])) is not None:
            text = say("{first} is at {ratio} times {last}.")
            if isinstance(ranked[0], Group) or isinstance(ranked[-1], Group):
                text = say("That of {first} is {ratio} times that of {last}.")
            told.append(text.filled(first=ranked[0], ratio=ratio, last=ranked[-1]))
        if self.first < last:
            told += self._since_the_first()
        told += [say("{what}", what=one) for one in self.unlike]
        return say("{told}", told=Listing(tuple(told), "sentences"))

    def _since_the_first(self) -> list[Sentence]:
        """Who was ahead then, if it was another; else whose change is the largest."""
        before = self.order(self.first)[0]
        values: dict[str, object] = {"year": Year(self.first), "first": before}
        if self.figure(before, self.first).value != self.figure(self.ranked[0], self.first).value:
            plain = isinstance(before, Member | Aggregate) and not self.mark(self.first).mark
            text = say("In {year} {first} was ahead.") if plain else say("Ahead in {year}: {first}.")
            return [text.filled(**values)]
        by = {s: change(*self.since(s)).value for s in self.subject.spenders if not self.apart(s)}
        most = min(by, key=lambda s: (-by[s], s.name), default=None)
        if most is None:
            return []
        if not by[most]:
            return [say("Nothing changed since {year}.", **values)]
        text = say("{member} changed most since {year}: {change}.")
        if self.mark(self.last).mark:
            text = say("The largest change since {year} is that of {member}: {change}.")
        told = [text.filled(**values, member=most, change=saying.moved(*self.since(most)))]
        return told if self.measure.kind is Kind.PERCENT else told + self.amounts[most].joining(self.first, self.last)

    def rows(self) -> list[Row]:
        rows, lowest = [], self.ranked[-1]
        for spender in self.ranked:
            values: dict[str, object] = {"figure": self.figure(spender, self.last), "last": lowest}
            text = say("{figure}", **values)
            if spender is not lowest and (ratio := self.ratio(spender, lowest)) is not None:
                text = say("{figure}, {ratio} times {last}", **values, ratio=ratio)
            values = {"text": text, "year": Year(self.first)}
            if self.first < self.last and self.apart(spender):
                text = say("{text}; not alike since {year}, so no change is computed", **values)
            elif self.first < self.last:
                text = say("{text}; {change} since {year}", **values, change=saying.moved(*self.since(spender)))
            rows.append(Row(say("{member}", member=spender), text))
        return rows

    def parts_of_the_whole(self) -> list[Row]:
        """Beside NATO, in money or people: how much of the whole those are that it counts in the year."""
        year = self.last
        whole = next((s for s in self.ranked if s.code == "NATO_TOTAL"), None)
        rows = []
        for spender in self.ranked if whole is not None and self.measure.adds_up else ():
            if whole and spender is not whole and all(m.accession.year <= year for m in self.facts.those(spender)):
                label = say("{member} as a part of NATO's total, {year}", member=spender, year=Year(year))
                part = fraction(f"part.{spender.code}", self.figure(spender, year), self.figure(whole, year), label)
                rows.append(Row(say("Part of the whole"), say("{member}: {part}", member=spender, part=part)))
        return rows

    def notes(self) -> list[Sentence]:
        subject, measure, first, last = self.subject, self.measure, self.first, self.last
        notes = [saying.MARKED] if any(self.mark(year).mark for year in subject.years) else []
        for made in (note for one in self.amounts.values() for note in one.notes(subject.years)):
            notes += [made] if made not in notes else []
        if measure.kind is Kind.MONEY and not measure.constant and first < last:
            text = say(
                "Current prices and each year's rate: a change holds prices and rates too. For real change take constant prices."
            )
            notes.append(text)
        if measure.constant:
            notes.append(say("Constant prices of {base}.", base=Year(int(self.edition.price_base))))
        notes += saying.span_notes(self.facts, subject, measure)
        notes += saying.joined_notes(subject.spenders, first) + saying.sum_notes(subject.spenders)
        told = saying.break_notes(self.facts, self.edition, [measure], subject.spenders, first, last)
        return notes + [note for note in told if note.values["what"] not in self.unlike]

    def table(self) -> Table | None:
        """A column for each, as far as a phone is wide; with more, only their codes fit as headings."""
        if self.first == self.last:
            return None
        headings = (say("Year"), *(say("{code} {unit}", code=short(s), unit="") for s in self.ranked))
        years = reversed(self.subject.years)
        return Table(headings, tuple((self.mark(year), *(self.figure(s, year) for s in self.ranked)) for year in years))

    def chart(self) -> LineChart:
        title = say("{measure}, {edition}", measure=self.what, edition=self.edition)
        points = {s: tuple((year, self.figure(s, year)) for year in self.subject.years) for s in self.ranked}
        return LineChart(title, tuple(Line(say("{member}", member=s), found) for s, found in points.items()))


def _allies(spender: Spender) -> set[str]:
    return {spender.code, *(spender.members if isinstance(spender, Group) else ())}
