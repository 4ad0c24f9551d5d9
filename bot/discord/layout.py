"""Answers and problems → Discord's Components V2: a container of text, small print and buttons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.discord import components
from bot.discord.components import MOST, Component, button
from bot.discord.ids import LONGEST, id_of
from bot.discord.message import Attachment, Message
from bot.drawing.sources import source_lines
from bot.drawing.tables import block, cells_of, data_table
from bot.drawing.words import Words
from knowledge.answer import Answer
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, read
from knowledge.figure import Standing, Status
from knowledge.questions.pages import NOTICE
from knowledge.questions.saying import MARKED
from knowledge.sentences import Listing, Sentence, Typed, Year, say

PAGE = 3600  # characters of text on one page; Discord takes 4,000 over a whole message

# The stripe repeats what the words say already, for those who see it.
COLOURS = {Status.PUBLISHED: 0x2E7D64, Status.CORRECTED: 0x1D8A99, Status.ESTIMATE: 0x2F6DB5}
UNSURE, NOT_ADOPTED, PROBLEM = 0x8A6D1D, 0x8A4B9A, 0xB3443C
PANELS = {
    "workings": say("Workings"),
    "sources": say("Sources"),
    "chart": say("Chart"),
    "table": say("Table"),
    "csv": say("CSV"),
    "vega": say("Vega-Lite"),
}
SHARE = say("Share")
REPORT = say("Report a slip…")
STATUS = {
    Status.PUBLISHED: say("published"),
    Status.CORRECTED: say("corrected"),
    Status.ESTIMATE: say("estimate"),
    Status.PROJECTION: say("projection"),
    Status.ILLUSTRATION: say("illustration"),
}


def answer_message(answer: Answer, words: Words, page: int = 1, *, private: bool = False) -> Message:
    """The answer; what does not fit is on further pages, and nothing is cut. A private one can be shared."""
    lines = _answer_lines(answer, words)
    if answer.asked.name not in KINDS:  # no question, so no button could ask it again
        return Message.of(_box(lines, page, answer, "answer", [], words, share=False))
    return Message.of(_box(lines, page, answer, "answer", _panels_of(answer), words, share=private))


def answer_boxes(answer: Answer, words: Words, longest: int, *, panels: bool) -> list[Component]:
    """The whole answer, to be put beside others: in boxes of so many characters, since nobody can turn its pages."""
    boxes = [_texts(page) for page in pages_of(_answer_lines(answer, words), longest)]
    if panels and (names := _panels_of(answer)):
        boxes[-1].append(components.row(_panels(answer, names, words)))
    return [components.box(_colour(answer), *inside) for inside in boxes]


def _panels_of(answer: Answer) -> list[str]:
    panels = ["workings"] if answer.computed else []
    if answer.cited:
        panels.append("sources")
    if answer.chart is not None:
        panels.append("chart")
    if answer.chart is not None or answer.table is not None:
        panels += ["table", "csv"]
    return panels


def _answer_lines(answer: Answer, words: Words) -> list[str]:
    lines = [f"### {words(answer.headline)}"]
    lines += [f"**{words(row.label)}** · {words(row.text)}" for row in answer.rows]
    if answer.table is not None:
        lines.append(block(cells_of(answer.table, words)))
    lines += [f"-# {words(note)}" for note in answer.notes]
    if NOTICE not in answer.notes:
        lines.append(f"-# {words(_small_print(answer))}")
    return lines


def panel_message(panel: str, answer: Answer, words: Words, page: int = 1) -> Message:
    """The workings, the sources or the table of an answer, read off its figures."""
    if panel == "workings":
        title = say("How this was computed")
        # escaped, since a list may begin anew on the next page: not every client keeps the number it begins with
        steps = [rf"{n}\. {words.working(step)}" for n, step in enumerate(answer.workings, 1)]
        lines = steps or [words(say("Nothing was computed: every figure stands so in its source."))]
    elif panel == "table":
        title = answer.chart.title if answer.chart is not None else say("The figures")
        table = data_table(answer)
        lines = [block(cells_of(table, words))] if table is not None else []
        if table is not None and any(isinstance(cell, Year) and cell.mark for row in table.rows for cell in row):
            lines.append(f"-# {words(MARKED)}")
        lines.append(f"-# {words(_small_print(answer))}")
    else:
        title = say("Where this comes from")
        lines = list(source_lines(answer.citations, words))
        if answer.folded:
            more = Listing(tuple(say("“/rule {id}”", id=Typed(rule.id)) for rule in answer.folded), "unit")
            lines.append(f"-# {words(say('More sources of the rules: {more}.', more=more))}")
    head = f"### {words(title)}\n-# /{answer.asked}"
    box = _box([head, *lines], page, answer, panel, [], words, share=False)
    if panel == "sources" and answer.cells and len(key := id_of("slip", answer.asked.compact)) <= LONGEST:
        box["components"].append(components.row([button(key, words(REPORT))]))
    return Message.of(box)


def chart_message(answer: Answer, words: Words, picture: Attachment, *, private: bool) -> Message:
    """The picture with its text for those who do not see it."""
    below = [*_panels(answer, ["table", "csv", "vega"], words), *_share(answer, "chart", words, private)]
    shown = components.picture(picture.name, picture.description)
    inside = components.text(words(answer.headline)), shown, components.row(below)
    return Message.of(components.box(_colour(answer), *inside), files=(picture,))


def file_message(answer: Answer, words: Words, file: Attachment, what: Sentence) -> Message:
    """A file to take away, with a sentence on what it is."""
    inside = components.text(f"{words(what)}\n-# /{answer.asked}"), components.file(file.name)
    return Message.of(components.box(_colour(answer), *inside), files=(file,))


def sorry_message(what: Sentence, words: Words) -> Message:
    """One sentence on something that could not be made this time."""
    return Message.of(components.box(PROBLEM, components.text(words(what))))


def problem_message(problem: Problem, words: Words, private: bool) -> Message:
    """One sentence on what is wrong, a button for each question to ask instead, and the code."""
    inside = [components.text(words(problem.sentence)), components.text(f"-# {problem.code}")]
    if row := ask_row(((question, asked_label(question)) for question in map(read, problem.instead)), private):
        inside.append(row)
    return Message.of(components.box(PROBLEM, *inside))


def fault_message(code: str, words: Words) -> Message:
    """What the asker sees of a fault of ours: a sentence, what to do, and a code the operator finds in the log."""
    sorry = say("Something went wrong here, and it is our fault. Please ask again in a minute.")
    told = say("If it happens again, give this code to whoever runs the bot: {code}", code=code)
    return Message.of(components.box(PROBLEM, components.text(words(sorry)), components.text(f"-# {words(told)}")))


def ask_row(questions: Iterable[tuple[Question, str]], private: bool) -> Component | None:
    """A button for each question, with its label, as far as they fit; None where none does."""
    ids = {id_of("again", str(int(private)), question.compact): label for question, label in questions}
    made = [components.button(key, label, main=True) for key, label in ids.items() if len(key) <= LONGEST]
    return components.row(made[:MOST]) if made else None


def asked_label(question: Question) -> str:
    """What a button asks, as it would be typed; an edition is named, since beside a year it looks like another one."""
    given = (f"{option}:{value}" if option == "edition" else value for option, value in question.given.items())
    return " ".join([f"/{question.name}", *given])


def pages_of(lines: list[str], longest: int = PAGE) -> list[list[str]]:
    """Lines packed into pages of so many characters at most; one longer line is split between words."""
    pages: list[list[str]] = [[]]
    size = 0
    for line in lines:
        for piece in _split(line, longest):
            if size + len(piece) + 1 > longest and pages[-1]:
                pages.append([])
                size = 0
            pages[-1].append(piece)
            size += len(piece) + 1
    return pages


def _split(line: str, longest: int) -> Iterator[str]:
    while len(line) > longest:
        cut = line.rfind(" ", 0, longest)
        cut = cut if cut > 0 else longest
        yield line[:cut]
        line = line[cut:].lstrip()
    yield line


def _box(
    lines: list[str], page: int, answer: Answer, panel: str, panels: list[str], words: Words, *, share: bool
) -> Component:
    pages = pages_of(lines)
    page = min(max(page, 1), len(pages))
    inside = _texts(pages[page - 1])
    if panels:
        inside.append(components.row(_panels(answer, panels, words)))
    more = []
    if page < len(pages):
        label = words(say("Page {page} of {pages}", page=str(page + 1), pages=str(len(pages))))
        more.append(components.button(id_of(panel, str(page + 1), answer.asked.compact), label))
    if more := [*more, *_share(answer, panel, words, share)]:
        inside.append(components.row(more))
    return components.box(_colour(answer), *inside)


def _texts(lines: list[str]) -> list[Component]:
    """The lines, and below them the small print."""
    body = [line for line in lines if not line.startswith("-# ")]
    small = [line for line in lines if line.startswith("-# ")]
    texts = [components.text("\n".join(part)) for part in (body, small) if part]
    return [texts[0], components.line(), texts[1]] if len(texts) > 1 else texts


def _panels(answer: Answer, panels: list[str], words: Words) -> list[Component]:
    return [components.button(id_of(name, "1", answer.asked.compact), _label(name, words)) for name in panels]


def _share(answer: Answer, panel: str, words: Words, private: bool) -> list[Component]:
    return [components.button(id_of("share", panel, answer.asked.compact), words(SHARE), main=True)] if private else []


@lru_cache(maxsize=256)
def _label(panel: str, words: Words) -> str:
    return words(PANELS[panel])


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
            status=STATUS[answer.status],
        )
    return say("Independent project, not affiliated with NATO.")
