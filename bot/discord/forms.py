"""Forms to fill in: a title, an id and text fields; what was typed comes back by the fields' names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord
from discord import ui
from msgspec import Struct

LONGEST_TITLE, LONGEST_LABEL = 45, 45  # characters, says Discord


class Field(Struct, frozen=True):
    """A text to type; `shown` stands in it already."""

    name: str
    label: str
    hint: str = ""
    shown: str = ""
    least: int = 0
    most: int = 300
    long: bool = False


class Form(Struct, frozen=True):
    """What opens before the reader; `id` is pressed, so to speak, when it is sent."""

    id: str
    title: str
    fields: tuple[Field, ...]

    def modal(self) -> ui.Modal:
        """It is stopped: forms are told apart by their ids alone, so nobody need wait for them."""
        modal = ui.Modal(title=self.title[:LONGEST_TITLE], custom_id=self.id)
        for field in self.fields:
            modal.add_item(
                ui.Label(
                    text=field.label[:LONGEST_LABEL],
                    description=field.hint or None,
                    component=ui.TextInput(
                        custom_id=field.name,
                        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
                        default=field.shown or None,
                        required=field.least > 0,
                        min_length=field.least or None,
                        max_length=field.most,
                    ),
                )
            )
        modal.stop()
        return modal


def typed_in(interaction: discord.Interaction[Any]) -> Mapping[str, str]:
    """What was typed into the fields of a form that was sent."""
    return dict(_values(dict(interaction.data or {}).get("components", [])))


def picked_in(interaction: discord.Interaction[Any]) -> str:
    """What was picked from a list that takes one; "" if nothing was."""
    values = dict(interaction.data or {}).get("values")
    return str(values[0]) if isinstance(values, list) and values else ""


def _values(components: Any) -> Iterator[tuple[str, str]]:
    for component in components:
        if isinstance(component.get("value"), str):
            yield str(component["custom_id"]), component["value"]
        yield from _values(component.get("components", []))
        if isinstance(component.get("component"), dict):
            yield from _values([component["component"]])
