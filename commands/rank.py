"""`/rank`: all Allies, or a group, in order; computed in knowledge/questions/rank.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="rank", description="All Allies in order, and how many meet the rule")
@app_commands.describe(
    measure=options.RANKED,
    year=options.SPAN,
    group=options.GROUP,
    rule=options.RULE,
    level=options.LEVEL,
    edition=options.EDITION,
    private=options.PRIVATE,
)
@app_commands.autocomplete(
    measure=options.ranked,
    year=options.years,
    group=options.groups,
    rule=options.level_rules,
    edition=options.editions,
)
async def rank(
    interaction: Asked,
    measure: str | None = None,
    year: str | None = None,
    group: str | None = None,
    rule: str | None = None,
    level: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question("rank", measure=measure, year=year, group=group, rule=rule, level=level, edition=edition)
    await interaction.client.answer(interaction, question, private=private)
