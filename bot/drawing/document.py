"""An answer as a documented, versioned JSON document; docs/answers.md describes each field."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.drawing.sources import source_lines
from bot.drawing.tables import cells_of
from bot.drawing.words import Words, plain
from knowledge.answer import Answer, Table
from knowledge.asking.problem import Problem
from knowledge.figure import Citation, Figure

FORMAT = "allied-ledger/1"


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceDocument(_Document):
    """Where a value stands; `said_by` and `read` as in docs/data.md."""

    key: str
    title: str
    publisher: str
    published: str | None
    address: str
    said_by: str
    read: str
    reprint: bool
    table: str
    row: str
    year: int | None


class FigureDocument(_Document):
    """One number: `value` is an exact decimal in plain units (US$ are dollars, not millions)."""

    name: str
    label: str
    value: str
    unit: str
    status: str
    standing: str | None
    edition: str | None
    sources: tuple[int, ...]  # positions in the document's list of sources


class TableDocument(_Document):
    """Headings and rows as they are drawn, in their order; numbers are rounded, and exact among the figures."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ErrorDocument(_Document):
    """Why a question cannot be answered; `instead` holds questions that can."""

    code: str
    sentence: str
    instead: tuple[str, ...]


class AnswerDocument(_Document):
    """`status` is that of the least sure figure, `standing` that of the rule the headline's main figure rests on."""

    format: str = FORMAT
    asked: str
    headline: str = ""
    status: str | None = None
    standing: str | None = None
    edition: str | None = None
    rows: tuple[tuple[str, str], ...] = ()
    table: TableDocument | None = None
    figures: tuple[FigureDocument, ...] = ()
    workings: tuple[str, ...] = ()
    sources: tuple[SourceDocument, ...] = ()
    notes: tuple[str, ...] = ()
    error: ErrorDocument | None = None


def document(answer: Answer, words: Words) -> AnswerDocument:
    """The whole answer, with every figure exact and every source once."""
    cited = {citation: n for n, citation in enumerate(answer.citations)}
    return AnswerDocument(
        asked=str(answer.asked),
        headline=plain(words(answer.headline)),
        status=answer.status.code,
        standing=answer.standing.code if answer.standing is not None else None,
        edition=answer.edition.id if answer.edition else None,
        rows=tuple((plain(words(row.label)), plain(words(row.text))) for row in answer.rows),
        table=_table(answer.table, words) if answer.table is not None else None,
        figures=tuple(_figure(figure, words, cited) for figure in answer.figures),
        workings=tuple(plain(words.working(step)) for step in answer.workings),
        sources=tuple(_source(citation) for citation in cited),
        notes=tuple(plain(words(note)) for note in answer.notes),
    )


def problem_document(problem: Problem, asked: str, words: Words) -> AnswerDocument:
    """A document for a question that cannot be answered."""
    return AnswerDocument(
        asked=asked,
        error=ErrorDocument(code=problem.code, sentence=plain(words(problem.sentence)), instead=problem.instead),
    )


def _table(table: Table, words: Words) -> TableDocument:
    headings, *rows = (tuple(map(plain, row)) for row in cells_of(table, words))
    return TableDocument(headings=headings, rows=tuple(rows))


def _figure(figure: Figure, words: Words, cited: dict[Citation, int]) -> FigureDocument:
    leaves = dict.fromkeys(cited[c] for leaf in figure.closure() for c in leaf.citations)
    return FigureDocument(
        name=figure.name,
        label=plain(words(figure.label)),
        value=format(figure.value, "f"),
        unit=figure.unit.text,
        status=figure.status.code,
        standing=figure.standing.code if figure.standing is not None else None,
        edition=figure.edition,
        sources=tuple(leaves),
    )


def _source(citation: Citation) -> SourceDocument:
    source = citation.source
    return SourceDocument(
        key=source.key,
        title=source.title,
        publisher=source.publisher,
        published=source.published.text if source.published else None,
        address=source.address,
        said_by=source.said_by,
        read=source.read,
        reprint=source.reprint,
        table=citation.table,
        row=citation.row,
        year=citation.year,
    )


def terminal_text(answer: Answer, words: Words) -> str:
    """The same for reading in a terminal: headline, rows, workings, sources, notes."""
    lines = [words(answer.headline), ""]
    width = min(26, max((len(words(row.label)) for row in answer.rows), default=0))
    lines += [f"  {words(row.label):<{width}}  {words(row.text)}" for row in answer.rows]
    if answer.table is not None:
        rows = cells_of(answer.table, words)
        widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
        lines += ["", *("  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows)]
    if answer.workings:
        lines += ["", "Workings", *(f"  {words.working(step)}" for step in answer.workings)]
    if answer.citations:
        lines += ["", "Sources", *(f"  {line}" for line in source_lines(answer.citations, words))]
    if answer.notes:
        lines += ["", *(f"  {words(note)}" for note in answer.notes)]
    return plain("\n".join(lines))
