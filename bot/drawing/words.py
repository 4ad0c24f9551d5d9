"""Sentences → text in one language, with every value in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache
from gettext import NullTranslations
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from msgspec.structs import replace

from bot.drawing.languages import catalogue_of
from bot.drawing.numbers import Numbers
from knowledge.dates import PartialDate
from knowledge.figure import Figure
from knowledge.sentences import Days, Listing, Sentence, Typed, Year, say
from knowledge.things import Group, Lookalike, Member

_FORMATTING = re.compile(r"[\\*_~`|]")  # what Discord takes for markup


# How English treats our names: other languages have theirs from their own catalogues.
_SEVERAL = {"eu", "baltic", "nordic", "founding", "since-1999", "bordering-russia"}
_WITH_ARTICLE = {"NLD", "GBR", "USA", "visegrad"} | _SEVERAL
_PLURALS = {" is": " are", " was": " were", " has": " have"}
_NAME = re.compile(r"\{(\w+)\}")
_CHANGING = re.compile(r"(?<!of )\{(\w+)\}('s| is| was| has)\b")
_STEP = say("{label}: {made} = {result}")


class Words(Numbers, frozen=True):
    """Draws sentences for one language. `markdown` protects names and typed words from Discord's formatting."""

    markdown: bool = False

    @cached_property
    def unformatted(self) -> Words:
        """The same for what formats nothing, such as a picture; one object, by which drawn numbers are kept."""
        return replace(self, markdown=False) if self.markdown else self

    def __call__(self, sentence: Sentence) -> str:
        """The sentence in this language, every value formatted, with a capital where it begins."""
        text = self.inner(sentence)
        if text.startswith("i") and self.locale.language == "tr":
            return "İ" + text[1:]
        return text[:1].upper() + text[1:]

    def inner(self, sentence: Sentence) -> str:
        """The same inside another sentence; of its values those alone are drawn that the template names."""
        template = sentence.template if self.english else self.translated(sentence.template)
        drawn = {name: self.value(sentence.values[name]) for name in _names(template)}
        return (_in_english(sentence, drawn) if self.english else template).format_map(drawn)

    def value(self, value: object) -> str:
        draw = _DRAWN.get(type(value))
        return draw(self, value) if draw is not None else self.text(value.name)  # type: ignore[attr-defined]

    @lru_cache(maxsize=4096)  # noqa: B019 - there are a few drawers, and none is ever let go
    def text(self, text: str) -> str:
        """A name or a word of our own tables."""
        return self.safe(self.translated(text))

    def among_words(self, who: Member | Group) -> str:
        """An Ally or a group within a sentence, with the article that its name takes there."""
        return f"the {self.cell(who)}" if self.english and who.code in _WITH_ARTICLE else self.cell(who)

    @lru_cache(maxsize=2048)  # noqa: B019 - as above
    def country(self, iso2: str, name: str) -> str:
        """Our own name in English, Unicode's in any other language."""
        return self.safe(name if self.english else self.locale.territories.get(iso2, name))

    def listing(self, listing: Listing) -> str:
        if listing.style == "unit":  # Babel's data has this style in part of the languages only
            return ", ".join(map(self.value, listing.items))
        if listing.style == "sentences":
            return " ".join(self(item) if isinstance(item, Sentence) else self.value(item) for item in listing.items)
        items = [self.value(item) for item in listing.items]
        text = format_list(items, listing.style, self.locale)
        if self.locale.language == "es":  # "Italia y España", but "España e Italia"
            text = re.sub(r" y (?=[iI]|[hH]i[^e])", " e ", text)
        return text

    def safe(self, text: str) -> str:
        """Text from our own tables: nothing in it may format by accident."""
        return _FORMATTING.sub(r"\\\g<0>", text) if self.markdown and _FORMATTING.search(text) else text

    def echo(self, text: str, most: int = Typed("").most) -> str:
        """What somebody typed: one line, shortened, unable to ping, link or format, and kept in its own direction."""
        shown = "".join(c for c in " ".join(text.split()) if c.isprintable())
        if len(shown) > most:
            shown = shown[: most - 1] + "…"
        if self.markdown:
            shown = re.sub(r"([\\*_~`|<>@#\[\]()\-:/])", r"\\\1", shown).replace("@", "@\N{ZERO WIDTH SPACE}")
        return f"\N{FIRST STRONG ISOLATE}{shown}\N{POP DIRECTIONAL ISOLATE}" if not shown.isascii() else shown

    def date(self, date: PartialDate) -> str:
        return _date(date, self.locale)

    def days(self, days: Days) -> str:
        if days.start == days.end:
            return self.date(days.start)
        if len(days.start.text) == len(days.end.text) == 10 and (self.english or self.locale.language == "de"):
            return format_interval(days.start.first, days.end.first, "yMMMMd", locale=self.locale)
        return f"{self.date(days.start)} – {self.date(days.end)}"

    def cell(self, value: object) -> str:
        """A value alone in a table: the name of an Ally or a group without its article."""
        return _ALONE.get(type(value), Words.value)(self, value)

    def working(self, step: Figure) -> str:
        """One step: what it is, the operation with its operands, and the result."""
        assert step.operation is not None
        drawn = [self.exact(operand) for operand in step.operands]
        operands = dict(zip("abcd", drawn, strict=False)) | {"sum": " + ".join(drawn), "list": "; ".join(drawn)}
        made = self.translated(step.operation.value).format(**operands)
        return self.translated(_STEP.template).format(label=self(step.label), made=made, result=self.exact(step))


@cache
def _names(template: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_NAME.findall(template)))


@cache
def _english_forms(template: str) -> tuple[tuple[str, str], ...]:
    """The values of a template behind which English changes a word, each with that word."""
    return tuple(_CHANGING.findall(template))


def _in_english(sentence: Sentence, drawn: dict[str, str]) -> str:
    """The template with the verb of a group in the plural, and no second s of the genitive behind an s."""
    template = sentence.template
    for name, word in _english_forms(template):
        who = sentence.values.get(name)
        if isinstance(who, Sentence) and who.template == "{member}":
            who = who.values["member"]
        if word == "'s" and drawn[name].endswith("s"):
            template = template.replace(f"{{{name}}}'s", f"{{{name}}}'")
        elif word in _PLURALS and isinstance(who, Group) and who.code in _SEVERAL:
            template = template.replace(f"{{{name}}}{word} ", f"{{{name}}}{_PLURALS[word]} ")
    return template


# How each kind of value is drawn; anything else by its name. Looked up, since an answer has hundreds of values.
_DRAWN: Mapping[type, Callable[[Words, Any], str]] = {
    Figure: Words.figure,
    Sentence: Words.inner,
    Year: lambda words, year: f"{year.number}{year.mark}",
    PartialDate: Words.date,
    Days: Words.days,
    Listing: Words.listing,
    Typed: lambda words, typed: words.echo(typed.text, typed.most),
    type(None): lambda words, none: "–",
    Member: Words.among_words,
    Group: Words.among_words,
    Lookalike: lambda words, country: words.country(country.code, country.name),
    str: Words.text,
}
_ALONE: Mapping[type, Callable[[Words, Any], str]] = {
    **_DRAWN,
    Member: lambda words, member: words.country(member.iso2, member.name),
    Group: lambda words, group: words.text(group.name),
}


def plain(text: str) -> str:
    """With ordinary spaces, for terminals, programs and spreadsheets."""
    return re.sub("[\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)


@lru_cache(maxsize=1024)
def _date(date: PartialDate, locale: Locale) -> str:
    if len(date.text) == 4:
        return date.text
    if len(date.text) == 7:
        return str(format_skeleton("yMMMM", date.first, locale=locale))
    return str(format_date(date.first, "long", locale))


@lru_cache(maxsize=64)
def words(language: str = "en", *, markdown: bool = False) -> Words:
    """The drawer for a language as Discord names it ("es-419"); English for any that has no catalogue."""
    catalogue = catalogue_of(language)
    return _english(markdown) if catalogue is None else Words(Locale.parse(language, sep="-"), catalogue, markdown)


@cache
def _english(markdown: bool) -> Words:
    """One object, since what is drawn for one reader of English is kept for all."""
    return Words(Locale.parse("en_GB"), NullTranslations(), markdown)
