"""The parts of a message as Discord takes them: plain data, since the library's own objects take longer than the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Component = dict[str, Any]

LONGEST_LABEL, MOST = 80, 5  # characters of a label and buttons in a row, says Discord


def box(colour: int, *inside: Component) -> Component:
    """What stands together beside a stripe of a colour."""
    return {"type": 17, "accent_color": colour, "spoiler": False, "components": [*inside]}


def text(content: str) -> Component:
    return {"type": 10, "content": content}


def line() -> Component:
    """A line between two texts."""
    return {"type": 14, "divider": True, "spacing": 1}


def picture(name: str, description: str | None) -> Component:
    """A file of the message, shown; `description` is spoken to those who do not see it."""
    described = {"description": description} if description else {}
    return {"type": 12, "items": [{"media": {"url": f"attachment://{name}"}, "spoiler": False, **described}]}


def file(name: str) -> Component:
    """A file of the message, to take away."""
    return {"type": 13, "file": {"url": f"attachment://{name}"}, "spoiler": False}


def row(buttons: Iterable[Component]) -> Component:
    return {"type": 1, "components": [*buttons]}


def button(key: str, label: str, *, main: bool = False) -> Component:
    style = 1 if main else 2  # primary, secondary
    return {"type": 2, "style": style, "disabled": False, "label": label[:LONGEST_LABEL], "custom_id": key}


def select(key: str, options: Iterable[tuple[str, str]]) -> Component:
    """A list to pick one thing of: what is sent, and what is shown."""
    listed = [{"value": value, "label": label, "default": False} for value, label in options]
    return {"type": 3, "custom_id": key, "min_values": 1, "max_values": 1, "disabled": False, "options": listed}


def each(components: Iterable[Component]) -> Iterator[Component]:
    """These and everything inside them, which Discord counts alike."""
    for component in components:
        yield component
        yield from each(component.get("components", ()))
