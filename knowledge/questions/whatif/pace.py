"""When a rule's level is reached if the share goes on changing as it did in the last years: our illustration."""

from __future__ import annotations

from decimal import ROUND_CEILING

from msgspec import Struct
from msgspec.structs import replace

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import as_printed, at_pace, difference, quotient, span
from knowledge.asking.problem import Problem
from knowledge.asking.years import LAST_YEAR
from knowledge.chart import Line, LineChart
from knowledge.figure import Figure, Status
from knowledge.questions import saying
from knowledge.questions.pledges import own_words
from knowledge.questions.whatif.start import Start
from knowledge.rules import Distance
from knowledge.sentences import Sentence, Year, say
from knowledge.things import Member

PACES = (3, 5, 10)  # years back from the newest
LEADING_PACE = 5
_HEADLINES = {
    "met": say("{member} is at or above {level} already, at {share} in {now} ({basis}, {rule})."),
    "never": say("{member}: never at this pace. From {since} to {now} the share of GDP changed by {pace}, and {share} is below {level} ({basis}, {rule})."),
    "after": say("At the pace of {since} to {now} ({pace}), {member} would not reach {level} by {last} ({basis}, {rule}): our illustration, no forecast."),
    "reached": say("At the pace of {since} to {now} ({pace}), {member} would reach {level} in {year} ({basis}, {rule}): our illustration, no forecast."),
    "in time": say("At the pace of {since} to {now} ({pace}), {member} would reach {level} in {year}, in time for {deadline} ({basis}, {rule}): our illustration, no forecast."),
    "too late": say("At the pace of {since} to {now} ({pace}), {member} would reach {level} in {year}, too late for {deadline} ({basis}, {rule}): our illustration, no forecast."),
}  # fmt: skip


class _Pace(Struct, frozen=True):
    """The yearly change over the last years and the year the level is reached; None is never at this pace."""

    since: Year
    points: Figure
    reached: int | None = None
    needed: Figure | None = None


def pace(start: Start) -> Answer:
    """The paces of the last years and the year each reaches the level in; none across a break of the series."""
    facts, edition, subject, spender, year = start.facts, start.edition, start.subject, start.spender, start.year
    again = f"whatif member:{spender.name}"
    if subject.by is not None or subject.growth is not None or subject.own_prices:
        told = say("Name a share of GDP with it, for example share:3.5.")
        raise Problem("no-share", told, (f"{again} share:3.5", again))
    distance = saying.measured(facts, edition, spender, start.share, start.rule, year)
    paces = {back: one for back in PACES if (one := _over(start, distance, back)) is not None}
    if not paces:
        told = say("The {edition} prints too few years of {member} for a pace.", edition=edition, member=spender)
        raise Problem("no-pace", told, (again, f"gap member:{spender.name}"))
    rows = [Row(say("Since {year}", year=p.since), _row(distance, p), illustration=True) for p in paces.values()]
    rows.append(saying.rule_row(start.rule))
    rows += [saying.rule_row(rule) for rule in rules.readings(facts, spender, year) if rule is not start.rule]
    rows += own_words(facts, subject, year)
    lines = [saying.line(facts, edition, "share", spender)]
    if distance.short:
        lines += [Line(say("Since {year}", year=one.since), _ends(start, one)) for one in paces.values()]
    title = say("{member}: share of GDP at the pace of the last years, {edition}", member=spender, edition=edition)
    chart = LineChart(title, tuple(lines), (saying.level_line(start.rule),))
    headline = _headline(start, distance, paces.get(LEADING_PACE) or next(iter(paces.values())))
    headline, notes = saying.with_standing(headline, distance.bearing), tuple(_notes(start))
    return Answer(subject.asked, headline, tuple(rows), notes, chart=chart, edition=edition)


def _over(start: Start, distance: Distance, back: int) -> _Pace | None:
    """The pace since so many years ago; None where that year has no share, or one that is not alike."""
    facts, edition, spender, year = start.facts, start.edition, start.spender, start.year
    then = facts.figure(edition, "share", spender, year - back)
    if then is None or rules.apart(facts, edition, facts.measures["share"], spender, year - back, year):
        return None
    values = {"since": Year(year - back), "now": Year(year)}
    rise = difference(f"rise.{back}", start.share, as_printed(then), say("change from {since} to {now}", **values))
    points = quotient(f"pace.{back}", rise, span(year - back, year), say("pace of {since} to {now}", **values))
    if not distance.short:
        return _Pace(values["since"], points)
    points = replace(points, status=Status.ILLUSTRATION)  # a pace that is thought on is ours
    if points.value <= 0:
        return _Pace(values["since"], points)
    label = say("years it takes at the pace of {since} to {now}", **values)
    needed = quotient(f"needed.{back}", distance.points, points, label)
    return _Pace(values["since"], points, year + int(needed.value.to_integral_value(ROUND_CEILING)), needed)


def _row(distance: Distance, one: _Pace) -> Sentence:
    values: dict[str, object] = {"pace": one.points, "level": distance.level, "needed": one.needed}
    if not distance.short:
        return say("{pace}; at or above {level} already", **values)
    if one.reached is None or one.needed is None:
        return say("{pace}: never at this pace", **values)
    if one.reached > LAST_YEAR:
        return say("{pace}: after {last}", **values, last=Year(LAST_YEAR))
    now, values["year"] = distance.year, Year(one.reached)
    if one.needed.value == one.reached - now:
        return say("{pace}: {level} in {year}, after {years}", **values, years=span(now, one.reached))
    if one.needed.printed == one.reached - now - 1:  # "9.0 years" would be a year earlier
        years = span(now, one.reached - 1)
        return say("{pace}: {level} in {year}, after a little over {years}", **values, years=years)
    return say("{pace}: {level} in {year}, after {needed}", **values)


def _headline(start: Start, distance: Distance, one: _Pace) -> Sentence:
    values: dict[str, object] = {"member": start.spender, "level": distance.level, "rule": start.rule}
    values |= {"basis": start.basis, "share": start.share, "now": Year(start.year)}
    if not distance.short:
        return _HEADLINES["met"].filled(**values)
    values |= {"pace": one.points, "since": one.since, "last": Year(LAST_YEAR)}
    if one.reached is None or one.reached > LAST_YEAR:
        return _HEADLINES["never" if one.reached is None else "after"].filled(**values)
    values["year"], deadline = Year(one.reached), start.rule.deadline
    if deadline is None or deadline <= start.year:
        return _HEADLINES["reached"].filled(**values)
    return _HEADLINES["in time" if one.reached <= deadline else "too late"].filled(**values, deadline=Year(deadline))


def _notes(start: Start) -> list[Sentence]:
    facts, edition, spender, year = start.facts, start.edition, start.spender, start.year
    notes = [say("A pace is the change between two years divided by the years between; nothing says it will go on.")]
    notes += saying.became(start.rule)
    first = max(year - max(PACES), edition.first)
    notes += saying.joined_notes([spender], first) if isinstance(spender, Member) else [saying.BINDS_EACH]
    notes += saying.break_notes(facts, edition, [facts.measures["share"]], [spender], first, year)
    return notes + saying.member_notes(facts, edition, spender, year, start.share)


def _ends(start: Start, one: _Pace) -> tuple[tuple[int, Figure], ...]:
    """Both ends of a straight line: to the deadline, or ten years on."""
    now, deadline = start.year, start.rule.deadline
    end = deadline if deadline is not None and deadline > now else now + 10
    label = say("share in {year} at this pace", year=Year(end))
    name = f"{one.points.name.replace('pace', 'at_pace')}.{end}"
    return (now, start.share), (end, at_pace(name, start.share, one.points, span(now, end), label))
