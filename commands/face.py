"""What a command may ask of the running bot; the bot is this, so that no command imports the bot."""

from __future__ import annotations

from typing import Any, Protocol

import discord
from discord import app_commands

from knowledge.asking.question import Question
from knowledge.facts import Facts

Place = app_commands.AppCommandChannel | app_commands.AppCommandThread  # as Discord resolves it: no server is cached


class Conversation(Protocol):
    """Where what is asked goes; bot/discord/conversation.py says what each does."""

    @property
    def facts(self) -> Facts: ...

    languages: tuple[str, ...]

    def in_words(self, language: str, what: object) -> str: ...

    async def answer(self, interaction: discord.Interaction[Any], question: Question, *, private: bool) -> None: ...

    async def act(self, interaction: discord.Interaction[Any], wanted: object) -> None: ...

    async def choices(
        self, interaction: discord.Interaction[Any], wanted: type, typed: str
    ) -> list[tuple[str, str]]: ...


class Face(discord.Client):
    """A client with somebody to answer."""

    conversation: Conversation


Asked = discord.Interaction[Face]
