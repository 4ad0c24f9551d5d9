"""`/follow`: a channel hears when figures change; for those who manage a server, and done in the bot."""

from __future__ import annotations

from typing import Any

import discord
from discord import ChannelType, app_commands

from commands.face import Asked, Place
from commands.options import MOST, Choice
from knowledge.following import matching, name_of
from knowledge.sentences import say

WHAT = "New edition, an Ally, NATO, Europe and Canada, or a rule"


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

follow = app_commands.Group(
    name="follow",
    description="For those who manage a server: a channel hears when figures change",
    default_permissions=discord.Permissions(manage_guild=True),
    allowed_contexts=app_commands.AppCommandContext(guild=True),
    allowed_installs=app_commands.AppInstallationType(guild=True),
)


async def anything(interaction: Asked, typed: str) -> list[Choice]:
    """Everything that can be followed."""
    return _choices(interaction, matching(interaction.client.facts, typed, MOST))


async def followed_here(interaction: Asked, typed: str) -> list[Choice]:
    """What the server follows, for those who may end it."""
    if not interaction.permissions.manage_guild:
        return []
    choices = _choices(interaction, interaction.client.followed(interaction.guild_id or 0))
    return [choice for choice in choices if typed.casefold().strip() in choice.name.casefold()]


def _choices(interaction: Asked, found: list[str]) -> list[Choice]:
    client = interaction.client
    names = {what: client.in_words(interaction, say("{what}", what=name_of(client.facts, what))) for what in found}
    return [app_commands.Choice(name=name[:100], value=what) for what, name in list(names.items())[:MOST]]


@follow.command(name="start", description="Post in a channel when figures change")
@app_commands.describe(
    what=WHAT, channel="Where to post; left out, here", role="A role to ping, for those who opted in"
)
@app_commands.autocomplete(what=anything)
async def start(
    interaction: Asked, what: str, channel: Channel | None = None, role: discord.Role | None = None
) -> None:
    await interaction.client.follow(interaction, what, channel, role)


@follow.command(name="stop", description="End what a channel follows")
@app_commands.describe(what="What is followed", channel="Where; left out, in every channel of this server")
@app_commands.autocomplete(what=followed_here)
async def stop(interaction: Asked, what: str, channel: Channel | None = None) -> None:
    await interaction.client.unfollow(interaction, what, channel)


@follow.command(name="list", description="What the channels of this server follow")
async def list_(interaction: Asked) -> None:
    await interaction.client.show_follows(interaction)
