"""What the options of every command offer while somebody types: members, years, rules, editions, measures, meetings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from discord import app_commands

from commands.ledger import Asked
from knowledge.facts import Member
from knowledge.figure import Standing
from knowledge.names import LONGEST, index_of, matching

Choice = app_commands.Choice[str]
_C = TypeVar("_C")

MOST = 25  # Discord shows no more
FAR_YEARS = (2030, 2032, 2035)  # years a reader asks for that no edition has yet

MEMBER = "An Ally, NATO, or Europe and Canada: Germany, TUR, 🇵🇱"
YEAR = "A year; left out, the newest NATO prints"
RULE = "One rule alone: hague, rutte, trump, vilnius, wales …"
EDITION = "NATO's edition, or a day: 2024, 1 March 2026"
MEASURE = "One measure alone: share, usd, personnel, equipment …"
SUMMIT = "A meeting: The Hague, Ankara, Antalya, Wales"
PRIVATE = "Show the answer to you alone"


def _choices(pairs: Iterable[tuple[str, str]]) -> list[Choice]:
    return [app_commands.Choice(name=name[:100], value=value) for name, value in list(pairs)[:MOST]]


def _flag(iso2: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in iso2)


async def members(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = matching(typed, facts.spenders, index_of(facts).spenders, MOST)
    return _choices((f"{_flag(s.iso2)} {s.name}" if isinstance(s, Member) else s.name, s.code) for s in found)


async def years(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    offered = [*reversed(facts.printed_years[facts.newest.id, "share"]), *FAR_YEARS]
    return _choices((str(y), str(y)) for y in offered if str(y).startswith(typed.strip()[:4]))


async def rules(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    found = matching(typed, facts.rules, index_of(facts).rules, MOST)
    return _choices((f"{r.name} · {_standing(r.standing)}, {r.announced.year}", r.id) for r in found)


async def level_rules(interaction: Asked, typed: str) -> list[Choice]:
    """The rules a share of GDP can be compared with."""
    facts = interaction.client.facts
    found = [
        r for r in matching(typed, facts.rules, index_of(facts).rules, len(facts.rules)) if r.level("core", "total")
    ]
    return _choices((f"{r.name} · {_standing(r.standing)}, {r.announced.year}", r.id) for r in found)


def _standing(standing: Standing) -> str:
    return "adopted" if standing is Standing.ADOPTED else "disputed" if standing is Standing.READING else standing.code


async def editions(interaction: Asked, typed: str) -> list[Choice]:
    key = typed.casefold().strip()[:LONGEST]
    held = interaction.client.facts.editions.values()
    return _choices(
        (f"{e.name}, {e.source.title}", e.id) for e in held if key in e.name.casefold() or key in e.published.text
    )


async def measures(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    return _choices((m.name, m.id) for m in matching(typed, facts.measures, index_of(facts).measures, MOST))


async def summits(interaction: Asked, typed: str) -> list[Choice]:
    facts = interaction.client.facts
    newest = dict(reversed(list(facts.summits.items())))
    index = {name: meeting for name, meetings in index_of(facts).summits.items() for meeting in reversed(meetings)}
    found = matching(typed, newest, index, MOST)
    return _choices((f"{s.name}, {s.start.year}", s.id) for s in found)


def everywhere(command: _C) -> _C:
    """A question may be asked in servers, in DMs and group DMs, by server and by user install."""
    command = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)
    return app_commands.allowed_installs(guilds=True, users=True)(command)
