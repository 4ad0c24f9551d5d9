"""`/revisions`, `/pledges` and `/define` as a member meets them."""

from __future__ import annotations

import pytest

from tests.commands.test_channel import ask, labels, texts
from tests.conftest import Channel


async def test_revisions_of_an_ally_and_its_workings(offline: Channel) -> None:
    text, result = await ask(offline, "revisions", member="poland", year="2024")
    assert "4.12% (2024 edition), 3.79% (2025 edition) and 3.75% (2026 edition)" in text
    assert not result.ephemeral
    workings = await offline.member.click(result.response, label="Workings")
    assert "3.75% − 4.12% = -0.37 points" in "\n".join(texts(workings.response.components))
    assert not offline.env.errors


async def test_revisions_without_an_ally(offline: Channel) -> None:
    text, _ = await ask(offline, "revisions", year="2024")
    assert "23 of 31 in the 2024 edition, 18 of 31 in the 2025 edition and 17 of 31 in the 2026 edition" in text
    assert "No longer at 2%** · Czechia" in text


async def test_what_can_be_compared_is_a_button(offline: Channel) -> None:
    text, result = await ask(offline, "revisions", year="2026")
    assert "is not held of two editions" in text
    assert result.ephemeral
    label = next(label for label in labels(result.response.components) if "2025" in label)
    again = await offline.member.click(result.response, label=label)
    assert "28 of 31" in "\n".join(texts(again.response.components))


async def test_pledges_of_an_ally(offline: Channel) -> None:
    text, _ = await ask(offline, "pledges", member="🇩🇪")
    assert "Germany has announced 3.5% of GDP core for 2029" in text
    text, result = await ask(offline, "pledges", member="NATO")
    assert result.ephemeral
    assert "is a sum" in text


async def test_a_term(offline: Channel) -> None:
    text, _ = await ask(offline, "define", term="dues")
    assert "Common funding" in text
    assert "Not the same as" in text
    text, _ = await ask(offline, "define", term="all")
    assert "The glossary has" in text


@pytest.mark.parametrize(
    ("command", "option", "typed", "expected"),
    [
        ("define", "term", "", "2% guideline"),
        ("define", "term", "dues", "Common funding"),
        ("define", "term", "per", "Per cent"),
        ("define", "term", "sipry", "SIPRI military expenditure"),
        ("pledges", "member", "pol", "Poland"),
        ("pledges", "member", "", "Albania"),
        ("revisions", "member", "nato", "NATO"),
        ("revisions", "measure", "equip", "equipment share of spending"),
        ("revisions", "edition", "2025", "2025 edition"),
    ],
)
async def test_autocomplete(offline: Channel, command: str, option: str, typed: str, expected: str) -> None:
    choices = await offline.member.autocomplete(offline.channel, command, option, typed)
    assert 1 <= len(choices) <= 25
    assert any(expected in choice["name"] for choice in choices)


async def test_only_allies_are_offered_where_only_they_pledge(offline: Channel) -> None:
    for typed in ("", "nato", "europe"):
        choices = await offline.member.autocomplete(offline.channel, "pledges", "member", typed)
        assert not any(choice["value"].startswith("NATO") for choice in choices)


@pytest.mark.parametrize("typed", ["<@1234> @everyone", "x" * 6000, "مرحبا \u202e", "'; drop table figure;--", "💥"])
async def test_noise_is_one_private_sentence_that_pings_nobody(offline: Channel, typed: str) -> None:
    for name, option in (("define", "term"), ("pledges", "member"), ("revisions", "member"), ("revisions", "year")):
        text, result = await ask(offline, name, **({"member": "POL"} if option == "year" else {}), **{option: typed})
        assert result.ephemeral
        assert "<@" not in text
        assert "@everyone" not in text
        assert len(text) < 400
        assert len(await offline.member.autocomplete(offline.channel, name, option, typed)) <= 25
    assert not offline.env.errors
