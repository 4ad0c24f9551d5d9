"""Catalogues of translations: `python -m tools.catalogues update` reads code and tables, `compile` makes what the bot reads.

Babel's own commands would do, but they take "2% of" for a placeholder of Python and refuse its translation.
"""

from __future__ import annotations

import argparse
import ast
import csv
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from discord import app_commands

from bot.discord.translator import COMMAND, OPTION
from bot.drawing.languages import FOLDER
from bot.drawing.numbers import COUNTED, FORMS
from commands import ALL
from knowledge.figure import Operation

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group

ROOT = Path(__file__).parents[1]
TEMPLATE = FOLDER / "ledger.pot"
CODE = ("bot", "commands", "data", "knowledge")
NAMES = {  # the columns of the seed tables that stand inside sentences; longer texts stay English
    "aggregates.csv": ("name", "note"),
    "breaks.csv": ("what",),
    "currencies.csv": ("name",),
    "editions.csv": ("name", "definition"),
    "groups.csv": ("name", "note"),
    "measures.csv": ("name", "heading"),
    "summits.csv": ("name",),
}
HEADER = """\
# What Allied Ledger says, for translators; docs/languages.md explains it.
#"""


def extracted() -> Catalog:
    """Everything there is to translate, as the code and the tables have it now."""
    catalogue = Catalog(project="Allied Ledger", version="1", header_comment=HEADER, fuzzy=False)
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            for template in templates(ast.parse(path.read_text(encoding="utf-8"))):
                catalogue.add(template, locations=[(where, 0)])
    for operation in Operation:
        if _has_words(operation):
            catalogue.add(operation.value, locations=[("knowledge/figure.py", 0)], auto_comments=["a step of workings"])
    for template in COUNTED:
        for form in FORMS:
            note = f"Unicode's form “{form}” of your language; where it has none, the same as “other”"
            catalogue.add(
                template, locations=[("bot/drawing/numbers.py", 0)], auto_comments=[note], context=f"number: {form}"
            )
    for where, name, note in names():
        catalogue.add(name, locations=[(where, 0)], auto_comments=[note])
    for text, context, note in command_texts(ALL):
        catalogue.add(text, locations=[("commands/__init__.py", 0)], auto_comments=[note], context=context)
    return catalogue


def command_texts(commands: Iterable[AnyCommand]) -> Iterator[tuple[str, str | None, str]]:
    """What Discord shows of the commands and their options: the text, the mark of a name, a word on it."""
    for command in commands:
        yield command.name, COMMAND, "shown as the command: one word in lower case, or the English name again"
        yield command.description, None, f"describes /{command.qualified_name}; at most 100 characters"
        if isinstance(command, app_commands.Group):
            yield from command_texts(command.commands)
            continue
        for option in command.parameters:
            yield option.name, OPTION, "shown as the option: one word in lower case, or the English name again"
            yield str(option.description), None, f"describes the option “{option.name}”; at most 100 characters"
            for choice in option.choices:
                yield choice.name, None, f"a choice of the option “{option.name}”"


def templates(module: ast.Module) -> Iterator[str]:
    """The literal templates of every `say("…")` that have words or marks to translate."""
    for call in said(module):
        first = call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and _has_words(first.value):
            yield first.value


def said(module: ast.Module) -> Iterator[ast.Call]:
    """Every call of `say` in a module."""
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if isinstance(call.func, ast.Name) and call.func.id == "say":
            yield call


def _has_words(template: str) -> bool:
    """Whether anything but placeholders, brackets and arithmetic stands in it; money's order differs all the same."""
    return "{symbol}" in template or re.search(r"[^\W\d_]|[:;.“]", re.sub(r"\{\w+\}", "", template)) is not None


def names() -> Iterator[tuple[str, str, str]]:
    """Names of our tables: where each stands, itself, and what it names."""
    seeds = ROOT / "data" / "seed"
    for file, columns in NAMES.items():
        with (seeds / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                for column in filter(lambda column: _has_words(row[column]), columns):
                    yield f"data/seed/{file}", row[column], f"{column} in the table of {file.removesuffix('.csv')}"
    rules = tomllib.loads((seeds / "rules.toml").read_text(encoding="utf-8"))
    for rule in rules["rule"]:
        yield "data/seed/rules.toml", rule["name"], "name of a rule or a demand"
        for part in rule.get("component", ()):
            yield "data/seed/rules.toml", part["measure"], "what a part of a rule measures"
            yield "data/seed/rules.toml", part["op"], "what a part of a rule asks, before a percentage"


def read(path: Path) -> Catalog:
    """A catalogue as it stands in the repository."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        message.flags -= {"python-format", "python-brace-format"}
    return catalogue


def missing(catalogue: Catalog) -> list[Message]:
    """The entries that have no translation, or one that was only guessed when the English changed."""
    return [message for message in catalogue if message.id and (not message.string or message.fuzzy)]


def update(new: Sequence[str] = ()) -> None:
    """Bring the template and every language up to date with the code and the tables, and say what is missing."""
    template = extracted()
    if TEMPLATE.exists():
        old = read(TEMPLATE)
        if _content(old) == _content(template):
            template.creation_date = old.creation_date
    _write(TEMPLATE, template)
    for path in sorted({*FOLDER.glob("*/LC_MESSAGES/ledger.po"), *(po(language) for language in new)}):
        language = path.parts[-3]
        catalogue = (
            read(path)
            if path.exists()
            else Catalog(language, project="Allied Ledger", version="1", header_comment=HEADER, fuzzy=False)
        )
        before = _content(catalogue), [m.string for m in catalogue]
        catalogue.update(template)
        if not path.exists() or before != (_content(catalogue), [m.string for m in catalogue]):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, catalogue)
        print(f"{language}: {len(missing(catalogue))} of {len(catalogue)} missing")


def compile_(paths: Sequence[Path]) -> None:
    """Make the file the bot reads of each catalogue, beside it."""
    for path in paths:
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path))


def po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "ledger.po"


def _content(catalogue: Catalog) -> list[object]:
    return [(m.context, m.id, sorted(where for where, _ in m.locations), m.auto_comments) for m in catalogue if m.id]


def _write(path: Path, catalogue: Catalog) -> None:
    for message in catalogue:
        message.flags -= {"python-format", "python-brace-format"}
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, ignore_obsolete=True, include_lineno=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.catalogues", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    updating = actions.add_parser("update", help="read code and tables, and bring every catalogue up to date")
    updating.add_argument("new", nargs="*", help="languages to begin, for example: nl")
    compiling = actions.add_parser("compile", help="make what the bot reads")
    compiling.add_argument("paths", nargs="*", type=Path, default=sorted(FOLDER.glob("*/LC_MESSAGES/ledger.po")))
    chosen = parser.parse_args()
    if chosen.action == "update":
        update(chosen.new)
    else:
        compile_(chosen.paths)
    return 0


if __name__ == "__main__":
    sys.exit(main())
