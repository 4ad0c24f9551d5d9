"""One immutable snapshot of everything the store holds; every question reads it and nothing writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from knowledge import things
from knowledge.arithmetic import percentage, total
from knowledge.figure import (
    INCOME,
    Citation,
    Correction,
    Entered,
    Figure,
    Kind,
    Read,
    SaidBy,
    Source,
    Standing,
    Status,
    Unit,
)
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Aggregate, Break, Coverage, Edition, Group, Measure, Member, Rule, Series, Spender

Cell = tuple[str, str, str, int]  # edition, measure, spender, year
_OF_A_CELL = re.compile(r"([a-z_]+)\.([A-Z_]+)\.(\d{4})\b")  # the name of a figure that stands in a table
# A group's share is of current prices, as its amounts are; where an edition has none of them, of constant ones.
_SHARE_OF = (("spending_usd", "gdp_usd"), ("spending_usd_constant", "gdp_usd_constant"))


class Facts(Struct, frozen=True, eq=False, dict=True, weakref=True):
    """Everything held, by its key. `version` changes with every build and every correction."""

    version: str
    members: Mapping[str, Member]
    aggregates: Mapping[str, Aggregate]
    groups: Mapping[str, Group]
    lookalikes: Mapping[str, things.Lookalike]
    currencies: Mapping[str, things.Currency]
    editions: Mapping[str, Edition]  # newest first
    measures: Mapping[str, Measure]
    series: Mapping[tuple[str, str, str], Series]  # (edition, measure, spender)
    coverage: Mapping[tuple[str, str], tuple[Coverage, ...]]  # (edition, measure)
    breaks: tuple[Break, ...]
    rules: Mapping[str, Rule]
    summits: Mapping[str, things.Summit]
    pledges: Mapping[str, things.Pledge]
    definitions: Mapping[str, things.Definition]
    distinctions: tuple[things.Distinction, ...]
    funding: tuple[things.Funding, ...]
    outlooks: Mapping[tuple[str, str, str], things.Outlook]  # (data set, indicator, member)
    forecast: things.Forecast
    sources: Mapping[str, Source]
    entered: Mapping[str, Entered] = field(default_factory=dict)  # by the key of a source: what the store came without
    built: Facts | None = None  # the snapshot this one corrects: whatever rests on no figure is shared with it
    _made: dict[Cell, Figure | None] = field(default_factory=dict)
    _rows: dict[tuple[str, str, str], tuple[tuple[int, Figure], ...]] = field(default_factory=dict)
    _cited: dict[Citation, Citation] = field(default_factory=dict)  # one object for each place in a table

    def corrected(self, corrections: Mapping[Cell, Correction], version: str) -> Facts:
        """A new snapshot with these cells as they are corrected; this one stays as it is.

        LookupError where there is no such edition, measure or spender. A row that the edition lacks is begun, unless it
        is of money of the spender's own: in which currency that edition has it is not known.
        """
        series = dict(self.series)
        for (edition, measure, spender, year), one in corrections.items():
            row = series.get((edition, measure, spender)) or self._begun(edition, measure, spender)
            values, marks = dict(row.values), dict(row.marks)
            before, printed = row.corrections.get(year), values.pop(year, None)
            published = printed if before is None else before.published
            marks.pop(year, None)
            if one.number is not None:
                values[year], marks[year] = one.number, one.mark
            series[edition, measure, spender] = replace(
                row,
                values=dict(sorted(values.items())),
                marks={year: mark for year, mark in marks.items() if mark},
                corrections={**row.corrections, year: replace(one, published=published)},
            )
        return replace(self, version=version, series=series, built=self.built or self, _made={}, _rows={})

    def _begun(self, edition: str, measure: str, spender: str) -> Series:
        if edition not in self.editions or spender not in self.spenders or self.measures[measure].national:
            raise LookupError(f"{edition} has no row of {measure} for {spender}")
        return Series("", "", {}, {})

    def correction(self, edition: Edition, measure: str, spender: Spender, year: int) -> Correction | None:
        """What stands here in the place of what NATO prints in a cell, if somebody corrected it."""
        series = self.series.get((edition.id, measure, spender.code))
        return series.corrections.get(year) if series is not None else None

    def agreed_by(self, day: date) -> Facts:
        """The same figures beside the rules that had been agreed or said by a day, in force as they were then."""
        later = {rule.id for rule in self.rules.values() if rule.announced.last > day}
        kept = (rule for rule in self.rules.values() if rule.id not in later)
        then = (replace(r, superseded_by="", applies_to=None) if r.superseded_by in later else r for r in kept)
        return replace(self, rules={rule.id: rule for rule in then}, built=self.built or self)

    @cached_property
    def newest(self) -> Edition:
        """The edition an answer stands on when nobody asks for another."""
        return next(edition for edition in self.editions.values() if edition.tables)

    @cached_property
    def as_of(self) -> date:
        """The day from which on nothing newer is held."""
        return self.newest.published.last

    @cached_property
    def adopted(self) -> tuple[Rule, ...]:
        """The alliance-wide rules on a share of GDP that were adopted, in force or not; oldest first."""
        rules = (r for r in self.rules.values() if r.kind == "share" and not r.only)
        return tuple(rule for rule in rules if rule.standing is Standing.ADOPTED)

    @cached_property
    def own_rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that concern some Allies alone, by the code of each."""
        codes = {code for rule in self.rules.values() for code in rule.only}
        return {code: tuple(rule for rule in self.rules.values() if code in rule.only) for code in codes}

    @cached_property
    def breaks_of(self) -> Mapping[str, tuple[Break, ...]]:
        """The series breaks that concern a measure."""
        return {key: tuple(b for b in self.breaks if not b.measures or key in b.measures) for key in self.measures}

    @cached_property
    def printed_years(self) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """The years that are held of a measure of an edition, for whichever spender: oldest first."""
        years: dict[tuple[str, str], set[int]] = {}
        for (edition, measure, _), series in self.series.items():
            years.setdefault((edition, measure), set()).update(series.values)
        return {key: tuple(sorted(found)) for key, found in years.items()}

    def known_on(self, day: date) -> list[Edition]:
        """Every release, annual reports too, that was published by a day; newest first."""
        return [edition for edition in self.editions.values() if edition.published.last <= day]

    def covered(self, edition: Edition, measure: str, year: int) -> Coverage | None:
        """How much is held of what an edition prints of a measure for a year; None where nothing is known of it."""
        rows = self.coverage.get((edition.id, measure), ())
        return next((row for row in rows if row.first <= year <= row.last), None)

    def complete(self, edition: Edition, measure: str, year: int, members: Sequence[Member]) -> bool:
        """Whether everything NATO printed of these Allies is held, so that they may be counted and put in order."""
        row = self.covered(edition, measure, year)
        printed = [m for m in members if m.armed_forces or not self.measures[measure].forces]
        if row is not None and row.held == "whole" and not any(m.code in row.but for m in printed):
            return True
        return all(self.has(edition, measure, m, year) for m in printed)

    @cached_property
    def spenders(self) -> Mapping[str, Member | Aggregate]:
        return {**self.members, **self.aggregates}

    def those(self, spender: Spender) -> list[Member]:
        """The Allies of a group that have armed forces; those of a total or an Ally are itself no group's."""
        codes = spender.members if isinstance(spender, Group) else (spender.code,)
        return [member for code in codes if (member := self.members.get(code)) is not None and member.armed_forces]

    def years(self, edition: Edition, measure: str, spender: Spender) -> tuple[int, ...]:
        """The years held of this row, oldest first; of a group those that all of its Allies have."""
        if isinstance(spender, Group):
            rows = ((edition.id, row) for row in (measure, _SHARE_OF[-1][0]))
            years = next((self.printed_years[row] for row in rows if row in self.printed_years), ())
            return tuple(year for year in years if self.has(edition, measure, spender, year))
        series = self.series.get((edition.id, measure, spender.code))
        return tuple(series.values) if series else ()

    def has(self, edition: Edition, measure: str, spender: Spender, year: int) -> bool:
        if isinstance(spender, Group):
            return self.figure(edition, measure, spender, year) is not None
        series = self.series.get((edition.id, measure, spender.code))
        return series is not None and year in series.values

    def mark(self, edition: Edition, measure: str, spender: Spender, year: int) -> Year:
        """The year with NATO's "e" where the row marks it as an estimate."""
        rows = self.those(spender) if isinstance(spender, Group) else [spender]
        found = (self.series.get((edition.id, measure, row.code)) for row in rows)
        estimate = any(series is not None and series.marks.get(year) == "e" for series in found)
        return Year(year, "e" if estimate and self.has(edition, measure, spender, year) else "")

    def figure(self, edition: Edition, measure: str, spender: Spender, year: int) -> Figure | None:
        """One published value in plain units (money in units, people in heads), a group's sum; None where there is none."""
        key = (edition.id, measure, spender.code, year)
        if key not in self._made:
            if isinstance(spender, Group):
                self._made[key] = self._sum(edition, measure, spender, year)
            else:
                self._made[key] = self._printed(edition, measure, spender, year)
        return self._made[key]

    def of_income(self, edition: Edition, spender: Spender, year: int) -> bool:
        """Whether NATO divides this spender's spending of the year by national income instead of GDP."""
        share = self.measures["share"]
        own = [one for one in self.breaks_of[share.id] if one.kind == "income"] if isinstance(spender, Member) else []
        return any(one.touches(edition, share, spender, year, year) for one in own)

    def row(self, edition: Edition, measure: str, spender: Spender) -> tuple[tuple[int, Figure], ...]:
        """The years held of this row, each with its figure, oldest first."""
        key = (edition.id, measure, spender.code)
        if key not in self._rows:
            found = (
                (year, self.figure(edition, measure, spender, year)) for year in self.years(edition, measure, spender)
            )
            self._rows[key] = tuple((year, figure) for year, figure in found if figure is not None)
        return self._rows[key]

    def _printed(self, edition: Edition, measure: str, spender: Member | Aggregate, year: int) -> Figure | None:
        series = self.series.get((edition.id, measure, spender.code))
        if series is None or (value := series.values.get(year)) is None:
            return None
        what = self.measures[measure]
        corrected = series.corrections.get(year)
        if corrected is not None:
            covered, then = self.covered(edition, measure, year), corrected.published
            whole = covered is not None and covered.held == "whole"
            then = then.scaleb(what.scale) if then is not None else None
            corrected = replace(corrected, published=then, whole=whole)
        status = Status.ESTIMATE if series.marks.get(year) == "e" else Status.PUBLISHED
        places = edition.decimals if what.kind is Kind.SHARE else what.decimals
        prices = edition.price_base if what.constant else ""
        row = spender.nato_label if isinstance(spender, Member) else spender.name
        cited = Citation(edition.source, series.table, row, year)
        of = INCOME if what.kind is Kind.SHARE and self.of_income(edition, spender, year) else ""
        return Figure(
            f"{measure}.{spender.code}.{year}",
            value.scaleb(what.scale) if what.scale else value,
            Unit(what.kind, series.currency or what.currency, prices, places, of),
            label_of(what, spender, year, of),
            Status.CORRECTED if corrected else status,
            edition=edition.id,
            citations=(self._cited.setdefault(cited, cited),) if corrected is None else (_instead(corrected, cited),),
            correction=corrected,
        )

    def _sum(self, edition: Edition, measure: str, group: Group, year: int) -> Figure | None:
        """What a group's Allies make together: a sum, or a share of two sums; None where one of them lacks a figure."""
        what = self.measures[measure]
        label = label_of(what, group, year)
        if what.adds_up:
            parts = [self.figure(edition, measure, member, year) for member in self.those(group)]
            found = [part for part in parts if part is not None]
            if not found or len(found) < len(parts):
                return None
            return total(f"{measure}.{group.code}.{year}", found, label)
        if what.kind is Kind.SHARE:
            for spending, gdp in _SHARE_OF:
                spent, whole = (self._sum(edition, row, group, year) for row in (spending, gdp))
                if spent is not None and whole is not None:
                    return percentage(f"{measure}.{group.code}.{year}", spent, whole, label)
        return None

    def outlook(self, dataset: str, indicator: str, member: Member, year: int) -> Figure | None:
        """One value of an economic outlook; None where it has none."""
        key = (dataset, indicator, member.code, year)
        if (made := self._made.get(key)) is not None:
            return made
        row = self.outlooks.get(key[:3])
        if row is None or (value := row.values.get(year)) is None:
            return None
        constant = "constant" if indicator == "gdp_constant" else ""
        forecast = row.forecast_from is not None and year >= row.forecast_from
        made = self._made[key] = Figure(
            f"{dataset}.{indicator}.{member.code}.{year}",
            value,
            Unit(Kind.PEOPLE, decimals=0) if indicator == "population" else Unit(Kind.MONEY, row.currency, constant),
            OUTLOOK_LABELS[indicator].filled(member=member, year=Year(year)),
            Status.PROJECTION if forecast else Status.PUBLISHED,
            citations=(Citation(row.source, row=member.name, year=year),),
        )
        return made


OUTLOOK_LABELS = {
    "gdp": say("GDP of {member} in {year}"),
    "gdp_constant": say("GDP of {member} in {year} at constant prices"),
    "population": say("people living in {member} in {year}"),
}


def _instead(correction: Correction, printed: Citation) -> Citation:
    """Where a corrected value stands, beside the cell that it replaces."""
    scope = "server" if correction.server else "everywhere"
    return replace(
        printed,
        source=Source(
            f"correction-{scope}-{correction.revision}",
            f"Correction {correction.revision}",
            "this server's moderators" if correction.server else "the maintainers of this ledger",
            correction.day,
            correction.address,
            SaidBy.MODERATORS,
            Read.WHOLE,
        ),
        supports=f"in the place of {printed.source.title}",
    )


def cell_behind(figure: Figure) -> Cell | None:
    """The cell that a figure was read from; None where it was computed, or stands in no table of NATO's."""
    named = _OF_A_CELL.match(figure.name)
    if named is None or figure.edition is None or figure.operation is not None:
        return None
    return figure.edition, named[1], named[2], int(named[3])


SHARE_OF_INCOME = say("share of national income")


def label_of(measure: Measure, spender: Spender, year: int, of: str = "") -> Sentence:
    name = SHARE_OF_INCOME if of else measure.name
    return say("{measure}, {member}, {year}", measure=name, member=spender, year=Year(year))
