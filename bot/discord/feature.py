"""A feature that is more than a question: what its commands do and offer, what its buttons do, what it does daily."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import discord
from msgspec import Struct, field

from bot.discord.forms import Form
from bot.discord.message import Message
from bot.ledger import Ledger
from knowledge.answer import Answer

if TYPE_CHECKING:
    from discord.ext.tasks import Loop

Interaction = discord.Interaction[Any]
# What is told of it, shown as it was drawn, or asked in a form; raises Problem where it may not or cannot.
Done = Answer | Sequence[Message] | Form
Does = Callable[[Ledger, Interaction, Any], Awaitable[Done]]
Pressing = Callable[[Ledger, Interaction, str], Awaitable[Done]]  # with the payload of what was pressed or sent
Offers = Callable[[Ledger, Interaction, str], Awaitable[list[tuple[str, str]]]]  # what is shown, and what is sent


class Feature(Struct, frozen=True):
    """`does` by the class of what a command asks for; `offers` by the same, what its first option offers.

    `presses` by the kind that the ids of its buttons and forms carry.
    """

    does: Mapping[type, Does]
    offers: Mapping[type, Offers] = field(default_factory=dict)
    presses: Mapping[str, Pressing] = field(default_factory=dict)
    loops: tuple[Callable[[discord.Client, Ledger], Loop[Any]], ...] = ()
