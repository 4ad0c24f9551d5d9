"""`python -m bot ask`: questions at a shell, one a line if need be, answered as text or as JSON."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterable
from datetime import date

from bot.drawing.document import document, problem_document, terminal_text
from bot.drawing.words import plain, words
from data.readable import show_readably
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask

SURROGATES = re.compile("[\ud800-\udfff]")  # what stands for bytes that are no text


def answer_lines(facts: Facts, lines: Iterable[str], *, as_json: bool) -> bool:
    """Answer each line; whether all had an answer."""
    show_readably()
    drawn = words()
    encoding = getattr(sys.stdout, "encoding", "utf-8")
    escaped = codecs.lookup(encoding).name != "utf-8"  # JSON has its own way to write any sign in ASCII
    fine = True
    for text in (SURROGATES.sub("\N{REPLACEMENT CHARACTER}", line).rstrip() for line in lines):
        try:
            answer = ask(facts, read(text), date.today())
        except Problem as problem:
            fine = False
            if as_json:
                print(problem_document(problem, text, drawn).model_dump_json(ensure_ascii=escaped), flush=True)
            else:
                print(plain(drawn(problem.sentence)), file=sys.stderr)
            continue
        if as_json:
            print(document(answer, drawn).model_dump_json(ensure_ascii=escaped), flush=True)
        else:
            print(terminal_text(answer, drawn), flush=True)
    return fine
