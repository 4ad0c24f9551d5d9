"""Corrections by moderators: what they change, the fold of a log of them, and what is odd about one; pure.

Three things are never one: a value, a blank (NATO printed none, or it was taken out), and no correction at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct, field

from knowledge import rules
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.resolve import resolve
from knowledge.dates import PartialDate
from knowledge.facts import Cell, Facts, label_of
from knowledge.figure import Correction, Figure, Kind, Status, Unit
from knowledge.sentences import Listing, Sentence, Typed, Year, say
from knowledge.things import Edition, Group, Measure, Member, Spender

EVERYWHERE = "everywhere"  # the scope of what every server sees; any other scope is a server's id
MARKS = ("", "e")
HIGHEST_SHARE = 25  # per cent of GDP; the largest ever printed is 5.33
LEAST_REASON, MOST_REASON, MOST_ADDRESS = 5, 300, 300  # characters
FAR = 3  # times a neighbouring year: asked again beyond it
FAR_PARTS = 10  # the same for shares of spending, which jump
_ADDRESS = re.compile(r"https?://[^\s/@]+\.[^\s/@]+(/\S*)?")


class Value(Struct, frozen=True):
    """What a cell holds, as a table prints it: a number and its mark; without a number, a blank."""

    number: Decimal | None
    mark: str = ""


Entry = tuple[str, str]  # of a whole row: its kind, as "pledge" or "edition", and its id


class Row(Struct, frozen=True):
    """A whole row that somebody entered, in the layout of the seed tables."""

    json: str


class EntryMade(Struct, frozen=True):
    """A row that stands, since when, in which revision, and whether for one server alone."""

    row: Row
    day: PartialDate
    revision: int
    server: bool


Key = Cell | Entry
Stated = Value | Row  # of a cell, or of a whole row
Base = Mapping[Any, Stated | None]  # by key, what a reader would see without the scope's own revisions


class Change(Struct, frozen=True):
    """Of one cell or row: what a scope's corrections said of it and say now; None is no correction, which is no blank.

    `seen` is what a reader saw when it was proposed: this scope's, else that of the layer below. Where new figures
    take it back, it is what lies beneath by now.
    """

    key: Key
    old: Stated | None
    new: Stated | None
    seen: Stated | None


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


def as_text(key: Key) -> str:
    """A key as the log names it: figure|edition|measure|spender|year, or the kind of a row and its id."""
    return "|".join(key) if len(key) == 2 else "|".join(("figure", *map(str, key)))


def key_of(text: str) -> Key:
    """ValueError if it names nothing."""
    kind, _, rest = text.partition("|")
    if kind != "figure":
        return kind, rest
    edition, measure, spender, year = rest.split("|")
    return edition, measure, spender, int(year)


class Fold(Struct, frozen=True):
    """What the revisions of one scope come to: corrected cells, entered rows, and the figures of entered editions."""

    cells: Mapping[Cell, Correction] = field(default_factory=dict)
    entries: Mapping[Entry, EntryMade] = field(default_factory=dict)
    printed: Mapping[Cell, Value] = field(default_factory=dict)

    def get(self, key: Key) -> Stated | None:
        """What stands there by this scope's revisions; None where the layer below speaks."""
        if len(key) == 2:
            return self.entries[key].row if key in self.entries else None
        return value_of(self.cells.get(key)) or self.printed.get(key)

    def __bool__(self) -> bool:
        return bool(self.cells or self.entries)


class Trial(Struct, frozen=True):
    """Changes as if they had been approved, to see what would come of them."""

    scope: str
    changes: tuple[Change, ...]
    at: str
    n: int = 0
    address: str = ""
    kind: str = "trial"


def fold(revisions: Iterable[Revised], start: Fold | None = None) -> Fold:
    """What stands after the revisions of one scope, the oldest first: of each cell and row the last change.

    Figures that came with their edition are what that edition prints, and go with it; only what was changed later is a
    correction.
    """
    start = start if start is not None else Fold()
    cells, entries, printed = dict(start.cells), dict(start.entries), dict(start.printed)
    for revision in revisions:
        day, server = PartialDate(revision.at[:10]), revision.scope != EVERYWHERE
        begun = _begun(revision)
        for key, new in _news(revision):
            if len(key) == 2:
                entries.pop(key, None)
                if isinstance(new, Row):
                    entries[key] = EntryMade(new, day, revision.n, server)
                continue
            cells.pop(key, None)
            if not isinstance(new, Value):
                printed.pop(key, None)
            elif key[0] in begun:
                printed[key] = new
            elif printed.get(key) != new:
                cells[key] = Correction(new.number, new.mark, day, revision.address, revision.n, server)
    return Fold(cells, entries, {cell: value for cell, value in printed.items() if ("edition", cell[0]) in entries})


def _begun(revision: Revised) -> set[str]:
    """The editions that a revision enters."""
    return {key[1] for key, new in _news(revision) if len(key) == 2 and key[0] == "edition" and new is not None}


def _news(revision: Revised) -> Iterable[tuple[Key, Stated | None]]:
    return ((change.key, change.new) for change in revision.changes)


def layered(facts: Facts, cells: Mapping[Cell, Correction], version: str) -> Facts:
    """A snapshot under these corrections; those that it has no place for are left out."""
    known = {cell: one for cell, one in cells.items() if has_place(facts, cell)}
    return facts.corrected(known, version) if known else facts


def has_place(facts: Facts, cell: Cell) -> bool:
    """Whether a figure can stand in a cell: its row is there, or can be begun."""
    edition, measure, spender, _ = cell
    if cell[:3] in facts.series:
        return True
    known = edition in facts.editions and measure in facts.measures and spender in facts.spenders
    return known and not facts.measures[measure].national


def value_in(facts: Facts, cell: Cell) -> Value | None:
    """What a reader of this snapshot finds in a cell; None where the edition has no such row."""
    series = facts.series.get(cell[:3])
    if series is None:
        return None
    return Value(series.values.get(cell[3]), series.marks.get(cell[3], ""))


def value_of(correction: Correction | None) -> Value | None:
    return None if correction is None else Value(correction.number, correction.mark)


def backwards(changes: Iterable[Change], now: Base) -> tuple[Change, ...]:
    """The changes that take these back; `now` is what a reader sees."""
    return tuple(Change(one.key, one.new, one.old, now[one.key]) for one in changes)


# -- other figures beneath ---------------------------------------------------------------------------


class Outcome(StrEnum):
    """What becomes of a correction, or of an entered row, when other figures are published."""

    KEPT = "kept"
    RETIRED = "retired"  # the figures say the same by now
    SET_ASIDE = "set aside"  # they say something else than when it was made: somebody has to look
    GONE = "gone"  # they have no place for it any more


class Met(Struct, frozen=True):
    """What other figures take back, and why; `revision` is the one that made it."""

    outcome: Outcome
    change: Change
    revision: int


def outcome_of(then: Value | None, now: Value | None, corrected: Value, *, placed: bool = True) -> Outcome:
    """By what lay beneath a correction when it was made and what lies there now; None where there is no such row.

    `placed` says whether a figure can stand there at all.
    """
    if not placed:
        return Outcome.GONE
    if now == corrected:
        return Outcome.RETIRED
    return Outcome.KEPT if now == then else Outcome.SET_ASIDE


def lay_beneath(revisions: Iterable[Revised]) -> dict[Cell, Value | None]:
    """What the published figures said of each corrected cell, by the last revision that saw it.

    Takes the revisions of all scopes in the order they were written. Whoever changes a correction sees that alone,
    and who corrects for one server sees what is corrected for every server, where it is.
    """
    found: dict[Cell, Value | None] = {}
    everywhere = set[Cell]()
    for revision in revisions:
        begun = _begun(revision)
        for change in revision.changes:
            cell, seen = change.key, change.seen
            if len(cell) == 2 or isinstance(seen, Row):
                continue
            if revision.scope == EVERYWHERE:
                (everywhere.discard if change.new is None else everywhere.add)(cell)
            bare = revision.scope == EVERYWHERE or cell not in everywhere
            if cell[0] in begun and isinstance(change.new, Value):
                found[cell] = change.new
            elif bare and (change.old is None or revision.kind == "upgrade"):
                found[cell] = seen
    return found


def met(
    facts: Facts, revisions: Iterable[Revised],
    lost: Callable[[Fold, Fold], Mapping[Entry, Outcome]] = lambda own, below: {},
) -> dict[str, list[Met]]:  # fmt: skip
    """What these published figures take back of what stands in each scope; the one for every server comes first.

    Takes the revisions of all scopes in the order they were written. `lost` says of the rows that a scope entered, over
    those entered for every server, which ones go.
    """
    written = list(revisions)
    of: dict[str, list[Revised]] = {EVERYWHERE: []}
    for revision in written:
        of.setdefault(revision.scope, []).append(revision)
    before, below = lay_beneath(written), fold(of[EVERYWHERE])
    kept: dict[Cell, Value] = {}  # what every server sees by corrections that stand
    editions = set[str]()  # entered ones that stand
    found: dict[str, list[Met]] = {}
    for scope, own in ((scope, below if scope == EVERYWHERE else fold(made)) for scope, made in of.items()):
        mine = list[Met]()
        gone = lost(own, below if scope != EVERYWHERE else Fold()) if own.entries else {}
        for entry, outcome in gone.items():
            row = own.entries[entry].row
            seen = row if outcome is Outcome.RETIRED else None
            mine.append(Met(outcome, Change(entry, row, None, seen), own.entries[entry].revision))
        stays = editions | {key[1] for key in own.entries if key[0] == "edition" and key not in gone}
        for cell in {**own.printed, **own.cells}:
            value, entered = own.get(cell), own.printed.get(cell)
            assert isinstance(value, Value)
            then, now = entered if entered is not None else before.get(cell), value_in(facts, cell)
            if scope != EVERYWHERE:
                last = below.get(cell)
                then, now = last if isinstance(last, Value) else then, kept.get(cell, now)
            if entered is not None and cell[0] in stays:
                now = entered
            outcome = Outcome.KEPT
            if cell in own.cells or cell[0] not in stays:
                outcome = outcome_of(then, now, value, placed=has_place(facts, cell) or cell[0] in stays)
            if outcome is not Outcome.KEPT:
                made = own.cells[cell].revision if cell in own.cells else own.entries["edition", cell[0]].revision
                mine.append(Met(outcome, Change(cell, value, None, now), made))
            elif scope == EVERYWHERE:
                kept[cell] = value
        if scope == EVERYWHERE:
            editions = stays
        if mine:
            found[scope] = mine
    return found


# -- what is typed -----------------------------------------------------------------------------------


def is_address(text: str) -> bool:
    """Whether a text is a web address: with a host, and without a user's name in it."""
    return _ADDRESS.fullmatch(text) is not None and len(text) <= MOST_ADDRESS


def cell_asked(facts: Facts, member: str, year: str, measure: str | None, edition: str | None) -> Cell:
    """The cell that somebody names: an Ally's or a total's, of one year and one edition; Problem where there is none.

    Without a measure it is the share of GDP, without an edition the newest one's.
    """
    asked = Question("spending", member=member, year=None, measure=measure or "share", edition=edition)
    try:
        subject = resolve(facts, asked)
    except Problem as problem:
        raise Problem(problem.code, problem.sentence) from None  # what it offers to ask corrects nothing
    if isinstance(subject.spender, Group) and subject.spender.code not in facts.aggregates:
        raise Problem("a-sum", say("This group is summed here from its Allies. Correct an Ally's figure."))
    assert subject.measure is not None
    if not re.fullmatch(r"\d{4}", year.strip()):
        raise Problem("bad-year", say("“{typed}” is no year. Write one, such as 2026.", typed=Typed(year.strip())))
    return cell_meant(facts, subject.edition, subject.measure, subject.spender, int(year))


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
    if far_off(measure, shown.value, (figure.value for figure in near)):
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
                told.append(say("By NATO's amounts in current prices, spending is {ratio} of GDP.", ratio=by))
    return told


def far_off(measure: Measure, value: Decimal, around: Iterable[Decimal]) -> bool:
    """Whether a value lies so far above or below each year beside it that one asks whether it is so."""
    if measure.kind is Kind.PERCENT:
        return False  # a change may be anything
    times, beside = FAR_PARTS if measure.kind is Kind.SHARE_OF_SPENDING else FAR, [one for one in around if one]
    return bool(beside) and (all(value > one * times for one in beside) or all(value * times < one for one in beside))


def _shown(facts: Facts, cell: Cell, value: Value) -> Figure:
    assert value.number is not None
    edition, measure, spender = facts.editions[cell[0]], facts.measures[cell[1]], facts.spenders[cell[2]]
    series = facts.series.get(cell[:3])
    places = edition.decimals if measure.kind is Kind.SHARE else measure.decimals
    currency = series.currency if series is not None else ""
    unit = Unit(measure.kind, currency or measure.currency, edition.price_base if measure.constant else "", places)
    status = Status.ESTIMATE if value.mark else Status.PUBLISHED
    number = value.number.scaleb(measure.scale)
    return Figure(f"shown.{as_text(cell)}", number, unit, label_of(measure, spender, cell[3]), status)


def value_in_words(facts: Facts, cell: Cell, value: Stated | None) -> Sentence:
    """A value as a reader sees it, with its unit and mark; as it was typed where its row is held no longer."""
    if not isinstance(value, Value) or value.number is None:
        return say("blank")
    if not has_place(facts, cell):
        return say("{figure}", figure=f"{value.number:f}{value.mark}")
    figure = _shown(facts, cell, value)
    return say("{figure} (estimate)", figure=figure) if value.mark else say("{figure}", figure=figure)


def change_in_words(facts: Facts, change: Change) -> Sentence:
    """ "share of GDP, Slovenia, 2026: 1.61% → 2.01% (2026 edition)", or what row is added or taken out."""
    key, new = change.key, change.new
    if len(key) == 2:
        named = _named(facts, change)
        return named if new is not None else say("{row}: taken out", row=named)
    text = say("{label}: {before} → {after} ({edition})")
    if new is None:
        text = say("{label}: {before} → what NATO prints ({edition})")
    return text.filled(
        label=_label(facts, key),
        before=say("not held here") if _unheld(facts, key, change.seen) else value_in_words(facts, key, change.seen),
        after=value_in_words(facts, key, new),
        edition=facts.editions.get(key[0], key[0]),
    )


def _unheld(facts: Facts, cell: Cell, seen: Stated | None) -> bool:
    """Whether nothing was seen in a cell because what NATO prints there is not held, rather than left blank."""
    if isinstance(seen, Value) and seen.number is not None:
        return False
    edition = facts.editions.get(cell[0])
    row = facts.covered(edition, cell[1], cell[3]) if edition is not None else None
    return edition is not None and (row is None or row.held != "whole" or cell[2] in row.but)


def upgrade_in_words(facts: Facts, change: Change) -> Sentence:
    """What other figures made of a correction or an entered row that they took back."""
    key, retired = change.key, change.seen is not None and change.seen == change.old
    if len(key) == 2:
        text = say("{row}: the entry is set aside, since the figures changed beneath it")
        if retired:
            text = say("{row}: the entry is retired, since the figures hold it themselves now")
        return text.filled(row=_named(facts, change))
    text = say("{label}: the correction to {before} is set aside, since the figure itself is {now} now ({edition})")
    if retired:
        text = say("{label}: the correction is retired, since the figure itself is {now} now ({edition})")
    elif change.seen is None:
        text = say("{label}: the correction to {before} is set aside, since there is no such row any more ({edition})")
    return text.filled(
        label=_label(facts, key),
        before=value_in_words(facts, key, change.old),
        now=value_in_words(facts, key, change.seen),
        edition=facts.editions.get(key[0], key[0]),
    )


def key_in_words(facts: Facts, change: Change) -> Sentence:
    """ "Share of GDP, Slovenia, 2026 (2026 edition)", or the row that is meant."""
    key = change.key
    if len(key) == 2:
        return _named(facts, change)
    return say("{label} ({edition})", label=_label(facts, key), edition=facts.editions.get(key[0], key[0]))


def _named(facts: Facts, change: Change) -> Sentence:
    row = change.new if change.new is not None else change.old
    return _row_in_words(facts, change.key[0], json.loads(row.json)) if isinstance(row, Row) else say("a row")


def _label(facts: Facts, cell: Cell) -> Sentence:
    """What a cell is of; what is held no longer by its key."""
    _, measure, code, year = cell
    if measure in facts.measures and code in facts.spenders:
        return label_of(facts.measures[measure], facts.spenders[code], year)
    return say("{measure}, {member}, {year}", measure=measure, member=code, year=Year(year))


def in_place(facts: Facts, change: Change) -> bool:
    """Whether it can be told in words: a whole row, or a figure of an edition that is there."""
    return len(change.key) == 2 or has_place(facts, change.key)


def _row_in_words(facts: Facts, kind: str, row: Mapping[str, Any]) -> Sentence:
    match kind:
        case "edition":
            told = say("{name}, a whole edition, published {day}: {title}")
            name, title = Typed(row["name"]), Typed(row["title"])
            return told.filled(name=name, day=PartialDate(row["published"]), title=title)
        case "pledge":
            return say(
                "Pledge of {member}: {what}",
                member=facts.members.get(row["member"], row["member"]),
                what=Typed(row["summary"]),
            )
        case "summit":
            return say("Meeting: {name}, {day}", name=Typed(row["name"]), day=PartialDate(row["start"]))
        case "definition":
            return say("Definition of “{term}”: {what}", term=Typed(row["term"]), what=Typed(row["definition"]))
        case "series":  # heads figures, and says nothing by itself
            return say("a row")
        case "rule":
            return say("Rule: {name}. {what}", name=Typed(row["name"]), what=Typed(row["summary"]))
    return say("Source: {title}", title=Typed(row["title"]))
