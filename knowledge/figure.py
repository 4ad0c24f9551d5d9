"""Numbers that remember how they were made: an exact value, a unit, a status, sources and operands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum

from knowledge.dates import PartialDate
from knowledge.sentences import Sentence

HUNDRED = Decimal(100)


class Status(IntEnum):
    """How sure a value is; what is computed is as unsure as its least sure operand."""

    PUBLISHED = 0
    CORRECTED = 1
    ESTIMATE = 2
    PROJECTION = 3
    ILLUSTRATION = 4

    @property
    def code(self) -> str:
        return self.name.lower()


class Standing(IntEnum):
    """What Allies made of a rule; what is computed from a rule carries its standing."""

    ADOPTED = 0
    READING = 1
    PROPOSED = 2
    DEMANDED = 3
    FACT = 4
    MEASUREMENT = 5

    @property
    def code(self) -> str:
        return self.name.lower()


class Kind(StrEnum):
    """What a value counts."""

    SHARE = "% of GDP"
    SHARE_OF_SPENDING = "% of defence expenditure"
    POINTS = "percentage points of GDP"
    PERCENTAGE_POINTS = "percentage points"
    POINTS_A_YEAR = "percentage points of GDP a year"
    PERCENT = "%"
    MONEY = "money"
    PEOPLE = "people"
    ALLIES = "Allies"
    YEARS = "years"
    RATIO = "ratio"
    RATE = "exchange rate"


@dataclass(frozen=True, slots=True)
class Unit:
    """A kind, and for money its currency and price basis ("" is each year's own prices, else a base year).

    `decimals` is how many NATO or the rule prints; it rounds nothing by itself.
    """

    kind: Kind
    currency: str = ""
    prices: str = ""
    decimals: int = 2

    @property
    def text(self) -> str:
        """The unit as the JSON document names it."""
        if self.kind is Kind.MONEY:
            return f"{self.currency}, {self.prices + ' prices' if self.prices else 'current prices'}"
        return f"{self.currency}" if self.kind is Kind.RATE else str(self.kind)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A publication that was seen: grade A primary text · B press · C aggregator · D a file citing a primary text.

    `licence` says in words on what terms its figures may be used. A snapshot holds each once, so that two are the same only if they are one.
    """

    key: str
    title: str
    publisher: str
    published: PartialDate | None
    address: str
    grade: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where one value stands: the source and, for a table, its number, row and year."""

    source: Source
    table: str = ""
    row: str = ""
    year: int | None = None
    supports: str = ""


class UnitError(ValueError):
    """Unlike things were about to be computed with one another; a fault of ours, never the reader's."""


class MixedEditions(ValueError):
    """Figures of two editions were about to enter one sum, series or ranking."""


class Operation(StrEnum):
    """How a value was made, as the workings print it.

    `a`, `b`, `c`, `d` are the operands in order, `sum` and `list` all of them.
    """

    DIFFERENCE = "{a} − {b}"
    REVISION = "{b} − {a}"
    SHARE_PLUS = "{a} + {b}"
    PART_OF = "{a} of {b}"
    QUOTIENT = "{a} ÷ {b}"
    PRODUCT = "{a} × {b}"
    AS_PRINTED = "{a} to two decimals, as NATO prints it"
    TO_NEAREST = "{a} to the nearest {b}"
    PERCENTAGE = "{a} ÷ {b} × 100"
    RISE = "({a} ÷ {b} − 1) × 100"
    FALL = "(1 − {a} ÷ {b}) × 100"
    YEARLY = "(({a} ÷ {b}) ^ (1 ÷ {c}) − 1) × 100"
    COMPOUND = "{a} × ({b} × {c}) ^ {d}"
    COMPOUND_ONE = "{a} × {b} ^ {c}"
    STRAIGHT_LINE = "{a} + ({b} − {a}) × {c} ÷ {d}"
    AT_PACE = "{a} + {b} × {c}"
    SUM = "{sum}"
    COUNT = "how many are in the list {list}"


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One number the bot may print.

    `name` tells figures of one answer apart; money is in single units of its currency, people in heads.
    A leaf has citations; a computed figure has an operation and its operands, and nothing of its own.
    """

    name: str
    value: Decimal
    unit: Unit
    label: Sentence
    status: Status = Status.PUBLISHED
    standing: Standing | None = None
    edition: str | None = None
    citations: tuple[Citation, ...] = ()
    operation: Operation | None = None
    operands: tuple[Figure, ...] = field(default=())

    def closure(self) -> Iterator[Figure]:
        """This figure after everything it was made from; a figure used twice may come twice."""
        for operand in self.operands:
            yield from operand.closure()
        yield self

    @property
    def printed(self) -> Decimal:
        """The value at the decimals its publisher prints: how a share is compared with a rule."""
        return self.value.quantize(Decimal(1).scaleb(-self.unit.decimals), ROUND_HALF_UP)

    def named(self, name: str, label: Sentence | None = None) -> Figure:
        return replace(self, name=name, label=label or self.label)


def _computed(
    name: str,
    value: Decimal,
    unit: Unit,
    label: Sentence,
    operation: Operation,
    operands: tuple[Figure, ...],
    status: Status = Status.PUBLISHED,
) -> Figure:
    standings = [o.standing for o in operands if o.standing is not None]
    editions = {o.edition for o in operands if o.edition is not None}
    if len(editions) > 1:
        raise MixedEditions(f"{name} would mix the editions {sorted(editions)}")
    if any(o.operation is Operation.REVISION for o in operands):
        raise MixedEditions(f"{name} would be computed from a revision, which belongs to no edition")
    return Figure(
        name,
        value,
        unit,
        label,
        max(status, *(o.status for o in operands)),
        max(standings) if standings else None,
        editions.pop() if editions else None,
        (),
        operation,
        operands,
    )


def _same(a: Figure, b: Figure) -> None:
    if (a.unit.kind, a.unit.currency, a.unit.prices) != (b.unit.kind, b.unit.currency, b.unit.prices):
        raise UnitError(f"{a.name} is in {a.unit.text}, {b.name} in {b.unit.text}")


def as_printed(figure: Figure) -> Figure:
    """The share at two decimals; the figure itself where it has no more than those."""
    if figure.value == figure.printed:
        return figure
    return _computed(
        f"{figure.name}.printed", figure.printed, figure.unit, figure.label, Operation.AS_PRINTED, (figure,)
    )


def to_nearest(figure: Figure, step: Figure) -> Figure:
    """An amount or a headcount in whole steps, such as a million dollars or a hundred people."""
    _same(figure, step)
    value = (figure.value / step.value).quantize(Decimal(1), ROUND_HALF_UP) * step.value
    if figure.value == value:
        return figure
    name = f"{figure.name}.printed"
    return _computed(name, value, figure.unit, figure.label, Operation.TO_NEAREST, (figure, step))


def difference(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """a − b; the difference of two shares is in percentage points, never in per cent."""
    _same(a, b)
    unit = a.unit
    if unit.kind is Kind.SHARE:
        unit = Unit(Kind.POINTS)
    elif unit.kind in (Kind.SHARE_OF_SPENDING, Kind.PERCENT):
        unit = Unit(Kind.PERCENTAGE_POINTS)
    return _computed(name, a.value - b.value, unit, label, Operation.DIFFERENCE, (a, b))


def revision(name: str, before: Figure, after: Figure, label: Sentence) -> Figure:
    """What a later edition made of a cell: after − before, the one place where two editions meet.

    Elsewhere a difference of two editions passes for a change in the world; here it is the edition that changed,
    and the name says so. Both are to be the same cell, printed alike. The result belongs to no edition, and
    nothing is computed from it.
    """
    _same(before, after)
    if before.unit.decimals != after.unit.decimals:
        raise UnitError(f"{before.name} and {after.name} are printed to unlike decimals")
    unit = before.unit
    if unit.kind is Kind.SHARE:
        unit = Unit(Kind.POINTS, decimals=unit.decimals)
    elif unit.kind in (Kind.SHARE_OF_SPENDING, Kind.PERCENT):
        unit = Unit(Kind.PERCENTAGE_POINTS, decimals=unit.decimals)
    status = max(before.status, after.status)
    value = after.value - before.value
    return Figure(name, value, unit, label, status, operation=Operation.REVISION, operands=(before, after))


def share_total(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """The sum of two shares of GDP."""
    if a.unit.kind is not Kind.SHARE or b.unit.kind is not Kind.SHARE:
        raise UnitError(f"{a.name} and {b.name} are not both shares of GDP")
    value = a.value + b.value
    decimals = max(0, -int(value.normalize().as_tuple().exponent))
    return _computed(name, value, Unit(Kind.SHARE, decimals=decimals), label, Operation.SHARE_PLUS, (a, b))


def part_of(name: str, share: Figure, whole: Figure, label: Sentence) -> Figure:
    """A share of GDP, or percentage points of it, as an amount of money: `share` per cent of `whole`."""
    if share.unit.kind not in (Kind.SHARE, Kind.POINTS) or whole.unit.kind is not Kind.MONEY:
        raise UnitError(f"{share.name} of {whole.name} is no amount")
    return _computed(name, share.value * whole.value / HUNDRED, whole.unit, label, Operation.PART_OF, (share, whole))


def quotient(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """a ÷ b: points over years are points a year, points over those are years, like over like is a ratio, money over money a rate."""
    kinds = (a.unit.kind, b.unit.kind)
    if kinds == (Kind.POINTS, Kind.YEARS):
        unit = Unit(Kind.POINTS_A_YEAR)
    elif kinds == (Kind.POINTS, Kind.POINTS_A_YEAR):
        unit = Unit(Kind.YEARS, decimals=1)
    elif kinds == (Kind.MONEY, Kind.MONEY) and a.unit.currency != b.unit.currency and a.unit.prices == b.unit.prices:
        unit = Unit(Kind.RATE, f"{a.unit.currency} per {b.unit.currency}")
    elif kinds[0] is kinds[1] and a.unit.currency == b.unit.currency:
        unit = Unit(Kind.RATIO)
    else:
        raise UnitError(f"{a.name} ÷ {b.name} has no meaning here")
    return _computed(name, a.value / b.value, unit, label, Operation.QUOTIENT, (a, b))


def percentage(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """Money as a share of GDP, both in the same prices."""
    _same(a, b)
    return _computed(name, a.value / b.value * HUNDRED, Unit(Kind.SHARE), label, Operation.PERCENTAGE, (a, b))


def fraction(name: str, part: Figure, whole: Figure, label: Sentence) -> Figure:
    """Money or people as per cent of a larger whole in the same prices."""
    _same(part, whole)
    unit = Unit(Kind.PERCENT, decimals=1)
    return _computed(name, part.value / whole.value * HUNDRED, unit, label, Operation.PERCENTAGE, (part, whole))


def relative_change(name: str, now: Figure, then: Figure, label: Sentence) -> Figure:
    """By how many per cent an amount or a headcount rose or fell; never negative, so the words must say which."""
    if now.unit.kind not in (Kind.MONEY, Kind.PEOPLE):
        raise UnitError(f"{now.name} is in {now.unit.text}: its change is no percentage")
    _same(now, then)
    ratio = now.value / then.value
    operation, value = (Operation.RISE, ratio - 1) if ratio >= 1 else (Operation.FALL, 1 - ratio)
    return _computed(name, value * HUNDRED, Unit(Kind.PERCENT, decimals=1), label, operation, (now, then))


def yearly_growth(name: str, end: Figure, start: Figure, years: Figure, label: Sentence) -> Figure:
    """The growth a year, in per cent, that leads from one amount to another in the same prices."""
    _same(end, start)
    value = (end.value / start.value) ** (1 / years.value) - 1
    unit = Unit(Kind.PERCENT, decimals=1)
    return _computed(name, value * HUNDRED, unit, label, Operation.YEARLY, (end, start, years))


def per_person(name: str, money: Figure, people: Figure, label: Sentence) -> Figure:
    """Money divided by people."""
    if money.unit.kind is not Kind.MONEY or people.unit.kind is not Kind.PEOPLE:
        raise UnitError(f"{money.name} per {people.name} has no meaning here")
    return _computed(name, money.value / people.value, money.unit, label, Operation.QUOTIENT, (money, people))


def at_pace(name: str, start: Figure, pace: Figure, years: Figure, label: Sentence) -> Figure:
    """A share that goes on changing by so many points a year: an illustration, whatever it is made of."""
    if (start.unit.kind, pace.unit.kind, years.unit.kind) != (Kind.SHARE, Kind.POINTS_A_YEAR, Kind.YEARS):
        raise UnitError(f"{start.name} does not change by {pace.name}")
    value = start.value + pace.value * years.value
    return _computed(name, value, Unit(Kind.SHARE), label, Operation.AT_PACE, (start, pace, years), Status.ILLUSTRATION)


def converted(name: str, money: Figure, rate: Figure, label: Sentence) -> Figure:
    """Money in another currency at one named rate (`EUR per USD` turns US$ into euro)."""
    to, _, of = rate.unit.currency.partition(" per ")
    if money.unit.kind is not Kind.MONEY or of != money.unit.currency:
        raise UnitError(f"{rate.unit.currency} does not convert {money.unit.text}")
    unit = replace(money.unit, currency=to)
    return _computed(name, money.value * rate.value, unit, label, Operation.PRODUCT, (money, rate))


def scaled(name: str, figure: Figure, ratio: Figure, label: Sentence, unit: Unit | None = None) -> Figure:
    """A figure times a ratio; `unit` names the new price basis where the ratio changes it."""
    if ratio.unit.kind is not Kind.RATIO:
        raise UnitError(f"{ratio.name} is no ratio")
    return _computed(name, figure.value * ratio.value, unit or figure.unit, label, Operation.PRODUCT, (figure, ratio))


def compounded(
    name: str, start: Figure, factors: Sequence[Figure], years: Figure, label: Sentence, status: Status
) -> Figure:
    """A start value grown by one or two yearly factors for whole years."""
    growth = Decimal(1)
    for factor in factors:
        if factor.unit.kind is not Kind.RATIO:
            raise UnitError(f"{factor.name} is no yearly factor")
        growth *= factor.value
    operation = Operation.COMPOUND if len(factors) == 2 else Operation.COMPOUND_ONE
    value = start.value * growth ** int(years.value)
    return _computed(name, value, start.unit, label, operation, (start, *factors, years), status)


def total(name: str, parts: Sequence[Figure], label: Sentence) -> Figure:
    """The sum of like amounts or headcounts of one edition; a sum of shares has no meaning and is refused."""
    first = parts[0]
    if first.unit.kind not in (Kind.MONEY, Kind.PEOPLE):
        raise UnitError(f"{first.name} is in {first.unit.text}, which does not add up")
    for part in parts:
        _same(first, part)
    return _computed(name, sum((p.value for p in parts), Decimal(0)), first.unit, label, Operation.SUM, tuple(parts))


def count(name: str, listed: Sequence[Figure], label: Sentence, looked_in: Citation) -> Figure:
    """How many Allies' figures these are; the label says what they have in common.

    `looked_in` is cited where there is none to cite.
    """
    unit = Unit(Kind.ALLIES, decimals=0)
    if not listed:
        return Figure(name, Decimal(0), unit, label, citations=(looked_in,))
    return _computed(name, Decimal(len(listed)), unit, label, Operation.COUNT, tuple(listed))


def straight_line(name: str, start: Figure, end: Figure, elapsed: Figure, span: Figure, label: Sentence) -> Figure:
    """Where a straight line from one share to another stands after `elapsed` of `span` years."""
    _same(start, end)
    value = start.value + (end.value - start.value) * elapsed.value / span.value
    line = _computed(
        name, value, Unit(Kind.SHARE), label, Operation.STRAIGHT_LINE, (start, end, elapsed, span), Status.ILLUSTRATION
    )
    return line


def span(name: str, years: int, label: Sentence) -> Figure:
    """A number of calendar years between the two years its label names; arithmetic, so it cites nothing."""
    return Figure(name, Decimal(years), Unit(Kind.YEARS, decimals=0), label)


def assumed(name: str, value: Decimal, unit: Unit, label: Sentence) -> Figure:
    """A value this project chose and says so, such as the width of a band."""
    return Figure(name, value, unit, label, Status.PROJECTION)


def workings(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Every computed figure behind these, each once by its name, operands before what is made of them."""
    steps: dict[str, Figure] = {}
    for figure in figures:
        for step in figure.closure():
            if step.operation is not None:
                steps.setdefault(step.name, step)
    return tuple(steps.values())


def citations(figures: Iterable[Figure]) -> tuple[Citation, ...]:
    """Every citation behind these figures, each once, in the order of their use."""
    found: dict[Citation, None] = {}
    for figure in figures:
        for leaf in figure.closure():
            for citation in leaf.citations:
                found.setdefault(citation)
    return tuple(found)


__all__ = [
    "Citation",
    "Figure",
    "Kind",
    "MixedEditions",
    "Operation",
    "Source",
    "Standing",
    "Status",
    "Unit",
    "UnitError",
    "as_printed",
    "assumed",
    "at_pace",
    "citations",
    "compounded",
    "converted",
    "count",
    "difference",
    "fraction",
    "part_of",
    "per_person",
    "percentage",
    "quotient",
    "relative_change",
    "revision",
    "scaled",
    "share_total",
    "span",
    "straight_line",
    "to_nearest",
    "total",
    "workings",
    "yearly_growth",
]
