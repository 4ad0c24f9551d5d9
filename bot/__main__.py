"""`python -m bot`: run the bot, ask in the terminal, or check that everything needed is there."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.service.settings import SettingsError, read_file, read_settings

ANSWERED, FAILED, UNANSWERABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Answers questions on NATO spending.")
    parser.set_defaults(env_file=None)
    set_by = argparse.ArgumentParser(add_help=False)
    set_by.add_argument("--env-file", type=Path, help="a file of settings, NAME=value a line; the environment wins")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", parents=[set_by], help="on Discord with DISCORD_TOKEN, else an offline channel")
    asking = commands.add_parser("ask", parents=[set_by], help='answer in the terminal: ask "gap germany"')
    asking.add_argument("question", nargs="+", help="the words of a slash command, or - for one question a line")
    asking.add_argument("--json", action="store_true", help="print a JSON document")
    commands.add_parser("check", parents=[set_by], help="say whether everything needed is there")
    commands.add_parser("health", parents=[set_by], help="exit 0 if the running bot is well")
    chosen = parser.parse_args(arguments)
    try:
        environment = _environment(chosen.env_file)
        match chosen.command:
            case "ask":
                return _ask(environment, chosen.question, as_json=chosen.json)
            case "check":
                from bot.service.check import check
                from data.readable import show_readably

                show_readably()
                return check(environment)
            case "health":
                return _health(environment)
        from bot.service.run import run

        return run(environment)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return ANSWERED
    except BrokenPipeError:
        _write_no_more()
        return ANSWERED
    except OSError as error:
        _write_no_more()
        print(f"{error.filename or 'The output'} could not be read or written: {error.strerror}.", file=sys.stderr)
        return FAILED


def _write_no_more() -> None:
    """What is left would be written at the end, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _environment(file: Path | None) -> Mapping[str, str]:
    """What is set for this process; a file stands behind it, as with `docker run -e` and `--env-file`."""
    if file is None:
        return os.environ
    return read_file(file) | {name: value for name, value in os.environ.items() if value.strip()}


def _ask(environment: Mapping[str, str], question: list[str], *, as_json: bool) -> int:
    from bot.terminal import answer_lines
    from data.store import StoreError, load

    try:
        facts = load(read_settings(environment).ledger_facts)
    except StoreError as error:
        print(error, file=sys.stderr)
        return FAILED
    lines = (line for line in sys.stdin or () if line.strip()) if question == ["-"] else [" ".join(question)]
    return ANSWERED if answer_lines(facts, lines, as_json=as_json) else UNANSWERABLE


def _health(environment: Mapping[str, str]) -> int:
    import time

    from bot.service.health import verdict

    trouble = verdict(read_settings(environment).health_path, time.time())
    if trouble:
        print(trouble, file=sys.stderr)
    return FAILED if trouble else ANSWERED


if __name__ == "__main__":
    sys.exit(main())
