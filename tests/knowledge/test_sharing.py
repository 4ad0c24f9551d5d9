"""What is alike is one object, and an answer that is kept holds little of its own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from enum import Enum
from types import ModuleType

import pytest

from knowledge.answer import Answer
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.figure import Kind, Unit
from knowledge.questions import ask
from knowledge.sentences import Year

MOST = {  # objects of its own that a kept answer may hold
    "whatif germany 3.5 2032": 300,
    "whatif germany": 190,
    "gap germany": 120,
    "compare germany, france, poland": 190,
}


def reached(roots: Iterable[object], seen: set[int]) -> list[object]:
    """Everything that can be reached and was not seen before, but types and their members, functions and modules."""
    found, left = [], list(roots)
    while left:
        one = left.pop()
        kept = hasattr(one, "cache_info")  # what a function keeps is shared by all answers
        if id(one) in seen or isinstance(one, type | ModuleType | Enum) or (callable(one) and not kept):
            continue
        seen.add(id(one))
        found.append(one)
        left += gc.get_referents(one)
    return found


def own_objects(facts: Facts, answer: Answer) -> int:
    seen: set[int] = set()
    modules = [vars(module).values() for name, module in sys.modules.items() if name.startswith("knowledge")]
    reached([facts, *(value for values in modules for value in values)], seen)
    return sum(gc.is_tracked(one) for one in reached([answer], seen))


@pytest.mark.parametrize(("asked", "most"), MOST.items())
def test_a_kept_answer_holds_little(facts: Facts, asked: str, most: int) -> None:
    ask(facts, read(asked))
    answer = ask(facts, read(asked))
    assert answer.figures
    assert own_objects(facts, answer) <= most


def test_equal_units_and_years_are_one_object() -> None:
    assert Unit(Kind.SHARE) is Unit(Kind.SHARE, decimals=2)
    assert Unit(Kind.MONEY, "USD") is not Unit(Kind.MONEY, "EUR")
    assert Unit(Kind.MONEY, "USD", "2021").to(0) is Unit(Kind.MONEY, "USD", "2021", 0)
    assert Year(2026) is Year(2026)
    assert Year(2026) is not Year(2026, "e")


def test_equal_citations_are_one_object(facts: Facts) -> None:
    germany = facts.members["DEU"]
    share, growth = (facts.figure(facts.newest, measure, germany, 2024) for measure in ("share", "real_change"))
    assert share is not None
    assert growth is not None
    assert share.citations[0] is growth.citations[0]
