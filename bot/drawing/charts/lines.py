"""Lines over years, with the rules' levels across them and a projection's fan."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct

from bot.drawing.charts.card import (
    ACTUAL,
    CARD,
    COLOURS,
    CORRECTED,
    EDGE,
    ESTIMATE,
    FAINT,
    ILLUSTRATION,
    INK,
    KEYS,
    PROJECTION,
    SMALL,
    SOFT,
    STANDINGS,
    TEXT,
    WHOLE,
    WIDE,
    Json,
    as_is,
    band_kind,
    card,
    comparable,
    level_dash,
    level_text,
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
from bot.drawing.charts.placing import spread, steps, width, wrapped
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.chart import Line, LineChart
from knowledge.figure import Status
from knowledge.sentences import Year, say

HEIGHT = 260.0
LABELS = 150.0  # the widest that a label at the right edge may be
LABEL_LINE = 14.0
LONGEST_WAIT = 12  # years from the last figure to a deadline that the axis still reaches out to
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
DASHES: dict[str, list[float]] = {
    ACTUAL: WHOLE,
    CORRECTED: WHOLE,
    ESTIMATE: [6, 4],
    PROJECTION: [1.5, 3.5],
    ILLUSTRATION: [9, 3, 1.5, 3],
}
RANGE = say("Range")


class Label(Struct, frozen=True):
    """What stands at the end of a line or a level; each text is a line of its own, bold or not."""

    value: float  # the height it belongs to
    texts: tuple[tuple[str, bool], ...]
    colour: str
    falling: bool = False  # whether the line comes from above

    @property
    def height(self) -> float:
        return LABEL_LINE * len(self.texts) + 2

    @property
    def width(self) -> float:
        return max(width(text, TEXT, bold=bold) for text, bold in self.texts)


class Lines:
    """One line chart on its way to a description."""

    def __init__(self, answer: Answer, chart: LineChart, words: Words) -> None:
        self.answer, self.words, self.title = answer, words, chart.title
        self.lines = [line for line in chart.lines if line.points]
        self.band = chart.band if chart.band and chart.band.points else None
        self.figures = [figure for line in self.lines for _, figure in line.points]
        years = [year for line in self.lines for year, _ in line.points]
        for year, *three in self.band.points if self.band else ():
            self.figures += three
            years.append(year)
        self.levels = [level for level in chart.levels if comparable(level, self.figures)]
        self.due = [level.deadline for level in self.levels if level.deadline is not None]
        self.first, self.last = min(years), max(years)
        known = [y for line in self.lines for y, figure in line.points if figure.status < Status.PROJECTION]
        self.known = max(known, default=self.last)
        self.end = max(self.last, *(y for y in self.due if y <= self.last + LONGEST_WAIT), self.first + 1)

        values = [float(f.value) for f in [*self.figures, *(level.figure for level in self.levels)]]
        self.ticks = steps(min(0.0, *values), max(0.0, *values), 5)
        self.low, self.high = float(self.ticks[0]), float(self.ticks[-1])
        self.tick_texts = [tick_text(tick, self.figures[0], words) for tick in self.ticks]

        at_end = [self._label(n) for n, line in enumerate(self.lines) if line.points[-1][0] == self.end]
        at_end += [*self._band_label(), *self._level_labels()]
        self.left = EDGE + max(width(text, SMALL) for text in self.tick_texts) + 8
        self.right = EDGE + max((label.width for label in at_end), default=14.0) + 14
        self.wide = WIDE - self.left - self.right
        self.a_year = self.wide / (self.end - self.first)
        self.labels: dict[tuple[int, str], list[Label]] = {(self.end, "beside"): at_end} if at_end else {}
        for n, line in enumerate(self.lines):
            if (year := line.points[-1][0]) != self.end:
                self.labels.setdefault((year, self._side(n)), []).append(self._label(n))
        self.x: Json = {"domain": [self.first, self.end], "nice": False, "zero": False}
        self.y: Json = {"domain": [self.low, self.high], "nice": False}

    def description(self) -> Json:
        kinds = {stretch(figure.status) for line in self.lines for _, figure in line.points}
        if self.band is not None:
            kinds.add(band_kind(self.band))
        shown = [kind for kind in KEYS if kind in kinds]
        has_key = shown != [ACTUAL]
        subtitle = self.words(unit_words(self.figures[0].unit, self.words))
        around = card(self.answer, self.words, self.title, self.figures, subtitle, int(has_key))
        layers = [self._axes(), *self._zero(), *self._fan(), *self._rules(), *self._stretches(), *self._points()]
        for (year, side), labels in self.labels.items():
            layers += self._placed(year, side, labels)
        if has_key:
            layers += self._key(shown, around.key_y(0))
        return around.description(layers, HEIGHT, self.left, self.right, 26)

    # -- axes ----------------------------------------------------------------------------------------

    def _axes(self) -> Json:
        """Round values across; years along the foot with NATO's mark of an estimate."""
        years, numbers = self._years(), [float(tick) for tick in self.ticks]
        estimated = {y for line in self.lines for y, figure in line.points if figure.status is Status.ESTIMATE}
        texts = [self.words.value(Year(year, "e" if year in estimated else "")) for year in years]
        same = {"title": None, "labelOverlap": False}
        along = {"grid": False, "labelFlush": False, "tickColor": FAINT, "domainColor": SOFT, "labelPadding": 4}
        across = {"gridColor": FAINT, "domain": False, "ticks": False, "labelPadding": 8}
        x_axis = {**same, **along, "values": years, "labelExpr": one_of(years, texts)}
        y_axis = {**same, **across, "values": numbers, "labelExpr": one_of(numbers, self.tick_texts)}
        return {
            "data": {"values": [{"year": self.first, "value": self.low}]},
            "mark": {"type": "point", "opacity": 0},
            "encoding": {"x": scaled("year", self.x, axis=x_axis), "y": scaled("value", self.y, axis=y_axis)},
        }

    def _zero(self) -> list[Json]:
        """Where values go below nothing, the line of nothing is to be seen."""
        if self.low >= 0:
            return []
        mark = {"type": "rule", "color": SOFT, "strokeWidth": 1}
        return [{"data": {"values": [{"value": 0}]}, "mark": mark, "encoding": {"y": scaled("value", self.y)}}]

    def _years(self) -> list[int]:
        """Years with a tick: the ends, the last that is known and a deadline first, then even steps where there is room."""
        apart = next((n for n in (1, 2, 5, 10, 20) if n * self.a_year >= 40), 50)
        taken: list[int] = []
        for year in (self.end, self.known, *self.due, self.first):
            if self.first <= year <= self.end and all(abs(year - other) * self.a_year >= 36 for other in taken):
                taken.append(year)
        for year in (*range(self.known, self.first, -apart), *range(self.known, self.end, apart)):
            if all(abs(year - other) * self.a_year >= max(36, 0.75 * apart * self.a_year) for other in taken):
                taken.append(year)
        return sorted(taken)

    # -- what is shown -------------------------------------------------------------------------------

    def _fan(self) -> list[Json]:
        if self.band is None:
            return []
        rows = [
            {"year": year, "low": float(a.value), "value": float(b.value), "high": float(c.value)}
            | {"name": name_of(self.band.name, self.words), "text": self.words.figure(b)}
            for year, a, b, c in self.band.points
        ]
        colour = self._band_colour
        middle = {"x": scaled("year", self.x), "y": scaled("value", self.y)}
        around = {"x": scaled("year", self.x), "y": scaled("low", self.y), "y2": {"field": "high"}}
        line = {"type": "line", "color": colour, "strokeWidth": 2.5, "strokeDash": DASHES[band_kind(self.band)]}
        point = {"type": "point", "stroke": colour, "fill": CARD, "opacity": 1, "size": 32, "strokeWidth": 1.6}
        return [
            {
                "data": {"values": rows},
                "layer": [
                    {"mark": {"type": "area", "color": colour, "opacity": 0.2}, "encoding": around},
                    {"mark": line, "encoding": middle},
                    {"mark": point, "encoding": middle},
                ],
            }
        ]

    def _rules(self) -> list[Json]:
        """Each level from the year it was agreed; a diamond marks when it is due."""
        layers: list[Json] = []
        for level in self.levels:
            row: Json = {"name": self.words(level.name), "text": self.words(level_text(level))}
            row |= {
                "value": float(level.figure.value),
                "from": min(max(self.first, level.since or self.first), self.end - 1),
                "to": self.end,
                "year": level.deadline,
            }
            mark = {"type": "rule", "color": INK, "strokeWidth": 1.5, "strokeDash": level_dash(level)}
            encoding = {"x": scaled("from", self.x), "x2": {"field": "to"}, "y": scaled("value", self.y)}
            layers.append({"data": {"values": [row]}, "mark": mark, "encoding": encoding})
            if level.deadline is not None and self.first <= level.deadline <= self.end:
                mark = {"type": "point", "shape": "diamond", "size": 110, "fill": INK, "stroke": CARD, "opacity": 1}
                encoding = {"x": scaled("year", self.x), "y": scaled("value", self.y)}
                layers.append({"data": {"values": [row]}, "mark": mark, "encoding": encoding})
        return layers

    def _stretches(self) -> list[Json]:
        """From each point to the next, drawn as sure as the later one is; a published year that is missing is a gap."""
        rows: dict[str, list[Json]] = {}
        for n, line in enumerate(self.lines):
            last: tuple[str, int] | None = None  # the stretch that may go on, and up to where it came
            for (start, a), (end, b) in pairwise(line.points):
                kind = stretch(b.status)
                if end - start > 1 and kind in (ACTUAL, CORRECTED, ESTIMATE):
                    continue
                found = rows.setdefault(kind, [])
                if last != (kind, start):
                    part = f"{n}.{start}"
                    found.append({"part": part, "colour": _colour(n), "year": start, "value": float(a.value)})
                found.append({**found[-1], "year": end, "value": float(b.value)})
                last = (kind, end)
        encoding = {"x": scaled("year", self.x), "y": scaled("value", self.y)}
        encoding |= {"detail": {"field": "part", "type": "nominal"}, "stroke": as_is("colour")}
        return [
            {
                "data": {"values": found},
                "mark": {"type": "line", "strokeWidth": 2.5, "strokeDash": DASHES[kind], "strokeJoin": "round"},
                "encoding": encoding,
            }
            for kind, found in rows.items()
        ]

    def _points(self) -> list[Json]:
        """Filled where it happened, hollow where it is estimated or projected; a corrected one has a dark edge."""
        rows = [
            {
                "name": name_of(line.name, self.words),
                "year": year,
                "value": float(figure.value),
                "text": self.words.figure(figure),
                "status": self.words(KEYS[stretch(figure.status)]),
                "fill": _colour(n) if stretch(figure.status) in (ACTUAL, CORRECTED) else CARD,
                "stroke": INK if stretch(figure.status) == CORRECTED else _colour(n),
                "shape": SHAPES[n % len(SHAPES)],
            }
            for n, line in enumerate(self.lines)
            for year, figure in line.points
        ]
        encoding = {"x": scaled("year", self.x), "y": scaled("value", self.y)}
        encoding |= {"stroke": as_is("stroke"), "fill": as_is("fill"), "shape": as_is("shape")}
        mark = {"type": "point", "opacity": 1, "size": 36, "strokeWidth": 1.6}
        return [{"data": {"values": rows}, "mark": mark, "encoding": encoding}] if rows else []

    # -- labels --------------------------------------------------------------------------------------

    def _label(self, n: int) -> Label:
        """A line's name and last value, in one line where it is short enough."""
        line = self.lines[n]
        figure = line.points[-1][1]
        name, value = name_of(line.name, self.words), self.words.figure(figure)
        texts = [f"{name} {value}"]
        if width(texts[0], TEXT, bold=True) > LABELS:
            texts = [*wrapped(name, LABELS, TEXT, bold=True), value]
        falling = len(line.points) > 1 and line.points[-2][1].value > figure.value
        return Label(float(figure.value), tuple((text, True) for text in texts), _colour(n), falling)

    def _band_label(self) -> list[Label]:
        if self.band is None:
            return []
        _, low, middle, high = self.band.points[-1]
        texts = [*_lines(name_of(self.band.name, self.words), bold=True), (self.words.figure(middle), True)]
        if low.value != high.value:
            texts += _lines(self.words(say("{low} to {high}", low=low, high=high)))
        return [Label(float(middle.value), tuple(texts), self._band_colour)]

    def _level_labels(self) -> list[Label]:
        labels = []
        for level in self.levels:
            texts = [(self.words(level_text(level)), True), *_lines(self.words(level.name))]
            if level.figure.standing in STANDINGS:
                texts += _lines(self.words(STANDINGS[level.figure.standing]))
            labels.append(Label(float(level.figure.value), tuple(texts), INK))
        return labels

    def _side(self, n: int) -> str:
        """Beside its last point, unless something goes on from there or there is no room."""
        line = self.lines[n]
        year = line.points[-1][0]
        if (self.end - year) * self.a_year < self._label(n).width + 20 or self._goes_on(line, year):
            return "under" if self._label(n).falling else "over"
        return "beside"

    def _goes_on(self, line: Line, year: int) -> bool:
        spans = [(other.points[0][0], other.points[-1][0]) for other in self.lines if other is not line]
        spans += [(self.band.points[0][0], self.band.points[-1][0])] if self.band else []
        return any(start <= year + 1 and end > year for start, end in spans)

    def _placed(self, year: int, side: str, labels: list[Label]) -> list[Json]:
        """The layers of labels that share a column: apart from one another, with a leader where one had to move."""
        over = {"beside": 0.0, "over": -1.0, "under": 1.0}[side]
        wanted = [self._height(label.value) + over * (label.height / 2 + 4) for label in labels]
        middles = spread(wanted, [label.height for label in labels], -8, HEIGHT + 8)
        at = 12.0 if side == "beside" else 4.0
        rows, leaders = [], []
        for label, wish, middle in zip(labels, wanted, middles, strict=True):
            for n, (text, bold) in enumerate(label.texts):
                y = middle - label.height / 2 + 8 + LABEL_LINE * n
                row = {"text": text, "colour": label.colour, "bold": bold, **self._spot(year, at, y)}
                rows.append(row | {"year2": self._spot(year, at + width(text, TEXT, bold=bold), y)["year"]})
            if side == "beside" and abs(wish - middle) > 4:
                ends = self._spot(year, 10, middle)
                leader = {**self._spot(year, 4, wish), "year2": ends["year"], "value2": ends["value"]}
                leaders.append({**leader, "colour": label.colour})
        x, y2 = scaled("year", self.x), scaled("value", self.y)
        layers: list[Json] = []
        if leaders:
            encoding = {"x": x, "y": y2, "x2": {"field": "year2"}, "y2": {"field": "value2"}, "color": as_is("colour")}
            layers.append({"data": {"values": leaders}, "mark": {"type": "rule"}, "encoding": encoding})
        inner: list[Json] = []
        if side == "beside":  # nothing of the chart shows through the words
            strip = {"type": "rule", "color": CARD, "strokeWidth": LABEL_LINE}
            inner.append({"mark": strip, "encoding": {"x": x, "x2": {"field": "year2"}, "y": y2}})
        align = "left" if side == "beside" else "right"
        for weight, only in ((600, "datum.bold"), (400, "!datum.bold")):
            mark = {"type": "text", "align": align, "baseline": "middle", "fontWeight": weight}
            encoding = {"x": x, "y": y2, "text": {"field": "text", "type": "nominal"}}
            halo = {**mark, "stroke": CARD, "strokeWidth": 4, "strokeJoin": "round"}
            inner.append({"transform": [{"filter": only}], "mark": halo, "encoding": encoding})
            inner.append(
                {"transform": [{"filter": only}], "mark": mark, "encoding": {**encoding, "color": as_is("colour")}}
            )
        return [*layers, {"data": {"values": rows}, "layer": inner}]

    def _height(self, value: float) -> float:
        """Pixels from the chart's upper edge."""
        return HEIGHT * (self.high - value) / (self.high - self.low)

    def _spot(self, year: int, right: float, down: float) -> Json:
        """A place in the picture in terms of the axes: so many pixels right of a year, and down from the top."""
        value = self.high - down * (self.high - self.low) / HEIGHT
        return {"year": round(year + right / self.a_year, 6), "value": round(value, 9)}

    # -- the key -------------------------------------------------------------------------------------

    def _key(self, kinds: Iterable[str], y: float) -> list[Json]:
        x = EDGE - self.left
        layers: list[Json] = []
        for kind in kinds:
            text = self.words(KEYS[kind])
            fill, edge = SOFT if kind in (ACTUAL, CORRECTED) else CARD, INK if kind == CORRECTED else SOFT
            layers.append(stroke_at(x, y - 4, x + 42, y - 4, color=SOFT, strokeWidth=2.5, strokeDash=DASHES[kind]))
            layers.append(symbol_at(x + 21, y - 4, stroke=edge, fill=fill, size=36))
            layers.append(text_at(x + 49, y, text, color=SOFT))
            x += 67 + width(text, TEXT)
        if self.band is not None and any(low.value != high.value for _, low, _, high in self.band.points):
            layers.append(stroke_at(x, y - 4, x + 34, y - 4, color=self._band_colour, opacity=0.2, strokeWidth=12))
            layers.append(text_at(x + 40, y, self.words(RANGE), color=SOFT))
        return layers

    @property
    def _band_colour(self) -> str:
        return _colour(len(self.lines))


def _colour(n: int) -> str:
    return COLOURS[n % len(COLOURS)]


def _lines(text: str, *, bold: bool = False) -> list[tuple[str, bool]]:
    return [(line, bold) for line in wrapped(text, LABELS, TEXT, bold=bold)]
