"""What the parts cost by themselves: knowledge, the snapshot, charts."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from statistics import median

from bot.drawing.charts import vega_lite
from bot.drawing.pictures import Pictures
from bot.drawing.words import words
from data.store import load
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.figure import Correction
from knowledge.questions import ask
from tests.bench.rows import MIB, Row

ASKS, ASK_LIMIT, RANK_LIMIT, WHATIF_LIMIT = 3000, 120.0, 2000.0, 1200.0
CORRECTED_LIMIT = 5.0
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
