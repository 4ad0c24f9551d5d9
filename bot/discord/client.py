"""The Discord client: one path for every interaction, one handler for every error."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging
import secrets
from datetime import date
from functools import lru_cache, partial
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui

from bot.discord.buttons import AgainButton, PanelButton, ShareButton
from bot.discord.layout import (
    KEPT,
    answer_view,
    chart_view,
    fault_view,
    file_view,
    panel_view,
    problem_view,
    sorry_view,
)
from bot.discord.translator import Translator, fingerprint
from bot.drawing.exports import csv_text, file_name
from bot.drawing.pictures import ChartFailed, Drawing
from bot.drawing.words import Words, words
from bot.follow import posts as following
from commands import SERVER_COMMANDS, WORKING
from commands.face import Asked, Ledger, Place
from data.local import LocalStore
from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.names import index_of
from knowledge.questions import ask
from knowledge.sentences import Sentence, say

log = logging.getLogger("ledger")

COMMANDS_HASH = "commands_hash"
SOON = 0.05  # seconds; a chart that was drawn before is there at once, and nobody is told to wait
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
        self.drawing = Drawing()
        self.tree = Tree(self)
        for command in WORKING:
            self.tree.add_command(command)
        for group in SERVER_COMMANDS:
            self.tree.add_command(group)
        self.announcing = asyncio.Lock()  # one look at the follows at a time, else one news might be posted twice
        self._daily: asyncio.Task[None] | None = None
        self._kept = lru_cache(maxsize=KEPT)(partial(ask, facts))  # by question and day; a Problem is not kept
        index_of(facts)  # made now, so that the first question does not wait for it

    def forget(self) -> None:
        """Drop the kept answers."""
        self._kept.cache_clear()

    def _ask(self, question: Question) -> Answer:
        """The answer as of today: what "last year" and "next summit" mean changes overnight."""
        return self._kept(question, date.today())

    async def setup_hook(self) -> None:
        self.add_dynamic_items(PanelButton, ShareButton, AgainButton)
        if isinstance(self.http.connector, aiohttp.TCPConnector):  # else a quiet bot opens a connection an answer
            self.http.connector._keepalive_timeout = 120
        await self.tree.set_translator(Translator())
        await self.sync_if_changed()
        self._daily = asyncio.create_task(following.keep_announcing(self))

    async def close(self) -> None:
        if self._daily is not None:
            self._daily.cancel()
        await self.drawing.close()
        await super().close()

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
            view = answer_view(self._ask(question), self.words_for(interaction, private), private=private)
        except Problem as problem:
            view = problem_view(problem, self.words_for(interaction, True), private)
            private = True
        await self.respond(interaction, view, private=private)

    async def show_panel(
        self, interaction: discord.Interaction[Any], panel: str, page: int, question: Question
    ) -> None:
        """A panel of an answer, to the person who pressed its button; the question is asked again."""
        drawn = self.words_for(interaction, True)
        try:
            answer = self._ask(question)
        except Problem as problem:
            await self.respond(interaction, problem_view(problem, drawn, True), private=True)
            return
        if panel == "chart":
            await self._show_chart(interaction, answer, drawn, private=True)
        elif panel in ("csv", "vega"):
            await self._send_file(interaction, answer, drawn, panel)
        else:
            whole = panel == "answer"
            view = answer_view(answer, drawn, page, private=True) if whole else panel_view(panel, answer, drawn, page)
            await self.respond(interaction, view, private=True)

    async def share(self, interaction: discord.Interaction[Any], panel: str, question: Question) -> None:
        """What its presser alone was shown, for everybody, in the server's language."""
        if panel != "chart":
            await self.answer(interaction, question, private=False)
            return
        try:
            answer = self._ask(question)
        except Problem as problem:
            view = problem_view(problem, self.words_for(interaction, True), True)
            await self.respond(interaction, view, private=True)
            return
        await self._show_chart(interaction, answer, self.words_for(interaction, False), private=False)

    async def _show_chart(
        self, interaction: discord.Interaction[Any], answer: Answer, drawn: Words, *, private: bool
    ) -> None:
        """The picture; who has to wait for it sees that it is being drawn."""
        from bot.drawing.charts import alt_text, vega_lite  # the first chart pays for them, not every start

        drawing = asyncio.create_task(self.drawing.draw(vega_lite(answer, drawn)))
        done, _ = await asyncio.wait({drawing}, timeout=SOON)
        if not done:
            await interaction.response.defer(ephemeral=private, thinking=True)
        try:
            png = await drawing
        except ChartFailed as failed:
            await self.respond(interaction, sorry_view(failed.sentence, drawn), private=private)
            return
        text = alt_text(answer, drawn)
        file = discord.File(io.BytesIO(png), file_name(answer, "png"), description=text)
        view = chart_view(answer, drawn, file.filename, text, private=private)
        await self.respond(interaction, view, private=private, file=file)

    async def _send_file(self, interaction: discord.Interaction[Any], answer: Answer, drawn: Words, kind: str) -> None:
        if kind == "csv":
            what = say("Every figure of the answer, exact, with its unit, edition, source and licence.")
            content, name = csv_text(answer, drawn).encode("utf-8-sig"), file_name(answer, "csv")
        else:
            from bot.drawing.charts import vega_lite

            what = say("The chart as a Vega-Lite description; any Vega editor opens it.")
            content = json.dumps(vega_lite(answer, drawn), ensure_ascii=False, indent=1).encode()
            name = file_name(answer, "vl.json")
        file = discord.File(io.BytesIO(content), name)
        await self.respond(interaction, file_view(answer, drawn, name, what), private=True, file=file)

    async def follow(
        self, interaction: discord.Interaction[Any], what: str, place: Place | None, role: discord.Role | None
    ) -> None:
        await following.follow(self, interaction, what, place, role)

    async def unfollow(self, interaction: discord.Interaction[Any], what: str, place: Place | None) -> None:
        await following.unfollow(self, interaction, what, place)

    async def show_follows(self, interaction: discord.Interaction[Any]) -> None:
        await following.show_follows(self, interaction)

    def followed(self, server: int) -> list[str]:
        return list(dict.fromkeys(follow.what for follow in self.local.follows_of(server)))

    async def announce_changes(self) -> None:
        """Post what changed in the channels that follow it; called when the facts are others than before."""
        await following.announce_changes(self)

    async def respond(
        self,
        interaction: discord.Interaction[Any],
        view: ui.LayoutView,
        *,
        private: bool,
        file: discord.File | None = None,
    ) -> None:
        """The one response of an interaction, or what a deferred one was waiting for."""
        try:
            if interaction.response.is_done():
                await self._edit(interaction, view, file)
            elif file is not None:
                await interaction.response.send_message(view=view, file=file, ephemeral=private)
            else:
                await interaction.response.send_message(view=view, ephemeral=private)
        except discord.HTTPException as error:
            if error.code == ALREADY_ANSWERED:  # a retry of an answer that did arrive: done, not failed
                return
            if error.code == UNKNOWN_INTERACTION:
                log.warning("an answer came after Discord's three seconds (%s)", _name(interaction))
                return
            raise

    async def _edit(
        self, interaction: discord.Interaction[Any], view: ui.LayoutView, file: discord.File | None
    ) -> None:
        """An edit may be sent twice, so one that the network broke off is; discord.py leaves that to us."""
        try:
            await interaction.edit_original_response(view=view, attachments=[file] if file else [])
        except ConnectionResetError:
            if file is not None:
                file.reset()
            await interaction.edit_original_response(view=view, attachments=[file] if file else [])

    async def fault(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """A fault of ours: logged with a code and no words of anybody's, told to the asker in a sentence."""
        code = f"F-{secrets.token_hex(3)}"
        log.error("%s in %s", code, _name(interaction), exc_info=error)
        view = fault_view(code, self.words_for(interaction, True))
        try:
            if interaction.response.is_done():
                await interaction.followup.send(view=view, ephemeral=True)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)
        except discord.HTTPException:
            log.warning("%s could not be told to the asker", code)

    def words_for(self, interaction: discord.Interaction[Any], private: bool) -> Words:
        """The reader's language for a private answer, the server's for a public one."""
        locale = interaction.locale if private or interaction.guild_locale is None else interaction.guild_locale
        return words(locale.value, markdown=True)

    def in_words(self, interaction: discord.Interaction[Any], what: object) -> str:
        drawn = words(interaction.locale.value)
        return drawn(what) if isinstance(what, Sentence) else drawn.cell(what)


def payload_hash(tree: app_commands.CommandTree[Any]) -> str:
    """A hash of what Discord would be sent: names, options, descriptions, contexts, and their translations."""
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode() + fingerprint()).hexdigest()


def _name(interaction: discord.Interaction[Any]) -> str:
    """What was asked, by its command's name alone: options and messages are nobody's business in a log."""
    command = interaction.command
    return f"/{command.qualified_name}" if command is not None else interaction.type.name
