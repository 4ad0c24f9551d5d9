"""What stands in a message, and whether Discord would take it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.discord.components import Component
from bot.discord.message import Message

BOX, ROW, BUTTON, TEXT = 17, 1, 2, 10  # Discord's numbers for kinds of components


def parts(message: Message | Iterable[Component], kind: int | None = None) -> Iterator[Any]:
    """Every component, in order, of one kind if one is named."""
    for component in message.components if isinstance(message, Message) else message:
        if kind in (None, component["type"]):
            yield component
        yield from parts(component.get("components", []), kind)


def texts(message: Message) -> list[str]:
    return [part["content"] for part in parts(message, TEXT)]


def check_limits(message: Message) -> None:
    assert sum(map(len, texts(message))) <= 4000
    assert len(list(parts(message))) <= 40
    ids = [part["custom_id"] for part in parts(message, BUTTON)]
    assert len(set(ids)) == len(ids)
    for button in parts(message, BUTTON):
        assert 1 <= len(button["custom_id"]) <= 100
        assert 1 <= len(button["label"]) <= 80
    for row in parts(message, ROW):
        assert 1 <= len(row["components"]) <= 5
    for text in texts(message):
        assert text
        for block in re.findall(r"```\n(.*?)\n```", text, re.DOTALL):
            assert max(len(line) for line in block.splitlines()) <= 42, block
