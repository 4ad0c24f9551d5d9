"""`/privacy`: what is held of whoever asks, wherever they ask."""

from __future__ import annotations

from bot.discord.feature import Feature
from bot.privacy import acts
from commands.privacy import DeleteMine, ExportMine, ShowMine

PRIVACY = Feature(does={ShowMine: acts.show, ExportMine: acts.export, DeleteMine: acts.delete})
