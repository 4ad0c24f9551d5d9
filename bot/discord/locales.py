"""Whose language an answer is in."""

from __future__ import annotations

from typing import Any

import discord

from bot.drawing.languages import LANGUAGES
from bot.drawing.words import Words, words


def words_for(interaction: discord.Interaction[Any], *, private: bool, chosen: str | None = None) -> Words:
    """The reader's for what one person sees; else the one that all see."""
    return words(interaction.locale.value if private else shared_language(interaction, chosen), markdown=True)


def shared_language(interaction: discord.Interaction[Any], chosen: str | None) -> str:
    """What all see is in the one that was chosen here with /settings; else in the server's, if it could choose one.

    Only a Community server can: any other is fixed at American English, which says nothing about its people, so they
    read the language of whoever asked.
    """
    if chosen in ("en", *LANGUAGES):
        return chosen
    server = interaction.guild_locale
    could = server is not None and (server is not discord.Locale.american_english or _is_community(interaction.guild))
    return (server if server is not None and could else interaction.locale).value


def _is_community(guild: discord.Guild | None) -> bool:
    return guild is not None and "COMMUNITY" in guild.features
