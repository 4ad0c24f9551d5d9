"""What a question leaves open and a server chose: never an answer less, never unsaid, and held by the answer's own question."""

from __future__ import annotations

from datetime import date

import pytest

from bot.drawing.words import words
from knowledge.answer import Answer
from knowledge.asking.defaults import NONE, Defaults
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, read
from knowledge.facts import Facts
from knowledge.questions import ask
from knowledge.questions.saying import level_of
from tests.corrections import correction

DAY = date(2026, 11, 3)
ASKED = (
    *(kind.example for kind in KINDS.values()),
    "gap germany 2014-2026", "gap spain 2024", "gap luxembourg", "gap nordic", "gap iceland", "target spain 2024",
    "spending montenegro", "spending nordic since 2014", "spending norway 2017 per head", "rank", "rank gap", "rank members",
    "rank growth since 2014", "rank equipment", "rank share 2025 2%", "compare nato, europe", "whatif nato 3.5",
    "whatif poland", "revisions", "pledges spain", "gap finland 2016", "gap germany 1 march 2026",
)  # fmt: skip
RESTS, LEFT, GONE = "This server's default:", "does not answer this", "is held no longer"


def told(answer: Answer) -> list[str]:
    return [words()(note) for note in answer.notes if "server's default" in note.template]


def chosen(facts: Facts) -> list[Defaults]:
    rules = [rule.id for rule in facts.rules.values() if not rule.only and has_level(facts, rule.id)]
    both = [Defaults(edition, rule) for edition in ("2024", "2019", "report-2023") for rule in rules]
    return [*(Defaults(edition=key) for key in facts.editions), *(Defaults(rule=key) for key in rules), *both]


def has_level(facts: Facts, rule: str) -> bool:
    try:
        level_of(facts.rules[rule])
    except Problem:
        return False
    return True


@pytest.mark.parametrize("text", ASKED)
def test_a_default_takes_no_answer_away_and_is_told(facts: Facts, text: str) -> None:
    question = read(text)
    bare = ask(facts, question, DAY)
    wrong = []
    for defaults in chosen(facts):
        answer = ask(facts, question, DAY, defaults)
        again = ask(facts, answer.asked, DAY)
        if words()(again.headline) != words()(answer.headline):
            wrong.append((defaults, "a button would answer otherwise"))
        if words()(answer.headline) != words()(bare.headline) and not told(answer):
            wrong.append((defaults, "it is another answer, and nobody is told"))
        pressed = ask(facts, answer.asked, DAY, defaults.named_in(answer.asked))
        rests = [note for note in told(answer) if RESTS in note]
        if words()(pressed.headline) != words()(answer.headline) or told(pressed) != rests:
            wrong.append((defaults, "what is shared tells otherwise"))
    assert wrong == []


@pytest.mark.parametrize(
    ("defaults", "text", "notes"),
    [
        (NONE, "gap germany", []),
        (Defaults("2024"), "gap germany", [RESTS]),
        (Defaults("2024"), "gap germany 2026", [LEFT]),
        (Defaults("1999"), "gap germany", [GONE]),
        (Defaults("1999"), "gap germany 2025 edition", []),
        (Defaults("1999", "wales"), "gap germany", [RESTS, GONE]),
        (Defaults("2024", "gone"), "gap germany 2026", [LEFT, GONE]),
        (Defaults(rule="wales"), "rank personnel", []),
        (Defaults("2024", "wales"), "rank personnel", [RESTS]),
        (Defaults("2024"), "rank members", []),
        (Defaults("2024", "wales"), "rank members 2004", []),
        (Defaults("2024"), "gap germany edition:1 march 2026", []),
    ],
    ids=str,
)
def test_what_is_told(facts: Facts, defaults: Defaults, text: str, notes: list[str]) -> None:
    found = told(ask(facts, read(text), DAY, defaults))
    assert [next(note for note in (RESTS, LEFT, GONE) if note in one) for one in found] == notes


@pytest.mark.parametrize("text", ["gap atlantis", "gap", "rank nonsense", "gap germany 1980", "gap we"])
def test_what_is_wrong_without_a_default_is_wrong_in_the_same_way_with_one(facts: Facts, text: str) -> None:
    with pytest.raises(Problem) as bare:
        ask(facts, read(text), DAY)
    with pytest.raises(Problem) as under:
        ask(facts, read(text), DAY, Defaults("2024", "wales"))
    assert (under.value.code, under.value.instead) == (bare.value.code, bare.value.instead)


def test_a_question_in_full_is_filled_in_no_further() -> None:
    defaults = Defaults("2024", "wales", "DEU")
    assert defaults.named_in(Question("gap", member="POL", edition="2026")) == Defaults(country="DEU")
    assert defaults.named_in(Question("gap", member="POL", edition="2024", rule="hague")) == Defaults(
        "2024", None, "DEU"
    )


def test_under_a_correction_too(facts: Facts) -> None:
    here = facts.corrected({("2024", "share", "DEU", 2024): correction("2.34")}, "here")
    answer = ask(here, read("gap germany"), DAY, Defaults("2024", "wales"))
    assert "2.34%" in words()(answer.headline)
    assert told(answer) == ["This server's default: 2024 edition and Wales pledge."]
