"""`/help`, `/about` and `/privacy`: pages about the ledger, shown to the asker alone unless they say otherwise."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="help", description="What you can ask, with an example of each")
@app_commands.describe(private=options.PRIVATE)
async def help_(interaction: Asked, private: bool = True) -> None:
    await interaction.client.answer(interaction, Question("help"), private=private)


@options.everywhere
@app_commands.command(name="about", description="Who makes this, licence, notice, and the date of the data")
@app_commands.describe(private=options.PRIVATE)
async def about(interaction: Asked, private: bool = True) -> None:
    await interaction.client.answer(interaction, Question("about"), private=private)


@options.everywhere
@app_commands.command(name="privacy", description="What is stored about you, and what is not")
@app_commands.describe(private=options.PRIVATE)
async def privacy(interaction: Asked, private: bool = True) -> None:
    await interaction.client.answer(interaction, Question("privacy"), private=private)
