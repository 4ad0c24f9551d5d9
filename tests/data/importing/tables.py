"""Tables as people pass them round, made of the figures that are held: eight shapes, and NATO's two layouts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.facts import Facts
from knowledge.things import Member

Rows = list[list[str]]
TOTALS = {"NATO_EUR_CAN": "NATO Europe and Canada", "NATO_TOTAL": "NATO Total"}


def value(facts: Facts, edition: str, measure: str, code: str, year: int) -> Decimal | None:
    series = facts.series.get((edition, measure, code))
    return series.values.get(year) if series is not None else None


def rounded(number: Decimal | None, places: int = 0, blank: str = "") -> str:
    """A number at so many places, as printed tables have it; `blank` where there is none."""
    return blank if number is None else str(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def armed(facts: Facts) -> list[Member]:
    return [member for member in facts.members.values() if member.armed_forces]


def csv_of(rows: Iterable[Sequence[str]], delimiter: str = ",", end: str = "\n") -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator=end).writerows(rows)
    return made.getvalue()


# -- the eight shapes ----------------------------------------------------------------------------------


def wide_floats(facts: Facts) -> bytes:
    """Shares of the 2025 edition, at every digit; nothing says what is measured or which edition it is."""
    years = range(2014, 2025)
    rows = [["Country", *(f"{y}{'e' * (y == 2024)}" for y in years)]]
    for code, label in [*((m.code, m.nato_label) for m in armed(facts)), *TOTALS.items()]:
        rows.append([label, *(str(value(facts, "2025", "share", code, y)) for y in years)])
    return csv_of(rows).encode()


FRENCH = {
    "ALB": "Albanie", "DEU": "Allemagne", "MKD": "Macédoine du Nord", "TUR": "Turquie", "SVK": "République slovaque",
    "USA": "États-Unis", "GBR": "Royaume-Uni", "NLD": "Pays-Bas", "CZE": "Tchéquie", "ESP": "Espagne", "GRC": "Grèce",
    "NATO_TOTAL": "Total OTAN", "SVN": "Slovénie", "NOR": "Norvège", "POL": "Pologne", "HRV": "Croatie",
}  # fmt: skip


def french(facts: Facts) -> bytes:
    """Two measures side by side in French, with decimal commas, spaces in thousands and a blank Iceland."""
    years = (2024, 2025, 2026)
    rows = [
        ["Part du PIB (%) et dépenses (millions US$) ; édition de juillet 2026"],
        ["Pays", "2024", "2025e", "2026e", "US$ 2024", "US$ 2025e", "US$ 2026e"],
    ]
    for code, label in FRENCH.items():
        shares = [str(value(facts, "2026", "share", code, y)).replace(".", ",") for y in years]
        if code == "DEU":
            shares[1] += "e"
        money = [f"{value(facts, '2026', 'spending_usd', code, y):,}".replace(",", "\xa0") for y in years]
        rows.append([label, *shares, *money])
    rows += [["Islande", *[".."] * 6], ["e = estimation ; .. = sans objet"]]
    return ("\r\n".join(";".join(row) for row in rows)).encode("cp1252")


def dollars(facts: Facts) -> bytes:
    """Millions of dollars under three lines and an unnamed heading, with stars, totals, a blank and a strange space."""
    years = range(2020, 2025)
    rows = [
        ["Defence expenditure, all members"],
        ["Million US dollars"],
        [],
        ["", *(f"{y}{'e' * (y > 2022)}" for y in years)],
    ]
    for member in armed(facts):
        stars = {"DEU": "*", "HRV": "**", "SVK": "**"}.get(member.code, "")
        cells = [f"{int(rounded(value(facts, '2024', 'spending_usd', member.code, y))):,}" for y in years]
        if member.code == "MNE":
            cells[0] = ".."
        if member.code == "GBR":
            cells[-1] = cells[-1].replace(",", " ")
        rows.append([member.nato_label + stars, *cells])
    rows.append([])
    for code, label in TOTALS.items():
        rows.append([label, *(f"{int(rounded(value(facts, '2024', 'spending_usd', code, y))):,}" for y in years)])
    rows += [["Notes: e = estimate. Totals count the members of each year."], ["* national legislation"]]
    return b"\xef\xbb\xbf" + csv_of(rows, end="\r\n").encode()


def tidy(facts: Facts) -> bytes:
    """A row a figure, with codes of other houses, flags, and Greece's share of 2025 twice."""
    codes = {"GRC": "EL", "GBR": "UK", "NATO_TOTAL": "OTAN", "NATO_EUR_CAN": "OTAN_EUR_CA"}
    rows = [["geo", "time", "indicator", "obs_value", "obs_flag"]]
    indicators = {"PC_GDP": "share", "PC_EQUIP": "equipment_share", "PC_PERS": "personnel_share"}
    for member in [*armed(facts), *facts.aggregates.values()]:
        label = codes.get(member.code, getattr(member, "iso2", ""))
        for year in (2024, 2025, 2026):
            for indicator, measure in indicators.items():
                if measure != "share" and member.code in TOTALS:
                    continue
                number = value(facts, "2026", measure, member.code, year)
                flag = "" if year == 2024 else "e"
                rows.append([label, str(year), indicator, ":" if number is None else str(number), flag])
                if (member.code, year, measure) == ("GRC", 2025, "share"):
                    rows.append([label, str(year), indicator, "2.97", flag])
    rows += [["IS", str(year), "PC_GDP", "", "z"] for year in (2024, 2025, 2026)]
    return csv_of(rows).encode()


NICKNAMES = {"USA": "USA", "GBR": "UK", "NLD": "Holland", "TUR": "Turkey", "MKD": "Macedonia", "CZE": "Czech Republic"}


def classroom(facts: Facts) -> bytes:
    """One year that only the file's name says, billions, nicknames, a column of yes and no, and two slips."""
    rows = [["Country ", "Spending ($bn)", "% GDP", "Meets 2%?"]]
    for member in armed(facts):
        spent = value(facts, "2024", "spending_usd", member.code, 2024)
        share = Decimal(rounded(value(facts, "2024", "share", member.code, 2024), 2))
        assert spent is not None
        billions = rounded(spent / 1000, 1)
        if member.code == "MNE":
            billions = "1.6"
        if member.code == "ESP":
            share = Decimal(rounded(value(facts, "2025", "share", "ESP", 2024), 2))
        label = NICKNAMES.get(member.code, member.name)
        rows.append([label, f"${billions}", f"{share}%", "Yes" if share >= 2 else "No"])
    rows += [["Iceland", "$0", "0%", "No"], ["EU", "", "", ""], ["Ukraine", "n/a", "n/a", ""]]
    return csv_of(rows).encode()


def blanks(facts: Facts) -> bytes:
    """UTF-16 as spreadsheets write it, with three ways to write a blank."""
    rows = [["Share of GDP (%)", "2023", "2024 (e)", "2025 (e)"]]
    for code, label in [*((m.code, m.nato_label) for m in armed(facts)), ("NATO_TOTAL", "NATO Total")]:
        cells = [rounded(value(facts, "2025", "share", code, y), 2, "..") for y in (2023, 2024, 2025)]
        if code in ("SWE", "FIN"):
            cells[0] = {"SWE": "n/a", "FIN": "–"}[code]
        rows.append([label, *cells])
    return csv_of(rows, "\t", "\r\n").encode("utf-16")


CURRENCIES = {"ALL": "Leks", "EUR": "Euros", "BGN": "Leva", "CAD": "Dollars", "CZK": "Koruny", "DKK": "Kroner",
    "HUF": "Forints", "MKD": "Denars", "NOK": "Kroner", "PLN": "Zlotys", "RON": "New Lei", "SEK": "Kronor",
    "TRY": "Liras", "GBP": "Pounds", "USD": "Dollars"}  # fmt: skip


def national(facts: Facts) -> bytes:
    """A cover first, two blocks on a sheet, currencies in brackets, and Poland's 2024 as text with another figure."""
    book = Workbook()
    assert book.active is not None
    book.active.title = "Cover"
    book.active["A1"] = "passed on by a colleague"
    table = book.create_sheet("Table 1")
    table["A1"] = "Table 1: spending in national currency"
    table.merge_cells("A1:L1")
    table["A2"] = "(Million national currency units)"
    row = 4
    years = range(2014, 2025)
    for block, measure in (
        ("Current prices", "spending_national"),
        ("Constant 2015 prices", "spending_national_constant"),
    ):
        table.cell(row, 2, block)
        for column, year in enumerate(years, 2):
            table.cell(row + 1, column, f"{year}e" if year > 2022 else year)
        row += 2
        for member in armed(facts):
            series = facts.series["2024", measure, member.code]
            table.cell(row, 1, f"{member.nato_label} ({CURRENCIES[series.currency]})")
            for column, year in enumerate(years, 2):
                cell: str | float = float(series.values[year])
                if (member.code, year, measure) == ("POL", 2024, "spending_national"):
                    cell = "151 243,2"
                if (member.code, year, measure) == ("MNE", 2014, "spending_national_constant"):
                    cell = ".."
                table.cell(row, column, cell)
            row += 1
        row += 1
    table.cell(row, 1, "Notes: figures with e are estimates.")
    return saved(book)


GERMAN = {"DEU": "Deutschland", "FRA": "Frankreich", "GRC": "Griechenland", "ITA": "Italien", "POL": "Polen",
    "TUR": "Türkei", "GBR": "Ver. Königreich", "USA": "USA"}  # fmt: skip


def turned(facts: Facts) -> bytes:
    """Years down and Allies across in German, to 2024 from one edition and from 2025 on from another."""
    lines = [["Jahr", *GERMAN.values(), "Island"], ["", *["Tsd."] * 9]]
    for year in range(2021, 2027):
        edition = "2024" if year <= 2024 else "2026"
        cells = [f"{Decimal(rounded(value(facts, edition, 'personnel', code, year), 1)):,}" for code in GERMAN]
        swapped = [cell.replace(",", "x").replace(".", ",").replace("x", ".") for cell in cells]
        lines.append([f"{year}{'*' * (year >= 2024)}", *swapped, "-"])
    lines.append(["* geschätzt", *[""] * 9])
    return "\n".join(";".join(line) for line in lines).encode()


# -- NATO's own layouts --------------------------------------------------------------------------------

CURRENT, CONSTANT = "Current prices and exchange rates", "Constant {base} prices and exchange rates"
Table = tuple[str, str, Sequence[tuple[str, str]]]  # title, unit, each block with its measure
NATIONAL: Table = (
    "Table 1 : Defence expenditure",
    "Million national currency units",
    [("Current prices", "spending_national"), ("Constant {base} prices ", "spending_national_constant")],
)
COMMON: list[Table] = [
    (
        "Table 2 : Defence expenditure",
        "Million US dollars",
        [(CURRENT, "spending_usd"), (CONSTANT, "spending_usd_constant")],
    ),
    (
        "Table 3 : Defence expenditure as a share of GDP and annual real change",
        "Based on {base} prices",
        [("Share of real GDP (%)", "share"), ("Annual real change (%)", "real_change")],
    ),
    (
        "Table 6 : GDP per capita and defence expenditure per capita",
        "{base} prices and exchange rates",
        [
            ("GDP per capita (thousand US dollars)", "gdp_per_head_constant"),
            ("Defence expenditure per capita (US dollars)", "per_head_constant"),
        ],
    ),
    (
        "Table 8a : Distribution of defence expenditure by main category",
        "Percentage of total defence expenditure",
        [("Equipment (a)", "equipment_share"), ("Personnel (b)", "personnel_share")],
    ),
    (
        "Table 8b : Distribution of defence expenditure by main category",
        "Percentage of total defence expenditure",
        [("Infrastructure (c)", "infrastructure_share"), ("Other (d)", "other_share")],
    ),
    ("Table 7 : Military personnel", "Thousands", [("", "personnel")]),
]
GDP_2024: Table = ("Table 5 : GDP", "Million US dollars", [(CURRENT, "gdp_usd"), (CONSTANT, "gdp_usd_constant")])
GDP_2023: Table = (
    "Table 5 : Real GDP",
    "Billion US dollars ({base} prices and exchange rates)",
    [("", "gdp_usd_constant")],
)
LAYOUTS = {
    "2024": [NATIONAL, *COMMON, GDP_2024],
    "2023-03": [NATIONAL, *COMMON, GDP_2023],
    "2026": [NATIONAL, *COMMON, GDP_2024],
}


def nato(
    facts: Facts,
    edition: str,
    *,
    years_more: int = 0,
    change: Callable[[str, str, int, Decimal], Decimal] | None = None,
) -> bytes:
    """An edition as NATO's workbook lays it out, with hidden rows and columns, errors, and links to other files.

    `change` may make other figures of them, and with `years_more` years are added that repeat the last one's figures.
    """
    told = facts.editions[edition]
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for number, (title, unit, blocks) in enumerate(LAYOUTS[edition], 1):
        sheet = book.create_sheet(f"TABLE{number} " if number % 2 else f"TABLE{number}")
        years = list(range(told.first, told.last + 1 + years_more))
        labels = [*((m.code, m.nato_label or m.name) for m in facts.members.values()), *TOTALS.items()]
        sheet["B4"], sheet["B6"] = title, unit.format(base=told.price_base)
        for column, year in enumerate(years, 4):
            marks = facts.series[edition, "share", "NATO_TOTAL"].marks
            sheet.cell(8, column, f"{year}e" if marks.get(min(year, told.last)) == "e" or year > told.last else year)
        row = 10
        for block, measure in blocks:
            row = _block(facts, sheet, row, block.format(base=told.price_base), measure, edition, labels, years, change)
        sheet.cell(row, 3, f"Notes: Figures for {told.last} are estimates. The NATO total of {told.last} is a sum.")
        sheet.cell(row + 2, 2, f"-{number}-")
    _four(facts, book, edition)
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    hidden.append(["Share of GDP", 2014, 2015])
    hidden.append(["Albania", 9.99, 9.99])
    return with_links(saved(book))


def _block(
    facts: Facts, sheet: Worksheet, row: int, block: str, measure: str, edition: str,
    labels: Sequence[tuple[str, str]], years: Sequence[int],
    change: Callable[[str, str, int, Decimal], Decimal] | None,
) -> int:  # fmt: skip
    """The rows of one measure, and under them a hidden row of errors; years beside them are in hidden columns."""
    if block:
        sheet.cell(row, 2, block)
    aside = 4 + len(years) + 1
    for n, year in enumerate((2011, 2012, 2013)):
        sheet.column_dimensions[get_column_letter(aside + n)].hidden = True
        sheet.cell(row, aside + n, year)
    billions = "Billion" in str(sheet["B6"].value)
    last = facts.editions[edition].last
    for code, label in labels:
        series = facts.series.get((edition, measure, code))
        if series is None:
            continue
        row += 1
        bracket = f"   ({CURRENCIES[series.currency]})" if series.currency and "national" in measure else ""
        sheet.cell(row, 3, f"{label}{'*' * (code in ('LVA', 'POL'))}{bracket}")
        for column, year in enumerate(years, 4):
            number = series.values.get(min(year, last))
            if number is None:
                continue
            if change is not None:
                number = change(measure, code, year, number)
            sheet.cell(row, column, float(number / 1000 if billions else number))
        for n in range(3):
            sheet.cell(row, aside + n, 1.5)
    row += 1
    for column in range(4, 10):
        sheet.cell(row, column, "#REF!").data_type = "e"
    sheet.row_dimensions[row].hidden = True
    return row + 1


def _four(facts: Facts, book: Workbook, edition: str) -> None:
    """Table 4: two years, the change between them, and shares again, all told apart by the words of its heading."""
    told = facts.editions[edition]
    if (edition, "real_change_since_2014", "ALB") not in facts.series:
        return
    sheet = book.create_sheet("TABLE4")
    sheet["B16"] = f"Table 4 : Defence expenditure real change {told.first}-{told.last}e"
    sheet["B18"] = f"Million US dollars ({told.price_base} prices and exchange rates)"
    heading = [
        told.first,
        f"{told.last}e",
        f"Real change {told.first}-{told.last}e (%)",
        f"Share of real GDP {told.first} (%)",
        f"Share of real GDP {told.last}e (%)",
    ]
    for column, text in enumerate(heading, 4):
        sheet.cell(20, column, text)
    for row, member in enumerate(armed(facts), 22):
        cells = [
            value(facts, edition, measure, member.code, year)
            for measure, year in [
                ("spending_usd_constant", told.first), ("spending_usd_constant", told.last),
                ("real_change_since_2014", told.last), ("share", told.first), ("share", told.last),
            ]
        ]  # fmt: skip
        if None in cells:
            continue
        sheet.cell(row, 3, member.nato_label)
        for column, number in enumerate(cells, 4):
            assert number is not None
            sheet.cell(row, column, float(number))


def saved(book: Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def with_links(data: bytes) -> bytes:
    """The workbook with links to files on somebody's disk, as NATO's have."""
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a") as archive:
        for number in range(1, 6):
            archive.writestr(f"xl/externalLinks/externalLink{number}.xml", "<externalLink/>")
    return made.getvalue()
