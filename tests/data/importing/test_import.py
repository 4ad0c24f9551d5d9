"""`python -m data import`: its exit codes, what it prints, and the page that describes it."""

from __future__ import annotations

import json
import re
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from bot.ledger import Ledger
from data.__main__ import main
from data.importing import limits, terminal
from data.importing.comparing import Why
from data.importing.document import FORMAT, ImportDocument
from data.local import LocalStore
from knowledge.facts import Facts
from tests.data.importing import tables

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking needs no folder of a bot."""
    monkeypatch.setenv("LEDGER_FOLDER", str(tmp_path / "nobody"))


@pytest.fixture
def dollars(facts: Facts, tmp_path: Path) -> Path:
    path = tmp_path / "dollars.csv"
    path.write_bytes(tables.dollars(facts))
    return path


def test_the_document_is_what_the_page_says(dollars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(dollars), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert list(told) == list(ImportDocument.model_fields)
    assert told["format"] == FORMAT
    assert told["edition"]["id"] == "2024"
    assert told["edition"]["evidence"]["2024"] == {"agreeing": 109, "telling": 109}
    assert (told["cells"], told["equal"], told["new"], told["different"], told["refused"]) == (164, 164, 0, [], None)
    (blank,) = told["blank"]
    assert blank == {
        "measure": "spending_usd", "member": "MNE", "year": 2020, "held": "82.73722194", "where": blank["where"],
    }  # fmt: skip
    ImportDocument.model_validate(told)


def test_values_are_exact_decimals_as_text(facts: Facts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "class 2024.csv"
    path.write_bytes(tables.classroom(facts))
    assert main(["import", str(path), "--dry-run", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    values = {(d["measure"], d["member"]): (d["held"], d["found"]) for d in told["different"]}
    assert values == {("share", "ESP"): ("1.28254964", "1.43"), ("spending_usd", "MNE"): ("161.83229552", "1600")}
    assert told["refused"]["code"] == "contradiction"


def test_the_terminal_says_it_in_lines(facts: Facts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a table"
    path.write_bytes(tables.wide_floats(facts))
    assert main(["import", str(path)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "All 363 figures are those of the 2025 edition. Nothing to add."
    assert told.err == ""  # no bar where nobody watches


def test_who_watches_and_waits_sees_a_bar(
    dollars: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["import", str(dollars)]) == 3
    assert capsys.readouterr().err == ""  # it took no second
    monkeypatch.setattr(terminal, "BEFORE_BAR", 0)
    assert main(["import", str(dollars)]) == 3
    told = capsys.readouterr()
    assert "Reading [" in told.err
    assert told.err.endswith("\r\x1b[K")
    assert "Reading" not in told.out


def test_what_is_no_table_is_refused_in_both_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\nthe figures follow.\n")
    assert main(["import", str(path)]) == 1
    assert capsys.readouterr().out.startswith("No table of Allies was found")
    assert main(["import", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "no-table"


def test_wrong_use(dollars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(tmp_path / "nowhere.csv")]) == 2
    assert main(["import", str(tmp_path)]) == 2
    assert main(["import", str(dollars), "--edition", "1066"]) == 2
    assert "No edition '1066' is held." in capsys.readouterr().err
    for words in ([], ["import"], ["import", "a", "b"], ["import", "a", "--new"], ["burn"]):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 2


def fields(model: type[BaseModel]) -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        found.add(name)
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= fields(part)
    return found


def test_every_field_reason_and_code_is_on_the_page() -> None:
    names = fields(ImportDocument)
    assert {"agreeing", "held", "sentence"} < names
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "data" / "importing").glob("*.py"))
    codes = set(re.findall(r'(?:Refus(?:ed|al)\(|_refuse\()\s*"([a-z-]+)"', code)) | {"too-large"}
    assert {"two-editions", "negative", "damaged", "limits"} < codes
    assert {name for name in (*names, *get_args(Why), *codes) if f"`{name}`" not in PAGE} == set()


def test_the_limits_on_the_page_are_those_that_hold() -> None:
    held = {
        f"file | {limits.LARGEST_FILE // limits.MIB} MiB",
        f"{limits.PARTS} parts, {limits.UNPACKED // limits.MIB} MiB unpacked, {limits.PART // limits.MIB} MiB a part",
        f"{limits.RATIO} times its packed size, {limits.SHEETS} sheets, {limits.STRINGS:,} texts",
        f"row {limits.ROWS:,}, column {limits.COLUMNS}, an area of {limits.AREA:,} cells",
        f"{limits.LINES:,} lines, {limits.COLUMNS} columns, {limits.FIELD:,} characters in a field",
        f"{limits.CELLS:,} cells, {limits.OBSERVATIONS:,} figures",
        f"{limits.MEMORY // limits.MIB} MiB of memory, {limits.PROCESSOR} s of processor and {limits.LONGEST:.0f} s",
    }
    page = " ".join(PAGE.split())
    assert {words for words in held if words not in page} == set()


# -- storing -----------------------------------------------------------------------------------------

NEW = ["--new-edition", "2027", "--published", "2026-11-02", "--source", "https://www.nato.int/tables.xlsx"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """That of a bot which has run."""
    LocalStore(tmp_path / "bot" / "local.db").close()
    return tmp_path / "bot"


def restated(measure: str, code: str, year: int, number: Decimal) -> Decimal:
    return Decimal("2.01") if (measure, code, year) == ("share", "SVN", 2026) else number


def answer(facts: Facts, folder: Path) -> Facts:
    with closing(LocalStore(folder / "local.db")) as local:
        return Ledger(facts, local).facts


def test_what_changes_is_stored_when_somebody_says_so(
    facts: Facts, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(tables.nato(facts, "2026", change=restated))
    command = ["import", str(path), "--folder", str(folder)]
    assert main([*command, "--dry-run"]) == 3
    assert "? Slovenia, 2026: 2.01 is printed, spending ÷ GDP is 1.608 (share)." in capsys.readouterr().out
    assert main(command) == 3
    told = capsys.readouterr()
    assert "Share of GDP, Slovenia, 2026: 1.61% (estimate) → 2.01% (estimate)" in told.out
    assert "Say --yes to store it" in told.err
    assert answer(facts, folder).version == facts.version
    assert main([*command, "--json", "--yes"]) == 0
    told = capsys.readouterr()
    ImportDocument.model_validate_json(told.out)
    assert "Stored as revision 1, approved by nobody else." in told.err
    after = answer(facts, folder)
    assert after.series["2026", "share", "SVN"].values[2026] == Decimal("2.01")
    assert main([*command, "--yes"]) == 0
    assert "Nothing to add" in capsys.readouterr().out


def test_a_whole_edition_in_one_command_and_back(
    facts: Facts, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tables.xlsx"
    path.write_bytes(tables.nato(facts, facts.newest.id, years_more=1))
    command = ["import", str(path), *NEW, "--folder", str(folder)]
    assert main([*command, "--yes", "--why", "NATO published it"]) == 0
    told = capsys.readouterr().out
    assert "2027 edition, a whole edition, published" in told
    assert answer(facts, folder).newest.id == "2027"
    assert main([*command, "--yes"]) == 1
    assert "The 2027 edition is held already" in capsys.readouterr().out
    assert main(["undo", "1", "--why", "it was a trial", "--yes", "--folder", str(folder)]) == 0
    assert answer(facts, folder).newest.id == facts.newest.id


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--new-edition", "2027"], 2, "A new edition needs --published DAY and --source ADDRESS."),
        (["--title", "Tables"], 2, "are said of a --new-edition only."),
        ([*NEW, "--server", "7"], 2, "A new edition is for every server: leave --server out."),
        (["--edition", "1850"], 2, "No edition '1850' is held."),
        (["--folder", "nowhere", "--yes"], 1, "A bot makes it when it starts"),
        (["--folder", "nowhere"], 3, "Nothing is stored: no bot has run in this folder yet."),
        (["--yes", "--why", "no"], 2, "--why takes"),
        (["--yes", "--source", "a letter"], 2, "“a letter” is no web address."),
    ],
)
def test_what_cannot_be_stored(
    facts: Facts,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    told: str,
) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(tables.nato(facts, "2026", change=restated))
    placed = [] if "--folder" in words else ["--folder", str(folder)]
    assert main(["import", str(path), *placed, *words]) == code
    assert told in capsys.readouterr().err
    assert answer(facts, folder).version == facts.version
