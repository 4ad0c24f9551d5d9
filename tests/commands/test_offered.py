"""Every value that an option offers while somebody types has an answer."""

from __future__ import annotations

import string
from typing import Any

import pytest

from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.questions import ask
from tests.conftest import Channel

TYPED = ("", *string.ascii_lowercase, *"0123456789")
# The option, and what else is asked with it; an edition is not asked of an Ally it may not hold.
OFFERED: list[tuple[str, str, dict[str, str]]] = [
    *((name, "member", {}) for name in ("gap", "spending", "target", "whatif", "revisions", "pledges")),
    *((name, "year", {"member": "DEU"}) for name in ("gap", "spending", "target", "revisions")),
    *((name, "rule", {"member": who}) for name in ("gap", "target", "whatif") for who in ("DEU", "ESP", "LUX")),
    ("spending", "measure", {"member": "DEU"}),
    ("spending", "currency", {"member": "DEU", "year": "2024"}),
    ("revisions", "measure", {"member": "DEU"}),
    ("whatif", "by", {"member": "DEU", "share": "3.5"}),
    *(("rank", option, {}) for option in ("measure", "year", "group", "rule", "edition")),
    *(("compare", option, {"members": "DEU, FRA"}) for option in ("year", "measure")),
    ("compare", "members", {}),
    ("pledges", "edition", {"member": "DEU"}),
    ("rule", "rule", {}),
    ("summit", "summit", {}),
    ("define", "term", {}),
    ("sources", "edition", {}),
]


async def offered(offline: Channel, name: str, option: str, beside: dict[str, str]) -> set[str]:
    before = "NATO, " if option == "members" else ""
    lists = [await offline.member.autocomplete(offline.channel, name, option, before + t, **beside) for t in TYPED]
    assert all(len(found) <= 25 for found in lists)
    return {choice["value"] for found in lists for choice in found}


@pytest.mark.parametrize(("name", "option", "beside"), OFFERED, ids=lambda part: str(part))
async def test_every_value_has_an_answer(offline: Channel, name: str, option: str, beside: dict[str, str]) -> None:
    values = await offered(offline, name, option, beside)
    assert len(values) > 2
    wrong = {}
    for value in values:
        options: dict[str, Any] = {**beside, option: value}
        try:
            ask(offline.client.facts, Question(name, **options))
        except Problem as problem:
            wrong[value] = problem.code
    assert wrong == {}


async def test_nothing_is_left_out(offline: Channel) -> None:
    facts = offline.client.facts
    for name, option, things in (
        ("gap", "member", {**facts.spenders, **facts.groups}),
        ("target", "member", facts.spenders),
        ("pledges", "member", facts.members),
        ("spending", "measure", facts.measures),
        ("spending", "currency", {m.currency for m in facts.members.values() if m.armed_forces}),
        ("rank", "group", facts.groups),
        ("rule", "rule", facts.rules),
        ("summit", "summit", facts.summits),
        ("define", "term", facts.definitions),
        ("sources", "edition", facts.editions),
    ):
        assert await offered(offline, name, option, {}) == set(things), (name, option)


async def test_a_rule_of_one_ally_is_offered_to_it_alone(offline: Channel) -> None:
    assert "spain" in await offered(offline, "gap", "rule", {"member": "spain"})
    assert "spain" not in await offered(offline, "gap", "rule", {"member": "DEU"})
    assert "spain" not in await offered(offline, "rank", "rule", {})


@pytest.mark.parametrize(
    ("name", "option", "typed", "expected"),
    [
        ("spending", "currency", "pound", "GBP"),
        ("compare", "currency", "zł", "PLN"),
        ("rank", "measure", "growth since", "growth-since"),
        ("rank", "measure", "member", "members"),
        ("gap", "member", "baltic", "baltic"),
        ("spending", "member", "nord", "nordic"),
        ("compare", "members", "germany, balt", "DEU, baltic"),
        ("target", "year", "203", "2035"),
        ("whatif", "by", "", "2027"),
    ],
)
async def test_what_is_typed_finds(offline: Channel, name: str, option: str, typed: str, expected: str) -> None:
    choices = await offline.member.autocomplete(offline.channel, name, option, typed)
    assert expected in [choice["value"] for choice in choices]
