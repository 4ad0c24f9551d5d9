"""`/gap`: how far an Ally is from the rule; computed in knowledge/questions/gap.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="gap", description="How far an Ally is from the rule: points of GDP, money, pace")
@app_commands.describe(
    member=options.SPENDER, year=options.SPAN, rule=options.RULE, edition=options.EDITION, private=options.PRIVATE
)
@app_commands.autocomplete(
    member=options.spenders, year=options.years, rule=options.level_rules, edition=options.editions
)
async def gap(
    interaction: Asked,
    member: str,
    year: str | None = None,
    rule: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question("gap", member=member, year=year, rule=rule, edition=edition)
    await interaction.client.answer(interaction, question, private=private)
