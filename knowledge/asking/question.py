"""A question as typed or clicked: a command's name and its options, written and read the same way everywhere."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import fields

from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.sentences import Listing, Typed, say

_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_COMMAS = str.maketrans("、،", ",,")
OPTION = re.compile(r"(?:^|\s)([a-z_]+):")


class Question(Struct, frozen=True):
    """`gap member:DEU year:2026 edition:2026`, as typed; an option that was left out is None.

    In the order of a button's id: a new option goes to the end, so that older buttons keep their sense.
    """

    name: str
    member: str | None = None
    year: str | None = None
    rule: str | None = None
    measure: str | None = None
    edition: str | None = None
    summit: str | None = None
    members: str | None = None
    group: str | None = None
    currency: str | None = None
    share: str | None = None
    by: str | None = None
    growth: str | None = None
    prices: str | None = None
    term: str | None = None
    level: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """The options that were typed."""
        return {option: value for option in OPTIONS if (value := getattr(self, option))}

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{option}:{value}" for option, value in self.given.items())])

    @property
    @lru_cache(maxsize=512)  # noqa: B019 - small, and each button of an answer carries it
    def compact(self) -> str:
        """The shortest form, for a button's id: `gap|DEU|2026|hague||2026`."""
        return "|".join([self.name, *(getattr(self, option) or "" for option in OPTIONS)]).rstrip("|")


_, *OPTIONS = (option.name for option in fields(Question))


def cleaned(text: str) -> str:
    """What was typed or pasted without signs that nobody sees, wide forms and other commas as plain ones, no space at its ends."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_COMMAS).strip()


def from_compact(text: str) -> Question:
    """The question a button carries; ValueError if it is not one of ours."""
    name, *values = text.split("|")
    given = {option: value for option, value in zip(OPTIONS, values, strict=False) if value}
    if name not in KINDS or len(values) > len(OPTIONS) or not given.keys() <= {*KINDS[name].options}:
        raise ValueError(f"{text!r} is no question")
    return Question(name, **given)


def read(text: str) -> Question:
    """A question from words such as "gap germany", "/target poland 2032 rule:rutte" or "summit the hague".

    Words without an option's name go to the first option as they are; knowledge/asking/resolve.py takes them apart.
    """
    words = cleaned(text).lstrip("/").strip()
    name, _, rest = words.partition(" ")
    kind = KINDS.get(name.casefold())
    if kind is None:
        told = say("“{text}” is no question of this ledger. Begin with one of {commands}, for example “gap germany”.")
        told = told.filled(text=Typed(name or text), commands=Listing(tuple(KINDS), "or"))
        raise Problem("unknown-command", told, ("help", "gap germany"))
    free, *pieces = OPTION.split(" " + rest)
    given = {kind.free: free.strip()} if free.strip() and kind.free else {}
    if free.strip() and not kind.free:
        problem = say("“{text}” is one word too many here.", text=Typed(free.strip()))
        raise Problem("too-many-words", problem, (kind.name,))
    for option, value in zip(pieces[::2], pieces[1::2], strict=True):
        if option not in kind.options:
            takes = Listing(kind.options) if kind.options else "none"
            problem = say("/{name} has no option “{option}”. It takes {takes}.")
            filled = problem.filled(name=kind.name, option=Typed(option), takes=takes)
            raise Problem("unknown-option", filled, (kind.example,))
        before = f"{given[option]} " if option == kind.free and option in given else ""
        given[option] = before + value.strip().strip('"')
    return Question(kind.name, **given)
