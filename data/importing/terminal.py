"""`python -m data import`: a file is read, compared and told, and what changes is stored if that is wanted."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import closing, redirect_stdout, suppress
from pathlib import Path

from data.importing.comparing import years_in_name
from data.importing.document import ImportDocument, document, lines, refusal
from data.importing.limits import LARGEST_FILE, LONGEST, Refused
from data.importing.naming import names_of
from data.importing.proposing import Announced, Proposed, proposed, proposed_edition
from data.importing.recognised import Recognised
from data.importing.walled import recognised
from data.local import LocalStore
from data.operator import UNANSWERED, WRONG, Desk, Refusal, address_of, or_told, published_store, reason_of, store
from data.store import load
from knowledge.corrections import EVERYWHERE, Change
from knowledge.facts import Facts

BEFORE_BAR = 1.0  # seconds
WIDTH = 20


def look(given: argparse.Namespace) -> int:
    """Print what a file holds beside what is held, and store what changes if that is wanted; the exit code."""
    path: Path = given.folder / "local.db"

    def work() -> int:
        if not (given.yes or path.exists()):  # looking needs no bot
            return _look(given, load(published_store()), None)
        with closing(LocalStore.beside(path)) as local:
            desk = Desk(local, EVERYWHERE if given.server is None else given.server)
            return _look(given, desk.here, desk)

    return or_told(path, work)


def _look(given: argparse.Namespace, facts: Facts, desk: Desk | None) -> int:
    if given.edition is not None and given.edition not in facts.editions:
        raise Refusal(f"No edition {given.edition!r} is held. Say one of {', '.join(facts.editions)}.", WRONG)
    announced = _announced(given)
    try:
        with given.file.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Refusal(f"{given.file} cannot be read: {error.strerror}.", WRONG) from None

    def comparing(found: Recognised) -> Proposed:
        if announced is not None:
            return proposed_edition(facts, found, announced)
        return proposed(facts, found, edition=given.edition, years_named=years_in_name(given.file.name))

    found = asyncio.run(_read(facts, data, comparing))
    told = found if isinstance(found, ImportDocument) else document(found.comparison)
    changes = () if isinstance(found, ImportDocument) or told.refused is not None else found.changes
    begun = facts if isinstance(found, ImportDocument) or found.new is None else found.new
    print(told.model_dump_json(indent=2) if given.json else "\n".join(lines(told, begun)))
    if not changes or given.dry_run:
        return told.exit_code
    if desk is None:
        print("Nothing is stored: no bot has run in this folder yet. LEDGER_FOLDER says which it is.", file=sys.stderr)
        return UNANSWERED
    return _stored(given, desk, changes)


def _stored(given: argparse.Namespace, desk: Desk, changes: tuple[Change, ...]) -> int:
    """Store it if that is said or answered; whoever reads the document is told of it beside."""
    desk.meets()
    of = changes[0].key
    edition = str(of[0] if len(of) == 4 else of[1])
    reason = reason_of(given.why or f"Out of a table of the edition {edition}")
    address = address_of(given.source) if given.source else desk.here.editions[edition].source.address
    base = desk.base(one.key for one in changes)
    if given.json:
        with redirect_stdout(sys.stderr):
            return store(desk, given, "import", changes, base, (), reason=reason, address=address)
    return store(desk, given, "import", changes, base, (), reason=reason, address=address)


def _announced(given: argparse.Namespace) -> Announced | None:
    """Refusal if something is missing, or said of no new edition."""
    if given.new_edition is None:
        if given.published or given.title or given.prices:
            raise Refusal("--published, --title and --prices are said of a --new-edition only.", WRONG)
        return None
    if given.server is not None:
        raise Refusal("A new edition is for every server: leave --server out.", WRONG)
    if not (given.published and given.source):
        raise Refusal("A new edition needs --published DAY and --source ADDRESS.", WRONG)
    return Announced(given.new_edition, given.published, given.source, given.title or "", given.prices or "")


async def _read(facts: Facts, data: bytes, comparing: Callable[[Recognised], Proposed]) -> Proposed | ImportDocument:
    bar = asyncio.create_task(_bar()) if sys.stderr.isatty() else None
    try:
        return await asyncio.to_thread(comparing, await recognised(data, names_of(facts)))
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
