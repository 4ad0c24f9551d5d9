"""GDP up to 2035: the IMF's forecast to 2031, then its last real growth and price growth held, each on its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from knowledge.facts import Edition, Facts, Member
from knowledge.figure import (
    Figure,
    Kind,
    Status,
    Unit,
    assumed,
    compounded,
    converted,
    part_of,
    percentage,
    quotient,
    scaled,
    span,
)
from knowledge.sentences import Sentence, Year, say

WEO, AMECO = "imf-weo-2026-04", "ameco-2026-05"
LAST_FORECAST, LAST_HELD = 2031, 2035
PRICES = 2026  # the year whose prices "in 2026 prices" means, and the first forecast year
INCOME_SINCE = 2023  # the GDP NATO prints for Luxembourg falls by a quarter in that year, in every edition since
CURRENT_PRICES_UNKNOWN = {"TUR"}  # three-digit price growth makes amounts in a far year's own prices meaningless


@dataclass(frozen=True, slots=True)
class Projected:
    """What a share of GDP comes to in a future year: own prices with a band, and in 2026 prices.

    `own`, `low` and `high` are None for Türkiye.
    """

    own: Figure | None
    low: Figure | None
    high: Figure | None
    real: Figure
    in_usd: Figure | None
    held: bool  # whether the year lies beyond the IMF's own forecast


def gdp(facts: Facts, member: Member, year: int) -> Figure | None:
    """GDP in the year's own prices, in national currency; None where no forecast reaches."""
    if year <= LAST_FORECAST:
        return facts.outlook(WEO, "gdp", member, year)
    last, real, prices = (facts.outlook(WEO, "gdp", member, LAST_FORECAST), *_held_growth(facts, member))
    if year > LAST_HELD or last is None or real is None or prices is None:
        return None
    years = years_between(LAST_FORECAST, year)
    return compounded(
        f"gdp.{member.code}.{year}",
        last,
        (real, prices),
        years,
        say(
            "GDP of {member} in {year}, growth of {last} held", member=member, year=Year(year), last=Year(LAST_FORECAST)
        ),
        Status.PROJECTION,
    )


def gdp_in_prices(facts: Facts, member: Member, year: int) -> Figure | None:
    """GDP of a year in 2026 prices, in national currency; None where no forecast reaches."""
    start = facts.outlook(WEO, "gdp", member, PRICES)
    real_now = facts.outlook(WEO, "gdp_constant", member, PRICES)
    real_then = facts.outlook(WEO, "gdp_constant", member, min(year, LAST_FORECAST))
    if start is None or real_now is None or real_then is None or year > LAST_HELD:
        return None
    if year > LAST_FORECAST:
        growth, _ = _held_growth(facts, member)
        if growth is None:
            return None
        years = years_between(LAST_FORECAST, year)
        label = say(
            "real GDP of {member} in {year}, growth of {last} held",
            member=member,
            year=Year(year),
            last=Year(LAST_FORECAST),
        )
        real_then = compounded(f"real_gdp.{member.code}.{year}", real_then, (growth,), years, label, Status.PROJECTION)
    ratio = quotient(
        f"real_growth.{member.code}.{PRICES}.{year}",
        real_then,
        real_now,
        say("real GDP of {member}, {year} over {base}", member=member, year=Year(year), base=Year(PRICES)),
    )
    unit = Unit(Kind.MONEY, start.unit.currency, str(PRICES))
    label = say("GDP of {member} in {year} in {base} prices", member=member, year=Year(year), base=Year(PRICES))
    return scaled(f"gdp_in_{PRICES}_prices.{member.code}.{year}", start, ratio, label, unit)


def gdp_grown(facts: Facts, member: Member, year: int, growth: Figure) -> Figure | None:
    """GDP of a year in 2026 prices if it grows by `growth` per cent a year, whoever assumes it."""
    start = facts.outlook(WEO, "gdp", member, PRICES)
    if start is None or year < PRICES:
        return None
    start = replace(start, unit=replace(start.unit, prices=str(PRICES)), name=f"{start.name}.in_prices")
    if year == PRICES:
        return start
    factor = assumed(
        "growth.factor", 1 + growth.value / 100, Unit(Kind.RATIO), say("GDP of a year over the year before, as asked")
    )
    label = say("GDP of {member} in {year} in {base} prices", member=member, year=Year(year), base=Year(PRICES))
    name = f"gdp_grown.{member.code}.{year}"
    return compounded(name, start, (factor,), years_between(PRICES, year), label, Status.PROJECTION)


def measured(facts: Facts, edition: Edition, member: Member, whole: Figure, year: int) -> Figure | None:
    """GDP, or what NATO divides by instead: for Luxembourg its income; None where that is not printed."""
    if not measured_by_income(facts, member):
        return whole
    income = income_ratio(facts, edition, member)
    if income is None:
        return None
    label = say("income NATO measures {member} against, {year}", member=member, year=Year(year))
    prices = f"_in_{whole.unit.prices}_prices" if whole.unit.prices else ""
    return scaled(f"income{prices}.{member.code}.{year}", whole, income, label, whole.unit)


def years_between(start: int, end: int) -> Figure:
    """The years from one to another as a figure to compute with."""
    words = say("years from {start} to {end}", start=Year(start), end=Year(end))
    return span(f"years.{start}.{end}", end - start, words)


def edges() -> tuple[tuple[str, Figure, Sentence], ...]:
    """The band around a projection: its lower and upper edge, the yearly factor of each, and what it is called."""
    return (
        (
            "low",
            assumed("band.low", Decimal("0.99"), Unit(Kind.RATIO), say("a point of growth a year less")),
            say("the same with a point of growth a year less"),
        ),
        (
            "high",
            assumed("band.high", Decimal("1.01"), Unit(Kind.RATIO), say("a point of growth a year more")),
            say("the same with a point of growth a year more"),
        ),
    )


def amount(facts: Facts, edition: Edition, member: Member, share: Figure, year: int) -> Projected | None:
    """What `share` of GDP comes to in a year from 2026 to 2035; None where no forecast reaches.

    Exchange rates are those of `edition`; where it has none for 2026 there is no amount in US dollars.
    """
    own, real = gdp(facts, member, year), gdp_in_prices(facts, member, year)
    if own is None or real is None:
        return None
    own, real = (measured(facts, edition, member, whole, year) for whole in (own, real))
    if own is None or real is None:
        return None
    part = say("{share} of GDP of {member} in {year}", share=share, member=member, year=Year(year))
    in_prices = say(
        "{share} of GDP of {member} in {year}, in {base} prices",
        share=share,
        member=member,
        year=Year(year),
        base=Year(PRICES),
    )
    money = part_of(f"{share.name}.amount", share, own, part)
    in_2026 = part_of(f"{share.name}.amount_in_{PRICES}_prices", share, real, in_prices)
    low = high = None
    if year > PRICES:
        low, high = (
            compounded(
                f"{share.name}.amount.{edge}", money, (factor,), years_between(PRICES, year), label, Status.PROJECTION
            )
            for edge, factor, label in edges()
        )
    rate = exchange_rate(facts, member, edition, PRICES, to_dollars=True)
    dollars = None
    if rate is not None and rate.unit.currency == f"USD per {in_2026.unit.currency}":
        label = say("the same in US dollars at NATO's {year} rate", year=Year(PRICES))
        dollars = converted(f"{share.name}.amount_usd", in_2026, rate, label)
    unknown = member.code in CURRENT_PRICES_UNKNOWN
    return Projected(
        None if unknown else money,
        None if unknown else low,
        None if unknown else high,
        in_2026,
        dollars,
        year > LAST_FORECAST,
    )


def measured_by_income(facts: Facts, member: Member) -> bool:
    """Whether NATO divides this Ally's spending by national income instead of GDP: Luxembourg alone."""
    return any(rule.kind == "measurement" and member.code in rule.only for rule in facts.rules.values())


def measured_by_income_since(facts: Facts, member: Member) -> int | None:
    """The first year NATO's tables divide by income for this Ally: its printed GDP falls there; None for all others."""
    return INCOME_SINCE if measured_by_income(facts, member) else None


def income_ratio(facts: Facts, edition: Edition, member: Member) -> Figure | None:
    """How much of GDP that income is; None where the edition does not print it.

    NATO prints the income it divides by in its GDP table.
    """
    income = facts.figure(edition, "gdp_usd", member, PRICES)
    rate = exchange_rate(facts, member, edition, PRICES, to_dollars=False)
    whole = facts.outlook(WEO, "gdp", member, PRICES)
    if income is None or rate is None or whole is None:
        return None
    national = converted(
        f"{income.name}.national", income, rate, say("the same in national currency, {member}", member=member)
    )
    return quotient(
        f"income_ratio.{member.code}",
        national,
        whole,
        say("income NATO measures {member} against, over GDP", member=member),
    )


def exchange_rate(facts: Facts, member: Member, edition: Edition, year: int, *, to_dollars: bool) -> Figure | None:
    """The rate NATO's own tables 1 and 2 imply for a year; None where a table is not held or it is the dollar."""
    national = facts.figure(edition, "spending_national", member, year)
    dollars = facts.figure(edition, "spending_usd", member, year)
    if national is None or dollars is None or national.unit.currency == dollars.unit.currency:
        return None
    a, b = (dollars, national) if to_dollars else (national, dollars)
    label = say("NATO's rate for {year}, {member}", year=Year(year), member=member)
    way = "to_usd" if to_dollars else "from_usd"
    return quotient(f"rate.{member.code}.{year}.{way}", a, b, label)


def commission_difference(facts: Facts, member: Member) -> Figure | None:
    """The Commission's GDP for 2027 as per cent of the IMF's; None where they agree within 1 %."""
    imf, commission = (facts.outlook(d, "gdp", member, PRICES + 1) for d in (WEO, AMECO))
    if imf is None or commission is None or abs(commission.value / imf.value - 1) <= Decimal("0.01"):
        return None
    label = say("GDP of {member} in {year}, the Commission's over the IMF's", member=member, year=Year(PRICES + 1))
    shown = percentage(f"commission.{member.code}", commission, imf, label)
    return replace(shown, unit=Unit(Kind.PERCENT, decimals=1))


def commission_note(percent: Figure) -> Sentence:
    """How far the Commission's forecast is from the IMF's, for those who want to know how sure a projection is."""
    return say(
        "The European Commission's GDP for {year} is {percent} of the IMF's.", year=Year(PRICES + 1), percent=percent
    )


def _held_growth(facts: Facts, member: Member) -> tuple[Figure | None, Figure | None]:
    """The yearly factors of the last forecast year: real growth and price growth."""
    own = [facts.outlook(WEO, "gdp", member, y) for y in (LAST_FORECAST - 1, LAST_FORECAST)]
    real = [facts.outlook(WEO, "gdp_constant", member, y) for y in (LAST_FORECAST - 1, LAST_FORECAST)]
    if own[0] is None or own[1] is None or real[0] is None or real[1] is None:
        return None, None
    last = Year(LAST_FORECAST)
    growth = quotient(
        f"growth.{member.code}", real[1], real[0], say("real growth of {member} in {year}", member=member, year=last)
    )
    levels = [
        quotient(
            f"prices.{member.code}.{y}", o, r, say("price level of {member} in {year}", member=member, year=Year(y))
        )
        for y, o, r in ((LAST_FORECAST - 1, own[0], real[0]), (LAST_FORECAST, own[1], real[1]))
    ]
    prices = quotient(
        f"price_growth.{member.code}",
        levels[1],
        levels[0],
        say("price growth of {member} in {year}", member=member, year=last),
    )
    return growth, prices
