"""What can be followed, the state it is in, and the news when that state became another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from knowledge import names, rules
from knowledge.answer import Answer, Row
from knowledge.asking.absent import in_edition
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.years import Span
from knowledge.facts import Facts
from knowledge.figure import Figure, Standing
from knowledge.questions import saying
from knowledge.sentences import Listing, Sentence, Typed, Year, say
from knowledge.things import Aggregate, Edition, Group, Member, Rule, Spender

EDITION, MEMBER, RULE, GROUP, EVERYTHING, CROSSED = "edition", "member", "rule", "group", "everything", "crossed"
VERSION = 1  # of a state's form: a state of another form is replaced without a word
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


State = dict[str, Any]  # what is announced when it changes, by its names


@dataclass(frozen=True, slots=True)
class News:
    """What to tell those who follow it, the questions to ask on, and the state it tells of.

    Without an answer the state is to be kept and nobody to be told.
    """

    answer: Answer | None
    ask: tuple[Question, ...]
    state: str


def followed(facts: Facts, what: str) -> Spender | Rule | None:
    """The Ally, total, group or rule of "member:DEU" or "rule:hague"; None for any other and what is no longer held."""
    kind, _, key = what.partition(":")
    if kind == RULE:
        return facts.rules.get(key)
    return facts.groups.get(key) if kind == GROUP else facts.spenders.get(key) if kind == MEMBER else None


_NAMES = {
    EDITION: say("new editions"),
    EVERYTHING: say("everything: editions, corrections and rules"),
    CROSSED: say("Allies that cross the line"),
}


def name_of(facts: Facts, what: str) -> object:
    """The same, as a value for a sentence."""
    return _NAMES.get(what) or followed(facts, what) or Typed(what)


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
    index |= {names.plain(name): EVERYTHING for name in ("everything", "all")}
    index |= {names.plain(name): CROSSED for name in ("crossed", "who crosses the line", "crossing the line")}
    known = names.index_of(facts)
    armed = [member for member in facts.members.values() if member.armed_forces]
    spenders: tuple[Member | Aggregate, ...] = (*facts.aggregates.values(), *armed)
    for spender in spenders:
        what = f"{MEMBER}:{spender.code}"
        index |= {name: what for name, thing in known.spenders.items() if thing is spender}
    for group in facts.groups.values():
        if group.code not in _OF_NATO:
            what = f"{GROUP}:{group.id}"
            index |= {name: what for name, thing in known.groups.items() if thing is group and name not in index}
    for rule in facts.rules.values():  # last: "Wales" is a rule here
        if rule.standing in (Standing.FACT, Standing.MEASUREMENT):
            continue  # nothing of it can change
        what = f"{RULE}:{rule.id}"
        index |= {name: what for name, thing in known.rules.items() if thing is rule}
    return index


_OF_NATO = ("europe-canada",)  # groups that NATO sums up itself, which are followed as its totals


def state_of(facts: Facts, what: str) -> str | None:
    """Everything of it that is announced when it changes, as short text; None if it is no longer held."""
    state = _state(facts, what)
    return None if state is None else json.dumps({"form": VERSION, **state}, separators=(",", ":"), sort_keys=True)


def _state(facts: Facts, what: str) -> State | None:
    thing, edition = followed(facts, what), {"edition": facts.newest.id}
    if isinstance(thing, Rule):
        return _rule_state(thing)
    if isinstance(thing, Group):
        return {**edition, "figures": _digests(facts, thing.members)}
    if thing is not None:
        shares = {str(year): str(figure.printed) for year, figure in _series(facts, facts.newest, thing).items()}
        money = list(_series(facts, facts.newest, thing, "spending_usd").items())[-1:]
        return {**edition, "shares": shares, "money": [f"{year} {figure.value:f}" for year, figure in money]}
    if what == EVERYTHING:
        rules = {rule.id: _digest(_rule_state(rule)) for rule in facts.rules.values()}
        return {**edition, "figures": _digests(facts, facts.members), "rules": rules}
    return edition if what in (EDITION, CROSSED) else None


def _rule_state(rule: Rule) -> State:
    levels = [f"{c.code} {c.value} {c.unit} {c.by or ''}" for c in rule.components if c.verified]
    return {
        "standing": rule.standing.code,
        "levels": levels,
        "deadline": str(rule.deadline or ""),
        "later": rule.superseded_by,
    }


def _digests(facts: Facts, codes: Iterable[str]) -> dict[str, str]:
    """A short hash of each Ally's shares in the newest edition."""
    found = {}
    for code in codes:
        shares = _series(facts, facts.newest, facts.members[code])
        found[code] = _digest({str(year): str(figure.printed) for year, figure in shares.items()})
    return found


def _digest(state: State) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:8]


def _read(seen: str) -> State | None:
    """A state that was kept; None if it is of another form."""
    try:
        state = json.loads(seen)
    except ValueError:
        return None
    return state if isinstance(state, dict) and state.get("form") == VERSION else None


def _series(facts: Facts, edition: Edition, spender: Spender, measure: str = "share") -> dict[int, Figure]:
    found = {year: facts.figure(edition, measure, spender, year) for year in facts.years(edition, measure, spender)}
    return {year: figure for year, figure in found.items() if figure is not None}


def news(facts: Facts, what: str, seen: str) -> News | None:
    """What to tell of a thing whose state was `seen` when it was told last, or None if nothing changed."""
    state = state_of(facts, what)
    if state is None or state == seen:
        return None
    before = _read(seen)
    if before is not None and "edition" in before:
        earlier = facts.editions.get(str(before["edition"]))
        if earlier is None or earlier.published.last > facts.newest.published.last:
            return None  # figures put back for a while: what was told stays told
    told = _told(facts, what, before) if before is not None else None
    return News(None, (), state) if told is None else replace(told, state=state)


def sample(facts: Facts, what: str) -> News | None:
    """News as they would have been when the newest edition came out, or if a rule changed; None for what has none."""
    thing = followed(facts, what)
    if isinstance(thing, Rule):
        return _rule_news(facts, thing)
    earlier = [e for e in facts.editions.values() if e.tables and e.published.last < facts.newest.published.last]
    return _told(facts, what, {"edition": earlier[0].id, "figures": {}, "rules": {}}) if earlier else None


def _told(facts: Facts, what: str, seen: State) -> News | None:
    """None where nobody needs to be told."""
    thing = followed(facts, what)
    if isinstance(thing, Rule):
        return _rule_news(facts, thing)
    edition, before = facts.newest, facts.editions[seen["edition"]]
    if what == CROSSED:
        return _crossed(facts, edition, before) if before is not edition else None
    if what == EVERYTHING or isinstance(thing, Group):
        return _of_several(facts, what, edition, before, seen)
    if before is edition:
        return _corrected(facts, edition, thing, seen) if thing is not None else None
    return _new_edition(facts, edition, before, thing)


def _of_several(facts: Facts, what: str, edition: Edition, before: Edition, seen: State) -> News | None:
    """A group, or all Allies: a row for each, or for those whose figures were corrected; and the rules that changed."""
    thing = followed(facts, what)
    codes = thing.members if isinstance(thing, Group) else tuple(facts.members)
    members = sorted((facts.members[code] for code in codes), key=lambda member: member.name)
    told: list[Sentence] = []
    if before is not edition:
        whom = name_of(facts, what) if isinstance(thing, Group) else say("all Allies")
        told.append(say("NATO's {edition} is out: the shares of GDP of {whom}.", edition=edition, whom=whom))
    else:
        now = _digests(facts, codes)
        members = [member for member in members if seen.get("figures", {}).get(member.code, "") != now[member.code]]
        if members:
            text = say("Figures of {members} in NATO's {edition} were corrected here.")
            told.append(text.filled(members=Listing(tuple(members)), edition=edition))
    rows = [row for member in members for row in _share_row(facts, edition, before, member)]
    kept = seen.get("rules", {}) if what == EVERYTHING else {}
    changed = [r for r in facts.rules.values() if kept.get(r.id, "") not in ("", _digest(_rule_state(r)))]
    if changed:
        told.append(say("What is held here on these rules has changed: {rules}.", rules=Listing(tuple(changed))))
    if not told:
        return None
    asked = Question("rank", edition=edition.id)
    headline = say("{told}", told=Listing(tuple(told), "sentences"))
    notes = (saying.MARKED,) if rows else ()
    ask = (asked, Question("sources", edition=edition.id), *(Question("rule", rule=rule.id) for rule in changed[:2]))
    return News(Answer(asked, headline, tuple(rows), notes, edition=edition), ask, "")


def _share_row(facts: Facts, edition: Edition, before: Edition, member: Member) -> Iterator[Row]:
    """The newest share of an Ally and, beside it, the newest that both editions have."""
    now, then = _series(facts, edition, member), _then(facts, before, member)
    if not now:
        return
    last, common = max(now), max(now.keys() & then.keys(), default=None)
    text = say("{share} in {year}", share=now[last], year=facts.mark(edition, "share", member, last))
    if common is not None and before is not edition:
        values = {"now": now[common], "then": then[common], "before": before, "text": text}
        year = facts.mark(edition, "share", member, common)
        text = say("{text}; in {common} {now} ({then} in the {before})", **values, common=year)
    yield Row(say("{member}", member=member), text)


def _crossed(facts: Facts, edition: Edition, before: Edition) -> News | None:
    """The Allies whose share of one year is on the other side of the rule's floor than in the edition before."""
    year = max(edition.last - 1, edition.first)
    rule = rules.floor_rule(facts, year) or rules.main_rule(facts, year)
    if rule is None:
        return None
    level, rows, crossed = saying.level_of(rule), [], []
    for member in sorted(facts.members.values(), key=lambda member: member.name):
        now, then = _series(facts, edition, member), _then(facts, before, member)
        for one in sorted(now.keys() & then.keys(), reverse=True)[:1]:
            if (now[one].printed >= level.value) is not (then[one].printed >= level.value):
                mark = facts.mark(edition, "share", member, one)
                values = {"now": now[one], "then": then[one], "before": before}
                rows.append(
                    Row(
                        say("{member}, {year}", member=member, year=mark),
                        say("{now}; {then} in the {before}", **values),
                    )
                )
                crossed.append(member)
    if not crossed:
        return None
    text = say("NATO's {edition} is out. On the other side of {level} of GDP than in the {before}: {members}.")
    headline = text.filled(edition=edition, level=level, before=before, members=Listing(tuple(crossed)))
    asked = Question("revisions", edition=edition.id)
    notes = (saying.MARKED, *(saying.wider_definition(facts, before) if edition.core else ()))
    return News(Answer(asked, headline, tuple(rows), notes, edition=edition), (asked,), "")


def _new_edition(facts: Facts, edition: Edition, before: Edition, spender: Spender | None) -> News:
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
    return News(Answer(asked, headline, tuple(rows), tuple(notes), edition=edition), tuple(ask), "")


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


def _corrected(facts: Facts, edition: Edition, spender: Spender, seen: State) -> News:
    """The same edition with other figures than were announced: each with what stood here before."""
    shares: dict[str, str] = seen.get("shares", {})
    now, then = _series(facts, edition, spender), {int(year): Decimal(value) for year, value in shares.items()}
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
    if (_state(facts, f"{MEMBER}:{spender.code}") or {}).get("money") != seen.get("money"):
        rows += _money_row(facts, edition, spender)
    asked = Question("spending", member=spender.code, edition=edition.id)
    return News(Answer(asked, headline, tuple(rows), edition=edition), (asked,), "")


def _before(figure: Figure, value: Decimal) -> Figure:
    """The value that stood here before a correction; it has no source, since none prints it any more."""
    return replace(figure, name=f"{figure.name}.before", value=value, citations=(), operation=None, operands=())


def _rule_news(facts: Facts, rule: Rule) -> News:
    headline = say("What is held here on {rule} has changed. {standing}: {summary}")
    headline = headline.filled(rule=rule, standing=saying.standing(rule), summary=rule.summary)
    rows = [saying.rule_row(rule)] if rule.level("core", "total") else []
    if later := facts.rules.get(rule.superseded_by):
        rows.append(Row(say("Superseded by"), say("{rule}", rule=later), later.standing))
    asked = Question("rule", rule=rule.id)
    return News(Answer(asked, headline, tuple(rows)), (asked,), "")
