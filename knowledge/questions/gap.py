"""How far an Ally is from a rule: in points of GDP, in money, and in the pace that is left."""

from __future__ import annotations

from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import as_printed, total
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Standing
from knowledge.questions import saying
from knowledge.rules import Bearing, Distance, Why
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Group, Member, Rule

_OWN_DOLLARS = say(
    "Each year's own dollars are added up, so the sum holds prices and exchange rates; years above the level count nothing."
)


def gap(facts: Facts, subject: Subject) -> Answer:
    """What is missing to a rule, the adopted one unless another is named, or over it, in a year or a span of years."""
    return _over_years(facts, subject) if subject.several else _of_one_year(facts, subject)


def _of_one_year(facts: Facts, subject: Subject) -> Answer:
    edition, spender, year = subject.edition, subject.spender, subject.year
    rule = subject.rule or rules.main_rule(facts, year)
    if rule is None or (subject.rule is None and rules.bearing(rule, spender, year).why is Why.NOT_A_MEMBER):
        return saying.not_bound(facts, subject)
    main = _distance(facts, subject, rule, year)
    others = [] if subject.rule else [_distance(facts, subject, r, year) for r in rules.readings(facts, spender, year)]
    rows = [saying.rule_row(rule), *_rows(main)]
    for other in others:
        rows += [saying.rule_row(other.bearing.rule), saying.distance_row(other)]
    floor = rules.floor_rule(facts, year) if not subject.rule else None
    rows += [saying.floor_row(_distance(facts, subject, floor, year))] if floor is not None else []
    rows += _equipment_rows(main)
    headline, notes = _headline(main, others), tuple(_notes(main, others))
    chart, more = saying.share_chart(facts, edition, spender, rule), tuple(floor.citations[:1]) if floor else ()
    return Answer(subject.asked, headline, tuple(rows), notes, chart=chart, edition=edition, more=more)


def _distance(facts: Facts, subject: Subject, rule: Rule, year: int, key: str | None = None) -> Distance:
    share = facts.figure(subject.edition, "share", subject.spender, year)
    assert share is not None  # the year is one that is held
    return saying.measured(facts, subject.edition, subject.spender, as_printed(share), rule, year, key)


def _rows(distance: Distance) -> list[Row]:
    rows = [saying.met_row(distance)]
    rows += [saying.distance_row(distance)] if distance.points.value else []
    pace, due = distance.pace, distance.bearing.due
    if pace is not None and due is not None:
        values = {"left": pace.operands[1], "start": Year(distance.year), "end": Year(due), "pace": pace}
        text = say("{left}, from {start} to {end}; the pace needed is {pace}.", **values)
        rows.append(Row(say("Left"), text, distance.bearing.rule.standing))
    return rows


def _headline(main: Distance, others: list[Distance]) -> Sentence:
    values: dict[str, object] = {
        "spent": saying.spent(main.facts, main.edition, main.spender, main.share, main.year),
        "verdict": saying.verdict(main),
        "goal": saying.goal(main.bearing, main.level),
    }
    if not others:
        return say("{spent}: {verdict} {goal}.", **values)
    text = say(
        "{spent}: {verdict} {goal}, and {other} the {level} of its own reading, which NATO's Secretary General disputes."
    )
    return text.filled(**values, other=saying.verdict(others[0]), level=others[0].level)


def _equipment_rows(main: Distance) -> list[Row]:
    """The rule's part about major equipment, where it has one whose number is sourced."""
    rule, share = main.bearing.rule, main.facts.figure(main.edition, "equipment_share", main.spender, main.year)
    level = rule.level("equipment_share")
    if level is None or share is None:
        return []
    text, shown = say("{share} of spending, below the aim of {level}"), as_printed(share)
    if shown.value >= level.value:
        text = say("{share} of spending, at or above the aim of {level}")
    return [Row(say("Major equipment"), text.filled(share=shown, level=level), rule.standing)]


def _notes(main: Distance, others: list[Distance]) -> list[Sentence]:
    facts, rule, year, spender = main.facts, main.bearing.rule, main.year, main.spender
    notes: list[Sentence] = []
    if rule.component("related") is not None:
        text = say(
            "NATO publishes no figure per country for the related part ({related}), so no gap to the sum of both parts is computed."
        )
        notes.append(text.filled(related=rule.level("related")))
    if main.bearing.due is not None:
        notes.append(say("No year before {year} has a value of its own in this rule.", year=Year(main.bearing.due)))
    if not main.bearing.bears and rule.standing is Standing.ADOPTED and (why := saying.why_not(main.bearing)):
        notes.append(why)
    notes += saying.cautions(other.bearing.rule for other in others)
    notes += saying.became(rule)
    if isinstance(spender, Group):
        notes += [why for why in map(saying.why_not, _unbound(facts, rule, spender, year)) if why]
    notes += ([] if isinstance(spender, Member) else [saying.BINDS_EACH]) + saying.sum_notes([spender])
    notes += saying.break_notes(facts, main.edition, [facts.measures["share"]], [spender], year, year)
    return notes + saying.member_notes(facts, main.edition, spender, year, main.share)


def _unbound(facts: Facts, rule: Rule, group: Group, year: int) -> list[Bearing]:
    """The Allies of a group that the rule did not bind that year, since they joined later."""
    each = (rules.bearing(rule, ally, year) for ally in facts.those(group))
    return [one for one in each if one.why is Why.NOT_A_MEMBER]


def _over_years(facts: Facts, subject: Subject) -> Answer:
    """What was missing in the years below the level that had to be held then, each year's own dollars.

    Counted are the years in which a rule bore; where it bore in none, all since the joining. No sum crosses a break.
    """
    spender, edition, share = subject.spender, subject.edition, facts.measures["share"]
    joined = spender.accession.year if isinstance(spender, Member) else 0
    broken = rules.apart(facts, edition, share, spender, subject.years[0], subject.year)
    first = max(joined, (broken.first or 0) if broken else 0)
    held = (
        (year, subject.rule or rules.floor_rule(facts, year) or rules.main_rule(facts, year)) for year in subject.years
    )
    bearings = [rules.bearing(rule, spender, year) for year, rule in held if year >= first and rule is not None]
    bearings = [b for b in bearings if b.bears] or bearings
    if not bearings:
        return saying.not_bound(facts, subject)
    if len(bearings) == 1:
        alone = _of_one_year(facts, replace(subject, years=(bearings[0].year,)))
        left = [*_not_counted(subject, [bearings[0].year]), *saying.span_notes(facts, subject, share)]
        return replace(alone, notes=(*alone.notes, *(note for note in left if note not in alone.notes)))
    distances = [_distance(facts, subject, b.rule, b.year, f"{b.rule.id}.{b.year}") for b in bearings]
    below = [d for d in distances if d.short]
    missing = [d.money for d in below if d.money is not None and d.money_agrees]
    start, end = bearings[0].year, bearings[-1].year
    named = list(dict.fromkeys(b.rule for b in bearings))
    values: dict[str, object] = {"member": spender, "first": Year(start), "last": Year(end)}
    values |= {"level": distances[0].level, "rules": Listing(tuple(named))}
    values |= {"base": rules.base_of(facts, edition, spender, end)}
    rests_on = [d.share for d in below or distances]  # a sum of years that are over is not unsure by those ahead
    values |= {"basis": saying.basis_of(edition, rests_on)}
    values["years"] = Listing(tuple(Year(d.year) for d in below)) if len(below) < len(distances) else say("every year")
    values["span"] = say("{first} to {last}", **values) if start < end else say("{year}", year=Year(start))
    if not below:
        text = say("{member}, {span}: at or above {level} of {base} in every year ({basis}; {rules}).")
    elif not missing:
        text = say("{member}, {span}: below {level} of {base} in {years} ({basis}; {rules}).")
    else:
        label = say("what is missing to {level}, {first} to {last}, {member}", **values)
        values["sum"] = total("missing.sum", missing, label)
        text = say("{member}, {span}: {sum} below {level} of {base} in all, in {years} ({basis}; {rules}).")
    rows = [saying.rule_row(rule) for rule in named]
    for one in distances:
        words = say("{share}, at or above", share=one.share)
        if one.short:
            words = say("{share}, {verdict}", share=one.share, verdict=saying.amount(one))
        rows.append(Row(say("{year}", year=facts.mark(edition, "share", spender, one.year)), words))
    told, due = saying.with_standing(text.filled(**values), bearings[-1]), bearings[-1].due
    if due is not None:
        later = say("Not yet due then: the deadline is {deadline}.", deadline=Year(due))
        told = say("{told}", told=Listing((told, later), "sentences"))
    notes = tuple(_span_notes(facts, subject, [b.year for b in bearings]))
    chart = saying.share_chart(facts, edition, spender, named[-1])
    return Answer(subject.asked, told, tuple(rows), notes, chart=chart, edition=edition)


def _not_counted(subject: Subject, counted: list[int]) -> list[Sentence]:
    left = tuple(Year(year) for year in subject.years if year not in counted)
    told = say("Not counted: {years}, in which no rule bore, or which are not alike.", years=Listing(left))
    return [told] if left else []


def _span_notes(facts: Facts, subject: Subject, counted: list[int]) -> list[Sentence]:
    spender, edition, share = subject.spender, subject.edition, facts.measures["share"]
    notes = [_OWN_DOLLARS, *_not_counted(subject, counted)]
    notes += saying.span_notes(facts, subject, share) + saying.sum_notes([spender])
    notes += saying.joined_notes([spender], subject.years[0])
    return notes + saying.break_notes(facts, edition, [share], [spender], subject.years[0], subject.year)
