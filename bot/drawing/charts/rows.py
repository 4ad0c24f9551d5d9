"""A row for each Ally: ranked bars, and the values of then and now."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bot.drawing.charts.card import (
    ACTUAL,
    CARD,
    COLOURS,
    CORRECTED,
    EDGE,
    ESTIMATE,
    FAINT,
    INK,
    SOFT,
    TEXT,
    WIDE,
    Card,
    Json,
    as_is,
    card,
    comparable,
    level_dash,
    level_text,
    level_words,
    meets,
    name_of,
    one_of,
    scaled,
    stretch,
    stroke_at,
    symbol_at,
    text_at,
    tick_text,
    unit_words,
)
from bot.drawing.charts.placing import steps, width
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.chart import Bar, BarChart, DumbbellChart, Level
from knowledge.figure import Figure
from knowledge.sentences import Sentence, say

FLAGS = Path(__file__).parents[1] / "assets" / "flags"
FLAG, AFTER_FLAG = 20.0, 7.0
RECTANGLE = "M-1,-.75L1,-.75L1,.75L-1,.75Z"  # a symbol in the form of a flag
ROOM = WIDE - 2.0 * EDGE
ROW = 23.0
IN_ONE_COLUMN, BETWEEN = 12, 26.0
SHORTEST_BARS = 30.0  # with less room for the longest, there is one column
FILLED: Json = {"fill": COLOURS[0], "stroke": COLOURS[0]}
OUTLINED: Json = {"fill": "#FBE7DA", "stroke": COLOURS[1]}
# A ring that is wider than the dot: where both values are the same, the dot lies in the ring.
THEN: Json = {"size": 110, "fill": CARD, "stroke": COLOURS[1], "strokeWidth": 2.2, "opacity": 1}
NOW: Json = {"size": 48, "fill": COLOURS[0], "stroke": COLOURS[0], "strokeWidth": 0, "opacity": 1}


def bars(answer: Answer, chart: BarChart, words: Words) -> Json:
    """A ranking in its order, in two columns where it is long and its words are short enough: filled at or above the level, an outline below it."""
    figures = [bar.figure for bar in chart.bars if bar.figure is not None]
    level = comparable(chart.level, figures)
    values_wide = max(width(words.figure(figure), TEXT, bold=True) for figure in figures)
    longest = max(width(name_of(bar.name, words), TEXT) for bar in chart.bars)
    for columns in (1,) if len(chart.bars) <= IN_ONE_COLUMN else (2, 1):
        room = (ROOM - BETWEEN * (columns - 1)) / columns
        names_wide = min(longest, room * 0.5) + 4
        start, end = FLAG + AFTER_FLAG + names_wide + 4, room - values_wide - 8
        if end - start >= SHORTEST_BARS:
            break
    count = -(-len(chart.bars) // columns)
    numbers = [float(f.value) for f in [*figures, *([level.figure] if level else [])]]
    domain = [min(0.0, *numbers), max(0.0, *numbers) or 1.0]

    y = _row_scale(count)
    layers: list[Json] = []
    for column in range(columns):
        left = column * (room + BETWEEN)
        x = {"domain": domain, "nice": False, "range": [left + start, left + end]}
        data = [_bar(n, bar, level, words) for n, bar in enumerate(chart.bars[column * count : (column + 1) * count])]
        has, has_not = "isValid(datum.value)", "!isValid(datum.value)"
        length = {**scaled("value", x, axis=None), "stack": None}
        inner = [
            *_flags(left, y),
            _column("name", left + FLAG + AFTER_FLAG, y, "isValid(datum.flag)", limit=names_wide + 4),
            _column("name", left, y, "!isValid(datum.flag)", limit=names_wide + FLAG + AFTER_FLAG, fontWeight=600),
            {
                "transform": [{"filter": has}],
                "mark": {"type": "bar", "orient": "horizontal", "height": 11, "strokeWidth": 1.3},
                "encoding": {"x": length, "y": y, "fill": as_is("fill"), "stroke": as_is("stroke")},
            },
            _column("text", left + room, y, has, align="right", fontWeight=600),
        ]
        if domain[0] < 0:
            inner.append(_through({"value": 0}, x, {"axis": None}, color=SOFT, strokeWidth=1))
        if level:
            inner.append(_level(level, x, {"axis": None}, words))
        absent = {"fontStyle": "italic", "limit": room - start}
        inner.append(_column("absent", left + start, y, has_not, stroke=CARD, strokeWidth=4, **absent))
        inner.append(_column("absent", left + start, y, has_not, color=SOFT, **absent))
        layers.append({"data": {"values": data}, "layer": inner})

    named = chart.level is not None and level is None  # what the distances are to; no line among them
    around = card(answer, words, chart.title, figures, words(_how_sure(figures, words)), 2 if level else int(named))
    if chart.level is not None and named:
        layers.append(text_at(0, around.key_y(0), words(level_words(chart.level)), color=SOFT, limit=ROOM))
    if level:
        sides = [(met, look, name) for met, look, name in SIDES if any(meets(f, level) is met for f in figures)]
        at = 0.0
        for _, look, name in sides:
            text = words(name)
            box = {"shape": RECTANGLE, "size": 15**2, "strokeWidth": 1.3, **look}
            layers += [
                symbol_at(at + 10, around.key_y(0) - 4, **box),
                text_at(at + 26, around.key_y(0), text, color=SOFT),
            ]
            at += 44 + width(text, TEXT)
        layers += _level_key(level, around, 1, words)
    description = around.description(layers, ROW * count, EDGE, EDGE, 8)
    description["resolve"] = {"scale": {"x": "independent"}}
    return description


SIDES = ((True, FILLED, say("At or above")), (False, OUTLINED, say("Below")))


def dumbbell(answer: Answer, chart: DumbbellChart, words: Words) -> Json:
    """Then a ring, now a dot, and what lies between them; both values stand in columns."""
    figures = [figure for pair in chart.pairs for figure in (pair.then, pair.now)]
    level = comparable(chart.level, figures)
    data: list[Json] = [
        {"row": n, "name": name_of(pair.name, words), "flag": _flag(pair.iso2)}
        | {"then": float(pair.then.value), "now": float(pair.now.value)}
        | {"then_text": words.figure(pair.then), "now_text": words.figure(pair.now)}
        for n, pair in enumerate(chart.pairs)
    ]
    after_flag = FLAG + AFTER_FLAG if any(row["flag"] for row in data) else 0.0
    now_wide = max(width(row["now_text"], TEXT, bold=True) for row in data) + 10
    then_wide = max(width(row["then_text"], TEXT) for row in data) + 8
    names_wide = min(max(width(row["name"], TEXT) for row in data), ROOM * 0.3) + 4
    numbers = [float(f.value) for f in [*figures, *([level.figure] if level else [])]]
    ticks = steps(min(numbers), max(numbers), 4)
    at = [float(tick) for tick in ticks]
    x = {"domain": [at[0], at[-1]], "nice": False, "zero": False}
    x["range"] = [after_flag + names_wide + 16, ROOM - now_wide - then_wide - 18]
    y = _row_scale(len(data))
    axis = {
        "title": None,
        "orient": "bottom",
        "values": at,
        "labelExpr": one_of(at, [tick_text(tick, figures[0], words) for tick in ticks]),
        "labelFlush": False,
        "labelPadding": 6,
        "gridColor": FAINT,
        "domain": False,
        "ticks": False,
    }
    unseen = {"type": "point", "opacity": 0}
    layers: list[Json] = [
        {"data": {"values": [{"value": at[0]}]}, "mark": unseen, "encoding": {"x": scaled("value", x, axis=axis)}}
    ]
    if level:
        layers.append(_level(level, x, {}, words))
    link = {"x": scaled("then", x), "x2": {"field": "now"}, "y": y}
    inner = [
        *_flags(0, y),
        _column("name", after_flag, y, limit=names_wide + 8),
        {"mark": {"type": "rule", "color": "#7C8794", "strokeWidth": 3}, "encoding": link},
        {"mark": {"type": "point", "shape": "circle", **THEN}, "encoding": {"x": scaled("then", x), "y": y}},
        {"mark": {"type": "point", "shape": "circle", **NOW}, "encoding": {"x": scaled("now", x), "y": y}},
        _column("then_text", ROOM - now_wide, y, align="right"),
        _column("now_text", ROOM, y, align="right", fontWeight=600),
    ]
    layers.append({"data": {"values": data}, "layer": inner})

    around = card(answer, words, chart.title, figures, words(_how_sure(figures, words)), 2 if level else 1)
    place = 0.0
    for look, name in ((THEN, words(chart.then)), (NOW, words(chart.now))):
        layers.append(symbol_at(place + 8, around.key_y(0) - 4, shape="circle", **look))
        layers.append(text_at(place + 22, around.key_y(0), name, color=SOFT))
        place += 42 + width(name, TEXT)
    if level:
        layers += _level_key(level, around, 1, words)
    return around.description(layers, ROW * len(data), EDGE, EDGE, 26)


# -- what both are made of ---------------------------------------------------------------------------


def _how_sure(figures: Sequence[Figure], words: Words) -> Sentence:
    """The unit and, where values are no actual ones, how sure they are."""
    unit, kinds = unit_words(figures[0].unit, words), {stretch(figure.status) for figure in figures}
    if CORRECTED in kinds:
        unit, kinds = say("{unit}, some of them corrected here", unit=unit), (kinds - {CORRECTED}) | {ACTUAL}
    if kinds == {ACTUAL}:
        return unit
    if kinds == {ESTIMATE}:
        return say("{unit}, estimates", unit=unit)
    if kinds == {ACTUAL, ESTIMATE}:
        return say("{unit}, some of them estimates", unit=unit)
    return say("{unit}, projections", unit=unit)


def _bar(row: int, bar: Bar, level: Level | None, words: Words) -> Json:
    found: Json = {"row": row, "name": name_of(bar.name, words), "flag": _flag(bar.iso2)}
    if bar.figure is None:
        return {**found, "value": None, "absent": words(bar.absent) if bar.absent is not None else "–"}
    look = OUTLINED if level is not None and not meets(bar.figure, level) else FILLED
    return {**found, "value": float(bar.figure.value), "text": words.figure(bar.figure), **look}


@cache
def _flag(iso2: str) -> str | None:
    """A flag as a data: address; None for what has none, such as a total."""
    path = FLAGS / f"{iso2.lower()}.png"
    if not iso2 or not path.is_file():
        return None
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def _flags(x: float, y: Json) -> list[Json]:
    """The flags of a column, with a thin edge, since some are white."""
    where = {"x": {"value": x + FLAG / 2}, "y": y}
    has = [{"filter": "isValid(datum.flag)"}]
    image = {"type": "image", "width": FLAG, "height": FLAG * 0.75}
    edge = {"type": "point", "shape": RECTANGLE, "size": FLAG**2, "fill": None, "stroke": "#8892A0", "opacity": 1}
    return [
        {"transform": has, "mark": image, "encoding": {**where, "url": {"field": "flag", "type": "nominal"}}},
        {"transform": has, "mark": {**edge, "strokeWidth": 0.6}, "encoding": where},
    ]


def _row_scale(count: int) -> Json:
    scale = {"domain": list(range(count)), "paddingInner": 0, "paddingOuter": 0}
    return {"field": "row", "type": "ordinal", "axis": None, "scale": scale}


def _column(field: str, x: float, y: Json, only: str | None = None, **more: Any) -> Json:
    """Words of each row under one another."""
    encoding = {"x": {"value": x}, "y": y, "text": {"field": field, "type": "nominal"}}
    layer: Json = {"mark": {"type": "text", "baseline": "middle", "align": "left", **more}, "encoding": encoding}
    return {"transform": [{"filter": only}], **layer} if only else layer


def _through(row: Json, x: Json, axis: Json, **more: Any) -> Json:
    """A stroke through all rows of a column, at a value."""
    return {
        "data": {"values": [row]},
        "mark": {"type": "rule", **more},
        "encoding": {"x": scaled("value", x, **axis)},
    }


def _level(level: Level, x: Json, axis: Json, words: Words) -> Json:
    row = {"value": float(level.figure.value), "name": words(level.name), "text": words(level_text(level))}
    return _through(row, x, axis, color=INK, strokeWidth=1.5, strokeDash=level_dash(level))


def _level_key(level: Level, around: Card, row: int, words: Words) -> list[Json]:
    """The rule in words, after the stroke that it is drawn with."""
    y = around.key_y(row)
    stroke = stroke_at(10, y - 11, 10, y + 3, color=INK, strokeWidth=1.5, strokeDash=level_dash(level))
    return [stroke, text_at(26, y, words(level_words(level)), color=SOFT, limit=ROOM - 26)]
