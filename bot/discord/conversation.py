"""The way of an interaction: what is asked or pressed → who may → the answer → drawn in somebody's language → sent once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.discord import components
from bot.discord.feature import Done, Feature, Pressing
from bot.discord.forms import Form, Forms
from bot.discord.guards import QUIET_HERE, where
from bot.discord.ids import id_of, old_button, read_id
from bot.discord.layout import (
    answer_message,
    chart_message,
    file_message,
    panel_message,
    problem_message,
    sorry_message,
)
from bot.discord.locales import words_for
from bot.discord.message import Attachment, Message
from bot.discord.responding import Reply, name_of, tell_fault
from bot.drawing.exports import csv_text, file_name
from bot.drawing.languages import LANGUAGES
from bot.drawing.pictures import ChartFailed
from bot.drawing.words import words
from bot.ledger import Ledger
from commands.face import Choice
from data.servers import PUBLIC, QUIET, Answering
from knowledge.answer import Answer
from knowledge.asking.defaults import NONE, Defaults
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, from_compact, read
from knowledge.facts import Facts
from knowledge.sentences import Sentence, say

Interaction = discord.Interaction[Any]
_T = TypeVar("_T")
Press = Callable[[Interaction, str, str], Awaitable[None]]  # kind and payload of what was pressed

AT_ONCE = 8  # answers that are computed, a few milliseconds in all, before the loop has a turn
SOON = 0.05  # seconds; a chart that was drawn before is there at once, and nobody is told to wait
LONG = 1.0  # seconds; a disk or Discord may take longer than the three there are for an answer
OLD_COMMAND = say("Discord still shows an older form of this command. Restart Discord (Ctrl+R) and ask again.")


class Conversation:
    """Answers every interaction from one ledger. What goes wrong in it comes to `fault`, which tells and logs it."""

    def __init__(self, ledger: Ledger, features: Sequence[Feature] = ()) -> None:
        self.ledger = ledger
        self.does = {kind: does for feature in features for kind, does in feature.does.items()}
        self.offers = {kind: offers for feature in features for kind, offers in feature.offers.items()}
        self.presses: Mapping[str, Press] = {
            **dict.fromkeys(("answer", "workings", "sources", "table"), self._panel),
            **dict.fromkeys(("csv", "vega"), self._file),
            "chart": self._chart,
            "share": self._share,
            "again": self._again,
            "mistyped": self._mistyped,
            **{
                kind: partial(self._of_feature, press)
                for feature in features
                for kind, press in feature.presses.items()
            },
        }
        self._forms = Forms()
        # After a few answers the loop has a turn to send what is ready: else a burst would be computed whole before
        # its first answer leaves.
        self._turn = asyncio.Semaphore(AT_ONCE)

    @property
    def facts(self) -> Facts:
        return self.ledger.facts

    languages: tuple[str, ...] = ("en", *LANGUAGES)

    @staticmethod
    def in_words(language: str, what: object) -> str:
        """A sentence, or the name of a thing, as plain text; for what is offered to pick."""
        drawn = words(language)
        return drawn(what) if isinstance(what, Sentence) else drawn.cell(what)

    def rehearse(self) -> None:
        """Answer one example to nobody, so that who asks first does not wait for what is read only once."""
        answer_message(self.ledger.now.ask(read(KINDS["gap"].example)), words())

    # -- what is asked -------------------------------------------------------------------------------

    async def answer(self, interaction: Interaction, question: Question, *, private: bool | None) -> None:
        """Answer in one response, or say in one private sentence what is wrong with the question.

        `private` as it was asked; None where nothing was said, which the channel or the server may decide. What the
        question leaves open is what the server chose.
        """
        here, visibility = self._here(interaction)
        if private is None or visibility == QUIET:
            private = visibility != PUBLIC
        drawn, shared = words_for(interaction, private=private, chosen=here.language), private and visibility != QUIET

        def draw(answer: Answer) -> Message:
            return answer_message(answer, drawn, private=shared)

        key = "answer", 1, drawn, shared
        await self._tell(interaction, question, here.defaults, key, draw, private=private, again=private)

    def _here(self, interaction: Interaction) -> tuple[Answering, str]:
        """What the server chose, and who sees an answer in the channel."""
        here = self.ledger.answering(interaction.guild_id)
        return here, here.visibility(*where(interaction.channel, interaction.channel_id))

    async def act(self, interaction: Interaction, wanted: object) -> None:
        """Do what a feature's command wants, and say privately what was done."""
        await self._do(interaction, self.does[type(wanted)](self.ledger, interaction, wanted))

    async def _do(self, interaction: Interaction, what: Awaitable[Done]) -> None:
        await self.ledger.catch_up()
        drawn, reply = words_for(interaction, private=True), Reply.of(interaction)
        doing = _under_way(what)
        if not (await asyncio.wait({doing}, timeout=LONG))[0]:
            await reply.defer(private=True)
        try:
            done = await doing
        except Problem as problem:
            refused = problem_message(problem, drawn, private=True)
            if key := self._forms.refused(interaction.user.id, problem, interaction):
                mend = components.button(id_of("mistyped", key), drawn(say("Write it again…")), main=True)
                refused = refused.above(Message.of(components.row([mend])))
            await reply.send(refused, private=True)
            return
        if isinstance(done, Form):
            self._forms.keep(interaction.user.id, done)
            await reply.open(done)
            return
        for message in (answer_message(done, drawn),) if isinstance(done, Answer) else done:
            await reply.send(message, private=True)

    async def choices(self, interaction: Interaction, wanted: type, typed: str) -> list[tuple[str, str]]:
        """What a feature's option offers: what is shown, and what is sent."""
        return await self.offers[wanted](self.ledger, interaction, typed)

    async def offer(self, interaction: Interaction, found: Awaitable[list[Choice]]) -> list[Choice]:
        """What a list shows; nothing where it cannot be made."""
        try:
            return await found
        except Problem:  # told to whoever sends the command
            return []
        except Exception as error:
            await self.fault(interaction, error)
            return []

    # -- what is pressed -----------------------------------------------------------------------------

    async def pressed(self, interaction: Interaction) -> None:
        """Do what a button, a select or a modal says by its id; who presses one that is not known is told so."""
        try:
            pressed = read_id(str(dict(interaction.data or {}).get("custom_id", "")))
            press = self.presses.get(pressed.kind)
            if press is None:
                raise old_button()
            await press(interaction, pressed.kind, pressed.payload)
        except Problem as problem:
            await self._safely(interaction, self._refuse(interaction, problem))
        except Exception as error:
            await self.fault(interaction, error)

    async def _panel(self, interaction: Interaction, panel: str, payload: str) -> None:
        page, _, asked = payload.partition(":")
        number = int(page) if page.isdecimal() and len(page) <= 3 else 1
        drawn, question = words_for(interaction, private=True), _question(asked)
        here, visibility = self._here(interaction)
        shared = visibility != QUIET

        def draw(answer: Answer) -> Message:
            if panel == "answer":
                return answer_message(answer, drawn, number, private=shared)
            return panel_message(panel, answer, drawn, number)

        key = panel, number, drawn, shared
        await self._tell(interaction, question, here.defaults.named_in(question), key, draw, private=True)

    async def _file(self, interaction: Interaction, kind: str, payload: str) -> None:
        drawn = words_for(interaction, private=True)

        def draw(answer: Answer) -> Message:
            if kind == "csv":
                what = say("Every figure of the answer, exact, with its unit, edition, source and licence.")
                content, name = csv_text(answer, drawn).encode("utf-8-sig"), file_name(answer, "csv")
            else:
                from bot.drawing.charts import vega_lite  # the first chart pays for it, not every start

                if answer.chart is None:
                    raise old_button()
                what = say("The chart as a Vega-Lite description; any Vega editor opens it.")
                content = json.dumps(vega_lite(answer, drawn), ensure_ascii=False, indent=1).encode()
                name = file_name(answer, "vl.json")
            return file_message(answer, drawn, Attachment(name, content), what)

        await self._tell(interaction, _question(payload.partition(":")[2]), NONE, (kind, drawn), draw, private=True)

    async def _chart(self, interaction: Interaction, _: str, payload: str) -> None:
        await self._picture(interaction, _question(payload.partition(":")[2]), private=True)

    async def _share(self, interaction: Interaction, _: str, payload: str) -> None:
        """What its presser alone was shown, for everybody, in the language it was shown in or the server chose."""
        panel, _, asked = payload.partition(":")
        question, (here, visibility) = _question(asked), self._here(interaction)
        if visibility == QUIET:
            raise Problem("quiet-channel", QUIET_HERE)
        drawn = words_for(interaction, private=here.language is None, chosen=here.language)
        if panel == "chart":
            await self._picture(interaction, question, private=False)
            return

        def draw(answer: Answer) -> Message:
            return answer_message(answer, drawn)

        defaults = here.defaults.named_in(question)
        await self._tell(interaction, question, defaults, ("answer", 1, drawn, False), draw, private=False)

    async def _of_feature(self, press: Pressing, interaction: Interaction, _: str, payload: str) -> None:
        """What a feature's button or form does."""
        await self._do(interaction, press(self.ledger, interaction, payload))

    async def _mistyped(self, interaction: Interaction, _: str, key: str) -> None:
        """The form that was refused, with what was typed in it."""
        await Reply.of(interaction).open(self._forms.again(interaction.user.id, key))

    async def _again(self, interaction: Interaction, _: str, payload: str) -> None:
        private, _, asked = payload.partition(":")
        await self.answer(interaction, _question(asked), private=private == "1")

    # -- how it is told ------------------------------------------------------------------------------

    async def _tell(
        self,
        interaction: Interaction,
        question: Question,
        defaults: Defaults,
        key: tuple[object, ...],
        draw: Callable[[Answer], Message],
        *,
        private: bool,
        again: bool = True,
    ) -> None:
        """Send what is drawn of the answer, as it is kept or made now; `again` is how privately offers are asked."""
        await self.ledger.catch_up()
        now, key = self.ledger.of(interaction.guild_id), (question, defaults, *key)
        message = now.kept(key, Message)
        if message is None:
            try:
                async with self._turn:
                    message = now.keep(key, draw(now.ask(question, defaults)))
                    await asyncio.sleep(0)
            except Problem as problem:
                await self._refuse(interaction, problem, again=again)
                return
        await Reply.of(interaction).send(message, private=private)

    async def _picture(self, interaction: Interaction, question: Question, *, private: bool) -> None:
        """The chart of an answer; who has to wait for it sees that it is being drawn."""
        await self.ledger.catch_up()
        now, (here, visibility) = self.ledger.of(interaction.guild_id), self._here(interaction)
        drawn = words_for(interaction, private=private or here.language is None, chosen=here.language)
        reply, shared = Reply.of(interaction), private and visibility != QUIET
        key, name = (question, "chart", drawn, shared), f"{drawn.locale} {now.facts.version} {date.today()} {question}"
        frame, png = now.kept(key, Message), self.ledger.pictures.kept(name)
        if frame is None or png is None:
            from bot.drawing.charts import alt_text, vega_lite  # the first chart pays for them, not every start

            async with self._turn:
                answer = now.ask(question)
                if answer.chart is None:
                    raise old_button()
                picture = Attachment(file_name(answer, "png"), b"", alt_text(answer, drawn))
                frame = now.keep(key, chart_message(answer, drawn, picture, private=shared))
                described = vega_lite(answer, drawn)
                drawing = _under_way(self.ledger.pictures.draw(described, name=name, who=interaction.user.id))
            done, _ = await asyncio.wait({drawing}, timeout=SOON)
            if not done:
                await reply.defer(private=private)
            try:
                png = await drawing
            except ChartFailed as failed:
                instead = sorry_message(failed.sentence, drawn).above(panel_message("table", answer, drawn))
                await reply.send(instead, private=private)
                return
        await reply.send(frame.with_content(png), private=private)

    async def _refuse(self, interaction: Interaction, problem: Problem, *, again: bool = True) -> None:
        message = problem_message(problem, words_for(interaction, private=True), again)
        await Reply.of(interaction).send(message, private=True)

    async def fault(self, interaction: Interaction, error: BaseException) -> None:
        """The last resort of every interaction."""
        if isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
            error = error.__cause__ or error
        # of the last, one without a cause: a choice that the command does not offer
        old = app_commands.CommandSignatureMismatch, app_commands.CommandNotFound, app_commands.TransformerError
        if isinstance(error, old):
            if interaction.type is discord.InteractionType.autocomplete:  # told when the command is sent
                return
            await self._safely(interaction, self._refuse(interaction, Problem("old-command", OLD_COMMAND)))
            return
        if (code := await tell_fault(interaction, error)) is not None:
            await self.ledger.note_fault(code, name_of(interaction), error)

    async def _safely(self, interaction: Interaction, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception as error:
            await self.fault(interaction, error)


def _under_way(work: Awaitable[_T]) -> asyncio.Future[_T]:
    """Begun, and heard of even if it fails when nobody is left to hear."""
    begun = asyncio.ensure_future(work)
    begun.add_done_callback(lambda done: done.cancelled() or done.exception())
    return begun


def _question(compact: str) -> Question:
    """What a button asks; Problem if this version has no such question."""
    try:
        return from_compact(compact)
    except ValueError:
        raise old_button() from None
