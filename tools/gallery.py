"""The page of docs/ that shows every kind of chart with the command that draws it: `python -m tools.gallery docs/charts`."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.drawing.charts import Json, alt_text, vega_lite
from bot.drawing.pictures import Pictures
from bot.drawing.words import words
from data.store import load
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask

QUESTIONS = {
    "Lines, with the rule as a line and its deadline": (
        "gap germany",
        "target spain 2026",
        "spending turkey",
        "spending united states measure:personnel",
        "compare members:germany,france,poland,united kingdom,italy,spain",
    ),
    "Lines that go on into what nobody knows": (
        "whatif germany",
        "whatif germany share:3.5 by:2032",
    ),
    "Ranked bars": (
        "rank share",
        "rank gap",
        "rank share group:baltic",
    ),
    "Then and now": (
        "revisions germany",
        "revisions year:2024",
    ),
}
HEAD = """\
# Charts

<!-- Written by `python -m tools.gallery docs/charts`. -->

Every picture here was drawn by the command above it, from the figures that come with the project. What is certain is a
solid line with filled points, what is estimated is broken and hollow, a projection is dotted, and an illustration is
dashed and dotted. A bar at or above the rule is filled, one below it is an outline. A rule that was adopted is a whole
line; one that was proposed or demanded is broken. In a chart of then and now the ring is then and the dot is now.

The line under each picture is its alternative text, which screen readers speak.
"""


def page(facts: Facts, folder: str) -> str:
    """The page, with its pictures in a folder beside it."""
    drawn = words()
    lines = [HEAD]
    for heading, questions in QUESTIONS.items():
        lines.append(f"## {heading}\n")
        for text in questions:
            alt = alt_text(ask(facts, read(text)), drawn)
            spoken = re.sub(r"([\[\]])", r"\\\1", alt)
            lines.append(f"### `/{text}`\n\n![{spoken}]({folder}/{file_of(text)})\n\n{alt}\n")
    return "\n".join(lines)


def write(facts: Facts, folder: Path) -> list[Path]:
    """Draw every picture into the folder and write the page beside it, named like it; the files that were written."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [text for questions in QUESTIONS.values() for text in questions]
    pictures = asyncio.run(_drawn([vega_lite(ask(facts, read(text)), words()) for text in texts]))
    written = [folder / file_of(text) for text in texts]
    for path, picture in zip(written, pictures, strict=True):
        path.write_bytes(picture)
    beside = folder.with_suffix(".md")
    beside.write_text(page(facts, folder.name), encoding="utf-8")
    return [*written, beside]


async def _drawn(descriptions: Sequence[Json]) -> list[bytes]:
    pictures = Pictures(longest=60)
    try:
        return [await pictures.draw(description) for description in descriptions]
    finally:
        await pictures.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.gallery", description="Draws every kind of chart.")
    parser.add_argument("folder", type=Path, help="such as docs/charts, whose page is docs/charts.md")
    for path in write(load(), parser.parse_args(arguments).folder):
        print(path)
    return 0


def file_of(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.replace("members:", "").replace("measure:", "")).strip("-") + ".png"


if __name__ == "__main__":
    sys.exit(main())
