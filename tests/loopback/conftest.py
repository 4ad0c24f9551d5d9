"""A bot that is shared by the cases of one module, and what it said since a case began."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.loopback import payloads
from tests.loopback.faults import Faults
from tests.loopback.process import Bot, bot
from tests.loopback.server import Loopback

LOGGED = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ (?P<level>[A-Z]+) (?P<text>.*)")
NOBODYS = (payloads.PERSON, payloads.GUILD, payloads.CHANNEL, payloads.ROLE)  # ids that no log may hold


@dataclass(frozen=True, slots=True)
class Said:
    """What a bot said to its operator."""

    log: str

    @property
    def warnings(self) -> list[str]:
        """The lines of the log from warnings on."""
        found = [match for line in self.log.splitlines() if (match := LOGGED.match(line))]
        return [match["text"] for match in found if match["level"] not in ("DEBUG", "INFO")]

    @property
    def sentences(self) -> list[str]:
        """The lines outside of the log: the one sentence of a start that failed, or a trace."""
        return [line for line in self.log.splitlines() if not LOGGED.match(line)]

    def check(self) -> None:
        """No trace, with its heading or without, and nobody's id."""
        assert "Traceback" not in self.log, self.log
        assert '  File "' not in self.log, self.log
        assert not [key for key in NOBODYS if key in self.log], self.log


class Shared:
    """One bot on one loopback, for many cases."""

    def __init__(self, discord: Loopback, process: Bot) -> None:
        self.discord, self.process = discord, process
        self._read = 0

    def begin(self) -> Loopback:
        self._read = len(self.process.log)
        self.discord.faults = Faults()
        self.discord.patience = 3.0
        self.discord.requests.clear()
        return self.discord

    async def said(self, pause: float = 0.4) -> Said:
        """What it said since the case began, after a pause for what may still come."""
        await asyncio.sleep(pause)
        return Said(self.process.log[self._read :])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path_factory.mktemp("bot")) as process:
        yield Shared(discord, process)
