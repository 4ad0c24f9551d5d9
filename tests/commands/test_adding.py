"""Pledges, meetings, definitions and rules that somebody enters: shown first, decided by another, told with their source."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.test_channel import labels, texts
from tests.commands.test_data import Server
from tests.conftest import Channel

SOURCE = {"title": "Revised budget act", "source": "https://budget.example/act", "publisher": "Government of Slovenia"}
PLEDGE = {
    "member": "Slovenia", "kind": "law", "summary": "Parliament set 2.5% of GDP by 2029 by law.",
    "announced": "2026-11-03", "share": "2,5%", "last": 2029, **SOURCE,
}  # fmt: skip
MEETING = {
    "name": "Reykjavik meeting", "place": "Reykjavik, Iceland", "start": "2027-02-22", "end": "2027-02-23",
    "decided": "Nothing is decided before it is held.", **SOURCE,
}  # fmt: skip
DEFINITION = {"term": "Drone wall", "text": "A planned chain of sensors along the eastern border.", **SOURCE}
RULE = b"""[[rule]]
id = "class-goal"
name = "Goal of a class"
aliases = ["class goal"]
standing = "proposed"
kind = "share"
announced = "2026-11-03"
by = "a class"
summary = "Every Ally spends 4% of GDP."

[[rule.component]]
code = "core"
measure = "core defence expenditure"
op = "at least"
value = "4"
unit = "% of GDP"
by = 2040
verified = true

[[rule.source]]
key = "nato_hague"
"""
# What is added, and the question whose answer then tells it.
ADDED: dict[str, tuple[dict[str, Any], str, dict[str, Any], str]] = {
    "pledge": (PLEDGE, "pledges", {"member": "Slovenia"}, "Parliament set 2.5% of GDP by 2029 by law"),
    "meeting": (MEETING, "summit", {"summit": "Reykjavik"}, "Reykjavik meeting"),
    "definition": (DEFINITION, "define", {"term": "drone wall"}, "A planned chain of sensors"),
}


@pytest.fixture
def server(offline: Channel) -> Server:
    return Server(offline)


async def told(server: Server, who: str, command: str, **options: Any) -> str:
    result = await server.people[who].slash(server.channel, command, **options)
    return "\n".join(texts(result.response.components)).replace("\\", "")


async def proposed(server: Server, who: str, command: str, **options: Any) -> str:
    preview = await server.people[who].slash(server.channel, command, **options)
    assert preview.ephemeral
    assert labels(preview.response.components) == ["Propose…"], texts(preview.response.components)
    form = await server.people[who].click(preview.response, label="Propose…")
    kept = await server.people[who].submit_modal(form, {"reason": "it was passed", "address": SOURCE["source"]})
    return "\n".join(texts(kept.response.components))


@pytest.mark.parametrize("kind", ADDED)
async def test_it_is_told_once_somebody_else_approved_it(offline: Channel, server: Server, kind: str) -> None:
    options, command, asked, words = ADDED[kind]
    await server.set_up()
    before = await told(server, "member", command, **asked)
    assert words not in before
    assert "Kept as change 1, and posted in" in await proposed(server, "editor", f"data add {kind}", **options)
    assert await told(server, "member", command, **asked) == before
    await server.press("approver", "Approve")
    after = await told(server, "member", command, **asked)
    assert words in after
    other = offline.env.create_guild("Another")
    somebody = other.add_member(offline.env.create_user("ida"))
    elsewhere = await somebody.slash(other.create_text_channel("questions"), command, **asked)
    assert words not in "\n".join(texts(elsewhere.response.components)).replace("\\", "")
    history = await told(server, "member", "data history")
    assert "budget.example" in history
    await told(server, "editor", "data undo", revision=1, why="it was a slip")
    await server.press("approver", "Approve")
    assert words not in await told(server, "member", command, **asked)
    assert not offline.env.errors


@pytest.mark.parametrize(
    ("kind", "wrong", "why"),
    [
        ("pledge", {"member": "Atlantis"}, "No Ally is called"),
        ("pledge", {"member": "NATO"}, "A pledge is one Ally's"),
        ("pledge", {"share": "much"}, "'much' is not a plain decimal number"),
        ("pledge", {"announced": "soon"}, "not YYYY"),
        ("pledge", {"announced": "2026-02-31"}, "column announced"),
        ("pledge", {"source": "budget.example"}, "column address"),
        ("pledge", {"title": "[click](https://evil.example)"}, "column title"),
        ("meeting", {"start": "2027-13-01"}, "column start"),
        ("meeting", {"end": "June"}, "column end"),
        ("definition", {"source": "javascript:alert(1)"}, "column address"),
    ],
)
async def test_what_the_seed_tables_would_not_take(server: Server, kind: str, wrong: dict[str, str], why: str) -> None:
    await server.set_up()
    options = ADDED[kind][0] | wrong
    refused = await told(server, "editor", f"data add {kind}", **options)
    assert why in refused
    assert server.proposals.pending(str(server.id)) == []


async def test_who_may_not_propose_may_not_add(server: Server) -> None:
    await server.set_up()
    assert "Only those whom" in await told(server, "member", "data add pledge", **PLEDGE)
    assert "Only a maintainer" in await told(server, "manager", "data add pledge", **PLEDGE, everywhere=True)
    assert "Only a maintainer" in await told(server, "manager", "data add rule", file=("rule.toml", RULE))


async def test_a_rule_is_for_every_server(offline: Channel, server: Server) -> None:
    offline.client.ledger.maintainers = frozenset({server.people["manager"].id, server.people["member"].id})
    assert "Kept as change 1" in await proposed(server, "manager", "data add rule", file=("rule.toml", RULE))
    waiting = await server.people["member"].slash(server.channel, "data pending", everywhere=True)
    assert "Rule: Goal of a class" in "\n".join(texts(waiting.response.components))
    await server.people["member"].click(waiting.response, label="Approve")
    answer = await told(server, "member", "gap", member="Slovenia", rule="class goal")
    assert "4%" in answer
    assert "proposed" in answer.casefold()
    assert not offline.env.errors


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"rule = [", "Invalid value"),
        (b"", "one [[rule]]"),
        (b"\xff\xfe", "UTF-8"),
        (b"x" * 70_000, "at most 64 are read"),
        (RULE.replace(b"nato_hague", b"my_blog"), "'my_blog' is not known"),
        (RULE.replace(b'"proposed"', b'"wished"'), "column standing"),
        (RULE + b'colour = "red"\n', "column source.0.colour"),
    ],
)
async def test_what_is_no_rule(offline: Channel, server: Server, text: bytes, why: str) -> None:
    offline.client.ledger.maintainers = frozenset({server.people["manager"].id})
    assert why in await told(server, "manager", "data add rule", file=("rule.toml", text))
