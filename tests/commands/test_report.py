"""A reader says that a figure is wrong: who may, who hears of it, what is told and what is kept."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest

from bot.corrections import outbox
from bot.corrections.messages import slip_message
from bot.discord.ids import id_of
from bot.discord.message import Message
from bot.drawing.words import Words
from data.reports import MOST_HERE, Reports, Slip
from knowledge.corrections import Value
from knowledge.facts import Cell, Facts
from tests.commands.test_channel import labels, texts
from tests.commands.test_data import Server
from tests.conftest import Channel

SLOVENIA = {"member": "Slovenia", "year": "2026"}
SVN: Cell = ("2026", "share", "SVN", 2026)
WRONG, BETTER = "the budget act says 2.01", "budget.example/act, page 4"
THERE = "Reported: the moderators have it in their channel."


class Readers(Server):
    """A server whose members report."""

    def __init__(self, offline: Channel) -> None:
        super().__init__(offline)
        self.other = self.person("another")

    def person(self, name: str, *roles: Any) -> Any:
        guild = self.offline.channel.guild
        self.people[name] = guild.add_member(self.offline.env.create_user(name), roles=list(roles))
        return self.people[name]

    async def asks(self, who: str, **options: Any) -> Any:
        return await self.people[who].slash(self.channel, "report", **(SLOVENIA | options))

    async def refused(self, who: str, **options: Any) -> str:
        result = await self.asks(who, **options)
        assert result.modal is None
        assert result.ephemeral
        return "\n".join(texts(result.response.components))

    async def reported(self, who: str, wrong: str = WRONG, better: str = BETTER, **options: Any) -> str:
        return await self.sent(who, await self.asks(who, **options), wrong, better)

    async def sent(self, who: str, form: Any, wrong: str = WRONG, better: str = BETTER) -> str:
        kept = await self.people[who].submit_modal(form, {"wrong": wrong, "better": better})
        assert kept.ephemeral
        return "\n".join(texts(kept.response.components))

    async def pressed(self, who: str, label: str, **typed: str) -> Any:
        result = await self.people[who].click(self.posted(), label=label)
        return result if result.modal is None else await self.people[who].submit_modal(result, typed)

    @property
    def reports(self) -> Reports:
        return Reports(self.offline.client.ledger.local)

    def text(self) -> str:
        return "\n".join(texts(self.shown()))

    def slips(self) -> list[Slip]:
        return self.reports.pending(str(self.id))

    def set_due(self) -> None:
        with self.offline.client.ledger.local.writing():
            self.reports.db.execute("update outbox set due = '2000'")


@pytest.fixture
def readers(offline: Channel) -> Readers:
    return Readers(offline)


async def test_from_the_report_to_the_correction(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    form = await readers.asks("member")
    assert form.modal["title"] == "Report a slip…"
    hint = form.modal["components"][0]["description"]
    assert hint == "Share of GDP, Slovenia, 2026: 1.61% (estimate) (2026 edition)"
    told = await readers.sent("member", form)
    assert THERE in told
    assert labels(readers.shown()) == ["Correct…", "Close…", "Take no more from…"]
    for shown in (
        "Report 1, waits for a decision",
        "1.61% (estimate)",
        "reported it: 1",
        WRONG,
        "Better in:",
        "page 4",
    ):
        assert shown in readers.text()
    preview = await readers.pressed("editor", "Correct…", value="2.01e")
    assert "This is what would change" in "\n".join(texts(preview.response.components))
    why = await readers.people["editor"].click(preview.response, label="Propose…")
    await readers.people["editor"].submit_modal(why, {"reason": "revised budget act", "address": "https://a.example"})
    assert readers.slips()[0].open  # nothing is decided yet
    await readers.people["approver"].click(readers.posted(), label="Approve")
    assert readers.slips() == []
    report = readers.waiting.history()[-2]
    decided = [component.to_dict() for component in report.components]
    assert labels(decided) == []
    said = "\n".join(texts(decided))
    assert "Report 1, corrected" in said
    assert "2.01% (estimate), corrected here; NATO printed 1.61%" in said
    assert "It was 1.61% (estimate) when it was reported." in said
    assert not offline.env.errors


async def test_what_is_corrected_already_is_said(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.proposed("editor")
    await readers.press("approver", "Approve")
    form = await readers.asks("member")
    assert "2.01% (estimate), corrected here; NATO printed 1.61%" in form.modal["components"][0]["description"]
    assert "corrected here; NATO printed" in await readers.sent("member", form)
    assert "corrected here; NATO printed" in readers.text()


async def test_reports_of_one_cell_are_one_message(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    assert THERE in await readers.reported("another", "it says two point nought one", "")
    assert len(readers.waiting.history()) == 1
    assert "reported it: 2" in readers.text()
    assert "two point nought one" in readers.text()
    await readers.reported("editor", year="2025")
    assert len(readers.waiting.history()) == 2
    assert [len(one.reports) for one in readers.slips()] == [2, 1]


async def test_where_nobody_would_hear_it_says_what_to_do(offline: Channel, readers: Readers) -> None:
    assert "This server takes no reports yet" in await readers.refused("member")
    result = await offline.env.create_user("ida").slash("report", **SLOVENIA)
    assert "a server that has added this bot" in "\n".join(texts(result.response.components))
    assert readers.slips() == []


async def test_where_the_bot_is_only_with_the_user_it_says_what_to_do(
    offline: Channel, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await readers.set_up()
    monkeypatch.setattr(discord.Interaction, "is_user_integration", lambda _: True)
    monkeypatch.setattr(discord.Interaction, "is_guild_integration", lambda _: False)
    assert "a server that has added this bot" in await readers.refused("member")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"member": "Atlantis"}, "Atlantis"),
        ({"member": "Nordic"}, "summed here from its Allies"),
        ({"year": "1999"}, "The 2026 edition prints this for 2014 to 2026, not for 1999"),
        ({"year": "@everyone"}, "is no year"),
        ({"edition": "1850"}, "1850"),
    ],
)
async def test_bad_input_is_a_sentence(offline: Channel, readers: Readers, options: dict[str, str], told: str) -> None:
    await readers.set_up()
    assert told in await readers.refused("member", **options)
    assert readers.slips() == []
    assert not offline.env.errors


async def test_words_of_a_report_are_words(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    assert "Say in a few words" in await readers.reported("member", "          ")
    assert readers.slips() == []
    await readers.reported("member", "@everyone [look](https://evil.example) **now**" + "*" * 200, "*" * 150)
    await readers.reported("another", "*" * 250, "@" * 150)
    await readers.reported("editor", "*" * 250, "@" * 150)
    assert "@everyone" not in readers.text()
    assert "](https" not in readers.text()
    assert len(readers.text()) <= 4000
    assert not offline.env.errors


# -- limits ------------------------------------------------------------------------------------------


async def test_nobody_reports_a_figure_twice(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    form = await readers.asks("member")
    await readers.reported("member")
    assert "You have reported this figure already" in await readers.refused("member")
    assert "You have reported this figure already" in await readers.sent("member", form)  # opened before
    assert len(readers.slips()[0].reports) == 1


async def test_three_a_person_a_day(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    for year in ("2026", "2025", "2024"):
        await readers.reported("member", year=year)
    assert "You have reported three figures" in await readers.refused("member", year="2023")
    assert THERE in await readers.reported("another", year="2023")


async def test_twenty_a_server_a_day(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    for n in range(MOST_HERE):
        readers.reports.report(str(readers.id), 900 + n, SVN, Value(None), WRONG, "", readers.waiting.id, "en")
    assert "twenty reports within a day" in await readers.refused("member")


async def test_who_is_muted_reports_nothing(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    for who in ("approver", "editor", "member"):
        told = await readers.pressed(who, "Take no more from…")
        assert "Only those who may manage this server" in "\n".join(texts(told.response.components))
    shown = await readers.pressed("manager", "Take no more from…")
    value = str(readers.slips()[0].reports[0].id)
    muted = await readers.people["manager"].select(shown.response, [value])
    assert "nothing is taken until" in "\n".join(texts(muted.response.components))
    told = await readers.refused("member", year="2025")
    assert "take no reports from you until" in told
    assert THERE in await readers.reported("another", year="2025")
    again = await readers.people["manager"].select(muted.response, [value])
    assert "nothing is taken until" not in "\n".join(texts(again.response.components))
    assert THERE in await readers.reported("member", year="2024")


# -- deciding ----------------------------------------------------------------------------------------

MAY = {"Correct…": {"manager", "approver", "editor"}, "Close…": {"manager", "approver"}}


@pytest.mark.parametrize("who", ["manager", "approver", "editor", "member"])
@pytest.mark.parametrize("label", MAY)
async def test_who_may_press_what(offline: Channel, readers: Readers, who: str, label: str) -> None:
    await readers.set_up()
    await readers.reported("another")
    result = await readers.people[who].click(readers.posted(), label=label)
    assert (result.modal is not None) == (who in MAY[label])
    assert readers.slips()[0].version == 1
    assert not offline.env.errors


async def test_a_report_is_closed_with_a_reason(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    form = await readers.people["manager"].click(readers.posted(), label="Close…")
    await readers.pressed("approver", "Close…", reason="that page says 1.61")
    assert readers.slips() == []
    assert "Report 1, closed" in readers.text()
    assert "that page says 1" in readers.text()
    assert labels(readers.shown()) == []
    late = await readers.people["manager"].submit_modal(form, {"reason": "no source says so"})
    assert "This changed since the message was made" in "\n".join(texts(late.response.components))
    assert readers.reports.get(1).remark == "that page says 1.61"
    assert THERE in await readers.reported("member")  # it may be reported anew
    assert len(readers.waiting.history()) == 2


async def test_pending_lists_reports_after_proposals(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member", year="2025")
    await readers.proposed("editor")
    result = await readers.people["approver"].slash(readers.channel, "data pending")
    first = "\n".join(texts(result.response.components))
    rest = [message.components for message in result.followups]
    assert "Change 1" in first
    assert ["Report 1, waits for a decision" in "\n".join(texts(one)) for one in rest] == [True]
    assert "Only those whom" in await readers.told("member", "data pending")


# -- the channel -------------------------------------------------------------------------------------


async def test_a_channel_that_refuses_is_said_and_told_later(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    offline.env.inject_error("POST", f"/channels/{readers.waiting.id}/messages", status=403, code=50013)
    told = await readers.reported("member")
    assert "were not told: the bot may not write in their channel" in told
    assert readers.waiting.history() == []
    assert len(readers.slips()) == 1
    readers.set_due()
    await outbox.send_due(offline.client.ledger, offline.client)
    assert "Report 1" in readers.text()


async def test_one_that_cannot_be_drawn_keeps_no_other_back(
    offline: Channel, readers: Readers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await readers.set_up()
    for cell in (SVN, (*SVN[:3], 2025)):
        readers.reports.report(str(readers.id), 900, cell, Value(None), WRONG, "", readers.waiting.id, "en")
    drawn = slip_message

    def fails(facts: Facts, found: Slip, words: Words) -> Message:
        if found.cell == SVN:
            raise ZeroDivisionError
        return drawn(facts, found, words)

    ledger, client = offline.client.ledger, offline.client
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "slip_message", fails)
        await outbox.send_due(ledger, client)
        assert "Report 2" in readers.text()
        await outbox.send_due(ledger, client)  # and not once more within a day
        assert [record.exc_info is not None for record in caplog.records if "could not be made" in record.message] == [
            True
        ]
    readers.set_due()
    await outbox.send_due(ledger, client)
    assert len(readers.waiting.history()) == 2


async def test_what_was_kept_before_a_kill_is_told_after_it(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    readers.reports.report(str(readers.id), 900, SVN, Value(None), WRONG, "", readers.waiting.id, "en")
    await outbox.send_due(offline.client.ledger, offline.client)
    await outbox.send_due(offline.client.ledger, offline.client)
    assert len(readers.waiting.history()) == 1
    assert WRONG in readers.text()


async def test_two_who_report_at_once_are_one_message(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    for person in (900, 901):
        found = readers.reports.report(str(readers.id), person, SVN, Value(None), WRONG, "", readers.waiting.id, "en")
    ledger, client = offline.client.ledger, offline.client
    sent = await asyncio.gather(*(outbox.send(ledger, client, found) for _ in range(4)))
    assert set(sent) == {outbox.Sent.THERE}
    assert len(readers.waiting.history()) == 1
    assert "reported it: 2" in readers.text()


@pytest.mark.parametrize("what", ["report", "proposal"])
async def test_a_network_that_breaks_off_is_no_refusal(
    offline: Channel, readers: Readers, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    await readers.set_up()

    async def broken(*_: object, **__: object) -> None:
        raise aiohttp.ClientConnectionError

    with monkeypatch.context() as off:
        off.setattr(discord.PartialMessageable, "send", broken)
        told = await readers.reported("member") if what == "report" else await readers.proposed("editor")
    assert ("Discord was not reached" if what == "report" else "will be told soon") in told
    assert "may not write" not in told
    readers.set_due()
    await outbox.send_due(offline.client.ledger, offline.client)
    assert len(readers.waiting.history()) == 1


async def test_a_message_that_somebody_deleted_comes_anew(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    await readers.posted().delete()
    assert THERE in await readers.reported("another")
    assert "reported it: 2" in readers.text()
    assert len(readers.waiting.history()) == 1


async def test_another_channel_has_what_is_reported_from_then_on(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    readers.waiting = offline.channel.guild.create_text_channel("figures")
    await readers.set_up()
    assert THERE in await readers.reported("another")
    assert "reported it: 2" in readers.text()


async def test_who_is_forgotten_leaves_no_words(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    assert "You are forgotten" in await readers.told("member", "privacy delete")
    await outbox.send_due(offline.client.ledger, offline.client)
    assert "budget act" not in readers.text()
    assert "page 4" not in readers.text()
    notes = readers.reports.db.execute("select text from note").fetchall()
    assert {row["text"] for row in notes} == {""}


async def test_who_reported_sees_and_takes_away_what_they_wrote(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    await readers.reported("another", "it says two point nought one")
    await readers.pressed("manager", "Close…", reason="that page says 1.61")
    assert "figures you reported: 1" in await readers.told("member", "privacy show")
    assert "decided on: 1; figures you reported: 0" in await readers.told("manager", "privacy show")
    for who, own, others in [("member", WRONG, "nought"), ("manager", "that page says 1.61", WRONG)]:
        result = await readers.people[who].slash(readers.channel, "privacy export")
        (file,) = result.response.attachments
        text = (await file.read()).decode()
        assert own in text
        assert others not in text
        assert "figure|2026|share|SVN|2026" in text


# -- the button under the sources --------------------------------------------------------------------


async def test_the_button_brings_the_figures_along(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    member = readers.people["member"]
    answer = await member.slash(readers.channel, "gap", member="Slovenia")
    sources = await member.click(answer.response, label="Sources")
    assert labels(sources.response.components)[-1] == "Report a slip…"
    listed = await member.click(sources.response, label="Report a slip…")
    form = await member.select(listed.response, ["2026|share|SVN|2026"])
    assert THERE in await readers.sent("member", form)
    assert readers.slips()[0].cell == SVN


async def test_one_figure_needs_no_choice(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    member = readers.people["member"]
    answer = await member.slash(readers.channel, "spending", member="Slovenia", measure="share", year="2020")
    sources = await member.click(answer.response, label="Sources")
    form = await member.click(sources.response, label="Report a slip…")
    assert form.modal is not None, texts(form.response.components)
    assert "Slovenia, 2020" in form.modal["components"][0]["description"]


async def test_an_answer_without_figures_has_no_button(offline: Channel) -> None:
    answer = await offline.member.slash(offline.channel, "summit", summit="The Hague")
    sources = await offline.member.click(answer.response, label="Sources")
    assert "Report a slip…" not in labels(sources.response.components)


# -- what is made up ---------------------------------------------------------------------------------

MADE_UP = [
    ("slip", "", None),
    ("slip", "nosuch|1", None),
    ("slip", "gap|Atlantis", None),
    ("slip", "help", None),
    ("cell", "", None),
    ("cell", "", "2026|share|SVN|9999"),
    ("cell", "", "2026|share"),
    ("cell", "", "1850|share|SVN|2026"),
    ("reported", "2026|share|SVN|٢٠٢٦٠", None),
    ("reported", "2026|share|XXX|2026", None),
    *((kind, payload, None) for kind in ("mend", "mended", "close", "closed", "whom")
      for payload in ("", "1", "x:1", "99:1", "1:9", "1:1:1", "9" * 40)),
    ("mute", "1", None),
    ("mute", "1", "9" * 30),
    ("mute", "1", "99"),
    ("mute", "1", "x"),
]  # fmt: skip


async def test_what_is_made_up_does_nothing(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    before = list(readers.reports.db.iterdump())
    conversation = offline.client.conversation
    for kind, payload, picked in MADE_UP:
        interaction = _pressing(readers, id_of(kind, payload), picked)
        with pytest.raises(Exception, match=r"old-button|so-now|unknown-member|bad-value"):
            await conversation.presses[kind].args[0](offline.client.ledger, interaction, payload)  # type: ignore[attr-defined]
    assert list(readers.reports.db.iterdump()) == before


async def test_a_button_of_another_server_does_nothing(offline: Channel, readers: Readers) -> None:
    await readers.set_up()
    await readers.reported("member")
    other = offline.env.create_guild("Another")
    for kind in ("mend", "mended", "close", "closed", "whom"):
        interaction = _pressing(readers, id_of(kind, "1:1"), None, server=other.id)
        with pytest.raises(Exception, match="other-server"):
            await offline.client.conversation.presses[kind].args[0](offline.client.ledger, interaction, "1:1")  # type: ignore[attr-defined]
    interaction = _pressing(readers, id_of("mute", "1"), "1", server=other.id)
    with pytest.raises(Exception, match="so-now"):
        await offline.client.conversation.presses["mute"].args[0](offline.client.ledger, interaction, "1")  # type: ignore[attr-defined]


def _pressing(readers: Readers, key: str, picked: str | None, server: int | None = None) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(
        guild_id=server or readers.id,
        application_id=readers.offline.client.application_id,
        permissions=discord.Permissions(manage_guild=True),
        user=SimpleNamespace(id=readers.people["manager"].id),
        locale=discord.Locale.american_english,
        is_user_integration=lambda: False,
        is_guild_integration=lambda: True,
        data={"custom_id": key, "values": [picked] if picked is not None else []},
    )
