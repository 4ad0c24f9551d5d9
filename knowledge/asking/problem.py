"""A question that cannot be answered as asked: a stable code, one helpful sentence and what to ask instead."""

from __future__ import annotations

from knowledge.sentences import Sentence


class Problem(Exception):
    """Raised for anything wrong with what somebody typed; never for a fault of ours.

    `code` is stable and documented in docs/answers.md; `instead` holds whole questions to offer, such as
    "gap member:SVK". With `keep`, what else was asked stays asked; else it may be what was wrong.
    """

    def __init__(self, code: str, sentence: Sentence, instead: tuple[str, ...] = (), *, keep: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.instead = instead
        self.keep = keep
