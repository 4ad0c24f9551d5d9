"""Every kind of number once more by another road: plain Python over the seed tables, compared with the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import product

import pytest

from bot.drawing.document import AnswerDocument
from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.figure import Figure
from knowledge.questions import ask
from tests.knowledge.tables import (
    ARMED,
    EDITIONS,
    HUNDRED,
    JOINED,
    MEASURES,
    MEMBERS,
    NEWEST,
    TABLES,
    TOTALS,
    Economy,
    cell,
    cells,
    close,
    level_of,
    rules,
    shown,
    table,
    two_decimals,
    years_held,
    years_of,
)
from tests.knowledge.test_cases import answered, lines

LEVELS = {rule["id"]: level for rule in rules() if (level := level_of(rule)) is not None}
# The rules that distances are worked out for, with the years they bear on.
BEARS = {"wales": range(2014, 2023), "vilnius": range(2023, 2051), "hague": range(2025, 2051)}
# From this year on NATO divides by national income for these, so shares before and after are not alike.
BY_INCOME_SINCE = {"LUX": 2023}

SHORT = ("short", "below", "under")
OVER = ("over", "above")
MONEY = re.compile(r"US\$")

NATIONAL = [m for m, row in MEASURES.items() if row["kind"] == "money" and not row["currency"]]
RANKABLE = [m for m in MEASURES if m not in NATIONAL]
PRINTED = sorted({(edition, measure) for edition, measure, _, _ in cells()})
each_edition = pytest.mark.parametrize("edition", EDITIONS)
each_printed = pytest.mark.parametrize(("edition", "measure"), PRINTED)


def figures(facts: Facts, text: str) -> dict[str, Figure]:
    """The figures of the answer by name; one that is shown at two decimals goes by the name of its cell."""
    return {figure.name.removesuffix(".printed"): figure for figure in ask(facts, read(text)).figures}


def printed_share(edition: str, member: str, year: int) -> Decimal | None:
    share = cell(edition, "share", member, year)
    return None if share is None else two_decimals(share)


# -- every cell --------------------------------------------------------------------------------------


@each_printed
def test_every_cell(facts: Facts, edition: str, measure: str) -> None:
    for (of, what, member, year), held in cells().items():
        if (of, what) != (edition, measure):
            continue
        text = f"spending member:{member} year:{year} measure:{measure} edition:{edition}"
        figure = figures(facts, text)[f"{measure}.{member}.{year}"]
        assert figure.value == held.value, text
        assert figure.status.code == ("estimate" if held.estimate else "published"), text
        assert figure.edition == edition, text
        if held.currency:
            assert figure.unit.currency == held.currency, text


# -- the distance from a level -----------------------------------------------------------------------


def missing_money(edition: str, member: str, year: int, level: Decimal) -> Decimal | None:
    """What is missing to the level by NATO's own amounts, negative where it is passed; None where they are not held."""
    gdp, spent = cell(edition, "gdp_usd", member, year), cell(edition, "spending_usd", member, year)
    return None if gdp is None or spent is None else level / HUNDRED * gdp - spent


def in_national(edition: str, member: str, year: int, dollars: Decimal) -> Decimal | None:
    """Dollars at the rate NATO's tables imply; None where they imply none."""
    spent, national = (cells().get((edition, m, member, year)) for m in ("spending_usd", "spending_national"))
    if spent is None or national is None or national.currency == "USD":
        return None
    return dollars * national.value / spent.value


def gaps(facts: Facts, edition: str, rule: str) -> Iterator[tuple[AnswerDocument, str, int, Decimal]]:
    """Every gap of an edition: the answer, whose it is, the year, and the share as it is compared."""
    for (of, what, member, year), held in cells().items():
        if (of, what) == (edition, "share"):
            answer = answered(facts, f"gap member:{member} year:{year} rule:{rule} edition:{edition}")
            assert answer.error is None, answer.error
            yield answer, member, year, two_decimals(held.value)


def bears(rule: str, member: str, year: int) -> bool:
    return year in BEARS[rule] and JOINED.get(member, 0) <= year


def values_of(answer: AnswerDocument) -> dict[str, Decimal]:
    return {figure.name: Decimal(figure.value) for figure in answer.figures}


@pytest.mark.parametrize(("edition", "rule"), list(product(EDITIONS, BEARS)))
def test_every_gap_in_points(facts: Facts, edition: str, rule: str) -> None:
    level = LEVELS[rule]
    for answer, member, year, share in gaps(facts, edition, rule):
        found = values_of(answer)
        if (bears(rule, member, year) and share != level) or f"gap.{rule}" in found:
            assert found[f"gap.{rule}"] == abs(level - share), answer.asked
        if bears(rule, member, year) and share != level:
            right, wrong = (SHORT, OVER) if share < level else (OVER, SHORT)
            assert any(word in answer.headline for word in right), (answer.asked, answer.headline)
            assert not re.search(rf"points ({'|'.join(wrong)})\b", answer.headline), (answer.asked, answer.headline)


@pytest.mark.parametrize(("edition", "rule"), list(product(EDITIONS, BEARS)))
def test_every_gap_in_money(facts: Facts, edition: str, rule: str) -> None:
    level, name = LEVELS[rule], f"gap.{rule}.usd"
    for answer, member, year, share in gaps(facts, edition, rule):
        found = values_of(answer)
        missing = missing_money(edition, member, year, level)
        if missing is None:
            assert name not in found, answer.asked
        elif (missing > 0) != (share < level):
            _no_contradiction(answer, *((SHORT, OVER) if missing > 0 else (OVER, SHORT)))
        elif (bears(rule, member, year) and share != level) or name in found:
            assert close(found[name], abs(missing)), (answer.asked, found[name], missing)
            national = in_national(edition, member, year, abs(missing))
            assert (f"{name}.national" in found) == (national is not None), answer.asked
            if national is not None:
                assert close(found[f"{name}.national"], national), answer.asked


def _no_contradiction(answer: AnswerDocument, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    """Where share and amounts say opposite things, no money stands beside the wrong word alone."""
    for line in lines(answer):
        words = set(re.findall(r"\w+", line.casefold()))
        if MONEY.search(line):
            assert not words & set(wrong) or words & set(right), (answer.asked, line)


# -- places, counts and sums -------------------------------------------------------------------------


def values(edition: str, measure: str, year: int, members: Sequence[str] | None = None) -> dict[str, Decimal]:
    """What is ranked: of the members named, or else of the Allies of the year."""
    among = members if members is not None else [code for code in MEMBERS if JOINED[code] <= year]
    held = {code: cell(edition, measure, code, year) for code in among}
    return {code: shown(measure, value) for code, value in held.items() if value is not None}


def mostly_held(found: dict[str, Decimal]) -> bool:
    """Whether an edition has this of most Allies; what is held of a few alone may also be refused."""
    return 2 * len(found) > len(ARMED)


def places(answer: Answer, measure: str) -> list[tuple[int, str, Decimal]]:
    """The table of an answer: place, Ally, value."""
    found = []
    for row in answer.table.rows if answer.table else ():
        for figure in row:
            if isinstance(figure, Figure) and figure.name.startswith(f"{measure}."):
                found.append((int(str(row[0]).lstrip("=")), figure.name.split(".")[1], figure.value))
    return found


@pytest.mark.parametrize(("edition", "measure"), [pair for pair in PRINTED if pair[1] in RANKABLE])
def test_ranks(facts: Facts, edition: str, measure: str) -> None:
    for year in years_held(edition, measure):
        expected = values(edition, measure, year)
        text = f"rank measure:{measure} year:{year} edition:{edition}"
        try:
            answer = ask(facts, read(text))
        except Problem:
            assert not mostly_held(expected), text
            continue
        ranked = places(answer, measure)
        assert {code: value for _, code, value in ranked} == expected, text
        assert [value for _, _, value in ranked] == sorted(expected.values(), reverse=True), text
        for place, code, value in ranked:
            assert place == 1 + sum(other > value for other in expected.values()), (text, code)
        listed = next(figure for figure in answer.figures if figure.name == "listed")
        assert listed.value == len(expected), text


@pytest.mark.parametrize(("edition", "rule"), list(product(EDITIONS, ("vilnius", "hague"))))
def test_counts_at_a_level(facts: Facts, edition: str, rule: str) -> None:
    for year in years_held(edition, "share"):
        expected = values(edition, "share", year)
        if mostly_held(expected):
            found = figures(facts, f"rank measure:share year:{year} rule:{rule} edition:{edition}")
            assert found["met"].value == sum(share >= LEVELS[rule] for share in expected.values()), (edition, year)
            assert found["listed"].value == len(expected), (edition, year)
            short = figures(facts, f"rank measure:gap year:{year} rule:{rule} edition:{edition}")["short"]
            assert short.value == sum(share < LEVELS[rule] for share in expected.values()), (edition, year)


@pytest.mark.parametrize(("edition", "rule"), list(product(TABLES, ("vilnius", "hague"))))
def test_what_is_missing_in_all(facts: Facts, edition: str, rule: str) -> None:
    """Of those who are short by share and by amount alike; the few of whom one says no may be counted or not."""
    for year in years_held(edition, "gdp_usd"):
        sure = unsure = Decimal(0)
        for code, share in values(edition, "share", year).items():
            missing = missing_money(edition, code, year, LEVELS[rule])
            if missing is not None and share < LEVELS[rule] and missing > 0:
                sure += missing
            elif missing is not None and (share < LEVELS[rule] or missing > 0):
                unsure += abs(missing)
        if sure and mostly_held(values(edition, "gdp_usd", year)):
            found = figures(facts, f"rank measure:gap-usd year:{year} rule:{rule} edition:{edition}")["short.sum"]
            assert abs(found.value - sure) <= unsure + 1, (edition, year, found.value, sure)


@pytest.mark.parametrize("group", [row["id"] for row in table("groups")])
def test_groups(facts: Facts, group: str) -> None:
    members = next(row for row in table("groups") if row["id"] == group)["members"].split("|")
    for edition, year in ((NEWEST, years_held(NEWEST, "share")[-1]), (NEWEST, 2020), ("2024", 2024), ("2024", 2017)):
        where = f"year:{year} group:{group} edition:{edition}"
        shares = values(edition, "share", year, members)
        found = figures(facts, f"rank measure:share rule:vilnius {where}")
        assert found["met"].value == sum(share >= 2 for share in shares.values()), where
        assert found["listed"].value == len(shares), where
        for measure in ("spending_usd", "personnel"):
            together = figures(facts, f"rank measure:{measure} {where}")["together"]
            assert together.value == sum(values(edition, measure, year, members).values()), (measure, where)


# -- side by side ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("edition", "measure"), [pair for pair in PRINTED if pair[1] in RANKABLE])
def test_compared(facts: Facts, edition: str, measure: str) -> None:
    for n, year in enumerate(years_held(edition, measure)):
        held = values(edition, measure, year)
        codes = sorted(held)
        for start in range(n % 3, len(codes) - 2, 6):
            three = [codes[start], codes[start + 1], codes[(start + 9) % len(codes)]]
            if len(set(three)) == 3:
                _check_compared(facts, {code: held[code] for code in three}, edition, measure, year)


def _check_compared(facts: Facts, held: dict[str, Decimal], edition: str, measure: str, year: int) -> None:
    text = f"compare members:{','.join(held)} year:{year} measure:{measure} edition:{edition}"
    found = figures(facts, text)
    names = [name for name in found if name.startswith(f"{measure}.") and name.endswith(f".{year}")]
    assert {name.split(".")[1]: found[name].value for name in names} == held, text
    best_first = sorted(held.values(), reverse=True)
    assert [found[name].value for name in names] == best_first, text
    ratios = [figure.value for name, figure in found.items() if name.startswith("ratio.")]
    highest, lowest = best_first[0], best_first[-1]
    if highest != lowest and lowest > 0 and MEASURES[measure]["kind"] != "%":
        assert any(close(ratio, highest / lowest) for ratio in ratios), text


# -- spans of years ----------------------------------------------------------------------------------


def spans(years: list[int]) -> list[list[int]]:
    """All years, the first half, and some from the middle on."""
    cuts = (years, years[: len(years) // 2], years[len(years) // 3 : -1])
    return [cut for cut in cuts if len(cut) > 1]


@each_edition
def test_constant_dollars_over_years(facts: Facts, edition: str) -> None:
    measure = "spending_usd_constant"
    for member in (*ARMED, *TOTALS):
        for years in spans(years_of(edition, measure, member)):
            spent = [cells()[edition, measure, member, year].value for year in years]
            text = f"spending member:{member} year:{years[0]}-{years[-1]} edition:{edition}"
            found = figures(facts, text)
            assert found["sum"].value == sum(spent), text
            above = sum(spent) - len(spent) * spent[0]
            assert ("above" in found) == (above > 0), text
            if above > 0:
                assert found["above"].value == above, text


@each_edition
def test_change_of_the_share_over_years(facts: Facts, edition: str) -> None:
    for member in (*ARMED, *TOTALS):
        for years in spans(years_of(edition, "share", member)):
            if years[0] < BY_INCOME_SINCE.get(member, 0) <= years[-1]:
                continue
            first, last = (two_decimals(cells()[edition, "share", member, y].value) for y in (years[0], years[-1]))
            text = f"spending member:{member} year:{years[0]}-{years[-1]} measure:share edition:{edition}"
            found = figures(facts, text)
            assert ("change" in found) == (first != last), text
            assert first == last or found["change"].value == abs(last - first), text


# -- money to come -----------------------------------------------------------------------------------

ECONOMY = Economy()
BASE = ECONOMY.first
DEADLINE = 2035
# In a far year's own prices no amount is given where prices grow too fast.
OWN_PRICES_UNKNOWN = {"TUR"}


def edges(member: str, year: int) -> Iterator[Decimal]:
    """What a point of growth a year less or more makes of a year's GDP, as a factor."""
    years = year - BASE
    growth = (ECONOMY.real(member, year) / ECONOMY.real(member, BASE)) ** (1 / Decimal(years))
    for points in (Decimal("-0.01"), Decimal("0.01")):
        yield ((growth + points) / growth) ** years


def two_digits(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 1), ROUND_HALF_UP)


@pytest.mark.parametrize("year", range(BASE + 1, DEADLINE + 1))
def test_what_a_level_comes_to(facts: Facts, year: int) -> None:
    named = ("vilnius", "hague") if year == DEADLINE else ("vilnius",)
    for member, rule in product(ARMED, named):
        text = f"target member:{member} year:{year} rule:{rule} edition:{NEWEST}"
        found = {name.removeprefix(f"rule.{rule}.core."): figure.value for name, figure in figures(facts, text).items()}
        level = LEVELS[rule] / HUNDRED
        real = level * ECONOMY.real(member, year)
        assert close(found[f"amount_in_{BASE}_prices"], real), text
        if member != "USA":
            assert close(found["amount_usd"], real / ECONOMY.per_dollar(member)), text
        assert ("amount" in found) == (member not in OWN_PRICES_UNKNOWN), text
        if "amount" in found:
            own = level * ECONOMY.own(member, year)
            assert close(found["amount"], own), text
            low, high = (own * edge for edge in edges(member, year))
            if two_digits(low) < two_digits(own) < two_digits(high):
                assert close(found["amount.low"], low), text
                assert close(found["amount.high"], high), text
            else:  # a band no wider than what is printed is none
                assert "amount.low" not in found, text


# -- what if -----------------------------------------------------------------------------------------

PLANS = [(share, by) for by in (2028, 2032, 2035) for share in ("1.8", "3.5", "5")]


@pytest.mark.parametrize(("share", "by"), PLANS)
def test_amounts_on_a_straight_line(facts: Facts, share: str, by: int) -> None:
    for member in ARMED[len(share) % 2 :: 2]:
        now = printed_share(NEWEST, member, BASE)
        assert now is not None
        text = f"whatif member:{member} share:{share} by:{by} edition:{NEWEST}"
        found = figures(facts, text)
        more = "less" if Decimal(share) < now else "extra"
        amounts, extras = Decimal(0), Decimal(0)
        for year in range(BASE + 1, by + 1):
            rise = (Decimal(share) - now) * (year - BASE) / (by - BASE)
            whole = ECONOMY.real(member, year) / HUNDRED
            assert close(found[f"amount.{year}"].value, (now + rise) * whole), (text, year)
            assert close(found[f"{more}.{year}"].value, abs(rise) * whole, "1e-9"), (text, year)
            amounts, extras = amounts + (now + rise) * whole, extras + abs(rise) * whole
        assert close(found["amount.sum"].value, amounts), text
        if extras:
            assert close(found[f"{more}.sum"].value, extras, "1e-9"), text


@pytest.mark.parametrize("rule", ["hague", "vilnius"])
def test_paces(facts: Facts, rule: str) -> None:
    for member in (*ARMED, *TOTALS):
        now = printed_share(NEWEST, member, BASE)
        assert now is not None
        text = f"whatif member:{member} rule:{rule} edition:{NEWEST}"
        answer = answered(facts, text)
        found = {figure.name: Decimal(figure.value) for figure in answer.figures}
        for back in (3, 5, 10):
            then = printed_share(NEWEST, member, BASE - back)
            if then is None or BASE - back < BY_INCOME_SINCE.get(member, 0):
                assert f"pace.{back}" not in found, text
                continue
            pace = (now - then) / back
            assert close(found[f"pace.{back}"], pace), text
            if pace > 0 and now < LEVELS[rule]:
                reached = BASE + int(((LEVELS[rule] - now) / pace).to_integral_value(ROUND_CEILING))
                since = [line for line in lines(answer) if str(BASE - back) in line]
                if reached <= 2050:
                    assert any(str(reached) in line for line in since), (text, reached, since)


def test_everyone_at_a_share(facts: Facts) -> None:
    """One by one: those who spend more stay at their own share; Europe and Canada leave out the United States."""
    for who, share, by in product(TOTALS, (Decimal("2.5"), Decimal("3.5"), Decimal(5)), (2030, DEADLINE)):
        spent = extra = Decimal(0)
        for member in ARMED:
            if member == "USA" and who != "NATO_TOTAL":
                continue
            now = printed_share(NEWEST, member, BASE)
            assert now is not None
            whole = ECONOMY.real(member, by) / ECONOMY.per_dollar(member) / HUNDRED
            spent += max(share, now) * whole
            extra += max(share - now, Decimal(0)) * whole
        text = f"whatif member:{who} share:{share} by:{by} edition:{NEWEST}"
        found = figures(facts, text)
        assert close(found["amount.all"].value, spent), text
        assert close(found["extra.all"].value, extra), text


def test_years_of_the_rules_are_those_of_the_table() -> None:
    """The years typed above, once more against the table of rules."""
    for rule in rules():
        if rule["id"] in BEARS:
            assert BEARS[rule["id"]] == range(rule["applies_from"], rule.get("applies_to", 2050) + 1)
