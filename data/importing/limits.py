"""How much of a file is read, and the refusal of what is more or is none of ours."""

from __future__ import annotations

MIB = 1024 * 1024

LARGEST_FILE = 8 * MIB
PARTS = 400  # files inside a workbook
UNPACKED = 60 * MIB  # all parts together, counted while unpacking
PART = 30 * MIB
RATIO = 200  # unpacked to packed, of a part above 1 MiB
SHEETS = 64
STRINGS = 200_000
ROWS, COLUMNS = 5_000, 512  # of a sheet
AREA = 500_000  # the rows of a sheet times its columns
CELLS = 200_000  # in all
DEPTH = 64  # elements inside one another
LINES = 200_000  # of a text
FIELD = 10_000  # characters of a cell
OBSERVATIONS = 20_000
REMARKS = 200
SHOWN = 200  # characters of a text that are kept to be shown

MEMORY = 512 * MIB  # of the process that reads
PROCESSOR = 10  # seconds
LONGEST = 20.0  # seconds by the clock, then it is killed


class Refused(Exception):
    """A file that is not taken; `code` is stable, `sentence` says what is wrong and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence


def too_large(what: str) -> Refused:
    return Refused("too-large", f"The file has {what}, more than is read.")


def shown(text: str, longest: int = SHOWN) -> str:
    """A text of somebody else, to be shown: on one line, cut, without control or direction characters."""
    kept = "".join(c if c.isprintable() else " " for c in text[: longest * 2])
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"
