"""Buttons that carry their whole question, so that they work after any restart."""

from __future__ import annotations

import re
from typing import Any

import discord
from discord import ui

from commands.face import Ledger
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, from_compact, read

LONGEST_ID, MOST = 100, 5  # characters of an id and buttons in a row, says Discord
VERSION = "al1"  # what older messages' buttons begin with; a new meaning takes a new version


class PanelButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]],
    template=rf"{VERSION}:(?P<panel>answer|workings|sources|chart|table|csv|vega):(?P<page>\d{{1,3}}):(?P<question>[a-z]+(?:\|.*)?)",
):
    """Shows a panel of an answer, or its next page, to the person who pressed it."""

    def __init__(self, panel: str, page: int, question: Question, label: str) -> None:
        self.panel, self.page, self.question = panel, page, question
        super().__init__(
            ui.Button(label=label, custom_id=f"{VERSION}:{panel}:{page}:{question.compact}"),
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> PanelButton:
        label = item.label if isinstance(item, ui.Button) and item.label else match["panel"]
        return cls(match["panel"], int(match["page"]), from_compact(match["question"]), label)

    async def callback(self, interaction: discord.Interaction[Ledger]) -> None:  # type: ignore[override]
        try:
            await interaction.client.show_panel(interaction, self.panel, self.page, self.question)
        except Exception as error:  # discord.py would only log it and leave the reader with nothing
            await interaction.client.fault(interaction, error)


class ShareButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]],
    template=rf"{VERSION}:share:(?P<panel>answer|chart):(?P<question>[a-z]+(?:\|.*)?)",
):
    """Shows everybody what its presser alone was shown."""

    def __init__(self, panel: str, question: Question, label: str) -> None:
        self.panel, self.question = panel, question
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.primary,
                custom_id=f"{VERSION}:share:{panel}:{question.compact}",
            ),
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> ShareButton:
        label = item.label if isinstance(item, ui.Button) and item.label else "Share"
        return cls(match["panel"], from_compact(match["question"]), label)

    async def callback(self, interaction: discord.Interaction[Ledger]) -> None:  # type: ignore[override]
        try:
            await interaction.client.share(interaction, self.panel, self.question)
        except Exception as error:
            await interaction.client.fault(interaction, error)


class AgainButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]],
    template=rf"{VERSION}:again:(?P<private>[01]):(?P<question>[a-z]+(?:\|.*)?)",
):
    """Asks the question that was probably meant."""

    def __init__(self, question: Question, private: bool, label: str) -> None:
        self.question, self.private = question, private
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.primary,
                custom_id=f"{VERSION}:again:{int(private)}:{question.compact}",
            ),
        )

    @classmethod
    def of(cls, problem: Problem, private: bool) -> list[AgainButton]:
        """A button for each question to ask instead, as far as it fits."""
        questions = [read(text) for text in problem.instead]
        made = [cls(q, private, " ".join([f"/{q.name}", *q.given.values()])[:80]) for q in questions]
        return [button for button in made if len(button.custom_id) <= LONGEST_ID][:MOST]

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[ui.LayoutView], match: re.Match[str], /
    ) -> AgainButton:
        label = item.label if isinstance(item, ui.Button) and item.label else "Ask"
        return cls(from_compact(match["question"]), match["private"] == "1", label)

    async def callback(self, interaction: discord.Interaction[Ledger]) -> None:  # type: ignore[override]
        try:
            await interaction.client.answer(interaction, self.question, private=self.private)
        except Exception as error:
            await interaction.client.fault(interaction, error)
