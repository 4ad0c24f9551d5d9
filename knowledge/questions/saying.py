"""What several answers say alike: rules and standings, distances, money, what a figure stands on, and what to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec.structs import replace

from knowledge import arithmetic, rules
from knowledge.answer import Answer, Row
from knowledge.asking.absent import in_edition
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.asking.years import Span
from knowledge.chart import Level, Line, LineChart
from knowledge.facts import Facts
from knowledge.figure import Citation, Figure, Kind, Read, SaidBy, Source, Standing, Status, behind
from knowledge.forecast import exchange_rate
from knowledge.rules import Bearing, Distance, Verdict, Why
from knowledge.sentences import Listing, Sentence, Typed, Year, say
from knowledge.things import Edition, Group, Measure, Member, Rule, Spender

MOST_CORRECTIONS = 5  # notes on corrected values in one answer

# -- rules in words ----------------------------------------------------------------------------------

_STANDING = {
    Standing.ADOPTED: say("Adopted, in force"),
    Standing.READING: say("Its own reading, disputed"),
    Standing.PROPOSED: say("Proposed, never adopted"),
    Standing.DEMANDED: say("Demanded, never adopted"),
    Standing.FACT: say("Standing fact"),
    Standing.MEASUREMENT: say("How it is measured"),
}
_PARTS = {
    ("core", "at least"): say("at least {level} of GDP core"),
    ("core", "move towards"): say("a move towards {level} of GDP"),
    ("core", "exactly"): say("{level} of GDP core"),
    ("related", "at least"): say("{level} related"),
    ("related", "up to"): say("up to {level} related"),
    ("related", "aim"): say("aim at {level} related"),
    ("total", "at least"): say("{level} of GDP with no split"),
    ("equipment_share", "move towards"): say("towards {level} of the spending for major equipment"),
    ("equipment_share", "at least"): say("{level} of the spending for major equipment"),
}


def standing(rule: Rule) -> Sentence:
    """A rule's standing in words; the one label the bot uses for it."""
    if rule.standing is Standing.ADOPTED and rule.superseded_by:
        return say("Adopted, since superseded")
    return _STANDING[rule.standing]


@lru_cache(maxsize=64)
def asks(rule: Rule) -> Sentence:
    """The verified parts of a rule, with their levels: "at least 3.5% core and up to 1.5% related"."""
    parts = []
    for part in rule.components:
        template = _PARTS.get((part.code, part.op))
        level = rule.level(part.code)
        if part.code == "core" and "core" not in part.measure and part.op == "at least":
            template = say("at least {level} of GDP")  # before 2025 no rule told core spending from the rest
        if level is not None and level.unit.of:
            template = say("at least {level} of national income")
        if template and part.verified and level is not None:
            parts.append(template.filled(level=level))
    core, related, cap = rule.level("core"), rule.level("related"), rule.component("related")
    if core is not None and related is not None and cap is not None:
        both = arithmetic.share_total(f"rule.{rule.id}.sum", core, related, say("both parts of {rule}", rule=rule.name))
        text = say("{parts}, up to {total} in all") if cap.op == "up to" else say("{parts}, {total} in all")
        return text.filled(parts=Listing(tuple(parts)), total=both)
    return say("{parts}", parts=Listing(tuple(parts)))


def when(rule: Rule) -> Sentence:
    """When the rule's level is due."""
    if rule.deadline is not None:
        return say("by {year}", year=Year(rule.deadline))
    if rule.path == "level" and rule.standing is Standing.ADOPTED:
        return say("every year")
    return say("with no year named")


def of_rule(rule: Rule) -> dict[str, object]:
    """A rule, what it asks of GDP and when, as values for a sentence."""
    return {"rule": rule, "asks": asks(rule), "when": when(rule)}


@lru_cache(maxsize=64)
def rule_row(rule: Rule) -> Row:
    """A rule under its standing: name, date, what it asks of GDP and when."""
    text = say("{rule} ({announced}): {asks}, {when}.", announced=rule.announced, **of_rule(rule))
    return Row(standing(rule), text, rule.standing)


def level_of(rule: Rule) -> Figure:
    """The level a share is compared with; Problem for a rule that names none."""
    level = rule.level("core", "total")
    if level is None or level.unit.kind is not Kind.SHARE:
        told = say("{rule} sets no share of GDP to compare with. Ask “rule {id}” for what it says.")
        raise Problem("rule-without-level", told.filled(rule=rule, id=rule.id), (f"rule rule:{rule.id}",))
    return level


def measured(
    facts: Facts, edition: Edition, spender: Spender, share: Figure, rule: Rule, year: int, key: str | None = None
) -> Distance:
    """How far a share is from a rule's level; Problem for a level that is no share of what NATO divides by in the year."""
    level_of(rule)
    if found := rules.measured(facts, edition, spender, share, rule, year, key):
        return found
    told = say(
        "{rule} is measured against national income; for {member} in {year} NATO prints a share of GDP, so the two are not compared."
    )
    told, again = told.filled(rule=rule, member=spender, year=Year(year)), f"gap member:{spender.code}"
    raise Problem("other-base", told, (f"{again} year:{year}", f"{again} rule:{rule.id}"))


def accession(member: Member) -> tuple[Citation, ...]:
    """Where it stands since when an Ally is a member."""
    return (Citation(member.source, row=member.name),)


_GOALS = {
    (Standing.ADOPTED, True): say("the {level} that the adopted rule asks for by {deadline} ({rule})"),
    (Standing.ADOPTED, False): say("the {level} that the adopted rule asks for every year ({rule})"),
    (Standing.PROPOSED, True): say("the {level} that was proposed for {deadline} and never adopted ({rule})"),
    (Standing.PROPOSED, False): say("the {level} that was proposed and never adopted ({rule})"),
    (Standing.DEMANDED, True): say("the {level} that was demanded for {deadline} and never adopted ({rule})"),
    (Standing.DEMANDED, False): say("the {level} that was demanded and never adopted ({rule})"),
    (Standing.READING, False): say("the {level} of its own, disputed reading ({rule})"),
    (Standing.MEASUREMENT, False): say("the {level} of national income that is its own goal ({rule})"),
}
_NOT_BEARING: dict[Why | None, Sentence] = {
    Why.NOT_AGREED: say("{level}, which was not yet agreed in {year} ({rule})"),
    Why.SUPERSEDED: say("{level}, which was superseded by {year} ({rule})"),
    Why.NOT_A_MEMBER: say("{level}, which did not bind it: it was not yet a member in {year} ({rule})"),
    Why.ANOTHERS_READING: say("{level}, another Ally's reading ({rule})"),
    Why.NO_FORCES: say("{level}, which binds nobody without armed forces ({rule})"),
}


def goal(bearing: Bearing, level: Figure) -> Sentence:
    """The level with what makes it one: that it is asked for and by when, or why it does not bear."""
    rule, deadline = bearing.rule, bearing.rule.deadline
    values: dict[str, object] = {"level": level, "rule": rule, "year": Year(bearing.year)}
    values |= {"deadline": Year(deadline)} if deadline is not None else {}
    text = _NOT_BEARING.get(bearing.why) or _GOALS.get((rule.standing, deadline is not None))
    return (text or _GOALS[rule.standing, False]).filled(**values)


_WHY: dict[Why | None, Sentence] = {
    Why.NOT_A_MEMBER: say("{rule} did not bind {member} in {year}: it was not yet a member."),
    Why.NOT_AGREED: say("{rule} dates from {announced}: it was not yet agreed in {year}."),
    Why.SUPERSEDED: say("{rule} was superseded by {year}."),
    Why.ANOTHERS_READING: say("{rule} is another Ally's reading."),
    Why.NO_FORCES: say("{rule} binds nobody without armed forces."),
}
_NEVER_ADOPTED = {
    Standing.PROPOSED: say("This level was proposed and never adopted."),
    Standing.DEMANDED: say("This level was demanded and never adopted."),
    Standing.READING: say("This level is its own, disputed reading."),
}


def why_not(bearing: Bearing) -> Sentence | None:
    """A sentence on why a rule does not bear, or that it is no adopted one; None for an adopted rule that bears."""
    text, rule = _WHY.get(bearing.why), bearing.rule
    if text is None:
        return _NEVER_ADOPTED.get(rule.standing)
    return text.filled(rule=rule, year=Year(bearing.year), announced=rule.announced, member=bearing.spender)


def with_standing(sentence: Sentence, bearing: Bearing) -> Sentence:
    """What does not bear, or was never adopted, is never shown without saying so."""
    why = why_not(bearing)
    return sentence if why is None else say("{told}", told=Listing((sentence, why), "sentences"))


def verdict(distance: Distance) -> Sentence:
    """ "0.81 points short of", "0.81 points below" where the rule does not bear: what stands before the level."""
    if not distance.points.value:
        return say("at")
    text = say("{points} short of") if distance.short else say("{points} over")
    if not distance.bearing.bears:
        text = say("{points} below") if distance.short else say("{points} above")
    return text.filled(points=distance.points)


_MET = {
    Verdict.MET: say("Yes: {share} is at or above {level}"),
    Verdict.NOT_YET: say("Not yet: {share} is below {level}, which is due by {deadline}"),
    Verdict.NOT_MET: say("No: {share} is below {level}"),
    Verdict.ABOVE: say("{share} is at or above {level}"),
    Verdict.BELOW: say("{share} is below {level}"),
}


def met_row(distance: Distance) -> Row:
    """Whether the level is met, or not yet; beside a rule that does not bear, only which is the higher."""
    values: dict[str, object] = {"share": distance.share, "level": distance.level}
    label = say("Met") if distance.bearing.bears else say("In comparison")
    if distance.bearing.due is not None:
        values["deadline"] = Year(distance.bearing.due)
    return Row(label, _MET[distance.verdict].filled(**values), distance.bearing.rule.standing)


def distance_row(distance: Distance) -> Row:
    """By how much, in points and in money."""
    label = say("Short by") if distance.short else say("Over by")
    if not distance.bearing.bears:
        label = say("Below by") if distance.short else say("Above by")
    return Row(label, amount(distance), distance.bearing.rule.standing)


def amount(distance: Distance) -> Sentence:
    """The distance in points and, from NATO's own amounts, in money of that year."""
    facts, edition, spender, year = distance.facts, distance.edition, distance.spender, distance.year
    values: dict[str, object] = {"points": distance.points, "year": Year(year), "level": distance.level}
    if distance.money is None or not distance.money.value:
        return say("{points}", **values)
    values["money"] = money(facts, edition, spender, distance.money, year)
    if distance.money_agrees:
        return say("{points}: {money} of {base} in {year}", **values, base=rules.base_of(facts, edition, spender, year))
    if distance.short:
        return say("{points}; in current prices it was {money} above {level} of GDP in {year}", **values)
    return say("{points}; in current prices it was {money} below {level} of GDP in {year}", **values)


def floor_row(distance: Distance) -> Row:
    """The level to be held every year."""
    text, rule = say("at least {level} every year ({rule}): met, at {share}"), distance.bearing.rule
    if distance.short:
        text = say("at least {level} every year ({rule}): not met, at {share}")
    return Row(say("Floor"), text.filled(level=distance.level, rule=rule.name, share=distance.share), rule.standing)


# -- what was spent, and what a figure stands on -----------------------------------------------------

MARKED = say("“e” marks NATO's estimates.")


def basis(edition: Edition, year: Year, *figures: Figure) -> Sentence:
    """What figures of a year stand on: their edition, and whether it is an estimate or one was corrected here."""
    if any(figure.status is Status.CORRECTED for figure in figures):
        return say("corrected here, {edition}", edition=edition)
    return say("estimate, {edition}", edition=edition) if year.mark else say("{edition}", edition=edition)


def basis_of(edition: Edition, figures: Iterable[Figure]) -> Sentence:
    """The same for several figures at once, and whether one of them was corrected here."""
    figures = tuple(figures)
    if any(figure.status is Status.CORRECTED for figure in figures):
        return say("corrected here, {edition}", edition=edition)
    unsure = any(figure.status is Status.ESTIMATE for figure in figures)
    return say("estimate, {edition}", edition=edition) if unsure else say("{edition}", edition=edition)


def spends(edition: Edition) -> Sentence:
    """What the edition's shares count, for sentences."""
    return say("core defence") if edition.core else say("defence")


def spent(facts: Facts, edition: Edition, spender: Spender, share: Figure, year: int) -> Sentence:
    """That a spender spent a share of GDP, or in a year NATO only estimates, is expected to."""
    values: dict[str, object] = {
        "member": spender,
        "share": share,
        "base": rules.base_of(facts, edition, spender, year),
    }
    values |= {"what": spends(edition), "year": Year(year), "edition": edition}
    mark = facts.mark(edition, "share", spender, year)
    if isinstance(spender, Group):
        text = say("{member}, {year}: {share} of {base} on {what}, summed here ({basis})")
        return text.filled(**values, basis=basis(edition, mark, share))
    text = say("{member} spent {share} of {base} on {what} in {year} ({edition})")
    if share.status is Status.CORRECTED:
        text = say("By a correction made here {member} spends {share} of {base} on {what} in {year} ({edition})")
    elif mark.mark:
        text = say("{member} is expected to spend {share} of {base} on {what} in {year} (NATO's estimate, {edition})")
    return text.filled(**values)


def money(facts: Facts, edition: Edition, spender: Spender, dollars: Figure, year: int) -> Sentence:
    """An amount in US dollars, and in the Ally's own currency at the rate NATO's tables imply for the year."""
    rate = exchange_rate(facts, spender, edition, year, to_dollars=False) if isinstance(spender, Member) else None
    if rate is None:
        return say("{dollars}", dollars=dollars)
    label = say("the same in national currency, {member}", member=spender)
    own = arithmetic.converted(f"{dollars.name}.national", dollars, rate, label)
    return say("{dollars} ({own})", dollars=dollars, own=own)


def moved(name: str, spender: Spender, figures: Mapping[int, Figure]) -> Sentence:
    """ "up 3.2%", "down 0.4 points" or "unchanged" from the first to the last year."""
    first, last = min(figures), max(figures)
    then, now = figures[first], figures[last]
    if now.value == then.value:
        return say("unchanged")
    label = say("change of {member} from {start} to {end}", member=spender, start=Year(first), end=Year(last))
    by = arithmetic.change(name, now, then, label)
    return say("up {change}", change=by) if now.value > then.value else say("down {change}", change=by)


def heading(measure: Measure) -> Sentence:
    """A column's heading; `unit` is filled in when the table is drawn, since it depends on the size of the amounts."""
    return Sentence(measure.heading or "{unit}", {"unit": ""})


# -- what to know of the figures ---------------------------------------------------------------------

BINDS_EACH = say("The rule binds each Ally, not the group.")
PLAIN_RATIO_MATTERS = Decimal("0.05")
_OF_EDITIONS = ("definition", "prices")  # said where two editions stand side by side


def cautions(of: Iterable[Rule]) -> list[Sentence]:
    return [say("{caution}", caution=rule.caution) for rule in of if rule.caution]


def became(rule: Rule) -> list[Sentence]:
    """What became of a rule that was never adopted."""
    return [say("{outcome}", outcome=rule.outcome)] if rule.standing is not Standing.ADOPTED and rule.outcome else []


def plain_ratio(facts: Facts, edition: Edition, spender: Spender, year: int, share: Figure) -> Figure | None:
    """Spending over GDP in current prices, where it differs from the printed share of real GDP by 0.05 or more."""
    spending, gdp = (facts.figure(edition, row, spender, year) for row in ("spending_usd", "gdp_usd"))
    if spending is None or gdp is None:
        return None
    if abs(spending.value / gdp.value * 100 - share.value) < PLAIN_RATIO_MATTERS:
        return None
    label = say("spending over GDP, both in current prices, {member}, {year}", member=spender, year=Year(year))
    return arithmetic.percentage(f"plain_share.{spender.code}.{year}", spending, gdp, label)


def member_notes(facts: Facts, edition: Edition, spender: Spender, year: int, share: Figure | None) -> list[Sentence]:
    """What a reader of this spender's figures of a year has to know."""
    notes = []
    ratio = None if share is None else plain_ratio(facts, edition, spender, year, share)
    if ratio is not None and not isinstance(spender, Group) and not facts.correction(edition, "share", spender, year):
        notes.append(say("NATO's share is of real GDP; spending over GDP in current prices is {ratio}.", ratio=ratio))
    notes += [say("{rule}: {summary}", rule=rule, summary=rule.summary) for rule in rules.own_facts(facts, spender)]
    return notes + joined_notes([spender], year)


def break_notes(
    facts: Facts, edition: Edition, measures: Sequence[Measure], spenders: Sequence[Spender], first: int, last: int
) -> list[Sentence]:
    """The series breaks and odd values these rows touch in these years, each said once."""
    near = [
        one
        for measure in measures
        for one in facts.breaks_of[measure.id]
        if one.kind not in _OF_EDITIONS
        and one.reaches(edition, measure, first, last)
        # somebody's joining is within a change from the first year on, or within a rate of change itself
        and (one.kind != "membership" or measure.kind is Kind.PERCENT or (one.first or first) > first)
    ]
    found = {one.id: one for spender in spenders for one in near if one.concerns(spender)}
    return [say("{what}", what=one) for one in found.values()]


def wider_definition(facts: Facts, edition: Edition) -> list[Sentence]:
    """That an edition from before core defence expenditure counts more than it; nothing for a later one."""
    if edition.core:
        return []
    since = min((e.published.year for e in facts.editions.values() if e.core), default=edition.published.year)
    text = say(
        "The {edition} counts defence expenditure; from {year} NATO prints core defence expenditure, which is not the same."
    )
    return [text.filled(edition=edition, year=Year(since))]


def joined_notes(spenders: Sequence[Spender], first: int) -> list[Sentence]:
    """Who joined within a series, and what a total or a group is made of."""
    notes = []
    for spender in spenders:
        if not isinstance(spender, Member):
            notes += [say("{note}", note=spender.note)] if spender.note else []
        elif spender.accession.year > first:
            notes.append(say("{member} joined NATO in {year}.", member=spender, year=Year(spender.accession.year)))
    return notes


def sum_notes(spenders: Sequence[Spender]) -> list[Sentence]:
    """That a group's figures are our sums and no row of NATO's."""
    groups = tuple(s for s in spenders if isinstance(s, Group))
    told = say("The figures of {groups} are summed here, Ally by Ally; NATO prints no such row.")
    return [told.filled(groups=Listing(groups))] if groups else []


def span_notes(facts: Facts, subject: Subject, measure: Measure) -> list[Sentence]:
    """Of a series of years that was asked for, which are missing and why: out of reach, left blank, or not held."""
    edition, span, notes = subject.edition, subject.span, list[Sentence]()
    printed = facts.printed_years.get((edition.id, measure.id), ())
    if subject.several and span is not None:
        first, last = max(edition.first, span.first), min(edition.last, span.last or edition.last)
        printed, text = tuple(range(first, last + 1)), say("The {edition} prints {first} to {last} of it.")
        if first == last:
            text = say("Of these years the {edition} prints {first} alone.")
        if (first, last) != (span.first, span.last):
            notes.append(text.filled(edition=edition, first=Year(first), last=Year(last)))
    rows = [row for one in subject.spenders for row in (facts.those(one) if isinstance(one, Group) else [one])]
    missing: dict[tuple[str, tuple[int, ...]], list[Spender]] = {}
    for row in rows:
        own = facts.years(edition, measure.id, row)
        lacking = (year for year in printed if year not in own and (span is None or span.holds(year)))
        told = {year: in_edition(facts, edition, measure, row, Span(year, year)) for year in lacking}
        notes += [sentence for code, sentence in told.values() if code == "taken-out"]
        why = {year: code for year, (code, _) in told.items() if code != "taken-out"}
        for code in dict.fromkeys(why.values()):
            missing.setdefault((code, tuple(year for year in why if why[year] == code)), []).append(row)
    for (code, years), of in missing.items():
        text = say("What the {edition} has for {year} is not held here for {member}.")
        if code == "blank":
            text = say("NATO left {year} blank for {member} in the {edition}.")
        notes.append(text.filled(year=Listing(tuple(map(Year, years))), member=Listing(tuple(of)), edition=edition))
    return notes


def series_notes(
    facts: Facts, subject: Subject, measures: Sequence[Measure], first: int, last: int, but: Sequence[Sentence]
) -> list[Sentence]:
    """What a reader of rows over these years has to know, but what was told already."""
    of = subject.spenders
    notes = span_notes(facts, subject, measures[0]) + joined_notes(of, first) + sum_notes(of)
    return notes + [n for n in break_notes(facts, subject.edition, measures, of, first, last) if n not in but]


def not_bound(facts: Facts, subject: Subject) -> Answer:
    """The answer for a year in which no rule bound the spender, and what its share was all the same."""
    member, year, edition = subject.spender, subject.year, subject.edition
    adopted = [b.rule for b in rules.bearings(facts, member, year) if b.rule.standing is Standing.ADOPTED]
    values: dict[str, object] = {"member": member, "year": Year(year)}
    more: tuple[object, ...] = ()
    if isinstance(member, Member) and member.accession.year > year:
        past = [rule for rule in adopted if rule.announced.year <= year]
        why = say("did not bear: it was not yet a member")
        rows = [Row(say("{rule}", rule=rule.name), why, rule.standing) for rule in past]
        text = say("{member} was not a member of NATO until {accession}, so no NATO spending rule bound it in {year}.")
        told = [text.filled(**values, accession=member.accession)]
        more = (*past, *accession(member))
    else:
        rows = [rule_row(adopted[0])]
        told = [say("No rule set a share of GDP in {year}; the first was the {rule}.", **values, rule=adopted[0])]
    if (share := facts.figure(edition, "share", member, year)) is not None:
        told.append(say("{spent}.", spent=spent(facts, edition, member, share, year)))
    headline = say("{told}", told=Listing(tuple(told), "sentences"))
    return Answer(subject.asked, headline, tuple(rows), edition=edition, more=more)


def no_forces(facts: Facts, subject: Subject, spender: Member) -> Answer:
    """The answer for an Ally without armed forces: no figure, no gap, and why."""
    own = rules.own_facts(facts, spender)
    rows = tuple(Row(standing(r), say("{rule}: {summary}", rule=r, summary=r.summary), r.standing) for r in own)
    text = say("{member} has no armed forces: NATO publishes no spending figure for it, so it has no {about}.")
    headline = text.filled(member=spender, about=subject.kind.lacks)
    return Answer(subject.asked, headline, rows, tuple(cautions(own)), edition=facts.newest, more=own)


def told_by(source: Source) -> Sentence:
    """Who says it and how it was read, in words."""
    said = _SAID_BY[source.said_by]
    if source.read is Read.QUOTED:
        return say("{said}, as quoted by others", said=said)
    if source.said_by is SaidBy.NATO:
        said = say("NATO's own text")
    if source.read is Read.EXCERPT:
        text = say("{said}, read in part in a reprint") if source.reprint else say("{said}, read in part")
        return text.filled(said=said)
    return say("{said}, read in a reprint", said=said) if source.reprint else said


_SAID_BY = {
    SaidBy.NATO: say("NATO's text"),
    SaidBy.GOVERNMENT: say("a government's text"),
    SaidBy.INSTITUTION: say("an institution's text"),
    SaidBy.PRESS: say("press"),
    SaidBy.THINK_TANK: say("think tank"),
    SaidBy.AGGREGATOR: say("aggregator"),
    SaidBy.MODERATORS: say("corrected here"),
}


def correction_notes(facts: Facts, answer: Answer) -> list[Sentence]:
    """Every corrected value that the answer rests on, with what NATO prints in its place and where the other stands."""
    notes = list[Sentence]()
    cells = {
        (f.edition, c.table, c.row, c.year): f for f in behind(answer.figures) if f.correction for c in f.citations
    }
    for figure in cells.values():
        one = figure.correction
        assert one is not None
        text, then = say("Corrected here on {day}: {label} is {now}; NATO left it blank. Source: {address}"), None
        if not one.whole:
            text = say("Entered here on {day}: {label} is {now}; of NATO's tables this is not held. Source: {address}")
        if one.published is not None:
            text = say("Corrected here on {day}: {label} is {now}; NATO printed {then}. Source: {address}")
            source = facts.editions[figure.edition or ""].source
            cited = tuple(replace(where, source=source, supports="") for where in figure.citations)
            then = replace(
                figure, name=f"{figure.name}.printed", value=one.published, citations=cited, correction=None,
                status=Status.PUBLISHED,
            )  # fmt: skip
        address = Typed(one.address) if one.address else say("none was given")
        notes.append(text.filled(day=one.day, label=figure.label, now=figure, then=then, address=address))
    if len(notes) > MOST_CORRECTIONS:
        rest = arithmetic.tally(len(notes) - MOST_CORRECTIONS, say("more figures corrected"))
        notes[MOST_CORRECTIONS:] = [say("More figures corrected here: {count}.", count=rest)]
    for source in dict.fromkeys(c.source for c in answer.citations if c.source.key in facts.entered):
        told = say("Entered here on {day} by hand, not with the store of figures: {title}.")
        notes.append(told.filled(day=facts.entered[source.key].day, title=Typed(source.title)))
    return notes


# -- what a chart is made of -------------------------------------------------------------------------


def line(facts: Facts, edition: Edition, measure: str, spender: Spender) -> Line:
    """Every year an edition prints of one measure for one spender."""
    return Line(say("{member}", member=spender), facts.row(edition, measure, spender))


@lru_cache(maxsize=64)
def level_line(rule: Rule) -> Level:
    """A rule's level as a line to compare with."""
    return Level(say("{rule}", rule=rule), level_of(rule), rule.deadline, rule.announced.year)


def share_chart(facts: Facts, edition: Edition, spender: Spender, *compared: Rule) -> LineChart:
    """A spender's shares of GDP over the years with the levels of some rules."""
    title = say("{member}: share of GDP, {edition}", member=spender, edition=edition)
    return LineChart(title, (line(facts, edition, "share", spender),), tuple(map(level_line, compared)))
