"""What every chart shares: the card with its title, unit and source, colours, and marks at fixed places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import orjson
from msgspec import Struct

from bot.drawing.charts.placing import balanced, width, wrapped
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.chart import Band, Level
from knowledge.figure import Figure, Kind, Source, Standing, Status, Unit
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Group, Member

Json = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = "Inter, Helvetica, Arial, sans-serif"
WIDE, EDGE = 600, 20  # of the whole picture, which is drawn at twice this size; no text comes nearer to its edge
TITLE, TEXT, SMALL = 17.0, 11.5, 10.5  # sizes of type; ten is the least that is read on a phone
TITLE_LINE, KEY_LINE, FOOT_LINE = 21, 20, 14
CARD, INK, SOFT, FAINT = "#F7F8FA", "#16202A", "#4A5560", "#D3D8DE"
# Okabe and Ito's colours, darkened so that words can be set in them; each line has a shape of its own as well.
COLOURS = ("#0068A6", "#B84A00", "#007355", "#A03C7A", "#7D5A00", "#3B3F46")
WHOLE: list[float] = [1, 0]

ACTUAL, CORRECTED, ESTIMATE = "actual", "corrected", "estimate"
PROJECTION, ILLUSTRATION = "projection", "illustration"
KEYS = {
    ACTUAL: say("Actual"),
    CORRECTED: say("Corrected here"),
    ESTIMATE: say("Estimate"),
    PROJECTION: say("Projection"),
    ILLUSTRATION: say("Illustration, no NATO target"),
}
_STRETCHES = {
    Status.PUBLISHED: ACTUAL,
    Status.CORRECTED: CORRECTED,
    Status.ESTIMATE: ESTIMATE,
    Status.PROJECTION: PROJECTION,
    Status.ILLUSTRATION: ILLUSTRATION,
}
STANDINGS = {
    Standing.ADOPTED: say("Adopted"),
    Standing.READING: say("Its own reading, disputed"),
    Standing.PROPOSED: say("Proposed, never adopted"),
    Standing.DEMANDED: say("Demanded, never adopted"),
}
_UNITS = {
    Kind.SHARE: say("Per cent of GDP"),
    Kind.SHARE_OF_SPENDING: say("Per cent of defence spending"),
    Kind.POINTS: say("Percentage points of GDP"),
    Kind.PERCENTAGE_POINTS: say("Percentage points"),
    Kind.PERCENT: say("Per cent"),
    Kind.PEOPLE: say("People"),
}


# -- figures and rules -------------------------------------------------------------------------------


def name_of(sentence: Sentence, words: Words) -> str:
    """A label: an Ally's bare name without its article, any other sentence as it is drawn."""
    ally = sentence.values.get("member")
    return words.cell(ally) if sentence.template == "{member}" and isinstance(ally, Member | Group) else words(sentence)


def stretch(status: Status) -> str:
    """How sure a value is, as charts tell it."""
    return _STRETCHES[status]


def band_kind(band: Band) -> str:
    """How sure a fan is: it begins with an estimate, so its end says it; what was never so is at least a projection."""
    kind = stretch(band.points[-1][2].status)
    return kind if kind == ILLUSTRATION else PROJECTION


def meets(figure: Figure, level: Level) -> bool:
    """As a share is compared with a rule: at the decimals NATO prints."""
    return figure.printed >= level.figure.value


def comparable(level: Level | None, figures: Iterable[Figure]) -> Level | None:
    """The level, unless the figures are in another unit than it is."""
    return level if level is not None and all(f.unit.kind is level.figure.unit.kind for f in figures) else None


def level_text(level: Level) -> Sentence:
    """ "3.5% by 2035", or "2%" where it holds every year."""
    if level.deadline is not None:
        return say("{level} by {year}", level=level.figure, year=Year(level.deadline))
    return say("{level}", level=level.figure)


def level_words(level: Level) -> Sentence:
    """The level with its rule's name and standing."""
    if level.figure.standing not in STANDINGS:
        return say("{level}: {rule}.", level=level_text(level), rule=level.name)
    standing = STANDINGS[level.figure.standing]
    return say("{level}: {rule}. {standing}.", level=level_text(level), rule=level.name, standing=standing)


def level_dash(level: Level) -> list[float]:
    """A rule that was adopted is a whole stroke; one that never was is broken."""
    return WHOLE if level.figure.standing in (Standing.ADOPTED, None) else [10, 4]


def unit_words(unit: Unit, words: Words) -> Sentence:
    """The unit of a whole chart."""
    if unit.kind is not Kind.MONEY:
        return _UNITS.get(unit.kind, say("{unit}", unit=unit.text))
    currency = words.symbol(unit.currency)
    if not unit.prices:
        return say("{currency}, each year's own prices", currency=currency)
    if unit.prices.isdigit():
        return say("{currency} in prices of {year}", currency=currency, year=Year(int(unit.prices)))
    return say("{currency} in constant prices", currency=currency)


def tick_text(value: Decimal, like: Figure, words: Words) -> str:
    """A round number on an axis, in the unit and the reader's language, with no more digits than it has."""
    value = value.normalize()
    if like.unit.kind is Kind.MONEY:
        return words.money(value, like.unit.currency, significant=1)
    decimals = max(0, -int(value.as_tuple().exponent))
    return words.figure(Figure("tick", value, like.unit.to(decimals), say("")))


def sources(answer: Answer, figures: Iterable[Figure], words: Words) -> str:
    """The edition and every other table that the figures come from; what a rule cites is not among them."""
    found: dict[Source, None] = dict.fromkeys([answer.edition.source] if answer.edition else [])
    for figure in figures:
        for leaf in figure.closure():
            if leaf.standing is None:
                found.update(dict.fromkeys(citation.source for citation in leaf.citations))
    named = []
    for source in found:
        own = answer.edition if answer.edition is not None and source is answer.edition.source else None
        title = own.name if own is not None else source.title
        sentence = say("{publisher}, {title}.", publisher=source.publisher, title=title)
        if source.published is not None:
            sentence = say(
                "{publisher}, {title}, published {date}.",
                publisher=source.publisher,
                title=title,
                date=source.published,
            )
        named.append(words(sentence))
    return words(say("Source: {sources} Calculations ours.", sources=" ".join(named)))


# -- marks -------------------------------------------------------------------------------------------


def text_at(x: float, y: float, text: str, size: float = TEXT, **more: Any) -> Json:
    mark = {"type": "text", "text": text, "fontSize": size, "align": "left", "baseline": "alphabetic", **more}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"value": x}, "y": {"value": y}}}


def stroke_at(x: float, y: float, x2: float, y2: float, **more: Any) -> Json:
    encoding = {"x": {"value": x}, "y": {"value": y}, "x2": {"value": x2}, "y2": {"value": y2}}
    return {"data": {"values": [{}]}, "mark": {"type": "rule", **more}, "encoding": encoding}


def symbol_at(x: float, y: float, **more: Any) -> Json:
    mark = {"type": "point", "opacity": 1, "strokeWidth": 1.6, "size": 45, **more}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"value": x}, "y": {"value": y}}}


def scaled(field: str, scale: Json, **more: Any) -> Json:
    """A number that is placed on a scale."""
    return {"field": field, "type": "quantitative", "scale": scale, **more}


def as_is(field: str) -> Json:
    """A colour, a shape or words that the data name themselves."""
    return {"field": field, "type": "nominal", "scale": None}


def one_of(values: Sequence[float], texts: Sequence[str]) -> str:
    """An expression that words each tick; JSON's strings are Vega's too."""
    return f"{orjson.dumps(list(texts)).decode()}[indexof({orjson.dumps(list(values)).decode()}, datum.value)]"


# -- the card ----------------------------------------------------------------------------------------


class Card(Struct, frozen=True):
    """What surrounds a chart: its title, unit and key above it, its source below it."""

    title: list[str]
    subtitle: str
    key_rows: int
    footer: list[str]

    @property
    def top(self) -> float:
        """Where the chart begins, from the picture's upper edge."""
        return EDGE + TITLE_LINE * len(self.title) + 16 + KEY_LINE * self.key_rows + 12

    def key_y(self, row: int) -> float:
        """The baseline of a line of the key, as seen from the chart."""
        return KEY_LINE * (row - self.key_rows) + 1

    def description(self, layers: list[Json], height: float, left: float, right: float, below: float) -> Json:
        """The whole: `left`, `right` and `below` are what the chart leaves free around itself, its labels included."""
        x, end, y = EDGE - left, WIDE - EDGE - left, EDGE + 13 - self.top
        words = [text_at(x, y + TITLE_LINE * n, line, TITLE, fontWeight=600) for n, line in enumerate(self.title)]
        words.append(text_at(x, y + TITLE_LINE * len(self.title) - 4, self.subtitle, color=SOFT))
        foot = height + below + FOOT_LINE
        words += [text_at(x, foot + FOOT_LINE * n, line, SMALL, color=SOFT) for n, line in enumerate(self.footer)]
        last = foot + FOOT_LINE * (len(self.footer) - 1)
        words.append(text_at(end, last, "Allied Ledger", SMALL, fontWeight=600, align="right", color=SOFT))
        bottom = below + FOOT_LINE * len(self.footer) + EDGE + 4
        return {
            "$schema": SCHEMA,
            "description": " ".join(self.title),
            "background": CARD,
            "width": WIDE - left - right,
            "height": height,
            "padding": {"left": left, "right": right, "top": self.top, "bottom": bottom},
            "autosize": {"type": "none"},
            "layer": layers + words,
            "config": {
                "font": FONT,
                "view": {"stroke": None},
                "text": {"font": FONT, "color": INK, "fontSize": TEXT},
                "axis": {"labelFont": FONT, "labelFontSize": SMALL, "labelColor": SOFT},
            },
        }


def card(
    answer: Answer, words: Words, title: Sentence, figures: Sequence[Figure], subtitle: str, key_rows: int
) -> Card:
    room = WIDE - 2 * EDGE
    narrow = room - width("Allied Ledger", SMALL, bold=True) - 16
    told = [line for one in answer.breaks for line in wrapped(words.value(one.what), room, SMALL)]
    footer = [*told, *wrapped(sources(answer, figures, words), narrow, SMALL)]
    return Card(balanced(words(title), room, TITLE, bold=True), subtitle, key_rows, footer)
