"""`/target`: what the rules ask of an Ally in a year; computed in knowledge/questions/target.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="target", description="What the rules ask of an Ally in a year")
@app_commands.describe(
    member=options.MEMBER, year=options.YEAR, rule=options.RULE, edition=options.EDITION, private=options.PRIVATE
)
@app_commands.autocomplete(
    member=options.members, year=options.all_years, rule=options.level_rules, edition=options.editions
)
async def target(
    interaction: Asked,
    member: str,
    year: str | None = None,
    rule: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question("target", member=member, year=year, rule=rule, edition=edition)
    await interaction.client.answer(interaction, question, private=private)
