"""What was spent over a span of years: the change, the sum, and what lies above the first year's level."""

from __future__ import annotations

from knowledge import names
from knowledge.answer import Answer, Row, Table
from knowledge.chart import Line, LineChart
from knowledge.facts import Edition, Facts, Measure, Member, Spender
from knowledge.figure import Figure, Kind, Status, difference, total
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Sentence, Year, say

ADDED_UP = "spending_usd_constant"  # amounts of several years add up soundly in constant prices alone
BESIDE = ("share", "real_change")


def over_years(facts: Facts, question: Question, span: tuple[int, int]) -> Answer:
    """Of one measure or, where none is named, of spending in constant prices, with share and growth beside it.

    Only years the edition prints are counted; a sum holds every year from the first to the last.
    """
    index = names.index_of(facts)
    spender = index.spender(question.member or "", "spending")
    measure = index.measure(question.measure) if question.measure else facts.measures[ADDED_UP]
    if isinstance(spender, Member) and not spender.armed_forces and not measure.id.startswith("gdp"):
        return parts.no_forces(facts, Question("spending", member=spender.code), spender, say("series"))
    edition = _edition(facts, question, measure, spender, span)
    held = facts.years(edition, measure.id, spender)
    if not held and not question.measure:  # an edition of which only shares are held
        measure = facts.measures["share"]
        held = facts.years(edition, measure.id, spender)
    years = [year for year in held if span[0] <= year <= span[1]]
    if not years:
        raise parts.no_figure(facts, edition, measure, spender, span[0] if span[0] > names.FIRST_YEAR else span[1])
    figures = {year: _figure(facts, edition, measure, spender, year) for year in years}
    scene = _Span(facts, edition, measure, spender, figures)
    asked = Question(
        "spending",
        member=spender.code,
        year=parts.pinned_span(facts, edition, measure, span, years),
        measure=measure.id if question.measure else None,
        edition=edition.id,
    )
    shown = (measure.id,) if question.measure else (measure.id, *(m for m in BESIDE if m != measure.id))
    return Answer(
        asked,
        scene.headline(),
        tuple(scene.rows()),
        tuple(scene.notes(span, asked=question.measure is not None)),
        scene.table(shown),
        scene.chart(),
        edition,
    )


def _edition(facts: Facts, question: Question, measure: Measure, spender: Spender, span: tuple[int, int]) -> Edition:
    """The edition asked for, else the newest that prints any year of the span."""
    edition = names.index_of(facts).edition(question.edition)
    if question.edition is not None:
        return edition
    for other in facts.editions.values():
        if other.tables and any(span[0] <= year <= span[1] for year in facts.years(other, measure.id, spender)):
            return other
    return edition


def _figure(facts: Facts, edition: Edition, measure: Measure, spender: Spender, year: int) -> Figure:
    figure = facts.figure(edition, measure.id, spender, year)
    assert figure is not None  # only years that are printed are here
    return parts.as_shown(figure)


class _Span:
    def __init__(
        self, facts: Facts, edition: Edition, measure: Measure, spender: Spender, figures: dict[int, Figure]
    ) -> None:
        self.facts, self.edition, self.measure, self.spender, self.figures = facts, edition, measure, spender, figures
        self.years = tuple(figures)
        self.first, self.last = Year(self.years[0]), Year(self.years[-1])
        self.then, self.now = figures[self.years[0]], figures[self.years[-1]]
        self.adds_up = measure.constant and measure.id.startswith("spending") and len(figures) > 1
        self.estimated = any(figure.status is Status.ESTIMATE for figure in figures.values())

    @property
    def basis(self) -> Sentence:
        return parts.basis(self.edition, Year(self.last.number, "e" if self.estimated else ""))

    @property
    def prices(self) -> Sentence:
        if self.measure.constant:
            return say("constant prices of {base}", base=Year(int(self.edition.price_base)))
        return say("each year's own prices")

    def headline(self) -> Sentence:
        values = {
            "member": self.spender,
            "first": self.first,
            "last": self.last,
            "basis": self.basis,
            "measure": self.measure,
        }
        if self.adds_up:
            above = self.above()
            if above is not None:
                return say(
                    "{member} spent {sum} from {first} to {last}, {above} more than if every year had been like {first} ({prices}; {basis}).",
                    **values,
                    sum=self.sum(),
                    above=above,
                    prices=self.prices,
                )
            return say(
                "{member} spent {sum} from {first} to {last} ({prices}; {basis}).",
                **values,
                sum=self.sum(),
                prices=self.prices,
            )
        if len(self.years) == 1:
            return parts.one_figure(self.facts, self.edition, self.spender, self.measure, self.last.number)
        return say(
            "{member}: {measure} went from {then} in {first} to {now} in {last} ({basis}).",
            **values,
            then=self.then,
            now=self.now,
        )

    def sum(self) -> Figure:
        label = say("sum from {first} to {last}, {member}", first=self.first, last=self.last, member=self.spender)
        return total("sum", list(self.figures.values()), label)

    def above(self) -> Figure | None:
        """What all the years together are above the first; None where they are not above it."""
        over = [
            difference(
                f"above.{year}",
                figure,
                self.then,
                say("{year} above {first}, {member}", year=Year(year), first=self.first, member=self.spender),
            )
            for year, figure in list(self.figures.items())[1:]
        ]
        if not over:
            return None
        label = say("above the level of {first} in all, {member}", first=self.first, member=self.spender)
        found = total("above", over, label)
        return found if found.value > 0 else None

    def rows(self) -> list[Row]:
        rows = []
        if len(self.years) > 1:
            change = self._change()
            rows.append(Row(say("Change"), change))
            highest = max(self.figures, key=lambda year: self.figures[year].value)
            lowest = min(self.figures, key=lambda year: self.figures[year].value)
            rows.append(
                Row(
                    say("Highest and lowest"),
                    say(
                        "{highest} in {high}, {lowest} in {low}",
                        highest=self.figures[highest],
                        high=Year(highest),
                        lowest=self.figures[lowest],
                        low=Year(lowest),
                    ),
                )
            )
        return rows

    def _change(self) -> Sentence:
        label = say("change of {member} from {start} to {end}", member=self.spender, start=self.first, end=self.last)
        change = parts.change_between("change", self.now, self.then, label)
        values = {"then": self.then, "first": self.first, "now": self.now, "last": self.last, "change": change}
        if self.now.value >= self.then.value:
            return say("from {then} in {first} to {now} in {last}: up {change}", **values)
        return say("from {then} in {first} to {now} in {last}: down {change}", **values)

    def notes(self, span: tuple[int, int], *, asked: bool) -> list[Sentence]:
        notes = []
        if self.estimated:
            notes.append(parts.MARKED)
        notes += parts.span_notes(self.facts, self.edition, self.measure, [self.spender], span, self.years)
        if self.measure.kind is Kind.MONEY and not self.measure.constant:
            notes.append(say("Amounts of different years are in different prices, so they are not added up."))
        if not asked and self.measure.id == "share":
            notes.append(say("Amounts in constant prices are not held for the {edition}.", edition=self.edition))
        return notes + parts.series_notes(self.facts, [self.spender], self.measure, self.years)

    def table(self, measures: tuple[str, ...]) -> Table:
        held = [m for m in measures if self.facts.years(self.edition, m, self.spender)]
        rows = tuple(
            (
                self.facts.mark(self.edition, held[0], self.spender, year),
                *(self.facts.figure(self.edition, m, self.spender, year) for m in held),
            )
            for year in reversed(self.years)
        )
        return Table((say("Year"), *(parts.heading(m) for m in held)), rows)

    def chart(self) -> LineChart:
        title = say("{member}: {measure}, {edition}", member=self.spender, measure=self.measure, edition=self.edition)
        return LineChart(title, (Line(say("{member}", member=self.spender), tuple(self.figures.items())),))
