"""Numbers that remember how they were made: an exact value, a unit, a status, sources and operands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from knowledge.dates import PartialDate
from knowledge.sentences import Sentence
from knowledge.shared import Shared


class _Coded(IntEnum):
    @property
    def code(self) -> str:
        return self.name.lower()


class Status(_Coded):
    """How sure a value is; what is computed is as unsure as its least sure operand."""

    PUBLISHED = 0
    ESTIMATE = 1
    CORRECTED = 2  # behind an estimate, so that an answer that touches a corrected cell says so
    PROJECTION = 3
    ILLUSTRATION = 4


class Standing(_Coded):
    """What Allies made of a rule; what is computed from a rule carries its standing."""

    ADOPTED = 0
    READING = 1
    PROPOSED = 2
    DEMANDED = 3
    FACT = 4
    MEASUREMENT = 5


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
    COUNT = "count"
    YEARS = "years"
    RATIO = "ratio"
    RATE = "exchange rate"


IN_PER_CENT = (Kind.SHARE, Kind.SHARE_OF_SPENDING, Kind.PERCENT)
INCOME = "GNI"  # what Luxembourg's spending is divided by instead of GDP


class Unit(Struct, metaclass=Shared, frozen=True):
    """A kind, and for money its currency and price basis ("" is each year's own prices, else a base year).

    `decimals` is how many NATO or the rule prints; it rounds nothing by itself. `of` is what a share is of where that is
    not GDP. Equal units are one object.
    """

    kind: Kind
    currency: str = ""
    prices: str = ""
    decimals: int = 2
    of: str = ""

    def to(self, decimals: int) -> Unit:
        """The same unit to so many decimals; what `replace` makes would be an object of its own."""
        return Unit(self.kind, self.currency, self.prices, decimals, self.of)

    @property
    def text(self) -> str:
        """The unit as the JSON document names it."""
        if self.kind is Kind.MONEY:
            return f"{self.currency}, {self.prices + ' prices' if self.prices else 'current prices'}"
        return f"{self.currency}" if self.kind is Kind.RATE else self.kind.replace("GDP", self.of or "GDP")


class SaidBy(StrEnum):
    """Whose words a source holds."""

    NATO = "nato"
    GOVERNMENT = "government"
    INSTITUTION = "institution"  # the IMF, the EU, a parliament's library, a central bank
    PRESS = "press"
    THINK_TANK = "think-tank"
    AGGREGATOR = "aggregator"
    MODERATORS = "moderators"  # who correct figures here


class Read(StrEnum):
    """How much of a source was read; `quoted` is a text that is known only as another quotes it."""

    WHOLE = "whole"
    EXCERPT = "excerpt"
    QUOTED = "quoted"


class Source(Struct, frozen=True, eq=False):
    """A publication, by its original publisher: who says it, how it was read, and whether in a reprint.

    `address` is the publisher's own, or blank. `licence` says in words on what terms its figures may be used.
    A snapshot holds each once, so that two are the same only if they are one.
    """

    key: str
    title: str
    publisher: str
    published: PartialDate | None
    address: str
    said_by: SaidBy
    read: Read
    reprint: bool = False
    licence: str = ""


class Citation(Struct, frozen=True):
    """Where one value stands: the source and, for a table, its number, row and year."""

    source: Source
    table: str = ""
    row: str = ""
    year: int | None = None
    supports: str = ""


def _root(value: Decimal, n: Decimal) -> Decimal:
    """The n-th root of what is near 1: a guess and a step of Newton's, where Decimal's own power takes 40 µs."""
    guess = Decimal(float(value) ** (1 / float(n)))
    return guess - (guess**n - value) / (n * guess ** (n - 1))


class Operation(StrEnum):
    """How a value is made: as the workings print it, and as it is computed.

    `a`, `b`, `c`, `d` are the operands in order, `sum` and `list` all of them.
    """

    compute: Callable[..., Decimal]

    def __new__(cls, printed: str, compute: Callable[..., Decimal]) -> Operation:
        made = str.__new__(cls, printed)
        made._value_, made.compute = printed, compute
        return made

    DIFFERENCE = "{a} − {b}", lambda a, b: a - b
    REVISION = "{b} − {a}", lambda a, b: b - a
    SHARE_PLUS = "{a} + {b}", lambda a, b: a + b
    PART_OF = "{a} of {b}", lambda a, b: a * b / 100
    QUOTIENT = "{a} ÷ {b}", lambda a, b: a / b
    PRODUCT = "{a} × {b}", lambda a, b: a * b
    AS_PRINTED = "{a} to two decimals, as NATO prints it", lambda a: a.quantize(Decimal("0.01"), ROUND_HALF_UP)
    TO_NEAREST = "{a} to the nearest {b}", lambda a, b: (a / b).quantize(Decimal(1), ROUND_HALF_UP) * b
    PERCENTAGE = "{a} ÷ {b} × 100", lambda a, b: a / b * 100
    RISE = "({a} ÷ {b} − 1) × 100", lambda a, b: (a / b - 1) * 100
    FALL = "(1 − {a} ÷ {b}) × 100", lambda a, b: (1 - a / b) * 100
    YEARLY = "(({a} ÷ {b}) ^ (1 ÷ {c}) − 1) × 100", lambda a, b, c: (_root(a / b, c) - 1) * 100
    COMPOUND = "{a} × ({b} × {c}) ^ {d}", lambda a, b, c, d: a * (b * c) ** d
    COMPOUND_ONE = "{a} × {b} ^ {c}", lambda a, b, c: a * b**c
    GROWN = "{a} × (1 + {b} ÷ 100) ^ {c}", lambda a, b, c: a * (1 + b / 100) ** c
    EDGE = "((100 + {a} + {b}) ÷ (100 + {a})) ^ {c}", lambda a, b, c: ((100 + a + b) / (100 + a)) ** c
    STRAIGHT_LINE = "{a} + ({b} − {a}) × {c} ÷ {d}", lambda a, b, c, d: a + (b - a) * c / d
    AT_PACE = "{a} + {b} × {c}", lambda a, b, c: a + b * c
    SUM = "{sum}", lambda *parts: sum(parts, Decimal(0))
    COUNT = "how many are in the list {list}", lambda *listed: Decimal(len(listed))


class Correction(Struct, frozen=True):
    """What stands here in the place of what NATO prints in a cell; without a number, that the cell is blank.

    The number and its mark are as a table would print them; `address` is where that stands, to be shown and never
    opened. `server` says that only one server's moderators corrected it, and `revision` is its number in their log.
    A snapshot fills in what NATO `published`, None for a blank, or for what is not held where NATO's row is not `whole`.
    """

    number: Decimal | None
    mark: str
    day: PartialDate
    address: str
    revision: int
    server: bool = True
    published: Decimal | None = None
    whole: bool = True


class Entered(Struct, frozen=True):
    """When a source and what rests on it were entered here, in which revision, and whether for one server alone."""

    day: PartialDate
    revision: int
    server: bool


class Figure(Struct, frozen=True, eq=False):
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
    correction: Correction | None = None

    def closure(self) -> Iterator[Figure]:
        """This figure after everything it was made from, each once."""
        yield from behind((self,))

    @property
    def printed(self) -> Decimal:
        """The value at the decimals its publisher prints: how a share is compared with a rule."""
        return self.value.quantize(Decimal(1).scaleb(-self.unit.decimals), ROUND_HALF_UP)

    @property
    def digits(self) -> int:
        """How many digits of an amount are sure: of a projection two, or three in the prices of one year; 0 is all."""
        if self.unit.kind is not Kind.MONEY or self.status < Status.PROJECTION:
            return 0
        return 3 if self.unit.prices else 2

    @property
    def significant(self) -> Decimal:
        """The value with no more digits than are sure."""
        if not self.digits or not self.value:
            return self.value
        return self.value.quantize(Decimal(1).scaleb(self.value.adjusted() - self.digits + 1), ROUND_HALF_UP)

    def measured_in(self, unit: Unit, suffix: str) -> Figure:
        """The same printed value under another unit, such as this year's own prices as the prices of this year."""
        return replace(self, name=f"{self.name}.{suffix}", unit=unit)

    def named(self, name: str, label: Sentence | None = None) -> Figure:
        return replace(self, name=name, label=label or self.label)


def behind(figures: Iterable[Figure]) -> Iterable[Figure]:
    """These figures and everything they were made from, each once, operands before what is made of them."""
    found: dict[int, Figure] = {}
    for figure in figures:
        _behind(figure, found)
    return found.values()


def _behind(figure: Figure, found: dict[int, Figure]) -> None:
    if id(figure) not in found:
        for operand in figure.operands:
            _behind(operand, found)
        found[id(figure)] = figure


def workings(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Every computed figure behind these, each once by its name, operands before what is made of them."""
    steps: dict[str, Figure] = {}
    for step in behind(figures):
        if step.operation is not None:
            steps.setdefault(step.name, step)
    return tuple(steps.values())


def citations(figures: Iterable[Figure]) -> tuple[Citation, ...]:
    """Every citation behind these figures, each once, in the order of their use."""
    return tuple(dict.fromkeys(citation for leaf in behind(figures) for citation in leaf.citations))
