"""The options of every question: what Discord says of each, what it offers, and how what is sent is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import discord
from cachetools import LRUCache
from discord import app_commands

from commands.face import Asked, Choice, Offering
from knowledge.asking import apart, resolve
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import cleaned
from knowledge.asking.years import is_years
from knowledge.dates import PartialDate, typed_day
from knowledge.facts import Facts
from knowledge.figure import Standing
from knowledge.names import LONGEST, index_of, is_we, matching, plain
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Aggregate, Group, Member, Rule, Spender

Draw = Callable[[object], str]  # a thing or a sentence in one language
Labels = dict[str, str]  # what is sent → what is shown
Finding = Callable[[Asked, str, Labels], Iterable[str]]
_T = TypeVar("_T")

MOST, LONGEST_LABEL = 25, 100  # of a list, says Discord
ALL = "all"
THE_LIST = say("everything, as a list")
STANDING = {
    Standing.ADOPTED: say("adopted"),
    Standing.READING: say("disputed"),
    Standing.PROPOSED: say("proposed"),
    Standing.DEMANDED: say("demanded"),
    Standing.FACT: say("fact"),
    Standing.MEASUREMENT: say("measurement"),
}
RANKED = {  # what has an order besides the measures
    apart.GAP: say("gap to the rule, in points"),
    apart.GAP_MONEY: say("gap to the rule, in US dollars"),
    apart.GROWTH: say("real growth since a year"),
    apart.MEMBERS: say("membership, by year of accession"),
}


class Option(app_commands.Transformer):
    """An option that is typed; `says` is the line under its name."""

    def __init__(self, says: str) -> None:
        self.says = says

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:
        return cleaned(value)


class Shown(NamedTuple):
    """A list: everything it can show, what it shows for what is typed, and what is understood as it stands.

    What is understood comes first, since Discord takes the first when Enter is pressed.
    """

    labels: Callable[[Facts, Draw], Labels]
    found: Finding
    understood: Callable[[Asked, str], bool] = lambda interaction, typed: False


class Listed(Option, Offering):
    """An option with a list.

    Discord may send what a list shows in the place of what it stands for (after a paste, after a change of channel),
    so that is read too, in every language.
    """

    def __init__(self, says: str, shown: Shown) -> None:
        super().__init__(says)
        self.shown = shown

    async def offered(self, interaction: Asked, typed: str) -> list[Choice]:
        typed, labels = cleaned(typed), self.labels(interaction, interaction.locale.value)
        found = self.shown.found(interaction, typed, labels)
        choices = [Choice(name=labels.get(key, key), value=key) for key in found]
        if self.shown.understood(interaction, typed) and not any(typed == choice.value for choice in choices):
            choices.insert(0, Choice(name=typed[:LONGEST_LABEL], value=typed[:LONGEST_LABEL]))
        return choices[:MOST]

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:
        return self.read(interaction, cleaned(value))

    def read(self, interaction: Asked, value: str) -> str:
        """What is meant by what was sent: itself, unless a list shows it."""
        if value in self.labels(interaction, "en"):
            return "" if value == ALL else value
        key = plain(value[:LONGEST_LABEL])
        conversation = interaction.client.conversation
        for language in (interaction.locale.value, *conversation.languages):
            _, found = _lists(self.shown.labels, conversation.facts, language, conversation.in_words)
            if sent := found.get(key):
                return "" if sent == ALL else sent
        return value

    def labels(self, interaction: Asked, language: str) -> Labels:
        """What is sent → what is shown, in a language."""
        conversation = interaction.client.conversation
        return _lists(self.shown.labels, conversation.facts, language, conversation.in_words)[0]


class EditionOrDay(Listed):
    """An edition, or a day in the reader's language."""

    def read(self, interaction: Asked, value: str) -> str:
        """A day in English, which is how days are read."""
        read, months = super().read(interaction, value), _months(interaction)
        words = re.findall(r"[^\W\d]+|\d+", read)
        if not any(plain(word) in months for word in words):
            return read
        return " ".join(months.get(plain(word), word) for word in words if word.isdecimal() or plain(word) in months)


class SpenderList(Listed):
    """Several names, with commas between them."""

    async def offered(self, interaction: Asked, typed: str) -> list[Choice]:
        """The list typed so far with its last name completed, by those that have something to compare."""
        facts, names = interaction.client.conversation.facts, cleaned(typed)[: 3 * LONGEST]
        *done, begun = names.split(",")
        index, labels = index_of(facts), self.labels(interaction, interaction.locale.value)
        before = [index.known(self.read(interaction, name.strip()), index.spenders) for name in done if name.strip()]
        known = [spender for spender in before if spender is not None]
        if is_we(begun) or len(known) < len(before) or len(known) >= resolve.MOST:
            return []
        chosen = [spender.code for spender in known]
        left_out = {*chosen, *(member.code for member in facts.members.values() if not member.armed_forces)}
        return [
            Choice(
                name=", ".join(labels[key] for key in (*chosen, code))[:LONGEST_LABEL],
                value=", ".join((*chosen, code)),
            )
            for code in self.shown.found(interaction, begun.strip(), labels)
            if code not in left_out
        ][:MOST]

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:
        parts = cleaned(value).split(",")
        return ", ".join(self.read(interaction, part.strip()) for part in parts)


_LANGUAGES = 512  # lists in a language each, of one snapshot: twelve in Discord's 32
_KEPT: WeakKeyDictionary[Facts, LRUCache[object, tuple[Labels, Labels]]] = WeakKeyDictionary()  # as long as they live


def _lists(
    labels: Callable[[Facts, Draw], Labels], facts: Facts, language: str, in_words: Callable[[str, object], str]
) -> tuple[Labels, Labels]:
    """What is sent → what is shown, and back from that in plain letters; of two that look alike the first."""
    named = facts.built or facts  # corrected figures change no names
    kept, key = _KEPT.setdefault(named, LRUCache(_LANGUAGES)), (labels, language, in_words)
    found = kept.get(key)
    if found is None:
        shown = labels(named, lambda what: in_words(language, what))
        drawn = {sent: text[:LONGEST_LABEL] for sent, text in shown.items()}
        found = kept[key] = drawn, {plain(label): sent for sent, label in reversed(drawn.items())}
    return found


# -- what the lists show, and in which order -------------------------------------------------------------


def _flag(iso2: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in iso2)


def _spender_labels(facts: Facts, draw: Draw) -> Labels:
    members = {m.code: f"{_flag(m.iso2)} {draw(m)}" for m in facts.members.values()}
    totals: dict[str, Spender] = {}
    listed: list[Spender] = [*facts.aggregates.values(), *facts.groups.values()]
    for whose in listed:
        totals.setdefault(draw(whose), whose)  # a group that NATO sums up itself is that total
    return {**members, **{whose.code: name for name, whose in totals.items()}}


def _spenders(*kinds: type) -> Callable[[Asked, str, Labels], list[str]]:
    """Those of these kinds; nothing where a country is named that is no Ally."""

    def found(interaction: Asked, typed: str, labels: Labels) -> list[str]:
        facts = interaction.client.conversation.facts
        index = index_of(facts)
        if index.known(typed[:LONGEST], index.lookalikes) is not None:
            return []
        everyone = {**facts.spenders, **facts.groups}
        things = {code: one for code, one in everyone.items() if isinstance(one, kinds)}
        of_kind = [one for one in matching(typed, things, index.spenders, len(everyone)) if isinstance(one, kinds)]
        return [one.code for one in of_kind if one.code in labels]

    return found


def _by_id(facts: Facts, typed: str, labels: Labels, things: Mapping[str, _T], index: Mapping[str, _T]) -> list[str]:
    """What is meant by the names of the index, or by those that the reader sees."""
    keys = {id(thing): key for key, thing in things.items()}
    shown = {plain(label): things[key] for key, label in labels.items() if key in things}
    found = matching(typed, things, {**shown, **{name: t for name, t in index.items() if id(t) in keys}}, len(things))
    return [keys[id(thing)] for thing in found]


def _years(*, printed: bool, ahead: bool) -> Shown:
    """The years of the newest edition, newest first, and those after it that a forecast reaches."""

    def found(interaction: Asked, typed: str, _: Labels) -> list[str]:
        facts = interaction.client.conversation.facts
        years = [*reversed(facts.printed_years[facts.newest.id, "share"])] if printed else []
        years += range(facts.newest.last + 1, facts.forecast.held_to + 1) if ahead else []
        return [str(year) for year in years if str(year).startswith(typed[:4])]

    return Shown(lambda facts, draw: {}, found, lambda interaction, typed: is_years(typed[:LONGEST]))


def _level_rule_labels(facts: Facts, draw: Draw) -> Labels:
    text = say("{rule} · {standing}, {year}")
    listed = facts.rules.values()
    return {r.id: draw(text.filled(rule=r, standing=STANDING[r.standing], year=Year(r.announced.year))) for r in listed}


def _rule_labels(facts: Facts, draw: Draw) -> Labels:
    return {**_level_rule_labels(facts, draw), ALL: draw(THE_LIST)}


def _newest_rules(interaction: Asked, typed: str, labels: Labels) -> list[Rule]:
    """The newest first where nothing is typed."""
    facts = interaction.client.conversation.facts
    found = _by_id(facts, typed, labels, facts.rules, index_of(facts).rules)
    return [facts.rules[key] for key in (found if typed else found[::-1])]


def _level_rules(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    """Those that the share of the Ally that was typed, or of any Ally, can be compared with."""
    index = index_of(interaction.client.conversation.facts)
    asked = index.known(str(interaction.namespace.member or "")[:LONGEST], index.spenders)
    fitting = [r for r in _newest_rules(interaction, typed, labels) if not r.only or (asked and asked.code in r.only)]
    return [rule.id for rule in fitting if rule.level("core", "total")]


def _rules(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    return _with_list([rule.id for rule in _newest_rules(interaction, typed, labels)], typed, labels)


def _edition_labels(facts: Facts, draw: Draw) -> Labels:
    return {edition.id: f"{draw(edition)}, {edition.source.title}" for edition in facts.editions.values()}


def _editions(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    key, held = plain(typed[:LONGEST]), interaction.client.conversation.facts.editions
    names = {one.id: (labels[one.id], one.name, one.published.text) for one in held.values()}
    return [edition for edition, texts in names.items() if any(key in plain(text) for text in texts)]


def _is_day(interaction: Asked, typed: str) -> bool:
    return bool(re.search(r"\d{4}", typed[:LONGEST])) and typed_day(typed[:LONGEST]) is not None


def _measure_labels(facts: Facts, draw: Draw) -> Labels:
    return {key: draw(measure) for key, measure in facts.measures.items()}


def _measures(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    facts = interaction.client.conversation.facts
    return _by_id(facts, typed, labels, facts.measures, index_of(facts).measures)


def _compared(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    """The measures that are alike for all Allies."""
    measures = interaction.client.conversation.facts.measures
    return [key for key in _measures(interaction, typed, labels) if not measures[key].national]


def _ranked_labels(facts: Facts, draw: Draw) -> Labels:
    return {**{key: draw(name) for key, name in RANKED.items()}, **_measure_labels(facts, draw)}


def _ranked(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    """The measures that have an order, the distance to the rule, growth over years, and membership."""
    key, compared = plain(typed[:LONGEST]), _compared(interaction, typed, labels)
    more = [one for one in RANKED if key in plain(labels[one]) or apart.RANKED.get(key) == one]
    return [*more, *compared] if typed else [*compared[:1], *more, *compared[1:]]


def _currency_labels(facts: Facts, draw: Draw) -> Labels:
    """Those for which NATO's newest tables imply a rate."""
    used = {member.currency for member in facts.members.values() if member.armed_forces}
    return {code: f"{draw(currency)} ({code})" for code, currency in facts.currencies.items() if code in used}


def _currencies(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    facts = interaction.client.conversation.facts
    codes = {name: facts.currencies[code] for name, code in index_of(facts).currencies.items()}
    return [code for code in _by_id(facts, typed, labels, facts.currencies, codes) if code in labels]


def _group_labels(facts: Facts, draw: Draw) -> Labels:
    return {key: draw(group) for key, group in facts.groups.items()}


def _groups(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    facts = interaction.client.conversation.facts
    return _by_id(facts, typed, labels, facts.groups, index_of(facts).groups)


def _with_list(found: list[str], typed: str, labels: Labels) -> list[str]:
    """The list itself first, as long as nothing is typed."""
    return [ALL, *found] if plain(typed) in ("", ALL) or plain(typed) in plain(labels[ALL]) else found


def _summit_labels(facts: Facts, draw: Draw) -> Labels:
    """The name with the year, and with the day where several meetings of a year have one name."""
    newest = list(facts.summits.values())[::-1]
    short = {one.id: f"{draw(one)}, {one.start.year}" for one in newest}
    often = Counter(short.values())
    long = {one.id: f"{draw(one)}, {draw(one.start)}" for one in newest if often[short[one.id]] > 1}
    return {**short, **long, ALL: draw(THE_LIST)}


def _summits(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    facts = interaction.client.conversation.facts
    if plain(typed[:LONGEST]).removesuffix(" summit") in ("next", "last"):
        return [index_of(facts).summit(typed, date.today()).id]
    newest = dict(reversed(list(facts.summits.items())))
    index = {name: meeting for name, meetings in index_of(facts).summits.items() for meeting in reversed(meetings)}
    return _with_list(_by_id(facts, typed, labels, newest, index), typed, labels)


def _term_labels(facts: Facts, draw: Draw) -> Labels:
    return {**{key: draw(term) for key, term in facts.definitions.items()}, ALL: draw(THE_LIST)}


def _terms(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    facts = interaction.client.conversation.facts
    found = _by_id(facts, typed, labels, facts.definitions, index_of(facts).definitions)
    return _with_list(found, typed, labels)


def _is_we(interaction: Asked, typed: str) -> bool:
    return is_we(typed)


def _words_in_any_order(interaction: Asked, typed: str) -> bool:
    """Whether the words hold more than a name, and all of them mean something to this command; or say "we"."""
    if is_we(typed):
        return True
    command = interaction.command.name if interaction.command is not None else ""
    kind = KINDS.get(command)
    if kind is None or " " not in typed or len(typed) > LONGEST:
        return False
    try:
        return len(apart.apart(index_of(interaction.client.conversation.facts), kind, {kind.free: typed})) > 1
    except Problem:
        return False


@lru_cache(maxsize=16)
def _month_names(language: str, in_words: Callable[[str, object], str]) -> dict[str, str]:
    """A language's names of the months, as they stand in a date, → the English ones; none for English itself."""

    def name(language: str, date: str) -> str:
        return str(max(re.findall(r"[^\W\d]+", in_words(language, PartialDate(date))), key=len))

    dates = [f"2000-{month:02}{day}" for month in range(1, 13) for day in ("", "-01")]  # "marzec", but "1 marca"
    names = {plain(name(language, date)): name("en", date) for date in dates}
    return {native: english for native, english in names.items() if native != plain(english)}


def _months(interaction: Asked) -> dict[str, str]:
    return _month_names(interaction.locale.value, interaction.client.conversation.in_words)


# -- the options -----------------------------------------------------------------------------------------

_MEMBERS = Shown(_spender_labels, _spenders(Member, Aggregate), _words_in_any_order)
_SPENDERS = Shown(_spender_labels, _spenders(Member, Aggregate, Group), _words_in_any_order)
_EDITIONS = Shown(_edition_labels, _editions, _is_day)
_MEASURES = Shown(_measure_labels, _measures)
_LEVEL_RULES = Shown(_level_rule_labels, _level_rules)

MEMBER = Listed("An Ally, NATO, or Europe and Canada: Germany, TUR, 🇵🇱", _MEMBERS)
SPENDER = Listed("An Ally, a group or a total: Germany, TUR, 🇵🇱, Nordic, NATO", _SPENDERS)
ALLY = Listed("An Ally: Germany, TUR, 🇵🇱", Shown(_spender_labels, _spenders(Member), _is_we))
REVISED = Listed("An Ally; left out, or NATO, what the newest edition changed most", _MEMBERS)
COMPARED = SpenderList("Two to six Allies, groups or totals: Germany, France, Baltic, NATO", _SPENDERS)
YEAR = Listed("A year; left out, the newest NATO prints", _years(printed=True, ahead=True))
SPAN = Listed("A year or a span: 2026, 2014-2026, since 2020", _years(printed=True, ahead=False))
REVISED_YEAR = Listed("The year a figure is of; left out, the newest that two editions print", SPAN.shown)
BY = Listed("The year it is reached: 2032", _years(printed=False, ahead=True))
RULE = Listed("One rule alone: hague, rutte, trump, vilnius, wales …", Shown(_rule_labels, _rules))
LEVEL_RULE = Listed(RULE.says, _LEVEL_RULES)
EDITION = EditionOrDay("NATO's edition, or a day: 2024, 1 March 2026", _EDITIONS)
REVISED_UP_TO = EditionOrDay("As far as this edition or day: 2025, 1 March 2026", _EDITIONS)
MEASURE = Listed("One measure alone: share, usd, personnel, equipment …", _MEASURES)
COMPARED_MEASURE = Listed(MEASURE.says, Shown(_measure_labels, _compared))
RANKED_MEASURE = Listed(
    "What to rank by: share, usd, per head, gap, gap usd, growth since, members …",
    Shown(_ranked_labels, _ranked, _words_in_any_order),
)
CURRENCY = Listed("A currency: euro, pounds, PLN", Shown(_currency_labels, _currencies))
GROUP = Listed(
    "Nordic, Baltic, EU, founding, bordering Russia, members of 2004 …",
    Shown(_group_labels, _groups, lambda interaction, typed: bool(apart.MEMBERS_OF.fullmatch(plain(typed[:LONGEST])))),
)
SUMMIT = Listed("A meeting: The Hague, Ankara, Antalya, Wales", Shown(_summit_labels, _summits))
TERM = Listed("A word: NATO budget, core defence, percentage point, SIPRI …", Shown(_term_labels, _terms))
LEVEL = Option("A level instead of a rule: 2%, below 2%, 2-3.5%")
SHARE = Option("A share of GDP to try: 3.5; left out, the pace of the last years")
GROWTH = Option("Real growth of GDP a year to assume, in per cent: 1.2")
PRICES = Option("current for each year's own prices; left out, those of one year")
PRIVATE = "Show the answer to you alone"

# -- what a server may choose ----------------------------------------------------------------------------

DEFAULT = "default"
AS_DISCORD = say("default: what Discord says")
NEWEST = say("default: the newest edition that has the figure")
OF_THE_YEAR = say("default: the adopted rule of the year")
NOBODY = say("default: none")
ENDONYMS = {
    "en": "English", "de": "Deutsch", "es": "español", "fr": "français", "it": "italiano", "pl": "polski", "tr": "Türkçe",
}  # fmt: skip


def _or_default(says: str, default: Sentence, labels: Callable[[Facts, Draw], Labels], found: Finding) -> Listed:
    """A list that begins with the way back to the default, as long as nothing else is typed."""

    def all_labels(facts: Facts, draw: Draw) -> Labels:
        return {DEFAULT: draw(default), **labels(facts, draw)}

    def begun(interaction: Asked, typed: str, shown: Labels) -> list[str]:
        back = [DEFAULT] if plain(typed) in plain(shown[DEFAULT]) else []
        return [*back, *found(interaction, typed, shown)]

    return Listed(says, Shown(all_labels, begun))


def _languages(interaction: Asked, typed: str, labels: Labels) -> list[str]:
    return [key for key in ENDONYMS if plain(typed) in plain(labels[key])]


LANGUAGE_HERE = _or_default("The language of what everybody sees", AS_DISCORD, lambda facts, draw: ENDONYMS, _languages)
EDITION_HERE = _or_default("The edition for questions that name none", NEWEST, _edition_labels, _editions)
RULE_HERE = _or_default("The rule for questions that name none", OF_THE_YEAR, _level_rule_labels, _level_rules)
COUNTRY_HERE = _or_default("The Ally that “we” means in a question", NOBODY, _spender_labels, _spenders(Member))
