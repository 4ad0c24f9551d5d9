"""All Allies, or a group of them, in order of one measure, and how many of them meet the rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge import names, rules
from knowledge.answer import Answer, Row, Table
from knowledge.chart import Bar, BarChart
from knowledge.facts import Edition, Facts, Group, Measure, Member, Rule
from knowledge.figure import Citation, Figure, Standing, Status, as_printed, count, difference, part_of, total
from knowledge.names import GAP, GAP_MONEY
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Listing, Sentence, Year, say

_GAPS = {
    GAP: ("gap", "distance", "points", "gap points", "shortfall"),
    GAP_MONEY: ("gap usd", "gap money", "gap in money", "shortfall money", "missing money", "gap dollars"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One Ally in the ranking; equal values share a place, and without a value there is none."""

    member: Member
    figure: Figure | None
    number: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is ranked: all Allies, or those of one group, with where the group's definition stands."""

    members: tuple[Member, ...]
    name: Group | Sentence | None = None
    id: str | None = None
    note: Sentence | None = None
    source: Citation | None = None


def rank(facts: Facts, question: Question) -> Answer:
    """Places by the values NATO prints, the count at or above the rule, who is nearest below, and who has no value."""
    index = names.index_of(facts)
    wanted = names.plain(question.measure or "share")
    gap = next((key for key, words in _GAPS.items() if wanted in (*words, key.replace("-", " "))), None)
    measure = facts.measures["share"] if gap else index.measure(question.measure or "share", "rank")
    if measure.national:
        raise Problem(
            "not-rankable",
            say("Amounts in different currencies have no order. Rank spending in US dollars instead."),
            ("rank measure:spending_usd",),
        )
    needed = facts.measures["gdp_usd"] if gap == GAP_MONEY else measure
    year, edition = _when(facts, question, needed)
    scope = _scope(facts, question.group, year)
    rule = parts.typed_rule(facts, question.rule, None) if question.rule else None
    if rule is not None and not gap and measure.id != "share":
        raise Problem(
            "rule-needs-share",
            say("A rule is compared with the share of GDP: rank the share, or the gap to the rule."),
            (f"rank measure:share rule:{rule.id}", f"rank measure:gap rule:{rule.id}"),
        )
    if rule is None and (gap or measure.id == "share"):
        rule = rules.main_rule(facts, year)
    level = parts.level_of(rule) if rule is not None else None
    if gap and level is None:
        raise Problem(
            "no-rule-then",
            say("No adopted rule set a share of GDP in {year}, so there is no gap to rank.", year=Year(year)),
            (f"rank measure:share year:{year}",),
        )
    shares = rule is not None and level is not None and not gap
    values = {member.code: _value(facts, edition, measure, member, year, gap, level) for member in scope.members}
    places = _places([(member, values[member.code]) for member in scope.members])
    placed = [place for place in places if place.figure is not None]
    if not placed:
        raise Problem(
            "no-figure",
            say("The {edition} has no {measure} for {year}.", edition=edition, measure=needed, year=Year(year)),
        )
    board = _Board(facts, edition, measure, scope, year, gap, rule, level, tuple(places))
    asked = Question(
        "rank",
        measure=gap or measure.id,
        year=str(year),
        group=scope.id,
        rule=rule.id if rule and question.rule else None,
        edition=edition.id,
    )
    headline = board.by_rule() if shares else board.by_gap() if gap else board.by_value()
    return Answer(
        asked,
        headline,
        tuple(board.rows()),
        tuple(board.notes()),
        board.table(),
        board.chart(),
        edition,
        more=(scope.source,) if scope.source else (),
    )


def _scope(facts: Facts, text: str | None, year: int) -> Scope:
    """The Allies of the year, all of today's, a group of the data, or "members of 2004"."""
    everyone = tuple(facts.members.values())
    if not text:
        return Scope(tuple(m for m in everyone if m.accession.year <= year))
    if names.plain(text) in ("all", "allies", "all allies", "nato", "everyone", "now", "today"):
        return Scope(everyone, say("today's Allies"), "all")
    if found := re.fullmatch(
        r"(?:nato )?(?:members?(?: of| in| since)? |allies (?:of|in) )?(\d{4})", names.plain(text)
    ):
        chosen = names.year(found[1]) or 0
        members = tuple(m for m in everyone if m.accession.year <= chosen)
        note = say("Members of {year}: the Allies that had joined by the end of that year.", year=Year(chosen))
        name = say("members of {year}", year=Year(chosen))
        return Scope(members, name, f"members {chosen}", note, Citation(members[0].source))
    group = names.index_of(facts).group(text)
    members = tuple(m for m in everyone if m.code in group.members)
    return Scope(members, group, group.id, say("{note}", note=group.note), Citation(group.source))


def _when(facts: Facts, question: Question, measure: Measure) -> tuple[int, Edition]:
    """The year asked for, else the newest; the edition asked for, else the newest that prints the year."""
    edition = names.index_of(facts).edition(question.edition)
    year = names.year(question.year)
    held = facts.printed_years.get((edition.id, measure.id), ())
    if year is not None and year not in held and question.edition is None:
        for other in facts.editions.values():
            if other.tables and year in facts.printed_years.get((other.id, measure.id), ()):
                return year, other
    if not held:
        have = Listing(tuple(e.id for e in facts.editions.values() if (e.id, measure.id) in facts.printed_years), "or")
        raise Problem(
            "not-in-edition",
            say(
                "The {edition}, as it is held here, has no {measure}. Ask for edition {held}.",
                edition=edition,
                measure=measure.name,
                held=have,
            ),
        )
    if year is not None and year not in held:
        raise Problem(
            "no-figure",
            say(
                "The {edition} has no {measure} for {year}: it prints {first} to {last}.",
                edition=edition,
                measure=measure.name,
                year=Year(year),
                first=Year(held[0]),
                last=Year(held[-1]),
            ),
            (f"rank measure:{measure.id} year:{min(max(year, held[0]), held[-1])} edition:{edition.id}",),
        )
    return (held[-1] if year is None else year), edition


def _value(
    facts: Facts, edition: Edition, measure: Measure, member: Member, year: int, gap: str | None, level: Figure | None
) -> Figure | None:
    """What an Ally is ranked by; a share at the decimals NATO prints, a gap as what is missing to the level."""
    figure = facts.figure(edition, measure.id, member, year)
    if figure is None:
        return None
    figure = parts.as_shown(figure)
    if gap is None or level is None:
        return figure
    label = say("what {member} is short of {level} in {year}", member=member, level=level, year=Year(year))
    points = difference(f"gap.{member.code}", level, figure, label)
    if gap == GAP:
        return points
    gdp = facts.figure(edition, "gdp_usd", member, year)
    return None if gdp is None else part_of(f"gap.{member.code}.usd", points, gdp, label)


def _places(values: Sequence[tuple[Member, Figure | None]]) -> list[Place]:
    """Best first, equal values on one place, those without a value last in the order of their names."""
    having = [(m, f) for m, f in values if f is not None]
    having.sort(key=lambda pair: (-pair[1].value, pair[0].name))
    tally: dict[object, int] = {}
    for _, figure in having:
        tally[figure.value] = tally.get(figure.value, 0) + 1
    places: list[Place] = []
    for n, (member, figure) in enumerate(having, 1):
        before = places[-1] if places else None
        same = before is not None and before.figure is not None and before.figure.value == figure.value
        number = before.number if same and before is not None else n
        places.append(Place(member, figure, number, tally[figure.value] > 1))
    return places + [Place(m, None) for m, f in sorted(values, key=lambda pair: pair[0].name) if f is None]


@dataclass(frozen=True, slots=True)
class _Board:
    """One ranking, and the sentences, rows and pictures made of it."""

    facts: Facts
    edition: Edition
    measure: Measure
    scope: Scope
    year: int
    gap: str | None
    rule: Rule | None
    level: Figure | None
    places: tuple[Place, ...]

    # -- headlines -----------------------------------------------------------------------------------

    def by_rule(self) -> Sentence:
        """How many Allies are at or above the rule, now and when the year was first printed."""
        placed = self.placed
        sentence = _COUNTED[self.group is not None].filled(
            met=self.met(self.edition, "met"),
            count=self.listed,
            group=self.group,
            level=self.level,
            rule=self.rule,
            year=Year(self.year),
            basis=self.basis,
            first=placed[0].member,
            highest=placed[0].figure,
            last=placed[-1].member,
            lowest=placed[-1].figure,
        )
        assert self.rule is not None
        if self.rule.standing is not Standing.ADOPTED:
            return parts.with_standing(sentence, self.rule)
        first = self.first_edition()
        if first is None:
            return sentence
        then = self.met(first, "met.first")
        first_printed = say(
            "When the year was first printed it was {then} ({edition}, {published}).",
            then=then,
            edition=first,
            published=first.published,
        )
        return say("{told}", told=Listing((sentence, first_printed), "sentences"))

    def by_gap(self) -> Sentence:
        """How many are short, who most, and in money what is missing in all."""
        assert self.rule is not None
        short = [place.figure for place in self.placed if place.figure is not None and place.figure.value > 0]
        label = say("Allies short of {level} in {year}", level=self.level, year=Year(self.year))
        values = {
            "level": self.level,
            "year": Year(self.year),
            "short": count("short", short, label, self.looked_in),
            "count": self.listed,
            "group": self.group,
            "first": self.placed[0].member,
            "highest": self.placed[0].figure,
            "basis": self.basis,
            "rule": self.rule,
        }
        named = self.group is not None
        if not short:
            sentence = _NONE_SHORT[named].filled(**values)
        elif self.gap == GAP_MONEY:
            missing = total("short.sum", short, say("what is missing to {level} in all", level=self.level))
            sentence = _SHORT_IN_MONEY[named].filled(**values, sum=missing)
        else:
            sentence = _SHORT[named].filled(**values)
        return parts.with_standing(sentence, self.rule)

    def by_value(self) -> Sentence:
        placed = self.placed
        top = placed[: max(1, min(3, len(placed) - 1))]
        named = [say("{member} ({figure})", member=place.member, figure=place.figure) for place in top]
        return _HIGHEST[self.group is not None].filled(
            count=self.listed,
            group=self.group,
            measure=self.measure,
            year=Year(self.year),
            first=Listing(tuple(named)),
            last=placed[-1].member,
            lowest=placed[-1].figure,
            basis=self.basis,
        )

    # -- rows, notes, table, chart -------------------------------------------------------------------

    def rows(self) -> list[Row]:
        rows = []
        if self.rule is not None and self.level is not None:
            rows.append(parts.rule_row(self.rule))
            if not self.gap:
                rows += self._nearest()
                floor = rules.floor_rule(self.facts, self.year)
                if floor is not None and floor is not self.rule:
                    rows.append(self._floor(floor))
        if self.measure.id in parts.ADDS_UP and not self.gap and self.scope.name:
            figures = [place.figure for place in self.placed if place.figure is not None]
            together = total("together", figures, say("{group} together", group=self.scope.name))
            rows.append(Row(say("Together"), say("{sum}", sum=together)))
        if not self.gap:
            for aggregate in self.facts.aggregates.values():
                figure = self.facts.figure(self.edition, self.measure.id, aggregate, self.year)
                if figure is not None:
                    rows.append(Row(say("{member}", member=aggregate), say("{figure}", figure=figure)))
        without = [say("{member}: {why}", member=p.member, why=self.why(p.member)) for p in self.places if not p.figure]
        if without:
            rows.append(Row(say("No figure"), say("{members}", members=Listing(tuple(without), "unit"))))
        return rows

    def _nearest(self) -> list[Row]:
        """Those who are closest below the level."""
        assert self.level is not None
        below = [p for p in self.placed if p.figure is not None and p.figure.value < self.level.value]
        if not below:
            return []
        best = [p for p in below if p.number == below[0].number]
        listed = []
        for place in best:
            assert place.figure is not None
            label = say(
                "what {member} is short of {level} in {year}",
                member=place.member,
                level=self.level,
                year=Year(self.year),
            )
            missing = difference(f"gap.{place.member.code}", self.level, place.figure, label)
            listed.append(
                say("{member}, {figure}: {points} short", member=place.member, figure=place.figure, points=missing)
            )
        return [Row(say("Nearest below"), say("{members}", members=Listing(tuple(listed), "unit")))]

    def _floor(self, floor: Rule) -> Row:
        level = parts.level_of(floor)
        return Row(
            say("Floor"),
            say(
                "{met} of {count} at or above {level}, to be held every year ({rule})",
                met=self.met(self.edition, "met.floor", level),
                count=self.listed,
                level=level,
                rule=floor.name,
            ),
            floor.standing,
        )

    def notes(self) -> list[Sentence]:
        notes = [self.scope.note] if self.scope.note else []
        later = [m for m in self.scope.members if m.accession.year > self.year and self.value_of(m) is not None]
        if later:
            notes.append(
                say(
                    "Not yet members in {year}, and listed all the same: {members}. For those who were, add group “members of {year}”.",
                    year=Year(self.year),
                    members=Listing(tuple(later)),
                )
            )
        if not self.whole:
            notes.append(say("Held of the {edition}: {held}.", edition=self.edition, held=self.edition.held))
        if self.rule is not None and self.rule.announced.year > self.year:
            notes.append(
                say(
                    "{rule} dates from {announced}; in {year} nobody was held to it.",
                    rule=self.rule,
                    announced=self.rule.announced,
                    year=Year(self.year),
                )
            )
        if not self.scope.name and len(self.scope.members) < len(self.facts.members):
            notes.append(say("Listed are the Allies of {year}; “group:all” lists today's.", year=Year(self.year)))
        if self.measure.id == "real_change":
            notes += [say("{note}", note=aggregate.note) for aggregate in self.facts.aggregates.values()]
        unlike = [m for m in self.scope.members if self.gap == GAP_MONEY and self._of_real_gdp(m)]
        if unlike:
            notes.append(
                say(
                    "NATO's share is of real GDP; for {members} it differs from spending over GDP in current prices, and the gap in money with it.",
                    members=Listing(tuple(unlike)),
                )
            )
        if self.gap and any(p.figure is not None and p.figure.value < 0 for p in self.places):
            notes.append(say("A negative gap is above the level."))
        if self.measure.constant:
            notes.append(say("Constant prices of {base}.", base=Year(int(self.edition.price_base))))
        return notes

    def table(self) -> Table:
        unit = say("{unit}", unit="")
        rows: list[tuple[object, ...]] = []
        level = None if self.gap else self.level
        for place in self.placed:
            assert place.figure is not None
            if level is not None and place.figure.value < level.value:
                rows.append(("–", say("the rule"), level))
                level = None
            number = f"={place.number}" if place.shared else str(place.number)
            rows.append((number, place.member, place.figure))
        return Table((say("No."), say("Ally"), unit), tuple(rows))

    def chart(self) -> BarChart:
        title = say("{measure} in {year} ({edition})", measure=self.what, year=Year(self.year), edition=self.edition)
        bars = tuple(
            Bar(say("{member}", member=p.member), p.member.iso2, p.figure, None if p.figure else self.why(p.member))
            for p in self.places
        )
        level = parts.level_line(self.rule) if self.rule is not None else None
        return BarChart(title, bars, level)

    # -- what the above are made of ------------------------------------------------------------------

    @property
    def placed(self) -> list[Place]:
        return [place for place in self.places if place.figure is not None]

    @property
    def what(self) -> Sentence:
        if self.gap is None:
            return say("{measure}", measure=self.measure)
        return say("gap to {level} of GDP", level=self.level)

    @property
    def looked_in(self) -> Citation:
        return Citation(self.edition.source, "3", year=self.year)

    @property
    def basis(self) -> Sentence:
        estimated = any(p.figure is not None and p.figure.status is Status.ESTIMATE for p in self.places)
        return parts.basis(self.edition, Year(self.year, "e" if estimated else ""))

    @property
    def group(self) -> Group | Sentence | None:
        """What to call those who are ranked, where they are not simply the Allies."""
        if self.scope.name is None and not self.whole:
            return say("those whose figure is held")
        return self.scope.name

    @property
    def whole(self) -> bool:
        """Whether the edition is held for most Allies; else nobody may take a row that is missing for unpublished."""
        return parts.wide(self.facts, self.edition, self.measure.id, self.year)

    @property
    def listed(self) -> Figure:
        """How many Allies have a figure."""
        figures = [place.figure for place in self.placed if place.figure is not None]
        return count("listed", figures, say("Allies with a figure for {year}", year=Year(self.year)), self.looked_in)

    def value_of(self, member: Member) -> Figure | None:
        return next((place.figure for place in self.places if place.member is member), None)

    def met(self, edition: Edition, name: str, level: Figure | None = None) -> Figure:
        """How many of these Allies are at or above the level in an edition's figures for the year."""
        level = level or self.level
        assert level is not None
        figures = (self.facts.figure(edition, "share", member, self.year) for member in self.scope.members)
        shown = [as_printed(figure) for figure in figures if figure is not None]
        if edition is not self.edition:  # else two figures of two editions would have one name
            shown = [figure.named(f"{figure.name}@{edition.id}") for figure in shown]
        return count(
            name,
            [figure for figure in shown if figure.value >= level.value],
            say("Allies at or above {level} in {year}, {edition}", level=level, year=Year(self.year), edition=edition),
            Citation(edition.source, "3", year=self.year),
        )

    def first_edition(self) -> Edition | None:
        """The edition of the year itself, which printed it first as an estimate, if it is not this one."""
        for edition in self.facts.editions.values():
            if edition.tables and edition.published.year == self.year and edition is not self.edition:
                return edition if parts.wide(self.facts, edition, "share", self.year) else None
        return None

    def _of_real_gdp(self, member: Member) -> bool:
        share = self.facts.figure(self.edition, "share", member, self.year)
        return share is not None and parts.plain_ratio(self.facts, self.edition, member, self.year, share) is not None

    def why(self, member: Member) -> Sentence:
        """Why there is no value: no armed forces, or NATO left it blank."""
        if not member.armed_forces:
            return say("no armed forces")
        if self.facts.years(self.edition, self.measure.id, member):
            return say("left blank by NATO")
        return say("not published") if self.whole else say("not held here")


_COUNTED = {
    False: say(
        "{met} of {count} Allies are at or above {level} of GDP in {year} ({basis}, {rule}); {first} spends most, {highest}, and {last} least, {lowest}."
    ),
    True: say(
        "{met} of {count} are at or above {level} of GDP in {year} ({group}; {basis}, {rule}); {first} spends most, {highest}, and {last} least, {lowest}."
    ),
}
_SHORT = {
    False: say(
        "Short of {level} of GDP in {year}: {short} of {count} Allies, most of all {first}, {highest} ({basis}, {rule})."
    ),
    True: say(
        "Short of {level} of GDP in {year} ({group}): {short} of {count}, most of all {first}, {highest} ({basis}, {rule})."
    ),
}
_SHORT_IN_MONEY = {
    False: say(
        "Short of {level} of GDP in {year}: {short} of {count} Allies, by {sum} in all, most of all {first}, {highest} ({basis}, {rule})."
    ),
    True: say(
        "Short of {level} of GDP in {year} ({group}): {short} of {count}, by {sum} in all, most of all {first}, {highest} ({basis}, {rule})."
    ),
}
_NONE_SHORT = {
    False: say("Short of {level} of GDP in {year}: none of {count} Allies ({basis}, {rule})."),
    True: say("Short of {level} of GDP in {year} ({group}): none of {count} ({basis}, {rule})."),
}
_HIGHEST = {
    False: say("Highest {measure} in {year}: {first}; lowest of {count} Allies: {last} ({lowest}) ({basis})."),
    True: say("Highest {measure} in {year}, {group}: {first}; lowest of {count}: {last} ({lowest}) ({basis})."),
}
