"""The eight shapes of tables that are passed round, and input that is wrong: what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from data.importing.comparing import Comparison, compare, years_in_name
from data.importing.document import document
from data.importing.naming import names_of
from data.importing.reading import read
from data.importing.recognising import recognise
from knowledge.facts import Facts
from tests.data.importing import tables


def compared(facts: Facts, data: bytes, name: str = "", edition: str | None = None) -> Comparison:
    return compare(facts, recognise(read(data), names_of(facts)), edition=edition, years_named=years_in_name(name))


def said(found: Comparison) -> list[str]:
    refused = [found.refused.sentence] if found.refused is not None else []
    return [*refused, *found.questions, *found.remarks, *(left.sentence for left in found.left_out)]


# Name, made by, edition, cells, equal, blank, exit code, what must be said, what must not.
EIGHT: list[tuple[str, Callable[[Facts], bytes], str | None, int, int, int, int, list[str], list[str]]] = [
    ("shares.csv", tables.wide_floats, "2025", 363, 363, 0, 0,
     ["UTF-8, comma.", "all 363 figures are those of share of GDP", "2014 to 2024e, 33 rows", "The file names no edition."],
     []),
    ("dépenses.csv", tables.french, "2026", 96, 96, 6, 0,
     ["Windows-1252, semicolon, decimal comma.", "Share of GDP: 2024 to 2026e, 16 rows, columns 2–4, 48 figures.",
      "Spending in US dollars: 2024 to 2026e, 16 rows, columns 5–7", "Iceland has no armed forces and so no figure"],
     ["names no edition"]),
    ("dollars.csv", tables.dollars, "2024", 164, 164, 1, 3,
     ["current or constant prices: the figures are those in current prices (164 of 164). Please confirm.",
      "Montenegro, spending in US dollars, 2020, is blank here and 83 million in the 2024 edition: a blank is no 0",
      "in 2024 the members sum to 1,474,400 million and the total is 1,474,399 million",
      "2020–2022: the rows exceed the total by Finland and Sweden, then no members, so this is no error.",
      "2023: the rows exceed the total by Sweden", "“82 107” is written otherwise than the table and read as 82,107."],
     []),
    ("tidy.csv", tables.tidy, "2026", 284, 282, 5, 3,
     ["Greece, share of GDP, 2025 stands there 2 times: 2.79% in", "(the 2026 edition has it) and 2.97% in",
      "Netherlands, Portugal, personnel share of spending, 2026: blank here, as NATO left it."],
     []),
    ("class 2024.csv", tables.classroom, "2024", 64, 60, 0, 1,
     ["Montenegro, spending in US dollars, 2024: 1,600 million at 2.02% of GDP is 10 times the 2024 edition's 162 million",
      "No year stands in the table; the file's name says 2024. Is it 2024?",
      "Spain, share of GDP, 2024: 1.43% is the 2025 edition's figure, and the 2024 edition has 1.28%.",
      "European Union is no Ally", "Ukraine is no Ally", "Iceland has no armed forces, so NATO prints no figure: “0%”",
      "The column of yes and no at 2% agrees with the shares in 31 of 31 rows; it is not imported."],
     ["years beside it", "coarser"]),
    ("blanks.tsv", tables.blanks, "2025", 93, 93, 3, 0,
     ["UTF-16, tabs.", "Germany, share of GDP, 2025: blank here, as NATO left it.",
      "Finland, share of GDP, 2023, is blank here and 2.12% in the 2025 edition",
      "Sweden, share of GDP, 2023, is blank here and 1.68% in the 2025 edition"],
     []),
    ("national.xlsx", tables.national, "2024", 681, 680, 1, 3,
     ["Poland, spending in national currency, 2024: “151 243,2” is text, read as 151,243.2 million; the 2024 edition has 151,240.7 million. Change it?",
      "sheet Table 1, row 27, column L", "Bulgaria is in Bulgarian lev here and in euro in the 2026 edition",
      "2014, is blank here and 53.2 million in the 2024 edition"],
     ["Cover"]),
    ("turned.csv", tables.turned, None, 48, 0, 6, 1,
     ["Two editions in one table: 2021–2024 are those of the 2024 edition; 2025–2026 are those of the 2026 edition.",
      "Türkiye would go from 481 thousand in 2024 to 377.1 thousand in 2025; the 2026 edition has 343.9 thousand for 2024.",
      "all 48 figures are those of military personnel"],
     []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "make", "edition", "cells", "equal", "blank", "code", "told", "untold"),
    EIGHT,
    ids=[row[0] for row in EIGHT],
)
def test_tables_as_they_are_passed_round(
    facts: Facts, name: str, make: Callable[[Facts], bytes], edition: str | None, cells: int, equal: int,
    blank: int, code: int, told: list[str], untold: list[str],
) -> None:  # fmt: skip
    found = compared(facts, make(facts), name)
    sentences = said(found)
    assert (found.edition, found.cells, found.equal, len(found.blank)) == (edition, cells, equal, blank), sentences
    assert found.new == ()
    assert document(found).exit_code == code, sentences
    assert [words for words in told if not any(words in sentence for sentence in sentences)] == [], sentences
    assert [words for words in untold if any(words in sentence for sentence in sentences)] == []


def test_no_blank_is_a_zero_and_none_takes_anything_away(facts: Facts) -> None:
    found = compared(facts, tables.blanks(facts))
    assert {(b.member, b.year): b.held for b in found.blank} == {
        ("DEU", 2025): None,
        ("FIN", 2023): Decimal("2.11975757"),
        ("SWE", 2023): Decimal("1.68301717"),
    }
    assert found.different == ()
    assert found.new == ()


def shares(facts: Facts, edition: str = "2026", **cells: str) -> bytes:
    """A table of shares of 2024 to the edition's last year, in which some cells hold something else.

    A cell is named as in `DEU_2026`; what holds a delimiter adds columns.
    """
    last = facts.editions[edition].last
    years = range(2024, last + 1)
    marks: Mapping[int, str] = facts.series[edition, "share", "NATO_TOTAL"].marks
    lines = ["Share of GDP (%);" + ";".join(f"{y}{marks.get(y, '')}" for y in years)]
    for member in tables.armed(facts):
        row = [str(tables.value(facts, edition, "share", member.code, y) or "") for y in years]
        row = [cells.get(f"{member.code}_{y}", text) for y, text in zip(years, row, strict=True)]
        lines.append(";".join([cells.get(member.code, member.name), *row]))
    return "\n".join([*lines, *(text for key, text in cells.items() if key.startswith("row"))]).encode()


# What is wrong → the cells, refused by which code, what must be said.
BAD: dict[str, tuple[dict[str, str], str | None, str]] = {
    "text for a value": ({"DEU_2026": "much"}, None, "row 12, column 4, Germany, share of GDP, 2026: it holds “much”, which is no number."),
    "a slip of the point": ({"DEU_2026": "269"}, "share-out-of-range", "a share of GDP is between 0 and 25%, and 269% stands there"),
    "below nothing": ({"DEU_2026": "-2.69"}, "share-out-of-range", "-2.69% stands there"),
    "four times the neighbour": ({"ESP_2026": "8"}, None, "Spain, share of GDP, 2026: 8%, and the years beside it have 2%. Is it so?"),
    "a tenth of both neighbours": ({"POL_2025": "0.42"}, None, "Poland, share of GDP, 2025: 0.42%, and the years beside it have 3.75% and 4.68%."),
    "another edition's figure": ({"ESP_2024": "1.28"}, None, "1.28% is the 2024 edition's figure, and the 2026 edition has 1.42%"),
    "an unknown label": ({"DEU": "Germny"}, None, "“Germny” is no Ally. Is Germany meant? Write it so."),
    "a label of nobody": ({"row": "Atlantis;1.00;1.00;1.00"}, None, "“Atlantis” is nobody NATO has a row of"),
    "a country that is no Ally": ({"row": "Irland;0.2;0.2;0.2"}, None, "Ireland is no Ally: the row was left out."),
    "a row twice": ({"row": "DE;2;2.22;2.70"}, None, "Germany, share of GDP, 2026 stands there 2 times: 2.69% in row 12, column 4 (the 2026 edition has it) and 2.7% in"),
    "a zero for Iceland": ({"row": "Iceland;0;0;0"}, None, "Iceland has no armed forces, so NATO prints no figure: “0” is none."),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_and_the_rest_is_read(facts: Facts, name: str) -> None:
    cells, code, words = BAD[name]
    found = compared(facts, shares(facts, **cells))
    assert found.edition == "2026"
    assert (found.refused.code if found.refused is not None else None) == code
    assert any(words in sentence for sentence in said(found)), said(found)
    assert found.equal >= 87


def test_a_plain_change_asks_nothing(facts: Facts) -> None:
    found = compared(facts, shares(facts, DEU_2026="2.71"))
    (changed,) = found.different
    assert (changed.member, changed.year, changed.held, changed.found) == (
        "DEU",
        2026,
        Decimal("2.69"),
        Decimal("2.71"),
    )
    assert changed.where == "row 12, column 4"
    assert document(found).exit_code == 0


def test_a_coarser_figure_is_asked_about(facts: Facts) -> None:
    rows = [["Defence expenditure, current prices, billion US$", "2024", "2025e", "2026e"]]
    for member in tables.armed(facts):
        amounts = [tables.value(facts, "2026", "spending_usd", member.code, year) for year in (2024, 2025, 2026)]
        rows.append([member.name, *(tables.rounded(n / 1000, 1) for n in amounts if n is not None)])
        if member.code == "DEU":
            rows[-1][3] = "150.1"
    found = compared(facts, tables.csv_of(rows).encode())
    assert (found.edition, found.equal) == ("2026", 92)
    assert found.different[0].found == 150_100
    assert found.questions == (
        "Germany, spending in US dollars, 2026: 150,100 million is coarser than 147,002 million of the 2026 edition. Change it?",
    )


def test_an_edition_is_never_guessed(facts: Facts) -> None:
    few = b"Share of GDP (%),2026e\nGermany,2.69\nPoland,4.68\n"
    found = compared(facts, few)
    assert (found.edition, found.equal, found.refused) == (None, 0, None)
    assert "Nothing decides of which edition this is" in found.questions[0]
    named = compared(facts, few, edition="2026")
    assert (named.edition, named.equal, named.questions) == ("2026", 2, ())


def test_an_edition_that_was_said_and_is_another(facts: Facts) -> None:
    found = compared(facts, tables.wide_floats(facts), edition="2024")
    assert any("are those of the 2025 edition, not of the 2024 edition" in question for question in found.questions)
    late = compared(facts, shares(facts), edition="2024")
    assert late.refused is not None
    assert late.refused.sentence == "The 2024 edition has no year 2025."


def test_a_currency_that_the_edition_does_not_count_in(facts: Facts) -> None:
    found = compared(facts, tables.national(facts), edition="2026")
    assert found.refused is not None
    assert found.refused.code == "not-that-edition"


def test_a_year_that_no_edition_has(facts: Facts) -> None:
    """A column somebody added to the newest edition: nothing is taken into it, and what stands against it is told."""
    text = shares(facts).decode().splitlines()
    longer = [f"{line};{'2027e' if n == 0 else '3.1'}" for n, line in enumerate(text)]
    found = compared(facts, "\n".join(longer).encode())
    assert (found.edition, found.new) == (None, ())
    assert "The 2026 edition has no year 2027." in found.remarks


def test_marks_that_differ_are_told(facts: Facts) -> None:
    found = compared(facts, shares(facts).replace(b"2026e", b"2026"))
    assert (found.edition, found.equal) == ("2026", 93)
    assert "31 figures are marked otherwise as estimates than in the 2026 edition." in found.remarks


def test_another_publication_is_of_no_edition(facts: Facts) -> None:
    """The same Allies and years with other figures: nothing is called a correction of NATO's."""
    cells = {
        f"{m.code}_{y}": f"{n % 50 / 10 + 0.33:.2f}"
        for n, m in enumerate(tables.armed(facts))
        for y in (2024, 2025, 2026)
    }
    found = compared(facts, shares(facts, **cells))
    assert (found.edition, found.equal, found.different) == (None, 0, ())
    assert "it is one that is not held" in found.questions[0]


def test_measures_of_two_editions_are_not_joined(facts: Facts) -> None:
    """The 2025 edition's shares beside the 2026 edition's dollars, which the 2025 edition is not held to have."""
    rows = [["Country", "Share of GDP (%) 2024", "Share of GDP (%) 2025e", "Million US$, current prices 2025e"]]
    for member in tables.armed(facts):
        cells = [tables.rounded(tables.value(facts, "2025", "share", member.code, y), 2, "..") for y in (2024, 2025)]
        rows.append([member.name, *cells, str(tables.value(facts, "2026", "spending_usd", member.code, 2025))])
    found = compared(facts, tables.csv_of(rows).encode())
    assert found.refused is not None
    assert found.refused.code == "two-editions"
    assert "spending in US dollars are those of the 2026 edition" in found.refused.sentence


def test_a_sum_that_does_not_hold_is_asked_about(facts: Facts) -> None:
    data = tables.dollars(facts).replace(b'"1,474,399"', b'"1,494,399"')
    found = compared(facts, data)
    assert any("its members sum to 1,474,400 million, and 1,494,399 million stands there" in q for q in found.questions)


@pytest.mark.parametrize("edition", ["2024", "2023-03", "2026"])
def test_twins_of_natos_workbooks(facts: Facts, edition: str) -> None:
    """Every figure and mark of an edition from its own layout; nothing from what is hidden, and nothing invented."""
    series = {key: s for key, s in facts.series.items() if key[0] == edition}
    whole = sum(len(s.values) for s in series.values())
    recognised = recognise(read(tables.nato(facts, edition)), names_of(facts))
    found = compare(facts, recognised)
    assert (found.edition, found.cells, found.equal) == (edition, whole, whole), said(found)
    assert [*found.new, *found.different, *found.questions] == [], said(found)
    assert not any("marked otherwise" in remark for remark in found.remarks)
    told = " ".join(found.remarks)
    assert "Links to other files (5) were not followed." in told
    assert "Sheet Old is hidden and was not read." in told
    assert "that hold an error, out of sight: D" in told
    assert "Hidden columns of sheet TABLE" in told


def test_a_new_edition_is_not_taken_for_one_that_is_held(facts: Facts) -> None:
    """A made-up year behind the newest edition, and figures restated by a little."""

    def restated(measure: str, code: str, year: int, number: Decimal) -> Decimal:
        return number if year < 2020 else (number * Decimal("1.01")).quantize(Decimal("0.01"))

    found = compared(facts, tables.nato(facts, "2026", years_more=1, change=restated))
    assert (found.edition, found.equal, found.refused) == (None, 0, None)
    assert "it is one that is not held" in found.questions[0]


def test_a_revised_workbook_of_a_held_edition(facts: Facts) -> None:
    """Forty figures restated: too many for the edition to be sure of itself, few when it is said."""
    changed = 0

    def restated(measure: str, code: str, year: int, number: Decimal) -> Decimal:
        nonlocal changed
        if measure == "share" and year == 2026:
            changed += 1
            return number + Decimal("0.07")
        return number

    data = tables.nato(facts, "2026", change=restated)
    assert compared(facts, data).edition is None
    found = compared(facts, data, edition="2026")
    assert len(found.different) == changed == 33
