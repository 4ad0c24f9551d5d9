"""`python -m data`: facts.db is built and checked, files of figures looked at, local.db copied and corrected."""

from __future__ import annotations

import argparse
import os
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

        return look(given)
    if given.command in operator.COMMANDS:
        return operator.run(given)
    if given.command in ("backup", "restore"):
        from data.copies import keep_a_copy, put_back  # the build needs none of it

        return keep_a_copy(given.folder, given.to) if given.command == "backup" else put_back(given.folder, given.file)
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
        parents=[operator.placed()],
        help="read a table of figures, and take in what is new or different in it",
        description="Read a table (XLSX, XLSM, CSV or TSV) and say what in it is equal, new, different or doubtful; what "
        "changes is stored with --yes, or when it is answered so. Exit code: 0 done or nothing to do, 1 refused, 2 wrong "
        "use, 3 read, and a person must decide first.",
    )
    importing.add_argument("file", type=Path, metavar="FILE")
    of = importing.add_mutually_exclusive_group()
    of.add_argument("--edition", metavar="ID", help="the edition it is of, where its figures do not say so")
    of.add_argument("--new-edition", metavar="ID", help="take it in as an edition that is not held")
    importing.add_argument("--published", metavar="DAY", help="when NATO published the new edition: year-month-day")
    importing.add_argument("--source", metavar="ADDRESS", help="where it stands; a new edition needs it")
    importing.add_argument("--title", metavar="TEXT", help="the new edition's; left out, a plain one")
    importing.add_argument("--prices", metavar="YEAR", help="of its constant prices, where the tables do not say it")
    importing.add_argument("--why", metavar="TEXT", help="the reason, which the log keeps")
    importing.add_argument("--yes", action="store_true", help="store it without being asked")
    importing.add_argument("--dry-run", action="store_true", help="store nothing and ask nothing")
    importing.add_argument("--json", action="store_true", help="print the document that docs/importing.md describes")
    backup = commands.add_parser(
        "backup",
        help="make a checked copy of local.db, also while the bot runs",
        description="Make a checked copy of local.db, also while the bot runs. Exit code: 0 done, 1 refused, 2 wrong use.",
    )
    backup.add_argument("to", type=Path, nargs="?", metavar="TO", help="a folder or a new file; left out, the backups")
    restoring = commands.add_parser(
        "restore",
        help="put a copy in the place of local.db, while the bot is stopped",
        description="Put a copy in the place of local.db, while the bot is stopped. What was deleted since the copy was "
        "made is deleted again. Exit code: 0 done, 1 refused and nothing changed, 2 wrong use.",
    )
    restoring.add_argument("file", type=Path, metavar="FILE", help="the copy; the bot's own lie in the folder backups")
    for one in (backup, restoring):
        folder = Path(os.environ.get("LEDGER_FOLDER", "").strip() or "var")
        one.add_argument("--folder", type=Path, default=folder, help="the bot's folder; left out, LEDGER_FOLDER or var")
    operator.add_commands(commands)
    return parser


if __name__ == "__main__":
    show_readably()
    sys.exit(main(sys.argv[1:]))
