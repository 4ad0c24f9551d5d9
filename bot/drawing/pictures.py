"""Vega-Lite descriptions → PNG, in one worker process, so that the event loop never waits and a crash costs one chart."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import orjson
from cachetools import LRUCache

from bot.drawing.disk import Disk
from bot.drawing.turns import Turns
from bot.drawing.worker import DRAWN, FRAME
from knowledge.sentences import say

log = logging.getLogger("ledger.charts")

HERE = Path(__file__).parent
FONTS = HERE / "assets" / "fonts"
VEGA_LITE = "6.4"  # of those that vl-convert brings; pictures change with it
SCALE = 2  # pixels for each unit of a description: 600 wide becomes 1200
MIB = 1024 * 1024
NAMES = 1024  # short names of pictures held in memory
LONGEST_START = 60.0  # seconds

R = TypeVar("R")


class ChartFailed(Exception):
    """A chart that could not be drawn; `sentence` is for the reader."""

    sentence = say("The chart could not be drawn this time; the figures of the answer stand. Ask for it again.")


class ChartBusy(ChartFailed):
    """A chart that was not begun, since too many wait: of all people, or of this one."""

    sentence = say("Many charts are being drawn just now; here are the figures as a table.")


class _Chart(NamedTuple):
    """One that waits or is being drawn, for however many."""

    text: bytes
    done: asyncio.Future[bytes]


class _Memory(LRUCache[str, bytes]):
    """Pictures by their key; the callers' names for a picture go when it goes."""

    def __init__(self, room: int) -> None:
        super().__init__(room, getsizeof=len)
        self.names: LRUCache[str, str] = LRUCache(NAMES)

    def popitem(self) -> tuple[str, bytes]:
        key, png = super().popitem()
        for name in [name for name, named in self.names.items() if named == key]:
            del self.names[name]
        return key, png


class Pictures:
    """Draws charts for one bot: made without starting anything, used inside a running event loop.

    `prewarm()` starts the worker in the background; `draw()` starts it if it is not there. Each chart may take
    `longest` seconds, and at most `waiting` wait for their turn. Drawn ones are kept, the oldest use going first:
    up to `room` bytes in memory and, if there is a `folder`, up to `disk` bytes in its files.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        longest: float = 10.0,
        room: int = 32 * MIB,
        disk: int = 64 * MIB,
        waiting: int = 40,
    ) -> None:
        self.longest = longest
        self.drawn = 0  # charts that the worker drew; those taken from the kept ones are not counted
        self._memory = _Memory(room)
        self._used: set[str] = set()  # taken from memory since the disk was told
        self._disk = Disk(folder, disk, made_with) if folder is not None else None
        self._disk_told = False
        self._thread = ThreadPoolExecutor(1, "pictures")  # its own: a slow disk holds up nothing else
        self._turns = Turns(waiting)
        self._asked: dict[str, _Chart] = {}
        self._drawing: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._worker_turn = asyncio.Lock()
        self._worker: Process | None = None
        self._closed = False

    def prewarm(self) -> None:
        """Start the worker, without waiting for it, so that the first chart does not pay for that."""
        if not self._closed and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm())

    @property
    def warm(self) -> bool:
        """Whether a worker stands ready, so that a chart is there within a moment."""
        return self._worker is not None and self._worker.returncode is None

    def kept(self, name: str) -> bytes | None:
        """A picture in memory that was asked for under this name."""
        key = self._memory.names.get(name)
        return self._from_memory(key) if key is not None else None

    async def draw(self, description: Mapping[str, object], *, name: str = "", who: object = None) -> bytes:
        """The PNG of a Vega-Lite description; ChartFailed if it cannot be drawn, or not in time.

        A chart that several ask for at once is drawn once. One person's charts (`who`, anything hashable) take turns
        with those of others; ChartBusy if there is no place to wait. `name` is for asking `kept()` next time.
        """
        text = orjson.dumps(description, option=orjson.OPT_SORT_KEYS)
        key = hashlib.sha256(text).hexdigest()
        png = self._from_memory(key) or await self._from_disk(key)
        if png is None:
            png = await self._drawn(key, text, who if who is not None else object())
        if name and key in self._memory:
            self._memory.names[name] = key
        return png

    async def close(self) -> None:
        """End the worker; charts that wait or are under way fail, and so does every later one."""
        if self._closed:
            return
        self._closed = True
        while (key := self._turns.take()) is not None:
            self._asked.pop(key).done.set_exception(ChartFailed())
        await self._end()
        tasks = [task for task in (self._drawing, self._warming) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end()
        if self._disk is not None and self._used:
            await self._in_thread(partial(self._disk.used, self._used))
        self._thread.shutdown(wait=False)

    # -- kept ones -----------------------------------------------------------------------------------

    def _from_memory(self, key: str) -> bytes | None:
        png = self._memory.get(key)
        if png is not None and self._disk is not None:
            self._used.add(key)
        return png

    async def _from_disk(self, key: str) -> bytes | None:
        if self._disk is None or self._closed or key in self._asked:
            return None
        png = await self._in_thread(partial(self._disk.get, key))
        if png is None:
            return self._memory.get(key)  # drawn for somebody else meanwhile
        self._remember(key, png)
        return png

    async def _keep(self, key: str, png: bytes) -> None:
        if self._disk is not None:
            used, self._used = self._used, set()
            await self._in_thread(partial(self._disk.used, used))
            await self._in_thread(partial(self._disk.put, key, png))

    def _remember(self, key: str, png: bytes) -> None:
        if len(png) <= self._memory.maxsize:
            self._memory[key] = png

    async def _in_thread(self, do: Callable[[], R]) -> R | None:
        """What the disk gives; whatever is wrong with it, charts are drawn all the same."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, do)
        except Exception as error:
            if not self._disk_told:
                log.warning("pictures cannot be kept on disk: %s", error)
            self._disk_told = True
            return None

    # -- one chart -----------------------------------------------------------------------------------

    async def _drawn(self, key: str, text: bytes, who: object) -> bytes:
        if self._closed:
            raise ChartFailed
        if (chart := self._asked.get(key)) is None:
            if not self._turns.add(key, who):
                raise ChartBusy
            chart = self._asked[key] = _Chart(text, asyncio.get_running_loop().create_future())
            chart.done.add_done_callback(_seen)
            self._begin()
        elif key in self._turns:
            self._turns.add(key, who)
        await asyncio.wait({chart.done})  # who stops waiting does not stop it for the others
        return chart.done.result()

    def _begin(self) -> None:
        """Draw the next chart, if none is being drawn."""
        if self._drawing is None and (key := self._turns.take()) is not None:
            self._drawing = asyncio.create_task(self._draw(key))

    async def _draw(self, key: str) -> None:
        text, done = self._asked[key]
        png = None
        try:
            png = await self._by_worker(text)
        except ChartFailed as failed:
            done.set_exception(failed)
        except asyncio.CancelledError:  # the event loop ends
            done.cancel()
            raise
        else:
            self._remember(key, png)
            done.set_result(png)
        del self._asked[key]
        if png is not None:
            await self._keep(key, png)
        self._drawing = None
        self._begin()

    async def _by_worker(self, text: bytes) -> bytes:
        async with self._worker_turn:
            try:
                worker = await self._ready()
                async with asyncio.timeout(self.longest):
                    assert worker.stdin is not None
                    worker.stdin.write(FRAME.pack(DRAWN, len(text)) + text)
                    await worker.stdin.drain()
                    code, body = await _reply(worker)
            except ChartFailed:
                raise
            except Exception as error:  # who waits is told, whatever it was
                log.warning("the chart worker was lost (%s)", type(error).__name__)
                await self._end()
                self.prewarm()
                raise ChartFailed from error
        if code != DRAWN:
            log.error("a chart was refused: %s", body.decode(errors="replace"))
            raise ChartFailed
        self.drawn += 1
        return body

    # -- the worker ----------------------------------------------------------------------------------

    async def _warm(self) -> None:
        if self._disk is not None:
            await self._in_thread(self._disk.open)
        async with self._worker_turn:
            with suppress(ChartFailed):
                await self._ready()

    async def _ready(self) -> Process:
        """The worker, started if there is none or the last one died; it has drawn a first chart by then."""
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        await self._end()
        if self._closed:
            raise ChartFailed
        # A file and not a module, so that nothing of the bot is imported there. -P: nor found beside it by accident.
        command = ["-P", str(HERE / "worker.py"), str(FONTS), str(self.longest + 5), VEGA_LITE, str(SCALE)]
        try:
            worker = self._worker = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                stdin=PIPE,
                stdout=PIPE,
                limit=MIB,
                start_new_session=True,  # Ctrl-C is for the bot, which ends in order
            )
            async with asyncio.timeout(LONGEST_START):
                await _reply(worker)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            if not self._closed:
                log.error("the chart worker did not start (%s)", type(error).__name__)
            await self._end()
            raise ChartFailed from error
        return worker

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()


async def _reply(worker: Process) -> tuple[int, bytes]:
    assert worker.stdout is not None
    code, length = FRAME.unpack(await worker.stdout.readexactly(FRAME.size))
    return code, await worker.stdout.readexactly(length)


def _seen(done: asyncio.Future[bytes]) -> None:
    if not done.cancelled():
        done.exception()  # seen, though everyone who asked may have gone


@cache
def made_with() -> str:
    """What changes a picture besides its description, as sixteen hexadecimal digits."""
    from importlib.metadata import version  # slow to import, and not needed for the first answer

    digest = hashlib.sha256(f"{VEGA_LITE} {SCALE} {version('vl-convert-python')}".encode())
    for file in (HERE / "worker.py", *sorted(FONTS.iterdir())):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
