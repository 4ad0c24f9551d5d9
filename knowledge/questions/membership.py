"""Who is a member of NATO, since when, and how many there were in a year."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Citation, Figure, Kind, Unit
from knowledge.questions import saying
from knowledge.sentences import Listing, Sentence, Year, say
from knowledge.things import Aggregate, Group, Member, Spender


def allies_of(facts: Facts, spender: Spender) -> list[Member]:
    """The Allies a spender stands for; a total is made of those of the group of its name, or of all."""
    if isinstance(spender, Member):
        return [spender]
    named = (group for group in facts.groups.values() if group.name == spender.name)
    group = spender if isinstance(spender, Group) else next(named, None)
    return [ally for ally in facts.members.values() if group is None or ally.code in group.members]


def _number(name: str, members: Sequence[Member], label: Sentence) -> Figure:
    """How many Allies these are, with where it stands since when each is a member."""
    cited = dict.fromkeys(citation for member in members for citation in saying.accession(member))
    return Figure(name, Decimal(len(members)), Unit(Kind.ALLIES, decimals=0), label, citations=tuple(cited))


def membership(facts: Facts, subject: Subject, spender: Spender) -> Answer:
    """What is known of an Ally as a member; of a group or a total, which Allies are in it."""
    if not isinstance(spender, Member):
        return _together(facts, subject, spender)
    founders = [ally for ally in facts.members.values() if ally.founding]
    text = say("{member} is a member of NATO since {accession}.")
    values: dict[str, object] = {"member": spender, "accession": spender.accession}
    if spender.founding:
        text = say("{member} is one of the {count} founding members of NATO, since {accession}.")
        values["count"] = _number("members", founders, say("founding members"))
    groups = [group for group in facts.groups.values() if spender.code in group.members]
    forces = say("yes") if spender.armed_forces else say("none, so NATO publishes no spending figure for it")
    in_eu = say("member since {year}", year=Year(spender.eu_since)) if spender.eu_since else say("not a member")
    rows = [
        Row(say("Official name"), say("{name}", name=spender.official_name)),
        Row(say("Armed forces"), forces),
        Row(say("Currency"), say("{currency}", currency=facts.currencies[spender.currency])),
        Row(say("European Union"), in_eu),
    ]
    if groups:
        rows.append(Row(say("Groups"), say("{groups}", groups=Listing(tuple(groups), "unit"))))
    if spender.fiscal_names == "first":
        rows.append(Row(say("NATO's year"), say("the one in which its fiscal year begins")))
    elif spender.fiscal_names:
        rows.append(Row(say("NATO's year"), say("the one in which its fiscal year ends")))
    own = rules.own_facts(facts, spender)
    rows += [Row(saying.standing(r), say("{rule}: {summary}", rule=r, summary=r.summary), r.standing) for r in own]
    notes = (say("{note}", note=spender.note),) if spender.note else ()
    return Answer(subject.asked, text.filled(**values), tuple(rows), notes, more=(*own, *saying.accession(spender)))


def _together(facts: Facts, subject: Subject, spender: Aggregate | Group) -> Answer:
    """Which Allies a group or a total is made of, and how many."""
    allies = allies_of(facts, spender)
    armed = [ally for ally in allies if ally.armed_forces]
    values: dict[str, object] = {"group": spender}
    values["count"] = _number("members", allies, say("Allies in {group}", **values))
    values["armed"] = _number("armed", armed, say("Allies with armed forces in {group}", **values))
    text = say("{group}: {count} Allies.")
    if len(armed) < len(allies):
        text = say("{group}: {count} Allies, {armed} of them with armed forces.")
    notes = (say("{note}", note=spender.note),)
    more = (Citation(spender.source),) if isinstance(spender, Group) else ()
    return Answer(subject.asked, text.filled(**values), tuple(_by_year(allies)), notes, more=more)


def members_of(facts: Facts, subject: Subject) -> Answer:
    """How many members NATO had at the end of a year and who joined in it; of a group, how many of its Allies."""
    assert subject.scope is not None
    first, last, scope = subject.years[0], subject.year, subject.scope
    allies = [ally for ally in scope.members if ally.accession.year <= last]
    joined = [ally for ally in allies if ally.accession.year >= first]
    values: dict[str, object] = {"group": scope.name, "first": Year(first), "last": Year(last)}
    values["count"] = _number("members", allies, say("members of NATO in {last}", **values))
    values["new"] = _number("joined", joined, say("Allies that joined from {first} to {last}", **values))
    values["members"] = Listing(tuple(joined))
    if isinstance(scope.name, Group):
        text = say("{group}: {count} were members of NATO by the end of {last}.")
        if subject.span is None:
            text = say("{group}: {count} are members of NATO.")
        elif subject.several:
            text = say("{group}: {new} of {count} joined NATO from {first} to {last}.")
    elif subject.span is None:
        text = say("NATO has {count} members; the newest is {newest}, since {since}.")
        newest = max(facts.members.values(), key=lambda ally: ally.accession.last)
        values |= {"newest": newest, "since": newest.accession}
    elif subject.several:
        text = say("{new} Allies joined NATO from {first} to {last}; it then had {count} members.")
    elif joined:
        text = say("NATO had {count} members by the end of {last}; {new} joined in that year: {members}.")
    else:
        text = say("NATO had {count} members by the end of {last}; none joined in that year.")
    rows = _by_year(allies)
    if unarmed := [ally for ally in allies if not ally.armed_forces]:
        rows.append(Row(say("Without armed forces"), say("{members}", members=Listing(tuple(unarmed)))))
    notes, more = (scope.note,) if scope.note else (), (scope.source,) if scope.source else ()
    return Answer(subject.asked, text.filled(**values), tuple(rows), notes, more=more)


def _by_year(allies: Sequence[Member]) -> list[Row]:
    """Who joined in which year, the founders first."""
    years = sorted({ally.accession.year for ally in allies})
    joined = {year: [ally for ally in allies if ally.accession.year == year] for year in years}
    return [Row(say("{year}", year=Year(y)), say("{members}", members=Listing(tuple(joined[y])))) for y in years]
