"""What answers, whoever asks: one snapshot of the facts, what is kept of it, the pictures, and what is kept on disk."""

from __future__ import annotations

from collections.abc import Hashable, Sized
from datetime import date
from functools import lru_cache, partial
from typing import TypeVar

from cachetools import LRUCache

from bot.drawing.pictures import Pictures
from data.local import LocalStore
from knowledge.answer import Answer
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.names import index_of
from knowledge.questions import ask

_T = TypeVar("_T", bound=Sized)

ANSWERS = 64  # whole answers kept, for their buttons; each is hundreds of objects that the collector walks
DRAWN = 12 * 1024 * 1024  # bytes kept of answers as they were drawn


class Snapshot:
    """One state of the facts with everything that is kept because it follows from them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._answers = lru_cache(maxsize=ANSWERS)(partial(ask, facts))  # by question and day; a Problem is not kept
        self._drawn: LRUCache[Hashable, Sized] = LRUCache(DRAWN, getsizeof=len)
        index_of(facts)  # made now, so that the first question does not wait for it

    def ask(self, question: Question) -> Answer:
        """The answer as of today: what "last year" and "next summit" mean changes overnight."""
        return self._answers(question, date.today())

    def kept(self, key: Hashable, kind: type[_T]) -> _T | None:
        """What was drawn today under this key; it has a length, in characters or bytes."""
        found = self._drawn.get((date.today(), key))
        return found if isinstance(found, kind) else None

    def keep(self, key: Hashable, drawn: _T) -> _T:
        """The same thing, which the next who ask need not wait for; what is too large is not kept."""
        if len(drawn) <= self._drawn.maxsize:
            self._drawn[date.today(), key] = drawn
        return drawn

    def forget(self) -> None:
        """Drop everything that is kept."""
        self._answers.cache_clear()
        self._drawn.clear()


class Ledger:
    """What Discord, the terminal, the offline channel and every later face stand on; it knows none of them.

    `now` is replaced whole by `swap`: who took it before goes on with what it was.
    """

    def __init__(self, facts: Facts, local: LocalStore, pictures: Pictures | None = None) -> None:
        self.now = Snapshot(facts)
        self.local = local
        self.pictures = pictures if pictures is not None else Pictures()

    @property
    def facts(self) -> Facts:
        return self.now.facts

    def swap(self, facts: Facts) -> None:
        """Answer from other facts from now on."""
        self.now = Snapshot(facts)

    async def close(self) -> None:
        """End what runs beside the bot and close what is kept on disk."""
        await self.pictures.close()
        self.local.close()
