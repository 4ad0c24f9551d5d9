"""Seed tables → facts.db: one transaction, checked, and put in place only when everything holds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlite_utils import Database

from data import seeds
from data.checks import broken_identities
from data.schema import migrations
from data.seeds import FOLDER, SeedError
from data.store import load
from knowledge.facts import Facts

Insert = Callable[[str, Iterable[dict[str, object]]], None]


def build(path: Path, folder: Path = FOLDER) -> Facts:
    """Build the store at `path`, replacing what stood there; SeedError if a row or a check is wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    try:
        db = Database(fresh)
        try:
            db.execute("PRAGMA foreign_keys = ON")
            with db.atomic():
                migrations.apply(db)
                _fill(db, folder)
            if stray := list(db.execute("PRAGMA foreign_key_check")):
                raise SeedError(f"Table {stray[0][0]} names a row of {stray[0][2]} that does not exist.")
        finally:
            db.close()
        facts = load(fresh)
        exceptions = seeds.rows("exceptions.csv", seeds.ExceptionRow, folder)
        if broken := broken_identities(facts, exceptions):
            raise SeedError("\n".join(broken))
        fresh.replace(path)
        return facts
    finally:
        fresh.unlink(missing_ok=True)


def seed_version(folder: Path = FOLDER) -> str:
    """A short hash of the seed tables: the same tables give the same version, whenever they are built."""
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _fill(db: Database, folder: Path) -> None:
    def insert(table: str, rows: Iterable[dict[str, object]]) -> None:
        listed = list(rows)
        try:
            db.table(table).insert_all(listed)
        except Exception as error:  # sqlite3's own message names the constraint; say which table it was
            raise SeedError(f"Table {table} refused its rows: {error}.") from error

    insert("meta", [{"key": "version", "value": seed_version(folder)}])
    _fill_sources(insert, folder)
    _fill_spenders(insert, folder)
    _fill_figures(insert, folder)
    _fill_rules(insert, folder)
    for table, model in (
        ("summit", seeds.SummitRow),
        ("pledge", seeds.PledgeRow),
    ):
        insert(table, [row.model_dump() for row in seeds.rows(f"{table}s.csv", model, folder)])
    _fill_definitions(insert, folder)
    _fill_economy(insert, folder)


def _fill_definitions(insert: Insert, folder: Path) -> None:
    definitions = seeds.rows("definitions.csv", seeds.DefinitionRow, folder)
    insert("definition", [row.model_dump() | {"source": row.source or None} for row in definitions])
    distinctions = seeds.rows("distinctions.csv", seeds.DistinctionRow, folder)
    known = {row.id for row in definitions}
    pairs: set[frozenset[str]] = set()
    for row in distinctions:
        if strange := sorted({row.a, row.b} - known):
            raise SeedError(f"distinctions.csv: {strange[0]!r} is no id of definitions.csv.")
        pair = frozenset((row.a, row.b))
        if len(pair) < 2 or pair in pairs:
            raise SeedError(f"distinctions.csv: {row.a} and {row.b} stand there twice, or are one and the same.")
        pairs.add(pair)
    insert("distinction", [row.model_dump() | {"source": row.source or None} for row in distinctions])


def _fill_sources(insert: Insert, folder: Path) -> None:
    insert(
        "source", [row.model_dump() | {"licence": QUOTED} for row in seeds.rows("sources.csv", seeds.SourceRow, folder)]
    )
    editions = seeds.rows("editions.csv", seeds.EditionRow, folder)
    insert("source", [_own_source(f"nato-{e.id}", e) for e in editions])
    insert(
        "edition",
        [
            {
                "id": e.id,
                "name": e.name,
                "tables": int(e.tables == "yes"),
                "definition": e.definition,
                "price_base": e.price_base,
                "cut_off": e.cut_off,
                "decimals": e.decimals,
                "held": e.held,
                "source": f"nato-{e.id}",
            }
            for e in editions
        ],
    )
    datasets = seeds.rows("economy/datasets.csv", seeds.DatasetRow, folder)
    insert("source", [_own_source(d.id, d) for d in datasets])


QUOTED = "no open licence; facts quoted with credit"  # of NATO, and of whatever names no licence


def _own_source(key: str, row: seeds.EditionRow | seeds.DatasetRow) -> dict[str, object]:
    return {
        "key": key,
        "title": row.title,
        "publisher": row.publisher,
        "published": row.published,
        "address": row.address,
        "grade": row.grade,
        "licence": row.licence if isinstance(row, seeds.DatasetRow) else QUOTED,
    }


def _fill_spenders(insert: Insert, folder: Path) -> None:
    insert(
        "member",
        [
            row.model_dump() | {"founding": int(row.founding == "yes"), "armed_forces": int(row.armed_forces == "yes")}
            for row in seeds.rows("members.csv", seeds.MemberRow, folder)
        ],
    )
    insert("aggregate", [row.model_dump() for row in seeds.rows("aggregates.csv", seeds.AggregateRow, folder)])
    groups = seeds.rows("groups.csv", seeds.GroupRow, folder)
    known = {row.code for row in seeds.rows("members.csv", seeds.MemberRow, folder)}
    for group in groups:
        if strange := sorted(set(group.members.split("|")) - known):
            raise SeedError(f"groups.csv, column members: {group.id} names {strange[0]}, which is no member.")
    insert("member_group", [row.model_dump() for row in groups])
    insert("lookalike", [row.model_dump() for row in seeds.rows("lookalikes.csv", seeds.LookalikeRow, folder)])


def _fill_figures(insert: Insert, folder: Path) -> None:
    measures = seeds.rows("measures.csv", seeds.MeasureRow, folder)
    insert("measure", [m.model_dump() | {"constant": int(m.constant == "yes")} for m in measures])
    spenders = {row.code for row in seeds.rows("members.csv", seeds.MemberRow, folder)}
    spenders |= {row.code for row in seeds.rows("aggregates.csv", seeds.AggregateRow, folder)}
    series: list[dict[str, object]] = []
    figures: list[dict[str, object]] = []
    seen: set[tuple[str, ...]] = set()
    for file in sorted((folder / "figures").glob("*.csv")):
        name = f"figures/{file.name}"
        for row in seeds.wide_rows(name, ("table", "measure", "member", "currency", "obtained"), folder):
            keys = row.keys
            if keys["member"] not in spenders:
                raise SeedError(f"{name}, column member: {keys['member']!r} is neither a member nor a total.")
            row_of = (file.stem, keys["table"], keys["measure"], keys["member"])
            if row_of in seen:
                raise SeedError(f"{name}: {keys['member']} has two rows of {keys['measure']} in table {keys['table']}.")
            seen.add(row_of)
            series.append(
                {
                    "id": len(series) + 1,
                    "edition": file.stem,
                    "measure": keys["measure"],
                    "spender": keys["member"],
                    "table_number": keys["table"],
                    "currency": keys["currency"],
                    "obtained": keys["obtained"],
                }
            )
            figures += [
                {"series": len(series), "year": year, "value": value, "mark": row.marks.get(year, "")}
                for year, value in row.values.items()
            ]
    insert("series", series)
    insert("figure", figures)


def _fill_rules(insert: Insert, folder: Path) -> None:
    rules = seeds.rule_rows(folder)
    insert(
        "rule",
        [
            rule.model_dump(exclude={"component", "exemption", "source"})
            | {"position": n, "aliases": "|".join(rule.aliases), "only": "|".join(rule.only)}
            for n, rule in enumerate(rules)
        ],
    )
    insert(
        "rule_component",
        [
            part.model_dump() | {"rule": rule.id, "position": n, "verified": int(part.verified)}
            for rule in rules
            for n, part in enumerate(rule.component)
        ],
    )
    insert("rule_exemption", [e.model_dump() | {"rule": rule.id} for rule in rules for e in rule.exemption])
    insert(
        "rule_source",
        [
            {"rule": rule.id, "position": n, "source": s.key, "supports": s.supports}
            for rule in rules
            for n, s in enumerate(rule.source)
        ],
    )


def _fill_economy(insert: Insert, folder: Path) -> None:
    outlooks: list[dict[str, object]] = []
    values: list[dict[str, object]] = []
    for dataset, keys in (
        ("imf-weo-2026-04", ("indicator", "member", "currency")),
        ("ameco-2026-05", ("indicator", "member", "currency")),
        ("wdi-population", ("indicator", "member")),
    ):
        for row in seeds.wide_rows(f"economy/{dataset}.csv", keys, folder):
            outlooks.append(
                {
                    "id": len(outlooks) + 1,
                    "source": dataset,
                    "indicator": row.keys["indicator"],
                    "member": row.keys["member"],
                    "currency": row.keys.get("currency", ""),
                }
            )
            values += [
                {"outlook": len(outlooks), "year": year, "value": value, "mark": row.marks.get(year, "")}
                for year, value in row.values.items()
            ]
    insert("outlook", outlooks)
    insert("outlook_value", values)
    for dataset in ("ecb-per-euro", "frb-per-dollar"):
        insert(
            "rate",
            [
                {
                    "source": dataset,
                    "currency": row.keys["currency"],
                    "year": year,
                    "value": value,
                    "mark": row.marks.get(year, ""),
                }
                for row in seeds.wide_rows(f"economy/{dataset}.csv", ("currency",), folder)
                for year, value in row.values.items()
            ],
        )
