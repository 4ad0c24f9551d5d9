"""`/pledges`: what an Ally has said itself; answered in knowledge/questions/pledges.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="pledges", description="What an Ally has said itself, beside the rule and NATO's figure")
@app_commands.describe(member=options.ALLY, edition=options.EDITION, private=options.PRIVATE)
@app_commands.autocomplete(member=options.allies, edition=options.editions)
async def pledges(interaction: Asked, member: str, edition: str | None = None, private: bool = False) -> None:
    question = Question("pledges", member=member, edition=edition)
    await interaction.client.answer(interaction, question, private=private)
