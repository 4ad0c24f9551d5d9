"""`python -m bot ask`: questions at a shell, one a line if need be, answered as text or as JSON."""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata
from collections.abc import Iterable
from datetime import date

from bot.drawing.document import document, problem_document, terminal_text
from bot.drawing.words import plain, words
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask

READABLE = "readable"  # a handler of errors, as `codecs` calls it
SURROGATES = re.compile("[\ud800-\udfff]")  # what stands for bytes that are no text

# What a terminal shows in the place of signs it lacks, where these have no accent that could be left out.
INSTEAD = {
    **dict.fromkeys("−–—‑", "-"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’", "'"),
    "≈": "~", "×": "x", "÷": "/", "€": "EUR", "£": "GBP", "✓": "+", "✗": "x",
    "ł": "l", "Ł": "L", "ı": "i", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "đ": "d", "Đ": "D", "ð": "d", "þ": "th",
    **{chr(0x1F1E6 + n): chr(ord("A") + n) for n in range(26)},  # the letters of flags
}  # fmt: skip


def show_readably() -> None:
    """Let no sign end the program that a terminal, a file or a pipe cannot show or that was not typed in its encoding."""
    codecs.register_error(READABLE, _readable)
    for stream, errors in ((sys.stdout, READABLE), (sys.stderr, READABLE), (sys.stdin, "surrogateescape")):
        if stream is not None:  # one that was closed
            stream.reconfigure(errors=errors)  # type: ignore[union-attr]


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Other signs for those that an encoding lacks: a likeness, the letter without its accent, else a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = unicodedata.normalize("NFC", error.object[error.start : error.end])
    return "".join(map(_likeness, lacking)), error.end


def _likeness(sign: str) -> str:
    if unicodedata.category(sign) in ("Cf", "Mn"):  # nobody sees it, or it belongs to the letter before
        return ""
    bare = "".join(INSTEAD.get(part, part) for part in unicodedata.normalize("NFKD", sign)).encode("ascii", "ignore")
    return bare.decode() or "?"


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
