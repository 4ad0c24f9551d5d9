"""Which edition a table is of: decided by the cells in which editions differ, and never guessed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import takewhile

from msgspec import Struct

from knowledge.facts import Facts
from knowledge.things import Edition, Measure

FEWEST = 10  # cells that tell editions apart, to name one
MISSES = 2  # of them that may speak against it
OF = 20  # and one in so many
Key = tuple[str, str, int]  # measure, spender, year


class Value(Struct, frozen=True):
    """A figure of a file in the unit NATO prints it in, and the places it is written to; both may be coarse."""

    measure: str
    spender: str
    year: int
    value: Decimal
    places: int
    cell: int  # its place among the observations
    base: str = ""
    currency: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return (self.measure, self.spender, self.year)


class Telling(Struct, frozen=True):
    """Of the cells in which editions differ from one another or from the file, how many one holds and agrees with."""

    agreeing: int
    telling: int


class Part(Struct, frozen=True):
    """A part of a table that is of another edition than the rest: its years, measures or Allies."""

    words: str
    edition: str
    of: tuple[Hashable, ...]


class Evidence(Struct, frozen=True):
    """What was found: `edition` if one is decided, else None; `split` if the table is of several."""

    edition: str | None
    counts: Mapping[str, Telling]
    ruled_out: Mapping[str, Sequence[str]]  # edition → why, in sentences
    split: Sequence[Part] = ()


def places_printed(measure: Measure, edition: Edition) -> int:
    """The places behind the point to which an edition prints a measure, in the unit it prints it in."""
    if measure.step is not None:
        return measure.scale - measure.step.adjusted()
    return edition.decimals if measure.id == "share" else measure.decimals


def held(facts: Facts, edition: str, key: Key) -> Decimal | None:
    measure, spender, year = key
    series = facts.series.get((edition, measure, spender))
    return series.values.get(year) if series is not None else None


def agrees(facts: Facts, edition: str, found: Value, value: Decimal) -> bool:
    """Whether a figure is the held one, at the coarser precision of the two."""
    printed = places_printed(facts.measures[found.measure], facts.editions[edition])
    own = -int(value.normalize().as_tuple().exponent)
    places = min(found.places, max(own, printed))
    return abs(value - found.value) * 2 <= Decimal(1).scaleb(-places)


def evidence(facts: Facts, values: Sequence[Value]) -> Evidence:
    """The edition of which these values are, with what speaks for and against each."""
    outcomes: list[dict[str, bool]] = []
    telling: list[bool] = []
    for found in values:
        here = {e: value for e in facts.editions if (value := held(facts, e, found.key)) is not None}
        agreeing = {e: agrees(facts, e, found, value) for e, value in here.items()}
        outcomes.append(agreeing)
        apart = max(here.values()) - min(here.values()) if here else Decimal(0)
        differ = len(set(agreeing.values())) == 2
        against = bool(here) and not any(agreeing.values())  # the only one that has it, even
        telling.append(differ or against or apart > Decimal(1).scaleb(-found.places))
    counts = {}
    for e in facts.editions:
        told = [outcome[e] for outcome, tells in zip(outcomes, telling, strict=True) if tells and e in outcome]
        if told:
            counts[e] = Telling(sum(told), len(told))
    ruled_out = {e: why for e in facts.editions if (why := _contradictions(facts, facts.editions[e], values))}
    passing = [e for e, told in counts.items() if e not in ruled_out and _passes(told)]
    passing.sort(key=lambda e: -counts[e].agreeing)
    decided = None
    if passing and (len(passing) == 1 or counts[passing[0]].agreeing - counts[passing[1]].agreeing >= FEWEST):
        decided = passing[0]
    return Evidence(decided, counts, ruled_out, _split(facts, values, outcomes, decided))


def _passes(told: Telling) -> bool:
    misses = told.telling - told.agreeing
    return told.telling >= FEWEST and misses <= MISSES and misses * OF <= told.telling


def _contradictions(facts: Facts, edition: Edition, values: Iterable[Value]) -> Sequence[str]:
    """Why values cannot be of an edition, whatever their numbers: its years, its prices, its currencies."""
    found: dict[str, str] = {}
    for v in values:
        if not edition.first <= v.year <= edition.last:
            found.setdefault("year", f"The {edition.name} has no year {v.year}.")
        if v.base and facts.measures[v.measure].constant and v.base != edition.price_base:
            here = f"the table those of {v.base}"
            found.setdefault("prices", f"The {edition.name} has constant prices of {edition.price_base}, {here}.")
        series = facts.series.get((edition.id, v.measure, v.spender))
        if v.currency and series is not None and series.currency and series.currency not in v.currency:
            name = facts.spenders[v.spender].name
            theirs = " or ".join(facts.currencies[code].name for code in v.currency)
            ours = facts.currencies[series.currency].name
            told = f"{name} is in {theirs} here and in {ours} in the {edition.name}, so this is not of that edition."
            found.setdefault("currency", told)
    return list(found.values())


def _split(
    facts: Facts, values: Sequence[Value], outcomes: Sequence[Mapping[str, bool]], decided: str | None
) -> Sequence[Part]:
    """What is of which edition, if a table is of several: its years, else its measures, else its Allies."""
    keys: list[tuple[Callable[[Value], Hashable], Callable[[list[Hashable]], str]]] = [
        (lambda v: v.year, lambda years: spans([y for y in years if isinstance(y, int)])),
        (lambda v: v.measure, lambda ids: ", ".join(facts.measures[str(m)].name for m in ids)),
        (lambda v: v.spender, lambda codes: ", ".join(facts.spenders[str(c)].name for c in codes)),
    ]
    if decided is not None:  # beside its own figures, others that it does not hold and another edition does
        theirs = [n for n, outcome in enumerate(outcomes) if decided not in outcome]
        values, outcomes = [values[n] for n in theirs], [outcomes[n] for n in theirs]
        key, words = keys[1]
        groups = _groups(values, outcomes, key)
        told = [(g, best) for g, cells in groups.items() if (best := _of(cells)) and len(cells) >= FEWEST]
        return [Part(words([g]), min(best), (g,)) for g, best in told]
    for key, words in keys:
        groups = _groups(values, outcomes, key)
        fitting = {g: _of(cells) for g, cells in groups.items() if len(cells) >= 3}
        if len(fitting) < 2 or not all(fitting.values()) or set.intersection(*fitting.values()):
            continue
        if sum(len(groups[g]) for g in fitting) < FEWEST:
            continue
        order = sorted(fitting, key=str)
        assigned = []
        while order:  # few editions explain all, each a run of years where it can
            runs = {e: _run([(g, fitting[g]) for g in order], e) for e in facts.editions}
            longest = max(runs, key=lambda e: (len(runs[e]), facts.editions[e].last in runs[e][-1:]))
            assigned.append(Part(words(runs[longest]), longest, tuple(runs[longest])))
            order = order[len(runs[longest]) :]
        return assigned
    return ()


def _run(order: Iterable[tuple[Hashable, set[str]]], edition: str) -> list[Hashable]:
    """From the first on, those that can all be of an edition."""
    return [g for g, _ in takewhile(lambda pair: edition in pair[1], order)]


def _groups(
    values: Sequence[Value], outcomes: Sequence[Mapping[str, bool]], key: Callable[[Value], Hashable]
) -> dict[Hashable, list[Mapping[str, bool]]]:
    groups: dict[Hashable, list[Mapping[str, bool]]] = {}
    for found, outcome in zip(values, outcomes, strict=True):
        groups.setdefault(key(found), []).append(outcome)
    return groups


def _of(cells: Sequence[Mapping[str, bool]]) -> set[str]:
    """The editions of which all these cells can be: they hold nearly all of them, and agree."""
    found = set()
    for e in {e for outcome in cells for e in outcome}:
        there = [outcome[e] for outcome in cells if e in outcome]
        misses = len(there) - sum(there)
        if len(there) * 5 >= len(cells) * 4 and misses <= MISSES and misses * OF <= len(there):
            found.add(e)
    return found


def spans(numbers: Iterable[int], name: Callable[[int], str] = str) -> str:
    """Years or columns as a reader says them: 2014–2020, 2024."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(name(run[0]) if len(run) == 1 else f"{name(run[0])}–{name(run[-1])}" for run in runs)
