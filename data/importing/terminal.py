"""`python -m data import`: a file read, compared and told; nothing is stored."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

from data import FACTS
from data.importing.comparing import compare, years_in_name
from data.importing.document import ImportDocument, document, lines, refusal
from data.importing.limits import LARGEST_FILE, LONGEST, Refused
from data.importing.naming import names_of
from data.importing.walled import recognised
from data.store import StoreError, load
from knowledge.facts import Facts

BEFORE_BAR = 1.0  # seconds
WIDTH = 20


def look(path: Path, edition: str | None, as_json: bool) -> int:
    """Print what a file holds beside what is held; the exit code is that of the command."""
    try:
        facts = load(FACTS)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    if edition is not None and edition not in facts.editions:
        print(f"No edition {edition!r} is held. Say one of {', '.join(facts.editions)}.", file=sys.stderr)
        return 2
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        print(f"{path} cannot be read: {error.strerror}.", file=sys.stderr)
        return 2
    told = asyncio.run(_told(facts, data, edition, years_in_name(path.name)))
    print(told.model_dump_json(indent=2) if as_json else "\n".join(lines(told, facts)))
    return told.exit_code


async def _told(facts: Facts, data: bytes, edition: str | None, years: tuple[int, ...]) -> ImportDocument:
    bar = asyncio.create_task(_bar()) if sys.stderr.isatty() else None
    try:
        found = await recognised(data, names_of(facts))
        return document(await asyncio.to_thread(compare, facts, found, edition=edition, years_named=years))
    except Refused as refused:
        return refusal(refused.code, refused.sentence)
    finally:
        if bar is not None:
            bar.cancel()
            with suppress(asyncio.CancelledError):
                await bar


async def _bar() -> None:
    """How much of the longest time is gone, for who watches and waits longer than a second."""
    began = time.monotonic()
    await asyncio.sleep(BEFORE_BAR)
    try:
        while True:
            gone = time.monotonic() - began
            full = min(WIDTH, round(WIDTH * gone / LONGEST))
            bar = "#" * full + "-" * (WIDTH - full)
            print(f"\rReading [{bar}] {gone:.0f} s of at most {LONGEST:.0f}", end="", file=sys.stderr, flush=True)
            await asyncio.sleep(0.2)
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
