"""How the records are made of which an answer has dozens: frozen for whoever reads the code, cheap to make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, eq: bool = True) -> Callable[[type[_T]], type[_T]]:
    """A dataclass whose fields mypy lets nobody set.

    One that refuses it at run time as well sets its own fields through `object.__setattr__`, at three times the cost.
    """
    return dataclass(slots=True, eq=eq)
