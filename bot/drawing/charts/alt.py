"""The words for those who do not see a picture, written from its numbers: at most 1,024 characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.drawing.charts.card import (
    CORRECTED,
    ILLUSTRATION,
    KEYS,
    PROJECTION,
    band_kind,
    comparable,
    level_words,
    meets,
    name_of,
    stretch,
)
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.chart import Bar, BarChart, DumbbellChart, Level, Line, LineChart
from knowledge.figure import Figure, Kind, Status, Unit
from knowledge.sentences import Listing, Sentence, Year, say

LONGEST = 1024  # what Discord takes
NAMED = 3  # how many of the top and of the bottom


def alt_text(answer: Answer, words: Words) -> str:
    """What the chart shows, in plain sentences: as many as fit, the weightiest first."""
    plain = words.unformatted
    match answer.chart:
        case LineChart() as chart:
            sentences = _lines(chart, plain)
        case BarChart() as chart:
            sentences = _bars(chart, plain)
        case DumbbellChart() as chart:
            sentences = _pairs(chart, plain)
        case _:
            raise ValueError(f"{answer.asked} has no chart to describe")
    left_out = plain(say("The rest is in the picture alone."))
    text = ""
    for sentence in (*sentences, *(say("{what}", what=one) for one in answer.breaks)):
        longer = f"{text} {plain(sentence)}".lstrip()
        if len(longer) > LONGEST - len(left_out) - 1:
            return f"{text} {left_out}".lstrip()
        text = longer
    return text


# -- lines -------------------------------------------------------------------------------------------


def _lines(chart: LineChart, words: Words) -> Iterator[Sentence]:
    lines = [line for line in chart.lines if line.points]
    yield say("Line chart. {title}.", title=words(chart.title))
    for line in lines:
        yield _line(line, words)
        if years := tuple(Year(year) for year, figure in line.points if stretch(figure.status) == CORRECTED):
            yield say("Corrected here: {what}.", what=Listing(years))
    if chart.band is not None and chart.band.points:
        first, (year, low, middle, high) = chart.band.points[0], chart.band.points[-1]
        yield say(
            "{name} ({kind}): from {first} in {start} to {middle} in {year}, with a range from {low} to {high}.",
            name=name_of(chart.band.name, words),
            kind=KEYS[band_kind(chart.band)],
            first=first[2],
            start=Year(first[0]),
            middle=middle,
            year=Year(year),
            low=low,
            high=high,
        )
    for level in chart.levels:
        if comparable(level, (line.points[-1][1] for line in lines)):
            yield level_words(level)
            if lines:
                ends = [(name_of(line.name, words), line.points[-1][1]) for line in lines]
                yield from _sides(ends, level)


def _line(line: Line, words: Words) -> Sentence:
    (start, first), (end, last) = line.points[0], line.points[-1]
    name = name_of(line.name, words)
    if len(line.points) == 1:
        return say("{name}: {last} in {end}.", name=name, last=last, end=_year(end, last))
    if (kind := stretch(last.status)) in (PROJECTION, ILLUSTRATION):
        return say(
            "{name} ({kind}): from {first} in {start} to {last} in {end}.",
            name=name,
            kind=KEYS[kind],
            first=first,
            start=_year(start, first),
            last=last,
            end=Year(end),
        )
    low_year, low = min(line.points, key=lambda point: point[1].value)
    high_year, high = max(line.points, key=lambda point: point[1].value)
    return say(
        "{name}: {first} in {start}, {last} in {end}; lowest {low} in {low_year}, highest {high} in {high_year}.",
        name=name,
        first=first,
        start=_year(start, first),
        last=last,
        end=_year(end, last),
        low=low,
        low_year=_year(low_year, low),
        high=high,
        high_year=_year(high_year, high),
    )


def _year(year: int, figure: Figure) -> Year:
    return Year(year, "e" if figure.status is Status.ESTIMATE else "")


def _sides(ends: Sequence[tuple[str, Figure]], level: Level) -> Iterator[Sentence]:
    met = tuple(name for name, figure in ends if meets(figure, level))
    below = tuple(name for name, figure in ends if not meets(figure, level))
    if met:
        yield say("At or above it at the end: {names}.", names=Listing(met))
    if below:
        yield say("Below it at the end: {names}.", names=Listing(below))


# -- bars --------------------------------------------------------------------------------------------


def _bars(chart: BarChart, words: Words) -> Iterator[Sentence]:
    with_value = [bar for bar in chart.bars if bar.figure is not None]
    without = [bar for bar in chart.bars if bar.figure is None]
    figures = [bar.figure for bar in with_value if bar.figure is not None]
    yield say("Bars in order. {title}.", title=words(chart.title))
    if chart.level is not None:
        yield level_words(chart.level)
    if (level := comparable(chart.level, figures)) is not None:
        allies = [bar.figure for bar in with_value if bar.iso2 and bar.figure is not None]  # a total is none of them
        met = _count([figure for figure in allies if meets(figure, level)])
        yield say("{met} of {all} Allies are at or above it.", met=met, all=_count(allies))
    if len(with_value) <= 2 * NAMED:
        yield say("In order: {bars}.", bars=_listed(with_value, words))
    else:
        yield say("First: {bars}.", bars=_listed(with_value[:NAMED], words))
        yield say("Last: {bars}.", bars=_listed(with_value[-NAMED:], words))
    if corrected := [bar for bar in with_value if bar.figure and stretch(bar.figure.status) == CORRECTED]:
        yield say("Corrected here: {what}.", what=Listing(tuple(name_of(bar.name, words) for bar in corrected)))
    if without:
        absent = [
            say("{name} ({why})", name=name_of(bar.name, words), why=bar.absent if bar.absent is not None else "–")
            for bar in without
        ]
        yield say("Without a figure: {bars}.", bars=Listing(tuple(absent)))
    if level is not None:
        below = [bar for bar in with_value if bar.figure is not None and not meets(bar.figure, level)]
        if 0 < len(below) < len(with_value):
            names = Listing(tuple(name_of(bar.name, words) for bar in below))
            yield say("Below it: {names}.", names=names)


def _listed(bars: Sequence[Bar], words: Words) -> Listing:
    return Listing(
        tuple(say("{name} {value}", name=name_of(bar.name, words), value=bar.figure) for bar in bars), "unit"
    )


def _count(figures: Sequence[Figure]) -> Figure:
    return Figure("count", Decimal(len(figures)), Unit(Kind.ALLIES, decimals=0), say(""))


# -- then and now ------------------------------------------------------------------------------------


def _pairs(chart: DumbbellChart, words: Words) -> Iterator[Sentence]:
    yield say("Values then and now. {title}.", title=words(chart.title))
    if (level := comparable(chart.level, (pair.now for pair in chart.pairs))) is not None:
        yield level_words(level)
        sides = [(name_of(p.name, words), meets(p.then, level), meets(p.now, level)) for p in chart.pairs]
        for rose, template in ((True, say("Rose to it: {names}.")), (False, say("Fell below it: {names}."))):
            if names := tuple(name for name, then, now in sides if then is not now and now is rose):
                yield template.filled(names=Listing(names))
    yield say("First {then}, then {now}:", then=chart.then, now=chart.now)
    for pair in chart.pairs:
        yield say("{name} {then}, {now}.", name=name_of(pair.name, words), then=pair.then, now=pair.now)
