"""What a file holds before anything is understood: sheets of cells, each as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct, field

# "percent": a number that is shown as per cent, 0.0235 as 2.35%. "unfilled": a formula whose result was not stored.
CellKind = Literal["text", "number", "percent", "error", "unfilled"]


class Cell(Struct, frozen=True):
    """One cell that is not empty; `text` is exactly what stands in the file, a number too."""

    text: str
    kind: CellKind = "text"


class Sheet(Struct, frozen=True):
    """The cells of a sheet by row and column, counted from 1; of a text file `name` is empty."""

    name: str
    cells: Mapping[tuple[int, int], Cell]
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False

    def rows(self) -> Iterator[tuple[int, dict[int, Cell]]]:
        """The rows that are seen and not empty, from above, each with its seen cells by column."""
        found: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sorted(self.cells.items()):
            if row not in self.hidden_rows and column not in self.hidden_columns:
                found.setdefault(row, {})[column] = cell
        yield from found.items()

    def seen(self, row: int, column: int) -> bool:
        return not self.hidden and row not in self.hidden_rows and column not in self.hidden_columns


class File(Struct, frozen=True):
    """A whole file: what it is in words, its sheets in their order, and what was left unread."""

    form: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...] = field(default=())


def letters(column: int) -> str:
    """The name of a workbook's column: A, B … Z, AA."""
    name = ""
    while column:
        column, left = divmod(column - 1, 26)
        name = chr(ord("A") + left) + name
    return name


def where(sheet: str, row: int, column: int) -> str:
    """Where a cell stands, in words; a text file has no sheets and numbers its columns."""
    if not sheet:
        return f"row {row}, column {column}"
    return f"sheet {sheet.strip()}, row {row}, column {letters(column)}"
