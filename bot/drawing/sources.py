"""Where an answer comes from, a line a source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.drawing.words import Words
from knowledge.figure import Citation
from knowledge.questions.saying import told_by
from knowledge.sentences import say


def source_lines(citations: Iterable[Citation], words: Words) -> Iterator[str]:
    """A line for each source, with the tables, rows and years that were used, and who tells it."""
    used: dict[str, list[Citation]] = {}
    for citation in citations:
        used.setdefault(citation.source.key, []).append(citation)
    for listed in used.values():
        source = listed[0].source
        date = f", {words.date(source.published)}" if source.published else ""
        title = words.safe(source.title)
        name = f"[{title}](<{source.address}>)" if source.address and words.markdown else title
        address = f" {source.address}" if source.address and not words.markdown else ""
        tables: dict[str, dict[str, list[int]]] = {}
        for citation in listed:
            if citation.row or citation.year:
                place = words.inner(say("table {table}", table=citation.table)) if citation.table else ""
                years = tables.setdefault(place, {}).setdefault(citation.row, [])
                years += [citation.year] if citation.year else []
        cells = {
            place: ", ".join(" ".join(filter(None, (row, spans(years)))) for row, years in rows.items())
            for place, rows in tables.items()
        }
        where = "; ".join(": ".join(filter(None, pair)) for pair in cells.items())
        supports = "; ".join(words.safe(c.supports) for c in listed if c.supports)
        more = "".join(f" – {text}" for text in (where, supports) if text)
        yield f"- {name}, {words.safe(source.publisher)}{date} ({words.inner(told_by(source))}){more}{address}"


def spans(years: list[int]) -> str:
    """Years as a reader writes them: "2014–2019, 2026"."""
    found: list[list[int]] = []
    for year in sorted(set(years)):
        if found and year == found[-1][1] + 1:
            found[-1][1] = year
        else:
            found.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in found)
