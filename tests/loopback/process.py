"""A bot's process, started, asked and ended from the test's side."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.loopback.server import Loopback, until
from tests.loopback.side_door import DISCORD, REPORT

ROOT = Path(__file__).resolve().parents[2]
OURS, BARE = ("tests.loopback.bot", "run"), ("tests.loopback.bare",)


@dataclass(frozen=True, slots=True)
class Report:
    """What a process says of itself; `collector` is its longest stop since the report before, in seconds."""

    rss: int
    tasks: int
    cpu: float
    collector: float


class Bot:
    """One process that runs in a folder of its own; what it says to its operator is `log`."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process, self.folder = process, folder

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    async def report(self) -> Report:
        path = self.folder / "report.json"
        path.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        assert await until(path.exists, 30), "the bot does not report"
        return Report(**json.loads(path.read_text(encoding="utf-8")))

    async def ended(self, wait: float = 10.0) -> int | None:
        """Its exit code, or None if it still runs."""
        with suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(self.process.wait(), wait)
        return None


@asynccontextmanager
async def bot(
    discord: Loopback,
    folder: Path,
    what: tuple[str, ...] = OURS,
    *,
    ready: bool = True,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Bot]:
    """A bot's process on the loopback, ready to be asked unless that is not awaited; killed at the end if need be."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  (the bot has not begun)
    given = {
        "DISCORD_TOKEN": discord.token,
        "LEDGER_FOLDER": str(folder),
        DISCORD: discord.address,
        REPORT: str(folder / "report.json"),
    }
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *what,
            cwd=ROOT,
            env=os.environ | given | dict(environment or {}),
            stdout=log,
            stderr=log,
        )
    started = Bot(process, folder)
    try:
        if ready:
            await until_ready(discord, started)
        yield started
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_ready(discord: Loopback, started: Bot, wait: float = 30.0) -> None:
    ready = asyncio.ensure_future(discord.identified.wait())
    ended = asyncio.ensure_future(started.process.wait())
    await asyncio.wait({ready, ended}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    assert ready.done(), f"the bot did not connect:\n{started.log}"
