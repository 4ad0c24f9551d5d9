"""Every Ally of a total at a share of GDP in a year ahead, added up: our illustration."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from knowledge.answer import Answer, Row, Table
from knowledge.arithmetic import as_printed, difference, part_of, span, straight_line, total, yearly_growth
from knowledge.asking.problem import Problem
from knowledge.chart import Bar, BarChart
from knowledge.figure import Figure
from knowledge.forecast import BAND_NOTE, Projection, band, sides, wide_enough
from knowledge.questions import saying
from knowledge.questions.whatif.start import Assumed, Start, gdp_source, growth_held, then
from knowledge.sentences import Listing, Year, say
from knowledge.things import Member

_RISE = say("points above today's share")


class _One(Struct, frozen=True):
    """An Ally's share now, its GDP in the prices' year and in the year asked for, and what the share comes to."""

    member: Member
    share: Figure
    today: Figure
    whole: Figure
    amount: Figure
    extra: Figure
    projection: Projection


def everyone(start: Start, given: Assumed) -> Answer:
    """Every Ally at the share in the year asked for; one that spends more already stays at its own share."""
    facts, edition, code = start.facts, start.edition, start.spender.code
    members = [m for m in facts.members.values() if m.armed_forces and (code == "NATO_TOTAL" or m.code != "USA")]
    found = [(member, _one(start, given, member)) for member in members]
    ones = sorted((one for _, one in found if one), key=lambda one: (-one.extra.value, one.member.name))
    left_out = tuple(member for member, one in found if one is None)
    base, by = Year(facts.forecast.prices), Year(given.by)
    if len(left_out) > len(ones):
        told = say("The {edition} prints no exchange rates of {base}, so nothing is added up.")
        told = told.filled(edition=edition, base=base)
        raise Problem("no-projection", told, (f"whatif member:{start.spender.name} share:{given.share.value}",))
    values: dict[str, object] = {"group": start.spender, "share": given.share, "by": by, "base": base}
    values["amount"] = spent = total("amount.all", [one.amount for one in ones], say("all of them in {by}", **values))
    values["extra"] = total("extra.all", [one.extra for one in ones], say("extra of all of them in {by}", **values))
    short = [one for one in ones if one.extra.value]
    there = tuple(one.member for one in ones if not one.extra.value)
    growth = gdp_source(facts, given.growth)
    text = say("every Ally at {share} in {by}, or at today's share if that is higher; {growth}; NATO's rates of {year}")
    edges = band(facts, spent, sides(facts, given.growth or _growth(start, given, ones)), given.by)
    rows = [
        Row(say("Assumed"), text.filled(share=given.share, by=by, growth=growth, year=base)),
        then(given.by, spent, wide_enough(spent, edges)),
    ]
    if short:
        most = [say("{member} {extra}", member=one.member, extra=one.extra) for one in short[:5]]
        rows.append(Row(say("Most of the extra"), say("{members}", members=Listing(tuple(most))), illustration=True))
    on_the_way = _on_the_way(start, given, short)
    rows += [on_the_way] if on_the_way is not None else []
    if there:
        rows.append(Row(say("At that share or above already"), say("{members}", members=Listing(there))))
    if left_out:
        told = say("{members}: no forecast in dollars is held", members=Listing(left_out))
        rows.append(Row(say("Left out"), told))
    told = say(
        "If every Ally of {group} spent at least {share} of GDP in {by}, that would be about {amount} in {base} prices, {extra} more than at today's shares ({basis}; our illustration)."
    )
    headline = told.filled(**values, basis=start.basis)
    headings = (say("Ally"), say("now {unit}", unit=""), say("extra {unit}", unit=""))
    table = Table(headings, tuple((one.member, one.share, one.extra) for one in short)) if short else None
    bars = tuple(Bar(say("{member}", member=one.member), one.member.iso2, one.extra) for one in short)
    chart = BarChart(say("Extra for {share} of GDP in {by}, {base} prices", **values), bars) if short else None
    line = [say("Nobody has agreed to a straight line: it is ours.")] if on_the_way is not None else []
    notes = (saying.BINDS_EACH, BAND_NOTE, *line, *growth_held(facts, given))
    rows.append(saying.rule_row(start.rule))
    return Answer(replace(start.subject.asked, by=str(given.by)), headline, tuple(rows), notes, table, chart, edition)


def _one(start: Start, given: Assumed, member: Member) -> _One | None:
    """None where no forecast in dollars is held."""
    projection = Projection(start.facts, start.edition, member, given.growth)
    now = start.facts.figure(start.edition, "share", member, start.year)
    today, whole = (projection.in_dollars(year) for year in (start.facts.forecast.prices, given.by))
    if now is None or today is None or whole is None:
        return None
    now = as_printed(now)
    share = given.share if given.share.value > now.value else now
    values = {"share": share, "base": projection.divided_by, "member": member, "year": Year(given.by)}
    label = say("{share} of {base} of {member} in {year}", **values)
    amount = part_of(f"amount.{member.code}", share, whole, label)
    rise = difference(f"rise.{member.code}", share, now, _RISE)
    extra = part_of(f"extra.{member.code}", rise, whole, say("extra of {member}", member=member))
    return _One(member, now, today, whole, amount, extra, projection)


def _on_the_way(start: Start, given: Assumed, ones: list[_One]) -> Row | None:
    """What is extra in all the years on a straight line from today's share; None where it is one year."""
    first, by = start.year + 1, given.by
    if first >= by or not ones:
        return None
    row, parts = say("Extra, {first} to {last}", first=Year(first), last=Year(by)), [one.extra for one in ones]
    for one in ones:
        member, whole = one.member, span(start.year, by)
        for year in range(first, by):
            label = say("straight line to {share}, {year}", share=given.share, year=Year(year))
            name, elapsed = f"{member.code}.{year}", span(start.year, year)
            share = straight_line(f"line.{name}", one.share, given.share, elapsed, whole, label)
            if (gdp := one.projection.in_dollars(year)) is None:
                return None
            rise = difference(f"rise.{name}", share, one.share, _RISE)
            parts.append(part_of(f"extra.{name}", rise, gdp, say("extra of {member}", member=member)))
    return Row(row, say("{amount}", amount=total("extra.sum", parts, row)), illustration=True)


def _growth(start: Start, given: Assumed, ones: list[_One]) -> Figure | None:
    """Real growth a year of all of them together."""
    first = start.facts.forecast.prices
    if given.by <= first:
        return None
    values = {"start": Year(first), "year": Year(given.by)}
    today = total("gdp.all.now", [one.today for one in ones], say("GDP of all of them in {start}", **values))
    ahead = total("gdp.all", [one.whole for one in ones], say("GDP of all of them in {year}", **values))
    label = say("real growth of all of them a year, {start} to {year}", **values)
    return yearly_growth("growth.all", ahead, today, span(first, given.by), label)
