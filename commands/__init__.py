"""What can be asked: one short file a slash command, all of them listed here."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from commands.compare import compare
from commands.define import define
from commands.follow import follow
from commands.gap import gap
from commands.pages import about, help_, privacy
from commands.pledges import pledges
from commands.rank import rank
from commands.revisions import revisions
from commands.rule import rule
from commands.sources import sources
from commands.spending import spending
from commands.summit import summit
from commands.target import target
from commands.whatif import whatif

# Servers hang their permissions on these names: none is ever renamed, removed or given another sense.
NAMES = (
    "target", "gap", "spending", "compare", "rank", "whatif", "revisions", "pledges", "rule", "summit", "define",
    "ask", "check", "sources", "help", "about", "privacy", "data", "settings", "follow", "quiz", "class",
)  # fmt: skip
OPTION_NAMES = (
    "member", "year", "rule", "edition", "measure", "summit", "private", "members", "group", "currency", "share", "by",
    "growth", "prices", "term", "what", "channel", "role", "level",
)  # fmt: skip

# The commands that work, in the order of the help page.
WORKING: tuple[app_commands.Command[Any, ..., None], ...] = (
    target,
    gap,
    spending,
    rank,
    compare,
    whatif,
    revisions,
    pledges,
    rule,
    summit,
    define,
    sources,
    help_,
    about,
    privacy,
)

# What those who manage a server set there: no questions, and in servers only.
SERVER_COMMANDS: tuple[app_commands.Group, ...] = (follow,)
