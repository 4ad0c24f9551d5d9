"""What a table that was read would change: figures of an edition that is held, or a whole new edition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.checks import Breach, breaches_of, newly_broken
from data.entered import row_of, with_entries
from data.importing.comparing import Comparison, Different, New, compare
from data.importing.limits import REMARKS, Refused
from data.importing.recognised import Recognised
from data.seeds import SeedError
from knowledge.corrections import (
    EVERYWHERE,
    Change,
    EntryMade,
    Row,
    Trial,
    Value,
    fold,
    has_place,
    is_address,
    layered,
    value_in,
)
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.things import Edition

MOST_PLACES = Decimal("0.00000001")  # a spreadsheet's floats have more, which say nothing
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Announced(Struct, frozen=True):
    """What somebody says of a new edition; what is left empty is as the edition before has it, or as the table says."""

    id: str
    published: str
    address: str
    title: str = ""
    price_base: str = ""


class Proposed(Struct, frozen=True):
    """A table as it compares, and what it would change; nothing if it is refused or its edition is not known."""

    comparison: Comparison
    changes: tuple[Change, ...] = ()
    new: Facts | None = None  # with the edition begun, if it is a new one


def proposed(
    facts: Facts, found: Recognised, *, edition: str | None = None, years_named: tuple[int, ...] = ()
) -> Proposed:
    """The new and different figures of a table, as changes of the edition it is of."""
    told = compare(facts, found, edition=edition, years_named=years_named)
    if told.refused is not None or told.edition is None:
        return Proposed(told)
    changes = []
    others: tuple[Different | New, ...] = (*told.different, *told.new)
    for one in others:
        cell = (told.edition, one.measure, one.member, one.year)
        if has_place(facts, cell):
            changes.append(Change(cell, None, Value(_tidy(one.found), one.mark), value_in(facts, cell)))
    stands = fold([Trial(EVERYWHERE, tuple(changes), date.today().isoformat())])
    broken = newly_broken(facts, layered(facts, stands.cells, facts.version), (told.edition,))
    questions = [*told.questions, *(f"{_breach(facts, one)} Is it so in the source?" for one in broken)]
    return Proposed(replace(told, questions=tuple(questions[:REMARKS])), tuple(changes))


def proposed_edition(facts: Facts, found: Recognised, announced: Announced) -> Proposed:
    """A whole edition out of a table, through the same row model and identities as the build.

    Refused if what was said of it cannot be.
    """
    try:
        row = _edition_row(facts, found, announced)
    except SeedError as error:
        raise Refused("bad-edition", str(error)) from None
    key = ("edition", announced.id)
    begun = with_entries(facts, {key: EntryMade(row, PartialDate(announced.published), 0, server=False)}, {})
    told = compare(begun, found, edition=announced.id)
    if told.refused is not None or not told.new:
        return Proposed(told, new=begun)
    changes = [Change(key, None, row, None), *_currencies(facts, announced.id, told.new)]
    for one in told.new:
        cell = (announced.id, one.measure, one.member, one.year)
        changes.append(Change(cell, None, Value(_tidy(one.found), one.mark), None))
    stands = fold([Trial(EVERYWHERE, tuple(changes), announced.published)])
    after = with_entries(facts, stands.entries, stands.printed)
    questions = [*told.questions, *_odd_currencies(facts, told.new), *_broken(facts, after, announced.id)]
    remarks = [_described(facts, begun.editions[announced.id]), *told.remarks]
    told = replace(told, questions=tuple(questions[:REMARKS]), remarks=tuple(remarks[:REMARKS]))
    return Proposed(told, tuple(changes), begun)


def _edition_row(facts: Facts, found: Recognised, announced: Announced) -> Row:
    """SeedError, in a sentence, if what was said of it cannot be."""
    if not _ID.fullmatch(announced.id):
        raise SeedError(f"“{announced.id}” is no id of an edition. Write small letters, digits and hyphens, as 2027.")
    if announced.id in facts.editions:
        name = facts.editions[announced.id].name
        raise SeedError(f"The {name} is held already. Import the table without --new-edition to correct it.")
    try:
        day = PartialDate(announced.published)
    except ValueError:
        raise SeedError(f"“{announced.published}” is no day. Write it as 2027-07-10.") from None
    if day.first > date.today():
        raise SeedError(f"“{announced.published}” is still to come: an edition has been published.")
    if not is_address(announced.address):
        raise SeedError(
            f"“{announced.address}” is no web address. Say where NATO published it, beginning with https://."
        )
    years = sorted({cell.year for cell in found.observations if cell.year is not None and cell.value})
    if not years:
        raise SeedError("No year stands in the table, so no edition can be made of it.")
    bases = {block.base for block in found.blocks if block.base}
    base = announced.price_base or (bases.pop() if len(bases) == 1 else "")
    if not base or bases - {base}:
        several = f" ({', '.join(sorted(bases | {base} - {''}))})" if bases else ""
        raise SeedError(f"The table does not say of which year its constant prices are{several}. Say it with --prices.")
    before = _before(facts, day)
    title = announced.title or f"Defence expenditure of NATO countries ({years[0]}-{years[-1]}), tables"
    return row_of(
        "edition",
        {
            "id": announced.id, "name": f"{announced.id} edition", "tables": "yes", "first": years[0],
            "last": years[-1], "title": title, "publisher": "NATO", "published": announced.published, "cut_off": "",
            "price_base": base, "definition": before.definition, "decimals": before.decimals,
            "held": "the tables that were entered here", "address": announced.address, "said_by": "nato",
            "read": "excerpt",
        },
    )  # fmt: skip


def _before(facts: Facts, day: PartialDate) -> Edition:
    """The last edition of tables that was published by a day; of what is older than all, the oldest."""
    tables = [edition for edition in facts.editions.values() if edition.tables]
    return next((edition for edition in tables if edition.published.last <= day.first), tables[-1])


def _described(facts: Facts, edition: Edition) -> str:
    before = _before(facts, edition.published)
    return (
        f"{edition.name}, published {edition.published.text}: {edition.first} to {edition.last}, constant prices of "
        f"{edition.price_base}. It is taken to count {edition.definition}, as the {before.name} does."
    )


def _currencies(facts: Facts, edition: str, new: Iterable[New]) -> Iterator[Change]:
    """The currency of each row of money of an Ally's own: the one the table says, else the Ally's of today."""
    for measure, member in dict.fromkeys((n.measure, n.member) for n in new if facts.measures[n.measure].national):
        said = next((n.currency for n in new if (n.measure, n.member) == (measure, member) and n.currency), ())
        own = facts.members[member].currency if member in facts.members else ""
        currency = own if not said or own in said else said[0]
        row = row_of("series", {"edition": edition, "measure": measure, "member": member, "currency": currency})
        yield Change(("series", f"{edition}/{measure}/{member}"), None, row, None)


def _odd_currencies(facts: Facts, new: Iterable[New]) -> Iterator[str]:
    for member in dict.fromkeys(n.member for n in new if n.currency and n.member in facts.members):
        said = next(n.currency for n in new if n.member == member and n.currency)
        own = facts.members[member].currency
        if own not in said:
            theirs, ours = facts.currencies[said[0]].name, facts.currencies[own].name
            yield f"{facts.members[member].name} is in {theirs} here and has the {ours} now. Is the edition that old?"
    unsaid = {n.member for n in new if facts.measures[n.measure].national and not n.currency}
    if unsaid:
        yield f"No currency stands beside {len(unsaid)} Allies: each is taken to be in its own of today. Is it so?"


def _broken(facts: Facts, after: Facts, edition: str) -> Iterator[str]:
    """The identities that do not hold in the new edition, but for those that the newest one breaks just so."""
    known = {(one[0], one[2]) for one in breaches_of(facts, facts.newest)}
    again = 0
    for one in breaches_of(after, after.editions[edition]):
        if (one[0], one[2]) in known:
            again += 1
            continue
        yield f"{_breach(after, one)} Is it so in the source?"
    if again:
        yield f"{again} cells break an identity as the same rows of the {facts.newest.name} do. Is it so in the source?"


def _breach(facts: Facts, breach: Breach) -> str:
    identity, _, spender, year, what = breach
    who = f"{facts.spenders[spender].name}, {year}" if year else facts.spenders[spender].name
    return f"{who}: {what} ({identity})."


def _tidy(number: Decimal) -> Decimal:
    """Without the noise of a spreadsheet's floats."""
    if number == number.to_integral_value() or number == number.quantize(MOST_PLACES):
        return number
    return number.quantize(MOST_PLACES, ROUND_HALF_UP).normalize()
