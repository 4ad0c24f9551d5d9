"""What holds of every revision, pledge and definition, checked by another road than the ledger's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.drawing.document import document
from bot.drawing.words import plain as plain_words
from bot.drawing.words import words
from data.seeds import EditionRow, rows
from knowledge.arithmetic import MixedEditions, UnitError, count, difference, revision, to_nearest
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.chart import DumbbellChart
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Operation, Status, Unit
from knowledge.names import index_of, plain
from knowledge.questions import ask, saying
from tests.knowledge import test_properties as properties

REVISED = (
    "revisions",
    "revisions year:2014",
    "revisions year:2024",
    "revisions year:2024 edition:2025",
    "revisions year:2024 measure:spending_usd",
    "revisions year:2024 measure:real_change",
    "revisions year:2018 measure:personnel",
)
EDITIONS = sorted(rows("editions.csv", EditionRow), key=lambda row: (row.last, row.published))
TABLES = [row.id for row in EDITIONS if row.tables == "yes"]  # oldest first
DOCUMENTED = set(
    re.findall(r"^\| `([a-z-]+)` \|", (Path(__file__).parents[2] / "docs" / "answers.md").read_text("utf-8"), re.M)
)
leaf, WORDS, CITED = properties.leaf, properties.WORDS, properties.CITED
each_revision = pytest.mark.parametrize("asked", REVISED)


# -- what holds of every other answer holds of these ------------------------------------------------


@each_revision
def test_workings_compute_sources_are_named_and_documents_read_back(facts: Facts, asked: str) -> None:
    properties.test_every_printed_working_computes_to_its_printed_result(facts, asked)
    properties.test_every_figure_leads_to_a_source(facts, asked)
    properties.test_a_name_in_an_answer_means_one_value(facts, asked)
    properties.test_what_is_made_is_as_unsure_as_its_parts(facts, asked)
    properties.test_a_document_reads_back_and_its_question_gives_it_again(facts, asked)


def leaves(figure: Figure) -> Iterator[Figure]:
    if not figure.operands:
        yield figure
    for operand in figure.operands:
        yield from leaves(operand)


@each_revision
def test_only_a_revision_joins_two_editions(facts: Facts, asked: str) -> None:
    joined = 0
    for answer in properties.answers(facts, asked):
        for figure in properties.closure(answer):
            editions = {one.edition for one in leaves(figure)} - {None}
            if figure.operation is Operation.REVISION:
                assert figure.edition is None
                joined += len(editions) == 2
            else:
                assert len(editions) <= 1, figure.name
    assert joined > 20


# -- the arithmetic of a revision --------------------------------------------------------------------


@given(a=properties.VALUES, b=properties.VALUES, unit=st.sampled_from(properties.UNITS))
@settings(max_examples=100, deadline=None, database=None, derandomize=True)
def test_a_revision_is_the_later_less_the_earlier(a: Decimal, b: Decimal, unit: Unit) -> None:
    before, after = leaf(a, unit, "2024"), leaf(b, unit, "2026", Status.ESTIMATE)
    made = revision("r", before, after, WORDS)
    assert (made.value, made.edition, made.status) == (b - a, None, Status.ESTIMATE)
    assert revision("r", after, before, WORDS).value == a - b
    assert revision("r", before, before, WORDS).value == 0
    assert made.unit.kind is not Kind.SHARE
    with pytest.raises(MixedEditions):
        difference("d", before, after, WORDS)


def test_nothing_is_computed_from_a_revision() -> None:
    made = revision("r", leaf(2, properties.USD, "2024"), leaf(3, properties.USD, "2026"), WORDS)
    with pytest.raises(MixedEditions):
        difference("d", made, leaf(1, properties.USD, "2026"), WORDS)
    with pytest.raises(MixedEditions):
        count("c", [made], WORDS, CITED[0])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Unit(Kind.MONEY, "BGN"), Unit(Kind.MONEY, "EUR")),
        (Unit(Kind.MONEY, "USD", "2015"), Unit(Kind.MONEY, "USD", "2021")),
        (Unit(Kind.MONEY, "USD", "2021"), Unit(Kind.MONEY, "USD")),
        (Unit(Kind.SHARE, decimals=1), Unit(Kind.SHARE, decimals=2)),
        (Unit(Kind.SHARE), Unit(Kind.SHARE_OF_SPENDING)),
    ],
    ids=lambda unit: unit.text,
)
def test_what_is_not_the_same_quantity_has_no_revision(before: Unit, after: Unit) -> None:
    with pytest.raises(UnitError):
        revision("r", leaf(2, before, "2024"), leaf(3, after, "2026"), WORDS)


def test_to_the_nearest() -> None:
    hundred = leaf(100, Unit(Kind.PEOPLE))
    assert to_nearest(leaf(64452, Unit(Kind.PEOPLE)), hundred).value == 64500
    assert to_nearest(leaf(64450, Unit(Kind.PEOPLE)), hundred).value == 64500
    exact = leaf(64400, Unit(Kind.PEOPLE))
    assert to_nearest(exact, hundred) is exact
    with pytest.raises(UnitError):
        to_nearest(leaf(3, properties.USD), hundred)


# -- every member, measure and year ------------------------------------------------------------------


def test_every_cell_is_answered_or_refused_with_a_documented_code(facts: Facts) -> None:
    answered, refused = 0, set()
    for code in facts.spenders:
        for measure in facts.measures:
            for year in (None, "2012", "2014", "2018", "2023", "2024", "2025", "2026", "2031"):
                try:
                    answer = ask(facts, Question("revisions", member=code, measure=measure, year=year))
                except Problem as problem:
                    refused.add(problem.code)
                else:
                    answered += 1
                    assert answer.chart is None or len(list(answer.chart.figures())) >= 6
    assert answered > 2500
    assert refused <= DOCUMENTED


def test_the_change_of_a_share_is_that_of_the_printed_shares(facts: Facts) -> None:
    held: dict[tuple[str, int], list[tuple[str, Decimal]]] = {}
    for edition in TABLES:
        for member, year, share in properties.shares(edition):
            held.setdefault((member, year), []).append((edition, share.quantize(Decimal("0.01"), ROUND_HALF_UP)))
    compared = 0
    for (member, year), printed in held.items():
        if len(printed) < 2 or member == "NATO_TOTAL":  # of which every Ally is asked
            continue
        shown = document(ask(facts, Question("revisions", member=member, year=str(year))), words())
        found = {figure.name: Decimal(figure.value) for figure in shown.figures}
        for (before, a), (after, b) in pairwise(printed):
            name = f"revision.share.{member}.{year}.{before}.{after}"
            if name in found:  # a list of the press may stand between the two
                assert found[name] == b - a, name
                compared += 1
    assert compared > 700


@pytest.mark.parametrize("year", range(2014, 2026))
def test_the_counts_of_all_allies(facts: Facts, year: int) -> None:
    answer = ask(facts, Question("revisions", year=str(year), edition="2026"))
    found = {figure.name: figure.value for figure in answer.figures}
    tables = {
        edition: {m: s.quantize(Decimal("0.01"), ROUND_HALF_UP) for m, y, s in properties.shares(edition) if y == year}
        for edition in ("2024", "2025", "2026")
    }
    bound = {code for code, member in facts.members.items() if member.accession.year <= year}
    for edition, printed in tables.items():
        met = sum(share >= 2 for member, share in printed.items() if member in bound)
        if printed:
            rule = "vilnius" if year >= 2023 else "wales"
            assert found[f"met.{rule}@{edition}"] == met, edition
    both = [
        (tables["2025"][m], tables["2026"][m]) for m in facts.members if m in tables["2025"] and m in tables["2026"]
    ]
    assert found["raised"] == sum(b > a for a, b in both)
    assert found["lowered"] == sum(b < a for a, b in both)
    assert found["compared"] == len(both)
    assert isinstance(answer.chart, DumbbellChart)
    changes = [abs(pair.now.value - pair.then.value) for pair in answer.chart.pairs]
    assert changes == sorted(changes, reverse=True)
    assert len(changes) == len(both)


def drawn_amount(text: str) -> Decimal:
    """What a reader takes from "US$ 28,274 m", "PLN -14.1 bn" or "481,000"."""
    number = re.search(r"-?[\d,]+(?:\.\d+)?", text)
    assert number is not None, text
    scale = 10**9 if text.endswith("bn") else 10**6 if text.endswith("m") else 1
    return Decimal(number[0].replace(",", "")) * scale


@pytest.mark.parametrize("measure", ["spending_usd", "spending_national", "gdp_usd", "per_head_constant", "personnel"])
def test_a_printed_change_is_that_of_the_printed_values(facts: Facts, measure: str) -> None:
    drawn, seen = words(), 0
    for code in (*facts.spenders, "NATO_TOTAL"):
        for year in (None, "2014", "2021"):
            try:
                answer = ask(facts, Question("revisions", member=code, measure=measure, year=year))
            except Problem:
                continue
            for figure in properties.closure(answer):
                if figure.operation is Operation.REVISION:
                    before, after = (drawn_amount(plain_words(drawn.figure(o))) for o in figure.operands)
                    assert drawn_amount(plain_words(drawn.figure(figure))) == after - before, figure.name
                    seen += 1
    assert seen > 50


def test_no_level_is_crossed_by_those_it_does_not_bind(facts: Facts) -> None:
    crossed = 0
    for code, member in facts.members.items():
        for year in range(2014, 2026):
            shown = document(ask(facts, Question("revisions", member=code, year=str(year))), words())
            levels = [text for _, text in shown.rows if " is met in the " in text] if member.armed_forces else []
            assert not levels or member.accession.year <= year, (code, year)
            assert all((" not yet in " in text) is (2014 <= year < 2023 or "3.5%" in text) for text in levels), (
                code,
                year,
            )
            crossed += len(levels)
    assert crossed > 10


# -- pledges -----------------------------------------------------------------------------------------


def test_every_ally_has_its_pledges_and_nothing_is_computed_from_them(facts: Facts) -> None:
    shown = 0
    for code, member in facts.members.items():
        answer = ask(facts, Question("pledges", member=code))
        own = [pledge for pledge in facts.pledges.values() if pledge.member == code]
        drawn = document(answer, words())
        for pledge in own:
            found = [text for _, text in drawn.rows if pledge.summary in text]
            assert found, pledge.id
            assert any(words().inner(saying.told_by(pledge.source)) in text for text in found)
            assert any(citation.source is pledge.source for citation in answer.citations)
        for figure in properties.closure(answer):
            assert not any(o.name.startswith("pledge.") for o in figure.operands), figure.name
            if figure.name.startswith("pledge."):
                assert figure.standing is None
                shown += 1
        if member.armed_forces:
            assert any(label == "Adopted, in force" for label, _ in drawn.rows)
    assert shown > 60


def test_an_ally_of_which_no_pledge_is_held(facts: Facts) -> None:
    none = replace(facts, pledges={})
    drawn = document(ask(none, Question("pledges", member="DEU")), words())
    assert drawn.headline.startswith("No pledge of Germany is held here; the adopted rule asks for at least 3.5%")
    assert "NATO's estimate for 2026 is 2.69%" in drawn.headline


# -- the glossary ------------------------------------------------------------------------------------


def test_every_name_of_a_term_leads_to_it_alone(facts: Facts) -> None:
    spenders = index_of(facts).spenders
    for definition in facts.definitions.values():
        for name in (definition.id, definition.term, *definition.also_called):
            if plain(name) not in spenders:  # of whom their membership is told
                assert ask(facts, Question("define", term=name)).asked.term == definition.id, name
            assert plain(name)


def test_a_distinction_shows_on_both_its_terms(facts: Facts) -> None:
    assert len(facts.distinctions) >= 14
    for pair in facts.distinctions:
        for term, other in ((pair.a, pair.b), (pair.b, pair.a)):
            shown = document(ask(facts, Question("define", term=term)), words()).rows
            assert ("Not the same as", f"{facts.definitions[other].term}: {pair.why}") in shown
