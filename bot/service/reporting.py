"""The running bot's reports on its own health, in a file that bot/service/health.py reads."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

import discord

from data.store import is_readable

log = logging.getLogger("ledger")

EVERY = 5.0  # seconds between two reports


class Reporting:
    """Reports until cancelled. A heartbeat is sent with each report, since Discord's own are 41 seconds apart.

    Each acknowledgement changes the latency that discord.py tells; one that stays the same was not heard of.
    """

    def __init__(self, client: discord.Client, path: Path, facts: Path) -> None:
        self.client, self.path, self.facts = client, path, facts
        self._failed = False

    async def run(self) -> None:
        heard = True
        while True:
            await self._report(heard)
            before = self.client.latency
            probed = await self._probe()
            await asyncio.sleep(EVERY)
            heard = not probed or self.client.latency != before

    def _connected(self) -> bool:
        """While discord.py connects once more, it goes on to call itself ready; its socket is closed then."""
        return self.client.is_ready() and not self.client.is_closed() and self.client.ws.open

    async def _probe(self) -> bool:
        """Whether a heartbeat was sent."""
        if not self._connected():
            return False
        try:
            await self.client.ws.send_heartbeat({"op": self.client.ws.HEARTBEAT, "d": self.client.ws.sequence})
        except (ConnectionError, RuntimeError, discord.DiscordException):
            return False
        return True

    async def _report(self, heard: bool) -> None:
        state = {
            "time": time.time(),
            "process": os.getpid(),
            "connected": self._connected(),
            "heard": heard,
            "store": await asyncio.to_thread(is_readable, self.facts),
        }
        fresh = self.path.with_suffix(f".{os.getpid()}")
        try:
            fresh.write_text(json.dumps(state), encoding="utf-8")
            fresh.replace(self.path)
            self._failed = False
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            if not self._failed:
                log.warning("the health report could not be written to %s: %s", self.path, error.strerror)
            self._failed = True

    def end(self) -> None:
        """Take the report away, unless it is another process's."""
        with suppress(OSError, ValueError):
            if json.loads(self.path.read_text(encoding="utf-8")).get("process") == os.getpid():
                self.path.unlink()
