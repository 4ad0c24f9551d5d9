"""Both signals end the bot in order: what is in flight is answered, the gateway closed, the folder tidy, exit code 0."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.loopback.conftest import Said
from tests.loopback.faults import CALLBACK, LOGIN, Fault
from tests.loopback.payloads import press, slash
from tests.loopback.process import Bot, bot
from tests.loopback.server import Loopback, until

QUESTIONS, CHARTS = 200, 3
CLOSING = 0.7  # seconds for the gateway, the folder and Python itself, after what was answered


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
async def test_a_signal_with_answers_in_flight(how: signal.Signals, tmp_path: Path) -> None:
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path) as process:
        ranks = await discord.crowd([slash("rank", year=str(2014 + n)) for n in range(CHARTS)])
        presses = [
            press(one.original.payload, next(key for key in one.original.ids if ":chart:" in key))
            for one in ranks
            if one.original is not None
        ]
        assert await until((tmp_path / "health.json").exists, 20)
        charts = [await discord.ask(event) for event in presses]
        questions = [
            await discord.ask(slash("whatif", member="germany", share=str(2 + n / 100))) for n in range(QUESTIONS)
        ]
        assert await until(lambda: any(one.over.done() for one in questions), 5)
        begun = time.monotonic()
        process.process.send_signal(how)
        assert await process.ended(10) == 0
        assert time.monotonic() - begun < 5
        said = Said(process.log)
        said.check()
        unanswered = [one for one in questions if not one.seen]
        assert not unanswered, f"{len(unanswered)} of {QUESTIONS}"
        assert all(one.seen for one in charts), "a chart is shown, or a sentence says that it is not"
        await asyncio.sleep(0.1)
        assert discord.closed_with == [1000]
        for name in ("health.json", "local.db-wal", "local.db-shm"):
            assert not (tmp_path / name).exists(), name


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
async def test_a_signal_while_discord_takes_no_answers(how: signal.Signals, tmp_path: Path) -> None:
    discord = Loopback(Fault(CALLBACK, delay=60, times=99))
    async with discord.running(), bot(discord, tmp_path) as process:
        for n in range(20):
            await discord.ask(slash("whatif", member="germany", share=str(2 + n / 100)))
        assert await until(lambda: bool(discord.faults.met.get(CALLBACK)), 5)
        begun = time.monotonic()
        process.process.send_signal(how)
        assert await process.ended(5) == 0
        assert 1.9 < time.monotonic() - begun < 2 + CLOSING
        said = Said(process.log)
        said.check()
        assert (said.warnings, said.sentences) == ([], [])


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
async def test_a_signal_while_a_chart_takes_its_time(how: signal.Signals, tmp_path: Path) -> None:
    """Its asker is told that it is not drawn while there is time to tell."""
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path) as process:
        (rank,) = await discord.seen(await discord.ask(slash("rank", year="2020")))
        assert await until(lambda: worker_of(process) is not None, 20)
        worker = worker_of(process)
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        chart = await discord.ask(press(rank.payload, next(key for key in rank.ids if ":chart:" in key)))
        assert await until(lambda: chart.came is not None, 5)
        begun = time.monotonic()
        process.process.send_signal(how)
        assert await process.ended(5) == 0
        assert chart.ended is not None
        assert chart.ended - begun < 2
        assert time.monotonic() - begun < 2 + CLOSING
        assert ["could not be drawn" in one.text for one in chart.seen] == [True]


def worker_of(process: Bot) -> int | None:
    """The process that draws charts, once there is one."""
    pid = process.process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if "worker.py" in Path(f"/proc/{child}/cmdline").read_text():
            return int(child)
    return None


SIGNALS = [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.parametrize("pair", SIGNALS, ids=lambda pair: f"{pair[0].name} {pair[1].name}")
async def test_a_second_signal_ends_it_at_once(pair: tuple[signal.Signals, ...], tmp_path: Path) -> None:
    discord = Loopback(Fault(CALLBACK, delay=60, times=99))
    async with discord.running(), bot(discord, tmp_path) as process:
        await discord.ask(slash("gap", member="germany"))
        assert await until(lambda: bool(discord.faults.met.get(CALLBACK)), 5)
        process.process.send_signal(pair[0])
        await asyncio.sleep(0.3)
        process.process.send_signal(pair[1])
        assert await process.ended(1) == 0
        Said(process.log).check()
        assert not (tmp_path / "health.json").exists()


async def test_a_signal_before_it_is_connected(tmp_path: Path) -> None:
    discord = Loopback(Fault(LOGIN, delay=60))
    async with discord.running(), bot(discord, tmp_path, ready=False) as process:
        assert await until(lambda: "logging in" in process.log, 10)
        process.process.send_signal(signal.SIGTERM)
        assert await process.ended(2) == 0
        assert Said(process.log).sentences == []
