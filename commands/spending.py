"""`/spending`: what an Ally spends; computed in knowledge/questions/spending.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="spending", description="What an Ally spends: the figures NATO prints")
@app_commands.describe(
    member=options.SPENDER,
    year=options.SPAN,
    measure=options.MEASURE,
    currency=options.CURRENCY,
    level=options.LEVEL,
    edition=options.EDITION,
    private=options.PRIVATE,
)
@app_commands.autocomplete(
    member=options.spenders,
    year=options.years,
    measure=options.measures,
    currency=options.currencies,
    edition=options.editions,
)
async def spending(
    interaction: Asked,
    member: str,
    year: str | None = None,
    measure: str | None = None,
    currency: str | None = None,
    level: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question(
        "spending", member=member, year=year, measure=measure, currency=currency, level=level, edition=edition
    )
    await interaction.client.answer(interaction, question, private=private)
