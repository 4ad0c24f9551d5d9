"""Cells → figures of Allies and years, by what a table looks like; there is no template of any publication.

Three shapes are known: years across with members down, the same turned round, and a list with a row for each figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from data.importing.cells import Cell, File, Sheet, letters
from data.importing.limits import OBSERVATIONS, REMARKS, SHOWN, Refused, shown, too_large
from data.importing.numbers import (
    Number,
    YearCell,
    decimal_sign,
    is_blank,
    number,
    only_year,
    plain_number,
    year_of,
)
from data.importing.recognised import Block, Claim, LeftOut, Names, Observation, Recognised, Unread
from data.importing.saying import MEASURES, Said, measures_of, said, together
from knowledge.names import plain

FEW = 3  # members or years, from which on a row or a column is a heading of them
MOST = 0.8  # of the cells of a column, from which on it is one of members or of years
_STARS = re.compile(r"[*†‡¹²³⁴]+|\[\w\]")
_BRACKET = re.compile(r"\s*\(([^()]*)\)\s*$")
_NOTE = re.compile(
    r"\s*(notes?\b|nota\b|anmerkung|source|quelle|remarque|\(\w\)|[*†]|\w\s*=|-\s*\d+\s*-)", re.IGNORECASE
)
_LEVEL = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_ESTIMATES = ("e", "est", "estimate", "estimated", "p")
_YES = {"yes": True, "no": False, "oui": True, "non": False, "ja": True, "nein": False, "y": True, "n": False}
Row = Mapping[int, Cell]


def recognise(file: File, names: Names) -> Recognised:
    """The figures of a file; Refused if it has no table of Allies and years."""
    made = _Made(names)
    remarks = list(file.remarks)
    commas = False
    for sheet in file.sheets:
        remarks += _unseen(sheet)
        if not sheet.hidden:
            table = _Table(sheet, made)
            table.read()
            commas = commas or (table.sign == "," and not sheet.name)
    if not made.observations and not made.unread:
        raise Refused(
            "no-table", "No table of Allies was found: a column or a row of their names, and figures beside it."
        )
    return Recognised(
        f"{file.form}, decimal comma" if commas else file.form,
        tuple(made.blocks),
        tuple(made.observations),
        tuple(made.claims),
        tuple(made.left_out[:REMARKS]),
        tuple(made.unread[:REMARKS]),
        tuple(shown(remark) for remark in remarks[:REMARKS]),
    )


def _unseen(sheet: Sheet) -> Iterable[str]:
    name = shown(sheet.name, 60)
    if sheet.hidden:
        yield f"Sheet {name} is hidden and was not read."
        return
    hidden = [letters(column) for column in sorted(sheet.hidden_columns & {column for _, column in sheet.cells})]
    if hidden:
        yield f"Hidden columns of sheet {name} were not read: {', '.join(hidden)}."
    if rows := sorted(sheet.hidden_rows & {row for row, _ in sheet.cells}):
        yield f"Hidden rows of sheet {name} were not read: {', '.join(map(str, rows))}."
    for kind, what in (("error", "an error"), ("unfilled", "a formula without a result")):
        found = [place for place, cell in sheet.cells.items() if cell.kind == kind]
        if found:
            unseen = "" if any(sheet.seen(*place) for place in found) else ", out of sight"
            yield f"Cells of sheet {name} that hold {what}{unseen}: {_places(found)}."


def _places(found: list[tuple[int, int]]) -> str:
    """Cells as ranges of each row: D42–I42."""
    ranges: list[list[tuple[int, int]]] = []
    for row, column in sorted(found):
        if ranges and ranges[-1][-1] == (row, column - 1):
            ranges[-1].append((row, column))
        else:
            ranges.append([(row, column)])
    told = []
    for cells in ranges:
        ends = dict.fromkeys(f"{letters(column)}{row}" for row, column in (cells[0], cells[-1]))
        told.append("–".join(ends))
    return ", ".join(told)


class _Made:
    """What was found so far, of all sheets."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.blocks: list[Block] = []
        self.observations: list[Observation] = []
        self.claims: list[Claim] = []
        self.left_out: list[LeftOut] = []
        self.unread: list[Unread] = []
        self._numbered: dict[Block, int] = {}
        self._labels: dict[str, str | None] = {}

    def block(self, sheet: str, known: Said, measure: str | None, words: str) -> int:
        fitting = (measure,) if measure is not None else measures_of(known)
        block = Block(shown(sheet, 60), shown(words), fitting, bool(known.prices), known.base)
        if block not in self._numbered:
            self._numbered[block] = len(self.blocks)
            self.blocks.append(block)
        return self._numbered[block]

    def spender(self, text: str) -> str | None:
        """The code of whom a label names."""
        if text not in self._labels:
            self._labels[text] = self._spender(text)
        return self._labels[text]

    def _spender(self, text: str) -> str | None:
        if len(text) > 80:
            return None
        text = _STARS.sub("", text)
        for label in (text, _BRACKET.sub("", text)):
            key = plain(label)
            if found := self.names.spenders.get(key) or self.names.spenders.get(key.removeprefix("the ")):
                return found
        return None

    def other(self, text: str) -> str | None:
        """The name of the country or body that a label names and that is no Ally."""
        key = plain(_STARS.sub("", text[:80]))
        return self.names.others.get(key) or self.names.others.get(key.removeprefix("the "))

    def currency(self, text: str) -> tuple[str, ...]:
        """The currencies that the bracket of a label can mean."""
        bracket = _BRACKET.search(_STARS.sub("", text[:80]))
        if bracket is None:
            return ()
        key = plain(bracket[1]).removeprefix("new ")
        return self.names.currencies.get(key) or self.names.currencies.get(key.removesuffix("s")) or ()

    def measure(self, text: str) -> str | None:
        return self.names.measures.get(plain(text))


class _Table:
    """One sheet, read row by row."""

    def __init__(self, sheet: Sheet, made: _Made) -> None:
        self.sheet = sheet
        self.made = made
        self.rows = list(sheet.rows())
        texts = [cell.text for _, row in self.rows for cell in row.values() if cell.kind == "text"]
        self.sign = decimal_sign(texts)
        read = [found for text in texts if not only_year(text) and (found := number(text, self.sign)) is not None]
        groupings = Counter(n.grouping for n in read if n.grouping)
        self.grouping = max(groupings, key=lambda mark: groupings[mark], default="")
        numbers = sum(cell.kind in ("number", "percent") for _, row in self.rows for cell in row.values())
        self.numbers_are_typed = numbers > len(read)
        # The state while rows are read from above.
        self.texts: list[str] = []  # since the last figures
        self.titles: list[str] = []  # above the heading, the nearest first
        self.block: list[str] = []  # between the heading and the figures, the nearest first
        self.years: dict[int, YearCell] = {}  # the heading, by column
        self.members: dict[int, str] = {}  # the heading of a table turned round, by column
        self.units: dict[int, str] = {}  # a second line of heading, by column
        self.known: dict[tuple[tuple[str, ...], tuple[Said, ...], str], Said] = {}
        self.wide: Row = {}  # the last row of several cells without figures

    def read(self) -> None:
        if self._read_list():
            return
        for at, row in self.rows:
            if self._is_heading_of_members(row) or self._is_heading_of_years(row):
                continue
            if (self.members and self._read_turned(at, row)) or self._read_across(at, row):
                continue
            self._read_words(row)

    # -- headings --------------------------------------------------------------------------------------

    def _is_heading_of_members(self, row: Row) -> bool:
        found = {c: code for c, cell in row.items() if cell.kind == "text" and (code := self.made.spender(cell.text))}
        if len(set(found.values())) < FEW or any(self._number(c) is not None for c in row.values()):
            return False
        self._above(row, min(found))
        self.members, self.years, self.units = found, {}, {}
        return True

    def _is_heading_of_years(self, row: Row) -> bool:
        years = {column: year for column, cell in row.items() if (year := _year(cell)) is not None}
        if len(years) < 2:
            return False
        first = min(years)
        if any(self.made.spender(cell.text) for column, cell in row.items() if column < first):
            return False
        right = [cell for column, cell in row.items() if column >= first]
        if len(years) * 2 < len(right) or (
            not any(y.alone for y in years.values()) and len(years) * 4 < len(right) * 3
        ):
            return False
        if self.years and not set(years) & set(self.years) and min(years) > max(self.years):
            self.years |= years  # more years beside the table, as in columns that were added to it
            self._read_words({column: cell for column, cell in row.items() if column < first})
            return True
        spread = self._spread(years)
        self._above(row, first)
        self.years, self.members, self.units = spread, {}, {}
        return True

    def _spread(self, years: dict[int, YearCell]) -> dict[int, YearCell]:
        """The heading with the words of a line above it, each of which stands over several years."""
        if len({(year.year, year.words) for year in years.values()}) == len(years):
            return years
        words, found = "", {}
        for column, year in sorted(years.items()):
            cell = self.wide.get(column)
            words = cell.text if cell is not None else words
            found[column] = YearCell(year.year, year.mark, f"{words} {year.words}".strip())
        return found

    def _above(self, row: Row, first: int) -> None:
        """A heading begins: what was said above it are its titles, and older ones hold where these say nothing."""
        beside = [cell.text for column, cell in row.items() if column < first and cell.kind == "text"]
        self.titles = [*reversed(beside), *reversed(self.texts), *self.block, *self.titles][:20]
        self.texts, self.block = [], []

    def _read_words(self, row: Row) -> None:
        """A row without figures: a title, a unit, the name of a block, or a note."""
        words = [
            cell.text for cell in row.values() if cell.kind == "text" and re.search(r"[^\W\d_]{2}|[%$]", cell.text)
        ]
        words = [text for text in words if not _NOTE.match(text) and len(text) <= 160]
        self.texts += words
        if len(row) > 1:
            self.wide = row
        if self.members and len(words) >= FEW:
            self.units = {column: cell.text for column, cell in row.items()}

    # -- years across ----------------------------------------------------------------------------------

    def _read_across(self, at: int, row: Row) -> bool:
        heading = self.years or {c: YearCell(0, "", "") for c in row if c > min(row)}
        if not heading:
            return False
        first = min(heading)
        left = [(column, cell) for column, cell in row.items() if column < first and cell.kind == "text"]
        cells = {column: row[column] for column in heading if column in row}
        figures = any(self._is_figure(cell) or cell.kind in ("error", "unfilled") for cell in cells.values())
        if self.years and left and not figures and len(row) == 1 and self.made.other(left[-1][1].text):
            self._leave_out(left[-1][1].text, at, left[-1][0])
            return True
        if not left or not figures:
            return False
        place, label = next(((c, cell) for c, cell in left if self.made.spender(cell.text)), left[-1])
        spender = self.made.spender(label.text)
        if spender is None:
            if self.years or self.made.other(label.text):
                self._leave_out(label.text, at, place)
                return True
            return False
        if not self.years:
            self._head_without_years(place)
            cells = {column: row[column] for column in self.years if column in row}
        if self.texts:  # a block begins
            self.block, self.texts = list(reversed(self.texts)), []
        taken = [phrase for year in self.years.values() if year.words for phrase in said(year.words)]
        currency = self.made.currency(label.text)
        for column, year in self.years.items():
            levels = [year.words, self.units.get(column, ""), *self.block, *self.titles]
            cell = row.get(column, Cell(""))
            self._figure(at, column, cell, levels, spender, year.year or None, year.mark, currency, taken)
        return True

    def _head_without_years(self, place: int) -> None:
        """The heading of a table whose columns name no year, or one each; a year in the title is that of all."""
        found = {year.year: year for text in self.texts if (year := year_of(text)) is not None}
        whole = next(iter(found.values())) if len(found) == 1 else YearCell(0, "", "")
        columns = {cell.text for column, cell in self.wide.items() if column > place}
        titles = [text for text in self.texts if text not in columns]
        for column, cell in self.wide.items():
            if column > place:
                year = _year(cell) or YearCell(whole.year, whole.mark, cell.text)
                self.years[column] = year
        self.titles, self.texts = [*reversed(titles), *self.titles], []

    def _leave_out(self, label: str, at: int, column: int) -> None:
        other = self.made.other(label)
        self.made.left_out.append(
            LeftOut(
                shown(self.sheet.name, 60), shown(label, 80), "no-ally" if other else "unknown", other or "", at, column
            )
        )

    # -- years down ------------------------------------------------------------------------------------

    def _read_turned(self, at: int, row: Row) -> bool:
        first = min(self.members)
        year = next((y for column, cell in row.items() if column < first and (y := _only_year(cell))), None)
        if year is None:
            return False
        if self.texts:
            self.titles, self.texts = [*reversed(self.texts), *self.titles], []
        for column, spender in self.members.items():
            levels = [self.units.get(column, ""), *self.titles]
            self._figure(at, column, row.get(column, Cell("")), levels, spender, year.year, year.mark, (), ())
        return True

    # -- a row for each figure -------------------------------------------------------------------------

    def _read_list(self) -> bool:
        """Whether the sheet is a list with a column of members and one of years, in which case it was read."""
        for n, (_, heading) in enumerate(self.rows[:20]):
            texts = [c for c, cell in heading.items() if cell.kind == "text" and _year(cell) is None]
            if len(texts) < FEW or any(self.made.spender(heading[c].text) and n for c in texts[:1]):
                continue
            below = [row for _, row in self.rows[n + 1 :] if len(row) >= FEW]
            if len(below) < FEW:
                continue
            places = [c for c in texts if self._most(below, c, lambda cell: self.made.spender(cell.text) is not None)]
            times = [c for c in texts if self._most(below, c, lambda cell: _only_year(cell) is not None)]
            if places and times:
                self._list(n, heading, places[0], times[0], below)
                return True
        return False

    def _most(self, rows: Sequence[Row], column: int, is_one: object) -> bool:
        assert callable(is_one)
        cells = [row[column] for row in rows if column in row]
        return len(cells) >= FEW and sum(bool(is_one(cell)) for cell in cells) >= MOST * len(cells)

    def _list(self, n: int, heading: Row, place: int, time: int, below: Sequence[Row]) -> None:
        others = [column for column in heading if column not in (place, time)]
        values = [c for c in others if self._most(below, c, self._is_figure)]
        values = [c for c in values if not re.search(r"flag|estimate|mark|status|table|id$", plain(heading[c].text))]
        flags = [c for c in others if c not in values and all(len(row[c].text) <= 5 for row in below if c in row)]
        words = [c for c in others if c not in values and c not in flags]
        if not words:  # codes of measures are short too
            words = [
                c
                for c in flags
                if any(said(row[c].text) or self.made.measure(row[c].text) for row in below if c in row)
            ]
        titles = [cell.text for _, row in self.rows[:n] for cell in row.values()][::-1]
        for at, row in self.rows[n + 1 :]:
            label, when = row.get(place), row.get(time)
            year = _only_year(when) if when is not None else None
            if label is None or year is None:
                continue
            spender = self.made.spender(label.text)
            if spender is None:
                self._leave_out(label.text, at, place)
                continue
            told = [row[c].text for c in words if c in row]
            flagged = {row[c].text.casefold().strip(".") for c in flags if c in row and c not in words}
            estimate = bool(flagged & set(_ESTIMATES)) or any(
                row[c].text in ("1", "TRUE", "yes") for c in flags if c in row and "estimate" in plain(heading[c].text)
            )
            for column in values:
                levels = [*told, heading[column].text, *titles]
                cell = row.get(column, Cell("")) if not flagged & {"z", ":"} else Cell("")
                self._figure(at, column, cell, levels, spender, year.year, "e" if estimate else year.mark, (), ())

    def _known(self, levels: Sequence[str], taken: Sequence[Said], unit: str = "") -> Said:
        """What the texts around a figure say of it; `unit` is what a sign in its cell says."""
        key = (tuple(levels), tuple(taken), unit)
        if key not in self.known:
            own = [(Said(unit=unit),)] if unit else []
            self.known[key] = together([*own, *(said(text[:SHOWN]) for text in levels)], taken)
        return self.known[key]

    # -- one figure ------------------------------------------------------------------------------------

    def _is_figure(self, cell: Cell) -> bool:
        return self._number(cell) is not None or (cell.kind == "text" and is_blank(cell.text))

    def _number(self, cell: Cell) -> Number | None:
        if cell.kind in ("number", "percent"):
            return plain_number(cell.text)
        return number(cell.text, self.sign) if cell.kind == "text" else None

    def _figure(
        self, at: int, column: int, cell: Cell, levels: Sequence[str], spender: str, year: int | None,
        mark: str, currency: tuple[str, ...], taken: Sequence[Said],
    ) -> None:  # fmt: skip
        own = levels[0]
        if cell.kind == "text" and cell.text.casefold() in _YES and (level := _LEVEL.search(own)):
            yes = _YES[cell.text.casefold()]
            share = level[1].replace(",", ".")
            self.made.claims.append(Claim(shown(self.sheet.name, 60), spender, year, share, yes, at, column))
            return
        found = self._number(cell)
        blank = cell.kind == "text" and is_blank(cell.text)
        if blank and _LEVEL.search(own) and not said(own):
            return
        known = self._known(levels, taken)
        if found is not None and found.unit and not known.unit:
            known = self._known(levels, taken, found.unit)
        if found is not None and cell.kind == "percent" and not known.unit:
            known = self._known(levels, taken, "percent")
        measure = next((m for text in levels[:3] if (m := self.made.measure(text)) in MEASURES), None)
        block = self.made.block(self.sheet.name, known, measure, " · ".join(dict.fromkeys(t for t in levels if t)))
        written = shown(cell.text, 60)
        if found is None and not blank:
            why = cell.kind
            if why != "error" and why != "unfilled":
                why = "text"
            self.made.unread.append(Unread(block, spender, year, why, written, at, column))
            return
        if len(self.made.observations) == OBSERVATIONS:
            raise too_large(f"more than {OBSERVATIONS:,} figures")
        if found is None:
            self.made.observations.append(
                Observation(block, spender, year, mark, "", 0, None, at, column, written, currency)
            )
            return
        value, places = found.value, found.places
        if cell.kind == "percent":
            value, places = value.scaleb(2), max(0, places - 2)
        note = ""
        if cell.kind == "text" and self.numbers_are_typed:
            note = "text"
        elif found.other_style or (found.grouping and found.grouping != self.grouping):
            note = "style"
        scale = found.scale or known.scale
        self.made.observations.append(
            Observation(
                block, spender, year, found.mark or mark, format(value, "f"), places, scale, at, column, written,
                currency, note,
            )
        )  # fmt: skip


def _year(cell: Cell) -> YearCell | None:
    """The year of a heading; a number counts only if it is nothing but a year."""
    if cell.kind == "number":
        return only_year(cell.text)
    return year_of(cell.text) if cell.kind == "text" else None


def _only_year(cell: Cell) -> YearCell | None:
    return only_year(cell.text) if cell.kind in ("number", "text") else None
