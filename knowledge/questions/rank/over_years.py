"""Over several years: how many Allies are at a level in each, what each lacked or spent in all, and who grew most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import quotient, tally, total
from knowledge.asking.apart import GAP, GAP_MONEY, GROWTH
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.chart import Line, LineChart
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Status
from knowledge.questions import saying
from knowledge.questions.rank.one_year import of_one_year
from knowledge.questions.rank.places import BEST, Absent, Ranking, Yardstick, in_order, named, yardstick_of
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Break, Member, Spender

_JOINED = say("Joined NATO after {first}: {members}.")
TIMES = {"doubled": Decimal(2), "tripled": Decimal(3)}  # what is counted of growth


def over_years(facts: Facts, subject: Subject) -> Answer:
    """Counts by year at one level, or of money each Ally's sum; Problem for what has no order over years."""
    yardstick = _yardstick(facts, subject, Years(facts, subject).whole or subject.years)
    years = Years(facts, subject, yardstick)
    measure, sums = years.measure, years.measure.adds_up and years.measure.about == "spending"
    if (sums or (yardstick is not None and subject.ranked != GAP)) and len(years.counted_years) == 1:
        return years.alone(years.counted_years[0])
    if sums:
        return years.summed()
    if yardstick is not None and subject.ranked != GAP:
        return years.lacked(yardstick) if subject.ranked else years.counts(yardstick)
    what = say("the gap in points") if subject.ranked else say("{measure}", measure=measure)
    told = say("{measure} is not added up over years: ask for one year.", measure=what)
    others = (GAP_MONEY, "share") if subject.ranked == GAP else (GROWTH,)
    offers = [str(replace(subject.asked, measure=other)) for other in others]
    raise Problem("bad-year", told, (str(replace(subject.asked, year=str(subject.year))), *offers))


def _yardstick(facts: Facts, subject: Subject, years: Sequence[int]) -> Yardstick | None:
    """The level asked about, or that of the named rule in the years it bore; if it bore in none, in all of them.

    Without either each year is held against the level that had to be held then; those with another than the last are
    not alike, and not among its years.
    """
    found: list[Yardstick] = []
    for year in years:
        then = replace(subject, years=(year,))
        held_to = (yardstick_of(then, rule(facts, year)) for rule in (rules.floor_rule, rules.main_rule))
        if one := next(filter(None, held_to), None):
            if one.rule is None:
                return one
            found.append(one)
    found = [one for one in found if one.bearing and one.bearing.bears] or found
    alike = [one for one in found if one.level.value == found[-1].level.value]
    return Yardstick(found[-1].low, None, tuple(b for one in alike for b in one.bearings)) if found else None


class Years(Ranking):
    """A ranking over years; beside a level an Ally counts in its years of membership alone."""

    def allies(self, year: int) -> list[Member]:
        return [member for member in self.scope.members if member.accession.year <= year]

    @cached_property
    def whole(self) -> list[int]:
        """The years of which everything NATO printed is held."""
        return [year for year in self.subject.years if self.complete(year)]

    @cached_property
    def counted_years(self) -> list[int]:
        """The whole years, beside a level those that are held against it; Problem where there is none."""
        bearings = self.yardstick.bearings if self.yardstick else ()
        years = [bearing.year for bearing in bearings if bearing.year in self.whole] or self.whole
        if not years:
            raise self.in_part()
        return years

    def in_part(self) -> Problem:
        """The refusal where none of the years is held whole."""
        asked, last = self.subject.asked, self.subject.year
        told = say(
            "Of the {edition} only a part of {measure} is held for these years, so nothing is counted year by year."
        )
        others = [edition.id for edition in self.facts.editions.values() if self.complete(last, edition)]
        offers = [str(replace(asked, edition=other)) for other in others]
        told = told.filled(edition=self.edition, measure=self.measure)
        return Problem("not-held", told, (*offers, str(replace(asked, year=str(last)))))

    def left_out(self) -> list[Sentence]:
        """Which of the years that were asked for are not counted, and beside a level who is in a part of them alone."""
        subject, of = self.subject, {"edition": self.edition}
        notes = saying.span_notes(self.facts, subject, self.measure)
        out = tuple(Year(year) for year in subject.years if year not in self.whole)
        if out and subject.ranked != GROWTH:  # which is of the first year and the last alone
            text = say("Of the {edition} only a part is held for {years}, which are left out.")
            notes.append(text.filled(**of, years=Listing(out)))
        if self.yardstick is None:
            return notes
        if left := tuple(Year(year) for year in self.whole if year not in self.counted_years):
            text = say("Not counted: {years}, in which no rule bore, or which are not alike.")
            notes.append(text.filled(years=Listing(left)))
        later = self.joined_after(self.scope.members, self.counted_years[0], _JOINED)
        return [*notes, say("Each year counts the Allies of that year."), *later] if later else notes

    def throughout(
        self, held: Mapping[Member, Sequence[bool]], label: Sentence, joined: Sentence, *, which: bool = True
    ) -> list[Row]:
        """Who is so in every year counted, and apart from them who joined within these years."""
        years, rows = self.counted_years, []
        found = [m for m in held if held[m] == [which] * sum(year >= m.accession.year for year in years)]
        found.sort(key=lambda member: member.name)
        for name, later in ((label, False), (joined, True)):
            if of := tuple(m for m in found if (m.accession.year > years[0]) is later):
                rows.append(Row(name, say("{members}", members=Listing(of, "unit"))))
        return rows

    def alone(self, year: int) -> Answer:
        """The answer of the one year that counts."""
        scope, ahead = self.scope, list[Sentence]()
        if self.yardstick is not None:
            scope, ahead = replace(scope, members=tuple(self.allies(year))), self.yardstick.ahead
        one = of_one_year(self.facts, replace(self.subject, years=(year,), scope=scope))
        headline = say("{told}", told=Listing((one.headline, *ahead), "sentences"))
        return replace(one, headline=headline, notes=(*one.notes, *self.left_out()))

    def counts(self, yardstick: Yardstick) -> Answer:
        years = self.counted_years
        found: list[tuple[Year, Figure, Figure]] = []
        held: dict[Member, list[bool]] = {}
        for year in years:
            met, listed = self.counted(year, yardstick, f".{year}")
            found.append((Year(year, "e" if listed.status is Status.ESTIMATE else ""), met, listed))
            for member, figure in self.column(year).items():
                held.setdefault(member, []).append(yardstick.holds(figure))
        (_, met, listed), (_, met_last, listed_last) = found[0], found[-1]
        values: dict[str, object] = {"where": yardstick.where, "met": met, "met_last": met_last}
        values |= {"first": Year(years[0]), "last": Year(years[-1]), "edition": self.edition, "measure": self.measure}
        values["what"] = yardstick.where if self.measure.kind is Kind.SHARE else say("{measure} {where}", **values)
        values |= {"count": self.out_of(listed), "count_last": self.out_of(listed_last)}
        values["basis"] = self.basis([listed for _, _, listed in found])
        text = say("{what}: {met} of {count} in {first}, {met_last} of {count_last} in {last} ({basis}).", **values)
        rows = self.throughout(held, say("In every year"), say("In every year since joining"))
        rows += self.throughout(held, say("In no year"), say("In no year since joining"), which=False)
        line = Line(say("Allies {where}", **values), tuple((year.number, met) for year, met, _ in found))
        table = Table((say("Year"), say("Allies"), say("of")), tuple(reversed(found)))
        chart = LineChart(say("{what} ({edition})", **values), (line,))
        notes = [*self.notes(), *self.left_out()]
        return self.answer([text, *yardstick.ahead], rows, notes, table, chart)

    def lacked(self, yardstick: Yardstick) -> Answer:
        """What each Ally lacked to the level in the years it was below, each year's own dollars."""
        level, years = yardstick.level, self.counted_years
        broken = {m: one.first for m in self.scope.members if (one := self.apart(m, years)) and one.first}
        parts: dict[Member, list[Figure]] = {}
        shares: dict[Member, list[Figure]] = {}
        unlike: dict[Member, None] = {}
        for year in years:
            for member, share in self.column(year).items():
                if year < broken.get(member, year):
                    continue
                lacking = rules.missing(self.facts, self.edition, member, year, level, f"{member.code}.{year}")
                shares.setdefault(member, []).append(share)
                if lacking is None or (share.value < level.value) is not (lacking.value > 0):
                    unlike.setdefault(member)
                elif lacking.value > 0:
                    parts.setdefault(member, []).append(lacking)
        values: dict[str, object] = {"level": level, "first": Year(years[0]), "last": Year(years[-1])}
        values |= {"below": yardstick.short, "count": self._listed([found[-1] for found in shares.values()], values)}
        values["basis"] = self.basis([share for found in shares.values() for share in found])
        above = {member: [share.value >= level.value for share in found] for member, found in shares.items()}
        rows = self.throughout(above, say("Never below"), say("Never below since joining"))
        notes = [*self.notes(), *self.left_out()]
        text = say("Of {member} only the years from {year} on are added up: those before are not alike.")
        notes += [text.filled(member=member, year=Year(year)) for member, year in broken.items()]
        notes += self.other_side([*unlike], level)
        if not parts:
            text = say("{below} from {first} to {last}: none of {count} ({basis}).", **values)
            return self.answer([text, *yardstick.ahead], rows, notes)
        label = say("what was missing to {level}, {first} to {last}, {member}")
        sums = {m: total(f"gap.{m.code}.usd", found, label.filled(**values, member=m)) for m, found in parts.items()}
        places = in_order(sums.items())
        figures = [place.figure for place in places]
        values["short"] = self.count("short", figures, say("Allies short of {level} in some of the years", **values))
        values["sum"] = total("short.sum", figures, say("what is missing to {level} in all", **values))
        text = say(
            "{below} from {first} to {last}, in the years each was below it: {short} of {count}, by {sum} in all, most of all {best} ({basis})."
        )
        told = [text.filled(**values, best=named(places[:BEST])), *yardstick.ahead]
        own = say(
            "Each year's own dollars are added up, so the sum holds prices and exchange rates; years above the level count nothing."
        )
        title = say("missing to {level} of GDP, {first} to {last} ({edition})", **values, edition=self.edition)
        often = {m: tally(len(found), say("years below")).named(f"years.{m.code}") for m, found in parts.items()}
        return self.of_places(told, rows, [own, *notes], title, places, years=often)

    def summed(self) -> Answer:
        """What each Ally of the last year spent in all the years together."""
        years = self.counted_years
        values: dict[str, object] = {"measure": self.measure, "first": Year(years[0]), "last": Year(years[-1])}
        label = say("{measure}, {first} to {last}, {member}")
        having, without = self._alike(years)
        sums = {m: total(f"sum.{m.code}", found, label.filled(**values, member=m)) for m, found in having.items()}
        places = in_order(sums.items())
        figures = [place.figure for place in places]
        values |= {"best": named(places[:BEST]), "last_one": places[-1].member, "lowest": places[-1].figure}
        values |= {"count": self._listed(figures, values), "basis": self.basis(figures)}
        text = say(
            "Highest {measure} from {first} to {last} together: {best}; lowest of {count}: {last_one} ({lowest}) ({basis}).",
            **values,
        )
        notes = [*self.notes(), *self.left_out()]
        if not self.measure.constant:
            notes.append(say("Each year's own dollars are added up, so the sum holds prices and exchange rates."))
        notes += self.joined_after((place.member for place in places), years[0], _JOINED)
        return self.of_places([text], [], notes, say("{measure}, {first} to {last}", **values), places, without)

    def apart(self, member: Member, years: Sequence[int]) -> Break | None:
        """The break across which an Ally's years are not alike."""
        return rules.apart(self.facts, self.edition, self.measure, member, years[0], years[-1])

    def _listed(self, figures: Sequence[Figure], values: dict[str, object]) -> Sentence:
        return self.out_of(self.count("listed", figures, say("Allies with a figure for {first} to {last}", **values)))

    def _alike(self, years: Sequence[int]) -> tuple[dict[Member, list[Figure]], list[Absent]]:
        """The figures of those that have one of each of these years and are alike throughout, and why others are not."""
        facts, edition, measure = self.facts, self.edition, self.measure
        having: dict[Member, list[Figure]] = {}
        without: list[Absent] = []
        for member in sorted(self.scope.members, key=lambda member: member.name):
            found = [facts.figure(edition, measure.id, member, year) for year in years]
            parts = [figure for figure in found if figure is not None and figure.value]
            if len(parts) < len(years):
                lacking = next((y for y in years if not facts.has(edition, measure.id, member, y)), years[0])
                without.append((member, self.why_absent(member, lacking)))
            elif (apart := self.apart(member, years)) is not None:
                without.append((member, say("{what}", what=apart)))
            else:
                having[member] = parts
        return having, without

    def growth(self) -> Answer:
        """How many times as much each Ally spends as in the first year, at constant prices, and how many doubled."""
        facts, edition, measure = self.facts, self.edition, self.measure
        first, last = self.subject.years[0], self.subject.year
        if first == last:
            told = say("Growth is from one year to another: name the year to begin with.")
            begin = facts.printed_years[edition.id, measure.id][0]
            raise Problem("bad-year", told, (str(replace(self.subject.asked, year=f"{begin}-{last}")),))
        values: dict[str, object] = {"measure": measure, "first": Year(first), "last": Year(last), "edition": edition}

        def times(whose: Spender, ends: list[Figure]) -> Figure:
            label = say("{measure}, {member}, {last} over {first}", **values, member=whose)
            return quotient(f"growth.{whose.code}", ends[1], ends[0], label)

        having, without = self._alike((first, last))
        places = in_order((member, times(member, ends)) for member, ends in having.items())
        if not places and not self.whole:
            raise self.in_part()
        figures = [place.figure for place in places]
        for name, least in TIMES.items():
            often = tally(int(least), say("times")).named(f"times.{least}")
            label = say("Allies at {times} times or more", times=often)
            values[name] = self.count(name, [figure for figure in figures if figure.printed >= least], label)
        whole = all(self.complete(year, members=self.scope.members) for year in (first, last))
        listed = self.count("listed", figures, say("Allies with a figure for {first} and {last}", **values))
        values |= {"count": self.out_of(listed, whole=whole), "basis": self.basis(figures)}
        most = (say("{member}, {figure} times", member=p.member, figure=p.figure) for p in places[:BEST])
        text = say(
            "In {last} against {first}, at constant prices, {doubled} of {count} spend at least twice as much and {tripled} at least three times as much ({basis}); most of all {best}."
        )
        if sum(figure.printed >= TIMES["doubled"] for figure in figures) == 1:
            text = say(
                "In {last} against {first}, at constant prices, {doubled} of {count} spends at least twice as much and {tripled} at least three times as much ({basis}); most of all {best}."
            )
        headline = text.filled(**values, best=Listing(tuple(most)))
        rows = []
        for whose in facts.aggregates.values():
            ends = [figure for year in (first, last) if (figure := facts.figure(edition, measure.id, whose, year))]
            if len(ends) == 2:
                rows.append(Row(say("{member}", member=whose), say("{figure} times", figure=times(whose, ends))))
        notes = [*self.notes(total=bool(rows)), *self.left_out()]
        if not whole:
            notes.append(say("Held of the {edition}: {held}.", edition=edition, held=edition.held))
        just = [p.member for p in places for least in TIMES.values() if p.figure.value < least <= p.figure.printed]
        if just:
            text = say("Counted at two decimals; before rounding {members} lies just below.")
            notes.append(text.filled(members=Listing(tuple(just))))
        notes += self.joined_after((place.member for place in places), first, _JOINED)
        title = say("{measure}, {last} over {first} ({edition})", **values)
        return self.of_places([headline], rows, notes, title, places, without, say("times"))
