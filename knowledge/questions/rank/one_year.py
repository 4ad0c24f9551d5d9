"""Allies in order of a measure, or of their gap to a level, in one year, and how many of them are at or above it."""

from __future__ import annotations

from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import difference, total
from knowledge.asking.absent import absent
from knowledge.asking.apart import GAP, GAP_MONEY
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.asking.years import Span
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind
from knowledge.questions.rank.places import BEST, Absent, Place, Ranking, Yardstick, in_order, named, yardstick_of
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Member, Rule

_COUNTED = {
    (False, False): say("{measure} in {year}: {met} of {count} are {where} ({basis})"),
    (False, True): say("{measure} in {year}: {met} of {count} is {where} ({basis})"),
    (True, False): say("{met} of {count} are {where} in {year} ({basis})"),
    (True, True): say("{met} of {count} is {where} in {year} ({basis})"),
}
MOST_NAMED = 10  # of those below a level; where more are, the nearest alone


def of_one_year(facts: Facts, subject: Subject) -> Answer:
    """Places by the values NATO prints, the count at or above the level, who is below, and who has no value."""
    year = subject.year
    yardstick = yardstick_of(subject, rules.main_rule(facts, year))
    if subject.ranked and yardstick is None:
        told = say("No adopted rule set a share of GDP in {year}, so there is no gap to rank.", year=Year(year))
        raise Problem("no-rule-then", told, (f"rank measure:share year:{year}",))
    board = _Board(facts, subject, yardstick)
    if not board.places:
        members = board.allies(year)
        member = next((member for member in members if member.armed_forces), members[0])
        raise absent(facts, subject.asked, board.lacking(member, year), member, Span(year, year), subject.edition)
    title = say("{measure} in {year} ({edition})", measure=board.what, year=Year(year), edition=subject.edition)
    return board.of_places(board.headline(), board.rows(), board.all_notes(), title, board.places, board.without)


class _Board(Ranking):
    """A ranking of one year."""

    def __init__(self, facts: Facts, subject: Subject, yardstick: Yardstick | None) -> None:
        super().__init__(facts, subject, yardstick)
        self.year = year = subject.year
        self.whole, self.values = self.complete(year), self.column(year)
        self.what = say("{measure}", measure=self.measure)
        if yardstick is not None and subject.ranked:
            self.what = say("gap to {level} of GDP", level=yardstick.level)
        self.places = self._in_order()
        having = {place.member for place in self.places}
        lacking = sorted((m for m in self.allies(year) if m not in having), key=lambda member: member.name)
        self.without: list[Absent] = [(member, self.why_absent(member, year)) for member in lacking]
        of = facts.aggregates.values() if not subject.ranked else ()
        self.totals = {m: f for m in of if (f := facts.figure(self.edition, self.measure.id, m, year)) is not None}
        # the edition of the year itself, which printed it first as an estimate, if it is another and held whole
        first = next((e for e in facts.editions.values() if e.tables and e.published.year == year), self.edition)
        other = self.whole and first is not self.edition and self.complete(year, first)
        self.first = first if other else None

    def _in_order(self) -> list[Place]:
        """Best first, by the values or by what is missing to the level, in points or in money."""
        level = self.yardstick.level if self.yardstick is not None else None
        if level is None or not self.subject.ranked:
            return in_order(self.values.items())
        if self.subject.ranked == GAP:
            return in_order((member, self._points(member, level)) for member in self.values)
        gaps = {m: rules.missing(self.facts, self.edition, m, self.year, level, m.code) for m in self.values}
        return in_order((member, gap) for member, gap in gaps.items() if gap is not None)

    def _points(self, member: Member, level: Figure) -> Figure:
        """What is missing to the level in points; below zero for those above it."""
        label = say("what {member} is short of {level} in {year}", member=member, level=level, year=Year(self.year))
        return difference(f"gap.{member.code}", level, self.values[member], label)

    def headline(self) -> list[Sentence]:
        places, yardstick = self.places, self.yardstick
        figures = [place.figure for place in places]
        listed = self.count("listed", figures, say("Allies with a figure for {year}", year=Year(self.year)))
        values: dict[str, object] = {"measure": self.measure, "year": Year(self.year), "basis": self.basis(figures)}
        values |= {"count": self.out_of(listed, whole=self.whole), "highest": figures[0], "lowest": figures[-1]}
        for name, end in (("first", places[0]), ("last", places[-1])):
            values[name] = Listing(tuple(place.member for place in places if place.number == end.number))
        if len(places) == 1 and not self.whole:
            text = say("Only one Ally's {what} in {year} is held here: {first}, {highest} ({basis}).")
            return [text.filled(**values, what=self.what)]
        if yardstick is not None:
            return [self._by_gap(yardstick, values)] if self.subject.ranked else self._by_level(yardstick, values)
        text = say("Of {count}, highest {measure} in {year}: {best}; lowest: {last} ({lowest}) ({basis}).")
        if self.whole:
            text = say("Highest {measure} in {year}: {best}; lowest of {count}: {last} ({lowest}) ({basis}).")
        return [text.filled(**values, best=named(places[: max(1, min(BEST, len(places) - 1))]))]

    def _by_level(self, yardstick: Yardstick, values: dict[str, object]) -> list[Sentence]:
        """How many are where the level says, now and when the year was first printed."""
        met, _ = self.counted(self.year, yardstick)
        values = {**values, "met": met, "where": yardstick.where}
        of_gdp = self.measure.kind is Kind.SHARE
        told = _COUNTED[of_gdp, met.value == 1].filled(**values)
        ends = say("highest {first}, {highest}, and lowest {last}, {lowest}")
        if of_gdp and "=" not in self.places[0].number:
            ends = say("{first} spends most, {highest}, and {last} least, {lowest}")
        if not self.whole:
            return [say("{told}.", told=told)]
        sentences = [say("{told}; {ends}.", told=told, ends=ends.filled(**values))]
        if self.first is not None:
            then, of = self.counted(self.year, yardstick, ".first", self.first)
            printed = [m for m in self.allies(self.year) if m.armed_forces or not self.measure.forces]
            members = (m for m in printed if m.accession.year <= self.first.published.year)
            blank = Listing(tuple(m for m in members if not self.facts.has(self.first, self.measure.id, m, self.year)))
            text = say("When the year was first printed it was {then} of {of} ({edition}, {published}).")
            if blank.items:
                text = say(
                    "When the year was first printed it was {then} of {of} ({edition}, {published}; {blank} left blank)."
                )
            published = self.first.published
            sentences.append(text.filled(then=then, of=of, edition=self.first, published=published, blank=blank))
        return sentences

    def _by_gap(self, yardstick: Yardstick, values: dict[str, object]) -> Sentence:
        """How many are short, who most, and in money what is missing in all."""
        level, year = yardstick.level, Year(self.year)
        short = [place.figure for place in self.places if self.values[place.member].value < level.value]
        missing = [figure for figure in short if figure.value > 0]
        below = say("Allies short of {level} in {year}", level=level, year=year)
        values |= {"level": level, "short": self.count("short", short, below)}
        values["head"] = say("{short} in {year}", short=yardstick.short, year=year)
        if not missing:
            return say("{head}: none of {count} ({basis}).", **values)
        if self.subject.ranked == GAP:
            return say("{head}: {short} of {count}, most of all {first}, {highest} ({basis}).", **values)
        values["sum"] = total("short.sum", missing, say("what is missing to {level} in all", level=level))
        return say("{head}: {short} of {count}, by {sum} in all, most of all {first}, {highest} ({basis}).", **values)

    def rows(self) -> list[Row]:
        rows, yardstick, group = list[Row](), self.yardstick, self.scope.name
        if yardstick is not None and not self.subject.ranked:
            asked = self.subject.rule is not None or self.subject.levels is not None
            floor = None if asked else rules.floor_rule(self.facts, self.year)
            rows = [*self._below(yardstick), *(self._floor(floor) if floor and floor is not yardstick.rule else ())]
        if self.measure.adds_up and group is not None:
            together = total("together", [place.figure for place in self.places], say("{group} together", group=group))
            rows.append(Row(say("Together"), say("{sum}", sum=together)))
        totals = self.totals.items()
        return [*rows, *(Row(say("{member}", member=m), say("{figure}", figure=figure)) for m, figure in totals)]

    def _below(self, yardstick: Yardstick) -> list[Row]:
        """Those who are where two levels or one upper level say; else those below, or where many are the nearest."""
        upper, label = yardstick.high is not None, say("Below")
        found = [place for place in self.places if yardstick.holds(place.figure) is upper]
        if upper and yardstick.low is not None:
            label = say("Between")
        if upper or len(found) <= MOST_NAMED:
            return [Row(label, say("{members}", members=replace(named(found), style="unit")))] if found else []
        nearest = (place for place in found if place.number == found[0].number)
        text = say("{member}, {figure}: {points} below")
        listed = (
            text.filled(member=p.member, figure=p.figure, points=self._points(p.member, yardstick.level))
            for p in nearest
        )
        return [Row(say("Nearest below"), say("{members}", members=Listing(tuple(listed), "unit")))]

    def _floor(self, rule: Rule) -> list[Row]:
        """How many are at or above the level to be held every year, now and when the year was first printed."""
        if (level := rules.level_for(rule, self.measure)) is None:
            return []
        floor = Yardstick(level)
        met, listed = self.counted(self.year, floor, ".floor")
        values: dict[str, object] = {"met": met, "level": level, "rule": rule.name}
        values["count"] = self.out_of(listed.named("listed"), whole=self.whole)
        text = say("{met} of {count} at or above {level}, to be held every year ({rule})", **values)
        if self.first is not None:
            then, of = self.counted(self.year, floor, ".floor.first", self.first)
            values = {"told": text, "then": then, "of": of.named("listed.first"), "edition": self.first}
            text = say("{told}; when first printed {then} of {of} ({edition})", **values)
        return [Row(say("Floor"), text, rule.standing)]

    def all_notes(self) -> list[Sentence]:
        edition, subject, year = self.edition, self.subject, Year(self.year)
        notes = self.notes(total=bool(self.totals))
        text = say(
            "Not yet members in {year}, and listed all the same: {members}. For those who were, add group “members of {year}”."
        )
        notes += self.joined_after((place.member for place in self.places), self.year, text)
        if not self.whole:
            notes.append(say("Held of the {edition}: {held}.", edition=edition, held=edition.held))
        if self.scope.name is None and len(self.allies(self.year)) < len(self.facts.members):
            notes.append(say("Listed are the Allies of {year}; “group:all” lists today's.", year=year))
        if subject.ranked and any(place.figure.value < 0 for place in self.places):
            notes.append(say("A negative gap is above the level."))
        if subject.ranked == GAP_MONEY and self.yardstick is not None:
            level = self.yardstick.level
            short = {place.member: place.figure.value > 0 for place in self.places}
            notes += self.other_side([m for m in short if (self.values[m].value < level.value) is not short[m]], level)
        return notes
