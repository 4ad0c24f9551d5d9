"""What a bot's process tells of itself: on SIGUSR1 it writes memory, tasks, CPU and the collector's stops to a file."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

DISCORD, REPORT = "LOOPBACK_DISCORD", "LOOPBACK_REPORT"  # environment variables: an address and a file


def open_side_door() -> None:
    """Point discord.py at the loopback, time every stop of the collector, and report when asked to."""
    address = os.environ[DISCORD]
    Route.BASE = f"{address}/api/v{discord.http.INTERNAL_API_VERSION}"
    DiscordWebSocket.DEFAULT_GATEWAY = URL(f"{address.replace('http', 'ws', 1)}/gateway")
    began, longest = 0.0, 0.0

    def timed(phase: str, _: dict[str, int]) -> None:
        nonlocal began, longest
        if phase == "start":
            began = time.perf_counter()
        else:
            longest = max(longest, time.perf_counter() - began)

    def report(*_: Any) -> None:
        nonlocal longest
        told = {"rss": _resident(), "tasks": _tasks(), "cpu": time.process_time(), "collector": longest}
        longest = 0.0
        path = Path(os.environ[REPORT])
        fresh = path.with_suffix(".fresh")
        fresh.write_text(json.dumps(told), encoding="utf-8")
        fresh.replace(path)

    gc.callbacks.append(timed)
    signal.signal(signal.SIGUSR1, report)


def _tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:  # no loop runs
        return 0


def _resident() -> int:
    """Bytes of memory in use; where the system does not tell, the most there were."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
