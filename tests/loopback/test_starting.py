"""A start, or a run, that Discord ends is one sentence and exit code 1; a command list that is refused ends nothing."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.loopback.conftest import Said
from tests.loopback.faults import IDENTIFY, LOGIN, SYNC, Fault
from tests.loopback.payloads import slash
from tests.loopback.process import bot, until_ready
from tests.loopback.server import Loopback, until

SOAK = bool(os.environ.get("LEDGER_SOAK"))


@dataclass(frozen=True, slots=True)
class Start:
    what: str
    fault: Fault | None = None
    environment: dict[str, str] = field(default_factory=dict)


ENDED = (
    Start("401 at login", Fault(LOGIN, status=401, times=9)),
    Start("400 at login", Fault(LOGIN, status=400, times=9)),
    Start("403 at login", Fault(LOGIN, status=403, times=9)),
    Start("503 at login", Fault(LOGIN, status=503, times=9)),
    Start("429 by Cloudflare at login", Fault(LOGIN, status=429, via=False, times=9)),
    Start("a reset at login", Fault(LOGIN, cut="reset", times=9)),
    Start("another token", environment={"DISCORD_TOKEN": "another"}),
    Start("a newline in the token", environment={"DISCORD_TOKEN": "loop\nback"}),
    Start("4004 at the gateway", Fault(IDENTIFY, close=4004)),
    Start("4011 at the gateway", Fault(IDENTIFY, close=4011)),
    Start("4013 at the gateway", Fault(IDENTIFY, close=4013)),
    Start("4014 at the gateway", Fault(IDENTIFY, close=4014)),
)
SLOWLY_ENDED = (Start("500 at login, where the library tries for half a minute", Fault(LOGIN, status=500, times=9)),)


@pytest.mark.soak
@pytest.mark.parametrize("start", ENDED + SLOWLY_ENDED * SOAK, ids=lambda start: start.what)
async def test_a_start_that_discord_ends(start: Start, tmp_path: Path) -> None:
    discord = Loopback(*[start.fault] if start.fault else [])
    async with discord.running(), bot(discord, tmp_path, ready=False, environment=start.environment) as process:
        assert await process.ended(40) == 1
        _one_sentence(Said(process.log), start.environment.get("DISCORD_TOKEN", discord.token))


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_a_run_that_discord_ends(code: int, tmp_path: Path) -> None:
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path) as process:
        await discord.close_gateway(code)
        assert await process.ended() == 1
        _one_sentence(Said(process.log), discord.token)


async def test_a_start_beside_a_locked_folder(tmp_path: Path) -> None:
    discord = Loopback()
    async with discord.running():
        async with bot(discord, tmp_path):
            pass
        discord.identified.clear()
        with closing(sqlite3.connect(tmp_path / "local.db", isolation_level=None)) as other:
            other.execute("delete from state")  # so that the start has something to write
            other.execute("begin immediate")
            async with bot(discord, tmp_path) as process:  # it goes on without
                assert await discord.seen(await discord.ask(slash("gap", member="germany")))
                Said(process.log).check()


async def test_a_start_without_a_network(tmp_path: Path) -> None:
    discord = Loopback()
    with socket.socket() as deaf:  # bound, so that nobody else takes the port, and nobody listens
        deaf.bind(("127.0.0.1", 0))
        discord.address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        async with bot(discord, tmp_path, ready=False) as process:
            assert await process.ended(15) == 1
            _one_sentence(Said(process.log), discord.token)
            assert "Discord cannot be reached" in process.log


REFUSED = (
    Fault(SYNC, status=400, code=50035, times=99),
    Fault(SYNC, status=400, code=30034, times=99),
    Fault(SYNC, status=403, code=50001, times=99),
    Fault(SYNC, status=429, via=False, times=99),
    Fault(SYNC, status=503, times=99),
    Fault(SYNC, cut="reset", times=99),
)


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: f"{fault.cut}{fault.status}-{fault.code}")
async def test_a_refused_command_list_is_a_warning(fault: Fault, tmp_path: Path) -> None:
    discord = Loopback(fault)
    async with discord.running(), bot(discord, tmp_path) as process:
        (answer,) = await discord.seen(await discord.ask(slash("gap", member="germany")))
        assert "Germany" in answer.text
        warned = await until(lambda: any("command" in line for line in Said(process.log).warnings), 5)
        Said(process.log).check()
        assert warned, process.log  # the answer does not wait for it


EVERY_DAY = ("4000", "4009", "1001", "op 7", "op 9 true", "429 by Discord at login")
SLOWLY = ("op 9 false",)  # the library waits for five seconds


@pytest.mark.soak
@pytest.mark.parametrize("how", EVERY_DAY + SLOWLY * SOAK)
async def test_what_discord_does_every_day_ends_nothing(how: str, tmp_path: Path) -> None:
    discord = Loopback(*[Fault(LOGIN, status=429)] if how.startswith("429") else [])
    async with discord.running(), bot(discord, tmp_path) as process:
        match how:
            case "op 7":
                await discord.reconnect()
            case "op 9 true" | "op 9 false":
                await discord.invalidate(how.endswith("true"))
            case code if code.isdigit():
                await discord.close_gateway(int(code))
        if not how.startswith("429"):
            assert await until(lambda: bool(discord.closed_with), 10)
            await until_ready(discord, process)
        (answer,) = await discord.seen(await discord.ask(slash("gap", member="germany")))
        assert "Germany" in answer.text
        await asyncio.sleep(0.1)
        Said(process.log).check()


def _one_sentence(said: Said, token: str) -> None:
    said.check()
    assert len(said.sentences) == 1, said.log
    assert said.sentences[0].rstrip().endswith("."), said.log
    assert token not in said.log
