"""What an Ally has said of its own spending, beside the rule and NATO's figure."""

from __future__ import annotations

from decimal import Decimal

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.facts import Edition, Facts, Member, Pledge, Rule
from knowledge.figure import Citation, Figure, Kind, Unit, as_printed
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Sentence, Year, say

# What commits its speaker; statements, reservations and reports are shown, and never called a pledge.
_COMMITS = ("promise", "plan", "law", "law intended", "budget", "ambition")

_KINDS = {
    "promise": say("promise"),
    "plan": say("plan"),
    "law": say("law"),
    "law intended": say("intended law"),
    "budget": say("budget"),
    "ambition": say("ambition"),
    "proposal": say("proposal"),
    "statement": say("statement"),
    "reservation": say("reservation"),
    "reported to NATO": say("reported to NATO"),
    "reported as achieved": say("reported as achieved"),
    "context": say("context"),
}
_BASES = {
    "core": say("{share} of GDP core"),
    "related": say("{share} of GDP related"),
    "total": say("{share} of GDP, core and related together"),
    "national budget": say("{share} of GDP by its own budget's count"),
    "core (GNI)": say("{share} of gross national income core"),
}


def pledges(facts: Facts, question: Question) -> Answer:
    """Every pledge held of one Ally, newest first, with its grade; the rule, its own reading and NATO's figure beside.

    Nothing is subtracted: a pledge on another basis than the rule's core part is not comparable with it.
    """
    about = parts.subject(facts, question)
    member, edition = about.spender, about.edition
    if not isinstance(member, Member):
        raise Problem(
            "one-ally",
            say("{member} is a sum and has pledged nothing itself. Ask for one Ally.", member=member),
            ("pledges member:Germany", "pledges member:Poland", "pledges member:Spain"),
        )
    year = parts.last_year(facts, edition, "share", member)
    rule = rules.main_rule(facts, edition.published.year)
    assert rule is not None  # no edition that is held is older than the first rule
    own = rules.readings(facts, member, edition.published.year)
    held = _held(facts, edition, member)
    rows = [] if not member.armed_forces else [parts.rule_row(rule), *(parts.rule_row(one) for one in own)]
    rows += _printed(facts, edition, member, year)
    rows += [_row(facts, pledge) for pledge in held]
    return Answer(
        Question("pledges", member=member.code, edition=edition.id),
        say(
            "{said}; {beside}.",
            said=_said(facts, member, held, year),
            beside=_beside(facts, edition, member, rule, year),
        ),
        tuple(rows),
        tuple(_notes(facts, edition, member, held, own, year)),
        edition=edition,
        more=tuple(_citation(pledge) for pledge in held),
    )


# -- the headline ------------------------------------------------------------------------------------


def _held(facts: Facts, edition: Edition, member: Member) -> list[Pledge]:
    """What a member said, newest first; beside an older edition only what had been said by then."""
    said = [pledge for pledge in facts.pledges.values() if pledge.member == member.code]
    if edition is not facts.newest:
        said = [p for p in said if p.announced is not None and p.announced.last <= edition.published.last]
    return sorted(said, key=lambda p: p.announced.last.toordinal() if p.announced else 0, reverse=True)


def own_words(facts: Facts, edition: Edition, member: Member, year: int) -> Sentence | None:
    """The commitment an answer on something else sets beside it, as a headline here would quote it; None without one."""
    held = [pledge for pledge in _held(facts, edition, member) if pledge.kind in _COMMITS]
    return _said(facts, member, held, year) if held else None


def _leading(held: list[Pledge], year: int | None) -> Pledge | None:
    """What the headline quotes: the newest commitment on core spending that names a year not yet past.

    Without one, the newest on any basis that names such a year; without that, the newest thing said. Of one day,
    the one that looks furthest.
    """
    ahead = [
        p
        for p in held
        if p.kind in _COMMITS and p.announced and (p.share or p.share_low) and _last(p) and _last(p) >= (year or 0)
    ]
    core = [p for p in ahead if p.basis.startswith("core")]
    if found := core or ahead:
        newest = max(p.announced.last for p in found if p.announced)
        return max((p for p in found if p.announced and p.announced.last == newest), key=_last)
    return held[0] if held else None


def _last(pledge: Pledge) -> int:
    return pledge.year_to or pledge.year_from or 0


def _said(facts: Facts, member: Member, held: list[Pledge], year: int | None) -> Sentence:
    leading = _leading(held, year)
    if leading is None:
        return say("No pledge of {member} is held", member=member)
    when = _when(leading)
    share = _share(facts, leading)
    if leading.kind not in _COMMITS or share is None:
        said = say(
            "Of {member} the newest that is held is “{statement}” ({when})",
            member=member,
            statement=leading.statement.rstrip("."),
            when=when,
        )
    elif (years := _years(leading)) is not None:
        said = say(
            "{member} has announced {share} for {years} ({when})", member=member, share=share, years=years, when=when
        )
    else:
        said = say(
            "{member} has announced {share}, without naming a year ({when})", member=member, share=share, when=when
        )
    if leading.since:
        return say("{said}; since then: {since}", said=said, since=leading.since.rstrip("."))
    return said


def _beside(facts: Facts, edition: Edition, member: Member, rule: Rule, year: int | None) -> Sentence:
    if not member.armed_forces:
        return say("it has no armed forces, so no spending rule binds it and NATO publishes no figure")
    asks = say("the adopted rule asks for {parts}, {when}", parts=parts.asks(rule), when=parts.when(rule))
    share = facts.figure(edition, "share", member, year) if year else None
    if year is None or share is None:
        return say("{asks}; the {edition} has no figure for it", asks=asks, edition=edition)
    return say(
        "{asks}; NATO prints {share} for {year} ({basis})",
        asks=asks,
        share=as_printed(share),
        year=Year(year),
        basis=parts.basis(edition, facts.mark(edition, "share", member, year)),
    )


# -- rows and notes ----------------------------------------------------------------------------------


def _printed(facts: Facts, edition: Edition, member: Member, year: int | None) -> list[Row]:
    share = facts.figure(edition, "share", member, year) if year else None
    if year is None or share is None:
        return []
    text = say(
        "{share} of GDP on {what} in {year} ({basis})",
        share=as_printed(share),
        what=parts.spends(edition),
        year=Year(year),
        basis=parts.basis(edition, facts.mark(edition, "share", member, year)),
    )
    return [Row(say("NATO's figure"), text)]


def _row(facts: Facts, pledge: Pledge) -> Row:
    """What was said, when, and how near its source is to the one who said it."""
    share, years = _share(facts, pledge), _years(pledge)
    text = say("{statement}", statement=pledge.statement)
    if share is not None and years is not None:
        text = say("{share}, for {years}. {text}", share=share, years=years, text=text)
    elif share is not None:
        text = say("{share}. {text}", share=share, text=text)
    if pledge.since:
        text = say("{text} Since then: {since}", text=text, since=pledge.since)
    if pledge.note:
        text = say("{text} {note}", text=text, note=pledge.note)
    return Row(_when(pledge), say("{text} Source: {grade}.", text=text, grade=parts.graded(pledge.grade)))


def _notes(
    facts: Facts, edition: Edition, member: Member, held: list[Pledge], own: tuple[Rule, ...], year: int | None
) -> list[Sentence]:
    notes = [say("{caution}", caution=rule.caution) for rule in own if rule.caution]
    bases = {pledge.basis for pledge in held if pledge.share is not None or pledge.share_low is not None}
    if "total" in bases:
        notes.append(say("A pledge of both parts together is not compared with the core part alone."))
    if "national budget" in bases:
        notes.append(say("A national budget counts in its own way and is not compared with NATO's figure or the rule."))
    if held and _leading(held, year) is not held[0]:
        notes.append(
            say(
                "The headline takes the newest pledge, on core spending where there is one, that names a year not yet past; "
                "what was said since stands in the rows."
            )
        )
    if year is not None:
        notes += parts.member_notes(facts, edition, member, year, None)
    elif not member.armed_forces:
        notes += [say("{rule}: {summary}", rule=rule, summary=rule.summary) for rule in rules.own_facts(facts, member)]
    return notes


# -- what the above are made of ----------------------------------------------------------------------


def _citation(pledge: Pledge) -> Citation:
    return Citation(pledge.source)


def _level(facts: Facts, pledge: Pledge, name: str, value: Decimal) -> Figure:
    kind = Kind.PERCENT if pledge.basis == "core (GNI)" else Kind.SHARE  # a share of income is none of GDP
    label = say("{member}: {kind}", member=facts.members[pledge.member], kind=_when(pledge))
    decimals = max(0, -int(value.as_tuple().exponent))
    return Figure(name, value, Unit(kind, decimals=decimals), label, citations=(_citation(pledge),))


def _share(facts: Facts, pledge: Pledge) -> Sentence | None:
    """The share with what it counts; a range keeps both its ends."""
    if pledge.share is not None:
        share: object = _level(facts, pledge, f"pledge.{pledge.id}", pledge.share)
    elif pledge.share_low is not None and pledge.share_high is not None:
        share = say(
            "{low} to {high}",
            low=_level(facts, pledge, f"pledge.{pledge.id}.low", pledge.share_low),
            high=_level(facts, pledge, f"pledge.{pledge.id}.high", pledge.share_high),
        )
    else:
        return None
    return _BASES[pledge.basis].filled(share=share)


def _years(pledge: Pledge) -> Sentence | None:
    if pledge.year_from is None:
        return None
    if pledge.year_to is None:
        return say("{year}", year=Year(pledge.year_from))
    return say("{first} to {last}", first=Year(pledge.year_from), last=Year(pledge.year_to))


def _when(pledge: Pledge) -> Sentence:
    kind = _KINDS[pledge.kind]
    if pledge.announced is None:
        return say("{kind}, no date", kind=kind)
    return say("{kind}, {date}", kind=kind, date=pledge.announced)
