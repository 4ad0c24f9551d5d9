"""Words typed in any order, taken apart into the options of a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from knowledge.asking import years as typed
from knowledge.asking.kinds import Kind
from knowledge.asking.problem import Problem
from knowledge.asking.question import OPTION, Question
from knowledge.names import MOST_WORDS, Index, plain, refuse_noise, words_of
from knowledge.sentences import Listing, Typed, say
from knowledge.things import Definition

# What Allies can be ranked by beside the measures NATO prints.
GAP, GAP_MONEY, GROWTH, MEMBERS = "gap", "gap-usd", "growth-since", "members"
_RANKED = {
    GAP: ("gap", "distance", "points", "gap points", "shortfall", "gap to the rule"),
    GAP_MONEY: ("gap usd", "gap money", "gap in money", "shortfall money", "missing money", "gap dollars", "gap in dollars"),
    GROWTH: ("growth since", "increase", "real increase", "growth in all"),
    MEMBERS: ("membership", "members", "allies", "accession", "joined", "joining"),
}  # fmt: skip
RANKED = {plain(word): key for key, words in _RANKED.items() for word in (key, *words)}
OWN_CURRENCY = ("own", "own currency", "national currency", "local currency", "national")
MEMBERS_OF = re.compile(r"(?:nato )?(?:members?|allies)(?: of| in| since)? (\d{4})")

OWN_BUDGETS = ("common-funding", "civil-budget", "military-budget", "nsip")  # entries of the glossary on NATO's own
_ONE_NAME = ("rule", "summit", "define", "sources", "help", "about", "privacy")  # whose free text is one name
_FILLING = re.compile(r"[,;&+|\"“”]|and|und|et|y|e|i|ve|vs|or|versus|with|in|of|for|the|by|at|to|on|from|as|a|its|s")
_MONTH = re.compile(r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)
LONGEST_LIST = 300  # characters
Recognisers = dict[str, Callable[[str], bool]]


def apart(index: Index, kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """The options with the free text taken apart: years, measures, rules, editions and the rest, in any order.

    Of an option that was named its value is taken, and words behind it are free text again.
    """
    free, options = kind.free, dict(given)
    names: Mapping[str, object] = index.measures if free == "measure" else index.spenders
    if not free or kind.name in _ONE_NAME or (len(given) == 1 and plain(options.get(free, "")) in names):
        return options
    tests = _recognisers(index, kind)
    text, *pieces = OPTION.split(" " + options.pop(free, ""))
    for option, value in zip(pieces[::2], pieces[1::2], strict=True):  # typed into the free text of a slash command
        if option in tests and option != free:
            options.setdefault(option, value.strip())
        else:
            text = " ".join([text, value])
    for option, value in list(options.items()):
        is_one = tests.get(option)
        refuse_noise(value, LONGEST_LIST)  # each of its beginnings would be tried
        if " " in value and is_one is not None and not is_one(value):
            words = value.split()
            length = next((n for n in range(len(words) - 1, 0, -1) if is_one(" ".join(words[:n]))), len(words))
            options[option] = " ".join(words[:length])
            text = " ".join([text, *words[length:]])
    if not text.strip() or plain(text) in names:
        return options | {free: text.strip()} if text.strip() else options
    refuse_noise(text.strip(), LONGEST_LIST)
    found, left = _taken(words_of(text), tests, free, options)
    own = found.pop(free, [])
    options |= {option: phrases[0] for option, phrases in found.items()}
    if left and (own or free == "members"):
        raise _not_understood(index, kind, left, own, options)
    if left:
        own = [" ".join(left) if found else text]
    if len(own) > 1 and free == "member":
        own = _one_of(index, kind, own)
    return options | {free: (", " if free == "members" else " ").join(own)} if own else options


def _taken(
    words: list[str], tests: Recognisers, free: str, given: Mapping[str, str]
) -> tuple[dict[str, list[str]], list[str]]:
    """What each option finds among the words, the longest phrase first, and the words that nothing knows."""
    found: dict[str, list[str]] = {}
    left: list[str] = []
    while words:
        for length in range(min(len(words), MOST_WORDS), 0, -1):
            phrase = " ".join(words[:length])
            wanting = (o for o in tests if o == free or not (o in found or o in given))
            if option := next((o for o in wanting if tests[o](phrase)), ""):
                found.setdefault(option, []).append(phrase)
                words = words[length:]
                break
        else:
            if not _FILLING.fullmatch(words[0].casefold()):
                left.append(words[0])
            words = words[1:]
    return found, left


_PER_CENT = re.compile(r"[\d.,]+ ?(?:%|per)")


def _recognisers(index: Index, kind: Kind) -> Recognisers:
    """For each option of the kind, what tells that words are one of its values; the first that says so has them."""
    takes_share = "share" in kind.options  # "3.5% by 2030" is then a share and a year, though a rule is called so
    every: Recognisers = {
        "member": lambda t: (
            index.known(t, index.spenders) is not None
            or (kind.name == "spending" and budget_called(index, t) is not None)
        ),
        "members": lambda t: index.known(t, index.spenders) is not None,
        "by": typed.is_years,
        "year": typed.is_years,
        "measure": lambda t: plain(t) in index.measures or (kind.free == "measure" and plain(t) in RANKED),
        "edition": lambda t: _is_edition(index, t),
        "group": lambda t: index.known(t, index.groups) is not None or MEMBERS_OF.fullmatch(plain(t)) is not None,
        "rule": lambda t: index.known(t, index.rules) is not None and not (takes_share and _PER_CENT.match(t)),
        "currency": lambda t: plain(t) in index.currencies or plain(t) in OWN_CURRENCY,
        "share": typed.is_percentage,
        "level": typed.is_levels,
    }
    return {option: test for option, test in every.items() if option in kind.options}


def budget_called(index: Index, text: str) -> Definition | None:
    """NATO's own budget of that name, unless a spender or a measure is called so."""
    term = index.known(text, index.definitions)
    if term is None or term.id not in OWN_BUDGETS or plain(text) in index.measures:
        return None
    return term if index.known(text, index.spenders) is None else None


def _is_edition(index: Index, text: str) -> bool:
    key = plain(text)
    a_day = key.startswith(("as of ", "edition ")) or (_MONTH.search(key) and re.search(r"\d{4}", key))
    return key in index.editions or (bool(a_day) and index.day(text) is not None)


def _one_of(index: Index, kind: Kind, names: list[str]) -> list[str]:
    """One Ally, where several words name the same; Problem where they name two."""
    found = (index.known(name, index.spenders) or budget_called(index, name) for name in names)
    different = {thing.name: thing for thing in found if thing is not None}
    if len(different) == 1:
        return names[:1]
    told = say("This question takes one Ally at a time; you named {members}. Ask for one of them.")
    offers = tuple(f"{kind.name} member:{name}" for name in list(different)[:5])
    raise Problem("two-members", told.filled(members=Listing(tuple(different.values()))), offers, keep=True)


def _not_understood(index: Index, kind: Kind, left: list[str], own: list[str], options: dict[str, str]) -> Problem:
    """Words that mean nothing here, with the question as it is without them."""
    if kind.free == "members":
        known = [s for name in own if (s := index.known(name, index.spenders))]
        return index.in_list(" ".join(left), known)
    without = Question(kind.name, **{**options, kind.free: " ".join(own)})
    told = say("“{text}” was not understood here.", text=Typed(" ".join(left)))
    return Problem("too-many-words", told, (str(without),))
