"""A connection of which half is gone is seen by the health check within fifteen seconds."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

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


async def test_a_half_open_socket(tmp_path: Path) -> None:
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path):
        assert await becomes(0, tmp_path)
        discord.fall_silent()
        assert await becomes(1, tmp_path)
