"""Dates as precise as their source: a year, a month or a day, and the dates people type."""

from __future__ import annotations

import re
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from msgspec import Struct

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class PartialDate(Struct, frozen=True, order=True):
    """`2006`, `2025-05` or `2025-06-25`: never more precise than its source."""

    text: str

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(self.text):
            raise ValueError(f"{self.text!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
        self.first  # noqa: B018 - raises on a month 13 or a 31 February

    @property
    def year(self) -> int:
        return int(self.text[:4])

    @property
    def first(self) -> date:
        """The first day it can mean."""
        return date.fromisoformat(self.text + "-01-01"[len(self.text) - 4 :])

    @property
    def last(self) -> date:
        """The last day it can mean; what was published "in 2024" is known for sure only after it."""
        if len(self.text) == 10:
            return self.first
        step = relativedelta(years=1) if len(self.text) == 4 else relativedelta(months=1)
        return self.first + step - relativedelta(days=1)


def typed_day(text: str) -> date | None:
    """The last day that typed words such as "June 2025" or "1 March 2026" can mean; None if they are no date.

    dateutil fills what is missing from a default, so it is asked twice with two defaults: a part in
    which the two readings differ was not typed.
    """
    from dateutil.parser import ParserError, parse  # few type a day, and a start need not wait for it

    try:
        one = parse(text, default=datetime(2000, 1, 1))
        two = parse(text, default=datetime(2001, 2, 2))
    except (ParserError, OverflowError):
        return None
    if one.year != two.year:
        return None
    if one.month != two.month:
        return date(one.year, 12, 31)
    if one.day != two.day:
        return date(one.year, one.month, 1) + relativedelta(months=1, days=-1)
    return one.date()
