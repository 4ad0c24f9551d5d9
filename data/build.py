"""Seed tables → facts.db: one transaction, checked, and put in place only when everything holds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlite_utils import Database

from data import seeds
from data.checks import broken_identities, incomplete
from data.refused import refuse
from data.schema import create
from data.seeds import FOLDER, SeedError
from data.store import UNHASHED, hash_of, load
from knowledge.dates import PartialDate
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
                create(db)
                _fill(db, folder)
            if stray := list(db.execute("PRAGMA foreign_key_check")):
                raise SeedError(f"Table {stray[0][0]} names a row of {stray[0][2]} that does not exist.")
        finally:
            db.close()
        seal(fresh)
        facts = load(fresh)
        exceptions = seeds.rows("exceptions.csv", seeds.ExceptionRow, folder)
        known = seeds.rows("known.csv", seeds.KnownRow, folder)
        if broken := [*incomplete(facts), *broken_identities(facts, exceptions, known)]:
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


def seal(path: Path) -> None:
    """Write a finished store's own hash into it, so that one that is no longer whole is noticed."""
    store = path.read_bytes()
    assert store.count(UNHASHED.encode()) == 1
    path.write_bytes(store.replace(UNHASHED.encode(), hash_of(store).encode()))


def _fill(db: Database, folder: Path) -> None:
    def insert(table: str, rows: Iterable[dict[str, object]]) -> None:
        listed = list(rows)
        try:
            db.table(table).insert_all(listed)
        except Exception as error:  # sqlite3's own message names the constraint; say which table it was
            raise SeedError(f"Table {table} refused its rows: {error}.") from error

    insert("meta", [{"key": "version", "value": seed_version(folder)}, {"key": "hash", "value": UNHASHED}])
    _fill_sources(insert, folder)
    _fill_spenders(insert, folder)
    _fill_figures(insert, folder)
    _fill_coverage(insert, folder)
    _fill_breaks(insert, folder)
    _fill_rules(insert, folder)
    insert(
        "summit", [row.model_dump(exclude={"country"}) for row in seeds.rows("summits.csv", seeds.SummitRow, folder)]
    )
    insert("pledge", [row.model_dump() for row in seeds.rows("pledges.csv", seeds.PledgeRow, folder)])
    _fill_definitions(insert, folder)
    _fill_economy(insert, folder)
    _fill_funding(insert, folder)


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
    sources = seeds.rows("sources.csv", seeds.SourceRow, folder)
    refused = seeds.rows("refused.csv", seeds.RefusedRow, folder)
    refuse("sources.csv", sources, refused)
    insert(
        "source",
        [row.columns() for row in sources],
    )
    editions = seeds.rows("editions.csv", seeds.EditionRow, folder)
    refuse("editions.csv", editions, refused)
    insert("source", [e.as_source() for e in editions])
    insert("edition", [e.columns() for e in editions])
    datasets = seeds.rows("economy/datasets.csv", seeds.DatasetRow, folder)
    refuse("economy/datasets.csv", datasets, refused)
    insert("source", [d.as_source() for d in datasets])


def _fill_spenders(insert: Insert, folder: Path) -> None:
    insert(
        "member",
        [
            row.model_dump(exclude={"fiscal_year"})
            | {"founding": int(row.founding == "yes"), "armed_forces": int(row.armed_forces == "yes")}
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
    insert("currency", [row.model_dump() for row in seeds.rows("currencies.csv", seeds.CurrencyRow, folder)])
    insert("lookalike", [row.model_dump() for row in seeds.rows("lookalikes.csv", seeds.LookalikeRow, folder)])


def _fill_figures(insert: Insert, folder: Path) -> None:
    measures = seeds.rows("measures.csv", seeds.MeasureRow, folder)
    insert(
        "measure",
        [
            m.model_dump() | {c: int(getattr(m, c) == "yes") for c in ("constant", "adds_up", "per_head")}
            for m in measures
        ],
    )
    spenders = {row.code for row in seeds.rows("members.csv", seeds.MemberRow, folder)}
    spenders |= {row.code for row in seeds.rows("aggregates.csv", seeds.AggregateRow, folder)}
    series: list[dict[str, object]] = []
    figures: list[dict[str, object]] = []
    seen: set[tuple[str, ...]] = set()
    for file in sorted((folder / "figures").glob("*.csv")):
        name = f"figures/{file.name}"
        for row in seeds.wide_rows(name, ("table", "measure", "member", "currency"), folder):
            keys = row.keys
            if keys["member"] not in spenders:
                raise SeedError(f"{name}, column member: {keys['member']!r} is neither a member nor a total.")
            row_of = (file.stem, keys["measure"], keys["member"])
            if row_of in seen:
                raise SeedError(f"{name}: {keys['member']} has two rows of {keys['measure']}.")
            seen.add(row_of)
            series.append(
                {
                    "id": len(series) + 1,
                    "edition": file.stem,
                    "measure": keys["measure"],
                    "spender": keys["member"],
                    "table_number": keys["table"],
                    "currency": keys["currency"],
                }
            )
            figures += [
                {"series": len(series), "year": year, "value": value, "mark": row.marks.get(year, "")}
                for year, value in row.values.items()
            ]
    insert("series", series)
    insert("figure", figures)


def _fill_coverage(insert: Insert, folder: Path) -> None:
    span = {e.id: (e.first, e.last) for e in seeds.rows("editions.csv", seeds.EditionRow, folder)}
    found = []
    for row in seeds.rows("coverage.csv", seeds.CoverageRow, folder):
        if row.edition not in span:
            raise SeedError(f"coverage.csv, column edition: {row.edition!r} is no edition.")
        years = [int(year) for year in row.years.split("-")] if row.years else span[row.edition]
        found.append(row.model_dump(exclude={"years"}) | {"first": years[0], "last": years[-1]})
    insert("coverage", found)


def _fill_breaks(insert: Insert, folder: Path) -> None:
    editions = seeds.rows("editions.csv", seeds.EditionRow, folder)
    lists = {
        "members": {row.code for row in seeds.rows("members.csv", seeds.MemberRow, folder)}
        | {row.code for row in seeds.rows("aggregates.csv", seeds.AggregateRow, folder)},
        "measures": {row.id for row in seeds.rows("measures.csv", seeds.MeasureRow, folder)},
        "editions": {row.id for row in editions},
    }
    bases = {row.id: row.price_base for row in editions}
    found = []
    for row in seeds.rows("breaks.csv", seeds.BreakRow, folder):
        meant = row.model_dump() | {"joined": int(row.joined == "yes"), "source": row.source or None}
        meant["onwards"] = int(row.editions.endswith(ON))
        meant["editions"] = "|".join(_editions_meant(row.editions, editions))
        for column, known in lists.items():
            if strange := [part for part in str(meant[column]).split("|") if part and part not in known]:
                raise SeedError(f"breaks.csv, column {column}: {row.id} names {strange[0]}, which is not known.")
        if row.kind == "prices" and len({bases[e] for e in str(meant["editions"]).split("|")}) > 1:
            raise SeedError(f"breaks.csv: the editions of {row.id} have different price bases.")
        found.append(meant)
    insert("break", found)


ON = " on"  # behind an edition: and every later one


def _editions_meant(text: str, editions: list[seeds.EditionRow]) -> list[str]:
    """The ids of "a|b" or "a|b on"; b on is b and every edition published later."""
    *listed, last = text.split("|")
    since = next((e for e in editions if e.id + ON == last), None)
    if since is None:
        return [*listed, last]
    start = PartialDate(since.published).last
    return [*listed, *(e.id for e in editions if e is since or PartialDate(e.published).first > start)]


def _fill_rules(insert: Insert, folder: Path) -> None:
    for table, found in seeds.rule_tables(seeds.rule_rows(folder)).items():
        insert(table, found)


def _fill_economy(insert: Insert, folder: Path) -> None:
    outlooks: list[dict[str, object]] = []
    values: list[dict[str, object]] = []
    for dataset in seeds.rows("economy/datasets.csv", seeds.DatasetRow, folder):
        name = f"economy/{dataset.id}.csv"
        for row in seeds.wide_rows(name, ("indicator", "member", "currency", "scale"), folder):
            outlooks.append(
                {
                    "id": len(outlooks) + 1,
                    "source": dataset.id,
                    "indicator": row.keys["indicator"],
                    "member": row.keys["member"],
                    "currency": row.keys["currency"],
                    "scale": row.keys["scale"],
                }
            )
            values += [
                {"outlook": len(outlooks), "year": year, "value": value, "mark": row.marks.get(year, "")}
                for year, value in row.values.items()
            ]
    insert("outlook", outlooks)
    insert("outlook_value", values)
    forecast = seeds.forecast_row(folder)
    insert("forecast", [forecast.model_dump() | {"no_current_prices": "|".join(forecast.no_current_prices)}])


def _fill_funding(insert: Insert, folder: Path) -> None:
    insert(
        "funding",
        [
            row.model_dump(exclude={"ceiling_eur_m"})
            | {"id": n, "ceiling": row.ceiling_eur_m, "about": int(row.about == "yes")}
            for n, row in enumerate(seeds.rows("common_funding.csv", seeds.FundingRow, folder), 1)
        ],
    )
