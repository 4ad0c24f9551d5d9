"""The folder is one application's: another's token, a list of servers that comes back empty, and a lock lose nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from data.local import LocalStore
from tests.loopback.conftest import Said
from tests.loopback.faults import GUILDS, POST, Fault
from tests.loopback.payloads import CHANNEL, CHANNEL_OPTION, GUILD, Typed, slash
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
        assert await until(lambda: "another application's" in process.log, 5), process.log
        for asked in (FOLLOW, FOLLOWED):  # nothing is promised that would not be kept
            (told,) = await other.seen(await other.ask(asked))
            assert "Nothing can be followed here for now" in told.text
        assert not other.posts
        Said(process.log).check()
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


async def test_a_file_that_is_held_or_gone_keeps_nobody_waiting(tmp_path: Path) -> None:
    discord = Loopback()
    async with run(discord, tmp_path) as process:
        with closing(sqlite3.connect(tmp_path / "local.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            follows = [await discord.ask(FOLLOW) for _ in range(6)]
            begun = time.monotonic()
            await discord.crowd([slash("gap", member="germany")] * 5)
            assert time.monotonic() - begun < 1, "others waited"
            for asked in follows:
                (told,) = await discord.seen(asked)
                assert "Try again in a moment" in told.text
                assert told.private
                assert not asked.late
        (told,) = await discord.seen(await discord.ask(FOLLOW))
        assert "will hear" in told.text
        (tmp_path / "local.db").unlink()
        (told,) = await discord.seen(await discord.ask(FOLLOW))
        assert "Nothing was kept" in told.text
        said = Said(process.log)
        said.check()
        assert [line for line in said.warnings if "is held by another program" in line]
        assert "was deleted or replaced while the bot ran" in said.warnings[-1]


async def test_a_second_bot_on_the_folder_ends_and_the_first_goes_on(tmp_path: Path) -> None:
    first, second = Loopback(), Loopback()
    async with first.running(), second.running(), bot(first, tmp_path) as running:
        assert await first.seen(await first.ask(FOLLOW))
        async with bot(second, tmp_path, ready=False) as refused:
            assert await refused.ended() == 1
            (sentence,) = Said(refused.log).sentences
            assert "Another bot runs on the folder" in sentence
        assert await until((tmp_path / "health.json").exists, 5)
        running.process.kill()
        await running.process.wait()
    async with run(first, tmp_path):  # a killed bot locks nobody out
        (told,) = await first.seen(await first.ask(FOLLOWED))
        assert "Germany" in told.text


async def test_the_list_comes_though_discord_is_slow_to_say_what_is_there(tmp_path: Path) -> None:
    discord = Loopback(Fault("GET /guilds/*", delay=4, times=9))
    async with run(discord, tmp_path):
        assert await discord.seen(await discord.ask(FOLLOW))
        asked = await discord.ask(FOLLOWED)
        (told,) = await discord.seen(asked)
        assert "Germany" in told.text
        assert not asked.late


SENT = {  # what happens to the post, how often it is sent, and whether it stands there then
    "its answer is lost": (Fault(POST, cut="reset", done=True), 2, True),
    "it never arrives": (Fault(POST, cut="close"), 2, True),
    "Discord has trouble": (Fault(POST, status=503), 1, False),
}


@pytest.mark.parametrize("how", SENT)
async def test_a_post_comes_once_whatever_the_network_does(how: str, tmp_path: Path) -> None:
    fault, requests, there = SENT[how]
    LocalStore(tmp_path / "local.db").close()
    with closing(sqlite3.connect(tmp_path / "local.db")) as raw:
        seen = [int(GUILD), int(CHANNEL), "edition", "en-US", '{"version":1,"edition":"2025","published":"2025-08-28"}']
        raw.execute("insert into follow (server, channel, what, language, seen) values (?, ?, ?, ?, ?)", seen)
        raw.commit()
    discord = Loopback(fault)
    async with run(discord, tmp_path) as process:
        assert await until(lambda: len(discord.taken("POST /channels")) == requests, 5), process.log
    assert len(discord.posts) == there
    Said(process.log).check()
    async with run(discord, tmp_path) as process:
        assert await until(lambda: bool(discord.posts) and len(discord.taken(GUILDS)) == 2, 5), process.log
        await asyncio.sleep(0.2)
    assert len(discord.posts) == 1, "it came later, or not again"
