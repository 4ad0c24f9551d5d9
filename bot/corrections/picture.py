"""The small picture of a proposal: what it touches, before and after; shown where it is drawn in time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from bot.corrections.rights import seen_in, tried
from bot.discord.message import Attachment
from bot.drawing.pictures import ChartFailed
from bot.drawing.words import Words
from bot.ledger import Ledger
from knowledge.answer import Answer
from knowledge.asking.question import Question
from knowledge.chart import Chart, DumbbellChart, Line, LineChart, Pair
from knowledge.corrections import Change
from knowledge.facts import Cell, Facts
from knowledge.figure import Figure
from knowledge.sentences import Year, say
from knowledge.things import Member

log = logging.getLogger("ledger")

SOON = 0.3  # seconds that a text waits for its picture, and no longer
MOST = 12  # Allies in one picture


class Drawing:
    """A picture that is begun beside what else there is to do; one that fails, or comes late, is missed by nobody.

    Where no worker stands ready, none is begun: starting one takes longer than a text may wait.
    """

    def __init__(self, ledger: Ledger, scope: str, changes: Sequence[Change], words: Words, who: Hashable) -> None:
        self._drawing: asyncio.Task[Attachment | None] | None = None
        if ledger.pictures.warm:
            self._drawing = asyncio.create_task(_draw(ledger, scope, changes, words, who))

    async def in_time(self) -> Attachment | None:
        """The picture, if it is there within a moment; else who asks next finds it drawn."""
        if self._drawing is None:
            return None
        done, _ = await asyncio.wait({self._drawing}, timeout=SOON)
        if not done:
            return None
        if (error := self._drawing.exception()) is not None:
            log.error("the picture of a change failed", exc_info=error)
            return None
        return self._drawing.result()


async def _draw(
    ledger: Ledger, scope: str, changes: Sequence[Change], words: Words, who: Hashable
) -> Attachment | None:
    # in a thread, since the first chart reads fonts and modules, and many changes take a while
    before = seen_in(ledger, scope).facts
    described = await asyncio.to_thread(_described, ledger, before, scope, changes, words)
    if described is None:
        return None
    description, told = described
    try:
        return Attachment("change.png", await ledger.pictures.draw(description, who=who), told)
    except ChartFailed:
        return None


def _described(
    ledger: Ledger, before: Facts, scope: str, changes: Sequence[Change], words: Words
) -> tuple[Mapping[str, object], str] | None:
    """What to draw, and the words for those who do not see it."""
    from bot.drawing.charts import alt_text, drawable, vega_lite

    if not any(len(one.key) == 4 and one.key[0] in before.editions for one in changes):
        return None
    answer = shown(before, tried(ledger, scope, changes), changes)
    return (vega_lite(answer, words), alt_text(answer, words)) if answer is not None and drawable(answer) else None


def shown(before: Facts, after: Facts, changes: Iterable[Change]) -> Answer | None:
    """What to draw: of one Ally the years, of several one year, of the measure that is touched most; None of rows."""
    cells: list[Cell] = [one.key for one in changes if len(one.key) == 4 and _has(before, after, one.key)]
    if not cells:
        return None
    edition, measure = Counter((cell[0], cell[1]) for cell in cells).most_common(1)[0][0]
    cells = [cell for cell in cells if cell[:2] == (edition, measure)]
    codes = list(dict.fromkeys(cell[2] for cell in cells))
    year = Counter(cell[3] for cell in cells).most_common(1)[0][0]
    chart = _years(before, after, cells[0]) if len(codes) == 1 else _allies(before, after, cells[0], codes, year)
    return Answer(Question("data"), chart.title, chart=chart, edition=after.editions[edition])


def _years(before: Facts, after: Facts, cell: Cell) -> Chart:
    edition, measure, spender = after.editions[cell[0]], after.measures[cell[1]], after.spenders[cell[2]]
    title = say("{measure}, {member}: before and after", measure=measure, member=spender)
    then, now = (facts.row(edition, measure.id, spender) for facts in (before, after))
    were = dict(then)
    proposed = tuple((year, _proposed(were.get(year), figure)) for year, figure in now)
    return LineChart(title, (Line(say("before"), then), Line(say("after"), proposed)))


def _allies(before: Facts, after: Facts, cell: Cell, codes: Iterable[str], year: int) -> Chart:
    edition, measure = after.editions[cell[0]], after.measures[cell[1]]
    pairs = []
    for code in codes:
        spender = after.spenders[code]
        then, now = (facts.figure(edition, measure.id, spender, year) for facts in (before, after))
        if then is not None and now is not None:
            iso2 = spender.iso2 if isinstance(spender, Member) else ""
            pairs.append(Pair(say("{member}", member=spender), iso2, then, _proposed(then, now)))
    pairs.sort(key=lambda pair: -abs(pair.now.value - pair.then.value))
    title = say("{measure}, {year}: before and after", measure=measure, year=Year(year))
    return DumbbellChart(title, tuple(pairs[:MOST]), say("before"), say("after"))


def _proposed(then: Figure | None, now: Figure) -> Figure:
    """A figure that would change: nobody has approved it yet, so nothing is its source."""
    same = then is not None and (then.value, then.status) == (now.value, now.status)
    return now if same else replace(now, citations=())


def _has(before: Facts, after: Facts, cell: Cell) -> bool:
    return cell[0] in before.editions and cell[:3] in after.series
