"""`python -m data`: builds and checks facts.db, looks at files of figures, and is the operator's way to corrections."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from data import FACTS, operator
from data.build import build
from data.readable import show_readably
from data.seeds import SeedError


def main(words: list[str]) -> int:
    given = _parser().parse_args(words)
    if given.command == "import":
        from data.importing.terminal import look  # the build needs none of it

        return look(given.file, given.edition, given.json)
    if given.command in operator.COMMANDS:
        return operator.run(given)
    try:
        if given.command == "build":
            facts = build(FACTS)
        else:
            with tempfile.TemporaryDirectory() as folder:
                facts = build(Path(folder) / "facts.db")
    except SeedError as error:
        print(error, file=sys.stderr)
        return 1
    count = sum(len(series.values) for series in facts.series.values())
    print(f"{count:,} figures of {len(facts.editions)} editions, {len(facts.rules)} rules: every check holds.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data", description="The store of figures, and the log of corrections."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("build", help="build facts.db from the seed tables")
    commands.add_parser("check", help="build it in a scratch folder, to see that every check holds")
    importing = commands.add_parser(
        "import",
        help="compare a table of figures with the editions that are held",
        description="Read a table (XLSX, XLSM, CSV or TSV) and say what in it is equal, new, different or doubtful. "
        "Nothing is stored. Exit code: 0 nothing stands in the way, 1 refused, 2 wrong use, 3 a person must decide first.",
    )
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--edition", metavar="ID", help="the edition it is of, where its figures do not say so")
    importing.add_argument("--dry-run", action="store_true", help="store nothing, which is so with and without it")
    importing.add_argument("--json", action="store_true", help="print the document that docs/importing.md describes")
    operator.add_commands(commands)
    return parser


if __name__ == "__main__":
    show_readably()
    sys.exit(main(sys.argv[1:]))
