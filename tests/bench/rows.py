"""The table that the bench prints: a figure in each line, beside its limit."""

from __future__ import annotations

from dataclasses import dataclass

TOLERANCE = 1.25  # machines are noisy: only a limit missed by more than this fails the run
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; without a limit it is there to be read only."""

    what: str
    figure: float
    unit: str
    limit: float | None = None

    @property
    def share(self) -> float:
        return self.figure / self.limit if self.limit else 0.0

    def __str__(self) -> str:
        limit = f"{self.limit:>8g} {self.share:>8.2f}" if self.limit else f"{'':>8} {'':>8}"
        return f"{self.what:<66} {self.figure:>9.3f} {self.unit:<4} {limit}".rstrip()
