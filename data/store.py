"""facts.db → one immutable snapshot, read once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from data import FACTS
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.figure import Citation, Kind, Read, SaidBy, Source, Standing
from knowledge.things import (
    Aggregate,
    Break,
    Component,
    Coverage,
    Currency,
    Definition,
    Distinction,
    Edition,
    Forecast,
    Funding,
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

UNHASHED = "0" * 64  # stands in a store until its hash takes the place


class StoreError(Exception):
    """One sentence on why the store cannot be read and what to do."""


def load(path: Path = FACTS) -> Facts:
    """Read a store that was built, without ever writing to it; StoreError if it is absent or damaged."""
    try:
        if not path.is_file():
            raise StoreError(f"There is no store of figures at {path}. Build it with: make store")
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            kept = _meta(db, "hash")
            if hash_of(path.read_bytes(), kept) != kept:
                raise ValueError("it is not as it was built")
            facts = _read(db)
        finally:
            db.close()
        if not (facts.editions and facts.members and any(series.values for series in facts.series.values())):
            raise ValueError("it holds no figures")
    except (sqlite3.Error, OSError, LookupError, ValueError, TypeError, ArithmeticError) as error:
        why = str(error) or type(error).__name__
        raise StoreError(
            f"The store of figures at {path} cannot be read ({why}). Build it again: make store"
        ) from error
    return facts


def is_readable(path: Path) -> bool:
    """Whether a store is there and its first page reads; for the health of a bot that holds its figures in memory."""
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            return db.execute("select value from meta where key = 'version'").fetchone() is not None
        finally:
            db.close()
    except sqlite3.Error:
        return False


def hash_of(store: bytes, kept: str = UNHASHED) -> str:
    """The hash of a whole store, as it was before its hash was written into it.

    A file of one and a half megabytes is hashed in a millisecond; its rows would take twenty.
    """
    return hashlib.sha256(store.replace(kept.encode(), UNHASHED.encode())).hexdigest()


def _meta(db: sqlite3.Connection, key: str) -> str:
    return str(db.execute("select value from meta where key = ?", [key]).fetchone()[0])


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _day(text: str | None) -> PartialDate | None:
    return PartialDate(text) if text else None


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _read(db: sqlite3.Connection) -> Facts:
    def table(name: str, order: str = "rowid") -> list[dict[str, Any]]:
        found = db.execute(f"select * from {name} order by {order}")
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found]

    sources = {str(r["key"]): source_of(r) for r in table("source")}
    sourced = partial(_sourced, sources)
    members = {}
    for row in table("member", "name"):
        members[str(row["code"])] = Member(
            **sourced(
                row,
                aliases=_split(str(row["aliases"])),
                accession=PartialDate(str(row["accession"])),
                founding=bool(row["founding"]),
                armed_forces=bool(row["armed_forces"]),
            )
        )
    editions = in_order(edition_of(r, sources) for r in table("edition"))
    outlooks = _outlooks(db, table("outlook"), sources)
    return Facts(
        version=_meta(db, "version"),
        members=members,
        aggregates={
            str(r["code"]): Aggregate(**{**r, "aliases": _split(str(r["aliases"]))}) for r in table("aggregate")
        },
        groups={
            str(r["id"]): Group(**sourced(r, aliases=_split(str(r["aliases"])), members=_split(str(r["members"]))))
            for r in table("member_group")
        },
        currencies={str(r["code"]): Currency(**{**r, "aliases": _split(str(r["aliases"]))}) for r in table("currency")},
        lookalikes={
            str(r["code"]): Lookalike(**{**r, "aliases": _split(str(r["aliases"]))}) for r in table("lookalike")
        },
        editions=editions,
        measures={
            str(r["id"]): Measure(
                **{
                    **r,
                    "aliases": _split(str(r["aliases"])),
                    "kind": Kind(r["kind"]),
                    "constant": bool(r["constant"]),
                    "adds_up": bool(r["adds_up"]),
                    "per_head": bool(r["per_head"]),
                    "step": _number(r["step"]),
                }
            )
            for r in table("measure")
        },
        series=_series(db),
        coverage=_coverage(table),
        breaks=tuple(
            Break(
                **sourced(
                    r,
                    members=_split(r["members"]),
                    measures=_split(r["measures"]),
                    editions=_split(r["editions"]),
                    joined=bool(r["joined"]),
                    onwards=bool(r["onwards"]),
                )
            )
            for r in table("break")
        ),
        rules=rules_of(table, sources),
        summits={str(r["id"]): summit_of(r, sources) for r in table("summit", "start")},
        pledges={str(r["id"]): pledge_of(r, sources) for r in table("pledge")},
        definitions={str(r["id"]): definition_of(r, sources) for r in table("definition", "term")},
        distinctions=tuple(Distinction(**sourced(r)) for r in table("distinction")),
        outlooks=outlooks,
        forecast=_forecast(table("forecast")[0], outlooks),
        funding=tuple(
            Funding(
                r["year"],
                r["scheme"],
                r["member"],
                _number(r["share"]),
                None if r["ceiling"] is None else Decimal(r["ceiling"]).scaleb(6),
                bool(r["about"]),
                r["note"],
                sources[r["source"]],
            )
            for r in table("funding", "id")
        ),
        sources=sources,
    )


# -- one row each, of facts.db or as somebody entered it -----------------------------------------------

Row = Mapping[str, Any]
Sources = Mapping[str, Source]


def _sourced(sources: Sources, row: Row, **changed: object) -> dict[str, Any]:
    """A row as keyword arguments: its source looked up, its dates read."""
    key = row.get("source")
    return {**row, "source": sources[str(key)] if key else None, **changed}


def source_of(row: Row) -> Source:
    read = {"said_by": SaidBy(row["said_by"]), "read": Read(row["read"]), "reprint": bool(row["reprint"])}
    return Source(**{**row, "published": _day(row["published"]), **read})


def edition_of(row: Row, sources: Sources) -> Edition:
    return Edition(**_sourced(sources, row, tables=bool(row["tables"]), cut_off=_day(row["cut_off"])))


def in_order(editions: Iterable[Edition]) -> dict[str, Edition]:
    """By id, the newest first."""
    return {e.id: e for e in sorted(editions, key=lambda e: e.published.last, reverse=True)}


def summit_of(row: Row, sources: Sources) -> Summit:
    return Summit(**_sourced(sources, row, start=PartialDate(row["start"]), end=_day(row["end"])))


def pledge_of(row: Row, sources: Sources) -> Pledge:
    shares = {name: _number(row[name]) for name in ("share", "share_low", "share_high")}
    return Pledge(**_sourced(sources, row, **shares, announced=_day(row["announced"])))


def definition_of(row: Row, sources: Sources) -> Definition:
    return Definition(**_sourced(sources, row, also_called=_split(row["also_called"])))


def _series(db: sqlite3.Connection) -> dict[tuple[str, str, str], Series]:
    found: dict[tuple[str, str, str], Series] = {}
    by_id: dict[int, tuple[dict[int, Decimal], dict[int, str]]] = {}
    for key, edition, measure, spender, table, currency in db.execute(
        "select id, edition, measure, spender, table_number, currency from series"
    ):
        values, marks = by_id[key] = {}, {}
        found[edition, measure, spender] = Series(table, currency, values, marks)
    for key, year, value, mark in db.execute("select series, year, value, mark from figure order by series, year"):
        values, marks = by_id[key]
        values[year] = Decimal(value)
        if mark:
            marks[year] = mark
    return found


def _coverage(rows: Callable[..., list[dict[str, Any]]]) -> dict[tuple[str, str], tuple[Coverage, ...]]:
    found: dict[tuple[str, str], tuple[Coverage, ...]] = {}
    for r in rows("coverage", "edition, measure, first"):
        key = (r["edition"], r["measure"])
        found[key] = (*found.get(key, ()), Coverage(**{**r, "but": _split(r["but"])}))
    return found


def _outlooks(
    db: sqlite3.Connection, found: list[dict[str, Any]], sources: dict[str, Source]
) -> dict[tuple[str, str, str], Outlook]:
    rows = {row["id"]: row for row in found}
    values: dict[int, dict[int, Decimal]] = {key: {} for key in rows}
    forecasts: dict[int, int] = {}
    for key, year, value, mark in db.execute("select outlook, year, value, mark from outlook_value order by year"):
        values[key][year] = Decimal(value).scaleb(rows[key]["scale"])
        if mark == "f":
            forecasts.setdefault(key, year)
    return {
        (row["source"], row["indicator"], row["member"]): Outlook(
            sources[row["source"]], row["indicator"], row["currency"], values[key], forecasts.get(key)
        )
        for key, row in rows.items()
    }


def _forecast(row: dict[str, Any], outlooks: dict[tuple[str, str, str], Outlook]) -> Forecast:
    """The years are those of the data set itself: from the first that is a forecast for every Ally to its last."""
    gdp = [o for (dataset, indicator, _), o in outlooks.items() if dataset == row["gdp"] and indicator == "gdp"]
    return Forecast(
        row["gdp"],
        row["second"],
        row["people"],
        row["prices"],
        max(outlook.forecast_from or 0 for outlook in gdp),
        max(year for outlook in gdp for year in outlook.values),
        row["held_to"],
        frozenset(_split(row["no_current_prices"])),
    )


def rules_of(rows: Callable[..., list[dict[str, Any]]], sources: Sources) -> dict[str, Rule]:
    """The rules of the four tables that hold them."""
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
                bool(r["verified"]),
            )
        )
    exemptions: dict[str, list[tuple[str, str]]] = {}
    for r in rows("rule_exemption"):
        exemptions.setdefault(r["rule"], []).append((r["member"], r["text"]))
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
