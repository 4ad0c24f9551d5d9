"""What the tables say of themselves: coverage, breaks, editions, the forecast's years and common funding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from data.seeds import ExceptionRow, rows
from knowledge.facts import Facts
from knowledge.things import Break


def named(facts: Facts, name: str) -> Break:
    return next(found for found in facts.breaks if found.id == name)


# -- editions and what is held of them ---------------------------------------------------------------


def test_no_two_editions_are_called_alike(facts: Facts) -> None:
    assert len({edition.name for edition in facts.editions.values()}) == len(facts.editions)
    assert facts.editions["2022"].name == "June 2022 edition"
    assert facts.editions["2023-03"].name == "March 2023 edition"


def test_editions_stand_newest_first(facts: Facts) -> None:
    days = [edition.published.last for edition in facts.editions.values()]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("edition", "measure", "year", "held", "but"),
    [
        ("2026", "gdp_usd", 2024, "whole", ("ISL",)),
        ("2026", "share", 2014, "whole", ()),
        ("2025", "share", 2025, "whole", ()),
        ("2025", "spending_usd_constant", 2024, "whole", ("NATO_TOTAL", "NATO_EUR_CAN")),
        ("2025", "spending_usd_constant", 2025, None, ()),
        ("2025", "gdp_usd", 2024, None, ()),
        ("2023", "share", 2023, "whole", ("NATO_TOTAL", "NATO_EUR_CAN")),
        ("2023", "share", 2014, "part", ()),
        ("2023-03", "gdp_usd", 2022, "unprinted", ()),
        ("2023-03", "share", 2022, "whole", ()),
        ("2022", "share", 2022, "part", ()),
        ("2022", "share", 2021, None, ()),
        ("2019", "share", 2012, "whole", ("NATO_TOTAL", "NATO_EUR_CAN")),
        ("2016", "share", 2016, "part", ()),
    ],
)
def test_coverage(facts: Facts, edition: str, measure: str, year: int, held: str | None, but: tuple[str, ...]) -> None:
    found = [row for row in facts.coverage.get((edition, measure), ()) if row.first <= year <= row.last]
    assert [(row.held, row.but) for row in found] == ([] if held is None else [(held, but)])


def test_a_blank_of_a_whole_table_is_a_row(facts: Facts) -> None:
    """Germany left 2025 blank in the 2025 edition: its row is held, and its cell is not."""
    row = facts.series["2025", "share", "DEU"]
    assert 2024 in row.values
    assert 2025 not in row.values


# -- measures ----------------------------------------------------------------------------------------


def test_measures_say_what_they_are(facts: Facts) -> None:
    measures = facts.measures
    assert {m.id for m in measures.values() if m.adds_up} == {
        "spending_usd", "spending_usd_constant", "gdp_usd", "gdp_usd_constant", "personnel",
    }  # fmt: skip
    assert {m.id for m in measures.values() if m.per_head} == {"per_head_constant", "gdp_per_head_constant"}
    assert {m.id for m in measures.values() if m.about == "gdp"} == {
        "gdp_usd", "gdp_usd_constant", "gdp_per_head_constant",
    }  # fmt: skip
    assert [m.id for m in measures.values() if m.about == "people"] == ["personnel"]
    steps = {name: measures[name].step for name in ("spending_usd", "personnel", "per_head_constant", "share")}
    assert steps == {
        "spending_usd": Decimal(1_000_000), "personnel": Decimal(100), "per_head_constant": Decimal(1), "share": None,
    }  # fmt: skip
    assert not any("euro" in m.aliases for m in measures.values())


# -- breaks ------------------------------------------------------------------------------------------


def test_every_typed_in_share_is_a_break_and_an_exception(facts: Facts) -> None:
    """A value that NATO typed in is not the ratio of its own tables, and rounds to something else."""
    cells = set()
    for found in (b for b in facts.breaks if b.kind == "typed"):
        (member,), (year, last) = found.members, (found.first, found.last)
        assert year is not None
        assert year == last
        for edition in found.editions:
            values = [
                facts.series[edition, measure, member].values[year]
                for measure in ("share", "spending_usd_constant", "gdp_usd_constant")
            ]
            share, ratio = values[0], values[1] / values[2] * 100
            assert share == 2, found.id
            assert ratio.quantize(Decimal("0.01")) == Decimal("1.99"), found.id
            cells.add((edition, member, str(year)))
    explained = {(e.edition, e.member, e.year) for e in rows("exceptions.csv", ExceptionRow) if e.identity == "share"}
    assert explained <= cells
    assert len(cells) == 4


def test_luxembourgs_income_begins_where_its_gdp_falls(facts: Facts) -> None:
    income = named(facts, "luxembourg-income")
    assert income.first is not None
    assert not income.joined
    for edition in facts.editions:
        row = facts.series.get((edition, "gdp_usd_constant", "LUX"))
        if row is not None:
            falls = [
                y for y in row.values if y - 1 in row.values and row.values[y] / row.values[y - 1] < Decimal("0.8")
            ]
            assert falls == ([income.first] if edition in income.editions else []), edition


def test_the_dutch_share_is_above_the_plain_ratio(facts: Facts) -> None:
    dutch = named(facts, "netherlands-real-gdp")
    assert dutch.first is not None
    compared = 0
    for edition in dutch.editions:
        spent, gdp = (facts.series.get((edition, m, "NLD")) for m in ("spending_usd", "gdp_usd"))
        for year, share in facts.series[edition, "share", "NLD"].values.items():
            if spent is not None and gdp is not None and year >= dutch.first:
                assert share - spent.values[year] / gdp.values[year] * 100 > Decimal("0.05"), (edition, year)
                compared += 1
    assert compared >= 8


def test_each_accession_that_the_tables_hold_is_a_break(facts: Facts) -> None:
    oldest = min(edition.first for edition in facts.editions.values())
    joined = {m.accession.year for m in facts.members.values() if m.accession.year > oldest}
    breaks = [b for b in facts.breaks if b.kind == "membership"]
    assert {b.first for b in breaks} == joined
    assert all(b.members == ("NATO_TOTAL", "NATO_EUR_CAN") and b.joined for b in breaks)


@pytest.mark.parametrize("edition", ["2023-03", "2024"])
@pytest.mark.parametrize("total", ["NATO_TOTAL", "NATO_EUR_CAN"])
def test_the_totals_of_gdp_hold_iceland(facts: Facts, edition: str, total: str) -> None:
    assert total in named(facts, "iceland-gdp").members
    for year, printed in facts.series[edition, "gdp_usd_constant", total].values.items():
        others = sum(
            facts.series[edition, "gdp_usd_constant", member.code].values[year]
            for member in facts.members.values()
            if member.accession.year <= year and member.code not in ("ISL", "USA" if total == "NATO_EUR_CAN" else "")
        )
        iceland = facts.series[edition, "gdp_usd_constant", "ISL"].values[year]
        assert abs(printed - others - iceland) < 20, year
        assert iceland > 10_000


def test_core_defence_and_price_bases_are_those_of_the_editions(facts: Facts) -> None:
    core = named(facts, "core-defence")
    assert set(core.editions) == {e.id for e in facts.editions.values() if e.core}
    assert set(core.measures) == {m.id for m in facts.measures.values() if m.about == "spending"}
    bases = [b for b in facts.breaks if b.kind == "prices"]
    assert sorted(e for b in bases for e in b.editions) == sorted(facts.editions)
    for found in bases:
        assert set(found.measures) == {m.id for m in facts.measures.values() if m.constant}
        assert all(facts.editions[edition].price_base in found.what for edition in found.editions)


# -- forecast and common funding ---------------------------------------------------------------------


def test_the_years_of_the_forecast_are_those_of_its_data(facts: Facts) -> None:
    forecast = facts.forecast
    assert (forecast.first, forecast.last, forecast.held_to, forecast.prices) == (2026, 2031, 2035, 2026)
    for code in facts.members:
        gdp = facts.outlooks[forecast.gdp, "gdp", code]
        assert max(gdp.values) == forecast.last
        assert gdp.forecast_from is not None
        assert gdp.forecast_from <= forecast.first
        assert (forecast.second, "gdp", code) in facts.outlooks
        assert facts.outlooks[forecast.people, "population", code].values
    germany = facts.outlooks[forecast.gdp, "gdp", "DEU"].values[2026]
    assert 4 * 10**12 < germany < 5 * 10**12
    assert forecast.no_current_prices == {"TUR"}


def test_every_row_of_an_outlook_is_of_use(facts: Facts) -> None:
    assert {(dataset, indicator) for dataset, indicator, _ in facts.outlooks} == {
        (facts.forecast.gdp, "gdp"),
        (facts.forecast.gdp, "gdp_constant"),
        (facts.forecast.second, "gdp"),
        (facts.forecast.people, "population"),
    }


def test_common_funding(facts: Facts) -> None:
    ceilings = {(f.year, f.scheme): f for f in facts.funding if f.ceiling is not None}
    assert ceilings[2026, "civil"].ceiling == Decimal("528200000")
    assert ceilings[2026, "total"].ceiling == Decimal("5300000000")
    assert ceilings[2026, "total"].about
    assert not ceilings[2024, "military"].about
    shares = {(f.year, f.member): f.share for f in facts.funding if f.member}
    assert shares[2021, "USA"] == shares[2021, "DEU"] == Decimal("16.35")
    for row in facts.funding:
        assert (row.share is None) != (row.ceiling is None)
        assert bool(row.member) == (row.share is not None)
        assert row.about or not row.note.startswith("Worked out")
        assert row.source.publisher


def test_nothing_is_corrected_in_a_fresh_store(facts: Facts) -> None:
    assert not any(series.corrections for series in facts.series.values())
