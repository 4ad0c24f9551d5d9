"""Small changes to the code that once went unnoticed, each with the answers that notice it."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from msgspec.structs import replace

from bot.drawing.document import AnswerDocument
from knowledge.facts import Facts
from tests.knowledge.tables import (
    ARMED,
    JOINED,
    Economy,
    cell,
    cells,
    close,
    level_of,
    rules,
    two_decimals,
)
from tests.knowledge.test_cases import answered, lines

EDITION = "2026"  # the values below are of this edition; a later one changes nothing here
YEAR = 2026
ECONOMY = Economy()


def said(facts: Facts, text: str) -> AnswerDocument:
    answer = answered(facts, text)
    assert answer.error is None, answer.error
    return answer


def values(answer: AnswerDocument) -> dict[str, Decimal]:
    return {figure.name.removesuffix(".printed"): Decimal(figure.value) for figure in answer.figures}


def share(member: str, year: int = YEAR) -> Decimal:
    held = cell(EDITION, "share", member, year)
    assert held is not None
    return two_decimals(held)


def whole_told(answer: AnswerDocument) -> str:
    return " ".join(lines(answer))


# -- what was proposed or demanded is never called adopted ---------------------------------------------

NEVER_ADOPTED = [
    (rule["id"], rule["standing"])
    for rule in rules()
    if rule["kind"] == "share" and rule["standing"] in ("proposed", "demanded") and level_of(rule) is not None
]


@pytest.mark.parametrize(("rule", "standing"), NEVER_ADOPTED)
@pytest.mark.parametrize("member", ["poland", "germany", "spain", "nato"])
def test_what_was_never_adopted_is_not_asked_for(facts: Facts, member: str, rule: str, standing: str) -> None:
    answer = said(facts, f"gap {member} {YEAR} rule:{rule} edition:{EDITION}")
    assert standing in answer.headline
    assert "never adopted" in answer.headline
    assert "asks for" not in answer.headline
    assert "adopted rule" not in answer.headline
    assert answer.standing == standing


@pytest.mark.parametrize(("rule", "standing"), NEVER_ADOPTED)
@pytest.mark.parametrize("text", ["rank share", "rank gap", "rank gap-usd", "whatif germany"])
def test_nor_is_it_elsewhere(facts: Facts, text: str, rule: str, standing: str) -> None:
    answer = said(facts, f"{text} rule:{rule} edition:{EDITION}")
    assert f"{standing} and never adopted" in answer.headline
    assert "asks for" not in answer.headline
    assert answer.standing == standing


# -- an estimate stays one ----------------------------------------------------------------------------

MARKED = [
    ("share", "DEU"),
    ("spending_usd", "DEU"),
    ("spending_national", "POL"),
    ("gdp_usd", "FRA"),
    ("personnel", "USA"),
]


@pytest.mark.parametrize(("measure", "member"), MARKED)
@pytest.mark.parametrize("year", [2024, YEAR])
def test_an_estimate_is_called_one(facts: Facts, measure: str, member: str, year: int) -> None:
    answer = said(facts, f"spending {member} {year} measure:{measure} edition:{EDITION}")
    status = "estimate" if cells()[EDITION, measure, member, year].estimate else "published"
    assert next(figure.status for figure in answer.figures if figure.name == f"{measure}.{member}.{year}") == status
    assert answer.status == status
    assert ("estimate" in answer.headline) == (status == "estimate")


def test_what_is_made_of_an_estimate_is_one(facts: Facts) -> None:
    answer = said(facts, f"gap germany {YEAR} edition:{EDITION}")
    status = {figure.name: figure.status for figure in answer.figures}
    assert status["gap.hague"] == status["gap.hague.usd"] == status["gap.hague.usd.national"] == "estimate"
    answer = said(facts, f"rank spending_usd {YEAR} group:nordic edition:{EDITION}")
    assert next(figure.status for figure in answer.figures if figure.name == "together") == "estimate"


# -- everyone at a share ------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["2.5", "3.5", "5"])
def test_europe_and_canada_leave_out_the_united_states(facts: Facts, wanted: str) -> None:
    europe = said(facts, f"whatif europe share:{wanted} by:2035 edition:{EDITION}")
    assert "United States" not in whole_told(europe)
    assert not any(".USA" in figure.name for figure in europe.figures)
    everyone = values(said(facts, f"whatif nato share:{wanted} by:2035 edition:{EDITION}"))
    america = max(share("USA"), Decimal(wanted)) * ECONOMY.real("USA", 2035) / 100
    assert close(everyone["amount.all"] - values(europe)["amount.all"], america, "1e-9")


@pytest.mark.parametrize("wanted", ["2.5", "3.5", "5"])
def test_those_above_stay_at_their_own_share(facts: Facts, wanted: str) -> None:
    above = {code for code in ARMED if share(code) >= Decimal(wanted)}
    answer = said(facts, f"whatif nato share:{wanted} by:2035 edition:{EDITION}")
    extras = {name.split(".")[1]: value for name, value in values(answer).items() if name.startswith("extra.")}
    assert all(value >= 0 for value in extras.values())
    assert not {code for code, value in extras.items() if value} & above
    spent = sum(
        max(share(code), Decimal(wanted)) * ECONOMY.real(code, 2035) / ECONOMY.per_dollar(code) / 100 for code in ARMED
    )
    assert close(values(answer)["amount.all"], Decimal(spent))


# -- national income ----------------------------------------------------------------------------------


def test_luxembourg_is_measured_by_its_income(facts: Facts) -> None:
    """3.5% of its income is about two thirds of 3.5% of its GDP."""
    assert Decimal("0.64") < ECONOMY.measured("LUX") < Decimal("0.69")
    assert ECONOMY.measured("BEL") == 1
    found = values(said(facts, f"target luxembourg 2035 rule:hague edition:{EDITION}"))
    whole = ECONOMY.own("LUX", 2035) / ECONOMY.measured("LUX")
    ratio = found["rule.hague.core.amount"] / (whole * Decimal("0.035"))
    assert Decimal("0.64") < ratio < Decimal("0.69")
    thought = values(said(facts, f"whatif luxembourg share:3.5 by:2035 edition:{EDITION}"))
    assert close(thought["amount.2035"], Decimal("0.035") * ECONOMY.real("LUX", 2035))


# -- the equipment part of the Wales pledge -----------------------------------------------------------


@pytest.mark.parametrize("year", [2014, 2018, 2022])
def test_equipment_is_met_at_twenty_per_cent(facts: Facts, year: int) -> None:
    sides = set()
    for member in (code for code in ARMED if JOINED[code] <= year):
        held = cell(EDITION, "equipment_share", member, year)
        assert held is not None
        answer = said(facts, f"gap {member} {year} rule:wales edition:{EDITION}")
        told = next(text for _, text in answer.rows if "20%" in text and f"{two_decimals(held)}%" in text)
        met = two_decimals(held) >= 20
        assert ("below" in told or "short" in told) == (not met), told
        sides.add(met)
    assert sides == {True, False}


# -- which rule bears when ----------------------------------------------------------------------------

MAIN = [
    (2008, "guideline"),
    (2013, "guideline"),
    (2014, "wales"),
    (2022, "wales"),
    (2023, "vilnius"),
    (2024, "vilnius"),
]
MAIN += [(2025, "hague"), (2026, "hague"), (2030, "hague"), (2035, "hague")]


@pytest.mark.parametrize(("year", "rule"), MAIN)
def test_the_rule_of_the_year(facts: Facts, year: int, rule: str) -> None:
    names = {each["id"]: each["name"] for each in rules()}
    rows = said(facts, f"target germany {year} edition:{EDITION}").rows
    adopted = [text for label, text in rows if label.startswith("Adopted")]
    assert adopted[0].startswith(names[rule])
    if cell(EDITION, "share", "DEU", year) is not None:
        assert f"rule.{rule}.core" in values(said(facts, f"gap germany {year} edition:{EDITION}"))


# The last year a rule bears and the first in which it is superseded.
LAST_YEARS = [("guideline", 2013), ("wales", 2022)]


@pytest.mark.parametrize(("rule", "last"), LAST_YEARS)
def test_a_rule_bears_no_year_longer(facts: Facts, rule: str, last: int) -> None:
    before, after = (said(facts, f"target germany {year} rule:{rule} edition:{EDITION}") for year in (last, last + 1))
    assert "did not b" not in before.headline
    assert "superseded" in after.headline
    assert after.headline.replace(str(last + 1), str(last)) != before.headline


@pytest.mark.parametrize("year", range(2014, 2027))
@pytest.mark.parametrize("command", ["gap", "target"])
def test_a_reading_is_shown_from_the_year_it_was_announced(facts: Facts, command: str, year: int) -> None:
    answer = said(facts, f"{command} spain {year} edition:{EDITION}")
    shown = "reading" in whole_told(answer) or any(figure.name.endswith(".spain.core") for figure in answer.figures)
    assert shown == (year >= 2025)
    for other in ("germany", "italy"):
        assert "reading" not in whole_told(said(facts, f"{command} {other} {year} edition:{EDITION}"))


# -- rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["gap germany 2026", "gap slovenia 2025", "rank share 2026"])
def test_the_floor_stands_beside_the_goal(facts: Facts, text: str) -> None:
    rows = dict(said(facts, f"{text} edition:{EDITION}").rows)
    assert "2%" in rows["Floor"]
    assert "Vilnius" in rows["Floor"]


@pytest.mark.parametrize("member", ["germany", "poland", "spain"])
@pytest.mark.parametrize("year", [2025, 2027, 2032, 2035])
def test_target_names_goal_and_floor(facts: Facts, member: str, year: int) -> None:
    rows = [text for label, text in said(facts, f"target {member} {year} edition:{EDITION}").rows if "Adopted" in label]
    assert any("Hague" in text and "3.5%" in text for text in rows)
    assert any("Vilnius" in text and "2%" in text for text in rows)


def test_there_was_no_second_rule_before(facts: Facts) -> None:
    for year in (2016, 2023, 2024):
        assert "Floor" not in dict(said(facts, f"gap germany {year} edition:{EDITION}").rows)


@pytest.mark.parametrize(("member", "year"), list(product(ARMED, (2027, 2031))))
def test_a_line_is_drawn_for_those_below_alone(facts: Facts, member: str, year: int) -> None:
    start, level, first, last = share(member, 2025), Decimal("3.5"), 2025, 2035
    found = values(said(facts, f"target {member} {year} rule:hague edition:{EDITION}"))
    assert ("line.hague" in found) == (start < level)
    if start < level:
        assert close(found["line.hague"], start + (level - start) * (year - first) / (last - first))


# -- of how many ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2014, 2016, 2019, 2021, 2023, 2024])
def test_revisions_count_the_allies_who_are_bound(facts: Facts, year: int) -> None:
    """In 2014 Montenegro, North Macedonia, Finland and Sweden were not; their shares are printed all the same."""
    found = values(said(facts, f"revisions {year} edition:{EDITION}"))
    bound = [code for code in ARMED if JOINED[code] <= year and cell(EDITION, "share", code, year) is not None]
    assert len(bound) < len(ARMED) or year >= 2024
    assert found[f"listed@{EDITION}"] == len(bound)
    met = next(value for name, value in found.items() if name.startswith("met.") and name.endswith(f"@{EDITION}"))
    assert met == sum(share(code, year) >= 2 for code in bound)


# -- one currency ---------------------------------------------------------------------------------------

CURRENCIES = [
    ("EUR", "DEU", "germany, france, usa"),
    ("GBP", "GBR", "uk, poland, nato"),
    ("PLN", "POL", "poland, italy"),
]


@pytest.mark.parametrize(("currency", "of", "members"), CURRENCIES)
def test_each_year_has_its_own_rate(facts: Facts, currency: str, of: str, members: str) -> None:
    answer = said(facts, f"compare {members} 2014-2026 measure:usd currency:{currency} edition:{EDITION}")
    rates, seen = set(), 0
    for name, value in values(answer).items():
        if name.startswith("spending_national."):  # as NATO prints it, where that is the Ally's own currency
            _, member, year = name.split(".")
            assert value == cells()[EDITION, "spending_national", member, int(year)].value, name
            seen += 1
        if not name.startswith("spending_usd.") or not name.endswith(f".{currency}"):
            continue
        _, member, year, _ = name.split(".")
        national, dollars = (
            cells()[EDITION, measure, of, int(year)].value for measure in ("spending_national", "spending_usd")
        )
        assert close(value, cells()[EDITION, "spending_usd", member, int(year)].value * national / dollars), name
        rates.add(national / dollars)
        seen += 1
    assert len(rates) == 13
    assert seen == 13 * len(members.split(","))


# -- before they joined ----------------------------------------------------------------------------------

JOINED_LATER = [("finland", 2023), ("sweden", 2024), ("montenegro", 2017), ("north macedonia", 2020)]


@pytest.mark.parametrize(("member", "joined"), JOINED_LATER)
@pytest.mark.parametrize(
    "text",
    ["spending {} 2015", "gap {} 2015", "spending {} 2014-2026", "compare germany, {} 2014-2026", "target {} 2015"],
)
def test_the_year_of_joining_is_said(facts: Facts, text: str, member: str, joined: int) -> None:
    told = whole_told(said(facts, f"{text.format(member)} edition:{EDITION}"))
    assert str(joined) in told
    assert "joined" in told or "was not a member" in told


@pytest.mark.parametrize(("member", "joined"), JOINED_LATER)
def test_and_not_of_years_after(facts: Facts, member: str, joined: int) -> None:
    told = whole_told(said(facts, f"spending {member} {max(joined, 2024)} edition:{EDITION}"))
    assert "joined" not in told
    assert "not a member" not in told


# -- two Allies without a figure for different reasons -------------------------------------------------


def test_each_series_break_is_told_of_its_own_ally(facts: Facts) -> None:
    """Two breaks that take Allies out of one ranking: neither lends its words to the other."""
    income = next(one for one in facts.breaks if "LUX" in one.members)
    spending = replace(income, measures=("spending_usd_constant",), editions=())
    belgian = replace(spending, members=("BEL",), what="Belgium counts otherwise from 2023 on.")
    changed = replace(facts, breaks=(*facts.breaks, spending, belgian), _made={})
    rows = dict(said(changed, f"rank since 2019 edition:{EDITION}").rows)
    assert rows["No figure"].count("Belgium") == 2
    assert "Belgium: Belgium counts otherwise from 2023 on." in rows["No figure"]
    assert f"Luxembourg: {income.what}" in rows["No figure"]
