"""What the options of every command say and offer while somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeVar

from discord import app_commands

from commands.face import Asked
from knowledge.asking import apart, resolve
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.years import is_years
from knowledge.figure import Standing
from knowledge.names import LONGEST, index_of, matching, plain
from knowledge.sentences import Year, say
from knowledge.things import Group, Member, Rule, Spender

Choice = app_commands.Choice[str]
_C = TypeVar("_C")
_T = TypeVar("_T")

MOST = 25  # Discord shows no more

MEMBER = "An Ally, NATO, or Europe and Canada: Germany, TUR, 🇵🇱"
SPENDER = "An Ally, a group or a total: Germany, TUR, 🇵🇱, Nordic, NATO"
YEAR = "A year; left out, the newest NATO prints"
RULE = "One rule alone: hague, rutte, trump, vilnius, wales …"
EDITION = "NATO's edition, or a day: 2024, 1 March 2026"
MEASURE = "One measure alone: share, usd, personnel, equipment …"
ALLY = "An Ally: Germany, TUR, 🇵🇱"
REVISED = "An Ally; left out, or NATO, what the newest edition changed most"
REVISED_YEAR = "The year a figure is of; left out, the newest that two editions print"
REVISED_UP_TO = "As far as this edition or day: 2025, 1 March 2026"
TERM = "A word: NATO budget, core defence, percentage point, SIPRI …"
COMPARED = "Two to six Allies, groups or totals: Germany, France, Baltic, NATO"
SPAN = "A year or a span: 2026, 2014-2026, since 2020"
CURRENCY = "A currency: euro, pounds, PLN"
LEVEL = "A level instead of a rule: 2%, below 2%, 2-3.5%"
SHARE = "A share of GDP to try: 3.5; left out, the pace of the last years"
BY = "The year it is reached: 2032"
GROWTH = "Real growth of GDP a year to assume, in per cent: 1.2"
PRICES = "current for each year's own prices; left out, those of one year"
RANKED = "What to rank by: share, usd, per head, gap, gap usd, growth since, members …"
GROUP = "Nordic, Baltic, EU, founding, bordering Russia, members of 2004 …"
SUMMIT = "A meeting: The Hague, Ankara, Antalya, Wales"
PRIVATE = "Show the answer to you alone"


def _choices(pairs: Iterable[tuple[str, str]]) -> list[Choice]:
    return [app_commands.Choice(name=name[:100], value=value) for name, value in list(pairs)[:MOST]]


def _flag(iso2: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in iso2)


def _found(interaction: Asked, typed: str, things: Mapping[str, _T], index: Mapping[str, _T]) -> list[_T]:
    """What is meant by the names of the index, or by those that the reader sees."""
    shown = {plain(interaction.client.in_words(interaction, thing)): thing for thing in things.values()}
    return matching(typed, things, {**shown, **index}, len(things))


def _spender_choices(interaction: Asked, found: Iterable[Spender]) -> list[Choice]:
    name = partial(interaction.client.in_words, interaction)
    return _choices((f"{_flag(s.iso2)} {name(s)}" if isinstance(s, Member) else name(s), s.code) for s in found)


def _as_typed(typed: str, understood: bool, choices: list[Choice]) -> list[Choice]:
    """What was typed first, where it is understood as it stands: Discord takes the first choice when Enter is pressed."""
    if not understood or any(typed.strip() == choice.value for choice in choices):
        return choices
    return [Choice(name=typed.strip()[:100], value=typed.strip()[:100]), *choices][:MOST]


def _is_understood(interaction: Asked, typed: str) -> bool:
    """Whether the words hold more than a name, and all of them mean something to this command."""
    command = interaction.command.name if interaction.command is not None else ""
    kind = KINDS.get(command)
    if kind is None or " " not in typed.strip() or len(typed) > LONGEST:
        return False
    try:
        return len(apart.apart(index_of(interaction.client.facts), kind, {kind.free: typed})) > 1
    except Problem:
        return False


def _no_ally(interaction: Asked, typed: str) -> bool:
    """Whether a country is named that is no Ally, for which nothing else is offered."""
    index = index_of(interaction.client.facts)
    return index.known(typed[:LONGEST], index.lookalikes) is not None


async def members(interaction: Asked, typed: str) -> list[Choice]:
    """The Allies and NATO's totals."""
    if _no_ally(interaction, typed):
        return []
    facts = interaction.client.facts
    found = matching(typed, facts.spenders, index_of(facts).spenders, len(facts.spenders))
    choices = _spender_choices(interaction, (s for s in found if not isinstance(s, Group)))
    return _as_typed(typed, _is_understood(interaction, typed), choices)


async def spenders(interaction: Asked, typed: str) -> list[Choice]:
    """The same with the groups whose sums can be asked for."""
    if _no_ally(interaction, typed):
        return []
    facts = interaction.client.facts
    everyone: dict[str, Spender] = {**facts.spenders, **facts.groups}
    choices = _spender_choices(interaction, matching(typed, everyone, index_of(facts).spenders, MOST))
    return _as_typed(typed, _is_understood(interaction, typed), choices)


async def allies(interaction: Asked, typed: str) -> list[Choice]:
    """The Allies without the totals, which have pledged nothing."""
    if _no_ally(interaction, typed):
        return []
    facts = interaction.client.facts
    found = matching(typed, facts.members, index_of(facts).spenders, len(facts.spenders))
    return _spender_choices(interaction, (s for s in found if isinstance(s, Member)))


async def terms(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.definitions, index_of(facts).definitions)
    return _choices((interaction.client.in_words(interaction, d), d.id) for d in found)


async def spender_lists(interaction: Asked, typed: str) -> list[Choice]:
    """The list typed so far with its last name completed, by those that have something to compare."""
    facts = interaction.client.facts
    index = index_of(facts)
    *done, begun = typed[: 3 * LONGEST].split(",")
    before = [index.known(name, index.spenders) for name in done if name.strip()]
    known = [spender for spender in before if spender is not None]
    if len(known) < len(before) or len(known) >= resolve.MOST:
        return []
    chosen = [spender.code for spender in known]
    left_out = {*chosen, *(member.code for member in facts.members.values() if not member.armed_forces)}
    shown = [interaction.client.in_words(interaction, spender) for spender in known]
    return [
        Choice(name=", ".join([*shown, choice.name])[:100], value=", ".join([*chosen, choice.value]))
        for choice in await spenders(interaction, begun.strip())
        if choice.value not in left_out
    ]


def _year_choices(typed: str, offered: Iterable[int]) -> list[Choice]:
    choices = _choices((str(y), str(y)) for y in offered if str(y).startswith(typed.strip()[:4]))
    return _as_typed(typed, is_years(typed[:LONGEST]), choices)


async def years(interaction: Asked, typed: str) -> list[Choice]:
    """The years of the newest edition, newest first."""
    facts = interaction.client.facts
    return _year_choices(typed, reversed(facts.printed_years[facts.newest.id, "share"]))


async def years_ahead(interaction: Asked, typed: str) -> list[Choice]:
    """The years after the newest edition's that a forecast reaches."""
    facts = interaction.client.facts
    return _year_choices(typed, range(facts.newest.last + 1, facts.forecast.held_to + 1))


async def all_years(interaction: Asked, typed: str) -> list[Choice]:
    """Both."""
    both = [*await years(interaction, typed), *await years_ahead(interaction, typed)]
    return list({choice.value: choice for choice in both}.values())[:MOST]


async def rules(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.rules, index_of(facts).rules)
    return _rule_choices(interaction, found if typed.strip() else found[::-1])


async def level_rules(interaction: Asked, typed: str) -> list[Choice]:
    """The rules that the share of the Ally that was typed, or of any Ally, can be compared with."""
    facts, index = interaction.client.facts, index_of(interaction.client.facts)
    asked = index.known(str(interaction.namespace.member or "")[:LONGEST], index.spenders)
    found = _found(interaction, typed, facts.rules, index.rules)
    found = found if typed.strip() else found[::-1]
    fitting = [rule for rule in found if not rule.only or (asked is not None and asked.code in rule.only)]
    return _rule_choices(interaction, [rule for rule in fitting if rule.level("core", "total")])


def _rule_choices(interaction: Asked, rules: list[Rule]) -> list[Choice]:
    shown = [
        say("{rule} · {standing}, {year}", rule=r, standing=_STANDING[r.standing], year=Year(r.announced.year))
        for r in rules
    ]
    return _choices((interaction.client.in_words(interaction, s), r.id) for s, r in zip(shown, rules, strict=True))


_STANDING = {
    Standing.ADOPTED: say("adopted"),
    Standing.READING: say("disputed"),
    Standing.PROPOSED: say("proposed"),
    Standing.DEMANDED: say("demanded"),
    Standing.FACT: say("fact"),
    Standing.MEASUREMENT: say("measurement"),
}


async def editions(interaction: Asked, typed: str) -> list[Choice]:
    key = typed.casefold().strip()[:LONGEST]
    held = {e: interaction.client.in_words(interaction, e) for e in interaction.client.facts.editions.values()}
    return _choices(
        (f"{shown}, {e.source.title}", e.id)
        for e, shown in held.items()
        if any(key in text.casefold() for text in (shown, e.name, e.published.text))
    )


async def measures(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.measures, index_of(facts).measures)
    return _choices((interaction.client.in_words(interaction, m), m.id) for m in found)


async def compared(interaction: Asked, typed: str) -> list[Choice]:
    """The measures that are alike for all Allies."""
    facts = interaction.client.facts
    return [choice for choice in await measures(interaction, typed) if not facts.measures[choice.value].national]


async def ranked(interaction: Asked, typed: str) -> list[Choice]:
    """The measures that have an order, the distance to the rule, growth over years, and membership."""
    name = partial(interaction.client.in_words, interaction)
    more = [
        (name(say("gap to the rule, in points")), apart.GAP),
        (name(say("gap to the rule, in US dollars")), apart.GAP_MONEY),
        (name(say("real growth since a year")), apart.GROWTH),
        (name(say("membership, by year of accession")), apart.MEMBERS),
    ]
    key = plain(typed[:LONGEST])
    pairs = [(choice.name, choice.value) for choice in await compared(interaction, typed)]
    named = apart.RANKED.get(key)
    more = [pair for pair in more if key in plain(pair[0]) or pair[1] == named]
    choices = _choices([*more, *pairs] if typed.strip() else [*pairs[:1], *more, *pairs[1:]])
    return _as_typed(typed, _is_understood(interaction, typed), choices)


async def currencies(interaction: Asked, typed: str) -> list[Choice]:
    """Those for which NATO's newest tables imply a rate."""
    facts = interaction.client.facts
    used = {member.currency for member in facts.members.values() if member.armed_forces}
    codes = {name: facts.currencies[code] for name, code in index_of(facts).currencies.items()}
    found = _found(interaction, typed, facts.currencies, codes)
    return _choices(
        (f"{interaction.client.in_words(interaction, c)} ({c.code})", c.code) for c in found if c.code in used
    )


async def groups(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.groups, index_of(facts).groups)
    choices = _choices((interaction.client.in_words(interaction, g), g.id) for g in found)
    return _as_typed(typed, apart.MEMBERS_OF.fullmatch(plain(typed[:LONGEST])) is not None, choices)


async def summits(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    if plain(typed[:LONGEST]).removesuffix(" summit") in ("next", "last"):
        one = index_of(facts).summit(typed, interaction.created_at.date())
        return _choices([(f"{interaction.client.in_words(interaction, one)}, {one.start.year}", one.id)])
    newest = dict(reversed(list(facts.summits.items())))
    index = {name: meeting for name, meetings in index_of(facts).summits.items() for meeting in reversed(meetings)}
    found = _found(interaction, typed, newest, index)
    return _choices((f"{interaction.client.in_words(interaction, s)}, {s.start.year}", s.id) for s in found)


def everywhere(command: _C) -> _C:
    """A question may be asked in servers, in DMs and group DMs, by server and by user install."""
    command = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)
    return app_commands.allowed_installs(guilds=True, users=True)(command)
