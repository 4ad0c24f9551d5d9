"""What the rules ask of an Ally in a year, in points of GDP and in money: adopted first, proposals by their name."""

from __future__ import annotations

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import as_printed, part_of, span, straight_line
from knowledge.asking.absent import in_edition
from knowledge.asking.resolve import Subject
from knowledge.asking.years import Span
from knowledge.chart import LineChart
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Standing, Status
from knowledge.forecast import BAND_NOTE, Projected, Projection, how_projected, second_opinion
from knowledge.questions import saying
from knowledge.rules import Why
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Member, Rule

_TOLD = {
    "every year": say("For {member} in {year} the adopted rule asks for {asks}, every year ({rule})."),
    "was": say("For {member} in {year} the adopted rule was {asks}, every year ({rule})."),
    "every year from": say("For {member} in {year} the adopted rule asks for {asks}, every year from {deadline} ({rule})."),
    "by": say("For {member} in {year} the adopted rule was the {rule}: {asks}, by {deadline}; it set no value for {year} itself."),
    "by, with a floor": say("For {member} in {year} no adopted NATO rule sets a value of its own: Allies agreed {asks} by {deadline}, and at least {floor} of GDP every year."),
    "between": say("{head}. It has no value for {year}; a straight line to it, our illustration and no NATO target, would put {member} at {line}."),
    "proposed line": say("{head}; on the straight line it proposed {member} would have been at {line} core in {year}."),
    "drawn": say("a straight line from {start} in {baseline} to {level} in {deadline} passes {line} in {year}; it is ours, no NATO target"),
    "other base": say("{share} of GDP in {year} ({basis}); the rule is of national income, so the two are not compared"),
    "no own prices": say("about {constant}, between {low} and {high} (projection); prices grow too fast for an amount in {year}'s own."),
}  # fmt: skip
_RELATED = say("NATO publishes no figure per country for the related part, so it is named and never measured.")


def target(facts: Facts, subject: Subject) -> Answer:
    """What is asked of a member in a year: first what is adopted, then proposals due in it, under their standing."""
    scene = _Scene(facts, subject)
    if subject.rule is not None:
        return scene.one_rule(subject.rule)
    main = rules.main_rule(facts, subject.year)
    if main is None or rules.bearing(main, subject.spender, subject.year).why is Why.NOT_A_MEMBER:
        return saying.not_bound(facts, subject)
    return scene.all_rules(main)


class _Scene:
    """One member in one year, and what can be said of it."""

    def __init__(self, facts: Facts, subject: Subject) -> None:
        self.facts, self.subject = facts, subject
        self.edition, self.spender, self.year = subject.edition, subject.spender, subject.year
        self.ahead = self.year > self.edition.last
        self.last = max(facts.years(self.edition, "share", self.spender))
        self.share_year = self.last if self.ahead else self.year
        share = facts.figure(self.edition, "share", self.spender, self.share_year)
        self.share = share and as_printed(share)
        self.readings = rules.readings(facts, self.spender, self.year)
        self.values: dict[str, object] = {"member": self.spender, "year": Year(self.year)}

    def all_rules(self, main: Rule) -> Answer:
        floor = rules.floor_rule(self.facts, self.year)
        due = [b.rule for b in rules.bearings(self.facts, self.spender, self.year) if b.rule.deadline == self.year]
        always = [floor] if floor is not None else []
        adopted = [rule for rule in due if rule.standing is Standing.ADOPTED and rule is not main]
        rows = [saying.rule_row(main), *self._amounts(main), *map(saying.rule_row, (*always, *adopted))]
        for rule in due:
            rows += [saying.rule_row(rule), *self._amounts(rule)] if rule.standing is Standing.PROPOSED else []
        rows += map(saying.rule_row, self.readings)
        return self._answer(self._headline(main, floor), rows, [main, *always, *self.readings])

    def one_rule(self, rule: Rule) -> Answer:
        saying.level_of(rule)  # a rule without a level is refused
        rows = [saying.rule_row(rule), *self._amounts(rule)]
        readings = self.readings if rule.standing is Standing.ADOPTED else ()
        return self._answer(self._headline_of(rule), rows, [rule], [saying.rule_row(other) for other in readings])

    def _answer(self, headline: Sentence, rows: list[Row], shown: list[Rule], more: list[Row] | None = None) -> Answer:
        """The first of the rules that are shown is the one that is looked at."""
        rows = [*rows, self._where_it_stands(shown[0]), *self._illustration(shown[0]), *(more or [])]
        title = say("{member}: share of GDP and what is asked of it, {edition}", **self.values, edition=self.edition)
        line = saying.line(self.facts, self.edition, "share", self.spender)
        chart = LineChart(title, (line,), tuple(map(saying.level_line, shown)))
        notes = tuple(self._notes(shown, rows))
        return Answer(self.subject.asked, headline, tuple(rows), notes, chart=chart, edition=self.edition)

    def _headline(self, main: Rule, floor: Rule | None) -> Sentence:
        values = {**self.values, "rule": main, "asks": saying.asks(main)}
        if main.deadline is None:
            return _TOLD["every year" if self.ahead else "was"].filled(**values)
        values["deadline"] = Year(main.deadline)
        if self.year >= main.deadline:
            return _TOLD["every year from"].filled(**values)
        if floor is None:
            return _TOLD["by"].filled(**values)
        return _TOLD["by, with a floor"].filled(**values, floor=saying.level_of(floor))

    def _headline_of(self, rule: Rule) -> Sentence:
        """The rule's standing first, then what it asks and whether it says anything of this year."""
        head = say("{standing}: {rule}, {asks}, {when}", standing=saying.standing(rule), **saying.of_rule(rule))
        values = {**self.values, "head": head, "announced": rule.announced}
        why = rules.bearing(rule, self.spender, self.year).why
        if why is Why.NOT_A_MEMBER:
            return say("{head}; {member} was not yet a member in {year}.", **values)
        if why is Why.SUPERSEDED:
            return say("{head}; it was superseded by {year}, so it did not bind {member} then.", **values)
        if why is Why.NOT_AGREED and rule.standing is Standing.ADOPTED:
            return say("{head}; it was not yet agreed in {year}, so it did not bind {member} then.", **values)
        if self.year < rule.announced.year:
            return say("{head}; it dates from {announced}, after {year}.", **values)
        if (line := self._line(rule)[1]) is not None:
            drawn = "between" if rule.standing is Standing.ADOPTED else "proposed line"
            return _TOLD[drawn].filled(**values, line=line)
        if self._is_due(rule):
            if rule.deadline == self.year:
                return say("{head}, for {member} as for every Ally.", **values)
            level = saying.level_of(rule)
            base = say("national income") if level.unit.of else say("GDP")
            return say("{head}; for {member} in {year} that is {level} of {base}.", **values, level=level, base=base)
        if rule.deadline is not None and self.year > rule.deadline:
            return say("{head}; it says nothing of the years after that.", **values)
        return say("{head}; it sets no value for {year}.", **values)

    def _is_due(self, rule: Rule) -> bool:
        """Whether the rule's level is asked for in this very year."""
        bearing = rules.bearing(rule, self.spender, self.year)
        if not (bearing.bears or bearing.why is Why.NEVER_ADOPTED) or self.year < rule.announced.year:
            return False
        if rule.deadline is None or rule.deadline == self.year:
            return True
        return rule.standing is Standing.ADOPTED and rule.deadline < self.year

    def _amounts(self, rule: Rule) -> list[Row]:
        """What is asked for in this year in money: the rule's level, or the line a proposal draws to it."""
        share = saying.level_of(rule) if self._is_due(rule) else None
        if share is None and rule.standing is not Standing.ADOPTED:
            share = self._line(rule)[1]
        words = self._in_money(share) if share is not None else None
        if words is None:
            return []
        core = rule.component("core")
        label = say("Core, in money") if core is not None and "core" in core.measure else say("In money")
        if rule.standing in (Standing.PROPOSED, Standing.DEMANDED):
            label = say("{share} in money, never adopted", share=share)
        return [Row(label, words, rule.standing)]

    def _in_money(self, share: Figure) -> Sentence | None:
        """By the GDP that NATO prints or the forecast that is held; None where there is neither."""
        facts, edition, spender, year = self.facts, self.edition, self.spender, self.year
        gdp, held = facts.figure(edition, "gdp_usd", spender, year), facts.forecast
        if gdp is not None:
            if share.unit.of and not facts.of_income(edition, spender, year):
                return None
            values = {**self.values, "share": share, "base": rules.base_of(facts, edition, spender, year)}
            amount = part_of(f"{share.name}.usd", share, gdp, say("{share} of {base} of {member} in {year}", **values))
            money = saying.money(facts, edition, spender, amount, year)
            return say("{share} of {base} is {money} in {year}", **values, money=money)
        if year < held.first or not isinstance(spender, Member):
            return None
        if year > held.held_to:
            text = say("no forecast of GDP reaches {year}; ours ends in {last}, so no amount is given.")
            return text.filled(**self.values, share=share, last=Year(held.held_to))
        projected = Projection(facts, edition, spender).amount(share, year)
        return self._projected(projected) if projected is not None else None

    def _projected(self, amount: Projected) -> Sentence:
        values: dict[str, object] = {"real": amount.real, "base": Year(self.facts.forecast.prices)}
        values |= {"own": amount.own, "dollars": amount.in_usd, "year": Year(self.year)}
        text = say("{real} in {base} prices") if amount.in_usd is None else say("{real} in {base} prices ({dollars})")
        values["constant"] = text.filled(**values)
        if amount.band is not None:
            values["low"], values["high"] = amount.band
            if amount.own is not None:
                return say("about {own}, between {low} and {high} (projection); {constant}.", **values)
            return _TOLD["no own prices"].filled(**values)
        if amount.own is not None:
            return say("about {own} (projection); {constant}.", **values)
        return say("about {constant} (projection); prices grow too fast for an amount in {year}'s own.", **values)

    def _where_it_stands(self, rule: Rule) -> Row:
        facts, edition, year = self.facts, self.edition, self.share_year
        label = say("{member} then", **self.values)
        if edition is facts.newest and year == self.last:
            label = say("{member} now", **self.values)
        if self.share is None:
            _, absent = in_edition(facts, edition, facts.measures["share"], self.spender, Span(year, year))
            return Row(label, absent)
        values: dict[str, object] = {"share": self.share, "year": Year(year)}
        values["basis"] = saying.basis(edition, facts.mark(edition, "share", self.spender, year), self.share)
        found = rules.measured(facts, edition, self.spender, self.share, rule, year)
        if found is None:
            return Row(label, _TOLD["other base"].filled(**values))
        base = rules.base_of(facts, edition, self.spender, year)
        values |= {"share": found.share, "base": base, "level": found.level}
        text = say("{share} of {base} in {year} ({basis}): already at or above {level}, by {points}")
        if not found.points.value:
            text = say("{share} of {base} in {year} ({basis}): as printed, at {level}")
        elif found.short:
            text = say("{share} of {base} in {year} ({basis}): {points} below {level}")
        return Row(label, text.filled(**values, points=found.points))

    def _line(self, rule: Rule) -> tuple[Figure | None, Figure | None]:
        """A straight line to the rule's deadline, if this year lies on the way: where it starts and where it stands."""
        first, end, level = rule.baseline_year, rule.deadline, rule.level("core")
        if first is None or end is None or not first < self.year < end:
            return None, None
        share = self.facts.figure(self.edition, "share", self.spender, first)
        start = share and as_printed(share)
        if start is None or level is None or start.value >= level.value:
            return start, None
        label = say("straight line to {rule} in {year}", rule=rule.name, year=Year(self.year))
        return start, straight_line(f"line.{rule.id}", start, level, span(first, self.year), span(first, end), label)

    def _illustration(self, rule: Rule) -> list[Row]:
        (start, line), first, end = self._line(rule), rule.baseline_year, rule.deadline
        if start is None or first is None or end is None or (line and rule.standing is not Standing.ADOPTED):
            return []
        text = say("no line to draw: {member} was above the level in {baseline} already, at {start}")
        text = text if line is None else _TOLD["drawn"]
        values = {**self.values, "start": start, "baseline": Year(first), "deadline": Year(end)}
        filled = text.filled(**values, level=saying.level_of(rule), line=line)
        return [Row(say("Illustration"), filled, illustration=True)]

    def _notes(self, shown: list[Rule], rows: list[Row]) -> list[Sentence]:
        facts, spender, year = self.facts, self.spender, self.share_year
        notes = [_RELATED] if any(rule.component("related") for rule in shown) else []
        figures = [value for row in rows for value in row.text.walk() if isinstance(value, Figure)]
        if any(figure.unit.kind is Kind.MONEY and figure.status >= Status.PROJECTION for figure in figures):
            notes.append(how_projected(facts, self.year))
            notes += [BAND_NOTE] if any("low" in row.text.values for row in rows) else []
            notes += second_opinion(facts, spender) if isinstance(spender, Member) else []
        notes += saying.became(shown[0])
        notes += saying.cautions(rule for rule in shown if rule.standing is Standing.READING)
        if self.share is not None:
            notes += saying.break_notes(facts, self.edition, [facts.measures["share"]], [spender], year, year)
            notes += saying.member_notes(facts, self.edition, spender, year, self.share)
        return notes if isinstance(spender, Member) else [*notes, saying.BINDS_EACH]
