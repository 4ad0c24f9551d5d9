"""`python -m bot health`: whether the running bot is well, by the small file in which it reports."""

from __future__ import annotations

import json
from pathlib import Path

STALE = 20.0  # a report older than this means the event loop stands still or the process is gone


def verdict(path: Path, now: float) -> str | None:
    """None if the bot is well, else a sentence on what is not."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        age = now - float(state["time"])
    except (OSError, ValueError, KeyError, TypeError):
        return "The bot has not reported its health yet."
    if abs(age) > STALE:  # a clock that was set back is no sign of life
        return (
            f"The bot's last report is {age:.0f} seconds old: it stands still, has ended, or cannot write its folder."
        )
    if not state.get("connected"):
        return "The bot is not connected to Discord's gateway."
    if not state.get("heard"):
        return "Discord has not acknowledged the last heartbeat."
    if not state.get("store"):
        return "The store of figures cannot be read."
    return None
