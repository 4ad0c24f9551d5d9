"""`/summit`: the meetings held when none is named; answered in knowledge/questions/meeting.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="summit", description="What a meeting decided on spending, and what was only proposed")
@app_commands.describe(summit=options.SUMMIT, private=options.PRIVATE)
@app_commands.autocomplete(summit=options.summits)
async def summit(interaction: Asked, summit: str | None = None, private: bool = False) -> None:
    await interaction.client.answer(interaction, Question("summit", summit=summit), private=private)
