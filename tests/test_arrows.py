"""The arrows between the folders, and between the rooms of bot/: see docs/architecture.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "data": {"data", "knowledge"},
    "commands": {"commands", "knowledge"},
    "bot": {"bot", "commands", "data", "knowledge"},
}
# The rooms of bot/, each with those it may import besides itself.
ROOMS = {
    "drawing": set(),
    "ledger": {"drawing"},
    "terminal": {"drawing"},
    "discord": {"drawing", "ledger"},
    "follow": {"drawing", "ledger", "discord"},
    "corrections": {"drawing", "ledger", "discord"},
    "privacy": {"drawing", "ledger", "discord"},
    "features": {"discord", "follow", "corrections", "privacy"},
    "offline": {"discord"},
    "service": {"drawing", "ledger", "discord", "features", "offline"},
    "__main__": {"service", "terminal"},
}
IMPURE = {"discord", "sqlite3", "sqlite_utils", "os", "time", "asyncio", "socket", "simcord", "aiohttp", "random"}
FILES = [path for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    wrong = (imported(path) & set(MAY_IMPORT)) - MAY_IMPORT[folder]
    assert not wrong, (
        f"{folder} may import {sorted(MAY_IMPORT[folder])} only: see docs/architecture.md, and move the logic"
    )


def rooms_imported(path: Path) -> set[str]:
    modules = [
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    return {module.split(".")[1] for module in modules if module and module.startswith("bot.")}


@pytest.mark.parametrize("path", sorted((ROOT / "bot").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_rooms(path: Path) -> None:
    room = path.relative_to(ROOT / "bot").parts[0].removesuffix(".py")
    if room == "__init__":
        return
    wrong = rooms_imported(path) - ROOMS[room] - {room}
    assert not wrong, f"bot/{room} may import {sorted(ROOMS[room])} of bot/ only, so that no circle comes about"


@pytest.mark.parametrize("folder", ["bot/ledger.py", "bot/drawing"])
def test_what_answers_knows_no_discord(folder: str) -> None:
    start = ROOT / folder
    for path in [start] if start.is_file() else sorted(start.rglob("*.py")):
        assert "discord" not in imported(path), path


def test_no_circle_of_modules() -> None:
    """Among all modules of the four folders, imports inside functions included."""
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in FILES}
    uses: dict[str, set[str]] = {}
    for name, path in names.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} & names.keys()
        uses[name] = found - {name, name.rpartition(".")[0]}
    while leaves := {name for name, used in uses.items() if not used & uses.keys()}:
        uses = {name: used for name, used in uses.items() if name not in leaves}
    assert not uses, f"these import one another in a circle: {sorted(uses)}"


@pytest.mark.parametrize("path", [p for p in FILES if "knowledge" in p.parts], ids=lambda p: p.name)
def test_knowledge_is_pure(path: Path) -> None:
    wrong = imported(path) & IMPURE
    assert not wrong, (
        "knowledge/ knows no Discord, no SQL, no clock and no environment, so that answers can be repeated"
    )


@pytest.mark.parametrize("path", [p for p in FILES if "knowledge" in p.parts], ids=lambda p: p.name)
def test_knowledge_mentions_nobody(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[@#]", text), "channels, roles and servers are the bot's"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_first_line_says_the_purpose(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "a module's first line says what it is for"


# What is no fact that changes: NATO's founding, the last year that is computed, and two years to try a date with.
FIXED_YEARS = {1949, 2050, 2000, 2001}


@pytest.mark.parametrize("path", [p for p in FILES if "knowledge" in p.parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_no_year_stands_in_the_code(path: Path) -> None:
    numbers = (n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant))
    years = {n for n in numbers if isinstance(n, int) and 1900 < n < 2100}
    assert years <= FIXED_YEARS, "first and last years, price years and deadlines are data, so that the next edition is"
