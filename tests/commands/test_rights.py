"""Who may do what with corrections: one table of people, scopes and steps; who is refused changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.corrections.messages import proposal_message
from bot.corrections.rights import beneath, seen_in
from bot.discord.ids import id_of
from bot.drawing.words import words
from commands.settings import Corrections
from data.local import SCOPED
from data.proposals import Proposal
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Change, Value, value_in
from tests.commands.test_channel import texts
from tests.commands.test_data import MANAGER, SLOVENIA, Server
from tests.conftest import Channel

CELL = ("2026", "share", "SVN", 2026)
REFUSED = {"not-allowed", "own-proposal", "not-yours", "other-server", "no-such-revision"}
KEPT = (*SCOPED, "note", "setting")  # whatever a step could write

# The proposer is an editor in a server and a maintainer for every server. Who manages another server is a member here, and
# presses the buttons of this server's messages in their own.
PEOPLE = ("stranger", "editor", "approver", "manager", "maintainer", "elsewhere", "proposer")
TABLE = """
step                    | stranger editor approver manager maintainer elsewhere proposer
here correct            |    -       x       x        x        -         -         x
here form proposed      |    -       x       x        x        -         -         x
here pending            |    -       x       x        x        -         -         x
here approve            |    -       -       x        x        -         -         -
here ask                |    -       -       x        x        -         -         -
here form asked         |    -       -       x        x        -         -         -
here reject             |    -       -       x        x        -         -         -
here form rejected      |    -       -       x        x        -         -         -
here answer             |    -       -       -        -        -         -         x
here form replied       |    -       -       -        -        -         -         x
here take back          |    -       -       -        -        -         -         x
here look again         |    -       x       x        x        -         -         x
here impact             |    x       x       x        x        x         -         x
here undo               |    -       x       x        x        -         -         x
here undo button        |    -       x       x        x        -         -         x
here form undone        |    -       x       x        x        -         -         x
here history            |    x       x       x        x        x         x         x
here status             |    x       x       x        x        x         x         x
here export             |    -       -       -        x        -         -         -
here settings           |    -       -       -        x        -         -         -
everywhere correct      |    -       -       -        -        x         -         x
everywhere form proposed|    -       -       -        -        x         -         x
everywhere pending      |    -       -       -        -        x         -         x
everywhere approve      |    -       -       -        -        x         -         -
everywhere ask          |    -       -       -        -        x         -         x
everywhere form asked   |    -       -       -        -        x         -         x
everywhere reject       |    -       -       -        -        x         -         x
everywhere form rejected|    -       -       -        -        x         -         x
everywhere answer       |    -       -       -        -        -         -         x
everywhere form replied |    -       -       -        -        -         -         x
everywhere take back    |    -       -       -        -        -         -         x
everywhere look again   |    -       -       -        -        x         -         x
everywhere impact       |    x       x       x        x        x         x         x
everywhere undo         |    -       -       -        -        x         -         x
everywhere undo button  |    -       -       -        -        x         -         x
everywhere form undone  |    -       -       -        -        x         -         x
everywhere history      |    x       x       x        x        x         x         x
everywhere status       |    x       x       x        x        x         x         x
everywhere export       |    x       x       x        x        x         x         x
"""
READS = {"pending", "impact", "history", "status", "export", "correct"}  # and keep nothing
BUTTONS = {
    "approve": "Approve", "ask": "Ask for more…", "reject": "Reject…", "answer": "Answer…", "take back": "Take back",
    "look again": "Look again", "impact": "Answers that change", "undo button": "Undo 1…",
}  # fmt: skip
IN_STATE = {"answer": "asked", "form replied": "asked", "look again": "stale", "undo button": "applied"}


def rows() -> list[tuple[str, str, dict[str, bool]]]:
    found = []
    for line in TABLE.strip().splitlines()[1:]:
        step, _, may = line.partition("|")
        scope, _, what = step.strip().partition(" ")
        found.append((scope, what, dict(zip(PEOPLE, (one == "x" for one in may.split()), strict=True))))
    return found


class Town:
    """A server and another one, with everybody of the table, and a revision in each scope to be undone."""

    def __init__(self, offline: Channel) -> None:
        self.offline, self.ledger, server = offline, offline.client.ledger, Server(offline)
        self.server, self.proposals = server, server.proposals
        env, here = offline.env, offline.channel.guild
        other = env.create_guild("Another")
        self.channels = {"here": offline.channel, "elsewhere": other.create_text_channel("questions")}
        managing = other.create_role("Managers", permissions=MANAGER)
        user = env.create_user("elsewhere")
        self.in_their_own = other.add_member(user, roles=[managing])
        self.people = {name: server.people[name] for name in ("editor", "approver", "manager")}
        self.people |= {
            name: here.add_member(user if name == "elsewhere" else env.create_user(name), roles=roles)
            for name, roles in {
                "stranger": [],
                "maintainer": [],
                "elsewhere": [],
                "proposer": [server.editing],
            }.items()
        }
        self.ledger.maintainers = frozenset({self.people["maintainer"].id})

    async def set_up(self, scope: str) -> None:
        await self.server.set_up()
        if scope == EVERYWHERE:
            self.ledger.maintainers |= {self.people["proposer"].id}
        await self.approved(scope)

    async def approved(self, scope: str) -> None:
        """Revision 1 of the scope."""
        found = self.proposed(scope, "1.91")
        base = {CELL: value_in(beneath(self.ledger, scope), CELL)}
        assert self.proposals.approve(found.id, 1, self.people["manager"].id, base).state == "applied"
        await self.ledger.take_corrections()

    def proposed(self, scope: str, value: str) -> Proposal:
        with self.ledger.local.writing():  # else too many would wait, or be of one day
            self.proposals.db.execute("update proposal set made = '2020'")
            self.proposals.db.execute(
                "update proposal set state = 'withdrawn' where state in ('pending', 'asked', 'stale')"
            )
        change = Change(CELL, None, Value(Decimal(value), "e"), value_in(seen_in(self.ledger, scope).facts, CELL))
        return self.proposals.propose(
            scope, self.people["proposer"].id, "correct", (change,),
            address="https://budget.example/act", reason="revised budget act", facts="v",
        )  # fmt: skip

    def waiting(self, scope: str, what: str, value: str) -> Proposal:
        """A proposal in the state in which the step can be taken."""
        found = self.proposed(scope, value)
        state = IN_STATE.get(what, "pending")
        if state == "asked":
            return self.proposals.ask(found.id, 1, self.people["manager"].id, "Which page is it on?")
        if state == "stale":
            with self.ledger.local.writing():
                self.proposals.db.execute("update proposal set state = 'stale' where id = ?", [found.id])
        if state == "applied":
            number = self.proposals.db.execute("select min(id) from proposal where state = 'applied'").fetchone()[0]
            return self.proposals.get(number)
        return self.proposals.get(found.id)

    def kept(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: [tuple(row) for row in self.proposals.db.execute(f"select * from {table} order by rowid")]
            for table in KEPT
        }

    async def take(self, who: str, scope: str, what: str, found: Proposal) -> str:
        """Take a step; what was told."""
        if what.startswith("form "):
            return await self._sent(who, scope, what.removeprefix("form "), found)
        if what in BUTTONS:
            return await self._pressed(who, BUTTONS[what], found)
        asked: dict[str, tuple[str, dict[str, Any]]] = {
            "correct": ("data correct", dict(SLOVENIA)),
            "undo": ("data undo", {"revision": 1, "why": "it was a slip"}),
            "settings": ("settings corrections", {"people": 1}),
        }
        command, options = asked.get(what, (f"data {what}", {}))
        if scope == EVERYWHERE:
            options["everywhere"] = True
        person = self.people[who]
        if command not in person.available_commands(self.channels["here"]):
            return await self._forced(who)
        result = await person.slash(self.channels["here"], command, **options)
        return "\n".join(texts(result.response.components))

    async def _pressed(self, who: str, label: str, found: Proposal) -> str:
        channel = self.channels["elsewhere" if who == "elsewhere" else "here"]
        person = self.in_their_own if who == "elsewhere" else self.people[who]
        message = proposal_message(self.ledger.facts, found, words(markdown=True))
        await self.offline.client.get_partial_messageable(channel.id).send(view=message.view())
        result = await person.click(channel.history()[-1], label=label)
        if result.modal is not None:
            result = await person.submit_modal(result, {"reason": "it was a slip"})
        return "\n".join(texts(result.response.components))

    async def _sent(self, who: str, scope: str, kind: str, found: Proposal) -> str:
        """A form that somebody sends who never was shown it, or has lost the right since."""
        where = "e" if scope == EVERYWHERE else "s"
        payload = {"proposed": f"{where}|2026|share|SVN|2026|2.01|e", "undone": f"{where}|1|all"}.get(
            kind, f"{found.id}:{found.version}"
        )
        press: Callable[..., Awaitable[Any]] = self.offline.client.conversation.presses[kind].args[0]  # type: ignore[attr-defined]
        at_home = kind not in ("proposed", "undone")  # there these would speak of their own server
        try:
            await press(self.ledger, self._interaction(who, id_of(kind, payload), at_home=at_home), payload)
        except Problem as problem:
            return f"-# {problem.code}"
        return ""

    async def _forced(self, who: str) -> str:
        """`/settings` by somebody whom Discord does not show it to."""
        do = self.offline.client.conversation.does[Corrections]
        try:
            await do(self.ledger, self._interaction(who, "", at_home=False), Corrections(None, None, 1, None))
        except Problem as problem:
            return f"-# {problem.code}"
        return ""

    def _interaction(self, who: str, key: str, *, at_home: bool) -> Any:
        roles = {"editor": self.server.editing, "proposer": self.server.editing, "approver": self.server.approving}
        held = [roles[who].id] if who in roles else []
        elsewhere = who == "elsewhere" and at_home
        manages = who == "manager" or elsewhere
        texts_of = [
            {"custom_id": "reason", "value": "it was a slip"},
            {"custom_id": "address", "value": "https://a.example"},
        ]
        return SimpleNamespace(
            guild_id=self.in_their_own.guild.id if elsewhere else self.server.id,
            guild=None,
            guild_locale=None,
            locale=discord.Locale.british_english,
            application_id=self.offline.client.application_id,
            permissions=MANAGER if manages else discord.Permissions(),
            user=SimpleNamespace(id=self.people[who].id, _roles=discord.utils.SnowflakeList(held)),
            is_user_integration=lambda: False,
            is_guild_integration=lambda: True,
            data={"custom_id": key, "components": texts_of},
            client=self.offline.client,
        )


@pytest.mark.parametrize(("where", "what", "may"), rows(), ids=[f"{where} {what}" for where, what, _ in rows()])
async def test_who_may_do_what(offline: Channel, where: str, what: str, may: dict[str, bool]) -> None:
    town = Town(offline)
    scope = EVERYWHERE if where == EVERYWHERE else str(town.server.id)
    await town.set_up(scope)
    for n, who in enumerate(sorted(PEOPLE, key=lambda one: may[one])):  # the refused first: they leave all as it is
        found = town.waiting(scope, what, f"2.{n}1")
        before = town.kept()
        told = await town.take(who, scope, what, found)
        codes = {line.removeprefix("-# ") for line in told.splitlines()} & REFUSED
        assert bool(codes) != may[who], (who, told)
        if not may[who]:
            assert town.kept() == before, who
        elif what not in READS:
            assert town.kept() != before, who
    assert not offline.env.errors
