"""The list of commands: sent to Discord when it is not the one that Discord has, and never a reason to stop."""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.discord.translator import fingerprint
from bot.ledger import Ledger
from knowledge.asking.problem import Problem

log = logging.getLogger("ledger")


async def sync_if_changed(tree: app_commands.CommandTree[Any], application: int | None, ledger: Ledger) -> bool:
    """Send the list if it is not the one sent last for this application; whether Discord has it now."""
    key, digest = f"commands_hash:{application}", payload_hash(tree)
    with suppress(Problem):
        if await ledger.locally(lambda local: local.get(key)) == digest:
            return True
    try:
        await tree.sync()
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        code = getattr(error, "code", 0) or getattr(error, "status", "") or type(error).__name__
        log.warning("Discord did not take the list of commands (%s); the one it has works on, tried again later", code)
        return False
    with suppress(Problem):  # the operator was told; the next start sends the list once more
        await ledger.locally(lambda local: local.put(key, digest))
    log.info("commands sent to Discord (%s)", digest[:12])
    return True


def payload_hash(tree: app_commands.CommandTree[Any]) -> str:
    """A hash of what Discord would be sent: names, options, descriptions, contexts, and their translations."""
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode() + fingerprint()).hexdigest()
