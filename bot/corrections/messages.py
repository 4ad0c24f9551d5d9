"""What a proposed correction looks like: one text to decide by, and the buttons of its state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import discord
from discord import ui

from bot.discord.ids import id_of
from bot.discord.layout import MOST, asked_label
from bot.discord.message import Attachment, Message
from bot.drawing.words import Words, plain
from data.exports import as_csv, shown
from data.proposals import EXPIRES, Proposal
from knowledge.corrections import EVERYWHERE, Change, as_text, change_in_words, in_place
from knowledge.dates import PartialDate
from knowledge.facts import Facts
from knowledge.impact import Impact
from knowledge.sentences import Sentence, Typed, say

LONGEST = 1800  # characters of one of the texts of a message
SHOWN = 5  # cells and answers that a message names; the rest are counted
COLOUR = 0x5865F2
STATES = {
    "pending": say("waits for a decision"),
    "asked": say("waits for an answer"),
    "stale": say("the figure changed meanwhile"),
    "applied": say("approved, revision {revision}"),
    "rejected": say("rejected"),
    "withdrawn": say("taken back"),
    "expired": say("lapsed"),
    "superseded": say("so already"),
}
Button = ui.Button[ui.LayoutView]


def preview_message(
    facts: Facts, changes: Sequence[Change], impact: Impact, odd: Sequence[Sentence], payload: str, words: Words
) -> Message:
    """What would change, before anything is kept; its one button goes on to the reason."""
    head = [
        "### " + words(say("This is what would change; nothing is kept yet.")),
        *_change_lines(facts, changes, words),
    ]
    check = [f"**{words(say('Please check:'))}** {words(one)}" for one in odd]
    row = [_button(id_of("propose", payload), words(say("Propose…")), main=True)]
    return _message([head, _impact_lines(impact, words), check], row)


def draft_message(
    facts: Facts, head: Sequence[str], changes: Sequence[Change], impact: Impact | None, check: Sequence[str],
    file: Attachment | None, token: str, words: Words,
) -> Message:  # fmt: skip
    """What was read or entered and what it would change, before anything is kept; without changes there is no button."""
    lines = list(head)
    if changes:
        lines.append("### " + words(say("This is what would change; nothing is kept yet.")))
        lines += _change_lines(facts, changes, words)
    asked = [f"**{words(say('Please check:'))}** {one}" for one in check[:SHOWN]]
    if len(check) > SHOWN:
        asked.append(words(say("and {count} more questions, in the file", count=str(len(check) - SHOWN))))
    row = [_button(id_of("draft", token), words(say("Propose…")), main=True)] if changes else []
    return _message([lines, [] if impact is None else _impact_lines(impact, words), asked], row, file)


def proposal_message(facts: Facts, found: Proposal, words: Words) -> Message:
    """A proposal as it stands, with what can be done about it."""
    title = words(say("Change {number}, {state}", number=str(found.id), state=_state(found)))
    head, lines = [f"### {title}"], list[str]()
    if found.undoes is not None:
        head.append(words(say("Takes revision {revision} back.", revision=str(found.undoes))))
    head += _change_lines(facts, found.changes, words)
    for label, text in (
        (say("Why:"), found.reason),
        (say("Asked:"), found.question),
        (say("Answer:"), found.answer),
        (say("Decision:"), found.remark),
    ):
        if text:
            lines.append(f"**{words(label)}** {words.echo(text)}")
    if found.address:
        told = say("Source: {address} (not opened by this bot)", address=Typed(found.address))
        lines.append(words(told))
    if found.scope == EVERYWHERE:
        lines.append(words(say("For every server; two maintainers decide.")))
    if found.open:
        until = PartialDate((_day(found.touched).first + timedelta(days=EXPIRES.days)).isoformat())
        told = say("Proposed on {day}; it lapses on {until}.", day=_day(found.made), until=until)
        lines.append(f"-# {words(told)}")
    return _message([head, lines], _buttons(found, words))


def _buttons(found: Proposal, words: Words) -> list[Button]:
    at = (str(found.id), str(found.version))
    row: list[Button] = []
    if found.state == "pending":
        row.append(_button(id_of("approve", *at), words(say("Approve")), main=True))
        row.append(_button(id_of("more", *at), words(say("Ask for more…"))))
    if found.state == "asked":
        row.append(_button(id_of("reply", *at), words(say("Answer…")), main=True))
    if found.state == "stale":
        row.append(_button(id_of("renew", *at), words(say("Look again")), main=True))
    if found.open:
        row.append(_button(id_of("reject", *at), words(say("Reject…"))))
        row.append(_button(id_of("withdraw", *at), words(say("Take back"))))
        row.append(_button(id_of("impact", *at), words(say("Answers that change"))))
    return row[:MOST]


def impact_message(facts: Facts, found: Proposal, impact: Impact, words: Words) -> Message:
    """Every answer that a proposal would change: the first ones to read, all of them as a file."""
    head = ["### " + words(say("Change {number}: the answers that change", number=str(found.id)))]
    name = f"change-{found.id}.csv"
    return _message(
        [head, _impact_lines(impact, words)], [], Attachment(name, _as_csv(facts, found.changes, impact, words))
    )


def told_message(what: Sentence, words: Words) -> Message:
    return _message([[words(what)]], [])


def _message(parts: Sequence[Sequence[str]], row: Sequence[Button], file: Attachment | None = None) -> Message:
    """A box of a few texts of lines each."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=COLOUR)
    for lines in filter(None, parts):
        box.add_item(ui.TextDisplay("\n".join(lines)[:LONGEST]))
    if row:
        box.add_item(ui.ActionRow(*row))
    if file is not None:
        box.add_item(ui.File(f"attachment://{file.name}"))
    return Message.of(box, files=() if file is None else (file,))


def _change_lines(facts: Facts, changes: Sequence[Change], words: Words) -> list[str]:
    """The first of them in words; a row that only heads others, and figures of what is not there yet, are counted."""
    told = [one for one in changes if one.key[0] not in ("series", "source")]
    shown = [one for one in told if in_place(facts, one)][:SHOWN]
    lines = [f"- {words(change_in_words(facts, change))}" for change in shown]
    if len(told) > len(shown):
        lines.append("- " + words(say("and {count} more figures", count=f"{len(told) - len(shown):,}")))
    return lines


def _impact_lines(impact: Impact, words: Words) -> list[str]:
    told = say("{changed} of {asked} answers that were tried change.")
    lines = [f"**{words(told.filled(changed=str(len(impact.changed)), asked=str(impact.asked)))}**"]
    for one in impact.changed[:SHOWN]:
        lines.append(f"- {asked_label(one.question)}: {one.after}")
    if len(impact.changed) > SHOWN:
        lines.append("- " + words(say("and {count} more answers", count=str(len(impact.changed) - SHOWN))))
    return lines


def _state(found: Proposal) -> Sentence:
    return STATES[found.state].filled(revision=str(found.revision))


def _day(at: str) -> PartialDate:
    return PartialDate(at[:10])


def _button(key: str, label: str, *, main: bool = False) -> Button:
    style = discord.ButtonStyle.primary if main else discord.ButtonStyle.secondary
    return ui.Button(label=label, custom_id=key, style=style)


# -- files -------------------------------------------------------------------------------------------


def _as_csv(facts: Facts, changes: Iterable[Change], impact: Impact, words: Words) -> bytes:
    rows: list[list[object]] = [["what", "before", "after"]]
    for one in changes:
        told = plain(words(change_in_words(facts, one))) if in_place(facts, one) else as_text(one.key)
        rows.append([told, shown(one.seen), shown(one.new)])
    rows += [[asked_label(one.question), plain(one.before), plain(one.after)] for one in impact.changed]
    return as_csv(rows)
