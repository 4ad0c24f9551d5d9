"""Figures → text in one language: the only place that rounds, and writes a number with its unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache, cached_property, lru_cache
from gettext import NullTranslations

from babel import Locale
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol
from msgspec import Struct

from knowledge.figure import Figure, Kind
from knowledge.sentences import say

NBSP = "\N{NO-BREAK SPACE}"
HUNDREDS = -2  # decimals to which people are drawn: NATO prints thousands with one decimal


class Numbers(Struct, frozen=True, eq=False, dict=True):
    """Draws numbers for one language.

    The rounding rule: shares and points at the decimals NATO prints; money in billions to one decimal, under
    a billion in millions; people in hundreds; a projection at two significant digits, or three in the prices of one year.
    """

    locale: Locale
    catalogue: NullTranslations

    @cached_property
    def english(self) -> bool:
        return self.locale.language == "en"

    def translated(self, text: str) -> str:
        """A template or a name of our tables as the catalogue has it; itself where it has none."""
        return self.catalogue.gettext(text) if text else ""  # a catalogue's entry for "" is its header

    def figure(self, figure: Figure) -> str:
        """The figure as an answer prints it: rounded by the one rule, with its unit."""
        unit, value = figure.unit, figure.value
        match unit.kind:
            case Kind.SHARE | Kind.SHARE_OF_SPENDING | Kind.PERCENT:
                return self.percent(value, unit.decimals)
            case Kind.MONEY:
                return self.money(figure.significant, unit.currency, figure.digits, max(0, -unit.decimals))
            case Kind.PEOPLE:
                return self.number(value, HUNDREDS)
            case Kind.ALLIES | Kind.COUNT | Kind.RATIO:
                return self.number(value, unit.decimals)
            case Kind.POINTS | Kind.PERCENTAGE_POINTS:
                return self.counted(rounded(value, 2), _POINTS)
            case Kind.POINTS_A_YEAR:
                tiny = rounded(value, 2) == 0 and value != 0
                return self.counted(_significant(value, 1) if tiny else rounded(value, 2), _POINTS_A_YEAR)
            case Kind.YEARS:
                return self.counted(rounded(value, unit.decimals), _YEARS)
            case Kind.RATE:
                return self.number(value, 4)

    def number(self, value: Decimal, decimals: int) -> str:
        """Rounded to so many decimals, with the separators of the language; HUNDREDS are no decimals."""
        return _number(value, decimals, self)

    def percent(self, value: Decimal, decimals: int) -> str:
        """As the language writes a percentage ("2.69%", "2,69 %"): the value is in per cent already."""
        return _percentage(value, decimals, self)

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
        scale = next(s for s, least in _SCALES if s == 0 or (abs(value) >= least and s <= (finest or s)))
        amount = value.scaleb(-scale)
        decimals = max(0, -int(amount.as_tuple().exponent)) if significant else int(scale == 9)
        number = self.number(amount, decimals)
        template = self.translated(_MONEY[scale].template)
        return template.format(symbol=self.symbol(currency), number=number).replace(" ", NBSP)

    def symbol(self, currency: str) -> str:
        """US$, €, £, PLN …: never a bare $, which three Allies would read as their own."""
        return _symbol(currency)

    def exact(self, figure: Figure) -> str:
        """The figure with all its digits, for workings: a reader can compute on with them."""
        unit, value = figure.unit, figure.value
        scale = 6 if unit.kind is Kind.MONEY and abs(value) >= 10**6 else 0
        digits, about = _digits(value.scaleb(-scale) if scale else value)
        number = about + self.number(digits, max(0, -int(digits.as_tuple().exponent)))
        match unit.kind:
            case Kind.SHARE | Kind.SHARE_OF_SPENDING | Kind.PERCENT:
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


COUNTED = _POINTS, _POINTS_A_YEAR, _YEARS = "{number} points", "{number} points a year", "{number} years"
_ONE_YEAR = "1 year"
FORMS = ("one", "few", "many", "other")  # Unicode's names for the forms a language may have for a number of things
_MONEY = {9: say("{symbol} {number} bn"), 6: say("{symbol} {number} m"), 0: say("{symbol} {number}")}
_SCALES = tuple((scale, Decimal(1).scaleb(scale)) for scale in _MONEY)
_MILLIONS = say("{symbol} {number} million")
_RATE = say("{number} {to} per {of}")
_SIGNS = {"EUR", "GBP"}


@lru_cache(maxsize=8192)
def _number(value: Decimal, decimals: int, numbers: Numbers) -> str:
    """The same few thousand are drawn again and again, and Babel takes 20 µs for each."""
    text = f"{rounded(value, decimals):,.{max(0, decimals)}f}"
    return text if numbers.english else text.translate(_separators(numbers.locale))


@cache
def _separators(locale: Locale) -> Mapping[int, str]:
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale)})


def rounded(value: Decimal, decimals: int) -> Decimal:
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


@lru_cache(maxsize=8192)
def _percentage(value: Decimal, decimals: int, numbers: Numbers) -> str:
    return numbers.per_cent(numbers.number(value, decimals))


@cache
def _symbol(currency: str) -> str:
    return "US$" if currency == "USD" else get_currency_symbol(currency, "en" if currency in _SIGNS else "root")


@cache
def _percent_pattern(locale: Locale) -> str:
    return str(locale.percent_formats[None].pattern)
