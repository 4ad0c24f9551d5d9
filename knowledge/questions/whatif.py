"""What a share of GDP by a year would mean, and when a rule is met at the pace of the last years: our illustrations."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from knowledge import names, projection, rules
from knowledge.answer import Answer, Row, Table
from knowledge.chart import Band, Bar, BarChart, Line, LineChart
from knowledge.facts import Aggregate, Edition, Facts, Member, Rule, Spender
from knowledge.figure import (
    Figure,
    Kind,
    Standing,
    Status,
    Unit,
    as_printed,
    assumed,
    at_pace,
    compounded,
    converted,
    difference,
    part_of,
    per_person,
    quotient,
    straight_line,
    total,
    yearly_growth,
)
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.questions.pledges import own_words
from knowledge.sentences import Listing, Sentence, Typed, Year, say

MOST_SHARE, LEAST_GROWTH, MOST_GROWTH = Decimal(15), Decimal(-10), Decimal(15)
PACES = (3, 5, 10)  # years back from the newest
LEADING_PACE = 5
POPULATION = "wdi-population"


def whatif(facts: Facts, question: Question) -> Answer:
    """With a share: amounts a year, extra, growth needed. Without: when the rule is met at the pace of the last years."""
    index = names.index_of(facts)
    spender = index.spender(question.member or "", "whatif")
    edition = index.edition(question.edition)
    if isinstance(spender, Member) and not spender.armed_forces:
        return parts.no_forces(facts, Question("whatif", member=spender.code), spender, say("share to start from"))
    base = parts.last_year(facts, edition, "share", spender)
    share = facts.figure(edition, "share", spender, base) if base is not None else None
    if base is None or share is None:
        raise parts.no_figure(facts, edition, facts.measures["share"], spender, None)
    rule = parts.typed_rule(facts, question.rule, spender) if question.rule else rules.main_rule(facts, base)
    if rule is None:
        raise Problem("no-rule-then", say("No adopted rule set a share of GDP in {year}.", year=Year(base)))
    start = _Start(facts, edition, spender, base, as_printed(share), rule)
    if question.share is None:
        given = next((o for o in ("by", "growth", "prices") if getattr(question, o) is not None), None)
        if given is not None:
            raise Problem(
                "no-share",
                say("Name a share of GDP with it, for example share:3.5."),
                (f"whatif member:{spender.name} share:3.5", f"whatif member:{spender.name}"),
            )
        return _Pace(start, question).answer()
    wanted = _number(question.share, "share")
    if base != projection.PRICES:
        raise Problem(
            "no-projection",
            say(
                "Projections start from {base}, and the {edition} ends before it. Leave the edition out.",
                base=Year(projection.PRICES),
                edition=edition,
            ),
            (f"whatif member:{spender.name} share:{wanted}",),
        )
    plan = _plan(question, start, wanted)
    return _everyone(plan, question) if isinstance(spender, Aggregate) else _Plan(plan, spender).answer(question)


# -- what was typed ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a what-if begins: the newest share NATO prints, and the rule to compare with."""

    facts: Facts
    edition: Edition
    spender: Spender
    year: int
    share: Figure
    rule: Rule


def _basis(start: _Start) -> Sentence:
    return parts.basis(start.edition, start.facts.mark(start.edition, "share", start.spender, start.year))


def _gdp_source(facts: Facts, growth: Figure | None) -> Sentence:
    """Where GDP comes from: the asker's growth, or the forecast that is held."""
    if growth is not None:
        return say("GDP grows by {growth} a year, as you asked", growth=growth)
    return say("GDP by the IMF's forecast of {date}", date=facts.sources[projection.WEO].published)


def _growth_held(by: int, growth: Figure | None) -> list[Sentence]:
    if growth is not None or by <= projection.LAST_FORECAST:
        return []
    return [
        say(
            "GDP is the IMF's forecast to {last}; after that its real growth and price growth of {last} are held.",
            last=Year(projection.LAST_FORECAST),
        )
    ]


@dataclass(frozen=True, slots=True)
class _Assumed:
    """What is assumed: the share, the year it is reached, growth a year if not the IMF's, and the prices."""

    start: _Start
    share: Figure
    by: int
    growth: Figure | None
    own_prices: bool


def _plan(question: Question, start: _Start, value: Decimal) -> _Assumed:
    again = f"whatif member:{start.spender.name}"
    if not 0 < value <= MOST_SHARE:
        raise Problem(
            "share-out-of-range",
            say(
                "“{text}” is outside what can be computed: a share of GDP above 0 and up to {most}.",
                text=Typed(question.share or ""),
                most=assumed("most", MOST_SHARE, Unit(Kind.SHARE, decimals=0), say("the largest share")),
            ),
            (f"{again} share:5", f"{again} share:{MOST_SHARE}"),
        )
    unit = Unit(Kind.SHARE, decimals=_places(value))
    share = replace(assumed("share", value, unit, say("the share that is asked about")), status=Status.ILLUSTRATION)
    deadline = start.rule.deadline or 0
    by = names.year(question.by) or (deadline if deadline > start.year else projection.LAST_HELD)
    if not start.year < by <= projection.LAST_HELD:
        raise Problem(
            "by-out-of-range",
            say(
                "{by} is outside what can be computed: {year} is the newest year NATO prints, and forecasts of GDP end in {last}. Take a year from {next} to {last}.",
                by=Year(by),
                year=Year(start.year),
                last=Year(projection.LAST_HELD),
                next=Year(start.year + 1),
            ),
            (f"{again} share:{value} by:{projection.LAST_HELD}",),
        )
    growth = None
    if question.growth is not None:
        rate = _number(question.growth, "growth")
        if not LEAST_GROWTH <= rate <= MOST_GROWTH:
            raise Problem(
                "growth-out-of-range",
                say(
                    "“{text}” per cent a year is outside what can be computed: growth from {least} to {most} a year.",
                    text=Typed(question.growth),
                    least=assumed("least", LEAST_GROWTH, Unit(Kind.PERCENT, decimals=0), say("the lowest growth")),
                    most=assumed("most", MOST_GROWTH, Unit(Kind.PERCENT, decimals=0), say("the highest growth")),
                ),
                (f"{again} share:{value} by:{by}",),
            )
        growth = assumed(
            "growth", rate, Unit(Kind.PERCENT, decimals=_places(rate)), say("real growth a year, as asked")
        )
    return _Assumed(start, share, by, growth, _own_prices(question, start, f"{again} share:{value}", growth))


def _places(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _number(text: str, option: str) -> Decimal:
    """The number typed, with a point or a comma, with or without a sign for per cent."""
    digits = re.fullmatch(
        r"%?([+-]?\d{1,6}(?:[.,]\d{1,12})?) ?(?:%|℅|percent|per cent|pc)?",
        " ".join(text.split()).casefold().replace("−", "-"),
    )
    if digits is None:
        raise Problem(
            "bad-number",
            say("“{text}” is not a number. Write {option} as 3.5 or 3.5%.", text=Typed(text), option=Typed(option)),
        )
    value = Decimal(digits[1].replace(",", "."))
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _own_prices(question: Question, start: _Start, again: str, growth: Figure | None) -> bool:
    """Whether amounts are wanted in each year's own prices; 2026 prices unless that is said."""
    asked = names.plain(question.prices or str(projection.PRICES))
    if asked in (str(projection.PRICES), "constant", "real"):
        return False
    if asked not in ("current", "own", "nominal", "each year"):
        raise Problem(
            "unknown-prices",
            say(
                "Amounts come in prices of {base} or in each year's own: write prices:{base} or prices:current.",
                base=Year(projection.PRICES),
            ),
            (again, f"{again} prices:current"),
        )
    if (
        growth is not None
        or start.spender.code in projection.CURRENT_PRICES_UNKNOWN
        or isinstance(start.spender, Aggregate)
    ):
        raise Problem(
            "unknown-prices",
            say(
                "Each year's own prices need a forecast of prices, which is not held for this. Take prices of {base}.",
                base=Year(projection.PRICES),
            ),
            (again,),
        )
    return True


# -- one Ally ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """One year on the way: the share on the straight line, its amount, and what that is above or below today's share.

    `extra` is never negative; the plan says whether it falls.
    """

    year: int
    share: Figure
    amount: Figure
    extra: Figure
    low: Figure
    high: Figure


class _Plan:
    """A straight line from today's share to the share asked about, in money."""

    def __init__(self, assumed_: _Assumed, member: Member) -> None:
        self.given, self.member = assumed_, member
        self.start, self.facts, self.edition = assumed_.start, assumed_.start.facts, assumed_.start.edition
        self.today = self._gdp(self.start.year)
        if self.today is None:
            raise Problem("no-projection", say("No forecast of GDP is held for {member}.", member=member))
        self.falls = assumed_.share.value < self.start.share.value
        self.first = part_of(f"amount.{self.start.year}", self.start.share, self.today, self._label(self.start.year))
        self.steps = [self._step(year) for year in range(self.start.year + 1, assumed_.by + 1)]
        self.last = self.steps[-1]

    def _gdp(self, year: int) -> Figure | None:
        if self.given.own_prices:
            whole = projection.gdp(self.facts, self.member, year)
        elif self.given.growth is None:
            whole = projection.gdp_in_prices(self.facts, self.member, year)
        else:
            whole = projection.gdp_grown(self.facts, self.member, year, self.given.growth)
        return whole and projection.measured(self.facts, self.edition, self.member, whole, year)

    def _label(self, year: int) -> Sentence:
        return say("spending of {member} in {year} on this line", member=self.member, year=Year(year))

    def _step(self, year: int) -> _Step:
        whole = self._gdp(year)
        assert whole is not None  # the year is within the forecast
        share = self._share(year)
        amount = part_of(f"amount.{year}", share, whole, self._label(year))
        if self.falls:
            points = say("points below today's share in {year}", year=Year(year))
            fall = difference(f"fall.{year}", self.start.share, share, points)
            extra = part_of(f"less.{year}", fall, whole, say("below today's share in {year}", year=Year(year)))
        else:
            points = say("points above today's share in {year}", year=Year(year))
            rise = difference(f"rise.{year}", share, self.start.share, points)
            extra = part_of(f"extra.{year}", rise, whole, say("above today's share in {year}", year=Year(year)))
        years = projection.years_between(projection.PRICES, year)
        low, high = (
            compounded(f"amount.{year}.{edge}", amount, (factor,), years, label, Status.PROJECTION)
            for edge, factor, label in projection.edges()
        )
        return _Step(year, share, amount, extra, low, high)

    def _share(self, year: int) -> Figure:
        start, given = self.start, self.given
        return straight_line(
            f"share.{year}",
            start.share,
            given.share,
            projection.years_between(start.year, year),
            projection.years_between(start.year, given.by),
            say("straight line to {share}, {year}", share=given.share, year=Year(year)),
        )

    def answer(self, question: Question) -> Answer:
        asked = Question(
            "whatif",
            member=self.member.code,
            share=str(self.given.share.value),
            by=str(self.given.by),
            growth=str(self.given.growth.value) if self.given.growth else None,
            prices="current" if self.given.own_prices else None,
            rule=self.start.rule.id if question.rule else None,
            edition=self.edition.id,
        )
        return Answer(
            asked,
            self.headline(),
            tuple(self.rows()),
            tuple(self.notes()),
            self.table(),
            self.chart(),
            self.edition,
        )

    def headline(self) -> Sentence:
        values = {
            "member": self.member,
            "share": self.given.share,
            "by": Year(self.given.by),
            "amount": self.last.amount,
            "extra": self.last.extra,
            "now": self.start.share,
            "year": Year(self.start.year),
            "basis": _basis(self.start),
            "prices": say("in that year's prices")
            if self.given.own_prices
            else say("in {base} prices", base=Year(projection.PRICES)),
        }
        if self.given.share.value == self.start.share.value:
            return say(
                "If {member} still spent {share} of GDP in {by}, that would be about {amount} {prices} ({basis}; our illustration).",
                **values,
            )
        if self.falls:
            return say(
                "If {member} spent {share} of GDP in {by}, that would be about {amount} {prices}, {extra} less than at the {now} of {year} ({basis}; our illustration on a straight line).",
                **values,
            )
        return say(
            "If {member} spent {share} of GDP in {by}, that would be about {amount} {prices}, {extra} more than at the {now} of {year} ({basis}; our illustration on a straight line).",
            **values,
        )

    def rows(self) -> list[Row]:
        given, last = self.given, self.last
        growth = _gdp_source(self.facts, given.growth)
        rows = [
            Row(
                say("Assumed"),
                say(
                    "a straight line from {now} in {year} to {share} in {by}; {growth}",
                    now=self.start.share,
                    year=Year(self.start.year),
                    share=given.share,
                    by=Year(given.by),
                    growth=growth,
                ),
            ),
            Row(
                say("In {year}", year=Year(given.by)),
                say(
                    "{amount}, between {low} and {high}",
                    amount=self._with_dollars(last.amount),
                    low=last.low,
                    high=last.high,
                ),
                illustration=True,
            ),
        ]
        if not given.own_prices:
            rows += self._sums() if len(self.steps) > 1 else []
            rows.append(self._growth())
        rows.append(Row(say("Per head"), self._per_head(), illustration=True))
        rows += self._beside_the_rule()
        return rows

    def _sums(self) -> list[Row]:
        first, last = Year(self.steps[0].year), Year(self.last.year)
        if self.falls:
            label, row = say("less from {first} to {last}", first=first, last=last), say("Less, {first} to {last}")
        else:
            label, row = say("extra from {first} to {last}", first=first, last=last), say("Extra, {first} to {last}")
        extra = total("less.sum" if self.falls else "extra.sum", [s.extra for s in self.steps], label)
        spent = total(
            "amount.sum", [s.amount for s in self.steps], say("spending from {first} to {last}", first=first, last=last)
        )
        same = self.given.share.value == self.start.share.value
        return [
            *([] if same else [Row(row.filled(first=first, last=last), self._with_dollars(extra), illustration=True)]),
            Row(say("In all, {first} to {last}", first=first, last=last), self._with_dollars(spent), illustration=True),
        ]

    def _growth(self) -> Row:
        growth = yearly_growth(
            "growth.needed",
            self.last.amount,
            self.first,
            projection.years_between(self.start.year, self.last.year),
            say("real growth a year from {first} to {last}", first=Year(self.start.year), last=Year(self.last.year)),
        )
        return Row(say("Growth it takes"), say("{growth} a year after inflation", growth=growth), illustration=True)

    def _with_dollars(self, amount: Figure) -> Sentence:
        rate = projection.exchange_rate(self.facts, self.member, self.edition, projection.PRICES, to_dollars=True)
        if rate is None or self.given.own_prices or rate.unit.currency != f"USD per {amount.unit.currency}":
            return say("{amount}", amount=amount)
        label = say("the same in US dollars at NATO's {year} rate", year=Year(projection.PRICES))
        return say("{amount} ({dollars})", amount=amount, dollars=converted(f"{amount.name}.usd", amount, rate, label))

    def _per_head(self) -> Sentence:
        row = self.facts.outlooks.get((POPULATION, "population", self.member.code))
        newest = max(row.values) if row else 0
        people = self.facts.outlook(POPULATION, "population", self.member, newest)
        if people is None:
            return say("no count of people is held")
        now = say("at {share}, per head of {year}'s population", share=self.start.share, year=Year(newest))
        then = say("in {by}, per head of {year}'s population", by=Year(self.given.by), year=Year(newest))
        return say(
            "{now} at {share}, {then} in {by}, for the people of {year}",
            now=per_person("per_head.now", self.first, people, now),
            then=per_person("per_head.then", self.last.amount, people, then),
            share=self.start.share,
            by=Year(self.given.by),
            year=Year(newest),
        )

    def _beside_the_rule(self) -> list[Row]:
        rows = []
        year = self.start.year
        adopted = (rules.main_rule(self.facts, year), rules.floor_rule(self.facts, year))
        beside = (self.start.rule, *adopted, *rules.readings(self.facts, self.member, year))
        for rule in {rule.id: rule for rule in beside if rule is not None}.values():
            level = parts.level_of(rule)
            label = say("{share} beside {rule}", share=self.given.share, rule=rule)
            above = self.given.share.value >= level.value
            pair = (self.given.share, level) if above else (level, self.given.share)
            points = difference(f"beside.{rule.id}", *pair, label)
            text = (
                say("{rule}, {asks}, {when}: the share asked about is exactly that {level}")
                if not points.value
                else say("{rule}, {asks}, {when}: the share asked about is {points} over the {level}")
                if above
                else say("{rule}, {asks}, {when}: the share asked about is {points} short of the {level}")
            )
            rows.append(
                Row(
                    parts.standing(rule),
                    text.filled(rule=rule, asks=parts.asks(rule), when=parts.when(rule), points=points, level=level),
                    rule.standing,
                )
            )
        if (said := own_words(self.facts, self.edition, self.member, self.start.year)) is not None:
            rows.append(Row(say("Its own words"), say("{said}.", said=said)))
        return rows

    def notes(self) -> list[Sentence]:
        notes = [
            say(
                "The band is a point of GDP growth a year more or less. Nobody has agreed to a straight line: it is ours."
            )
        ]
        notes += self._both_parts()
        notes += _growth_held(self.given.by, self.given.growth)
        commission = projection.commission_difference(self.facts, self.member) if self.given.growth is None else None
        if commission is not None:
            notes.append(projection.commission_note(commission))
        unlike = parts.plain_ratio(self.facts, self.edition, self.member, self.start.year, self.start.share)
        if unlike is not None:
            notes.append(
                say("Amounts here are these shares of GDP in current prices, so today's is not the amount NATO prints.")
            )
        if self.given.own_prices:
            notes.append(say("Amounts of different years are in different prices, so they are not added up."))
        return notes + parts.member_notes(self.facts, self.edition, self.member, self.start.year, self.start.share)

    def _both_parts(self) -> list[Sentence]:
        """Who asks for the sum of a rule's parts may mean the rule, of which NATO measures the core part alone."""
        rule = rules.main_rule(self.facts, self.start.year)
        core, related = (rule.level("core"), rule.level("related")) if rule is not None else (None, None)
        if rule is None or core is None or related is None:
            return []
        if not core.value < self.given.share.value <= core.value + related.value:
            return []
        return [
            say(
                "Of {rule} {core} is core and up to {related} related; here all of {share} is counted as core. Ask for share:{core} to leave the related part out.",
                rule=rule,
                core=core,
                related=related,
                share=self.given.share,
            )
        ]

    def table(self) -> Table:
        extra = say("less {unit}", unit="") if self.falls else say("extra {unit}", unit="")
        return Table(
            (say("Year"), say("{unit} GDP", unit=""), say("{unit}", unit=""), extra),
            tuple((Year(step.year), step.share, step.amount, step.extra) for step in self.steps),
        )

    def chart(self) -> LineChart:
        title = (
            say("{member}: spending on the way to {share} of GDP in {by}, each year's prices")
            if self.given.own_prices
            else say("{member}: spending on the way to {share} of GDP in {by}, {base} prices")
        )
        points = ((step.year, step.low, step.amount, step.high) for step in self.steps)
        return LineChart(
            title.filled(
                member=self.member, share=self.given.share, by=Year(self.given.by), base=Year(projection.PRICES)
            ),
            (),
            band=Band(
                say("{member}", member=self.member), ((self.start.year, self.first, self.first, self.first), *points)
            ),
        )


# -- all of them -------------------------------------------------------------------------------------


def _everyone(given: _Assumed, question: Question) -> Answer:
    """Every Ally at the share in the year asked for; one that spends more already stays at its own share."""
    start, year = given.start, given.by
    facts, edition = start.facts, start.edition
    members = [
        m for m in facts.members.values() if m.armed_forces and (start.spender.code == "NATO_TOTAL" or m.code != "USA")
    ]
    lines: list[tuple[Member, Figure, Figure, Figure]] = []
    left_out: list[Member] = []
    for member in members:
        line = _in_dollars(given, member, year)
        if line is None:
            left_out.append(member)
        else:
            lines.append((member, *line))
    lines.sort(key=lambda line: (-line[3].value, line[0].name))
    spent = total("amount.all", [line[2] for line in lines], say("all of them in {year}", year=Year(year)))
    extra = total("extra.all", [line[3] for line in lines], say("extra of all of them in {year}", year=Year(year)))
    asked = Question(
        "whatif",
        member=start.spender.code,
        share=str(given.share.value),
        by=str(year),
        growth=str(given.growth.value) if given.growth else None,
        rule=start.rule.id if question.rule else None,
        edition=edition.id,
    )
    short = [line for line in lines if line[3].value]
    there = [member for member, _, _, figure in lines if not figure.value]
    most = [say("{member} {extra}", member=member, extra=figure) for member, _, _, figure in short[:5]]
    years = projection.years_between(projection.PRICES, year)
    low, high = (
        compounded(f"amount.all.{edge}", spent, (factor,), years, label, Status.PROJECTION)
        for edge, factor, label in projection.edges()
    )
    growth = _gdp_source(facts, given.growth)
    rows = [
        Row(
            say("Assumed"),
            say(
                "every Ally at {share} in {by}, or at today's share if that is higher; {growth}; NATO's rates of {year}",
                share=given.share,
                by=Year(year),
                growth=growth,
                year=Year(projection.PRICES),
            ),
        ),
        Row(
            say("In {year}", year=Year(year)),
            say("{amount}, between {low} and {high}", amount=spent, low=low, high=high),
            illustration=True,
        ),
    ]
    if most:
        rows.append(Row(say("Most of the extra"), say("{members}", members=Listing(tuple(most))), illustration=True))
    if there:
        rows.append(Row(say("At that share or above already"), say("{members}", members=Listing(tuple(there)))))
    if left_out:
        rows.append(
            Row(say("Left out"), say("{members}: no forecast in dollars is held", members=Listing(tuple(left_out))))
        )
    rows.append(parts.rule_row(start.rule))
    return Answer(
        asked,
        say(
            "If every Ally of {group} spent at least {share} of GDP in {by}, that would be about {amount} in {base} prices, {extra} more than at today's shares ({basis}; our illustration).",
            group=start.spender,
            basis=_basis(start),
            share=given.share,
            by=Year(year),
            amount=spent,
            base=Year(projection.PRICES),
            extra=extra,
        ),
        tuple(rows),
        (
            say("“Everyone” means the Allies one by one; the rule binds each Ally, not the group."),
            say("The band is a point of GDP growth a year more or less."),
            *_growth_held(year, given.growth),
        ),
        Table(
            (say("Ally"), say("now {unit}", unit=""), say("extra {unit}", unit="")),
            tuple((member, share, figure) for member, share, _, figure in short),
        )
        if short
        else None,
        BarChart(
            say(
                "Extra for {share} of GDP in {by}, {base} prices",
                share=given.share,
                by=Year(year),
                base=Year(projection.PRICES),
            ),
            tuple(Bar(say("{member}", member=member), member.iso2, figure) for member, _, _, figure in short),
        )
        if short
        else None,
        edition,
    )


def _in_dollars(given: _Assumed, member: Member, year: int) -> tuple[Figure, Figure, Figure] | None:
    """An Ally's share now, its spending at the share asked about, and what that is above its share now."""
    start = given.start
    facts, edition = start.facts, start.edition
    now = facts.figure(edition, "share", member, start.year)
    whole = (
        projection.gdp_grown(facts, member, year, given.growth)
        if given.growth
        else projection.gdp_in_prices(facts, member, year)
    )
    whole = whole and projection.measured(facts, edition, member, whole, year)
    if now is None or whole is None:
        return None
    rate = projection.exchange_rate(facts, member, edition, projection.PRICES, to_dollars=True)
    if whole.unit.currency != "USD":
        if rate is None or rate.unit.currency != f"USD per {whole.unit.currency}":
            return None
        label = say("GDP of {member} in US dollars at NATO's {year} rate", member=member, year=Year(projection.PRICES))
        whole = converted(f"{whole.name}.usd", whole, rate, label)
    now = as_printed(now)
    share = given.share if given.share.value > now.value else now
    amount = part_of(
        f"amount.{member.code}", share, whole, say("{share} of GDP of {member}", share=share, member=member)
    )
    rise = difference(f"rise.{member.code}", share, now, say("above today's share, {member}", member=member))
    extra = part_of(f"extra.{member.code}", rise, whole, say("extra of {member}", member=member))
    return now, amount, extra


# -- at the pace of the last years -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _OnePace:
    """The yearly change over the last years and the year the level is reached; None is never at this pace."""

    back: int
    pace: Figure
    reached: int | None
    needed: Figure | None


class _Pace:
    """When the rule's level is met if the share goes on changing as it did."""

    def __init__(self, start: _Start, question: Question) -> None:
        self.start, self.question = start, question
        self.level = parts.level_of(start.rule)
        self.met = start.share.value >= self.level.value
        self.paces = [pace for back in PACES if (pace := self._over(back)) is not None]
        if not self.paces:
            raise Problem(
                "no-pace",
                say(
                    "The {edition} prints too few years of {member} for a pace.",
                    edition=start.edition,
                    member=start.spender,
                ),
            )
        self.leading = next((p for p in self.paces if p.back == LEADING_PACE), self.paces[0])

    def _over(self, back: int) -> _OnePace | None:
        start = self.start
        income_since = (
            projection.measured_by_income_since(start.facts, start.spender)
            if isinstance(start.spender, Member)
            else None
        )
        if income_since is not None and start.year - back < income_since:
            return None  # shares before and after are not alike
        then = start.facts.figure(start.edition, "share", start.spender, start.year - back)
        if then is None:
            return None
        since, now = Year(start.year - back), Year(start.year)
        rise = difference(
            f"rise.{back}", start.share, as_printed(then), say("change from {since} to {now}", since=since, now=now)
        )
        years = projection.years_between(start.year - back, start.year)
        pace = quotient(f"pace.{back}", rise, years, say("pace of {since} to {now}", since=since, now=now))
        if not self.met:  # a pace that is thought on is ours
            pace = replace(pace, status=Status.ILLUSTRATION)
        if self.met or pace.value <= 0:
            return _OnePace(back, pace, None, None)
        missing = difference("missing", self.level, start.share, say("what is missing to {level}", level=self.level))
        needed = quotient(
            f"needed.{back}", missing, pace, say("years it takes at the pace of {since} to {now}", since=since, now=now)
        )
        return _OnePace(back, pace, start.year + int(needed.value.to_integral_value(ROUND_CEILING)), needed)

    def answer(self) -> Answer:
        start = self.start
        asked = Question(
            "whatif",
            member=start.spender.code,
            rule=start.rule.id if self.question.rule else None,
            edition=start.edition.id,
        )
        rows = [Row(self._label(p), self._row(p), illustration=True) for p in self.paces]
        return Answer(
            asked,
            parts.with_standing(self.headline(), start.rule),
            (*rows, parts.rule_row(start.rule), *self._beside()),
            tuple(self.notes()),
            None,
            self.chart(),
            start.edition,
        )

    def _beside(self) -> list[Row]:
        start = self.start
        rows = [
            parts.rule_row(r) for r in rules.readings(start.facts, start.spender, start.year) if r is not start.rule
        ]
        if isinstance(start.spender, Member):
            said = own_words(start.facts, start.edition, start.spender, start.year)
            rows += [Row(say("Its own words"), say("{said}.", said=said))] if said is not None else []
        return rows

    def _label(self, pace: _OnePace) -> Sentence:
        return say("Since {year}", year=Year(self.start.year - pace.back))

    def _row(self, pace: _OnePace) -> Sentence:
        if self.met:
            return say("{pace}; the level is met already", pace=pace.pace)
        if pace.reached is None:
            return say("{pace}: never at this pace", pace=pace.pace)
        if pace.reached > names.LAST_YEAR:
            return say("{pace}: after {last}", pace=pace.pace, last=Year(names.LAST_YEAR))
        return say(
            "{pace}: {level} in {year}, after {needed}",
            pace=pace.pace,
            level=self.level,
            year=Year(pace.reached),
            needed=pace.needed,
        )

    def headline(self) -> Sentence:
        start, pace = self.start, self.leading
        values = {
            "member": start.spender,
            "level": self.level,
            "rule": start.rule,
            "basis": _basis(start),
            "share": start.share,
            "now": Year(start.year),
            "pace": pace.pace,
            "since": Year(start.year - pace.back),
            "year": Year(pace.reached or 0),
            "deadline": Year(start.rule.deadline or 0),
        }
        if self.met:
            return say("{member} is at or above {level} already, at {share} in {now} ({basis}, {rule}).", **values)
        if pace.reached is None:
            return say(
                "{member}: never at this pace. From {since} to {now} the share of GDP changed by {pace}, and {share} is below {level} ({basis}, {rule}).",
                **values,
            )
        if pace.reached > names.LAST_YEAR:
            return say(
                "At the pace of {since} to {now} ({pace}), {member} would not reach {level} by {last} ({basis}, {rule}): our illustration, no forecast.",
                **values,
                last=Year(names.LAST_YEAR),
            )
        if start.rule.deadline is None:
            return say(
                "At the pace of {since} to {now} ({pace}), {member} would reach {level} in {year} ({basis}, {rule}): our illustration, no forecast.",
                **values,
            )
        if pace.reached <= start.rule.deadline:
            return say(
                "At the pace of {since} to {now} ({pace}), {member} would reach {level} in {year}, in time for {deadline} ({basis}, {rule}): our illustration, no forecast.",
                **values,
            )
        return say(
            "At the pace of {since} to {now} ({pace}), {member} would reach {level} in {year}, too late for {deadline} ({basis}, {rule}): our illustration, no forecast.",
            **values,
        )

    def notes(self) -> list[Sentence]:
        start = self.start
        notes = [
            say("A pace is the change between two years divided by the years between; nothing says it will go on.")
        ]
        if start.rule.standing is not Standing.ADOPTED and start.rule.outcome:
            notes.append(say("{outcome}", outcome=start.rule.outcome))
        share, years = start.facts.measures["share"], (start.year - max(PACES), start.year)
        if isinstance(start.spender, Member):
            notes += parts.series_notes(start.facts, [start.spender], share, years)
        else:
            notes.append(say("The rule binds each Ally, not the group."))
        return notes + parts.member_notes(start.facts, start.edition, start.spender, start.year, start.share)

    def chart(self) -> LineChart:
        start = self.start
        lines = [parts.line(start.facts, start.edition, "share", start.spender)]
        if not self.met:
            lines += [Line(self._label(pace), self._points(pace)) for pace in self.paces]
        title = say(
            "{member}: share of GDP at the pace of the last years, {edition}",
            member=start.spender,
            edition=start.edition,
        )
        return LineChart(title, tuple(lines), (parts.level_line(start.rule),))

    def _points(self, pace: _OnePace) -> tuple[tuple[int, Figure], ...]:
        start, end = self.start, self.start.rule.deadline or self.start.year + 10
        end = max(end, self.start.year + 1)
        return (
            (start.year, start.share),
            *(
                (
                    year,
                    at_pace(
                        f"at_pace.{pace.back}.{year}",
                        start.share,
                        pace.pace,
                        projection.years_between(start.year, year),
                        say("share in {year} at this pace", year=Year(year)),
                    ),
                )
                for year in range(start.year + 1, end + 1)
            ),
        )
