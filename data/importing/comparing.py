"""What was recognised in a file, held against the editions: what is equal, new, another, blank, doubtful or wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from msgspec import Struct, field

from data.importing.cells import letters, where
from data.importing.evidence import Evidence, Value, agrees, evidence, held, places_printed, spans
from data.importing.limits import REMARKS
from data.importing.recognised import Block, Observation, Recognised
from data.importing.saying import MEASURES
from knowledge.corrections import FAR, HIGHEST_SHARE, far_off
from knowledge.facts import Facts
from knowledge.figure import Kind
from knowledge.names import plain
from knowledge.things import Edition, Measure, Member

_EDITION = re.compile(r"(?:edition|ausgabe)\D{0,20}((?:19|20)\d\d)\b|\b((?:19|20)\d\d)\s+(?:edition|ausgabe)")
TWO = 2  # places, to which a held figure is shown beside a finer one
SAID = 4  # places at most, of a number in a sentence: a spreadsheet's floats have more
TOLD = 5  # of a kind, one by one


class Different(Struct, frozen=True):
    """A figure that is another than the one held; both in the unit NATO prints."""

    measure: str
    member: str
    year: int
    held: Decimal
    found: Decimal
    where: str
    mark: str = ""


class New(Struct, frozen=True):
    """A figure of the edition's years that the edition is not held to have."""

    measure: str
    member: str
    year: int
    found: Decimal
    mark: str
    where: str
    currency: tuple[str, ...] = ()  # that can be meant, if the table says one


class Blank(Struct, frozen=True):
    """A blank, which proposes nothing; `held` is what stands in the edition, None where that is blank too."""

    measure: str
    member: str
    year: int
    held: Decimal | None
    where: str


Why = Literal["no-ally", "unknown", "no-forces", "error", "unfilled", "text"]


class Left(Struct, frozen=True):
    """What is not taken, and why: one of `Why`."""

    what: str
    why: Why
    sentence: str
    where: str


class Refusal(Struct, frozen=True):
    code: str
    sentence: str


class Comparison(Struct, frozen=True):
    """A file as it stands to what is held. `edition` is None where nothing decides it."""

    edition: str | None
    found: Evidence
    cells: int
    equal: int
    new: tuple[New, ...] = ()
    different: tuple[Different, ...] = ()
    blank: tuple[Blank, ...] = ()
    left_out: tuple[Left, ...] = ()
    questions: tuple[str, ...] = ()
    refused: Refusal | None = None
    remarks: tuple[str, ...] = field(default=())


class Reading(Struct, frozen=True):
    """How a block is taken: its measure, and the power of ten of its numbers; None for the unit NATO prints."""

    measure: str
    scale: int | None = None


def compare(
    facts: Facts, recognised: Recognised, *, edition: str | None = None, years_named: Sequence[int] = ()
) -> Comparison:
    """A file held against the editions; `edition` if somebody said which, `years_named` by the name of the file."""
    return _Comparing(facts, recognised, edition, years_named).done()


class _Comparing:
    def __init__(self, facts: Facts, recognised: Recognised, edition: str | None, years_named: Sequence[int]) -> None:
        self.facts = facts
        self.recognised = recognised
        self.given = edition
        self.questions: list[str] = []
        self.remarks: list[str] = [f"{recognised.form}."]
        self.left: list[Left] = []
        self.refusals: list[Refusal] = []
        self.slipped: set[tuple[str, str, int]] = set()  # figures that another of the file contradicts
        self.places_beside: dict[tuple[str, str, int], int] = {}  # of a blank, those of its table
        self.most_places = _most_places(recognised.observations)
        self.cells_of: list[list[int]] = [[] for _ in recognised.blocks]
        for n, cell in enumerate(recognised.observations):
            self.cells_of[cell.block].append(n)
        self.named = self._named()
        self.year = self._year_of_all(years_named)
        self.readings = {b: self._reading(b, self.year) for b, cells in enumerate(self.cells_of) if cells}

    # -- what is measured, and when --------------------------------------------------------------------

    def _year_of_all(self, named: Sequence[int]) -> int | None:
        """The year of a table that names none: the one whose figures agree best, of those its name says if it says any."""
        without = [cell for cell in self.recognised.observations if cell.year is None]
        if not without:
            return None
        held_years = sorted({year for _, _, years in self._held() for year in years}, reverse=True)
        best, most = None, 0
        for year in named or held_years:
            count = sum(
                max((self._fits(b, r, year)[0] for r in self._possible(b)), default=0)
                for b, cells in enumerate(self.cells_of)
                if cells
            )
            if count > most:
                best, most = year, count
        if best is None:
            self.refusals.append(Refusal("no-year", "No year stands in the table. Write it into the heading."))
            return None
        said = "the file's name says" if best in named else "the figures are those of"
        self.questions.append(f"No year stands in the table; {said} {best}. Is it {best}?")
        return best

    def _held(self) -> Iterable[tuple[str, str, Iterable[int]]]:
        return ((e, m, years) for (e, m), years in self.facts.printed_years.items())

    def _possible(self, block: int) -> list[Reading]:
        """The ways to take a block that its words leave open."""
        said = self.recognised.blocks[block]
        scales = {self.recognised.observations[n].scale for n in self.cells_of[block]} - {None}
        found = []
        for measure in said.measures:
            if measure not in self.facts.measures:
                continue
            found.append(Reading(measure))
            if not scales and self.facts.measures[measure].scale:
                found += [
                    Reading(measure, scale) for scale in (0, 3, 6, 9) if scale != self.facts.measures[measure].scale
                ]
        return found

    def _reading(self, block: int, year: int | None) -> Reading | None:
        """The way to take a block: the one its words say, else the one whose figures are held most."""
        possible = self._possible(block)
        if not possible:
            self.remarks.append(f"Nothing is held of “{self.recognised.blocks[block].words}”.")
            return None
        fits = {reading: self._fits(block, reading, year) for reading in possible}
        best = max(possible, key=lambda reading: fits[reading])
        said = self.recognised.blocks[block]
        agreeing, there = fits[best]
        name = self.facts.measures[best.measure].name
        if len(said.measures) > 1:
            constant = {self.facts.measures[m].constant for m in said.measures}
            same = {MEASURES[m][0] for m in said.measures if m in MEASURES}
            if constant == {True, False} and len(same) <= 1:
                which = "constant" if self.facts.measures[best.measure].constant else "current"
                told = self.questions if self.named is None or agreeing < there else self.remarks
                told.append(
                    f"Nothing says whether “{said.words}” is in current or constant prices: the figures are those in "
                    f"{which} prices ({agreeing} of {there}). Please confirm."
                )
            elif there and agreeing == there:
                self.remarks.append(f"Nothing says what is measured: all {there} figures are those of {name}.")
            else:
                self.questions.append(
                    f"Nothing says what “{said.words}” measures: {agreeing} of {there} figures are those of {name}. Is it that?"
                )
        if best.scale is not None:
            unit = {0: "units", 3: "thousands", 6: "millions", 9: "billions"}[best.scale]
            self.questions.append(f"Nothing says the scale of “{said.words}”: the figures are held if it is {unit}.")
        return best

    def _fits(self, block: int, reading: Reading, year: int | None) -> tuple[int, int]:
        """Of the cells of a block that any edition holds, taken so, how many agree with one; and how many are held."""
        agreeing = there = 0
        for n in self.cells_of[block]:
            found = self._value(n, reading, year)
            if found is None:
                continue
            values = {e: v for e in self.facts.editions if (v := held(self.facts, e, found.key)) is not None}
            there += bool(values)
            agreeing += any(agrees(self.facts, e, found, value) for e, value in values.items())
        return agreeing, there

    def _value(self, n: int, reading: Reading, year: int | None) -> Value | None:
        """An observation in the unit NATO prints its measure in."""
        cell = self.recognised.observations[n]
        when = cell.year if cell.year is not None else year
        if not cell.value or when is None:
            return None
        measure = self.facts.measures[reading.measure]
        value, places = Decimal(cell.value), cell.places
        most = self.most_places[cell.block]
        scale = cell.scale if cell.scale is not None else reading.scale
        if scale is not None and measure.kind in (Kind.MONEY, Kind.PEOPLE):
            shift = scale - measure.scale
            value, places, most = value.scaleb(shift), places - shift, most - shift
        printed = max(places_printed(measure, e) for e in self.facts.editions.values())
        places = max(places, min(most, printed))
        base = self.recognised.blocks[cell.block].base
        return Value(reading.measure, cell.spender, when, value, places, n, base, cell.currency)

    # -- the whole -------------------------------------------------------------------------------------

    def done(self) -> Comparison:
        values = [
            v
            for n, cell in enumerate(self.recognised.observations)
            if (reading := self.readings.get(cell.block)) is not None
            and (v := self._value(n, reading, self.year)) is not None
        ]
        values, repeated = _once(values)
        several = {key for key, count in Counter(v.key for v in values).items() if count > 1}
        if repeated:
            self.remarks.append(f"{repeated} figures stand there twice, each time the same.")
        cells = len(values)
        self._describe(values)
        self.remarks += self.recognised.remarks
        kept = [v for v in values if not self._has_no_figure(v)]
        single = [v for v in kept if v.key not in several]
        found = evidence(self.facts, single)
        self._leave_out()
        if self.given is None and found.split:
            self._refuse_several(found, single)
        chosen = self.given or (found.edition if not self.refusals else None)
        if chosen is None:
            if not self.refusals:
                self._ask_for_an_edition(found)
            return self._made(None, found, cells, 0)
        edition = self.facts.editions[chosen]
        self._tell_evidence(edition, found)
        if self.given is not None:
            self._check_given(edition, found, single)
        self.remarks += [
            why for e, told in found.ruled_out.items() if e != chosen for why in told if " here and in " in why
        ]
        self._ask_which(edition, [v for v in kept if v.key in several])
        self._check_shares(edition, {v.key: v for v in single})
        different, new, equal = self._sorted(edition, single)
        blanks = self._blanks(edition)
        self._check_numbers(edition, single, different, new)
        self._check_sums(edition, single, {(d.measure, d.year) for d in different} | {(n.measure, n.year) for n in new})
        self._check_claims(single)
        return self._made(chosen, found, cells, equal, new, different, blanks)

    def _made(
        self, edition: str | None, found: Evidence, cells: int, equal: int,
        new: Sequence[New] = (), different: Sequence[Different] = (), blank: Sequence[Blank] | None = None,
    ) -> Comparison:  # fmt: skip
        return Comparison(
            edition,
            found,
            cells,
            equal,
            tuple(new),
            tuple(different),
            tuple(self._blanks(None) if blank is None else blank),
            tuple(self.left[:REMARKS]),
            tuple(dict.fromkeys(self.questions[:REMARKS])),
            self.refusals[0] if self.refusals else None,
            tuple(dict.fromkeys(self.remarks[:REMARKS])),
        )

    def _describe(self, values: Sequence[Value]) -> None:
        """What the file holds: measures, years, rows."""
        marks = {v.key: self.recognised.observations[v.cell].mark for v in values}
        for measure in dict.fromkeys(v.measure for v in values):
            of = [v for v in values if v.measure == measure]
            years = sorted({v.year for v in of})
            last = "e" if all(marks[v.key] for v in of if v.year == years[-1]) else ""
            span = f"{years[0]}{last}" if len(years) == 1 else f"{years[0]} to {years[-1]}{last}"
            columns = sorted({self.recognised.observations[v.cell].column for v in of})
            stand = f", column{'s' * (len(columns) > 1)} {spans(columns, self._column_name(of[0]))}"
            rows = len({v.spender for v in of})
            name = self.facts.measures[measure].name
            self.remarks.append(f"{name[0].upper()}{name[1:]}: {span}, {rows} rows{stand}, {len(of)} figures.")
        odd = [cell for cell in self.recognised.observations if cell.note == "style"]
        if odd:
            first = odd[0]
            more = f" and {len(odd) - 1} others" if len(odd) > 1 else ""
            self.remarks.append(
                f"{self._where(first)}: “{first.written}”{more} is written otherwise than the table and read as {_plain(Decimal(first.value))}."
            )

    def _tell_evidence(self, edition: Edition, found: Evidence) -> None:
        ranked = sorted(found.counts.items(), key=lambda item: -item[1].agreeing)
        parts = [f"{told.agreeing} of {told.telling} with the {self.facts.editions[e].name}" for e, told in ranked[:3]]
        if parts:
            self.remarks.append(f"Figures in which editions differ agree: {', '.join(parts)}.")
        named = self.named
        if named is None:
            self.remarks.append("The file names no edition.")
        elif edition.id not in named:
            names = " or ".join(self.facts.editions[e].name for e in named)
            self.questions.append(
                f"The file calls itself the {names}, and its figures are the {edition.name}'s. Which is it?"
            )

    def _named(self) -> tuple[str, ...] | None:
        """The editions that the words of the file can mean, if they name one."""
        for block in self.recognised.blocks:
            if found := _EDITION.search(plain(block.words)):
                year = found[1] or found[2]
                of = [e.id for e in self.facts.editions.values() if e.id == year or str(e.published.year) == year]
                return tuple(of) or None
        return None

    # -- what is left out, refused or asked ------------------------------------------------------------

    def _has_no_figure(self, found: Value) -> bool:
        """Whether somebody without armed forces is given spending, be it a zero."""
        spender = self.facts.spenders[found.spender]
        if not isinstance(spender, Member) or spender.armed_forces or not self.facts.measures[found.measure].forces:
            return False
        cell = self.recognised.observations[found.cell]
        sentence = f"{spender.name} has no armed forces, so NATO prints no figure: “{cell.written}” is none."
        self.left.append(Left(spender.name, "no-forces", sentence, self._where(cell)))
        return True

    def _leave_out(self) -> None:
        for row in self.recognised.left_out:
            place = where(row.sheet, row.row, row.column)
            if row.why == "no-ally":
                sentence = f"{row.name} is no Ally: the row was left out."
            else:
                sentence = f"“{row.label}” is nobody NATO has a row of: the row was left out."
                if near := self._near(row.label):
                    self.questions.append(f"{place}: “{row.label}” is no Ally. Is {near} meant? Write it so.")
            self.left.append(Left(row.label, row.why, sentence, place))
        for cell in self.recognised.unread:
            reading = self.readings.get(cell.block) or next(iter(self._possible(cell.block)), None)
            place = where(self.recognised.blocks[cell.block].sheet, cell.row, cell.column)
            who = self.facts.spenders[cell.spender].name
            what = self.facts.measures[reading.measure].name if reading is not None else "figure"
            told = {
                "error": f"holds the error {cell.written}, which is no figure.",
                "unfilled": "holds a formula whose result is not stored. Open the file in a spreadsheet program and save it.",
                "text": f"holds “{cell.written}”, which is no number.",
            }[cell.why]
            sentence = f"{place}, {who}, {what}, {cell.year or ''}: it {told}".replace(", :", ":")
            self.left.append(Left(who, cell.why, sentence, place))
            self.questions.append(sentence)

    def _near(self, label: str) -> str:
        from rapidfuzz import fuzz, process

        names = {s.name: s.name for s in self.facts.spenders.values()}
        best = process.extractOne(label, names, scorer=fuzz.ratio, score_cutoff=75)
        return best[0] if best is not None else ""

    def _refuse_several(self, found: Evidence, values: Sequence[Value]) -> None:
        parts = [f"{part.words} are those of the {self.facts.editions[part.edition].name}" for part in found.split]
        if found.edition is not None:
            parts.insert(0, f"the other figures are those of the {self.facts.editions[found.edition].name}")
        told = "; ".join(parts)
        example = self._leap(found, values)
        sentence = (
            f"Two editions in one table: {told}. Figures of two editions are never joined: split the file.{example}"
        )
        self.refusals.append(Refusal("two-editions", sentence))

    def _leap(self, found: Evidence, values: Sequence[Value]) -> str:
        """What joining two editions would make of one row: the largest leap that is none."""
        by_key = {v.key: v for v in values}
        largest, told = Decimal(1), ""
        for before, after in pairwise(found.split):
            last, first = before.of[-1], after.of[0]
            for v in values:
                then = by_key.get((v.measure, v.spender, last)) if isinstance(last, int) else None
                own = held(self.facts, after.edition, then.key) if then is not None else None
                if v.year != first or then is None or not own or not then.value:
                    continue
                leap = max(own / then.value, then.value / own)
                if leap > largest:
                    edition = self.facts.editions[after.edition]
                    largest, told = (
                        leap,
                        (
                            f" {self.facts.spenders[v.spender].name} would go from {self._say(then)} in {last} to "
                            f"{self._say(v)} in {first}; the {edition.name} has {self._stands(edition, then.measure, own)} for {last}."
                        ),
                    )
        return told

    def _ask_for_an_edition(self, found: Evidence) -> None:
        ranked = sorted(found.counts.items(), key=lambda item: -item[1].agreeing)[:3]
        told = ", ".join(f"{t.agreeing} of {t.telling} for the {self.facts.editions[e].name}" for e, t in ranked)
        if ranked and ranked[0][0] in found.ruled_out:
            self.remarks += found.ruled_out[ranked[0][0]]
        because = (
            f"of the figures in which editions differ, {told}" if told else "no two editions differ in its figures"
        )
        self.questions.append(
            f"Nothing decides of which edition this is: {because}. Name the edition, or it is one that is not held."
        )

    def _check_given(self, edition: Edition, found: Evidence, values: Sequence[Value]) -> None:
        if found.split:
            self._refuse_several(found, values)
        elif found.edition is not None and found.edition != edition.id:
            told = found.counts[found.edition]
            self.questions.append(
                f"{told.agreeing} of {told.telling} figures in which editions differ are those of the "
                f"{self.facts.editions[found.edition].name}, not of the {edition.name}. Is the {edition.name} meant?"
            )
        if edition.id in found.ruled_out:
            self.refusals.append(Refusal("not-that-edition", found.ruled_out[edition.id][0]))

    def _ask_which(self, edition: Edition, values: Sequence[Value]) -> None:
        """Several values for one cell: nothing is chosen."""
        for key in dict.fromkeys(v.key for v in values):
            of = [v for v in values if v.key == key]
            stands = held(self.facts, edition.id, key)
            parts = []
            for v in of:
                same = stands is not None and agrees(self.facts, edition.id, v, stands)
                parts.append(f"{self._say(v)} in {self._where_of(v)}{f' (the {edition.name} has it)' if same else ''}")
            self.questions.append(
                f"{self._name(of[0])} stands there {len(of)} times: {' and '.join(parts)}. Which is meant?"
            )

    # -- each figure -----------------------------------------------------------------------------------

    def _sorted(self, edition: Edition, values: Sequence[Value]) -> tuple[list[Different], list[New], int]:
        different, new, equal, marks = [], [], 0, 0
        for v in values:
            cell = self.recognised.observations[v.cell]
            stands = held(self.facts, edition.id, v.key)
            if stands is None:
                self._look_at_new(edition, v)
                place = self._where_of(v)
                new.append(New(v.measure, v.spender, v.year, v.value, cell.mark, place, v.currency))
            else:
                series = self.facts.series[edition.id, v.measure, v.spender]
                marks += cell.year is not None and cell.mark != ("e" if series.marks.get(v.year) == "e" else "")
                if not agrees(self.facts, edition.id, v, stands):
                    place, mark = self._where_of(v), series.marks.get(v.year, "") if cell.year is None else cell.mark
                    different.append(Different(v.measure, v.spender, v.year, stands, v.value, place, mark))
                    self._look_at_different(edition, v, cell, stands)
                    continue
                equal += 1
                if cell.note == "text":
                    self.remarks.append(f"{self._where_of(v)}: “{cell.written}” is text and read as {self._say(v)}.")
        if marks:
            self.remarks.append(f"{marks} figures are marked otherwise as estimates than in the {edition.name}.")
        return different, new, equal

    def _look_at_new(self, edition: Edition, v: Value) -> None:
        covered = self.facts.covered(edition, v.measure, v.year)
        printed = self.facts.printed_years.get((edition.id, v.measure), ())
        if covered is not None and covered.held == "whole" and v.spender not in covered.but:
            self.questions.append(
                f"{self._name(v)} is blank in the {edition.name}, and {self._say(v)} here. Is it to be filled?"
            )
        elif v.year in printed and not self.recognised.observations[v.cell].mark and self._estimated(edition, v):
            self.questions.append(
                f"{self._name(v)}: the {edition.name} marks that year as an estimate. Is {self._say(v)} one?"
            )

    def _estimated(self, edition: Edition, v: Value) -> bool:
        rows = [s for (e, m, _), s in self.facts.series.items() if (e, m) == (edition.id, v.measure)]
        return any(series.marks.get(v.year) == "e" for series in rows)

    def _look_at_different(self, edition: Edition, v: Value, cell: Observation, stands: Decimal) -> None:
        was = self._stands(edition, v.measure, stands, v.places)
        others = [
            e
            for e in self.facts.editions.values()
            if e is not edition
            and (value := held(self.facts, e.id, v.key)) is not None
            and agrees(self.facts, e.id, v, value)
        ]
        if v.key in self.slipped:
            return
        if cell.note == "text":
            self.questions.append(
                f"{self._where_of(v)}, {self._name(v)}: “{cell.written}” is text, read as {self._say(v)}; the {edition.name} has {was}. Change it?"
            )
        elif others:
            self.questions.append(
                f"{self._name(v)}: {self._say(v)} is the {others[0].name}'s figure, and the {edition.name} has {was}. "
                "Two editions are never joined: which is meant?"
            )
        elif v.places < places_printed(self.facts.measures[v.measure], edition):
            self.questions.append(
                f"{self._name(v)}: {self._say(v)} is coarser than {was} of the {edition.name}. Change it?"
            )

    def _blanks(self, edition: Edition | None) -> list[Blank]:
        blanks = {}
        for cell in self.recognised.observations:
            reading = self.readings.get(cell.block)
            year = cell.year if cell.year is not None else self.year
            if cell.value or reading is None or year is None:
                continue
            key = (reading.measure, cell.spender, year)
            stands = held(self.facts, edition.id, key) if edition is not None else None
            blanks[key] = Blank(*key, stands, self._where(cell))
            self.places_beside[key] = min(self.most_places.get(cell.block, 0), 1)
        if edition is not None:
            self._tell_blanks(edition, list(blanks.values()))
        return list(blanks.values())

    def _tell_blanks(self, edition: Edition, blanks: Sequence[Blank]) -> None:
        """Which blanks have a figure in the edition, and which are NATO's own."""
        filled = [b for b in blanks if b.held is not None]
        for b in filled[:TOLD]:
            name = f"{self.facts.spenders[b.member].name}, {self.facts.measures[b.measure].name}, {b.year}"
            beside = self.places_beside[b.measure, b.member, b.year]
            stands = self._stands(edition, b.measure, b.held or Decimal(0), beside)
            self.remarks.append(
                f"{name}, is blank here and {stands} in the {edition.name}: a blank is no 0 and removes nothing."
            )
        if len(filled) > TOLD:
            self.remarks.append(
                f"{len(filled) - TOLD} more are blank here and have a figure in the {edition.name}: nothing is removed."
            )
        both: dict[tuple[str, int], list[str]] = {}
        for b in blanks:
            spender = self.facts.spenders[b.member]
            if b.held is not None:
                continue
            if isinstance(spender, Member) and not spender.armed_forces:
                self.remarks.append(f"{spender.name} has no armed forces and so no figure; its blank was kept.")
            else:
                both.setdefault((b.measure, b.year), []).append(spender.name)
        for (measure, year), names in both.items():
            name = self.facts.measures[measure].name
            covered = self.facts.covered(edition, measure, year)
            why = "as NATO left it" if covered is not None and covered.held == "whole" else "and nothing is held of it"
            self.remarks.append(f"{', '.join(names)}, {name}, {year}: blank here, {why}.")

    # -- checks ----------------------------------------------------------------------------------------

    def _check_numbers(
        self, edition: Edition, values: Sequence[Value], different: Sequence[Different], new: Sequence[New]
    ) -> None:
        by_key = {v.key: v for v in values}
        touched = {(d.measure, d.member, d.year) for d in different} | {(n.measure, n.member, n.year) for n in new}
        touched -= self.slipped
        for v in values:
            if v.key not in touched:
                continue
            measure = self.facts.measures[v.measure]
            if v.measure == "share" and not 0 <= v.value <= HIGHEST_SHARE:
                self._refuse("share-out-of-range", v, f"a share of GDP is between 0 and {HIGHEST_SHARE}%")
            elif v.value < 0 and measure.kind in (Kind.MONEY, Kind.PEOPLE):
                self._refuse("negative", v, "an amount is not below 0")
            elif measure.kind is Kind.SHARE_OF_SPENDING and not 0 <= v.value <= 100:
                self._refuse("share-out-of-range", v, "a part of spending is between 0 and 100%")
            else:
                self._ask_about_neighbours(edition, v, by_key)

    def _refuse(self, code: str, v: Value, rule: str) -> None:
        sentence = f"{self._where_of(v)}, {self._name(v)}: {rule}, and {self._say(v)} stands there."
        self.refusals.append(Refusal(code, sentence[0].upper() + sentence[1:]))

    def _ask_about_neighbours(self, edition: Edition, v: Value, by_key: Mapping[tuple[str, str, int], Value]) -> None:
        around = []
        for year in (v.year - 1, v.year + 1):
            near = by_key.get((v.measure, v.spender, year))
            value = near.value if near is not None else held(self.facts, edition.id, (v.measure, v.spender, year))
            if value:
                around.append(value)
        what = self.facts.measures[v.measure]
        if far_off(what, v.value, around):
            near_by = " and ".join(_said(what, n) for n in around)
            self.questions.append(f"{self._name(v)}: {self._say(v)}, and the years beside it have {near_by}. Is it so?")

    def _check_shares(self, edition: Edition, by_key: Mapping[tuple[str, str, int], Value]) -> None:
        """An amount and a share of one row that cannot both be: one has slipped by a digit."""
        for (measure, spender, year), v in by_key.items():
            share = by_key.get(("share", spender, year))
            stands = held(self.facts, edition.id, v.key)
            printed = held(self.facts, edition.id, ("share", spender, year))
            if measure != "spending_usd" or share is None or not stands or not printed or not share.value:
                continue
            off = (v.value / stands) / (share.value / printed)
            if off > FAR or off * FAR < 1:
                times = f"{off:.0f} times" if off > 1 else f"a {1 / off:.0f}th of"
                sentence = (
                    f"{self._name(v)}: {self._say(v)} at {self._say(share)} of GDP is {times} the {edition.name}'s "
                    f"{self._stands(edition, measure, stands)}, whose share is the same. A digit slipped: correct the file."
                )
                self.refusals.append(Refusal("contradiction", sentence))
                self.slipped.add(v.key)

    def _check_sums(self, edition: Edition, values: Sequence[Value], touched: set[tuple[str, int]]) -> None:
        """Whether the rows of an amount sum to its totals; asked only where a figure is another than the held one."""
        by_key = {v.key: v for v in values}
        fine: dict[str, list[tuple[int, Decimal, Decimal]]] = {}
        beside: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for v in values:
            if v.spender not in self.facts.aggregates or not self.facts.measures[v.measure].adds_up:
                continue
            outside: list[str] = []
            parts: list[Decimal] = []
            filled, unknown = 0, False
            for member in self.facts.members.values():
                if not member.armed_forces and self.facts.measures[v.measure].forces:
                    continue
                if v.spender == "NATO_EUR_CAN" and member.code == "USA":
                    continue
                mine = by_key.get((v.measure, member.code, v.year))
                value = (
                    mine.value if mine is not None else held(self.facts, edition.id, (v.measure, member.code, v.year))
                )
                if member.accession.year > v.year:
                    if mine is not None:
                        outside.append(member.name)
                elif value is None:
                    unknown = True
                else:
                    parts.append(value)
                    filled += mine is None
            if unknown or filled > 3:
                continue
            total = sum(parts, Decimal(0))
            coarse = Decimal(1).scaleb(-min(w.places for w in values if w.measure == v.measure)) / 2
            if abs(total - v.value) > coarse * (len(parts) + 1):
                if (v.measure, v.year) not in touched:
                    continue  # NATO prints it so
                self.questions.append(
                    f"{self._name(v)}: its members sum to {self._stands(edition, v.measure, total)}, and {self._say(v)} stands there. Which is right?"
                )
            elif outside:
                beside.setdefault((v.measure, tuple(outside)), []).append(v.year)
            else:
                fine.setdefault(v.measure, []).append((v.year, total, v.value))
        for measure, sums in fine.items():
            year, total, value = max(sums)
            what = self.facts.measures[measure]
            total_said, value_said = (self._stands(edition, measure, n) for n in (total, value))
            told = f"in {year} the members sum to {total_said} and the total is {value_said}"
            self.remarks.append(f"Sums of {what.name} hold within rounding for {spans(y for y, _, _ in sums)}: {told}.")
        for (measure, names), years in beside.items():
            which = listed(names)
            self.remarks.append(
                f"Sums of {self.facts.measures[measure].name}, {spans(years)}: the rows exceed the total by {which}, then no members, so this is no error."
            )

    def _check_claims(self, values: Sequence[Value]) -> None:
        """A column of yes and no is held against the shares of the file, and not imported."""
        shares = {(v.spender, v.year): v.value for v in values if v.measure == "share"}
        right = wrong = 0
        for claim in self.recognised.claims:
            share = shares.get((claim.spender, claim.year or self.year or 0))
            if share is None:
                continue
            if (share >= Decimal(claim.level)) == claim.yes:
                right += 1
                continue
            wrong += 1
            self.questions.append(
                f"{where(claim.sheet, claim.row, claim.column)}, {self.facts.spenders[claim.spender].name}: "
                f"“{'yes' if claim.yes else 'no'}” at {claim.level}%, and the share is {_plain(share)}%. Which is right?"
            )
        if right or wrong:
            level = self.recognised.claims[0].level
            self.remarks.append(
                f"The column of yes and no at {level}% agrees with the shares in {right} of {right + wrong} rows; it is not imported."
            )

    # -- words -----------------------------------------------------------------------------------------

    def _name(self, v: Value) -> str:
        name = self.facts.spenders[v.spender].name
        return f"{name}, {self.facts.measures[v.measure].name}, {v.year}"

    def _say(self, v: Value) -> str:
        return _said(self.facts.measures[v.measure], v.value)

    def _stands(self, edition: Edition, measure: str, value: Decimal, places: int = 0) -> str:
        """A held value as the edition prints it, or to the places written beside it."""
        what = self.facts.measures[measure]
        places = max(places_printed(what, edition), min(places, TWO))
        return _said(what, value.quantize(Decimal(1).scaleb(-places)))

    def _column_name(self, v: Value) -> Callable[[int], str]:
        """How columns are called where a figure stands: by letters in a workbook, else by numbers."""
        return letters if self.recognised.blocks[self.recognised.observations[v.cell].block].sheet else str

    def _where_of(self, v: Value) -> str:
        return self._where(self.recognised.observations[v.cell])

    def _where(self, cell: Observation) -> str:
        block: Block = self.recognised.blocks[cell.block]
        return where(block.sheet, cell.row, cell.column)


def years_in_name(name: str) -> tuple[int, ...]:
    """The years that the name of a file says."""
    return tuple(sorted({int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", name)}))


def _most_places(cells: Sequence[Observation]) -> Mapping[int, int]:
    """Of each block the most places that its numbers are written to: a spreadsheet writes 2.00 as 2."""
    most: dict[int, int] = {}
    for cell in cells:
        if cell.value:
            most[cell.block] = max(most.get(cell.block, 0), cell.places)
    return most


def _once(values: Iterable[Value]) -> tuple[list[Value], int]:
    """The values without those that stand there again, and how many these are."""
    found: dict[tuple[str, str, int, Decimal], Value] = {}
    repeated = 0
    for v in values:
        key = (*v.key, v.value)
        repeated += key in found
        found.setdefault(key, v)
    return list(found.values()), repeated


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _plain(value: Decimal) -> str:
    if int(value.as_tuple().exponent) < -SAID:
        value = value.quantize(Decimal(1).scaleb(-SAID))
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _said(measure: Measure, value: Decimal) -> str:
    """A value in the unit NATO prints, with that unit."""
    if measure.kind is Kind.MONEY:
        return _plain(value) + {6: " million", 3: " thousand"}.get(measure.scale, "")
    if measure.kind is Kind.PEOPLE:
        return f"{_plain(value)} thousand"
    return f"{_plain(value)}%"
