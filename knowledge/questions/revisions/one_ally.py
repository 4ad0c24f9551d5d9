"""One Ally's or total's figure for a year through the editions, and the levels it crossed on the way."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct
from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.asking.absent import absent, in_edition
from knowledge.asking.resolve import Subject
from knowledge.asking.years import Span
from knowledge.chart import DumbbellChart, Pair
from knowledge.facts import Facts
from knowledge.questions import saying
from knowledge.questions.revisions.reading import Reading, differences, how_held, levels, reading, redefined
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Edition, Measure, Member, Spender

_FEWEST_PAIRS = 3  # a chart of fewer years shows nothing that the rows do not


def of_one(facts: Facts, subject: Subject) -> Answer:
    """What every edition held has given for the year; without a year, for the newest that two of them print."""
    measure, spender, known = subject.measure, subject.spender, subject.known[::-1]
    assert measure is not None  # the share of GDP where none was asked for
    year = subject.years[0] if subject.years else None
    if year is None:  # the newest year in at least two editions' tables, else the newest in any
        times = Counter(y for e in known if e.tables for y in facts.years(e, measure.id, spender))
        year = max((y for y, often in times.items() if often > 1), default=max(times, default=None))
    found = [r for e in known if year is not None and (r := reading(facts, e, measure, spender, year)) is not None]
    if year is None or not found:
        as_far = subject.edition if len(known) < len(facts.editions) and subject.day is None else None
        raise absent(facts, subject.asked, measure, spender, subject.span, as_far, subject.day)
    history = _History(facts, subject, measure, spender, year, tuple(found))
    asked, rows = replace(subject.asked, year=str(year)), (*history.rows(), *history.crossings())
    notes, chart = tuple(history.notes()), history.chart()
    return Answer(asked, history.headline(), rows, notes, chart=chart, edition=found[-1].edition)


class _History(Struct, frozen=True):
    """One cell through the editions, oldest first, and what is said of it."""

    facts: Facts
    subject: Subject
    measure: Measure
    spender: Spender
    year: int
    readings: tuple[Reading, ...]

    def headline(self) -> Sentence:
        first, last = self.readings[0], self.readings[-1]
        values: dict[str, object] = {"measure": self.measure.name, "member": self.spender, "year": Year(self.year)}
        if first is last:
            text = say(
                "Only the {edition} has the {measure} of {member} for {year}: {value}. There is nothing to compare it with."
            )
            if len(self.subject.known) < len(self.facts.editions):
                text = say("Up to the {last}, only the {edition} has the {measure} of {member} for {year}: {value}.")
            return text.filled(**values, edition=last.edition, value=last.figure, last=self.subject.edition)
        listed = Listing(tuple(say("{value} ({edition})", value=r.figure, edition=r.edition) for r in self.readings))
        given = say("NATO has given the {measure} of {member} for {year} as {values}", **values, values=listed)
        if not first.alike(last):
            return say("{given}; the first and the last are {why}.", given=given, why=first.why_not(last))
        by = first.change(last)
        if not by.value:
            return say("{given}: the last is what the first was.", given=given)
        text = say("{given}: a change of {change} from the first to the last.")
        if redefined(self.measure, first.edition, last.edition):
            text = say("{given}: a change of {change} from the first to the last, on a new definition.")
        elif self.measure.about == "people":  # no definition and no price explains it
            text = say("{given}: a change of {change} from the first to the last, for which NATO gives no reason.")
        return text.filled(given=given, change=by)

    def rows(self) -> list[Row]:
        """What each edition prints, and its change on the one before that is alike; then where NATO left a blank."""
        rows = []
        for n, one in enumerate(self.readings):
            text = value = self.value(one)
            before = next((r for r in reversed(self.readings[:n]) if r.alike(one)), None)
            if before is not None:
                text = say("{value}; a change of {change} on the {edition}")
                if before.figure.value == one.figure.value:
                    text = say("{value}; the same as in the {edition}")
                text = text.filled(value=value, change=before.change(one), edition=before.edition)
            elif n:
                last = self.readings[n - 1]
                text = say("{value}; it and the {edition} are {why}")
                text = text.filled(value=value, edition=last.edition, why=last.why_not(one))
            rows.append(_row(one.edition, text))
        return rows + [_row(edition, say("left blank by NATO")) for edition in self.without("blank")]

    def value(self, one: Reading) -> Sentence:
        """A value and what it counts, as far as editions differ in it."""
        words = [say("estimate")] if one.estimate else []
        if self.measure.about == "spending":
            words.append(say("{definition}", definition=one.edition.definition))
        if self.measure.constant:
            words.append(say("prices of {base}", base=Year(int(one.edition.price_base))))
        text = say("{value} ({what})") if words else say("{value}")
        return text.filled(value=one.figure, what=Listing(tuple(words), "unit"))

    def without(self, wanted: str) -> list[Edition]:
        """The editions that reach the year and have no figure, by the reason: "blank" in a row it has, or "not-held"."""
        having, year, measure = [one.edition for one in self.readings], self.year, self.measure
        found = []
        for edition in (e for e in self.subject.known[::-1] if e not in having and e.first <= year <= e.last):
            why, _ = in_edition(self.facts, edition, measure, self.spender, Span(year, year))
            own = self.facts.years(edition, measure.id, self.spender)
            printed = edition.tables or self.facts.covered(edition, measure.id, year) is not None
            if why == wanted and (own if why == "blank" else printed):
                found.append(edition)
        return found

    def crossings(self) -> list[Row]:
        """The levels that bear on the Ally in the year, where its value meets them in some editions and not in others."""
        rows = []
        for rule in levels(self.facts, self.measure, self.year) if isinstance(self.spender, Member) else ():
            bearing, level = rules.bearing(rule, self.spender, self.year), saying.level_of(rule)
            sure = [r for r in self.readings if not r.hides(level)]
            met = tuple(r.edition for r in sure if r.figure.value >= level.value)
            missed = tuple(r.edition for r in sure if r.figure.value < level.value)
            if met and missed and bearing.bears:
                text = say("{level} is met in the {met}, and not in the {missed}")
                if bearing.due is not None:
                    text = say("{level} is met in the {met}, and not yet in the {missed}")
                text = text.filled(level=level, met=Listing(met), missed=Listing(missed))
                rows.append(Row(say("{rule}", rule=rule), text, rule.standing))
        return rows

    def notes(self) -> list[Sentence]:
        editions = [one.edition for one in self.readings]
        told = [*differences(self.measure, editions), *how_held(self.facts, self.subject, editions)]
        if lacking := self.without("not-held"):
            told.append(say("Not held here: this figure of the {editions}.", editions=Listing(tuple(lacking))))
        where: dict[object, list[Edition]] = {}
        for edition in editions:
            for note in saying.break_notes(self.facts, edition, [self.measure], [self.spender], self.year, self.year):
                where.setdefault(note.values["what"], []).append(edition)
        told += [say("{editions}: {what}", editions=Listing(tuple(own)), what=what) for what, own in where.items()]
        return told + saying.member_notes(self.facts, editions[-1], self.spender, self.year, None)

    def chart(self) -> DumbbellChart | None:
        """Every year that two editions print alike: the oldest that has this year and a few more, and the newest."""
        *earlier, newest = [one.edition for one in self.readings if one.edition.tables] or [self.subject.edition]
        for then in earlier:
            pairs = []
            for year in self.facts.years(newest, self.measure.id, self.spender):
                a, b = (reading(self.facts, e, self.measure, self.spender, year) for e in (then, newest))
                if a and b and a.alike(b):
                    pairs.append(Pair(say("{year}", year=Year(year)), "", a.figure, b.figure))
            if len(pairs) >= _FEWEST_PAIRS:
                title = say("{member}: {measure} in two editions", member=self.spender, measure=self.measure.name)
                before, after = (say("{edition}", edition=edition) for edition in (then, newest))
                return DumbbellChart(title, tuple(pairs), before, after)
        return None


def _row(edition: Edition, text: Sentence) -> Row:
    return Row(say("{edition}, {published}", edition=edition, published=edition.published), text)
