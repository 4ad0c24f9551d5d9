"""The identities that hold in NATO's tables, looked at whenever the store is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from data.seeds import ExceptionRow, KnownRow
from knowledge.facts import Facts
from knowledge.things import Coverage, Edition, Series, Spender

HALF = Decimal("0.5")
CENT = Decimal("0.01")
Breach = tuple[str, str, str, str, str]  # identity, edition, spender, year, what was found


class _Table:
    """Raw values as NATO prints them (millions, per cent), without the cost of a Figure each."""

    def __init__(self, facts: Facts, edition: Edition) -> None:
        self.facts = facts
        self.edition = edition

    def __call__(self, measure: str, spender: Spender, year: int) -> Decimal | None:
        series = self.facts.series.get((self.edition.id, measure, spender.code))
        return series.values.get(year) if series else None

    def each(self, measure: str) -> Iterator[tuple[Spender, int, Decimal]]:
        for spender in self.facts.spenders.values():
            series = self.facts.series.get((self.edition.id, measure, spender.code))
            for year, value in series.values.items() if series else ():
                yield spender, year, value


def _categories(table: _Table) -> Iterator[Breach]:
    for spender, year, equipment in table.each("equipment_share"):
        others = [table(m, spender, year) for m in ("personnel_share", "infrastructure_share", "other_share")]
        parts = [part for part in others if part is not None]
        if len(parts) < 3:
            yield "categories", table.edition.id, spender.code, str(year), f"{3 - len(parts)} of 4 categories are blank"
        elif abs(equipment + sum(parts) - 100) > Decimal("0.03"):
            total = equipment + sum(parts)
            yield "categories", table.edition.id, spender.code, str(year), f"the categories sum to {total}, not 100"


def _shares(table: _Table) -> Iterator[Breach]:
    for spender, year, share in table.each("share"):
        spent = table("spending_usd_constant", spender, year)
        gdp = table("gdp_usd_constant", spender, year)
        if spent is None or gdp is None:
            continue
        ratio = spent / gdp * 100
        slack = Decimal("0.0051") + ratio * (HALF / spent + HALF / gdp)
        if abs(ratio - share) > slack:
            yield (
                "share",
                table.edition.id,
                spender.code,
                str(year),
                f"{share} is printed, spending ÷ GDP is {ratio:.3f}",
            )


def _real_changes(table: _Table) -> Iterator[Breach]:
    for spender, year, change in table.each("real_change"):
        now = table("spending_usd_constant", spender, year)
        before = table("spending_usd_constant", spender, year - 1)
        if now is None or before is None:
            continue
        growth = (now / before - 1) * 100
        slack = Decimal("0.0051") + 100 * now / before * (HALF / now + HALF / before)
        if abs(growth - change) > slack:
            yield (
                "real change",
                table.edition.id,
                spender.code,
                str(year),
                f"{change} is printed, growth is {growth:.3f}",
            )


def _constant_rates(table: _Table) -> Iterator[Breach]:
    low: dict[str, Decimal] = {}
    high: dict[str, Decimal] = {}
    for spender, year, national in table.each("spending_national_constant"):
        dollars = table("spending_usd_constant", spender, year)
        if dollars is None:
            continue
        low[spender.code] = max(low.get(spender.code, Decimal(0)), (national - HALF) / (dollars + HALF))
        high[spender.code] = min(high.get(spender.code, Decimal("Inf")), (national + HALF) / (dollars - HALF))
    for code in low:
        if low[code] > high[code]:
            yield "constant rate", table.edition.id, code, "", "no single exchange rate links its two constant series"


def _aggregates(table: _Table) -> Iterator[Breach]:
    for measure in (m.id for m in table.facts.measures.values() if m.adds_up):
        for code in table.facts.aggregates:
            series = table.facts.series.get((table.edition.id, measure, code))
            for year, total in series.values.items() if series else ():
                parts = [
                    table(measure, member, year)
                    for member in table.facts.members.values()
                    if member.accession.year <= year and not (code == "NATO_EUR_CAN" and member.code == "USA")
                ]
                found = sum((part for part in parts if part is not None), Decimal(0))
                if abs(found - total) > HALF * (len(parts) + 1):
                    name = table.facts.measures[measure].name
                    what = f"its members' {name} sum to {found}, {total} is printed"
                    yield f"sum of {measure}", table.edition.id, code, str(year), what


def newly_broken(before: Facts, after: Facts, editions: Iterable[str]) -> list[Breach]:
    """The breaches of these editions' identities that were none before."""
    found = list[Breach]()
    for edition in editions:
        known = set(breaches_of(before, before.editions[edition])) if edition in before.editions else set()
        found += [one for one in breaches_of(after, after.editions[edition]) if one not in known]
    return found


def strangers(facts: Facts, known: Iterable[KnownRow]) -> Iterator[str]:
    """A sentence for each row of known.csv that is of nothing we have."""
    for row in known:
        if row.edition not in facts.editions:
            yield f"known.csv, column edition: {row.edition!r} is no edition."
        elif row.measure not in facts.measures:
            yield f"known.csv, column measure: {row.measure!r} is no measure."
        elif row.what == "total" and row.spender not in facts.spenders:
            yield f"known.csv, column spender: {row.spender!r} is neither a member nor a total."


def _known(table: _Table, known: Iterable[KnownRow]) -> Iterator[Breach]:
    """Where the tables do not give what the release says of itself."""
    edition = table.edition.id
    for row in known:
        if row.edition != edition:
            continue
        if row.what == "total":
            value, says = table(row.measure, table.facts.spenders[row.spender], row.year), Decimal(row.value)
            places = Decimal(1).scaleb(int(says.as_tuple().exponent))
            if value is None or value.quantize(places, ROUND_HALF_UP) != says:
                what = f"{row.measure} is {value}, NATO's release says {says}"
                yield "known total", edition, row.spender, str(row.year), what
            continue
        level = Decimal(row.level or 0)
        printed = {code: table(row.measure, member, row.year) for code, member in table.facts.members.items()}
        meeting = sorted(c for c, v in printed.items() if v is not None and v.quantize(CENT, ROUND_HALF_UP) >= level)
        found = str(len(meeting)) if row.what == "count" else "|".join(meeting)
        if found != row.value:
            what = f"{found} print {level} or more, {row.value} are known"
            yield f"known {row.what} at {level}", edition, "", str(row.year), what


IDENTITIES: tuple[Callable[[_Table], Iterator[Breach]], ...] = (
    _categories,
    _shares,
    _real_changes,
    _constant_rates,
    _aggregates,
)


def breaches(facts: Facts, known: Sequence[KnownRow]) -> Iterator[Breach]:
    """Every cell that breaks an identity, explained or not."""
    for edition in facts.editions.values():
        yield from breaches_of(facts, edition)
        yield from _known(_Table(facts, edition), known)


def breaches_of(facts: Facts, edition: Edition) -> Iterator[Breach]:
    """Those of the identities between its own tables."""
    table = _Table(facts, edition)
    for identity in IDENTITIES:
        yield from identity(table)


def incomplete(facts: Facts) -> Iterator[str]:
    """A sentence for each row of coverage.csv that does not say what is held, and for figures that it does not name."""
    held: dict[tuple[str, str], dict[str, Series]] = {}
    for (edition, measure, spender), series in facts.series.items():
        held.setdefault((edition, measure), {})[spender] = series
    for key in {**held, **facts.coverage}:
        yield from _incomplete(facts, facts.editions[key[0]], key[1], held.get(key, {}), facts.coverage.get(key, ()))


def _incomplete(
    facts: Facts, edition: Edition, measure: str, held: Mapping[str, Series], coverage: tuple[Coverage, ...]
) -> Iterator[str]:
    where = f"coverage.csv: {measure} of the {edition.name}"
    told: set[int] = set()
    figures = {year for series in held.values() for year in series.values}
    for row in coverage:
        years = set(range(row.first, row.last + 1))
        span = str(row.first) if row.first == row.last else f"{row.first}-{row.last}"
        if not years or row.first < edition.first or row.last > edition.last:
            yield f"{where} has a row for {span}, and the edition prints {edition.first} to {edition.last}."
        if twice := years & told:
            yield f"{where} has two rows for {min(twice)}."
        told |= years
        if strange := sorted(set(row.but) - set(facts.spenders)):
            yield f"{where} leaves out {strange[0]}, which is neither a member nor a total."
        if row.held == "unprinted":
            if years & figures:
                yield f"{where} is unprinted for {span}, and figures of it are held."
        elif row.held == "whole":
            if blank := sorted(years - figures):
                yield f"{where} is whole for {span}, and nothing is held for {blank[0]}."
            if there := sorted(set(row.but) & set(held)):
                yield f"{where} leaves out {there[0]}, and a row of it is held."
            missing = sorted(
                member.code
                for member in facts.members.values()
                if member.armed_forces and member.accession.year <= row.last and member.code not in {*held, *row.but}
            )
            if missing:
                yield f"{where} is whole for {span}, and there is no row of {', '.join(missing)}."
    if untold := sorted(figures - told):
        yield f"{where} has no row for {untold[0]}, and figures of it are held."


def wrong_groups(facts: Facts) -> Iterator[str]:
    """A sentence for each group of Allies that is not what the table of members says of it."""
    members = facts.members
    known = {
        "europe-canada": set(members) - {"USA"},
        "eu": {code for code, member in members.items() if member.eu_since is not None},
        "founding": {code for code, member in members.items() if member.founding},
    }
    for name in facts.groups:
        if (year := name.removeprefix("since-")) != name:
            known[name] = {code for code, member in members.items() if member.accession.year >= int(year)}
    for name, expected in known.items():
        if name in facts.groups and (wrong := expected ^ set(facts.groups[name].members)):
            yield f"groups.csv: {name} and members.csv disagree on {', '.join(sorted(wrong))}."


def broken_identities(facts: Facts, exceptions: Iterable[ExceptionRow], known: Sequence[KnownRow]) -> list[str]:
    """A sentence for each breach that no exception explains, and for each exception that explains nothing.

    An exception may leave its year blank: it then covers every year of that row.
    """
    if strange := list(strangers(facts, known)):
        return strange
    explained = {(e.identity, e.edition, e.member, e.year) for e in exceptions}
    used = set()
    sentences = []
    for identity, edition, member, year, found in breaches(facts, known):
        keys = {(identity, edition, member, year), (identity, edition, member, "")} & explained
        used |= keys
        if not keys:
            where = " ".join(part for part in (member, year) if part)
            sentences.append(f"{facts.editions[edition].name}, {where}: {found} ({identity}).")
    sentences += wrong_groups(facts)
    sentences += [
        f"exceptions.csv explains nothing that was found: {', '.join(key)}." for key in sorted(explained - used)
    ]
    return sentences
