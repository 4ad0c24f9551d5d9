"""The picture of an answer as a Vega-Lite description that any Vega editor opens; nothing is drawn here.

Everything is in a description: the data, the flags, the words in the reader's language. bot/drawing/pictures.py makes it a PNG.
"""

from __future__ import annotations

from bot.drawing.charts.alt import alt_text
from bot.drawing.charts.card import Json
from bot.drawing.charts.lines import Lines
from bot.drawing.charts.rows import bars, dumbbell
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.chart import BarChart, DumbbellChart, LineChart


def drawable(answer: Answer) -> bool:
    """Whether the answer has a chart with something in it."""
    match answer.chart:
        case LineChart(lines=lines, band=band):
            return bool(band and band.points) or any(line.points for line in lines)
        case BarChart(bars=found):
            return any(bar.figure is not None for bar in found)
        case DumbbellChart(pairs=pairs):
            return bool(pairs)
    return False


def vega_lite(answer: Answer, words: Words) -> Json:
    """The description of the answer's chart, 600 wide; ValueError where `drawable` says that there is none."""
    if not drawable(answer):
        raise ValueError(f"{answer.asked} has no chart to draw")
    plain = words.unformatted  # and nothing in it pings
    match answer.chart:
        case LineChart() as chart:
            return Lines(answer, chart, plain).description()
        case BarChart() as chart:
            return bars(answer, chart, plain)
        case DumbbellChart() as chart:
            return dumbbell(answer, chart, plain)
    raise AssertionError("drawable knows every kind")


__all__ = ["Json", "alt_text", "drawable", "vega_lite"]
