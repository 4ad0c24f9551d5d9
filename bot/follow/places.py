"""What Discord says of the channels and roles of follows: gone, closed, of which kind; without intents it is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from enum import Enum

import aiohttp
import discord

from data.local import Follow

log = logging.getLogger("ledger")

UNKNOWN_CHANNEL, MISSING_ACCESS = 10003, 50001
IN_TIME = 1.5  # seconds; a list is due in three, and is told without what Discord has not said by then
UNASKED = (discord.HTTPException, discord.ClientException, aiohttp.ClientError, TimeoutError, OSError)


class Fault(Enum):
    """What keeps a follow from being heard as it was promised."""

    NO_CHANNEL = "the channel was deleted"
    CLOSED = "the bot may not write there"
    NO_ROLE = "the role was deleted"
    SILENT_ROLE = "the role cannot be pinged"


async def faults_of(client: discord.Client, server: int, follows: Iterable[Follow]) -> Mapping[Follow, Fault]:
    """What is wrong with a server's follows, as far as Discord says so in time: two requests and one a channel."""
    follows = list(follows)
    try:
        async with asyncio.timeout(IN_TIME):
            assert client.user is not None  # somebody was asked
            guild = await client.fetch_guild(server, with_counts=False)
            bot = await guild.fetch_member(client.user.id)
            channels = list(dict.fromkeys(follow.channel for follow in follows))
            found = dict(zip(channels, await asyncio.gather(*(_channel(guild, one) for one in channels)), strict=True))
    except UNASKED as error:
        log.info("the channels and roles of follows could not be looked at: %s", type(error).__name__)
        return {}
    faults = {follow: _fault(guild, bot, follow, found[follow.channel]) for follow in follows}
    return {follow: fault for follow, fault in faults.items() if fault is not None}


async def _channel(guild: discord.Guild, channel: int) -> discord.abc.GuildChannel | discord.Thread | Fault | None:
    try:
        return await guild.fetch_channel(channel)
    except discord.HTTPException as error:
        return {UNKNOWN_CHANNEL: Fault.NO_CHANNEL, MISSING_ACCESS: Fault.CLOSED}.get(error.code)
    except discord.ClientException:  # of a kind that the library does not know
        return None


def _fault(
    guild: discord.Guild,
    bot: discord.Member,
    follow: Follow,
    channel: discord.abc.GuildChannel | discord.Thread | Fault | None,
) -> Fault | None:
    if isinstance(channel, Fault):
        return channel
    allowed = bot.guild_permissions
    if isinstance(channel, discord.abc.GuildChannel):  # of a thread Discord tells too little
        allowed = channel.permissions_for(bot)
        if not (allowed.view_channel and allowed.send_messages):
            return Fault.CLOSED
    if follow.role is None:
        return None
    role = guild.get_role(follow.role)
    if role is None:
        return Fault.NO_ROLE
    return None if role.mentionable or allowed.mention_everyone else Fault.SILENT_ROLE


async def roles_there(client: discord.Client, server: int, roles: Iterable[int]) -> list[int]:
    """Those of these roles that were not deleted, each once; all of them where Discord does not say."""
    wanted = list(dict.fromkeys(roles))
    if not wanted:
        return []
    try:
        guild = await client.fetch_guild(server, with_counts=False)
    except UNASKED:
        return wanted
    return [role for role in wanted if guild.get_role(role) is not None]


async def announces(client: discord.Client, channel: int) -> bool:
    """Whether others may follow this channel of Discord's, so that what is posted there can be published."""
    found = await client.fetch_channel(channel)
    return isinstance(found, discord.TextChannel) and found.is_news()
