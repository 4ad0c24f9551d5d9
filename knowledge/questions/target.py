"""What the rules ask of an Ally in a year, in points of GDP and in money: adopted first, proposals by their name."""

from __future__ import annotations

from dataclasses import replace

from knowledge import projection, rules
from knowledge.answer import Answer, Row
from knowledge.chart import LineChart
from knowledge.facts import Edition, Facts, Member, Rule, Spender
from knowledge.figure import Figure, Standing, as_printed, difference, part_of, span, straight_line
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Sentence, Year, say


def target(facts: Facts, question: Question) -> Answer:
    """What is asked of a member in a year; without a year, in the newest year NATO prints a share for.

    A year without a value of its own says so first; proposals due in that year follow under their standing, and
    the straight line to the adopted level is an illustration.
    """
    about = parts.subject(facts, question)
    spender = about.spender
    if isinstance(spender, Member) and not spender.armed_forces:
        asked = Question("target", member=spender.code, year=str(about.year) if about.year else None)
        return parts.no_forces(facts, asked, spender, say("core target"))
    edition = parts.edition_with(facts, about, "share", asked=question.edition is not None)
    year = about.year or parts.last_year(facts, edition, "share", spender)
    if year is None:
        raise parts.no_figure(facts, edition, facts.measures["share"], spender, None)
    rule = parts.typed_rule(facts, question.rule, spender) if question.rule else None
    asked = parts.pinned(question, about, edition, year, rule=rule.id if rule else None)
    scene = _Scene(facts, edition, spender, year)
    if rule is not None:
        return scene.one_rule(asked, rule)
    if isinstance(spender, Member) and spender.accession.year > year:
        return parts.not_bound(facts, asked, replace(about, edition=edition), year)
    return scene.all_rules(asked)


class _Scene:
    """One member in one year, and what can be said of it."""

    def __init__(self, facts: Facts, edition: Edition, spender: Spender, year: int) -> None:
        self.facts, self.edition, self.spender, self.year = facts, edition, spender, year
        self.last = parts.last_year(facts, edition, "share", spender)
        shown = min(year, self.last) if self.last is not None else None
        self.share_year = shown
        share = facts.figure(edition, "share", spender, shown) if shown is not None else None
        self.share = as_printed(share) if share is not None else None

    # -- the two kinds of answer ---------------------------------------------------------------------

    def all_rules(self, asked: Question) -> Answer:
        main = rules.main_rule(self.facts, self.year)
        if main is None:
            return self._before_any_rule(asked)
        floor = rules.floor_rule(self.facts, self.year)
        rows = [parts.rule_row(main), *self._amounts(main)]
        if floor is not None:
            rows.append(parts.rule_row(floor))
        rows += self._ended_deadlines(main)
        for rule in self._proposed_for_the_year():
            rows += [parts.rule_row(rule), *self._amounts(rule)]
        readings = rules.readings(self.facts, self.spender, self.year)
        rows += [parts.rule_row(rule) for rule in readings]
        rows += self._where_it_stands(main)
        rows += self._illustration(main)
        return Answer(
            asked,
            self._headline(main, floor),
            tuple(rows),
            tuple(self._notes([main, *readings], rows)),
            chart=self._chart([main, *([floor] if floor is not None else []), *readings]),
            edition=self.edition,
        )

    def one_rule(self, asked: Question, rule: Rule) -> Answer:
        level = parts.level_of(rule)
        rows = [parts.rule_row(rule), *self._amounts(rule), *self._where_it_stands(rule), *self._illustration(rule)]
        if rule.standing is Standing.ADOPTED:
            rows += [parts.rule_row(other) for other in rules.readings(self.facts, self.spender, self.year)]
        return Answer(
            asked,
            self._headline_of(rule, level),
            tuple(rows),
            tuple(self._notes([rule], rows)),
            chart=self._chart([rule]),
            edition=self.edition,
        )

    # -- headlines -----------------------------------------------------------------------------------

    def _headline(self, main: Rule, floor: Rule | None) -> Sentence:
        year, deadline = Year(self.year), Year(main.deadline or 0)
        asks = parts.asks(main)
        if main.deadline is not None and self.year < main.deadline:
            if floor is None:
                return say(
                    "For {member} in {year} the adopted rule was the {rule}: {asks}, by {deadline}; it set no value for {year} itself.",
                    member=self.spender,
                    year=year,
                    rule=main,
                    asks=asks,
                    deadline=deadline,
                )
            return say(
                "For {member} in {year} no adopted NATO rule sets a value of its own: Allies agreed {asks} by "
                "{deadline}, and at least {floor} of GDP every year.",
                year=year,
                asks=asks,
                deadline=deadline,
                floor=parts.level_of(floor),
                member=self.spender,
            )
        if self.last is not None and self.year > self.last:
            return say(
                "For {member} in {year} the adopted rule asks for {asks}, every year from {deadline} ({rule}).",
                member=self.spender,
                year=year,
                asks=asks,
                deadline=deadline,
                rule=main,
            )
        return say(
            "For {member} in {year} the adopted rule was {asks}, every year ({rule}).",
            member=self.spender,
            year=year,
            asks=asks,
            rule=main,
        )

    def _headline_of(self, rule: Rule, level: Figure) -> Sentence:
        """The rule's standing first, then what it asks and whether it says anything of this year."""
        head = say(
            "{standing}: {rule}, {asks}, {when}",
            standing=parts.standing(rule),
            rule=rule,
            asks=parts.asks(rule),
            when=parts.when(rule),
        )
        year = Year(self.year)
        why = rules.why_not(rule, self.spender, self.year)
        line = self._line(rule)
        if why is rules.Why.NOT_A_MEMBER:
            return say("{head}; {member} was not yet a member in {year}.", head=head, member=self.spender, year=year)
        if why in (rules.Why.NOT_AGREED, rules.Why.SUPERSEDED):
            return say(
                "{head}; it was {why} in {year}, so it did not bind {member} then.",
                head=head,
                why=parts.WHY[why],
                year=year,
                member=self.spender,
            )
        if rule.standing is Standing.ADOPTED and line is not None:
            return say(
                "{head}. It has no value for {year}; a straight line to it, our illustration and no NATO target, would put {member} at {line}.",
                head=head,
                year=year,
                member=self.spender,
                line=line,
            )
        if line is not None:
            return say(
                "{head}; on the straight line it proposed {member} would have been at {line} core in {year}.",
                head=head,
                member=self.spender,
                line=line,
                year=year,
            )
        if rule.deadline == self.year:
            return say("{head}, for {member} as for every Ally.", head=head, member=self.spender)
        if rule.deadline is not None and self.year < rule.deadline:
            return say("{head}; it sets no value for {year}.", head=head, year=year)
        return say(
            "{head}; for {member} in {year} that is {level} of GDP.",
            head=head,
            member=self.spender,
            year=year,
            level=level,
        )

    def _before_any_rule(self, asked: Question) -> Answer:
        first = next(r for r in self.facts.rules.values() if r.applies_from is not None)
        headline = say(
            "No alliance-wide rule set a share of GDP in {year}; the first was the {rule}.",
            year=Year(self.year),
            rule=first,
        )
        return Answer(asked, headline, (parts.rule_row(first),), edition=self.edition)

    # -- rows ----------------------------------------------------------------------------------------

    def _amounts(self, rule: Rule) -> list[Row]:
        """What the rule's core level comes to in money in this year, where a GDP for it is published or forecast."""
        if rule.deadline is not None and self.year < rule.deadline and rule.standing is Standing.ADOPTED:
            return []
        level = parts.level_of(rule)
        dollars = self._published_amount(level)
        if dollars is not None:
            return [Row(say("In money"), dollars, rule.standing)]
        if not isinstance(self.spender, Member) or self.year < projection.PRICES:
            return []
        projected = projection.amount(self.facts, self.edition, self.spender, level, self.year)
        if projected is None:
            if self.year > projection.LAST_HELD:
                words = say(
                    "no forecast of GDP reaches {year}; ours ends in {last}, so no amount is given.",
                    year=Year(self.year),
                    last=Year(projection.LAST_HELD),
                )
                return [Row(say("In money"), words, rule.standing)]
            return []
        label = say("Core, in money") if rule.component("core") else say("In money")
        return [Row(label, self._projected(projected), rule.standing)]

    def _published_amount(self, level: Figure) -> Sentence | None:
        gdp = self.facts.figure(self.edition, "gdp_usd", self.spender, self.year)
        if gdp is None:
            return None
        label = say("{level} of GDP of {member} in {year}", level=level, member=self.spender, year=Year(self.year))
        amount = part_of(f"{level.name}.usd", level, gdp, label)
        return say(
            "{level} of GDP is {money} in {year}",
            level=level,
            money=parts.money(self.facts, self.edition, self.spender, amount, self.year),
            year=Year(self.year),
        )

    def _projected(self, amount: projection.Projected) -> Sentence:
        real, base = amount.real, Year(projection.PRICES)
        constant = say("{real} in {base} prices", real=real, base=base)
        if amount.in_usd is not None:
            constant = say("{real} in {base} prices ({dollars})", real=real, base=base, dollars=amount.in_usd)
        if amount.own is None:
            return say(
                "about {constant}, a projection; prices grow too fast for an amount in {year}'s own.",
                constant=constant,
                year=Year(self.year),
            )
        if amount.low is None or amount.high is None:
            return say("about {own} (projection).", own=amount.own)
        return say(
            "about {own}, between {low} and {high} (projection); {constant}.",
            own=amount.own,
            low=amount.low,
            high=amount.high,
            constant=constant,
        )

    def _ended_deadlines(self, main: Rule) -> list[Row]:
        """An earlier rule whose deadline is this year."""
        return [
            parts.rule_row(rule)
            for rule in self.facts.rules.values()
            if rule is not main
            and rule.standing is Standing.ADOPTED
            and rule.deadline == self.year
            and rule.applies_from
        ]

    def _proposed_for_the_year(self) -> list[Rule]:
        """Alliance-wide proposals that name exactly this year: the only ones that have a value for it."""
        return [
            rule
            for rule in self.facts.rules.values()
            if rule.standing is Standing.PROPOSED
            and rule.kind == "share"
            and not rule.only
            and rule.deadline == self.year
        ]

    def _where_it_stands(self, rule: Rule) -> list[Row]:
        if self.share is None or self.share_year is None:
            words = say("no share of GDP for {year} is held.", year=Year(self.year))
            return [Row(say("{member} then", member=self.spender), words)]
        level = parts.level_of(rule)
        short = self.share.value < level.value
        a, b = (level, self.share) if short else (self.share, level)
        points = difference(
            f"gap.{rule.id}", a, b, say("how far {member} is from {level}", member=self.spender, level=level)
        )
        text = (
            say("{share} of GDP in {year} ({basis}): {points} below {level}")
            if short
            else say("{share} of GDP in {year} ({basis}): already at or above {level}, by {points}")
        )
        mark = self.facts.mark(self.edition, "share", self.spender, self.share_year)
        return [
            Row(
                say("{member} now", member=self.spender)
                if self.share_year == self.last
                else say("{member} then", member=self.spender),
                text.filled(
                    share=self.share,
                    year=Year(self.share_year),
                    basis=parts.basis(self.edition, mark),
                    points=points,
                    level=level,
                ),
            )
        ]

    def _illustration(self, rule: Rule) -> list[Row]:
        line = self._line(rule)
        if line is None:
            start = self._start(rule)
            if start is None or rule.deadline is None or not (rule.baseline_year or 0) < self.year < rule.deadline:
                return []
            return [
                Row(
                    say("Illustration"),
                    say(
                        "no line to draw: {member} was above the level in {start} already, at {share}",
                        member=self.spender,
                        start=Year(rule.baseline_year or 0),
                        share=start,
                    ),
                    illustration=True,
                )
            ]
        if rule.standing is not Standing.ADOPTED:
            return []
        return [
            Row(
                say("Illustration"),
                say(
                    "a straight line from {start} in {baseline} to {level} in {deadline} passes {line} in {year}; it is ours, no NATO target",
                    start=line.operands[0],
                    baseline=Year(rule.baseline_year or 0),
                    level=line.operands[1],
                    deadline=Year(rule.deadline or 0),
                    line=line,
                    year=Year(self.year),
                ),
                illustration=True,
            )
        ]

    def _start(self, rule: Rule) -> Figure | None:
        if rule.baseline_year is None:
            return None
        return self.facts.figure(self.edition, "share", self.spender, rule.baseline_year)

    def _line(self, rule: Rule) -> Figure | None:
        """Where a straight line from the baseline year to the deadline stands in this year; None outside it."""
        start, level = self._start(rule), rule.level("core")
        if start is None or level is None or rule.deadline is None or rule.baseline_year is None:
            return None
        if not rule.baseline_year < self.year < rule.deadline or start.value >= level.value:
            return None
        first, here, end = (Year(y) for y in (rule.baseline_year, self.year, rule.deadline))
        return straight_line(
            f"line.{rule.id}",
            as_printed(start),
            level,
            span(
                f"years.{first.number}.{here.number}",
                here.number - first.number,
                say("years from {start} to {end}", start=first, end=here),
            ),
            span(
                f"years.{first.number}.{end.number}",
                end.number - first.number,
                say("years from {start} to {end}", start=first, end=end),
            ),
            say("straight line to {rule} in {year}", rule=rule.name, year=here),
        )

    # -- notes ---------------------------------------------------------------------------------------

    def _notes(self, shown: list[Rule], rows: list[Row]) -> list[Sentence]:
        notes: list[Sentence] = []
        first = shown[0]
        if any(rule.component("related") for rule in shown):
            notes.append(
                say("NATO publishes no figure per country for the related part, so it is named and never measured.")
            )
        if self.year > (self.last or self.year) and isinstance(self.spender, Member):
            notes += self._how_projected(self.spender, rows)
        if first.standing is not Standing.ADOPTED and first.outcome:
            notes.append(say("{outcome}", outcome=first.outcome))
        for rule in shown:
            if rule.standing is Standing.READING and rule.caution:
                notes.append(say("{caution}", caution=rule.caution))
        if self.share_year is not None:
            notes += parts.member_notes(self.facts, self.edition, self.spender, self.share_year, self.share)
        if not isinstance(self.spender, Member):
            notes.append(say("The rule binds each Ally, not the group."))
        return notes

    def _how_projected(self, member: Member, rows: list[Row]) -> list[Sentence]:
        if not any(isinstance(v, Figure) and v.name.endswith("prices") for row in rows for v in row.text.walk()):
            return []
        notes = []
        if self.year > projection.LAST_FORECAST:
            notes.append(
                say(
                    "GDP is the IMF's forecast to {last}; after that its real growth and price growth of {last} are held.",
                    last=Year(projection.LAST_FORECAST),
                )
            )
        else:
            notes.append(say("GDP is the IMF's forecast of {date}.", date=self.facts.sources[projection.WEO].published))
        notes.append(
            say(
                "The band is a point of growth a year more or less. Amounts in {year}'s prices have two significant digits, "
                "amounts in {base} prices, which need no forecast of prices, three.",
                year=Year(self.year),
                base=Year(projection.PRICES),
            )
        )
        commission = projection.commission_difference(self.facts, member)
        if commission is not None:
            notes.append(projection.commission_note(commission))
        return notes

    def _chart(self, shown: list[Rule]) -> LineChart | None:
        title = say(
            "{member}: share of GDP and what is asked of it, {edition}", member=self.spender, edition=self.edition
        )
        levels = tuple(parts.level_line(rule) for rule in shown if rule.level("core", "total") is not None)
        line = parts.line(self.facts, self.edition, "share", self.spender)
        return LineChart(title, (line,), levels) if line.points else None
