"""`/revisions`: what later editions made of a year; computed in knowledge/questions/revisions.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(
    name="revisions", description="How NATO's editions changed a figure, and what the newest changed most"
)
@app_commands.describe(
    member=options.REVISED,
    year=options.REVISED_YEAR,
    measure=options.MEASURE,
    edition=options.REVISED_UP_TO,
    private=options.PRIVATE,
)
@app_commands.autocomplete(
    member=options.members, year=options.years, measure=options.measures, edition=options.editions
)
async def revisions(
    interaction: Asked,
    member: str | None = None,
    year: str | None = None,
    measure: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question("revisions", member=member, year=year, measure=measure, edition=edition)
    await interaction.client.answer(interaction, question, private=private)
