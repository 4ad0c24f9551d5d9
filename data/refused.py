"""No source is cited from a mirror, a content farm or a propaganda outlet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlsplit

from data.seeds import RefusedRow, SeedError

_WORD = re.compile(r"\w+")


class Cited(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def publisher(self) -> str: ...
    @property
    def address(self) -> str: ...


def refuse(table: str, rows: Iterable[Cited], refused: Iterable[RefusedRow]) -> None:
    """SeedError for a row whose address lies on a refused domain, or whose publisher is one or bears its name."""
    listed = list(refused)
    domains = {row.domain: row.why for row in listed}
    names = [(_words(row.name), row.why) for row in listed if row.name]
    for row in rows:
        for domain in (*_domains(urlsplit(row.address).hostname or ""), *_domains(row.publisher)):
            if domain in domains:
                raise SeedError(f"{table}: “{row.title}” is cited from {domain}, which is refused: {domains[domain]}.")
        for name, why in names:
            if name in _words(row.publisher):
                raise SeedError(f"{table}: “{row.title}” is cited from {row.publisher}, which is refused: {why}.")


def _words(text: str) -> str:
    """Its words with a space before and behind each, so that a name is found whole and nowhere inside another."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _domains(text: str) -> list[str]:
    """Every domain in a text with all it is part of: "a.b.org" is also "b.org"."""
    found = []
    for host in re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", text.casefold()):
        labels = host.split(".")
        found += [".".join(labels[n:]) for n in range(len(labels) - 1)]
    return found
