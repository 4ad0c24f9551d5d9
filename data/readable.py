"""What is printed in a terminal, a file or a pipe of any encoding: other signs for those it lacks."""

from __future__ import annotations

import codecs
import sys
import unicodedata

READABLE = "readable"  # a handler of errors, as `codecs` calls it

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
