"""Every Ally's figure for a year in two editions: who changed most, and how many meet the levels of the year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property

from msgspec import Struct
from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import count
from knowledge.asking.absent import cell_absent
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.chart import Bar, BarChart, DumbbellChart, Pair
from knowledge.facts import Facts
from knowledge.figure import IN_PER_CENT, Citation, Figure, Kind
from knowledge.questions import saying
from knowledge.questions.revisions.reading import Reading, differences, how_held, levels, reading, redefined
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Edition, Measure, Member, Rule, Spender

_LARGEST = 5  # changes that have a row
_Change = tuple[Spender, Figure, Figure, Figure]  # whose, then, now, and by how much


def of_everyone(facts: Facts, subject: Subject) -> Answer:
    """The newest two editions of those that count of which the year is held for everybody, one against the other.

    Without a year it is the newest that two of them have.
    """
    measure, known = subject.measure, subject.known[::-1]
    assert measure is not None  # the share of GDP where none was asked for
    if measure.national:
        told = say("Changes in different currencies have no order. Ask for spending in US dollars, or for one Ally.")
        raise Problem("not-rankable", told, (str(replace(subject.asked, measure="share")),))
    years = sorted({year for e in known for year in facts.printed_years.get((e.id, measure.id), ())}, reverse=True)

    def release(year: int) -> _Release | None:
        whole = [e for e in known if e.tables and _whole(facts, e, measure, year)]
        return _Release(facts, subject, measure, year, whole[-2], whole[-1]) if len(whole) > 1 else None

    newest = next((one for year in subject.years or years if (one := release(year)) is not None), None)
    if newest is None or not newest.changes:
        others = [one.year for year in years if (one := release(year)) is not None and one.changes]
        raise newest.not_alike(others) if newest is not None else _nothing_twice(subject, measure, others)
    asked, rows, notes = replace(subject.asked, year=str(newest.year)), tuple(newest.rows()), tuple(newest.notes())
    table, chart, more = newest.table(), newest.chart(), (newest.then,)
    return Answer(asked, newest.headline(), rows, notes, table, chart, newest.now, more=more)


def _whole(facts: Facts, edition: Edition, measure: Measure, year: int) -> bool:
    """Whether everything the edition printed of its day's Allies is held, so that they may be counted."""
    if year not in facts.printed_years.get((edition.id, measure.id), ()):
        return False
    members = [m for m in facts.members.values() if m.armed_forces and m.accession <= edition.published]
    return facts.complete(edition, measure.id, year, members)


def _nothing_twice(subject: Subject, measure: Measure, twice: Sequence[int]) -> Problem:
    """The refusal where no two editions have the year, or any year, for everybody; `twice` are those that have."""
    values: dict[str, object] = {"edition": subject.edition, "measure": measure.name}
    if not subject.years or not twice:
        told = say("Up to the {edition}, no two editions held here have the {measure} of all Allies.", **values)
        return Problem("no-revision", told, (str(replace(subject.asked, measure="share", year=None)),))
    values |= {"year": Year(subject.year), "first": Year(min(twice)), "last": Year(max(twice))}
    told = say("The {measure} of all Allies for {year} is not held of two editions; {first} to {last} are.", **values)
    near = sorted(twice, key=lambda other: abs(other - subject.year))
    return Problem("no-revision", told, tuple(str(replace(subject.asked, year=str(other))) for other in near[:3]))


class _Release(Struct, frozen=True, eq=False, dict=True):
    """One year of all Allies in two editions, and what is said of it."""

    facts: Facts
    subject: Subject
    measure: Measure
    year: int
    then: Edition
    now: Edition

    @cached_property
    def reading(self) -> Callable[[Edition, Spender], Reading | None]:
        """What an edition prints of a spender for the year, made once though asked for often."""
        return cache(lambda edition, spender: reading(self.facts, edition, self.measure, spender, self.year))

    def changed(self, spenders: Iterable[Spender]) -> list[_Change]:
        """Those that both editions have alike, with the two figures and the change."""
        read = ((one, self.reading(self.then, one), self.reading(self.now, one)) for one in spenders)
        return [(one, a.figure, b.figure, a.change(b)) for one, a, b in read if a and b and a.alike(b)]

    @cached_property
    def changes(self) -> list[_Change]:
        """Every Ally that both have alike, the largest change first."""
        return sorted(self.changed(self.facts.members.values()), key=lambda one: (-abs(one[3].value), one[0].name))

    @cached_property
    def levels(self) -> list[Rule]:
        return levels(self.facts, self.measure, self.year)

    @property
    def values(self) -> dict[str, object]:
        return {"measure": self.measure, "year": Year(self.year), "now": self.now, "then": self.then}

    def not_alike(self, others: Sequence[int]) -> Problem:
        """The refusal where the two editions count in prices of different years."""
        asked, then, now = self.subject.asked, self.then, self.now
        values: dict[str, object] = {"before": then, "after": now, "measure": self.measure.name}
        values |= {"old": Year(int(then.price_base)), "new": Year(int(now.price_base))}
        told = say(
            "The {before} gives the {measure} in prices of {old}, the {after} in prices of {new}: no change can be computed. Ask about the share of GDP.",
            **values,
        )
        offers = [replace(asked, measure="share", year=str(self.year)), replace(asked, edition=then.id)]
        offers += [replace(asked, year=str(other)) for other in others[:1]]
        return Problem("not-comparable", told, tuple(map(str, offers)))

    def headline(self) -> Sentence:
        values = {**self.values, "measure": self.measure.name}
        member, was, after, largest = self.changes[0]
        if not largest.value:
            return say("The {now} repeats the {measure} of every Ally for {year} as the {then} had it.", **values)
        higher = say("Allies whose figure is higher in the {edition}", edition=self.now)
        lower = say("Allies whose figure is lower in the {edition}", edition=self.now)
        in_both = say("Allies with a figure in both editions")
        values["up"] = self.counted("raised", [now for _, _, now, by in self.changes if by.value > 0], higher)
        values["down"] = self.counted("lowered", [now for _, _, now, by in self.changes if by.value < 0], lower)
        values["count"] = self.counted("compared", [now for _, _, now, _ in self.changes], in_both)
        values |= {"member": member, "change": largest, "before": was, "after": after}
        text = say(
            "{measure} for {year}, the {now} against the {then}: higher for {up}, lower for {down} of {count} Allies; the largest change is that of {member}: {change}, from {before} to {after}."
        )
        told = [text.filled(**values)]
        if redefined(self.measure, self.then, self.now):
            told.append(say("The {now} is on a new definition.", now=self.now))
        if self.measure.about == "people":
            told.append(say("NATO gives no reason for a change."))
        for rule in self.levels[-1:]:
            text = say("Allies of {year} at {level} or above: {met}, against {before} in the {then}.")
            met, before = (self.met(rule, edition) for edition in (self.now, self.then))
            told.append(text.filled(**self.values, level=saying.level_of(rule), met=met, before=before))
        return say("{told}", told=Listing(tuple(told), "sentences"))

    def counted(self, name: str, figures: Sequence[Figure], label: Sentence, edition: Edition | None = None) -> Figure:
        return count(name, figures, label, Citation((edition or self.now).source, year=self.year))

    def met(self, rule: Rule, edition: Edition) -> Sentence:
        """How many of how many Allies meet the level of a rule that bears on them; and who is blank, or not held."""
        values: dict[str, object] = {"level": saying.level_of(rule), "year": Year(self.year), "edition": edition}
        bound = [m for m in self.facts.members.values() if rules.bearing(rule, m, self.year).bears]
        readings = {m: self.reading(edition, m) for m in bound}
        shown = [one.figure for one in readings.values() if one is not None]
        at = say("Allies at or above {level} in {year}, {edition}", **values)
        listed = say("Allies with a figure for {year}, {edition}", **values)
        met = [figure for figure in shown if figure.value >= saying.level_of(rule).value]
        values = {
            "met": self.counted(f"met.{rule.id}@{edition.id}", met, at, edition),
            "count": self.counted(f"listed@{edition.id}", shown, listed, edition),
        }
        if not _whole(self.facts, edition, self.measure, self.year):
            return say("{met} of the {count} held here", **values)
        if blank := [m for m, one in readings.items() if one is None and self.facts.years(edition, self.measure.id, m)]:
            return say("{met} of {count} ({blank} left blank)", **values, blank=Listing(tuple(blank)))
        return say("{met} of {count}", **values)

    def rows(self) -> list[Row]:
        rows = []
        for rule in self.levels:
            said = (say("{counted} in the {edition}", counted=self.met(rule, e), edition=e) for e in self.printing)
            label = say("At {level} or above", level=saying.level_of(rule))
            rows += [
                *crossed(rule, self.year, [one[:3] for one in self.changes]),
                Row(label, say("{counts}", counts=Listing(tuple(said))), rule.standing),
            ]
        largest = [one for one in self.changes if one[3].value][:_LARGEST]
        for spender, before, after, by in (*self.changed(self.facts.aggregates.values()), *largest):
            text = say("{change}, from {before} to {after}") if by.value else say("unchanged, at {after}")
            text = text.filled(change=by, before=before, after=after)
            rows.append(Row(say("{member}", member=spender), text))
        return rows

    @cached_property
    def printing(self) -> list[Edition]:
        """The editions with the year, as far as more than one Ally of it is held."""
        members, measure = self.facts.members.values(), self.measure.id
        known = self.subject.known[::-1]
        return [e for e in known if sum(self.facts.has(e, measure, m, self.year) for m in members) > 1]

    def notes(self) -> list[Sentence]:
        """What the editions do not do alike, how they are held, and of whom nothing is compared."""
        counted = self.printing if self.levels else [self.then, self.now]
        told = [*differences(self.measure, [self.then, self.now]), *how_held(self.facts, self.subject, counted)]
        if self.measure.kind is Kind.MONEY and not self.measure.constant:
            told.append(say("Amounts in dollars also move with the exchange rates that an edition works with."))
        compared = {spender.code for spender, *_ in self.changes}
        members = self.facts.members.values()
        if later := tuple(m for m in members if m.code in compared and m.accession.year > self.year):
            told.append(say("Joined NATO after {first}: {members}.", first=Year(self.year), members=Listing(later)))
        others = [m for m in members if m.code not in compared]
        if missing := tuple(say("{member} ({why})", member=m, why=self.why(m)) for m in others):
            told.append(say("Not compared: {members}.", members=Listing(missing)))
        return told

    def why(self, member: Member) -> Sentence:
        """Why an Ally is not compared, in a few words."""
        if not member.armed_forces and self.measure.forces:
            return say("no armed forces")
        edition = next((e for e in (self.then, self.now) if self.reading(e, member) is None), None)
        if edition is None:
            return say("not measured alike")
        if not self.facts.years(edition, self.measure.id, member):
            return say("no row in the {edition}", edition=edition)
        text = cell_absent(self.facts, edition, self.measure, member, self.year)
        return say("{text}, {edition}", text=text, edition=edition)

    def table(self) -> Table:
        """Every Ally, the largest change first; amounts keep one column less, so that a phone does not wrap them."""
        if self.measure.kind in IN_PER_CENT:
            headings = (say("Ally"), say("then {unit}", unit=""), say("now {unit}", unit=""), say("change"))
            return Table(headings, tuple(self.changes))
        fewer = (say("Ally"), say("now {unit}", unit=""), say("± {unit}", unit=""))
        return Table(fewer, tuple((member, now, by) for member, _, now, by in self.changes))

    def chart(self) -> DumbbellChart | BarChart:
        """Then and now; of amounts the changes, since beside the largest Ally nobody would see those of the others."""
        rows = [(say("{member}", member=m), m.iso2, a, b, by) for m, a, b, by in self.changes if isinstance(m, Member)]
        if self.measure.kind is Kind.MONEY:
            rows.sort(key=lambda row: -row[4].value)
            title = say("Change of {measure}, {year}, the {now} against the {then}", **self.values)
            return BarChart(title, tuple(Bar(name, iso2, by) for name, iso2, _, _, by in rows))
        pairs = tuple(Pair(name, iso2, a, b) for name, iso2, a, b, _ in rows)
        title = say("{measure}, {year}, in two editions", **self.values)
        then, now = (say("{edition}", edition=edition) for edition in (self.then, self.now))
        level = saying.level_line(self.levels[-1]) if self.levels else None
        return DumbbellChart(title, pairs, then, now, level)


def crossed(
    rule: Rule, year: int, compared: Iterable[tuple[Spender, Figure, Figure]], before: Edition | None = None
) -> list[Row]:
    """Who is on the other side of a level in the later of two editions; with the earlier, also with both figures."""
    level = saying.level_of(rule)
    bound = [one for one in compared if rules.bearing(rule, one[0], year).bears]
    below = [one for one in bound if one[1].value >= level.value > one[2].value]
    above = [one for one in bound if one[1].value < level.value <= one[2].value]
    sides = (say("No longer at {level}", level=level), below), (say("Now at {level} or above", level=level), above)
    rows = []
    for label, found in sides:
        who: list[object] = [member for member, _, _ in found]
        if before is not None:
            both = say("{now}; {then} in the {before}")
            who = [
                say("{member} ({why})", member=m, why=both.filled(now=b, then=a, before=before)) for m, a, b in found
            ]
        if who:
            rows.append(Row(label, say("{members}", members=Listing(tuple(who))), rule.standing))
    return rows
