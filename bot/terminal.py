"""`python -m bot ask`: questions at a shell, one a line if need be, answered as text or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date

from bot.drawing.document import document, problem_document, terminal_text
from bot.drawing.words import plain, words
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask


def answer_lines(facts: Facts, lines: Iterable[str], *, as_json: bool) -> bool:
    """Answer each line; whether all had an answer."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a sign shows another
    drawn = words()
    fine = True
    for text in map(str.rstrip, lines):
        try:
            answer = ask(facts, read(text), date.today())
        except Problem as problem:
            fine = False
            if as_json:
                print(problem_document(problem, text, drawn).model_dump_json(), flush=True)
            else:
                print(plain(drawn(problem.sentence)), file=sys.stderr)
            continue
        print(document(answer, drawn).model_dump_json() if as_json else terminal_text(answer, drawn), flush=True)
    return fine
