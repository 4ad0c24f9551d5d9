"""Sentences and figures → text in one language: the only place that rounds and formats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, get_currency_symbol
from babel.units import format_unit

from knowledge.answer import Table
from knowledge.dates import PartialDate
from knowledge.facts import Member
from knowledge.figure import Figure, Kind, Operation, Status
from knowledge.sentences import Days, Listing, Sentence, Typed, Year

NBSP = "\N{NO-BREAK SPACE}"
LONGEST_ECHO = 60


@dataclass(frozen=True, eq=False)
class Words:
    """Draws for one language. `markdown` protects names and typed words from Discord's formatting.

    The rounding rule: shares and points at the decimals NATO prints; money in billions to one decimal, under
    a billion in millions; a projection at two significant digits, or three in the prices of one year.
    """

    locale: Locale
    markdown: bool = False

    def __call__(self, sentence: Sentence) -> str:
        """The sentence in this language, every value formatted, with a capital where it begins."""
        text = self.inner(sentence)
        return text[:1].upper() + text[1:]

    def inner(self, sentence: Sentence) -> str:
        """The same inside another sentence."""
        return sentence.template.format_map({name: self.value(value) for name, value in sentence.values.items()})

    def value(self, value: object) -> str:
        match value:
            case Figure():
                return self.figure(value)
            case Sentence():
                return self.inner(value)
            case Year():
                return f"{value.number}{value.mark}"
            case PartialDate():
                return self.date(value)
            case Days():
                return self.days(value)
            case Listing():
                return format_list([self.value(item) for item in value.items], value.style, self.locale)
            case Typed():
                return self.echo(value.text)
            case None:
                return "–"
            case Member() if value.code in _WITH_ARTICLE:
                return "the " + self.safe(value.name)
            case str():
                return self.safe(value)
        return self.safe(str(value.name))  # type: ignore[attr-defined]

    def safe(self, text: str) -> str:
        """Text from our own tables: nothing in it may format by accident."""
        return re.sub(r"([\\*_~`|])", r"\\\1", text) if self.markdown else text

    def echo(self, text: str) -> str:
        """What somebody typed: one line, shortened, unable to ping, link or format, and kept in its own direction."""
        shown = "".join(c for c in " ".join(text.split()) if c.isprintable())
        if len(shown) > LONGEST_ECHO:
            shown = shown[: LONGEST_ECHO - 1] + "…"
        if self.markdown:
            shown = re.sub(r"([\\*_~`|<>@#\[\]()\-:/])", r"\\\1", shown).replace("@", "@\N{ZERO WIDTH SPACE}")
        return f"\N{FIRST STRONG ISOLATE}{shown}\N{POP DIRECTIONAL ISOLATE}" if not shown.isascii() else shown

    def date(self, date: PartialDate) -> str:
        if len(date.text) == 4:
            return date.text
        if len(date.text) == 7:
            return format_skeleton("yMMMM", date.first, locale=self.locale)
        return format_date(date.first, "long", self.locale)

    def days(self, days: Days) -> str:
        if days.start == days.end:
            return self.date(days.start)
        if len(days.start.text) == len(days.end.text) == 10:
            return format_interval(days.start.first, days.end.first, "yMMMMd", locale=self.locale)
        return f"{self.date(days.start)} – {self.date(days.end)}"

    # -- numbers -------------------------------------------------------------------------------------

    def figure(self, figure: Figure) -> str:
        """The figure as an answer prints it: rounded by the one rule, with its unit."""
        unit, value = figure.unit, figure.value
        match unit.kind:
            case Kind.SHARE | Kind.SHARE_OF_SPENDING | Kind.PERCENT:
                return self.percent(value, unit.decimals)
            case Kind.POINTS:
                return self.counted(value, 2, _POINTS)
            case Kind.POINTS_A_YEAR:
                tiny = _rounded(value, 2) == 0 and value != 0
                return self.counted(
                    _significant(value, 1) if tiny else value, -value.adjusted() if tiny else 2, _POINTS_A_YEAR
                )
            case Kind.MONEY:
                if figure.status >= Status.PROJECTION:
                    return self.money(value, unit.currency, significant=3 if unit.prices else 2)
                return self.money(value, unit.currency)
            case Kind.PEOPLE:
                return self.number(_rounded(value, 0), 0)
            case Kind.YEARS:
                return format_unit(int(value), "duration-year", "long", locale=self.locale)
            case Kind.RATIO | Kind.RATE:
                return self.number(_rounded(value, 4), 4)

    def number(self, value: Decimal, decimals: int) -> str:
        return _decimal(value, decimals, self.locale)

    def percent(self, value: Decimal, decimals: int) -> str:
        """As the language writes a percentage ("2.69%", "2,69 %"): the value is in per cent already."""
        number = self.number(_rounded(value, decimals), decimals)
        pattern: str = self.locale.percent_formats[None].pattern
        return re.sub(r"[#0,.]+", number, pattern, count=1)

    def counted(self, value: Decimal, decimals: int, forms: tuple[str, str]) -> str:
        return forms[0].format(number=self.number(_rounded(value, decimals), decimals))

    def money(self, value: Decimal, currency: str, significant: int = 0) -> str:
        """US$ 44.2 bn, € 852 m, US$ 1,209: billions to one decimal, millions and units whole, unless `significant`."""
        if significant:
            value = _significant(value, significant)
        scale = next(s for s in (9, 6, 0) if s == 0 or abs(value) >= Decimal(1).scaleb(s))
        amount = value.scaleb(-scale)
        decimals = max(0, -int(amount.as_tuple().exponent)) if significant else int(scale == 9)
        number = self.number(_rounded(amount, decimals), decimals)
        return _MONEY[scale].format(symbol=self.symbol(currency), number=number).replace(" ", NBSP)

    def symbol(self, currency: str) -> str:
        """US$, €, £, PLN …: never a bare $, which three Allies would read as their own."""
        return "US$" if currency == "USD" else get_currency_symbol(currency, "en" if currency in _SIGNS else "root")

    def table(self, table: Table) -> list[list[str]]:
        """Headings, then rows; a column's unit stands in its heading and its cells are bare numbers."""
        columns = []
        for heading, *cells in zip(table.headings, *table.rows, strict=True):
            figures = [cell for cell in cells if isinstance(cell, Figure)]
            if not figures:
                columns.append([self(heading), *(self.value(cell) for cell in cells)])
                continue
            unit = figures[0].unit
            largest = max(abs(figure.value) for figure in figures)
            scale = next(s for s in (9, 6, 0) if s == 0 or largest >= 10**s) if unit.kind is Kind.MONEY else 0
            decimals = int(scale == 9) if unit.kind is Kind.MONEY else unit.decimals
            name = (
                self.symbol(unit.currency) + _SCALES[scale] if unit.kind is Kind.MONEY else _HEADINGS.get(unit.kind, "")
            )
            drawn = [
                self.number(_rounded(cell.value.scaleb(-scale), decimals), decimals)
                if isinstance(cell, Figure)
                else "–"
                for cell in cells
            ]
            columns.append([self.inner(Sentence(heading.template, {**heading.values, "unit": name})), *drawn])
        return [list(row) for row in zip(*columns, strict=True)]

    # -- workings ------------------------------------------------------------------------------------

    def exact(self, figure: Figure) -> str:
        """The figure with all its digits, for workings: a reader can compute on with them."""
        unit, value = figure.unit, figure.value
        scale = 6 if unit.kind is Kind.MONEY and abs(value) >= 10**6 else 0
        digits, about = _digits(value.scaleb(-scale) if scale else value)
        number = about + self.number(digits, max(0, -int(digits.as_tuple().exponent)))
        match unit.kind:
            case Kind.SHARE | Kind.SHARE_OF_SPENDING | Kind.PERCENT:
                return number + "%"
            case Kind.POINTS:
                return _POINTS[0].format(number=number)
            case Kind.POINTS_A_YEAR:
                return _POINTS_A_YEAR[0].format(number=number)
            case Kind.MONEY:
                million = f"{NBSP}million" if scale else ""
                return f"{self.symbol(unit.currency)}{NBSP}{number}{million}"
            case Kind.YEARS:
                return self.figure(figure)
            case Kind.RATE:
                return f"{number}{NBSP}{unit.currency}"
        return number

    def working(self, step: Figure) -> str:
        """One step: what it is, the operation with its operands, and the result."""
        assert step.operation is not None
        operands = dict(zip("abcd", (self.exact(o) for o in step.operands), strict=False))
        return f"{self(step.label)}: {Operation(step.operation).value.format(**operands)} = {self.exact(step)}"


_POINTS = ("{number} points",) * 2
_POINTS_A_YEAR = ("{number} points a year",) * 2
_MONEY = {9: "{symbol} {number} bn", 6: "{symbol} {number} m", 0: "{symbol} {number}"}
_SCALES = {9: " bn", 6: " m", 0: ""}
_HEADINGS = {Kind.SHARE: "%", Kind.SHARE_OF_SPENDING: "%", Kind.PERCENT: "%", Kind.PEOPLE: "people"}
_SIGNS = {"EUR", "GBP"}
_WITH_ARTICLE = {"NLD", "GBR", "USA"}


@lru_cache(maxsize=8192)
def _decimal(value: Decimal, decimals: int, locale: Locale) -> str:
    """Babel takes 20 µs a number, and the same few thousand are drawn again and again."""
    return str(format_decimal(value, _pattern(decimals), locale))


def _pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _significant(value: Decimal, digits: int) -> Decimal:
    if not value:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_UP)


def _digits(value: Decimal) -> tuple[Decimal, str]:
    """At most twelve significant digits and, where some were cut, the sign that says so."""
    if len(value.normalize().as_tuple().digits) <= 12:
        plain = value.normalize()
        return (plain.quantize(Decimal(1)) if int(plain.as_tuple().exponent) > 0 else plain), ""
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 11), ROUND_HALF_EVEN).normalize() + 0, "≈\u2009"


@lru_cache(maxsize=64)
def words(language: str = "en", *, markdown: bool = False) -> Words:
    """The drawer for a language; English for any that has no catalogue."""
    return Words(Locale.parse("en_GB"), markdown)
