"""One cell in one edition: its figure there, whether two of them are alike, and what the later made of the earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from knowledge import rules
from knowledge.arithmetic import as_printed, revision, to_nearest
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Read
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Break, Edition, Measure, Rule, Spender

COMPARED_AT = 2  # decimals, those of NATO's tables


class Reading(Struct, frozen=True):
    """What one edition prints for the cell; `figure` has the edition in its name, since one answer holds several.

    `apart` is what the edition does otherwise in this row and year, such as measuring against income.
    """

    edition: Edition
    figure: Figure
    estimate: bool
    apart: tuple[Break, ...]
    cell: str
    of: Mapping[str, object]  # measure, member and year, to name the cell by

    def hides(self, level: Figure) -> bool:
        """Whether its one decimal may have been rounded up to the level."""
        return self.edition.decimals < COMPARED_AT and self.figure.value == level.value

    def alike(self, other: Reading) -> bool:
        """Whether both are the same quantity, printed alike; a new definition is named and not held against it."""
        return self.apart == other.apart and self.figure.unit == other.figure.unit

    def change(self, after: Reading) -> Figure:
        """What a later edition made of it."""
        label = say("what the {after} made of the {before}, {measure}, {member}, {year}")
        label = label.filled(after=after.edition, before=self.edition, **self.of)
        return revision(f"revision.{self.cell}.{self.edition.id}.{after.edition.id}", self.figure, after.figure, label)

    def why_not(self, after: Reading) -> Sentence:
        """Why no difference of two readings has a meaning."""
        a, b = self.figure.unit, after.figure.unit
        if a.currency != b.currency:
            return say("in different currencies, so no change is computed")
        if a.prices != b.prices:
            return say("in prices of different years, so no change is computed")
        if self.apart != after.apart:
            return say("not measured alike, so no change is computed")
        return say("printed to different decimals, so no change is computed")


def reading(facts: Facts, edition: Edition, measure: Measure, spender: Spender, year: int) -> Reading | None:
    """The cell as an edition prints it; some are held with more digits, which are no change of theirs."""
    figure = facts.figure(edition, measure.id, spender, year)
    if figure is None:
        return None
    of = {"measure": measure.name, "member": spender, "year": Year(year)}
    label = say("{measure}, {member}, {year}, {edition}", **of, edition=edition)
    named = figure.named(f"{figure.name}@{edition.id}", label)
    if measure.step is None:
        shown = as_printed(named)
    else:
        unit = figure.unit.to(-measure.step.adjusted())
        label = say("how finely NATO prints the {measure}", measure=measure.name)
        shown = to_nearest(replace(named, unit=unit), Figure(f"step.{measure.id}", measure.step, unit, label))
    apart = (one for one in rules.breaks(facts, edition, measure, spender, year, year) if not one.joined)
    estimate = bool(facts.mark(edition, measure.id, spender, year).mark)
    return Reading(edition, shown, estimate, tuple(apart), figure.name, of)


def redefined(measure: Measure, before: Edition, after: Edition) -> bool:
    return measure.about == "spending" and before.definition != after.definition


def levels(facts: Facts, measure: Measure, year: int) -> list[Rule]:
    """The adopted rules whose level a share of this year is held against: the goal, and the floor beside it."""
    found = (rules.main_rule(facts, year), rules.floor_rule(facts, year)) if measure.kind is Kind.SHARE else ()
    return [rule for rule in found if rule is not None]


def differences(measure: Measure, editions: Sequence[Edition]) -> list[Sentence]:
    """Where these editions, oldest first, do not count alike: the definition, and the base year of constant prices."""
    told = []
    of_prices = measure.constant or (measure.about == "spending" and measure.kind in (Kind.SHARE, Kind.PERCENT))
    for a, b in pairwise(editions):
        values = {"before": a, "after": b}
        if redefined(measure, a, b):
            text = say(
                "The {before} counts {old}, the {after} {new}. Which part of a change is due to the new definition is not published."
            )
            told.append(text.filled(**values, old=a.definition, new=b.definition))
        if a.price_base != b.price_base and of_prices:
            text = say("The {before} works with prices of {old}, the {after} with prices of {new}.")
            told.append(text.filled(**values, old=Year(int(a.price_base)), new=Year(int(b.price_base))))
    return told


def how_held(facts: Facts, subject: Subject, editions: Sequence[Edition]) -> list[Sentence]:
    """How far was looked, and which of these editions are held as the press printed them."""
    told = []
    if len(subject.known) < len(facts.editions):
        told.append(say("Only what was published up to the {edition} is compared.", edition=subject.edition))
    if pressed := tuple(e for e in editions if e.source.read is Read.QUOTED):
        text = say("Held as the press printed it, not from NATO's tables: the {editions}.")
        told.append(text.filled(editions=Listing(pressed)))
    if coarse := tuple(e for e in editions if e.decimals < COMPARED_AT):
        text = say("The {editions} has one decimal, which can hide a value just below a level.")
        told.append(text.filled(editions=Listing(coarse)))
    return told
