"""The folder is one application's: another's token, a list of servers that comes back empty, and a lock lose nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.loopback.conftest import Said
from tests.loopback.faults import Fault
from tests.loopback.payloads import CHANNEL, CHANNEL_OPTION, Typed, slash
from tests.loopback.process import Bot, bot
from tests.loopback.server import Loopback, until

ANOTHER = "1100000000000000099"
FOLLOW = slash("follow start", what="member:DEU", channel=Typed(CHANNEL_OPTION, CHANNEL))
FOLLOWED = slash("follow list")


@asynccontextmanager
async def run(discord: Loopback, folder: Path) -> AsyncIterator[Bot]:
    """A bot on a loopback, ended as an operator ends it."""
    async with discord.running(), bot(discord, folder) as process:
        yield process
        process.process.terminate()
        await process.ended()


async def test_another_applications_token(tmp_path: Path) -> None:
    first, other = Loopback(), Loopback(application=ANOTHER, token="another")
    other.guilds = []
    async with run(first, tmp_path):
        assert await until(lambda: bool(first.commands), 5)
        (told,) = await first.seen(await first.ask(FOLLOW))
        assert "Germany" in told.text
    async with run(other, tmp_path) as process:
        assert await until(lambda: bool(other.commands), 5), process.log
        await asyncio.sleep(0.5)
    async with run(first, tmp_path):
        (told,) = await first.seen(await first.ask(FOLLOWED))
        assert "Germany" in told.text


async def test_a_list_of_servers_that_comes_back_empty(tmp_path: Path) -> None:
    discord = Loopback()
    async with run(discord, tmp_path):
        assert await discord.seen(await discord.ask(FOLLOW))
    discord.guilds = []
    async with run(discord, tmp_path):
        await asyncio.sleep(0.5)
        (told,) = await discord.seen(await discord.ask(FOLLOWED))
        assert "Germany" in told.text


async def test_nobody_waits_for_a_locked_folder(tmp_path: Path) -> None:
    discord = Loopback()
    async with run(discord, tmp_path) as process:
        with closing(sqlite3.connect(tmp_path / "local.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            follow = await discord.ask(FOLLOW)
            begun = time.monotonic()
            await discord.crowd([slash("gap", member="germany")] * 5)
            assert time.monotonic() - begun < 1, "others waited"
            (told,) = await discord.seen(follow)
            assert told.private
            Said(process.log).check()


async def test_the_list_comes_though_discord_is_slow_to_say_what_is_there(tmp_path: Path) -> None:
    discord = Loopback(Fault("GET /guilds/*", delay=4, times=9))
    async with run(discord, tmp_path):
        assert await discord.seen(await discord.ask(FOLLOW))
        asked = await discord.ask(FOLLOWED)
        (told,) = await discord.seen(asked)
        assert "Germany" in told.text
        assert not asked.late
