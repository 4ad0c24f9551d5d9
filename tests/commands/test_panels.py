"""Charts, tables, files and sharing, as a member meets them."""

from __future__ import annotations

import asyncio
import csv
import gc
import io
import json
from typing import Any

import discord
import pytest

from bot.discord.client import LedgerClient
from bot.discord.responding import Late, Reply
from bot.drawing.exports import COLUMNS, csv_text, file_name
from bot.drawing.pictures import ChartFailed
from bot.drawing.words import words
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask as answered
from tests.commands.test_channel import ask, labels, texts
from tests.conftest import Channel


def gallery(component: Any) -> list[Any]:
    if isinstance(component, list):
        return [item for part in component for item in gallery(part)]
    own: list[Any] = component.get("items", [])
    return own + gallery(component.get("components", []))


async def test_every_answer_with_figures_offers_chart_table_and_file(offline: Channel) -> None:
    for name, options in (
        ("gap", {"member": "DEU"}),
        ("spending", {"member": "DEU"}),
        ("rank", {}),
        ("compare", {"members": "DEU, FRA"}),
        ("whatif", {"member": "DEU", "share": "3.5"}),
    ):
        _, result = await ask(offline, name, **options)
        assert labels(result.response.components)[-4:] == ["Sources", "Chart", "Table", "CSV"]


async def test_a_chart_comes_as_a_picture_with_its_text(offline: Channel) -> None:
    _, result = await ask(offline, "gap", member="DEU")
    chart = await offline.member.click(result.response, label="Chart")
    assert chart.ephemeral
    (picture,) = gallery(chart.response.components)
    assert picture["media"]["url"]
    (file,) = chart.response.attachments
    assert "Germany" in file.description
    assert len(file.description) <= 1024
    assert (await file.read()).startswith(b"\x89PNG")
    assert labels(chart.response.components) == ["Table", "CSV", "Vega-Lite", "Share"]
    shared = await offline.member.click(chart.response, label="Share")
    assert not shared.ephemeral
    assert gallery(shared.response.components)
    assert "Share" not in labels(shared.response.components)


async def test_a_chart_that_cannot_be_drawn_is_a_sentence(
    offline: Channel, client: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object, **__: object) -> bytes:
        raise ChartFailed

    _, result = await ask(offline, "gap", member="DEU")
    monkeypatch.setattr(client.ledger.pictures, "draw", failing)
    chart = await offline.member.click(result.response, label="Chart")
    assert "could not be drawn" in "\n".join(texts(chart.response.components))
    assert not offline.env.errors


async def test_a_chart_that_fails_when_its_asker_has_gone_leaves_no_trace(
    offline: Channel, client: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object, **__: object) -> bytes:
        await asyncio.sleep(0.1)
        raise ChartFailed

    async def late(*_: object, **__: object) -> None:
        raise Late

    _, result = await ask(offline, "gap", member="DEU")
    monkeypatch.setattr(client.ledger.pictures, "draw", failing)
    monkeypatch.setattr(Reply, "defer", late)
    await offline.member.click(result.response, label="Chart")
    await asyncio.sleep(0.1)
    gc.collect()
    assert not offline.env.errors


async def test_a_private_answer_can_be_shared_and_a_public_one_not(offline: Channel) -> None:
    text, result = await ask(offline, "rank", private=True)
    assert result.ephemeral
    shared = await offline.member.click(result.response, label="Share")
    assert not shared.ephemeral
    assert "\n".join(texts(shared.response.components)) == text
    assert "Share" not in labels(shared.response.components)


async def test_a_table_says_the_same_as_the_chart(offline: Channel) -> None:
    _, result = await ask(offline, "gap", member="DEU")
    table = await offline.member.click(result.response, label="Table")
    shown = "\n".join(texts(table.response.components))
    assert "2.69" in shown
    assert "2014" in shown
    assert all(len(line) <= 42 for line in shown.split("```")[1].splitlines())


@pytest.mark.parametrize(
    "asked", ["gap germany", "rank gap", "compare germany, nato usd", "whatif poland 4", "whatif usa"]
)
def test_a_file_opens_in_a_spreadsheet_and_runs_nothing(facts: Facts, asked: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(answered(facts, read(asked)), words()))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) > 5
    for row in rows[1:]:
        assert len(row) == len(COLUMNS)
        cells = dict(zip(COLUMNS, row, strict=True))
        float(cells.pop("value"))
        assert cells["unit"]
        assert not any(cell[:1] in tuple("=+-@\t\r") for cell in cells.values() if cell)
        assert cells["licence"] or cells["figure"].startswith(("Years", "The share", "Real growth"))


def test_a_file_is_called_by_what_is_inside(facts: Facts) -> None:
    """A year and an edition look alike, so the edition says that it is one."""
    assert file_name(answered(facts, read("gap germany 2026 edition:2026")), "csv") == "gap-DEU-2026-edition-2026.csv"


def test_words_that_look_like_a_formula_are_taken_for_words() -> None:
    from decimal import Decimal

    from data.exports import safe_cell

    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("@SUM(A1)") == "'@SUM(A1)"
    assert safe_cell(Decimal("-0.06")) == "-0.06"


async def test_the_description_of_a_chart_can_be_taken_away(offline: Channel) -> None:
    _, result = await ask(offline, "rank")
    chart = await offline.member.click(result.response, label="Chart")
    sent = await offline.member.click(chart.response, label="Vega-Lite")
    (file,) = sent.response.attachments
    description = json.loads(await file.read())
    assert description["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


async def test_who_waits_for_a_chart_gets_it_though_the_network_breaks_once(
    offline: Channel, client: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, edit, tries = client.ledger.pictures.draw, discord.Interaction.edit_original_response, []

    async def slow(description: Any, **more: Any) -> bytes:
        await asyncio.sleep(0.2)
        return await drawn(description, **more)

    async def broken_once(self: Any, **options: Any) -> Any:
        tries.append(options)
        if len(tries) == 1:
            raise ConnectionResetError
        return await edit(self, **options)

    _, result = await ask(offline, "gap", member="DEU")
    monkeypatch.setattr(client.ledger.pictures, "draw", slow)
    monkeypatch.setattr(discord.Interaction, "edit_original_response", broken_once)
    chart = await offline.member.click(result.response, label="Chart")
    assert len(tries) == 2
    assert gallery(chart.response.components)
    assert not offline.env.errors
