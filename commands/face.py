"""What a command may ask of the running bot; the bot implements it, so that no command imports the bot."""

from __future__ import annotations

from abc import abstractmethod

import discord
from discord import app_commands

from knowledge.asking.question import Question
from knowledge.facts import Facts

Place = app_commands.AppCommandChannel | app_commands.AppCommandThread  # as Discord resolves it: no server is cached


class Ledger(discord.Client):
    """A client that holds one snapshot of the facts and answers questions from it."""

    facts: Facts

    @abstractmethod
    async def answer(self, interaction: discord.Interaction[Ledger], question: Question, *, private: bool) -> None:
        """Answer in one response, or say in one private sentence what is wrong with the question."""

    @abstractmethod
    async def show_panel(
        self, interaction: discord.Interaction[Ledger], panel: str, page: int, question: Question
    ) -> None:
        """Show a panel of an answer to the person who pressed its button."""

    @abstractmethod
    async def share(self, interaction: discord.Interaction[Ledger], panel: str, question: Question) -> None:
        """Show everybody the answer or the chart that its presser alone was shown."""

    @abstractmethod
    def in_words(self, interaction: discord.Interaction[Ledger], what: object) -> str:
        """A sentence, or the name of a thing, as plain text in the reader's language; for what is offered to pick."""

    @abstractmethod
    async def follow(
        self,
        interaction: discord.Interaction[Ledger],
        what: str,
        place: Place | None,
        role: discord.Role | None,
    ) -> None:
        """Have a channel, or the one that was asked in, hear when figures change; say privately what it will hear."""

    @abstractmethod
    async def unfollow(self, interaction: discord.Interaction[Ledger], what: str, place: Place | None) -> None:
        """End that, in one channel or in all of the server."""

    @abstractmethod
    async def show_follows(self, interaction: discord.Interaction[Ledger]) -> None:
        """Say privately what the server's channels follow."""

    @abstractmethod
    def followed(self, server: int) -> list[str]:
        """What the server's channels follow, each once."""

    @abstractmethod
    async def fault(self, interaction: discord.Interaction[Ledger], error: BaseException) -> None:
        """Log a fault of ours and tell the asker in one sentence."""


Asked = discord.Interaction[Ledger]
