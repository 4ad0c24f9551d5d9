"""CSV and TSV → cells: the encoding by its marks, the delimiter by the width of the lines, never by the file's name."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter

from data.importing.cells import Cell, File, Sheet
from data.importing.limits import CELLS, COLUMNS, FIELD, LINES, Refused, too_large

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tabs", "|": "bar"}
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
FIRST = 200  # lines that tell the delimiter


def read_text(data: bytes) -> File:
    """The one sheet of a text file; Refused if it is no text, or more than is read."""
    text, encoding = decoded(data)
    if text.count("\n") > LINES:
        raise too_large(f"more than {LINES:,} lines")
    delimiter = delimiter_of(text)
    csv.field_size_limit(FIELD)
    cells = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if len(row) > COLUMNS:
                raise too_large(f"{len(row):,} columns in row {reader.line_num}")
            for column, field in enumerate(row, 1):
                if field := field.strip():
                    cells[reader.line_num, column] = Cell(field)
            if len(cells) > CELLS:
                raise too_large(f"more than {CELLS:,} cells")
    except csv.Error:
        raise too_large(
            f"a field of more than {FIELD:,} characters, or a quotation mark that is never closed,"
        ) from None
    return File(f"{NAMES[encoding]}, {DELIMITERS[delimiter]}", (Sheet("", cells),))


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding: by its first bytes, else UTF-8, else Windows-1252.

    No detector: those in use take the French of Windows for that of old Macintoshes.
    """
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                raise Refused("damaged", f"The file begins as {NAMES[encoding]} and is none.") from None
            break
    else:
        for encoding in ("utf-8", "cp1252"):
            try:
                text = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise Refused("unsupported", "The file is no workbook and no text. Save it as XLSX or CSV.")
    if "\0" in text:
        raise Refused("unsupported", "The file holds zero bytes, so it is no text. Save it as XLSX or CSV.")
    return text, encoding


def delimiter_of(text: str) -> str:
    """Of the four the one with which most of the first lines are as wide as one another, and wider than a column."""
    lines = [line for line in text[: FIRST * FIELD].splitlines()[:FIRST] if line.strip()]
    best, most = ",", (0, 0)
    csv.field_size_limit(FIELD)
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        except csv.Error:
            continue
        found = max(((count, width) for width, count in widths.items()), default=(0, 0))
        if found > most:
            best, most = delimiter, found
    return best
