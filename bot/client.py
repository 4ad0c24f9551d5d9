"""The Discord client: one path for every interaction, one handler for every error."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from functools import lru_cache, partial
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui

from bot.buttons import AgainButton, PanelButton
from bot.layout import KEPT, answer_view, fault_view, panel_view, problem_view
from bot.words import Words, words
from commands import WORKING
from commands.ledger import Asked, Ledger
from data.local import LocalStore
from knowledge.facts import Facts
from knowledge.names import index_of
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.questions import ask

log = logging.getLogger("ledger")

COMMANDS_HASH = "commands_hash"
ALREADY_ANSWERED, UNKNOWN_INTERACTION = 40060, 10062


class Tree(app_commands.CommandTree["LedgerClient"]):
    """The command tree; its errors go the way of all others."""

    async def on_error(self, interaction: Asked, error: app_commands.AppCommandError, /) -> None:
        await self.client.fault(interaction, getattr(error, "original", error))


class LedgerClient(Ledger):
    """Answers from one snapshot of the facts; needs no intents, since interactions come without any."""

    def __init__(self, facts: Facts, local: LocalStore) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),  # people's words are echoed: nothing may ping
            guild_ready_timeout=0,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        self.facts = facts
        self.local = local
        self.tree = Tree(self)
        for command in WORKING:
            self.tree.add_command(command)
        self._ask = lru_cache(maxsize=KEPT)(partial(ask, facts))  # a Problem is not kept
        index_of(facts)  # made now, so that the first question does not wait for it

    def forget(self) -> None:
        """Drop the kept answers."""
        self._ask.cache_clear()

    async def setup_hook(self) -> None:
        self.add_dynamic_items(PanelButton, AgainButton)
        if isinstance(self.http.connector, aiohttp.TCPConnector):  # else a quiet bot opens a connection an answer
            self.http.connector._keepalive_timeout = 120
        await self.sync_if_changed()

    async def sync_if_changed(self) -> bool:
        """Send the command list to Discord if it is not the one sent last; whether it was sent."""
        digest = payload_hash(self.tree)
        if self.local.get(COMMANDS_HASH) == digest:
            return False
        await self.tree.sync()
        self.local.put(COMMANDS_HASH, digest)
        log.info("commands sent to Discord (%s)", digest[:12])
        return True

    async def answer(self, interaction: discord.Interaction[Any], question: Question, *, private: bool) -> None:
        try:
            view = answer_view(self._ask(question), self.words_for(interaction, private))
        except Problem as problem:
            view = problem_view(problem, self.words_for(interaction, True), question, private)
            private = True
        await self.respond(interaction, view, private=private)

    async def show_panel(
        self, interaction: discord.Interaction[Any], panel: str, page: int, question: Question
    ) -> None:
        """A panel of an answer, to the person who pressed its button; the question is asked again."""
        drawn = self.words_for(interaction, True)
        try:
            answer = self._ask(question)
            view = answer_view(answer, drawn, page) if panel == "answer" else panel_view(panel, answer, drawn, page)
        except Problem as problem:
            view = problem_view(problem, drawn, question, True)
        await self.respond(interaction, view, private=True)

    async def respond(self, interaction: discord.Interaction[Any], view: ui.LayoutView, *, private: bool) -> None:
        """The one response of an interaction."""
        try:
            await interaction.response.send_message(view=view, ephemeral=private)
        except discord.HTTPException as error:
            if error.code == ALREADY_ANSWERED:  # a retry of an answer that did arrive: done, not failed
                return
            if error.code == UNKNOWN_INTERACTION:
                log.warning("an answer came after Discord's three seconds (%s)", _name(interaction))
                return
            raise

    async def fault(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """A fault of ours: logged with a code and no words of anybody's, told to the asker in a sentence."""
        code = f"F-{secrets.token_hex(3)}"
        log.error("%s in %s", code, _name(interaction), exc_info=error)
        try:
            if interaction.response.is_done():
                await interaction.followup.send(view=fault_view(code), ephemeral=True)
            else:
                await interaction.response.send_message(view=fault_view(code), ephemeral=True)
        except discord.HTTPException:
            log.warning("%s could not be told to the asker", code)

    def words_for(self, interaction: discord.Interaction[Any], private: bool) -> Words:
        """The reader's language for a private answer, the server's for a public one."""
        locale = interaction.locale if private or interaction.guild_locale is None else interaction.guild_locale
        return words(locale.value, markdown=True)


def payload_hash(tree: app_commands.CommandTree[Any]) -> str:
    """A hash of what Discord would be sent: names, options, descriptions, contexts."""
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


def _name(interaction: discord.Interaction[Any]) -> str:
    """What was asked, by its command's name alone: options and messages are nobody's business in a log."""
    command = interaction.command
    return f"/{command.qualified_name}" if command is not None else interaction.type.name
