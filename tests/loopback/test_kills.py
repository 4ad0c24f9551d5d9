"""Bots that are killed while corrections are proposed and approved: what was acknowledged is there, the rest whole or not at all.

`make soak` kills more than two hundred. LEDGER_SOAK=1 and --junit-xml, in one process, tell the counts.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import cast

import pytest

from data.local import open_to_read
from data.log import Log, Revision, read_changes
from knowledge.corrections import Change, Value
from knowledge.facts import Cell, Facts
from tests.conftest import few_or_many
from tests.loopback.conftest import Said
from tests.loopback.faults import POST, Fault, Faults
from tests.loopback.payloads import CHANNEL, CHANNEL_OPTION, GUILD, Json, Typed, member, press, slash, submit
from tests.loopback.process import Bot, bot
from tests.loopback.server import Asked, Loopback, Message, until

FOLDERS, KILLS = few_or_many(1, 4), few_or_many(3, 56)  # so many bots side by side, and kills of each
STEPS, LATEST = 3, 0.3  # at most: steps that are awaited before the moment of a kill is drawn, and seconds until it
COUNTRIES = {"SVN": "Slovenia", "ITA": "Italy"}  # are corrected at the same time
YEAR, EDITION = 2026, "2026"
VALUES = [f"{number / 100:.2f}" for number in range(201, 340)]
SET_UP = slash("settings corrections", people=1, channel=Typed(CHANNEL_OPTION, CHANNEL))
KEPT = re.compile(r"Kept as change (\d+)")
APPROVED = re.compile(r"approved(?: already, as|,) revision (\d+)")
POSTED = re.compile(r"Change (\d+), (.+)")


class Killed(Exception):
    """The bot is gone, whatever was asked of it."""


@dataclass
class Tally:
    """How many steps there were, and what became of them."""

    kills: int = 0
    in_flight: int = 0  # steps that a kill left without an answer
    done_unsaid: int = 0  # of those, the ones that were kept nevertheless, and whole
    proposals: int = 0  # that were acknowledged
    revisions: int = 0
    undone: int = 0
    lost: int = 0
    doubled: int = 0


@dataclass
class Moderators:
    """What the people of one server do with one bot after another, and what they were told."""

    folder: Path
    random: Random
    published: dict[str, Decimal]
    discord: Loopback = field(default_factory=lambda: Loopback(patience=30.0))  # how fast it is is tried elsewhere
    tally: Tally = field(default_factory=Tally)
    asked: dict[str, tuple[str, str | int]] = field(default_factory=dict)  # reason → country, and value or revision
    kept: dict[int, str] = field(default_factory=dict)  # change → reason, as acknowledged
    approved: dict[int, int] = field(default_factory=dict)  # change → revision, as acknowledged
    unsaid: list[tuple[str, str | int]] = field(default_factory=list)  # reasons and changes, of steps without an answer
    left: dict[str, Message] = field(default_factory=dict)  # the open change of a country, where it was posted
    last: dict[str, int] = field(default_factory=dict)  # the revision of a country that may be taken back
    people: count[int] = field(default_factory=lambda: count(1_100_000_000_000_001_000))
    numbers: count[int] = field(default_factory=lambda: count(1))
    dead: asyncio.Future[None] = field(default_factory=asyncio.Future)
    killed: bool = False

    async def go_through(self, kills: int) -> None:
        """So many rounds, and one more start to look at what is there."""
        async with self.discord.running():
            for number in range(kills + 1):
                async with bot(self.discord, self.folder) as process:
                    if number == 0:
                        assert "One person" in _text(await self.discord.seen(await self.discord.ask(SET_UP)))
                    await self.look()
                    if number < kills:
                        await self.until_killed(process)
                    Said(process.log).check()

    # -- what they do --------------------------------------------------------------------------------

    async def until_killed(self, process: Bot) -> None:
        """Propose and approve without a pause, in two figures at once, until the bot is killed at some moment."""
        self.dead, self.killed = asyncio.get_running_loop().create_future(), False
        doing = [asyncio.ensure_future(self.correct(code)) for code in COUNTRIES]
        known = len(self.kept) + len(self.approved) + self.random.randint(0, STEPS)
        assert await until(lambda: len(self.kept) + len(self.approved) >= known or any(one.done() for one in doing), 20)
        await asyncio.sleep(self.random.uniform(0, LATEST))
        for one in doing:
            assert not one.done(), one.exception()
        process.process.kill()
        self.killed = True
        await process.process.wait()
        assert await until(lambda: not self.discord.identified.is_set(), 5)
        await asyncio.sleep(0.05)  # for what the bot had sent before
        self.dead.set_result(None)
        for done in await asyncio.gather(*doing, return_exceptions=True):
            if not isinstance(done, Killed):
                raise AssertionError from done
        self.tally.kills += 1

    async def correct(self, code: str) -> None:
        """One change after another of a country's figure; what the bot before left open is decided on first."""
        message = self.left.pop(code, None)
        while True:
            if message is None:
                message = await self.undo(code) if self.random.random() < 0.25 else await self.propose(code)
            await self.approve(code, message)
            message = None

    async def propose(self, code: str) -> Message:
        number = next(self.numbers)
        value, reason = VALUES[number % len(VALUES)], f"reading {number} of the budget act"
        self.asked[reason] = code, value
        key = f"al1:proposed:s|{EDITION}|share|{code}|{YEAR}|{value}|e"
        return await self.kept_as(reason, submit(key, reason=reason, address="https://budget.example/act"))

    async def undo(self, code: str) -> Message:
        """Take the latest revision back, which may have taken one back itself."""
        if code not in self.last:
            return await self.propose(code)
        revision = self.last.pop(code)
        reason = f"slip {next(self.numbers)} of the budget act"
        self.asked[reason] = code, revision
        return await self.kept_as(reason, slash("data undo", revision=revision, why=reason))

    async def kept_as(self, reason: str, event: Json) -> Message:
        asked = await self.ask(event)
        if (found := KEPT.search(_text(asked.seen))) is not None:
            self.kept[int(found[1])] = reason
            return asked.seen[0]
        assert not asked.seen, _text(asked.seen)
        self.unsaid.append(("kept", reason))
        raise Killed

    async def approve(self, code: str, message: Message) -> None:
        """Press Approve, at times two people at once."""
        (key,) = [one for one in message.ids if ":approve:" in one]
        people = self.random.choice((1, 1, 1, 2))
        await asyncio.gather(*(self.approve_once(code, message.payload, key) for _ in range(people)))

    async def approve_once(self, code: str, message: Json, key: str) -> None:
        number = int(key.split(":")[2])
        asked = await self.ask(press(message, key))
        if (found := APPROVED.search(_text(asked.seen))) is None:
            assert not asked.over.done(), _text(asked.seen)
            self.unsaid.append(("approved", number))
            raise Killed
        assert self.approved.setdefault(number, int(found[1])) == int(found[1])
        self.last[code] = int(found[1])

    async def ask(self, event: Json) -> Asked:
        """Do something as another person each time, since one may propose ten changes a day; back when told, or killed."""
        if self.killed:
            raise Killed
        try:
            asked = await self.discord.ask(event, member=member(str(next(self.people))))
        except ConnectionError:
            raise Killed from None
        await asyncio.wait({asked.over, self.dead}, return_when=asyncio.FIRST_COMPLETED)
        return asked

    # -- what is there -------------------------------------------------------------------------------

    async def look(self) -> None:
        """Everything that was acknowledged is there, once; nothing is there by half; the channel and answers follow."""
        with closing(open_to_read(self.folder / "local.db", 5)) as db:
            told = await until(lambda: not _behind(db), 10)
            assert told, f"the channel is not told of {[dict(row) for row in _behind(db)]}"
            assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
            log, changes = Log(db), {row["id"]: row for row in db.execute(CHANGES)}
            log.verify(GUILD)
            revisions = {one.n: one for one in log.of(GUILD)}
        reasons = Counter(row["text"] for row in changes.values())
        of = Counter(one.of for one in revisions.values())
        posts = [(found, post) for post in self.discord.posts if (found := POSTED.search(post.text))]
        posted = Counter(int(found[1]) for found, _ in posts)

        lost = [n for n, reason in self.kept.items() if n not in changes or changes[n]["text"] != reason]
        lost += [n for n, r in self.approved.items() if r not in revisions or revisions[r].of != n]
        doubled = [what for found in (reasons, of, posted) for what, times in found.items() if times > 1]
        self.tally.lost += len(lost)
        self.tally.doubled += len(doubled)
        assert (lost, doubled) == ([], [])

        for revision in revisions.values():
            assert revision.of is not None
            row = changes[revision.of]
            assert (row["state"], row["revision"]) == ("applied", revision.n)
            self._is_whole(revision, revisions, row["text"])
        for row in changes.values():
            assert row["state"] in ("pending", "applied"), row["state"]
            assert row["state"] == "applied" or row["revision"] is None
            assert (row["state"] == "applied") == (row["id"] in of)
            assert posted[row["id"]] == 1, f"nobody was told of change {row['id']}"
        for found, post in posts:
            row = changes[int(found[1])]
            stands = "waits for a decision" if row["state"] == "pending" else f"approved, revision {row['revision']}"
            assert found[2] == stands, "the channel shows what is no more"
            assert (f"al1:approve:{row['id']}:{row['version']}" in post.ids) == (row["state"] == "pending")

        await self._answers_follow(revisions)
        self._count(reasons, of)
        self.left = {}
        for found, post in posts:
            row = changes[int(found[1])]
            if row["state"] == "pending":
                self.left[_country(read_changes(json.loads(row["changes"])))] = post

    def _is_whole(self, revision: Revision, revisions: dict[int, Revision], reason: str) -> None:
        """It holds what was asked for, on top of what stood then, and nothing else."""
        code, wanted = self.asked[reason]
        before = [
            one.changes[0].new for one in revisions.values() if one.n < revision.n and _country(one.changes) == code
        ]
        new = Value(Decimal(wanted), "e") if isinstance(wanted, str) else revisions[wanted].changes[0].old
        old = before[-1] if before else None
        (change,) = revision.changes
        assert change == Change((EDITION, "share", code, YEAR), old, new, old or Value(self.published[code], "e"))

    async def _answers_follow(self, revisions: dict[int, Revision]) -> None:
        for code, name in COUNTRIES.items():
            latest = [one for one in revisions.values() if _country(one.changes) == code][-1:]
            value = latest[0].changes[0].new if latest else None
            number = value.number if isinstance(value, Value) and value.number is not None else self.published[code]
            (answer,) = await self.discord.seen(await self.discord.ask(slash("gap", member=name)))
            assert f" {number:.2f}% of GDP" in answer.text.splitlines()[0], answer.text
            if latest:
                self.last[code] = latest[0].n

    def _count(self, reasons: Counter[str], of: Counter[int | None]) -> None:
        self.tally.in_flight += len(self.unsaid)
        self.tally.done_unsaid += sum((reasons if what == "kept" else of)[which] > 0 for what, which in self.unsaid)  # type: ignore[index]
        self.unsaid.clear()
        self.tally.proposals, self.tally.revisions = len(self.kept), len(self.approved)
        self.tally.undone = sum(isinstance(self.asked[reason][1], int) for reason in self.kept.values())


CHANGES = "select p.*, n.text from proposal p left join note n on n.id = p.reason"


def _behind(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """The changes without a message, or with one that shows an older state."""
    return db.execute(
        "select p.id, p.state, p.version, o.version as shown, o.due, o.tries from proposal p"
        " left join outbox o on o.what = 'proposal' and o.number = p.id where o.version is not p.version"
    ).fetchall()


def _country(changes: Sequence[Change]) -> str:
    _, _, code, _ = cast(Cell, changes[0].key)
    return code


def _text(seen: list[Message]) -> str:
    return "\n".join(message.text for message in seen)


@pytest.mark.soak
async def test_what_was_acknowledged_outlives_every_kill(
    facts: Facts, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    published = {code: facts.series[EDITION, "share", code].values[YEAR] for code in COUNTRIES}
    folders = [Moderators(tmp_path / f"{n}", Random(n), published) for n in range(FOLDERS)]
    async with asyncio.TaskGroup() as side_by_side:
        for one in folders:
            side_by_side.create_task(one.go_through(KILLS))
    for name in (one.name for one in fields(Tally)):
        record_testsuite_property(name, sum(getattr(one.tally, name) for one in folders))
    assert sum(one.tally.kills for one in folders) == FOLDERS * KILLS
    assert sum(one.tally.revisions for one in folders) >= FOLDERS * KILLS // 3


async def test_a_message_that_came_though_nobody_knew_shows_what_became_of_it(tmp_path: Path) -> None:
    """Discord answers the second of two messages with one nonce by the first, which says what was so then."""
    discord = Loopback(Fault(POST, cut="reset", done=True, times=9))
    async with discord.running(), bot(discord, tmp_path) as process:
        assert "One person" in _text(await discord.seen(await discord.ask(SET_UP)))
        key = f"al1:proposed:s|{EDITION}|share|SVN|{YEAR}|2.01|e"
        form = submit(key, reason="the budget act", address="https://budget.example/act")
        (told,) = await discord.seen(await discord.ask(form), 30)
        assert "will be told soon" in told.text
        discord.faults = Faults()
        (approve,) = [one for one in told.ids if ":approve:" in one]
        assert "revision 1" in _text(await discord.seen(await discord.ask(press(told.payload, approve))))
        (post,) = discord.posts
        assert await until(lambda: "approved, revision 1" in post.text, 5), post.text
        Said(process.log).check()
    assert len(discord.posts) == 1
