"""A share of GDP as money in a year that NATO prints, beside what it says was spent: no projection."""

from __future__ import annotations

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.arithmetic import as_printed, distance, part_of
from knowledge.questions import saying
from knowledge.questions.whatif.start import Assumed, Start, beside_the_rules
from knowledge.sentences import Year, say
from knowledge.things import Member

_HEADLINES = {
    "would be": say("{share} of the {base} of {member} in {year} would be {amount} ({basis})."),
    "less": say("{share} of the {base} of {member} in {year} would be {amount}: {extra} less than the {spent} NATO prints ({basis})."),
    "extra": say("{share} of the {base} of {member} in {year} would be {amount}: {extra} more than the {spent} NATO prints ({basis})."),
}  # fmt: skip


def printed(start: Start, given: Assumed) -> Answer:
    """The share asked about of the GDP NATO prints for the year, and how far that is from NATO's own amount."""
    facts, edition, spender, year = start.facts, start.edition, start.spender, given.by
    gdp, spent, share = (facts.figure(edition, row, spender, year) for row in ("gdp_usd", "spending_usd", "share"))
    assert gdp is not None  # the year is one whose GDP is held
    values: dict[str, object] = {"member": spender, "year": Year(year), "share": given.share, "edition": edition}
    values["base"] = rules.base_of(facts, edition, spender, year)
    amount = part_of(f"amount.{year}", given.share, gdp, say("{share} of {base} of {member} in {year}", **values))
    values["amount"] = saying.money(facts, edition, spender, amount, year)
    values["basis"] = saying.basis_of(edition, [gdp] if spent is None else [gdp, spent])
    text = _HEADLINES["would be"]
    if spent is not None:
        way = "less" if amount.value < spent.value else "extra"
        label = say("how far that is from what was spent, {member}, {year}", **values)
        apart = distance(f"{way}.{year}", amount, spent, label)
        values |= {"extra": saying.money(facts, edition, spender, apart, year), "spent": spent}
        text = _HEADLINES[way]
    rows = []
    if share is not None:
        mark = saying.basis(edition, facts.mark(edition, "share", spender, year), share)
        own = {**values, "share": as_printed(share), "basis": mark, "what": saying.spends(edition)}
        rows.append(Row(say("NATO's figure"), say("{share} of {base} on {what} in {year} ({basis})", **own)))
    rows += beside_the_rules(start, given.share, year)
    notes = [] if isinstance(spender, Member) else [saying.BINDS_EACH]
    if given.growth is not None or given.own_prices:
        notes.append(say("{year} is a year NATO prints, so growth and prices change nothing.", year=Year(year)))
    measures = [facts.measures[row] for row in ("share", "gdp_usd", "spending_usd")]
    notes += saying.break_notes(facts, edition, measures, [spender], year, year)
    notes += saying.member_notes(facts, edition, spender, year, share)
    rule = start.subject.rule or rules.main_rule(facts, year)
    chart = saying.share_chart(facts, edition, spender, *([rule] if rule is not None else []))
    return Answer(start.subject.asked, text.filled(**values), tuple(rows), tuple(notes), chart=chart, edition=edition)
