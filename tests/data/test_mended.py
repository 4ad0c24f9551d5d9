"""Cases for faults that were mended: each failed once."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from data.build import build
from data.seeds import FOLDER, SeedError
from data.store import StoreError, load
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.questions import ask


@pytest.mark.parametrize("content", [b"", b"x"])
def test_an_empty_store_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="make store"):
        load(path)


def test_a_store_without_tables_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "facts.db"
    db = sqlite3.connect(path)
    db.execute("create table other (x)")
    db.close()
    with pytest.raises(StoreError, match="make store"):
        load(path)


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "seed"))


def test_a_missing_seed_table_is_named(tmp_path: Path, seed: Path) -> None:
    (seed / "pledges.csv").unlink()
    with pytest.raises(SeedError, match=r"pledges\.csv: the file is missing"):
        build(tmp_path / "facts.db", seed)


def test_a_row_that_stands_twice_is_named(tmp_path: Path, seed: Path) -> None:
    file = seed / "figures" / "2026.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"figures/2026\.csv: ALB has two rows of share"):
        build(tmp_path / "facts.db", seed)


def test_a_short_row_is_named_with_its_folder(tmp_path: Path, seed: Path) -> None:
    file = seed / "figures" / "2026.csv"
    file.write_text(file.read_text(encoding="utf-8") + "3,share\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"figures/2026\.csv, line \d+: the row has not as many columns"):
        build(tmp_path / "facts.db", seed)


@pytest.mark.parametrize("edition", ["2019", "2024", "2025"])
def test_a_projection_takes_its_rates_from_the_edition_asked_for(facts: Facts, edition: str) -> None:
    for code in ("POL", "LUX", "DEU"):
        answer = ask(facts, Question("target", member=code, year="2032", edition=edition))
        assert {figure.edition for figure in answer.figures} <= {None, edition}
