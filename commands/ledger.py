"""What a command may ask of the running bot; the bot implements it, so that no command imports the bot."""

from __future__ import annotations

from abc import abstractmethod

import discord

from knowledge.facts import Facts
from knowledge.question import Question


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
    async def fault(self, interaction: discord.Interaction[Ledger], error: BaseException) -> None:
        """Log a fault of ours and tell the asker in one sentence."""


Asked = discord.Interaction[Ledger]
