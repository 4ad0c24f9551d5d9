"""Sentences and figures → text in one language: the only place that rounds and formats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, get_currency_symbol

from knowledge.answer import Table
from knowledge.dates import PartialDate
from knowledge.figure import Figure, Kind
from knowledge.sentences import Days, Listing, Sentence, Typed, Year, say
from knowledge.things import Lookalike, Member

LANGUAGES = (
    "de",
    "es",
    "fr",
    "it",
    "pl",
    "tr",
)  # shown besides English; each has a whole catalogue, which a test makes sure of
FOLDER = Path(__file__).with_name("languages")
NBSP = "\N{NO-BREAK SPACE}"
LONGEST_ECHO = 60
HUNDREDS = -2  # decimals to which people are drawn: NATO prints thousands with one decimal


@dataclass(frozen=True, eq=False)
class Words:
    """Draws for one language. `markdown` protects names and typed words from Discord's formatting.

    The rounding rule: shares and points at the decimals NATO prints; money in billions to one decimal, under
    a billion in millions; people in hundreds; a projection at two significant digits, or three in the prices of one year.
    """

    locale: Locale
    catalogue: NullTranslations
    markdown: bool = False

    def __call__(self, sentence: Sentence) -> str:
        """The sentence in this language, every value formatted, with a capital where it begins."""
        text = self.inner(sentence)
        if text.startswith("i") and self.locale.language == "tr":
            return "İ" + text[1:]
        return text[:1].upper() + text[1:]

    def inner(self, sentence: Sentence) -> str:
        """The same inside another sentence."""
        values = {name: self.value(value) for name, value in sentence.values.items()}
        return self.translated(sentence.template).format_map(values)

    def translated(self, text: str) -> str:
        """A template or a name of our tables as the catalogue has it; itself where it has none."""
        return self.catalogue.gettext(text) if text else ""  # a catalogue's entry for "" is its header

    @property
    def english(self) -> bool:
        return self.locale.language == "en"

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
            case Listing(style="unit"):  # Babel's data has this style in part of the languages only
                return ", ".join(self.value(item) for item in value.items)
            case Listing():
                return self.listing(value)
            case Typed():
                return self.echo(value.text)
            case None:
                return "–"
            case Member():
                name = self.country(value.iso2, value.name)
                return f"the {name}" if self.english and value.code in _WITH_ARTICLE else name
            case Lookalike():
                return self.country(value.code, value.name)
            case str():
                return self.safe(self.translated(value))
        return self.safe(self.translated(value.name))  # type: ignore[attr-defined]

    def country(self, iso2: str, name: str) -> str:
        """Our own name in English, Unicode's in any other language."""
        return self.safe(name if self.english else self.locale.territories.get(iso2, name))

    def listing(self, listing: Listing) -> str:
        if listing.style == "sentences":
            return " ".join(self(item) if isinstance(item, Sentence) else self.value(item) for item in listing.items)
        items = [self.value(item) for item in listing.items]
        if listing.style == "unit":  # Babel lacks it in some languages
            return ", ".join(items)
        text = format_list(items, listing.style, self.locale)
        if self.locale.language == "es":  # "Italia y España", but "España e Italia"
            text = re.sub(r" y (?=[iI]|[hH]i[^e])", " e ", text)
        return text

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
        if len(days.start.text) == len(days.end.text) == 10 and (self.english or self.locale.language == "de"):
            return format_interval(days.start.first, days.end.first, "yMMMMd", locale=self.locale)
        return f"{self.date(days.start)} – {self.date(days.end)}"

    # -- numbers -------------------------------------------------------------------------------------

    def figure(self, figure: Figure) -> str:
        """The figure as an answer prints it: rounded by the one rule, with its unit."""
        unit, value = figure.unit, figure.value
        match unit.kind:
            case Kind.SHARE | Kind.SHARE_OF_INCOME | Kind.SHARE_OF_SPENDING | Kind.PERCENT:
                return self.percent(value, unit.decimals)
            case Kind.POINTS | Kind.PERCENTAGE_POINTS:
                return self.counted(_rounded(value, 2), _POINTS)
            case Kind.POINTS_A_YEAR:
                tiny = _rounded(value, 2) == 0 and value != 0
                return self.counted(_significant(value, 1) if tiny else _rounded(value, 2), _POINTS_A_YEAR)
            case Kind.MONEY:
                return self.money(figure.significant, unit.currency, figure.digits, max(0, -unit.decimals))
            case Kind.PEOPLE:
                return self.number(_rounded(value, HUNDREDS), 0)
            case Kind.ALLIES | Kind.COUNT:
                return self.number(value, 0)
            case Kind.YEARS:
                return self.counted(_rounded(value, unit.decimals), _YEARS)
            case Kind.RATIO:
                return self.number(_rounded(value, unit.decimals), unit.decimals)
            case Kind.RATE:
                return self.number(_rounded(value, 4), 4)

    def number(self, value: Decimal, decimals: int) -> str:
        return _decimal(value, decimals, self.locale)

    def percent(self, value: Decimal, decimals: int) -> str:
        """As the language writes a percentage ("2.69%", "2,69 %"): the value is in per cent already."""
        return self.per_cent(self.number(_rounded(value, decimals), decimals))

    def per_cent(self, number: str) -> str:
        """The sign where the language has it, and outside of it a minus or the sign for about."""
        before = "".join(re.findall(r"^[-−≈\u2009]+", number))
        return before + self._per_cent(number[len(before) :])

    def _per_cent(self, number: str) -> str:
        return re.sub(r"[#0,.]+", number, _percent_pattern(self.locale), count=1)

    def counted(self, value: Decimal, template: str, about: str = "") -> str:
        """A number, all its decimals written, with what it counts in the form this language has for the number."""
        number = about + self.number(value, max(0, -int(value.as_tuple().exponent)))
        if self.english:
            return _ONE_YEAR if template is _YEARS and value == 1 else template.format(number=number)
        form = self.locale.plural_form(value)
        return self.catalogue.pgettext(f"number: {form}", template).format(number=number)

    def money(self, value: Decimal, currency: str, significant: int = 0, finest: int = 0) -> str:
        """US$ 44.2 bn, € 852 m, US$ 1,209: billions to one decimal, millions and units whole, unless `significant`.

        With `finest`, a power of ten, no larger unit than that is used, so that nothing NATO prints is cut off.
        """
        scale = next(s for s in (9, 6, 0) if s == 0 or (abs(value) >= Decimal(1).scaleb(s) and s <= (finest or s)))
        amount = value.scaleb(-scale)
        decimals = max(0, -int(amount.as_tuple().exponent)) if significant else int(scale == 9)
        number = self.number(_rounded(amount, decimals), decimals)
        template = self.translated(_MONEY[scale].template)
        return template.format(symbol=self.symbol(currency), number=number).replace(" ", NBSP)

    def symbol(self, currency: str) -> str:
        """US$, €, £, PLN …: never a bare $, which three Allies would read as their own."""
        return "US$" if currency == "USD" else get_currency_symbol(currency, "en" if currency in _SIGNS else "root")

    def table(self, table: Table) -> list[list[str]]:
        """Headings, then rows; a column's unit stands in its heading and its cells are bare numbers."""
        columns = []
        for heading, *cells in zip(table.headings, *table.rows, strict=True):
            figures = [cell for cell in cells if isinstance(cell, Figure)]
            if not figures:
                columns.append([self(heading), *(self.cell(cell) for cell in cells)])
                continue
            unit = max((figure.unit for figure in figures), key=lambda unit: unit.decimals)
            largest = max(abs(figure.value) for figure in figures)
            scale = next(s for s in (9, 6, 0) if s == 0 or largest >= 10**s) if unit.kind is Kind.MONEY else 0
            decimals = (
                int(scale == 9) if unit.kind is Kind.MONEY else HUNDREDS if unit.kind is Kind.PEOPLE else unit.decimals
            )
            if unit.kind is Kind.MONEY:
                name = self.inner(_SCALES[scale].filled(symbol=self.symbol(unit.currency)))
            else:
                name = self.inner(_HEADINGS.get(unit.kind, _NO_UNIT))
            drawn = [
                self._bare(cell.significant.scaleb(-scale), decimals, cell.digits)
                if isinstance(cell, Figure)
                else self.cell(cell)
                for cell in cells
            ]
            columns.append([self.inner(heading.filled(**{**heading.values, "unit": name})), *drawn])
        return [list(row) for row in zip(*columns, strict=True)]

    def _bare(self, value: Decimal, decimals: int, digits: int) -> str:
        """A number without its unit, with no decimals that were rounded away."""
        if decimals == HUNDREDS:
            return self.number(_rounded(value, HUNDREDS), 0)
        if digits:
            decimals = min(decimals, max(0, -int(value.as_tuple().exponent)))
        return self.number(_rounded(value, decimals), decimals)

    def cell(self, value: object) -> str:
        """A value alone in a table: an Ally's name without its article."""
        return self.country(value.iso2, value.name) if isinstance(value, Member) else self.value(value)

    # -- workings ------------------------------------------------------------------------------------

    def exact(self, figure: Figure) -> str:
        """The figure with all its digits, for workings: a reader can compute on with them."""
        unit, value = figure.unit, figure.value
        scale = 6 if unit.kind is Kind.MONEY and abs(value) >= 10**6 else 0
        digits, about = _digits(value.scaleb(-scale) if scale else value)
        number = about + self.number(digits, max(0, -int(digits.as_tuple().exponent)))
        match unit.kind:
            case Kind.SHARE | Kind.SHARE_OF_INCOME | Kind.SHARE_OF_SPENDING | Kind.PERCENT:
                return self.per_cent(number)
            case Kind.POINTS | Kind.PERCENTAGE_POINTS:
                return self.counted(digits, _POINTS, about)
            case Kind.POINTS_A_YEAR:
                return self.counted(digits, _POINTS_A_YEAR, about)
            case Kind.MONEY:
                template = self.translated(_MILLIONS.template if scale else _MONEY[0].template)
                return template.format(symbol=self.symbol(unit.currency), number=number).replace(" ", NBSP)
            case Kind.YEARS:
                return self.counted(digits, _YEARS, about)
            case Kind.RATE:
                to, _, of = unit.currency.partition(" per ")
                return self.translated(_RATE.template).format(number=number, to=to, of=of).replace(" ", NBSP, 1)
        return number

    def working(self, step: Figure) -> str:
        """One step: what it is, the operation with its operands, and the result."""
        assert step.operation is not None
        drawn = [self.exact(operand) for operand in step.operands]
        operands = dict(zip("abcd", drawn, strict=False)) | {"sum": " + ".join(drawn), "list": "; ".join(drawn)}
        made = self.translated(step.operation.value).format(**operands)
        return self.translated(_STEP.template).format(label=self(step.label), made=made, result=self.exact(step))


COUNTED = _POINTS, _POINTS_A_YEAR, _YEARS = "{number} points", "{number} points a year", "{number} years"
_ONE_YEAR = "1 year"
FORMS = ("one", "few", "many", "other")  # Unicode's names for the forms a language may have for a number of things
_MONEY = {9: say("{symbol} {number} bn"), 6: say("{symbol} {number} m"), 0: say("{symbol} {number}")}
_MILLIONS = say("{symbol} {number} million")
_STEP = say("{label}: {made} = {result}")
_RATE = say("{number} {to} per {of}")
_SCALES = {9: say("{symbol} bn"), 6: say("{symbol} m"), 0: say("{symbol}")}
_NO_UNIT, _PER_CENT = say(""), say("%")
_HEADINGS = {
    Kind.SHARE: _PER_CENT,
    Kind.SHARE_OF_INCOME: _PER_CENT,
    Kind.SHARE_OF_SPENDING: _PER_CENT,
    Kind.PERCENT: _PER_CENT,
    Kind.PEOPLE: say("people"),
    Kind.POINTS: say("points"),
    Kind.PERCENTAGE_POINTS: say("points"),
}
_SIGNS = {"EUR", "GBP"}
_WITH_ARTICLE = {"NLD", "GBR", "USA"}


@lru_cache(maxsize=8192)
def _decimal(value: Decimal, decimals: int, locale: Locale) -> str:
    """Babel takes 20 µs a number, and the same few thousand are drawn again and again."""
    return str(format_decimal(value, _pattern(decimals), locale))


def _pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0  # which makes -0.0 a plain 0.0


def _significant(value: Decimal, digits: int) -> Decimal:
    if not value:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_UP)


def _digits(value: Decimal) -> tuple[Decimal, str]:
    """At most twelve significant digits and, where some were cut, the sign that says so."""
    if len(value.normalize().as_tuple().digits) <= 12:
        plain = value.normalize()
        return (plain.quantize(Decimal(1)) if int(plain.as_tuple().exponent) > 0 else plain), ""
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 11), ROUND_HALF_EVEN).normalize() + 0, "≈\u2009"


def plain(text: str) -> str:
    """With ordinary spaces, for terminals, programs and spreadsheets."""
    return re.sub("[\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)


@cache
def _percent_pattern(locale: Locale) -> str:
    return str(locale.percent_formats[None].pattern)


@lru_cache(maxsize=64)
def words(language: str = "en", *, markdown: bool = False) -> Words:
    """The drawer for a language as Discord names it ("es-419"); English for any that has no catalogue."""
    catalogue = catalogue_of(language)
    if catalogue is None:
        return Words(Locale.parse("en_GB"), NullTranslations(), markdown)
    return Words(Locale.parse(language, sep="-"), catalogue, markdown)


def catalogue_of(language: str) -> GNUTranslations | None:
    """The translations into a language as Discord names it; None where English is shown instead."""
    base = language.partition("-")[0]
    return _catalogue(base) if base in LANGUAGES else None


@cache
def _catalogue(language: str) -> GNUTranslations | None:
    try:
        with compiled(language).open("rb") as file:
            return GNUTranslations(file)
    except FileNotFoundError:  # `python -m bot check` says so
        return None


def compiled(language: str) -> Path:
    """Where a language's catalogue stands once it is compiled."""
    return FOLDER / language / "LC_MESSAGES" / "ledger.mo"
