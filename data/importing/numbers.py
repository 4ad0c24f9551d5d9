"""Numbers, blanks and years as they are written in tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from msgspec import Struct

BLANKS = {"", "..", "...", "…", "n/a", "na", "n.a.", "n.a", "#n/a", ":", "-", "–", "—", "−", "n.k.", "nk", "z", "x", "nd", "n.d.", "k.a.", "k. a.", "s.o.", "null", "none", "nan"}  # fmt: skip
LONGEST = 40  # characters of a number
LARGEST = 15  # powers of ten

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_SIGN = re.compile(r"(us ?\$|usd|\$|€|£|%)", re.IGNORECASE)
_MARK = re.compile(r"(?<=\d)\s*(\(\s*e\s*\)|e(?:st\.?)?)$", re.IGNORECASE)
_STARS = re.compile(r"[*†‡]+$")
_SCALE = re.compile(r"(?<=\d)\s*(bn|billion|b|mrd\.?|mn|million|mio\.?|m|tsd\.?|k)$", re.IGNORECASE)
_SCALES = {"b": 9, "bn": 9, "billion": 9, "mrd": 9, "m": 6, "mn": 6, "mio": 6, "million": 6, "k": 3, "tsd": 3}
_DIGITS = re.compile(r"[+-]?\d[\d., '’]*")
_YEAR = re.compile(r"(?<![\d.,/])((?:19|20)\d\d)(?:\.0+)?(?![\d/]|[.,]\d)(\s*\(\s*e(?:st\.?)?\s*\)|\s*e(?:st\.?)?\b|\s?\*+)?", re.IGNORECASE)  # fmt: skip
_ONLY_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d(?:\.0+)?(\s*\(\s*e(?:st\.?)?\s*\)|\s*e(?:st\.?)?|\s?\*+)?", re.IGNORECASE)  # fmt: skip


class Number(Struct, frozen=True):
    """A number as written: its exact value, the places behind the point, and what stood beside it."""

    value: Decimal
    places: int
    unit: str = ""  # "percent", "usd" or "other", by a sign in the cell
    mark: str = ""  # "e" for an estimate
    scale: int = 0  # power of ten, by a word in the cell, which `value` does not hold
    grouping: str = ""
    other_style: bool = False  # written with the decimal sign that the table does not use


class YearCell(Struct, frozen=True):
    """A heading with a year in it; `words` are the rest of it."""

    year: int
    mark: str
    words: str

    @property
    def alone(self) -> bool:
        return not self.words


def is_blank(text: str) -> bool:
    return text.strip().casefold() in BLANKS


def year_of(text: str) -> YearCell | None:
    """The year of a heading, the last one of a span; None where there is none, or too much else."""
    if len(text) > 60:
        return None
    found = list(_YEAR.finditer(text))
    if not found:
        return None
    last = found[-1]
    words = _SPACES.sub(" ", _YEAR.sub(" ", text)).strip(" -–—,.")
    return YearCell(int(last[1]), "e" if last[2] else "", text if len(found) > 1 else words)


def only_year(text: str) -> YearCell | None:
    """The year of a cell that holds nothing else."""
    return year_of(text) if _ONLY_YEAR.fullmatch(text.strip()) else None


def bare(text: str) -> tuple[str, str, str, int]:
    """The digits of a cell without signs, marks and stars; its unit, mark and scale."""
    text = _SPACES.sub(" ", text[:LONGEST]).replace("−", "-").strip()
    unit = ""
    if sign := _SIGN.search(text):
        unit = "percent" if sign[1] == "%" else "usd" if "$" in sign[1] or sign[1].casefold() == "usd" else "other"
        text = _SIGN.sub("", text).strip()
    text = _STARS.sub("", text).strip()
    if text.startswith("(") and text.endswith(")") and text[1:-1].strip()[:1].isdigit():
        text = "-" + text[1:-1].strip()
    mark = ""
    if found := _MARK.search(text):
        mark, text = "e", text[: found.start()]
    scale = 0
    if found := _SCALE.search(text):
        scale, text = _SCALES[found[1].casefold().rstrip(".")], text[: found.start()]
    return text.replace(" -", "-").strip(), unit, mark, scale


def decimal_sign(texts: Iterable[str]) -> str:
    """The decimal sign that a table uses, by vote of its cells; a point where nothing tells."""
    votes: Counter[str] = Counter()
    for text in texts:
        digits = bare(text)[0]
        if len(digits) > LONGEST or not _DIGITS.fullmatch(digits):
            continue
        signs = [c for c in digits if c in ".,"]
        if not signs:
            continue
        if len(set(signs)) == 2:
            votes[signs[-1]] += 2
        elif len(signs) > 1 or re.fullmatch(r"[+-]?\d{1,3},\d{3}", digits):
            votes["," if signs[0] == "." else "."] += 1 if len(signs) == 1 else 2
        elif not re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", digits):  # 1.349 may be either
            votes[signs[0]] += 2
    return "," if votes[","] > votes["."] else "."


def number(text: str, sign: str) -> Number | None:
    """The number of a cell, where `sign` is the table's decimal sign; None if it is none."""
    if len(text) > LONGEST:
        return None
    digits, unit, mark, scale = bare(text)
    if not _DIGITS.fullmatch(digits):
        return None
    for decimal in (sign, "," if sign == "." else "."):
        if (read := _read(digits, decimal)) is not None:
            value, places, grouping = read
            return Number(value, places, unit, mark, scale, grouping, decimal != sign)
    return None


def _read(digits: str, decimal: str) -> tuple[Decimal, int, str] | None:
    whole, point, fraction = digits.partition(decimal)
    if point and (not fraction.isdigit() or not whole.lstrip("+-").strip()):
        return None
    parts = re.split(r"([., '’])", whole.lstrip("+-"))
    groups, marks = parts[::2], set(parts[1::2])
    if decimal in marks or len(marks) > 1:
        return None
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    minus = "-" if whole.startswith("-") else ""
    value = Decimal(f"{minus}{''.join(groups)}{f'.{fraction}' if fraction else ''}")
    return value, len(fraction), next(iter(marks), "")


def plain_number(text: str) -> Number | None:
    """The number of a workbook's cell, which knows no style; None if it is none, or beyond any table."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if len(text) > LONGEST or not value.is_finite() or (value and abs(value.adjusted()) > LARGEST):
        return None
    exponent = int(value.as_tuple().exponent)
    return Number(value if exponent <= 0 else value.quantize(Decimal(1)), max(0, -exponent))
