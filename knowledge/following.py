"""What a channel may follow, the state it is in, and the news when that state became another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from knowledge import names
from knowledge.answer import Answer, Row
from knowledge.facts import Edition, Facts, Member, Rule, Spender
from knowledge.figure import Figure, Standing
from knowledge.problem import Problem
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Sentence, Typed, Year, say

EDITION, MEMBER, RULE = "edition", "member", "rule"
TOTAL = "NATO_TOTAL"
MOST = 25  # follows of one server
SIDE_BY_SIDE = 5  # years of two editions in one message


@dataclass(frozen=True, slots=True)
class Follow:
    """A channel that hears of one thing: "edition", "member:DEU" or "rule:hague".

    `role` is pinged, if there is one; `language` is the server's; `seen` is the state that was announced last.
    """

    server: int
    channel: int
    what: str
    role: int | None
    language: str
    seen: str


@dataclass(frozen=True, slots=True)
class News:
    """What to post in the channel, the questions its buttons ask, and the state it tells of."""

    answer: Answer
    ask: tuple[Question, ...]
    state: str


# -- what can be followed ----------------------------------------------------------------------------


def followed(facts: Facts, what: str) -> Spender | Rule | None:
    """The Ally, total or rule that is followed; None for new editions and for what is no longer held."""
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
    member = names.index_of(facts).known_spender(typed)
    if isinstance(member, Member) and not member.armed_forces:
        raise Problem(
            "nothing-to-follow",
            say("NATO publishes no spending figure for {member}, so there is nothing to follow.", member=member),
        )
    index, plain = _index(facts), names.plain(typed[: names.LONGEST])
    if what := index.get(plain) or index.get(plain.removeprefix("the ")):
        return what
    raise Problem(
        "unknown-follow",
        say(
            "“{text}” cannot be followed. Pick “new edition”, an Ally, NATO, Europe and Canada, or a rule from the list.",
            text=Typed(typed),
        ),
    )


def matching(facts: Facts, typed: str, limit: int) -> list[str]:
    """What autocomplete offers: new editions and the totals first, then Allies and rules, as far as they fit."""
    index = _index(facts)
    return names.matching(typed, {what: what for what in index.values()}, index, limit)


@lru_cache(maxsize=2)
def _index(facts: Facts) -> dict[str, str]:
    """Every name of everything that can be followed; each `what` is one object, as `names.matching` needs it."""
    index = {names.plain(name): EDITION for name in ("new edition", "edition", "editions", "new editions")}
    known = names.index_of(facts)
    spenders: list[Spender] = [*facts.aggregates.values(), *(m for m in facts.members.values() if m.armed_forces)]
    for spender in spenders:
        what = f"{MEMBER}:{spender.code}"
        index |= {name: what for name, thing in known.spenders.items() if thing is spender}
    for rule in facts.rules.values():  # last: "Wales" is a rule here
        if rule.standing in (Standing.FACT, Standing.MEASUREMENT):
            continue  # nothing of it can change
        what = f"{RULE}:{rule.id}"
        index |= {name: what for name, thing in known.rules.items() if thing is rule}
    return index


# -- its state ---------------------------------------------------------------------------------------


def state_of(facts: Facts, what: str) -> str | None:
    """Everything of it that is announced when it changes, as short text; None if it is no longer held."""
    if what == EDITION:
        return facts.newest.id
    thing = followed(facts, what)
    if isinstance(thing, Rule):
        levels = ",".join(f"{c.code}{c.op}{c.value}{c.unit}{c.by or ''}" for c in thing.components if c.verified)
        return "|".join([thing.standing.code, levels, str(thing.deadline or ""), thing.superseded_by])
    return None if thing is None else _spender_state(facts, thing)


def _spender_state(facts: Facts, spender: Spender) -> str:
    edition = facts.newest
    shares = " ".join(f"{year}={figure.printed}" for year, figure in _shares(facts, edition, spender).items())
    year = parts.last_year(facts, edition, "spending_usd", spender)
    money = facts.figure(edition, "spending_usd", spender, year) if year else None
    return "|".join([edition.id, shares, f"{year}={money.value:f}" if money else ""])


def _shares(facts: Facts, edition: Edition, spender: Spender) -> dict[int, Figure]:
    found = {year: facts.figure(edition, "share", spender, year) for year in facts.years(edition, "share", spender)}
    return {year: figure for year, figure in found.items() if figure is not None}


def _shares_seen(seen: str) -> dict[int, Decimal]:
    return {int(year): Decimal(value) for year, _, value in (p.partition("=") for p in seen.split("|")[1].split())}


# -- its news ----------------------------------------------------------------------------------------


def news(facts: Facts, follow: Follow) -> News | None:
    """What to post, or None if nothing changed.

    A newest edition that is older than the one announced is no news: the figures were put back for a while.
    """
    state = state_of(facts, follow.what)
    if state is None or state == follow.seen:
        return None
    thing = followed(facts, follow.what)
    if isinstance(thing, Rule):
        return _rule_news(facts, thing, state)
    edition, before = facts.newest, facts.editions.get(follow.seen.partition("|")[0])
    if before is edition and thing is not None:
        return _corrected(facts, edition, thing, follow.seen, state)
    if before is None or before.published.last >= edition.published.last:
        return None
    return _new_edition(facts, edition, before, thing, state)


def _new_edition(facts: Facts, edition: Edition, before: Edition, spender: Spender | None, state: str) -> News:
    """Both editions side by side, never computed with one another; without a spender, NATO's totals."""
    spenders = [spender] if spender is not None else list(facts.aggregates.values())
    lead = spender or facts.spenders[TOTAL]
    now, then = _shares(facts, edition, lead), _then(facts, before, lead)
    common = max(now.keys() & then.keys(), default=None)
    last = max(now, default=None)
    rows: list[Row] = []
    notes: list[Sentence] = []
    for one in spenders:
        rows += _side_by_side(facts, edition, before, one, named=spender is None)
    if last is None:
        headline = (
            say("NATO's {edition} is out, published {published}.", edition=edition, published=edition.published)
            if spender is None
            else say(
                "NATO's {edition} is out; as it is held here, it has no share of GDP for {member}.",
                edition=edition,
                member=lead,
            )
        )
    elif common is None:
        headline = say(
            "NATO's {edition} is out: for {member} the share of GDP in {year} is {share}.",
            edition=edition,
            member=lead,
            year=facts.mark(edition, "share", lead, last),
            share=now[last],
        )
    elif common == last:
        headline = say(
            "NATO's {edition} is out: for {member} the share of GDP in {common} is now {now} ({then} in the {before}).",
            edition=edition,
            member=lead,
            common=facts.mark(edition, "share", lead, common),
            now=now[common],
            then=then[common],
            before=before,
        )
    else:
        headline = say(
            "NATO's {edition} is out: for {member} the share of GDP in {common} is now {now} ({then} in the {before}), "
            "and in {year} it is {share}.",
            edition=edition,
            member=lead,
            common=facts.mark(edition, "share", lead, common),
            now=now[common],
            then=then[common],
            before=before,
            year=facts.mark(edition, "share", lead, last),
            share=now[last],
        )
    if any(facts.mark(edition, "share", lead, year).mark for year in now):
        notes.append(say("“e” marks NATO's estimates."))
    if edition.core and not before.core and common is not None:
        notes.append(
            say(
                "The {edition} counts defence expenditure; from 2026 NATO prints core defence expenditure, which is not the same.",
                edition=before,
            )
        )
    if spender is not None and last is not None:
        notes += parts.member_notes(facts, edition, spender, last, now[last])
    asked = Question("spending", member=lead.code, edition=edition.id)
    ask = [asked]
    if spender is None:
        ask += [Question("revisions", edition=edition.id), Question("sources", edition=edition.id)]
    elif common is not None:
        ask.append(Question("revisions", member=lead.code, year=str(common), edition=edition.id))
    return News(Answer(asked, headline, tuple(rows), tuple(notes), edition=edition), tuple(ask), state)


def _then(facts: Facts, before: Edition, spender: Spender) -> dict[int, Figure]:
    """The earlier edition's shares under names of their own, since the newer one has shares of the same years."""
    shares = _shares(facts, before, spender)
    return {year: figure.named(f"{figure.name}.{before.id}") for year, figure in shares.items()}


def _side_by_side(facts: Facts, edition: Edition, before: Edition, spender: Spender, *, named: bool) -> Iterator[Row]:
    """The newest years with what the earlier edition had, and the newest amount."""
    then, blank = _then(facts, before, spender), parts.blank_years(facts, before, "share", spender)
    shares = list(_shares(facts, edition, spender).items())[: -SIDE_BY_SIDE - 1 : -1]
    for year, share in shares:
        mark = facts.mark(edition, "share", spender, year)
        label = say("{member}, {year}", member=spender, year=mark) if named else say("{year}", year=mark)
        text = say("{now}", now=share)
        if year in then:
            text = say("{now}; {then} in the {before}", now=share, then=then[year], before=before)
        elif year in blank:
            text = say("{now}; left blank in the {before}", now=share, before=before)
        yield Row(label, text)
    if not named:
        yield from _money_row(facts, edition, spender)


def _money_row(facts: Facts, edition: Edition, spender: Spender) -> Iterator[Row]:
    year = parts.last_year(facts, edition, "spending_usd", spender)
    dollars = facts.figure(edition, "spending_usd", spender, year) if year else None
    if year is None or dollars is None:
        return
    own = facts.figure(edition, "spending_national", spender, year)  # as NATO prints it, so that nothing is computed
    money = say("{dollars}", dollars=dollars)
    if own is not None and own.unit.currency != "USD":
        money = say("{dollars} ({national})", dollars=dollars, national=own)
    yield Row(
        say("{measure}", measure=facts.measures["spending_usd"].name),
        say("{money} in {year}", money=money, year=facts.mark(edition, "spending_usd", spender, year)),
    )


def _corrected(facts: Facts, edition: Edition, spender: Spender, seen: str, state: str) -> News:
    """The same edition with other figures than were announced: each with what stood here before."""
    now, then = _shares(facts, edition, spender), _shares_seen(seen)
    rows = []
    for year in sorted(now.keys() | then.keys(), reverse=True):
        share = now.get(year)
        if (share.printed if share else None) == then.get(year):
            continue
        if share is None:
            rows.append(Row(say("{year}", year=Year(year)), say("no figure any more")))
        elif year in then:
            rows.append(
                Row(
                    say("{year}", year=Year(year)), say("{now}, not {then}", now=share, then=_before(share, then[year]))
                )
            )
        else:
            rows.append(Row(say("{year}", year=Year(year)), say("{now}", now=share)))
    changed = next((y for y in sorted(now, reverse=True) if y in then and then[y] != now[y].printed), None)
    if changed is None:
        headline = say("Figures of {member} in NATO's {edition} were corrected here.", member=spender, edition=edition)
    else:
        headline = say(
            "Figures of {member} in NATO's {edition} were corrected here: the share of GDP in {year} is {now}, not {then}.",
            member=spender,
            edition=edition,
            year=facts.mark(edition, "share", spender, changed),
            now=now[changed],
            then=_before(now[changed], then[changed]),
        )
    rows = rows[: 2 * SIDE_BY_SIDE]
    if seen.rpartition("|")[2] != state.rpartition("|")[2]:
        rows += _money_row(facts, edition, spender)
    asked = Question("spending", member=spender.code, edition=edition.id)
    return News(Answer(asked, headline, tuple(rows), edition=edition), (asked,), state)


def _before(figure: Figure, value: Decimal) -> Figure:
    """The value that stood here before a correction; it has no source, since none prints it any more."""
    return replace(figure, name=f"{figure.name}.before", value=value, citations=(), operation=None, operands=())


def _rule_news(facts: Facts, rule: Rule, state: str) -> News:
    headline = say(
        "What is held here on {rule} has changed. {standing}: {summary}",
        rule=rule,
        standing=parts.standing(rule),
        summary=rule.summary,
    )
    rows = [parts.rule_row(rule)] if rule.level("core", "total") else []
    if later := facts.rules.get(rule.superseded_by):
        rows.append(Row(say("Superseded by"), say("{rule}", rule=later), later.standing))
    asked = Question("rule", rule=rule.id)
    return News(Answer(asked, headline, tuple(rows)), (asked,), state)


# -- what the asker is told --------------------------------------------------------------------------


def promise(facts: Facts, follow: Follow) -> Sentence:
    """What a channel will hear, and who will be pinged."""
    thing = followed(facts, follow.what)
    channel = f"<#{follow.channel}>"
    if isinstance(thing, Rule):
        hears = say(
            "{channel} will hear when the standing, a level or the deadline of this rule changes: {rule}.",
            channel=channel,
            rule=thing,
        )
    elif thing is not None:
        hears = say(
            "{channel} will hear when a new NATO edition or a correction changes the figures of {member}.",
            channel=channel,
            member=thing,
        )
    else:
        hears = say("{channel} will hear when a new NATO edition is out.", channel=channel)
    pinged = say("Nobody will be pinged.")
    if follow.role is not None:
        pinged = say("{role} will be pinged.", role=f"<@&{follow.role}>")
    return say("{hears} {pinged}", hears=hears, pinged=pinged)


def list_of(facts: Facts, follows: list[Follow]) -> Answer:
    """What a server's channels follow, and what could not be posted yet."""
    rows = []
    for follow in follows:
        text = say("in {channel}; nobody is pinged", channel=f"<#{follow.channel}>")
        if follow.role is not None:
            text = say("in {channel}; {role} is pinged", channel=f"<#{follow.channel}>", role=f"<@&{follow.role}>")
        if news(facts, follow) is not None:
            text = say(
                "{text}. Its newest post is not out yet: check that this bot may see and write there.", text=text
            )
        rows.append(Row(say("{what}", what=name_of(facts, follow.what)), text))
    headline = (
        say("This server's channels follow these; end one with /follow stop.")
        if follows
        else say("No channel of this server follows anything. Begin with /follow start.")
    )
    return Answer(Question("follow"), headline, tuple(rows))
