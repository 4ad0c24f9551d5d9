"""What the options of every command offer while somebody types: members, years, rules, editions, measures, meetings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeVar

from discord import app_commands

from commands.ledger import Asked
from knowledge.facts import Member, Rule
from knowledge.figure import Standing
from knowledge.names import GAP, GAP_MONEY, LONGEST, index_of, matching, plain
from knowledge.problem import Problem
from knowledge.sentences import Year, say

Choice = app_commands.Choice[str]
_C = TypeVar("_C")
_T = TypeVar("_T")

MOST_COMPARED = 6
MOST = 25  # Discord shows no more
FAR_YEARS = (2030, 2032, 2035)  # years a reader asks for that no edition has yet

MEMBER = "An Ally, NATO, or Europe and Canada: Germany, TUR, 🇵🇱"
YEAR = "A year; left out, the newest NATO prints"
RULE = "One rule alone: hague, rutte, trump, vilnius, wales …"
EDITION = "NATO's edition, or a day: 2024, 1 March 2026"
MEASURE = "One measure alone: share, usd, personnel, equipment …"
ALLY = "An Ally: Germany, TUR, 🇵🇱"
REVISED = "An Ally; left out, or NATO, what the newest edition changed most"
REVISED_YEAR = "The year a figure is of; left out, the newest that two editions print"
REVISED_UP_TO = "As far as this edition or day: 2025, 1 March 2026"
TERM = "A word: NATO budget, core defence, percentage point, SIPRI …"
MEMBERS = "Two to six: Germany, France, Poland, NATO"
SPAN = "A year or a span: 2026, 2014-2026, since 2020"
CURRENCY = "One currency for all: EUR, GBP, PLN"
SHARE = "A share of GDP to try: 3.5; left out, the pace of the last years"
BY = "The year it is reached, up to 2035"
GROWTH = "Real growth of GDP a year to assume, in per cent: 1.2"
PRICES = "2026, or current for each year's own"
RANKED = "What to rank by: share, usd, per head, growth, gap, gap usd …"
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


async def members(interaction: Asked, typed: str) -> list[Choice]:
    facts, name = interaction.client.facts, partial(interaction.client.in_words, interaction)
    found = matching(typed, facts.spenders, index_of(facts).spenders, MOST)
    return _choices((f"{_flag(s.iso2)} {name(s)}" if isinstance(s, Member) else name(s), s.code) for s in found)


async def allies(interaction: Asked, typed: str) -> list[Choice]:
    """The Allies without the totals, which have pledged nothing."""
    facts, name = interaction.client.facts, partial(interaction.client.in_words, interaction)
    found = matching(typed, facts.members, index_of(facts).spenders, len(facts.spenders))
    return _choices((f"{_flag(m.iso2)} {name(m)}", m.code) for m in found if isinstance(m, Member))


async def terms(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.definitions, index_of(facts).definitions)
    return _choices((interaction.client.in_words(interaction, d), d.id) for d in found)


async def member_lists(interaction: Asked, typed: str) -> list[Choice]:
    """The list typed so far with its last name completed."""
    done, _, begun = typed[: 3 * LONGEST].rpartition(",")
    try:
        before = index_of(interaction.client.facts).spenders_in(done)
    except Problem:
        return []
    if len(before) >= MOST_COMPARED:
        return []
    chosen = ", ".join(s.code for s in before)
    return [
        Choice(
            name=", ".join([*(interaction.client.in_words(interaction, s) for s in before), choice.name])[:100],
            value=", ".join(filter(None, (chosen, choice.value))),
        )
        for choice in await members(interaction, begun.strip())
        if choice.value not in chosen.split(", ")
    ]


async def years(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    offered = [*reversed(facts.printed_years[facts.newest.id, "share"]), *FAR_YEARS]
    return _choices((str(y), str(y)) for y in offered if str(y).startswith(typed.strip()[:4]))


async def rules(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    return _rule_choices(interaction, _found(interaction, typed, facts.rules, index_of(facts).rules))


async def level_rules(interaction: Asked, typed: str) -> list[Choice]:
    """The rules a share of GDP can be compared with."""
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.rules, index_of(facts).rules)
    return _rule_choices(interaction, [rule for rule in found if rule.level("core", "total")])


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


async def ranked(interaction: Asked, typed: str) -> list[Choice]:
    """The measures that have an order, and the distance to the rule."""
    facts = interaction.client.facts
    name = partial(interaction.client.in_words, interaction)
    gaps = [(name(say("gap to the rule, in points")), GAP), (name(say("gap to the rule, in US dollars")), GAP_MONEY)]
    key = plain(typed[:LONGEST])
    found = _found(interaction, typed, facts.measures, index_of(facts).measures)
    pairs = [(name(m), m.id) for m in found if not m.national]
    return _choices([*(pair for pair in gaps if key in plain(pair[0])), *pairs])


async def groups(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = _found(interaction, typed, facts.groups, index_of(facts).groups)
    return _choices((interaction.client.in_words(interaction, g), g.id) for g in found)


async def summits(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    newest = dict(reversed(list(facts.summits.items())))
    index = {name: meeting for name, meetings in index_of(facts).summits.items() for meeting in reversed(meetings)}
    found = _found(interaction, typed, newest, index)
    return _choices((f"{interaction.client.in_words(interaction, s)}, {s.start.year}", s.id) for s in found)


def everywhere(command: _C) -> _C:
    """A question may be asked in servers, in DMs and group DMs, by server and by user install."""
    command = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)
    return app_commands.allowed_installs(guilds=True, users=True)(command)
