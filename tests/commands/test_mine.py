"""`/privacy`: whoever asks sees, takes away and deletes what is theirs, and nothing of anybody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.corrections import outbox
from bot.ledger import Draft
from tests.commands.test_channel import texts
from tests.commands.test_data import SLOVENIA, Server
from tests.conftest import Channel


@pytest.fixture
async def server(offline: Channel) -> Server:
    """One in which an editor proposed a correction, was asked, answered, and was turned down by another."""
    found = Server(offline)
    await found.set_up()
    await found.proposed("editor")
    await found.press("approver", "Ask for more…", "Which page is it on?")
    await found.press("editor", "Answer…", "Page four, table two")
    await found.press("manager", "Reject…", "that page says 1.61")
    return found


async def taken_away(server: Server, who: str) -> dict[str, Any]:
    result = await server.people[who].slash(server.channel, "privacy export")
    assert result.ephemeral
    (file,) = result.response.attachments
    found: dict[str, Any] = json.loads(await file.read())
    assert (found["format"], found["person"]) == ("allied-ledger-privacy/1", str(server.people[who].id))
    return found


async def test_everybody_sees_how_much_of_theirs_is_kept(server: Server) -> None:
    for who, told in [
        ("editor", "Corrections you proposed: 1; decided on: 0"),
        ("approver", "Corrections you proposed: 0; decided on: 1"),
        ("manager", "Corrections you proposed: 0; decided on: 1"),
        ("member", "Stored about you** · Nothing"),
    ]:
        assert told in await server.told(who, "privacy show")
    assert not server.offline.env.errors


async def test_the_file_has_ones_own_words_and_no_others(server: Server) -> None:
    [own] = (await taken_away(server, "editor"))["scopes"]
    [one] = own["proposed"]
    assert (one["state"], one["reason"], one["answer"]) == ("rejected", "revised budget act", "Page four, table two")
    assert one["changes"][0]["key"] == "figure|2026|share|SVN|2026"
    assert (own["scope"], own["decided"], own["revisions"]) == (str(server.id), [], [])
    assert own["token"] == server.proposals.token(str(server.id), server.people["editor"].id)
    for who, words in [
        ("approver", {"question": "Which page is it on?", "remark": ""}),
        ("manager", {"question": "", "remark": "that page says 1.61"}),
    ]:
        [theirs] = (await taken_away(server, who))["scopes"]
        [one] = theirs["decided"]
        assert {name: one[name] for name in words} == words
        assert theirs["proposed"] == []
    assert (await taken_away(server, "member"))["scopes"] == []


async def test_the_file_has_everything_of_every_server(offline: Channel, server: Server) -> None:
    await server.set_up(people=1)
    await server.proposed("editor")
    await server.press("approver", "Approve")
    offline.client.ledger.maintainers = frozenset({server.people["editor"].id})
    await server.proposed("editor", everywhere=True)
    here, everywhere = (await taken_away(server, "editor"))["scopes"]
    assert here["revisions"] == [1]
    assert [one["revision"] for one in here["proposed"]] == [None, 1]
    assert (everywhere["scope"], len(everywhere["proposed"])) == ("everywhere", 1)


@pytest.mark.parametrize(
    ("who", "gone", "left"),
    [
        ("editor", {"revised budget act", "Page four, table two"}, {"Which page is it on?", "that page says 1.61"}),
        ("approver", {"Which page is it on?"}, {"revised budget act", "Page four, table two", "that page says 1.61"}),
        ("manager", {"that page says 1.61"}, {"revised budget act", "Page four, table two", "Which page is it on?"}),
        (
            "member",
            set(),
            {"revised budget act", "Page four, table two", "Which page is it on?", "that page says 1.61"},
        ),
    ],
)
async def test_who_asks_is_forgotten_and_nobody_else(server: Server, who: str, gone: set[str], left: set[str]) -> None:
    """Their words go in the channel too, where they were posted."""
    told = await server.told(who, "privacy delete")
    assert ("You are forgotten" in told) == bool(gone)
    kept = {row[0] for row in server.proposals.db.execute("select text from note")}
    assert kept - {""} == left
    assert server.proposals.token(str(server.id), server.people[who].id) is None
    await outbox.send_due(server.offline.client.ledger, server.offline.client)
    shown = "\n".join(texts(server.shown())).replace("\\", "")
    assert all(words not in shown for words in gone)
    assert all(words in shown for words in left)
    assert "· Nothing" in await server.told(who, "privacy show")
    assert not server.offline.env.errors


async def test_what_waits_is_taken_back(server: Server) -> None:
    await server.proposed("editor", value="1.99e")
    assert "You are forgotten" in await server.told("editor", "privacy delete")
    assert server.state(2) == "withdrawn"
    assert server.proposals.db.execute("select count(*) from actor").fetchone()[0] == 2  # the other two


async def test_a_draft_in_memory_goes_too(server: Server) -> None:
    drafts, member = server.offline.client.ledger.drafts, server.people["member"].id
    drafts["own"] = Draft(str(server.id), member, "import", (), "", "v")
    drafts["other"] = Draft(str(server.id), member + 1, "import", (), "", "v")
    assert "You are forgotten" in await server.told("member", "privacy delete")
    assert [*drafts] == ["other"]


async def test_a_text_that_another_takes_the_place_of_is_deleted(server: Server) -> None:
    await server.proposed("editor", value="1.99e")
    await server.press("approver", "Ask for more…", "Which page is it on?")
    await server.press("editor", "Answer…", "Page nine, I think")
    await server.press("manager", "Ask for more…", "Are you sure of it?")
    kept = {row[0] for row in server.proposals.db.execute("select text from note where id > 4")}
    assert kept == {"revised budget act", "Are you sure of it?"}


@pytest.mark.parametrize("command", ["show", "export", "delete"])
async def test_it_works_in_direct_messages(server: Server, command: str) -> None:
    editor = server.people["editor"]
    result = await editor.user.slash(f"privacy {command}")
    told = "\n".join(texts(result.response.components))
    assert {"show": "Corrections you proposed: 1", "export": "All that is", "delete": "You are forgotten"}[
        command
    ] in told
    assert (server.proposals.token(str(server.id), editor.id) is None) == (command == "delete")
    assert not server.offline.env.errors


async def test_deleting_leaves_the_log_whole(server: Server) -> None:
    await server.proposed("editor", **(SLOVENIA | {"value": "1.99e"}))
    await server.press("approver", "Approve")
    head = server.proposals.log.verify(str(server.id))
    for who in server.people:
        await server.told(who, "privacy delete")
    assert server.proposals.log.verify(str(server.id)) == head
    assert server.proposals.db.execute("select count(*) from actor").fetchone()[0] == 0
    assert {row[0] for row in server.proposals.db.execute("select text from note")} == {""}
