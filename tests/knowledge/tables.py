"""The seed tables by plain Python: what the tests by another road expect is worked out from these alone."""

from __future__ import annotations

import csv
import re
import tomllib
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SEED = Path(__file__).parents[2] / "data" / "seed"
HUNDRED = Decimal(100)
_YEAR = re.compile(r"(\d{4})(\D?)")
_VALUE = re.compile(r"(-?\d+(?:\.\d+)?)(\D?)")

Row = dict[str, str]


class Cell(NamedTuple):
    """One published figure in plain units: dollars and people, not millions and thousands."""

    value: Decimal
    estimate: bool
    currency: str


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def table(name: str) -> list[Row]:
    return rows(SEED / f"{name}.csv")


@cache
def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((SEED / "rules.toml").read_text(encoding="utf-8"))["rule"]
    return found


def level_of(rule: dict[str, Any]) -> Decimal | None:
    """The share of GDP a rule sets; None where it sets none, or has no source for it."""
    for part in rule.get("component", ()):
        if part["code"] in ("core", "total") and part["unit"] == "% of GDP" and part.get("verified"):
            return Decimal(part["value"])
    return None


@cache
def cells() -> dict[tuple[str, str, str, int], Cell]:
    """Every published figure: (edition, measure, member, year); a row of NATO's own tables goes before a press list."""
    found: dict[tuple[str, str, str, int], Cell] = {}
    for path in sorted((SEED / "figures").glob("*.csv")):
        for row in sorted(rows(path), key=lambda row: row.get("table", "") != ""):
            for column, text in row.items():
                year, value = _YEAR.fullmatch(column), _VALUE.fullmatch(text)
                if year is None or value is None:
                    continue
                scale = int(MEASURES[row["measure"]]["scale"])
                estimate = "e" in (year[2], value[2])
                key = (path.stem, row["measure"], row["member"], int(year[1]))
                found[key] = Cell(Decimal(value[1]).scaleb(scale), estimate, row.get("currency", ""))
    return found


def cell(edition: str, measure: str, member: str, year: int) -> Decimal | None:
    held = cells().get((edition, measure, member, year))
    return held.value if held else None


@cache
def years_of(edition: str, measure: str, member: str) -> list[int]:
    return sorted(y for e, m, who, y in cells() if (e, m, who) == (edition, measure, member))


@cache
def years_held(edition: str, measure: str) -> list[int]:
    return sorted({y for e, m, _, y in cells() if (e, m) == (edition, measure)})


def two_decimals(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def shown(measure: str, value: Decimal) -> Decimal:
    """As it is compared: percentages at the two decimals NATO prints, everything else as it is."""
    return two_decimals(value) if "%" in MEASURES[measure]["kind"] else value


def close(a: Decimal, b: Decimal, within: str = "1e-12") -> bool:
    """Equal but for the last places of a division."""
    return abs(a - b) <= Decimal(within) * max(abs(a), abs(b))


MEASURES = {row["id"]: row for row in table("measures")}
MEMBERS = {row["code"]: row for row in table("members")}
JOINED = {code: int(row["accession"][:4]) for code, row in MEMBERS.items()}
ARMED = [code for code, row in MEMBERS.items() if row["armed_forces"] == "yes"]
TOTALS = [row["code"] for row in table("aggregates")]
# Newest first; a series is read from tables, not from a report that prints one year.
EDITIONS = [row["id"] for row in sorted(table("editions"), key=lambda row: row["published"], reverse=True)]
TABLES = [e for e in EDITIONS if next(row for row in table("editions") if row["id"] == e)["tables"] == "yes"]
NEWEST = TABLES[0]


class Economy:
    """Gross domestic product by the newest outlook: to its last year as forecast, then its last growth held."""

    def __init__(self) -> None:
        newest = max((SEED / "economy").glob("imf-weo-*.csv"))
        self._rows = {(row["indicator"], row["member"]): row for row in rows(newest)}
        columns = [c for c in next(iter(self._rows.values())) if _YEAR.fullmatch(c)]
        self.last = int(columns[-1])
        gdp = [row for (indicator, _), row in self._rows.items() if indicator == "gdp"]
        self.first = int(next(c for c in columns if 2 * sum(row[c].endswith("f") for row in gdp) > len(gdp)))

    def _value(self, indicator: str, member: str, year: int) -> Decimal:
        return Decimal(self._rows[indicator, member][str(year)].rstrip("f"))

    def _held(self, indicator: str, member: str, year: int) -> Decimal:
        """In billions; after the last year of the outlook its last yearly growth goes on."""
        if year <= self.last:
            return self._value(indicator, member, year)
        last, before = (self._value(indicator, member, y) for y in (self.last, self.last - 1))
        return last * (last / before) ** (year - self.last)

    def real(self, member: str, year: int) -> Decimal:
        """In the prices of the first year that is a forecast for most."""
        grown = self._held("gdp_constant", member, year) / self._value("gdp_constant", member, self.first)
        return self._value("gdp", member, self.first).scaleb(9) * grown * self.measured(member)

    def own(self, member: str, year: int) -> Decimal:
        """In the year's own prices: real growth and price growth are held each, so their product is too."""
        return self._held("gdp", member, year).scaleb(9) * self.measured(member)

    def measured(self, member: str) -> Decimal:
        """Of one Ally NATO prints national income in its table of GDP; how much of GDP that is."""
        if not any(rule["kind"] == "measurement" and member in rule.get("only", ()) for rule in rules()):
            return Decimal(1)
        income = cells()[NEWEST, "gdp_usd", member, self.first].value * self.per_dollar(member)
        return income / self._value("gdp", member, self.first).scaleb(9)

    def per_dollar(self, member: str) -> Decimal:
        """National currency for a dollar in the first forecast year, as NATO's tables imply."""
        national, dollars = (
            cells()[NEWEST, measure, member, self.first].value for measure in ("spending_national", "spending_usd")
        )
        return national / dollars
