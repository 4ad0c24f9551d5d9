"""What people call members, groups, editions, rules, measures, terms and meetings: every name, and the nearest ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar

from knowledge.arithmetic import tally
from knowledge.asking.problem import Problem
from knowledge.dates import typed_day
from knowledge.facts import Facts
from knowledge.sentences import Listing, Sentence, Typed, say
from knowledge.things import Definition, Edition, Group, Measure, Member, Rule, Spender, Summit

MEASURES_IN_WORDS = ("share", "usd", "national", "per head", "growth", "personnel", "equipment", "gdp")
LONGEST = 100  # characters; no name is longer, and a longer text is noise
MOST_WORDS = 7  # in a name, the longest that is tried
_WE = frozenset(("we", "wir", "nous", "nosotros", "nosotras", "noi", "my", "biz"))  # in the languages of answers

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})
_ASCII = str.maketrans({".": None, "'": None, "_": " ", "-": " ", "/": " "} | {chr(n): None for n in (*range(9), 127)})
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


_N = TypeVar("_N", bound=Named)
_T = TypeVar("_T")


def plain(text: str) -> str:
    """Lower case, no accents, no dots, flags as their letters, single spaces: how names are compared."""
    if text.isascii():  # most names, and what is typed most: nothing to take off
        return " ".join(text.casefold().translate(_ASCII).split())
    text = _FLAG.sub(lambda m: "".join(chr(ord(c) - 0x1F1E6 + ord("a")) for c in m[0]), text)
    text = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    text = "".join(c for c in text if not unicodedata.combining(c) and unicodedata.category(c)[0] != "C")
    text = text.replace(".", "").replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[_\-–—/]", " ", text).split())


def is_we(text: str) -> bool:
    """Whether a word means the country of those who ask."""
    return plain(text[:LONGEST]) in _WE


def words_of(text: str) -> list[str]:
    """The words of a text; a flag is one, and a comma or another mark that joins a list stands alone."""
    return re.sub(r"\s*((?<!\d),|,(?!\d)|[;&+|\"“”])\s*", r" \1 ", _FLAG.sub(r" \g<0> ", text)).split()


class Index:
    """Every name by which each thing can be asked for; made once for a snapshot and those that correct it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        own = _index(facts.spenders, lambda s: (s.iso2, s.official_name) if isinstance(s, Member) else ())
        self.groups = _index(facts.groups)
        self.spenders: dict[str, Spender] = {**self.groups, **own}  # "Europe" is NATO's own total before a group
        self.lookalikes = _index(facts.lookalikes)
        self.rules = _index(facts.rules)
        self.measures = _index(facts.measures)
        self.definitions = _index(facts.definitions)
        self.currencies = {name: currency.code for name, currency in _index(facts.currencies).items()}
        self.editions = {plain(name): e for e in facts.editions.values() for name in (e.id, e.name)}
        self.summits: dict[str, list[Summit]] = {}
        for summit in facts.summits.values():
            for name in dict.fromkeys(map(plain, (summit.id, summit.name, summit.place, *_parts(summit)))):
                self.summits.setdefault(name, []).append(summit)

    def known(self, text: str, index: Mapping[str, _T]) -> _T | None:
        """What is called exactly so, with or without an article; None otherwise."""
        key = plain(text)
        return index.get(key) or index.get(key.removeprefix("the "))

    def spender(self, text: str, question: str) -> Spender:
        """The Ally, total or group somebody means; Problem, with near matches, if nobody can tell."""
        if found := self.known(text, self.spenders):
            return found
        example = (f"{question} member:Germany",)
        if not plain(text):
            raise Problem("no-member", say("Name an Ally, for example Germany, TUR or 🇵🇱."), example, keep=True)
        if is_we(text):
            told = say(
                "Which country is “{text}”? Name an Ally; those who manage a server can set one for it: /settings answers."
            )
            raise Problem("no-country", told.filled(text=Typed(text)), example, keep=True)
        if other := self.known(text, self.lookalikes):
            told = say(
                "{country} is not one of the {count} Allies, so NATO publishes no figure for it and none of its spending rules binds it. Ask about an Ally instead."
            ).filled(country=other, count=tally(len(self.facts.members), say("Allies")))
            raise Problem("not-a-member", told, example, keep=True)
        near = _near(text, self.spenders)
        told = say("No Ally is called “{text}”. Did you mean {near}?")
        if not near:
            told = say("No Ally is called “{text}”. Pick one from the list, or type Poland, POL or 🇵🇱.")
        raise _unknown("member", told, text, near, [f"{question} member:{s.name}" for s in near] or example, keep=True)

    def in_list(self, word: str, before: list[Spender]) -> Problem:
        """The refusal of one word of a list, offering the list again with what was probably meant."""
        try:
            self.spender(word, "gap")
        except Problem as problem:
            others = [s.name for s in before] or ["NATO"]
            near = (text.removeprefix("gap member:") for text in problem.instead)
            lists = tuple("compare members:" + ", ".join([*others[:5], name]) for name in near)
            return Problem(problem.code, problem.sentence, lists, keep=True)
        raise AssertionError(f"{word!r} is a name")

    def edition(self, text: str) -> Edition | date:
        """The edition of that name, or the last day that typed words can mean, up to which releases count."""
        refuse_noise(text)
        key = _edition(text)
        if found := self.editions.get(key) or self.editions.get(f"{key} edition"):
            return found
        day = self.day(text)
        if day is None:
            held = Listing(tuple(e.id for e in self.facts.editions.values()), "or")
            told = say("No edition “{text}” is held. Take {held}, or a day such as “1 March 2026”.")
            raise Problem("unknown-edition", told.filled(text=Typed(text), held=held))
        if not self.facts.known_on(day):
            oldest = list(self.facts.editions.values())[-1]
            told = say("No edition that is held was published by then; the oldest is the {oldest} of {published}.")
            raise Problem("unknown-edition", told.filled(oldest=oldest, published=oldest.published))
        return day

    def day(self, text: str) -> date | None:
        """The last day that typed words can mean; None for a bare year, which is an edition's name."""
        key = _edition(text)
        return None if re.fullmatch(r"\d{4}", key) else typed_day(key)

    def rule(self, text: str) -> Rule:
        """The rule of that name; Problem, with near matches, if there is none."""
        if found := self.known(text, self.rules):
            return found
        if near := _near(text, self.rules):
            told, offers = say("No rule is called “{text}”. Did you mean {near}?"), [f"rule rule:{r.id}" for r in near]
            raise _unknown("rule", told, text, near, offers)
        known = Listing(tuple(r.id for r in self.facts.rules.values() if r.kind == "share" and not r.only), "or")
        told = say("No rule is called “{text}”. Try {known}.", text=Typed(text), known=known)
        raise Problem("unknown-rule", told, ("rule",))

    def measure(self, text: str, question: str) -> Measure:
        """The measure of that name; Problem, with near ones as `question` again, if there is none."""
        if found := self.measures.get(plain(text)):
            return found
        near = _near(text, self.measures)
        offers = [f"{question} measure:{measure.id}" for measure in near]
        if question == "rank" and (group := self.groups.get(plain(text))):
            offers = [f"rank group:{group.id}"]
        elif spender := self.known(text, self.spenders):
            offers = [f"spending member:{spender.code}"]
        words = [Typed(word) for word in [measure.id for measure in near] or MEASURES_IN_WORDS]
        raise _unknown("measure", say("No measure is called “{text}”. Take {near}."), text, words, offers, keep=True)

    def group(self, text: str) -> Group:
        """The group of Allies of that name; Problem, with near matches or the whole list, if there is none."""
        if found := self.known(text, self.groups):
            return found
        near = _near(text, self.groups)
        told = say("No group of Allies is called “{text}”. Take {near}, or “members of 2004”.")
        offers = [f"rank group:{group.id}" for group in near] or ["rank group:eu"]
        raise _unknown("group", told, text, [g.id for g in near or self.facts.groups.values()], offers)

    def term(self, text: str) -> Definition:
        """The entry of the glossary of that name; Problem, with near matches, if there is none."""
        if found := self.known(text, self.definitions):
            return found
        refuse_noise(text)
        near = matching(text, self.facts.definitions, self.definitions, 5) if plain(text) else []
        told = say("The glossary has no “{text}”. Ask “define” alone for every term it has.")
        if near:
            told = say("The glossary has no “{text}”. Did you mean {near}?")
        raise _unknown("term", told, text, near, [f"define term:{term.id}" for term in near] or ["define"])

    def summit(self, text: str, today: date) -> Summit:
        """The meeting at that place, or of that place and year; Problem, with all that fit, if several do."""
        key = plain(text).removeprefix("the ").removesuffix(" summit")
        if key in ("next", "last", "latest", "previous"):
            leaders = [s for s in self.facts.summits.values() if s.kind in ("summit", "planned")]
            past = [s for s in leaders if s.start.last < today]
            ahead = leaders[len(past) :] if key == "next" else []
            if found := (ahead or past[-1:])[:1]:
                return found[0]
        meetings = self.known(text, self.summits) or self.summits.get(key) or []
        if not meetings:
            near = _near(text, {name: held[0] for name, held in self.summits.items()})
            told = say("There is no “{text}” among the meetings here. Try The Hague, Ankara, Antalya or Wales.")
            if near:
                told = say("There is no “{text}” among the meetings here. Did you mean {near}?")
            raise _unknown("summit", told, text, near, [f"summit summit:{s.id}" for s in near] or ["summit"])
        several = [s for s in meetings if s.kind == "summit"] or meetings
        if len(several) == 1:
            return several[0]
        newest = [s.id for s in sorted(several, key=lambda s: s.start.text, reverse=True)]
        count, ids = tally(len(newest), say("meetings of that name or year")), Listing(tuple(newest), "unit")
        told = say("“{text}” fits {count} of the meetings here: {meetings}. Say which, for example “{example}”.")
        told = told.filled(text=Typed(text), count=count, meetings=ids, example=newest[0])
        raise Problem("which-summit", told, tuple(f"summit summit:{key}" for key in newest[:5]))


def _edition(text: str) -> str:
    return plain(text).removeprefix("as of ").removeprefix("edition ")


def _unknown(
    what: str, told: Sentence, text: str, near: Iterable[object], offers: Iterable[str], *, keep: bool = False
) -> Problem:
    """The refusal of a name that nothing has, with what is near it."""
    filled = told.filled(text=Typed(text), near=Listing(tuple(near), "or"))
    return Problem(f"unknown-{what}", filled, tuple(offers), keep=keep)


def index_of(facts: Facts) -> Index:
    """The names of a snapshot, made at its first use and kept as long as it; corrected figures change none of them."""
    kept = (facts.built or facts).__dict__
    if "index" not in kept:
        kept["index"] = Index(facts.built or facts)
    found: Index = kept["index"]
    return found


def refuse_noise(text: str, longest: int = LONGEST) -> None:
    """Problem for a text that no name is as long as."""
    if len(text) > longest:
        count = tally(len(text), say("characters"))
        raise Problem("too-long", say("That is {count} characters long; a name or a year is enough.", count=count))


def _parts(summit: Summit) -> Iterable[str]:
    """Shorter ways to name a meeting: its place without the region, its year, the name without "summit"."""
    place = re.split(r"[,(/]| and ", summit.place)[0].strip()
    short = summit.name.removesuffix(" summit").removeprefix("The ")
    for name in (place, short, summit.place.rpartition(",")[2].strip()):
        if name:
            yield name
            yield f"{name} {summit.start.year}"
            yield f"{summit.start.year} {name}"
    yield str(summit.start.year)


def _index(things: Mapping[str, _N], more: Callable[[_N], tuple[str, ...]] = lambda _: ()) -> dict[str, _N]:
    index: dict[str, _N] = {}
    for key, thing in things.items():
        for name in (key, thing.name, *thing.aliases, *more(thing)):
            index.setdefault(plain(name), thing)
    return index


def _near(text: str, index: Mapping[str, _T]) -> list[_T]:
    """Up to five things whose name begins like the text, or else is spelt nearly so; Problem for what is no name."""
    refuse_noise(text)
    key = plain(text)
    if len(key) < 2:
        return []
    return _things([name for name in index if name.startswith(key)] or _spelt_nearly(key, index), index)[:5]


def _spelt_nearly(key: str, index: Mapping[str, _T]) -> list[str]:
    from rapidfuzz import fuzz, process  # a start need not wait for it, and few names are misspelt

    return [name for name, _, _ in process.extract(key, index.keys(), scorer=fuzz.ratio, limit=8, score_cutoff=75)]


def matching(text: str, things: Mapping[str, _T], index: Mapping[str, _T], limit: int = 25) -> list[_T]:
    """For autocomplete: everything when nothing is typed; then names that begin so, contain it, are spelt nearly so."""
    key = plain(text[:LONGEST])
    if not key:
        return list(things.values())[:limit]
    containing = sorted(
        (name for name in index if key in name), key=lambda name: (name != key, not name.startswith(key))
    )
    return _things(containing or _spelt_nearly(key, index), index)[:limit]


def _things(called: Iterable[str], index: Mapping[str, _T]) -> list[_T]:
    """What has these names, each once."""
    return list({id(index[name]): index[name] for name in called}.values())
