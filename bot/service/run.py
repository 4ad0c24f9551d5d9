"""Starting and ending: on Discord with a token, offline without; a failed start is one sentence and exit code 1."""

from __future__ import annotations

import gc

gc.disable()  # until the client is ready: nothing made on the way there is garbage

import asyncio  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
from collections.abc import Mapping  # noqa: E402
from pathlib import Path  # noqa: E402

import aiohttp  # noqa: E402
import discord  # noqa: E402

from bot.discord.client import LedgerClient  # noqa: E402
from bot.ledger import Ledger  # noqa: E402
from bot.service.health import keep_reporting  # noqa: E402
from bot.service.settings import Settings, SettingsError, read_settings  # noqa: E402
from data.local import LocalStore  # noqa: E402
from data.store import PATH, StoreError, load  # noqa: E402


def ready_client(facts_path: Path = PATH, local_path: Path | None = None) -> LedgerClient:
    """A client with its facts in memory; `local_path` None keeps what changes in memory too."""
    facts = load(facts_path)
    client = LedgerClient(Ledger(facts, LocalStore(local_path)))
    gc.freeze()  # the snapshot never dies: the collector need not look at it again
    gc.set_threshold(20_000, 20, 20)  # answers die young, and without its help
    gc.enable()
    return client


def run(environment: Mapping[str, str]) -> int:
    """Run until told to stop: 0 after an orderly end, 1 with one sentence if it cannot start or go on."""
    try:
        settings = read_settings(environment)
        logging.basicConfig(
            level=settings.ledger_log.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        if settings.discord_token is None:
            logging.getLogger("discord").setLevel(logging.ERROR)  # its warnings are about Discord, which is not there
            logging.getLogger("ledger").setLevel(logging.WARNING)
            return _offline(ready_client(settings.ledger_facts), settings)
        return asyncio.run(_on_discord(ready_client(settings.ledger_facts, settings.local_path), settings))
    except (StoreError, SettingsError) as error:
        return _refuse(str(error))
    except discord.LoginFailure:
        return _refuse("Discord refused DISCORD_TOKEN. Copy it again from the developer portal, page Bot.")
    except discord.PrivilegedIntentsRequired:
        return _refuse("Discord says that privileged intents are missing, though none is asked for. Check the token.")
    except (aiohttp.ClientError, OSError) as error:
        return _refuse(f"Discord cannot be reached ({error}). Check the network and start again.")


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _offline(client: LedgerClient, settings: Settings) -> int:
    try:
        from bot.offline import PortInUse, run_offline
    except ImportError:
        return _refuse("There is no DISCORD_TOKEN, and the offline channel is not installed. Run: make run")
    try:
        asyncio.run(run_offline(client, settings.ledger_port))
    except PortInUse as error:
        return _refuse(str(error))
    return 0


async def _on_discord(client: LedgerClient, settings: Settings) -> int:
    assert settings.discord_token is not None
    async with client:
        client.ledger.pictures.prewarm()
        reporting = asyncio.create_task(keep_reporting(client, settings.health_path))
        try:
            await client.start(settings.discord_token.get_secret_value())
        finally:
            reporting.cancel()
            settings.health_path.unlink(missing_ok=True)
    return 0
