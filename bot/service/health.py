"""Whether the running bot is well, told through a small file on the volume that a health check reads."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import time
from pathlib import Path

import discord

log = logging.getLogger("ledger")

EVERY = 15.0  # seconds between two reports
STALE = 60.0  # a report older than this means the event loop stands still or the process is gone
SLOW = 30.0  # seconds for a heartbeat to be acknowledged


def report(client: discord.Client, path: Path, store_reads: bool) -> None:
    """Write down how the gateway and the store are now; the file is replaced whole."""
    latency = client.latency
    state = {
        "time": time.time(),
        "connected": client.is_ready() and not client.is_closed(),
        "heartbeat": None if math.isnan(latency) or math.isinf(latency) else round(latency, 3),
        "store": store_reads,
    }
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(state), encoding="utf-8")
    fresh.replace(path)


async def keep_reporting(client: discord.Client, path: Path) -> None:
    """Report until cancelled; a disk that refuses is the health check's to notice, not a reason to stop."""
    while True:
        facts = getattr(getattr(client, "ledger", None), "facts", None)
        try:
            report(client, path, facts is not None and bool(facts.members))
        except OSError:
            log.warning("the health report could not be written to %s", path)
        await asyncio.sleep(EVERY)


def verdict(path: Path, now: float) -> str | None:
    """None if the bot is well, else a sentence on what is not."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        age = now - float(state["time"])
    except (OSError, ValueError, KeyError, TypeError):
        return "The bot has not reported its health yet."
    if age > STALE:
        return f"The bot's last report is {age:.0f} seconds old."
    if not state.get("connected"):
        return "The bot is not connected to Discord's gateway."
    if state.get("heartbeat") is None or state["heartbeat"] > SLOW:
        return "Discord has not acknowledged the last heartbeat."
    if not state.get("store"):
        return "The store of figures cannot be read."
    return None
