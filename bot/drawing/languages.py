"""The languages answers are shown in, and their catalogues."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from pathlib import Path

# Shown besides English; each has a whole catalogue, which a test makes sure of.
LANGUAGES = ("de", "es", "fr", "it", "pl", "tr")
FOLDER = Path(__file__).parents[1] / "languages"


def catalogue_of(language: str) -> GNUTranslations | None:
    """The translations into a language as Discord names it; None where English is shown instead."""
    base = language.partition("-")[0]
    return _catalogue(base) if base in LANGUAGES else None


@cache
def _catalogue(language: str) -> GNUTranslations | None:
    try:
        with compiled(language).open("rb") as file:
            return GNUTranslations(file)
    except FileNotFoundError:  # `python -m bot check` says so
        return None


def compiled(language: str) -> Path:
    """Where a language's catalogue stands once it is compiled."""
    return FOLDER / language / "LC_MESSAGES" / "ledger.mo"
