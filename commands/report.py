"""`/report`: a figure looks wrong; for everybody, and those who correct figures in a server hear of it."""

from __future__ import annotations

from typing import Annotated

from discord import app_commands
from msgspec import Struct

from commands import options
from commands.face import Asked


class Report(Struct, frozen=True):
    """One cell looks wrong."""

    member: str
    year: str
    measure: str | None
    edition: str | None


@app_commands.command(name="report", description="A figure looks wrong: tell those who correct it in this server")
@app_commands.describe(
    member="The Ally, or NATO as a whole", year="The year", measure="What is measured; left out, the share of GDP",
    edition="Which NATO edition; left out, the newest",
)  # fmt: skip
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)  # elsewhere it says where to go
@app_commands.allowed_installs(guilds=True, users=True)
async def report(
    interaction: Asked,
    member: Annotated[str, options.MEMBER],
    year: Annotated[str, options.YEAR],
    measure: Annotated[str, options.MEASURE] | None = None,
    edition: Annotated[str, options.EDITION] | None = None,
) -> None:
    wanted = Report(member, year, measure or None, edition or None)
    await interaction.client.conversation.act(interaction, wanted)
