"""Sentences as templates filled with values, so that another language needs a catalogue and no code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from knowledge.dates import PartialDate
from knowledge.shared import Shared


class Sentence(Struct, frozen=True):
    """An English template and the values that fill its `{names}`; drawing it is the bot's work.

    A value is a Figure, a Sentence, a Year, a PartialDate, anything with a `name`, or plain text.
    """

    template: str
    values: Mapping[str, object]

    def filled(self, **values: object) -> Sentence:
        """The same template with these values: for a template that is picked from a table of sentences."""
        return Sentence(self.template, values)

    def walk(self) -> list[object]:
        """Every value of this sentence and of the sentences inside it, in reading order."""
        return walk(self.values.values())


class Listing(Struct, frozen=True):
    """Several values to be joined the way the reader's language joins them ("a, b or c")."""

    items: tuple[object, ...]
    # Babel's names: "standard" is and, "or" is or, "unit" is commas alone; whole sentences stand in a row.
    style: Literal["standard", "or", "unit", "sentences"] = "standard"


def walk(values: Iterable[object]) -> list[object]:
    """These values, with those of the sentences and listings among them in their place."""
    found: list[object] = []
    _walk(values, found)
    return found


def _walk(values: Iterable[object], found: list[object]) -> None:
    for value in values:
        kind = type(value)
        if kind is Sentence:
            _walk(value.values.values(), found)  # type: ignore[attr-defined]
        elif kind is Listing:
            _walk(value.items, found)  # type: ignore[attr-defined]
        else:
            found.append(value)


class Typed(Struct, frozen=True):
    """Words somebody typed: echoed, cut to so many characters, with nothing in them that could ping or format."""

    text: str
    most: int = 60


class Year(Struct, metaclass=Shared, frozen=True):
    """A calendar year; `mark` is NATO's "e" where the year is an estimate. Equal years are one object."""

    number: int
    mark: str = ""


class Days(Struct, frozen=True):
    """From one date to another, or one date alone."""

    start: PartialDate
    end: PartialDate


def say(template: str, /, **values: object) -> Sentence:
    """The one way to make a sentence; the template is a literal, so that tools/catalogues.py finds it for translators."""
    return Sentence(template, values)
