"""What maintainers and moderators enter beside figures: whole rows in the layout of the seed tables, over a snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from msgspec.structs import replace
from pydantic import ValidationError

from data import seeds
from data.log import canonical
from data.seeds import SeedError
from data.store import definition_of, edition_of, in_order, pledge_of, rules_of, source_of, summit_of
from knowledge.corrections import Entry, EntryMade, Fold, Outcome, Row, Value
from knowledge.facts import Cell, Facts
from knowledge.figure import Entered
from knowledge.things import Break, Coverage, Edition, Series

MODELS: Mapping[str, type[seeds.Row]] = {
    "source": seeds.SourceRow,
    "edition": seeds.EditionRow,
    "series": seeds.SeriesRow,
    "pledge": seeds.PledgeRow,
    "summit": seeds.SummitRow,
    "definition": seeds.DefinitionRow,
    "rule": seeds.RuleRow,
}


def row_of(kind: str, columns: Mapping[str, object]) -> Row:
    """A row as the log keeps it; SeedError, with the column and what is wrong there, if the table would not take it."""
    try:
        model = MODELS[kind].model_validate(columns)
    except ValidationError as error:
        raise SeedError(seeds.where(error)) from None
    return Row(canonical(model.model_dump(mode="json")))


def with_entries(facts: Facts, entries: Mapping[Entry, EntryMade], printed: Mapping[Cell, Value]) -> Facts:
    """A snapshot that has these rows too, and of entered editions the figures that were entered with them.

    A row with the id of one that is there takes its place. LookupError or SeedError if one names what there is not.
    """
    rows: dict[str, list[Any]] = {kind: [] for kind in MODELS}
    for (kind, _), made in entries.items():
        rows[kind].append(MODELS[kind].model_validate(json.loads(made.row.json)))
    sources = dict(facts.sources)
    for row in (*(s.columns() for s in rows["source"]), *(e.as_source() for e in rows["edition"])):
        sources[str(row["key"])] = source_of(row)
    fresh = [edition_of(row.columns(), sources) for row in rows["edition"]]
    pledges = {row.id: pledge_of(row.model_dump(), sources) for row in rows["pledge"]}
    summits = {row.id: summit_of(row.model_dump(exclude={"country"}), sources) for row in rows["summit"]}
    definitions = {row.id: definition_of(row.model_dump(), sources) for row in rows["definition"]}
    tables = seeds.rule_tables(rows["rule"])
    rules = rules_of(lambda name, *_: tables[name], sources)
    series = _series(facts, printed, {(row.edition, row.measure, row.member): row.currency for row in rows["series"]})
    return replace(
        facts,
        sources=sources,
        entered={**facts.entered, **_entered(entries)},
        editions=in_order([*(e for e in facts.editions.values() if e.id not in {n.id for n in fresh}), *fresh]),
        series={**facts.series, **series},
        coverage={**facts.coverage, **_coverage(facts, fresh, series)},
        breaks=tuple(_reaching(facts, one, fresh) for one in facts.breaks),
        pledges={**facts.pledges, **pledges},
        summits=dict(sorted({**facts.summits, **summits}.items(), key=lambda item: item[1].start.text)),
        definitions=dict(sorted({**facts.definitions, **definitions}.items(), key=lambda item: item[1].term)),
        rules={**facts.rules, **rules},
        built=None,  # its names are others
        _made={},
        _rows={},
        _cited={},
    )


def lost(facts: Facts, own: Fold, below: Fold) -> dict[Entry, Outcome]:
    """Of the rows that a scope entered over those for every server: which these figures need no longer, or do not take.

    An edition that is published takes the place of the one that was entered, with all of it.
    """
    sources = {key: made for one in (below, own) for key, made in one.entries.items() if key[0] == "source"}
    found: dict[Entry, Outcome] = {}
    for key, made in own.entries.items():
        edition = ("edition", key[1].partition("/")[0])
        if key[0] == "series" and edition in own.entries:
            continue
        try:
            entered = _held(with_entries(facts, {**sources, key: made}, {}), key)
        except (LookupError, ValueError, SeedError):
            found[key] = Outcome.GONE
            continue
        published = _held(facts, key)
        if published is not None:
            equal = published == entered or key[0] == "edition"
            found[key] = Outcome.RETIRED if equal else Outcome.SET_ASIDE
    for key in own.entries:
        edition = ("edition", key[1].partition("/")[0])
        if key[0] == "series" and edition in found:
            found[key] = found[edition]
    return found


def is_held(facts: Facts, key: Entry, row: Row) -> bool:
    """Whether a snapshot has the same row already; of an edition, whether it has one of that id."""
    if (there := _held(facts, key)) is None:
        return False
    if key[0] in ("edition", "series"):
        return True
    try:
        return (
            _held(with_entries(facts, {key: EntryMade(row, facts.newest.published, 0, server=False)}, {}), key) == there
        )
    except (LookupError, ValueError, SeedError):
        return False


def _held(facts: Facts, key: Entry) -> object:
    """What a snapshot has by the kind and id of a row, None where there is no such thing."""
    kind, name = key
    if kind == "series":
        return facts.editions.get(name.partition("/")[0])
    of: Mapping[str, Mapping[str, object]] = {
        "source": facts.sources,
        "edition": facts.editions,
        "pledge": facts.pledges,
        "summit": facts.summits,
        "definition": facts.definitions,
        "rule": facts.rules,
    }
    return of[kind].get(name)


def _entered(entries: Mapping[Entry, EntryMade]) -> dict[str, Entered]:
    """By the key of the source that stands for it: a source itself, or an edition, which is one."""
    found = {}
    for (kind, key), made in entries.items():
        if kind in ("source", "edition"):
            found[f"nato-{key}" if kind == "edition" else key] = Entered(made.day, made.revision, made.server)
    return found


def _series(
    facts: Facts, printed: Mapping[Cell, Value], currencies: Mapping[tuple[str, str, str], str]
) -> dict[tuple[str, str, str], Series]:
    values: dict[tuple[str, str, str], dict[int, Value]] = {}
    for cell, value in sorted(printed.items()):
        values.setdefault(cell[:3], {})[cell[3]] = value
    found = {}
    for key, row in values.items():
        found[key] = Series(
            "",
            currencies[key] if facts.measures[key[1]].national else "",
            {year: value.number for year, value in row.items() if value.number is not None},
            {year: value.mark for year, value in row.items() if value.mark},
        )
    return found


def _coverage(
    facts: Facts, fresh: Iterable[Edition], series: Mapping[tuple[str, str, str], Series]
) -> dict[tuple[str, str], tuple[Coverage, ...]]:
    """Of each measure that was entered: whole if every Ally has a row who can have one, but for Iceland's GDP.

    A year between that stands in no row had no column: nobody knows what NATO prints of it.
    """
    found: dict[tuple[str, str], tuple[Coverage, ...]] = {}
    for edition in fresh:
        for measure in facts.measures.values():
            rows = {key[2]: row for key, row in series.items() if key[:2] == (edition.id, measure.id)}
            years = sorted({year for row in rows.values() for year in row.values})
            if not years:
                continue
            expected = {m.code for m in facts.members.values() if m.armed_forces and m.accession.year <= years[-1]}
            held = "whole" if expected <= set(rows) else "part"
            later = {m.code for m in facts.members.values() if m.accession.year > years[-1]}
            missing = sorted(set(facts.spenders) - set(rows) - later) if held == "whole" else ()
            but = tuple(code for code in missing if _prints(facts, edition, measure.id, code))
            found[edition.id, measure.id] = tuple(
                Coverage(edition.id, measure.id, first, last, held if first in years else "part", but)
                for first, last in _spans(years)
            )
    return found


def _spans(years: list[int]) -> Iterator[tuple[int, int]]:
    """From the first of these years to the last: those without a gap, and the gaps between."""
    first = years[0]
    for before, year in pairwise(years):
        if year > before + 1:
            yield first, before
            yield before + 1, year - 1
            first = year
    yield first, years[-1]


def _prints(facts: Facts, edition: Edition, measure: str, spender: str) -> bool:
    """Whether NATO prints such a row, as its editions before show: held by one of them, or named as not held."""
    before = [e for e in facts.editions.values() if e.id != edition.id and e.tables]
    return any(
        (e.id, measure, spender) in facts.series
        or any(spender in row.but for row in facts.coverage.get((e.id, measure), ()))
        for e in before
    )


def _reaching(facts: Facts, one: Break, fresh: Iterable[Edition]) -> Break:
    """A break that goes on reaches the entered editions that were published after its last."""
    if not one.onwards:
        return one
    since = facts.editions[one.editions[-1]]
    more = [
        e.id for e in fresh
        if e.id not in one.editions and e.published.first > since.published.last
        and (one.kind != "prices" or e.price_base == since.price_base)
    ]  # fmt: skip
    return replace(one, editions=(*more, *one.editions))
