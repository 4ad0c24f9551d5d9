"""`python -m bot`: run the bot, ask in the terminal, or check that everything needed is there."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ANSWERED, FAILED, UNANSWERABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Answers questions on NATO spending.")
    commands = parser.add_subparsers(dest="command")
    running = commands.add_parser("run", help="on Discord with DISCORD_TOKEN, else an offline channel in the browser")
    running.add_argument("--env-file", type=Path, help="a file of settings, NAME=value a line")
    asking = commands.add_parser("ask", help='answer in the terminal: ask "gap germany"')
    asking.add_argument("question", nargs="+", help="the words of a slash command, or - for one question a line")
    asking.add_argument("--json", action="store_true", help="print a JSON document")
    commands.add_parser("check", help="say whether everything needed is there")
    commands.add_parser("health", help="exit 0 if the running bot is well")
    chosen = parser.parse_args(arguments)
    try:
        match chosen.command:
            case "ask":
                return _ask(chosen.question, as_json=chosen.json)
            case "check":
                from bot.service.check import check
                from bot.terminal import show_readably

                show_readably()
                return check(os.environ)
            case "health":
                return _health()
        return _run(getattr(chosen, "env_file", None))
    except KeyboardInterrupt:
        return ANSWERED
    except BrokenPipeError:
        sys.stderr.close()
        return ANSWERED


def _run(env_file: Path | None) -> int:
    from bot.service.settings import SettingsError, read_file

    try:
        environment = {**os.environ, **(read_file(env_file) if env_file is not None else {})}
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return FAILED
    from bot.service.run import run

    return run(environment)


def _ask(question: list[str], *, as_json: bool) -> int:
    from bot.service.settings import SettingsError, read_settings
    from bot.terminal import answer_lines
    from data.store import StoreError, load

    try:
        facts = load(read_settings(os.environ).ledger_facts)
    except (StoreError, SettingsError) as error:
        print(error, file=sys.stderr)
        return FAILED
    lines = (line for line in sys.stdin if line.strip()) if question == ["-"] else [" ".join(question)]
    return ANSWERED if answer_lines(facts, lines, as_json=as_json) else UNANSWERABLE


def _health() -> int:
    import time

    from bot.service.health import verdict
    from bot.service.settings import SettingsError, read_settings

    try:
        trouble = verdict(read_settings(os.environ).health_path, time.time())
    except SettingsError as error:
        trouble = str(error)
    if trouble:
        print(trouble, file=sys.stderr)
    return FAILED if trouble else ANSWERED


if __name__ == "__main__":
    sys.exit(main())
