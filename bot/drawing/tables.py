"""Tables of an answer: its cells as text, and as a block that fits a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.drawing.numbers import HUNDREDS
from bot.drawing.words import Words
from knowledge.answer import Answer, Table
from knowledge.chart import BarChart, DumbbellChart, LineChart
from knowledge.figure import Figure, Kind, Status
from knowledge.sentences import Year, say

WIDEST = 42  # columns that a phone shows without wrapping
_SCALES = {9: say("{symbol} bn"), 6: say("{symbol} m"), 0: say("{symbol}")}
_NO_UNIT, _PER_CENT = say(""), say("%")
_HEADINGS = {
    Kind.SHARE: _PER_CENT,
    Kind.SHARE_OF_SPENDING: _PER_CENT,
    Kind.PERCENT: _PER_CENT,
    Kind.PEOPLE: say("people"),
    Kind.POINTS: say("points"),
    Kind.PERCENTAGE_POINTS: say("points"),
}


def data_table(answer: Answer) -> Table | None:
    """The table of the answer itself, else what its chart shows; None if it has neither."""
    if answer.table is not None:
        return answer.table
    match answer.chart:
        case LineChart() as chart if chart.lines:
            years = sorted({year for line in chart.lines for year, _ in line.points}, reverse=True)
            columns = [dict(line.points) for line in chart.lines]
            headings = (say("Year"), *(say("{name} {unit}", name=line.name, unit="") for line in chart.lines))
            return Table(headings, tuple((_marked(y, columns), *(column.get(y) for column in columns)) for y in years))
        case BarChart() as chart:
            rows = tuple((bar.name, bar.figure if bar.figure is not None else bar.absent) for bar in chart.bars)
            return Table((say("Ally"), say("{unit}", unit="")), rows)
        case DumbbellChart() as chart:
            first = say("Ally") if any(pair.iso2 for pair in chart.pairs) else say("Year")
            headings = (first, *(say("{name} {unit}", name=n, unit="") for n in (chart.then, chart.now)))
            return Table(headings, tuple((pair.name, pair.then, pair.now) for pair in chart.pairs))
    return None


def _marked(year: int, columns: Sequence[Mapping[int, Figure]]) -> Year:
    """The year with NATO's "e", if any value of it is an estimate."""
    estimated = any(column[year].status is Status.ESTIMATE for column in columns if year in column)
    return Year(year, "e" if estimated else "")


def cells_of(table: Table, words: Words) -> list[list[str]]:
    """Headings, then rows; a column's unit stands in its heading and its cells are bare numbers."""
    columns = []
    for heading, *cells in zip(table.headings, *table.rows, strict=True):
        figures = [cell for cell in cells if isinstance(cell, Figure)]
        if not figures:
            columns.append([words(heading), *(words.cell(cell) for cell in cells)])
            continue
        unit = max((figure.unit for figure in figures), key=lambda unit: unit.decimals)
        scale, decimals, name = 0, unit.decimals, _HEADINGS.get(unit.kind, _NO_UNIT)
        if unit.kind is Kind.MONEY:
            largest = max(abs(figure.value) for figure in figures)
            scale = next(s for s in _SCALES if s == 0 or largest >= 10**s)
            decimals, name = int(scale == 9), _SCALES[scale].filled(symbol=words.symbol(unit.currency))
        elif unit.kind is Kind.PEOPLE:
            decimals = HUNDREDS
        drawn = [
            _bare(words, cell, scale, decimals) if isinstance(cell, Figure) else words.cell(cell) for cell in cells
        ]
        columns.append([words.inner(heading.filled(**{**heading.values, "unit": words.inner(name)})), *drawn])
    return [list(row) for row in zip(*columns, strict=True)]


def _bare(words: Words, figure: Figure, scale: int, decimals: int) -> str:
    """A number without its unit, with no decimals that were rounded away."""
    value = figure.value
    if figure.digits:
        value = figure.significant
        decimals = min(decimals, max(0, scale - int(value.as_tuple().exponent)))
    return words.number(value.scaleb(-scale), decimals)


def block(rows: list[list[str]]) -> str:
    """A table in fixed width: numbers to the right, names to the left; what is wider than a phone comes in parts.

    Each part repeats the first column.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    drawn = []
    for column in columns:
        width = max(map(len, column))
        number = any(cell[:1].isdigit() or cell[1:2].isdigit() for cell in column[1:])
        drawn.append([cell.rjust(width) if number else cell.ljust(width) for cell in column])
    parts, part = [], drawn[:1]
    for column in drawn[1:]:
        if len(part) > 1 and sum(len(c[0]) + 2 for c in [*part, column]) - 2 > WIDEST:
            parts.append(part)
            part = drawn[:1]
        part = [*part, column]
    parts.append(part)
    blocks = ("\n".join("  ".join(line).rstrip() for line in zip(*part, strict=True)) for part in parts)
    return "\n".join(f"```\n{block}\n```" for block in blocks)
