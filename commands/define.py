"""`/define`: every term when none is named; answered in knowledge/questions/define.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="define", description="What a term means, and what it is not the same as")
@app_commands.describe(term=options.TERM, private=options.PRIVATE)
@app_commands.autocomplete(term=options.terms)
async def define(interaction: Asked, term: str | None = None, private: bool = False) -> None:
    await interaction.client.answer(interaction, Question("define", term=term), private=private)
