"""How far an Ally is from a rule: in points of GDP, in money, and in the pace that is left."""

from __future__ import annotations

from dataclasses import replace

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.chart import LineChart
from knowledge.dates import whole_years
from knowledge.facts import Edition, Facts, Member, Rule, Spender
from knowledge.figure import Figure, Standing, as_printed, difference, part_of, quotient, span
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Sentence, Year, say


def gap(facts: Facts, question: Question) -> Answer:
    """What is missing to a rule, or over it, in the newest year NATO prints or the year asked for.

    Without a rule it is the adopted one of that year. A share is compared at the two decimals NATO prints.
    """
    about = parts.subject(facts, question)
    spender = about.spender
    if isinstance(spender, Member) and not spender.armed_forces:
        return parts.no_forces(facts, Question("gap", member=spender.code), spender, say("gap to any rule"))
    edition = parts.edition_with(facts, about, "share", asked=question.edition is not None)
    year = about.year or parts.last_year(facts, edition, "share", spender)
    printed = facts.figure(edition, "share", spender, year) if year else None
    if year is None or printed is None:
        raise parts.no_figure(facts, edition, facts.measures["share"], spender, year)
    rule = parts.typed_rule(facts, question.rule, spender) if question.rule else rules.main_rule(facts, year)
    asked = parts.pinned(question, about, edition, year, rule=rule.id if rule and question.rule else None)
    if rule is None or (rules.why_not(rule, spender, year) is rules.Why.NOT_A_MEMBER and not question.rule):
        return parts.not_bound(facts, asked, replace(about, edition=edition), year)

    share = as_printed(printed)
    main = _Distance(facts, edition, spender, share, rule, year)
    others = (
        []
        if question.rule
        else [_Distance(facts, edition, spender, share, r, year) for r in rules.readings(facts, spender, year)]
    )
    rows = [parts.rule_row(rule), *main.rows(facts)]
    for other in others:
        rows += [parts.rule_row(other.rule), Row(other.verdict_label, other.amount(facts), other.rule.standing)]
    floor = rules.floor_rule(facts, year) if not question.rule else None
    if floor is not None:
        rows.append(_floor_row(floor, share))
    rows += _equipment_rows(facts, edition, spender, rule, year)
    return Answer(
        asked,
        _headline(facts, edition, main, others),
        tuple(rows),
        tuple(_notes(facts, edition, spender, rule, others, year, share)),
        chart=_chart(facts, edition, spender, main),
        edition=edition,
        more=tuple(floor.citations[:1]) if floor else (),
    )


class _Distance:
    """How far one share is from one rule's level; `points` is never negative, `short` says which way."""

    def __init__(self, facts: Facts, edition: Edition, spender: Spender, share: Figure, rule: Rule, year: int) -> None:
        self.edition, self.spender, self.share, self.rule, self.year = edition, spender, share, rule, year
        self.level = parts.level_of(rule)
        self.short = share.value < self.level.value
        label = say("how far {member} is from {rule} in {year}", member=spender, rule=rule.name, year=Year(year))
        a, b = (self.level, share) if self.short else (share, self.level)
        self.points = difference(f"gap.{rule.id}", a, b, label)
        self.mark = facts.mark(edition, "share", spender, year)

    @property
    def verdict_label(self) -> Sentence:
        return say("Short by") if self.short else say("Over by")

    def verdict(self) -> Sentence:
        """ "0.81 points short of the 3.5% …", for a headline."""
        if self.points.value == 0:
            return say("exactly at")
        return say("{points} short of", points=self.points) if self.short else say("{points} over", points=self.points)

    def amount(self, facts: Facts) -> Sentence:
        """The distance in points and, where NATO's GDP is held, in money of that year."""
        gdp = facts.figure(self.edition, "gdp_usd", self.spender, self.year)
        if gdp is None:
            return say("{points}", points=self.points)
        label = say("{points} of GDP of {member} in {year}", points=self.points, member=self.spender, year=self.mark)
        dollars = part_of(f"gap.{self.rule.id}.usd", self.points, gdp, label)
        return say(
            "{points}: {money} of GDP in {year}",
            points=self.points,
            money=parts.money(facts, self.edition, self.spender, dollars, self.year),
            year=Year(self.year),
        )

    def rows(self, facts: Facts) -> list[Row]:
        met = say("No: {share} is below {level}") if self.short else say("Yes: {share} is at or above {level}")
        rows = [Row(say("Met"), met.filled(share=self.share, level=self.level), self.rule.standing)]
        if self.points.value:
            rows.append(Row(self.verdict_label, self.amount(facts), self.rule.standing))
        if self.short and self.rule.deadline is not None and self.rule.deadline > self.year:
            count = whole_years(self.year, self.rule.deadline)
            start, end = Year(self.year), Year(self.rule.deadline)
            left = span(
                f"years.{self.year}.{end.number}", count, say("years from {start} to {end}", start=start, end=end)
            )
            pace = quotient(f"pace.{self.rule.id}", self.points, left, say("pace needed to {year}", year=end))
            rows.append(
                Row(
                    say("Left"),
                    say(
                        "{left}, from {start} to {end}; the pace needed is {pace}.",
                        left=left,
                        start=start,
                        end=end,
                        pace=pace,
                    ),
                    self.rule.standing,
                )
            )
        return rows


def _headline(facts: Facts, edition: Edition, main: _Distance, others: list[_Distance]) -> Sentence:
    rule = main.rule
    spent = say(
        "{member} spends {share} of GDP on {what} in {year} ({basis})",
        member=main.spender,
        share=main.share,
        what=parts.spends(edition),
        year=Year(main.year),
        basis=parts.basis(edition, main.mark),
    )
    goal = _GOALS[rule.standing, rule.deadline is not None].filled(
        level=main.level, rule=rule, year=Year(rule.deadline or 0)
    )
    if not others:
        if main.points.value == 0:
            return say("{spent}: exactly {goal}.", spent=spent, goal=goal)
        return say("{spent}: {verdict} {goal}.", spent=spent, verdict=main.verdict(), goal=goal)
    other = others[0]
    return say(
        "{spent}: {verdict} {goal}, and {other} the {level} of its own reading, which NATO's Secretary General disputes.",
        spent=spent,
        verdict=main.verdict(),
        goal=goal,
        other=other.verdict(),
        level=other.level,
    )


_GOALS = {
    (Standing.ADOPTED, True): say("the {level} that the adopted rule asks for by {year} ({rule})"),
    (Standing.ADOPTED, False): say("the {level} that the adopted rule asks for every year ({rule})"),
    (Standing.PROPOSED, True): say("the {level} that was proposed for {year} and never adopted ({rule})"),
    (Standing.PROPOSED, False): say("the {level} that was proposed and never adopted ({rule})"),
    (Standing.DEMANDED, True): say("the {level} that was demanded for {year} and never adopted ({rule})"),
    (Standing.DEMANDED, False): say("the {level} that was demanded and never adopted ({rule})"),
    (Standing.READING, True): say("the {level} of its own, disputed reading ({rule})"),
    (Standing.READING, False): say("the {level} of its own, disputed reading ({rule})"),
    (Standing.FACT, True): say("{level} ({rule})"),
    (Standing.FACT, False): say("{level} ({rule})"),
    (Standing.MEASUREMENT, True): say("{level} ({rule})"),
    (Standing.MEASUREMENT, False): say("{level} ({rule})"),
}


def _floor_row(floor: Rule, share: Figure) -> Row:
    level = parts.level_of(floor)
    met = share.value >= level.value
    text = (
        say("at least {level} every year ({rule}): met, at {share}")
        if met
        else say("at least {level} every year ({rule}): not met, at {share}")
    )
    return Row(say("Floor"), text.filled(level=level, rule=floor.name, share=share), floor.standing)


def _equipment_rows(facts: Facts, edition: Edition, spender: Spender, rule: Rule, year: int) -> list[Row]:
    """The rule's part about major equipment, where it has one whose number is sourced."""
    level = rule.level("equipment_share")
    share = facts.figure(edition, "equipment_share", spender, year)
    if level is None or share is None:
        return []
    shown = as_printed(share)
    text = (
        say("{share} of spending, the aim of {level} is met")
        if shown.value >= level.value
        else say("{share} of spending, below the aim of {level}")
    )
    return [Row(say("Major equipment"), text.filled(share=shown, level=level), rule.standing)]


def _notes(
    facts: Facts, edition: Edition, spender: Spender, rule: Rule, others: list[_Distance], year: int, share: Figure
) -> list[Sentence]:
    notes = []
    if rule.component("related") is not None:
        notes.append(
            say(
                "NATO publishes no figure per country for the related part ({related}), so no gap to the sum of both "
                "parts is computed.",
                related=rule.level("related"),
            )
        )
    if rule.standing is Standing.ADOPTED and rule.deadline is not None and year < rule.deadline:
        notes.append(say("No year before {year} has a value of its own in this rule.", year=Year(rule.deadline)))
    for other in others:
        notes.append(say("{caution}", caution=other.rule.caution))
    if rule.standing is not Standing.ADOPTED and rule.outcome:
        notes.append(say("{outcome}", outcome=rule.outcome))
    if not isinstance(spender, Member):
        notes.append(say("The rule binds each Ally, not the group; this is what the group's sum shows."))
    return notes + parts.member_notes(facts, edition, spender, year, share)


def _chart(facts: Facts, edition: Edition, spender: Spender, main: _Distance) -> LineChart:
    return LineChart(
        say("{member}: share of GDP, {edition}", member=spender, edition=edition),
        (parts.line(facts, edition, "share", spender),),
        (parts.level_line(main.rule),),
    )
