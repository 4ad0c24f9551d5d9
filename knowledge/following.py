"""What can be followed, the state it is in, and the news when that state became another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from knowledge import names
from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.absent import in_edition
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.years import Span
from knowledge.facts import Facts
from knowledge.figure import Figure, Standing
from knowledge.questions import saying
from knowledge.questions.revisions.all_allies import crossed
from knowledge.questions.revisions.reading import levels, reading
from knowledge.sentences import Listing, Typed, Year, say
from knowledge.things import Edition, Group, Member, Rule, Spender

EVERYTHING, EDITION, CROSSED = "everything", "edition", "crossed"
MEMBER, GROUP, RULE = "member", "group", "rule"  # each with a colon and a code behind it
ALONE = {
    EVERYTHING: say("everything: editions, corrections and rules"),
    EDITION: say("new editions"),
    CROSSED: say("Allies that cross the line"),
}
_TYPED = {
    EVERYTHING: ("everything", "all news"),
    EDITION: ("new edition", "edition", "editions", "new editions"),
    CROSSED: ("crossed", "who crosses a line", "who crossed a line", "crossings", "line"),
}
TOTAL = "NATO_TOTAL"
SIDE_BY_SIDE = 5  # years of two editions in one message
MOST_CORRECTED = 10  # figures of one correction that have a row
# Of the form in which a state is kept. Whoever changes the form raises it, and not together with a new edition: what
# was kept in another form is replaced without a word.
VERSION = 1
_OUT = {
    "totals": say("NATO's {edition} is out, published {published}."),
    "no share": say("NATO's {edition} is out; as it is held here, it has no share of GDP for {member}."),
    "new": say("NATO's {edition} is out: for {member} the share of GDP in {year} is {share}."),
    "same": say("NATO's {edition} is out: for {member} the share of GDP in {common} is still {now}, as in the {before}."),
    "now": say("NATO's {edition} is out: for {member} the share of GDP in {common} is now {now} ({then} in the {before})."),
    "now and new": say("NATO's {edition} is out: for {member} the share of GDP in {common} is now {now} ({then} in the {before}), and in {year} it is {share}."),
    "crossed": say("NATO's {edition} is out: for {year} it puts these Allies on the other side of a line than the {before} did."),
}  # fmt: skip
_CORRECTED = say("Figures of {member} in NATO's {edition} were corrected here: the share of GDP in {year} is {now}, not {then}.")  # fmt: skip


class News(Struct, frozen=True):
    """What to tell, and the questions to ask on; `of` is what it is about, so that a channel hears it once."""

    of: str
    answer: Answer
    ask: tuple[Question, ...]


class Change(Struct, frozen=True):
    """A state that is not the one kept, and what is told of it; nothing where only its form is another."""

    state: str
    news: tuple[News, ...]


# -- what can be followed ----------------------------------------------------------------------------


def followed(facts: Facts, what: str) -> Spender | Rule | None:
    """The thing of "member:DEU", "group:nordic" or "rule:hague"; None for the others and for what is no longer held."""
    kind, _, key = what.partition(":")
    held: Mapping[str, Mapping[str, Spender | Rule]] = {MEMBER: facts.spenders, GROUP: facts.groups, RULE: facts.rules}
    return held.get(kind, {}).get(key)


def name_of(facts: Facts, what: str) -> object:
    """The same, as a value for a sentence."""
    return ALONE.get(what) or followed(facts, what) or Typed(what)


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
        "“{text}” cannot be followed. Pick “everything”, “new edition”, who crosses a line, an Ally, a group, NATO or a rule from the list."
    )
    raise Problem("unknown-follow", told.filled(text=Typed(typed)))


def everything(facts: Facts) -> list[str]:
    """Everything that can be followed, in the order in which it is offered."""
    return list(dict.fromkeys(_index(facts).values()))


def matching(facts: Facts, typed: str, limit: int, shown: Mapping[str, str]) -> list[str]:
    """What autocomplete offers: first what is no name, then totals, Allies, groups and rules, as far as they fit.

    `shown` are the names of what `everything` lists in the reader's language.
    """
    index = {**{names.plain(label): what for what, label in shown.items()}, **_index(facts)}
    return names.matching(typed, {what: what for what in shown}, index, limit)


@lru_cache(maxsize=2)
def _index(facts: Facts) -> dict[str, str]:
    """Every name of everything that can be followed; each `what` is one object, as `names.matching` needs it."""
    index = {names.plain(name): what for what, texts in _TYPED.items() for name in texts}
    known = names.index_of(facts)
    armed = [member for member in facts.members.values() if member.armed_forces]
    spenders: tuple[Spender, ...] = (*facts.aggregates.values(), *armed, *facts.groups.values())
    for spender in spenders:  # a group that NATO sums up itself has no name left: it is that total
        what = f"{GROUP if isinstance(spender, Group) else MEMBER}:{spender.code}"
        if any(thing is spender for name, thing in known.spenders.items() if name == names.plain(spender.name)):
            index |= {name: what for name, thing in known.spenders.items() if thing is spender and name not in index}
    for rule in facts.rules.values():  # last: "Wales" is a rule here
        if rule.standing in (Standing.FACT, Standing.MEASUREMENT):
            continue  # nothing of it can change
        what = f"{RULE}:{rule.id}"
        index |= {name: what for name, thing in known.rules.items() if thing is rule}
    return index


# -- the state it is in ------------------------------------------------------------------------------

_Years = Mapping[int, Decimal]  # a share or an amount by year
_Terms = tuple[str, Mapping[str, tuple[Decimal, int | None]], int | None, str]  # of a rule


class _State(Struct, frozen=True):
    """Everything that is announced when it changes, and no words: another wording is no news."""

    edition: str = ""
    published: str = ""  # the edition's day, should it be held no longer
    shares: Mapping[str, _Years] = field(default_factory=dict)
    dollars: Mapping[str, _Years] = field(default_factory=dict)  # the newest year's
    rules: Mapping[str, _Terms] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As it is kept: its version, and what is not empty."""
        kept: dict[str, object] = {"version": VERSION}
        for name in self.__struct_fields__:
            if value := getattr(self, name):
                kept[name] = value
        return json.dumps(kept, separators=(",", ":"), default=str)

    @classmethod
    def read(cls, text: str) -> _State | None:
        """What was kept; None where it cannot be read or is of another version."""
        try:
            kept = json.loads(text)
            if kept.pop("version") != VERSION:
                return None
            shares, dollars = (
                {code: {int(year): _number(value) for year, value in years.items()} for code, years in row.items()}
                for row in (kept.pop("shares", {}), kept.pop("dollars", {}))
            )
            rules = {
                key: (standing, {code: (_number(value), by) for code, (value, by) in parts.items()}, deadline, later)
                for key, (standing, parts, deadline, later) in kept.pop("rules", {}).items()
            }
            if kept:
                date.fromisoformat(kept["published"])
                if not isinstance(kept["edition"], str):
                    return None
            return cls(**kept, shares=shares, dollars=dollars, rules=rules)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
            return None


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def state_of(facts: Facts, what: str) -> str | None:
    """The state as text, to be kept; None if it is no longer held."""
    state = _state(facts, what)
    return None if state is None else state.text


def _state(facts: Facts, what: str) -> _State | None:
    thing, edition = followed(facts, what), facts.newest
    if isinstance(thing, Rule):
        return _State(rules={thing.id: _terms(thing)})
    if thing is None and what not in ALONE:
        return None
    spenders: Iterable[Spender] = []
    if what == EVERYTHING:
        spenders = facts.spenders.values()
    elif thing is not None:
        spenders = facts.those(thing) if isinstance(thing, Group) else [thing]
    shares = {one.code: _printed(_series(facts, edition, one)) for one in spenders}
    money = {one.code: _series(facts, edition, one, "spending_usd") for one in spenders}
    return _State(
        edition.id,
        edition.published.last.isoformat(),
        {code: years for code, years in shares.items() if years},
        {code: _printed(dict(list(years.items())[-1:])) for code, years in money.items() if years},
        {rule.id: _terms(rule) for rule in facts.rules.values()} if what == EVERYTHING else {},
    )


def _terms(rule: Rule) -> _Terms:
    """What is announced of a rule: its standing, the levels whose number is sourced, the deadline, what came after."""
    parts = {part.code: (part.value, part.by) for part in rule.components if part.verified}
    return rule.standing.code, parts, rule.deadline, rule.superseded_by


def _printed(series: Mapping[int, Figure]) -> dict[int, Decimal]:
    return {year: figure.printed for year, figure in series.items()}


def _series(facts: Facts, edition: Edition, spender: Spender, measure: str = "share") -> dict[int, Figure]:
    found = {year: facts.figure(edition, measure, spender, year) for year in facts.years(edition, measure, spender)}
    return {year: figure for year, figure in found.items() if figure is not None}


# -- the news ----------------------------------------------------------------------------------------


def changed(facts: Facts, what: str, seen: str) -> Change | None:
    """What became of a thing since its state was `seen`; None if nothing did, or if older facts were put back."""
    now = _state(facts, what)
    if now is None or now.text == seen:
        return None
    then, edition = _State.read(seen), facts.newest
    if then is None or then == now or bool(then.edition) != bool(now.edition):  # the last is a state of something else
        return Change(now.text, ())
    told = list(_of_rules(facts, then, now))
    if then.edition == now.edition:
        told += _corrected(facts, what, then, now)
    elif (before := _before(facts, then)) is not None:
        told = [*_new_edition(facts, what, edition, before), *told]
    else:
        return None
    return Change(now.text, tuple(told))


def preview(facts: Facts, what: str) -> tuple[News, ...]:
    """What is told of a thing, by the newest edition after the one before it, or by a rule as it is."""
    thing = followed(facts, what)
    if isinstance(thing, Rule):
        return (_rule_news(facts, thing),)
    before = _edition_before(facts, facts.newest)
    return tuple(_new_edition(facts, what, facts.newest, before)) if before is not None else ()


def _before(facts: Facts, then: _State) -> Edition | None:
    """The edition that was announced last; the one before the newest where it is held no longer; None if none is older."""
    newest = facts.newest.published.last
    known = facts.editions.get(then.edition)
    if known is not None:
        return known if known.published.last < newest else None
    return _edition_before(facts, facts.newest) if date.fromisoformat(then.published) < newest else None


def _edition_before(facts: Facts, newest: Edition) -> Edition | None:
    held = [edition for edition in facts.editions.values() if edition.tables]
    return next((edition for edition in held if edition.published.last < newest.published.last), None)


def _new_edition(facts: Facts, what: str, edition: Edition, before: Edition) -> Iterator[News]:
    thing = followed(facts, what)
    if what in (EVERYTHING, EDITION) or thing is not None:
        assert not isinstance(thing, Rule)
        yield _edition_news(facts, edition, before, thing)
    if what in (EVERYTHING, CROSSED):
        yield from _crossed(facts, edition, before)


def _edition_news(facts: Facts, edition: Edition, before: Edition, spender: Spender | None) -> News:
    """Both editions side by side, never computed with one another; without a spender, NATO's totals."""
    lead = spender or facts.spenders[TOTAL]
    now, then = _series(facts, edition, lead), _then(facts, before, lead)
    common, last = max(now.keys() & then.keys(), default=None), max(now, default=None)
    shown = [lead] if spender is not None else facts.aggregates.values()
    rows = [row for one in shown for row in _side_by_side(facts, edition, before, one, named=spender is None)]
    rows += _money_row(facts, edition, spender) if spender is not None else []
    for ally in facts.those(lead) if isinstance(lead, Group) else []:
        rows += _side_by_side(facts, edition, before, ally, named=True, years=1)
    values: dict[str, object] = {"edition": edition, "member": lead, "published": edition.published}
    if common is not None:
        values |= {"common": facts.mark(edition, "share", lead, common), "now": now[common], "then": then[common]}
        values["before"] = before
    if last is not None and last != common:
        values |= {"year": facts.mark(edition, "share", lead, last), "share": now[last]}
    text = _OUT["totals" if spender is None else "no share"]
    if common is not None and now[common].printed != then[common].printed:
        text = _OUT["now" if common == last else "now and new"]
    elif last is not None:
        text = _OUT["same" if common == last else "new"]
    headline = text.filled(**values)
    notes = [saying.MARKED] if any(facts.mark(edition, "share", lead, year).mark for year in now) else []
    if edition.core and (common is not None or isinstance(lead, Group)):
        notes += saying.wider_definition(facts, before)
    if spender is not None and last is not None:
        notes += saying.member_notes(facts, edition, spender, last, now[last])
    notes += saying.sum_notes([lead])
    asked = Question("spending", member=lead.code, edition=edition.id)
    ask = [asked]
    if spender is None:
        ask += [Question("revisions", edition=edition.id), Question("sources", edition=edition.id)]
    elif common is not None and not isinstance(spender, Group):
        ask.append(Question("revisions", member=lead.code, year=str(common), edition=edition.id))
    of = EDITION if spender is None else lead.code
    return News(of, Answer(asked, headline, tuple(rows), tuple(notes), edition=edition), tuple(ask))


def _then(facts: Facts, before: Edition, spender: Spender) -> dict[int, Figure]:
    """The earlier edition's shares under names of their own, since the newer one has shares of the same years."""
    shares = _series(facts, before, spender).items()
    return {year: figure.named(f"{figure.name}.{before.id}") for year, figure in shares}


def _side_by_side(
    facts: Facts, edition: Edition, before: Edition, spender: Spender, *, named: bool, years: int = SIDE_BY_SIDE
) -> Iterator[Row]:
    """The newest years with what the earlier edition had."""
    then, measure = _then(facts, before, spender), facts.measures["share"]
    shares = list(_series(facts, edition, spender).items())[: -years - 1 : -1]
    for year, share in shares:
        mark = facts.mark(edition, "share", spender, year)
        label = say("{member}, {year}", member=spender, year=mark) if named else say("{year}", year=mark)
        text = say("{now}", now=share)
        if year in then:
            text = say("{now}; {then} in the {before}", now=share, then=then[year], before=before)
        elif in_edition(facts, before, measure, spender, Span(year, year))[0] == "blank":
            text = say("{now}; left blank in the {before}", now=share, before=before)
        yield Row(label, text)


def _money_row(facts: Facts, edition: Edition, spender: Spender) -> Iterator[Row]:
    """The newest amount."""
    for year, dollars in list(_series(facts, edition, spender, "spending_usd").items())[-1:]:
        own = facts.figure(edition, "spending_national", spender, year)  # as NATO prints it: nothing is computed
        money = say("{dollars}", dollars=dollars)
        if own is not None and own.unit.currency != "USD":
            money = say("{dollars} ({national})", dollars=dollars, national=own)
        text = say("{money} in {year}", money=money, year=facts.mark(edition, "spending_usd", spender, year))
        yield Row(say("{measure}", measure=facts.measures["spending_usd"].name), text)


def _crossed(facts: Facts, edition: Edition, before: Edition) -> Iterator[News]:
    """Whose share of the newest year that both editions print is on another side of a level in the newer one."""
    share, printed = facts.measures["share"], facts.printed_years
    both = set(printed.get((edition.id, share.id), ())) & set(printed.get((before.id, share.id), ()))
    if not both:
        return
    year = max(both)
    alike, marked = [], False
    for member in facts.members.values():
        then, now = (reading(facts, one, share, member, year) for one in (before, edition))
        if then is not None and now is not None and then.alike(now):
            alike.append((member, then.figure, now.figure))
            marked = marked or now.estimate
    rows = [row for rule in levels(facts, share, year) for row in crossed(rule, year, alike, before)]
    if not rows:
        return
    asked = Question("revisions", member=TOTAL, year=str(year), edition=edition.id)
    headline = _OUT["crossed"].filled(edition=edition, before=before, year=Year(year, "e" if marked else ""))
    notes = [saying.MARKED] if marked else []
    notes += saying.wider_definition(facts, before) if edition.core else []
    yield News(CROSSED, Answer(asked, headline, tuple(rows), tuple(notes), edition=edition, more=(before,)), (asked,))


def _corrected(facts: Facts, what: str, then: _State, now: _State) -> Iterator[News]:
    """The same edition with other figures than were announced: each with what stood here before.

    A figure that was not held before corrects none.
    """
    edition, found = facts.newest, list[tuple[Spender, int, Figure | None, Decimal]]()
    for code in now.shares.keys() & then.shares.keys():
        spender, new = facts.spenders[code], now.shares[code]
        series, was = _series(facts, edition, spender), then.shares[code]
        found += [(spender, year, series.get(year), old) for year, old in was.items() if new.get(year) != old]
    both = now.dollars.keys() & then.dollars.keys()
    paid = [code for code in both if any(then.dollars[code].get(y, v) != v for y, v in now.dollars[code].items())]
    whose: dict[str, Spender] = {spender.code: spender for spender, *_ in found} | {
        code: facts.spenders[code] for code in paid
    }
    if not whose:
        return
    found.sort(key=lambda one: (-one[1], _name(one[0])))
    one = next(iter(whose.values())) if len(whose) == 1 else None
    thing = one or followed(facts, what)
    several = sorted(whose.values(), key=_name)
    headline = say(
        "Figures of {members} in NATO's {edition} were corrected here.",
        members=Listing(tuple(several)),
        edition=edition,
    )
    if thing is not None:
        headline = say("Figures of {member} in NATO's {edition} were corrected here.", member=thing, edition=edition)
    rows = [_corrected_row(facts, edition, *cell, named=one is None) for cell in found[:MOST_CORRECTED]]
    if one is not None and found:
        _, year, share, old = found[0]  # the newest
        if share is not None:
            mark = facts.mark(edition, "share", one, year)
            headline = _CORRECTED.filled(member=one, edition=edition, year=mark, now=share, then=_as_it_was(share, old))
    if len(found) > MOST_CORRECTED:
        label = say("more figures corrected")
        rows.append(Row(label, say("{count}", count=tally(len(found) - MOST_CORRECTED, label))))
    for code in paid if one is not None else []:
        rows += _money_row(facts, edition, facts.spenders[code])
    asked = Question("spending", member=one.code if one is not None else TOTAL, edition=edition.id)
    of = one.code if one is not None else what
    yield News(of, Answer(asked, headline, tuple(rows), edition=edition), (asked,))


def _name(spender: Spender) -> str:
    return spender.name


def _corrected_row(
    facts: Facts,
    edition: Edition,
    spender: Spender,
    year: int,
    now: Figure | None,
    then: Decimal,
    *,
    named: bool,
) -> Row:
    text = say("no figure any more")
    if now is not None:
        text = say("{now}, not {then}", now=now, then=_as_it_was(now, then))
    label = say("{member}, {year}", member=spender, year=Year(year)) if named else say("{year}", year=Year(year))
    return Row(label, text)


def _as_it_was(figure: Figure, value: Decimal) -> Figure:
    """The value that stood here before a correction; it has no source, since none prints it any more."""
    return replace(figure, name=f"{figure.name}.before", value=value, citations=(), operation=None, operands=())


def _of_rules(facts: Facts, then: _State, now: _State) -> Iterator[News]:
    """The rules that changed and, where all are followed, those that Allies made since."""
    for key, terms in now.rules.items():
        rule = facts.rules[key]
        if key in then.rules and terms != then.rules[key]:
            yield _rule_news(facts, rule)
        elif key not in then.rules and then.edition and rule.announced.last > date.fromisoformat(then.published):
            yield _rule_news(facts, rule, new=True)


def _rule_news(facts: Facts, rule: Rule, *, new: bool = False) -> News:
    headline = say("What is held here on {rule} has changed. {standing}: {summary}")
    if new:
        headline = say("New here: {rule}. {standing}: {summary}")
    headline = headline.filled(rule=rule, standing=saying.standing(rule), summary=rule.summary)
    rows = [saying.rule_row(rule)] if rule.level("core", "total") else []
    if later := facts.rules.get(rule.superseded_by):
        rows.append(Row(say("Superseded by"), say("{rule}", rule=later), later.standing))
    asked = Question("rule", rule=rule.id)
    return News(f"{RULE}:{rule.id}", Answer(asked, headline, tuple(rows)), (asked,))
