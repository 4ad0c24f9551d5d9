"""Commands, autocomplete, buttons and errors as a member meets them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.discord.client import LedgerClient
from bot.features import FEATURES
from bot.ledger import Ledger
from bot.offline import offline_channel
from data.local import Fault, LocalStore
from knowledge.asking.question import Question
from knowledge.facts import Facts
from tests.conftest import Channel


def texts(component: Any) -> list[str]:
    """All text of a message's components, in order."""
    if isinstance(component, list):
        return [text for part in component for text in texts(part)]
    own = [component["content"]] if "content" in component else []
    return own + texts(component.get("components", []))


def labels(component: Any) -> list[str]:
    if isinstance(component, list):
        return [label for part in component for label in labels(part)]
    own = [component["label"]] if "label" in component else []
    return own + labels(component.get("components", []))


async def ask(offline: Channel, name: str, **options: Any) -> tuple[str, Any]:
    result = await offline.member.slash(offline.channel, name, **options)
    assert result.acknowledged
    assert not result.deferred
    return "\n".join(texts(result.response.components)), result


async def test_gap_germany_in_one_public_response(offline: Channel) -> None:
    text, result = await ask(offline, "gap", member="germany")
    assert "2.69%" in text
    assert "0.81 points short of the 3.5%" in text
    assert "US$\xa044.0\xa0bn (€\xa037.3\xa0bn)" in text
    assert "2026 edition, published 10 July 2026 · estimate" in text
    assert not result.ephemeral
    assert labels(result.response.components) == ["Workings", "Sources", "Chart", "Table", "CSV"]
    assert not offline.env.errors


async def test_private_is_seen_by_the_asker_alone(offline: Channel) -> None:
    _, result = await ask(offline, "gap", member="DEU", private=True)
    assert result.ephemeral


@pytest.mark.parametrize("name", ["help", "about", "sources", "rule", "summit"])
async def test_pages_answer(offline: Channel, name: str) -> None:
    text, result = await ask(offline, name, **({name: "all"} if name in ("rule", "summit") else {}))
    assert text.startswith("### ")
    assert result.ephemeral == (name in ("help", "about"))


async def test_workings_and_sources_are_private_and_agree_with_the_answer(offline: Channel) -> None:
    _, result = await ask(offline, "gap", member="spain")
    workings = await offline.member.click(result.response, label="Workings")
    shown = "\n".join(texts(workings.response.components))
    assert workings.ephemeral
    assert "3.5% − 2% = 1.5 points" in shown
    assert "2.1% − 2% = 0.1 points" in shown
    sources = await offline.member.click(result.response, label="Sources")
    assert "table 3: Spain 2026" in "\n".join(texts(sources.response.components))


async def test_buttons_survive_a_restart(offline: Channel, facts: Facts) -> None:
    _, result = await ask(offline, "gap", member="poland")
    await offline.env.restart_bot(LedgerClient(Ledger(facts, LocalStore(None)), FEATURES))
    again = await offline.member.click(result.response, label="Workings")
    assert "4.68% − 3.5% = 1.18 points" in "\n".join(texts(again.response.components))


async def test_near_matches_are_buttons_that_ask_again(offline: Channel) -> None:
    text, result = await ask(offline, "gap", member="Slov", edition="2024")
    assert "Did you mean Slovakia or Slovenia?" in text
    assert result.ephemeral
    again = await offline.member.click(result.response, label="/gap Slovakia edition:2024")
    assert "Slovakia is expected to spend" in "\n".join(texts(again.response.components))
    assert "2024 edition" in "\n".join(texts(again.response.components))
    assert not again.ephemeral


@pytest.mark.parametrize(
    ("option", "typed", "expected"),
    [
        ("member", "", "Albania"),
        ("member", "tur", "Türkiye"),
        ("member", "🇵🇱", "Poland"),
        ("member", "polnad", "Poland"),
        ("year", "203", "2032"),
        ("rule", "rut", "Rutte plan for 2032 · proposed, 2025"),
        ("edition", "2024", "2024 edition"),
    ],
)
async def test_autocomplete(offline: Channel, option: str, typed: str, expected: str) -> None:
    choices = await offline.member.autocomplete(offline.channel, "target", option, typed, member="POL")
    assert 1 <= len(choices) <= 25
    assert any(expected in choice["name"] for choice in choices)
    assert all(len(choice["name"]) <= 100 and len(choice["value"]) <= 100 for choice in choices)


@pytest.mark.parametrize("typed", ["x" * 6000, "' or 1=1; drop table figure;--", "\u202eمرحبا", "💥" * 40, "**_`|~"])
async def test_autocomplete_takes_any_noise(offline: Channel, typed: str) -> None:
    for option in ("member", "year", "rule", "edition"):
        assert len(await offline.member.autocomplete(offline.channel, "gap", option, typed, member="x")) <= 25
    assert not offline.env.errors


@pytest.mark.parametrize(
    "typed",
    [
        "<@1234> @everyone",
        "x" * 6000,
        "مرحبا \u202e",
        "💥",
        "'; drop table figure;--",
        "[a](https://a.example)",
        " ",
        "0",
    ],
)
async def test_bad_input_is_one_private_sentence_that_pings_nobody(offline: Channel, typed: str) -> None:
    text, result = await ask(offline, "gap", member=typed)
    assert result.ephemeral
    assert "<@" not in text
    assert "@everyone" not in text
    assert "](http" not in text
    assert "Traceback" not in text
    assert len(text) < 400


@pytest.mark.simcord(check_errors=False)
async def test_a_fault_of_ours_is_a_sentence_and_a_code(
    offline: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(offline.client.ledger.now, "ask", broken)
    text, result = await ask(offline, "gap", member="my secret words")
    assert result.ephemeral
    assert "our fault" in text
    code = text.rsplit(" ", 1)[1]
    assert code in caplog.text
    assert "secret detail" not in text
    assert "my secret words" not in caplog.text


@pytest.mark.simcord(check_errors=False)
async def test_a_fault_in_reading_an_option_names_its_line(offline: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[Fault] = []
    monkeypatch.setattr(LocalStore, "note_fault", lambda _, fault: noted.append(fault))
    monkeypatch.setattr("commands.options.cleaned", lambda text: 1 / 0)
    text, _ = await ask(offline, "gap", member="germany")
    assert "our fault" in text
    [fault] = noted
    assert (fault.where, fault.kind) == ("/gap", "ZeroDivisionError")
    assert fault.place.startswith("commands/options.py:")


async def test_an_answer_is_that_of_its_day(offline: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    class Day(date):
        now = date(2026, 11, 1)

        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return cls.now

    monkeypatch.setattr("bot.ledger.date", Day)
    before, _ = await ask(offline, "summit", summit="last")
    again = offline.client.ledger.now.ask(Question("summit", summit="last"))
    assert again is offline.client.ledger.now.ask(Question("summit", summit="last"))
    Day.now = date(2028, 1, 1)
    after, _ = await ask(offline, "summit", summit="last")
    assert before.startswith("### Ankara summit")
    assert not after.startswith("### Ankara summit")


async def test_usable_in_direct_messages(offline: Channel) -> None:
    user = offline.env.create_user("solo")
    result = await user.slash("target", member="poland", year="2032")
    assert "no adopted NATO rule sets a value" in "\n".join(texts(result.response.components))


async def test_the_offline_channel_has_a_role_that_its_moderator_may_ping(facts: Facts) -> None:
    client = LedgerClient(Ledger(facts, LocalStore(None)), FEATURES)
    async with offline_channel(client, 0):
        [server] = [found async for found in client.fetch_guilds()]
        assert [role.name for role in await server.fetch_roles() if role.mentionable] == ["Readers"]
