"""One immutable snapshot of everything the store holds; every question reads it and nothing writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from knowledge.dates import PartialDate
from knowledge.figure import Citation, Figure, Kind, Source, Standing, Status, Unit
from knowledge.sentences import Sentence, Year, say


@dataclass(frozen=True, slots=True)
class Member:
    """An Ally; `code` is ISO 3166-1 alpha-3, `currency` the one it uses now."""

    code: str
    iso2: str
    name: str
    official_name: str
    nato_label: str
    aliases: tuple[str, ...]
    accession: PartialDate
    founding: bool
    armed_forces: bool
    currency: str
    eu_since: int | None
    adjective: str
    capital: str
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A sum NATO prints beside its members: NATO total, or Europe and Canada."""

    code: str
    name: str
    aliases: tuple[str, ...]
    note: str


Spender = Member | Aggregate


@dataclass(frozen=True, slots=True)
class Group:
    """Allies that are looked at together; `members` are their codes, `note` says what makes the group."""

    id: str
    name: str
    aliases: tuple[str, ...]
    members: tuple[str, ...]
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A country people ask about that is no Ally."""

    code: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One NATO release; each restates the whole series, so figures of two are never joined.

    `tables` is False for an annual report, of which only a list of shares is held.
    """

    id: str
    name: str
    tables: bool
    definition: str
    price_base: str
    cut_off: PartialDate | None
    decimals: int
    held: str
    source: Source

    @property
    def published(self) -> PartialDate:
        assert self.source.published is not None  # the build refuses an edition without a date
        return self.source.published

    @property
    def core(self) -> bool:
        """Whether it prints core defence expenditure (since 2026) or the older, wider definition."""
        return self.definition.startswith("core")


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of figure NATO prints; `scale` is the power of ten of its printed unit."""

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: Kind
    currency: str  # "USD", or "" for each Ally's own and where it is no money
    constant: bool
    scale: int
    decimals: int

    @property
    def national(self) -> bool:
        """Whether it is money of each Ally's own, which neither adds up nor has an order."""
        return self.kind is Kind.MONEY and not self.currency


@dataclass(frozen=True, slots=True)
class Series:
    """One printed row: the values of a measure for one spender in one edition."""

    table: str
    currency: str
    obtained: str
    values: Mapping[int, Decimal]
    marks: Mapping[int, str]  # "e" estimate, "?" the source does not say; absent is final


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a rule: a measure, an operator in words, a level and the year it is due."""

    code: str
    measure: str
    op: str
    value: Decimal
    unit: str
    by: int | None
    note: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Exemption:
    member: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
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
    exemptions: tuple[Exemption, ...]
    citations: tuple[Citation, ...]

    def component(self, *codes: str) -> Component | None:
        """The first verified part with one of these codes; an unverified part is never used."""
        return next((c for c in self.components if c.code in codes and c.verified), None)

    def level(self, *codes: str) -> Figure | None:
        """A part's level as a figure that carries the rule's standing and references."""
        part = self.component(*codes)
        if part is None:
            return None
        kind = Kind.SHARE_OF_SPENDING if part.unit == "% of defence expenditure" else Kind.SHARE
        places = max(0, -int(part.value.as_tuple().exponent))
        return Figure(
            f"rule.{self.id}.{part.code}",
            part.value,
            Unit(kind, decimals=places),
            say("{rule}: {measure}", rule=self.name, measure=part.measure),
            standing=self.standing,
            citations=self.citations,
        )


@dataclass(frozen=True, slots=True)
class Summit:
    id: str
    name: str
    place: str
    country: str
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


@dataclass(frozen=True, slots=True)
class Pledge:
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
    statement: str
    since: str
    grade: str
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class Definition:
    id: str
    term: str
    also_called: tuple[str, ...]
    definition: str
    grade: str
    note: str
    source: Source | None

    @property
    def name(self) -> str:
        return self.term

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.also_called


@dataclass(frozen=True, slots=True)
class Distinction:
    """Two terms that are often taken for one another, and what sets them apart."""

    a: str
    b: str
    why: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """A row of GDP, prices or people from the IMF, the Commission or the World Bank, in plain units."""

    source: Source
    indicator: str
    currency: str
    values: Mapping[int, Decimal]
    forecast_from: int | None


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything held, by its key. `version` changes with every build and every correction."""

    version: str
    members: Mapping[str, Member]
    aggregates: Mapping[str, Aggregate]
    groups: Mapping[str, Group]
    lookalikes: Mapping[str, Lookalike]
    editions: Mapping[str, Edition]  # newest first
    measures: Mapping[str, Measure]
    series: Mapping[tuple[str, str, str], Series]  # (edition, measure, spender)
    rules: Mapping[str, Rule]
    summits: Mapping[str, Summit]
    pledges: Mapping[str, Pledge]
    definitions: Mapping[str, Definition]
    distinctions: tuple[Distinction, ...]
    outlooks: Mapping[tuple[str, str, str], Outlook]  # (data set, indicator, member)
    sources: Mapping[str, Source]
    _made: dict[tuple[str, str, str, int], Figure] = field(default_factory=dict, repr=False)

    @cached_property
    def spenders(self) -> Mapping[str, Spender]:
        return {**self.members, **self.aggregates}

    @cached_property
    def newest(self) -> Edition:
        """The edition an answer stands on when nobody asks for another."""
        return next(edition for edition in self.editions.values() if edition.tables)

    @cached_property
    def printed_years(self) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """The years an edition prints for a measure, for whichever spender: (edition, measure) → oldest first."""
        years: dict[tuple[str, str], set[int]] = {}
        for (edition, measure, _), series in self.series.items():
            years.setdefault((edition, measure), set()).update(series.values)
        return {key: tuple(sorted(found)) for key, found in years.items()}

    def known_on(self, day: date) -> Edition | None:
        """The newest edition that was published on or before a day."""
        return next((e for e in self.editions.values() if e.tables and e.published.last <= day), None)

    def years(self, edition: Edition, measure: str, spender: Spender) -> tuple[int, ...]:
        """The years NATO prints for this row, oldest first."""
        series = self.series.get((edition.id, measure, spender.code))
        return tuple(series.values) if series else ()

    def mark(self, edition: Edition, measure: str, spender: Spender, year: int) -> Year:
        series = self.series.get((edition.id, measure, spender.code))
        mark = series.marks.get(year, "") if series else ""
        return Year(year, "e" if mark == "e" else "")

    def figure(self, edition: Edition, measure: str, spender: Spender, year: int) -> Figure | None:
        """One published value in plain units (money in units, people in heads); None where NATO prints none."""
        key = (edition.id, measure, spender.code, year)
        if (made := self._made.get(key)) is not None:
            return made
        series = self.series.get(key[:3])
        if series is None or (value := series.values.get(year)) is None:
            return None
        what = self.measures[measure]
        row = spender.nato_label if isinstance(spender, Member) else spender.name
        made = self._made[key] = Figure(
            f"{measure}.{spender.code}.{year}",
            value.scaleb(what.scale) if what.scale else value,
            Unit(
                what.kind,
                series.currency or what.currency,
                edition.price_base if what.constant else "",
                edition.decimals if what.kind is Kind.SHARE else what.decimals,
            ),
            label_of(what, spender, year),
            Status.ESTIMATE if series.marks.get(year) == "e" else Status.PUBLISHED,
            edition=edition.id,
            citations=(Citation(edition.source, series.table, row, year),),
        )
        return made

    def outlook(self, dataset: str, indicator: str, member: Member, year: int) -> Figure | None:
        """One value of an economic outlook; None where it has none."""
        row = self.outlooks.get((dataset, indicator, member.code))
        if row is None or (value := row.values.get(year)) is None:
            return None
        what = OUTLOOK_LABELS[indicator]
        constant = "constant" if indicator == "gdp_constant" else ""
        forecast = row.forecast_from is not None and year >= row.forecast_from
        return Figure(
            f"{dataset}.{indicator}.{member.code}.{year}",
            value,
            Unit(Kind.PEOPLE, decimals=0) if indicator == "population" else Unit(Kind.MONEY, row.currency, constant),
            what.filled(member=member, year=Year(year)),
            Status.PROJECTION if forecast else Status.PUBLISHED,
            citations=(Citation(row.source, row=member.name, year=year),),
        )


OUTLOOK_LABELS = {
    "gdp": say("GDP of {member} in {year}"),
    "gdp_constant": say("GDP of {member} in {year} at constant prices"),
    "gdp_usd": say("GDP of {member} in {year} in US dollars"),
    "population": say("people living in {member} in {year}"),
}


def label_of(measure: Measure, spender: Spender, year: int) -> Sentence:
    return say("{measure}, {member}, {year}", measure=measure.name, member=spender, year=Year(year))
