"""Which rules bear on an Ally in a year, why the others do not, and how far a share is from a rule's level."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property, lru_cache

from msgspec import Struct

from knowledge.arithmetic import difference, distance, part_of, quotient, span
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Standing, citations
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Break, Edition, Measure, Member, Rule, Spender


class Why(StrEnum):
    """Why a rule does not bear on a spender in a year."""

    NO_FORCES = "no armed forces"
    NOT_A_MEMBER = "not yet a member"
    NEVER_ADOPTED = "never adopted"
    ANOTHERS_READING = "another's reading"
    NOT_AGREED = "not yet agreed"
    SUPERSEDED = "superseded"


class Bearing(Struct, frozen=True):
    """One rule, a spender and a year, and where the rule does not bear on it, the reason.

    A total or a group stands for the Allies in it: a rule binds each of them, never the sum.
    """

    rule: Rule
    spender: Spender | None
    year: int
    why: Why | None

    @property
    def bears(self) -> bool:
        return self.why is None

    @property
    def due(self) -> int | None:
        """The deadline that is still ahead in this year; None where the level holds every year or is due."""
        deadline = self.rule.deadline
        return deadline if self.bears and deadline is not None and deadline > self.year else None


def bearing(rule: Rule, spender: Spender | None, year: int) -> Bearing:
    """Whether a rule bears on a spender in a year; without a spender, on the Allies of that year."""
    return Bearing(rule, spender, year, _why_not(rule, spender, year))


def _why_not(rule: Rule, spender: Spender | None, year: int) -> Why | None:
    if isinstance(spender, Member) and not spender.armed_forces:
        return Why.NO_FORCES
    if rule.only and (spender is None or spender.code not in rule.only):
        return Why.ANOTHERS_READING
    if rule.standing in (Standing.READING, Standing.MEASUREMENT):
        return None if year >= rule.announced.year else Why.NOT_AGREED
    if rule.standing is not Standing.ADOPTED:
        return Why.NEVER_ADOPTED
    if isinstance(spender, Member) and spender.accession.year > year:
        return Why.NOT_A_MEMBER
    if rule.applies_from is None or year < rule.applies_from:
        return Why.NOT_AGREED
    if rule.applies_to is not None and year > rule.applies_to:
        return Why.SUPERSEDED
    return None


def bearings(facts: Facts, spender: Spender | None, year: int) -> tuple[Bearing, ...]:
    """Every alliance-wide rule on a share of GDP with whether it bears, oldest first."""
    return tuple(bearing(r, spender, year) for r in facts.rules.values() if r.kind == "share" and not r.only)


@lru_cache(maxsize=128)
def _in_force(adopted: tuple[Rule, ...], year: int) -> tuple[Rule, ...]:
    """Those of the adopted rules on a share of GDP that bear in a year, oldest first."""
    return tuple(rule for rule in adopted if _why_not(rule, None, year) is None)


def main_rule(facts: Facts, year: int) -> Rule | None:
    """The adopted rule that asks for most in a year: the goal where there is one, else the floor; None before 2006."""
    return next(reversed(_in_force(facts.adopted, year)), None)


def floor_rule(facts: Facts, year: int) -> Rule | None:
    """The level that has to be held every year, beside a goal with a later deadline."""
    main = main_rule(facts, year)
    return next((r for r in _in_force(facts.adopted, year) if r is not main and r.deadline is None), None)


def readings(facts: Facts, spender: Spender, year: int) -> tuple[Rule, ...]:
    """A member's own contested reading of the rules of a year, which is never left out beside the rule itself."""
    own = (r for r in facts.own_rules.get(spender.code, ()) if r.standing is Standing.READING)
    return tuple(rule for rule in own if bearing(rule, spender, year).bears)


def own_facts(facts: Facts, spender: Spender) -> tuple[Rule, ...]:
    """Standing facts and measuring exceptions that concern this member alone."""
    kinds = (Standing.FACT, Standing.MEASUREMENT)
    return tuple(r for r in facts.own_rules.get(spender.code, ()) if r.standing in kinds)


def level_for(rule: Rule, measure: Measure) -> Figure | None:
    """The rule's level for a measure: of GDP or income for the share, of spending for equipment; None without one."""
    if measure.kind is not Kind.SHARE:
        return rule.level(measure.id)
    level = rule.level("core", "total")
    return level if level is not None and level.unit.kind is Kind.SHARE else None


# -- series breaks -----------------------------------------------------------------------------------


def breaks(facts: Facts, edition: Edition, measure: Measure, spender: Spender, first: int, last: int) -> list[Break]:
    """What a reader of these years of a row has to know, each break once."""
    return [b for b in facts.breaks_of[measure.id] if b.touches(edition, measure, spender, first, last)]


def apart(facts: Facts, edition: Edition, measure: Measure, spender: Spender, first: int, last: int) -> Break | None:
    """The break across which two years of a row are not alike, so that nothing may be computed; None if they are."""
    found = (b for b in breaks(facts, edition, measure, spender, first, last) if not b.joined)
    return next((b for b in found if b.first is not None and first < b.first <= last), None)


# -- distance ----------------------------------------------------------------------------------------


def base_of(facts: Facts, edition: Edition, spender: Spender, year: int) -> Sentence:
    """What NATO divides by: national income for Luxembourg from some year on, else GDP."""
    return say("national income") if facts.of_income(edition, spender, year) else say("GDP")


AMOUNTS = ("gdp_usd", "spending_usd")  # what a distance in money is made of


def _asked_and_spent(
    facts: Facts, edition: Edition, spender: Spender, year: int, level: Figure, name: str
) -> tuple[Figure, Figure] | None:
    """A level of GDP in money beside the spending, both by NATO's own amounts.

    Where the share is corrected and the spending is not, the spending is what that share is of NATO's GDP.
    """
    gdp, spent = (facts.figure(edition, one, spender, year) for one in AMOUNTS)
    if gdp is None or spent is None:
        return None
    label = say("{share} of {base} of {member} in {year}")
    values = {"base": base_of(facts, edition, spender, year), "member": spender, "year": Year(year)}
    if facts.correction(edition, "share", spender, year) and not spent.correction:
        share = facts.figure(edition, "share", spender, year)
        if share is not None:
            spent = part_of(f"spent.{name}.usd", share, gdp, label.filled(**values, share=share))
    return part_of(f"level.{name}.usd", level, gdp, label.filled(**values, share=level)), spent


def missing(facts: Facts, edition: Edition, spender: Spender, year: int, level: Figure, name: str) -> Figure | None:
    """What a spender lacks to a level by NATO's own amounts: level × GDP less spending; below zero if it is above."""
    if (both := _asked_and_spent(facts, edition, spender, year, level, name)) is None:
        return None
    label = say("what {member} is short of {level} in {year}", level=level, member=spender, year=Year(year))
    return difference(f"gap.{name}.usd", *both, label)


class Verdict(StrEnum):
    """Where a share stands beside a level; only a rule that bears is met or not."""

    MET = "met"
    NOT_YET = "not yet met"
    NOT_MET = "not met"
    ABOVE = "above"
    BELOW = "below"


class Distance(Struct, frozen=True, eq=False, dict=True):
    """How far one printed share is from one level; `points` is never negative, `short` says which way.

    Compared is at the two decimals NATO prints; money comes from NATO's own amounts.
    """

    facts: Facts
    edition: Edition
    spender: Spender
    share: Figure
    level: Figure
    bearing: Bearing
    key: str  # what tells its figures from those of another distance in one answer

    @property
    def year(self) -> int:
        return self.bearing.year

    @property
    def short(self) -> bool:
        return self.share.value < self.level.value

    @property
    def verdict(self) -> Verdict:
        if not self.bearing.bears:
            return Verdict.BELOW if self.short else Verdict.ABOVE
        if not self.short:
            return Verdict.MET
        return Verdict.NOT_YET if self.bearing.due is not None else Verdict.NOT_MET

    @cached_property
    def points(self) -> Figure:
        label = say(
            "how far {member} is from {rule} in {year}",
            member=self.spender,
            rule=self.bearing.rule.name,
            year=Year(self.year),
        )
        return distance(f"gap.{self.key}", self.share, self.level, label)

    @cached_property
    def _asked_and_spent(self) -> tuple[Figure, Figure] | None:
        return _asked_and_spent(self.facts, self.edition, self.spender, self.year, self.level, self.key)

    @cached_property
    def money(self) -> Figure | None:
        """What is missing to the level, or over it, in current US dollars, never negative."""
        if self._asked_and_spent is None:
            return None
        label = say("the same in money, {member}, {year}", member=self.spender, year=Year(self.year))
        return distance(f"gap.{self.key}.usd", *self._asked_and_spent, label)

    @property
    def money_agrees(self) -> bool:
        """Whether NATO's amounts in current prices lie on the same side of the level as its share of real GDP."""
        if self._asked_and_spent is None:
            return True
        asked, spent = self._asked_and_spent
        return (asked.value > spent.value) is self.short

    @cached_property
    def pace(self) -> Figure | None:
        """The points a year that are needed until the deadline; None where nothing is missing or no deadline is ahead."""
        if not self.short or self.bearing.due is None:
            return None
        end = Year(self.bearing.due)
        cited = (*citations([self.share]), *self.bearing.rule.citations[:1])
        left = span(self.year, end.number, *cited)
        return quotient(f"pace.{self.key}", self.points, left, say("pace needed to {year}", year=end))


def measured(
    facts: Facts, edition: Edition, spender: Spender, share: Figure, rule: Rule, year: int, key: str | None = None
) -> Distance | None:
    """The distance of a share from a rule's level; None where the rule names no share it can be compared with.

    A level of national income is compared with a share NATO divides by that income, and with no other.
    """
    level = level_for(rule, facts.measures["share"])
    if level is None or (level.unit.of and level.unit.of != share.unit.of):
        return None
    return Distance(facts, edition, spender, share, level, bearing(rule, spender, year), key or rule.id)
