"""Corrections by moderators: what they change, the fold of a log of them, and what is odd about one; pure.

Three things are never one: a value, a blank (NATO printed none, or it was taken out), and no correction at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from knowledge import rules
from knowledge.asking.problem import Problem
from knowledge.dates import PartialDate
from knowledge.facts import Cell, Facts, label_of
from knowledge.figure import Correction, Figure, Kind, Status, Unit
from knowledge.sentences import Listing, Sentence, Typed, Year, say
from knowledge.things import Edition, Measure, Member, Spender

EVERYWHERE = "everywhere"  # the scope of what every server sees; any other scope is a server's id
MARKS = ("", "e")
HIGHEST_SHARE = 25  # per cent of GDP; the largest ever printed is 5.33
FAR = 3  # times a neighbouring year: asked again beyond it
FAR_PARTS = 10  # the same for shares of spending, which jump


class Value(Struct, frozen=True):
    """What a cell holds, as a table prints it: a number and its mark; without a number, a blank."""

    number: Decimal | None
    mark: str = ""


class Change(Struct, frozen=True):
    """Of one cell: what a scope's corrections said of it and say now; None is no correction, which is no blank.

    `seen` is what a reader saw when it was proposed: this scope's, else that of the layer below. Where new figures
    take a correction back, it is what lies beneath by now, None where there is no such row any more.
    """

    cell: Cell
    old: Value | None
    new: Value | None
    seen: Value | None


class Revised(Protocol):
    """Of a revision, what a fold needs."""

    @property
    def scope(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def changes(self) -> tuple[Change, ...]: ...


def key_of(cell: Cell) -> str:
    """A cell as the log names it: figure|edition|measure|spender|year."""
    return "|".join(("figure", *map(str, cell)))


def cell_of(key: str) -> Cell:
    """ValueError if it names none."""
    kind, edition, measure, spender, year = key.split("|")
    if kind != "figure":
        raise ValueError(key)
    return edition, measure, spender, int(year)


def fold(revisions: Iterable[Revised]) -> dict[Cell, Correction]:
    """What the revisions of one scope come to, the oldest first: of each cell the last change, if it is a value."""
    found: dict[Cell, Correction] = {}
    for revision in revisions:
        for change in revision.changes:
            found.pop(change.cell, None)
            if change.new is not None:
                day = PartialDate(revision.at[:10])
                number, mark, server = change.new.number, change.new.mark, revision.scope != EVERYWHERE
                found[change.cell] = Correction(number, mark, day, revision.address, revision.n, server)
    return found


def layered(facts: Facts, cells: Mapping[Cell, Correction], version: str) -> Facts:
    """A snapshot under these corrections; those of rows that it does not have are left out."""
    known = {cell: one for cell, one in cells.items() if cell[:3] in facts.series}
    return facts.corrected(known, version) if known else facts


def value_in(facts: Facts, cell: Cell) -> Value | None:
    """What a reader of this snapshot finds in a cell; None where the edition has no such row."""
    series = facts.series.get(cell[:3])
    if series is None:
        return None
    return Value(series.values.get(cell[3]), series.marks.get(cell[3], ""))


def value_of(correction: Correction | None) -> Value | None:
    return None if correction is None else Value(correction.number, correction.mark)


def backwards(changes: Iterable[Change], now: Mapping[Cell, Value | None]) -> tuple[Change, ...]:
    """The changes that take these back; `now` is what a reader sees."""
    return tuple(Change(one.cell, one.new, one.old, now[one.cell]) for one in changes)


# -- other figures beneath ---------------------------------------------------------------------------


class Outcome(StrEnum):
    """What becomes of a correction when other figures are published."""

    KEPT = "kept"
    RETIRED = "retired"  # the figures say the same by now
    SET_ASIDE = "set aside"  # they say something else than when it was made: somebody has to look
    GONE = "gone"  # they have no such row any more


class Met(Struct, frozen=True):
    """A correction that other figures take back, and why; `correction` is what stood."""

    outcome: Outcome
    change: Change
    correction: Correction


def outcome_of(then: Value | None, now: Value | None, corrected: Value) -> Outcome:
    """By what lay beneath a correction when it was made and what lies there now, None where there is no such row."""
    if now is None:
        return Outcome.GONE
    if now == corrected:
        return Outcome.RETIRED
    return Outcome.KEPT if now == then else Outcome.SET_ASIDE


def outcome_told(change: Change) -> Outcome:
    """The same, of a change that took a correction back."""
    if change.seen is None:
        return Outcome.GONE
    return Outcome.RETIRED if change.seen == change.old else Outcome.SET_ASIDE


def printed(revisions: Iterable[Revised]) -> dict[Cell, Value | None]:
    """What the published figures said of each corrected cell, by the last revision that saw it.

    Takes the revisions of all scopes in the order they were written. Whoever changes a correction sees that alone,
    and who corrects for one server sees what is corrected for every server, where it is.
    """
    found: dict[Cell, Value | None] = {}
    everywhere = set[Cell]()
    for revision in revisions:
        for change in revision.changes:
            if revision.scope == EVERYWHERE:
                (everywhere.discard if change.new is None else everywhere.add)(change.cell)
            bare = revision.scope == EVERYWHERE or change.cell not in everywhere
            if bare and (change.old is None or revision.kind == "upgrade"):
                found[change.cell] = change.seen
    return found


def met(facts: Facts, revisions: Iterable[Revised]) -> dict[str, list[Met]]:
    """The live corrections of every scope that these published figures take back; the one for every server comes first.

    Takes the revisions of all scopes in the order they were written, under the figures that were published before.
    """
    written = list(revisions)
    of: dict[str, list[Revised]] = {EVERYWHERE: []}
    for revision in written:
        of.setdefault(revision.scope, []).append(revision)
    before, below = printed(written), fold(of[EVERYWHERE])
    kept = dict(below)
    found: dict[str, list[Met]] = {}
    for scope, own in of.items():
        for cell, one in (below if scope == EVERYWHERE else fold(own)).items():
            then, now = before.get(cell), value_in(facts, cell)
            if scope != EVERYWHERE and now is not None:
                then, now = value_of(below.get(cell)) or then, value_of(kept.get(cell)) or now
            corrected = Value(one.number, one.mark)
            outcome = outcome_of(then, now, corrected)
            if outcome is not Outcome.KEPT:
                found.setdefault(scope, []).append(Met(outcome, Change(cell, corrected, None, now), one))
                if scope == EVERYWHERE:
                    del kept[cell]
    return found


# -- what is typed -----------------------------------------------------------------------------------


def cell_meant(facts: Facts, edition: Edition, measure: Measure, spender: Spender, year: int) -> Cell:
    """The cell of an edition; Problem where it has no such row, or does not reach the year."""
    cell = (edition.id, measure.id, spender.code, year)
    if cell[:3] not in facts.series:
        told = say("The {edition} has no row of {measure} for {member} here, so there is nothing to correct.")
        raise Problem("no-row", told.filled(edition=edition, measure=measure, member=spender))
    if year not in facts.printed_years[edition.id, measure.id]:
        years = facts.printed_years[edition.id, measure.id]
        told = say("The {edition} prints this for {first} to {last}, not for {year}.")
        raise Problem(
            "no-year", told.filled(edition=edition, first=Year(years[0]), last=Year(years[-1]), year=Year(year))
        )
    return cell


def read_value(facts: Facts, cell: Cell, typed: str) -> Value:
    """What somebody typed: 2.01, 2,01%, 1 391, "1,391 e", or "blank"; Problem, with what was typed, if it is none.

    A number is in the unit of NATO's table, as value_in() has it.
    """
    text = typed.strip().removesuffix("%").strip()
    mark = ""
    for sign in ("(e)", "*", "e"):
        if text.casefold().endswith(sign):
            text, mark = text[: -len(sign)].strip(), "e"
            break
    if text.casefold() in ("blank", "..", "–", "-"):
        return Value(None)
    number = _number(text)
    if number is None:
        told = say("“{typed}” is no number. Write it as NATO's table does, for example 2.01, or 2.01e for an estimate.")
        raise Problem("no-number", told.filled(typed=Typed(typed)))
    measure = facts.measures[cell[1]]
    if number < 0 and measure.kind not in (Kind.PERCENT,):
        raise Problem("negative", say("“{typed}” is below zero, which this cannot be.", typed=Typed(typed)))
    if measure.kind is Kind.SHARE and number > HIGHEST_SHARE:
        told = say("“{typed}” is no share of GDP: the most an Ally ever spent is far below {most}.")
        raise Problem("too-high", told.filled(typed=Typed(typed), most=_share(HIGHEST_SHARE)))
    if measure.kind is Kind.SHARE_OF_SPENDING and number > 100:
        raise Problem("too-high", say("“{typed}” is more than the whole.", typed=Typed(typed)))
    return Value(number, mark)


def _number(text: str) -> Decimal | None:
    """A number with a point or a comma for decimals, thousands set off by the other sign or by spaces."""
    plain = "".join(text.split()).replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    plain = plain.replace("\N{MINUS SIGN}", "-")
    if "," in plain and "." in plain:
        thousands = "," if plain.rfind(",") < plain.rfind(".") else "."
        plain = plain.replace(thousands, "")
    elif plain.count(",") == 1 and len(plain.partition(",")[2]) != 3:
        plain = plain.replace(",", ".")
    else:
        plain = plain.replace(",", "")
    plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() and len(plain) <= 20 and "e" not in plain.casefold() else None


def _share(number: int) -> Figure:
    return Figure(f"limit.{number}", Decimal(number), Unit(Kind.SHARE, decimals=0), say(""))


def oddities(facts: Facts, cell: Cell, value: Value) -> list[Sentence]:
    """What makes one ask again before a value is taken; nothing where it looks like its neighbours."""
    edition, measure, spender = facts.editions[cell[0]], facts.measures[cell[1]], facts.spenders[cell[2]]
    year, told = cell[3], list[Sentence]()
    if value.number is None:
        return []
    shown = _shown(facts, cell, value)
    row = facts.row(edition, measure.id, spender)
    near = [figure for other, figure in row if other != year and abs(other - year) <= 1]
    times = FAR_PARTS if measure.kind is Kind.SHARE_OF_SPENDING else FAR
    if near and all(not _alike(shown, figure, times) for figure in near):
        text = say("The years beside it are {others}.")
        told.append(text.filled(others=Listing(tuple(near), "unit")))
    if year > edition.published.year - 1 and not value.mark and value_in(facts, cell) != value:
        marked = any(facts.mark(edition, measure.id, one, year).mark for one in facts.members.values())
        if marked:
            told.append(
                say("NATO marks {year} as an estimate; this is not marked (write an e behind it).", year=Year(year))
            )
    others = [
        other for other in facts.editions.values()
        if other.id != edition.id and other.tables and value_in(facts, (other.id, *cell[1:])) == value
    ]  # fmt: skip
    if others and value_in(facts, cell) != value:
        told.append(say("This is the figure of the {editions}.", editions=Listing(tuple(others))))
    if measure.id == "share" and isinstance(spender, Member):
        gdp, spent = (facts.figure(edition, one, spender, year) for one in rules.AMOUNTS)
        if spent is not None and gdp is not None:
            ratio = (spent.value / gdp.value * 100).quantize(Decimal("0.01"))
            if abs(ratio - value.number) > Decimal("0.05"):
                by = Figure(f"ratio.{spender.code}.{year}", ratio, Unit(Kind.SHARE), say(""))
                told.append(say("NATO's spending is {ratio} of NATO's GDP in current prices.", ratio=by))
    return told


def _alike(a: Figure, b: Figure, times: int) -> bool:
    low, high = sorted((abs(a.value), abs(b.value)))
    return low * times >= high


def _shown(facts: Facts, cell: Cell, value: Value) -> Figure:
    assert value.number is not None
    edition, measure, spender = facts.editions[cell[0]], facts.measures[cell[1]], facts.spenders[cell[2]]
    series = facts.series[cell[:3]]
    places = edition.decimals if measure.kind is Kind.SHARE else measure.decimals
    unit = Unit(
        measure.kind, series.currency or measure.currency, edition.price_base if measure.constant else "", places
    )
    status = Status.ESTIMATE if value.mark else Status.PUBLISHED
    number = value.number.scaleb(measure.scale)
    return Figure(f"shown.{key_of(cell)}", number, unit, label_of(measure, spender, cell[3]), status)


def value_in_words(facts: Facts, cell: Cell, value: Value | None) -> Sentence:
    """A value as a reader sees it, with its unit and mark; as it was typed where its row is held no longer."""
    if value is None or value.number is None:
        return say("blank")
    if cell[:3] not in facts.series:
        return say("{figure}", figure=f"{value.number:f}{value.mark}")
    figure = _shown(facts, cell, value)
    return say("{figure} (estimate)", figure=figure) if value.mark else say("{figure}", figure=figure)


def change_in_words(facts: Facts, change: Change) -> Sentence:
    """ "share of GDP, Slovenia, 2026: 1.61% → 2.01% (2026 edition)"."""
    new = change.new
    text = say("{label}: {before} → {after} ({edition})")
    if new is None:
        text = say("{label}: {before} → what NATO prints ({edition})")
    return text.filled(
        label=_label(facts, change.cell),
        before=value_in_words(facts, change.cell, change.seen),
        after=value_in_words(facts, change.cell, new),
        edition=_edition(facts, change.cell),
    )


def upgrade_in_words(facts: Facts, change: Change) -> Sentence:
    """What other figures made of a correction that they took back."""
    text = {
        Outcome.RETIRED: say("{label}: the correction is retired, since the figure itself is {now} now ({edition})"),
        Outcome.SET_ASIDE: say(
            "{label}: the correction to {before} is set aside, since the figure itself is {now} now ({edition})"
        ),
        Outcome.GONE: say(
            "{label}: the correction to {before} is gone, since there is no such row any more ({edition})"
        ),
    }[outcome_told(change)]
    return text.filled(
        label=_label(facts, change.cell),
        before=value_in_words(facts, change.cell, change.old),
        now=value_in_words(facts, change.cell, change.seen),
        edition=_edition(facts, change.cell),
    )


def cell_in_words(facts: Facts, cell: Cell) -> Sentence:
    """ "Share of GDP, Slovenia, 2026 (2026 edition)"."""
    return say("{label} ({edition})", label=_label(facts, cell), edition=_edition(facts, cell))


def _label(facts: Facts, cell: Cell) -> Sentence:
    """What a cell is of; what is held no longer by its key."""
    _, measure, code, year = cell
    if measure in facts.measures and code in facts.spenders:
        return label_of(facts.measures[measure], facts.spenders[code], year)
    return say("{measure}, {member}, {year}", measure=measure, member=code, year=Year(year))


def _edition(facts: Facts, cell: Cell) -> object:
    return facts.editions.get(cell[0], cell[0])
