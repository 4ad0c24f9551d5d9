"""The names and descriptions of commands and options in the languages of Discord's own programs."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Where
from discord.app_commands import TranslationContextTypes, locale_str

from bot.drawing.languages import LANGUAGES, catalogue_of, compiled

COMMAND, OPTION = "command name", "option name"  # what a catalogue's entries for names are marked with
_NAMES = {Where.command_name: COMMAND, Where.group_name: COMMAND, Where.parameter_name: OPTION}


class Translator(app_commands.Translator):
    """Reads the same catalogues as the answers; the English names stay those that servers' permissions hang on."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        catalogue = catalogue_of(locale.value)
        if catalogue is None:
            return None
        name = _NAMES.get(context.location)
        text = string.message
        found = catalogue.pgettext(name, text) if name else catalogue.gettext(text)
        return found if found != text else None


def fingerprint() -> bytes:
    """Changes with every catalogue, so that a new translation is sent to Discord; cheaper than translating it all."""
    return b"".join(compiled(language).read_bytes() for language in LANGUAGES if compiled(language).exists())
