"""What `/privacy` does: whoever asks sees, takes away and deletes what is theirs, and nobody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from msgspec.structs import replace

from bot.discord.feature import Interaction
from bot.discord.layout import file_message
from bot.discord.locales import words_for
from bot.discord.message import Attachment, Message
from bot.ledger import Ledger
from commands.privacy import DeleteMine, ExportMine, ShowMine
from data.proposals import Held, Proposals
from knowledge.answer import Answer, Row
from knowledge.asking.question import Question
from knowledge.sentences import Sentence, say

ASKED = Question("privacy")
FORMAT = "allied-ledger-privacy/1"


async def show(ledger: Ledger, interaction: Interaction, _: ShowMine) -> Answer:
    """What is stored of anybody, and first how much of it is theirs."""
    answer = ledger.now.ask(ASKED)
    return replace(answer, rows=(Row(say("Stored about you"), _told(await _held(ledger, interaction))), *answer.rows))


def _told(held: tuple[Held, ...]) -> Sentence:
    if not held:
        return say("nothing")
    told = say(
        "corrections you proposed: {proposed}; decided on: {decided}; figures you reported: {reported}. "
        "/privacy export has all of it."
    )
    return told.filled(
        proposed=str(sum(len(one.proposed) for one in held)),
        decided=str(sum(len(one.decided) + len(one.closed) for one in held)),
        reported=str(sum(len(one.reported) for one in held)),
    )


async def export(ledger: Ledger, interaction: Interaction, _: ExportMine) -> list[Message]:
    """All of it as one JSON file; docs/moderating.md says what stands in it."""
    held = await _held(ledger, interaction)
    found = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "person": str(interaction.user.id),
        "scopes": [{name: getattr(one, name) for name in Held.__struct_fields__} for one in held],
    }
    what = say("All that is stored about you; /privacy delete deletes it.")
    file = Attachment("privacy.json", json.dumps(found, ensure_ascii=False, indent=1).encode())
    return [file_message(Answer(ASKED, what), words_for(interaction, private=True), file, what)]


async def delete(ledger: Ledger, interaction: Interaction, _: DeleteMine) -> Answer:
    """Their words and whom they are; what they changed stays, by nobody."""
    person = interaction.user.id
    count = await ledger.locally(lambda local: Proposals(local).forget_person(person))
    drafts = [token for token, draft in ledger.drafts.items() if draft.person == person]
    for token in drafts:
        ledger.drafts.pop(token, None)
    told = say("Nothing of yours was kept.")
    if count or drafts:
        told = say("You are forgotten: your words are deleted, your open changes taken back. What was approved stands.")
    return Answer(Question("data"), told)


async def _held(ledger: Ledger, interaction: Interaction) -> tuple[Held, ...]:
    person = interaction.user.id
    return await ledger.locally(lambda local: Proposals(local).held_of(person))
