"""What `/data` and the buttons of a proposal do; who may is asked at every step."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from bot.corrections import outbox
from bot.corrections.impact import impact_of
from bot.corrections.messages import (
    apart_message,
    cell_in_words,
    impact_message,
    preview_message,
    proposal_message,
    read_undo,
    slip_message,
    told_message,
    undo_row,
)
from bot.corrections.picture import Drawing
from bot.corrections.rights import Person, beneath, counted, seen_in, tried, who
from bot.discord.feature import Interaction
from bot.discord.forms import Field, Form, Mistyped, typed_in
from bot.discord.ids import id_of, old_button
from bot.discord.layout import answer_message, file_message
from bot.discord.locales import shared_language, words_for
from bot.discord.message import Attachment, Message
from bot.drawing.words import Words, plain
from bot.ledger import Ledger
from commands.data import Correct, Export, History, Pending, State, Undo
from commands.report import Report
from data.copying import Backup, whole_of
from data.exports import log_as_csv
from data.local import LocalStore
from data.log import Head, Revision, digest_of_all
from data.owed import Place
from data.proposals import Apart, Proposal, Proposals
from data.reports import Reports, Slip
from knowledge.answer import Answer, Row
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.corrections import (
    EVERYWHERE,
    LEAST_REASON,
    MOST_ADDRESS,
    MOST_REASON,
    Base,
    Change,
    Entry,
    Fold,
    Stated,
    Trial,
    Value,
    backwards,
    cell_asked,
    change_in_words,
    fold,
    has_place,
    is_address,
    key_in_words,
    layered,
    oddities,
    read_value,
    upgrade_in_words,
    value_in,
    value_in_words,
)
from knowledge.dates import PartialDate
from knowledge.facts import Cell, Facts
from knowledge.impact import Impact
from knowledge.sentences import Listing, Sentence, Typed, say

SHOWN = 8  # revisions of a history
MOST_VALUE, LONGEST_HINT = 40, 100  # characters of a value, and of what a form says of it
LONGEST_WHAT = 120  # characters of an identity
ASKED = 5  # proposals, and reports, that one list shows with their buttons
_NUMBER = re.compile(r"blank|-?[0-9.]{1,20}")  # as an id carries it: an exponent could be longer than memory
_SENT = {
    outbox.Sent.THERE: say("Kept as change {number}, and posted in {channel}."),
    outbox.Sent.REFUSED: say("Kept as change {number}, but {channel} could not be told: the bot may not write there."),
    outbox.Sent.LATER: say("Kept as change {number}. Discord is slow just now; {channel} will be told soon."),
}


# -- proposing ---------------------------------------------------------------------------------------


async def correct(ledger: Ledger, interaction: Interaction, wanted: Correct) -> list[Message]:
    """What would change; nothing is kept until the reason is sent."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    person.may_propose(scope)
    return await preview(ledger, interaction, scope, cell_wanted(seen_in(ledger, scope).facts, wanted), wanted.value)


async def preview(ledger: Ledger, interaction: Interaction, scope: str, cell: Cell, typed: str) -> list[Message]:
    """What would change if a cell held what was typed; who may propose it was asked."""
    facts, drawn = seen_in(ledger, scope).facts, words_for(interaction, private=True)
    try:
        value = read_value(facts, cell, typed)
        change = _change(facts, cell, value)
    except Problem as problem:
        key = id_of("value", "|".join((_where(scope), *map(str, cell))))
        label = plain(drawn(cell_in_words(facts, cell)))
        raise Mistyped(problem, value_form(key, drawn, label, typed)) from None
    drawing = Drawing(ledger, scope, (change,), drawn, interaction.user.id)
    impact = await impact_on(ledger, scope, (change,), drawn)
    odd = [*oddities(facts, cell, value), *await asyncio.to_thread(_broken_by, facts, change)]
    picture = await drawing.in_time()
    return [preview_message(facts, (change,), impact, odd, _packed(scope, cell, value), drawn, picture)]


def value_form(key: str, drawn: Words, what: str, shown: str = "") -> Form:
    """Which value a figure is to have."""
    label = drawn(say("As NATO's table prints it: 2.01, 2.01e, blank"))
    field = Field("value", label, what[:LONGEST_HINT], shown, least=1, most=MOST_VALUE)
    return Form(key, drawn(say("Correct…")), (field,))


async def value_typed(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """What would change by a value that was typed anew."""
    where, cell, _ = _unpacked(f"{payload}|0|")
    person = await who(ledger, interaction)
    scope = _own(where, person)
    person.may_propose(scope)
    if not has_place(seen_in(ledger, scope).facts, cell):
        raise old_button()
    return await preview(ledger, interaction, scope, cell, typed_in(interaction).get("value", ""))


def _broken_by(facts: Facts, change: Change) -> list[Sentence]:
    """The identities of NATO's tables that would no longer hold; of a share oddities() says it in a reader's words."""
    from data.checks import newly_broken  # the models it stands on take long to make

    stands = fold([Trial(EVERYWHERE, (change,), datetime.now(UTC).isoformat())])
    found = newly_broken(facts, layered(facts, stands.cells, facts.version), (change.key[0],))
    text = say("An identity of NATO's tables would no longer hold: {what}.")
    return [text.filled(what=Typed(what, LONGEST_WHAT)) for identity, _, _, _, what in found if identity != "share"]


async def ask_why(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    """The reason and the source, before a correction is kept."""
    scope, _, _ = _unpacked(payload)
    person = await who(ledger, interaction)
    scope = _own(scope, person)
    person.may_propose(scope)
    return reason_form(id_of("proposed", payload), words_for(interaction, private=True))


def reason_form(key: str, drawn: Words, address: str = "https://") -> Form:
    """Why, and from where."""
    return Form(
        key,
        drawn(say("Why, and from where?")),
        (
            Field("reason", drawn(say("Why")), least=LEAST_REASON, most=MOST_REASON, long=True),
            Field("address", drawn(say("Address of the source")), shown=address, most=MOST_ADDRESS),
        ),
    )


def reason_and_address(interaction: Interaction, scope: str) -> tuple[str, str]:
    """What was written into that form; Problem if the address is none, or is wanted and missing."""
    typed = typed_in(interaction)
    address = typed.get("address", "").strip().removesuffix("https://")
    if address and not is_address(address):
        told = say("“{typed}” is no web address. Begin it with https://, or leave it out. Nothing was kept.")
        raise Problem("no-address", told.filled(typed=Typed(address)))
    if scope == EVERYWHERE and not address:
        raise Problem("no-address", say("What every server sees needs the address of a source. Nothing was kept."))
    return reason_in(interaction), address


async def propose(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Keep the proposal and tell those who decide."""
    said, cell, value = _unpacked(payload)
    person = await who(ledger, interaction)
    scope = _own(said, person)
    person.may_propose(scope)
    facts = seen_in(ledger, scope).facts
    reason, address = reason_and_address(interaction, scope)
    change, place = _change(facts, cell, value), place_for(ledger, interaction, person, scope)

    def keep(local: LocalStore) -> Proposal:
        return Proposals(local).propose(
            scope, person.id, "correct", (change,), address=address, reason=reason, facts=facts.version, place=place
        )

    return await kept(ledger, interaction, person, await ledger.locally(keep))


async def undo(ledger: Ledger, interaction: Interaction, wanted: Undo) -> list[Message]:
    """Propose to take a revision back."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    return await _take_back(ledger, interaction, person, scope, wanted.revision, None, wanted.why)


async def ask_why_undo(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    person, scope, _, _ = await _undone(ledger, interaction, payload)
    person.may_propose(scope)
    drawn = words_for(interaction, private=True)
    field = Field("reason", drawn(say("Why")), least=LEAST_REASON, most=MOST_REASON, long=True)
    return Form(id_of("undone", payload), drawn(say("Why")), (field,))


async def undo_pressed(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    person, scope, n, part = await _undone(ledger, interaction, payload)
    return await _take_back(ledger, interaction, person, scope, n, part, reason_in(interaction))


async def _undone(ledger: Ledger, interaction: Interaction, payload: str) -> tuple[Person, str, int, int | None]:
    """Who pressed, and what is to be taken back of which revision."""
    person = await who(ledger, interaction)
    where, n, part = read_undo(payload)
    return person, _own(where, person), n, part


async def _take_back(
    ledger: Ledger, interaction: Interaction, person: Person, scope: str, n: int, part: int | None, why: str
) -> list[Message]:
    """Keep the proposal; where a part of the revision was changed again since, say what and offer the rest."""
    person.may_propose(scope)
    facts, seen = beneath(ledger, scope), seen_in(ledger, scope).facts
    place = place_for(ledger, interaction, person, scope)

    def keep(local: LocalStore) -> Proposal | Apart:
        proposals = Proposals(local)
        apart = proposals.apart(scope, n)
        if apart.later and apart.untouched and len(apart.untouched) != part:
            return apart
        _has_places(seen, backwards(apart.untouched, {one.key: None for one in apart.untouched}))
        base = _base(ledger, scope, apart.untouched)
        return proposals.undo(
            scope, n, person.id, base, address="", reason=why, facts=facts.version, part=part, place=place
        )

    found = await ledger.locally(keep)
    if isinstance(found, Proposal):
        return await kept(ledger, interaction, person, found)
    return [apart_message(seen_in(ledger, scope).facts, scope, n, found, words_for(interaction, private=True))]


def place_for(ledger: Ledger, interaction: Interaction, person: Person, scope: str) -> Place | None:
    """Where those who decide on a new proposal hear of it; None where they look for themselves."""
    if scope == EVERYWHERE or person.rules.channel is None:
        return None
    return Place(person.rules.channel, shared_language(interaction, ledger.answering(person.server).language))


async def kept(ledger: Ledger, interaction: Interaction, person: Person, found: Proposal) -> list[Message]:
    """Tell whoever proposed it that it is kept, and whether those who decide have heard of it."""
    drawn = words_for(interaction, private=True)
    if found.scope == EVERYWHERE:
        told = say("Kept as change {number}. Another maintainer decides on it: /data pending everywhere:True.")
    elif person.rules.channel is None:
        told = say("Kept as change {number}. No channel is set for it, so tell those who decide: /data pending.")
    else:
        told = _SENT[await outbox.send(ledger, interaction.client, found)]
    channel = f"<#{person.rules.channel}>"
    shown = await _drawn(ledger, found, drawn)
    return [told_message(told.filled(number=str(found.id), channel=channel), drawn).above(shown)]


# -- deciding ----------------------------------------------------------------------------------------


async def approve(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Write it into the log and answer by it from now on."""
    person, found, version = await _pressed(ledger, interaction, payload)
    person.may_decide(found.scope)
    _has_places(seen_in(ledger, found.scope).facts, found.changes)

    def step(local: LocalStore) -> Proposal:
        base = _base(ledger, found.scope, found.changes)
        alone, counting = person.alone(found.scope), counted(ledger, found.scope)
        return Proposals(local).approve(found.id, version, person.id, base, alone=alone, counting=counting)

    done = await ledger.locally(step)
    if done.state == "applied":
        await ledger.take_corrections()
        cells = [change.key for change in done.changes if len(change.key) == 4]
        for slip in await ledger.locally(lambda local: Reports(local).settled(done.scope, cells)):
            await outbox.renew(ledger, interaction.client, slip)
    return await _stepped(ledger, interaction, done)


async def ask_why_not(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    return await _form(ledger, interaction, payload, "rejected", say("Why not?"), decides=True)


async def reject(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    return await _decide(ledger, interaction, payload, lambda p, n, v, who, text: p.reject(n, v, who, text))


async def ask_question(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    return await _form(ledger, interaction, payload, "asked", say("What is to be known?"), decides=True)


async def ask_for_more(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    return await _decide(ledger, interaction, payload, lambda p, n, v, who, text: p.ask(n, v, who, text))


async def ask_answer(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    return await _form(ledger, interaction, payload, "replied", say("Answer"), decides=False)


async def reply(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    person, found, version = await _pressed(ledger, interaction, payload)
    person.may_propose(found.scope)
    text = reason_in(interaction)
    done = await ledger.locally(lambda local: Proposals(local).answer(found.id, version, person.id, text))
    return await _stepped(ledger, interaction, done)


async def withdraw(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Its proposer takes it back, whatever else they may by now."""
    person, found, version = await _pressed(ledger, interaction, payload)
    done = await ledger.locally(lambda local: Proposals(local).withdraw(found.id, version, person.id))
    return await _stepped(ledger, interaction, done)


async def renew(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Put a stale one up again, by what is seen now."""
    person, found, version = await _pressed(ledger, interaction, payload)
    person.may_propose(found.scope)
    _has_places(seen_in(ledger, found.scope).facts, found.changes)

    def step(local: LocalStore) -> Proposal:
        return Proposals(local).renew(found.id, version, _base(ledger, found.scope, found.changes))

    return await _stepped(ledger, interaction, await ledger.locally(step))


async def impact(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Every answer that it would change."""
    person, found, _ = await _pressed(ledger, interaction, payload)
    person.may_read(found.scope)
    facts, drawn = seen_in(ledger, found.scope).facts, words_for(interaction, private=True)
    return [impact_message(facts, found, await impact_on(ledger, found.scope, found.changes, drawn), drawn)]


async def _decide(
    ledger: Ledger, interaction: Interaction, payload: str,
    step: Callable[[Proposals, int, int, int, str], Proposal],
) -> list[Message]:  # fmt: skip
    person, found, version = await _pressed(ledger, interaction, payload)
    person.may_decide(found.scope)
    text = reason_in(interaction)
    done = await ledger.locally(lambda local: step(Proposals(local), found.id, version, person.id, text))
    return await _stepped(ledger, interaction, done)


async def _form(
    ledger: Ledger, interaction: Interaction, payload: str, kind: str, title: Sentence, *, decides: bool
) -> Form:
    person, found, version = await _pressed(ledger, interaction, payload)
    (person.may_decide if decides else person.may_propose)(found.scope)
    if found.version != version or not found.open:
        raise old_step()
    drawn = words_for(interaction, private=True)
    field = Field("reason", drawn(title), least=LEAST_REASON, most=MOST_REASON, long=True)
    return Form(id_of(kind, payload), drawn(title), (field,))


def old_step() -> Problem:
    """What is told to who would act on something that went on."""
    return Problem("so-now", say("This changed since the message was made. Look at it again with /data pending."))


async def _pressed(ledger: Ledger, interaction: Interaction, payload: str) -> tuple[Person, Proposal, int]:
    """Who pressed, the proposal, and at which of its steps the message was made; Problem if it is another server's."""
    number, version = at_step(payload)
    person = await who(ledger, interaction)
    found = await ledger.locally(lambda local: Proposals(local).get(number))
    person.may_read(found.scope)
    return person, found, version


def at_step(payload: str) -> tuple[int, int]:
    """The number and the version that a button carries; Problem if it is of another form."""
    number, _, version = payload.partition(":")
    if not (number.isdecimal() and version.isdecimal() and len(payload) < 20):
        raise old_button()
    return int(number), int(version)


async def _stepped(ledger: Ledger, interaction: Interaction, done: Proposal) -> list[Message]:
    """Show how it stands now, where it was posted too."""
    await outbox.renew(ledger, interaction.client, done)
    return [await _drawn(ledger, done, words_for(interaction, private=True))]


async def _drawn(ledger: Ledger, found: Proposal, words: Words) -> Message:
    """A proposal as it stands; for every server it matters who stands behind it by now."""
    facts, people = seen_in(ledger, found.scope).facts, counted(ledger, found.scope)
    if people is None:
        return proposal_message(facts, found, words)

    def behind(local: LocalStore) -> list[bool]:
        proposals = Proposals(local)
        return [proposals.person(token) in people for token in (found.proposer, found.seconded)]

    proposes, seconds = await ledger.locally(behind)
    shown = found if seconds else replace(found, seconded=None)
    return proposal_message(facts, shown, words, left=not proposes)


def _base(ledger: Ledger, scope: str, changes: Iterable[Change]) -> Base:
    """What a reader would see of these without the scope's own corrections."""
    facts, below = beneath(ledger, scope), Fold() if scope == EVERYWHERE else ledger.stands(EVERYWHERE)
    return {
        one.key: value_in(facts, one.key) if len(one.key) == 4 else _row_beneath(facts, below, one.key, one)
        for one in changes
    }


def _row_beneath(facts: Facts, below: Fold, key: Entry, change: Change) -> Stated | None:
    """The row that is meant, if the snapshot has the same already, else the one entered for every server."""
    from data.entered import is_held  # the models of the seed tables take long to make, and few enter rows

    row = change.new if change.new is not None else change.old
    held = row is not None and not isinstance(row, Value) and is_held(facts, key, row)
    return row if held else below.get(key)


def _has_places(facts: Facts, changes: Iterable[Change]) -> None:
    """Problem if a value shall stand where the figures have no place for one, as after their edition is gone."""
    news = [(one.key, one.new) for one in changes if one.new is not None]
    begun = {key[1] for key, _ in news if len(key) == 2}
    for key, _ in news:
        if len(key) == 4 and key[0] not in begun and not has_place(facts, key):
            raise Problem("no-row", say("The figures have no such row any more, so there is nothing to correct."))


def reason_in(interaction: Interaction) -> str:
    """Why, as it was written into a form; Problem if that is next to nothing, as blanks are."""
    reason = " ".join(typed_in(interaction).get("reason", "").split())
    if len(reason) < LEAST_REASON:
        raise Problem("no-words", say("Say in a few words why. Nothing was kept."))
    return reason


# -- looking -----------------------------------------------------------------------------------------


async def pending(ledger: Ledger, interaction: Interaction, wanted: Pending) -> Answer | Sequence[Message]:
    """What waits, each with its buttons."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    person.may_propose(scope)

    def look(local: LocalStore) -> tuple[list[Proposal], list[Slip]]:
        return Proposals(local).pending(scope), Reports(local).pending(scope)

    proposals, slips = await ledger.locally(look)
    drawn, facts = words_for(interaction, private=True), seen_in(ledger, scope).facts
    if not (proposals or slips):
        return Answer(Question("data"), say("Nothing waits for a decision."))
    messages = [await _drawn(ledger, one, drawn) for one in proposals[:ASKED]]
    messages += [slip_message(facts, one, drawn) for one in slips[:ASKED]]
    if more := max(len(proposals) - ASKED, 0) + max(len(slips) - ASKED, 0):
        told = say("More that wait: {count}. They are shown when these are decided.", count=str(more))
        messages.append(told_message(told, drawn))
    return messages


async def history(ledger: Ledger, interaction: Interaction, wanted: History) -> Answer | Sequence[Message]:
    """The last revisions, with a button for each that may be taken back by whoever looks."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)

    def look(local: LocalStore) -> tuple[list[Revision], dict[int, str]]:
        proposals = Proposals(local)
        return proposals.log.of(scope), proposals.reasons(scope)

    revisions, reasons = await ledger.locally(look)
    facts, undone = ledger.published, {one.undoes: one.n for one in revisions if one.undoes}
    if not revisions:
        return Answer(Question("data"), say("Nothing was corrected here yet."))
    last = revisions[: -SHOWN - 1 : -1]
    rows = tuple(_history_row(facts, one, undone.get(one.n), reasons.get(one.n, "")) for one in last)
    notes: tuple[Sentence, ...] = ()
    if len(revisions) > SHOWN:
        notes = (say("The whole log is in /data export; revisions in all: {count}.", count=str(len(revisions))),)
    answer = Answer(Question("data"), say("What was corrected here, newest first."), rows, notes)
    takes_back = [one.n for one in last if one.n not in undone]
    if not takes_back or not person.can_propose(scope):
        return answer
    drawn = words_for(interaction, private=True)
    return [answer_message(answer, drawn).above(undo_row(scope, takes_back, drawn))]


def _history_row(facts: Facts, one: Revision, undone: int | None, why: str) -> Row:
    told = upgrade_in_words if one.kind == "upgrade" else change_in_words
    text = told(facts, one.changes[0])
    if len(one.changes) > 1:
        text = say("{text}, and {count} more", text=text, count=f"{len(one.changes) - 1:,}")
    if one.undoes is not None:
        text = say("{text} (takes revision {revision} back)", text=text, revision=str(one.undoes))
    if undone is not None:
        text = say("{text} (taken back by {revision})", text=text, revision=str(undone))
    if one.approved == one.by:
        text = say("{text} (approved by nobody else)", text=text)
    if one.address:
        text = say("{text}. Source: {address}", text=text, address=Typed(one.address))
    if why:
        text = say("{text}. Why: {why}", text=text, why=Typed(why))
    return Row(say("{number}, {day}", number=str(one.n), day=PartialDate(one.at[:10])), text)


async def state(ledger: Ledger, interaction: Interaction, wanted: State) -> Answer:
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)

    def look(local: LocalStore) -> tuple[Head, list[Proposal], list[Revision], dict[str, Head], list[Backup]]:
        proposals = Proposals(local)
        log = proposals.log
        return log.verify(scope), proposals.pending(scope), log.of(scope), log.ends(), whole_of(local.path)

    head, waiting, revisions, heads, backups = await ledger.locally(look)
    stand = ledger.stands(scope).cells
    rows = [Row(say("Revisions"), say("{count}", count=str(head.n)))]
    rows.append(Row(say("Waiting"), say("{count}", count=str(len(waiting)))))
    if waiting:
        rows.append(Row(say("The oldest since"), say("{day}", day=PartialDate(waiting[0].made[:10]))))
    rows += _upgraded(ledger.published, waiting, revisions)
    rows.append(Row(say("Head of the log"), _head(head)))
    rows.append(Row(say("Head of all logs"), _head(Head(sum(one.n for one in heads.values()), digest_of_all(heads)))))
    kept = say("none yet")
    if backups:
        day, digest = PartialDate(backups[-1].made.date().isoformat()), backups[-1].digest
        kept = say("{day}, found whole, head {digest}", day=day, digest=digest)
    rows.append(Row(say("Last backup"), kept))
    told = say("Figures corrected here: {count}.", count=str(len(stand)))
    if wanted.everywhere:
        told = say("Figures corrected for every server: {count}.", count=str(len(stand)))
    return Answer(Question("data"), told, tuple(rows))


def _upgraded(facts: Facts, waiting: Sequence[Proposal], revisions: Sequence[Revision]) -> Iterator[Row]:
    """What new figures made of corrections: which wait to be kept or dropped, and which they made needless."""
    aside = [change for one in waiting if one.kind == "keep" for change in one.changes]
    taken = (change for one in revisions if one.kind == "upgrade" for change in one.changes)
    retired = [change for change in taken if change.seen == change.old and change.key[0] != "series"]
    for label, changes in ((say("Set aside by new figures"), aside), (say("Retired by new figures"), retired)):
        if changes:
            shown = [key_in_words(facts, change) for change in changes[: -SHOWN - 1 : -1]]
            told = say("{count}: {figures}", count=str(len(changes)), figures=Listing(tuple(shown), "unit"))
            yield Row(label, told)


def _head(head: Head) -> Sentence:
    """Begun with a number, since a sentence begins with a capital and a digest has none."""
    return say("{count} · {digest}", count=str(head.n), digest=head.digest[:16])


async def export(ledger: Ledger, interaction: Interaction, wanted: Export) -> list[Message]:
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    if scope != EVERYWHERE:
        person.may_manage()
    revisions = await ledger.locally(lambda local: Proposals(local).log.of(scope))
    what = say("The whole log of corrections; people are tokens in it, and reasons are digests.")
    answer = Answer(Question("data"), what)
    file = Attachment("corrections.csv", log_as_csv(revisions))
    return [file_message(answer, words_for(interaction, private=True), file, what)]


# -- cells -------------------------------------------------------------------------------------------


def cell_wanted(facts: Facts, wanted: Correct | Report) -> Cell:
    """The cell that is meant; Problem where there is none."""
    return cell_asked(facts, wanted.member, wanted.year, wanted.measure, wanted.edition)


def _change(facts: Facts, cell: Cell, value: Value) -> Change:
    seen = value_in(facts, cell)
    if seen is None or cell[3] not in facts.printed_years[cell[:2]]:
        raise old_button()
    # what an id carries is checked like what is typed
    if value.number is not None and read_value(facts, cell, f"{value.number:f}{value.mark}") != value:
        raise old_button()
    if value == seen:
        told = say("It is {value} already, so there is nothing to correct.", value=value_in_words(facts, cell, value))
        raise Problem("as-it-is", told)
    return Change(cell, None, value, seen)


async def impact_on(ledger: Ledger, scope: str, changes: Sequence[Change], words: Words) -> Impact:
    facts, after = seen_in(ledger, scope).facts, await asyncio.to_thread(tried, ledger, scope, changes)
    return await impact_of(facts, after, changes, words)


def _packed(scope: str, cell: Cell, value: Value) -> str:
    """A correction as an id carries it: where, which cell, and the value."""
    number = "blank" if value.number is None else f"{value.number:f}"
    return "|".join((_where(scope), *map(str, cell), number, value.mark))


def _where(scope: str) -> str:
    return "e" if scope == EVERYWHERE else "s"


def _unpacked(payload: str) -> tuple[str, Cell, Value]:
    """Problem if it is of another form."""
    try:
        where, edition, measure, spender, year, number, mark = payload.split("|")
        if not _NUMBER.fullmatch(number):
            raise old_button()
        value = Value(None if number == "blank" else Decimal(number), mark)
        return where, (edition, measure, spender, int(year)), value
    except (ValueError, ArithmeticError):
        raise old_button() from None


def _own(where: str, person: Person) -> str:
    return person.scope(everywhere=where == "e")
