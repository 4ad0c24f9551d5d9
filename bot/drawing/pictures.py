"""Vega-Lite descriptions → PNG, in one worker process, so that the event loop never waits and a crash costs one chart."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import orjson

from bot.drawing.worker import DRAWN, FRAME
from knowledge.sentences import say

log = logging.getLogger("ledger.charts")

HERE = Path(__file__).parent
FONTS = HERE / "assets" / "fonts"
VEGA_LITE = "6.4"  # of those that vl-convert brings; pictures change with it
SCALE = 2  # pixels for each unit of a description: 600 wide becomes 1200
MIB = 1024 * 1024
LONGEST_START = 60.0  # seconds


class ChartFailed(Exception):
    """A chart that could not be drawn; `sentence` is for the reader."""

    sentence = say("The chart could not be drawn this time; the figures of the answer stand. Ask for it again.")


class Drawing:
    """Draws charts for one bot: made without starting anything, used inside a running event loop.

    `prewarm()` starts the worker in the background; `draw()` starts it if it is not there. Each chart may take
    `longest` seconds; drawn ones are kept up to `room` bytes, the least recently asked for going first.
    """

    def __init__(self, *, longest: float = 10.0, room: int = 32 * MIB) -> None:
        self.longest, self.room = longest, room
        self.drawn = 0  # charts that the worker drew; those taken from the kept ones are not counted
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._under_way: dict[str, asyncio.Task[bytes]] = {}
        self._warming: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._worker: Process | None = None
        self._closed = False

    def prewarm(self) -> None:
        """Start the worker, without waiting for it, so that the first chart does not pay for that."""
        if not self._closed and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm())

    async def draw(self, description: Mapping[str, object]) -> bytes:
        """The PNG of a Vega-Lite description; ChartFailed if it cannot be drawn, or not in time.

        A chart that several ask for at once is drawn once.
        """
        text = orjson.dumps(description, option=orjson.OPT_SORT_KEYS)
        key = hashlib.sha256(text).hexdigest()
        if (png := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return png
        if (task := self._under_way.get(key)) is None:
            task = self._under_way[key] = asyncio.create_task(self._draw(key, text))
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)  # who stops waiting does not stop it for the others

    async def close(self) -> None:
        """End the worker; charts that are under way fail, and so does every later one."""
        self._closed = True
        await self._end()
        tasks = [*self._under_way.values(), *([self._warming] if self._warming else [])]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end()

    # -- one chart -----------------------------------------------------------------------------------

    async def _draw(self, key: str, text: bytes) -> bytes:
        async with self._turn:
            try:
                worker = await self._ready()
                async with asyncio.timeout(self.longest):
                    assert worker.stdin is not None
                    worker.stdin.write(FRAME.pack(DRAWN, len(text)) + text)
                    await worker.stdin.drain()
                    code, body = await _reply(worker)
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
                log.warning("the chart worker was lost (%s)", type(error).__name__)
                await self._end()
                self.prewarm()
                raise ChartFailed from error
        if code != DRAWN:
            log.error("a chart was refused: %s", body.decode(errors="replace"))
            raise ChartFailed
        self.drawn += 1
        self._keep(key, body)
        return body

    def _keep(self, key: str, png: bytes) -> None:
        self._kept[key] = png
        self._held += len(png)
        while self._held > self.room:
            _, oldest = self._kept.popitem(last=False)
            self._held -= len(oldest)

    def _finished(self, key: str, task: asyncio.Task[bytes]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # seen, though everyone who asked may have gone

    # -- the worker ----------------------------------------------------------------------------------

    async def _warm(self) -> None:
        async with self._turn:
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
        worker = self._worker = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdin=PIPE, stdout=PIPE, limit=MIB
        )
        try:
            async with asyncio.timeout(LONGEST_START):
                await _reply(worker)
        except (TimeoutError, asyncio.IncompleteReadError) as error:
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
