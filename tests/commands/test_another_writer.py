"""A running bot and another program at its local.db: the next answer has what was corrected, and none fails or waits."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.discord.client import LedgerClient
from bot.features import FEATURES
from bot.follow.posts import Posts
from bot.ledger import LATE, Ledger
from data.local import Follow, LocalStore
from data.log import Log, Revision
from data.proposals import Proposals
from knowledge.corrections import EVERYWHERE, Change, Value
from knowledge.facts import Cell, Facts
from knowledge.following import state_of
from tests.commands.test_channel import texts
from tests.commands.test_data import MANAGER
from tests.conftest import Channel

ROOT = Path(__file__).parents[2]
SVN: Cell = ("2026", "share", "SVN", 2026)
BASE = {SVN: Value(Decimal("1.61"), "e")}
CORRECTED = "By a correction made here Slovenia spends {}% of GDP"


@pytest.fixture
def client(facts: Facts, tmp_path: Path) -> Iterator[LedgerClient]:
    """A bot that keeps what changes in a file."""
    local = LocalStore(tmp_path / "local.db")
    yield LedgerClient(Ledger(facts, local), FEATURES)
    local.close()


def path_of(channel: Channel) -> Path:
    path = channel.client.ledger.local.path
    assert path is not None
    return path


def beside(channel: Channel, number: str, scope: str = EVERYWHERE) -> Revision:
    """What the operator's terminal does, in a connection of its own."""
    with closing(LocalStore.beside(path_of(channel))) as store:
        proposals = Proposals(store)
        change = Change(SVN, None, Value(Decimal(number), "e"), proposals.seen(scope, BASE)[SVN])
        return proposals.write(scope, "correct", (change,), BASE, address="", reason="by the operator", facts="v")


async def gap(channel: Channel) -> str:
    result = await channel.member.slash(channel.channel, "gap", member="Slovenia")
    return "\n".join(texts(result.response.components))


async def test_the_next_answer_has_what_the_terminal_corrected(offline: Channel) -> None:
    before = await gap(offline)
    given = os.environ | {"LEDGER_FOLDER": str(path_of(offline).parent)}
    words = ["correct", "Slovenia", "2026", "2.01e", "--why", "revised budget act", "--source", "https://a.example/act"]

    def run(*words: str) -> None:
        done = subprocess.run([sys.executable, "-m", "data", *words, "--yes"], cwd=ROOT, env=given, capture_output=True,
                              check=False, timeout=60)  # fmt: skip
        assert done.returncode == 0, done.stderr

    await asyncio.to_thread(run, *words)
    told = await gap(offline)
    assert CORRECTED.format("2.01") in told
    assert "https://a.example/act" in told.replace("\\", "")
    await asyncio.to_thread(run, "undo", "1", "--why", "it was a slip")
    assert await gap(offline) == before


async def test_a_servers_own_is_seen_there_alone(offline: Channel) -> None:
    other = offline.env.create_guild("Another school")
    place, member = other.create_text_channel("questions"), other.add_member(offline.env.create_user("ben"))
    for number in ("2.01", "2.02"):
        beside(offline, number, str(offline.channel.guild.id))
        assert CORRECTED.format(number) in await gap(offline)
        result = await member.slash(place, "gap", member="Slovenia")
        assert "1.61% of GDP" in "\n".join(texts(result.response.components))


async def test_buttons_and_data_see_it_too(offline: Channel) -> None:
    guild = offline.channel.guild
    manager = guild.add_member(offline.env.create_user("max"), roles=[guild.create_role("M", permissions=MANAGER)])
    answer = await offline.member.slash(offline.channel, "gap", member="Slovenia")
    beside(offline, "2.01")
    pressed = await offline.member.click(answer.response, label="Workings")
    assert "2.01%" in "\n".join(texts(pressed.response.components))
    beside(offline, "2.02", str(guild.id))
    status = await manager.slash(offline.channel, "data status")
    assert "corrected here" in "\n".join(texts(status.response.components))
    history = await manager.slash(offline.channel, "data history")
    assert "approved by nobody else" in "\n".join(texts(history.response.components))
    preview = await manager.slash(offline.channel, "data correct", member="Slovenia", year="2026", value="2.10e")
    assert "2.02% (estimate) → 2.10% (estimate)" in "\n".join(texts(preview.response.components))


async def test_what_waits_for_a_decision_is_stale_by_it(offline: Channel) -> None:
    ledger, scope = offline.client.ledger, str(offline.channel.guild.id)
    change = Change(SVN, None, Value(Decimal("2.05"), "e"), BASE[SVN])
    waits = Proposals(ledger.local).propose(scope, 1, "correct", (change,), address="", reason="another", facts="v")
    beside(offline, "2.01", scope)
    assert Proposals(ledger.local).approve(waits.id, 1, 2, BASE).state == "stale"


async def test_posts_hear_of_it_though_nobody_asks(offline: Channel, facts: Facts) -> None:
    ledger = offline.client.ledger
    posts, now = Posts(offline.client, ledger), time.monotonic()
    posts.due(now)  # the first look
    follow = Follow(
        offline.channel.guild.id, offline.channel.id, "member:SVN", None, "en", state_of(facts, "member:SVN") or ""
    )
    ledger.local.follow(follow)
    beside(offline, "2.01")
    await ledger.catch_up()
    assert not posts.due(now + 60)
    assert posts.due(time.monotonic() + 16 * 60)
    await posts.look()
    assert any(
        "2.01%" in text for one in offline.channel.history() for text in texts([c.to_dict() for c in one.components])
    )


Ill = Callable[[Path], Any]


def held(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    return other


def scrambled(path: Path) -> None:
    """A log that no program of ours wrote."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("insert into revision (scope, n, body, before, digest) values ('everywhere', 2, '{', '', 'x')")
        raw.commit()


ILLS: dict[str, Ill] = {
    "held": held,
    "deleted": lambda path: path.unlink(),
    "damaged": lambda path: path.write_bytes(b"a letter, no database" * 5000),
    "its log damaged": lambda path: Path(f"{path}-wal").write_bytes(b"a letter" * 5000),
    "a revision that nobody reads": scrambled,
}


@pytest.mark.parametrize("what", ILLS)
async def test_answers_go_on_whatever_happens_to_the_file(offline: Channel, what: str) -> None:
    beside(offline, "2.01")
    assert CORRECTED.format("2.01") in await gap(offline)
    kept = ILLS[what](path_of(offline))
    for _ in range(3):
        begun = time.monotonic()
        await offline.client.ledger.catch_up()
        assert time.monotonic() - begun < LATE + 0.2
        assert CORRECTED.format("2.01") in await gap(offline)
    if isinstance(kept, sqlite3.Connection):
        kept.close()


async def test_what_could_not_be_read_is_read_when_it_can_be(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.ledger.LOOK_AGAIN", 0.05)
    ledger, ill = Ledger(facts, LocalStore(tmp_path / "local.db")), [True]
    mark = Log.mark

    def failing(log: Log) -> tuple[int, int]:
        if ill[0]:
            raise sqlite3.OperationalError("disk I/O error")
        return mark(log)

    monkeypatch.setattr(Log, "mark", failing)
    ledger.local.put("a", "1")
    for _ in range(5):
        await ledger.catch_up()
        await asyncio.sleep(0.06)
    assert len([one for one in caplog.records if "what another program wrote cannot be read" in one.message]) == 1
    ill[0] = False
    with closing(LocalStore.beside(tmp_path / "local.db")) as store:
        change = Change(SVN, None, Value(Decimal("2.01"), "e"), BASE[SVN])
        Proposals(store).write(EVERYWHERE, "correct", (change,), BASE, address="", reason="why not", facts="v")
    await asyncio.sleep(0.06)
    await ledger.catch_up()
    assert ledger.stands(EVERYWHERE).cells[SVN].number == Decimal("2.01")
    await ledger.close()
    await ledger.catch_up()  # and after the end it is nothing


async def test_who_asks_while_it_is_taken_in_waits_with_who_noticed(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    with closing(LocalStore.beside(tmp_path / "local.db")) as store:
        change = Change(SVN, None, Value(Decimal("2.01"), "e"), BASE[SVN])
        Proposals(store).write(EVERYWHERE, "correct", (change,), BASE, address="", reason="why not", facts="v")

    async def asked() -> Decimal | None:
        await ledger.catch_up()
        return ledger.of(5).facts.series[SVN[:3]].values[2026]

    assert await asyncio.gather(*(asked() for _ in range(20))) == [Decimal("2.01")] * 20
    await ledger.close()


async def test_a_quiet_file_costs_an_answer_nothing_to_speak_of(facts: Facts, tmp_path: Path) -> None:
    ledger = Ledger(facts, LocalStore(tmp_path / "local.db"))
    took = []
    for _ in range(300):
        begun = time.perf_counter()
        await ledger.catch_up()
        took.append(time.perf_counter() - begun)
    assert sorted(took)[150] < 0.0002, "some microseconds, on a busy machine too"
    await ledger.close()
