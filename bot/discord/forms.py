"""Forms to fill in: a title, an id and text fields; what was typed comes back by the fields' names."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import discord
from cachetools import TTLCache
from discord import ui
from msgspec import Struct
from msgspec.structs import replace

from knowledge.asking.problem import Problem
from knowledge.sentences import say

LONGEST_TITLE, LONGEST_LABEL = 45, 45  # characters, says Discord
MOST_KEPT, KEPT = 512, 15 * 60  # forms, and seconds


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

    def with_typed(self, typed: Mapping[str, str]) -> Form:
        """The same with what was typed standing in it."""
        fields = (replace(field, shown=typed.get(field.name, field.shown)) for field in self.fields)
        return replace(self, fields=tuple(fields))

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


class Mistyped(Problem):
    """What is wrong with something that was typed, and a form in which it stands, to be mended."""

    def __init__(self, problem: Problem, form: Form) -> None:
        super().__init__(problem.code, problem.sentence, problem.instead, keep=problem.keep)
        self.form = form


class Forms:
    """Forms that were opened lately, so that what is refused comes back with what was typed in it."""

    def __init__(self) -> None:
        self._kept: TTLCache[tuple[int, str], Form] = TTLCache(MOST_KEPT, KEPT)

    def keep(self, person: int, form: Form, key: str = "") -> str:
        """Under its own id, or under another key, which is given back."""
        self._kept[person, key or form.id] = form
        return key or form.id

    def refused(self, person: int, problem: Problem, interaction: discord.Interaction[Any]) -> str:
        """The key of a form in which what was typed stands again; "" where nothing was typed into one."""
        form = problem.form if isinstance(problem, Mistyped) else None
        if form is None and interaction.type is discord.InteractionType.modal_submit:
            opened = self._kept.get((person, str(dict(interaction.data or {}).get("custom_id"))))
            form = opened.with_typed(typed_in(interaction)) if opened is not None else None
        return "" if form is None else self.keep(person, form, secrets.token_urlsafe(9))

    def again(self, person: int, key: str) -> Form:
        """Problem if it is kept no longer."""
        form = self._kept.get((person, key))
        if form is None:
            raise Problem("old-draft", say("This was kept for a quarter of an hour only. Begin anew."))
        self.keep(person, form)
        return form


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
