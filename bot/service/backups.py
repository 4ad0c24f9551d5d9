"""The daily backup of local.db by the running bot; nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.backups import BackupError, back_up, broken_off
from data.copying import Stopped, backups_of

log = logging.getLogger("ledger")

EVERY = timedelta(days=1)
FIRST = 60.0  # seconds after the start, when the crowd that waited for the bot has its answers
LOOK = 600.0  # seconds between two looks at the clock: a machine may sleep


class DailyBackup:
    """Makes one a day until it is ended; after one that failed the next is tried a day later."""

    def __init__(self, path: Path, keep: int, first: float = FIRST, look: float = LOOK) -> None:
        self.path, self.keep, self._first, self._look = path, keep, first, look
        self._tried: datetime | None = None
        self._end = threading.Event()

    async def run(self) -> None:
        await asyncio.sleep(self._first)
        if (half := broken_off(self.path)) is not None:
            log.warning("%s", half)
        while True:
            if self._due(datetime.now(UTC)):
                await self._make()
            await asyncio.sleep(self._look)

    def _due(self, now: datetime) -> bool:
        made = [one.made for one in backups_of(self.path)[-1:]]
        last = max([*made, *([self._tried] if self._tried else [])], default=None)
        return last is None or not timedelta(0) <= now - last < EVERY  # one of the future is another clock's

    async def _make(self) -> None:
        self._tried = datetime.now(UTC)
        try:
            await asyncio.to_thread(back_up, self.path, self.keep, stopped=self._end.is_set)
        except Stopped:
            pass
        except BackupError as error:
            log.error("%s", error)
        except Exception as error:
            log.error("the backup failed", exc_info=error)

    def end(self) -> None:
        """Give up what is being copied; the half file goes."""
        self._end.set()
