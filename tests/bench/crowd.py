"""What a crowd meets: the bot and a bare discord.py side by side, each a process of its own, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import chain, combinations, cycle, islice, product
from pathlib import Path
from statistics import median

from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.questions import ask
from tests.bench.rows import MIB, Row
from tests.loopback.payloads import COMMAND, Json, member, press, slash
from tests.loopback.process import BARE, OURS, Bot, Report, bot
from tests.loopback.server import Asked, Loopback

PAIRS, CROWD, IN_FLIGHT = 7, 500, 100
COLD = 300
CPU_PAIRS, CPU_BATCH = 15, 100
VOLLEYS, WHATIFS, MIXED, CHARTS = 3, 1300, 1000, 20
KEPT, PRIVATE = 3000, 12_000
STARTS = 5

PING = slash("ping")


def crowd(facts: Facts, folder: Path) -> Iterator[Row]:
    """Each part meets fresh processes, so that none finds what another left behind."""
    parts = (warm, cold, whatif_volley, mixed_volley, memory, buttons, starts)
    gc.freeze()
    gc.disable()  # the stops of this process would be taken for the bots'
    for number, part in enumerate(parts):
        yield from asyncio.run(part(Supply(facts), folder / str(number)))
        gc.collect()
    gc.enable()


class Supply:
    """Questions that are all different and all have an answer, as slash commands."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        years = [str(year) for year in range(2014, 2027)]
        members = [code for code, one in facts.members.items() if one.armed_forces]
        self.warm = [slash("gap", member=code) for code in members]
        self.gap = self._of("gap", ("member", "year", "rule"), product(members, years, facts.rules))
        measures, groups = ["gap", *facts.measures], [None, *facts.groups]
        levels = [f"{1 + tenth / 10}" for tenth in range(30)]
        self.rank = chain(
            self._of("rank", ("measure", "year", "group"), product(measures, years, groups)),
            self._of("rank", ("level", "year", "group"), product(levels, years, groups)),
        )
        pairs = [f"{a}, {b}" for a, b in combinations(members, 2)]
        self.compare = self._of("compare", ("year", "members"), product(years[-7:], pairs))
        shares, ends = [f"{twentieth / 20}" for twentieth in range(40, 120)], ["2030", "2032", "2035"]
        self.whatif = self._of("whatif", ("share", "by", "member"), product(shares, ends, members))
        self.mixed = (next(kind) for kind in cycle((self.gap, self.rank, self.compare, self.whatif)))

    def _of(self, name: str, options: tuple[str, ...], values: Iterable[tuple[str | None, ...]]) -> Iterator[Json]:
        for row in values:
            given = {option: value for option, value in zip(options, row, strict=True) if value is not None}
            try:
                ask(self.facts, Question(name, **given))
            except Problem:
                continue
            yield slash(name, **given)


def some(events: Iterable[Json], number: int) -> list[Json]:
    """So many, each asked by another person."""
    found = [
        event | {"member": member(str(1_150_000_000_000_000_000 + n))} for n, event in enumerate(islice(events, number))
    ]
    assert len(found) == number, "the supply of questions is too small"
    return found


class Side:
    """One bot and the Discord it is connected to."""

    def __init__(self, discord: Loopback, process: Bot) -> None:
        self.discord, self.process = discord, process

    async def crowd(self, events: list[Json], in_flight: int | None = None) -> list[Asked]:
        """All asked; a problem told in private, or no answer at all, is a mistake of the bench."""
        self.discord.forget()
        gc.collect()
        asked = await self.discord.crowd(events, in_flight, 60)
        assert all(one.ended is not None for one in asked), self.process.log[-2000:]
        assert not [one for one in asked if one.seen and one.seen[0].private is not is_private(one)], "no answer"
        return asked

    async def p99(self, events: list[Json]) -> float:
        seconds = sorted(one.seconds for one in await self.crowd(events, IN_FLIGHT))
        return seconds[int(len(seconds) * 0.99)]

    async def cpu(self, events: list[Json], in_flight: int) -> float:
        """Seconds of the process's CPU an interaction."""
        before = await self.process.report()
        await self.crowd(events, in_flight)
        return ((await self.process.report()).cpu - before.cpu) / len(events)


@asynccontextmanager
async def side(folder: Path, what: tuple[str, ...] = OURS) -> AsyncIterator[Side]:
    discord = Loopback()
    async with discord.running(), bot(discord, folder, what) as process:
        yield Side(discord, process)


@asynccontextmanager
async def both(folder: Path) -> AsyncIterator[tuple[Side, Side]]:
    async with side(folder / "ours") as ours, side(folder / "bare", BARE) as bare:
        yield ours, bare


async def by_turns(
    pairs: int, ours: Callable[[], Awaitable[float]], bare: Callable[[], Awaitable[float]]
) -> tuple[float, float, float]:
    """The medians of both and of their ratio, pair by pair; who goes first alternates, so a slow moment hits both."""
    found = []
    for turn in range(pairs):
        if turn % 2:
            second = await bare()
            found.append((await ours(), second))
        else:
            first = await ours()
            found.append((first, await bare()))
    return median(a for a, _ in found), median(b for _, b in found), median(a / b for a, b in found)


async def p99s(ours: Side, events: Iterator[Json], bare: Side, size: int = CROWD) -> tuple[float, float, float]:
    pings = cycle((PING,))
    return await by_turns(PAIRS, lambda: ours.p99(some(events, size)), lambda: bare.p99(some(pings, size)))


async def asked_before(ours: Side, supply: Supply) -> None:
    """What a bot keeps of thousands of questions is there when it is measured."""
    for _ in range(KEPT // COLD):
        await ours.crowd(some(supply.mixed, COLD), IN_FLIGHT)


async def warm(supply: Supply, folder: Path) -> list[Row]:
    async with both(folder) as (ours, bare):
        gaps, pings = cycle(supply.warm), cycle((PING,))
        await asked_before(ours, supply)
        for one, events in ((ours, gaps), (bare, pings)):
            await one.crowd(some(events, KEPT), IN_FLIGHT)
        stop = (await ours.process.report()).collector
        ours_cpu, bare_cpu, cpu = await by_turns(
            CPU_PAIRS, lambda: ours.cpu(some(gaps, CPU_BATCH), 1), lambda: bare.cpu(some(pings, CPU_BATCH), 1)
        )
        ours_p99, bare_p99, p99 = await p99s(ours, gaps, bare)
    return [
        Row("interaction: bare /ping, CPU", bare_cpu * 1e6, "µs"),
        Row("interaction: /gap, CPU, warm", ours_cpu * 1e6, "µs"),
        Row("interaction: /gap to bare /ping, CPU, warm", cpu, "×", 1.6),
        Row(f"crowd: bare /ping, p99 at {IN_FLIGHT} in flight", bare_p99 * 1e3, "ms"),
        Row(f"crowd: /gap, p99 at {IN_FLIGHT} in flight, warm", ours_p99 * 1e3, "ms"),
        Row(f"crowd: /gap to bare /ping, p99 at {IN_FLIGHT} in flight, warm", p99, "×", 1.5),
        Row(f"collector: longest stop, {KEPT:,} different questions asked", stop * 1e3, "ms", 20.0),
    ]


async def cold(supply: Supply, folder: Path) -> list[Row]:
    rows = []
    async with both(folder) as (ours, bare):
        await bare.crowd(some(cycle((PING,)), CROWD), IN_FLIGHT)
        await asked_before(ours, supply)
        for name, events in (("gap", supply.gap), ("rank", supply.rank), ("compare", supply.compare)):
            _, _, p99 = await p99s(ours, events, bare, COLD)
            rows.append(Row(f"crowd: /{name} to bare /ping, p99 at {IN_FLIGHT} in flight, cold", p99, "×", 4.0))
        spent = [await ours.cpu(some(supply.whatif, COLD), 10) for _ in range(PAIRS)]
        rows.append(Row("interaction: /whatif, CPU, cold", median(spent) * 1e3, "ms", 1.5))
    return rows


async def whatif_volley(supply: Supply, folder: Path) -> list[Row]:
    first, last, late = [], [], []
    async with side(folder) as ours:
        for _ in range(VOLLEYS):
            asked = await ours.crowd(some(supply.whatif, WHATIFS))
            first.append(min(one.seconds for one in asked))
            last.append(max(one.seconds for one in asked))
            late.append(sum(one.late for one in asked))
    return [
        Row(f"at once: {WHATIFS:,} different /whatif, the first answer", median(first), "s", 0.2),
        Row(f"at once: {WHATIFS:,} different /whatif, the last answer", median(last), "s", 3.0),
        Row(f"at once: {WHATIFS:,} different /whatif, later than Discord's 3 s", median(late), "", 1.0),
    ]


async def mixed_volley(supply: Supply, folder: Path) -> list[Row]:
    late = []
    async with side(folder) as ours, burners():
        for _ in range(VOLLEYS):
            ranks = await ours.crowd(some(supply.rank, CHARTS))
            charts = [press(one.original.payload, button(one, "chart")) for one in ranks if one.original is not None]
            asked = await ours.crowd(some([*charts, *some(supply.mixed, MIXED)], CHARTS + MIXED))
            late.append(sum(one.late for one in asked) / len(asked) * 100)
    return [
        Row(f"at once: {MIXED:,} mixed beside {CHARTS} charts, each core busy: later than 3 s", median(late), "%", 1.0)
    ]


async def memory(supply: Supply, folder: Path) -> list[Row]:
    async with side(folder) as ours:
        private = cycle(
            slash("gap", private=True, member=event["data"]["options"][0]["value"]) for event in supply.warm
        )
        answers = await ours.crowd(some(private, len(supply.warm)))
        presses = [press(one.original.payload, button(one, "workings")) for one in answers if one.original is not None]
        both_kinds = cycle([*presses, *some(private, len(presses))])
        await ours.crowd(some(both_kinds, CROWD), IN_FLIGHT)
        before = await ours.process.report()
        for _ in range(PRIVATE // CROWD):
            await ours.crowd(some(both_kinds, CROWD), IN_FLIGHT)
        await asyncio.sleep(1)  # the last ones' tasks end
        after = await ours.process.report()
    return [
        Row(f"memory: added by {PRIVATE:,} private answers and presses", (after.rss - before.rss) / MIB, "MiB", 10.0),
        Row(f"memory: tasks added by {PRIVATE:,} private answers and presses", after.tasks - before.tasks, "", 10.0),
    ]


async def buttons(supply: Supply, folder: Path) -> list[Row]:
    rows = []
    async with both(folder) as (ours, bare):
        await bare.crowd(some(cycle((PING,)), CROWD), IN_FLIGHT)
        answer = (await ours.crowd([slash("gap", member="germany")]))[0]
        assert answer.original is not None
        for name, label, limit in (("workings", "Workings", 2.0), ("csv", "CSV", 3.0), ("chart", "a kept chart", 3.0)):
            presses = cycle((press(answer.original.payload, button(answer, name)),))
            await ours.crowd(some(presses, 1))
            await ours.crowd(some(presses, COLD), IN_FLIGHT)
            _, _, p99 = await p99s(ours, presses, bare)
            rows.append(Row(f"button: {label} to bare /ping, p99 at {IN_FLIGHT} in flight", p99, "×", limit))
    return rows


async def starts(supply: Supply, folder: Path) -> list[Row]:
    """From nothing to the first answer, and the memory in use then; the commands were sent at an earlier start."""
    reports: dict[tuple[str, ...], list[Report]] = {OURS: [], BARE: []}

    async def start(what: tuple[str, ...], event: Json) -> float:
        begun = time.monotonic()
        async with side(folder / what[0], what) as one:
            asked = await one.discord.ask(event)
            await asked.over
            reports[what].append(await one.process.report())
            return time.monotonic() - begun if asked.came is None else asked.came - begun

    await start(OURS, supply.warm[0])
    await start(BARE, PING)
    a, b, ratio = await by_turns(STARTS, lambda: start(OURS, supply.warm[0]), lambda: start(BARE, PING))
    more = median(one.rss for one in reports[OURS]) - median(one.rss for one in reports[BARE])
    return [
        Row("start: ours, to the first answer", a, "s"),
        Row("start: bare, to the first answer", b, "s"),
        Row("start: ours to bare, to the first answer", ratio, "×", 1.4),
        Row("start: memory above bare at the first answer", more / MIB, "MiB", 30.0),
    ]


def button(asked: Asked, panel: str) -> str:
    assert asked.original is not None
    return next(key for key in asked.original.ids if panel in key.split(":"))


def is_private(asked: Asked) -> bool:
    """Whether its answer is to be: a press, or a command that says so. A problem told in private is no answer."""
    options = asked.payload["data"].get("options", [])
    return asked.payload["type"] != COMMAND or any(option["name"] == "private" for option in options)


@asynccontextmanager
async def burners() -> AsyncIterator[None]:
    """Every core busy with something else; they end with the block, or with this process."""
    code = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    pass"
    burning = [await asyncio.create_subprocess_exec(sys.executable, "-c", code) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            await process.wait()
