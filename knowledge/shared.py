"""Records of which equal ones are one object: an answer names the same years and units dozens of times."""

from __future__ import annotations

from typing import Any

from msgspec import StructMeta


class Shared(StructMeta):
    """The type of such records: `class Year(Struct, metaclass=Shared, frozen=True)`.

    One that `replace` makes is equal to the others and an object of its own.
    """

    def __init__(cls, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        cls._made: dict[Any, Any] = {}

    def __call__(cls, *values: Any, **named: Any) -> Any:
        made = super().__call__(*values, **named)
        return cls._made.setdefault(made, made)
