"""Which spending rules bear on an Ally in a year and, for each that does not, why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge.facts import Facts, Member, Rule, Spender
from knowledge.figure import Standing


class Why(StrEnum):
    """Why a rule does not bear on a member in a year."""

    NOT_A_MEMBER = "not yet a member"
    NOT_AGREED = "not yet agreed"
    SUPERSEDED = "superseded"
    NO_FORCES = "no armed forces"
    NEVER_ADOPTED = "never adopted"


@dataclass(frozen=True, slots=True)
class Bearing:
    """One rule and, where it does not bear, the reason."""

    rule: Rule
    why: Why | None = None


def bearings(facts: Facts, spender: Spender, year: int) -> tuple[Bearing, ...]:
    """Every alliance-wide share rule with whether it bears on this spender in this year, oldest first."""
    return tuple(
        Bearing(rule, why_not(rule, spender, year))
        for rule in facts.rules.values()
        if rule.kind == "share" and not rule.only
    )


def why_not(rule: Rule, spender: Spender, year: int) -> Why | None:
    """The reason a rule does not bear on a spender in a year; None where it does."""
    if isinstance(spender, Member):
        if not spender.armed_forces:
            return Why.NO_FORCES
        if spender.accession.year > year:
            return Why.NOT_A_MEMBER
    if rule.standing is not Standing.ADOPTED:
        return Why.NEVER_ADOPTED
    if rule.applies_from is None or year < rule.applies_from:
        return Why.NOT_AGREED
    if rule.applies_to is not None and year > rule.applies_to:
        return Why.SUPERSEDED
    return None


def main_rule(facts: Facts, year: int) -> Rule | None:
    """The adopted rule that asks for most in a year: the goal where there is one, else the floor; None before 2006."""
    adopted = [
        rule
        for rule in facts.rules.values()
        if rule.standing is Standing.ADOPTED
        and rule.applies_from is not None
        and rule.applies_from <= year
        and (rule.applies_to is None or year <= rule.applies_to)
    ]
    return adopted[-1] if adopted else None


def floor_rule(facts: Facts, year: int) -> Rule | None:
    """The level that has to be held every year, beside a goal with a later deadline."""
    main = main_rule(facts, year)
    for rule in facts.rules.values():
        held = rule.standing is Standing.ADOPTED and rule.deadline is None and rule.applies_to is None
        if held and rule is not main and rule.applies_from is not None and rule.applies_from <= year:
            return rule
    return None


def readings(facts: Facts, spender: Spender, year: int) -> tuple[Rule, ...]:
    """A member's own contested reading of the rules of a year, which is never left out beside the rule itself."""
    return tuple(
        rule
        for rule in facts.rules.values()
        if rule.standing is Standing.READING and spender.code in rule.only and rule.announced.year <= year
    )


def own_facts(facts: Facts, spender: Spender) -> tuple[Rule, ...]:
    """Standing facts and measuring exceptions that concern this member alone."""
    kinds = (Standing.FACT, Standing.MEASUREMENT)
    return tuple(r for r in facts.rules.values() if r.standing in kinds and spender.code in r.only)
