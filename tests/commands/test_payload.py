"""What Discord is sent: frozen names, every limit, contexts and installs."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from bot.discord.client import LedgerClient
from bot.discord.syncing import payload_hash, sync_if_changed
from commands import ALL, NAMES, OPTION_NAMES, SERVER_COMMANDS, WORKING
from data.local import LocalStore
from knowledge.asking.kinds import KINDS
from knowledge.asking.question import OPTIONS

# Written out by hand on purpose: a name that leaves this list takes servers' permissions with it.
FROZEN = [
    "target",
    "gap",
    "spending",
    "compare",
    "rank",
    "whatif",
    "revisions",
    "pledges",
    "rule",
    "summit",
    "define",
    "ask",
    "check",
    "sources",
    "help",
    "about",
    "privacy",
    "data",
    "settings",
    "report",
    "follow",
    "quiz",
    "class",
]


def test_names_are_frozen() -> None:
    assert list(NAMES) == FROZEN
    assert {command.name for command in ALL} <= set(FROZEN)
    of_servers = {option for parts in OF_SERVERS.values() for options in parts.values() for option in options}
    assert set(OPTIONS) | {"private"} | of_servers == set(OPTION_NAMES)


def test_every_command_is_a_question_that_works() -> None:
    groups = {group.name for group in SERVER_COMMANDS}
    assert [command.name for command in WORKING] == [kind for kind in KINDS if kind not in groups]


@pytest.mark.parametrize("command", WORKING, ids=lambda c: c.name)
def test_options_come_in_the_order_of_the_question(command: Any) -> None:
    assert [p.name for p in command.parameters] == [*KINDS[command.name].options, "private"]


@pytest.mark.parametrize("command", WORKING, ids=lambda c: c.name)
def test_limits(command: Any, client: LedgerClient) -> None:
    payload = command.to_dict(client.tree)
    assert 1 <= len(payload["name"]) <= 32
    assert payload["name"] == payload["name"].lower()
    assert 1 <= len(payload["description"]) <= 100
    assert len(payload["options"]) <= 25
    for option in payload["options"]:
        assert 1 <= len(option["description"]) <= 100
        assert option["name"] in OPTION_NAMES
    assert set(payload["contexts"]) == {0, 1, 2}
    assert set(payload["integration_types"]) == {0, 1}
    assert payload["default_member_permissions"] is None


OF_SERVERS: dict[str, dict[str, list[str]]] = {
    "follow": {
        "start": ["what", "channel", "role"],
        "stop": ["what", "channel"],
        "preview": ["what"],
        "list": [],
    },
    "data": {
        "correct": ["member", "year", "value", "measure", "edition", "everywhere"],
        "import": ["file", "edition", "everywhere"],
        "edition": ["file", "id", "published", "source", "title", "prices"],
        "pending": ["everywhere"],
        "history": ["everywhere"],
        "undo": ["revision", "why", "everywhere"],
        "status": ["everywhere"],
        "export": ["everywhere"],
        "add pledge": [
            "member",
            "kind",
            "summary",
            "announced",
            "title",
            "source",
            "publisher",
            "said_by",
            "share",
            "first",
            "last",
            "basis",
            "quote",
            "everywhere",
        ],
        "add meeting": [
            "name",
            "place",
            "start",
            "title",
            "source",
            "publisher",
            "said_by",
            "end",
            "kind",
            "decided",
            "proposed",
            "everywhere",
        ],
        "add definition": [
            "term",
            "text",
            "title",
            "source",
            "publisher",
            "said_by",
            "also",
            "quote",
            "everywhere",
        ],
        "add rule": ["file"],
    },
    "settings": {
        "show": [],
        "answers": ["language", "visibility", "edition", "rule", "country"],
        "channel": ["visibility", "channel"],
        "reset": ["what"],
        "corrections": ["editors", "approvers", "people", "channel"],
    },
    "privacy": {"show": [], "export": [], "delete": []},
}
HIDDEN = {"follow", "settings"}  # from those who may not manage the server; of /data the bot asks who may at each step
ANYWHERE = {"privacy"}  # in direct messages too, and by who installed the bot for themselves


def flat(parts: list[dict[str, Any]], of: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Sub-commands by name, those of a group among them with its name before theirs."""
    for part in parts:
        if part["type"] == 2:  # a group
            yield from flat(part["options"], f"{part['name']} ")
        else:
            yield of + part["name"], part


@pytest.mark.parametrize("group", SERVER_COMMANDS, ids=lambda group: group.name)
def test_commands_of_servers(client: LedgerClient, group: Any) -> None:
    payload: Any = group.to_dict(client.tree)
    assert payload["contexts"] == ([0, 1, 2] if group.name in ANYWHERE else [0])
    assert payload["integration_types"] == ([0, 1] if group.name in ANYWHERE else [0])
    assert payload["default_member_permissions"] == (0x20 if group.name in HIDDEN else None)
    found = dict(flat(payload["options"]))
    assert {name: [option["name"] for option in part["options"]] for name, part in found.items()} == OF_SERVERS[
        group.name
    ]
    for part in found.values():
        assert 1 <= len(part["description"]) <= 100
        assert all(1 <= len(option["description"]) <= 100 for option in part["options"])
        assert {option["name"] for option in part["options"]} <= set(OPTION_NAMES)
    assert group in client.tree.get_commands()


def test_a_slip_is_reported_by_everybody(client: LedgerClient) -> None:
    """Where nobody would hear of it, the command says where to go, so it is offered everywhere."""
    [command] = [one for one in ALL if one.name == "report"]
    payload: Any = command.to_dict(client.tree)
    assert set(payload["contexts"]) == {0, 1, 2}
    assert set(payload["integration_types"]) == {0, 1}
    assert payload["default_member_permissions"] is None
    assert [option["name"] for option in payload["options"]] == ["member", "year", "measure", "edition"]
    assert [option["required"] for option in payload["options"]] == [True, True, False, False]
    texts = [payload["description"], *(option["description"] for option in payload["options"])]
    assert all(1 <= len(text) <= 100 for text in texts)
    assert client.tree.get_command("report") is command


async def test_commands_are_sent_only_when_they_changed(client: LedgerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []

    async def sync() -> list[Any]:
        sent.append(payload_hash(client.tree))
        return []

    monkeypatch.setattr(client.tree, "sync", sync)
    ledger = client.ledger
    assert await sync_if_changed(client.tree, 1, ledger)
    assert await sync_if_changed(client.tree, 1, ledger)
    assert len(sent) == 1
    client.tree.remove_command("about")
    assert await sync_if_changed(client.tree, 1, ledger)
    assert len(sent) == 2
    assert sent[0] != sent[1]
    assert await sync_if_changed(client.tree, 2, ledger)  # another application has no commands yet
    assert len(sent) == 3


async def test_a_refused_list_of_commands_is_a_warning_and_sent_again(
    client: LedgerClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refused() -> list[Any]:
        raise aiohttp.ClientConnectionError

    async def taken() -> list[Any]:
        return []

    monkeypatch.setattr(client.tree, "sync", refused)
    assert not await sync_if_changed(client.tree, 1, client.ledger)
    assert "tried again later" in caplog.text
    monkeypatch.setattr(client.tree, "sync", taken)
    assert await sync_if_changed(client.tree, 1, client.ledger)


async def test_the_list_is_sent_until_it_is_taken(client: LedgerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    syncing = client.loops[-1]
    syncing.change_interval(seconds=0.01)
    sent = 0

    async def sync() -> list[Any]:
        nonlocal sent
        sent += 1
        if sent < 3:
            raise aiohttp.ClientConnectionError
        return []

    monkeypatch.setattr(client.tree, "sync", sync)
    await asyncio.wait({syncing.start()}, timeout=5)
    assert sent == 3
    assert not syncing.is_running()


@pytest.mark.parametrize("refuses", ["get", "put"])
async def test_a_list_that_cannot_be_remembered_is_sent_all_the_same(
    client: LedgerClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, refuses: str
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def taken() -> list[Any]:
        return []

    monkeypatch.setattr(LocalStore, refuses, full)
    monkeypatch.setattr(client.tree, "sync", taken)
    assert await sync_if_changed(client.tree, 1, client.ledger)
    assert "disk is full" in caplog.text
