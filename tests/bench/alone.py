"""What the parts cost by themselves: knowledge, the snapshot, charts."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median

from bot.discord.layout import answer_message
from bot.drawing.charts import vega_lite
from bot.drawing.pictures import Pictures
from bot.drawing.words import words
from bot.ledger import SERVERS, Layer, Ledger
from data.local import LocalStore
from data.log import Log, Revision
from data.proposals import Proposal, Proposals
from data.store import load
from knowledge.asking.question import Question
from knowledge.corrections import EVERYWHERE, Change, Fold, Value, value_in
from knowledge.facts import Cell, Facts
from knowledge.figure import Correction
from knowledge.questions import ask
from tests.bench.rows import MIB, Row

ASKS, ASK_LIMIT, RANK_LIMIT, WHATIF_LIMIT = 3000, 120.0, 2000.0, 1200.0
CORRECTED_LIMIT = 5.0
REVISIONS, APPROVED, SWAPPED_LIMIT = 200, 9, 0.3
ASKED_HERE, HERE_LIMIT = 10, 25.0
LOADS, LOAD_LIMIT, SNAPSHOT_LIMIT = 7, 0.05, 30.0
CHARTS, LAG_LIMIT = 8, 20.0

QUESTIONS = (
    (Question("gap", member="germany"), ASK_LIMIT),
    (Question("rank"), RANK_LIMIT),
    (Question("whatif", member="germany", share="3.5", by="2032"), None),
    (Question("target", member="poland", year="2032"), None),
    (Question("spending", member="france"), None),
)


def alone(facts: Facts) -> Iterator[Row]:
    yield from knowledge(facts)
    yield from snapshot()
    yield servers(facts)
    yield asyncio.run(swapped(facts))
    yield from asyncio.run(drawn(facts))


def knowledge(facts: Facts) -> Iterator[Row]:
    """The middle of many questions, each timed by itself."""
    for question, limit in QUESTIONS:
        ask(facts, question)
        times = []
        for _ in range(ASKS):
            begun = time.perf_counter_ns()
            ask(facts, question)
            times.append(time.perf_counter_ns() - begun)
        yield Row(f"ask: {question}, p50", median(times) / 1000, "µs", limit)
    cold = []
    fresh = load()
    for code in fresh.members:
        begun = time.perf_counter_ns()
        ask(fresh, Question("whatif", member=code, share="3.5", by="2032"))
        cold.append(time.perf_counter_ns() - begun)
    yield Row("ask: whatif share:3.5 by:2032, first of each Ally, p50", median(cold) / 1000, "µs", WHATIF_LIMIT)
    newest, corrections = facts.newest, []
    for member in fresh.members.values():
        if facts.has(newest, "share", member, newest.last):
            cell = (newest.id, "share", member.code, newest.last)
            begun = time.perf_counter_ns()
            corrected = facts.corrected({cell: Correction(Decimal("3.6"), "e", newest.published, "", 1)}, "bench")
            ask(corrected, Question("gap", member=member.code))
            corrections.append(time.perf_counter_ns() - begun)
    yield Row("one cell corrected and asked for, p50", median(corrections) / 1e6, "ms", CORRECTED_LIMIT)


def snapshot() -> Iterator[Row]:
    times = []
    for _ in range(LOADS):
        begun = time.perf_counter()
        load()
        times.append(time.perf_counter() - begun)
    yield Row("snapshot: load, p50", median(times), "s", LOAD_LIMIT)
    gc.collect()
    with traced():
        before = tracemalloc.get_traced_memory()[0]
        facts = load()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        del facts
    yield Row("snapshot: memory held", held / MIB, "MiB", SNAPSHOT_LIMIT)


def cells_of(facts: Facts) -> list[Cell]:
    """Every share that the newest edition prints of an Ally, year by year."""
    newest = facts.newest
    years = facts.printed_years[newest.id, "share"]
    cells = ((newest.id, "share", member, year) for year in years for member in facts.members.values())
    return [(*cell[:2], cell[2].code, cell[3]) for cell in cells if facts.has(newest, "share", *cell[2:])]


def questions_on(corrected: Iterable[Cell]) -> Iterator[Question]:
    """One on each cell, all different: the Allies of its year in order, then other kinds by turns."""
    kinds = chain(("rank",), cycle(("gap", "spending", "compare", "whatif")))
    for (_, _, code, number), kind in zip(corrected, kinds, strict=False):
        year = str(number)
        match kind:
            case "rank":
                yield Question(kind, year=year)
            case "compare":
                yield Question(kind, members=f"{code}, NATO", year=year)
            case "whatif":
                yield Question(kind, member=code, share="3.5")
            case _:
                yield Question(kind, member=code, year=year)


def servers(facts: Facts) -> Row:
    """What servers with corrections of their own add, each asked questions of its corrected figures."""
    cells, day = cycle(cells_of(facts)), facts.newest.published
    layers = {}
    for n in range(1, SERVERS + 1):
        ours = {cell: Correction(Decimal("3.6"), "e", day, "", n) for cell in islice(cells, ASKED_HERE)}
        layers[str(n)] = Layer(str(n), f"{n:064}", Fold(ours))
    local = LocalStore(None)
    ledger, drawer = Ledger(facts, local), words(markdown=True)

    def asked(server: int | None, corrected: Iterable[Cell]) -> None:
        now = ledger.of(server)
        for question in questions_on(corrected):
            now.keep((question, "answer", 1, drawer, False), answer_message(now.ask(question), drawer))

    asked(None, islice(cells, ASKED_HERE))
    ledger.swap(facts, layers)
    gc.collect()
    with traced():
        before = tracemalloc.get_traced_memory()[0]
        for scope, layer in layers.items():
            asked(int(scope), layer.stands.cells)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
    asyncio.run(ledger.close())
    return Row(
        f"memory: {SERVERS} servers with corrections, {ASKED_HERE} questions each", held / MIB, "MiB", HERE_LIMIT
    )


async def swapped(facts: Facts) -> Row:
    """From the press that approves a correction for every server to answers by it, beside many older revisions."""
    cells, value = cells_of(facts), Value(Decimal("3.6"), "e")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory() as folder:
        local = LocalStore(Path(folder) / "local.db")
        with local.writing():
            for n, cell in enumerate(cells[:REVISIONS], 1):
                change = Change(cell, None, value, value_in(facts, cell))
                Log(local.db).append(
                    Revision(EVERYWHERE, n, at, "a" * 32, "b" * 32, "correct", (change,), "", "", facts.version)
                )
        ledger, times = Ledger(facts, local), []
        for cell in cells[REVISIONS : REVISIONS + APPROVED]:
            base = {cell: value_in(facts, cell)}
            change = Change(cell, None, value, base[cell])

            def propose(local: LocalStore, change: Change = change, cell: Cell = cell) -> Proposal:
                return Proposals(local).propose(
                    EVERYWHERE, cell[3], "correct", (change,), address="", reason="", facts=facts.version
                )

            found = await ledger.locally(propose)
            begun = time.perf_counter()

            def approve(local: LocalStore, found: Proposal = found, base: dict[Cell, Value | None] = base) -> Proposal:
                return Proposals(local).approve(found.id, found.version, 1, base)

            done = await ledger.locally(approve)
            await ledger.take_corrections()
            times.append(time.perf_counter() - begun)
            assert done.state == "applied"
            assert value_in(ledger.facts, cell) == value
        await ledger.close()
    return Row(f"approve → swapped, {REVISIONS} revisions in the log, p50", median(times), "s", SWAPPED_LIMIT)


@contextmanager
def traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


async def drawn(facts: Facts) -> list[Row]:
    """The first chart with the worker's start, one more, one that is kept, and how late the event loop is meanwhile."""
    answers = [ask(facts, Question("rank", year=str(2026 - n))) for n in range(CHARTS + 2)]
    begun = time.perf_counter()
    described = [vega_lite(answer, words()) for answer in answers]
    rows = [Row("chart: rank of 31, description", (time.perf_counter() - begun) / len(answers) * 1e3, "ms")]
    pictures = Pictures()
    for what, description in (("cold", described[0]), ("warm", described[1]), ("kept", described[1])):
        begun = time.perf_counter()
        await pictures.draw(description)
        rows.append(Row(f"chart: rank of 31, {what}", (time.perf_counter() - begun) * 1e3, "ms"))
    eight = asyncio.gather(*(pictures.draw(description) for description in described[2:]))
    latest = 0.0
    while not eight.done():
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        latest = max(latest, time.perf_counter() - begun - 0.001)
    rows.append(Row(f"chart: event loop's longest lag while {CHARTS} are drawn", latest * 1e3, "ms", LAG_LIMIT))
    await pictures.close()
    return rows
