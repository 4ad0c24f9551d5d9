"""Drafts: what was read from a file or entered, to be proposed by whoever was shown it; too much for an id to carry."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from bot.corrections.acts import kept, place_for, reason_and_address, reason_form
from bot.corrections.rights import who
from bot.discord.feature import Interaction
from bot.discord.forms import Form
from bot.discord.ids import id_of
from bot.discord.locales import words_for
from bot.discord.message import Message
from bot.ledger import Draft, Ledger
from commands.adding import AddDefinition, AddMeeting, AddPledge, AddRule
from commands.data import Import, NewEdition
from data.local import LocalStore
from data.proposals import Proposal, Proposals
from knowledge.asking.problem import Problem
from knowledge.sentences import say


async def read_table(ledger: Ledger, interaction: Interaction, wanted: Import) -> list[Message]:
    return await (await _file("imports")).read_table(ledger, interaction, wanted)  # type: ignore[no-any-return]


async def read_edition(ledger: Ledger, interaction: Interaction, wanted: NewEdition) -> list[Message]:
    return await (await _file("imports")).read_edition(ledger, interaction, wanted)  # type: ignore[no-any-return]


async def add(
    ledger: Ledger, interaction: Interaction, wanted: AddPledge | AddMeeting | AddDefinition | AddRule
) -> list[Message]:
    return await (await _file("additions")).add(ledger, interaction, wanted)  # type: ignore[no-any-return]


async def _file(name: str) -> Any:
    """A file beside this one: whoever needs it first pays for it, beside the loop, and not every start."""
    return await asyncio.to_thread(import_module, f"bot.corrections.{name}")


async def ask_why(ledger: Ledger, interaction: Interaction, token: str) -> Form:
    """The reason and the source, before a draft is proposed."""
    person, draft = await who(ledger, interaction), _draft(ledger, interaction, token)
    person.may_propose(draft.scope)
    drawn = words_for(interaction, private=True)
    return reason_form(id_of("drafted", token), drawn, draft.address or "https://")


async def propose(ledger: Ledger, interaction: Interaction, token: str) -> list[Message]:
    """Keep it as a proposal and tell those who decide."""
    person, draft = await who(ledger, interaction), _draft(ledger, interaction, token)
    person.may_propose(draft.scope)
    reason, address = reason_and_address(interaction, draft.scope)
    place = place_for(ledger, interaction, person, draft.scope)

    def keep(local: LocalStore) -> Proposal:
        return Proposals(local).propose(
            draft.scope, person.id, draft.kind, draft.changes,
            address=address, reason=reason, facts=draft.facts, place=place,
        )  # fmt: skip

    found = await ledger.locally(keep)
    ledger.drafts.pop(token, None)
    return await kept(ledger, interaction, person, found)


def _draft(ledger: Ledger, interaction: Interaction, token: str) -> Draft:
    """Problem if it is somebody else's, or no longer kept."""
    draft = ledger.drafts.get(token)
    if draft is None or draft.person != interaction.user.id:
        told = say("This was kept for a quarter of an hour only, and nothing was proposed. Send it again.")
        raise Problem("old-draft", told)
    return draft
