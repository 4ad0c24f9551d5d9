"""What several questions share: who and when is meant, and the sentences about rules, money and standing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge import names, rules
from knowledge.answer import Answer, Row
from knowledge.chart import Level, Line
from knowledge.facts import Edition, Facts, Measure, Member, Rule, Spender
from knowledge.figure import (
    Citation,
    Figure,
    Kind,
    Standing,
    as_printed,
    converted,
    difference,
    percentage,
    relative_change,
    share_total,
)
from knowledge.problem import Problem
from knowledge.projection import exchange_rate, measured_by_income_since
from knowledge.question import Question
from knowledge.sentences import Listing, Sentence, Year, say


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose figures, of which edition, for which year; `year` is None where none was asked for."""

    spender: Spender
    edition: Edition
    year: int | None


def subject(facts: Facts, question: Question) -> Subject:
    """Read the member, year and edition of a question; Problem if one is wrong."""
    index = names.index_of(facts)
    spender = index.spender(question.member or "", question.name)
    year = names.year(question.year)
    return Subject(spender, index.edition(question.edition), year)


def edition_with(facts: Facts, about: Subject, measure: str, asked: bool) -> Edition:
    """The edition of the question or, where none was asked for, the newest that prints its year at all."""
    if asked or about.year is None or about.year in facts.years(about.edition, measure, about.spender):
        return about.edition
    for edition in facts.editions.values():
        if edition.tables and about.year in facts.years(edition, measure, about.spender):
            return edition
    return about.edition


def last_year(facts: Facts, edition: Edition, measure: str, spender: Spender) -> int | None:
    """The newest year NATO prints, or None where it prints no row."""
    return max(facts.years(edition, measure, spender), default=None)


def blank_years(facts: Facts, edition: Edition, measure: str, spender: Spender) -> tuple[int, ...]:
    """Years the edition prints for others but leaves blank for this spender, at the end of its row."""
    own = facts.years(edition, measure, spender)
    if not own:
        return ()
    return tuple(y for y in facts.printed_years[edition.id, measure] if y > max(own))


def no_figure(facts: Facts, edition: Edition, measure: Measure, spender: Spender, year: int | None) -> Problem:
    """The sentence for a figure that was not published, with the nearest that was."""
    years = facts.years(edition, measure.id, spender)
    if not years:
        held = Listing(tuple(e.id for e in facts.editions.values() if facts.years(e, measure.id, spender)), "or")
        if not held.items:
            return Problem(
                "not-published",
                say("NATO publishes no {measure} for {member}.", measure=measure.name, member=spender),
            )
        return Problem(
            "not-in-edition",
            say(
                "The {edition}, as it is held here, has no {measure} for {member}. Ask for edition {held}.",
                edition=edition,
                measure=measure.name,
                member=spender,
                held=held,
            ),
        )
    first, last = Year(min(years)), facts.mark(edition, measure.id, spender, max(years))
    if year is not None and year > max(years):
        blank = year in blank_years(facts, edition, measure.id, spender)
        return Problem(
            "blank" if blank else "no-figure-yet",
            say(
                "NATO left {member}'s {measure} for {year} blank in the {edition}; the newest it prints is {last}.",
                member=spender,
                measure=measure.name,
                year=Year(year),
                edition=edition,
                last=last,
            )
            if blank
            else say(
                "NATO has published no {measure} of {member} for {year}: the {edition} ends in {last}. "
                "For what a rule means in that year, ask “target {member} {year}”.",
                member=spender,
                measure=measure.name,
                year=Year(year),
                edition=edition,
                last=last,
            ),
            () if blank else (f"target member:{spender.name} year:{year}",),
        )
    return Problem(
        "no-figure",
        say(
            "The {edition} has no {measure} of {member} for {year}: it prints {first} to {last}.",
            edition=edition,
            measure=measure.name,
            member=spender,
            year=Year(year or 0),
            first=first,
            last=last,
        ),
    )


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
    ("core", "move towards"): say("move towards {level} of GDP"),
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


def asks(rule: Rule) -> Sentence:
    """The verified parts of a rule, with their levels: "at least 3.5% core and up to 1.5% related"."""
    parts = []
    for part in rule.components:
        template = _PARTS.get((part.code, part.op))
        if part.code == "core" and "core" not in part.measure and part.op == "at least":
            template = say("at least {level} of GDP")  # before 2025 no rule told core spending from the rest
        level = rule.level(part.code)
        if template and part.verified and level is not None:
            parts.append(template.filled(level=level))
    core, related, cap = rule.level("core"), rule.level("related"), rule.component("related")
    if core is not None and related is not None and cap is not None:
        total = share_total(f"rule.{rule.id}.sum", core, related, say("both parts of {rule}", rule=rule.name))
        text = say("{parts}, up to {total} in all") if cap.op == "up to" else say("{parts}, {total} in all")
        return text.filled(parts=Listing(tuple(parts)), total=total)
    return say("{parts}", parts=Listing(tuple(parts)))


def when(rule: Rule) -> Sentence:
    """When the rule's level is due."""
    if rule.deadline is not None:
        return say("by {year}", year=Year(rule.deadline))
    if rule.path == "level" and rule.standing is Standing.ADOPTED:
        return say("every year")
    return say("with no year named")


def rule_row(rule: Rule) -> Row:
    """A rule under its standing: name, date, what it asks of GDP and when."""
    return Row(
        standing(rule),
        say(
            "{rule} ({announced}): {asks}, {when}.",
            rule=rule,
            announced=rule.announced,
            asks=asks(rule),
            when=when(rule),
        ),
        rule.standing,
    )


def typed_rule(facts: Facts, text: str, spender: Spender | None) -> Rule:
    """The rule of that name, for one spender or for all of them; Problem for one that concerns others alone."""
    rule = names.index_of(facts).rule(text)
    if not rule.only or (spender is not None and spender.code in rule.only):
        return rule
    concerned = [facts.members[code] for code in rule.only]
    raise Problem(
        "not-its-rule",
        say("{rule} concerns {members} alone.", rule=rule, members=Listing(tuple(concerned))),
        tuple(f"target member:{member.name} rule:{rule.id}" for member in concerned),
    )


def with_standing(sentence: Sentence, rule: Rule) -> Sentence:
    """What no adopted rule asks for is never shown without saying so."""
    if rule.standing not in _NEVER_ADOPTED:
        return sentence
    return say("{told}", told=Listing((sentence, _NEVER_ADOPTED[rule.standing]), "sentences"))


_NEVER_ADOPTED = {
    Standing.PROPOSED: say("This level was proposed and never adopted."),
    Standing.DEMANDED: say("This level was demanded and never adopted."),
    Standing.READING: say("This level is its own, disputed reading."),
}


def level_of(rule: Rule) -> Figure:
    """The level a share of GDP is compared with; Problem for a rule that names none."""
    level = rule.level("core", "total")
    if level is None or level.unit.kind is not Kind.SHARE:
        raise Problem(
            "rule-without-level",
            say(
                "{rule} sets no share of GDP to compare with. Ask “rule {id}” for what it says.", rule=rule, id=rule.id
            ),
            (f"rule rule:{rule.id}",),
        )
    return level


def change_between(name: str, now: Figure, then: Figure, label: Sentence) -> Figure:
    """By how much a value rose or fell, never negative: amounts and people in per cent, shares in points."""
    if now.unit.kind in (Kind.MONEY, Kind.PEOPLE):
        return relative_change(name, now, then, label)
    return difference(name, *((now, then) if now.value >= then.value else (then, now)), label)


# -- what a chart is made of ------------------------------------------------------------------------


def line(facts: Facts, edition: Edition, measure: str, spender: Spender) -> Line:
    """Every year an edition prints of one measure for one spender."""
    points = ((year, facts.figure(edition, measure, spender, year)) for year in facts.years(edition, measure, spender))
    return Line(say("{member}", member=spender), tuple((year, figure) for year, figure in points if figure is not None))


def level_line(rule: Rule) -> Level:
    """A rule's level as a line to compare with."""
    return Level(say("{rule}", rule=rule), level_of(rule), rule.deadline, rule.announced.year)


# -- figures in words --------------------------------------------------------------------------------


def basis(edition: Edition, year: Year) -> Sentence:
    """What a figure stands on: its edition, and whether it is an estimate."""
    return say("estimate, {edition}", edition=edition) if year.mark else say("{edition}", edition=edition)


def spends(edition: Edition) -> Sentence:
    """What the edition's shares count, for sentences."""
    return say("core defence") if edition.core else say("defence")


def money(facts: Facts, edition: Edition, spender: Spender, dollars: Figure, year: int) -> Sentence:
    """An amount in US dollars, and in the Ally's own currency at the rate NATO's tables imply for the year."""
    if isinstance(spender, Member):
        rate = exchange_rate(facts, spender, edition, year, to_dollars=False)
        if rate is not None:
            own = converted(
                f"{dollars.name}.national",
                dollars,
                rate,
                say("the same in national currency, {member}", member=spender),
            )
            return say("{dollars} ({own})", dollars=dollars, own=own)
    return say("{dollars}", dollars=dollars)


MARKED = say("“e” marks NATO's estimates.")


def as_shown(figure: Figure) -> Figure:
    """A percentage at the decimals NATO prints, so that what is computed agrees with what is read; else itself."""
    return as_printed(figure) if figure.unit.kind in _IN_PER_CENT else figure


_IN_PER_CENT = (Kind.SHARE, Kind.SHARE_OF_SPENDING, Kind.PERCENT)
PLAIN_RATIO_MATTERS = Decimal("0.05")


def plain_ratio(facts: Facts, edition: Edition, spender: Spender, year: int, share: Figure) -> Figure | None:
    """Spending over GDP in current prices, where it differs from the printed share of real GDP by 0.05 or more."""
    spent = facts.figure(edition, "spending_usd", spender, year)
    gdp = facts.figure(edition, "gdp_usd", spender, year)
    if spent is None or gdp is None:
        return None
    ratio = percentage(
        f"plain_share.{spender.code}.{year}",
        spent,
        gdp,
        say("spending over GDP, both in current prices, {member}, {year}", member=spender, year=Year(year)),
    )
    return ratio if abs(ratio.value - share.value) >= PLAIN_RATIO_MATTERS else None


def member_notes(facts: Facts, edition: Edition, spender: Spender, year: int, share: Figure | None) -> list[Sentence]:
    """What a reader of this member's figures has to know."""
    notes = []
    if share is not None and (ratio := plain_ratio(facts, edition, spender, year, share)) is not None:
        notes.append(
            say(
                "NATO's share is of real GDP; spending over GDP in current prices is {ratio}.",
                ratio=ratio,
            )
        )
    if isinstance(spender, Member):
        for rule in rules.own_facts(facts, spender):
            notes.append(say("{rule}: {summary}", rule=rule, summary=rule.summary))
        if spender.accession.year > year:
            notes.append(
                say(
                    "{member} joined NATO in {year}; this is a year before.",
                    member=spender,
                    year=Year(spender.accession.year),
                )
            )
    elif spender.note:
        notes.append(say("{note}", note=spender.note))
    return notes


def wide(facts: Facts, edition: Edition, measure: str, year: int) -> bool:
    """Whether most Allies' figures of a year are held of an edition; of some a few rows are."""
    having = sum(year in facts.years(edition, measure, member) for member in facts.members.values())
    return 2 * having > len(facts.members)


def pinned_span(facts: Facts, edition: Edition, measure: Measure, wanted: tuple[int, int], years: Sequence[int]) -> str:
    """A span in words that mean the same later: open ends are closed where the edition ends there for everybody."""
    first, last = wanted
    printed = facts.printed_years.get((edition.id, measure.id), ())
    start = str(first if first > names.FIRST_YEAR else years[0])
    if last < names.LAST_YEAR:
        return f"{start}-{last}"
    return f"{start}-{years[-1]}" if printed and years[-1] == printed[-1] else f"{start}-"


def span_notes(
    facts: Facts,
    edition: Edition,
    measure: Measure,
    spenders: Sequence[Spender],
    wanted: tuple[int, int],
    years: Sequence[int],
) -> list[Sentence]:
    """Which years of a span that was asked for are not printed, and which NATO left blank."""
    notes = []
    if names.FIRST_YEAR < wanted[0] < years[0] or years[-1] < wanted[1] < names.LAST_YEAR:
        notes.append(
            say(
                "The {edition} prints {first} to {last} of it.",
                edition=edition,
                first=Year(years[0]),
                last=Year(years[-1]),
            )
            if len(years) > 1
            else say("Of these years the {edition} prints {year} alone.", edition=edition, year=Year(years[0]))
        )
    for spender in spenders:
        blank = [y for y in blank_years(facts, edition, measure.id, spender) if wanted[0] <= y <= wanted[1]]
        if blank:
            notes.append(
                say(
                    "NATO left {year} blank for {member} in the {edition}.",
                    year=Year(blank[-1]),
                    member=spender,
                    edition=edition,
                )
            )
    return notes


ADDS_UP = ("spending_usd", "spending_usd_constant", "gdp_usd", "gdp_usd_constant", "personnel")  # Ally by Ally


def series_notes(facts: Facts, spenders: Sequence[Spender], measure: Measure, years: Sequence[int]) -> list[Sentence]:
    """What breaks a series of several years, or is not alike in the figures that stand side by side."""
    notes = []
    for spender in spenders:
        if isinstance(spender, Member):
            if spender.accession.year > years[0]:
                notes.append(say("{member} joined NATO in {year}.", member=spender, year=Year(spender.accession.year)))
            since = measured_by_income_since(facts, spender)
            if since and measure.id == "share" and years[0] < since <= years[-1]:
                notes.append(
                    say(
                        "{member}: from {year} on NATO divides by national income instead of GDP, so shares before and after are not alike.",
                        member=spender,
                        year=Year(since),
                    )
                )
        elif spender.note:
            notes.append(say("{note}", note=spender.note))
    return notes


def no_forces(facts: Facts, asked: Question, spender: Member, about: Sentence) -> Answer:
    """The answer for an Ally without armed forces: no figure, no gap, and why."""
    own = rules.own_facts(facts, spender)
    rows = [
        Row(standing(rule), say("{rule}: {summary}", rule=rule, summary=rule.summary), rule.standing) for rule in own
    ]
    return Answer(
        asked,
        say(
            "{member} has no armed forces: NATO publishes no spending figure for it, so it has no {about}.",
            member=spender,
            about=about,
        ),
        tuple(rows),
        tuple(say("{caution}", caution=rule.caution) for rule in own if rule.caution),
        edition=facts.newest,
        more=own,
    )


def not_bound(facts: Facts, asked: Question, about: Subject, year: int) -> Answer:
    """The answer for a year before accession: no rule bound it, and what its share was all the same."""
    member = about.spender
    assert isinstance(member, Member)
    share = facts.figure(about.edition, "share", member, year)
    joined = say(
        "{member} was not a member of NATO until {accession}, so no NATO spending rule bound it in {year}",
        member=member,
        accession=member.accession,
        year=Year(year),
    )
    rows = tuple(
        Row(say("{rule}", rule=b.rule.name), say("did not bear: {why}", why=WHY[b.why]), b.rule.standing)
        for b in rules.bearings(facts, member, year)
        if b.why is not None and b.rule.standing is Standing.ADOPTED and b.rule.announced.year <= year
    )
    if share is None:
        headline = say("{joined}; NATO prints no figure for that year.", joined=joined)
    else:
        headline = say(
            "{joined}; it spent {share} of GDP on {what} that year all the same ({basis}).",
            joined=joined,
            share=share,
            what=spends(about.edition),
            basis=basis(about.edition, facts.mark(about.edition, "share", member, year)),
        )
    return Answer(asked, headline, rows, edition=about.edition, more=(Citation(member.source, row=member.name),))


WHY = {
    rules.Why.NOT_A_MEMBER: say("not yet a member"),
    rules.Why.NOT_AGREED: say("not yet agreed"),
    rules.Why.SUPERSEDED: say("superseded by then"),
    rules.Why.NO_FORCES: say("no armed forces"),
    rules.Why.NEVER_ADOPTED: say("never adopted"),
}


def pinned(
    question: Question, about: Subject, edition: Edition | None, year: int | None, **more: str | None
) -> Question:
    """The question with everything it left open filled in, so that it gives the same answer later."""
    return Question(
        question.name,
        member=about.spender.code,
        year=str(year) if year is not None else None,
        edition=edition.id if edition else None,
        **more,
    )


_GRADES = {
    "A": say("primary text (A)"),
    "B": say("press or think tank (B)"),
    "C": say("aggregator (C)"),
    "D": say("a file that cites a primary text (D)"),
}


def graded(grade: str) -> Sentence:
    """How near to the primary text a row's source is, in words and as its letter."""
    return _GRADES[grade]


def one_figure(facts: Facts, edition: Edition, spender: Spender, measure: Measure, year: int) -> Sentence:
    """One figure with its measure and, in constant prices, their base."""
    figure = facts.figure(edition, measure.id, spender, year)
    mark = facts.mark(edition, measure.id, spender, year)
    if measure.constant:
        return say(
            "{member}, {year}: {figure}, {measure} of {base} ({basis}).",
            member=spender,
            year=Year(year),
            figure=figure,
            measure=measure.name,
            base=Year(int(edition.price_base)),
            basis=basis(edition, mark),
        )
    return say(
        "{member}, {year}: {figure}, {measure} ({basis}).",
        member=spender,
        year=Year(year),
        figure=figure,
        measure=measure.name,
        basis=basis(edition, mark),
    )


def heading(measure: str) -> Sentence:
    """A column's heading; `unit` is filled in when the table is drawn, since it depends on the size of the amounts."""
    return _HEADINGS.get(measure, say("{unit}", unit=""))


_HEADINGS = {
    "share": say("{unit} GDP", unit=""),
    "real_change": say("real {unit}", unit=""),
    "equipment_share": say("equip. {unit}", unit=""),
}
