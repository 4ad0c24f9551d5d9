"""What a proposed correction looks like: one text to decide by, and the buttons of its state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from bot.discord import components
from bot.discord.components import MOST, Component, button
from bot.discord.ids import id_of, old_button
from bot.discord.layout import asked_label
from bot.discord.message import Attachment, Message
from bot.drawing.words import Words, plain
from data.exports import as_csv, shown
from data.proposals import EXPIRES, Apart, Proposal
from data.reports import Slip
from knowledge.corrections import (
    EVERYWHERE,
    Change,
    Value,
    as_text,
    change_in_words,
    in_place,
    upgrade_in_words,
    value_in,
    value_in_words,
)
from knowledge.dates import PartialDate
from knowledge.facts import Cell, Facts, label_of
from knowledge.impact import Impact
from knowledge.sentences import Listing, Sentence, Typed, say

LONGEST, LONGEST_OF_ALL = 1800, 3600  # characters of one text of a message, and of all: Discord takes 4,000
READ, READ_CLOSED = 3, 1  # reports whose words a message shows, the newest; the rest are counted
LONGEST_WORDS, LONGEST_BETTER = 250, 150  # characters of a report, so that three and what is said of them fit
SHOWN = 5  # cells and answers that a message names; the rest are counted
MOST_OPTIONS, LONGEST_OPTION = 25, 100  # of a list, says Discord
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
SLIPS = {
    "open": say("waits for a decision"),
    "closed": say("closed"),
    "corrected": say("corrected"),
}


def preview_message(
    facts: Facts,
    changes: Sequence[Change],
    impact: Impact,
    odd: Sequence[Sentence],
    payload: str,
    words: Words,
    picture: Attachment | None = None,
) -> Message:
    """What would change, before anything is kept; its one button goes on to the reason."""
    head = [
        "### " + words(say("This is what would change; nothing is kept yet.")),
        *_change_lines(facts, changes, words),
    ]
    check = [f"**{words(say('Please check:'))}** {words(one)}" for one in odd]
    row = [button(id_of("propose", payload), words(say("Propose…")), main=True)]
    return _message([head, _impact_lines(impact, words), check], row, picture=picture)


def draft_message(
    facts: Facts, head: Sequence[str], changes: Sequence[Change], impact: Impact | None, check: Sequence[str],
    file: Attachment | None, token: str, words: Words, picture: Attachment | None = None,
) -> Message:  # fmt: skip
    """What was read or entered and what it would change, before anything is kept; without changes there is no button."""
    lines = list(head)
    if changes:
        lines.append("### " + words(say("This is what would change; nothing is kept yet.")))
        lines += _change_lines(facts, changes, words)
    asked = [f"**{words(say('Please check:'))}** {one}" for one in check[:SHOWN]]
    if len(check) > SHOWN:
        asked.append(words(say("and more questions, in the file: {count}", count=str(len(check) - SHOWN))))
    row = [button(id_of("draft", token), words(say("Propose…")), main=True)] if changes else []
    return _message([lines, [] if impact is None else _impact_lines(impact, words), asked], row, file, picture)


def proposal_message(
    facts: Facts, found: Proposal, words: Words, *, left: bool = False, picture: Attachment | None = None
) -> Message:
    """A proposal as it stands, with what can be done about it; `left` if its proposer is no maintainer any more."""
    if found.kind == "upgrade":
        title = words(say("New figures under corrections, revision {revision}", revision=str(found.revision)))
        return _message([[f"### {title}", *_change_lines(facts, found.changes, words, upgrade_in_words)]], [])
    title = words(say("Change {number}, {state}", number=str(found.id), state=_state(found)))
    head, lines = [f"### {title}"], list[str]()
    if found.kind == "keep" and found.open:
        told = say(
            "This stood until the figure beneath it changed. Keep puts it back, Drop leaves the figure as it is."
        )
        head.append(words(told))
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
        if left and found.open:
            told = say("Whoever proposed it is no maintainer any more, so two others have to approve it.")
            if found.seconded is not None:
                told = say("Whoever proposed it is no maintainer any more. One other approved it; one more has to.")
            lines.append(words(told))
    if found.open:
        told = say("Proposed on {day}; it lapses on {until}.", day=_day(found.made), until=_lapses(found))
        lines.append(f"-# {words(told)}")
    return _message([head, lines], _buttons(found, words), picture=picture)


def _buttons(found: Proposal, words: Words) -> list[Component]:
    at = (str(found.id), str(found.version))
    row: list[Component] = []
    keeps = found.kind == "keep"
    if found.state == "pending":
        row.append(button(id_of("approve", *at), words(say("Keep") if keeps else say("Approve")), main=True))
        row.append(button(id_of("more", *at), words(say("Ask for more…"))))
    if found.state == "asked":
        row.append(button(id_of("reply", *at), words(say("Answer…")), main=True))
    if found.state == "stale":
        row.append(button(id_of("renew", *at), words(say("Look again")), main=True))
    if found.open:
        row.append(button(id_of("reject", *at), words(say("Drop…") if keeps else say("Reject…"))))
        row.append(button(id_of("withdraw", *at), words(say("Take back"))))
        row.append(button(id_of("impact", *at), words(say("Answers that change"))))
    if found.state == "applied" and found.revision is not None:
        row.append(_undo_button(found.scope, found.revision, words))
    return row[:MOST]


def slip_message(facts: Facts, found: Slip, words: Words) -> Message:
    """What readers say of a figure, with what can be done about it."""
    title = say("Report {number}, {state}", number=str(found.id), state=SLIPS[found.state])
    head = [f"### {words(title)}", words(cell_in_words(facts, found.cell))]
    if found.cell[:3] in facts.series and value_in(facts, found.cell) != found.seen:
        before = value_in_words(facts, found.cell, found.seen)
        head.append(words(say("It was {value} when it was reported.", value=before)))
    head.append(words(say("People who reported it: {count}", count=str(len(found.reports)))))
    parts = [head]
    for one in [one for one in found.reports if one.words][-READ if found.open else -READ_CLOSED :]:
        parts.append([f"> {words.echo(one.words, LONGEST_WORDS)}"])
        if one.better:
            better = words.echo(one.better, LONGEST_BETTER)
            parts[-1].append(f"**{words(say('Better in:'))}** {better}")
    if found.remark:
        parts.append([f"**{words(say('Decision:'))}** {words.echo(found.remark, LONGEST_WORDS)}"])
    parts.append([f"-# {words(say('Reported on {day}.', day=_day(found.made)))}"])
    return _message(parts, _slip_buttons(found, words))


def _slip_buttons(found: Slip, words: Words) -> list[Component]:
    if not found.open:
        return []
    at = (str(found.id), str(found.version))
    return [
        button(id_of("mend", *at), words(say("Correct…")), main=True),
        button(id_of("close", *at), words(say("Close…"))),
        button(id_of("whom", *at), words(say("Take no more from…"))),
    ]


def cells_message(facts: Facts, cells: Sequence[Cell], words: Words, plainly: Words) -> Message:
    """A list of cells, of which the one that looks wrong is to be picked."""
    told = say("Which figure looks wrong? If it is not in the list, name it with /report.")
    options = [
        ("|".join(map(str, cell)), plain(plainly(cell_in_words(facts, cell)))[:LONGEST_OPTION])
        for cell in cells[:MOST_OPTIONS]
    ]
    return _with_list(words(told), id_of("cell"), options)


def reporters_message(found: Slip, words: Words) -> Message:
    """The reports of a slip, to pick the one from whose writer no more is taken, or is again."""
    told = say("From whom shall no report be taken for thirty days? Who is picked again may report again.")
    lines = [words(told)]
    options = []
    for number, one in enumerate([one for one in found.reports if one.words][-MOST_OPTIONS:], 1):
        label = f"{number} · {' '.join(one.words.split())}"[:LONGEST_OPTION]
        options.append((str(one.id), label))
        if one.muted is not None:
            text = say("{number}: nothing is taken until {day}.", number=str(number), day=one.muted)
            lines.append(f"-# {words(text)}")
    return _with_list("\n".join(lines), id_of("mute", str(found.id)), options)


def _with_list(text: str, key: str, options: list[tuple[str, str]]) -> Message:
    listed = [components.row([components.select(key, options)])] if options else []
    return Message.of(components.box(COLOUR, components.text(text[:LONGEST]), *listed))


def cell_in_words(facts: Facts, cell: Cell) -> Sentence:
    """A cell as a reader sees it, and what NATO printed where it is corrected."""
    if cell[:3] not in facts.series:
        return say("figures that are held no longer")
    edition, measure, code, year = cell
    label, value = label_of(facts.measures[measure], facts.spenders[code], year), value_in(facts, cell)
    told, published = say("{label}: {value} ({edition})"), None
    correction = facts.series[cell[:3]].corrections.get(year)
    if correction is not None:
        told = say("{label}: {value}, corrected here; NATO printed {published} ({edition})")
        published = value_in_words(facts, cell, Value(correction.published))
    return told.filled(
        label=label,
        value=value_in_words(facts, cell, value),
        published=published or "",
        edition=facts.editions[edition],
    )


def impact_message(facts: Facts, found: Proposal, impact: Impact, words: Words) -> Message:
    """Every answer that a proposal would change: the first ones to read, all of them as a file."""
    head = ["### " + words(say("Change {number}: the answers that change", number=str(found.id)))]
    name = f"change-{found.id}.csv"
    return _message(
        [head, _impact_lines(impact, words)], [], Attachment(name, _as_csv(facts, found.changes, impact, words))
    )


def reminder_message(waiting: Sequence[Proposal], words: Words) -> Message:
    """What waits for a week and lapses in another."""
    one = say("change {number} until {day}")
    listed = Listing(tuple(one.filled(number=str(found.id), day=_lapses(found)) for found in waiting))
    return told_message(say("Still waiting for a decision: {changes}. See /data pending.", changes=listed), words)


def apart_message(facts: Facts, scope: str, n: int, apart: Apart, words: Words) -> Message:
    """Why a revision is not taken back whole, and a button for what of it can be."""
    one = say("{change}; changed again by revision {revision}")
    listed = [
        words(one.filled(change=change_in_words(facts, change), revision=str(by)))
        for change, by in apart.later[:SHOWN] if in_place(facts, change)
    ]  # fmt: skip
    if (more := len(apart.later) - len(listed)) > 0:
        listed.append(words(say("and more figures: {count}", count=str(more))))
    head = "### " + words(
        say("Figures of revision {revision} were changed again since, so it was not taken back.", revision=str(n))
    )
    label = words(say("Undo what is untouched ({count})", count=str(len(apart.untouched))))
    row = [button(id_of("undo", _undo(scope, n, len(apart.untouched))), label, main=True)]
    return _message([[head, *(f"- {line}" for line in listed)]], row)


def undo_row(scope: str, revisions: Iterable[int], words: Words) -> Message:
    """A button each, as far as they fit, to take revisions back."""
    return Message.of(components.row([_undo_button(scope, n, words) for n in revisions][:MOST]))


def _undo_button(scope: str, n: int, words: Words) -> Component:
    return button(id_of("undo", _undo(scope, n)), words(say("Undo {revision}…", revision=str(n))))


def _undo(scope: str, n: int, part: int | None = None) -> str:
    """An undo as an id carries it: where, which revision, and of how many figures if not of all."""
    return "|".join(("e" if scope == EVERYWHERE else "s", str(n), "all" if part is None else str(part)))


def read_undo(payload: str) -> tuple[str, int, int | None]:
    """Problem if it is of another form."""
    where, _, rest = payload.partition("|")
    n, _, part = rest.partition("|")
    if where not in ("e", "s") or not _is_number(n) or not (part == "all" or _is_number(part)):
        raise old_button()
    return where, int(n), None if part == "all" else int(part)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def told_message(what: Sentence, words: Words) -> Message:
    return _message([[words(what)]], [])


def _message(
    parts: Sequence[Sequence[str]],
    row: Sequence[Component],
    file: Attachment | None = None,
    picture: Attachment | None = None,
) -> Message:
    """A box of a few texts of lines each, with a picture or a file."""
    inside, left = list[Component](), LONGEST_OF_ALL
    for lines in parts:
        if content := "\n".join(lines)[: min(LONGEST, left)]:
            inside.append(components.text(content))
            left -= len(content)
    if picture is not None:
        inside.append(components.picture(picture.name, picture.description))
    if row:
        inside.append(components.row(row))
    if file is not None:
        inside.append(components.file(file.name))
    return Message.of(components.box(COLOUR, *inside), files=tuple(one for one in (picture, file) if one is not None))


def _change_lines(
    facts: Facts, changes: Sequence[Change], words: Words,
    told: Callable[[Facts, Change], Sentence] = change_in_words,
) -> list[str]:  # fmt: skip
    """The first of them in words; the figures of an edition that comes or goes are counted."""
    listed = [one for one in changes if one.key[0] not in ("series", "source")]
    begun = {one.key[1] for one in changes if one.key[0] == "edition"}
    shown = [one for one in listed if one.key[0] not in begun][:SHOWN]
    lines = [f"- {words(told(facts, change))}" for change in shown]
    if len(listed) > len(shown):
        lines.append("- " + words(say("and more figures: {count}", count=f"{len(listed) - len(shown):,}")))
    return lines


def _impact_lines(impact: Impact, words: Words) -> list[str]:
    told = say("Answers that change: {changed} of the {asked} that were tried.")
    lines = [f"**{words(told.filled(changed=str(len(impact.changed)), asked=str(impact.asked)))}**"]
    for one in impact.changed[:SHOWN]:
        lines.append(f"- {asked_label(one.question)}: {one.after}")
    if len(impact.changed) > SHOWN:
        lines.append("- " + words(say("and more answers: {count}", count=str(len(impact.changed) - SHOWN))))
    return lines


def _state(found: Proposal) -> Sentence:
    return STATES[found.state].filled(revision=str(found.revision))


def _lapses(found: Proposal) -> PartialDate:
    return PartialDate((_day(found.touched).first + timedelta(days=EXPIRES.days)).isoformat())


def _day(at: str) -> PartialDate:
    return PartialDate(at[:10])


# -- files -------------------------------------------------------------------------------------------


def _as_csv(facts: Facts, changes: Iterable[Change], impact: Impact, words: Words) -> bytes:
    rows: list[list[object]] = [["what", "before", "after"]]
    for one in changes:
        told = plain(words(change_in_words(facts, one))) if in_place(facts, one) else as_text(one.key)
        rows.append([told, shown(one.seen), shown(one.new)])
    rows += [[asked_label(one.question), plain(one.before), plain(one.after)] for one in impact.changed]
    return as_csv(rows)
