"""Bytes → cells, by what the bytes are; the name of a file says nothing."""

from __future__ import annotations

from data.importing.cells import File
from data.importing.limits import LARGEST_FILE, MIB, Refused
from data.importing.text import read_text
from data.importing.workbook import read_workbook

OLD = bytes.fromhex("D0CF11E0A1B11AE1")  # the container of old workbooks, and of new ones with a password
OTHERS = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture"}
OTHERS |= {b"\x1f\x8b": "a packed file", b"Rar!": "a packed file", b"7z\xbc\xaf": "a packed file"}


def read(data: bytes) -> File:
    """The sheets of a workbook or of a text; Refused, with what to do, if it is neither or more than is read."""
    if len(data) > LARGEST_FILE:
        raise Refused("too-large", f"The file is larger than {LARGEST_FILE // MIB} MiB, the most that is read.")
    if not data.strip():
        raise Refused("empty", "The file is empty.")
    if data.startswith(OLD):
        raise Refused(
            "password", "The file is an old workbook (XLS) or one with a password. Save it as XLSX without one."
        )
    for start, what in OTHERS.items():
        if data.startswith(start):
            raise Refused("unsupported", f"The file is {what}. Save the table as XLSX or CSV.")
    file = read_workbook(data) if data.startswith(b"PK\x03\x04") else read_text(data)
    if not any(sheet.cells for sheet in file.sheets):
        raise Refused("empty", "The file holds no cell with anything in it.")
    return file
