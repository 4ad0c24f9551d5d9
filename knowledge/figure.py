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
    POINTS_A_YEAR = "percentage points of GDP a year"
    PERCENT = "%"
    MONEY = "money"
    PEOPLE = "people"
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

    A snapshot holds each once, so that two are the same only if they are one.
    """

    key: str
    title: str
    publisher: str
    published: PartialDate | None
    address: str
    grade: str


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
    """How a value was made, as the workings print it; `a`, `b`, `c`, `d` are the operands in order."""

    DIFFERENCE = "{a} − {b}"
    SHARE_PLUS = "{a} + {b}"
    PART_OF = "{a} of {b}"
    QUOTIENT = "{a} ÷ {b}"
    PRODUCT = "{a} × {b}"
    AS_PRINTED = "{a} to two decimals, as NATO prints it"
    PERCENTAGE = "{a} ÷ {b} × 100"
    COMPOUND = "{a} × ({b} × {c}) ^ {d}"
    COMPOUND_ONE = "{a} × {b} ^ {c}"
    STRAIGHT_LINE = "{a} + ({b} − {a}) × {c} ÷ {d}"


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


def difference(name: str, a: Figure, b: Figure, label: Sentence) -> Figure:
    """a − b; the difference of two shares is in percentage points, never in per cent."""
    _same(a, b)
    unit = a.unit
    if unit.kind is Kind.SHARE:
        unit = Unit(Kind.POINTS)
    elif unit.kind is Kind.SHARE_OF_SPENDING:
        unit = Unit(Kind.PERCENT)
    return _computed(name, a.value - b.value, unit, label, Operation.DIFFERENCE, (a, b))


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
    """a ÷ b: points over years are points a year, like over like is a ratio, money over money a rate."""
    kinds = (a.unit.kind, b.unit.kind)
    if kinds == (Kind.POINTS, Kind.YEARS):
        unit = Unit(Kind.POINTS_A_YEAR)
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
    "citations",
    "compounded",
    "converted",
    "difference",
    "part_of",
    "percentage",
    "quotient",
    "scaled",
    "share_total",
    "span",
    "straight_line",
    "workings",
]
