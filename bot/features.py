"""What the bot does besides answering questions; docs/architecture.md says where each feature lives."""

from __future__ import annotations

from bot.corrections import CORRECTIONS
from bot.discord.feature import Feature
from bot.follow import FOLLOW
from bot.privacy import PRIVACY

FEATURES: tuple[Feature, ...] = (FOLLOW, CORRECTIONS, PRIVACY)
