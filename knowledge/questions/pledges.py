"""What an Ally has said of its own spending, beside the rule and NATO's figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import as_printed, tally
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.figure import INCOME, Citation, Figure, Kind, Status, Unit
from knowledge.questions import saying
from knowledge.sentences import Sentence, Typed, Year, say
from knowledge.things import Edition, Member, Pledge, Rule, Spender

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


def pledges(facts: Facts, subject: Subject) -> Answer:
    """Every pledge held of one Ally, newest first, with who tells it; rule, reading and NATO's figure stand beside."""
    edition, member, until = subject.edition, subject.spender, _until(facts, subject)
    if not isinstance(member, Member):
        told = say("{member} is a sum and has pledged nothing itself. Ask for one Ally.", member=member)
        raise Problem("one-ally", told, ("pledges member:Germany", "pledges member:Poland", "pledges member:Spain"))
    year = subject.year if subject.years else edition.last
    share = facts.figure(edition, "share", member, year)
    share = share and as_printed(share)
    known, then = (facts.agreed_by(until), until.year) if until else (facts, edition.published.year)
    main, own = rules.main_rule(known, then), rules.readings(known, member, then)
    bound = main if main is not None and rules.bearing(main, member, then).bears else None
    held = _held(facts, subject)
    leading = _leading(held, year)
    rows = [saying.rule_row(rule) for rule in (bound, *own) if rule is not None]
    notes = [
        *saying.cautions(own),
        *_notes(facts, subject, held, leading),
        *saying.member_notes(facts, edition, member, year, None),
    ]
    if share is not None:
        spent = saying.spent(facts, edition, member, share, year)
        rows.append(Row(say("NATO's figure"), say("{spent}.", spent=spent)))
        notes += saying.break_notes(facts, edition, [facts.measures["share"]], [member], year, year)
    said = _said(facts, leading) if leading else _nothing_said(facts, subject, member)
    headline = say("{said}; {beside}.", said=said, beside=_beside(facts, edition, member, bound, year, share))
    rows += [_row(facts, pledge) for pledge in held]
    more = tuple(Citation(pledge.source) for pledge in held)
    return Answer(subject.asked, headline, tuple(rows), tuple(notes), edition=edition, more=more)


def _held(facts: Facts, subject: Subject) -> list[Pledge]:
    """What a member said, newest first; with a day or an older edition only what had been said by then."""
    said = _all(facts, subject.spender)
    if (until := _until(facts, subject)) is not None:
        said = [p for p in said if p.announced is not None and p.announced.last <= until]
    return sorted(said, key=lambda p: p.announced.last.toordinal() if p.announced else 0, reverse=True)


def _until(facts: Facts, subject: Subject) -> date | None:
    """The day up to which words count: the one asked for, or when an older edition came out."""
    return subject.day or (subject.edition.published.last if subject.edition is not facts.newest else None)


def _all(facts: Facts, member: Spender) -> list[Pledge]:
    return [pledge for pledge in facts.pledges.values() if pledge.member == member.code]


def own_words(facts: Facts, subject: Subject, year: int) -> list[Row]:
    """What an answer on something else sets beside it: what the headline here quotes, if that binds or reserves."""
    leading = _leading(_held(facts, subject), year)
    if leading is None or leading.kind not in (*_COMMITS, "reservation"):
        return []
    return [Row(say("Its own words"), say("{said}.", said=_said(facts, leading)))]


def _leading(held: list[Pledge], year: int) -> Pledge | None:
    """What is quoted of a member, the one choice of every answer: the newest commitment that names a year not yet past.

    One on core spending comes first; without any, the newest thing said. Of one day, the one that looks furthest.
    """
    ahead = [p for p in held if p.kind in _COMMITS and p.announced and (p.share or p.share_low) and _last(p) >= year]
    found = [p for p in ahead if p.basis.startswith("core")] or ahead
    if not found:
        return next((p for p in held if p.kind != "context"), None)
    newest = found[0].announced
    return max((p for p in found if p.announced == newest), key=_last)


def _last(pledge: Pledge) -> int:
    return pledge.year_to or pledge.year_from or 0


def _said(facts: Facts, pledge: Pledge) -> Sentence:
    """A pledge in one clause, never without what became of it."""
    share, years = _share(facts, pledge), _years(pledge)
    values = {"member": facts.members[pledge.member], "share": share, "years": years, "when": _when(pledge)}
    if pledge.kind not in _COMMITS or share is None:
        summary = pledge.summary.rstrip(".")
        said = say("Of {member} the newest that is held is “{summary}” ({when})", **values, summary=summary)
    elif years is not None:
        said = say("{member} has announced {share} for {years} ({when})", **values)
    else:
        said = say("{member} has announced {share}, without naming a year ({when})", **values)
    return say("{said}; since then: {since}", said=said, since=pledge.since.rstrip(".")) if pledge.since else said


def _nothing_said(facts: Facts, subject: Subject, member: Member) -> Sentence:
    """That nothing is held of a member, or nothing from before a day or an older edition."""
    if not _all(facts, member):
        return say("No pledge of {member} is held here", member=member)
    if subject.day is not None:
        text = say("Of what {member} has said and is held here, nothing had been said by {day}")
        return text.filled(member=member, day=PartialDate(subject.day.isoformat()))
    edition = subject.edition
    text = say("Of what {member} has said and is held here, nothing is from before the {edition} ({published})")
    return text.filled(member=member, edition=edition, published=edition.published)


def _beside(
    facts: Facts, edition: Edition, member: Member, rule: Rule | None, year: int, share: Figure | None
) -> Sentence:
    """The rule and NATO's figure, which every pledge is read against."""
    if not member.armed_forces:
        return say("it has no armed forces, so no spending rule binds it and NATO publishes no figure")
    asks = say("no NATO rule bound it in {year}", year=Year(edition.published.year))
    if rule is not None:
        asks = say("the adopted rule asks for {parts}, {when}", parts=saying.asks(rule), when=saying.when(rule))
    values = {"asks": asks, "share": share, "year": Year(year), "edition": edition}
    if share is None:
        return say("{asks}; the {edition} has no figure for it", **values)
    if share.status is Status.CORRECTED:
        return say("{asks}; for {year} {share} is corrected here ({edition})", **values)
    if facts.mark(edition, "share", member, year).mark:
        return say("{asks}; NATO's estimate for {year} is {share} ({edition})", **values)
    return say("{asks}; NATO prints {share} for {year} ({edition})", **values)


def _row(facts: Facts, pledge: Pledge) -> Row:
    """What was said, when, in whose words, and who tells it."""
    share, years = _share(facts, pledge), _years(pledge)
    text = say("{summary}", summary=pledge.summary)
    if pledge.quote:
        text = say("{text} In the source's words: “{quote}”.", text=text, quote=pledge.quote)
    if share is not None and years is not None:
        text = say("{share}, for {years}. {text}", share=share, years=years, text=text)
    elif share is not None:
        text = say("{share}. {text}", share=share, text=text)
    if pledge.since:
        text = say("{text} Since then: {since}", text=text, since=pledge.since)
    if pledge.note:
        text = say("{text} {note}", text=text, note=pledge.note)
    return Row(_when(pledge), say("{text} Source: {told}.", text=text, told=saying.told_by(pledge.source)))


def _notes(facts: Facts, subject: Subject, held: list[Pledge], leading: Pledge | None) -> list[Sentence]:
    """What is not comparable, what the headline takes, and what was said after an older edition."""
    notes = []
    bases = {pledge.basis for pledge in held if pledge.share is not None or pledge.share_low is not None}
    if "total" in bases:
        notes.append(say("A pledge of both parts together is not compared with the core part alone."))
    if "national budget" in bases:
        notes.append(say("A national budget counts in its own way and is not compared with NATO's figure or the rule."))
    if held and leading is not held[0]:
        takes = say(
            "The headline takes the newest pledge, on core spending where there is one, that names a year not yet past; what was said since stands in the rows."
        )
        notes.append(takes)
    member, edition, until = subject.spender, subject.edition, _until(facts, subject)
    dated = (pledge.announced for pledge in _all(facts, member) if pledge.announced)
    if until is not None and (later := sum(one.first > until for one in dated)):
        values: dict[str, object] = {"member": member, "edition": edition, "code": Typed(member.code)}
        values["count"] = tally(later, say("what {member} said after the {edition}", **values))
        told = say(
            "What had been said when the {edition} came out is shown. Said later and held: {count}; ask “pledges {code}”."
        )
        if subject.day is not None:
            values["day"] = PartialDate(until.isoformat())
            told = say("What had been said by {day} is shown. Said later and held: {count}; ask “pledges {code}”.")
        notes.append(told.filled(**values))
    return notes


def _level(facts: Facts, pledge: Pledge, value: Decimal, end: str = "") -> Figure:
    of = INCOME if pledge.basis == "core (GNI)" else ""
    unit = Unit(Kind.SHARE, decimals=max(0, -int(value.as_tuple().exponent)), of=of)
    label = say("{member}: {kind}", member=facts.members[pledge.member], kind=_when(pledge))
    return Figure(f"pledge.{pledge.id}{end}", value, unit, label, citations=(Citation(pledge.source),))


def _share(facts: Facts, pledge: Pledge) -> Sentence | None:
    """The share with what it counts; a range keeps both its ends."""
    if pledge.share is not None:
        return _BASES[pledge.basis].filled(share=_level(facts, pledge, pledge.share))
    if pledge.share_low is None or pledge.share_high is None:
        return None
    low, high = _level(facts, pledge, pledge.share_low, ".low"), _level(facts, pledge, pledge.share_high, ".high")
    return _BASES[pledge.basis].filled(share=say("{low} to {high}", low=low, high=high))


def _years(pledge: Pledge) -> Sentence | None:
    if pledge.year_from is None:
        return None
    if pledge.year_to is None:
        return say("{year}", year=Year(pledge.year_from))
    return say("{first} to {last}", first=Year(pledge.year_from), last=Year(pledge.year_to))


def _when(pledge: Pledge) -> Sentence:
    text = say("{kind}, {date}") if pledge.announced else say("{kind}, no date")
    return text.filled(kind=_KINDS[pledge.kind], date=pledge.announced)
