"""What is logged, and what is not: no words and no ids of anybody, not even inside an exception."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType

from bot.discord.responding import TOO_LATE, is_networks

IDS = re.compile(r"\d{15,20}|aW50ZXJhY3Rpb24[\w=-]*")  # of people, servers, channels; tokens of interactions
AT_EVERY_START = ("Guilds intent", "PyNaCl is not installed", "davey is not installed")  # the bot needs none of them
HOLDING = re.compile(r"\n|<|\((?!\))")  # where asyncio begins to show an object, or what a callback was given
AWAY = "Attempting a reconnect"
PROBED = "Can't keep up"  # told of the heartbeats that bot/service/reporting.py adds


class Formatter(logging.Formatter):
    """Exceptions as their type and their place: their messages may hold what somebody typed."""

    def format(self, record: logging.LogRecord) -> str:
        return IDS.sub("…", super().format(record))

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        _, error, trace = ei
        codes = [f"{name} {value}" for name in ("status", "code") if (value := getattr(error, name, None))]
        kind = type(error)
        return "".join((*traceback.format_tb(trace), ": ".join((f"{kind.__module__}.{kind.__qualname__}", *codes))))


def is_news(record: logging.LogRecord) -> bool:
    """Whether a record says something an operator can use; one that would name somebody is made to say less.

    What nobody here can mend, such as a gateway that is away, becomes a warning of one line.
    """
    text, error = str(record.msg), record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if text.startswith("Ignoring exception in autocomplete"):
        command = record.args[0] if isinstance(record.args, tuple) else ""
        record.msg, record.args = "what /%s offers could not be sent", (command,)
    elif record.name == "asyncio":  # it shows tasks and callbacks with all that they hold
        record.msg, record.args = HOLDING.split(record.getMessage())[0].strip(), ()
    if is_networks(error) or getattr(error, "code", None) in TOO_LATE or text.startswith(AWAY):
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
        record.msg = f"{record.msg} ({type(error).__name__})"
    return not text.startswith((*AT_EVERY_START, PROBED))


def set_up(level: str) -> None:
    """Log to stderr from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(is_news)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
