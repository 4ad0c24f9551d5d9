"""Charts as data: every question's description and its words, and labels that do not overlap."""

from __future__ import annotations

import csv
import io
import json
import math
import struct
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.drawing.charts import Json, alt_text, drawable, vega_lite
from bot.drawing.charts.card import WIDE, tick_text
from bot.drawing.charts.placing import balanced, spread, steps, width, wrapped
from bot.drawing.charts.rows import FLAGS
from bot.drawing.exports import csv_text
from bot.drawing.numbers import _number, _percentage
from bot.drawing.words import words
from knowledge.answer import Answer
from knowledge.asking.question import Question, read
from knowledge.chart import Bar, BarChart, DumbbellChart, LineChart, Pair
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Unit
from knowledge.questions import ask
from knowledge.sentences import say
from tests.corrections import correction
from tools.gallery import QUESTIONS, file_of, page

ROOT = Path(__file__).parents[2]
SHOWN = [text for questions in QUESTIONS.values() for text in questions]
MORE = [
    "gap poland rule:rutte",
    "gap spain rule:spain",
    "gap nato",
    "spending luxembourg measure:per head",
    "spending estonia measure:growth",
    "rank usd",
    "rank measure:growth",
    "rank measure:personnel",
    "rank share 2024",
    "compare members:italy,spain,portugal,belgium,canada,luxembourg",
    "compare members:turkey,united states measure:usd",
    "whatif poland share:5 by:2035 prices:2026",
]


def answered(facts: Facts, text: str) -> Answer:
    answer = ask(facts, read(text))
    assert drawable(answer), f"{text} has no chart"
    return answer


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def rows(description: Json) -> list[Json]:
    return [row for key, value in walk(description) if key == "values" and value for row in value if type(row) is dict]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("text", SHOWN + MORE)
def test_every_chart(facts: Facts, text: str, language: str) -> None:
    answer = answered(facts, text)
    drawn = words(language, markdown=True)
    description = vega_lite(answer, drawn)
    assert json.loads(json.dumps(description, allow_nan=False)) == description
    assert description["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert description["width"] + description["padding"]["left"] + description["padding"]["right"] == pytest.approx(
        WIDE
    )
    sizes = [value for key, value in walk(description) if key in ("fontSize", "labelFontSize")]
    assert len(sizes) > 4
    assert min(sizes) >= 10, "twice this is what a phone shows"
    assert not any(key == "url" and isinstance(value, str) for key, value in walk(description)), "all data is inside"
    shown = json.dumps(description, ensure_ascii=False)
    assert "\\\\" not in shown, "markdown's signs do not belong in a picture"
    assert answer.edition is not None
    footer = " ".join(v for k, v in walk(description["layer"]) if k == "text" and isinstance(v, str))
    for said in ("NATO", "Allied Ledger", drawn.date(answer.edition.published)):
        assert said in footer
    assert drawn(say("Source: {sources} Calculations ours.", sources="…")).rpartition("…")[2] in footer
    assert vega_lite(answer, drawn) == vega_lite(answer, words(language))  # kept by it

    alt = alt_text(answer, drawn)
    assert 40 < len(alt) <= 1024
    assert "\\" not in alt


@pytest.mark.parametrize("text", SHOWN + MORE)
def test_every_value_is_in_the_description(facts: Facts, text: str) -> None:
    answer = answered(facts, text)
    chart = answer.chart
    held = {value for row in rows(vega_lite(answer, words())) for value in row.values() if isinstance(value, float)}
    assert chart is not None
    level_only = {level.figure.name for level in getattr(chart, "levels", ())}
    if text == "rank gap":  # the level the distances are to stands above the bars, in words
        assert isinstance(chart, BarChart)
        assert chart.level is not None
        level_only.add(chart.level.figure.name)
        assert "The Hague commitment" in json.dumps(vega_lite(answer, words()))
    missing = [f for f in chart.figures() if float(f.value) not in held and f.name not in level_only]
    assert not missing


def test_the_numbers_are_in_the_words(facts: Facts) -> None:
    gap = alt_text(answered(facts, "gap germany"), words())
    for said in ("1.16% in 2014", "2.69% in 2026e", "3.5% by 2035", "The Hague commitment", "Below it", "Germany"):
        assert said in gap
    rank = alt_text(answered(facts, "rank share 2026"), words())
    for said in ("5 of 31 Allies", "Lithuania 5.33%", "Slovenia 1.61%", "Iceland (no armed forces)", "Denmark"):
        assert said in rank
    revisions = alt_text(answered(facts, "revisions year:2024"), words())
    assert "Fell below it: Czechia." in revisions
    assert "Czechia 2.08%, 1.99%." in revisions


def test_a_proposal_never_looks_adopted(facts: Facts) -> None:
    adopted, proposed = (vega_lite(answered(facts, f"gap germany rule:{rule}"), words()) for rule in ("hague", "rutte"))
    dashes = [
        [v for k, v in walk(layer) if k == "strokeDash"]
        for description in (adopted, proposed)
        for layer in description["layer"]
        if layer["data"]["values"][0].get("to")
    ]
    assert [1, 0] in dashes[0]
    assert [1, 0] not in dashes[-1]
    texts = [row.get("text") for row in rows(proposed)]
    assert "Proposed, never adopted" in texts
    assert "Adopted" in [row.get("text") for row in rows(adopted)]
    assert "Proposed, never adopted" in alt_text(answered(facts, "gap germany rule:rutte"), words())


def test_a_corrected_value_is_seen_and_said(facts: Facts) -> None:
    mended = facts.corrected({("2026", "share", "DEU", 2020): correction("1.45")}, "mended")
    lines = answered(mended, "gap germany edition:2026")
    description = vega_lite(lines, words())
    points = {row["year"]: row for row in rows(description) if "status" in row}
    assert points[2020]["status"] == "Corrected here"
    assert points[2020]["stroke"] != points[2019]["stroke"]
    assert points[2020]["fill"] == points[2019]["fill"]
    assert "Corrected here" in [value for key, value in walk(description) if key == "text"]
    assert "Corrected here: 2020." in alt_text(lines, words())
    bars = answered(mended, "rank share 2020 edition:2026")
    assert any("some of them corrected here" in str(v) for k, v in walk(vega_lite(bars, words())) if k == "text")
    assert "Corrected here: Germany." in alt_text(bars, words())
    assert "orrected here" not in json.dumps(vega_lite(answered(facts, "gap germany edition:2026"), words()))


def test_a_share_is_compared_as_nato_prints_it(facts: Facts) -> None:
    looks = {
        row["name"]: row["fill"]
        for row in rows(vega_lite(answered(facts, "rank share 2026"), words()))
        if "fill" in row
    }
    assert looks["Denmark"] == looks["Slovenia"] != looks["Greece"] == looks["Lithuania"]  # Denmark is at 3.49


@pytest.mark.parametrize("locale", ["en_GB", "de", "fr", "es", "it", "pl", "tr"])
def test_bars_have_room_in_every_language(facts: Facts, locale: str) -> None:
    drawn = replace(words(), locale=Locale.parse(locale))
    for text in ("rank usd", "rank gap", "rank measure:gap-usd", "rank share"):
        description = vega_lite(answered(facts, text), drawn)
        ranges = [value["range"] for key, value in walk(description) if key == "scale" and value and "range" in value]
        assert all(end - start >= 30 for start, end in ranges)
        assert all(0 < start < end < WIDE for start, end in ranges)


def test_what_is_absent_is_a_word(facts: Facts) -> None:
    iceland = [
        row for row in rows(vega_lite(answered(facts, "rank share 2026"), words())) if row.get("name") == "Iceland"
    ]
    assert [(row["value"], row["absent"]) for row in iceland] == [(None, "No armed forces")]


def test_bars_begin_at_nothing(facts: Facts) -> None:
    for text in ("rank share", "rank usd", "rank measure:growth"):
        description = vega_lite(answered(facts, text), words())
        domains = [value["domain"] for key, value in walk(description) if key == "scale" and value and "range" in value]
        assert domains
        assert all(low <= 0 <= high for low, high in domains)


@pytest.mark.parametrize("how_many", [1, 3, 12, 13, 31, 32])
def test_any_number_of_bars(facts: Facts, how_many: int) -> None:
    answer = answered(facts, "rank share 2026")
    assert isinstance(answer.chart, BarChart)
    total = facts.aggregates["NATO_TOTAL"]
    figure = facts.figure(facts.newest, "share", total, 2026)
    found = (Bar(say("{member}", member=total), "", figure), *answer.chart.bars)[:how_many]
    description = vega_lite(replace(answer, chart=replace(answer.chart, bars=found)), words())
    named = [row["name"] for row in rows(description) if "row" in row]
    assert len(named) == how_many
    assert named[0] == "NATO"


def test_a_count_between_two_whole_ones_is_worded_so() -> None:
    allies = Figure("allies", Decimal(12), Unit(Kind.ALLIES, decimals=0), say("Allies"))
    assert [tick_text(Decimal(tick), allies, words()) for tick in ("5", "7.5", "10.0")] == ["5", "7.5", "10"]


def test_numbers_are_kept_from_one_chart_to_the_next(facts: Facts) -> None:
    answer, drawn = ask(facts, read("rank share")), words("de", markdown=True)
    kept = []
    for _ in range(2):
        vega_lite(answer, drawn), alt_text(answer, drawn)
        kept.append((_number.cache_info().misses, _percentage.cache_info().misses))
    assert kept[0] == kept[1]


def test_no_chart_no_description(facts: Facts) -> None:
    for chart in (
        None,
        LineChart(say("x"), ()),
        BarChart(say("x"), (Bar(say("Iceland"), "IS", None, say("blank")),)),
        DumbbellChart(say("x"), (), say("then"), say("now")),
    ):
        answer = Answer(Question("rank"), say("x"), chart=chart)
        assert not drawable(answer)
        with pytest.raises(ValueError, match="no chart"):
            vega_lite(answer, words())


def test_values_that_are_the_same(facts: Facts) -> None:
    figure = facts.figure(facts.newest, "share", facts.members["DEU"], 2026)
    assert figure is not None
    pair = Pair(say("{member}", member=facts.members["DEU"]), "DE", figure, figure)
    answer = Answer(Question("revisions"), say("x"), chart=DumbbellChart(say("x"), (pair,), say("a"), say("b")))
    assert json.dumps(vega_lite(answer, words()), allow_nan=False)


def test_every_ally_has_a_flag(facts: Facts) -> None:
    for member in facts.members.values():
        data = (FLAGS / f"{member.iso2.lower()}.png").read_bytes()
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">II", data[16:24]) == (48, 36)
    assert {path.stem.upper() for path in FLAGS.glob("*.png")} == {m.iso2 for m in facts.members.values()}


def test_the_page_of_charts_is_of_now(facts: Facts) -> None:
    """If this fails: `python -m tools.gallery docs/charts`, and look at the pictures."""
    assert (ROOT / "docs" / "charts.md").read_text(encoding="utf-8") == page(facts, "charts")
    drawn = {path.name for path in (ROOT / "docs" / "charts").glob("*.png")}
    assert drawn == {file_of(text) for text in SHOWN}


# -- placing -----------------------------------------------------------------------------------------

HEIGHTS = st.floats(8, 60)


@given(st.lists(st.tuples(st.floats(-50, 350), HEIGHTS), min_size=1, max_size=8))
def test_labels_do_not_overlap(labels: list[tuple[float, float]]) -> None:
    wanted, heights = [y for y, _ in labels], [height for _, height in labels]
    low, high = 0.0, 260.0
    placed = spread(wanted, heights, low, high)
    if sum(heights) > high - low:
        return
    boxes = sorted((y - h / 2, y + h / 2) for y, h in zip(placed, heights, strict=True))
    assert boxes[0][0] >= low - 1e-6
    assert boxes[-1][1] <= high + 1e-6
    assert all(above[1] <= below[0] + 1e-6 for above, below in pairwise(boxes))
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    assert all(placed[a] < placed[b] for a, b in pairwise(order))


@given(st.lists(st.floats(20, 240), min_size=1, max_size=6, unique=True))
def test_labels_with_room_stay(wanted: list[float]) -> None:
    ordered = sorted(wanted)
    if all(b - a >= 10 for a, b in pairwise(ordered)):
        assert spread(wanted, [10.0] * len(wanted), 0, 260) == pytest.approx(wanted)


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.integers(2, 8))
def test_steps_are_round_and_cover(a: float, b: float, about: int) -> None:
    low, high = min(a, b), max(a, b)
    if high - low < max(abs(low), abs(high), 1) * 1e-6:
        return
    ticks = steps(low, high, about)
    gap = (high - low) * 1e-6
    assert float(ticks[0]) <= low + gap
    assert float(ticks[-1]) >= high - gap
    assert 2 <= len(ticks) <= about * 2.5 + 3
    step = ticks[1] - ticks[0]
    assert all(y - x == step for x, y in pairwise(ticks))
    assert step.normalize().as_tuple().digits in ((1,), (2,), (2, 5), (5,))


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0])
def test_steps_of_one_value(value: float) -> None:
    ticks = steps(value, value, 4)
    assert len(ticks) >= 2
    assert all(isinstance(tick, Decimal) and math.isfinite(tick) for tick in ticks)


@given(st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=200), st.floats(60, 600))
def test_wrapping_loses_nothing(text: str, room: float) -> None:
    for lines in (wrapped(text, room, 11.5), balanced(text, room, 11.5)):
        assert " ".join(lines) == text
        assert all(width(line, 11.5) <= room for line in lines if " " in line)


BROKEN = {
    "spending luxembourg 2021-2024 edition:2026": ("national income", 2),
    "compare luxembourg, belgium 2021-2024 edition:2026": ("national income", 2),
    "spending france 2019-2021 share edition:2024": ("prints exactly 2% for France in 2020", 1),
}


@pytest.mark.parametrize(("asked", "told"), BROKEN.items())
def test_a_series_break_is_told_in_picture_and_file(facts: Facts, asked: str, told: tuple[str, int]) -> None:
    """In the picture, in the words for those who do not see it, and beside each value of the file that it touches."""
    words_, least = told
    answer, drawn = ask(facts, read(asked)), words()
    assert words_ in alt_text(answer, drawn)
    assert words_ in json.dumps(vega_lite(answer, drawn), ensure_ascii=False)
    rows = list(csv.DictReader(io.StringIO(csv_text(answer, drawn))))
    assert sum(words_ in row["note"] for row in rows) >= least
    assert any(not row["note"] for row in rows)
