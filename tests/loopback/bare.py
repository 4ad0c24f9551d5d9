"""The least bot there is, to compare with: the same intents and options, and /ping. `python -m tests.loopback.bare`"""

from __future__ import annotations

import os

import discord
from discord import app_commands, ui

from tests.loopback.side_door import open_side_door


def bare_client() -> discord.Client:
    client = discord.Client(
        intents=discord.Intents.none(),
        allowed_mentions=discord.AllowedMentions.none(),
        guild_ready_timeout=0,
        max_messages=None,
        chunk_guilds_at_startup=False,
        member_cache_flags=discord.MemberCacheFlags.none(),
    )
    tree = app_commands.CommandTree(client)

    @tree.command(name="ping", description="Says pong")
    async def ping(interaction: discord.Interaction) -> None:
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.TextDisplay("pong"))
        await interaction.response.send_message(view=view)

    return client


if __name__ == "__main__":
    open_side_door()
    bare_client().run(os.environ["DISCORD_TOKEN"], log_handler=None)
