"""`/settings`: what a server sets for itself; for those who manage it, and done in the bot."""

from __future__ import annotations

import discord
from discord import app_commands
from msgspec import Struct

from commands.face import Asked, Place
from commands.follow import Channel


class Show(Struct, frozen=True):
    """What this server has set."""


class Corrections(Struct, frozen=True):
    """Who may propose and approve corrections, how many it takes, and where they wait; None leaves it as it is."""

    editors: discord.Role | None
    approvers: discord.Role | None
    people: int | None
    place: Place | None


settings = app_commands.Group(
    name="settings",
    description="For those who manage a server: who may correct figures",
    default_permissions=discord.Permissions(manage_guild=True),
    allowed_contexts=app_commands.AppCommandContext(guild=True),
    allowed_installs=app_commands.AppInstallationType(guild=True),
)


@settings.command(name="show", description="What this server has set")
async def show(interaction: Asked) -> None:
    await interaction.client.conversation.act(interaction, Show())


@settings.command(name="corrections", description="Who may correct figures in this server's answers")
@app_commands.describe(
    editors="The role that may propose corrections", approvers="The role that may approve them",
    people="One person, or two: who proposes and who approves", channel="Where proposed corrections are posted",
)  # fmt: skip
@app_commands.choices(
    people=[app_commands.Choice(name="one is enough", value=1), app_commands.Choice(name="two", value=2)]
)
async def corrections(
    interaction: Asked,
    editors: discord.Role | None = None,
    approvers: discord.Role | None = None,
    people: app_commands.Choice[int] | None = None,
    channel: Channel | None = None,
) -> None:
    number = people.value if people is not None else None
    await interaction.client.conversation.act(interaction, Corrections(editors, approvers, number, channel))
