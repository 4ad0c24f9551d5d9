"""What holds of every answer, whoever is asked about and whatever is typed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.drawing.document import AnswerDocument, document, problem_document
from bot.drawing.words import plain, words
from data.seeds import FOLDER, KnownRow, rows
from knowledge.answer import Answer
from knowledge.arithmetic import (
    MixedEditions,
    UnitError,
    as_printed,
    compounded,
    converted,
    difference,
    part_of,
    percentage,
    quotient,
    scaled,
    share_total,
    span,
    straight_line,
)
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, from_compact, read
from knowledge.chart import BarChart
from knowledge.facts import Facts
from knowledge.figure import Citation, Figure, Kind, Operation, Read, SaidBy, Source, Standing, Status, Unit
from knowledge.questions import ask
from knowledge.sentences import say

YEARS = (2010, 2015, 2024, 2026, 2028, 2032, 2035, 2040)
ASKED = (
    "gap",
    *(f"target year:{year}" for year in YEARS),
    "spending",
    "whatif",
    "whatif share:3.5 by:2032",
    "whatif share:1.9 growth:1.2",
)
RANKED = ("share", "gap", "gap-usd", "spending_usd", "real_change", "personnel", "equipment_share", "per_head_constant")


@cache
def answers(facts: Facts, asked: str) -> tuple[Answer, ...]:
    """The answers for every Ally and total."""
    name, _, options = asked.partition(" ")
    found = []
    for code in facts.spenders:
        try:
            found.append(ask(facts, read(f"{name} member:{code} {options}")))
        except Problem as problem:
            raise AssertionError(f"{asked} of {code} has no answer: {problem.code}") from None
    return tuple(found)


def closure(answer: Answer) -> Iterator[Figure]:
    for figure in answer.figures:
        yield from figure.closure()


each_question = pytest.mark.parametrize("asked", ASKED)


# -- workings, computed again from what is printed ---------------------------------------------------

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def _hundredth(a: Decimal) -> Decimal:
    return a.quantize(Decimal("0.01"), ROUND_HALF_UP)


ARITHMETIC: dict[Operation, Callable[..., Decimal]] = {
    Operation.DIFFERENCE: lambda a, b: a - b,
    Operation.SHARE_PLUS: lambda a, b: a + b,
    Operation.PART_OF: lambda a, b: a * b / 100,
    Operation.QUOTIENT: lambda a, b: a / b,
    Operation.PRODUCT: lambda a, b: a * b,
    Operation.AS_PRINTED: _hundredth,
    Operation.TO_NEAREST: lambda a, b: (a / b).quantize(Decimal(1), ROUND_HALF_UP) * b,
    Operation.REVISION: lambda a, b: b - a,
    Operation.PERCENTAGE: lambda a, b: a / b * 100,
    Operation.RISE: lambda a, b: (a / b - 1) * 100,
    Operation.FALL: lambda a, b: (1 - a / b) * 100,
    Operation.YEARLY: lambda a, b, c: ((a / b) ** (1 / c) - 1) * 100,
    Operation.AT_PACE: lambda a, b, c: a + b * c,
    Operation.SUM: lambda *parts: sum(parts, Decimal(0)),
    Operation.COUNT: lambda *listed: Decimal(len(listed)),
    Operation.COMPOUND: lambda a, b, c, d: a * (b * c) ** d,
    Operation.COMPOUND_ONE: lambda a, b, c: a * b**c,
    Operation.GROWN: lambda a, b, c: a * (1 + b / 100) ** c,
    Operation.EDGE: lambda a, b, c: ((100 + a + b) / (100 + a)) ** c,
    Operation.STRAIGHT_LINE: lambda a, b, c, d: a + (b - a) * c / d,
}
WRITTEN: dict[Operation, re.Pattern[str]] = {
    operation: re.compile(re.sub(r"\\{([abcd])\\}", r"(?P<\1>.+?)", re.escape(operation.value)))
    for operation in Operation
    if operation not in (Operation.STRAIGHT_LINE, Operation.EDGE)  # which write their first operand twice
}
LISTS = {Operation.SUM: " + ", Operation.COUNT: "; "}  # these take as many operands as there are
WRITTEN[Operation.EDGE] = re.compile(r"\(\(100 \+ (?P<a>.+?) \+ (?P<b>.+?)\) ÷ \(100 \+ (?P=a)\)\) \^ (?P<c>.+)")
WRITTEN[Operation.STRAIGHT_LINE] = re.compile(r"(?P<a>.+?) \+ \((?P<b>.+?) − (?P=a)\) × (?P<c>.+?) ÷ (?P<d>.+)")


def printed_number(text: str) -> Decimal:
    """The number a reader takes from "US$ 44,193.438 million" or "≈ 0.848 EUR per USD"."""
    found = _NUMBER.findall(text)
    assert len(found) == 1, text
    number = Decimal(found[0].replace(",", ""))
    return number * 10**6 if "million" in text else number


def recomputed(step: Figure, text: str) -> tuple[Decimal, Decimal]:
    """The result worked out from the printed operands, and the printed result."""
    assert step.operation is not None
    made, _, result = text.rpartition(" = ")
    if joined := LISTS.get(step.operation):
        numbers = [printed_number(part) for part in made.removeprefix("how many are in the list ").split(joined)]
        assert len(numbers) == len(step.operands)
        return ARITHMETIC[step.operation](*numbers), printed_number(result)
    parts = WRITTEN[step.operation].fullmatch(made)
    assert parts is not None, text
    operands = [printed_number(parts[letter]) for letter in sorted(parts.groupdict())]
    assert len(operands) == len(step.operands)
    return ARITHMETIC[step.operation](*operands), printed_number(result)


@each_question
def test_every_printed_working_computes_to_its_printed_result(facts: Facts, asked: str) -> None:
    drawn, seen = words(), 0
    for answer in answers(facts, asked):
        for step in answer.workings:
            text = plain(drawn.working(step))
            label = plain(drawn(step.label)) + ": "
            assert text.startswith(label)
            computed, shown = recomputed(step, text.removeprefix(label))
            assert computed == pytest.approx(shown, rel=Decimal("1e-9"), abs=Decimal("1e-10")), text
            seen += 1
    assert seen > (90 if asked in {"gap", "target year:2026", "target year:2032", "target year:2035"} else -1)


OURS = ("years.", "band.", "step.", "share", "growth")  # counted on a calendar, chosen by us or typed by the asker


# -- sources, names and editions ---------------------------------------------------------------------


@each_question
def test_every_figure_leads_to_a_source(facts: Facts, asked: str) -> None:
    for answer in answers(facts, asked):
        held = set(answer.citations)
        for figure in closure(answer):
            cited = {citation for leaf in figure.closure() for citation in leaf.citations}
            assert cited or figure.name.startswith(OURS), figure.name
            assert cited <= held


@each_question
def test_a_name_in_an_answer_means_one_value(facts: Facts, asked: str) -> None:
    for answer in answers(facts, asked):
        values: dict[str, Decimal] = {}
        for figure in closure(answer):
            assert values.setdefault(figure.name, figure.value) == figure.value, (str(answer.asked), figure.name)


@each_question
def test_editions_never_mix(facts: Facts, asked: str) -> None:
    for answer in answers(facts, asked):
        own = answer.edition.id if answer.edition is not None else None
        assert {figure.edition for figure in closure(answer)} <= {None, own}


@pytest.mark.parametrize("edition", ["2024", "2025", "report-2025", "2023", "2022", "2019"])
def test_editions_never_mix_in_older_ones(facts: Facts, edition: str) -> None:
    answered = 0
    for code in facts.spenders:
        for name in ("gap", "spending", "target"):
            try:
                answer = ask(facts, Question(name, member=code, edition=edition))
            except Problem:
                continue
            answered += bool(answer.figures)
            assert {figure.edition for figure in closure(answer)} <= {None, edition}
    assert answered > 20


@each_question
def test_what_is_made_is_as_unsure_as_its_parts(facts: Facts, asked: str) -> None:
    for answer in answers(facts, asked):
        for figure in closure(answer):
            assert all(figure.status >= operand.status for operand in figure.operands), figure.name


# -- documents ---------------------------------------------------------------------------------------


@each_question
def test_a_document_reads_back_and_its_question_gives_it_again(facts: Facts, asked: str) -> None:
    drawn = words()
    for answer in answers(facts, asked):
        made = document(answer, drawn)
        assert AnswerDocument.model_validate_json(made.model_dump_json()) == made
        assert document(ask(facts, read(made.asked)), drawn) == made
        for figure in made.figures:
            assert all(0 <= n < len(made.sources) for n in figure.sources)


# -- the gap by another road -------------------------------------------------------------------------


def shares(edition: str) -> Iterator[tuple[str, int, Decimal]]:
    """The printed shares, read straight from the seed table."""
    with (FOLDER / "figures" / f"{edition}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["measure"] == "share":
                for column, text in row.items():
                    if column[:4].isdigit() and text:
                        yield row["member"], int(column[:4]), Decimal(text)


@pytest.mark.parametrize(
    ("edition", "rule", "level", "first"),
    [
        ("2026", "hague", "3.5", 2026),
        ("2026", "vilnius", "2", 2014),
        ("2024", "vilnius", "2", 2014),
        ("2026", "trump", "5", 2025),
    ],
)
def test_the_gap_is_the_level_less_the_printed_share(
    facts: Facts, edition: str, rule: str, level: str, first: int
) -> None:
    compared = 0
    for member, year, share in shares(edition):
        if year < first:
            continue
        shown = document(
            ask(facts, Question("gap", member=member, year=str(year), rule=rule, edition=edition)), words()
        )
        found = {figure.name: Decimal(figure.value) for figure in shown.figures}.get(f"gap.{rule}", Decimal(0))
        missing = Decimal(level) - share.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert found == abs(missing), (member, year)
        [told] = [text for label, text in shown.rows if label in ("Met", "In comparison")]
        assert ("is below" in told) is (missing > 0), (member, year, told)
        compared += 1
    assert compared >= 31


# -- whatever is typed -------------------------------------------------------------------------------

NASTY = st.sampled_from(
    ["", " ", "\x00", "\ud83c", "🇩🇪", "🇩", "DEU", "germany", "2026e", "٢٠٢٦", "²", "2032", "hague", "as of ", "1 March 2026", "0000",
     "99999", "2026 2027", "%", "{}", "{0}", "{member}", "member:", "rule:hague", "|", "<@1>", "share", "2025-02-30", "10000000000", "½"]
)  # fmt: skip
TYPED = st.one_of(
    st.text(max_size=40), NASTY, st.lists(NASTY, max_size=4).map(" ".join), st.text("0123456789e- :./", max_size=12)
)


def answered_or_refused(facts: Facts, make: Callable[[], Question], text: str) -> None:
    for markdown in (False, True):
        drawn = words(markdown=markdown)
        try:
            document(ask(facts, make()), drawn)
        except Problem as problem:
            problem_document(problem, text, drawn)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(name=st.sampled_from(sorted(KINDS)), typed=TYPED)
def test_words_of_any_kind_are_answered_or_refused(facts: Facts, name: str, typed: str) -> None:
    answered_or_refused(facts, lambda: read(f"{name} {typed}"), typed)
    answered_or_refused(facts, lambda: read(typed), typed)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(
    name=st.sampled_from(["gap", "target", "spending"]),
    option=st.sampled_from(["member", "year", "edition", "rule", "measure"]),
    typed=TYPED,
)
def test_any_text_in_one_option_is_answered_or_refused(facts: Facts, name: str, option: str, typed: str) -> None:
    asked = replace(Question(name, member="DEU"), **{option: typed})
    answered_or_refused(facts, lambda: asked, typed)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(member=TYPED, year=TYPED, edition=TYPED, rule=TYPED)
def test_any_text_in_every_option_is_answered_or_refused(
    facts: Facts, member: str, year: str, edition: str, rule: str
) -> None:
    for name in ("gap", "target", "spending", "rule", "summit", "sources"):
        asked = Question(name, member=member, year=year, edition=edition, rule=rule, summit=member)
        answered_or_refused(facts, lambda asked=asked: asked, member)  # type: ignore[misc]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_any_mix_of_real_names_is_answered_or_refused(facts: Facts, data: st.DataObject) -> None:
    def one(names: object, *, optional: bool = True) -> str | None:
        strategy = st.sampled_from(sorted(names))  # type: ignore[call-overload]
        chosen: str | None = data.draw(st.none() | strategy if optional else strategy)
        return chosen

    year = data.draw(st.none() | st.integers(1949, 2050).map(str))
    asked = Question(
        data.draw(st.sampled_from(["gap", "target", "spending"])),
        one(facts.spenders, optional=False),
        year,
        one(facts.rules),
        one(facts.measures),
        one(facts.editions),
    )
    answered_or_refused(facts, lambda: asked, str(asked))


# -- figures -----------------------------------------------------------------------------------------

VALUES = st.decimals(Decimal("0.01"), Decimal(10**13), places=2, allow_nan=False, allow_infinity=False)
UNITS = [
    Unit(Kind.SHARE), Unit(Kind.SHARE_OF_SPENDING), Unit(Kind.POINTS), Unit(Kind.POINTS_A_YEAR), Unit(Kind.PERCENT),
    Unit(Kind.MONEY, "USD"), Unit(Kind.MONEY, "EUR"), Unit(Kind.MONEY, "USD", "2021"), Unit(Kind.PEOPLE), Unit(Kind.YEARS),
    Unit(Kind.RATIO), Unit(Kind.RATE, "EUR per USD"),
]  # fmt: skip
SHARE, USD, EUR, RATIO = Unit(Kind.SHARE), Unit(Kind.MONEY, "USD"), Unit(Kind.MONEY, "EUR"), Unit(Kind.RATIO)
WORDS = say("a figure")
CITED = (Citation(Source("s", "A source", "NATO", None, "https://example.org", SaidBy.NATO, Read.WHOLE)),)


def leaf(
    value: Decimal | int | str,
    unit: Unit,
    edition: str | None = None,
    status: Status = Status.PUBLISHED,
    standing: Standing | None = None,
) -> Figure:
    return Figure("leaf", Decimal(value), unit, WORDS, status, standing, edition, CITED)


@pytest.mark.parametrize("a", UNITS, ids=lambda unit: unit.text)
@pytest.mark.parametrize("b", UNITS, ids=lambda unit: unit.text)
def test_unlike_units_are_never_computed_with(a: Unit, b: Unit) -> None:
    one, two = leaf(3, a), leaf(2, b)
    if a != b:
        with pytest.raises(UnitError):
            difference("d", one, two, WORDS)
        with pytest.raises(UnitError):
            percentage("p", one, two, WORDS)
        with pytest.raises(UnitError):
            straight_line("l", one, two, span(1, 2), span(1, 3), WORDS)
    else:
        assert difference("d", one, two, WORDS).value == 1
    if (a.kind, b.kind) not in {(Kind.SHARE, Kind.MONEY), (Kind.POINTS, Kind.MONEY)}:
        with pytest.raises(UnitError):
            part_of("p", one, two, WORDS)
    if (a.kind, b.kind) != (Kind.SHARE, Kind.SHARE):
        with pytest.raises(UnitError):
            share_total("t", one, two, WORDS)
    if b.kind is not Kind.RATIO:
        with pytest.raises(UnitError):
            scaled("s", one, two, WORDS)
        with pytest.raises(UnitError):
            compounded("c", one, (two,), span(1, 2), WORDS)
    if (a, b) != (USD, UNITS[-1]) and not (a.kind is Kind.MONEY and a.currency == "USD" and b.kind is Kind.RATE):
        with pytest.raises(UnitError):
            converted("c", one, two, WORDS)
    points_a_year = (a.kind, b.kind) == (Kind.POINTS, Kind.YEARS)
    rate = a.kind is b.kind is Kind.MONEY and a.currency != b.currency and a.prices == b.prices
    points_a_year |= (a.kind, b.kind) == (Kind.POINTS, Kind.POINTS_A_YEAR)  # which makes years
    if not points_a_year and not rate and not (a.kind is b.kind and a.currency == b.currency):
        with pytest.raises(UnitError):
            quotient("q", one, two, WORDS)


def test_units_of_what_is_made() -> None:
    points = difference("d", leaf("3.5", SHARE), leaf("2.69", SHARE), WORDS)
    assert (points.value, points.unit.kind) == (Decimal("0.81"), Kind.POINTS)
    assert quotient("q", points, span(1, 10), WORDS).unit.kind is Kind.POINTS_A_YEAR
    rate = quotient("r", leaf(8, EUR), leaf(10, USD), WORDS)
    assert (rate.unit.kind, rate.unit.currency) == (Kind.RATE, "EUR per USD")
    euros = converted("e", leaf(20, USD), rate, WORDS)
    assert (euros.value, euros.unit) == (Decimal(16), EUR)
    with pytest.raises(UnitError):
        converted("e", leaf(20, EUR), rate, WORDS)
    assert (
        difference("d", leaf(3, Unit(Kind.SHARE_OF_SPENDING)), leaf(2, Unit(Kind.SHARE_OF_SPENDING)), WORDS).unit.kind
        is Kind.PERCENTAGE_POINTS
    )


@given(a=VALUES, b=VALUES)
@settings(max_examples=60, deadline=None, database=None, derandomize=True)
def test_editions_are_never_joined(a: Decimal, b: Decimal) -> None:
    for unit in (SHARE, USD):
        with pytest.raises(MixedEditions):
            difference("d", leaf(a, unit, "2024"), leaf(b, unit, "2026"), WORDS)
        with pytest.raises(MixedEditions):
            percentage("p", leaf(a, unit, "2024"), leaf(b, unit, "2026"), WORDS)
        assert difference("d", leaf(a, unit, "2026"), leaf(b, unit), WORDS).edition == "2026"
        assert difference("d", leaf(a, unit), leaf(b, unit), WORDS).edition is None
    with pytest.raises(MixedEditions):
        part_of("p", leaf(a, SHARE, "2024"), leaf(b, USD, "2025"), WORDS)
    once = difference("d", leaf(a, USD, "2026"), leaf(b, USD), WORDS)
    with pytest.raises(MixedEditions):
        quotient("q", once, leaf(b, USD, "2025"), WORDS)


@given(a=VALUES, b=VALUES, sure=st.sampled_from(Status), unsure=st.sampled_from(Status))
@settings(max_examples=60, deadline=None, database=None, derandomize=True)
def test_a_doubt_spreads_to_what_it_touches(a: Decimal, b: Decimal, sure: Status, unsure: Status) -> None:
    share, whole = leaf(a, SHARE, status=sure), leaf(b, USD, status=unsure)
    made = part_of("p", share, whole, WORDS)
    assert made.status is max(sure, unsure)
    again = quotient("q", leaf(b, USD), made, WORDS) if made.value else made
    assert again.status is max(sure, unsure)
    grown = compounded("c", whole, (leaf("1.01", RATIO),), span(1, 3), WORDS)
    assert grown.status is max(unsure, Status.PROJECTION)
    assert straight_line(
        "l", share, share, span(1, 2), span(1, 3), WORDS
    ).status is Status.ILLUSTRATION  # fmt: skip


def test_an_estimate_makes_what_it_touches_an_estimate() -> None:
    estimate = leaf("2.694", SHARE, "2026", Status.ESTIMATE)
    assert as_printed(estimate).status is Status.ESTIMATE
    assert as_printed(estimate).value == Decimal("2.69")
    level = leaf("3.5", SHARE, standing=Standing.ADOPTED)
    missing = difference("d", level, as_printed(estimate), WORDS)
    assert (missing.status, missing.standing, missing.edition) == (Status.ESTIMATE, Standing.ADOPTED, "2026")
    demanded = difference("d", leaf(5, SHARE, standing=Standing.DEMANDED), level, WORDS)
    assert demanded.standing is Standing.DEMANDED


# -- side by side ------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", RANKED)
def test_a_ranking_is_a_permutation_in_order(facts: Facts, measure: str) -> None:
    for year in (2014, 2020, 2026):
        for group in (None, "nordic", "eu", "members 2016", "bordering-russia"):
            answer = ask(facts, Question("rank", measure=measure, year=str(year), group=group))
            assert isinstance(answer.chart, BarChart)
            names = [bar.iso2 for bar in answer.chart.bars]
            assert len(names) == len(set(names))
            if group is None:
                assert set(names) == {m.iso2 for m in facts.members.values() if m.accession.year <= year}
            values = [bar.figure.value for bar in answer.chart.bars if bar.figure is not None]
            assert values == sorted(values, reverse=True)
            assert all(bar.absent is not None for bar in answer.chart.bars if bar.figure is None)
            assert answer.chart.bars[-1].iso2 == "IS" or group in ("eu", "bordering-russia")
            assert {figure.edition for figure in closure(answer)} <= {None, "2026"}


@pytest.mark.parametrize("year", range(2014, 2027))
def test_members_add_up_to_natos_total(facts: Facts, year: int) -> None:
    answer = ask(facts, Question("rank", measure="spending_usd", year=str(year), edition="2026"))
    assert isinstance(answer.chart, BarChart)
    summed = sum(bar.figure.value for bar in answer.chart.bars if bar.figure is not None)
    whole = next(figure for figure in answer.figures if figure.name == f"spending_usd.NATO_TOTAL.{year}")
    assert abs(summed - whole.value) <= 16 * 10**6  # half a million for each of 31


@given(
    st.lists(st.sampled_from(["DEU", "FRA", "POL", "NATO_TOTAL", "USA", "EST"]), min_size=2, max_size=6, unique=True)
)
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
def test_the_order_of_those_compared_changes_nothing(facts: Facts, listed: list[str]) -> None:
    drawn = words()
    one = document(ask(facts, Question("compare", members=", ".join(listed))), drawn)
    other = document(ask(facts, Question("compare", members=" and ".join(reversed(listed)))), drawn)
    assert one == other


AT_TWO = [row for row in rows("known.csv", KnownRow) if row.what == "count" and row.level == "2"]


@pytest.mark.parametrize("row", AT_TWO, ids=lambda row: f"{row.edition}-{row.year}")
def test_counts_at_two_per_cent_are_those_the_release_gives(facts: Facts, row: KnownRow) -> None:
    answer = ask(facts, Question("rank", year=str(row.year), edition=row.edition, rule="vilnius"))
    assert {f.name: f.value for f in answer.figures}["met"] == int(row.value)


def test_at_todays_share_nothing_is_extra(facts: Facts) -> None:
    for member in facts.members.values():
        share = facts.figure(facts.newest, "share", member, 2026)
        if share is not None:
            asked = Question("whatif", member=member.code, share=str(as_printed(share).value))
            found = {figure.name: figure.value for figure in ask(facts, asked).figures}
            assert found["extra.2035"] == 0


def test_a_thought_experiment_is_called_one(facts: Facts) -> None:
    for asked in ("whatif", "whatif share:3.5 by:2032"):
        for answer in answers(facts, asked):
            met = "already" in answer.headline.template
            if answer.figures and not met and "no armed forces" not in answer.headline.template:
                assert answer.status is Status.ILLUSTRATION, words()(answer.headline)


@pytest.mark.parametrize(
    "asked",
    [
        "compare germany, france edition:2025",
        "compare portugal, netherlands since 2020 measure:infrastructure_share",
        "compare estonia, latvia 2012-2020",
        "spending portugal since 2014 measure:infrastructure_share",
        "spending uk 2010-2026",
        "rank share 2016 group:all",
        "whatif everyone share:3 by:2030 rule:trump",
        "whatif poland share:3.5 prices:current",
        "revisions poland",
        "pledges poland edition:2024",
    ],
)
def test_what_a_button_asks_again_is_the_same_answer(facts: Facts, asked: str) -> None:
    answer, drawn = ask(facts, read(asked)), words()
    again = ask(facts, from_compact(answer.asked.compact))
    assert document(again, drawn) == document(answer, drawn)
