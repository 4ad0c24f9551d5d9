"""What `/data add` does: a pledge, a meeting, a definition or a rule, checked by the models of the seed tables."""

from __future__ import annotations

import re
import secrets
import tomllib
from collections.abc import Iterable

from bot.corrections.acts import impact_on
from bot.corrections.messages import draft_message
from bot.corrections.rights import seen_in, who
from bot.discord.feature import Interaction
from bot.discord.guards import content_of
from bot.discord.locales import words_for
from bot.discord.message import Message
from bot.ledger import Draft, Ledger
from commands.adding import AddDefinition, AddMeeting, AddPledge, AddRule, Stands
from data.entered import row_of
from data.seeds import SeedError
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.resolve import resolve
from knowledge.corrections import Change
from knowledge.facts import Facts
from knowledge.sentences import Typed, say
from knowledge.things import Member

LARGEST_RULE = 64 * 1024  # bytes
LONGEST = 300  # characters of what is wrong
Adding = AddPledge | AddMeeting | AddDefinition | AddRule


async def add(ledger: Ledger, interaction: Interaction, wanted: Adding) -> list[Message]:
    """What would be entered and which answers it changes, as a draft of whoever wrote it."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=isinstance(wanted, AddRule) or wanted.everywhere)
    person.may_propose(scope)
    facts, drawn = seen_in(ledger, scope).facts, words_for(interaction, private=True)
    try:
        match wanted:
            case AddPledge():
                changes = _pledge(facts, wanted)
            case AddMeeting():
                changes = _meeting(wanted)
            case AddDefinition():
                changes = _definition(wanted)
            case AddRule():
                changes = _rule(facts, await content_of(wanted.file, LARGEST_RULE))
    except SeedError as error:
        told = say("This cannot be entered: {why} Nothing was kept.", why=Typed(str(error), LONGEST))
        raise Problem("bad-row", told) from None
    impact = await impact_on(ledger, scope, changes, drawn)
    address = "" if isinstance(wanted, AddRule) else wanted.source.address
    token = secrets.token_urlsafe(9)
    ledger.drafts[token] = Draft(scope, person.id, "add", changes, address, facts.version)
    return [draft_message(facts, (), changes, impact, (), None, token, drawn)]


def _pledge(facts: Facts, wanted: AddPledge) -> tuple[Change, ...]:
    spender = resolve(facts, Question("pledges", member=wanted.member)).spender
    if not isinstance(spender, Member):
        raise Problem("no-member", say("A pledge is one Ally's. Name it, for example Germany, TUR or 🇵🇱."))
    key = _key(spender.code, wanted.announced)
    share = (wanted.share or "").strip().removesuffix("%").strip().replace(",", ".")
    row = {
        "id": key, "member": spender.code, "share": share, "share_low": "", "share_high": "", "basis": wanted.basis,
        "year_from": str(wanted.first or ""), "year_to": str(wanted.last or ""), "kind": wanted.kind,
        "announced": wanted.announced, "summary": wanted.summary, "quote": wanted.quote or "", "since": "", "note": "",
        "source": f"entered-{key}",
    }  # fmt: skip
    return _entered("pledge", row, wanted.source, wanted.announced)


def _meeting(wanted: AddMeeting) -> tuple[Change, ...]:
    key = _key(wanted.place, wanted.start[:4])
    row = {
        "id": key, "name": wanted.name, "place": wanted.place, "start": wanted.start, "end": wanted.end or wanted.start,
        "kind": wanted.kind, "who": "", "decided": wanted.decided or "", "proposed": wanted.proposed or "", "note": "",
        "source": f"entered-{key}",
    }  # fmt: skip
    return _entered("summit", row, wanted.source, "")


def _definition(wanted: AddDefinition) -> tuple[Change, ...]:
    key = _key(wanted.term, "")
    also = "|".join(part.strip() for part in (wanted.also or "").split(",") if part.strip())
    row = {
        "id": key, "term": wanted.term, "also_called": also, "definition": wanted.text, "quote": wanted.quote or "",
        "note": "", "source": f"entered-{key}",
    }  # fmt: skip
    return _entered("definition", row, wanted.source, "")


def _entered(kind: str, row: dict[str, str], stands: Stands, published: str) -> tuple[Change, ...]:
    """The row, and the source it stands on."""
    source = {
        "key": row["source"], "title": stands.title, "publisher": stands.publisher, "published": published,
        "address": stands.address, "said_by": stands.said_by, "read": "excerpt", "reprint": "no",
    }  # fmt: skip
    return (
        Change((kind, row["id"]), None, row_of(kind, row), None),
        Change(("source", row["source"]), None, row_of("source", source), None),
    )


def _key(*parts: str) -> str:
    """An id that nothing else has."""
    plain = (re.sub(r"[^a-z0-9]+", "-", part.casefold()).strip("-") for part in parts)
    return "-".join((*filter(None, plain), secrets.token_hex(3)))


def _rule(facts: Facts, content: bytes) -> tuple[Change, ...]:
    try:
        rules = tomllib.loads(content.decode()).get("rule", [])
    except UnicodeDecodeError:
        raise SeedError("the file is not text in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SeedError(f"{error}.") from None
    if not isinstance(rules, list) or len(rules) != 1 or not isinstance(rules[0], dict):
        raise SeedError("the file has to hold one [[rule]].")
    row = row_of("rule", rules[0])
    named = {
        "source": [one["key"] for one in rules[0]["source"]],
        "superseded_by": [rules[0].get("superseded_by", "")],
        "summit": [rules[0].get("summit", "")],
        "only": rules[0].get("only", []),
    }
    known: dict[str, Iterable[str]] = {
        "source": facts.sources, "superseded_by": facts.rules, "summit": facts.summits, "only": facts.members
    }  # fmt: skip
    for column, keys in named.items():
        if strange := [key for key in keys if key and key not in known[column]]:
            raise SeedError(f"column {column}: {strange[0]!r} is not known.")
    return (Change(("rule", rules[0]["id"]), None, row, None),)
