"""What answers, whoever asks: one snapshot of the facts, what is kept of it, the pictures, and what is kept on disk."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
import time
import traceback
from collections.abc import Callable, Collection, Hashable, Mapping, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from cachetools import LRUCache, TTLCache
from msgspec import Struct

from bot.drawing.pictures import Pictures
from data.local import LOCKED, Fault, LocalStore, Watch, is_busy, open_to_read, why
from data.log import Log, Mark
from data.servers import AS_EVER, Answering, all_answering
from data.standing import over
from data.upgrade import upgrade
from knowledge.answer import Answer
from knowledge.asking.defaults import NONE, Defaults
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.corrections import EVERYWHERE, Change, Fold, Outcome, fold
from knowledge.facts import Facts
from knowledge.names import index_of
from knowledge.questions import ask
from knowledge.sentences import say

_T = TypeVar("_T", bound=Sized)
_R = TypeVar("_R")

log = logging.getLogger("ledger")

BUSY = say("The bot's file is busy, so nothing was kept. Try again in a moment.")
NOT_KEPT = say("Nothing was kept, since the bot's disk refuses. Whoever runs the bot finds the reason in its log.")
ANSWERS = 64  # whole answers kept, for their buttons; each is hundreds of objects that the collector walks
DRAWN = 10 * 1024 * 1024  # bytes kept of answers as they were drawn
SERVERS = 32  # with corrections of their own, whose snapshots are kept
DRAFTS, DRAFTED = 64, 15 * 60  # drafts kept, and for how many seconds
ANSWERS_HERE, DRAWN_HERE = 16, 256 * 1024  # the same two of such a server
LATE = 0.25  # seconds that an answer waits at most for what another program wrote
LOOK_AGAIN = 1.0  # seconds until that is read once more, if it could not be
ROOT, OURS = Path(__file__).parents[1], ("bot", "commands", "data", "knowledge")


class Layer(Struct, frozen=True):
    """The corrections of one scope, as its log stands; two are the same where their heads are."""

    scope: str
    digest: str
    stands: Fold

    def over(self, facts: Facts) -> Facts:
        return over(facts, self.stands, f"{facts.version}+{self.digest[:8]}")


def layers_under(published: Facts, local: LocalStore, known: Mapping[str, Layer] | None = None) -> dict[str, Layer]:
    """Those that stand once the corrections have met these figures; the operator reads what became of them.

    Of those that are `known` already only what went on since is read again.
    """
    if told := upgrade(local, published):
        counts = ", ".join(f"{told[one]} {one}" for one in (Outcome.RETIRED, Outcome.SET_ASIDE, Outcome.GONE))
        log.warning("the published figures changed under corrections: %s; see /data status", counts)
    return layers_of(Log(local.db), known or {})


def layers_of(log: Log, known: Mapping[str, Layer]) -> dict[str, Layer]:
    """Of every scope with corrections, those that stand."""
    found = {}
    for scope, head in log.ends().items():
        layer = known.get(scope)
        if layer is not None and layer.digest == head.digest:
            found[scope] = layer
        elif stands := fold(log.of(scope)):
            if stands.entries:
                import data.entered  # noqa: F401 - now, and not when the first question waits for it
            found[scope] = Layer(scope, head.digest, stands)
    return found


def _layers_since(path: Path, mark: Mark, known: Mapping[str, Layer]) -> tuple[Mark, Mapping[str, Layer]]:
    """The log's mark and what stands now, read beside whoever writes; what is known, where the mark is as it was."""
    with closing(open_to_read(path, LATE)) as db:
        db.execute("BEGIN")  # one state of the log, whoever appends to it meanwhile
        log = Log(db)
        return (now := log.mark()), known if now == mark else layers_of(log, known)


class Draft(Struct, frozen=True):
    """Changes that somebody was shown and may propose: too many for an id, and kept for a while only."""

    scope: str
    person: int
    kind: str
    changes: tuple[Change, ...]
    address: str
    facts: str


class Snapshot:
    """One state of the facts with everything that is kept because it follows from them."""

    def __init__(self, facts: Facts, answers: int = ANSWERS, drawn: int = DRAWN) -> None:
        self.facts = facts
        # by question, day and defaults; a Problem is not kept
        self._answers = lru_cache(maxsize=answers)(partial(ask, facts))
        self._drawn: LRUCache[Hashable, Sized] = LRUCache(drawn, getsizeof=len)
        index_of(facts)  # made now, so that the first question does not wait for it

    def ask(self, question: Question, defaults: Defaults = NONE) -> Answer:
        """The answer as of today: what "last year" and "next summit" mean changes overnight."""
        return self._answers(question, date.today(), defaults)

    def kept(self, key: Hashable, kind: type[_T]) -> _T | None:
        """What was drawn today under this key; it has a length, in characters or bytes."""
        found = self._drawn.get((date.today(), key))
        return found if isinstance(found, kind) else None

    def keep(self, key: Hashable, drawn: _T) -> _T:
        """The same thing, which the next who ask need not wait for; what is too large is not kept."""
        if len(drawn) <= self._drawn.maxsize:
            self._drawn[date.today(), key] = drawn
        return drawn


class Ledger:
    """What Discord, the terminal, the offline channel and every later face stand on; it knows none of them.

    `now` is what is published under the corrections for everybody; it is replaced whole, and who took it before goes
    on with what it was. A server may have corrections of its own on top: `of()` is what its readers see. `behind` says
    that no correction is shown, since new figures came and the disk did not take what became of them.
    """

    def __init__(
        self, facts: Facts, local: LocalStore, pictures: Pictures | None = None, maintainers: Collection[int] = ()
    ) -> None:
        self.local, self.maintainers = local, frozenset(maintainers)
        self._watch = None if local.path is None else Watch(local.path)  # before the log is read: nothing is missed
        self._mark = Log(local.db).mark()
        self._taking = asyncio.Lock()  # one at a time, so that what was read first is never taken last
        self._catching: asyncio.Task[None] | None = None
        self._blind = False
        self.behind = False
        try:
            layers = layers_under(facts, local)
        except sqlite3.Error as error:
            # Published figures alone are never wrong; corrections come back when the disk is better.
            log.error("%s Until then no correction is shown.", why(local.path, error))
            layers, self.behind = {}, True
        self.swap(facts, layers)
        self._answering = all_answering(local)
        self._thread = ThreadPoolExecutor(1, "local.db")
        self._ends = False
        self.moved = -math.inf  # when corrections last changed what is answered, by time.monotonic
        self.drafts: TTLCache[str, Draft] = TTLCache(DRAFTS, DRAFTED)
        self.pictures = pictures if pictures is not None else Pictures()

    @property
    def facts(self) -> Facts:
        return self.now.facts

    def of(self, server: int | None) -> Snapshot:
        """What is answered from in a server, or outside of any."""
        layer = self._layers.get(str(server))
        if layer is None:
            return self.now
        found = self._here.get(layer.scope)
        if found is None:
            found = self._here[layer.scope] = Snapshot(layer.over(self.now.facts), ANSWERS_HERE, DRAWN_HERE)
        return found

    def answering(self, server: int | None) -> Answering:
        """How a server has its questions answered; outside of any, as ever."""
        return self._answering.get(server, AS_EVER) if server is not None else AS_EVER

    def answer_so(self, server: int, chosen: Answering) -> None:
        """From now on, since it was kept so."""
        self._answering = {**self._answering, server: chosen}

    async def take_settings(self) -> None:
        """Answer every server as it is kept by now."""
        self._answering = await self.locally(all_answering)

    def stands(self, scope: str) -> Fold:
        """What stands in a scope by its own revisions."""
        layer = self._layers.get(scope)
        return layer.stands if layer is not None else Fold()

    def swap(self, published: Facts, layers: Mapping[str, Layer]) -> None:
        """Answer from other facts, or under other corrections, from now on."""
        self._take(published, layers, _everywhere(published, layers))

    def _take(self, published: Facts, layers: Mapping[str, Layer], now: Snapshot) -> None:
        self.published, self._layers, self.now = published, layers, now
        self._here: LRUCache[str, Snapshot] = LRUCache(SERVERS)

    async def take_facts(self, published: Facts) -> None:
        """Answer from other published figures, under the corrections that they leave standing."""
        async with self._taking:
            layers = await self.locally(partial(layers_under, published))
            self._take(published, layers, await asyncio.to_thread(_everywhere, published, layers))
        # What was approved while they were taken was approved by what the old ones say.
        if await self.locally(partial(upgrade, published=published, again=True)):
            await self.take_corrections()

    async def take_corrections(self) -> None:
        """Answer under the corrections that are in the log by now."""
        async with self._taking:
            layers = await self.locally(partial(layers_under, self.published, known=self._layers))
            self.behind = False
            await self._answer_under(layers)

    async def catch_up(self) -> None:
        """Take what another program committed, before something is answered: microseconds, where none did.

        Never a Problem, and never longer than LATE: a file that is held, gone or damaged keeps nobody from an answer.
        """
        if self._watch is not None and self._watch.moved():
            self._catching = asyncio.create_task(self._catch_up(self._watch, self.local.path))
        if self._catching is not None:  # who comes after the one that noticed waits with it
            await asyncio.wait({self._catching}, timeout=LATE)

    async def _catch_up(self, watch: Watch, path: Path | None) -> None:
        assert path is not None
        try:
            async with self._taking:
                if self.behind:  # no correction may be shown until the figures have met them all
                    return
                mark, layers = await asyncio.to_thread(_layers_since, path, self._mark, self._layers)
                await self._answer_under(layers)
                self._mark = mark
            self._blind = False
        except Exception as error:
            if not self._blind:
                log.warning("what another program wrote cannot be read, and is tried again: %s", why(path, error))
            self._blind = True
            asyncio.get_running_loop().call_later(LOOK_AGAIN, watch.forget)
        finally:
            if self._catching is asyncio.current_task():
                self._catching = None

    async def _answer_under(self, layers: Mapping[str, Layer]) -> None:
        if layers == self._layers:
            return
        self.moved = time.monotonic()
        if layers.get(EVERYWHERE) != self._layers.get(EVERYWHERE):
            now = await asyncio.to_thread(_everywhere, self.published, layers)  # a whole edition takes a while
            self._take(self.published, layers, now)
            return
        for scope in self._layers.keys() | layers.keys():
            if layers.get(scope) != self._layers.get(scope):
                self._here.pop(scope, None)
        self._layers = layers

    async def locally(self, work: Callable[[LocalStore], _R]) -> _R:
        """What is kept on disk, read or written in a thread of its own, so that nobody else waits for a slow disk.

        Problem, for the reader, if the file is busy or refuses; the operator reads why. What has not begun within
        the time that one may wait is not begun: of many who wait for a held file, all hear of it in time.
        """
        if self._ends:
            raise Problem("busy", BUSY)
        asked = time.monotonic()

        def now_or_never() -> _R:
            if time.monotonic() - asked > LOCKED:
                raise Problem("busy", BUSY)
            return work(self.local)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, now_or_never)
        except sqlite3.Error as error:
            busy = is_busy(error)
            log.log(logging.WARNING if busy else logging.ERROR, why(self.local.path, error))
            raise Problem("busy", BUSY) if busy else Problem("not-kept", NOT_KEPT) from error

    async def note_fault(self, code: str, where: str, error: BaseException) -> None:
        """Keep a fault of ours for the operator: what it was and where in the program, nothing of what was asked."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        fault = Fault(code, now, where, type(error).__name__, _place_of(error))
        with suppress(Problem):  # the log has it too
            await self.locally(lambda local: local.note_fault(fault))

    async def close(self) -> None:
        """End what runs beside the bot and close what is kept on disk."""
        await self.pictures.close()
        if not self._ends:
            self._ends = True
            if self._watch is not None:
                self._watch.close()
            await asyncio.get_running_loop().run_in_executor(self._thread, self.local.close)  # after what was asked
            self._thread.shutdown()


def _everywhere(published: Facts, layers: Mapping[str, Layer]) -> Snapshot:
    layer = layers.get(EVERYWHERE)
    return Snapshot(layer.over(published) if layer is not None else published)


def _place_of(error: BaseException) -> str:
    """File and line of an error: the last that is ours, since a library's says little."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        file = Path(frame.filename)
        if file.is_relative_to(ROOT) and (ours := file.relative_to(ROOT)).parts[0] in OURS:
            return f"{ours.as_posix()}:{frame.lineno}"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
