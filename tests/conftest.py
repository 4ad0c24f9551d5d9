"""What every test may use: the real store, and the bot in an offline Discord."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.discord.client import LedgerClient
from bot.features import FEATURES
from bot.ledger import Ledger
from bot.offline import SETTLED
from data.local import LocalStore
from data.store import load
from knowledge.facts import Facts


def few_or_many(few: int, many: int) -> int:
    """How many times a test tries: few in `make test`, many in `make soak`."""
    return many if os.environ.get("LEDGER_SOAK") else few


@pytest.fixture(scope="session")
def facts() -> Facts:
    return load()


@dataclass
class Channel:
    """One offline channel with the bot in it and a member to be."""

    env: Any
    client: LedgerClient
    channel: Any
    member: Any


@pytest.fixture
def client(facts: Facts) -> Iterator[LedgerClient]:
    local = LocalStore(None)
    yield LedgerClient(Ledger(facts, local), FEATURES)
    local.close()


@pytest.fixture
def simcord_bot(client: LedgerClient) -> LedgerClient:
    return client


@pytest.fixture
def offline(client: LedgerClient, simcord_env: Any) -> Channel:
    simcord_env.settle_timeout = SETTLED
    server = simcord_env.create_guild("School")
    channel = server.create_text_channel("questions")
    return Channel(simcord_env, client, channel, server.add_member(simcord_env.create_user("mia")))
