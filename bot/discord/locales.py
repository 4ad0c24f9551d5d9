"""Whose language an answer is in."""

from __future__ import annotations

from typing import Any

import discord

from bot.drawing.words import Words, words


def words_for(interaction: discord.Interaction[Any], *, private: bool) -> Words:
    """The reader's for what one person sees; else the one that all see."""
    return words((interaction.locale if private else shared_locale(interaction)).value, markdown=True)


def shared_locale(interaction: discord.Interaction[Any]) -> discord.Locale:
    """What all see is in the server's, if the server could choose one.

    Only a Community server can: any other is fixed at American English, which says nothing about its people, so they
    read the language of whoever asked.
    """
    server = interaction.guild_locale
    chosen = server is not None and (server is not discord.Locale.american_english or _is_community(interaction.guild))
    return server if server is not None and chosen else interaction.locale


def _is_community(guild: discord.Guild | None) -> bool:
    return guild is not None and "COMMUNITY" in guild.features
