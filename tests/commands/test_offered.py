"""Every value that an option offers while somebody types has an answer."""

from __future__ import annotations

import gc
import string
import weakref
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from bot.discord.client import LedgerClient
from bot.discord.conversation import Conversation
from bot.ledger import Layer
from commands import options
from commands.options import ALL, Listed
from data.local import Fault, LocalStore
from data.store import load
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.corrections import EVERYWHERE, Fold
from knowledge.questions import ask
from tests.commands.test_follow import MANAGER
from tests.conftest import Channel
from tests.corrections import correction

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
        options: dict[str, Any] = {**beside, option: None if value == ALL else value}
        try:
            ask(offline.client.ledger.facts, Question(name, **options))
        except Problem as problem:
            wrong[value] = problem.code
    assert wrong == {}


async def test_nothing_is_left_out(offline: Channel) -> None:
    facts = offline.client.ledger.facts
    for name, option, things in (
        ("gap", "member", {**facts.spenders, **facts.groups}.keys() - {"europe-canada"}),  # one of NATO's totals
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
        assert await offered(offline, name, option, {}) - {ALL} == set(things), (name, option)


LISTED = {name: option for name, option in vars(options).items() if isinstance(option, Listed)}


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("language", Conversation.languages)
def test_what_a_list_shows_is_understood(client: LedgerClient, name: str, language: str) -> None:
    """By a reader of the language, and by one of another, to whom it was sent."""
    option: Any = LISTED[name]
    for reader in (language, "ja"):
        asked: Any = SimpleNamespace(client=client, locale=SimpleNamespace(value=reader))
        labels = option.labels(asked, language)
        assert len(set(labels.values())) == len(labels), "two things that look the same cannot be told apart"
        for sent, label in labels.items():
            assert option.read(asked, label) == ("" if sent == ALL else sent)
            assert option.read(asked, sent) == ("" if sent == ALL else sent)


@pytest.mark.parametrize(
    ("language", "typed", "read"),
    [
        ("de", "17. Juni 2024", "17 June 2024"),
        ("fr", "1er mars 2026", "1 March 2026"),
        ("fr", "1 mars 2026", "1 March 2026"),
        ("es-ES", "1 de marzo de 2026", "1 March 2026"),
        ("pl", "1 marca 2026", "1 March 2026"),
        ("pl", "marzec 2026", "March 2026"),
        ("tr", "1 Mart 2026", "1 March 2026"),
        ("en-GB", "1 March 2026", "1 March 2026"),
        ("de", "2024", "2024"),
    ],
)
def test_a_day_is_read_in_the_reader_s_language(client: LedgerClient, language: str, typed: str, read: str) -> None:
    asked: Any = SimpleNamespace(client=client, locale=SimpleNamespace(value=language))
    assert options.EDITION.read(asked, typed) == read


async def test_a_command_takes_what_its_lists_show(offline: Channel) -> None:
    for name, chosen in (
        ("gap", {"member": "🇩🇪 Germany", "rule": "The Hague commitment · adopted, 2025"}),
        ("rank", {"measure": "gap to the rule, in points"}),
        ("compare", {"members": "🇩🇪 Germany, 🇫🇷 France、Nordic Allies"}),
        ("summit", {"summit": "The Hague summit, 2025"}),
        ("rule", {"rule": "everything, as a list"}),
    ):
        result = await offline.member.slash(offline.channel, name, **chosen)
        assert not result.ephemeral, (name, chosen, result.response.components)


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


LISTS = [  # of each way a list is made, one
    ("gap", "member", "commands.options.cleaned"),
    ("compare", "members", "commands.options.cleaned"),
    ("follow start", "what", "bot.follow.acts.matching"),
]


@pytest.mark.simcord(check_errors=False)
@pytest.mark.parametrize(("name", "option", "broken"), LISTS, ids=lambda part: str(part).replace(".", " "))
async def test_a_fault_in_a_list_has_a_code_and_is_counted(
    offline: Channel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    option: str,
    broken: str,
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("my secret words")

    server = offline.channel.guild
    role = server.create_role("Moderators", permissions=MANAGER)
    moderator = server.add_member(offline.env.create_user("max"), roles=[role])
    noted: list[Fault] = []
    monkeypatch.setattr(LocalStore, "note_fault", lambda _, fault: noted.append(fault))
    monkeypatch.setattr(broken, fails)
    assert await moderator.autocomplete(offline.channel, name, option, "my secret words") == []
    [fault] = noted
    assert (fault.where, fault.kind) == (f"/{name}", "RuntimeError")
    assert fault.place.startswith(broken.rsplit(".", 1)[0].replace(".", "/"))
    [record] = [record for record in caplog.records if record.exc_info]
    assert record.getMessage() == f"{fault.code} in /{name}"


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2026, 11, 1), date(2030, 1, 1)], ids=str)
@pytest.mark.parametrize("typed", ["next summit", "last summit"])
async def test_the_summit_that_is_offered_is_the_one_of_the_answer(
    offline: Channel, monkeypatch: pytest.MonkeyPatch, typed: str, day: date
) -> None:
    class Day(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return day

    for module in ("bot.ledger", "commands.options"):
        monkeypatch.setattr(f"{module}.date", Day, raising=False)
    [choice] = await offline.member.autocomplete(offline.channel, "summit", "summit", typed)
    answered = offline.client.ledger.now.ask(Question("summit", summit=typed))
    assert choice["value"] == answered.asked.given["summit"]


def test_a_corrected_snapshot_shares_its_labels_and_none_is_kept_alive(client: LedgerClient) -> None:
    def every_list() -> list[dict[str, str]]:
        asked: Any = SimpleNamespace(client=client, locale=SimpleNamespace(value="de"))
        for option in LISTED.values():
            option.read(asked, "Deutschland")
        return [option.labels(asked, "de") for option in LISTED.values()]

    before, ledger, snapshots = every_list(), client.ledger, []
    for _ in range(3):
        published = load()
        snapshots.append(weakref.ref(published))
        ledger.swap(published, {})
        labels = every_list()
        layer = Layer(EVERYWHERE, "a" * 64, Fold({(published.newest.id, "share", "DEU", 2024): correction("2.5")}))
        ledger.swap(published, {EVERYWHERE: layer})
        assert ledger.facts is not published
        assert all(now is then for now, then in zip(every_list(), labels, strict=True))
    assert before == labels
    gc.collect()
    assert [one() is None for one in snapshots] == [True, True, False]
