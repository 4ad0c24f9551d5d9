"""Files made to hurt who reads them, each made here and a few kilobytes long where that is enough."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MIB = 1024 * 1024


def parts_of(sheets: Mapping[str, str], strings: str | None = None) -> dict[str, str]:
    """The parts of a workbook: the XML of each sheet by its name, and that of the shared strings."""
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{types}.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    if strings is not None:
        kinds += f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}.sharedStrings+xml"/>'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{targets}'
        f'<Relationship Id="s" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": xml for n, xml in enumerate(sheets.values(), 1)}
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
    return parts


def zipped(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def workbook(rows: str, before: str = "", after: str = "", strings: str | None = None) -> bytes:
    """A workbook of one sheet, given the XML of its rows."""
    return zipped(parts_of({"Table": sheet(rows, before, after)}, strings))


CORNERS = '<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{cell}"><v>2</v></c></row>'


def _far_corner() -> bytes:
    return workbook(CORNERS.format(row=1048576, cell="XFD1048576"))


def _far_corner_in_other_quotes() -> bytes:
    return workbook(CORNERS.format(row=1048576, cell="XFD1048576").replace('"', "'"))


def _far_corner_with_a_prefix() -> bytes:
    rows = (
        CORNERS.format(row=1048576, cell="XFD1048576").replace("</", "</x:").replace("<", "<x:").replace("<x:/", "</")
    )
    return zipped(parts_of({"T": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'}))


def _wide_and_deep() -> bytes:
    return workbook(CORNERS.format(row=20000, cell="ALL20000"))


def _an_area_of_two_cells() -> bytes:
    """Within the rows and columns allowed, and two and a half million cells in between."""
    return workbook(CORNERS.format(row=5000, cell="SR5000"))


def _four_billion_strings() -> bytes:
    strings = f'<sst xmlns="{MAIN}" count="4000000000" uniqueCount="4000000000"><si><t>a</t></si></sst>'
    return workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=strings)


def _a_gigabyte(head: str) -> bytes:
    """1 GiB that packs into a megabyte, written as one block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(head.encode()) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"a" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    packed += block * 1024 + packer.flush()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts_of({"T": ""}).items():
            archive.writestr(name, text or packed)
        told = archive.getinfo("xl/worksheets/sheet1.xml")
        told.compress_type, told.file_size = zipfile.ZIP_DEFLATED, 1024 * MIB
    return made.getvalue()


def _a_gigabyte_in_a_cell() -> bytes:
    return _a_gigabyte(f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>')


def _a_gigabyte_of_comment() -> bytes:
    return _a_gigabyte(f'<worksheet xmlns="{MAIN}"><!-- ')


def _many_rows() -> bytes:
    return workbook(
        "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919 % 1000003}</v></c></row>' for n in range(1, 300_001))
    )


def _five_thousand_sheets() -> bytes:
    return zipped(parts_of({f"S{n}": sheet("") for n in range(5000)}), zipfile.ZIP_STORED)


def _entities() -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row>')
    return zipped(parts_of({"T": f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{levels}]>{xml}'}))


def _an_entity_from_a_file() -> bytes:
    xml = sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>')
    return zipped(parts_of({"T": f'<!DOCTYPE worksheet [<!ENTITY e SYSTEM "file:///etc/hostname">]>{xml}'}))


def _a_password() -> bytes:
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 4096


def _a_locked_part() -> bytes:
    made = bytearray(workbook(CORNERS.format(row=2, cell="B2")))
    for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(start)
        while at >= 0:
            made[at + offset] |= 1
            at = made.find(start, at + 4)
    return bytes(made)


def _a_part_twice() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in parts_of({"T": sheet(CORNERS.format(row=2, cell="B2"))}).items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet8.xml", sheet(""))
    return made.getvalue().replace(b"sheet8.xml", b"sheet1.xml")


def _ten_thousand_parts() -> bytes:
    return zipped({**parts_of({"T": sheet("")}), **{f"xl/media/{n}": b"" for n in range(10000)}}, zipfile.ZIP_STORED)


def _another_packing() -> bytes:
    return zipped(parts_of({"T": sheet(CORNERS.format(row=2, cell="B2"))}), zipfile.ZIP_LZMA)


def _cut() -> bytes:
    made = workbook("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 999)))
    return made[: len(made) // 2]


def _five_megabytes_in_a_cell() -> bytes:
    text = "".join(map(str, range(800_000)))
    return workbook(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>')


def _a_long_attribute() -> bytes:
    noise = random.Random(1).randbytes(6 * MIB).hex()
    return zipped(parts_of({"T": f'<worksheet xmlns="{MAIN}" a="{noise}"/>'}))


def _nested_deep() -> bytes:
    names = [f"a{n % 97}" for n in range(200_000)]
    return zipped(parts_of({"T": "".join(f"<{n}>" for n in names) + "".join(f"</{n}>" for n in reversed(names))}))


def _strange_addresses() -> bytes:
    return workbook('<row r="1"><c r="A99999999999999999999"><v>1</v></c></row>')


def _columns_without_end() -> bytes:
    return workbook('<row r="1"><c r="ZZZZZZZZZ1"><v>1</v></c></row>')


def _a_string_that_is_not_there() -> bytes:
    return workbook('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', strings=f'<sst xmlns="{MAIN}"/>')


def _half_a_million_cells() -> bytes:
    row = "".join("<c><v>1</v></c>" for _ in range(500))
    return workbook("".join(f'<row r="{n}">{row}<c><v>{n * n}</v></c></row>' for n in range(1, 1001)))


def _a_sheet_elsewhere() -> bytes:
    parts = parts_of({"T": sheet("")})
    rels = parts["xl/_rels/workbook.xml.rels"].replace("worksheets/sheet1.xml", "../../../../etc/passwd")
    return zipped({**parts, "xl/_rels/workbook.xml.rels": rels, "../../../../etc/passwd": sheet("")})


HOSTILE_WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "two cells in far corners": _far_corner,
    "far corners, other quotes": _far_corner_in_other_quotes,
    "far corners, a prefix": _far_corner_with_a_prefix,
    "two cells, 20,000 by 1,000": _wide_and_deep,
    "two cells, 5,000 by 512": _an_area_of_two_cells,
    "four billion strings announced": _four_billion_strings,
    "a gigabyte in a cell": _a_gigabyte_in_a_cell,
    "a gigabyte in an element nobody reads": _a_gigabyte_of_comment,
    "300,000 rows": _many_rows,
    "5,000 sheets": _five_thousand_sheets,
    "entities in entities": _entities,
    "an entity from a file": _an_entity_from_a_file,
    "a password": _a_password,
    "a locked part": _a_locked_part,
    "a part twice": _a_part_twice,
    "10,000 parts": _ten_thousand_parts,
    "another packing": _another_packing,
    "cut in half": _cut,
    "only the first letters of an archive": lambda: b"PK\x03\x04 this is no workbook",
    "5 MB in a cell": _five_megabytes_in_a_cell,
    "12 MB in an attribute": _a_long_attribute,
    "nested deep": _nested_deep,
    "a strange address": _strange_addresses,
    "columns without end": _columns_without_end,
    "a string that is not there": _a_string_that_is_not_there,
    "half a million cells": _half_a_million_cells,
    "a sheet elsewhere": _a_sheet_elsewhere,
}

HOSTILE_TEXTS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a NUL": lambda: b"Country,2024\nAlbania,1\0.35\n",
    "a quote that never ends": lambda: b'Country,2024\n"Albania' + b",1.35\n" * MIB,
    "300,000 lines": lambda: b"Country,2024\n" + b"Albania,1.35\n" * 300_000,
    "600 columns": lambda: b"Country," + b",".join(b"%d" % n for n in range(600)) + b"\n",
    "a field of 20,000 letters": lambda: b"Country,2024\nAlbania," + b"1" * 20_000 + b"\n",
    "half a letter of UTF-16": lambda: b"\xff\xfeC\0o\0u",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "8 MiB and a byte": lambda: b"a" * (8 * MIB + 1),
    "30,000 figures": lambda: b"place,time,value\n" + b"".join(b"Albania,2024,%d\n" % n for n in range(30_000)),
    "no table": lambda: b"Dear all,\nhere are, as promised, the figures.\n",
    "100,000 delimiters": lambda: b",;\t|" * 100_000,
}
