"""What stands in a scope, put over the facts beneath it."""

from __future__ import annotations

from msgspec.structs import replace

from knowledge.corrections import Fold, layered
from knowledge.facts import Facts


def over(facts: Facts, stands: Fold, version: str) -> Facts:
    """A snapshot under what stands in a scope."""
    if not stands.entries:
        return layered(facts, stands.cells, version)
    from data.entered import with_entries  # the models of the seed tables take long to make, and few enter rows

    entered = with_entries(facts, stands.entries, stands.printed)
    return layered(replace(entered, version=version), stands.cells, version)
