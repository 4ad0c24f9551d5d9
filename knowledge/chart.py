"""What a picture of an answer shows: data only, nothing of how it looks."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from knowledge.figure import Figure
from knowledge.sentences import Sentence


class Level(Struct, frozen=True):
    """A rule's level, drawn as a line from the year it was agreed or said.

    `deadline` is the year it is due, None where it holds every year.
    """

    name: Sentence
    figure: Figure
    deadline: int | None = None
    since: int | None = None


class Line(Struct, frozen=True):
    """(year, figure) points, oldest first; each figure's status decides how its stretch is drawn."""

    name: Sentence
    points: tuple[tuple[int, Figure], ...]


class Band(Struct, frozen=True):
    """A projection that widens: (year, low, middle, high), oldest first."""

    name: Sentence
    points: tuple[tuple[int, Figure, Figure, Figure], ...]


class LineChart(Struct, frozen=True):
    """One measure over years."""

    title: Sentence
    lines: tuple[Line, ...]
    levels: tuple[Level, ...] = ()
    band: Band | None = None

    def figures(self) -> Iterator[Figure]:
        for line in self.lines:
            yield from (figure for _, figure in line.points)
        for _, *figures in self.band.points if self.band else ():
            yield from figures
        yield from (level.figure for level in self.levels)


class Bar(Struct, frozen=True):
    """One Ally's or total's value; without one, `absent` says in a word why ("blank", "no armed forces")."""

    name: Sentence
    iso2: str  # for the flag; "" for a total
    figure: Figure | None
    absent: Sentence | None = None


class BarChart(Struct, frozen=True):
    """A ranking, in the order it is to be read."""

    title: Sentence
    bars: tuple[Bar, ...]
    level: Level | None = None

    def figures(self) -> Iterator[Figure]:
        yield from (bar.figure for bar in self.bars if bar.figure is not None)
        if self.level is not None:
            yield self.level.figure


class Pair(Struct, frozen=True):
    """The value then and the value now of one Ally or one year."""

    name: Sentence
    iso2: str  # for the flag; "" where the pair is no country
    then: Figure
    now: Figure


class DumbbellChart(Struct, frozen=True):
    """What a later edition made of the figures of an earlier one; `then` and `now` name the two."""

    title: Sentence
    pairs: tuple[Pair, ...]
    then: Sentence
    now: Sentence
    level: Level | None = None

    def figures(self) -> Iterator[Figure]:
        for pair in self.pairs:
            yield pair.then
            yield pair.now
        if self.level is not None:
            yield self.level.figure


Chart = LineChart | BarChart | DumbbellChart
