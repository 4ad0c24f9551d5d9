"""The Discord client: it connects and closes, and hands every interaction to the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord import InteractionType, app_commands
from discord.ext import tasks

from bot.discord.conversation import Conversation
from bot.discord.feature import Feature
from bot.discord.syncing import sync_if_changed
from bot.discord.translator import Translator
from bot.ledger import Ledger
from commands import ALL
from commands.face import Asked, Face

SYNC_AGAIN = timedelta(hours=1)
IN_FLIGHT = ("CommandTree-invoker", "discord.py: on_interaction")
TELLING = 0.25  # of the time at the end, for telling that a chart was not drawn
PRESSED = (InteractionType.component, InteractionType.modal_submit)


class Tree(app_commands.CommandTree["LedgerClient"]):
    """The command tree; its errors go the way of all others."""

    async def on_error(self, interaction: Asked, error: app_commands.AppCommandError, /) -> None:
        await self.client.conversation.fault(interaction, error)


class LedgerClient(Face):
    """Needs no intents, since interactions come without any."""

    conversation: Conversation

    def __init__(self, ledger: Ledger, features: Sequence[Feature]) -> None:
        super().__init__(
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),  # people's words are echoed: nothing may ping
            guild_ready_timeout=0,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        self.ledger = ledger
        self.conversation = Conversation(ledger, features)
        self.tree = Tree(self)
        for command in ALL:
            self.tree.add_command(command)
        self.loops = [make(self, ledger) for feature in features for make in feature.loops]
        self.loops.append(_syncing(self))

    async def login(self, token: str) -> None:
        if not self.http.connector:  # a quiet bot would open a new connection for every answer
            self.http.connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=120, ttl_dns_cache=300)
        await super().login(token)

    async def setup_hook(self) -> None:
        await self.tree.set_translator(Translator())
        for loop in self.loops:
            loop.start()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if initial:
            asyncio.get_running_loop().call_soon(self.conversation.rehearse)  # while Discord makes ready
        await super().before_identify_hook(shard_id, initial=initial)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type in PRESSED:
            await self.conversation.pressed(interaction)

    async def finish(self, seconds: float) -> None:
        """Answer what is in flight, for so long in all; a chart that is not drawn shortly before is told as such."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        await _answered((1 - TELLING) * seconds)
        await self.ledger.pictures.close()
        for late in await _answered(end - clock()):
            late.cancel()

    async def close(self) -> None:
        for loop in self.loops:
            loop.cancel()
        await super().close()
        await self.ledger.close()


async def _answered(seconds: float) -> set[asyncio.Task[Any]]:
    """Wait for what discord.py has begun for interactions, which it tells by the names of its tasks; what is left."""
    under_way = {task for task in asyncio.all_tasks() if task.get_name() in IN_FLIGHT}
    return (await asyncio.wait(under_way, timeout=seconds))[1] if under_way else under_way


def _syncing(client: LedgerClient) -> tasks.Loop[Any]:
    """Until Discord has the list of commands, so that a refused one is sent again."""

    @tasks.loop(seconds=SYNC_AGAIN.total_seconds())
    async def sync() -> None:
        if await sync_if_changed(client.tree, client.application_id, client.ledger):
            sync.stop()

    return sync
