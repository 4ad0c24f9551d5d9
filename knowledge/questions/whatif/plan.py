"""A straight line from an Ally's share today to the share asked about, in money: our illustration."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import difference, part_of, per_person, span, straight_line, total, yearly_growth
from knowledge.asking.problem import Problem
from knowledge.chart import Band, LineChart
from knowledge.figure import Figure
from knowledge.forecast import BAND_NOTE, Projection, band, second_opinion, sides, wide_enough
from knowledge.questions import saying
from knowledge.questions.pledges import own_words
from knowledge.questions.whatif.start import Assumed, Start, beside_the_rules, gdp_source, growth_held, then
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Member

_RISE, _EXTRA = say("points above today's share"), say("above today's share")
_FALL, _LESS = say("points below today's share"), say("below today's share")
_SPENDING = say("spending of {member} in {year} on this line")
_NOT_AS_PRINTED = say(
    "Amounts here are these shares of GDP in current prices, so today's is not the amount NATO prints."
)
_HEADLINES = {
    "same": say("If {member} still spent {share} of {whole} in {by}, that would be about {amount} {prices} ({basis}; our illustration)."),
    "less": say("If {member} spent {share} of {whole} in {by}, that would be about {amount} {prices}, {extra} less than at the {now} of {year} ({basis}; our illustration on a straight line)."),
    "more": say("If {member} spent {share} of {whole} in {by}, that would be about {amount} {prices}, {extra} more than at the {now} of {year} ({basis}; our illustration on a straight line)."),
}  # fmt: skip


class _Step(Struct, frozen=True):
    """One year on the way: the share on the straight line, and its amount."""

    year: Year
    share: Figure
    amount: Figure
    extra: Figure  # above or below today's share, as the plan rises or falls: never negative
    low: Figure
    high: Figure


class Plan:
    """Amounts a year, what that is above or below today's share, the growth it takes, and the rules beside it."""

    def __init__(self, start: Start, given: Assumed) -> None:
        assert isinstance(start.spender, Member)
        self.start, self.given, self.member, self.facts = start, given, start.spender, start.facts
        self.projection = Projection(self.facts, start.edition, self.member, given.growth)
        self.falls, self.same = given.share.value < start.share.value, given.share.value == start.share.value
        self.whole = span(start.year, given.by)
        self.sides = sides(self.facts, self.projection.growth_to(given.by))
        label = _SPENDING.filled(member=self.member, year=Year(start.year))
        self.first = part_of(f"amount.{start.year}", start.share, self._gdp(start.year), label)
        self.steps = [self._step(Year(year)) for year in range(start.year + 1, given.by + 1)]
        self.last = self.steps[-1]
        self.edges = wide_enough(self.last.amount, (self.last.low, self.last.high))
        self.values: dict[str, object] = {"member": self.member, "whole": self.projection.divided_by}
        self.values |= {"share": given.share, "by": Year(given.by), "amount": self.last.amount}
        self.values |= {"extra": self.last.extra, "now": start.share, "year": Year(start.year)}
        self.values["base"] = Year(self.facts.forecast.prices)

    def _gdp(self, year: int) -> Figure:
        whole = self.projection.own(year) if self.given.own_prices else self.projection.real(year)
        if whole is None:
            told = say("No GDP of {member} is held for {year}, so nothing is projected.")
            again = f"whatif member:{self.member.name} share:{self.given.share.value}"
            raise Problem("no-projection", told.filled(member=self.member, year=Year(year)), (again,))
        return whole

    def _step(self, year: Year) -> _Step:
        n, now, to, whole = year.number, self.start.share, self.given.share, self._gdp(year.number)
        label = say("straight line to {share}, {year}", share=to, year=year)
        share = straight_line(f"share.{n}", now, to, span(self.start.year, n), self.whole, label)
        amount = part_of(f"amount.{n}", share, whole, _SPENDING.filled(member=self.member, year=year))
        if self.falls:
            extra = part_of(f"less.{n}", difference(f"fall.{n}", now, share, _FALL), whole, _LESS)
        else:
            extra = part_of(f"extra.{n}", difference(f"rise.{n}", share, now, _RISE), whole, _EXTRA)
        low, high = band(self.facts, amount, self.sides, n) or (amount, amount)
        return _Step(year, share, amount, extra, low, high)

    def answer(self) -> Answer:
        asked, edition = replace(self.start.subject.asked, by=str(self.given.by)), self.start.edition
        extra = say("less {unit}", unit="") if self.falls else say("extra {unit}", unit="")
        headings = (say("Year"), say("{unit} GDP", unit=""), say("{unit}", unit=""), extra)
        table = Table(headings, tuple((step.year, step.share, step.amount, step.extra) for step in self.steps))
        prices = say("in that year's prices") if self.given.own_prices else say("in {base} prices", **self.values)
        text = _HEADLINES["same" if self.same else "less" if self.falls else "more"]
        headline = text.filled(**self.values, basis=self.start.basis, prices=prices)
        return Answer(asked, headline, tuple(self._rows()), tuple(self._notes()), table, self._chart(), edition)

    def _rows(self) -> list[Row]:
        start, given = self.start, self.given
        source = gdp_source(self.facts, given.growth)
        line = say("a straight line from {now} in {year} to {share} in {by}; {growth}", **self.values, growth=source)
        rows = [Row(say("Assumed"), line), then(given.by, self._with_dollars(self.last.amount), self.edges)]
        if not given.own_prices:
            rows += self._sums() if len(self.steps) > 1 else []
            label = say("real growth a year from {first} to {last}", first=self.values["year"], last=self.last.year)
            growth = yearly_growth("growth.needed", self.last.amount, self.first, self.whole, label)
            needed = say("{growth} a year after inflation", growth=growth)
            rows.append(Row(say("Growth it takes"), needed, illustration=True))
        rows.append(Row(say("Per head"), self._per_head(), illustration=True))
        rows += beside_the_rules(start, given.share, start.year)
        return rows + own_words(self.facts, start.subject, start.year)

    def _sums(self) -> list[Row]:
        values = {"first": self.steps[0].year, "last": self.last.year}
        rows = []
        if not self.same:
            row = say("Less, {first} to {last}", **values) if self.falls else say("Extra, {first} to {last}", **values)
            extra = total("less.sum" if self.falls else "extra.sum", [step.extra for step in self.steps], row)
            rows.append(Row(row, self._with_dollars(extra), illustration=True))
        row = say("In all, {first} to {last}", **values)
        spent = total("amount.sum", [step.amount for step in self.steps], row)
        return [*rows, Row(row, self._with_dollars(spent), illustration=True)]

    def _with_dollars(self, amount: Figure) -> Sentence:
        dollars = None if self.given.own_prices else self.projection.dollars(amount)
        if dollars is None:
            return say("{amount}", amount=amount)
        return say("{amount} ({dollars})", amount=amount, dollars=dollars)

    def _per_head(self) -> Sentence:
        dataset = self.facts.forecast.people
        row = self.facts.outlooks.get((dataset, "population", self.member.code))
        people = self.facts.outlook(dataset, "population", self.member, max(row.values)) if row else None
        if row is None or people is None:
            return say("no count of people is held")
        values = {"share": self.start.share, "by": self.last.year, "year": Year(max(row.values))}
        label = say("at {share}, per head of {year}'s population", **values)
        now = per_person("per_head.now", self.first, people, label)
        label = say("in {by}, per head of {year}'s population", **values)
        ahead = per_person("per_head.then", self.last.amount, people, label)
        return say("{now} at {share}, {then} in {by}, for the people of {year}", **values, now=now, then=ahead)

    def _notes(self) -> list[Sentence]:
        facts, edition, member, year, given = self.facts, self.start.edition, self.member, self.start.year, self.given
        notes = [BAND_NOTE] if self.edges is not None else []
        notes.append(say("Nobody has agreed to a straight line: it is ours."))
        notes += self._both_parts()
        notes += growth_held(facts, given)
        notes += second_opinion(facts, member) if given.growth is None else []
        if saying.plain_ratio(facts, edition, member, year, self.start.share) is not None:
            notes.append(_NOT_AS_PRINTED)
        if given.own_prices:
            notes.append(say("Amounts of different years are in different prices, so they are not added up."))
        notes += saying.break_notes(facts, edition, [facts.measures["share"]], [member], year, year)
        return notes + saying.member_notes(facts, edition, member, year, self.start.share)

    def _both_parts(self) -> list[Sentence]:
        """Who asks for the sum of a rule's parts may mean the rule, of which NATO measures the core part alone."""
        rule, share = rules.main_rule(self.facts, self.start.year), self.given.share
        core, related = (rule.level("core"), rule.level("related")) if rule is not None else (None, None)
        if core is None or related is None or not core.value < share.value <= core.value + related.value:
            return []
        told = say(
            "Of {rule} {core} is core and up to {related} related; here all of {share} is counted as core. Ask for share:{core} to leave the related part out."
        )
        return [told.filled(rule=rule, core=core, related=related, share=share)]

    def _chart(self) -> LineChart:
        title = say("{member}: spending on the way to {share} of {whole} in {by}, {base} prices")
        if self.given.own_prices:
            title = say("{member}: spending on the way to {share} of {whole} in {by}, each year's prices")
        points = [(step.year.number, step.low, step.amount, step.high) for step in self.steps]
        points.insert(0, (self.start.year, self.first, self.first, self.first))
        return LineChart(title.filled(**self.values), (), band=Band(say("{member}", member=self.member), tuple(points)))
