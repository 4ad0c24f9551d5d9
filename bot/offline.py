"""The bot without a token: an offline Discord in the browser, with a server, two channels and three people to be."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import discord
import simcord

from bot.discord.client import LedgerClient

HOST = "127.0.0.1"
SETTLED = 30.0  # seconds that a command may take here; a whole edition on a busy machine takes some


class PortInUse(Exception):
    """One sentence on the port and how to choose another."""


def refuse_busy_port(port: int) -> None:
    """Raise PortInUse if something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortInUse(f"Port {port} is in use. Choose another: LEDGER_PORT=8766 make run") from None


@contextlib.asynccontextmanager
async def offline_channel(client: LedgerClient, port: int) -> AsyncIterator[str]:
    """The offline channel, open while the block runs; yields its address."""
    async with simcord.run(client, check_errors=False, settle_timeout=SETTLED) as env:
        env.backend.bot_user.name = "Allied Ledger"
        server = env.create_guild("Allied Ledger, offline")
        questions = server.create_text_channel("questions")
        server.create_text_channel("classroom")
        moderators = server.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
        server.create_role("Readers", mentionable=True)
        member = server.add_member(env.create_user("mia", global_name="Mia, a member"))
        moderator = server.add_member(env.create_user("max", global_name="Max, a moderator"), roles=[moderators])
        second = server.add_member(env.create_user("ida", global_name="Ida, another moderator"), roles=[moderators])
        async with env.preview(
            questions, viewers=[member, moderator, second], layout="channel", width=1100, height=820, port=port
        ) as preview:
            yield preview.url


async def run_offline(client: LedgerClient, port: int, stop: asyncio.Event) -> None:
    """Show the channel until told to stop."""
    refuse_busy_port(port)
    async with offline_channel(client, port) as address:
        client.ledger.pictures.prewarm()
        print(
            f"There is no DISCORD_TOKEN, so this is an offline channel. Open it in a browser:\n\n  {address}\n",
            flush=True,
        )
        print("Type /gap and pick Germany. Ctrl-C ends it.", flush=True)
        await stop.wait()
