"""`/data`: corrections of figures; all may look, and who may do what is asked in the bot."""

from __future__ import annotations

from typing import Annotated

import discord
from discord import app_commands
from msgspec import Struct

from commands import options
from commands.face import Asked

WHY = "Why, in a sentence; it stands in the log"
EVERYWHERE = "For every server: for maintainers of the bot only"


class Correct(Struct, frozen=True):
    """Another value is wanted in one cell, as NATO's table would print it."""

    member: str
    year: str
    value: str
    measure: str | None
    edition: str | None
    everywhere: bool


class Import(Struct, frozen=True):
    """A table of figures is to be held against what is held."""

    file: discord.Attachment
    edition: str | None
    everywhere: bool


class NewEdition(Struct, frozen=True):
    """A table is to be taken in as an edition that is not held."""

    file: discord.Attachment
    id: str
    published: str
    source: str
    title: str | None
    prices: str | None


class Pending(Struct, frozen=True):
    """What waits for a decision."""

    everywhere: bool


class History(Struct, frozen=True):
    """What was corrected, newest first."""

    everywhere: bool


class Undo(Struct, frozen=True):
    """One revision is to be taken back."""

    revision: int
    why: str
    everywhere: bool


class State(Struct, frozen=True):
    """How many corrections stand, what waits, and where the log stands."""

    everywhere: bool


class Export(Struct, frozen=True):
    """The whole log as a file."""

    everywhere: bool


data = app_commands.Group(
    name="data",
    description="Corrections of figures: propose, decide, look back",
    allowed_contexts=app_commands.AppCommandContext(guild=True),
    allowed_installs=app_commands.AppInstallationType(guild=True),
)


@data.command(name="correct", description="Propose another value for a figure; another person approves it")
@app_commands.describe(
    member="The Ally, or NATO as a whole", year="The year", value="As NATO's table prints it: 2.01, 2.01e, blank",
    measure="What is measured; left out, the share of GDP", edition="Which NATO edition; left out, the newest",
    everywhere=EVERYWHERE,
)  # fmt: skip
async def correct(
    interaction: Asked,
    member: Annotated[str, options.MEMBER],
    year: Annotated[str, options.YEAR],
    value: app_commands.Range[str, 1, 40],
    measure: Annotated[str, options.MEASURE] | None = None,
    edition: Annotated[str, options.EDITION] | None = None,
    everywhere: bool = False,
) -> None:
    wanted = Correct(member, year, value, measure or None, edition or None, everywhere)
    await interaction.client.conversation.act(interaction, wanted)


@data.command(name="import", description="Read a table of figures (XLSX, CSV) and see what it would change")
@app_commands.describe(
    file="A workbook or a text; NATO's own as it is", edition="Which NATO edition it is of; left out, its figures say so",
    everywhere=EVERYWHERE,
)  # fmt: skip
async def import_(
    interaction: Asked,
    file: discord.Attachment,
    edition: Annotated[str, options.EDITION] | None = None,
    everywhere: bool = False,
) -> None:
    await interaction.client.conversation.act(interaction, Import(file, edition or None, everywhere))


@data.command(name="edition", description="Take in a whole new NATO edition, for every server: maintainers only")
@app_commands.describe(
    file="NATO's workbook", id="How it is called here, as 2027", published="The day NATO published it, as 2027-07-10",
    source="Where NATO published it, with https://", title="Its title; left out, a plain one",
    prices="The year of its constant prices, if the tables do not say it",
)  # fmt: skip
async def edition(
    interaction: Asked,
    file: discord.Attachment,
    id: app_commands.Range[str, 1, 20],
    published: app_commands.Range[str, 4, 10],
    source: app_commands.Range[str, 8, 300],
    title: app_commands.Range[str, 5, 200] | None = None,
    prices: app_commands.Range[str, 4, 4] | None = None,
) -> None:
    wanted = NewEdition(file, id, published, source, title, prices)
    await interaction.client.conversation.act(interaction, wanted)


@data.command(name="pending", description="What waits for a decision, with its buttons")
@app_commands.describe(everywhere=EVERYWHERE)
async def pending(interaction: Asked, everywhere: bool = False) -> None:
    await interaction.client.conversation.act(interaction, Pending(everywhere))


@data.command(name="history", description="What was corrected here, newest first")
@app_commands.describe(everywhere="What was corrected for every server")
async def history(interaction: Asked, everywhere: bool = False) -> None:
    await interaction.client.conversation.act(interaction, History(everywhere))


@data.command(name="undo", description="Propose to take a revision back, all of it")
@app_commands.describe(revision="Its number in /data history", why=WHY, everywhere=EVERYWHERE)
async def undo(
    interaction: Asked,
    revision: app_commands.Range[int, 1, 1_000_000],
    why: app_commands.Range[str, 5, 300],
    everywhere: bool = False,
) -> None:
    await interaction.client.conversation.act(interaction, Undo(revision, why, everywhere))


@data.command(name="status", description="How many corrections stand, what waits, and where the log stands")
@app_commands.describe(everywhere="Of the corrections for every server")
async def status(interaction: Asked, everywhere: bool = False) -> None:
    await interaction.client.conversation.act(interaction, State(everywhere))


@data.command(name="export", description="The whole log of corrections as a file")
@app_commands.describe(everywhere="Of the corrections for every server")
async def export(interaction: Asked, everywhere: bool = False) -> None:
    await interaction.client.conversation.act(interaction, Export(everywhere))
