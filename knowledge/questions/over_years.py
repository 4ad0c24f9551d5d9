"""What was spent over a span of years: the change, the sum, what lies above the first year, and how often a level."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import difference, tally, total
from knowledge.asking.absent import in_edition
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Status, citations
from knowledge.questions import saying
from knowledge.questions.amounts import Amounts
from knowledge.questions.membership import allies_of
from knowledge.questions.rank.places import Yardstick, yardstick_of
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Aggregate, Measure

CONSTANT = "spending_usd_constant"  # what is summed where no measure is named
BESIDE = ("share", "real_change")


def over_years(facts: Facts, subject: Subject) -> Answer:
    """Of the measure asked for, else of spending in constant prices with share and growth; a level is of the share."""
    spender, years, leveled = subject.spender, subject.years, subject.levels is not None
    currency = subject.currency if not leveled or subject.measure is not None else None
    wanted = "share" if leveled else "spending_usd" if currency else CONSTANT
    if not facts.has(subject.edition, wanted, spender, years[-1]):
        wanted = "share"
    measure = subject.measure or facts.measures[wanted]
    if leveled and subject.span is None:
        years = facts.years(subject.edition, measure.id, spender)
    alone = subject.measure is not None or currency is not None or leveled
    beside = [] if alone else [facts.measures[m] for m in BESIDE if m != measure.id]
    subject = replace(subject, measure=measure, years=years, currency=currency)
    if leveled:
        yardstick_of(subject, None)  # which refuses a level of anything but a percentage
    over = _Over(facts, subject, measure, years)
    while leveled and (one := over.apart):  # a level is counted among years that are alike
        alike = [year for year in over.figures if year >= (one.first or year)]
        over = _Over(facts, subject, measure, alike, one.first)
    lines = (over.yardstick.line(),) if over.yardstick is not None else ()
    table, chart, notes = over.table(years, beside), over.chart(years, lines), over.what_to_know(beside)
    return Answer(subject.asked, over.headline(), tuple(over.rows()), tuple(notes), table, chart, subject.edition)


class _Over(Amounts):
    """The figures from the first to the last year that has one."""

    def __init__(
        self, facts: Facts, subject: Subject, measure: Measure, years: Sequence[int], cut: int | None = None
    ) -> None:
        super().__init__(facts, subject, subject.spender, measure, years)
        self.cut = cut  # years before it are not counted
        alone = self.measure.per_head or self.per_head or self.apart is not None or len(self.figures) == 1
        self.summed = self.measure.kind is Kind.MONEY and self.measure.about == "spending" and not alone
        self.estimates = [year for year in self.figures if self.mark(year).mark]
        first, last, edition, prices = self.first, self.last, self.edition, say("each year's own prices")
        if self.measure.constant:
            prices = say("constant prices of {base}", base=Year(int(edition.price_base)))
        self.corrected = any(figure.status is Status.CORRECTED for figure in self.figures.values())
        basis = saying.basis_of(edition, self.figures.values())
        of = {"member": self.spender, "measure": self.what, "prices": prices, "edition": edition, "basis": basis}
        ends = {"first": Year(first), "then": self.figures[first], "last": Year(last), "now": self.figures[last]}
        self.values: dict[str, object] = {**of, **ends}  # what the sentences are filled with

    @cached_property
    def yardstick(self) -> Yardstick | None:
        """The level asked about, else for the share that of the floor or the main rule of the edition's last year."""
        asked, measure, last = self.subject.levels is not None, self.measure, self.edition.last
        if not asked and (measure.kind is not Kind.SHARE or self.apart is not None):
            return None
        rule = rules.floor_rule(self.facts, last) or rules.main_rule(self.facts, last)
        return yardstick_of(self.subject, rule, self.figures[self.last].unit.of)

    def headline(self) -> Sentence:
        told = self._told()
        if self.subject.levels is None and len(self.figures) > 1 and (not self.summed or self._above()):
            told += self.joining
        if self.cut is not None:
            told.append(say("Years before {year} are not counted.", year=Year(self.cut)))
        told += self.unlike if self.apart is None else []
        return say("{told}", told=Listing(tuple(told), "sentences"))

    def _told(self) -> list[Sentence]:
        if self.subject.levels is not None and self.yardstick is not None:
            return [self._reached(self.yardstick)]
        if len(self.figures) == 1:
            return [self.told(self.first)]
        if self.summed:
            return self._sum()
        text = say("{member}: {measure} went from {then} in {first} to {now} in {last} ({edition}).")
        if self.apart is not None:
            text = say(
                "{member}: {measure} is {then} in {first} and {now} in {last} ({basis}); the two are not alike, so no change is computed. {what}"
            )
        elif self.corrected:
            text = say("{member}: {measure} is {then} in {first} and {now} in {last} ({basis}).")
        elif self.last in self.estimates:
            text = say(
                "{member}: {measure} goes from {then} in {first} to {now} in {last} by NATO's estimate ({edition})."
            )
        return [text.filled(**self.values, what=self.apart)]

    def _sum(self) -> list[Sentence]:
        """What was spent, to what it comes with NATO's estimates, and what lies above the first year's level."""
        done = [year for year in self.figures if year not in self.estimates]
        in_all = total("sum", list(self.figures.values()), say("sum from {first} to {last}, {member}", **self.values))
        above = self._above()
        values = {**self.values, "sum": in_all, "above": above}
        more = [say("That is {above} more than if every year had been like {first}.", **values)] if above else []
        text = say("{member} spent {sum} from {first} to {last} ({prices}; {basis}).")
        if not done:
            text = say("{member} is expected to spend {sum} from {first} to {last} ({prices}; {basis}).")
            return [text.filled(**values), *more]
        if not self.estimates:
            if above:
                text = say(
                    "{member} spent {sum} from {first} to {last}, {above} more than if every year had been like {first} ({prices}; {basis})."
                )
            return [text.filled(**values)]
        values["estimates"] = Listing(tuple(map(Year, self.estimates)))
        until = {**self.values, "last": Year(max(done)), "basis": self.edition}
        label = say("sum from {first} to {last}, {member}", **until)
        until["sum"] = total("spent", [self.figures[year] for year in done], label)
        if len(done) == 1:
            text = say("{member} spent {sum} in {last} ({prices}; {basis}).")
        with_them = say("With NATO's estimates for {estimates} it comes to {sum}.", **values)
        if self.corrected:
            with_them = say("With the estimates for {estimates} it comes to {sum}.", **values)
        return [text.filled(**until), with_them, *more]

    def _above(self) -> Figure | None:
        """What all the years together are above the first; None where they are not, or their prices differ."""
        if not self.measure.constant:
            return None
        first, *others = self.figures
        label = say("{year} above {first}, {member}")
        over = [
            difference(f"above.{y}", self.figures[y], self.figures[first], label.filled(**self.values, year=Year(y)))
            for y in others
        ]
        found = total("above", over, say("above the level of {first} in all, {member}", **self.values))
        return found if found.value > 0 else None

    def _often(self, yardstick: Yardstick) -> tuple[str, dict[str, object]]:
        """In how many of the years it is where was asked: "every" year from the first to the last, "some" or "none".

        "none held" where a year between has no figure; of one year alone, whether it is there "once" or "not once".
        """
        figures, length = self.figures, self.last - self.first + 1
        inside = [year for year, figure in figures.items() if yardstick.holds(figure)]
        names = {"count": len(inside), "rest": len(figures) - len(inside), "all": len(figures)}
        rows = citations(figures.values())
        counts = {name: tally(n, say("years"), rows).named(f"years.{name}") for name, n in names.items()}
        values = {**self.values, **counts, "where": yardstick.where, "rule": yardstick.rule}
        text, at = (say("first in {year}"), 0) if yardstick.low is not None else (say("last in {year}"), -1)
        if inside:
            values["when"] = text.filled(year=self.mark(inside[at]))
        if length == 1:
            return "once" if inside else "not once", values
        if len(figures) == length and len(inside) in (0, length):
            return "every" if inside else "none", values
        return "some" if inside else "none held", values

    def _reached(self, yardstick: Yardstick) -> Sentence:
        often, values = self._often(yardstick)
        who = say("{member}") if self.measure.kind is Kind.SHARE else say("{member}: {measure}")
        return _REACHED[often].filled(**values, who=who.filled(**self.values))

    def _level(self, yardstick: Yardstick) -> Row:
        """Since when a level is reached, and in how many years it is not."""
        (often, values), rule = self._often(yardstick), yardstick.rule
        label, text = say("{where}") if rule is None else say("{where} ({rule})"), _OFTEN[often]
        if often == "some" and yardstick.low is not None and yardstick.high is None:
            text = say("{when}; below in {rest} of {all} years")
        return Row(label.filled(**values), text.filled(**values), rule.standing if rule is not None else None)

    def rows(self) -> list[Row]:
        rows, figures = [], self.figures
        if len(figures) > 1 and self.apart is None:
            change = saying.moved("change", self.spender, figures)
            text = say("from {then} in {first} to {now} in {last}: {change}", **self.values, change=change)
            rows.append(Row(say("Change"), text))
            high, low = (pick(figures, key=lambda y: figures[y].value) for pick in (max, min))
            values = {"highest": figures[high], "high": Year(high), "lowest": figures[low], "low": Year(low)}
            if figures[high].value > figures[low].value:
                rows.append(Row(say("Highest and lowest"), say("{highest} in {high}, {lowest} in {low}", **values)))
        if self.yardstick is not None and len(figures) > 1:
            rows.append(self._level(self.yardstick))
        if self.measure.constant and self.summed:
            rows += like_for_like(self.facts, self.subject, self.first, self.last)
        return rows

    def what_to_know(self, beside: list[Measure]) -> list[Sentence]:
        facts, edition, measure = self.facts, self.edition, self.measure
        notes = [*([saying.MARKED] if self.estimates else []), *self.notes]
        if measure.constant and not self.summed:
            notes.append(say("Constant prices of {base}.", base=Year(int(edition.price_base))))
        elif self.summed and not measure.constant:
            notes.append(_OWN_PRICES if measure.national else _OWN_PRICES_AND_RATES)
        if self.yardstick is not None and edition.decimals < 2:
            text = say("The {edition} prints one decimal, so {level} may stand for a value just below it.")
            notes.append(text.filled(edition=edition, level=self.yardstick.level))
        if beside and measure.id != CONSTANT:
            notes.append(in_edition(facts, edition, facts.measures[CONSTANT], self.spender, self.subject.span)[1])
        of_share = [say("{what}", what=one) for one in facts.breaks if beside and one.kind == "typed"]
        known = [*self.unlike, *of_share]
        return notes + saying.series_notes(facts, self.subject, [measure, *beside], self.first, self.last, known)


_REACHED = {
    "once": say("{who} is {where} in {first}, at {now} ({basis})."),
    "not once": say("{who} is not {where} in {first} but at {now} ({basis})."),
    "none": say("{who} is never {where} from {first} to {last} ({basis})."),
    "none held": say("{who} is {where} in {count} of {all} years from {first} to {last} ({basis})."),
    "some": say("{who} is {where} in {count} of {all} years from {first} to {last}, {when} ({basis})."),
    "every": say("{who} is {where} in every year from {first} to {last} ({basis})."),
}
_OFTEN = {
    "none": say("never"),
    "none held": say("in {count} of {all} years"),
    "some": say("in {count} of {all} years, {when}"),
    "every": say("every year"),
}
_OWN_PRICES = say("Each year's own prices are added up, so the sum holds inflation; “constant dollars” leaves it out.")
_OWN_PRICES_AND_RATES = say(
    "Each year's own prices are added up, so the sum holds inflation and exchange rates; “constant dollars” leaves both out."
)


def like_for_like(facts: Facts, subject: Subject, first: int, last: int) -> list[Row]:
    """The real change of a total without those that joined in between, and who that is; no row where nobody did."""
    edition, spender = subject.edition, subject.spender
    allies = [ally for ally in allies_of(facts, spender) if ally.armed_forces]
    joined = [ally for ally in allies if first < ally.accession.year <= last]
    both = [ally for ally in allies if ally.accession.year <= first]
    if not isinstance(spender, Aggregate) or not joined or not both:
        return []
    values: dict[str, object] = {"member": spender, "joined": Listing(tuple(joined))}
    ends: dict[int, Figure] = {}
    for year in (first, last):
        row = [figure for ally in both if (figure := facts.figure(edition, CONSTANT, ally, year)) is not None]
        if len(row) < len(both):
            return []
        label = say("{member} without {joined}, {year}", **values, year=Year(year))
        ends[year] = total(f"like_for_like.{spender.code}.{year}", row, label)
    values |= {"start": Year(first), "end": Year(last)}
    values["change"] = saying.moved(f"like_for_like.{spender.code}", spender, ends)
    text = say("{change} from {start} to {end} in constant prices, without {joined}", **values)
    return [Row(say("Like for like"), text)]
