"""The arithmetic of figures: the only makers of computed ones, and what each of them refuses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from knowledge.figure import IN_PER_CENT, Citation, Figure, Kind, Operation, Standing, Status, Unit
from knowledge.sentences import Sentence, Year, say


class UnitError(ValueError):
    """Unlike things were about to be computed with one another; a fault of ours, never the reader's."""


class MixedEditions(ValueError):
    """Figures of two editions were about to enter one sum, series or ranking."""


def _made(
    name: str, operation: Operation, operands: tuple[Figure, ...], unit: Unit, label: Sentence,
    status: Status = Status.PUBLISHED,
) -> Figure:  # fmt: skip
    """A computed figure: as unsure as its least sure operand, of their one edition and their weakest standing."""
    edition: str | None = None
    standing: Standing | None = None
    for one in operands:
        if one.status > status:
            status = one.status
        if one.standing is not None and (standing is None or one.standing > standing):
            standing = one.standing
        if operation is Operation.REVISION:
            continue
        if one.operation is Operation.REVISION:
            raise MixedEditions(f"{name} would be computed from a revision, which belongs to no edition")
        if one.edition is not None and one.edition != edition:
            if edition is not None:
                raise MixedEditions(f"{name} would mix the editions {edition} and {one.edition}")
            edition = one.edition
    value = operation.compute(*[one.value for one in operands])
    return Figure(name, value, unit, label, status, standing, edition, (), operation, operands)


def _same(a: Figure, b: Figure) -> None:
    if (a.unit.kind, a.unit.currency, a.unit.prices) != (b.unit.kind, b.unit.currency, b.unit.prices):
        raise UnitError(f"{a.name} is in {a.unit.text}, {b.name} in {b.unit.text}")


def _need(figure: Figure, *kinds: Kind) -> None:
    if figure.unit.kind not in kinds:
        raise UnitError(f"{figure.name} is in {figure.unit.text}, not in {' or '.join(kinds)}")


def _of_difference(a: Unit, b: Unit, places: int) -> Unit:
    """What two percentages differ by: points, never per cent; of income where one of them is a share of it."""
    if a.kind not in IN_PER_CENT:
        return a
    kind = Kind.POINTS if a.kind is Kind.SHARE else Kind.PERCENTAGE_POINTS
    return Unit(kind, decimals=places, of=a.of or b.of)


def as_printed(figure: Figure) -> Figure:
    """The share at two decimals; the figure itself where it has no more than those."""
    if figure.value == figure.printed:
        return figure
    return _made(f"{figure.name}.printed", Operation.AS_PRINTED, (figure,), figure.unit, figure.label)


def as_shown(figure: Figure) -> Figure:
    """A percentage at the decimals NATO prints, so that what is computed agrees with what is read; else itself."""
    return as_printed(figure) if figure.unit.kind in IN_PER_CENT else figure


def to_nearest(figure: Figure, step: Figure) -> Figure:
    """An amount or a headcount in whole steps, such as a million dollars or a hundred people."""
    _same(figure, step)
    made = _made(f"{figure.name}.printed", Operation.TO_NEAREST, (figure, step), figure.unit, figure.label)
    return figure if made.value == figure.value else made


def difference(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """a − b; the difference of two shares is in percentage points, never in per cent."""
    _same(a, b)
    return _made(name, Operation.DIFFERENCE, (a, b), _of_difference(a.unit, b.unit, 2), label)


def distance(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """The larger less the smaller: never negative, so the words must say which way."""
    return difference(name, a, b, label) if a.value >= b.value else difference(name, b, a, label)


def revision(name: str, before: Figure, after: Figure, label: Sentence) -> Figure:
    """What a later edition made of a cell: after − before, the one place where two editions meet.

    Elsewhere a difference of two editions passes for a change in the world; here it is the edition that changed,
    and the name says so. Both are to be the same cell, printed alike. The result belongs to no edition, and
    nothing is computed from it.
    """
    _same(before, after)
    if before.unit.decimals != after.unit.decimals:
        raise UnitError(f"{before.name} and {after.name} are printed to unlike decimals")
    unit = _of_difference(before.unit, after.unit, before.unit.decimals)
    return _made(name, Operation.REVISION, (before, after), unit, label)


def share_total(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """The sum of two shares of GDP."""
    _need(a, Kind.SHARE)
    _need(b, Kind.SHARE)
    places = decimals(a.value + b.value)
    return _made(name, Operation.SHARE_PLUS, (a, b), Unit(Kind.SHARE, decimals=places), label)


def total(name: str, parts: Sequence[Figure], label: Sentence) -> Figure:
    """The sum of like amounts or headcounts of one edition; a sum of shares has no meaning and is refused."""
    _need(parts[0], Kind.MONEY, Kind.PEOPLE)
    for part in parts:
        _same(parts[0], part)
    return _made(name, Operation.SUM, tuple(parts), parts[0].unit, label)


def count(name: str, listed: Sequence[Figure], label: Sentence, looked_in: Citation) -> Figure:
    """How many Allies' figures these are; the label says what they have in common.

    `looked_in` is cited where there is none to cite.
    """
    unit = Unit(Kind.ALLIES, decimals=0)
    if not listed:
        return Figure(name, Decimal(0), unit, label, citations=(looked_in,))
    return _made(name, Operation.COUNT, tuple(listed), unit, label)


def tally(number: int, label: Sentence, cited: tuple[Citation, ...] = ()) -> Figure:
    """A number of things at hand, such as the words of a list or the years of a row; only the latter cites anything."""
    return Figure("tally", Decimal(number), Unit(Kind.COUNT, decimals=0), label, citations=cited)


def part_of(name: str, share: Figure, whole: Figure, label: Sentence) -> Figure:
    """A share of GDP or income, or percentage points of it, as an amount of money: `share` per cent of `whole`."""
    _need(share, Kind.SHARE, Kind.POINTS)
    _need(whole, Kind.MONEY)
    return _made(name, Operation.PART_OF, (share, whole), whole.unit, label)


def quotient(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """a ÷ b: points over years are points a year, points over those are years, like over like is a ratio, money over money a rate."""
    kinds = (a.unit.kind, b.unit.kind)
    if kinds == (Kind.POINTS, Kind.YEARS):
        unit = Unit(Kind.POINTS_A_YEAR, of=a.unit.of)
    elif kinds == (Kind.POINTS, Kind.POINTS_A_YEAR):
        unit = Unit(Kind.YEARS, decimals=1)
    elif kinds == (Kind.MONEY, Kind.MONEY) and a.unit.currency != b.unit.currency and a.unit.prices == b.unit.prices:
        unit = Unit(Kind.RATE, f"{a.unit.currency} per {b.unit.currency}")
    elif kinds[0] is kinds[1] and a.unit.currency == b.unit.currency:
        unit = Unit(Kind.RATIO)
    else:
        raise UnitError(f"{a.name} ÷ {b.name} has no meaning here")
    return _made(name, Operation.QUOTIENT, (a, b), unit, label)


def percentage(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """Money as a share of GDP, both in the same prices."""
    _same(a, b)
    return _made(name, Operation.PERCENTAGE, (a, b), Unit(Kind.SHARE), label)


def fraction(name: str, part: Figure, whole: Figure, label: Sentence) -> Figure:
    """Money or people as per cent of a larger whole in the same prices."""
    _same(part, whole)
    return _made(name, Operation.PERCENTAGE, (part, whole), Unit(Kind.PERCENT, decimals=1), label)


def change(name: str, now: Figure, then: Figure, label: Sentence) -> Figure:
    """By how much a value rose or fell, never negative, so the words must say which: in per cent, or shares in points."""
    if now.unit.kind not in (Kind.MONEY, Kind.PEOPLE):
        return distance(name, now, then, label)
    _same(now, then)
    operation = Operation.RISE if now.value >= then.value else Operation.FALL
    return _made(name, operation, (now, then), Unit(Kind.PERCENT, decimals=1), label)


def per_person(name: str, money: Figure, people: Figure, label: Sentence) -> Figure:
    """Money divided by people."""
    _need(money, Kind.MONEY)
    _need(people, Kind.PEOPLE)
    return _made(name, Operation.QUOTIENT, (money, people), money.unit, label)


def converted(name: str, money: Figure, rate: Figure, label: Sentence) -> Figure:
    """Money in another currency at one named rate (`EUR per USD` turns US$ into euro)."""
    to, _, of = rate.unit.currency.partition(" per ")
    if money.unit.kind is not Kind.MONEY or of != money.unit.currency:
        raise UnitError(f"{rate.unit.currency} does not convert {money.unit.text}")
    unit = Unit(Kind.MONEY, to, money.unit.prices, money.unit.decimals)
    return _made(name, Operation.PRODUCT, (money, rate), unit, label)


def scaled(name: str, figure: Figure, ratio: Figure, label: Sentence, unit: Unit | None = None) -> Figure:
    """A figure times a ratio; `unit` names the new price basis where the ratio changes it."""
    _need(ratio, Kind.RATIO)
    return _made(name, Operation.PRODUCT, (figure, ratio), unit or figure.unit, label)


@lru_cache(maxsize=256)
def span(first: int, last: int, *cited: Citation) -> Figure:
    """The calendar years from one to another, to compute with; what is cited tells where the two years stand."""
    label = say("years from {start} to {end}", start=Year(first), end=Year(last))
    return Figure(f"years.{first}.{last}", Decimal(last - first), Unit(Kind.YEARS, decimals=0), label, citations=cited)


def assumed(name: str, value: Decimal, unit: Unit, label: Sentence, status: Status = Status.PROJECTION) -> Figure:
    """A value the asker or this project chose and says so, such as the width of a band."""
    return Figure(name, value, unit, label, status)


def yearly_growth(name: str, end: Figure, start: Figure, years: Figure, label: Sentence) -> Figure:
    """The growth a year, in per cent, that leads from one amount to another in the same prices."""
    _same(end, start)
    return _made(name, Operation.YEARLY, (end, start, years), Unit(Kind.PERCENT, decimals=1), label)


def compounded(name: str, start: Figure, factors: Sequence[Figure], years: Figure, label: Sentence) -> Figure:
    """A start value grown by one or two yearly factors for whole years: a projection."""
    for factor in factors:
        _need(factor, Kind.RATIO)
    operation = Operation.COMPOUND if len(factors) == 2 else Operation.COMPOUND_ONE
    return _made(name, operation, (start, *factors, years), start.unit, label, Status.PROJECTION)


def grown(name: str, start: Figure, growth: Figure, years: Figure, label: Sentence) -> Figure:
    """A start value that grows by so many per cent a year: a projection."""
    _need(growth, Kind.PERCENT)
    return _made(name, Operation.GROWN, (start, growth, years), start.unit, label, Status.PROJECTION)


def edge(name: str, growth: Figure, points: Figure, years: Figure, label: Sentence) -> Figure:
    """How much more or less a value is after years of `points` more or less growth: the edge of a band."""
    _need(growth, Kind.PERCENT)
    _need(points, Kind.PERCENTAGE_POINTS)
    return _made(name, Operation.EDGE, (growth, points, years), Unit(Kind.RATIO), label, Status.PROJECTION)


def straight_line(name: str, start: Figure, end: Figure, elapsed: Figure, whole: Figure, label: Sentence) -> Figure:
    """Where a straight line from one share to another stands after `elapsed` of `whole` years: an illustration."""
    _same(start, end)
    operands, unit = (start, end, elapsed, whole), Unit(Kind.SHARE, of=start.unit.of)
    return _made(name, Operation.STRAIGHT_LINE, operands, unit, label, Status.ILLUSTRATION)


def at_pace(name: str, start: Figure, pace: Figure, years: Figure, label: Sentence) -> Figure:
    """A share that goes on changing by so many points a year: an illustration, whatever it is made of."""
    _need(start, Kind.SHARE)
    _need(pace, Kind.POINTS_A_YEAR)
    _need(years, Kind.YEARS)
    unit = Unit(Kind.SHARE, of=start.unit.of)
    return _made(name, Operation.AT_PACE, (start, pace, years), unit, label, Status.ILLUSTRATION)


def decimals(value: Decimal) -> int:
    """How many decimals a value is written with."""
    return max(0, -int(value.normalize().as_tuple().exponent))
