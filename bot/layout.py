"""Answers and problems → Discord's Components V2: a container of text, small print and buttons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest

from discord import ui

from bot.buttons import AgainButton, PanelButton
from bot.words import Words
from knowledge.answer import Answer
from knowledge.figure import Citation, Standing, Status
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.sentences import Sentence, say

KEPT = 512  # recent answers, whole and drawn: the same few are asked again and again, and every button re-asks
PAGE = 3600  # characters of text on one page; Discord takes 4,000 over a whole message
GRADES = "Grades: A primary text · B press or think tank · C aggregator · D a file that cites a primary text."

# The stripe repeats what the words say already, for those who see it.
COLOURS = {Status.PUBLISHED: 0x2E7D64, Status.CORRECTED: 0x2E7D64, Status.ESTIMATE: 0x2F6DB5}
UNSURE, NOT_ADOPTED, PROBLEM = 0x8A6D1D, 0x8A4B9A, 0xB3443C
PANELS = {
    "workings": say("Workings"),
    "sources": say("Sources"),
}


def answer_view(answer: Answer, words: Words, page: int = 1) -> ui.LayoutView:
    """The answer; what does not fit is on further pages, and nothing is cut."""
    buttons = [_panel_button("workings", answer)] if answer.workings else []
    if answer.citations:
        buttons.append(_panel_button("sources", answer))
    return _view(_answer_lines(answer, words), page, _colour(answer), buttons, ("answer", answer.asked))


@lru_cache(maxsize=KEPT)
def _answer_lines(answer: Answer, words: Words) -> list[str]:
    lines = [f"### {words(answer.headline)}"]
    lines += [f"**{words(row.label)}** · {words(row.text)}" for row in answer.rows]
    if answer.table is not None:
        lines.append(_block(words.table(answer.table)))
    lines += [f"-# {words(note)}" for note in answer.notes]
    lines.append(f"-# {words(_small_print(answer))}")
    return lines


def panel_view(panel: str, answer: Answer, words: Words, page: int = 1) -> ui.LayoutView:
    """The workings or the sources of an answer, read off its figures."""
    if panel == "workings":
        title = say("How this was computed")
        steps = [f"{n}. {words.working(step)}" for n, step in enumerate(answer.workings, 1)]
        lines = steps or [words(say("Nothing was computed: every figure stands so in its source."))]
    else:
        title = say("Where this comes from")
        lines = [*source_lines(answer.citations, words), f"-# {GRADES}"]
    head = f"### {words(title)}\n-# /{answer.asked}"
    return _view([head, *lines], page, _colour(answer), [], (panel, answer.asked))


def problem_view(problem: Problem, words: Words, asked: Question, private: bool) -> ui.LayoutView:
    """One sentence on what is wrong, a button for each question to ask instead, and the code."""
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=PROBLEM)
    box.add_item(ui.TextDisplay(words(problem.sentence)))
    box.add_item(ui.TextDisplay(f"-# {problem.code}"))
    again = [AgainButton.of(text, asked, private) for text in problem.instead[:5]]
    if again:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for button in again:
            row.add_item(button)
        box.add_item(row)
    view.add_item(box)
    return view


def fault_view(code: str) -> ui.LayoutView:
    """What the asker sees of a fault of ours: a sentence, what to do, and a code the operator finds in the log."""
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=PROBLEM)
    box.add_item(ui.TextDisplay("Something went wrong here, and it is our fault. Please ask again in a minute."))
    box.add_item(ui.TextDisplay(f"-# If it happens again, give this code to whoever runs the bot: {code}"))
    view.add_item(box)
    return view


def source_lines(citations: Iterable[Citation], words: Words) -> Iterator[str]:
    """A line for each source, with the tables, rows and years that were used and its grade."""
    used: dict[str, list[Citation]] = {}
    for citation in citations:
        used.setdefault(citation.source.key, []).append(citation)
    for listed in used.values():
        source = listed[0].source
        date = f", {words.date(source.published)}" if source.published else ""
        title = words.safe(source.title.strip("[]"))
        name = f"[{title}](<{source.address}>)" if source.address and words.markdown else title
        address = f" {source.address}" if source.address and not words.markdown else ""
        tables: dict[str, list[str]] = {}
        for citation in listed:
            if citation.row or citation.year:
                place = f"table {citation.table}" if citation.table else ""
                cell = " ".join(part for part in (citation.row, str(citation.year or "")) if part)
                tables.setdefault(place, []).append(cell)
        where = "; ".join(": ".join(filter(None, (place, ", ".join(cells)))) for place, cells in tables.items())
        supports = "; ".join(words.safe(c.supports) for c in listed if c.supports)
        more = "".join(f" – {text}" for text in (where, supports) if text)
        yield f"- {name}, {words.safe(source.publisher)}{date} ({source.grade}){more}{address}"


def pages_of(lines: list[str]) -> list[list[str]]:
    """Lines packed into pages of at most PAGE characters; one longer line is split between words."""
    pages: list[list[str]] = [[]]
    size = 0
    for line in lines:
        for piece in _split(line):
            if size + len(piece) + 1 > PAGE and pages[-1]:
                pages.append([])
                size = 0
            pages[-1].append(piece)
            size += len(piece) + 1
    return pages


def _split(line: str) -> Iterator[str]:
    while len(line) > PAGE:
        cut = line.rfind(" ", 0, PAGE)
        cut = cut if cut > 0 else PAGE
        yield line[:cut]
        line = line[cut:].lstrip()
    yield line


def _view(
    lines: list[str], page: int, colour: int, buttons: list[PanelButton], asked: tuple[str, Question]
) -> ui.LayoutView:
    pages = pages_of(lines)
    page = min(max(page, 1), len(pages))
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    body = [line for line in pages[page - 1] if not line.startswith("-# ")]
    small = [line for line in pages[page - 1] if line.startswith("-# ")]
    if body:
        box.add_item(ui.TextDisplay("\n".join(body)))
    if body and small:
        box.add_item(ui.Separator())
    if small:
        box.add_item(ui.TextDisplay("\n".join(small)))
    panel, question = asked
    if page < len(pages):
        buttons = [*buttons, PanelButton(panel, page + 1, question, f"Page {page + 1} of {len(pages)}")]
    if buttons:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for button in buttons[:5]:
            row.add_item(button)
        box.add_item(row)
    view.add_item(box)
    return view


def _panel_button(panel: str, answer: Answer) -> PanelButton:
    return PanelButton(panel, 1, answer.asked, PANELS[panel].template)


def _colour(answer: Answer) -> int:
    if answer.standing in (Standing.PROPOSED, Standing.DEMANDED, Standing.READING):
        return NOT_ADOPTED
    return COLOURS.get(answer.status, UNSURE)


def _small_print(answer: Answer) -> Sentence:
    """Edition, how sure, and who publishes: on every answer, since answers get quoted alone."""
    if answer.edition is not None and answer.figures:
        return say(
            "{edition}, published {published} · {status} · figures: NATO; calculations ours · not affiliated with NATO",
            edition=answer.edition,
            published=answer.edition.published,
            status=answer.status.code,
        )
    return say("Independent project, not affiliated with NATO.")


def _block(rows: list[list[str]]) -> str:
    """A table in fixed width, at most 42 columns so that phones do not wrap it."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "```\n" + "\n".join(lines) + "\n```"
