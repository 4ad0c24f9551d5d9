"""Corrections to try snapshots with."""

from __future__ import annotations

from decimal import Decimal

from knowledge.dates import PartialDate
from knowledge.figure import Correction

DAY, ADDRESS = PartialDate("2026-11-03"), "https://budget.example/act"


def correction(number: str | None, mark: str = "", revision: int = 7) -> Correction:
    """A server's, of 3 November 2026."""
    return Correction(None if number is None else Decimal(number), mark, DAY, ADDRESS, revision)
