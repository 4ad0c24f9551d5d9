"""What is known: members, editions, measures, rules, meetings and the rest, as plain immutable data."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from msgspec import Struct, field

from knowledge.dates import PartialDate
from knowledge.figure import INCOME, Citation, Correction, Figure, Kind, Source, Standing, Unit
from knowledge.sentences import say


class _Named(Struct, frozen=True, eq=False):
    code: str
    name: str
    aliases: tuple[str, ...]


class Member(_Named, frozen=True):
    """An Ally; `code` is ISO 3166-1 alpha-3, `currency` the one it uses now."""

    iso2: str
    official_name: str
    nato_label: str
    accession: PartialDate
    founding: bool
    armed_forces: bool
    currency: str
    eu_since: int | None
    note: str
    source: Source
    fiscal_names: str = ""  # which year of a fiscal year NATO's is, "first" or "last"; "" for calendar years


class Aggregate(_Named, frozen=True):
    """A sum NATO prints beside its members: NATO total, or Europe and Canada."""

    note: str


class Group(Struct, frozen=True):
    """Allies that are looked at together; `members` are their codes, `note` says what makes the group."""

    id: str
    name: str
    aliases: tuple[str, ...]
    members: tuple[str, ...]
    note: str
    source: Source

    @property
    def code(self) -> str:
        return self.id


Spender = Member | Aggregate | Group


class Currency(_Named, frozen=True):
    """A currency Allies use or used, by its ISO 4217 code."""


class Lookalike(_Named, frozen=True):
    """A country people ask about that is no Ally."""


class Edition(Struct, frozen=True):
    """One NATO release; each restates the whole series, so figures of two are never joined.

    `tables` is False for an annual report, of which only a list of shares is held. `first` and `last` are the
    years the release prints.
    """

    id: str
    name: str
    tables: bool
    definition: str
    price_base: str
    cut_off: PartialDate | None
    decimals: int
    held: str
    first: int
    last: int
    source: Source

    @property
    def published(self) -> PartialDate:
        assert self.source.published is not None  # the build refuses an edition without a date
        return self.source.published

    @property
    def core(self) -> bool:
        """Whether it prints core defence expenditure (since 2026) or the older, wider definition."""
        return self.definition.startswith("core")


class Measure(Struct, frozen=True):
    """One kind of figure NATO prints; `scale` is the power of ten of its printed unit.

    `about` is what it counts: "spending", "gdp" or "people"; `adds_up` whether Allies' figures sum to the total's;
    `step` what NATO prints an amount to, in plain units; `heading` heads a narrow column.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: Kind
    currency: str  # "USD", or "" for each Ally's own and where it is no money
    constant: bool
    scale: int
    decimals: int
    about: str
    adds_up: bool
    per_head: bool
    heading: str
    step: Decimal | None

    @property
    def forces(self) -> bool:
        """Whether it has a figure only for those that have armed forces."""
        return self.about != "gdp"

    @property
    def national(self) -> bool:
        """Whether it is money of each Ally's own, which neither adds up nor has an order."""
        return self.kind is Kind.MONEY and not self.currency


class Series(Struct, frozen=True):
    """One printed row: the values of a measure for one spender in one edition."""

    table: str
    currency: str
    values: Mapping[int, Decimal]
    marks: Mapping[int, str]  # "e" estimate, "?" the source does not say; absent is final
    corrections: Mapping[int, Correction] = field(default_factory=dict)


class Coverage(Struct, frozen=True):
    """How much of what an edition prints of a measure is held for some years.

    `held` is "whole" (a cell that is empty was left blank by NATO), "part" or "unprinted" (the edition has no such
    measure); `but` are spenders whose row NATO printed and is not held.
    """

    edition: str
    measure: str
    first: int
    last: int
    held: str
    but: tuple[str, ...]


class Break(Struct, frozen=True):
    """Where a series is not alike before and after, or a value is not what it seems, and what a reader has to know.

    An empty tuple means all of them; `onwards` that every edition published later than the last is meant too. Unless
    `joined`, nothing is computed from before `first` to after it.
    """

    id: str
    kind: str
    members: tuple[str, ...]
    measures: tuple[str, ...]
    editions: tuple[str, ...]
    first: int | None
    last: int | None
    joined: bool
    what: str
    source: Source | None
    onwards: bool = False

    @property
    def name(self) -> str:
        return self.what

    @property
    def citations(self) -> tuple[Citation, ...]:
        return (Citation(self.source),) if self.source is not None else ()

    def touches(self, edition: Edition, measure: Measure, spender: Spender, first: int, last: int) -> bool:
        """Whether it concerns one of these years of a row."""
        return self.reaches(edition, measure, first, last) and self.concerns(spender)

    def reaches(self, edition: Edition, measure: Measure, first: int, last: int) -> bool:
        """Whether it concerns one of these years of somebody's row."""
        if last < (self.first or first) or first > (self.last or last):
            return False
        return (not self.measures or measure.id in self.measures) and (not self.editions or edition.id in self.editions)

    def concerns(self, spender: Spender) -> bool:
        members = self.members
        return not members or spender.code in members or not set(members).isdisjoint(getattr(spender, "members", ()))


class Forecast(Struct, frozen=True):
    """Which data sets projections stand on, in whose year's prices, and to which year growth is held."""

    gdp: str
    second: str
    people: str
    prices: int
    first: int
    last: int
    held_to: int
    no_current_prices: frozenset[str]


class Funding(Struct, frozen=True):
    """One row on NATO's own budgets: a ceiling in euro, or an Ally's part of the cost in per cent."""

    year: int
    scheme: str
    member: str
    share: Decimal | None
    ceiling: Decimal | None
    about: bool
    note: str
    source: Source


class Component(Struct, frozen=True):
    """One part of a rule: a measure, an operator in words, a level and the year it is due."""

    code: str
    measure: str
    op: str
    value: Decimal
    unit: str
    by: int | None
    verified: bool


BEST = 2  # sources of a rule that an answer on something else cites; /rule tells them all
_UNITS = (Unit(Kind.SHARE), Unit(Kind.SHARE, of=INCOME), Unit(Kind.SHARE_OF_SPENDING))
_LEVELS = {unit.text: unit for unit in _UNITS}


class Rule(Struct, frozen=True, eq=False, dict=True):
    """What was adopted, proposed or demanded, with its parts, dates and references."""

    id: str
    name: str
    aliases: tuple[str, ...]
    standing: Standing
    kind: str
    superseded_by: str
    announced: PartialDate
    by: str
    venue: str
    summit: str
    applies_from: int | None
    applies_to: int | None
    deadline: int | None
    only: tuple[str, ...]
    baseline_year: int | None
    path: str
    force: str
    summary: str
    calculation: str
    review: str
    outcome: str
    caution: str
    components: tuple[Component, ...]
    exemptions: tuple[tuple[str, str], ...]  # an Ally's code, and what holds for it instead
    citations: tuple[Citation, ...]

    def component(self, code: str) -> Component | None:
        """The part of that code; an unverified part is never used."""
        return next((part for part in self.components if part.code == code and part.verified), None)

    def level(self, *codes: str) -> Figure | None:
        """A part's level as a figure that carries the rule's standing and references; None where it is no percentage."""
        return next((self._levels[code] for code in codes if code in self._levels), None)

    @cached_property
    def _levels(self) -> Mapping[str, Figure]:
        return {
            part.code: Figure(
                f"rule.{self.id}.{part.code}",
                part.value,
                _LEVELS[part.unit].to(max(0, -int(part.value.as_tuple().exponent))),
                say("{rule}: {measure}", rule=self.name, measure=part.measure),
                standing=self.standing,
                citations=self.citations[:BEST],
            )
            for part in self.components
            if part.verified and part.unit in _LEVELS
        }


class Summit(Struct, frozen=True):
    id: str
    name: str
    place: str
    start: PartialDate
    end: PartialDate | None
    kind: str
    who: str
    decided: str
    proposed: str
    note: str
    source: Source

    @property
    def citations(self) -> tuple[Citation, ...]:
        return (Citation(self.source),)


class Pledge(Struct, frozen=True):
    id: str
    member: str
    share: Decimal | None
    share_low: Decimal | None
    share_high: Decimal | None
    basis: str
    year_from: int | None
    year_to: int | None
    kind: str
    announced: PartialDate | None
    summary: str  # ours
    quote: str  # the speaker's own words, where they are known
    since: str
    note: str
    source: Source


class Definition(Struct, frozen=True):
    id: str
    term: str
    also_called: tuple[str, ...]
    definition: str  # ours
    quote: str  # the source's own words, where they are known
    note: str
    source: Source | None

    @property
    def name(self) -> str:
        return self.term

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.also_called


class Distinction(Struct, frozen=True):
    """Two terms that are often taken for one another, and what sets them apart."""

    a: str
    b: str
    why: str
    source: Source | None


class Outlook(Struct, frozen=True):
    """A row of GDP, prices or people from the IMF, the Commission or the World Bank, in plain units."""

    source: Source
    indicator: str
    currency: str
    values: Mapping[int, Decimal]
    forecast_from: int | None
