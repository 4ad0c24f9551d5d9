"""`/settings`: what a server sets for itself; for those who manage it, and done in the bot."""

from __future__ import annotations

import discord
from discord import ChannelType, app_commands
from discord.app_commands import Transform
from msgspec import Struct

from commands import options
from commands.face import Asked, Place
from commands.follow import Channel, WritableChannel
from commands.options import DEFAULT
from knowledge.sentences import say

EVERYBODY = say("default: shown to everybody")
AS_IN_SERVER = say("default: as in the whole server")
VISIBILITY = {
    "public": say("public: shown to everybody"),
    "private": say("private: shown to whoever asks alone"),
    "quiet": say("quiet: private answers only, and no news"),
}
PARTS = {
    "answers": say("how questions are answered in the server"),
    "channels": say("what single channels have of their own"),
    "corrections": say("who may correct figures"),
}


class AnyChannel(WritableChannel):
    """One where people can ask, a forum with its threads too."""

    @property
    def channel_types(self) -> list[ChannelType]:
        return [*super().channel_types, ChannelType.forum, ChannelType.media]


class Show(Struct, frozen=True):
    """What this server has set."""


class Answers(Struct, frozen=True):
    """How questions are answered in the server, as ids; None leaves it as it is, DEFAULT takes it back."""

    language: str | None = None
    visibility: str | None = None
    edition: str | None = None
    rule: str | None = None
    country: str | None = None


class InChannel(Struct, frozen=True):
    """Who sees answers in a channel, or in the one that was asked in; DEFAULT as in the server."""

    visibility: str
    place: Place | None = None


class Reset(Struct, frozen=True):
    """One of PARTS is to be as if it had never been set."""

    what: str


class Corrections(Struct, frozen=True):
    """Who may propose and approve corrections, how many it takes, and where they wait; None leaves it as it is."""

    editors: discord.Role | None
    approvers: discord.Role | None
    people: int | None
    place: Place | None


settings = app_commands.Group(
    name="settings",
    description="For those who manage a server: how it is answered, and who may correct figures",
    default_permissions=discord.Permissions(manage_guild=True),
    allowed_contexts=app_commands.AppCommandContext(guild=True),
    allowed_installs=app_commands.AppInstallationType(guild=True),
)


@settings.command(name="show", description="What this server has set")
async def show(interaction: Asked) -> None:
    await interaction.client.conversation.act(interaction, Show())


@settings.command(name="answers", description="How questions are answered in this server")
@app_commands.describe(
    language=options.LANGUAGE_HERE.says, visibility="Who sees an answer, unless private: says it",
    edition=options.EDITION_HERE.says, rule=options.RULE_HERE.says, country=options.COUNTRY_HERE.says,
)  # fmt: skip
@app_commands.choices(
    visibility=[
        app_commands.Choice(name=EVERYBODY.template, value=DEFAULT),
        app_commands.Choice(name=VISIBILITY["private"].template, value="private"),
    ]
)
async def answers(
    interaction: Asked,
    language: Transform[str, options.LANGUAGE_HERE] | None = None,
    visibility: app_commands.Choice[str] | None = None,
    edition: Transform[str, options.EDITION_HERE] | None = None,
    rule: Transform[str, options.RULE_HERE] | None = None,
    country: Transform[str, options.COUNTRY_HERE] | None = None,
) -> None:
    seen_by = visibility.value if visibility is not None else None
    await interaction.client.conversation.act(interaction, Answers(language, seen_by, edition, rule, country))


@settings.command(name="channel", description="Who sees answers in one channel, whatever holds for the server")
@app_commands.describe(visibility="Who sees an answer there", channel="Which channel; left out, this one")
@app_commands.choices(
    visibility=[
        app_commands.Choice(name=AS_IN_SERVER.template, value=DEFAULT),
        *(app_commands.Choice(name=text.template, value=key) for key, text in VISIBILITY.items()),
    ]
)
async def channel_(
    interaction: Asked,
    visibility: app_commands.Choice[str],
    channel: Transform[Place, AnyChannel] | None = None,
) -> None:
    await interaction.client.conversation.act(interaction, InChannel(visibility.value, channel))


@settings.command(name="reset", description="Take back what this server has set")
@app_commands.describe(what="What shall be as if it had never been set")
@app_commands.choices(what=[app_commands.Choice(name=text.template, value=key) for key, text in PARTS.items()])
async def reset(interaction: Asked, what: app_commands.Choice[str]) -> None:
    await interaction.client.conversation.act(interaction, Reset(what.value))


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
