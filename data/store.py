"""facts.db → one immutable snapshot, read once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import NotFoundError

from knowledge.dates import PartialDate
from knowledge.facts import (
    Aggregate,
    Component,
    Definition,
    Distinction,
    Edition,
    Exemption,
    Facts,
    Group,
    Lookalike,
    Measure,
    Member,
    Outlook,
    Pledge,
    Rule,
    Series,
    Summit,
)
from knowledge.figure import Citation, Kind, Source, Standing

PATH = Path(__file__).with_name("facts.db")


class StoreError(Exception):
    """One sentence on why the store cannot be read and what to do."""


def load(path: Path = PATH) -> Facts:
    """Read a store that was built, without ever writing to it; StoreError if it is absent or damaged."""
    if not path.is_file():
        raise StoreError(f"There is no store of figures at {path}. Build it with: make store")
    try:
        db = Database(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True))
        try:
            return _read(db)
        finally:
            db.close()
    except (sqlite3.Error, NotFoundError, LookupError, ValueError, TypeError) as error:
        raise StoreError(
            f"The store of figures at {path} cannot be read ({error}). Build it again: make store"
        ) from error


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _day(text: str | None) -> PartialDate | None:
    return PartialDate(text) if text else None


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _read(db: Database) -> Facts:
    def table(name: str, order: str = "rowid") -> list[dict[str, Any]]:
        return list(db.table(name).rows_where(order_by=order))

    sources = {str(r["key"]): Source(**{**r, "published": _day(r["published"])}) for r in table("source")}

    def sourced(row: dict[str, Any], **changed: object) -> dict[str, Any]:
        """A row as keyword arguments: its source looked up, its dates read, the row's own grade left to the source."""
        key = row.get("source")
        return {**row, "source": sources[str(key)] if key else None, **changed}

    members = {}
    for row in table("member", "name"):
        row.pop("grade")
        members[str(row["code"])] = Member(
            **sourced(
                row,
                aliases=_split(str(row["aliases"])),
                accession=PartialDate(str(row["accession"])),
                founding=bool(row["founding"]),
                armed_forces=bool(row["armed_forces"]),
            )
        )
    editions = [
        Edition(**sourced(r, tables=bool(r["tables"]), cut_off=_day(str(r["cut_off"])))) for r in table("edition")
    ]
    editions.sort(key=lambda e: e.published.last, reverse=True)
    return Facts(
        version=str(db.table("meta").get("version")["value"]),
        members=members,
        aggregates={
            str(r["code"]): Aggregate(**{**r, "aliases": _split(str(r["aliases"]))}) for r in table("aggregate")
        },
        groups={
            str(r["id"]): Group(**sourced(r, aliases=_split(str(r["aliases"])), members=_split(str(r["members"]))))
            for r in table("member_group")
        },
        lookalikes={
            str(r["code"]): Lookalike(**{**r, "aliases": _split(str(r["aliases"]))}) for r in table("lookalike")
        },
        editions={edition.id: edition for edition in editions},
        measures={
            str(r["id"]): Measure(
                **{**r, "aliases": _split(str(r["aliases"])), "kind": Kind(r["kind"]), "constant": bool(r["constant"])}
            )
            for r in table("measure")
        },
        series=_series(db),
        rules=_rules(table, sources),
        summits={
            str(r["id"]): Summit(
                **sourced(
                    {k: v for k, v in r.items() if k != "grade"},
                    start=PartialDate(str(r["start"])),
                    end=_day(str(r["end"])),
                )
            )
            for r in table("summit", "start")
        },
        pledges={
            str(r["id"]): Pledge(
                **sourced(
                    r,
                    share=_number(r["share"]),
                    share_low=_number(r["share_low"]),
                    share_high=_number(r["share_high"]),
                    announced=_day(str(r["announced"])),
                )
            )
            for r in table("pledge")
        },
        definitions={
            str(r["id"]): Definition(**sourced(r, also_called=_split(str(r["also_called"]))))
            for r in table("definition", "term")
        },
        distinctions=tuple(Distinction(**sourced(r)) for r in table("distinction")),
        outlooks=_outlooks(db, sources),
        sources=sources,
    )


def _series(db: Database) -> dict[tuple[str, str, str], Series]:
    values: dict[int, dict[int, Decimal]] = {}
    marks: dict[int, dict[int, str]] = {}
    for key, year, value, mark in db.execute("select series, year, value, mark from figure order by series, year"):
        values.setdefault(key, {})[year] = Decimal(value)
        if mark:
            marks.setdefault(key, {})[year] = mark
    found: dict[tuple[str, str, str], Series] = {}
    # The 2023 edition's shares stand in two rows, one printed by the press: they are one series.
    for row in db.table("series").rows_where(order_by="table_number desc"):
        key = (row["edition"], row["measure"], row["spender"])
        new = Series(
            row["table_number"], row["currency"], row["obtained"], values.get(row["id"], {}), marks.get(row["id"], {})
        )
        if old := found.get(key):
            years = dict(sorted({**new.values, **old.values}.items()))
            new = Series(old.table, old.currency, old.obtained, years, {**new.marks, **old.marks})
        found[key] = new
    return found


def _outlooks(db: Database, sources: dict[str, Source]) -> dict[tuple[str, str, str], Outlook]:
    scales = {"gdp": 9, "gdp_constant": 9, "gdp_usd": 9}
    values: dict[int, dict[int, Decimal]] = {}
    forecasts: dict[int, int] = {}
    for key, year, value, mark in db.execute("select outlook, year, value, mark from outlook_value order by year"):
        values.setdefault(key, {})[year] = Decimal(value)
        if mark == "f":
            forecasts.setdefault(key, year)
    found = {}
    for row in db.table("outlook").rows:
        scale = scales.get(row["indicator"], 0)
        if row["indicator"] == "population" and row["source"].startswith("imf"):
            scale = 6
        found[row["source"], row["indicator"], row["member"]] = Outlook(
            sources[row["source"]],
            row["indicator"],
            row["currency"],
            {year: value.scaleb(scale) for year, value in values.get(row["id"], {}).items()},
            forecasts.get(row["id"]),
        )
    return found


def _rules(rows: Callable[..., list[dict[str, Any]]], sources: dict[str, Source]) -> dict[str, Rule]:
    parts: dict[str, list[Component]] = {}
    for r in rows("rule_component", "rule, position"):
        parts.setdefault(r["rule"], []).append(
            Component(
                r["code"],
                r["measure"],
                r["op"],
                Decimal(r["value"]),
                r["unit"],
                r["by"],
                r["note"],
                bool(r["verified"]),
            )
        )
    exemptions: dict[str, list[Exemption]] = {}
    for r in rows("rule_exemption"):
        exemptions.setdefault(r["rule"], []).append(Exemption(r["member"], r["kind"], r["text"]))
    cited: dict[str, list[Citation]] = {}
    for r in rows("rule_source", "rule, position"):
        cited.setdefault(r["rule"], []).append(Citation(sources[r["source"]], supports=r["supports"]))
    found = {}
    for r in rows("rule", "position"):
        key = r.pop("id")
        r.pop("position")
        found[key] = Rule(
            id=key,
            **{
                **r,
                "aliases": _split(r["aliases"]),
                "only": _split(r["only"]),
                "standing": Standing[r["standing"].upper()],
                "announced": PartialDate(r["announced"]),
            },
            components=tuple(parts.get(key, ())),
            exemptions=tuple(exemptions.get(key, ())),
            citations=tuple(cited.get(key, ())),
        )
    return found
