"""`/follow`: a channel hears when figures change; for those who manage a server, and done in the bot."""

from __future__ import annotations

from typing import Any

import discord
from discord import ChannelType, app_commands
from msgspec import Struct

from commands.face import Asked, Choice, Offering, Place
from commands.options import LONGEST_LABEL, MOST

WHAT = "Everything, new editions, who crosses a line, an Ally, a group, NATO, or a rule"


class WritableChannel(app_commands.Transformer):
    """A channel or thread that messages can be written in; taken as Discord resolves it, since no server is cached."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        return [
            ChannelType.text,
            ChannelType.news,
            ChannelType.voice,
            ChannelType.stage_voice,
            ChannelType.public_thread,
            ChannelType.private_thread,
            ChannelType.news_thread,
        ]

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Place:
        assert isinstance(value, Place)
        return value


Channel = app_commands.Transform[Place, WritableChannel]


class Start(Struct, frozen=True):
    """A channel, or the one that was asked in, is to hear when something changes, and perhaps a role to be pinged."""

    what: str
    place: Place | None = None
    role: discord.Role | None = None


class Stop(Struct, frozen=True):
    """It is to hear that no longer, or no channel of the server is."""

    what: str
    place: Place | None = None


class Preview(Struct, frozen=True):
    """What a post of it would look like."""

    what: str


class List(Struct, frozen=True):
    """What the server's channels follow."""


class Followable(Offering):
    """What can be followed or, for `Stop`, what is; it is read where it is done."""

    def __init__(self, wanted: type) -> None:
        self.wanted = wanted

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:
        return value

    async def offered(self, interaction: Asked, typed: str) -> list[Choice]:
        found = await interaction.client.conversation.choices(interaction, self.wanted, typed)
        return [Choice(name=name[:LONGEST_LABEL], value=what) for name, what in found[:MOST]]


follow = app_commands.Group(
    name="follow",
    description="For those who manage a server: a channel hears when figures change",
    default_permissions=discord.Permissions(manage_guild=True),
    allowed_contexts=app_commands.AppCommandContext(guild=True),
    allowed_installs=app_commands.AppInstallationType(guild=True),
)


@follow.command(name="start", description="Post in a channel when figures change")
@app_commands.describe(
    what=WHAT, channel="Where to post; left out, here", role="A role to ping, for those who opted in"
)
async def start(
    interaction: Asked,
    what: app_commands.Transform[str, Followable(Start)],
    channel: Channel | None = None,
    role: discord.Role | None = None,
) -> None:
    await interaction.client.conversation.act(interaction, Start(what, channel, role))


@follow.command(name="stop", description="End what a channel follows")
@app_commands.describe(what="What is followed", channel="Where; left out, in every channel of this server")
async def stop(
    interaction: Asked, what: app_commands.Transform[str, Followable(Stop)], channel: Channel | None = None
) -> None:
    await interaction.client.conversation.act(interaction, Stop(what, channel))


@follow.command(name="preview", description="What such a post looks like; nothing is posted")
@app_commands.describe(what=WHAT)
async def preview(interaction: Asked, what: app_commands.Transform[str, Followable(Preview)]) -> None:
    await interaction.client.conversation.act(interaction, Preview(what))


@follow.command(name="list", description="What the channels of this server follow")
async def list_(interaction: Asked) -> None:
    await interaction.client.conversation.act(interaction, List())
