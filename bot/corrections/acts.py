"""What `/data` and the buttons of a proposal do; who may is asked at every step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bot.corrections import outbox
from bot.corrections.impact import impact_of
from bot.corrections.messages import (
    impact_message,
    preview_message,
    proposal_message,
    told_message,
)
from bot.corrections.rights import Person, beneath, seen_in, who
from bot.discord.feature import Interaction
from bot.discord.forms import Field, Form, typed_in
from bot.discord.ids import id_of, old_button
from bot.discord.layout import file_message
from bot.discord.locales import words_for
from bot.discord.message import Attachment, Message
from bot.drawing.words import Words
from bot.ledger import Ledger
from commands.data import Correct, Export, ForgetMe, History, Pending, State, Undo
from data.exports import log_as_csv
from data.local import LocalStore
from data.log import Head, Revision
from data.proposals import Proposal, Proposals
from data.standing import over
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
    Fold,
    Trial,
    Value,
    cell_asked,
    change_in_words,
    fold,
    in_place,
    is_address,
    layered,
    oddities,
    read_value,
    value_in,
    value_in_words,
)
from knowledge.dates import PartialDate
from knowledge.facts import Cell, Facts
from knowledge.impact import Impact
from knowledge.sentences import Sentence, Typed, say

SHOWN = 8  # revisions of a history
LONGEST_WHAT = 120  # characters of an identity
ASKED = 5  # proposals that one list shows with their buttons


# -- proposing ---------------------------------------------------------------------------------------


async def correct(ledger: Ledger, interaction: Interaction, wanted: Correct) -> list[Message]:
    """What would change; nothing is kept until the reason is sent."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    person.may_propose(scope)
    facts = seen_in(ledger, scope).facts
    cell = cell_asked(facts, wanted.member, wanted.year, wanted.measure, wanted.edition)
    value = read_value(facts, cell, wanted.value)
    change = _change(facts, cell, value)
    drawn = words_for(interaction, private=True)
    impact = await impact_on(ledger, scope, (change,), drawn)
    odd = [*oddities(facts, cell, value), *await asyncio.to_thread(_broken_by, facts, change)]
    return [preview_message(facts, (change,), impact, odd, _packed(scope, cell, value), drawn)]


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
    return _reason(interaction), address


async def propose(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Keep the proposal and tell those who decide."""
    said, cell, value = _unpacked(payload)
    person = await who(ledger, interaction)
    scope = _own(said, person)
    person.may_propose(scope)
    facts = seen_in(ledger, scope).facts
    reason, address = reason_and_address(interaction, scope)
    change = _change(facts, cell, value)

    def keep(local: LocalStore) -> Proposal:
        return Proposals(local).propose(
            scope, person.id, "correct", (change,), address=address, reason=reason, facts=facts.version
        )

    return await kept(ledger, interaction, person, await ledger.locally(keep))


async def undo(ledger: Ledger, interaction: Interaction, wanted: Undo) -> list[Message]:
    """Propose to take a revision back."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    person.may_propose(scope)
    facts = beneath(ledger, scope)

    def keep(local: LocalStore) -> Proposal:
        proposals = Proposals(local)
        revisions = proposals.log.of(scope)
        changes = revisions[wanted.revision - 1].changes if 1 <= wanted.revision <= len(revisions) else ()
        return proposals.undo(
            scope,
            wanted.revision,
            person.id,
            _base(ledger, scope, changes),
            address="",
            reason=wanted.why,
            facts=facts.version,
        )

    return await kept(ledger, interaction, person, await ledger.locally(keep))


async def kept(ledger: Ledger, interaction: Interaction, person: Person, found: Proposal) -> list[Message]:
    """Tell whoever proposed it that it is kept, and whether those who decide have heard of it."""
    drawn = words_for(interaction, private=True)
    if found.scope == EVERYWHERE:
        told = say("Kept as change {number}. Another maintainer decides on it: /data pending everywhere:True.")
    elif person.rules.channel is None:
        told = say("Kept as change {number}. No channel is set for it, so tell those who decide: /data pending.")
    elif await outbox.owe(ledger, interaction.client, found, person.rules.channel):
        told = say("Kept as change {number}, and posted in {channel}.")
    else:
        told = say("Kept as change {number}, but {channel} could not be told: the bot may not write there.")
    channel = f"<#{person.rules.channel}>"
    facts = seen_in(ledger, found.scope).facts
    shown = proposal_message(facts, found, drawn)
    return [told_message(told.filled(number=str(found.id), channel=channel), drawn).above(shown)]


# -- deciding ----------------------------------------------------------------------------------------


async def approve(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Write it into the log and answer by it from now on."""
    person, found, version = await _pressed(ledger, interaction, payload)
    person.may_decide(found.scope)
    base = _base(ledger, found.scope, found.changes)

    def step(local: LocalStore) -> Proposal:
        return Proposals(local).approve(found.id, version, person.id, base, alone=person.alone(found.scope))

    done = await ledger.locally(step)
    if done.state == "applied":
        await ledger.take_corrections()
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
    text = _reason(interaction)
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
    base = _base(ledger, found.scope, found.changes)
    done = await ledger.locally(lambda local: Proposals(local).renew(found.id, version, base))
    return await _stepped(ledger, interaction, done)


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
    text = _reason(interaction)
    done = await ledger.locally(lambda local: step(Proposals(local), found.id, version, person.id, text))
    return await _stepped(ledger, interaction, done)


async def _form(
    ledger: Ledger, interaction: Interaction, payload: str, kind: str, title: Sentence, *, decides: bool
) -> Form:
    person, found, version = await _pressed(ledger, interaction, payload)
    (person.may_decide if decides else person.may_propose)(found.scope)
    if found.version != version or not found.open:
        raise old_step(found)
    drawn = words_for(interaction, private=True)
    field = Field("reason", drawn(title), least=LEAST_REASON, most=MOST_REASON, long=True)
    return Form(id_of(kind, payload), drawn(title), (field,))


def old_step(found: Proposal) -> Problem:
    """What is told to who would act on a proposal that went on."""
    return Problem("so-now", say("This changed since the message was made. Look at it again with /data pending."))


async def _pressed(ledger: Ledger, interaction: Interaction, payload: str) -> tuple[Person, Proposal, int]:
    """Who pressed, the proposal, and at which of its steps the message was made; Problem if it is another server's."""
    number, _, version = payload.partition(":")
    if not (number.isdecimal() and version.isdecimal() and len(payload) < 20):
        raise old_button()
    person = await who(ledger, interaction)
    found = await ledger.locally(lambda local: Proposals(local).get(int(number)))
    person.may_read(found.scope)
    return person, found, int(version)


async def _stepped(ledger: Ledger, interaction: Interaction, done: Proposal) -> list[Message]:
    """Show how it stands now, where it was posted too."""
    await outbox.renew(ledger, interaction.client, done)
    return [proposal_message(seen_in(ledger, done.scope).facts, done, words_for(interaction, private=True))]


def _base(ledger: Ledger, scope: str, changes: Iterable[Change]) -> Base:
    """What a reader would see of these without the scope's own corrections."""
    facts, below = beneath(ledger, scope), Fold() if scope == EVERYWHERE else ledger.stands(EVERYWHERE)
    keys = (change.key for change in changes)
    return {key: below.get(key) if len(key) == 2 else value_in(facts, key) for key in keys}


def _reason(interaction: Interaction) -> str:
    return " ".join(typed_in(interaction).get("reason", "").split())


# -- looking -----------------------------------------------------------------------------------------


async def pending(ledger: Ledger, interaction: Interaction, wanted: Pending) -> Answer | Sequence[Message]:
    """What waits, each with its buttons."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    person.may_propose(scope)
    found = await ledger.locally(lambda local: Proposals(local).pending(scope))
    drawn, facts = words_for(interaction, private=True), seen_in(ledger, scope).facts
    if not found:
        return Answer(Question("data"), say("Nothing waits for a decision."))
    messages = [proposal_message(facts, one, drawn) for one in found[:ASKED]]
    if len(found) > ASKED:
        told = say("{count} more wait. They are shown when these are decided.", count=str(len(found) - ASKED))
        messages.append(told_message(told, drawn))
    return messages


async def history(ledger: Ledger, interaction: Interaction, wanted: History) -> Answer:
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    revisions = await ledger.locally(lambda local: Proposals(local).log.of(scope))
    facts, undone = ledger.published, {one.undoes: one.n for one in revisions if one.undoes}
    if not revisions:
        return Answer(Question("data"), say("Nothing was corrected here yet."))
    rows = tuple(_history_row(facts, one, undone.get(one.n)) for one in revisions[: -SHOWN - 1 : -1])
    notes: tuple[Sentence, ...] = ()
    if len(revisions) > SHOWN:
        notes = (say("The whole log is in /data export; {count} revisions in all.", count=str(len(revisions))),)
    return Answer(Question("data"), say("What was corrected here, newest first."), rows, notes)


def _history_row(facts: Facts, one: Revision, undone: int | None) -> Row:
    listed = [change_in_words(facts, change) for change in one.changes[:1] if in_place(facts, change)]
    text = say("{change}", change=listed[0] if listed else say("figures that are held no longer"))
    if len(one.changes) > 1:
        text = say("{text}, and {count} more", text=text, count=str(len(one.changes) - 1))
    if one.undoes is not None:
        text = say("{text} (takes revision {revision} back)", text=text, revision=str(one.undoes))
    if undone is not None:
        text = say("{text} (taken back by {revision})", text=text, revision=str(undone))
    if one.approved == one.by:
        text = say("{text} (approved by nobody else)", text=text)
    if one.address:
        text = say("{text} Source: {address}", text=text, address=Typed(one.address))
    return Row(say("{number}, {day}", number=str(one.n), day=PartialDate(one.at[:10])), text)


async def state(ledger: Ledger, interaction: Interaction, wanted: State) -> Answer:
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)

    def look(local: LocalStore) -> tuple[Head, list[Proposal]]:
        proposals = Proposals(local)
        return proposals.log.verify(scope), proposals.pending(scope)

    head, waiting = await ledger.locally(look)
    stand = ledger.stands(scope).cells
    rows = [Row(say("Revisions"), say("{count}", count=str(head.n)))]
    rows.append(Row(say("Waiting"), say("{count}", count=str(len(waiting)))))
    if waiting:
        rows.append(Row(say("The oldest since"), say("{day}", day=PartialDate(waiting[0].made[:10]))))
    rows.append(Row(say("Head of the log"), say("{digest}", digest=head.digest[:16])))
    told = say("{count} figures are corrected here.", count=str(len(stand)))
    if wanted.everywhere:
        told = say("{count} figures are corrected for every server.", count=str(len(stand)))
    return Answer(Question("data"), told, tuple(rows))


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


async def forget_me(ledger: Ledger, interaction: Interaction, _: ForgetMe) -> Answer:
    """Whoever asks: their words and whom they are; what they changed stays, by nobody."""
    person = interaction.user.id
    count = await ledger.locally(lambda local: Proposals(local).forget_person(person))
    told = say("Nothing of yours was kept.")
    if count:
        told = say("You are forgotten: your words are deleted, your open changes taken back. What was approved stands.")
    return Answer(Question("data"), told)


# -- cells -------------------------------------------------------------------------------------------


def _change(facts: Facts, cell: Cell, value: Value) -> Change:
    seen = value_in(facts, cell)
    if seen is None or cell[3] not in facts.printed_years[cell[:2]]:
        raise old_button()
    if value.number is not None:
        read_value(facts, cell, f"{value.number:f}")  # what an id carries is checked like what is typed
    if value == seen:
        told = say("It is {value} already, so there is nothing to correct.", value=value_in_words(facts, cell, value))
        raise Problem("as-it-is", told)
    return Change(cell, None, value, seen)


async def impact_on(ledger: Ledger, scope: str, changes: Sequence[Change], words: Words) -> Impact:
    facts, now = seen_in(ledger, scope).facts, datetime.now(UTC).isoformat()
    stands = fold([Trial(scope, tuple(changes), now)], ledger.stands(scope))
    after = over(beneath(ledger, scope), stands, f"{facts.version}?")
    return await impact_of(facts, after, changes, words)


def _packed(scope: str, cell: Cell, value: Value) -> str:
    """A correction as an id carries it: where, which cell, and the value."""
    where = "e" if scope == EVERYWHERE else "s"
    number = "blank" if value.number is None else f"{value.number:f}"
    return "|".join((where, *map(str, cell), number, value.mark))


def _unpacked(payload: str) -> tuple[str, Cell, Value]:
    """Problem if it is of another form."""
    try:
        where, edition, measure, spender, year, number, mark = payload.split("|")
        value = Value(None if number == "blank" else Decimal(number), mark)
        return where, (edition, measure, spender, int(year)), value
    except (ValueError, ArithmeticError):
        raise old_button() from None


def _own(where: str, person: Person) -> str:
    return person.scope(everywhere=where == "e")
