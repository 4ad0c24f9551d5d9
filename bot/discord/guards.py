"""Who may: each raises Problem for anybody else, whatever Discord let through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.discord.responding import BROKEN_OFF
from bot.ledger import Ledger
from commands.face import Place
from data.local import LocalStore
from data.servers import QUIET
from knowledge.asking.problem import Problem
from knowledge.sentences import Sentence, say

Interaction = discord.Interaction[Any]
KIB = 1024
_R = TypeVar("_R")


QUIET_HERE = say("In this channel the bot answers privately only; those who manage the server chose so.")


def where(place: object, channel: int | None) -> tuple[int | None, ...]:
    """A channel and, of a thread, the one that it is in."""
    return channel, getattr(place, "parent_id", None)


def managed_server(interaction: Interaction) -> int:
    """The server that is asked for, by somebody who may manage it."""
    if interaction.guild_id is None:
        raise Problem("server-only", say("Only a channel of a server can follow figures. Ask this in a server."))
    if interaction.is_user_integration() and not interaction.is_guild_integration():
        raise Problem(
            "not-in-server",
            say(
                "This bot cannot post here, since it was not added to this server. Whoever manages it can add the bot."
            ),
        )
    if not interaction.permissions.manage_guild:
        raise Problem(
            "not-allowed",
            say("Only those who may manage this server choose what its channels follow. Ask one of them."),
        )
    return interaction.guild_id


async def in_its_own_folder(ledger: Ledger, interaction: Interaction, work: Callable[[LocalStore], _R]) -> _R:
    """What is kept for this application; Problem if the folder is another's, whose follows nobody may touch."""

    def if_its_own(local: LocalStore) -> _R:
        if not local.belongs_to(interaction.application_id):
            told = say("Nothing can be followed here for now. Whoever runs the bot finds the reason in its log.")
            raise Problem("other-folder", told)
        return work(local)

    return await ledger.locally(if_its_own)


async def content_of(file: object, most: int) -> bytes:
    """What is in a file that somebody sent; Problem if it is none, is larger, or if Discord does not hand it over."""
    if not isinstance(file, discord.Attachment):
        raise Problem("no-file", say("No file came with this. Send it again."))
    if file.size > most:
        told = say("The file has {size} KiB; at most {most} are read.")
        raise Problem("too-large", told.filled(size=f"{-(-file.size // KIB):,}", most=f"{most // KIB:,}"))
    try:
        return await file.read()
    except (discord.HTTPException, *BROKEN_OFF) as error:
        raise Problem("no-file", say("Discord did not hand the file over. Send it again.")) from error


def may_post_in(interaction: Interaction, place: Place | None) -> list[Sentence]:
    """What may keep posts from a channel; Problem if it is known that they cannot be made."""
    here = place is None or place.id == interaction.channel_id
    thread = isinstance(interaction.channel if place is None else place, discord.Thread | app_commands.AppCommandThread)
    if not _may_post(interaction.permissions if place is None else place.permissions, thread):
        raise Problem("bad-channel", say("You may not write in that channel yourself, so choose another one."))
    channel = f"<#{interaction.channel_id if place is None else place.id}>"
    if not here:  # Discord tells a bot's permissions only for the channel it was asked in
        return [
            say("Make sure that this bot may see {channel} and write there; /follow list says if not.", channel=channel)
        ]
    if not _may_post(interaction.app_permissions, thread):
        raise Problem(
            "bad-channel",
            say("This bot may not write in {channel}. Allow it to, or choose another channel.", channel=channel),
        )
    return []


def _may_post(permissions: discord.Permissions, thread: bool) -> bool:
    return permissions.view_channel and (permissions.send_messages_in_threads if thread else permissions.send_messages)


def may_tell_news(ledger: Ledger, interaction: Interaction, place: Place | None) -> None:
    """Problem for a quiet channel."""
    channel = interaction.channel_id if place is None else place.id
    chosen = ledger.answering(interaction.guild_id)
    if chosen.visibility(*where(interaction.channel if place is None else place, channel)) == QUIET:
        told = say("{channel} is a quiet channel, so no news are posted there: /settings channel changes that.")
        raise Problem("quiet-channel", told.filled(channel=f"<#{channel}>"))


def may_ping(interaction: Interaction, role: discord.Role | None) -> list[Sentence]:
    """What may keep a role from being pinged; Problem if it shall not be."""
    if role is None:
        return []
    mention = f"<@&{role.id}>"
    if role.id == interaction.guild_id or role.managed:
        raise Problem(
            "bad-role",
            say("Choose a role that people opt in to: not @everyone, and not one that belongs to a bot or to Discord."),
        )
    if role.mentionable:
        return []
    if not interaction.permissions.mention_everyone:
        raise Problem(
            "bad-role",
            say("You may not ping {role} yourself. Choose a role that everybody may mention.", role=mention),
        )
    return [say("{role} is pinged only if everybody, or this bot, may mention it.", role=mention)]
