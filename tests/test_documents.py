"""The documents say what is true: every command with the answer it gives, every code, every setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from discord.app_commands import Group

from bot.drawing.document import AnswerDocument
from bot.drawing.exports import COLUMNS
from bot.drawing.words import plain, words
from bot.service.settings import Settings
from commands import ALL, WORKING
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask
from knowledge.questions.pages import NOTICE

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `/(\w+)` \| `([^`]+)` \| (.+) \|$", README, re.MULTILINE)


def test_the_readme_has_every_command() -> None:
    assert {name for name, _, _ in ROWS} == {command.name for command in WORKING}
    others = [one for one in ALL if one not in WORKING]
    parts = [part for one in others for part in (one.commands if isinstance(one, Group) else [one])]
    assert [part.qualified_name for part in parts if f"`/{part.qualified_name}`" not in README] == []


@pytest.mark.parametrize(("name", "example", "begins"), ROWS, ids=[row[0] for row in ROWS])
def test_the_readme_quotes_real_answers(facts: Facts, name: str, example: str, begins: str) -> None:
    headline = plain(words()(ask(facts, read(example)).headline))
    assert example.split()[0] == name
    assert headline.startswith(begins.removesuffix("…").strip())


def test_the_notice_is_in_the_readme() -> None:
    assert NOTICE.template in " ".join(README.replace(">", " ").split())


def test_every_code_of_a_problem_is_documented() -> None:
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    paths = [path for room in ("knowledge", "bot") for path in (ROOT / room).rglob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in paths if "drawing" not in path.parts)
    codes = set(re.findall(r'(?:Problem\(|return|_refused\(|code =|code, first =)\s*"([a-z-]+)"(?:,|\n)', code))
    codes |= {f"unknown-{what}" for what in re.findall(r'_unknown\("([a-z]+)"', code)}
    assert {"no-figure-yet", "not-held-then", "unknown-member", "old-button", "busy"} < codes
    assert {c for c in codes if f"`{c}`" not in page} == set()


def test_every_field_and_setting_is_documented() -> None:
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    assert {field for field in AnswerDocument.model_fields if f"`{field}`" not in page} == set()
    assert {column for column in COLUMNS if f"`{column}`" not in page} == set()
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert {name for name in Settings.__dataclass_fields__ if name.upper() not in example} == set()
