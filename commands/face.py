"""What a command may ask of the running bot; the bot is this, so that no command imports the bot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import Any, Protocol

import discord
from discord import app_commands

from knowledge.asking.question import Question
from knowledge.facts import Facts

Choice = app_commands.Choice[str]
Place = app_commands.AppCommandChannel | app_commands.AppCommandThread  # as Discord resolves it: no server is cached


class Conversation(Protocol):
    """Where what is asked goes; bot/discord/conversation.py says what each does."""

    @property
    def facts(self) -> Facts: ...

    languages: tuple[str, ...]

    @staticmethod
    def in_words(language: str, what: object) -> str: ...

    async def answer(
        self, interaction: discord.Interaction[Any], question: Question, *, private: bool | None
    ) -> None: ...

    async def act(self, interaction: discord.Interaction[Any], wanted: object) -> None: ...

    async def choices(
        self, interaction: discord.Interaction[Any], wanted: type, typed: str
    ) -> list[tuple[str, str]]: ...

    async def offer(self, interaction: discord.Interaction[Any], found: Awaitable[list[Choice]]) -> list[Choice]: ...


class Face(discord.Client):
    """A client with somebody to answer."""

    conversation: Conversation


Asked = discord.Interaction[Face]


class Offering(app_commands.Transformer, ABC):
    """An option with a list while somebody types. discord.py would swallow a fault in it, so the bot hears of it."""

    @abstractmethod
    async def offered(self, interaction: Asked, typed: str) -> list[Choice]:
        """What it shows for what is typed."""

    async def autocomplete(self, interaction: Asked, value: str, /) -> list[Choice]:  # type: ignore[override]
        return await interaction.client.conversation.offer(interaction, self.offered(interaction, value))
