"""Starting and ending: on Discord with a token, offline without; a failed start is one sentence and exit code 1."""

from __future__ import annotations

import gc

gc.disable()  # until the client is ready: nothing made on the way there is garbage

import asyncio  # noqa: E402
import logging  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sqlite3  # noqa: E402
import sys  # noqa: E402
from collections.abc import Mapping  # noqa: E402

import aiohttp  # noqa: E402
import discord  # noqa: E402

from bot.discord.client import LedgerClient  # noqa: E402
from bot.drawing.pictures import Pictures  # noqa: E402
from bot.features import FEATURES  # noqa: E402
from bot.ledger import Ledger  # noqa: E402
from bot.service import logs  # noqa: E402
from bot.service.backups import DailyBackup  # noqa: E402
from bot.service.reporting import Reporting  # noqa: E402
from bot.service.settings import Settings, SettingsError, read_settings  # noqa: E402
from data.local import LocalStore  # noqa: E402
from data.store import StoreError, load  # noqa: E402

FINISHING = 2.0  # seconds for what is in flight, after a signal
WARM_AFTER = 2.0  # seconds; what draws charts starts when the bot has, and takes no core from it
CLOSED = {  # Discord's codes for a gateway that it ends for good
    4004: "Discord no longer takes DISCORD_TOKEN. Copy it again from the developer portal, page Bot.",
    4011: "Discord wants this bot divided into shards, since it is in too many servers for one connection.",
    4013: "Discord does not know the intents asked for. A newer version of the bot is needed.",
    4014: "Discord says that privileged intents are missing, though none is asked for. Check the token.",
}
REFUSED = {  # statuses of a refused login
    401: "Discord refused DISCORD_TOKEN. Copy it again from the developer portal, page Bot.",
    403: "Discord does not let this bot or this address in (403). Look at the bot's page in the developer portal.",
    429: "Discord holds this address back, since too much was asked of it (429). Start again in an hour.",
}


def ready_client(settings: Settings | None = None) -> LedgerClient:
    """A client with its facts in memory; without settings, what changes is kept in memory too."""
    kept = settings if settings is not None and settings.discord_token else None
    facts = load(settings.ledger_facts) if settings is not None else load()
    local = LocalStore(kept.local_path if kept else None)
    maintainers = settings.maintainers if settings is not None else ()
    ledger = Ledger(facts, local, Pictures(kept.pictures_path if kept else None), maintainers)
    client = LedgerClient(ledger, FEATURES)
    gc.freeze()  # the snapshot never dies: the collector need not look at it again
    gc.set_threshold(10_000, 5, 20)  # answers die young, and without its help
    gc.enable()
    return client


def run(environment: Mapping[str, str]) -> int:
    """Run until told to stop: 0 after an orderly end, 1 with one sentence if it cannot start or go on."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # during the start too, it is no more than Ctrl-C
    try:
        settings = read_settings(environment)
        logs.set_up(settings.ledger_log)
        if not settings.discord_token:
            logging.getLogger("discord").setLevel(logging.ERROR)  # its warnings are about Discord, which is not there
            logging.getLogger("ledger").setLevel(logging.WARNING)
            return _offline(settings)
        return asyncio.run(_on_discord(ready_client(settings), settings))
    except (StoreError, SettingsError) as error:
        return _refuse(str(error))
    except (discord.DiscordException, aiohttp.ClientError, OSError, sqlite3.Error) as error:
        return _refuse(why(error))


def why(error: Exception) -> str:
    """What ended a start or a run, and what to do, in a sentence."""
    match error:
        case discord.PrivilegedIntentsRequired():
            return CLOSED[4014]
        case discord.ConnectionClosed(code=code):
            return CLOSED.get(code, f"Discord ended the connection for good ({code}). Start again.")
        case discord.LoginFailure():
            return REFUSED[401]
        case discord.HTTPException(status=status) if status >= 500:
            return f"Discord has trouble of its own ({status}). Start again in a few minutes."
        case discord.HTTPException(status=status):
            return REFUSED.get(status, f"Discord refused the login ({status}). Look at the developer portal.")
        case discord.DiscordException():
            return f"Discord ended the connection ({type(error).__name__}). Start again."
        case sqlite3.Error():
            return f"The folder's local.db cannot be used ({error}). Is another bot running on it?"
        case aiohttp.ClientSSLError():
            return "Discord's certificate is not trusted. Check this machine's clock, and what stands in between."
        case aiohttp.ClientError() | socket.gaierror() | ConnectionError() | TimeoutError():
            return "Discord cannot be reached. Check the network and start again."
    return f"The system refused what the bot needs: {getattr(error, 'strerror', None) or type(error).__name__}."


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _offline(settings: Settings) -> int:
    try:
        from bot.offline import PortInUse, run_offline
    except ImportError:
        return _refuse("There is no DISCORD_TOKEN, and the offline channel is not installed. Set it, or use: make run")

    async def offline() -> None:
        await run_offline(ready_client(settings), settings.ledger_port, told_to_stop())

    try:
        asyncio.run(offline())
    except PortInUse as error:
        return _refuse(str(error))
    return 0


def told_to_stop() -> asyncio.Event:
    """Set at the first SIGINT or SIGTERM; a second one ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def first() -> None:
        stop.set()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)
            signal.signal(name, signal.default_int_handler)

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, first)
    return stop


async def _on_discord(client: LedgerClient, settings: Settings) -> int:
    stop = asyncio.create_task(told_to_stop().wait())
    async with client:
        asyncio.get_running_loop().call_later(WARM_AFTER, client.ledger.pictures.prewarm)
        reporting = Reporting(client, settings.health_path, settings.ledger_facts)
        reports = asyncio.create_task(reporting.run())
        copying = DailyBackup(settings.local_path, settings.ledger_backups)
        copies = asyncio.create_task(copying.run())
        running = asyncio.create_task(client.start(settings.discord_token))
        try:
            await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            else:
                await client.finish(FINISHING)
                running.cancel()  # before the gateway is closed: else two would close it, and Discord hear the other
                await asyncio.wait({running})
                await client.close()
        finally:
            reports.cancel()
            reporting.end()
            copies.cancel()
            copying.end()
            stop.cancel()
    return 0
