"""A question as typed → who, what, when and of which edition is meant: the one place where typed words are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from knowledge.asking import apart
from knowledge.asking import years as typed
from knowledge.asking.absent import EMPTIED, absent, in_edition
from knowledge.asking.defaults import NONE, Defaults, filled, with_country
from knowledge.asking.kinds import KINDS, Kind
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.years import Levels, Span
from knowledge.facts import Facts
from knowledge.figure import Citation
from knowledge.names import Index, index_of, plain
from knowledge.sentences import Listing, Sentence, Typed, Year, say
from knowledge.things import Definition, Edition, Group, Measure, Member, Rule, Spender, Summit

FEWEST, MOST = 2, 6  # spenders side by side
TOTAL = "NATO_TOTAL"
_OF_RANKED = {
    apart.GAP: "share",
    apart.GAP_MONEY: "share",
    apart.GROWTH: "spending_usd_constant",
    apart.MEMBERS: "share",
}


class Scope(Struct, frozen=True):
    """Who is ranked: all Allies of a year, or those of one group, with where the group's definition stands."""

    members: tuple[Member, ...]
    name: Group | Sentence | None = None
    id: str | None = None
    note: Sentence | None = None
    source: Citation | None = None


class Subject(Struct, eq=False):
    """What a question means. `asked` is the same question with everything it left open filled in.

    `years` are those that are held of what was asked for, oldest first, or the one year asked about where that may
    lie ahead; `span` is what was asked for, None where no year was. `edition_asked` tells a chosen edition from the
    newest one, `known` are the editions that count, newest first. `said` is what was assumed and must be told.
    It is filled here, step by step, and never changed afterwards.
    """

    asked: Question
    kind: Kind
    edition: Edition
    known: tuple[Edition, ...]
    edition_asked: bool = False
    day: date | None = None
    spenders: tuple[Spender, ...] = ()
    measure: Measure | None = None
    ranked: str = ""
    scope: Scope | None = None
    span: Span | None = None
    years: tuple[int, ...] = ()
    rule: Rule | None = None
    levels: Levels | None = None
    currency: str | None = None
    share: Decimal | None = None
    by: int | None = None
    growth: Decimal | None = None
    own_prices: bool = False
    term: Definition | Spender | None = None
    summit: Summit | None = None
    said: tuple[Sentence, ...] = ()

    @property
    def spender(self) -> Spender:
        return self.spenders[0]

    @property
    def year(self) -> int:
        return self.years[-1]

    @property
    def several(self) -> bool:
        """Whether a span of years was asked for."""
        return self.span is not None and not self.span.single

    @property
    def unarmed(self) -> Member | None:
        """The Ally without armed forces that is asked about, where what is asked takes them."""
        takes = self.kind.lacks is not None or self.kind.free == "members"
        if not takes or (self.measure is not None and not self.measure.forces):
            return None
        return next((s for s in self.spenders if isinstance(s, Member) and not s.armed_forces), None)


def resolve(facts: Facts, question: Question, today: date | None = None, defaults: Defaults = NONE) -> Subject:
    """What a question means; Problem if some of it cannot be understood or what it asks for is not held.

    `today` tells what "this year" and "next summit" mean; without it, the day of the newest edition.
    What is left open is filled in by `defaults` first, which is told.
    """
    kind = KINDS[question.name]
    index = index_of(facts)
    words = {option: text for option, text in question.given.items() if option in kind.options}
    words = apart.apart(index, kind, with_country(facts, words, defaults))
    words, said = filled(facts, index, kind, words, defaults)
    asked = _Asked(facts, index, kind, words, today or facts.as_of)
    subject = Subject(question, kind, facts.newest, tuple(facts.editions.values()), said=said)
    _as_known(asked, subject)
    _who(asked, subject)
    _what(asked, subject)
    if subject.ranked == apart.MEMBERS:
        subject.said = ()  # who is a member stands in no edition
    if kind.year and subject.unarmed is None and subject.term is None:
        _when(asked, subject)
    _tried(asked, subject)
    subject.asked = _pinned(subject)
    return subject


class _Asked(Struct, frozen=True):
    """The words of each option, and what they are read with."""

    facts: Facts
    index: Index
    kind: Kind
    words: Mapping[str, str]
    today: date

    def get(self, option: str) -> str:
        return self.words.get(option, "")

    def again(self, **options: str | None) -> str:
        """The question once more with other words in some options; None leaves one out."""
        return str(Question(self.kind.name, **{k: v for k, v in {**self.words, **options}.items() if v}))


# -- who, what, as of when ---------------------------------------------------------------------------


def _as_known(asked: _Asked, subject: Subject) -> None:
    """The edition asked for, or everything that was published by a day."""
    if text := asked.get("edition"):
        found = asked.index.edition(text)
        known = (found,) if isinstance(found, Edition) else asked.facts.known_on(found)
        subject.known = tuple(sorted(known, key=_ends, reverse=True))
        subject.edition, subject.edition_asked = subject.known[0], isinstance(found, Edition)
        subject.day = None if isinstance(found, Edition) else found
    if asked.kind.name == "revisions":  # which goes as far as the newest of these
        subject.edition, subject.edition_asked = max(subject.known, key=_ends), False
        earlier = (e for e in asked.facts.editions.values() if _ends(e) <= _ends(subject.edition))
        subject.known = tuple(sorted(earlier, key=_ends, reverse=True))


def _ends(edition: Edition) -> tuple[int, date]:
    """What puts releases in order: of some only the year of publication is known, so the year they end in comes first."""
    return edition.last, edition.published.last


def _who(asked: _Asked, subject: Subject) -> None:
    kind, index = asked.kind, asked.index
    text = asked.get(kind.free)
    if kind.free == "members":
        found = {s.code: s for name in text.split(", ") if name and (s := index.known(name, index.spenders))}
        subject.spenders = tuple(sorted(found.values(), key=lambda s: s.name))
        _refuse_wrong_number(subject.spenders)
    elif kind.name == "revisions" and not text:
        subject.spenders = (asked.facts.spenders[TOTAL],)
    elif kind.free == "member":
        if kind.name == "spending" and (budget := apart.budget_called(index, text)) is not None:
            subject.term, subject.span = budget, typed.years(asked.get("year"), asked.today.year)
            return
        spender = index.spender(text, kind.name)
        if isinstance(spender, Group) and not kind.groups:
            told = say("Ask this of one Ally; {group} can be asked for in /spending, /gap and /compare.", group=spender)
            raise Problem("one-ally", told, (f"{kind.name} member:{spender.members[0]}", f"gap member:{spender.id}"))
        subject.spenders = (spender,)


def _refuse_wrong_number(spenders: tuple[Spender, ...]) -> None:
    if len(spenders) < FEWEST:
        told = say("Name two to six Allies to compare, for example “compare germany, france, poland”.")
        one = spenders[0].name if spenders else "Germany"
        raise Problem("too-few-members", told, (f"spending member:{one}", f"compare members:{one}, NATO"))
    if len(spenders) > MOST:
        told = say("That is more than six at once. Leave one out, or ask “rank share” for all of them.")
        fewer = ", ".join(s.code for s in spenders[:MOST])
        raise Problem("too-many-members", told, (f"compare members:{fewer}", "rank measure:share"))


def _what(asked: _Asked, subject: Subject) -> None:
    """The measure, the rule, the levels, the currency, the term and the meeting."""
    index, name = asked.index, asked.kind.name
    measure = ""
    if text := asked.get("measure"):
        subject.ranked = apart.RANKED.get(plain(text), "") if name == "rank" else ""
        measure = _OF_RANKED[subject.ranked] if subject.ranked else index.measure(text, name).id
    elif name == "rank" and asked.get("year").casefold().startswith("since"):
        subject.ranked, measure = apart.GROWTH, _OF_RANKED[apart.GROWTH]
    elif name == "rank" and apart.MEMBERS_OF.fullmatch(plain(asked.get("group"))):  # "rank members 2004"
        subject.ranked, measure = apart.MEMBERS, _OF_RANKED[apart.MEMBERS]
    elif name in ("rank", "compare", "revisions"):
        measure = "spending_usd" if asked.get("currency") else "share"
    if measure:
        subject.measure = asked.facts.measures[measure]
    if text := asked.get("rule"):
        subject.rule = _rule(asked, subject, text)
    if text := asked.get("level"):
        subject.levels = typed.levels(text)
    if text := asked.get("currency"):
        subject.currency = _currency(asked, subject, text)
    if text := asked.get("term"):
        subject.term = _term(index, text)
    if text := asked.get("summit"):
        subject.summit = index.summit(text, asked.today)


def _term(index: Index, text: str) -> Definition | Spender:
    """The entry of the glossary, or who is called so; an Ally goes before an entry that is only also called by its name."""
    spender, entry = index.known(text, index.spenders), index.known(text, index.definitions)
    if isinstance(spender, Member) and (entry is None or plain(text) not in (plain(entry.id), plain(entry.term))):
        return spender
    return entry or spender or index.term(text)


def _rule(asked: _Asked, subject: Subject, text: str) -> Rule:
    """The rule of that name; Problem for one that concerns others alone."""
    rule = asked.index.rule(text)
    theirs = not rule.only or any(spender.code in rule.only for spender in subject.spenders)
    if theirs or asked.kind.name == "rule" or subject.unarmed:
        return rule
    concerned = [asked.facts.members[code] for code in rule.only]
    told = say("{rule} concerns {members} alone.", rule=rule, members=Listing(tuple(concerned)))
    raise Problem("not-its-rule", told, tuple(f"target member:{m.name} rule:{rule.id}" for m in concerned))


def _currency(asked: _Asked, subject: Subject, text: str) -> str:
    if code := asked.index.currencies.get(plain(text)):
        return code
    if plain(text) in apart.OWN_CURRENCY and len(subject.spenders) == 1 and isinstance(subject.spender, Member):
        return subject.spender.currency
    told = say("No currency is called “{text}”. Take EUR, GBP, PLN or another Ally's.", text=Typed(text))
    raise Problem("unknown-currency", told, (asked.again(currency="EUR"), asked.again(currency=None)))


def scope_of(facts: Facts, text: str, year: int) -> Scope:
    """The Allies of the year, all of today's, a group of the data, or "members of 2004"."""
    everyone = tuple(facts.members.values())
    if not text:
        return Scope(tuple(m for m in everyone if m.accession.year <= year))
    if plain(text) in ("all", "allies", "all allies", "nato", "everyone", "now", "today"):
        return Scope(everyone, say("today's Allies"), "all")
    if found := apart.MEMBERS_OF.fullmatch(plain(text)) or re.fullmatch(r"(\d{4})", plain(text)):
        chosen = typed.years(found[1], year)
        assert chosen is not None
        members, of = tuple(m for m in everyone if m.accession.year <= chosen.first), Year(chosen.first)
        note = say("Members of {year}: the Allies that had joined by the end of that year.", year=of)
        name = say("members of {year}", year=of)
        return Scope(members, name, f"members {of.number}", note, Citation(members[0].source))
    group = index_of(facts).group(text)
    members = tuple(m for m in everyone if m.code in group.members)
    return Scope(members, group, group.id, say("{note}", note=group.note), Citation(group.source))


# -- when, and of which edition ----------------------------------------------------------------------


def _when(asked: _Asked, subject: Subject) -> None:
    """The years that are meant, and the one edition that answers: the one asked for, else the newest that has them."""
    kind = asked.kind
    span = _fiscal(asked, subject, _span(asked))
    if span is not None and not span.single and kind.year != "span":
        raise _one_at_a_time(asked, "year", span)
    subject.span = span
    if kind.name == "revisions":  # which finds the year that several editions print
        subject.years = (span.first,) if span is not None else ()
    elif kind.name == "rank":
        _of_everyone(asked, subject)
    else:
        _of_spenders(asked, subject)
    if subject.span is not None and subject.span.last is None:
        subject.span = Span(subject.span.first, subject.edition.last)


def _span(asked: _Asked) -> Span | None:
    """The year or years typed; turned round if the later one came first, which is asked back."""
    try:
        return typed.years(asked.get("year"), asked.today.year)
    except Problem as problem:
        if problem.code == "years-backwards":
            first, last = (value.number for value in problem.sentence.values.values() if isinstance(value, Year))
            problem.instead = (asked.again(year=f"{last}-{first}"),)
        raise


def _of_spenders(asked: _Asked, subject: Subject) -> None:
    """The newest edition that has the years for every spender; for a year that may lie ahead, any years at all."""
    facts, span, ahead = asked.facts, subject.span, asked.kind.year == "any"
    if subject.several and subject.measure is not None and subject.measure.id == "real_change":
        subject.measure = facts.measures["spending_usd_constant"]  # growth over years is none of yearly rates
    measure = _leading(facts, subject)
    edition, years = _newest(facts, subject, measure, span)
    if edition is None and ahead:
        edition, years = _newest(facts, subject, measure, None)
    if edition is None and asked.kind.name != "pledges":
        raise _absent(asked, subject, measure)
    subject.edition = edition or subject.edition
    if ahead and span is not None:
        subject.years = (span.first,)
    else:
        subject.years = years if span is not None or asked.kind.name == "compare" else years[-1:]
    if span is None and years and asked.kind.name in ("gap", "target", "whatif") and years[-1] < subject.edition.last:
        last = Span(subject.edition.last, subject.edition.last)
        code, why = in_edition(facts, subject.edition, measure, subject.spender, last)
        subject.said = (*subject.said, why) if code in EMPTIED else subject.said


def _newest(
    facts: Facts, subject: Subject, measure: Measure, span: Span | None
) -> tuple[Edition | None, tuple[int, ...]]:
    """The newest edition of those that count with a year of the span for every spender, and all such years.

    Unless an edition or a day was asked for, an annual report answers only where no edition of the tables does.
    """
    reports = subject.edition_asked or subject.day is not None
    for edition in subject.known if reports else sorted(subject.known, key=lambda e: not e.tables):
        if years := _held(facts, edition, measure, subject.spenders, span):
            return edition, years
    return None, ()


def _leading(facts: Facts, subject: Subject) -> Measure:
    """The measure whose row decides which years and which edition: the one asked for, else the share of GDP."""
    if subject.measure is not None:
        per_head = subject.measure.per_head and subject.currency
        return in_dollars(facts, subject.measure) if per_head else subject.measure
    if subject.kind.name == "spending" and subject.levels is None:
        wanted = "spending_usd_constant" if subject.several and not subject.currency else "spending_usd"
        summed = subject.several or subject.currency is not None or isinstance(subject.spender, Group)
        if summed and _newest(facts, subject, facts.measures[wanted], subject.span)[0] is not None:
            return facts.measures[wanted]
    return facts.measures["share"]


def in_dollars(facts: Facts, measure: Measure) -> Measure:
    """NATO's amounts in US dollars, which another currency and amounts per head of current prices are made of."""
    wanted = (measure.about, "USD", measure.constant and not measure.per_head, False)
    return next(m for m in facts.measures.values() if (m.about, m.currency, m.constant, m.per_head) == wanted)


def _held(
    facts: Facts, edition: Edition, measure: Measure, spenders: Iterable[Spender], span: Span | None
) -> tuple[int, ...]:
    """The years within the span that every one of the spenders has, oldest first."""
    first, *others = (facts.years(edition, measure.id, s) for s in spenders)
    for row in others:
        first = tuple(year for year in first if year in row)
    return first if span is None else tuple(filter(span.holds, first))


def _absent(asked: _Asked, subject: Subject, measure: Measure) -> Problem:
    """The refusal for the first of the spenders that has nothing of it."""
    facts, span = asked.facts, subject.span
    alone = (s for s in subject.spenders if not any(_held(facts, e, measure, (s,), span) for e in subject.known))
    edition = subject.edition if subject.edition_asked else None
    question = Question(asked.kind.name, **asked.words)
    return absent(facts, question, measure, next(alone, subject.spender), span, edition, subject.day)


def _of_everyone(asked: _Asked, subject: Subject) -> None:
    """For a ranking: the newest edition whose rows of the years are whole, else one that has some of them."""
    facts, span = asked.facts, subject.span
    assert subject.measure is not None
    if subject.ranked == apart.MEMBERS:
        return _of_members(asked, subject)
    needed = "gdp_usd" if subject.ranked == apart.GAP_MONEY else subject.measure.id
    if subject.ranked == apart.GROWTH and (span is None or span.single):  # "growth since 2014"
        span = subject.span = Span(span.first if span else subject.edition.first, None)
    years = {e.id: facts.printed_years.get((e.id, needed), ()) for e in subject.known}
    if span is not None:
        years = {key: tuple(filter(span.holds, printed)) for key, printed in years.items()}
    fitting = [e for e in subject.known if years[e.id]]
    if not fitting:
        measure, everyone = facts.measures[needed], (facts.spenders[TOTAL], *facts.members.values())
        having = (s for s in everyone if any(_held(facts, e, measure, (s,), span) for e in facts.editions.values()))
        subject.spenders = (next(having, everyone[0]),)  # of some measures NATO prints no total
        raise _absent(asked, subject, measure)
    rows = (facts.covered(e, needed, years[e.id][-1]) for e in fitting)
    best = [e for e, row in zip(fitting, rows, strict=True) if row is not None and row.held == "whole"] or fitting
    reports = subject.edition_asked or subject.day is not None
    subject.edition = next((e for e in best if e.tables or reports), best[0])
    found = years[subject.edition.id]
    subject.years = found[-1:] if span is None else found
    subject.scope = scope_of(facts, asked.get("group"), subject.year)


def _of_members(asked: _Asked, subject: Subject) -> None:
    """The years of membership that are meant, which no edition has to print: "members 2004" is one."""
    group, now = asked.get("group"), asked.today.year
    if apart.MEMBERS_OF.fullmatch(plain(group)):
        words = re.sub(r"^(nato )?(members?|allies) ((of|in) )?", "", plain(group))
        group, subject.span = "", typed.years(words, now)
    span = subject.span
    if span is not None:
        span = subject.span = Span(span.first, span.last or now)
        if (latest := max(span.first, span.last or now)) > now:
            told = say("Who will be a member in {year} is not known yet.", year=Year(latest))
            raise Problem("no-figure-yet", told, (f"rank measure:{apart.MEMBERS}",))
        if span.first == now:  # which is not over: who is a member, not who was by its end
            subject.span = None
    subject.years = tuple(range(span.first, (span.last or now) + 1)) if span is not None else (now,)
    subject.scope = scope_of(asked.facts, group, subject.year)


def _fiscal(asked: _Asked, subject: Subject, span: Span | None) -> Span | None:
    """NATO's year of a fiscal year such as 2025/26, for the Allies that have one; for others it is asked back."""
    if span is None or not span.fiscal or span.last is None:
        return span
    values = {"first": Year(span.first), "last": Year(span.last), "members": Listing(subject.spenders)}
    named = {s.fiscal_names if isinstance(s, Member) else "" for s in subject.spenders}
    if len(named) == 1 and named != {""}:
        year = span.first if named == {"first"} else span.last
        told = say("The fiscal year {first}/{last} is NATO's {year} for {members}.", **values, year=Year(year))
        subject.said = (*subject.said, told)
        return Span(year, year)
    offers = [asked.again(year=str(year)) for year in (span.first, span.last)]
    if asked.kind.year == "span":
        offers.append(asked.again(year=f"{span.first} to {span.last}"))
    told = say(
        "NATO prints calendar years, and one fiscal year for Canada, the United Kingdom and the United States alone. Which is meant: {first}, {last}, or both?",
        **values,
    )
    raise Problem("which-year", told, tuple(offers))


def _one_at_a_time(asked: _Asked, option: str, span: Span) -> Problem:
    told = say("One year at a time, please: “{text}” names several.", text=Typed(asked.get(option)))
    years = (span.last or asked.facts.newest.last, span.first)
    return Problem("bad-year", told, tuple(asked.again(**{option: str(year)}) for year in years))


# -- what is to be tried -----------------------------------------------------------------------------


def _tried(asked: _Asked, subject: Subject) -> None:
    """The share, year, growth and prices of a what-if."""
    if (by := typed.years(asked.get("by"), asked.today.year)) is not None:
        if not by.single:
            raise _one_at_a_time(asked, "by", by)
        subject.by = by.first
    if text := asked.get("share"):
        subject.share = typed.number(text, "share")
    if text := asked.get("growth"):
        subject.growth = typed.number(text, "growth")
    if text := plain(asked.get("prices")):
        base = str(asked.facts.forecast.prices)
        subject.own_prices = text in ("current", "own", "nominal", "each year")
        if not subject.own_prices and text not in (base, "constant", "real"):
            told = say("Amounts come in prices of {base} or in each year's own: write prices:{base} or prices:current.")
            offers = (asked.again(prices=None), asked.again(prices="current"))
            raise Problem("unknown-prices", told.filled(base=Year(int(base))), offers)


# -- back to a question ------------------------------------------------------------------------------


def _pinned(subject: Subject) -> Question:
    """The question with everything it left open filled in, so that it gives the same answer later."""
    kind, options = subject.kind, subject.kind.options
    whole_series = kind.name in ("spending", "compare") and subject.span is None
    year = None if whole_series or not subject.years else str(subject.span if subject.several else subject.year)
    edition = subject.edition.id if kind.year or subject.edition_asked or subject.day else None
    if subject.day is not None and kind.dated:
        edition = subject.day.isoformat()
    member = subject.spender.code if kind.free == "member" and subject.spenders else None
    if kind.free == "member" and subject.term is not None:
        member, edition, year = _id(subject.term), None, str(subject.span) if subject.span else None
    return Question(
        kind.name,
        member=member,
        members=",".join(short(s) for s in subject.spenders) if kind.free == "members" else None,
        year=year if "year" in options else None,
        measure=subject.ranked or (subject.measure.id if subject.measure else None),
        currency=subject.currency,
        level=str(subject.levels) if subject.levels else None,
        rule=subject.rule.id if subject.rule else None,
        edition=edition,
        group=subject.scope.id if subject.scope else None,
        share=str(subject.share) if subject.share is not None else None,
        by=str(subject.by) if subject.by is not None else None,
        growth=str(subject.growth) if subject.growth is not None else None,
        prices="current" if subject.own_prices else None,
        term=_id(subject.term) if subject.term is not None and kind.free == "term" else None,
        summit=subject.summit.id if subject.summit else None,
    )


def _id(term: Definition | Spender) -> str:
    return term.id if isinstance(term, Definition | Group) else short(term)


def short(spender: Spender) -> str:
    """What fits a table's heading and a button's id, and is understood when it is read again."""
    return {TOTAL: "NATO", "NATO_EUR_CAN": "Europe"}.get(spender.code, spender.code)
