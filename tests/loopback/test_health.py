"""A connection that is gone, or of which half is gone, is seen by the health check within fifteen seconds."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tests.loopback.conftest import Said
from tests.loopback.process import ROOT, bot
from tests.loopback.server import Loopback

WITHIN = 15.0


async def becomes(code: int, folder: Path) -> bool:
    """Whether `python -m bot health` comes to say so in time."""
    environment = os.environ | {"LEDGER_FOLDER": str(folder)}
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "health", cwd=ROOT, env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        if await process.wait() == code:
            return True
        await asyncio.sleep(0.5)
    return False


async def half_open(folder: Path) -> str:
    discord = Loopback()
    async with discord.running(), bot(discord, folder) as process:
        assert await becomes(0, folder)
        discord.fall_silent()
        assert await becomes(1, folder)
        return process.log


async def away(folder: Path) -> str:
    discord = Loopback()
    async with AsyncExitStack() as there:
        await there.enter_async_context(discord.running())
        async with bot(discord, folder) as process:
            assert await becomes(0, folder)
            await there.aclose()
            assert await becomes(1, folder)
            return process.log


async def test_a_connection_that_is_gone(tmp_path: Path) -> None:
    for log in await asyncio.gather(half_open(tmp_path / "half open"), away(tmp_path / "away")):
        said = Said(log)
        said.check()
        assert said.sentences == []
