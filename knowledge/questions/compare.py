"""Two to six Allies, groups or totals side by side on one measure over years."""

from __future__ import annotations

from msgspec.structs import replace

from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import change, fraction, quotient
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import TOTAL, Subject, in_dollars, short
from knowledge.chart import Line, LineChart
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind
from knowledge.questions import saying
from knowledge.questions.amounts import Amounts, what_in
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Aggregate, Group, Measure, Member


def compare(facts: Facts, subject: Subject) -> Answer:
    """The newest common year, the ratio of highest to lowest, each one's change; the order of naming changes nothing."""
    measure = subject.measure
    assert measure is not None  # the share of GDP where none was asked for
    if (unarmed := subject.unarmed) is not None:
        told = say("{member} has no armed forces, so NATO publishes no {measure} for it.")
        rest = [short(s) for s in subject.spenders if s is not unarmed]
        offer = f"compare members:{', '.join(rest)}" if len(rest) > 1 else f"spending member:{rest[0]}"
        raise Problem("no-armed-forces", told.filled(member=unarmed, measure=measure.name), (offer,), keep=True)
    if measure.national:
        text = say(
            "National currencies cannot be compared. Compare spending in US dollars, and add a currency: “{example}”."
        )
        offer = str(replace(subject.asked, measure="spending_usd"))
        raise Problem("different-currencies", text.filled(example="currency:EUR"), (offer,))
    side = _SideBySide(facts, subject, measure)
    rows, notes = (*side.rows(), *side.parts_of_the_whole()), tuple(side.notes())
    return Answer(subject.asked, side.headline(), rows, notes, side.table(), side.chart(), subject.edition)


class _SideBySide:
    """From the first to the last year that every one of them has."""

    def __init__(self, facts: Facts, subject: Subject, measure: Measure) -> None:
        years, code, per_head = subject.years, subject.currency, measure.per_head and subject.currency is not None
        self.facts, self.subject, self.edition = facts, subject, subject.edition
        self.first, self.last = years[0], years[-1]
        self.sides = [Amounts(facts, subject, spender, measure, years) for spender in subject.spenders]
        self.measure = measure if code is None else in_dollars(facts, measure)
        self.ranked = self.order(self.last)
        # what is not alike in these years of these rows, and whose joining a rate of change holds, each break once
        told = dict.fromkeys(one for side in self.sides for one in side.breaks(self.first, self.last))
        joining = [b for b in told if measure.kind is Kind.PERCENT and b.kind == "membership" and b.last == self.last]
        self.unlike = [say("{what}", what=one) for one in told if not one.joined or one in joining]
        self.what = what_in(self.measure, facts.currencies[code] if code and code != "USD" else None, per_head)

    def mark(self, year: int) -> Year:
        """The year with NATO's "e" where it estimates one of the figures."""
        return Year(year, max(side.mark(year).mark for side in self.sides))

    def order(self, year: int) -> list[Amounts]:
        """Highest first; by name where two are equal."""
        return sorted(self.sides, key=lambda side: (-side.figures[year].value, side.spender.name))

    def ratio(self, a: Amounts, b: Amounts) -> Figure | None:
        """How many times the lower the higher is; None for rates of change, totals, an Ally and its group, and equals."""
        x, y, sides = a.figures[self.last], b.figures[self.last], (a.spender, b.spender)
        first, last = ({one.code, *(one.members if isinstance(one, Group) else ())} for one in sides)
        within = any(isinstance(one, Aggregate) for one in sides) or first & last
        if within or x.value == y.value or y.value <= 0 or x.unit.kind is Kind.PERCENT:
            return None
        label = say("{first} over {last}, {year}", first=a.spender, last=b.spender, year=Year(self.last))
        return quotient(f"ratio.{a.spender.code}.{b.spender.code}.{self.last}", x, y, label)

    def moved(self, side: Amounts) -> Sentence:
        return saying.moved(f"change.{side.spender.code}", side.spender, side.figures)

    def headline(self) -> Sentence:
        """The newest values, the ratio of the highest to the lowest, and whether the order was another one before."""
        last, high, low = self.last, self.ranked[0], self.ranked[-1]
        listed = (say("{member} {figure}", member=one.spender, figure=one.figures[last]) for one in self.ranked)
        values = {"measure": self.what, "year": Year(last), "values": Listing(tuple(listed))}
        basis = saying.basis(self.edition, self.mark(last), *(one.figures[last] for one in self.ranked))
        told = [say("{measure} in {year}: {values} ({basis}).", **values, basis=basis)]
        if (ratio := self.ratio(high, low)) is not None:
            text = say("{first} is at {ratio} times {last}.")
            if isinstance(high.spender, Group) or isinstance(low.spender, Group):
                text = say("That of {first} is {ratio} times that of {last}.")
            told.append(text.filled(first=high.spender, ratio=ratio, last=low.spender))
        if self.first < last:
            told += self._since_the_first()
        return say("{told}", told=Listing((*told, *self.unlike), "sentences"))

    def _since_the_first(self) -> list[Sentence]:
        """Who was ahead then, if it was another; else whose change is the largest."""
        ahead = self.order(self.first)[0]
        values: dict[str, object] = {"year": Year(self.first), "first": ahead.spender}
        if ahead.figures[self.first].value != self.ranked[0].figures[self.first].value:
            plain = isinstance(ahead.spender, Member | Aggregate) and not self.mark(self.first).mark
            text = say("In {year} {first} was ahead.") if plain else say("Ahead in {year}: {first}.")
            return [text.filled(**values)]
        ends = {side: (side.figures[self.last], side.figures[self.first]) for side in self.sides if side.apart is None}
        by = {side: change("change", now, then, self.what).value for side, (now, then) in ends.items()}
        most = min(by, key=lambda side: (-by[side], side.spender.name), default=None)
        if most is None:
            return []
        if not by[most]:
            return [say("Nothing changed since {year}.", **values)]
        text = say("{member} changed most since {year}: {change}.")
        if self.mark(self.last).mark:
            text = say("The largest change since {year} is that of {member}: {change}.")
        told = [text.filled(**values, member=most.spender, change=self.moved(most))]
        return told if self.measure.kind is Kind.PERCENT else told + most.joining

    def rows(self) -> list[Row]:
        rows, lowest = [], self.ranked[-1]
        for side in self.ranked:
            values: dict[str, object] = {"figure": side.figures[self.last], "last": lowest.spender}
            text = say("{figure}", **values)
            if side is not lowest and (ratio := self.ratio(side, lowest)) is not None:
                text = say("{figure}, {ratio} times {last}", **values, ratio=ratio)
            values = {"text": text, "year": Year(self.first)}
            if self.first < self.last and side.apart is not None:
                text = say("{text}; not alike since {year}, so no change is computed", **values)
            elif self.first < self.last:
                text = say("{text}; {change} since {year}", **values, change=self.moved(side))
            rows.append(Row(say("{member}", member=side.spender), text))
        return rows

    def parts_of_the_whole(self) -> list[Row]:
        """Beside NATO, in money or people: how much of the whole those are that it counts in the year."""
        year, rows = self.last, []
        whole = next((side for side in self.ranked if side.spender.code == TOTAL and self.measure.adds_up), None)
        for one in self.ranked if whole is not None else ():
            if whole and one is not whole and all(m.accession.year <= year for m in self.facts.those(one.spender)):
                label = say("{member} as a part of NATO's total, {year}", member=one.spender, year=Year(year))
                part = fraction(f"part.{one.spender.code}", one.figures[year], whole.figures[year], label)
                rows.append(Row(say("Part of the whole"), say("{member}: {part}", member=one.spender, part=part)))
        return rows

    def notes(self) -> list[Sentence]:
        subject, measure = self.subject, self.measure
        notes = [saying.MARKED] if any(self.mark(year).mark for year in subject.years) else []
        for made in (note for side in self.sides for note in side.notes):
            notes += [made] if made not in notes else []
        if measure.kind is Kind.MONEY and not measure.constant and self.first < self.last:
            text = say(
                "Current prices and each year's rate: a change holds prices and rates too. For real change take constant prices."
            )
            notes.append(text)
        if measure.constant:
            notes.append(say("Constant prices of {base}.", base=Year(int(subject.edition.price_base))))
        return notes + saying.series_notes(self.facts, subject, [measure], self.first, self.last, self.unlike)

    def table(self) -> Table | None:
        """A column for each, as far as a phone is wide; with more, only their codes fit as headings."""
        if self.first == self.last:
            return None
        headings = (say("Year"), *(say("{code} {unit}", code=short(one.spender), unit="") for one in self.ranked))
        years = reversed(self.subject.years)
        return Table(headings, tuple((self.mark(year), *(one.figures[year] for one in self.ranked)) for year in years))

    def chart(self) -> LineChart:
        title = say("{measure}, {edition}", measure=self.what, edition=self.edition)
        lines = (Line(say("{member}", member=one.spender), tuple(one.figures.items())) for one in self.ranked)
        return LineChart(title, tuple(lines))
