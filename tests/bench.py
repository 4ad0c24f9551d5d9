"""Measures what an answer, the snapshot and a start cost, next to a bare discord.py: python -m tests.bench"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import discord
from discord import app_commands, ui, utils

from bot.client import LedgerClient
from data.local import LocalStore
from data.store import load
from knowledge.facts import Facts
from knowledge.question import Question
from knowledge.questions import ask

TOLERANCE = 1.25  # machines are noisy: only a limit missed by more than this fails the run
MIB = 1024 * 1024
ROOT = Path(__file__).resolve().parent.parent

ASKS, ASK_LIMIT = 3000, 200.0
BATCHES, BATCH, WARM_UP, ANSWER_LIMIT = 60, 50, 200, 1.6
LOADS, LOAD_LIMIT, SNAPSHOT_LIMIT = 7, 0.2, 30.0
STARTS, START_LIMIT, RSS_LIMIT = 7, 1.5, 30.0

QUESTIONS = (
    Question("gap", member="germany"),
    Question("target", member="poland", year="2032"),
    Question("spending", member="france"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; without a limit it is there to be read only."""

    what: str
    figure: float
    unit: str
    limit: float | None = None

    @property
    def share(self) -> float:
        return self.figure / self.limit if self.limit else 0.0

    def __str__(self) -> str:
        limit = f"{self.limit:>8g} {self.share:>8.2f}" if self.limit else f"{'':>8} {'':>8}"
        return f"{self.what:<58} {self.figure:>9.3f} {self.unit:<4} {limit}".rstrip()


# Knowledge alone


def knowledge(facts: Facts) -> Iterator[Row]:
    """The middle of many questions, each timed by itself."""
    for question in QUESTIONS:
        ask(facts, question)
        times = []
        for _ in range(ASKS):
            begun = time.perf_counter_ns()
            ask(facts, question)
            times.append(time.perf_counter_ns() - begun)
        yield Row(f"ask: {question}, p50", median(times) / 1000, "µs", ASK_LIMIT)


# A whole interaction

APPLICATION, GUILD, CHANNEL, PERSON = (
    "1100000000000000001",
    "1100000000000000002",
    "1100000000000000003",
    "1100000000000000004",
)


def person(key: str, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": key,
        "username": name,
        "global_name": name.title(),
        "discriminator": "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "public_flags": 0,
        "bot": bot,
    }


def event(number: int, name: str, options: dict[str, str]) -> dict[str, Any]:
    """INTERACTION_CREATE as Discord sends it for a slash command in a server."""
    return {
        "version": 1,
        "type": 2,
        "token": f"aW50ZXJhY3Rpb246{number:012d}",
        "id": str(1200000000000000000 + number),
        "application_id": APPLICATION,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "guild": {"id": GUILD, "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "locale": "en-GB",
        "context": 0,
        "attachment_size_limit": 10485760,
        "authorizing_integration_owners": {"0": GUILD},
        "entitlements": [],
        "entitlement_sku_ids": [],
        "app_permissions": "2222085186637376",
        "channel": {
            "id": CHANNEL,
            "type": 0,
            "name": "questions",
            "guild_id": GUILD,
            "parent_id": None,
            "position": 1,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_message_id": "1199999999999999999",
            "permissions": "2222085186637376",
            "flags": 0,
        },
        "member": {
            "user": person(PERSON, "mia"),
            "roles": ["1100000000000000005"],
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "permissions": "2222085186637376",
            "pending": False,
            "mute": False,
            "deaf": False,
            "joined_at": "2024-05-01T12:00:00.000000+00:00",
            "communication_disabled_until": None,
            "flags": 0,
        },
        "data": {
            "id": "1100000000000000006",
            "name": name,
            "type": 1,
            "options": [{"name": option, "type": 3, "value": value} for option, value in options.items()],
        },
    }


def numbered(components: list[dict[str, Any]], start: int = 1) -> int:
    """Give every component the id that Discord gives it; returns the next free one."""
    for component in components:
        component.setdefault("id", start)
        start = numbered(component.get("components", []), start + 1)
        if accessory := component.get("accessory"):
            start = numbered([accessory], start)
    return start


def echo(sent: str) -> str:
    """Discord's reply to the callback: the message that was sent, as a message that now exists."""
    data = json.loads(sent)["data"]
    assert not data.get("flags", 0) & discord.MessageFlags.ephemeral.flag, f"not an answer, but a refusal: {sent}"
    components = data["components"]
    numbered(components)
    message = {
        "id": "1200000000000000009",
        "channel_id": CHANNEL,
        "type": 20,
        "content": "",
        "author": person(APPLICATION, "ledger", bot=True),
        "application_id": APPLICATION,
        "webhook_id": APPLICATION,
        "attachments": [],
        "embeds": [],
        "components": components,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
        "timestamp": "2026-01-05T12:00:00.000000+00:00",
        "edited_timestamp": None,
        "flags": data.get("flags", 0),
    }
    interaction = {"id": "1200000000000000000", "type": 2, "response_message_id": message["id"]}
    return json.dumps({"interaction": interaction, "resource": {"type": 4, "message": message}})


class Reply:
    """What aiohttp would give for the callback: Discord's answer, without a network."""

    status = 200
    headers = {"content-type": "application/json"}  # noqa: RUF012

    def __init__(self, body: str) -> None:
        self.body = body

    async def text(self, encoding: str) -> str:
        return self.body

    async def __aenter__(self) -> Reply:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


class Wire:
    """Stands where the HTTP session stands, below all of discord.py; a client asks one thing, so one reply does."""

    closed = False

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.sent = 0

    def request(self, method: str, url: str, *, data: str, **_: object) -> Reply:
        assert (method, url.rpartition("/")[2]) == ("POST", "callback")
        self.sent += 1
        if self.reply is None:
            self.reply = Reply(echo(data))
        return self.reply

    async def close(self) -> None:
        self.closed = True


def bare_client() -> discord.Client:
    """The least bot there is: the same settings and one command that says pong."""
    client = discord.Client(
        intents=discord.Intents.none(),
        allowed_mentions=discord.AllowedMentions.none(),
        guild_ready_timeout=0,
        max_messages=None,
        chunk_guilds_at_startup=False,
        member_cache_flags=discord.MemberCacheFlags.none(),
    )
    tree = app_commands.CommandTree(client)

    @tree.command(name="ping", description="Says pong")
    async def ping(interaction: discord.Interaction) -> None:
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.TextDisplay("pong"))
        await interaction.response.send_message(view=view)

    return client


class Line:
    """A client that believes to be logged in, and the one command it is sent again and again."""

    def __init__(self, client: discord.Client, name: str, **options: str) -> None:
        self.client, self.name, self.options = client, name, options
        self.wire = Wire()
        self.number = 0

    async def open(self) -> None:
        await self.client._async_setup_hook()
        state: Any = self.client._connection
        state.http._HTTPClient__session = self.wire
        state.user = discord.ClientUser(state=state, data=person(APPLICATION, "ledger", bot=True))  # type: ignore[arg-type]
        state.application_id = int(APPLICATION)
        if isinstance(self.client, LedgerClient):
            self.client.add_dynamic_items(*_dynamic_items())

    async def batch(self, size: int) -> float:
        """Seconds of this process's CPU an interaction, from the event's text to the reply read."""
        texts = [json.dumps(event(self.number + n, self.name, self.options)) for n in range(size)]
        self.number += size
        parse: Callable[[Any], None] = self.client._connection.parse_interaction_create
        from_json: Callable[[str], Any] = utils._from_json
        before = self.wire.sent
        begun = time.process_time_ns()
        for text in texts:
            parse(from_json(text))
            await asyncio.sleep(0)  # nothing waits on the wire, so one turn of the loop sees the command through
        spent = time.process_time_ns() - begun
        assert self.wire.sent - before == size, f"/{self.name} did not answer every interaction"
        return spent / size / 1e9


def _dynamic_items() -> tuple[type[ui.DynamicItem[Any]], ...]:
    from bot.buttons import AgainButton, PanelButton

    return PanelButton, AgainButton


async def interactions(facts: Facts) -> list[Row]:
    """/gap and /ping by turns; the ratio is taken batch by batch, so that a slow moment hits both."""
    local = LocalStore(None)
    ours, bare = Line(LedgerClient(facts, local), "gap", member="DEU"), Line(bare_client(), "ping")
    for line in (ours, bare):
        await line.open()
        await line.batch(WARM_UP)
    pairs = []
    for turn in range(BATCHES):
        gc.collect()
        if turn % 2:
            second = await bare.batch(BATCH)
            pairs.append((await ours.batch(BATCH), second))
        else:
            first = await ours.batch(BATCH)
            pairs.append((first, await bare.batch(BATCH)))
    local.close()
    return [
        Row("interaction: /gap member:DEU, CPU", median(a for a, _ in pairs) * 1e6, "µs"),
        Row("interaction: bare /ping, CPU", median(b for _, b in pairs) * 1e6, "µs"),
        Row("interaction: /gap to bare /ping, CPU", median(a / b for a, b in pairs), "×", ANSWER_LIMIT),
    ]


# The snapshot


def snapshot() -> Iterator[Row]:
    times = []
    for _ in range(LOADS):
        begun = time.perf_counter()
        load()
        times.append(time.perf_counter() - begun)
    yield Row("snapshot: load, p50", median(times), "s", LOAD_LIMIT)
    gc.collect()
    with traced():
        before = tracemalloc.get_traced_memory()[0]
        facts = load()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        del facts
    yield Row("snapshot: memory held", held / MIB, "MiB", SNAPSHOT_LIMIT)


@contextmanager
def traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


# From start to ready, in fresh processes

BARE = """
import discord
client = discord.Client(intents=discord.Intents.none())
tree = discord.app_commands.CommandTree(client)
@tree.command(name="ping", description="Says pong")
async def ping(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("pong")
"""
OURS = """
from bot.client import LedgerClient
from data.local import LocalStore
from data.store import load
client = LedgerClient(load(), LocalStore(None))
"""
# A child inherits ru_maxrss from the process that started it, so Linux is asked for the peak of the new image alone.
PEAK = """
import resource, sys
from pathlib import Path
status = Path("/proc/self/status")
if status.exists():
    kib = int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
else:
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
print(kib)
"""


def start(code: str) -> tuple[float, float]:
    """Seconds from nothing to a client that could log in, and its peak memory in MiB."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + PEAK], cwd=ROOT, capture_output=True, text=True, check=True)
    return time.perf_counter() - begun, int(done.stdout) / 1024


def starts() -> Iterator[Row]:
    for code in (BARE, OURS):
        start(code)  # compiled files and the disk's cache
    pairs = []
    for turn in range(STARTS):  # who goes first alternates
        if turn % 2:
            second = start(BARE)
            pairs.append((start(OURS), second))
        else:
            first = start(OURS)
            pairs.append((first, start(BARE)))
    yield Row("start: ours", median(a[0] for a, _ in pairs), "s")
    yield Row("start: bare", median(b[0] for _, b in pairs), "s")
    yield Row("start: ours to bare", median(a[0] / b[0] for a, b in pairs), "×", START_LIMIT)
    yield Row("start: peak memory above bare", median(a[1] - b[1] for a, b in pairs), "MiB", RSS_LIMIT)


def main() -> int:
    facts = load()
    print(f"{'':<58} {'figure':>9} {'':<4} {'limit':>8} {'of limit':>8}")
    rows: list[Row] = []
    for part in (knowledge(facts), asyncio.run(interactions(facts)), snapshot(), starts()):
        for row in part:
            print(row, flush=True)
            rows.append(row)
    missed = [row for row in rows if row.share > TOLERANCE]
    for row in missed:
        print(f"Missed by {row.share - 1:.0%}: {row.what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
