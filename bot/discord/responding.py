"""One response an interaction, whatever the network does to it: send, defer, edit, retry, or too late."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import aiohttp
import discord

from bot.discord.forms import Form
from bot.discord.layout import fault_message
from bot.discord.locales import words_for
from bot.discord.message import Message
from knowledge.asking.problem import Problem
from knowledge.sentences import say

log = logging.getLogger("ledger")

ALREADY_ANSWERED = 40060
TOO_LATE = {  # nobody can mend these, and nobody is left to be told
    10062: "came after Discord's three seconds",
    10008: "found its message dismissed",
    10015: "came after its fifteen minutes",
    50027: "came after its fifteen minutes",
    50083: "found its thread locked",
}
BROKEN_OFF = (aiohttp.ClientConnectionError, ConnectionError, TimeoutError)


class State(Enum):
    NEW = "nobody was told anything"
    WAITING = "the asker sees that something is coming"
    ANSWERED = "the asker has an answer"


class Late(Exception):
    """Discord takes no answer any more; it was logged."""


class Reply:
    """The response of one interaction. What Discord did though its reply was lost counts as done.

    It knows of a first answer and of an edit that it did them; a message after the answer may come twice.
    """

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self.interaction, self.state = interaction, State.NEW

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Reply:
        """The one of this interaction."""
        reply: Reply = interaction.extras.setdefault("reply", cls(interaction))
        return reply

    async def defer(self, *, private: bool) -> None:
        """Show that something is coming, and have fifteen minutes for it."""
        await self._twice(lambda: self.interaction.response.defer(ephemeral=private, thinking=True))
        self.state = State.WAITING

    async def send(self, message: Message, *, private: bool) -> None:
        """The answer; after a `defer` it takes the place of what was shown, and is as private as that was."""

        async def first() -> None:
            files = [file.file() for file in message.files]
            await self.interaction.response.send_message(view=message.view(), files=files, ephemeral=private)

        async def edit() -> None:
            files = [file.file() for file in message.files]
            await self.interaction.edit_original_response(view=message.view(), attachments=files)

        async def more() -> None:
            files = [file.file() for file in message.files]
            await self.interaction.followup.send(view=message.view(), files=files, ephemeral=private)

        await self._twice({State.NEW: first, State.WAITING: edit, State.ANSWERED: more}[self.state])
        self.state = State.ANSWERED

    async def open(self, form: Form) -> None:
        """A form to fill in; it can only be the first thing that comes."""
        if self.state is not State.NEW:
            raise Problem("busy", say("That took too long. Try again in a moment."))
        await self._twice(lambda: self.interaction.response.send_modal(form.modal()))
        self.state = State.ANSWERED

    async def _twice(self, call: Callable[[], Awaitable[Any]]) -> None:
        """A call that the network broke off is made once more; discord.py leaves that to us."""
        for last in (False, True):
            try:
                await call()
            except discord.HTTPException as error:
                if error.code == ALREADY_ANSWERED:  # the first one did arrive
                    return
                if error.code in TOO_LATE:
                    log.warning("an answer %s (%s)", TOO_LATE[error.code], name_of(self.interaction))
                    raise Late from error
                raise
            except BROKEN_OFF:
                if last:
                    raise
            else:
                return


async def tell_fault(interaction: discord.Interaction[Any], error: BaseException) -> str | None:
    """A fault: logged with a code and nobody's words, told to the asker in a sentence, unless they are still typing.

    Its code, if it is one of ours.
    """
    reply, name, code = Reply.of(interaction), name_of(interaction), new_code()
    if isinstance(error, Late):
        return None
    ours = not is_networks(error)
    if ours:
        log.error("%s in %s", code, name, exc_info=error)
    else:
        log.warning("%s: an answer could not be sent (%s, %s)", code, type(error).__name__, name)
    if interaction.type is discord.InteractionType.autocomplete:  # it takes a list and no message
        return code if ours else None
    try:
        await reply.send(fault_message(code, words_for(interaction, private=True)), private=True)
    except Late:
        pass
    except (discord.HTTPException, *BROKEN_OFF) as again:
        log.warning("%s could not be told to the asker: %s", code, type(again).__name__)
    return code if ours else None


def new_code() -> str:
    """What a fault is called, in the log and where it is told."""
    return f"F-{secrets.token_hex(3)}"


def is_networks(error: BaseException | None) -> bool:
    """Whether an error is the network's or Discord's, which nobody here can mend."""
    if isinstance(error, discord.HTTPException):
        return error.status == 429 or error.status >= 500
    return isinstance(error, BROKEN_OFF)


def name_of(interaction: discord.Interaction[Any]) -> str:
    """What was asked, by its command's name alone: options and messages are nobody's business in a log."""
    command = interaction.command
    return f"/{command.qualified_name}" if command is not None else interaction.type.name
