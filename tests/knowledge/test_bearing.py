"""Which rule bears on whom, as one table: rule × year × member × command, worked out from the table of rules alone."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from bot.drawing.document import AnswerDocument
from knowledge.facts import Facts
from tests.knowledge.tables import JOINED, MEMBERS, NEWEST, level_of, rules, two_decimals, years_held
from tests.knowledge.tables import cell as printed
from tests.knowledge.test_cases import answered

NOT_A_MEMBER, NOT_AGREED, SUPERSEDED = "not yet a member", "not yet agreed", "superseded"
PROPOSED, DEMANDED, READING, OTHERS_READING = "proposed", "demanded", "its own reading", "another's reading"
NO_FORCES, BEARS = "no armed forces", "bears"

# One of the words by which the headline, or the sentence of a refusal, says why a rule does not bear.
WORDS = {
    NOT_A_MEMBER: ("not yet a member", "joined", "was not a member"),
    NOT_AGREED: ("not yet agreed",),
    SUPERSEDED: ("superseded",),
    PROPOSED: ("never adopted",),
    DEMANDED: ("never adopted",),
    READING: ("reading",),
    OTHERS_READING: ("reading", "alone"),
    NO_FORCES: ("no armed forces",),
}
ASKED_FOR = re.compile(r"\basks for\b|\basked for\b")  # what is only ever said of a rule that bears
NOT_YET, NOT_MET = "not yet", "not met"  # of a deadline that is ahead, and of one that is past

RULES = {rule["id"]: rule for rule in rules() if rule["kind"] == "share"}
MEMBERS_ASKED = ("DEU", "FIN", "SWE", "MNE", "ALB", "ISL", "ESP", "USA")
YEARS = range(2005, 2037)
PRINTED = years_held(NEWEST, "share")
each_rule = pytest.mark.parametrize("rule", RULES)


def reasons(rule: dict[str, Any], member: str | None, year: int) -> list[str]:
    """Why a rule does not bear, all that apply; the first is always to be said, or else any of them."""
    if member is not None and MEMBERS[member]["armed_forces"] == "no":
        return [NO_FORCES]
    if rule["standing"] == "reading":
        return [READING if member in rule["only"] else OTHERS_READING]
    if rule["standing"] != "adopted":
        return [PROPOSED if rule["standing"] == "proposed" else DEMANDED]
    found = []
    if member is not None and JOINED[member] > year:
        found.append(NOT_A_MEMBER)
    if year < rule["applies_from"]:
        found.append(NOT_AGREED)
    if year > rule.get("applies_to", year):
        found.append(SUPERSEDED)
    return found or [BEARS]


def said(answer: AnswerDocument) -> str:
    return answer.error.sentence if answer.error is not None else answer.headline


def labels(answer: AnswerDocument) -> dict[str, str]:
    return dict(answer.rows)


def check(answer: AnswerDocument, rule: str, why: list[str]) -> None:
    """What is said of a rule that does not bear; of one that bears, that none of the reasons against it is."""
    told = said(answer)
    if why == [BEARS]:
        against = (word for reason in (NOT_A_MEMBER, NOT_AGREED, PROPOSED) for word in WORDS[reason])
        assert not any(word in told for word in against), (answer.asked, told)
        return
    assert not ASKED_FOR.search(told), (answer.asked, told)
    assert any(word in told for reason in why for word in WORDS[reason]), (answer.asked, why, told)
    rows, names = labels(answer), {figure.name for figure in answer.figures}
    assert f"pace.{rule}" not in names, answer.asked
    if why != [READING]:  # of its own reading a member may be told how it stands to it
        assert not re.match(r"(No|Yes|Not yet)\b", rows.get("Met", "")), (answer.asked, rows)
        assert "Floor" not in rows, (answer.asked, rows)


def not_held(answer: AnswerDocument) -> bool:
    """Whether there is no share of that year to compare, which is another answer and no matter of rules."""
    return answer.error is not None and answer.error.code in ("no-figure", "no-figure-yet", "blank", "not-in-edition")


@each_rule
@pytest.mark.parametrize("member", MEMBERS_ASKED)
@pytest.mark.parametrize("command", ["gap", "target"])
def test_of_a_member_in_a_year(facts: Facts, command: str, member: str, rule: str) -> None:
    compared = 0
    for year in YEARS:
        answer = answered(facts, f"{command} member:{member} year:{year} rule:{rule}")
        if not not_held(answer):
            compared += 1
            check(answer, rule, reasons(RULES[rule], member, year))
    assert compared >= len(PRINTED)


@each_rule
@pytest.mark.parametrize("member", MEMBERS_ASKED)
def test_whatif_of_a_member(facts: Facts, member: str, rule: str) -> None:
    why = reasons(RULES[rule], member, PRINTED[-1])
    check(answered(facts, f"whatif member:{member} rule:{rule} edition:{NEWEST}"), rule, why)


@each_rule
def test_rank_of_a_year(facts: Facts, rule: str) -> None:
    for year in PRINTED:
        answer = answered(facts, f"rank measure:share year:{year} rule:{rule} edition:{NEWEST}")
        check(answer, rule, reasons(RULES[rule], None, year))


@pytest.mark.parametrize(("member", "rule"), list(product(MEMBERS_ASKED, RULES)))
def test_a_deadline_ahead_is_not_yet_met(facts: Facts, member: str, rule: str) -> None:
    level, deadline = level_of(RULES[rule]), RULES[rule].get("deadline", 0)
    for year in (year for year in PRINTED if year < deadline):
        share = printed(NEWEST, "share", member, year)
        if level is None or share is None or reasons(RULES[rule], member, year) != [BEARS]:
            continue
        answer = answered(facts, f"gap member:{member} year:{year} rule:{rule} edition:{NEWEST}")
        told = " ".join((answer.headline, *labels(answer).values())).casefold()
        if two_decimals(share) < level:
            assert NOT_YET in told, (answer.asked, told)
            assert NOT_MET not in told, (answer.asked, told)
            assert not re.match(r"No\b", labels(answer).get("Met", "")), (answer.asked, answer.rows)
            assert f"pace.{rule}" in {figure.name for figure in answer.figures}, answer.asked
        else:
            assert NOT_YET not in told, (answer.asked, told)
            assert f"pace.{rule}" not in {figure.name for figure in answer.figures}, answer.asked


def test_a_rule_that_bears_is_asked_for(facts: Facts) -> None:
    for rule, member, year in (("wales", "DEU", 2018), ("vilnius", "FIN", 2024), ("hague", "MNE", 2026)):
        assert reasons(RULES[rule], member, year) == [BEARS]
        told = said(answered(facts, f"gap member:{member} year:{year} rule:{rule} edition:{NEWEST}"))
        assert ASKED_FOR.search(told), told


def test_the_table_has_every_reason() -> None:
    asked = product(RULES.values(), (*MEMBERS_ASKED, None), YEARS)
    assert {reason for rule, member, year in asked for reason in reasons(rule, member, year)} == {*WORDS, BEARS}
