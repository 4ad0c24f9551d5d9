"""What every ranking is made of: who is ranked, the level they are compared with, their places, table and bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import as_shown, assumed, count, decimals
from knowledge.asking.absent import cell_absent
from knowledge.asking.apart import GAP, GAP_MONEY
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.chart import Bar, BarChart, Chart, Level
from knowledge.facts import Facts
from knowledge.figure import IN_PER_CENT, Citation, Figure, Kind, Status, Unit
from knowledge.questions import saying
from knowledge.rules import Bearing
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Edition, Measure, Member, Rule

BEST = 3  # named in a headline
Absent = tuple[Member, Sentence]  # who has no figure, and why


class Yardstick:
    """What values are compared with: levels that were typed, or a rule's; `bearings` are its years, oldest first.

    `level` is the one level, of two the lower; `rules` are those of the years, each once, and `rule` the last of them.
    """

    def __init__(self, low: Figure | None, high: Figure | None = None, bearings: tuple[Bearing, ...] = ()) -> None:
        self.low, self.high, self.bearings = low, high, bearings
        self.levels = [level for level in (low, high) if level is not None]
        self.level = self.levels[0]
        self.bearing = bearings[-1] if bearings else None
        self.rules = tuple(dict.fromkeys(bearing.rule for bearing in bearings))
        self.rule = self.bearing.rule if self.bearing else None

    def holds(self, figure: Figure) -> bool:
        above = self.low is None or figure.value >= self.low.value
        return above and (self.high is None or figure.value < self.high.value)

    @property
    def where(self) -> Sentence:
        """The words for a value that it holds."""
        text = _WHERE[self.low is not None, self.high is not None, self.level.unit.text == Kind.SHARE]
        return text.filled(level=self.level, high=self.high)

    @property
    def short(self) -> Sentence:
        """The words for what is below it; only of a rule that bears, or a level that was typed, is one short."""
        bears = self.bearing is None or self.bearing.bears
        text = say("short of {level} of GDP") if bears else say("below {level} of GDP")
        return text.filled(level=self.level)

    def line(self) -> Level:
        """The level as a line among bars."""
        if self.rule is None:
            return Level(say("the level asked about"), self.level)
        return Level(say("{rule}", rule=self.rule), self.level, self.rule.deadline, self.rule.announced.year)

    @property
    def ahead(self) -> list[Sentence]:
        """That the deadline lay ahead in the last of the years."""
        due = self.bearing.due if self.bearing else None
        return [] if due is None else [say("Not yet due then: the deadline is {deadline}.", deadline=Year(due))]


_WHERE = {
    (True, False, True): say("at or above {level} of GDP"),
    (True, False, False): say("at or above {level}"),
    (False, True, True): say("below {level} of GDP"),
    (False, True, False): say("below {level}"),
    (True, True, True): say("at or above {level} and below {high} of GDP"),
    (True, True, False): say("at or above {level} and below {high}"),
}


def yardstick_of(subject: Subject, default: Rule | None, of: str = "") -> Yardstick | None:
    """The level that was typed, `of` income or GDP, or a rule's, the default where none was named; None without one."""
    measure, asked, rule = subject.measure, subject.levels, subject.rule or default
    assert measure is not None
    if asked is not None:
        if subject.rule is not None:
            raise _bad_level(subject, say("Name a rule or a level, not both."), "level", "rule")
        if measure.kind not in IN_PER_CENT:
            told = say("A level is a percentage, and {measure} is none: leave the level out.", measure=measure)
            raise _bad_level(subject, told, "level")
        found = Yardstick(_typed(asked.low, measure.kind, of), _typed(asked.high, measure.kind, of))
        if subject.ranked and len(found.levels) > 1:
            raise _bad_level(subject, say("A gap is to one level, not to two."), "level")
        return Yardstick(found.level) if subject.ranked else found
    level = rules.level_for(rule, measure) if rule is not None else None
    if subject.rule is not None and level is None:
        if measure.kind is Kind.SHARE:
            saying.level_of(subject.rule)
        told = say("{rule} sets no level for {measure}: rank the share of GDP, or the gap to the rule.")
        offers = tuple(f"rank measure:{one} rule:{subject.rule.id}" for one in ("share", GAP))
        raise Problem("rule-needs-share", told.filled(rule=subject.rule, measure=measure), offers)
    return Yardstick(level, None, (rules.bearing(rule, None, subject.year),)) if rule and level else None


def _typed(value: Decimal | None, kind: Kind, of: str) -> Figure | None:
    if value is None:
        return None
    unit = Unit(kind, decimals=decimals(value), of=of)
    return assumed(f"level.{value}", value, unit, say("the level asked about"), Status.PUBLISHED)


def _bad_level(subject: Subject, told: Sentence, *options: str) -> Problem:
    """The refusal, offering the question without one of its options."""
    offers = (str(replace(subject.asked, **{option: None})) for option in options)
    return Problem("bad-level", told, tuple(offers))


class Place(Struct, frozen=True):
    """One Ally in the ranking; equal values share a place, written “=4”."""

    member: Member
    figure: Figure
    number: str


def in_order(values: Iterable[tuple[Member, Figure]]) -> list[Place]:
    """Best first, equal values on one place."""
    by_name = sorted(values, key=lambda pair: pair[0].name)
    ordered = sorted(by_name, key=lambda pair: pair[1].value, reverse=True)
    places: list[Place] = []
    for _, same in groupby(ordered, key=lambda pair: pair[1].value):
        alike = list(same)
        number = "=" * (len(alike) > 1) + str(len(places) + 1)
        places += [Place(member, figure, number) for member, figure in alike]
    return places


def named(places: Iterable[Place]) -> Listing:
    """Allies with their values."""
    return Listing(tuple(say("{member} ({figure})", member=p.member, figure=p.figure) for p in places))


class Ranking:
    """Who is ranked by what, and compared with what; `needed` are the measures it is made of."""

    def __init__(self, facts: Facts, subject: Subject, yardstick: Yardstick | None = None) -> None:
        assert subject.measure is not None
        assert subject.scope is not None
        self.facts, self.subject, self.yardstick = facts, subject, yardstick
        self.edition, self.measure, self.scope = subject.edition, subject.measure, subject.scope
        self.rules = yardstick.rules if yardstick is not None else ()
        amounts = rules.AMOUNTS if subject.ranked == GAP_MONEY else ()
        self.needed = (self.measure, *(facts.measures[one] for one in amounts))

    def allies(self, year: int) -> Sequence[Member]:
        """Those of the group that was asked for; without one the Allies of the year."""
        everyone = self.scope.members
        return everyone if self.scope.name is not None else [m for m in everyone if m.accession.year <= year]

    def complete(self, year: int, edition: Edition | None = None, members: Sequence[Member] = ()) -> bool:
        """Whether everything NATO printed of them is held; those without armed forces are ranked by GDP alone."""
        ranked = [m for m in members or self.allies(year) if m.armed_forces or not self.measure.forces]
        return all(self.facts.complete(edition or self.edition, one.id, year, ranked) for one in self.needed)

    def column(self, year: int, beside: Edition | None = None) -> dict[Member, Figure]:
        """The figures there are, percentages at the decimals NATO prints; of an edition `beside` it, named after that."""
        edition = beside or self.edition
        found = ((m, self.facts.figure(edition, self.measure.id, m, year)) for m in self.allies(year))
        have = ((m, f.named(f"{f.name}@{edition.id}") if beside else f) for m, f in found if f is not None)
        return {member: as_shown(figure) for member, figure in have}

    def counted(
        self, year: int, yardstick: Yardstick, of: str = "", beside: Edition | None = None
    ) -> tuple[Figure, ...]:
        """How many are where the yardstick says, and of how many that have a figure; `of` goes into their names."""
        edition, figures = beside or self.edition, list(self.column(year, beside).values())
        looked_in = Citation(edition.source, year=year)
        values: dict[str, object] = {"where": yardstick.where, "year": Year(year), "edition": edition}
        there = say("Allies {where} in {year}, {edition}", **values)
        met = count(f"met{of}", [figure for figure in figures if yardstick.holds(figure)], there, looked_in)
        return met, count(f"listed{of}", figures, say("Allies with a figure for {year}", **values), looked_in)

    def count(self, name: str, figures: Sequence[Figure], label: Sentence) -> Figure:
        return count(name, figures, label, Citation(self.edition.source, year=self.subject.year))

    def out_of(self, listed: Figure, *, whole: bool = True) -> Sentence:
        """Of how many is counted: of the Allies, of a group, or of those that are held."""
        text = say("{count}") if self.scope.name is not None else say("{count} Allies")
        return (text if whole else say("the {count} held here")).filled(count=listed)

    def why_absent(self, member: Member, year: int) -> Sentence:
        """Why an Ally has no place, in two or three words."""
        if not member.armed_forces and self.measure.forces:
            return say("no armed forces")
        if member.accession.year > self.edition.published.year:
            return say("not yet a member")
        return cell_absent(self.facts, self.edition, self.lacking(member, year), member, year)

    def lacking(self, member: Member, year: int) -> Measure:
        """What an Ally has no figure of."""
        needed = (one for one in self.needed if not self.facts.has(self.edition, one.id, member, year))
        return next(needed, self.measure)

    def basis(self, figures: Iterable[Figure]) -> Sentence:
        """What a ranking stands on: the group, the edition and the rule."""
        told = saying.basis_of(self.edition, figures)
        if self.rules:
            told = say("{basis}, {rule}", basis=told, rule=Listing(self.rules))
        return told if self.scope.name is None else say("{group}; {basis}", group=self.scope.name, basis=told)

    def notes(self, *, total: bool = False) -> list[Sentence]:
        """What to know of any ranking: its group, rounding, and breaks in what is ranked; `total` if totals are shown."""
        edition, measure, facts = self.edition, self.measure, self.facts
        notes = [self.scope.note] if self.scope.note is not None else []
        if self.yardstick is not None and edition.decimals < 2:
            text = say("The {edition} prints one decimal: what it prints at a level may lie just below it.")
            notes.append(text.filled(edition=edition))
        if measure.constant:
            notes.append(say("Constant prices of {base}.", base=Year(int(edition.price_base))))
        spenders = [*self.scope.members, *(facts.aggregates.values() if total else ())]
        notes += saying.break_notes(facts, edition, [measure], spenders, self.subject.years[0], self.subject.year)
        of_gdp = facts.breaks if measure.about == "gdp" else ()
        told = (one for one in of_gdp if one.kind == "iceland" and measure.id not in one.measures)
        return notes + [say("{what}", what=one) for one in told]

    def joined_after(self, members: Iterable[Member], year: int, text: Sentence) -> list[Sentence]:
        """That some were not yet members in a year, which the text names as {year} or as {first}."""
        later = sorted((m for m in members if m.accession.year > year), key=lambda member: member.name)
        return [text.filled(year=Year(year), first=Year(year), members=Listing(tuple(later)))] if later else []

    def other_side(self, members: Sequence[Member], level: Figure) -> list[Sentence]:
        """Whose amounts in current prices lie on the other side of the level than the share NATO prints."""
        told = say(
            "By NATO's amounts in current prices {members} would be on the other side of {level} than by the share it prints; counted is by the share."
        )
        return [told.filled(members=Listing(tuple(members)), level=level)] if members else []

    def of_places(
        self, told: list[Sentence], rows: list[Row], notes: list[Sentence], title: Sentence, places: Sequence[Place],
        without: Sequence[Absent] = (), unit: Sentence | None = None, years: Mapping[Member, Figure] | None = None,
    ) -> Answer:  # fmt: skip
        """An answer with a table and bars of the places, a line where a level lies, and who has no figure, by reason."""
        levels = [] if self.yardstick is None or self.subject.ranked else [*self.yardstick.levels]
        cells: list[tuple[object, ...]] = []
        for place in places:
            while levels and place.figure.value < levels[-1].value:
                cells.append(("–", say("the rule") if self.rules else say("the level"), levels.pop()))
            cells.append((place.number, place.member, place.figure, *([years[place.member]] if years else ())))
        headings = (say("No."), say("Ally"), unit or say("{unit}", unit=""), *([say("years")] if years else ()))
        bars = [Bar(say("{member}", member=place.member), place.member.iso2, place.figure) for place in places]
        bars += [Bar(say("{member}", member=member), member.iso2, None, why) for member, why in without]
        chart = BarChart(title, tuple(bars), self.yardstick.line() if self.yardstick else None)
        reasons: list[Sentence] = []
        for n, (_, why) in enumerate(without):
            if all(why != earlier for _, earlier in without[:n]):
                members = Listing(tuple(member for member, one in without if one == why))
                reasons.append(say("{members}: {why}", members=members, why=why))
        more = [Row(say("No figure"), say("{members}", members=Listing(tuple(reasons), "unit")))] if reasons else []
        return self.answer(told, [*rows, *more], notes, Table(headings, tuple(cells)), chart)

    def answer(
        self, told: list[Sentence], rows: list[Row], notes: list[Sentence],
        table: Table | None = None, chart: Chart | None = None,
    ) -> Answer:  # fmt: skip
        """The answer, under the rules of its level, citing where the definition of the group stands.

        Of a rule that does not bear, or was never adopted, the headline says that it is so.
        """
        headline = say("{told}", told=Listing(tuple(told), "sentences"))
        if self.yardstick is not None and self.yardstick.bearing is not None:
            headline = saying.with_standing(headline, self.yardstick.bearing)
        rows = [*map(saying.rule_row, self.rules), *rows]
        more = (self.scope.source,) if self.scope.source is not None else ()
        return Answer(self.subject.asked, headline, tuple(rows), tuple(notes), table, chart, self.edition, more=more)
