"""`/rule`: every rule when none is named; answered in knowledge/questions/rule.py."""

from __future__ import annotations

from discord import app_commands

from commands import options
from commands.face import Asked
from knowledge.asking.question import Question


@options.everywhere
@app_commands.command(name="rule", description="What was adopted, proposed or demanded, when, by whom")
@app_commands.describe(rule=options.RULE, private=options.PRIVATE)
@app_commands.autocomplete(rule=options.rules)
async def rule(interaction: Asked, rule: str | None = None, private: bool = False) -> None:
    await interaction.client.answer(interaction, Question("rule", rule=rule), private=private)
