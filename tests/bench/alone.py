"""What the parts cost by themselves: knowledge, the snapshot, charts."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
import tracemalloc
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from bot.corrections.impact import impact_of
from bot.discord.layout import answer_message
from bot.drawing.charts import vega_lite
from bot.drawing.pictures import Pictures
from bot.drawing.words import words
from bot.ledger import SERVERS, Layer, Ledger
from data.entered import row_of
from data.local import LocalStore
from data.log import Log, Revision
from data.proposals import Proposal, Proposals
from data.standing import over
from data.store import load
from knowledge.asking.question import Question
from knowledge.corrections import EVERYWHERE, Change, Fold, Trial, Value, fold, value_in
from knowledge.facts import Cell, Facts
from knowledge.figure import Correction
from knowledge.questions import ask
from tests.bench.rows import MIB, Row

ASKS, ASK_LIMIT, RANK_LIMIT, WHATIF_LIMIT = 3000, 120.0, 2000.0, 1200.0
CORRECTED_LIMIT = 5.0
REVISIONS, APPROVED, SWAPPED_LIMIT = 200, 9, 0.3
SHOWN_LIMIT, SHOWN_WHOLE_LIMIT, PREVIEW_LAG_LIMIT, APPROVAL_LAG_LIMIT = 0.5, 3.0, 10.0, 50.0
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
    yield from asyncio.run(shown_and_taken(facts))
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


async def shown_and_taken(facts: Facts) -> list[Row]:
    """The preview of one figure and of a whole edition, the edition's approval, and how late the loop is meanwhile."""
    cell, *_ = cells_of(facts)
    one = (Change(cell, None, Value(Decimal("3.6"), "e"), value_in(facts, cell)),)
    whole, rows = edition_of(facts), []
    await impact_of(facts, facts, one, words(markdown=True))  # what is read when it is first needed
    for what, changes, limit in (("a figure", one, SHOWN_LIMIT), ("a whole edition", whole, SHOWN_WHOLE_LIMIT)):
        stands = fold([Trial(EVERYWHERE, changes, "2026-11-25")])
        after = over(facts, stands, "after")
        seconds, lag = await lagging(impact_of(facts, after, changes, words(markdown=True)))
        rows.append(Row(f"preview of {what}: answers that change", seconds, "s", limit))
        rows.append(Row(f"preview of {what}: event loop's longest lag", lag, "ms", PREVIEW_LAG_LIMIT))
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(facts, LocalStore(Path(folder) / "local.db"))

        def propose(local: LocalStore) -> Proposal:
            return Proposals(local).propose(EVERYWHERE, 1, "import", whole, address="", reason="", facts=facts.version)

        found = await ledger.locally(propose)

        async def approve() -> None:
            base = dict.fromkeys((one.key for one in whole), None)
            await ledger.locally(lambda local: Proposals(local).approve(found.id, found.version, 2, base))
            await ledger.take_corrections()

        seconds, lag = await lagging(approve())
        assert ledger.facts.newest.id == "bench"
        await ledger.close()
    rows.append(Row(f"a whole edition ({len(whole):,} changes): approve → swapped", seconds, "s"))
    rows.append(Row("a whole edition: event loop's longest lag meanwhile", lag, "ms", APPROVAL_LAG_LIMIT))
    return rows


async def lagging(work: Coroutine[Any, Any, object]) -> tuple[float, float]:
    """How many seconds it takes, and by how many milliseconds something else that wants its turn is late meanwhile."""
    begun, latest, doing = time.perf_counter(), 0.0, asyncio.ensure_future(work)
    while not doing.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        latest = max(latest, time.perf_counter() - before - 0.001)
    await doing
    return time.perf_counter() - begun, latest * 1e3


def edition_of(facts: Facts) -> tuple[Change, ...]:
    """The newest edition once more under another name, as an import proposes it."""
    newest, source = facts.newest, facts.newest.source
    columns = {
        name: getattr(newest, name) for name in ("definition", "price_base", "decimals", "held", "first", "last")
    }
    columns |= {"id": "bench", "name": "bench edition", "tables": "yes", "cut_off": "", "published": "2026-11-01"}
    columns |= {
        "title": source.title,
        "publisher": "NATO",
        "address": source.address,
        "said_by": "nato",
        "read": "excerpt",
    }
    changes = [Change(("edition", "bench"), None, row_of("edition", columns), None)]
    for (edition, measure, spender), row in facts.series.items():
        if edition != newest.id:
            continue
        if row.currency:
            key = {"edition": "bench", "measure": measure, "member": spender, "currency": row.currency}
            series = row_of("series", key)
            changes.append(Change(("series", f"bench/{measure}/{spender}"), None, series, None))
        for year, value in row.values.items():
            cell = ("bench", measure, spender, year)
            changes.append(Change(cell, None, Value(value, row.marks.get(year, "")), None))
    return tuple(changes)


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
