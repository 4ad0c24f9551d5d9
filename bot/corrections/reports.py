"""What `/report` and its buttons do: a reader says that a figure is wrong, and those who decide hear of it."""

from __future__ import annotations

from bot.corrections import acts, outbox
from bot.corrections.messages import (
    LONGEST_BETTER,
    LONGEST_WORDS,
    cell_in_words,
    cells_message,
    reporters_message,
    slip_message,
)
from bot.corrections.outbox import Sent
from bot.corrections.rights import Person, seen_in, who
from bot.discord.feature import Interaction
from bot.discord.forms import Field, Form, picked_in, typed_in
from bot.discord.ids import id_of, old_button
from bot.discord.layout import REPORT
from bot.discord.locales import shared_language, words_for
from bot.discord.message import Message
from bot.drawing.words import plain, words
from bot.ledger import Ledger
from commands.report import Report
from data.local import LocalStore
from data.reports import Reports, Slip
from knowledge.answer import Answer
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, from_compact
from knowledge.corrections import LEAST_REASON, value_in
from knowledge.facts import Cell, Facts
from knowledge.sentences import say

LEAST_WORDS = 5
TOLD = {
    Sent.THERE: say("Reported: the moderators have it in their channel."),
    Sent.REFUSED: say("Your report is kept, but the moderators were not told: the bot may not write in their channel."),
    Sent.LATER: say("Your report is kept. Discord was not reached, so the moderators are told as soon as it is."),
}


# -- reporting ---------------------------------------------------------------------------------------


async def report(ledger: Ledger, interaction: Interaction, wanted: Report) -> Form:
    """The form for a cell that was named."""
    person = await _reader(ledger, interaction)
    facts = seen_in(ledger, str(person.server)).facts
    return await _report_form(ledger, interaction, person, acts.cell_wanted(facts, wanted))


async def report_of_answer(ledger: Ledger, interaction: Interaction, payload: str) -> Form | list[Message]:
    """The form for the one cell that an answer rests on, or a list of them."""
    person = await _reader(ledger, interaction)
    try:
        question = from_compact(payload)
    except ValueError:
        raise old_button() from None
    now, defaults = seen_in(ledger, str(person.server)), ledger.answering(person.server).defaults.named_in(question)
    cells = [cell for cell in now.ask(question, defaults).cells if _is_held(now.facts, cell)]
    if not cells:
        raise old_button()
    if len(cells) == 1:
        return await _report_form(ledger, interaction, person, cells[0])
    drawn, plainly = words_for(interaction, private=True), words(interaction.locale.value)
    return [cells_message(now.facts, cells, drawn, plainly)]


async def report_picked(ledger: Ledger, interaction: Interaction, _: str) -> Form:
    """The form for the cell that was picked from a list."""
    person = await _reader(ledger, interaction)
    facts = seen_in(ledger, str(person.server)).facts
    return await _report_form(ledger, interaction, person, _read_cell(facts, picked_in(interaction)))


async def reported(ledger: Ledger, interaction: Interaction, payload: str) -> Answer:
    """Keep the report, and say whether those who decide have it."""
    person = await _reader(ledger, interaction)
    scope, typed = str(person.server), typed_in(interaction)
    facts = seen_in(ledger, scope).facts
    cell = _read_cell(facts, payload)
    wrong, better = (" ".join(typed.get(name, "").split()) for name in ("wrong", "better"))
    if len(wrong) < LEAST_WORDS:
        raise Problem("no-words", say("Say in a few words what is wrong. Nothing was kept."))
    seen, channel = value_in(facts, cell), person.rules.channel
    language = shared_language(interaction, ledger.answering(person.server).language)
    assert seen is not None
    assert channel is not None  # _reader() asked

    def keep(local: LocalStore) -> Slip:
        return Reports(local).report(
            scope, person.id, cell, seen, wrong[:LONGEST_WORDS], better[:LONGEST_BETTER], channel, language
        )

    found = await ledger.locally(keep)
    told = TOLD[await outbox.send(ledger, interaction.client, found)]
    return Answer(Question("report"), told, notes=(cell_in_words(facts, cell),))


async def _reader(ledger: Ledger, interaction: Interaction) -> Person:
    """Whoever reports, in a server that takes reports; Problem, with what to do instead, anywhere else."""
    if interaction.guild_id is None or (interaction.is_user_integration() and not interaction.is_guild_integration()):
        told = say("Reports go to the moderators of a server that has added this bot. Send /report there.")
        raise Problem("server-only", told)
    person = await who(ledger, interaction)
    if person.rules.channel is None:
        told = say(
            "This server takes no reports yet: whoever manages it names a channel for them with /settings corrections."
        )
        raise Problem("no-channel", told)
    return person


async def _report_form(ledger: Ledger, interaction: Interaction, person: Person, cell: Cell) -> Form:
    scope, drawn = str(person.server), words_for(interaction, private=True)
    await ledger.locally(lambda local: Reports(local).may_report(scope, person.id, cell))
    return Form(
        id_of("reported", "|".join(map(str, cell))),
        drawn(REPORT),
        (
            Field(
                "wrong", drawn(say("What is wrong?")), _hint(seen_in(ledger, scope).facts, interaction, cell),
                least=LEAST_WORDS, most=LONGEST_WORDS, long=True,
            ),
            Field("better", drawn(say("Where does it stand better?")), most=LONGEST_BETTER),
        ),
    )  # fmt: skip


def _hint(facts: Facts, interaction: Interaction, cell: Cell) -> str:
    return plain(words(interaction.locale.value)(cell_in_words(facts, cell)))[: acts.LONGEST_HINT]


def _read_cell(facts: Facts, text: str) -> Cell:
    """The cell that an id or a list carries; Problem if there is none."""
    edition, _, rest = text.partition("|")
    measure, _, rest = rest.partition("|")
    spender, _, year = rest.partition("|")
    cell = (edition, measure, spender, int(year) if year.isdecimal() and len(year) == 4 else 0)
    if not _is_held(facts, cell):
        raise old_button()
    return cell


def _is_held(facts: Facts, cell: Cell) -> bool:
    return cell[:3] in facts.series and cell[3] in facts.printed_years[cell[:2]]


# -- deciding ----------------------------------------------------------------------------------------


async def ask_value(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    """Which value the figure is to have; what would change is shown before anything is kept."""
    person, found = await _pressed(ledger, interaction, payload)
    person.may_propose(found.scope)
    drawn, facts = words_for(interaction, private=True), seen_in(ledger, found.scope).facts
    return acts.value_form(id_of("mended", payload), drawn, _hint(facts, interaction, found.cell))


async def correct(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """What would change; from here it is a correction like any other."""
    person, found = await _pressed(ledger, interaction, payload)
    person.may_propose(found.scope)
    return await acts.preview(ledger, interaction, found.scope, found.cell, typed_in(interaction).get("value", ""))


async def ask_why_close(ledger: Ledger, interaction: Interaction, payload: str) -> Form:
    person, found = await _pressed(ledger, interaction, payload)
    person.may_decide(found.scope)
    drawn = words_for(interaction, private=True)
    title = drawn(say("Why not?"))
    field = Field("reason", title, least=LEAST_REASON, most=LONGEST_WORDS, long=True)
    return Form(id_of("closed", payload), title, (field,))


async def close(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """Nothing is to be corrected."""
    person, found = await _pressed(ledger, interaction, payload)
    person.may_decide(found.scope)
    why = acts.reason_in(interaction)
    done = await ledger.locally(lambda local: Reports(local).close(found.id, found.version, person.id, why))
    await outbox.renew(ledger, interaction.client, done)
    return [slip_message(seen_in(ledger, done.scope).facts, done, words_for(interaction, private=True))]


async def ask_whom(ledger: Ledger, interaction: Interaction, payload: str) -> list[Message]:
    """The reports of a slip, to pick from; nobody learns who wrote them."""
    person, found = await _pressed(ledger, interaction, payload)
    person.may_manage()
    return [reporters_message(found, words_for(interaction, private=True))]


async def mute(ledger: Ledger, interaction: Interaction, _: str) -> list[Message]:
    """Whoever wrote the picked report reports nothing for thirty days, or again if they were picked before."""
    person = await who(ledger, interaction)
    person.may_manage()
    picked = picked_in(interaction)
    if not (picked.isdecimal() and len(picked) < 18):
        raise old_button()
    found = await ledger.locally(lambda local: Reports(local).mute(str(person.server), int(picked)))
    return [reporters_message(found, words_for(interaction, private=True))]


async def _pressed(ledger: Ledger, interaction: Interaction, payload: str) -> tuple[Person, Slip]:
    """Who pressed, and the slip; Problem if it is another server's, or went on since the message was made."""
    number, version = acts.at_step(payload)
    person = await who(ledger, interaction)
    found = await ledger.locally(lambda local: Reports(local).get(number))
    person.may_read(found.scope)
    if found.version != version or not found.open:
        raise acts.old_step()
    return person, found
