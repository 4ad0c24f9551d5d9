"""`/whatif`: what a share by a year would mean; computed in knowledge/questions/whatif.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="whatif", description="What a share of GDP by a year would mean, or when a rule is met")
@app_commands.describe(
    member=options.MEMBER,
    share=options.SHARE,
    by=options.BY,
    growth=options.GROWTH,
    prices=options.PRICES,
    rule=options.RULE,
    edition=options.EDITION,
    private=options.PRIVATE,
)
@app_commands.autocomplete(
    member=options.members, by=options.years_ahead, rule=options.level_rules, edition=options.editions
)
async def whatif(
    interaction: Asked,
    member: str,
    share: str | None = None,
    by: str | None = None,
    growth: str | None = None,
    prices: str | None = None,
    rule: str | None = None,
    edition: str | None = None,
    private: bool = False,
) -> None:
    question = Question(
        "whatif", member=member, share=share, by=by, growth=growth, prices=prices, rule=rule, edition=edition
    )
    await interaction.client.answer(interaction, question, private=private)
