"""Every language: whole, with the right placeholders, within Discord's limits, and right in its numbers and names."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

import discord
import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.client import LedgerClient
from bot.discord.layout import answer_message, panel_message, problem_message
from bot.discord.message import Message
from bot.discord.syncing import payload_hash
from bot.discord.translator import COMMAND, Translator
from bot.drawing import languages
from bot.drawing.languages import FOLDER, LANGUAGES, catalogue_of, compiled
from bot.drawing.numbers import rounded as rounded_to
from bot.drawing.words import Words, words
from commands import ALL
from knowledge.answer import Answer
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import OPTIONS
from knowledge.asking.question import read as read_question
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Unit
from knowledge.names import index_of
from knowledge.questions import ask
from knowledge.sentences import Sentence, say
from tests.bot.messages import BUTTON, check_limits, parts
from tests.bot.messages import texts as texts_of
from tests.commands.test_channel import texts
from tests.conftest import Channel
from tests.knowledge.test_cases import CASES, asked
from tools import catalogues
from tools.catalogues import ROOT, TEMPLATE, command_texts, extracted, missing, po, read, said

BEGUN = tuple(sorted(path.parts[-3] for path in FOLDER.glob("*/LC_MESSAGES/ledger.po")))  # whole or not
AIMED_AT = ("de", "es", "fr", "it", "pl", "tr")
PLACEHOLDER = re.compile(r"\{\w*\}")
CODE = [path for folder in catalogues.CODE for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.fixture
def every_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Languages that are only begun are drawn too, so that what they have is tested before they are shown."""
    monkeypatch.setattr(languages, "LANGUAGES", BEGUN)
    words.cache_clear()
    yield
    words.cache_clear()


def ids(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, str(message.id)) for message in catalogue if message.id}


# -- catalogues --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_template_is_a_literal(path: Any) -> None:
    wrong = [
        call.lineno
        for call in said(ast.parse(path.read_text(encoding="utf-8")))
        if not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))
    ]
    assert wrong == [], "translators cannot find these: keep say(…) sentences in the table, and use .filled(…)"


def test_the_catalogues_are_up_to_date() -> None:
    now = ids(extracted())
    assert now ^ ids(read(TEMPLATE)) == set(), "the English changed: run `make languages`"
    for language in BEGUN:
        assert now - ids(read(po(language))) == set(), f"{language} is behind: run `make languages`"


def test_catalogues_that_are_up_to_date_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER / "tr", tmp_path / "tr")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogues, "TEMPLATE", tmp_path / TEMPLATE.name)
    catalogues.update()
    before = {}
    for file in tmp_path.rglob("*.po*"):
        text = re.sub(r"(?<=POT-Creation-Date: )[^\\]+", "2026-07-10 12:00+0000", file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        before[file] = text
    catalogues.update()
    assert [file.name for file, text in before.items() if file.read_text(encoding="utf-8") != text] == []


@pytest.mark.parametrize("language", BEGUN)
def test_what_the_bot_reads_is_what_was_translated(language: str) -> None:
    assert compiled(language).exists(), "run `make store`"
    with compiled(language).open("rb") as file:
        held = GNUTranslations(file)
    for message in read(po(language)):
        if message.id and message.string and not message.fuzzy:
            text = str(message.id)
            found = held.pgettext(message.context, text) if message.context else held.gettext(text)
            assert found == message.string, "the compiled catalogue is old: run `make store`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing(language: str) -> None:
    lacking = [message.id for message in missing(read(po(language)))]
    assert lacking == [], f"{language} lacks {len(lacking)} translations"


@pytest.mark.parametrize("language", BEGUN)
def test_translations_keep_their_placeholders(language: str) -> None:
    for message in read(po(language)):
        if message.id and message.string and not message.fuzzy:
            english, translated = str(message.id), str(message.string)
            assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(translated)), english
            assert not re.search(r"[{}]", PLACEHOLDER.sub("", translated)), f"a brace is broken: {translated}"
            assert "\n" not in translated, english
            assert translated == translated.strip(), english


def test_names_of_tables_hide_no_word_to_be_typed(facts: Facts) -> None:
    """What people type is never translated, so no template may look like it."""
    typed = {*KINDS, *OPTIONS, *facts.measures, *facts.rules, *facts.groups, *facts.summits, *facts.editions}
    assert typed & {text for context, text in ids(extracted()) if context is None} == set()


# -- commands ----------------------------------------------------------------------------------------


def localized(payload: Any, locale: str) -> Iterator[tuple[str, list[str]]]:
    """Descriptions, and the names that stand side by side, as Discord would show them in a language."""
    if isinstance(payload, list) and payload and isinstance(payload[0], dict):
        names = [(entry.get("name_localizations") or {}).get(locale, entry["name"]) for entry in payload]
        assert len(set(names)) == len(names), names
        for entry in payload:
            described = (entry.get("description_localizations") or {}).get(locale, entry.get("description", "-"))
            yield described, names
            yield from localized(entry.get("options"), locale)


@pytest.mark.parametrize("locale", ["de", "fr", "es-ES", "es-419", "it", "pl", "tr", "en-GB", "en-US", "pt-BR", "ja"])
@pytest.mark.usefixtures("every_language")
async def test_discord_takes_every_name_and_description(client: LedgerClient, locale: str) -> None:
    await client.tree.set_translator(Translator())
    translator = client.tree.translator
    assert translator is not None
    payload = [await command.get_translated_payload(client.tree, translator) for command in client.tree.get_commands()]
    english = {command.name for command in client.tree.get_commands()}
    for described, names in localized(payload, locale):
        assert 1 <= len(described) <= 100, described
        for name in names:
            assert re.fullmatch(r"[-_\w]{1,32}", name), name
            assert name == name.lower()
    for command in payload:
        shown = command["name_localizations"].get(locale, command["name"])
        assert shown not in english - {command["name"]}, f"/{shown} is another command in English"
    translated = any(locale in command["description_localizations"] for command in payload)
    base = locale.partition("-")[0]
    assert translated or base not in LANGUAGES
    assert base in BEGUN or not translated


async def test_new_translations_are_sent_to_discord(client: LedgerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    before = payload_hash(client.tree)
    monkeypatch.setattr("bot.discord.syncing.fingerprint", lambda: b"another catalogue")
    assert payload_hash(client.tree) != before


def test_every_command_and_option_is_in_the_template() -> None:
    listed = ids(read(TEMPLATE))
    for text, context, _ in command_texts(ALL):
        assert (context, text) in listed, "run `make languages`"
    assert (COMMAND, "gap") in listed


# -- answers -----------------------------------------------------------------------------------------


def every_page(answer: Answer, drawn: Words) -> Iterator[Message]:
    for panel in ("answer", "workings", "sources"):
        page = 1
        while page:
            whole = panel == "answer"
            shown = answer_message(answer, drawn, page) if whole else panel_message(panel, answer, drawn, page)
            yield shown
            turns = any(b["custom_id"].startswith(f"al1:{panel}:{page + 1}:") for b in parts(shown, BUTTON))
            page = page + 1 if turns else 0


@pytest.mark.parametrize("language", [*BEGUN, "en-US", "ja"])
@pytest.mark.usefixtures("every_language")
def test_every_case_is_drawn_within_limits(facts: Facts, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {text for _, text in ids(extracted())}
    inner = Words.inner

    def seen(self: Words, sentence: Sentence) -> str:
        assert sentence.template in listed or not catalogues._has_words(sentence.template), sentence.template
        return inner(self, sentence)

    monkeypatch.setattr(Words, "inner", seen)
    drawn = words(language, markdown=True)
    for case in CASES:
        text = asked(case)
        try:
            views = list(every_page(ask(facts, read_question(text)), drawn))
        except Problem as problem:
            views = [problem_message(problem, drawn, private=False)]
        for view in views:
            check_limits(view)
            for button in parts(view, BUTTON):
                if not button["custom_id"].startswith("al1:again"):
                    assert len(button["label"]) <= 34, button["label"]
            for shown in texts_of(view):
                assert "{" in text or not PLACEHOLDER.search(shown), shown


@pytest.mark.skipif("de" not in BEGUN, reason="needs the German catalogue")
@pytest.mark.usefixtures("every_language")
def test_german_from_end_to_end(facts: Facts) -> None:
    drawn = words("de")
    answer = ask(facts, read_question("gap germany"))
    headline = drawn(answer.headline).replace("\xa0", " ")
    assert headline.startswith("Deutschland")
    for part in ("2,69 % des BIP", "Kernverteidigung", "Edition 2026", "0,81 Prozentpunkte unter den 3,5 %"):
        assert part in headline
    rows = " ".join(drawn(row.text) for row in answer.rows).replace("\xa0", " ")
    assert "44,0 Mrd. US$ (37,3 Mrd. €)" in rows
    assert "25. Juni 2025" in rows
    steps = [drawn.working(step).replace("\xa0", " ") for step in answer.workings]
    assert any("3,5 % − 2,69 % = 0,81 Prozentpunkte" in step for step in steps)
    assert drawn(say("{member}", member=facts.members["GBR"])) == "Vereinigtes Königreich"


@pytest.mark.parametrize("language", ["en-US", "en-GB", "pt-BR", "ja", "sv-SE", "", "xx"])
def test_any_other_language_gets_english_words_and_numbers(facts: Facts, language: str) -> None:
    drawn = words(language)
    assert str(drawn.locale) == "en_GB"
    assert drawn(say("{member}", member=facts.members["GBR"])) == "The United Kingdom"
    assert catalogue_of(language) is None


@pytest.mark.skipif("es" not in BEGUN, reason="needs the Spanish catalogue")
@pytest.mark.usefixtures("every_language")
def test_both_kinds_of_spanish_share_a_catalogue_and_keep_their_numbers() -> None:
    assert words("es-ES").catalogue is words("es-419").catalogue
    assert words("es-ES").number(Decimal("1.5"), 1) == "1,5"
    assert words("es-419").number(Decimal("1.5"), 1) == "1.5"


def test_all_who_read_english_share_what_is_drawn() -> None:
    assert len({words(language, markdown=True) for language in ("en", "en-GB", "en-US", "ja", "nosuch")}) == 1


# -- numbers and names -------------------------------------------------------------------------------

LOCALES = ("en-GB", "de", "fr", "es-ES", "es-419", "it", "pl", "tr")


@given(
    st.decimals(-(10**13), 10**13, allow_nan=False, allow_infinity=False, places=4),
    st.integers(0, 4),
    st.sampled_from(LOCALES),
)
def test_a_number_reads_back_as_it_was(value: Decimal, decimals: int, language: str) -> None:
    locale = Locale.parse(language, sep="-")
    rounded = rounded_to(value, decimals)
    drawn = Words(locale, words().catalogue).number(rounded, decimals)
    assert parse_decimal(drawn, locale) == rounded


@pytest.mark.parametrize(
    ("language", "value", "in_answers", "in_workings"),
    [
        ("pl", "1", "1,00 other", "1 one"),
        ("pl", "2", "2,00 other", "2 few"),
        ("pl", "5", "5,00 other", "5 many"),
        ("pl", "0.81", "0,81 other", "0,81 other"),
        ("fr", "0.81", "0,81 one", "0,81 one"),
        ("de", "1", "1,00 other", "1 one"),
    ],
)
def test_a_number_of_things_takes_the_form_of_its_language(
    language: str, value: str, in_answers: str, in_workings: str
) -> None:
    class Forms(NullTranslations):
        def pgettext(self, context: str, message: str) -> str:
            return "{number} " + context.removeprefix("number: ")

    drawn = Words(Locale.parse(language), Forms())
    points = Figure("p", Decimal(value), Unit(Kind.POINTS), say("a"))
    assert drawn.figure(points) == in_answers
    assert drawn.exact(points) == in_workings


def test_a_sentence_begins_with_the_capital_of_its_language() -> None:
    assert Words(Locale.parse("tr"), words().catalogue)(say("ilk")) == "İlk"
    assert Words(Locale.parse("de"), words().catalogue)(say("ilk")) == "Ilk"


@pytest.mark.parametrize("language", ["en", *AIMED_AT, "es_419"])
def test_every_country_answers_to_its_name_in_every_language(facts: Facts, language: str) -> None:
    index, territories = index_of(facts), Locale.parse(language).territories
    for member in facts.members.values():
        assert index.known(territories[member.iso2], index.spenders) is member
    for other in facts.lookalikes.values():
        if other.code in territories:
            assert index.known(territories[other.code], index.lookalikes) is other


# -- on Discord --------------------------------------------------------------------------------------


@pytest.mark.skipif("de" not in BEGUN, reason="needs the German catalogue")
@pytest.mark.usefixtures("every_language")
async def test_the_reader_s_language_in_private_and_the_server_s_in_public(
    offline: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Any = discord.Interaction._from_data

    def german(self: Any, data: Any) -> None:
        plain(self, {**data, "locale": "de", "guild_locale": "en-GB"})

    monkeypatch.setattr(discord.Interaction, "_from_data", german)
    public = await offline.member.slash(offline.channel, "gap", member="Niemcy")
    assert "points short of" in "\n".join(texts(public.response.components))
    private = await offline.member.slash(offline.channel, "gap", member="Deutschland", private=True)
    assert "Prozentpunkte unter" in "\n".join(texts(private.response.components))
    workings = await offline.member.click(public.response, label="Workings")
    assert "So wurde gerechnet" in "\n".join(texts(workings.response.components))
    choices = await offline.member.autocomplete(offline.channel, "gap", "member", "Verein", member="x")
    assert [choice["name"] for choice in choices] == ["🇬🇧 Vereinigtes Königreich", "🇺🇸 Vereinigte Staaten"]
    choices = await offline.member.autocomplete(offline.channel, "gap", "rule", "Zusage", member="DEU")
    assert any(choice["name"] == "Zusage von Den Haag · beschlossen, 2025" for choice in choices)
    wrong = await offline.member.slash(offline.channel, "gap", member="Slov")
    assert "Kein Verbündeter heißt" in "\n".join(texts(wrong.response.components))
    assert not offline.env.errors
