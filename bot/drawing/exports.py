"""The figures of an answer as a table to read and as a file to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from bot.drawing.words import Words, plain
from data.exports import safe_cell
from knowledge.answer import Answer
from knowledge.figure import Citation, Figure
from knowledge.things import Break

COLUMNS = (
    "figure", "value", "unit", "status", "standing", "edition", "published", "source", "address", "licence", "how",
    "note",
)  # fmt: skip
OURS = "own calculation of Allied Ledger, MIT; rights in the figures it is made from stay with their publishers"


def figures_of(answer: Answer) -> Iterator[Figure]:
    """Every figure of the answer and of its chart, each once by its name."""
    found = {figure.name: figure for figure in answer.figures}
    if answer.chart is not None:
        for figure in answer.chart.figures():
            found.setdefault(figure.name, figure)
    yield from found.values()


def csv_text(answer: Answer, words: Words) -> str:
    """A row a figure, exact, in plain units (US$ are dollars), with where it stands and on what terms."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for figure in figures_of(answer):
        cited = list(dict.fromkeys(c for leaf in figure.closure() for c in leaf.citations))
        notes = [plain(words.value(one.what)) for one in answer.breaks if _concerns(one, figure)]
        writer.writerow([safe_cell(value) for value in (*_row(figure, cited, words), " ".join(notes))])
    return out.getvalue()


def _concerns(one: Break, figure: Figure) -> bool:
    """Whether a break is about a published value: its measure, its spender and its year stand in its name."""
    for leaf in figure.closure():
        measure, _, rest = leaf.name.partition("@")[0].partition(".")
        spender, _, year = rest.removesuffix(".printed").partition(".")
        if year.isdigit() and leaf.edition is not None:
            fits = measure in one.measures or not one.measures, spender in one.members or not one.members
            if all(fits) and (one.first or 0) <= int(year) <= (one.last or int(year)):
                return True
    return False


def _row(figure: Figure, cited: list[Citation], words: Words) -> list[object]:
    sources = list(dict.fromkeys(citation.source for citation in cited))
    made = figure.operation is not None
    licences = [OURS] if made else [source.licence for source in sources]
    return [
        plain(words(figure.label)),
        figure.value,
        figure.unit.text,
        figure.status.code,
        figure.standing.code if figure.standing is not None else "",
        figure.edition or "",
        " | ".join(source.published.text for source in sources if source.published),
        " | ".join(f"{source.publisher}: {source.title}" for source in sources),
        " | ".join(source.address for source in sources if source.address),
        " | ".join(dict.fromkeys(licences)),
        plain(words.working(figure)) if made else "",
    ]


def file_name(answer: Answer, ending: str) -> str:
    """A name that says what is inside: "gap-DEU-2026-edition-2026.csv"."""
    asked = answer.asked
    given = (f"{option} {value}" if option == "edition" else value for option, value in asked.given.items())
    words = " ".join([asked.name, *given]).split()
    safe = "-".join("".join(c if c.isalnum() else "-" for c in word) for word in words)[:60].strip("-")
    return f"{safe}.{ending}"
