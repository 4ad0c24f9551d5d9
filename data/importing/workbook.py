"""XLSX and XLSM → cells, on zipfile and expat, so that errors, unfilled formulas and hidden parts are seen.

No library shows all of these: openpyxl's read-only sheets know no hidden row or column and hold numbers as floats, and
python-calamine hides errors and unfilled formulas and can end the process. Links, macros and formulas are never
followed or run; every limit is counted while the parts are unpacked and parsed.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from xml.parsers import expat

from data.importing.cells import Cell, File, Sheet, letters
from data.importing.limits import (
    AREA,
    CELLS,
    COLUMNS,
    DEPTH,
    FIELD,
    MIB,
    PART,
    PARTS,
    RATIO,
    ROWS,
    SHEETS,
    STRINGS,
    UNPACKED,
    Refused,
    shown,
    too_large,
)

_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PER_CENT = {"9", "10"}  # the number formats 0% and 0.00%
_BLOCK = 64 * 1024
Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str, str], None]


def read_workbook(data: bytes) -> File:
    """Every sheet of a workbook; Refused if it is locked, damaged or more than is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Workbook(archive).read()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise Refused("damaged", "The file begins as a workbook and cannot be opened. Save it again.") from error


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        parts = archive.infolist()
        if len(parts) > PARTS:
            raise too_large(f"{len(parts):,} parts")
        self.parts = {part.filename: part for part in parts}
        if len(self.parts) < len(parts):
            raise Refused("damaged", "The workbook holds a part twice. Save it again in a spreadsheet program.")
        if any(part.flag_bits & 1 for part in parts):
            raise Refused("password", "The file is a workbook with a password. Save it without one.")
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            raise Refused("unsupported", "The workbook is packed in a way that is not read. Save it again.")
        self.unpacked = 0
        self.cells = 0

    def read(self) -> File:
        main, links = self._main()
        listed: list[tuple[str, str, bool]] = []

        def start(name: str, given: Mapping[str, str]) -> None:
            if name == "sheet":
                if len(listed) == SHEETS:
                    raise too_large(f"more than {SHEETS} sheets")
                relation = next((v for k, v in given.items() if k.rpartition(" ")[2] == "id"), "")
                listed.append((given.get("name", ""), relation, given.get("state", "visible") != "visible"))

        self._parse(main, start)
        targets = {key: target for key, kind, target in links if kind == "worksheet"}
        strings = self._strings(next((target for _, kind, target in links if kind == "sharedStrings"), ""))
        per_cent = self._per_cent(next((target for _, kind, target in links if kind == "styles"), ""))
        sheets = tuple(
            self._sheet(name, targets[relation], hidden, strings, per_cent)
            for name, relation, hidden in listed
            if targets.get(relation) in self.parts
        )
        if not sheets:
            raise Refused("damaged", "The workbook has no sheet that can be read.")
        return File("workbook", sheets, tuple(self._unread()))

    def _main(self) -> tuple[str, list[tuple[str, str, str]]]:
        """The part that lists the sheets, and its relations."""
        main = next((target for _, kind, target in self._relations("") if kind == "officeDocument"), "xl/workbook.xml")
        if main not in self.parts:
            raise Refused("unsupported", "The file is an archive and no workbook. Save it as XLSX or CSV.")
        if not main.endswith(".xml"):
            raise Refused("unsupported", "The file is a binary workbook. Save it as XLSX or CSV.")
        return main, self._relations(main)

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        """The id, kind and target of each relation of a part to another part of the archive."""
        folder, name = posixpath.split(part)
        found: list[tuple[str, str, str]] = []

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", ""))).lstrip("/")
                found.append((given.get("Id", ""), given.get("Type", "").rpartition("/")[2], target))

        source = posixpath.join(folder, "_rels", f"{name}.rels")
        if source in self.parts:
            self._parse(source, start)
        return found

    def _strings(self, part: str) -> list[str]:
        strings: list[str] = []
        if part not in self.parts:
            return strings
        pieces: list[str] = []
        phonetic = 0

        def start(name: str, given: Mapping[str, str]) -> None:
            nonlocal phonetic
            if name == "sst" and _number(given.get("uniqueCount", "0")) > STRINGS:
                raise too_large(f"more than {STRINGS:,} texts")
            if name == "si":
                pieces.clear()
            phonetic += name == "rPh"

        def end(name: str, text: str) -> None:
            nonlocal phonetic
            if name == "t" and not phonetic:
                pieces.append(text)
            elif name == "si":
                strings.append("".join(pieces))
                if len(strings) > STRINGS:
                    raise too_large(f"more than {STRINGS:,} texts")
            phonetic -= name == "rPh"

        self._parse(part, start, end)
        return strings

    def _per_cent(self, part: str) -> list[bool]:
        """Of each style whether it shows a number as per cent."""
        formats = set(_PER_CENT)
        found: list[bool] = []
        inside = False
        if part not in self.parts:
            return found

        def start(name: str, given: Mapping[str, str]) -> None:
            nonlocal inside
            if name == "numFmt" and "%" in given.get("formatCode", ""):
                formats.add(given.get("numFmtId", ""))
            elif name == "cellXfs":
                inside = True
            elif name == "cellStyles":
                inside = False
            elif name == "xf" and inside:
                found.append(given.get("numFmtId", "") in formats)

        self._parse(part, start)
        return found

    def _sheet(self, name: str, part: str, hidden: bool, strings: list[str], per_cent: list[bool]) -> Sheet:
        cells: dict[tuple[int, int], Cell] = {}
        hidden_rows: set[int] = set()
        hidden_columns: set[int] = set()
        row = column = widest = 0
        kind = style = ""
        texts: list[str] = []
        value: str | None = None
        formula = False

        def start(tag: str, given: Mapping[str, str]) -> None:
            nonlocal row, column, kind, style, value, formula, widest
            if tag == "row":
                row = _number(given["r"]) if "r" in given else row + 1
                column = 0
                if row > ROWS:
                    raise too_large(f"something in row {row:,} of sheet {shown(name)}")
                if given.get("hidden") in ("1", "true"):
                    hidden_rows.add(row)
            elif tag == "c":
                column = _column(given["r"]) if "r" in given else column + 1
                widest = max(widest, column)
                if column > COLUMNS or row * widest > AREA:
                    raise too_large(f"something in column {letters(column)} of sheet {shown(name)}")
                kind, style = given.get("t", "n"), given.get("s", "")
                value, formula = None, False
                texts.clear()
            elif tag == "f":
                formula = True
            elif tag == "col" and given.get("hidden") in ("1", "true"):
                last = min(_number(given.get("max", "0")), COLUMNS)
                hidden_columns.update(range(_number(given.get("min", "1")), last + 1))

        def end(tag: str, text: str) -> None:
            nonlocal value
            if tag == "v":
                value = text
            elif tag == "t":
                texts.append(text)
            elif tag == "c" and (cell := _cell(kind, value, texts, formula, strings)) is not None:
                if cell.kind == "number" and style.isdigit() and int(style) < len(per_cent) and per_cent[int(style)]:
                    cell = Cell(cell.text, "percent")
                cells[row, column] = cell
                self.cells += 1
                if self.cells > CELLS:
                    raise too_large(f"more than {CELLS:,} cells")

        self._parse(part, start, end)
        return Sheet(shown(name, 60), cells, frozenset(hidden_rows), frozenset(hidden_columns), hidden)

    def _unread(self) -> list[str]:
        told = []
        if links := sum("externalLinks/externalLink" in name and "_rels" not in name for name in self.parts):
            told.append(f"Links to other files ({links}) were not followed.")
        if any(name.endswith("vbaProject.bin") for name in self.parts):
            told.append("Its macros were not run.")
        return told

    def _parse(self, part: str, start: Start, end: End | None = None) -> None:
        """Parse a part, block by block: `end` is given the text of each element that has text."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        pieces: list[str] = []
        depth = length = 0

        def opened(name: str, given: dict[str, str]) -> None:
            nonlocal depth, length
            depth += 1
            if depth > DEPTH:
                raise Refused("damaged", "The workbook nests its parts deeper than any program writes them.")
            pieces.clear()
            length = 0
            start(name.rpartition(" ")[2], given)

        def closed(name: str) -> None:
            nonlocal depth, length
            depth -= 1
            if end is not None:
                end(name.rpartition(" ")[2], "".join(pieces))
            pieces.clear()
            length = 0

        def text(data: str) -> None:
            nonlocal length
            length += len(data)
            if length > FIELD:
                raise too_large(f"a cell of more than {FIELD:,} characters")
            pieces.append(data)

        def doctype(*_: object) -> None:
            raise Refused("damaged", "The workbook defines words of its own (a DOCTYPE), which no program writes.")

        parser.StartElementHandler = opened
        parser.EndElementHandler = closed
        if end is not None:
            parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = doctype
        told = self.parts[part]
        size = 0
        try:
            with self.archive.open(told) as stream:
                while block := stream.read(_BLOCK):
                    size += len(block)
                    self.unpacked += len(block)
                    if size > PART or self.unpacked > UNPACKED:
                        raise too_large(f"more than {PART // MIB} MiB in a part or {UNPACKED // MIB} MiB in all")
                    if size > MIB and size > RATIO * told.compress_size:
                        raise too_large(f"a part that unpacks to more than {RATIO} times its size")
                    parser.Parse(block, False)
                    if size - parser.CurrentByteIndex > MIB:  # expat begins anew with each block
                        raise too_large("a piece of more than a million characters")
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Refused("damaged", "A part of the workbook is damaged. Save it again.") from error


def _cell(kind: str, value: str | None, texts: list[str], formula: bool, strings: list[str]) -> Cell | None:
    if kind == "e":
        return Cell(value or "#ERROR", "error")
    if kind == "inlineStr":
        value = "".join(texts)
    if formula and not value:
        return Cell("", "unfilled") if kind != "str" or value is None else None
    if kind == "s" and value is not None:
        place = _number(value)
        if place >= len(strings):
            raise Refused("damaged", "A cell of the workbook names a text that is not there. Save it again.")
        value = strings[place]
    if not value or not (text := value.strip()):
        return None
    if kind == "b":
        return Cell("TRUE" if text == "1" else "FALSE")
    return Cell(text, "number" if kind == "n" else "text")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refused("damaged", "The workbook counts with something that is no number. Save it again.")
    return int(text)


def _column(address: str) -> int:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise Refused("damaged", f"The workbook has a cell at {shown(address, 20)}, which is nowhere.")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column
