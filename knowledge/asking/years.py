"""Years as people type them: one, a span, a fiscal year, "last year"; and the other numbers of a question."""

from __future__ import annotations

import re
from decimal import Decimal

from msgspec import Struct

from knowledge.asking.problem import Problem
from knowledge.names import plain, refuse_noise
from knowledge.sentences import Typed, Year, say

FIRST_YEAR, LAST_YEAR = 1949, 2050
_TO = r"\s*(?:-|–|—|\.\.\.?|to|until|till|bis|and|through)\s*"
_SPAN = re.compile(rf"(?:from |between )?(\d{{4}})e?{_TO}(\d{{4}}|\d{{2}})e?", re.IGNORECASE)
_FISCAL = re.compile(r"(?:fy|fiscal year|financial year)?\s*(\d{4})\s*[/\-–]\s*(\d{2}|\d{4})", re.IGNORECASE)
_SINCE_TO = re.compile(r"since\s+(\d{4})\s+(?:to |until )?(\d{4})", re.IGNORECASE)
_SINCE = re.compile(r"(?:since|from)\s+(\d{4})|(\d{4})(?:\s*(?:-|–|—|\.\.)| to| on| onwards)", re.IGNORECASE)
_ONE = re.compile(r"(?:in |fy ?|fiscal year |year )?(\d{4})e?", re.IGNORECASE)
_RELATIVE = {"last year": -1, "this year": 0, "next year": 1, "current year": 0, "previous year": -1}


class Span(Struct, frozen=True):
    """The first and last year asked for; `last` is None where the end is open.

    `fiscal` where a fiscal year such as 2025/26 was typed, which is one year of NATO's for those who have it.
    """

    first: int
    last: int | None
    fiscal: bool = False

    @property
    def single(self) -> bool:
        return self.first == self.last

    def __str__(self) -> str:
        return str(self.first) if self.single else f"{self.first}-{self.last or ''}"

    def holds(self, year: int) -> bool:
        return self.first <= year and (self.last is None or year <= self.last)


def is_years(text: str) -> bool:
    """Whether words are a year or years, whatever those are."""
    key = " ".join(text.casefold().split())
    return key in _RELATIVE or any(shape.fullmatch(key) for shape in (_ONE, _FISCAL, _SPAN, _SINCE_TO, _SINCE))


def years(text: str | None, this_year: int) -> Span | None:
    """What was typed ("2032", "2026e", "2014-2026", "since 2014", "2025/26", "last year"); Problem if it is no year."""
    if text is None or not text.strip():
        return None
    refuse_noise(text)
    key = " ".join(text.casefold().split())
    if key in _RELATIVE:
        return _checked(this_year + _RELATIVE[key], this_year + _RELATIVE[key], text)
    if fiscal := _FISCAL.fullmatch(key):
        first, last = int(fiscal[1]), int(fiscal[1][: 4 - len(fiscal[2])] + fiscal[2])
        spelt_out = len(fiscal[2]) == 4 and "/" not in key and "f" not in key
        if last == first + 1 and not spelt_out:
            return _checked(first, last, text, fiscal=True)
    if two := _SPAN.fullmatch(key) or _SINCE_TO.fullmatch(key):
        return _checked(int(two[1]), int(two[1][: 4 - len(two[2])] + two[2]), text)
    if since := _SINCE.fullmatch(key):
        return _checked(int(since[1] or since[2]), None, text)
    if one := _ONE.fullmatch(plain(text)) or re.fullmatch(r"(?:in |fy ?)?(\d{1,5})e?", plain(text)):
        return _checked(int(one[1]), int(one[1]), text)
    raise Problem("bad-year", say("“{text}” is not a year. Type one such as 2026 or 2032.", text=Typed(text)))


def _checked(first: int, last: int | None, text: str, *, fiscal: bool = False) -> Span:
    if not all(FIRST_YEAR <= year <= LAST_YEAR for year in (first, last or first)):
        told = say(
            "NATO was founded in {first} and nothing is computed after {last}: {year} is outside. Pick a year between."
        ).filled(first=Year(FIRST_YEAR), last=Year(LAST_YEAR), year=Typed(text))
        raise Problem("year-out-of-range", told)
    if last is not None and first > last:
        told = say("{first} comes after {last}. Write the earlier year first: {last}-{first}.")
        raise Problem("years-backwards", told.filled(first=Year(first), last=Year(last)))
    return Span(first, last, fiscal)


_NUMBER = r"[+-]?\d{1,6}(?:[.,]\d{1,12})?"
_PER_CENT = r"(?:%|℅|percent|per cent|pc)"


def is_percentage(text: str) -> bool:
    """Whether words are a percentage with its sign, or a number that cannot be a year."""
    key = " ".join(text.casefold().replace("−", "-").split())
    return re.fullmatch(rf"%?{_NUMBER} ?{_PER_CENT}|%{_NUMBER}|{_NUMBER}", key) is not None and not is_years(key)


def number(text: str, option: str) -> Decimal:
    """The number typed, with a point or a comma, with or without a sign for per cent."""
    key = " ".join(text.split()).casefold().replace("−", "-")
    digits = re.fullmatch(rf"%?({_NUMBER}) ?{_PER_CENT}?", key)
    if digits is None:
        told = say("“{text}” is not a number. Write {option} as 3.5 or 3.5%.", text=Typed(text), option=Typed(option))
        raise Problem("bad-number", told)
    value = Decimal(digits[1].replace(",", "."))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


class Levels(Struct, frozen=True):
    """Levels typed instead of a rule: at or above `low`, below `high`, or between the two."""

    low: Decimal | None
    high: Decimal | None

    def __str__(self) -> str:
        if self.low is None:
            return f"below {self.high}"
        return str(self.low) if self.high is None else f"{self.low}-{self.high}"


_BETWEEN = re.compile(rf"(?:between |from )?({_NUMBER}) ?{_PER_CENT}?(?:\s*(?:-|–|to|and)\s*)({_NUMBER}) ?{_PER_CENT}?")
_BELOW = re.compile(rf"(?:below|under|less than|<) ?({_NUMBER}) ?{_PER_CENT}?")
_ABOVE = re.compile(rf"(?:at least|at or above|above|over|more than|at|>=|≥|>)? ?({_NUMBER}) ?{_PER_CENT}?")


def levels(text: str) -> Levels:
    """The level or levels typed: "2", "2%", "below 2", "2-3.5", "between 2 and 3.5"."""
    key = " ".join(text.casefold().split())
    if two := _BETWEEN.fullmatch(key):
        low, high = sorted(number(n, "level") for n in two.groups())
        return Levels(low, high)
    if below := _BELOW.fullmatch(key):
        return Levels(None, number(below[1], "level"))
    value = number(above[1] if (above := _ABOVE.fullmatch(key)) else text, "level")
    if not 0 < value <= 100:
        told = say("“{text}” is no level. Write a percentage above 0 and up to 100, for example 2%.", text=Typed(text))
        raise Problem("bad-level", told)
    return Levels(value, None)


def is_levels(text: str) -> bool:
    """Whether words are a level with its comparison, such as "below 2%" or "between 2% and 3.5%"."""
    key = " ".join(text.casefold().split())
    return any(shape.fullmatch(key) for shape in (_BELOW, _ABOVE, _BETWEEN)) and not is_years(key)
