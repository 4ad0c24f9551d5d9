"""The loopback refuses what Discord refuses, and takes what the bot sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.loopback.payloads import press, slash, typing
from tests.loopback.process import bot
from tests.loopback.refusals import V2, Refused, check_message
from tests.loopback.server import Loopback


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def row(*ids: str, label: str = "press") -> dict[str, Any]:
    return {"type": 1, "components": [{"type": 2, "custom_id": key, "label": label} for key in ids]}


@pytest.mark.parametrize(
    ("components", "word"),
    [
        ([], "empty message"),
        ([text(" ")], "required"),
        ([text("a" * 2000), text("b" * 2001)], "4000 characters"),
        ([text("a")] * 41, "more than 40"),
        ([{"type": 17, "components": [text("a")] * 40}], "more than 40"),
        ([row("same", "same")], "same is not unique"),
        ([row("same"), row("same")], "same is not unique"),
        ([row("i" * 101)], "between 1 and 100"),
        ([row("one", label="")], "label"),
        ([row("one", label="l" * 81)], "label"),
        ([row()], "a row takes"),
        ([row(*"123456")], "a row takes"),
        ([{"type": 12, "items": []}], "items"),
        ([{"type": 12, "items": [{"media": {"url": "attachment://lost.png"}}]}], "no attachment"),
        ([{"type": 13, "file": {"url": "attachment://lost.csv"}}], "no attachment"),
    ],
)
def test_a_message_that_discord_refuses(components: list[dict[str, Any]], word: str) -> None:
    with pytest.raises(Refused, match=word) as refused:
        check_message({"flags": V2, "components": components}, {})
    assert refused.value.status == 400


async def test_an_answer_its_buttons_and_a_list_come_over_the_sockets(tmp_path: Path) -> None:
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path):
        (answer,) = await discord.seen(await discord.ask(slash("gap", member="germany")))
        assert "Germany" in answer.text
        for custom_id in answer.ids:
            (shown,) = await discord.seen(await discord.ask(press(answer.payload, custom_id)))
            assert shown.private
        listed = await discord.ask(typing("gap", "member", "ger"))
        await listed.over
        assert listed.callback is not None
        assert "DEU" in str(listed.callback["data"]["choices"])


async def test_an_interaction_is_answered_once_and_in_time() -> None:
    said = {"type": 4, "data": {"content": "yes"}}
    discord = Loopback(patience=0.2)
    async with discord.running(), aiohttp.ClientSession() as http, http.ws_connect(discord.gateway_address):

        async def answer(at: Any) -> tuple[int, int]:
            address = f"{discord.address}/api/v10/interactions/{at.payload['id']}/{at.payload['token']}/callback"
            async with http.post(address, json=said) as reply:
                return reply.status, int((await reply.json())["code"]) if reply.status >= 400 else 0

        asked = await discord.ask(slash("gap"))
        assert await answer(asked) == (204, 0)
        assert await answer(asked) == (400, 40060)
        late = await discord.ask(slash("gap"))
        late.sent -= 1
        assert await answer(late) == (404, 10062)
        assert late.late
