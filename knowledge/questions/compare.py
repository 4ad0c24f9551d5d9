"""Two to six Allies, or an Ally and a total, side by side on one measure over years."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge import names
from knowledge.answer import Answer, Row, Table
from knowledge.chart import Line, LineChart
from knowledge.facts import Edition, Facts, Measure, Member, Spender
from knowledge.figure import Figure, Kind, Status, converted, fraction, quotient
from knowledge.problem import Problem
from knowledge.projection import exchange_rate
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Listing, Sentence, Typed, Year, say

FEWEST, MOST = 2, 6


def compare(facts: Facts, question: Question) -> Answer:
    """The newest common year, the ratio of each to the lowest, and how each changed since the first common year.

    The order in which members are named changes nothing.
    """
    index = names.index_of(facts)
    listed, measure = _members_and_measure(index, question)
    spenders = sorted(index.spenders_in(listed), key=lambda s: s.name)
    _refuse_wrong_number(spenders)
    edition = index.edition(question.edition)
    wanted = names.years(question.year)
    if question.edition is None and wanted is not None:
        edition = next(
            (e for e in facts.editions.values() if e.tables and _years(facts, e, measure, spenders, wanted)), edition
        )
    forces = [s for s in spenders if not isinstance(s, Member) or s.armed_forces or measure.id.startswith("gdp")]
    for spender in spenders:
        if spender not in forces:
            raise Problem(
                "no-armed-forces",
                say(
                    "{member} has no armed forces, so NATO publishes no {measure} for it.",
                    member=spender,
                    measure=measure,
                ),
                _without(spenders, spender),
            )
        if not facts.years(edition, measure.id, spender):
            raise parts.no_figure(facts, edition, measure, spender, None)
    if measure.national:
        raise Problem(
            "different-currencies",
            say(
                "National currencies cannot be compared. Compare spending in US dollars, and add a currency: “{example}”.",
                example="currency:EUR",
            ),
            (f"compare members:{_listed(spenders)} measure:spending_usd",),
        )
    years = _years(facts, edition, measure, spenders, wanted)
    if not years:
        held = _years(facts, edition, measure, spenders, None)
        if wanted is not None and wanted[0] == wanted[1]:
            sentence = say(
                "The {edition} has no {measure} of all of them for {year}.",
                edition=edition,
                measure=measure,
                year=Year(wanted[0]),
            )
        else:
            sentence = say(
                "The {edition} has no year between {first} and {last} in which all of them have a {measure}.",
                edition=edition,
                first=Year(wanted[0] if wanted else 0),
                last=Year(wanted[1] if wanted else 0),
                measure=measure,
            )
        instead = (
            (f"compare members:{_listed(spenders)} measure:{measure.id} year:{held[0]}-{held[-1]}",) if held else ()
        )
        raise Problem("no-figure", sentence, instead)
    rates = _rates(facts, edition, measure, years, question.currency)
    side = _SideBySide(
        facts, edition, measure, tuple(spenders), tuple(years), rates, wanted or (names.FIRST_YEAR, names.LAST_YEAR)
    )
    asked = Question(
        "compare",
        members=",".join(_short(s) for s in spenders),
        year=parts.pinned_span(facts, edition, measure, wanted, years) if wanted is not None else None,
        measure=measure.id,
        currency=rates.currency if rates else None,
        edition=edition.id,
    )
    return Answer(asked, side.headline(), tuple(side.rows()), tuple(side.notes()), side.table(), side.chart(), edition)


def _members_and_measure(index: names.Index, question: Question) -> tuple[str, Measure]:
    """The list and the measure; a measure may also stand behind the list ("estonia latvia personnel")."""
    listed = question.members or ""
    if question.measure:
        return listed, index.measure(question.measure)
    listed, measure = index.with_measure(listed)
    return listed, measure or index.measure("share")


def _refuse_wrong_number(spenders: list[Spender]) -> None:
    if len(spenders) < FEWEST:
        raise Problem(
            "too-few-members",
            say("Name two to six Allies to compare, for example “compare germany, france, poland”."),
            (f"spending member:{spenders[0].name}", f"compare members:{spenders[0].name}, NATO") if spenders else (),
        )
    if len(spenders) > MOST:
        raise Problem(
            "too-many-members",
            say(
                "That is {count} at once; six can be compared. Leave one out, or ask “rank share” for all of them.",
                count=str(len(spenders)),
            ),
            (f"compare members:{_listed(spenders[:MOST])}", "rank measure:share"),
        )


def _listed(spenders: list[Spender]) -> str:
    return ", ".join(s.code for s in spenders)


def _without(spenders: list[Spender], one: Spender) -> tuple[str, ...]:
    rest = [s for s in spenders if s is not one]
    return (f"compare members:{_listed(rest)}",) if len(rest) >= FEWEST else (f"spending member:{rest[0].code}",)


def _years(
    facts: Facts, edition: Edition, measure: Measure, spenders: list[Spender], wanted: tuple[int, int] | None
) -> list[int]:
    """The years within the span in which every one of them has a figure."""
    common = set.intersection(*(set(facts.years(edition, measure.id, s)) for s in spenders))
    first, last = wanted or (min(common, default=0), max(common, default=0))
    return sorted(year for year in common if first <= year <= last)


@dataclass(frozen=True, slots=True)
class _Rates:
    """One currency for all, at the rates of each year that NATO's own tables imply for one of its members."""

    currency: str
    of: Member
    by_year: dict[int, Figure]


def _rates(facts: Facts, edition: Edition, measure: Measure, years: list[int], currency: str | None) -> _Rates | None:
    """The rates for a currency asked for; Problem if NATO's tables imply none, or the measure is no money."""
    if not currency or names.plain(currency) in ("usd", "us$", "dollars", "us dollars", "$"):
        return None
    code = {"euro": "EUR", "euros": "EUR", "€": "EUR", "pounds": "GBP", "pound": "GBP", "£": "GBP"}.get(
        names.plain(currency), currency.strip().upper()
    )
    if measure.kind is not Kind.MONEY or measure.constant:
        raise Problem(
            "no-currency-here",
            say("A currency can be chosen for money in current prices only; {measure} has none.", measure=measure),
        )
    for member in _largest_first(facts, edition, years[-1]):
        rates = {
            year: rate
            for year in years
            if (rate := exchange_rate(facts, member, edition, year, to_dollars=False)) is not None
            and rate.unit.currency == f"{code} per USD"
        }
        if len(rates) == len(years):
            return _Rates(code, member, rates)
    raise Problem(
        "unknown-currency",
        say(
            "NATO's tables imply no rate for “{currency}” in all of these years. Take EUR, GBP, PLN or another Ally's currency.",
            currency=Typed(currency),
        ),
    )


def _largest_first(facts: Facts, edition: Edition, year: int) -> list[Member]:
    """Allies by what they spend, so that a currency of several takes the rate of the largest."""
    spent = [(facts.figure(edition, "spending_usd", member, year), member) for member in facts.members.values()]
    return [
        member for _, member in sorted(((-f.value, m) for f, m in spent if f is not None), key=lambda pair: pair[0])
    ]


@dataclass(frozen=True, slots=True)
class _SideBySide:
    facts: Facts
    edition: Edition
    measure: Measure
    spenders: tuple[Spender, ...]
    years: tuple[int, ...]
    rates: _Rates | None
    wanted: tuple[int, int]

    def figure(self, spender: Spender, year: int) -> Figure:
        figure = self.facts.figure(self.edition, self.measure.id, spender, year)
        assert figure is not None  # only years that all of them have are here
        figure = parts.as_shown(figure)
        if self.rates is None:
            return figure
        label = say(
            "{figure} in {currency}, {member}, {year}",
            figure=self.measure,
            currency=self.rates.currency,
            member=spender,
            year=Year(year),
        )
        return converted(f"{figure.name}.{self.rates.currency}", figure, self.rates.by_year[year], label)

    @property
    def what(self) -> Sentence:
        if self.rates is None:
            return say("{measure}", measure=self.measure)
        return say("spending in {currency}", currency=self.rates.currency)

    def order(self, year: int) -> list[Spender]:
        """Highest first; by name where two are equal."""
        return sorted(self.spenders, key=lambda s: (-self.figure(s, year).value, s.name))

    # -- sentences -----------------------------------------------------------------------------------

    def headline(self) -> Sentence:
        """The newest values, the ratio of the highest to the lowest, and whether the order was another one before."""
        last, first = self.years[-1], self.years[0]
        ranked = self.order(last)
        values = Listing(tuple(say("{member} {figure}", member=s, figure=self.figure(s, last)) for s in ranked))
        top, bottom = ranked[0], ranked[-1]
        estimated = any(self.figure(s, last).status is Status.ESTIMATE for s in self.spenders)
        basis = parts.basis(self.edition, Year(last, "e" if estimated else ""))
        head = say(
            "{measure} in {year}: {values} ({basis}).",
            measure=self.what,
            year=Year(last),
            values=values,
            basis=basis,
        )
        told = [head]
        if (ratio := self.ratio(top, bottom, last)) is not None:
            told.append(say("{first} is at {ratio} times {last}.", first=top, ratio=ratio, last=bottom))
        before = self.order(first)
        if (
            len(self.years) > 1
            and before[0] is not top
            and self.figure(before[0], first).value != self.figure(top, first).value
        ):
            told.append(say("In {year} {first} was ahead.", year=Year(first), first=before[0]))
        elif len(self.years) > 1:
            told.append(self.most_changed())
        return say("{told}", told=Listing(tuple(told), "sentences"))

    def most_changed(self) -> Sentence:
        """The largest change in points or per cent since the first year."""
        spender = min(self.spenders, key=lambda s: (-self.change(s).value, s.name))
        return say(
            "{member} changed most since {year}: {change}.",
            member=spender,
            year=Year(self.years[0]),
            change=self.changed(spender),
        )

    def ratio(self, a: Spender, b: Spender, year: int) -> Figure | None:
        """How many times the lower the higher is; None for a total, for rates of change, and where they are equal."""
        x, y = self.figure(a, year), self.figure(b, year)
        if (
            x.value == y.value
            or y.value <= 0
            or x.unit.kind is Kind.PERCENT
            or not isinstance(a, Member)
            or not isinstance(b, Member)
        ):
            return None
        label = say("{first} over {last}, {year}", first=a, last=b, year=Year(year))
        return quotient(f"ratio.{a.code}.{b.code}.{year}", x, y, label)

    def change(self, spender: Spender) -> Figure:
        then, now = self.figure(spender, self.years[0]), self.figure(spender, self.years[-1])
        label = say(
            "change of {member} from {start} to {end}",
            member=spender,
            start=Year(self.years[0]),
            end=Year(self.years[-1]),
        )
        return parts.change_between(f"change.{spender.code}", now, then, label)

    def changed(self, spender: Spender) -> Sentence:
        then, now = self.figure(spender, self.years[0]), self.figure(spender, self.years[-1])
        if now.value == then.value:
            return say("unchanged")
        return (
            say("up {change}", change=self.change(spender))
            if now.value > then.value
            else say("down {change}", change=self.change(spender))
        )

    def rows(self) -> list[Row]:
        last = self.years[-1]
        ranked = self.order(last)
        rows = []
        for spender in ranked:
            figure = self.figure(spender, last)
            ratio = self.ratio(spender, ranked[-1], last) if spender is not ranked[-1] else None
            text = (
                say("{figure}, {ratio} times {last}", figure=figure, ratio=ratio, last=ranked[-1])
                if ratio is not None
                else say("{figure}", figure=figure)
            )
            if len(self.years) > 1:
                text = say(
                    "{text}; {change} since {year}", text=text, change=self.changed(spender), year=Year(self.years[0])
                )
            rows.append(Row(say("{member}", member=spender), text))
        whole = self._part_of_whole(ranked)
        return rows + whole

    def _part_of_whole(self, ranked: list[Spender]) -> list[Row]:
        """An Ally beside NATO, in money or people: how much of the whole it is."""
        last = self.years[-1]
        whole = next((s for s in ranked if s.code == "NATO_TOTAL"), None)
        if whole is None or self.measure.id not in parts.ADDS_UP:
            return []
        rows = []
        for spender in ranked:
            if isinstance(spender, Member):
                label = say("{member} as a part of NATO's total, {year}", member=spender, year=Year(last))
                part = fraction(f"part.{spender.code}", self.figure(spender, last), self.figure(whole, last), label)
                rows.append(Row(say("Part of the whole"), say("{member}: {part}", member=spender, part=part)))
        return rows

    def notes(self) -> list[Sentence]:
        notes = []
        if any(self.figure(s, y).status is Status.ESTIMATE for s in self.spenders for y in self.years):
            notes.append(parts.MARKED)
        if self.rates is not None:
            notes.append(
                say(
                    "In {currency} at the rate NATO's own tables imply for {member} in each year.",
                    currency=self.rates.currency,
                    member=self.rates.of,
                )
            )
        if self.measure.kind is Kind.MONEY and not self.measure.constant:
            notes.append(
                say(
                    "Current prices and each year's rate: a change holds prices and rates too. For real change take constant prices."
                )
            )
        if self.measure.constant:
            notes.append(say("Constant prices of {base}.", base=Year(int(self.edition.price_base))))
        notes += parts.span_notes(self.facts, self.edition, self.measure, self.spenders, self.wanted, self.years)
        notes += parts.series_notes(self.facts, self.spenders, self.measure, self.years)
        return notes

    def table(self) -> Table | None:
        """A column for each, as far as a phone is wide; with more, only their codes fit as headings."""
        if len(self.years) == 1:
            return None
        spenders = self.order(self.years[-1])
        headings = (say("Year"), *(say("{code} {unit}", code=_short(s), unit="") for s in spenders))
        rows = tuple((self._mark(year), *(self.figure(s, year) for s in spenders)) for year in reversed(self.years))
        return Table(headings, rows)

    def _mark(self, year: int) -> Year:
        estimated = any(self.figure(s, year).status is Status.ESTIMATE for s in self.spenders)
        return Year(year, "e" if estimated else "")

    def chart(self) -> LineChart:
        title = say("{measure}, {edition}", measure=self.what, edition=self.edition)
        lines = tuple(
            Line(say("{member}", member=s), tuple((year, self.figure(s, year)) for year in self.years))
            for s in self.order(self.years[-1])
        )
        return LineChart(title, lines)


def _short(spender: Spender) -> str:
    """What fits a table's heading and a button's id, and is understood when it is read again."""
    return (
        spender.code if isinstance(spender, Member) else {"NATO_TOTAL": "NATO", "NATO_EUR_CAN": "Europe"}[spender.code]
    )
