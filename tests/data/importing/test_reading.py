"""Bytes become cells by what they are, and nothing in them is lost or hidden."""

from __future__ import annotations

import codecs

import pytest

from data.importing.cells import Cell, Sheet
from data.importing.reading import read
from tests.data.importing.hostile import MAIN, parts_of, sheet, workbook, zipped


def only(data: bytes) -> Sheet:
    (found,) = read(data).sheets
    return found


STRINGS = f'<sst xmlns="{MAIN}"><si><t>Alba</t><rPh><t>no</t></rPh><r><t>nia</t></r></si></sst>'
CELLS = {
    "<c><v>2.0294680677363757</v></c>": Cell("2.0294680677363757", "number"),
    "<c><v>151240.71400000001</v></c>": Cell("151240.71400000001", "number"),
    '<c t="s"><v>0</v></c>': Cell("Albania"),
    '<c t="inlineStr"><is><r><t>2023</t></r><r><t>e</t></r></is></c>': Cell("2023e"),
    '<c t="str"><f>A1</f><v>2023e</v></c>': Cell("2023e"),
    '<c t="e"><v>#REF!</v></c>': Cell("#REF!", "error"),
    "<c><f>SUM(A1:A2)</f></c>": Cell("", "unfilled"),
    "<c><f>SUM(A1:A2)</f><v></v></c>": Cell("", "unfilled"),
    "<c><f>SUM(A1:A2)</f><v>7</v></c>": Cell("7", "number"),
    '<c t="b"><v>1</v></c>': Cell("TRUE"),
    '<c t="inlineStr"><is><t>  </t></is></c>': None,
    "<c/>": None,
}


@pytest.mark.parametrize(("xml", "cell"), CELLS.items())
def test_a_cell_is_what_stands_there(xml: str, cell: Cell | None) -> None:
    made = workbook(f'<row r="3"><c r="B3"><v>1</v></c>{xml}</row>', strings=STRINGS)
    assert only(made).cells.get((3, 3)) == cell


def test_per_cent_is_seen() -> None:
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="0.00%"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="10"/></cellXfs></styleSheet>'
    )
    parts = parts_of({"T": sheet('<row><c s="0"><v>1</v></c><c s="1"><v>0.02</v></c><c s="2"><v>0.02</v></c></row>')})
    rels = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = rels.replace(
        "</Relationships>", '<Relationship Id="y" Type="x/styles" Target="styles.xml"/></Relationships>'
    )
    kinds = [cell.kind for cell in only(zipped({**parts, "xl/styles.xml": styles})).cells.values()]
    assert kinds == ["number", "percent", "percent"]


def test_hidden_parts_are_seen() -> None:
    found = only(
        workbook(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c><c r="E2"><v>3</v></c></row>',
            before='<cols><col min="4" max="6" hidden="1"/><col min="7" max="7"/></cols>',
        )
    )
    assert (set(found.hidden_rows), set(found.hidden_columns)) == ({2}, {4, 5, 6})
    assert [row for row, _ in found.rows()] == [1]


def test_links_and_macros_are_left_and_told() -> None:
    parts = parts_of({"T": sheet('<row><c t="inlineStr"><is><t>a</t></is></c></row>')})
    file = read(zipped({**parts, "xl/externalLinks/externalLink1.xml": "<a/>", "xl/vbaProject.bin": b"\xd0\xcf"}))
    assert file.remarks == ("Links to other files (1) were not followed.", "Its macros were not run.")


TABLE = "Pays;2024;2025e\nTürkiye;2,13;2,33\nGrèce;2,77;2,79\n"
ENCODED = {
    "UTF-8, semicolon": [TABLE.encode(), codecs.BOM_UTF8 + TABLE.encode()],
    "UTF-16, semicolon": [TABLE.encode("utf-16"), codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be")],
    "Windows-1252, semicolon": [TABLE.encode("cp1252"), TABLE.replace("\n", "\r\n").encode("cp1252")],
    "UTF-8, comma": [TABLE.replace(",", ".").replace(";", ",").encode()],
    "UTF-8, tabs": [TABLE.replace(";", "\t").encode()],
    "UTF-8, bar": [TABLE.replace(";", "|").encode()],
}


@pytest.mark.parametrize(("form", "data"), [(form, data) for form, each in ENCODED.items() for data in each])
def test_a_text_is_read_whatever_its_form(form: str, data: bytes) -> None:
    file = read(data)
    assert file.form == form
    assert file.sheets[0].cells[2, 1] == Cell("Türkiye")
    assert len(file.sheets[0].cells) == 9


def test_a_workbook_is_one_whatever_it_is_called() -> None:
    assert read(workbook("<row><c><v>1</v></c></row>")).form == "workbook"
