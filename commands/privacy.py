"""`/privacy`: what is held of whoever asks, in every server; to look at, to take away, to delete."""

from __future__ import annotations

from discord import app_commands
from msgspec import Struct

from commands.face import Asked


class ShowMine(Struct, frozen=True):
    """What is stored, and what of it is whoever asks."""


class ExportMine(Struct, frozen=True):
    """The same as a file."""


class DeleteMine(Struct, frozen=True):
    """Whoever asks is to be forgotten, in every server."""


privacy = app_commands.Group(
    name="privacy",
    description="What is stored about you: see it, take it away, delete it",
    allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
)


@privacy.command(name="show", description="What is stored about you, and what is not")
async def show(interaction: Asked) -> None:
    await interaction.client.conversation.act(interaction, ShowMine())


@privacy.command(name="export", description="All that is stored about you, in every server, as a file")
async def export(interaction: Asked) -> None:
    await interaction.client.conversation.act(interaction, ExportMine())


@privacy.command(name="delete", description="Forget that it was you: your words go, your open changes are taken back")
async def delete(interaction: Asked) -> None:
    await interaction.client.conversation.act(interaction, DeleteMine())
