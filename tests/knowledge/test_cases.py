"""The cases of cases/, each asked of the real store and drawn as a reader sees it."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.drawing.document import AnswerDocument, document, problem_document
from bot.drawing.words import words
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask

CASES: list[dict[str, Any]] = [
    case
    for file in sorted(Path(__file__).with_name("cases").glob("*.toml"))
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
]
KEYS = {
    "ask",
    "begins",
    "headline",
    "anywhere",
    "never",
    "values",
    "units",
    "same_as",
    "error",
    "sentence",
    "instead",
    "stretch",
}


def answered(facts: Facts, text: str, *, markdown: bool = False) -> AnswerDocument:
    drawn = words(markdown=markdown)
    try:
        return document(ask(facts, read(text)), drawn)
    except Problem as problem:
        return problem_document(problem, text, drawn)


def asked(case: dict[str, Any]) -> str:
    text: str = case["ask"]
    return text.ljust(int(case.get("stretch", 0)), text[-1])


def lines(shown: AnswerDocument) -> list[str]:
    return [shown.headline, *(f"{label}: {text}" for label, text in shown.rows), *shown.notes]


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["ask"][:40])


@each_case
def test_case(facts: Facts, case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    shown = answered(facts, asked(case))
    if "error" in case:
        assert shown.error is not None, shown.headline
        assert shown.error.code == case["error"]
        for part in case.get("sentence", ()):
            assert part in shown.error.sentence
        for question in case.get("instead", ()):
            assert question in shown.error.instead
        assert len(shown.error.sentence) < 400
        return
    assert shown.error is None, shown.error
    assert shown.headline.startswith(case.get("begins", ""))
    for part in case.get("headline", ()):
        assert part in shown.headline
    for part in case.get("anywhere", ()):
        assert any(part in line for line in lines(shown)), (part, lines(shown))
    for part in case.get("never", ()):
        assert not any(part in line for line in lines(shown)), (part, lines(shown))
    values = {figure.name: Decimal(figure.value) for figure in shown.figures}
    for name, value in case.get("values", {}).items():
        assert values[name] == Decimal(value)
    units = {figure.name: figure.unit for figure in shown.figures}
    assert {**units, **case.get("units", {})} == units
    if "same_as" in case:
        assert shown == answered(facts, case["same_as"])


@each_case
def test_nothing_typed_can_mention_anybody(facts: Facts, case: dict[str, Any]) -> None:
    shown = answered(facts, asked(case), markdown=True)
    drawn = [*lines(shown), *shown.workings, shown.error.sentence if shown.error else ""]
    for line in drawn:
        assert "<@" not in line
        assert "@everyone" not in line


@pytest.mark.parametrize("case", [c for c in CASES if c.get("instead")], ids=lambda case: case["ask"][:40])
def test_what_is_offered_instead_has_an_answer(facts: Facts, case: dict[str, Any]) -> None:
    shown = answered(facts, asked(case))
    assert shown.error is not None
    for question in shown.error.instead:
        assert answered(facts, question).error is None
