"""What `/data import` and `/data edition` do: a table is read behind its wall, shown as a draft, and proposed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from itertools import count

import discord
from cachetools import TTLCache

from bot.corrections.acts import impact_on
from bot.corrections.messages import draft_message
from bot.corrections.picture import Drawing
from bot.corrections.rights import Person, seen_in, who
from bot.discord.feature import Interaction
from bot.discord.guards import content_of
from bot.discord.locales import words_for
from bot.discord.message import Attachment, Message
from bot.ledger import Draft, Ledger
from commands.data import Import, NewEdition
from data.importing.comparing import years_in_name
from data.importing.document import document, lines
from data.importing.limits import LARGEST_FILE, Refused
from data.importing.naming import names_of
from data.importing.proposing import Announced, Proposed, proposed, proposed_edition
from data.importing.recognised import Recognised
from data.importing.walled import recognised
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.asking.resolve import resolve
from knowledge.corrections import EVERYWHERE
from knowledge.facts import Facts
from knowledge.sentences import Typed, say

WAITING = 3  # files that wait while one is read
A_DAY = 5  # files a person
DAY = 24 * 60 * 60
LONGEST = 400  # characters of a sentence on what was read


class Reading:
    """One file is read at a time, few wait, and each person has so many a day."""

    def __init__(self) -> None:
        self._turn, self._waiting = asyncio.Lock(), 0
        self._files = count()
        self._sent: TTLCache[int, int] = TTLCache(10_000, DAY)  # who sent each file of a day

    async def of(self, file: discord.Attachment, person: int, facts: Facts) -> Recognised:
        """Problem if it cannot be had or is not taken."""
        if list(self._sent.values()).count(person) >= A_DAY:
            raise Problem("too-many", say("You have sent five files within a day. Go on tomorrow."))
        if self._waiting >= WAITING:
            raise Problem("busy", say("Other files are being read. Try again in a minute."))
        self._waiting += 1
        self._sent[next(self._files)] = person  # before it waits, so that several at once are no more than five
        try:
            async with self._turn:
                content = await content_of(file, LARGEST_FILE)
                return await recognised(content, await asyncio.to_thread(names_of, facts))
        except Refused as refused:
            raise _refused(refused) from None
        finally:
            self._waiting -= 1


def _refused(refused: Refused) -> Problem:
    return Problem(refused.code, say("{why}", why=Typed(refused.sentence, LONGEST)))


READING = Reading()


async def read_table(ledger: Ledger, interaction: Interaction, wanted: Import) -> list[Message]:
    """What is in a table beside an edition that is held."""
    person = await who(ledger, interaction)
    scope = person.scope(everywhere=wanted.everywhere)
    person.may_propose(scope)
    facts = seen_in(ledger, scope).facts
    edition = None if wanted.edition is None else resolve(facts, Question("rank", edition=wanted.edition)).edition.id
    found = await READING.of(wanted.file, person.id, facts)

    def compared() -> Proposed:
        return proposed(facts, found, edition=edition, years_named=years_in_name(wanted.file.filename))

    return await _drafted(ledger, interaction, person, scope, "", compared)


async def read_edition(ledger: Ledger, interaction: Interaction, wanted: NewEdition) -> list[Message]:
    """A whole edition that is not held, for every server."""
    person = await who(ledger, interaction)
    person.may_propose(EVERYWHERE)
    facts = ledger.now.facts
    found = await READING.of(wanted.file, person.id, facts)
    said = Announced(wanted.id, wanted.published, wanted.source, wanted.title or "", wanted.prices or "")

    def made() -> Proposed:
        return proposed_edition(facts, found, said)

    return await _drafted(ledger, interaction, person, EVERYWHERE, wanted.source, made)


async def _drafted(
    ledger: Ledger,
    interaction: Interaction,
    person: Person,
    scope: str,
    address: str,
    comparing: Callable[[], Proposed],
) -> list[Message]:
    """What a table holds and would change, kept as a draft of whoever sent it."""
    drawn = words_for(interaction, private=True)
    try:
        found = await asyncio.to_thread(comparing)
    except Refused as refused:
        raise _refused(refused) from None
    facts, told = seen_in(ledger, scope).facts, document(found.comparison)
    whole = [*lines(told, facts if found.new is None else found.new)]
    file = Attachment("import.txt", "\n".join(whole).encode("utf-8-sig"))
    changes = () if told.refused is not None else found.changes
    drawing = Drawing(ledger, scope, changes, drawn, person.id)
    impact = await impact_on(ledger, scope, changes, drawn) if changes else None
    token = secrets.token_urlsafe(9)
    ledger.drafts[token] = Draft(scope, person.id, "import", changes, address, facts.version)
    head = [drawn.echo(one, LONGEST) for one in whole[:1]]
    check = [drawn.echo(one, LONGEST) for one in told.questions]
    return [draft_message(facts, head, changes, impact, check, file, token, drawn, await drawing.in_time())]
