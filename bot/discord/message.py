"""A message as Discord takes it: drawn once, sent as often as it is asked for."""

from __future__ import annotations

import io

import discord
import orjson
from discord import ui
from msgspec import Struct
from msgspec.structs import replace

from bot.discord.components import Component


class Attachment(Struct, frozen=True):
    """A file of a message; `description` is spoken to those who do not see it."""

    name: str
    content: bytes
    description: str | None = None

    def file(self) -> discord.File:
        """For one sending: Discord's library uses a file up."""
        return discord.File(io.BytesIO(self.content), self.name, description=self.description)


class Message(Struct, frozen=True, eq=False):
    """Components and files. No two components carry the same id: Discord would refuse the whole message.

    The components are packed, since thousands of messages are kept and the collector would walk every part of each.
    """

    packed: bytes
    files: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, *components: Component, files: tuple[Attachment, ...] = ()) -> Message:
        kept = [*components]
        _drop_repeated(kept, set())
        return cls(orjson.dumps(kept), files)

    @property
    def components(self) -> list[Component]:
        found: list[Component] = orjson.loads(self.packed)
        return found

    def with_content(self, content: bytes) -> Message:
        """The same with this in its one file."""
        (file,) = self.files
        return Message(self.packed, (replace(file, content=content),))

    def above(self, other: Message) -> Message:
        """Both as one."""
        return Message(orjson.dumps(self.components + other.components), self.files + other.files)

    def __len__(self) -> int:
        """How many bytes it holds."""
        return len(self.packed) + sum(len(file.content) for file in self.files)

    def view(self) -> Sendable:
        return Sendable(self)


class Sendable(ui.LayoutView):
    """What discord.py sends. It is stopped: buttons are told apart by their ids alone, so nobody need wait for them."""

    def __init__(self, message: Message) -> None:
        super().__init__(timeout=None)
        self.message = message
        self.stop()

    def to_components(self) -> list[Component]:
        return self.message.components

    def has_components_v2(self) -> bool:
        return True

    def is_dispatchable(self) -> bool:
        return False


def _drop_repeated(components: list[Component], seen: set[str]) -> None:
    """Of components with one id the first stays, and a row that is left empty goes."""
    for component in list(components):
        key = component.get("custom_id")
        inner = component.get("components")
        if key is not None and key in seen:
            components.remove(component)
        elif inner is not None:
            _drop_repeated(inner, seen)
            if not inner:
                components.remove(component)
        if key is not None:
            seen.add(key)
