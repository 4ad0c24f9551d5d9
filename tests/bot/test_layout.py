"""Every member with every command stays within Discord's limits, and nothing is lost between pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from bot.discord.ids import read_id
from bot.discord.layout import answer_message, pages_of, panel_message, problem_message
from bot.discord.message import Message
from bot.drawing.document import document
from bot.drawing.words import words
from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, from_compact, read
from knowledge.facts import Facts
from knowledge.questions import ask
from tests.bot.messages import BOX, BUTTON, check_limits, parts, texts
from tests.corrections import correction
from tests.knowledge.test_cases import CASES

WORDS = words(markdown=True)


def every_page(answer: Answer) -> Iterator[Message]:
    """The answer and its panels, following each to its last page."""
    for panel in ("answer", "workings", "sources", "table"):
        page = 1
        while page:
            whole = panel == "answer"
            shown = answer_message(answer, WORDS, page) if whole else panel_message(panel, answer, WORDS, page)
            yield shown
            more = any(button["label"].startswith("Page") for button in parts(shown, BUTTON))
            page = page + 1 if more else 0


def questions(facts: Facts) -> Iterator[Question]:
    for code in facts.spenders:
        yield Question("gap", member=code)
        yield Question("spending", member=code)
        for measure in facts.measures:
            yield Question("spending", member=code, measure=measure)
        for edition in facts.editions:
            yield Question("spending", member=code, edition=edition)
            yield Question("gap", member=code, edition=edition)
        for year in ("2010", "2018", "2024", "2026", "2030", "2032", "2035", "2040"):
            yield Question("target", member=code, year=year)
        for rule in facts.rules:
            yield Question("target", member=code, year="2032", rule=rule)
        for measure in facts.measures:
            yield Question("revisions", member=code, measure=measure)
        for year in ("2014", "2018", "2023", "2024", "2026"):
            yield Question("revisions", member=code, year=year)
        yield Question("pledges", member=code)
    for definition in facts.definitions:
        yield Question("define", term=definition)
    yield from several(facts)
    for rule in facts.rules:
        yield Question("rule", rule=rule)
    for summit in facts.summits:
        yield Question("summit", summit=summit)
    for edition in facts.editions:
        yield Question("sources", edition=edition)
    for name in ("revisions", "define", "rule", "summit", "sources", "help", "about", "privacy"):
        yield Question(name)


def several(facts: Facts) -> Iterator[Question]:
    """Rankings, comparisons and what-ifs, as wide and as long as they come."""
    codes = list(facts.spenders)
    for measure in (*facts.measures, "gap", "gap-usd"):
        yield Question("rank", measure=measure)
        yield Question("compare", members=", ".join(codes[:6]), measure=measure)
        yield Question("spending", member="NATO_TOTAL", measure=measure, year="2014-2026")
        for group in facts.groups:
            yield Question("rank", measure=measure, group=group, year="2024")
    for edition in facts.editions:
        yield Question("rank", edition=edition)
    for rule in facts.rules:
        yield Question("rank", rule=rule)
        yield Question("whatif", member="ESP", rule=rule)
    yield Question("compare", members="GBR, USA, MKD, NLD, BEL, NATO_TOTAL", measure="spending_usd", currency="EUR")
    for code in codes:
        yield Question("whatif", member=code)
        yield Question("whatif", member=code, share="3.5", by="2032", growth="-1.25", rule="washington-2024")
        yield Question("whatif", member=code, share="5", prices="current")
        yield Question("spending", member=code, year="2014-2026")
    yield Question("whatif", member="NATO_TOTAL", share="5")


def test_every_answer_keeps_every_limit(facts: Facts) -> None:
    answered = 0
    for question in questions(facts):
        try:
            answer = ask(facts, question)
        except Problem as problem:
            check_limits(problem_message(problem, WORDS, private=False))
            continue
        answered += 1
        views = list(every_page(answer))
        for view in views:
            check_limits(view)
        assert WORDS(answer.headline) in "".join(texts(views[0]))
    assert answered > 1000


def test_sources_are_never_cut(facts: Facts) -> None:
    answer = ask(facts, Question("target", member="spain", year="2032"))
    text = "".join(text for page in every_page(answer) for text in texts(page))
    for citation in answer.citations:
        assert WORDS.safe(citation.source.publisher.strip()) in text, citation.source.key


def test_pages_keep_every_word() -> None:
    lines = ["word " * 3000, "short", "x" * 9000]
    packed = pages_of(lines)
    assert "".join("".join(page) for page in packed).replace(" ", "") == "".join(lines).replace(" ", "")


@pytest.mark.parametrize(
    ("value", "currency", "drawn"),
    [
        ("44193438000", "USD", "US$ 44.2 bn"),
        ("50448300", "USD", "US$ 50 m"),
        ("538684620617", "TRY", "TRY 538.7 bn"),
        ("1209.4", "EUR", "€ 1,209"),
        ("0", "GBP", "£ 0"),
    ],
)
def test_money(value: str, currency: str, drawn: str) -> None:
    assert WORDS.money(Decimal(value), currency).replace("\xa0", " ") == drawn


ASKED_WRONGLY = [case for case in CASES if case.get("instead")]


@pytest.mark.parametrize("case", ASKED_WRONGLY, ids=lambda case: case["ask"][:40])
def test_a_button_never_leads_back_to_the_same_problem(facts: Facts, case: dict[str, Any]) -> None:
    with pytest.raises(Problem) as raised:
        ask(facts, read(case["ask"]))
    offered = list(parts(problem_message(raised.value, WORDS, private=False), BUTTON))
    assert offered
    for button in offered:
        question = from_compact(read_id(button["custom_id"]).payload.partition(":")[2])
        try:
            ask(facts, question)
        except Problem as problem:
            raise AssertionError(f"{question} is offered and is {problem.code}") from None


@pytest.mark.parametrize(
    "typed",
    [
        "compare germany, franse, " + "aaaa " * 40,
        "whatif germany edition:2025 share:" + "9" * 120,
        "compare NATO, Europe and Canada, DEU, FRA, POL, USA measure:spending_usd_constant",
        "compare NATO, Europe and Canada, DEU, FRA, POL, USA measure:infrastructure_share since 2014",
    ],
)
def test_no_button_is_longer_than_discord_takes(facts: Facts, typed: str) -> None:
    fits(facts, read(typed))


def test_what_reads_as_an_option_is_no_button(facts: Facts) -> None:
    fits(facts, Question("compare", members="germany, franse, foo:bar"))
    fits(facts, Question("compare", members="germany, franse bar:" + "a" * 90, edition="2026"))


def fits(facts: Facts, asked: Question) -> None:
    try:
        answer = ask(facts, asked)
    except Problem as problem:
        check_limits(problem_message(problem, WORDS, private=False))
        return
    check_limits(answer_message(answer, WORDS, private=True))


def test_a_corrected_figure_says_so(facts: Facts) -> None:
    mended = facts.corrected({("2026", "share", "DEU", 2024): correction("2.11")}, "mended")
    answer = ask(mended, read("gap germany 2024 edition:2026"))
    shown = document(answer, words())
    assert shown.status == "corrected"
    corrected = [figure for figure in shown.figures if figure.name == "share.DEU.2024"]
    assert [(figure.value, figure.status) for figure in corrected] == [("2.11", "corrected")]
    assert shown.sources[corrected[0].sources[0]].key == "correction-server-7"
    colours, small = zip(*(_look(ask(f, read("gap germany 2024 edition:2026"))) for f in (mended, facts)), strict=True)
    assert " · corrected · " in small[0]
    assert " · corrected · " not in small[1]
    assert colours[0] != colours[1]


def _look(answer: Answer) -> tuple[int, str]:
    """The colour of an answer's stripe and its small print."""
    shown = answer_message(answer, WORDS)
    (box,) = parts(shown, BOX)
    return int(box["accent_color"]), texts(shown)[-1]


def test_the_document_has_the_table_in_its_order(facts: Facts) -> None:
    answer = ask(facts, read("compare germany, france 2024-2026 edition:2026"))
    shown = document(answer, words())
    assert shown.table is not None
    assert shown.table.headings == ("Year", "DEU %", "FRA %")
    assert [row[0] for row in shown.table.rows] == ["2026e", "2025e", "2024"]
    assert all(len(row) == 3 for row in shown.table.rows)
    assert document(ask(facts, read("rule hague")), words()).table is None


def test_whose_project_this_is_stands_once_in_every_answer(facts: Facts) -> None:
    for asked in ("about", "help", "privacy", "gap germany"):
        text = "\n".join(texts(answer_message(ask(facts, read(asked)), WORDS))).casefold()
        assert text.count("not affiliated with") == 1, asked


def test_steps_are_numbered_on_over_the_pages(facts: Facts) -> None:
    """As text: a list of Discord's begins anew on another page, or keeps to numbers that a list may begin with."""
    answer = ask(facts, read("gap germany since 2014"))
    pages = ["\n".join(texts(panel_message("workings", answer, WORDS, page))) for page in (1, 2)]
    lines = [line for page in pages for line in page.splitlines()]
    numbers = [int(found[1]) for line in lines if (found := re.match(r"(\d+)\\\. ", line))]
    assert numbers == list(range(1, len(answer.workings) + 1))
    assert not [line for line in lines if re.match(r"\d+[.)] ", line)], "a list to Discord"
