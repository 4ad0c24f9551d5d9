"""Corrections as people meet them: proposed, decided, told, undone; and by whom not."""

from __future__ import annotations

import asyncio
import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.corrections import acts, outbox, settings
from bot.corrections.messages import apart_message, draft_message, reminder_message, undo_row
from bot.corrections.picture import Drawing
from bot.discord.ids import id_of
from bot.drawing.pictures import ChartFailed
from bot.drawing.words import words
from bot.ledger import Ledger
from commands.settings import Corrections
from data.copying import Backup
from data.local import LocalStore
from data.log import Log, digest_of_all
from data.proposals import MOST_OPEN_HERE, Apart, Proposal, Proposals
from data.servers import moderation_of
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.corrections import EVERYWHERE, Change, Value, value_in
from knowledge.facts import Facts
from knowledge.impact import Changed, Impact
from tests.bot.messages import check_limits, parts
from tests.commands.test_channel import labels, texts
from tests.conftest import Channel

MANAGER = discord.Permissions(manage_guild=True)
DAY = "2026-11-03T14:02:00+00:00"
SLOVENIA = {"member": "Slovenia", "year": "2026", "value": "2.01e"}


class Server:
    """A server with a manager, an editor, an approver, a member, and a channel where proposals wait."""

    def __init__(self, offline: Channel) -> None:
        self.offline, self.channel, guild = offline, offline.channel, offline.channel.guild
        self.editing, self.approving = guild.create_role("Editors"), guild.create_role("Approvers")
        managing = guild.create_role("Managers", permissions=MANAGER)
        self.people = {
            name: guild.add_member(offline.env.create_user(name), roles=roles)
            for name, roles in {
                "manager": [managing],
                "editor": [self.editing],
                "approver": [self.approving],
                "member": [],
            }.items()
        }
        self.waiting = guild.create_text_channel("pending")
        self.id = guild.id

    async def set_up(self, **more: Any) -> str:
        options = {"editors": self.editing, "approvers": self.approving, "channel": self.waiting, **more}
        return await self.told("manager", "settings corrections", **options)

    async def told(self, who: str, command: str, **options: Any) -> str:
        result = await self.people[who].slash(self.channel, command, **options)
        assert result.ephemeral, command
        return "\n".join(texts(result.response.components))

    async def proposed(self, who: str, reason: str = "revised budget act", address: str = "https://budget.example/act",
                       **options: Any) -> str:  # fmt: skip
        preview = await self.people[who].slash(self.channel, "data correct", **(SLOVENIA | options))
        assert labels(preview.response.components) == ["Propose…"], texts(preview.response.components)
        form = await self.people[who].click(preview.response, label="Propose…")
        kept = await self.people[who].submit_modal(form, {"reason": reason, "address": address})
        assert kept.ephemeral
        return "\n".join(texts(kept.response.components))

    async def press(self, who: str, label: str, text: str | None = None) -> str:
        """A button of the newest message in the channel where proposals wait."""
        message = self.posted()
        result = await self.people[who].click(message, label=label)
        if text is not None and result.modal is not None:
            result = await self.people[who].submit_modal(result, {"reason": text})
        return "\n".join(texts(result.response.components))

    def posted(self) -> Any:
        return self.waiting.history()[-1]

    def shown(self) -> list[dict[str, Any]]:
        return [component.to_dict() for component in self.posted().components]

    @property
    def proposals(self) -> Proposals:
        return Proposals(self.offline.client.ledger.local)

    def state(self, number: int = 1) -> str:
        return self.proposals.get(number).state


@pytest.fixture
def server(offline: Channel) -> Server:
    return Server(offline)


async def gap(offline: Channel) -> str:
    result = await offline.member.slash(offline.channel, "gap", member="Slovenia")
    return "\n".join(texts(result.response.components))


async def test_from_the_proposal_to_the_undo(offline: Channel, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await gap(offline)
    await server.set_up()
    told = await server.proposed("editor")
    assert "Kept as change 1, and posted in" in told
    assert "Share of GDP, Slovenia, 2026: 1.61% (estimate) → 2.01% (estimate) (2026 edition)" in told
    assert await gap(offline) == before
    assert labels(server.shown()) == [
        "Approve", "Ask for more…", "Reject…", "Take back", "Answers that change",
    ]  # fmt: skip
    assert "Change 1, approved, revision 1" in await server.press("approver", "Approve")
    assert labels(server.shown()) == ["Undo 1…"]  # nobody is led to press what is decided
    after = await gap(offline)
    assert "By a correction made here Slovenia spends 2.01% of GDP" in after
    assert "NATO printed 1.61%" in after
    assert "https://budget.example/act" in after.replace("\\", "")
    history = await server.told("member", "data history")
    assert "1.61% (estimate) → 2.01% (estimate)" in history
    status = await server.told("member", "data status")
    assert "Figures corrected here: 1" in status
    head = digest_of_all(Log(server.proposals.db).heads())[:16]
    assert f"Head of all logs** · 1 · {head}" in status
    assert "None yet" in status
    one = Backup(Path("local.db"), datetime(2026, 11, 24, 3, 15, tzinfo=UTC), head)
    monkeypatch.setattr("bot.corrections.acts.whole_of", lambda _: [one])
    assert f"24 November 2026, found whole, head {head}" in await server.told("member", "data status")
    assert "Kept as change 2" in await server.told("editor", "data undo", revision=1, why="it was a slip")
    await server.press("approver", "Approve")
    assert await gap(offline) == before
    assert "taken back by 2" in await server.told("member", "data history")
    assert not offline.env.errors


async def test_a_button_takes_a_revision_back(offline: Channel, server: Server) -> None:
    before = await gap(offline)
    await server.set_up()
    await server.proposed("editor")
    await server.press("approver", "Approve")
    looked = await server.people["member"].slash(server.channel, "data history")
    assert labels(looked.response.components) == []
    assert "Only those whom this server's managers named" in await server.press("member", "Undo 1…")
    looked = await server.people["editor"].slash(server.channel, "data history")
    form = await server.people["editor"].click(looked.response, label="Undo 1…")
    kept = await server.people["editor"].submit_modal(form, {"reason": "it was a slip"})
    assert "Kept as change 2" in "\n".join(texts(kept.response.components))
    assert "Takes revision 1 back" in "\n".join(texts(server.shown()))
    await server.press("approver", "Approve")
    assert await gap(offline) == before
    looked = await server.people["editor"].slash(server.channel, "data history")
    assert labels(looked.response.components) == ["Undo 2…"]
    assert not offline.env.errors


async def test_what_is_untouched_of_a_revision_is_taken_back_alone(offline: Channel, server: Server) -> None:
    await server.set_up()
    scope, editor, approver = str(server.id), server.people["editor"].id, server.people["approver"].id
    facts = offline.client.ledger.facts
    cells = [("2026", "share", code, 2026) for code in ("SVN", "ESP", "ITA")]
    base = {cell: value_in(facts, cell) for cell in cells}
    changes = tuple(Change(cell, None, Value(Decimal("2.22"), "e"), base[cell]) for cell in cells)
    found = server.proposals.propose(scope, editor, "import", changes, address="", reason="restated", facts="v")
    server.proposals.approve(found.id, 1, approver, base)
    await offline.client.ledger.take_corrections()
    await server.proposed("editor")
    await server.press("approver", "Approve")
    asked = await server.people["editor"].slash(server.channel, "data undo", revision=1, why="it was a slip")
    told = "\n".join(texts(asked.response.components))
    assert "Figures of revision 1 were changed again since, so it was not taken back." in told
    assert "Slovenia, 2026" in told
    assert "changed again by revision 2" in told
    assert "Spain" not in told
    assert server.proposals.pending(scope) == []
    assert labels(asked.response.components) == ["Undo what is untouched (2)"]
    form = await server.people["editor"].click(asked.response, label="Undo what is untouched (2)")
    await server.people["editor"].submit_modal(form, {"reason": "it was a slip"})
    assert "approved, revision 3" in await server.press("approver", "Approve")
    now = {cell: value_in(offline.client.ledger.of(server.id).facts, cell) for cell in cells}
    assert now == {**base, cells[0]: Value(Decimal("2.01"), "e")}
    late = await server.people["editor"].submit_modal(
        await server.people["editor"].click(asked.response, label="Undo what is untouched (2)"),
        {"reason": "once more"},
    )
    assert "Undo that first" in "\n".join(texts(late.response.components))
    assert not offline.env.errors


@pytest.mark.parametrize("many", [1, 6, 40])
def test_what_is_told_of_many_figures_fits(facts: Facts, many: int) -> None:
    cells = [("2026", "share", code, 2026) for code in facts.members][:many] * (1 + many // 32)
    changes = [Change(cell, None, Value(Decimal("2.22"), "e"), value_in(facts, cell)) for cell in cells]
    for language in ("en", "de"):
        drawn = words(language, markdown=True)
        check_limits(apart_message(facts, "1", 7, Apart(tuple(changes), tuple((one, 9) for one in changes)), drawn))
        waiting = [Proposal(n, "1", "pending", 1, "correct", (), "", "", "", "", "", "", None, "", DAY, DAY, None, None)
                   for n in range(MOST_OPEN_HERE)]  # fmt: skip
        check_limits(reminder_message(waiting, drawn))
    check_limits(undo_row("1", range(1, many + 1), words()))


async def test_a_proposer_who_is_no_maintainer_any_more_takes_two_others(offline: Channel, server: Server) -> None:
    ledger = offline.client.ledger

    def maintain(*names: str) -> None:
        ledger.maintainers = frozenset(server.people[name].id for name in names)

    async def approve(who: str) -> str:
        waiting = await server.people[who].slash(server.channel, "data pending", everywhere=True)
        done = await server.people[who].click(waiting.response, label="Approve")
        return "\n".join([*texts(waiting.response.components), "then", *texts(done.response.components)])

    maintain("editor", "member", "manager")
    await server.proposed("editor", everywhere=True)
    maintain("member", "manager")
    told = await approve("member")
    assert "is no maintainer any more, so two others have to approve it" in told
    assert "One other approved it; one more has to." in told
    assert "you approved this already" in (await approve("member")).casefold()
    assert ledger.stands(EVERYWHERE).cells == {}
    assert "approved, revision 1" in await approve("manager")
    assert len(ledger.stands(EVERYWHERE).cells) == 1


async def test_a_correction_is_seen_in_its_own_server_alone(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("editor")
    await server.press("approver", "Approve")
    other = offline.env.create_guild("Another")
    channel = other.create_text_channel("questions")
    somebody = other.add_member(offline.env.create_user("ida"))
    result = await somebody.slash(channel, "gap", member="Slovenia")
    assert "1.61%" in "\n".join(texts(result.response.components))
    alone = await offline.member.slash(offline.channel, "rank", measure="share", year="2026")
    assert "corrected here" in "\n".join(texts(alone.response.components))


async def test_nobody_approves_their_own_unless_one_is_enough(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("approver")
    assert "Another person has to approve this" in await server.press("approver", "Approve")
    assert server.state() == "pending"
    await server.set_up(people=1)
    assert "approved" in await server.press("approver", "Approve")
    assert "approved by nobody else" in await server.told("member", "data history")


async def test_a_right_that_was_lost_is_lost_at_the_next_press(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("editor")
    guild = offline.channel.guild
    await server.told("manager", "settings corrections", approvers=guild.create_role("Others"))
    assert "Only those whom" in await server.press("approver", "Approve")
    assert server.state() == "pending"


async def test_more_is_asked_and_answered(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("editor")
    await server.press("approver", "Ask for more…", "Which page is it on?")
    assert server.state() == "asked"
    assert "Which page is it on?" in "\n".join(texts(server.shown()))
    await server.press("editor", "Answer…", "Page four, table two")
    assert server.state() == "pending"
    await server.press("approver", "Reject…", "that page says 1.61")
    assert server.state() == "rejected"
    assert "that page says 1.61" in "\n".join(texts(server.shown()))


async def test_what_changed_meanwhile_is_looked_at_again(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("editor")
    await server.proposed("manager", value="1.99e")
    await server.press("approver", "Approve")  # the second
    first = await server.people["approver"].slash(server.channel, "data pending")
    await server.people["approver"].click(first.response, label="Approve")
    assert server.state(1) == "stale"
    again = await server.people["editor"].slash(server.channel, "data pending")
    done = await server.people["editor"].click(again.response, label="Look again")
    assert "1.99% (estimate) → 2.01% (estimate)" in "\n".join(texts(done.response.components))
    assert server.state(1) == "pending"


async def test_what_every_server_sees_takes_two_maintainers(offline: Channel, server: Server) -> None:
    ledger = offline.client.ledger
    refused = await server.told("manager", "data correct", **SLOVENIA, everywhere=True)
    assert "Only a maintainer of the bot" in refused
    ledger.maintainers = frozenset(server.people[name].id for name in ("editor", "member"))
    await server.proposed("editor", everywhere=True)
    waiting = await server.people["editor"].slash(server.channel, "data pending", everywhere=True)
    own = await server.people["editor"].click(waiting.response, label="Approve")
    assert "Another person has to approve this" in "\n".join(texts(own.response.components))
    assert "Only a maintainer of the bot" in await server.told("manager", "data pending", everywhere=True)
    waiting = await server.people["member"].slash(server.channel, "data pending", everywhere=True)
    ledger.maintainers = frozenset({server.people["editor"].id})
    lost = await server.people["member"].click(waiting.response, label="Approve")
    assert "Only a maintainer of the bot" in "\n".join(texts(lost.response.components))
    ledger.maintainers = frozenset(server.people[name].id for name in ("editor", "member"))
    await server.people["member"].click(waiting.response, label="Approve")
    other = offline.env.create_guild("Another")
    somebody = other.add_member(offline.env.create_user("ida"))
    result = await somebody.slash(other.create_text_channel("questions"), "gap", member="Slovenia")
    assert "2.01%" in "\n".join(texts(result.response.components))
    assert len(ledger.stands(EVERYWHERE).cells) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"value": "two"}, "“two” is no number"),
        ({"value": "269"}, "“269” is no share of GDP"),
        ({"value": "-1"}, "below zero"),
        ({"value": "1.61e"}, "It is 1.61% (estimate) already"),
        ({"year": "1999"}, "The 2026 edition prints this for 2014 to 2026, not for 1999"),
        ({"year": "next"}, "“next” is no year"),
        ({"member": "Atlantis"}, "Atlantis"),
        ({"member": "Nordic"}, "summed here from its Allies"),
        ({"edition": "1850"}, "1850"),
        ({"value": "@everyone"}, "is no number"),
        ({"value": "=1+1"}, "is no number"),
        ({"value": "NaN"}, "is no number"),
        ({"value": "1e9"}, "is no number"),
    ],
)
async def test_bad_input_is_a_sentence_and_keeps_nothing(
    offline: Channel, server: Server, typed: dict[str, str], told: str
) -> None:
    await server.set_up()
    said = await server.told("editor", "data correct", **(SLOVENIA | typed))
    assert told in said
    assert server.proposals.pending(str(server.id)) == []
    assert not offline.env.errors


async def test_what_is_no_address_is_refused(offline: Channel, server: Server) -> None:
    await server.set_up()
    told = await server.proposed("editor", address="https://me:secret@evil.example/")
    assert "is no web address" in told
    assert server.proposals.pending(str(server.id)) == []
    assert "Kept as change 1" in await server.proposed("editor", address="https://")


async def test_what_looks_odd_is_asked_again(offline: Channel, server: Server) -> None:
    await server.set_up()
    preview = await server.told("editor", "data correct", **(SLOVENIA | {"value": "16.1"}))
    for told in (
        "The years beside it are",
        "not marked",
        "By NATO's amounts in current prices, spending is 1.61% of GDP",
    ):
        assert told in preview


async def test_the_preview_says_which_answers_change(offline: Channel, server: Server) -> None:
    await server.set_up()
    preview = await server.told("editor", "data correct", **SLOVENIA)
    assert "/gap Slovenia: By a correction made here Slovenia spends 2.01%" in preview
    await server.proposed("editor")
    result = await server.people["approver"].click(server.posted(), label="Answers that change")
    (file,) = result.response.attachments
    rows = list(csv.reader(io.StringIO((await file.read()).decode("utf-8-sig"))))
    assert rows[0] == ["what", "before", "after"]
    assert any(row[0] == "/rank" for row in rows)
    assert not any("Germany" in row[0] for row in rows)
    assert all(row[1] != row[2] for row in rows)


async def test_the_log_as_a_file_holds_no_person_and_no_words(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("editor")
    await server.press("approver", "Approve")
    refused = await server.told("editor", "data export")
    assert "Only those who may manage this server" in refused
    result = await server.people["manager"].slash(server.channel, "data export")
    (file,) = result.response.attachments
    text = (await file.read()).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["figure"], row["before"], row["after"]) == ("figure|2026|share|SVN|2026", "1.61e", "2.01e")
    assert "revised budget act" not in text
    assert not any(str(person.id) in text for person in server.people.values())


async def test_a_channel_that_refuses_loses_nothing_and_holds_up_nobody(offline: Channel, server: Server) -> None:
    await server.set_up()
    offline.env.inject_error("POST", f"/channels/{server.waiting.id}/messages", status=403, code=50013)
    told = await server.proposed("editor")
    assert "Kept as change 1, but" in told
    assert "could not be told" in told
    assert "Change 1" in await server.told("approver", "data pending")
    with offline.client.ledger.local.writing():
        server.proposals.db.execute("update outbox set due = '2000'")
    await outbox.send_due(offline.client.ledger, offline.client)
    assert "Change 1" in "\n".join(texts(server.shown()))


@pytest.mark.parametrize("payload", ["", "1", "1:x", "x:1", "99:1", "1:1:1", "1" * 40, "٣:1"])
@pytest.mark.parametrize("kind", ["approve", "reject", "more", "reply", "withdraw", "renew", "impact"])
async def test_a_made_up_button_does_nothing(offline: Channel, server: Server, kind: str, payload: str) -> None:
    await server.set_up()
    interaction = _pressed(server, id_of(kind, payload))
    conversation = offline.client.conversation
    with pytest.raises(Exception, match=r"old-button|so-now"):
        await conversation.presses[kind].args[0](offline.client.ledger, interaction, payload)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("s|1|all", "no-such-revision"),
        ("s|1|5", "no-such-revision"),
        ("s|0|all", "no-such-revision"),
        ("e|1|all", "not-allowed"),
        ("x|1|all", "old-button"),
        ("s|one|all", "old-button"),
        ("s|1|-1", "old-button"),
        ("s|1", "old-button"),
        ("", "old-button"),
        ("s|99999999999|all", "old-button"),
        ("s|٣|all", "old-button"),
    ],
)
async def test_a_made_up_undo_keeps_nothing(offline: Channel, server: Server, payload: str, code: str) -> None:
    await server.set_up()
    with pytest.raises(Problem, match=code):
        await acts.undo_pressed(offline.client.ledger, _pressed(server, id_of("undone", payload)), payload)
    assert server.proposals.pending(str(server.id)) == []


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("s|2026|share|SVN|2026|269|e", "too-high"),
        ("s|2026|share|SVN|2026|-2|e", "negative"),
        ("s|2026|share|SVN|2026|NaN|", "old-button"),
        ("s|2026|share|SVN|2026|1E+999999|", "old-button"),
        ("s|2026|share|SVN|2026|2.01|x", "no-number"),
        ("s|2026|share|SVN|2026|2.01|*", "old-button"),
        ("s|2026|share|SVN|9999|2.01|e", "old-button"),
        ("s|2026|share|XXX|2026|2.01|e", "old-button"),
        ("s|1850|share|SVN|2026|2.01|e", "old-button"),
        ("s|2026|share|SVN|2026|2.01", "old-button"),
        ("e|2026|share|SVN|2026|2.01|e", "not-allowed"),
    ],
)
async def test_a_made_up_form_keeps_nothing(offline: Channel, server: Server, payload: str, code: str) -> None:
    await server.set_up()
    interaction = _pressed(server, id_of("proposed", payload))
    with pytest.raises(Problem, match=code):
        await acts.propose(offline.client.ledger, interaction, payload)
    assert server.proposals.pending(str(server.id)) == []


@pytest.mark.parametrize("reason", ["", "     ", " a \n ", "four"])
async def test_a_reason_is_more_than_blanks(offline: Channel, server: Server, reason: str) -> None:
    await server.set_up()
    payload = "s|2026|share|SVN|2026|2.01|e"
    with pytest.raises(Problem, match="no-words"):
        await acts.propose(offline.client.ledger, _pressed(server, id_of("proposed", payload), reason), payload)
    assert server.proposals.pending(str(server.id)) == []


async def test_two_who_set_at_once_both_have_what_they_set(offline: Channel, server: Server) -> None:
    ledger, interaction = offline.client.ledger, _pressed(server, "")
    role: Any = SimpleNamespace(id=7, managed=False)
    one, other = Corrections(None, None, 1, None), Corrections(role, None, None, None)
    await asyncio.gather(*(settings.change(ledger, interaction, wanted) for wanted in (one, other)))
    found = moderation_of(ledger.local, server.id)
    assert (found.alone, found.editors) == (True, 7)


def test_a_message_is_never_longer_than_discord_takes(facts: Facts) -> None:
    long = ["x" * 400] * 5
    changed = tuple(Changed(Question("gap", member="SVN"), "", one) for one in long)
    check_limits(draft_message(facts, long, (), Impact(9, changed), long, None, "t", words()))


def _pressed(server: Server, key: str, reason: str = "it was a slip") -> Any:
    return SimpleNamespace(
        guild_id=server.id,
        application_id=server.offline.client.application_id,
        permissions=MANAGER,
        user=SimpleNamespace(id=server.people["manager"].id),
        is_user_integration=lambda: False,
        is_guild_integration=lambda: True,
        guild_locale=discord.Locale.german,
        data={"custom_id": key, "components": [{"custom_id": "reason", "value": reason}]},
    )


def test_roles_come_with_the_interaction() -> None:
    """discord.py keeps the ids of a member's roles, though no server is cached; its public list would be empty."""
    state: Any = type(
        "State", (), {"member_cache_flags": discord.MemberCacheFlags.none(), "cache_guild_expressions": False}
    )()
    member = discord.Member.__new__(discord.Member)
    assert "_roles" in discord.Member.__slots__
    member._roles = discord.utils.SnowflakeList([5, 7])
    assert member._roles.has(7)
    assert not member._roles.has(6)
    assert state is not None


def test_exact_decimals_all_the_way(offline: Channel) -> None:
    assert Decimal("2.01") == Decimal("2.010")


async def _make_due(server: Server, column: str = "due") -> None:
    with server.offline.client.ledger.local.writing():
        server.proposals.db.execute(f"update outbox set {column} = '2000'")


async def test_what_waits_for_a_week_is_reminded_of_once(offline: Channel, server: Server) -> None:
    await server.set_up()
    for who, value in (("editor", "2.01e"), ("editor", "2.02e"), ("manager", "2.03e")):
        await server.proposed(who, value=value)
    await server.press("approver", "Reject…", "no source says so")  # the third
    ledger, posted = offline.client.ledger, len(server.waiting.history())
    await outbox.remind(ledger, offline.client)
    assert len(server.waiting.history()) == posted  # a week has not gone by
    await _make_due(server, "remind")
    offline.env.inject_error("POST", f"/channels/{server.waiting.id}/messages", status=403, code=50013)
    await outbox.remind(ledger, offline.client)
    await _make_due(server, "remind")  # a day later
    await outbox.remind(Ledger(ledger.published, ledger.local), offline.client)  # as after a restart
    told = "\n".join(texts(server.shown()))
    assert told.startswith("Still waiting for a decision: change 1 until ")
    assert " and change 2 until " in told
    assert "change 3" not in told
    await outbox.remind(ledger, offline.client)
    assert len(server.waiting.history()) == posted + 1
    dues = [row[0] for row in server.proposals.db.execute("select remind from outbox order by id")]
    assert dues[:2] == [None, None]


async def test_a_step_begins_the_week_anew(offline: Channel, server: Server) -> None:
    await server.set_up()
    await server.proposed("editor")
    await _make_due(server, "remind")
    await server.press("approver", "Ask for more…", "Which page is it on?")
    posted = len(server.waiting.history())
    await outbox.remind(offline.client.ledger, offline.client)
    assert len(server.waiting.history()) == posted


async def test_posts_are_in_the_language_of_the_server(
    offline: Channel, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Any = discord.Interaction._from_data
    monkeypatch.setattr(
        discord.Interaction,
        "_from_data",
        lambda self, data: plain(self, {**data, "locale": "en-GB", "guild_locale": "de"}),
    )
    await server.set_up()
    assert "Kept as change 1" in await server.proposed("editor")
    assert "2,01\N{NO-BREAK SPACE}%" in "\n".join(texts(server.shown()))
    await _make_due(server, "remind")
    await outbox.remind(offline.client.ledger, offline.client)
    assert [row[0] for row in server.proposals.db.execute("select language from outbox")] == ["de"]


async def test_a_network_that_broke_off_is_no_lost_permission(offline: Channel, server: Server) -> None:
    await server.set_up()
    offline.env.inject_error("POST", f"/channels/{server.waiting.id}/messages", status=500, code=0)
    told = await server.proposed("editor")
    assert "will be told soon" in told
    assert "may not write" not in told
    await _make_due(server)
    await outbox.send_due(offline.client.ledger, offline.client)
    assert "Change 1" in "\n".join(texts(server.shown()))


class Drawn:
    """Pictures that are drawn at once, late, or not at all."""

    warm = True

    def __init__(self, seconds: float = 0, fails: type[Exception] | None = None) -> None:
        self.seconds, self.fails, self.asked = seconds, fails, list[Any]()

    async def draw(self, description: Any, *, who: object) -> bytes:
        self.asked.append(description)
        await asyncio.sleep(self.seconds)
        if self.fails is not None:
            raise self.fails
        return b"PNG"

    async def close(self) -> None: ...


def _gallery(components: Any) -> list[str]:
    """What is said of the pictures of a message."""
    return [str(one["description"]) for part in parts(components, 12) for one in part["items"]]


async def test_the_picture_shows_before_and_after(offline: Channel, server: Server) -> None:
    pictures: Any = Drawn()
    offline.client.ledger.pictures = pictures
    await server.set_up()
    preview = await server.people["editor"].slash(server.channel, "data correct", **SLOVENIA)
    [told] = _gallery(preview.response.components)
    assert "Share of GDP, Slovenia: before and after" in told
    assert "1.61% in 2026e" in told
    assert "2.01% in 2026" in told
    assert [file.filename for file in preview.response.attachments] == ["change.png"]
    await server.proposed("editor")
    assert _gallery(server.shown())
    assert pictures.asked[0] == pictures.asked[-1]  # so the second time it is drawn already
    await server.press("approver", "Approve")
    assert (_gallery(server.shown()), server.posted().attachments) == ([], [])
    assert not offline.env.errors


@pytest.mark.parametrize(
    "pictures", [Drawn(60), Drawn(fails=ChartFailed), Drawn(fails=KeyError)], ids=["late", "failed", "ours"]
)
async def test_a_text_goes_out_without_a_picture_that_is_not_there(
    offline: Channel, server: Server, pictures: Any
) -> None:
    offline.client.ledger.pictures = pictures
    await server.set_up()
    assert "Kept as change 1, and posted in" in await server.proposed("editor")
    assert pictures.asked
    assert (_gallery(server.shown()), server.posted().attachments) == ([], [])
    assert labels(server.shown())[0] == "Approve"
    assert not offline.env.errors


async def test_a_picture_is_drawn_by_the_worker(facts: Facts) -> None:
    ledger = Ledger(facts, LocalStore(None))
    cells = [("2026", "share", code, 2026) for code in ("SVN", "ESP")]
    changes = tuple(Change(cell, None, Value(Decimal("2.22"), "e"), value_in(facts, cell)) for cell in cells)
    with suppress(ChartFailed):  # it draws nothing, but it starts the worker
        await ledger.pictures.draw({})
    drawing = Drawing(ledger, "1", changes, words(), "1")
    async with asyncio.timeout(60):
        while (picture := await drawing.in_time()) is None:
            pass
    assert picture.content.startswith(b"\x89PNG")
    assert picture.description is not None
    assert "First before, then after: Slovenia 1.61%, 2.22%. Spain 2.00%, 2.22%." in picture.description
    await ledger.close()


async def test_no_picture_is_begun_where_none_could_be_there_in_time(facts: Facts) -> None:
    ledger = Ledger(facts, LocalStore(None))
    assert await Drawing(ledger, "1", (), words(), "1").in_time() is None
    assert not ledger.pictures.warm
    await ledger.close()


async def test_what_was_typed_is_still_there_to_mend(offline: Channel, server: Server) -> None:
    await server.set_up()
    editor = server.people["editor"]
    refused = await editor.slash(server.channel, "data correct", **(SLOVENIA | {"value": "two"}))
    assert labels(refused.response.components) == ["Write it again…"]
    form = await editor.click(refused.response, label="Write it again…")
    assert shown_in(form) == {"value": "two"}
    again = await editor.submit_modal(form, {"value": "269"})
    assert "“269” is no share of GDP" in "\n".join(texts(again.response.components))
    form = await editor.click(again.response, label="Write it again…")
    assert shown_in(form) == {"value": "269"}
    preview = await editor.submit_modal(form, {"value": "2.01e"})
    form = await editor.click(preview.response, label="Propose…")
    refused = await editor.submit_modal(form, {"reason": "revised budget act", "address": "budget.example"})
    assert "is no web address" in "\n".join(texts(refused.response.components))
    assert server.proposals.pending(str(server.id)) == []
    form = await editor.click(refused.response, label="Write it again…")
    assert shown_in(form) == {"reason": "revised budget act", "address": "budget.example"}
    kept = await editor.submit_modal(form, {"reason": "revised budget act", "address": "https://budget.example"})
    assert "Kept as change 1" in "\n".join(texts(kept.response.components))
    assert not offline.env.errors


def shown_in(form: Any) -> dict[str, str]:
    """What stands in the fields of a form that opened."""
    fields = [label["component"] for label in form.modal["components"]]
    return {field["custom_id"]: field.get("value", "") for field in fields}
