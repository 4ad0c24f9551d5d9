"""`/sources`: the editions and data sets; answered in knowledge/questions/pages.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="sources", description="Where the figures come from, and when they were published")
@app_commands.describe(edition=options.EDITION, private=options.PRIVATE)
@app_commands.autocomplete(edition=options.editions)
async def sources(interaction: Asked, edition: str | None = None, private: bool = False) -> None:
    await interaction.client.answer(interaction, Question("sources", edition=edition), private=private)
