"""What people type for members, years, editions, rules, measures and summits, and what they mean by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Protocol, TypeVar

from knowledge.dates import typed_day
from knowledge.facts import Definition, Edition, Facts, Group, Lookalike, Measure, Member, Rule, Spender, Summit
from knowledge.problem import Problem
from knowledge.sentences import Listing, Typed, Year, say

FIRST_YEAR, LAST_YEAR = 1949, 2050
GAP, GAP_MONEY = "gap", "gap-usd"  # what can be ranked beside the measures NATO prints: the distance to a rule
MEASURES_IN_WORDS = ("share", "usd", "per head", "growth", "personnel", "equipment", "gdp")
LONGEST = 100  # characters; no name is longer, and a longer text is noise

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})
_ASCII = str.maketrans({".": None, "'": None, "_": " ", "-": " ", "/": " "} | {chr(n): None for n in (*range(9), 127)})
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_JOINING = {"and", "und", "et", "y", "e", "i", "ve", "vs", "or", "versus", "with"}
_TWO = re.compile(r"\s*(?:,|;|/|&|\+|\band\b|\bund\b|\bet\b|\by\b|\bvs\.?|\bversus\b|\bor\b)\s*", re.IGNORECASE)


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


class Index:
    """Every name by which each thing can be asked for; made once for a snapshot."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.spenders = _index(facts.spenders, lambda s: (s.iso2, s.official_name) if isinstance(s, Member) else ())
        self.lookalikes = _index(facts.lookalikes)
        self.rules = _index(facts.rules)
        self.measures = _index(facts.measures)
        self.groups = _index(facts.groups)
        self.definitions = _index(facts.definitions)
        self.editions = {plain(name): e for e in facts.editions.values() for name in (e.id, e.name)}
        self.summits: dict[str, list[Summit]] = {}
        for summit in facts.summits.values():
            for name in {summit.id, summit.name, summit.place, *_parts(summit)}:
                self.summits.setdefault(plain(name), []).append(summit)

    # -- members -------------------------------------------------------------------------------------

    def known_spender(self, text: str) -> Spender | None:
        """The spender that is called exactly so, by any of its names; None otherwise."""
        key = plain(text)
        return self.spenders.get(key) or self.spenders.get(key.removeprefix("the "))

    def spender(self, text: str, question: str) -> Spender:
        """The Ally or total somebody means; Problem, with near matches as `question` again, if nobody can tell."""
        if found := self.known_spender(text):
            return found
        if not plain(text):
            raise Problem("no-member", say("Name an Ally, for example Germany, TUR or 🇵🇱."))
        _refuse_noise(text)
        if other := self._lookalike(text):
            raise Problem(
                "not-a-member",
                say(
                    "{country} is not one of the {count} Allies, so NATO publishes no figure for it and none of "
                    "its spending rules binds it. Ask about an Ally instead.",
                    country=other,
                    count=str(len(self.facts.members)),
                ),
            )
        several = self._several(text)
        if len(several) > 1:
            raise Problem(
                "two-members",
                say(
                    "This question takes one Ally at a time; you named {members}. Ask for one of them.",
                    members=Listing(tuple(several)),
                ),
                tuple(f"{question} member:{spender.name}" for spender in several[:5]),
                keep=True,
            )
        near = _near(text, self.spenders)
        if not near:
            raise Problem(
                "unknown-member",
                say("No Ally is called “{text}”. Pick one from the list, or type Poland, POL or 🇵🇱.", text=Typed(text)),
            )
        raise Problem(
            "unknown-member",
            say("No Ally is called “{text}”. Did you mean {near}?", text=Typed(text), near=Listing(tuple(near), "or")),
            tuple(f"{question} member:{spender.name}" for spender in near),
            keep=True,
        )

    def _lookalike(self, text: str) -> Lookalike | None:
        key = plain(text)
        return self.lookalikes.get(key) or self.lookalikes.get(key.removeprefix("the "))

    def _several(self, text: str) -> list[Spender]:
        """The different spenders named one after another, whatever joins them; [] if a word is left over."""
        joined = {s.code: s for part in _TWO.split(text) if part and (s := self.known_spender(part))}
        if len(joined) > 1:
            return list(joined.values())
        found: dict[str, Spender] = {}
        left = self._take(plain(re.sub(r"[,;&+]", " ", text)).split(), found)
        return [] if left else list(found.values())

    def _take(self, words: list[str], found: dict[str, Spender]) -> list[str]:
        """Take the spenders off the front, the longest name first, as "europe and canada" is one; what no name begins is left."""
        while words:
            for length in range(min(len(words), 5), 0, -1):
                if spender := self.known_spender(" ".join(words[:length])):
                    found[spender.code] = spender
                    words = words[length:]
                    break
            else:
                if words[0] not in _JOINING:
                    return words
                words = words[1:]
        return []

    # -- the other options ---------------------------------------------------------------------------

    def edition(self, text: str | None) -> Edition:
        """The edition of that name, or the newest published by a typed day; the newest if none is asked for."""
        if not text:
            return self.facts.newest
        _refuse_noise(text)
        key = plain(text)
        if found := self.editions.get(key) or self.editions.get(key.removeprefix("as of ")):
            return found
        held = Listing(tuple(e.id for e in self.facts.editions.values()), "or")
        day = typed_day(key.removeprefix("as of "))
        if day is None or re.fullmatch(r"\d{4}", key):
            raise Problem(
                "unknown-edition",
                say(
                    "No edition “{text}” is held. Take {held}, or a day such as “1 March 2026”.",
                    text=Typed(text),
                    held=held,
                ),
            )
        if early := self.facts.known_on(day):
            return early
        oldest = [e for e in self.facts.editions.values() if e.tables][-1]
        raise Problem(
            "unknown-edition",
            say(
                "No edition that is held was published by then; the oldest is the {oldest} of {published}.",
                oldest=oldest,
                published=oldest.published,
            ),
        )

    def rule(self, text: str) -> Rule:
        """The rule of that name; Problem, with near matches, if there is none."""
        if found := self.rules.get(plain(text)) or self.rules.get(plain(text).removeprefix("the ")):
            return found
        _refuse_noise(text)
        near = _near(text, self.rules)
        if near:
            raise Problem(
                "unknown-rule",
                say(
                    "No rule is called “{text}”. Did you mean {near}?",
                    text=Typed(text),
                    near=Listing(tuple(near), "or"),
                ),
                tuple(f"rule rule:{rule.id}" for rule in near),
            )
        known = Listing(tuple(r.id for r in self.facts.rules.values() if r.kind == "share" and not r.only), "or")
        raise Problem("unknown-rule", say("No rule is called “{text}”. Try {known}.", text=Typed(text), known=known))

    def measure(self, text: str, question: str = "") -> Measure:
        """The measure of that name; Problem, with near ones as `question` again, if there is none."""
        if found := self.measures.get(plain(text)):
            return found
        _refuse_noise(text)
        near = _near(text, self.measures)
        instead = [f"{question} measure:{measure.id}" for measure in near] if question else []
        if question == "rank" and (group := self.groups.get(plain(text))):
            instead = [f"rank group:{group.id}"]
        elif spender := self.known_spender(text):
            instead = [f"spending member:{spender.code}"]
        raise Problem(
            "unknown-measure",
            say(
                "No measure is called “{text}”. Take {near}.",
                text=Typed(text),
                near=Listing(tuple(Typed(m.id) for m in near) or tuple(map(Typed, MEASURES_IN_WORDS)), "or"),
            ),
            tuple(instead),
        )

    def with_measure(self, text: str) -> tuple[str, Measure | None]:
        """Names with a measure behind them ("estonia latvia personnel"), taken apart; the text if there is none."""
        words = text.split()
        for length in range(min(4, len(words) - 1), 0, -1):
            if measure := self.measures.get(plain(" ".join(words[-length:]))):
                return " ".join(words[:-length]), measure
        return text, None

    def group(self, text: str) -> Group:
        """The group of Allies of that name; Problem, with near matches or the whole list, if there is none."""
        if found := self.groups.get(plain(text)) or self.groups.get(plain(text).removeprefix("the ")):
            return found
        _refuse_noise(text)
        near = _near(text, self.groups)
        raise Problem(
            "unknown-group",
            say(
                "No group of Allies is called “{text}”. Take {near}, or “members of 2004”.",
                text=Typed(text),
                near=Listing(tuple(g.id for g in near or self.facts.groups.values()), "or"),
            ),
            tuple(f"rank group:{group.id}" for group in near),
        )

    def spenders_in(self, text: str) -> list[Spender]:
        """The Allies and totals of a list such as "Germany, FRA and 🇵🇱", each once; Problem if one is unknown."""
        _refuse_noise(text, 3 * LONGEST)
        found: dict[str, Spender] = {}
        for piece in re.split(r"[,;&+|\"“”]", _FLAG.sub(r" \g<0> ", text)):
            if left := self._take(plain(piece).split(), found):
                self._refuse_in_list(left, list(found.values()))
        return list(found.values())

    def _refuse_in_list(self, words: list[str], before: list[Spender]) -> None:
        """Raise for the first of the words, offering the list again with what was probably meant."""
        try:
            self.spender(words[0], "gap")
        except Problem as problem:
            near = [text.removeprefix("gap member:") for text in problem.instead]
            after = [s for word in words[1:] if (s := self.known_spender(word))]
            others = [s.name for s in (*before, *after)] or ["NATO"]
            lists = (", ".join([*others[:5], name]) for name in near)
            instead = tuple(f"compare members:{each}" for each in lists)
            raise Problem(problem.code, problem.sentence, instead, keep=True) from None

    def term(self, text: str) -> Definition:
        """The entry of the glossary of that name; Problem, with near matches, if there is none."""
        if found := self.definitions.get(plain(text)) or self.definitions.get(plain(text).removeprefix("the ")):
            return found
        _refuse_noise(text)
        near = matching(text, self.facts.definitions, self.definitions, 5) if plain(text) else []
        if near:
            raise Problem(
                "unknown-term",
                say(
                    "The glossary has no “{text}”. Did you mean {near}?",
                    text=Typed(text),
                    near=Listing(tuple(near), "or"),
                ),
                tuple(f"define term:{definition.id}" for definition in near),
            )
        raise Problem(
            "unknown-term",
            say("The glossary has no “{text}”. Ask “define” alone for every term it has.", text=Typed(text)),
            ("define",),
        )

    def summit(self, text: str) -> Summit:
        """The meeting at that place, or of that place and year; Problem, with all that fit, if several do."""
        key = plain(text)
        found = self.summits.get(key) or self.summits.get(key.removeprefix("the ")) or []
        if not found:
            _refuse_noise(text)
            near = _near(text, {name: meetings[0] for name, meetings in self.summits.items()})
            raise Problem(
                "unknown-summit",
                say(
                    "No meeting “{text}” is held. Did you mean {near}?",
                    text=Typed(text),
                    near=Listing(tuple(near), "or"),
                )
                if near
                else say("No meeting “{text}” is held. Try The Hague, Ankara, Antalya or Wales.", text=Typed(text)),
                tuple(f"summit summit:{summit.id}" for summit in near),
            )
        if len(found) == 1:
            return found[0]
        leaders = [s for s in found if s.kind == "summit"] or found
        if len(leaders) == 1:
            return leaders[0]
        newest = sorted(leaders, key=lambda s: s.start.text, reverse=True)
        raise Problem(
            "which-summit",
            say(
                "{count} summits were held there: {meetings}. Say which, for example “{example}”.",
                count=str(len(newest)),
                meetings=Listing(tuple(s.id for s in newest), "unit"),
                example=newest[0].id,
            ),
            tuple(f"summit summit:{summit.id}" for summit in newest[:5]),
        )


@lru_cache(maxsize=2)
def index_of(facts: Facts) -> Index:
    """The names of a snapshot, made at its first use."""
    return Index(facts)


def year(text: str | None) -> int | None:
    """The year that was typed ("2032", "2026e"); Problem if it is no year or outside 1949 to 2050."""
    if text is None or not text.strip():
        return None
    _refuse_noise(text)
    if re.search(r"\d\s*(?:-|–|—|\.\.)\s*$|since|from", text.casefold()):
        raise Problem("bad-year", say("One year at a time, please: “{text}” names several.", text=Typed(text)))
    digits = re.fullmatch(r"(?:in |fy ?)?(\d{1,5})e?", plain(text))
    if digits is None:
        if re.search(r"\d{4}.*\d{4}", text):
            raise Problem("bad-year", say("One year at a time, please: “{text}” names two.", text=Typed(text)))
        raise Problem("bad-year", say("“{text}” is not a year. Type one such as 2026 or 2032.", text=Typed(text)))
    number = int(digits[1])
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Problem(
            "year-out-of-range",
            say(
                "NATO was founded in {first} and nothing is computed after {last}: {year} is outside. Pick a year between.",
                first=Year(FIRST_YEAR),
                last=Year(LAST_YEAR),
                year=Typed(text),
            ),
        )
    return number


def years_if_several(text: str) -> tuple[int, int] | None:
    """The span, or None where the text is one year."""
    return years(text) if re.search(r"\d\D+\d|since|from|\d\s*(?:-|–|—|\.\.)$", text.casefold()) else None


def years(text: str | None) -> tuple[int, int] | None:
    """The first and last year of "2014-2026", "2014 to 2026", "since 2014" (up to LAST_YEAR) or "2026" alone."""
    if text is None or not text.strip():
        return None
    _refuse_noise(text)
    key = text.casefold().strip()
    if since := re.fullmatch(r"(?:since|from) (\S+)|(\S+?)(?:-|–|—|\.\.| to)", key):
        return year(since[1] or since[2]) or FIRST_YEAR, LAST_YEAR
    two = re.fullmatch(r"(?:from )?(\d{4})e?\s*(?:-|–|—|\.\.\.?|/|to|until|,)\s*(\d{2}|\d{4})e?", key)
    if two is None:
        alone = year(text)
        assert alone is not None  # it is not empty
        return alone, alone
    last = two[2] if len(two[2]) == 4 else two[1][:2] + two[2]
    first_year, last_year = year(two[1]) or FIRST_YEAR, year(last) or LAST_YEAR  # neither is empty
    if first_year > last_year:
        raise Problem(
            "years-backwards",
            say(
                "{first} comes after {last}. Write the earlier year first: {last}-{first}.",
                first=Year(first_year),
                last=Year(last_year),
            ),
        )
    return first_year, last_year


def _refuse_noise(text: str, longest: int = LONGEST) -> None:
    if len(text) > longest:
        raise Problem(
            "too-long",
            say("That is {count} characters long; a name or a year is enough.", count=str(len(text))),
        )


def _parts(summit: Summit) -> Iterable[str]:
    """Shorter ways to name a meeting: its place without the region, its year, the name without "summit"."""
    place = re.split(r"[,(/]| and ", summit.place)[0].strip()
    short = summit.name.removesuffix(" summit").removeprefix("The ")
    for name in (place, short, summit.place.rpartition(",")[2].strip()):
        if name:
            yield name
            yield f"{name} {summit.start.year}"
            yield f"{summit.start.year} {name}"


def _index(things: Mapping[str, _N], more: Callable[[_N], tuple[str, ...]] = lambda _: ()) -> dict[str, _N]:
    index: dict[str, _N] = {}
    for key, thing in things.items():
        for name in (key, thing.name, *thing.aliases, *more(thing)):
            index.setdefault(plain(name), thing)
    return index


def _near(text: str, index: Mapping[str, _T]) -> list[_T]:
    """Up to five things whose name begins like the text, or else is spelt nearly so; best first."""
    key = plain(text)
    if len(key) < 2:
        return []
    from rapidfuzz import fuzz, process  # a start need not wait for it, and few names are misspelt

    starts = {id(thing): thing for name, thing in index.items() if name.startswith(key)}
    if starts:
        return list(starts.values())[:5]
    hits = process.extract(key, index.keys(), scorer=fuzz.ratio, limit=8, score_cutoff=70)
    return list({id(index[name]): index[name] for name, _, _ in hits}.values())[:5]


def matching(text: str, things: Mapping[str, _T], index: Mapping[str, _T], limit: int = 25) -> list[_T]:
    """For autocomplete: everything when nothing is typed; then names that begin so, contain it, are spelt nearly so."""
    key = plain(text[:LONGEST])
    if not key:
        return list(things.values())[:limit]
    ranked = [key] if key in index else []
    ranked += [name for name in index if name.startswith(key)]
    ranked += [name for name in index if key in name]
    if not ranked:
        from rapidfuzz import fuzz, process

        ranked = [
            name for name, _, _ in process.extract(key, index.keys(), scorer=fuzz.WRatio, limit=8, score_cutoff=75)
        ]
    return list({id(index[name]): index[name] for name in ranked}.values())[:limit]
