"""`/compare`: two to six side by side; computed in knowledge/questions/compare.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="compare", description="Two to six Allies side by side over the years")
@app_commands.describe(
    members=options.COMPARED,
    year=options.SPAN,
    measure=options.MEASURE,
    currency=options.CURRENCY,
    edition=options.EDITION,
    private=options.PRIVATE,
)
@app_commands.autocomplete(
    members=options.spender_lists,
    year=options.years,
    measure=options.compared,
    currency=options.currencies,
    edition=options.editions,
)
async def compare(
    interaction: Asked,
    members: str,
    year: str | None = None,
    measure: str | None = None,
    currency: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question("compare", members=members, year=year, measure=measure, currency=currency, edition=edition)
    await interaction.client.answer(interaction, question, private=private)
