"""What later editions made of a year: each edition's value, the changes between them, and why they may differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from knowledge import names, projection, rules
from knowledge.answer import Answer, Row, Table
from knowledge.chart import Bar, BarChart, DumbbellChart, Pair
from knowledge.facts import Edition, Facts, Measure, Member, Rule, Spender
from knowledge.figure import Citation, Figure, Kind, Status, as_printed, count, revision, to_nearest
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Listing, Sentence, Year, say

EVERYONE = "NATO_TOTAL"  # asked about NATO, the answer goes through every Ally and has the total among its rows
_IN_PER_CENT = (Kind.SHARE, Kind.SHARE_OF_SPENDING, Kind.PERCENT)
_NOT_OF_SPENDING = ("gdp_", "personnel")  # what the definition of defence expenditure has no part in
_PRINTED_TO = {6: Decimal(10**6), 3: Decimal(100), 0: Decimal(1)}  # by the power of ten of the printed unit
_UP_TO = say("Only what was published up to the {edition} is compared.")
_FEWEST_PAIRS = 3  # a chart of fewer years shows nothing that the rows do not


@dataclass(frozen=True, slots=True)
class Reading:
    """What one edition prints for the cell; `figure` has the edition in its name, since one answer holds several."""

    edition: Edition
    figure: Figure
    estimate: bool


def revisions(facts: Facts, question: Question) -> Answer:
    """What became of an Ally's figure for a year, or, without an Ally, what the newest edition changed most.

    With an edition, only what was published up to it counts.
    """
    index = names.index_of(facts)
    measure = index.measure(question.measure) if question.measure else facts.measures["share"]
    year = names.year(question.year)
    known = _known(facts, index.edition(question.edition) if question.edition else None)
    spender = index.spender(question.member, "revisions") if question.member else None
    if spender is None or spender.code == EVERYONE:
        return _of_everyone(facts, known, measure, year)
    return _of_one(facts, known, spender, measure, year)


def _known(facts: Facts, last: Edition | None) -> list[Edition]:
    """Every edition up to the last, oldest first.

    Of some releases only the year of publication is known, so the newest year they print decides first.
    """
    order = sorted(facts.editions.values(), key=lambda e: (facts.printed_years[e.id, "share"][-1], e.published.last))
    return order if last is None else order[: order.index(last) + 1]


def _reading(facts: Facts, edition: Edition, measure: Measure, spender: Spender, year: int) -> Reading | None:
    figure = facts.figure(edition, measure.id, spender, year)
    if figure is None:
        return None
    label = say(
        "{measure}, {member}, {year}, {edition}", measure=measure.name, member=spender, year=Year(year), edition=edition
    )
    named = figure.named(f"{figure.name}@{edition.id}", label)
    shown = as_printed(named) if figure.unit.kind in _IN_PER_CENT else to_nearest(named, _step(measure, figure))
    return Reading(edition, shown, figure.status is Status.ESTIMATE)


def _step(measure: Measure, figure: Figure) -> Figure:
    """What NATO prints an amount to; some editions are held with more digits, which are no change of theirs."""
    label = say("how finely NATO prints the {measure}", measure=measure.name)
    return Figure(f"step.{measure.id}", _PRINTED_TO[measure.scale], figure.unit, label)


def _comparable(before: Reading, after: Reading) -> bool:
    """Whether the two are the same quantity, printed alike; a new definition is named and not held against it."""
    a, b = before.figure.unit, after.figure.unit
    return (a.kind, a.currency, a.prices, a.decimals) == (b.kind, b.currency, b.prices, b.decimals)


def _change(measure: Measure, spender: Spender, year: int, before: Reading, after: Reading) -> Figure:
    return revision(
        f"revision.{measure.id}.{spender.code}.{year}.{before.edition.id}.{after.edition.id}",
        before.figure,
        after.figure,
        say(
            "what the {after} made of the {before}, {measure}, {member}, {year}",
            after=after.edition,
            before=before.edition,
            measure=measure.name,
            member=spender,
            year=Year(year),
        ),
    )


def _redefined(measure: Measure, before: Edition, after: Edition) -> bool:
    return before.core != after.core and not measure.id.startswith(_NOT_OF_SPENDING)


# -- one Ally ----------------------------------------------------------------------------------------


def _of_one(facts: Facts, known: Sequence[Edition], spender: Spender, measure: Measure, asked: int | None) -> Answer:
    newest = known[-1]
    if isinstance(spender, Member) and not spender.armed_forces and not measure.id.startswith("gdp"):
        pinned = Question("revisions", member=spender.code, edition=newest.id)
        return parts.no_forces(facts, pinned, spender, say("figure that an edition could change"))
    year = asked if asked is not None else _twice_printed(facts, known, measure, spender)
    found = [r for e in known if year and (r := _reading(facts, e, measure, spender, year)) is not None]
    if year is None or not found:
        tables = [e for e in known if e.tables and facts.years(e, measure.id, spender)]
        raise parts.no_figure(facts, tables[-1] if tables else newest, measure, spender, year)
    history = _History(facts, known, spender, measure, year, tuple(found))
    return Answer(
        Question("revisions", member=spender.code, year=str(year), measure=measure.id, edition=newest.id),
        history.headline(),
        tuple(history.rows()),
        tuple(history.notes()),
        chart=history.chart(),
        edition=found[-1].edition,
    )


def _twice_printed(facts: Facts, known: Sequence[Edition], measure: Measure, spender: Spender) -> int | None:
    """The newest year in at least two editions' tables, else the newest in any."""
    times: dict[int, int] = {}
    for edition in known:
        for year in facts.years(edition, measure.id, spender) if edition.tables else ():
            times[year] = times.get(year, 0) + 1
    return max((year for year, often in times.items() if often > 1), default=max(times, default=None))


@dataclass(frozen=True, slots=True)
class _History:
    """One cell through the editions, oldest first, and what is said of it."""

    facts: Facts
    known: Sequence[Edition]
    spender: Spender
    measure: Measure
    year: int
    readings: tuple[Reading, ...]

    def headline(self) -> Sentence:
        first, last = self.readings[0], self.readings[-1]
        values = Listing(tuple(say("{value} ({edition})", value=r.figure, edition=r.edition) for r in self.readings))
        if len(self.readings) == 1:
            if not self.up_to_date:
                return say(
                    "Up to the {last}, only the {edition} has the {measure} of {member} for {year}: {value}.",
                    last=self.known[-1],
                    edition=last.edition,
                    measure=self.measure.name,
                    member=self.spender,
                    year=Year(self.year),
                    value=last.figure,
                )
            return say(
                "Only the {edition} has the {measure} of {member} for {year}: {value}. There is nothing to compare it with.",
                edition=last.edition,
                measure=self.measure.name,
                member=self.spender,
                year=Year(self.year),
                value=last.figure,
            )
        given = say(
            "NATO has given the {measure} of {member} for {year} as {values}",
            measure=self.measure.name,
            member=self.spender,
            year=Year(self.year),
            values=values,
        )
        if not _comparable(first, last):
            return say("{given}; the first and the last are {why}.", given=given, why=self.why_not(first, last))
        change = self.change(first, last)
        if not change.value:
            return say("{given}: the last is what the first was.", given=given)
        if _redefined(self.measure, first.edition, last.edition):
            return say(
                "{given}: a change of {change} from the first to the last, on a new definition.",
                given=given,
                change=change,
            )
        return say("{given}: a change of {change} from the first to the last.", given=given, change=change)

    @property
    def up_to_date(self) -> bool:
        """Whether every edition that is held was looked at."""
        return len(self.known) == len(self.facts.editions)

    def rows(self) -> list[Row]:
        rows = []
        for n, reading in enumerate(self.readings):
            label = say("{edition}, {published}", edition=reading.edition, published=reading.edition.published)
            value = self.value(reading)
            before = next((r for r in reversed(self.readings[:n]) if _comparable(r, reading)), None)
            if n == 0:
                text = value
            elif before is None:
                text = say(
                    "{value}; it and the {edition} are {why}",
                    value=value,
                    edition=self.readings[n - 1].edition,
                    why=self.why_not(self.readings[n - 1], reading),
                )
            else:
                text = say(
                    "{value}; a change of {change} on the {edition}",
                    value=value,
                    change=self.change(before, reading),
                    edition=before.edition,
                )
            rows.append(Row(label, text))
        for edition in self.known:
            if edition.tables and self.blank(edition):
                rows.append(
                    Row(
                        say("{edition}, {published}", edition=edition, published=edition.published),
                        say("left blank by NATO"),
                    )
                )
        return rows + self.crossings()

    def value(self, reading: Reading) -> Sentence:
        """A value and what it counts, as far as editions differ in it."""
        words: list[Sentence] = [say("estimate")] if reading.estimate else []
        if not self.measure.id.startswith(_NOT_OF_SPENDING):
            words.append(say("core defence expenditure") if reading.edition.core else say("defence expenditure"))
        if self.measure.constant:
            words.append(say("prices of {base}", base=Year(int(reading.edition.price_base))))
        if not words:
            return say("{value}", value=reading.figure)
        return say("{value} ({what})", value=reading.figure, what=Listing(tuple(words), "unit"))

    def why_not(self, before: Reading, after: Reading) -> Sentence:
        """Why no difference of two readings has a meaning."""
        a, b = before.figure.unit, after.figure.unit
        if a.currency != b.currency:
            return say("in different currencies, so no change is computed")
        if a.prices != b.prices:
            return say("in prices of different years, so no change is computed")
        return say("printed to different decimals, so no change is computed")

    def change(self, before: Reading, after: Reading) -> Figure:
        return _change(self.measure, self.spender, self.year, before, after)

    def blank(self, edition: Edition) -> bool:
        """Whether the edition prints this year for others and leaves it blank in this row."""
        own = self.facts.years(edition, self.measure.id, self.spender)
        return bool(own) and self.year in parts.blank_years(self.facts, edition, self.measure.id, self.spender)

    def crossings(self) -> list[Row]:
        """The levels of the year that the value meets in some editions and not in others."""
        if self.measure.id != "share" or not isinstance(self.spender, Member):
            return []
        rows = []
        for rule in _levels(self.facts, self.year):
            if rules.why_not(rule, self.spender, self.year) is not None:
                continue
            level = parts.level_of(rule)
            met = [r.edition for r in self.readings if r.figure.value >= level.value]
            missed = [r.edition for r in self.readings if r.figure.value < level.value]
            if met and missed:
                text = say(
                    "{level} is met in the {met}, and not in the {missed}",
                    level=level,
                    met=Listing(tuple(met)),
                    missed=Listing(tuple(missed)),
                )
                rows.append(Row(say("{rule}", rule=rule), text, rule.standing))
        return rows

    def notes(self) -> list[Sentence]:
        notes = _breaks(self.measure, [r.edition for r in self.readings])
        if not self.up_to_date:
            notes.append(_UP_TO.filled(edition=self.known[-1]))
        held = [e for e in self.known if e.tables and self.year in self.facts.printed_years[e.id, "share"]]
        without = [e for e in held if not self.blank(e) and e not in [r.edition for r in self.readings]]
        if without:
            notes.append(say("Not held here: this figure of the {editions}.", editions=Listing(tuple(without))))
        if any(not r.edition.tables for r in self.readings):
            notes.append(_OF_REPORTS)
        if isinstance(self.spender, Member) and self.measure.id == "share":
            since = projection.measured_by_income_since(self.facts, self.spender)
            if since and self.year >= since and self.readings[0].edition.published.year <= since:
                notes.append(
                    say(
                        "{member}: editions after {year} divide by national income instead of GDP, so that part of the change is no revision.",
                        member=self.spender,
                        year=Year(since),
                    )
                )
        return notes + parts.member_notes(self.facts, self.readings[-1].edition, self.spender, self.year, None)

    def chart(self) -> DumbbellChart | None:
        """Every year that two editions print alike: the oldest that has this year and a few more, and the newest."""
        now = next((r.edition for r in reversed(self.readings) if r.edition.tables), None)
        if now is None:
            return None
        for reading in self.readings:
            then = reading.edition
            if not then.tables or then is now:
                continue
            pairs = []
            for year in self.facts.years(now, self.measure.id, self.spender):
                a = _reading(self.facts, then, self.measure, self.spender, year)
                b = _reading(self.facts, now, self.measure, self.spender, year)
                if a and b and _comparable(a, b):
                    pairs.append(Pair(say("{year}", year=Year(year)), "", a.figure, b.figure))
            if len(pairs) >= _FEWEST_PAIRS:
                title = say("{member}: {measure} in two editions", member=self.spender, measure=self.measure.name)
                return DumbbellChart(title, tuple(pairs), say("{edition}", edition=then), say("{edition}", edition=now))
        return None


_OF_REPORTS = say(
    "An annual report is no edition of the tables but a list of shares, held as the press printed it; its rounding can hide a value just below a level."
)


def _levels(facts: Facts, year: int) -> list[Rule]:
    """The adopted rules whose level a share of this year is held against: the goal, and the floor beside it."""
    return [rule for rule in (rules.main_rule(facts, year), rules.floor_rule(facts, year)) if rule is not None]


def _breaks(measure: Measure, editions: Sequence[Edition]) -> list[Sentence]:
    """Where the editions do not count alike: the definition, and the base year of constant prices."""
    notes = []
    for before, after in pairwise(editions):
        if _redefined(measure, before, after):
            notes.append(
                say(
                    "The {before} counts defence expenditure, the {after} core defence expenditure. Which part of a change "
                    "is due to the new definition is not published.",
                    before=before,
                    after=after,
                )
            )
        if before.price_base != after.price_base and (measure.constant or measure.id in ("share", "real_change")):
            notes.append(
                say(
                    "The {before} works with prices of {old}, the {after} with prices of {new}.",
                    before=before,
                    after=after,
                    old=Year(int(before.price_base)),
                    new=Year(int(after.price_base)),
                )
            )
    return notes


# -- every Ally --------------------------------------------------------------------------------------


def _of_everyone(facts: Facts, known: Sequence[Edition], measure: Measure, asked: int | None) -> Answer:
    if measure.id.startswith("spending_national"):
        raise Problem(
            "not-rankable",
            say("Changes in different currencies have no order. Ask for spending in US dollars, or for one Ally."),
            ("revisions measure:share",),
        )
    tables = [e for e in known if e.tables and _wide(facts, e, measure)]
    if not tables:
        raise Problem(
            "no-revision", say("No edition up to then has the {measure} of all Allies.", measure=measure.name)
        )
    now, earlier = tables[-1], tables[:-1]
    shared = [y for y in facts.printed_years[now.id, measure.id] if any(_prints(facts, e, measure, y) for e in earlier)]
    year = asked if asked is not None else max(shared, default=None)
    then = next((e for e in reversed(earlier) if year is not None and _prints(facts, e, measure, year)), None)
    if year is None or then is None or not _prints(facts, now, measure, year):
        raise _nothing_twice(now, measure, year, shared)
    pairs = []
    for member in facts.members.values():
        a, b = (_reading(facts, e, measure, member, year) for e in (then, now))
        if a and b and not _comparable(a, b):
            raise Problem(
                "not-comparable",
                say(
                    "The {before} gives the {measure} in prices of {old}, the {after} in prices of {new}: no change can be "
                    "computed. Ask about the share of GDP.",
                    before=then,
                    after=now,
                    measure=measure.name,
                    old=Year(int(then.price_base)),
                    new=Year(int(now.price_base)),
                ),
                (f"revisions measure:share year:{year}",),
            )
        pairs.append((member, a, b))
    release = _Release(facts, known, measure, year, then, now, tuple(pairs))
    return Answer(
        Question("revisions", member=EVERYONE, year=str(year), measure=measure.id, edition=known[-1].id),
        release.headline(),
        tuple(release.rows()),
        tuple(release.notes()),
        release.table(),
        release.chart(),
        now,
        more=(then,),
    )


def _wide(facts: Facts, edition: Edition, measure: Measure) -> bool:
    """Whether a measure is held of more than half of the Allies; of some editions a few rows are."""
    return 2 * sum((edition.id, measure.id, code) in facts.series for code in facts.members) > len(facts.members)


def _prints(facts: Facts, edition: Edition, measure: Measure, year: int) -> bool:
    """Whether most rows of an edition have the year."""
    having = sum(year in facts.years(edition, measure.id, member) for member in facts.members.values())
    return 2 * having > len(facts.members)


def _nothing_twice(now: Edition, measure: Measure, year: int | None, shared: Sequence[int]) -> Problem:
    if not shared:
        return Problem(
            "no-revision",
            say(
                "Up to the {edition}, no other has the {measure} of all Allies, so there is nothing to compare.",
                edition=now,
                measure=measure.name,
            ),
            ("revisions measure:share",) if measure.id != "share" else (),
        )
    near = min(shared, key=lambda y: abs(y - (year or y)))
    return Problem(
        "no-revision",
        say(
            "The {measure} of all Allies for {year} is not in two editions yet; {first} to {last} are.",
            measure=measure.name,
            year=Year(year or near),
            first=Year(shared[0]),
            last=Year(shared[-1]),
        ),
        (f"revisions measure:{measure.id} year:{near}",),
    )


@dataclass(frozen=True, eq=False)
class _Release:
    """One year of all Allies in two editions, and what is said of it."""

    facts: Facts
    known: Sequence[Edition]
    measure: Measure
    year: int
    then: Edition
    now: Edition
    pairs: tuple[tuple[Member, Reading | None, Reading | None], ...]

    @cached_property
    def changes(self) -> list[tuple[Member, Reading, Reading, Figure]]:
        """Every Ally that both editions have, the largest change first."""
        both = [(m, a, b) for m, a, b in self.pairs if a is not None and b is not None]
        made = [(m, a, b, _change(self.measure, m, self.year, a, b)) for m, a, b in both]
        return sorted(made, key=lambda one: (-abs(one[3].value), one[0].name))

    def headline(self) -> Sentence:
        changes = [one for one in self.changes if one[3].value]
        if not changes:
            return say(
                "The {now} repeats the {measure} of every Ally for {year} as the {then} had it.",
                now=self.now,
                measure=self.measure.name,
                year=Year(self.year),
                then=self.then,
            )
        member, was, now, change = changes[0]
        looked = Citation(self.now.source, year=self.year)
        raised = [b.figure for _, _, b, c in changes if c.value > 0]
        lowered = [b.figure for _, _, b, c in changes if c.value < 0]
        sentence = say(
            "{measure} for {year}, the {now} against the {then}: higher for {up}, lower for {down}; the largest change is that of {member}: {change}, from {before} to {after}.",
            now=self.now,
            measure=self.measure.name,
            year=Year(self.year),
            then=self.then,
            up=count("raised", raised, say("Allies whose figure is higher in the {edition}", edition=self.now), looked),
            down=count(
                "lowered", lowered, say("Allies whose figure is lower in the {edition}", edition=self.now), looked
            ),
            member=member,
            change=change,
            before=was.figure,
            after=now.figure,
        )
        told = [sentence]
        if _redefined(self.measure, self.then, self.now):
            told.append(say("The {now} is on a new definition.", now=self.now))
        levels = _levels(self.facts, self.year) if self.measure.id == "share" else []
        if not levels:
            return say("{told}", told=Listing(tuple(told), "sentences"))
        level = parts.level_of(levels[-1])
        before, listed_before = self._met(levels[-1], self.then)
        after, listed = self._met(levels[-1], self.now)
        told.append(
            say(
                "At {level} or above are {met} of {count} Allies; they were {before} of {listed}.",
                level=level,
                met=after,
                count=listed,
                before=before,
                listed=listed_before,
            )
        )
        return say("{told}", told=Listing(tuple(told), "sentences"))

    def rows(self) -> list[Row]:
        rows = []
        if self.measure.id == "share":
            for rule in _levels(self.facts, self.year):
                rows += [*self._crossed(rule), self._counts(rule)]
        for aggregate in self.facts.aggregates.values():
            a, b = (_reading(self.facts, e, self.measure, aggregate, self.year) for e in (self.then, self.now))
            if a and b and _comparable(a, b):
                rows.append(self._row(aggregate, a, b))
        largest = [one for one in self.changes if one[3].value]
        rows += [self._row(member, a, b) for member, a, b, _ in largest[:5]]
        return rows

    def _row(self, spender: Spender, before: Reading, after: Reading) -> Row:
        change = _change(self.measure, spender, self.year, before, after)
        text = say("{change}, from {before} to {after}", change=change, before=before.figure, after=after.figure)
        return Row(say("{member}", member=spender), text)

    def _crossed(self, rule: Rule) -> list[Row]:
        """Who is on the other side of a level because of the edition."""
        level = parts.level_of(rule)
        rows = []
        bound = [one for one in self.changes if rules.why_not(rule, one[0], self.year) is None]
        below = [m for m, a, b, _ in bound if a.figure.value >= level.value > b.figure.value]
        above = [m for m, a, b, _ in bound if a.figure.value < level.value <= b.figure.value]
        if below:
            label = say("No longer at {level}", level=level)
            rows.append(Row(label, say("{members}", members=Listing(tuple(below))), rule.standing))
        if above:
            label = say("Now at {level} or above", level=level)
            rows.append(Row(label, say("{members}", members=Listing(tuple(above))), rule.standing))
        return rows

    def _counts(self, rule: Rule) -> Row:
        """How many Allies met a level, by edition."""
        said = []
        for edition in self.known:
            if _prints(self.facts, edition, self.measure, self.year):
                met, listed = self._met(rule, edition)
                said.append(say("{met} of {count} in the {edition}", met=met, count=listed, edition=edition))
        label = say("At {level} or above", level=parts.level_of(rule))
        return Row(label, say("{counts}", counts=Listing(tuple(said))), rule.standing)

    def _met(self, rule: Rule, edition: Edition) -> tuple[Figure, Figure]:
        """How many of the Allies a rule binds in the year meet its level, and how many have a figure."""
        level = parts.level_of(rule)
        bound = [m for m in self.facts.members.values() if rules.why_not(rule, m, self.year) is None]
        shown = [r for m in bound if (r := _reading(self.facts, edition, self.measure, m, self.year)) is not None]
        listed = say("Allies with a figure for {year}, {edition}", year=Year(self.year), edition=edition)
        at = say("Allies at or above {level} in {year}, {edition}", level=level, year=Year(self.year), edition=edition)
        looked = Citation(edition.source, year=self.year)
        return (
            count(
                f"met.{rule.id}@{edition.id}", [r.figure for r in shown if r.figure.value >= level.value], at, looked
            ),
            count(f"listed@{edition.id}", [r.figure for r in shown], listed, looked),
        )

    def notes(self) -> list[Sentence]:
        notes = _breaks(self.measure, [self.then, self.now])
        if self.measure.currency and not self.measure.constant:
            notes.append(say("Amounts in dollars also move with the exchange rates that an edition works with."))
        if len(self.known) < len(self.facts.editions):
            notes.append(_UP_TO.filled(edition=self.known[-1]))
        missing = []
        for member, before, after in self.pairs:
            if not member.armed_forces and before is None and after is None:
                missing.append(say("{member} (no armed forces)", member=member))
            elif before is None or after is None:
                edition = self.then if before is None else self.now
                missing.append(say("{member} (no figure in the {edition})", member=member, edition=edition))
        if missing:
            notes.append(say("Not compared: {members}.", members=Listing(tuple(missing))))
        if (
            any(not e.tables and _prints(self.facts, e, self.measure, self.year) for e in self.known)
            and self.measure.id == "share"
        ):
            notes.append(_OF_REPORTS)
        return notes

    def table(self) -> Table:
        """Every Ally, the largest change first; amounts keep one column less, so that a phone does not wrap them."""
        if self.changes and self.changes[0][1].figure.unit.kind in _IN_PER_CENT:
            return Table(
                (say("Ally"), say("then {unit}", unit=""), say("now {unit}", unit=""), say("change")),
                tuple((m, a.figure, b.figure, c) for m, a, b, c in self.changes),
            )
        return Table(
            (say("Ally"), say("now {unit}", unit=""), say("± {unit}", unit="")),
            tuple((m, b.figure, c) for m, _, b, c in self.changes),
        )

    def chart(self) -> DumbbellChart | BarChart:
        """Then and now; of amounts the changes, since beside the largest Ally nobody would see those of the others."""
        if self.measure.kind is Kind.MONEY:
            title = say(
                "Change of {measure}, {year}, the {now} against the {then}",
                measure=self.measure,
                year=Year(self.year),
                now=self.now,
                then=self.then,
            )
            bars = (Bar(say("{member}", member=m), m.iso2, change) for m, _, _, change in self.changes)
            return BarChart(title, tuple(sorted(bars, key=lambda bar: -(bar.figure.value if bar.figure else 0))))
        title = say("{measure}, {year}, in two editions", measure=self.measure.name, year=Year(self.year))
        pairs = tuple(Pair(say("{member}", member=m), m.iso2, a.figure, b.figure) for m, a, b, _ in self.changes)
        rule = rules.floor_rule(self.facts, self.year) or rules.main_rule(self.facts, self.year)
        level = parts.level_line(rule) if rule is not None and self.measure.id == "share" else None
        return DumbbellChart(
            title, pairs, say("{edition}", edition=self.then), say("{edition}", edition=self.now), level
        )
