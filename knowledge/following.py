"""What can be followed, the state it is in, and the news when that state became another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from knowledge import names
from knowledge.answer import Answer, Row
from knowledge.asking.absent import in_edition
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.years import Span
from knowledge.facts import Facts
from knowledge.figure import Figure, Standing
from knowledge.questions import saying
from knowledge.sentences import Typed, Year, say
from knowledge.things import Aggregate, Edition, Member, Rule, Spender

EDITION, MEMBER, RULE = "edition", "member", "rule"
TOTAL = "NATO_TOTAL"
SIDE_BY_SIDE = 5  # years of two editions in one message
_OUT = {
    "totals": say("NATO's {edition} is out, published {published}."),
    "no share": say("NATO's {edition} is out; as it is held here, it has no share of GDP for {member}."),
    "new": say("NATO's {edition} is out: for {member} the share of GDP in {year} is {share}."),
    "now": say("NATO's {edition} is out: for {member} the share of GDP in {common} is now {now} ({then} in the {before})."),
    "now and new": say("NATO's {edition} is out: for {member} the share of GDP in {common} is now {now} ({then} in the {before}), and in {year} it is {share}."),
}  # fmt: skip
_CORRECTED = say("Figures of {member} in NATO's {edition} were corrected here: the share of GDP in {year} is {now}, not {then}.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class News:
    """What to tell those who follow it, the questions to ask on, and the state it tells of."""

    answer: Answer
    ask: tuple[Question, ...]
    state: str


def followed(facts: Facts, what: str) -> Spender | Rule | None:
    """The Ally, total or rule of "member:DEU" or "rule:hague"; None for "edition" and for what is no longer held."""
    kind, _, key = what.partition(":")
    if kind == MEMBER:
        return facts.spenders.get(key)
    return facts.rules.get(key) if kind == RULE else None


def name_of(facts: Facts, what: str) -> object:
    """The same, as a value for a sentence."""
    return say("new editions") if what == EDITION else followed(facts, what) or Typed(what)


def read_what(facts: Facts, typed: str) -> str:
    """What somebody means to follow; Problem if it is nothing that can be followed."""
    if typed in _index(facts).values():  # what autocomplete sends
        return typed
    known = names.index_of(facts)
    member = known.known(typed, known.spenders)
    if isinstance(member, Member) and not member.armed_forces:
        told = say("NATO publishes no spending figure for {member}, so there is nothing to follow.", member=member)
        raise Problem("nothing-to-follow", told)
    index, plain = _index(facts), names.plain(typed[: names.LONGEST])
    if what := index.get(plain) or index.get(plain.removeprefix("the ")):
        return what
    told = say(
        "“{text}” cannot be followed. Pick “new edition”, an Ally, NATO, Europe and Canada, or a rule from the list."
    )
    raise Problem("unknown-follow", told.filled(text=Typed(typed)))


def matching(facts: Facts, typed: str, limit: int) -> list[str]:
    """What autocomplete offers: new editions and the totals first, then Allies and rules, as far as they fit."""
    index = _index(facts)
    return names.matching(typed, {what: what for what in index.values()}, index, limit)


@lru_cache(maxsize=2)
def _index(facts: Facts) -> dict[str, str]:
    """Every name of everything that can be followed; each `what` is one object, as `names.matching` needs it."""
    index = {names.plain(name): EDITION for name in ("new edition", "edition", "editions", "new editions")}
    known = names.index_of(facts)
    armed = [member for member in facts.members.values() if member.armed_forces]
    spenders: tuple[Member | Aggregate, ...] = (*facts.aggregates.values(), *armed)
    for spender in spenders:
        what = f"{MEMBER}:{spender.code}"
        index |= {name: what for name, thing in known.spenders.items() if thing is spender}
    for rule in facts.rules.values():  # last: "Wales" is a rule here
        if rule.standing in (Standing.FACT, Standing.MEASUREMENT):
            continue  # nothing of it can change
        what = f"{RULE}:{rule.id}"
        index |= {name: what for name, thing in known.rules.items() if thing is rule}
    return index


def state_of(facts: Facts, what: str) -> str | None:
    """Everything of it that is announced when it changes, as short text; None if it is no longer held."""
    if what == EDITION:
        return facts.newest.id
    thing = followed(facts, what)
    if isinstance(thing, Rule):
        levels = ",".join(f"{c.code}{c.op}{c.value}{c.unit}{c.by or ''}" for c in thing.components if c.verified)
        return "|".join([thing.standing.code, levels, str(thing.deadline or ""), thing.superseded_by])
    if thing is None:
        return None
    shares = " ".join(f"{year}={figure.printed}" for year, figure in _series(facts, facts.newest, thing).items())
    money = list(_series(facts, facts.newest, thing, "spending_usd").items())[-1:]
    return "|".join([facts.newest.id, shares, "".join(f"{year}={figure.value:f}" for year, figure in money)])


def _series(facts: Facts, edition: Edition, spender: Spender, measure: str = "share") -> dict[int, Figure]:
    found = {year: facts.figure(edition, measure, spender, year) for year in facts.years(edition, measure, spender)}
    return {year: figure for year, figure in found.items() if figure is not None}


def news(facts: Facts, what: str, seen: str) -> News | None:
    """What to tell of a thing whose state was `seen` when it was told last, or None if nothing changed."""
    state = state_of(facts, what)
    if state is None or state == seen:
        return None
    thing = followed(facts, what)
    if isinstance(thing, Rule):
        return _rule_news(facts, thing, state)
    edition, before = facts.newest, facts.editions.get(seen.partition("|")[0])
    if before is edition and thing is not None:
        return _corrected(facts, edition, thing, seen, state)
    if before is None or before.published.last >= edition.published.last:  # figures put back for a while: no news
        return None
    return _new_edition(facts, edition, before, thing, state)


def _new_edition(facts: Facts, edition: Edition, before: Edition, spender: Spender | None, state: str) -> News:
    """Both editions side by side, never computed with one another; without a spender, NATO's totals."""
    lead = spender or facts.spenders[TOTAL]
    now, then = _series(facts, edition, lead), _then(facts, before, lead)
    common, last = max(now.keys() & then.keys(), default=None), max(now, default=None)
    shown = [lead] if spender is not None else facts.aggregates.values()
    rows = [row for one in shown for row in _side_by_side(facts, edition, before, one, named=spender is None)]
    values: dict[str, object] = {"edition": edition, "member": lead, "published": edition.published}
    if common is not None:
        values |= {"common": facts.mark(edition, "share", lead, common), "now": now[common], "then": then[common]}
        values["before"] = before
    if last is not None and last != common:
        values |= {"year": facts.mark(edition, "share", lead, last), "share": now[last]}
    text = _OUT["totals" if spender is None else "no share"]
    if common is not None:
        text = _OUT["now" if common == last else "now and new"]
    elif last is not None:
        text = _OUT["new"]
    headline = text.filled(**values)
    notes = [saying.MARKED] if any(facts.mark(edition, "share", lead, year).mark for year in now) else []
    if edition.core and common is not None:
        notes += saying.wider_definition(facts, before)
    if spender is not None and last is not None:
        notes += saying.member_notes(facts, edition, spender, last, now[last])
    asked = Question("spending", member=lead.code, edition=edition.id)
    ask = [asked]
    if spender is None:
        ask += [Question("revisions", edition=edition.id), Question("sources", edition=edition.id)]
    elif common is not None:
        ask.append(Question("revisions", member=lead.code, year=str(common), edition=edition.id))
    return News(Answer(asked, headline, tuple(rows), tuple(notes), edition=edition), tuple(ask), state)


def _then(facts: Facts, before: Edition, spender: Spender) -> dict[int, Figure]:
    """The earlier edition's shares under names of their own, since the newer one has shares of the same years."""
    shares = _series(facts, before, spender).items()
    return {year: figure.named(f"{figure.name}.{before.id}") for year, figure in shares}


def _side_by_side(facts: Facts, edition: Edition, before: Edition, spender: Spender, *, named: bool) -> Iterator[Row]:
    """The newest years with what the earlier edition had, and the newest amount."""
    then, measure = _then(facts, before, spender), facts.measures["share"]
    shares = list(_series(facts, edition, spender).items())[: -SIDE_BY_SIDE - 1 : -1]
    for year, share in shares:
        mark = facts.mark(edition, "share", spender, year)
        label = say("{member}, {year}", member=spender, year=mark) if named else say("{year}", year=mark)
        text = say("{now}", now=share)
        if year in then:
            text = say("{now}; {then} in the {before}", now=share, then=then[year], before=before)
        elif in_edition(facts, before, measure, spender, Span(year, year))[0] == "blank":
            text = say("{now}; left blank in the {before}", now=share, before=before)
        yield Row(label, text)
    if not named:
        yield from _money_row(facts, edition, spender)


def _money_row(facts: Facts, edition: Edition, spender: Spender) -> Iterator[Row]:
    for year, dollars in list(_series(facts, edition, spender, "spending_usd").items())[-1:]:
        own = facts.figure(edition, "spending_national", spender, year)  # as NATO prints it: nothing is computed
        money = say("{dollars}", dollars=dollars)
        if own is not None and own.unit.currency != "USD":
            money = say("{dollars} ({national})", dollars=dollars, national=own)
        text = say("{money} in {year}", money=money, year=facts.mark(edition, "spending_usd", spender, year))
        yield Row(say("{measure}", measure=facts.measures["spending_usd"].name), text)


def _corrected(facts: Facts, edition: Edition, spender: Spender, seen: str, state: str) -> News:
    """The same edition with other figures than were announced: each with what stood here before."""
    parts = (part.partition("=") for part in seen.split("|")[1].split())
    now, then = _series(facts, edition, spender), {int(year): Decimal(value) for year, _, value in parts}
    headline = say("Figures of {member} in NATO's {edition} were corrected here.", member=spender, edition=edition)
    rows = []
    for year in sorted(now.keys() | then.keys()):  # so that the headline is of the newest
        share, old = now.get(year), then.get(year)
        if (share.printed if share else None) == old:
            continue
        text = say("no figure any more")
        if share is not None and old is not None:
            values: dict[str, object] = {"now": share, "then": _before(share, old)}
            text, mark = say("{now}, not {then}", **values), facts.mark(edition, "share", spender, year)
            headline = _CORRECTED.filled(member=spender, edition=edition, year=mark, **values)
        elif share is not None:
            text = say("{now}", now=share)
        rows.append(Row(say("{year}", year=Year(year)), text))
    rows = rows[: -2 * SIDE_BY_SIDE - 1 : -1]
    if seen.rpartition("|")[2] != state.rpartition("|")[2]:
        rows += _money_row(facts, edition, spender)
    asked = Question("spending", member=spender.code, edition=edition.id)
    return News(Answer(asked, headline, tuple(rows), edition=edition), (asked,), state)


def _before(figure: Figure, value: Decimal) -> Figure:
    """The value that stood here before a correction; it has no source, since none prints it any more."""
    return replace(figure, name=f"{figure.name}.before", value=value, citations=(), operation=None, operands=())


def _rule_news(facts: Facts, rule: Rule, state: str) -> News:
    headline = say("What is held here on {rule} has changed. {standing}: {summary}")
    headline = headline.filled(rule=rule, standing=saying.standing(rule), summary=rule.summary)
    rows = [saying.rule_row(rule)] if rule.level("core", "total") else []
    if later := facts.rules.get(rule.superseded_by):
        rows.append(Row(say("Superseded by"), say("{rule}", rule=later), later.standing))
    asked = Question("rule", rule=rule.id)
    return News(Answer(asked, headline, tuple(rows)), (asked,), state)
