"""The identities that hold in NATO's tables, looked at whenever the store is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from data.seeds import ExceptionRow
from knowledge.facts import Edition, Facts, Spender

HALF = Decimal("0.5")
CENT = Decimal("0.01")
Breach = tuple[str, str, str, str, str]  # identity, edition, spender, year, what was found

# Counts of Allies that print 2.00 % of GDP or more, by edition, from the first year it holds.
AT_TWO = {
    "2024": (2014, (3, 5, 5, 4, 6, 7, 9, 6, 7, 10, 23)),
    "2025": (2014, (3, 4, 4, 3, 5, 6, 8, 6, 7, 10, 18)),
    "2026": (2014, (3, 4, 4, 3, 5, 6, 8, 6, 7, 10, 17, 28, 30)),
}
AT_THREE_AND_A_HALF = {("2026", 2026): {"LTU", "EST", "LVA", "POL", "GRC"}}
TOTALS = {  # (edition, measure, spender, year): the value NATO's release itself gives in its text or first page
    ("2026", "spending_usd", "NATO_TOTAL", 2024): "1482905",
    ("2026", "spending_usd", "NATO_TOTAL", 2025): "1629630",
    ("2026", "spending_usd", "NATO_TOTAL", 2026): "1809915",
    ("2026", "spending_usd", "NATO_EUR_CAN", 2024): "515198",
    ("2026", "spending_usd", "NATO_EUR_CAN", 2025): "653806",
    ("2026", "spending_usd", "NATO_EUR_CAN", 2026): "777066",
    ("2026", "spending_usd", "USA", 2024): "967707",
    ("2026", "spending_usd", "USA", 2025): "975824",
    ("2026", "spending_usd", "USA", 2026): "1032849",
    ("2026", "share", "NATO_TOTAL", 2024): "2.65",
    ("2026", "share", "NATO_TOTAL", 2025): "2.75",
    ("2026", "share", "NATO_TOTAL", 2026): "2.86",
    ("2026", "share", "NATO_EUR_CAN", 2024): "1.96",
    ("2026", "share", "NATO_EUR_CAN", 2025): "2.31",
    ("2026", "share", "NATO_EUR_CAN", 2026): "2.53",
    ("2026", "share", "USA", 2024): "3.30",
    ("2026", "share", "USA", 2025): "3.17",
    ("2026", "share", "USA", 2026): "3.17",
    ("2025", "share", "NATO_TOTAL", 2025): "2.76",
    ("2025", "share", "NATO_EUR_CAN", 2025): "2.27",
    ("2024", "spending_usd", "NATO_TOTAL", 2024): "1474399",
    ("2024", "share", "NATO_TOTAL", 2024): "2.71",
    ("2024", "spending_usd", "NATO_EUR_CAN", 2024): "506692",
    ("2024", "share", "NATO_EUR_CAN", 2024): "2.02",
}


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
    for measure in ("spending_usd", "spending_usd_constant", "gdp_usd", "gdp_usd_constant", "personnel"):
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
                    what = f"its members' {measure} sum to {found}, {total} is printed"
                    yield f"sum of {measure}", table.edition.id, code, str(year), what


def _known_totals(table: _Table) -> Iterator[Breach]:
    facts, edition = table.facts, table.edition

    def meeting(year: int, level: str) -> set[str]:
        shares = {code: table("share", member, year) for code, member in facts.members.items()}
        return {c for c, s in shares.items() if s is not None and s.quantize(CENT, ROUND_HALF_UP) >= Decimal(level)}

    first, counts = AT_TWO.get(edition.id, (0, ()))
    for year, count in enumerate(counts, first):
        if (found := len(meeting(year, "2"))) != count:
            yield "count at 2 %", edition.id, "", str(year), f"{found} members, {count} are known"
    for (name, year), members in AT_THREE_AND_A_HALF.items():
        if name == edition.id and meeting(year, "3.5") != members:
            yield "members at 3.5 %", name, "", str(year), f"{sorted(meeting(year, '3.5'))} are not {sorted(members)}"
    for (name, measure, code, year), text in TOTALS.items():
        if name == edition.id:
            value = table(measure, facts.spenders[code], year)
            known = Decimal(text)
            places = Decimal(1).scaleb(int(known.as_tuple().exponent))
            if value is None or value.quantize(places, ROUND_HALF_UP) != known:
                yield "known total", name, code, str(year), f"{measure} is {value}, NATO's release says {known}"


IDENTITIES: tuple[Callable[[_Table], Iterator[Breach]], ...] = (
    _categories,
    _shares,
    _real_changes,
    _constant_rates,
    _aggregates,
    _known_totals,
)


def breaches(facts: Facts) -> Iterator[Breach]:
    """Every cell that breaks an identity, explained or not."""
    for edition in facts.editions.values():
        table = _Table(facts, edition)
        for identity in IDENTITIES:
            yield from identity(table)


def wrong_groups(facts: Facts) -> Iterator[str]:
    """A sentence for each group of Allies that is not what the table of members says of it."""
    members = facts.members
    known = {
        "europe-canada": set(members) - {"USA"},
        "eu": {code for code, member in members.items() if member.eu_since is not None},
        "founding": {code for code, member in members.items() if member.founding},
        "since-1999": {code for code, member in members.items() if member.accession.year >= 1999},
    }
    for name, expected in known.items():
        if name in facts.groups and (wrong := expected ^ set(facts.groups[name].members)):
            yield f"groups.csv: {name} and members.csv disagree on {', '.join(sorted(wrong))}."


def broken_identities(facts: Facts, exceptions: Iterable[ExceptionRow]) -> list[str]:
    """A sentence for each breach that no exception explains, and for each exception that explains nothing.

    An exception may leave its year blank: it then covers every year of that row.
    """
    known = {(e.identity, e.edition, e.member, e.year) for e in exceptions}
    used = set()
    sentences = []
    for identity, edition, member, year, found in breaches(facts):
        keys = {(identity, edition, member, year), (identity, edition, member, "")} & known
        used |= keys
        if not keys:
            sentences.append(f"{edition} edition, {member} {year}: {found} ({identity}).")
    sentences += wrong_groups(facts)
    sentences += [f"exceptions.csv explains nothing that was found: {', '.join(key)}." for key in sorted(known - used)]
    return sentences
