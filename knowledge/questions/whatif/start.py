"""Where a what-if begins, and what it assumes of what was typed."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from knowledge import rules
from knowledge.answer import Row
from knowledge.arithmetic import assumed, decimals
from knowledge.asking.absent import absent
from knowledge.asking.problem import Problem
from knowledge.asking.resolve import Subject
from knowledge.asking.years import Span
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Status, Unit
from knowledge.forecast import Band, how_projected
from knowledge.questions import saying
from knowledge.sentences import Sentence, Typed, Year, say
from knowledge.things import Edition, Member, Rule, Spender

_MOST = assumed("most", Decimal(15), Unit(Kind.SHARE, decimals=0), say("the largest share"))
_LEAST_GROWTH = assumed("least", Decimal(-10), Unit(Kind.PERCENT, decimals=0), say("the lowest growth"))
_MOST_GROWTH = assumed("most", Decimal(15), Unit(Kind.PERCENT, decimals=0), say("the highest growth"))

_REFUSED = {
    "share-out-of-range": say("“{text}” is outside what can be computed: a share of GDP above 0 and up to {most}."),
    "by-out-of-range": say("{by} is outside what can be computed: the {edition} prints {first} to {year}, and forecasts of GDP end in {last}."),
    "growth-out-of-range": say("“{text}” per cent a year is outside what can be computed: growth from {least} to {most} a year."),
    "unknown-prices": say("Each year's own prices need a forecast of prices, which is not held for this. Take prices of {base}."),
}  # fmt: skip


class Start(Struct, frozen=True):
    """The newest share NATO prints of a spender, and the rule to compare with."""

    facts: Facts
    subject: Subject
    edition: Edition
    spender: Spender
    year: int
    share: Figure
    rule: Rule

    @property
    def basis(self) -> Sentence:
        return saying.basis(self.edition, self.facts.mark(self.edition, "share", self.spender, self.year), self.share)


class Assumed(Struct, frozen=True):
    """What is assumed: the share, the year it is reached, growth a year if not the forecast's, and the prices."""

    share: Figure
    by: int
    growth: Figure | None
    own_prices: bool


def assumptions(start: Start, value: Decimal) -> Assumed:
    """The share and the rest as typed, each within what can be computed; else Problem."""
    facts, subject, again = start.facts, start.subject, f"whatif member:{start.spender.name}"
    if not 0 < value <= _MOST.value:
        offers = (f"{again} share:3.5", f"{again} share:5")
        raise _refused("share-out-of-range", offers, text=Typed(str(value)), most=_MOST)
    again = f"{again} share:{value}"
    by = _year(start, again)
    growth, rate = None, subject.growth
    if rate is not None:
        if not _LEAST_GROWTH.value <= rate <= _MOST_GROWTH.value:
            values = {"text": Typed(str(rate)), "least": _LEAST_GROWTH, "most": _MOST_GROWTH}
            raise _refused("growth-out-of-range", (f"{again} by:{by}",), **values)
        unit = Unit(Kind.PERCENT, decimals=decimals(rate))
        growth = assumed("growth", rate, unit, say("real growth a year, as asked"))
    known = growth is None and isinstance(start.spender, Member)
    if subject.own_prices and (not known or start.spender.code in facts.forecast.no_current_prices):
        raise _refused("unknown-prices", (again,), base=Year(facts.forecast.prices))
    status = Status.ILLUSTRATION if by > start.year else Status.PUBLISHED
    unit, label = (
        Unit(Kind.SHARE, decimals=decimals(value), of=start.share.unit.of),
        say("the share that is asked about"),
    )
    return Assumed(assumed("share", value, unit, label, status), by, growth, subject.own_prices)


def _year(start: Start, again: str) -> int:
    """The year asked for, printed or ahead; else the rule's deadline where that is ahead, else the last there is."""
    facts, edition, spender, asked = start.facts, start.edition, start.spender, start.subject.by
    deadline, last = start.rule.deadline, facts.forecast.held_to
    if asked is None:
        return deadline if deadline is not None and start.year < deadline <= last else last
    if not edition.first <= asked <= last:
        offers = (f"{again} by:{last}", f"{again} by:{start.year}")
        values = {"by": Year(asked), "edition": edition, "first": Year(edition.first)}
        raise _refused("by-out-of-range", offers, **values, year=Year(start.year), last=Year(last))
    if asked <= start.year and not facts.has(edition, "gdp_usd", spender, asked):
        raise absent(facts, start.subject.asked, facts.measures["gdp_usd"], spender, Span(asked, asked), edition)
    return asked


def _refused(code: str, offers: tuple[str, ...], **values: object) -> Problem:
    return Problem(code, _REFUSED[code].filled(**values), offers)


def gdp_source(facts: Facts, growth: Figure | None) -> Sentence:
    """Where GDP comes from: the asker's growth, or the forecast that is held."""
    if growth is not None:
        return say("GDP grows by {growth} a year, as you asked", growth=growth)
    return say("GDP by the IMF's forecast of {date}", date=facts.sources[facts.forecast.gdp].published)


def growth_held(facts: Facts, given: Assumed) -> list[Sentence]:
    """That the forecast ends before the year asked for, and what is held then."""
    return [how_projected(facts, given.by)] if given.growth is None and given.by > facts.forecast.last else []


def then(by: int, amount: Sentence | Figure, edges: Band | None) -> Row:
    """What the share comes to in the year asked for, with its band where that is wide enough."""
    text = say("{amount}", amount=amount)
    if edges is not None:
        text = say("{amount}, between {low} and {high}", amount=amount, low=edges[0], high=edges[1])
    return Row(say("In {year}", year=Year(by)), text, illustration=True)


def beside_the_rules(start: Start, share: Figure, year: int) -> list[Row]:
    """The share asked about beside the rule that was named, the adopted ones of a year and the Ally's own reading."""
    facts, edition, spender, named = start.facts, start.edition, start.spender, start.subject.rule
    beside = (named, rules.main_rule(facts, year), rules.floor_rule(facts, year), *rules.readings(facts, spender, year))
    rows = []
    for rule in dict.fromkeys(rule for rule in beside if rule is not None):
        found = saying.measured(facts, edition, spender, share, rule, year, f"beside.{rule.id}")
        text = say("{rule}, {asks}, {when}: the share asked about is exactly that {level}")
        if found.points.value:
            text = say("{rule}, {asks}, {when}: the share asked about is {verdict} the {level}")
        filled = text.filled(**saying.of_rule(rule), verdict=saying.verdict(found), level=found.level)
        rows.append(Row(saying.standing(rule), filled, rule.standing))
    return rows
