"""What can be asked: the questions and, a file each, what is no question."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from commands import adding  # noqa: F401 - it gives /data what can be added
from commands.data import data
from commands.follow import follow
from commands.privacy import privacy
from commands.questions import QUESTIONS
from commands.report import report
from commands.settings import settings

# Servers hang their permissions on these names: none is ever renamed, removed or given another sense.
NAMES = (
    "target", "gap", "spending", "compare", "rank", "whatif", "revisions", "pledges", "rule", "summit", "define",
    "ask", "check", "sources", "help", "about", "privacy", "data", "settings", "report", "follow", "quiz", "class",
)  # fmt: skip
OPTION_NAMES = (
    "member", "year", "rule", "edition", "measure", "summit", "private", "members", "group", "currency", "share", "by",
    "growth", "prices", "term", "what", "channel", "role", "level", "value", "everywhere", "revision", "why",
    "editors", "approvers", "people", "file", "id", "published", "source", "title", "kind", "summary", "announced",
    "publisher", "said_by", "first", "last", "basis", "quote", "name", "place", "start", "end", "decided", "proposed",
    "text", "also", "language", "visibility", "country",
)  # fmt: skip

WORKING: tuple[app_commands.Command[Any, ..., None], ...] = QUESTIONS

# No questions, and in servers only, save what is a person's own.
SERVER_COMMANDS: tuple[app_commands.Group, ...] = (follow, data, settings, privacy)

ALL: tuple[app_commands.Command[Any, ..., None] | app_commands.Group, ...] = (*WORKING, report, *SERVER_COMMANDS)
