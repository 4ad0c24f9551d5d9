"""Figures as a later facts.db has them, to try corrections under."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from knowledge.corrections import Value
from knowledge.facts import Cell, Facts
from knowledge.things import Series


def republished(facts: Facts, version: str, cells: Mapping[Cell, Value | None]) -> Facts:
    """The same store built anew with these values; None takes the whole row out."""
    series = dict(facts.series)
    for (*key, year), value in cells.items():
        row = series.get((key[0], key[1], key[2]))
        if row is None and value is not None:
            row = Series("", "", {}, {})
        if value is None or row is None:
            series.pop((key[0], key[1], key[2]), None)
            continue
        values, marks = dict(row.values), dict(row.marks)
        values.pop(year, None)
        marks.pop(year, None)
        if value.number is not None:
            values[year] = value.number
        if value.mark:
            marks[year] = value.mark
        series[key[0], key[1], key[2]] = replace(row, values=dict(sorted(values.items())), marks=marks)
    return replace(facts, version=version, series=series, _made={}, _rows={})
