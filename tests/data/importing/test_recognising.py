"""Tables of every shape, and the figures that are read off them."""

from __future__ import annotations

import re

import pytest

from data.importing.cells import Cell, File, Sheet
from data.importing.limits import Refused
from data.importing.naming import names_of
from data.importing.numbers import decimal_sign, number, only_year, year_of
from data.importing.reading import read
from data.importing.recognised import Recognised
from data.importing.recognising import recognise
from data.importing.saying import measures_of, said, together
from knowledge.facts import Facts


def figures(found: Recognised) -> list[str]:
    """Each figure in a line: who, year with its mark, value, and the measures it can be."""
    told = []
    for cell in found.observations:
        measures = found.blocks[cell.block].measures
        what = "/".join(measures) if len(measures) < 3 else "?"
        told.append(f"{cell.spender} {cell.year or '-'}{cell.mark} {cell.value or 'blank'} {what}")
    return told


SHAPES = {
    "years across": (
        "Share of GDP (%),2024,2025e\nAlbania,1.35,1.48\nBelgium,1.27,..\n",
        ["ALB 2024 1.35 share", "ALB 2025e 1.48 share", "BEL 2024 1.27 share", "BEL 2025e blank share"],
    ),
    "one year": ("Share of GDP (%),2026e\nAlbania,2.15\n", ["ALB 2026e 2.15 share"]),
    "one year, in the title": (
        "Defence expenditure 2024\nCountry,% of GDP,Billion US$ (current prices)\nAlbania,2.03,0.5\n",
        ["ALB 2024 2.03 share", "ALB 2024 0.5 spending_usd"],
    ),
    "years down": (
        "Share of GDP (%)\n,Albania,Belgium,Canada\n2024,1.35,1.27,1.41\n2025 (e),1.48,2,2.03\n",
        ["ALB 2024 1.35 share", "BEL 2024 1.27 share", "CAN 2024 1.41 share", "ALB 2025e 1.48 share",
         "BEL 2025e 2 share", "CAN 2025e 2.03 share"],
    ),
    "a row a figure": (
        "country,year,measure,value,flag\nAlbania,2024,share,1.35,\nBelgium,2025,share,2,e\nCanada,2025,equipment,:,e\n",
        ["ALB 2024 1.35 share", "BEL 2025e 2 share", "CAN 2025e blank equipment_share"],
    ),
    "a row for several measures": (
        "country,year,share of GDP (%),personnel (thousands)\nAlbania,2024,1.35,6.6\nBelgium,2024,1.27,21.2\nCanada,2024,1.41,77.1\n",
        ["ALB 2024 1.35 share", "ALB 2024 6.6 personnel", "BEL 2024 1.27 share", "BEL 2024 21.2 personnel",
         "CAN 2024 1.41 share", "CAN 2024 77.1 personnel"],
    ),
    "words over years": (
        ",Share of GDP (%),,Personnel (thousands),\nCountry,2024,2025e,2024,2025e\nAlbania,1.35,1.48,6.6,6.7\n",
        ["ALB 2024 1.35 share", "ALB 2025e 1.48 share", "ALB 2024 6.6 personnel", "ALB 2025e 6.7 personnel"],
    ),
    "blocks": (
        "Table 3\nBased on 2015 prices\n,2024,2025\nShare of real GDP (%)\nAlbania,1.35,1.48\nAnnual real change (%)\nAlbania,3.1,-4.2\n",
        ["ALB 2024 1.35 share", "ALB 2025 1.48 share", "ALB 2024 3.1 real_change", "ALB 2025 -4.2 real_change"],
    ),
    "German": (
        "Verteidigungsausgaben in % des BIP;2024;2025*\nTschechien;1,99;1,86\nVer. Königreich;2,28;2,32\n",
        ["CZE 2024 1.99 share", "CZE 2025e 1.86 share", "GBR 2024 2.28 share", "GBR 2025e 2.32 share"],
    ),
    "French": (
        "Dépenses de défense (millions de dollars US, prix courants);2024;2025 (e)\nÉtats-Unis;967 707;975 824e\nOTAN Europe et Canada;515 198;653 806\n",
        ["USA 2024 967707 spending_usd", "USA 2025e 975824 spending_usd", "NATO_EUR_CAN 2024 515198 spending_usd",
         "NATO_EUR_CAN 2025e 653806 spending_usd"],
    ),
    "stars, footnotes and brackets": (
        "Million national currency units; 2024\nCurrent prices;\nPoland* (Zlotys);150000\nSlovak Republic** (Euros);2634\nCroatia¹;1506\n",
        ["POL 2024 150000 spending_national", "SVK 2024 2634 spending_national", "HRV 2024 1506 spending_national"],
    ),
    "notes with years": (
        "Share of GDP (%),2024,2025e\nAlbania,1.35,1.48\nNotes: figures of 2024 and 2025 are estimates.\n* Poland has a law of 2022, 2023 on it\n",
        ["ALB 2024 1.35 share", "ALB 2025e 1.48 share"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_tables(facts: Facts, name: str) -> None:
    text, expected = SHAPES[name]
    assert figures(recognise(read(text.encode()), names_of(facts))) == expected


def sheet(rows: list[list[str | float | Cell]], hidden_columns: frozenset[int] = frozenset()) -> Sheet:
    cells = {}
    for r, row in enumerate(rows, 1):
        for c, what in enumerate(row, 1):
            if isinstance(what, Cell):
                cells[r, c] = what
            elif what != "":
                cells[r, c] = Cell(str(what), "text" if isinstance(what, str) else "number")
    return Sheet("Data", cells, hidden_columns=hidden_columns)


def test_what_holds_no_figure_is_named_with_its_place(facts: Facts) -> None:
    table = sheet([
        ["Share of GDP (%)", 2024, 2025, 2026],
        ["Albania", Cell("#REF!", "error"), Cell("", "unfilled"), "soon"],
        ["Belgium", 1.27, 2, 2],
    ])  # fmt: skip
    found = recognise(File("workbook", (table,)), names_of(facts))
    assert [(u.why, u.year, u.row, u.column) for u in found.unread] == [
        ("error", 2024, 2, 2), ("unfilled", 2025, 2, 3), ("text", 2026, 2, 4),
    ]  # fmt: skip
    assert found.remarks == (
        "Cells of sheet Data that hold an error: B2.",
        "Cells of sheet Data that hold a formula without a result: C2.",
    )


def test_numbers_as_text_and_as_per_cent(facts: Facts) -> None:
    table = sheet([
        ["Share of GDP", 2024, 2025],
        ["Albania", Cell("0.0135", "percent"), Cell("0.0148", "percent")],
        ["Belgium", "1,27", 2.0],
    ])  # fmt: skip
    found = recognise(File("workbook", (table,)), names_of(facts)).observations
    assert [(cell.value, cell.places, cell.note) for cell in found] == [
        ("1.35", 2, ""), ("1.48", 2, ""), ("1.27", 2, "text"), ("2.0", 1, ""),
    ]  # fmt: skip


def test_more_years_beside_a_table(facts: Facts) -> None:
    """Columns that somebody added, whose years stand in the line of a block; hidden, they are left out."""
    rows: list[list[str | float | Cell]] = [
        ["", 2014, 2015, "", "", ""],
        ["Share of real GDP (%)", "", "", "", "", ""],
        ["Albania", 1.3, 1.1, "", "", ""],
        ["Annual real change (%)", "", "", "", 2011, 2012],
        ["Albania", -3.0, -11.0, "", 1.0, 2.0],
    ]
    names = names_of(facts)
    seen = figures(recognise(File("workbook", (sheet(rows),)), names))
    assert seen == [
        "ALB 2014 1.3 share", "ALB 2015 1.1 share", "ALB 2014 -3.0 real_change", "ALB 2015 -11.0 real_change",
        "ALB 2011 1.0 real_change", "ALB 2012 2.0 real_change",
    ]  # fmt: skip
    hidden = sheet(rows, hidden_columns=frozenset({5, 6}))
    assert figures(recognise(File("workbook", (hidden,)), names)) == seen[:4]


@pytest.mark.parametrize("text", ["Dear all,\nthe figures follow.\n", "a,b,c\n1,2,3\n", "Country,2024\nAtlantis,1.0\n"])
def test_what_is_no_table_is_refused(facts: Facts, text: str) -> None:
    with pytest.raises(Refused) as refused:
        recognise(read(text.encode()), names_of(facts))
    assert refused.value.code == "no-table"


YEARS = {
    "2024": (2024, "", ""), "2024.0": (2024, "", ""), "2024e": (2024, "e", ""), "2024 (e)": (2024, "e", ""),
    "2024*": (2024, "e", ""), "2024 est.": (2024, "e", ""), "US$ 2024e": (2024, "e", "US$"),
    "Share of real GDP 2014 (%)": (2014, "", "Share of real GDP (%)"),
    "Real change 2014-2024e (%)": (2024, "e", "Real change 2014-2024e (%)"),
}  # fmt: skip


@pytest.mark.parametrize("text", YEARS)
def test_a_year_in_every_spelling(text: str) -> None:
    found = year_of(text)
    assert found is not None
    assert (found.year, found.mark, found.words) == YEARS[text]
    assert (only_year(text) is not None) == (not found.words)


@pytest.mark.parametrize("text", ["2023/24", "12024", "1,350.2024", "Table 1", "20", "20245"])
def test_what_is_no_year(text: str) -> None:
    assert year_of(text) is None


# Written so, read with a decimal point, read with a decimal comma; None is no number.
NUMBERS = {
    "1.35": ("1.35", "1.35"), "1,35": ("1.35", "1.35"), "967,707": ("967707", "967.707"), "1.349": ("1.349", "1349"),
    "1.300,2": ("1300.2", "1300.2"), "1,096,603": ("1096603", "1096603"), "151 243,2": ("151243.2", "151243.2"),
    "93\xa0747": ("93747", "93747"), "93'747.5": ("93747.5", "93747.5"), "$967.7": ("967.7", "967.7"),
    "3,38 %": ("3.38", "3.38"), "2,22e": ("2.22", "2.22"), "(3.2)": ("-3.2", "-3.2"), "−0.5": ("-0.5", "-0.5"),
    "1,23,456": (None, None), "12-34": (None, None), "abc": (None, None), "1.2.3": (None, None), "": (None, None),
    "9" * 41: (None, None),
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_in_every_spelling(text: str) -> None:
    found = [number(text, sign) for sign in ".,"]
    assert tuple(n and str(n.value) for n in found) == NUMBERS[text]


SIGNS = {
    ".": [["1.35", "1.48"], ["967,707", "875,603", "516"], ["1,096,603"], ["1.349", "2.123"], ["1,234.5"], ["12"]],
    ",": [["1,35", "2"], ["1.349,0", "183,9"], ["1.096.603"], ["93 747", "1,4"]],
}


@pytest.mark.parametrize(("sign", "cells"), [(sign, cells) for sign, each in SIGNS.items() for cells in each])
def test_the_decimal_sign_is_voted_on(sign: str, cells: list[str]) -> None:
    assert decimal_sign(cells) == sign


# The texts around a column, the nearest first, and the measure they say.
WORDS = {
    "Current prices | Million national currency units | Table 1 : Defence expenditure": "spending_national",
    "Constant 2015 prices | Million national currency units | Table 1 : Defence expenditure": "spending_national_constant",
    "Current prices and exchange rates | Million US dollars | Table 2 : Defence expenditure": "spending_usd",
    "Share of real GDP (%) | Table 3 : Defence expenditure as a share of GDP and annual real change": "share",
    "Annual real change (%) | Table 3 : Defence expenditure as a share of GDP and annual real change": "real_change",
    "| Million US dollars (2015 prices and exchange rates) | Defence expenditure real change 2014-2024e": "spending_usd_constant",
    "Real change 2014-2024e (%) | Million US dollars (2015 prices) | Table 4": "real_change_since_2014",
    "Current prices and exchange rates | Million US dollars | Table 5 : GDP": "gdp_usd",
    "Billion US dollars (2015 prices and exchange rates) | Table 5 : Real GDP": "gdp_usd_constant",
    "GDP per capita (thousand US dollars) | 2015 prices and exchange rates": "gdp_per_head_constant",
    "Defence expenditure per capita (US dollars) | 2015 prices | Table 6 : GDP per capita": "per_head_constant",
    "Thousands | Table 7 : Military personnel": "personnel",
    "Equipment (a) | Percentage of total defence expenditure | Table 8a : Distribution": "equipment_share",
    "Personnel (b) | Percentage of total defence expenditure": "personnel_share",
    "Infrastructure (c) | Percentage of total defence expenditure": "infrastructure_share",
    "Other (d) | Percentage of total defence expenditure": "other_share",
    "PC_GDP": "share", "% GDP": "share", "percent_gdp": "share", "Part du PIB (%)": "share", "Anteil am BIP (%)": "share",
    "Dépenses de défense par habitant (dollars US)": "per_head_constant",
    "Effectifs (milliers)": "personnel", "Personal (Tsd. Personen)": "personnel",
    "Défense, prix courants, milliards de dollars | Dépenses": "spending_usd",
}  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_what_words_say(words: str) -> None:
    levels = [said(text) for text in re.split(r"\s*\|\s*", words)]
    assert measures_of(together(levels)) == (WORDS[words],)
