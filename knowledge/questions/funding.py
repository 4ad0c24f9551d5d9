"""What NATO's own budgets may spend in a year, and which part of the cost an Ally bears."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import decimals
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Citation, Figure, Kind, Status, Unit
from knowledge.questions import saying
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Definition, Funding

# Each budget with the glossary's entry on it and its name in a list; the entry on the total speaks of all of them.
_BUDGETS = {
    "total": ("common-funding", say("in all")),
    "civil": ("civil-budget", say("civil")),
    "military": ("military-budget", say("military")),
    "nsip": ("nsip", say("investment")),
}
_NEWEST = 2  # formulas of the cost that are told where one year is asked about
Ceilings = dict[int, dict[str, Funding]]  # by year and budget


def own_budgets(facts: Facts, subject: Subject) -> Answer:
    """The ceilings of the years asked for, else of all that are held, and the parts of the cost that are held."""
    term, span = subject.term, subject.span
    assert isinstance(term, Definition)
    held = _ceilings(facts, term)
    shown = {year: rows for year, rows in held.items() if span is None or span.holds(year)}
    if not shown:
        text = say("Of {term} amounts are held here for {years} alone.")
        told = text.filled(term=term, years=Listing(tuple(map(Year, sorted(held)))))
        raise Problem("not-held", told, (f"spending member:{term.id}",))
    newest = max(shown)
    table = None
    if len(shown) > 1:
        columns = [name for name in _BUDGETS if any(name in rows for rows in shown.values())]
        headings = (say("Year"), *(say("{budget} {unit}", budget=_BUDGETS[name][1], unit="") for name in columns))
        cells = (
            (Year(year), *(_ceiling(rows[name]) if name in rows else None for name in columns))
            for year, rows in sorted(shown.items(), reverse=True)
        )
        table = Table(headings, tuple(cells))
    shares = _shares(facts, newest)
    notes = [say("Ceilings for what Allies pay together; what each spends on its own forces is not in them.")]
    unsure = [row for rows in shown.values() for row in rows.values() if row.about]
    if unsure:
        named = (say("{year} {budget}", year=Year(r.year), budget=_BUDGETS[r.scheme][1]) for r in unsure)
        notes.append(say("Rounded or worked out: {budgets}.", budgets=Listing(tuple(named))))
    notes += [say("{year}: {note}", year=Year(newest), note=row.note) for row in shown[newest].values() if row.note]
    values = {"term": term, "year": Year(newest), "amounts": _amounts(shown[newest])}
    headline = say("{term}, ceilings for {year}: {amounts}.", **values)
    rows = (*(shares if table else shares[:_NEWEST]), _how_known(shown[newest].values()))
    return Answer(subject.asked, headline, rows, tuple(notes), table)


def budget_rows(facts: Facts, term: Definition) -> list[Row]:
    """For the glossary's entry on one of NATO's budgets: the newest ceilings and formula of the cost."""
    held = _ceilings(facts, term)
    if not held:
        return []
    newest = max(held)
    ceilings = Row(say("Ceilings for {year}", year=Year(newest)), say("{amounts}", amounts=_amounts(held[newest])))
    return [ceilings, *_shares(facts, newest)[:_NEWEST], _how_known(held[newest].values())]


def _ceilings(facts: Facts, term: Definition) -> Ceilings:
    """The ceilings of one budget, or of all of them and the total."""
    found: Ceilings = {}
    for name in (name for name, (entry, _) in _BUDGETS.items() if term.id in (entry, _BUDGETS["total"][0])):
        for row in facts.funding:
            if row.scheme == name and row.ceiling is not None:
                found.setdefault(row.year, {})[name] = row
    return found


def _amounts(rows: dict[str, Funding]) -> Listing:
    """Each ceiling under its budget's name, or the only one alone."""
    told = []
    for name, row in rows.items():
        amount = (say("about {amount}") if row.about else say("{amount}")).filled(amount=_ceiling(row))
        told.append(say("{budget} {amount}", budget=_BUDGETS[name][1], amount=amount) if len(rows) > 1 else amount)
    return Listing(tuple(told))


def _ceiling(row: Funding) -> Figure:
    label = say("ceiling of NATO's budgets, {budget}, {year}", budget=_BUDGETS[row.scheme][1], year=Year(row.year))
    return _stated(row, f"ceiling.{row.scheme}.{row.year}", Unit(Kind.MONEY, "EUR"), label)


def _stated(row: Funding, name: str, unit: Unit, label: Sentence) -> Figure:
    value = row.ceiling if row.ceiling is not None else row.share
    assert value is not None
    status = Status.ESTIMATE if row.about else Status.PUBLISHED
    return Figure(name, value, unit, label, status, citations=(Citation(row.source, year=row.year),))


def _shares(facts: Facts, year: int) -> list[Row]:
    """The parts of the cost that are held up to a year, the newest first."""
    found: dict[tuple[int, str], dict[str, list[Figure]]] = {}
    for row in facts.funding:
        if row.share is not None and row.year <= year:
            values = {"member": facts.members[row.member], "year": Year(row.year)}
            label = say("{member}'s part of NATO's common budgets, {year}", **values)
            name = f"cost.{row.member}.{row.year}.{row.share}"
            figure = _stated(row, name, Unit(Kind.PERCENT, decimals=decimals(row.share)), label)
            found.setdefault((row.year, row.scheme), {}).setdefault(row.member, []).append(figure)
    rows = []
    for (of, scheme), members in sorted(found.items(), reverse=True):
        told = tuple(_share(facts, code, figures) for code, figures in members.items())
        label = say("Part of the cost, {year} ({scheme})", year=Year(of), scheme=scheme)
        rows.append(Row(label, say("{shares}", shares=Listing(told))))
    return rows


def _share(facts: Facts, code: str, figures: list[Figure]) -> Sentence:
    """One Ally's part, or the range in which it is said to lie."""
    low, high = min(figures, key=lambda f: f.value), max(figures, key=lambda f: f.value)
    text = say("{member} {low}")
    if low is not high:
        text = say("{member} {low} to {high}")
    elif low.status is Status.ESTIMATE:
        text = say("{member} about {low}")
    return text.filled(member=facts.members[code], low=low, high=high)


def _how_known(rows: Iterable[Funding]) -> Row:
    """Who says it, and how it was read."""
    sources = dict.fromkeys(row.source for row in rows)
    told = (say("{title} ({told})", title=source.title, told=saying.told_by(source)) for source in sources)
    return Row(say("Source of the amounts"), say("{sources}", sources=Listing(tuple(told), "unit")))
