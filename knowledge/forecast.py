"""GDP in years ahead: the forecast that is held, then its last real growth and price growth held, each on its own."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, cached_property

from msgspec import Struct, field

from knowledge import arithmetic
from knowledge.arithmetic import converted, part_of, quotient, scaled, span
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Unit
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Edition, Member

DIFFERS = Decimal(1)  # per cent by which two forecasts differ before it is worth a word
_POINT = Unit(Kind.PERCENTAGE_POINTS, decimals=0)
_POINTS = (
    arithmetic.assumed("band.low", Decimal(-1), _POINT, say("a point of growth a year less")),
    arithmetic.assumed("band.high", Decimal(1), _POINT, say("a point of growth a year more")),
)
_LOW, _HIGH = say("the same with a point of growth a year less"), say("the same with a point of growth a year more")
BAND_NOTE = say("The band is a point of GDP growth a year more or less.")
Band = tuple[Figure, Figure]


class Projected(Struct, frozen=True):
    """What a share of GDP comes to in a year ahead: in its own prices and in those of the forecast's price year."""

    own: Figure | None  # None where prices grow too fast for it to mean anything
    real: Figure
    in_usd: Figure | None
    band: Band | None  # of the amount that is told first; None where it would be no wider than what is printed


class Projection(Struct, frozen=True, eq=False, dict=True):
    """An Ally's GDP in years ahead, or the income NATO divides by instead; None where no forecast reaches a year."""

    facts: Facts
    edition: Edition
    member: Member
    growth: Figure | None = None  # a year, if it is the asker's
    _made: dict[int, Figure | None] = field(default_factory=dict)  # what `real` has made

    def own(self, year: int) -> Figure | None:
        """In the year's own prices, in national currency."""
        return self._measured(self._forecast("gdp", year), year)

    def real(self, year: int) -> Figure | None:
        """In the prices of the forecast's price year, in national currency."""
        if year not in self._made:
            self._made[year] = self._measured(self._real(year), year)
        return self._made[year]

    def _real(self, year: int) -> Figure | None:
        held, code = self.facts.forecast, self.member.code
        base = held.prices
        if self._now is None or year > held.held_to or year == base:
            return self._now if year == base else None
        label = say("GDP of {member} in {year} in {base} prices", member=self.member, year=Year(year), base=Year(base))
        if self.growth is not None and year > base:
            return arithmetic.grown(f"gdp_grown.{code}.{year}", self._now, self.growth, span(base, year), label)
        volume = self._forecast("gdp_constant", year)
        if volume is None or self._prices is None:
            return None
        return scaled(f"gdp_in_{base}_prices.{code}.{year}", volume, self._prices, label, self._now.unit)

    def _forecast(self, indicator: str, year: int) -> Figure | None:
        """As the forecast has it; after its last year with the real growth, and the price growth, of that year held."""
        held = self.facts.forecast
        last = self._outlook(indicator, min(year, held.last))
        if year <= held.last:
            return last
        name, factors = "real_gdp", self._held_growth[:1]
        label = say("real GDP of {member} in {year}, growth of {last} held")
        if indicator == "gdp":
            name, factors = "gdp", self._held_growth
            label = say("GDP of {member} in {year}, growth of {last} held")
        known = [factor for factor in factors if factor is not None]
        if last is None or len(known) < len(factors) or year > held.held_to:
            return None
        label = label.filled(member=self.member, year=Year(year), last=Year(held.last))
        return arithmetic.compounded(f"{name}.{self.member.code}.{year}", last, known, span(held.last, year), label)

    def _outlook(self, indicator: str, year: int) -> Figure | None:
        return self.facts.outlook(self.facts.forecast.gdp, indicator, self.member, year)

    @cached_property
    def _now(self) -> Figure | None:
        """GDP of the price year, whose own prices are those that amounts are told in."""
        base = self.facts.forecast.prices
        gdp = self._outlook("gdp", base)
        return gdp and gdp.measured_in(Unit(Kind.MONEY, gdp.unit.currency, str(base)), "in_prices")

    @cached_property
    def _prices(self) -> Figure | None:
        return self._price_level(self.facts.forecast.prices)

    def _price_level(self, year: int) -> Figure | None:
        own, real = self._outlook("gdp", year), self._outlook("gdp_constant", year)
        return self._ratio(
            f"prices.{self.member.code}.{year}", own, real, say("price level of {member} in {year}"), year
        )

    @cached_property
    def _held_growth(self) -> tuple[Figure | None, ...]:
        """Real growth and price growth of the last forecast year, as yearly factors."""
        year, code = self.facts.forecast.last, self.member.code
        then, now = (self._outlook("gdp_constant", y) for y in (year - 1, year))
        real = self._ratio(f"growth.{code}", now, then, say("real growth of {member} in {year}"), year)
        then, now = (self._price_level(y) for y in (year - 1, year))
        return real, self._ratio(f"price_growth.{code}", now, then, say("price growth of {member} in {year}"), year)

    def _ratio(self, name: str, a: Figure | None, b: Figure | None, label: Sentence, year: int) -> Figure | None:
        if a is None or b is None:
            return None
        return quotient(name, a, b, label.filled(member=self.member, year=Year(year)))

    def _measured(self, whole: Figure | None, year: int) -> Figure | None:
        """GDP, or for Luxembourg its income; None where the edition does not print that."""
        if whole is None or not self.by_income:
            return whole
        if self._income is None:
            return None
        label = say("income NATO measures {member} against, {year}", member=self.member, year=Year(year))
        prices = f"_in_{whole.unit.prices}_prices" if whole.unit.prices else ""
        return scaled(f"income{prices}.{self.member.code}.{year}", whole, self._income, label)

    @cached_property
    def by_income(self) -> bool:
        """Whether NATO divides this Ally's spending by its income."""
        return self.facts.of_income(self.edition, self.member, self.edition.last)

    @property
    def divided_by(self) -> Sentence:
        return say("national income") if self.by_income else say("GDP")

    @cached_property
    def _income(self) -> Figure | None:
        """How much of GDP that income is, which NATO prints in its GDP table."""
        year = min(self.facts.forecast.prices, self.edition.last)
        income = self.facts.figure(self.edition, "gdp_usd", self.member, year)
        rate = exchange_rate(self.facts, self.member, self.edition, year, to_dollars=False)
        whole = self._outlook("gdp", year)
        if income is None or rate is None or whole is None:
            return None
        label = say("the same in national currency, {member}", member=self.member)
        national = converted(f"{income.name}.national", income, rate, label)
        label = say("income NATO measures {member} against, over GDP", member=self.member)
        return quotient(f"income_ratio.{self.member.code}", national, whole, label)

    def amount(self, share: Figure, year: int) -> Projected | None:
        """What a share of GDP comes to."""
        held = self.facts.forecast
        own, real = self.own(year), self.real(year)
        if own is None or real is None:
            return None
        values: dict[str, object] = {"share": share, "member": self.member, "year": Year(year)}
        values |= {"base": Year(held.prices), "whole": self.divided_by}
        label = say("{share} of {whole} of {member} in {year}, in {base} prices", **values)
        first = in_prices = part_of(f"{share.name}.amount_in_{held.prices}_prices", share, real, label)
        money = None
        if self.member.code not in held.no_current_prices:
            label = say("{share} of {whole} of {member} in {year}", **values)
            first = money = part_of(f"{share.name}.amount", share, own, label)
        dollars = self.dollars(in_prices)
        dollars = dollars and dollars.named(f"{share.name}.amount_usd")
        edges = band(self.facts, first, sides(self.facts, self.growth_to(year)), year)
        return Projected(money, in_prices, dollars, wide_enough(first, edges))

    @cached_property
    def _dollar_rate(self) -> Figure | None:
        """NATO's rate of the price year into US dollars; None where the edition has none for this currency."""
        rate = exchange_rate(self.facts, self.member, self.edition, self.facts.forecast.prices, to_dollars=True)
        currency = self._now and self._now.unit.currency
        return rate if rate is not None and rate.unit.currency == f"USD per {currency}" else None

    def dollars(self, money: Figure) -> Figure | None:
        """An amount in the price year's prices in US dollars at the rate of that year."""
        rate = self._dollar_rate
        return rate and converted(f"{money.name}.usd", money, rate, _in_dollars(self.facts.forecast.prices))

    def in_dollars(self, year: int) -> Figure | None:
        """The whole of a year in the price year's US dollars."""
        whole = self.real(year)
        return whole if whole is None or whole.unit.currency == "USD" else self.dollars(whole)

    def growth_to(self, year: int) -> Figure | None:
        """Real growth a year from the price year on; None for a year that is not after it."""
        if self.growth is not None:
            return self.growth
        start = self.facts.forecast.prices
        now, then = self.real(start), self.real(year)
        if now is None or then is None or year <= start:
            return None
        values: dict[str, object] = {"member": self.member, "start": Year(start), "year": Year(year)}
        label = say("real growth of {member} a year, {start} to {year}", **values)
        name = f"growth.{self.member.code}.{start}.{year}"
        return arithmetic.yearly_growth(name, then, now, span(start, year), label)


@cache
def _in_dollars(year: int) -> Sentence:
    return say("the same in US dollars at NATO's {year} rate", year=Year(year))


def sides(facts: Facts, growth: Figure | None) -> tuple[Figure, Figure] | None:
    """What GDP is multiplied by each year if it grows a point less, and a point more, than by this growth."""
    if growth is None:
        return None
    year = span(facts.forecast.prices - 1, facts.forecast.prices)
    low, high = (arithmetic.edge(f"{points.name}.factor", growth, points, year, points.label) for points in _POINTS)
    return low, high


def band(facts: Facts, money: Figure, factors: tuple[Figure, Figure] | None, year: int) -> Band | None:
    """An amount of the year with growth a point less, and a point more, each year from the price year on."""
    start = facts.forecast.prices
    if factors is None or year <= start:
        return None
    low = arithmetic.compounded(f"{money.name}.low", money, factors[:1], span(start, year), _LOW)
    return low, arithmetic.compounded(f"{money.name}.high", money, factors[1:], span(start, year), _HIGH)


def wide_enough(money: Figure, edges: Band | None) -> Band | None:
    """The band, or None where it would be no wider than what is printed."""
    if edges is None:
        return None
    low, middle, high = (figure.significant for figure in (edges[0], money, edges[1]))
    return edges if low < middle < high else None


def exchange_rate(facts: Facts, member: Member, edition: Edition, year: int, *, to_dollars: bool) -> Figure | None:
    """The rate NATO's own tables 1 and 2 imply for a year; None where a table is not held or it is the dollar."""
    national, dollars = (facts.figure(edition, f"spending_{of}", member, year) for of in ("national", "usd"))
    if national is None or dollars is None or national.unit.currency == dollars.unit.currency:
        return None
    label = say("NATO's rate for {year}, {member}", year=Year(year), member=member)
    if to_dollars:
        return quotient(f"rate.{member.code}.{year}.to_usd", dollars, national, label)
    return quotient(f"rate.{member.code}.{year}.from_usd", national, dollars, label)


def second_opinion(facts: Facts, member: Member) -> list[Sentence]:
    """How far the second forecast is from the first in the year after the price year, where they differ."""
    held, year = facts.forecast, facts.forecast.prices + 1
    first, second = (facts.outlook(dataset, "gdp", member, year) for dataset in (held.gdp, held.second))
    if first is None or second is None or abs(second.value / first.value * 100 - 100) <= DIFFERS:
        return []
    label = say("GDP of {member} in {year}, the Commission's over the IMF's", member=member, year=Year(year))
    percent = arithmetic.fraction(f"commission.{member.code}", second, first, label)
    told = say("The European Commission's GDP for {year} is {percent} of the IMF's.")
    return [told.filled(year=Year(year), percent=percent)]


def how_projected(facts: Facts, year: int) -> Sentence:
    """Where the GDP of a year ahead comes from."""
    held = facts.forecast
    if year <= held.last:
        return say("GDP is the IMF's forecast of {date}.", date=facts.sources[held.gdp].published)
    text = say("GDP is the IMF's forecast to {last}; after that its real growth and price growth of {last} are held.")
    return text.filled(last=Year(held.last))
