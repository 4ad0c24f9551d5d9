"""A question as typed or clicked: a command's name and its options, written and read the same way everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.problem import Problem
from knowledge.sentences import Listing, Typed, say

_OPTION = re.compile(r"(?:^|\s)([a-z_]+):")


@dataclass(frozen=True, slots=True)
class Question:
    """`gap member:DEU year:2026 edition:2026`; an option that was left out is None."""

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

    def __str__(self) -> str:
        options = ((option, getattr(self, option)) for option in OPTIONS)
        return " ".join([self.name, *(f"{option}:{value}" for option, value in options if value)])

    @property
    def compact(self) -> str:
        """The shortest form, for a button's id: `gap|DEU|2026|hague||2026`."""
        return _compact(self)


@lru_cache(maxsize=512)
def _compact(question: Question) -> str:
    """Kept, since each button of an answer carries it."""
    return "|".join([question.name, *(getattr(question, option) or "" for option in OPTIONS)]).rstrip("|")


def from_compact(text: str) -> Question:
    """The question a button carries; ValueError if it is not one of ours."""
    name, *values = text.split("|")
    if name not in COMMANDS or len(values) > len(OPTIONS):
        raise ValueError(f"{text!r} is no question")
    return Question(name, **{option: value or None for option, value in zip(OPTIONS, values, strict=False)})


# In the order of a button's id: a new option goes to the end, so that older buttons keep their sense.
OPTIONS = (
    "member", "year", "rule", "measure", "edition", "summit", "members", "group", "currency", "share", "by", "growth",
    "prices", "term",
)  # fmt: skip

# What each command takes, in the order in which words without a name are read.
COMMANDS: dict[str, tuple[str, ...]] = {
    "target": ("member", "year", "rule", "edition"),
    "gap": ("member", "year", "rule", "edition"),
    "spending": ("member", "year", "measure", "edition"),
    "rank": ("measure", "year", "group", "rule", "edition"),
    "compare": ("members", "year", "measure", "currency", "edition"),
    "whatif": ("member", "share", "by", "growth", "prices", "rule", "edition"),
    "revisions": ("member", "year", "measure", "edition"),
    "pledges": ("member", "edition"),
    "rule": ("rule",),
    "summit": ("summit",),
    "define": ("term",),
    "sources": ("edition",),
    "help": (),
    "about": (),
    "privacy": (),
}
# The first option of these may be several words long, and of the latter it ends where a number begins.
_FREE = ("member", "members", "measure", "rule", "summit", "term")
_UP_TO_A_NUMBER = ("member", "members", "measure")
_SPAN = re.compile(r"(?:\bfrom )?\b(\d{4})\s*(?:to|until|-|–|—)\s*(\d{4})\b")
_SINCE = re.compile(r"\b(?:since|from) (\d{4})\b")


def read(text: str) -> Question:
    """A question from words such as "gap germany", "/target poland 2032 rule:rutte" or "summit the hague"."""
    words = text.strip().lstrip("/").strip()
    name, _, rest = words.partition(" ")
    name = name.casefold()
    if name not in COMMANDS:
        raise Problem(
            "unknown-command",
            say(
                "“{text}” is no question of this ledger. Begin with one of {commands}, for example “gap germany”.",
                text=Typed(name or text),
                commands=Listing(tuple(COMMANDS), "or"),
            ),
        )
    takes = COMMANDS[name]
    pieces = _OPTION.split(" " + rest)
    given: dict[str, str] = {}
    for option, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if option not in takes:
            raise Problem(
                "unknown-option",
                say(
                    "/{name} has no option “{option}”. It takes {takes}.",
                    name=name,
                    option=Typed(option),
                    takes=Listing(takes) if takes else "none",
                ),
            )
        given[option] = value.strip().strip('"')
    return Question(name, **(_by_position(takes, pieces[0], given) | given))


def _by_position(takes: tuple[str, ...], text: str, given: dict[str, str]) -> dict[str, str]:
    """Words without an option's name: the first option takes all up to a number, the rest one word each."""
    left = [option for option in takes if option not in given]
    found: dict[str, str] = {}
    words = _SINCE.sub(r"\1-", _SPAN.sub(r"\1-\2", text)).split()
    if not words or not left:
        return found
    if left[0] in _FREE:
        stop = len(words)
        if left[0] in _UP_TO_A_NUMBER:
            stop = next((n for n, word in enumerate(words) if n and word[0].isdigit()), stop)
        if left[0] in _UP_TO_A_NUMBER and re.fullmatch(r"\d{4}e?", words[0]):
            stop = 0  # a year comes first: nobody and nothing was named before it
        first = left.pop(0)
        if stop:
            found[first] = " ".join(words[:stop])
        words = words[stop:]
    for n, word in enumerate(words):
        if not left:
            extra = " ".join(words[n:])
            raise Problem("too-many-words", say("“{text}” is one word too many here.", text=Typed(extra)))
        found[left.pop(0)] = word
    return found
