"""Sentences and answers in plain English, for whoever runs the bot; bot/drawing draws them for readers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.dates import PartialDate
from knowledge.figure import IN_PER_CENT, Figure, Kind
from knowledge.sentences import Days, Listing, Sentence, Typed, Year

_LAST = {"standard": " and ", "or": " or "}  # before the last of several
_COUNTED = {
    Kind.POINTS: " points", Kind.PERCENTAGE_POINTS: " points", Kind.POINTS_A_YEAR: " points a year", Kind.YEARS: " years",
}  # fmt: skip


def in_english(sentence: Sentence) -> str:
    """A whole sentence."""
    text = _value(sentence)
    return text[:1].upper() + text[1:]


def lines_of(answer: Answer | Problem) -> tuple[str, ...]:
    """What an answer says, line by line, without its notes."""
    if isinstance(answer, Problem):
        return (in_english(answer.sentence),)
    rows = (f"{in_english(row.label)}: {in_english(row.text)}" for row in answer.rows)
    table = (" ".join(map(_value, row)) for row in answer.table.rows) if answer.table is not None else ()
    return (in_english(answer.headline), *rows, *table)


def _value(value: object) -> str:
    match value:
        case Sentence():
            return value.template.format_map({name: _value(one) for name, one in value.values.items()})
        case Figure():
            return _figure(value)
        case Year():
            return f"{value.number}{value.mark}"
        case PartialDate():
            return value.text
        case Days():
            return value.start.text if value.start == value.end else f"{value.start.text} to {value.end.text}"
        case Listing():
            return _listing([_value(one) for one in value.items], value.style)
        case Typed():
            return " ".join("".join(sign for sign in value.text if sign.isprintable() or sign.isspace()).split())
        case None:
            return "–"
        case str():
            return value
    return str(value.name)  # type: ignore[attr-defined]


def _listing(items: list[str], style: str) -> str:
    if style == "sentences":
        return " ".join(items)
    if style not in _LAST or len(items) < 2:
        return ", ".join(items)
    return _LAST[style].join((", ".join(items[:-1]), items[-1]))


def _figure(figure: Figure) -> str:
    """To the decimals that NATO prints, with its unit; money in whole units."""
    unit = figure.unit
    decimals = min(unit.decimals, 0) if unit.kind is Kind.MONEY else unit.decimals
    number = f"{figure.value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0:,f}"
    if unit.kind in IN_PER_CENT:
        return f"{number}%"
    if unit.kind is Kind.MONEY:
        return f"{unit.currency} {number}"
    return number + _COUNTED.get(unit.kind, "")
