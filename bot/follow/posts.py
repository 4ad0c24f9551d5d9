"""The posts of `/follow`: what changed since it was announced last, gathered for each channel and told at once."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import discord
from discord.ext import tasks
from msgspec import Struct
from msgspec.structs import replace

from bot.discord.components import Component, each, text
from bot.discord.layout import answer_boxes, ask_row
from bot.discord.message import Message
from bot.discord.responding import BROKEN_OFF, TOO_LATE, is_networks, new_code
from bot.drawing.words import Words, words
from bot.follow.places import UNASKED, UNKNOWN_CHANNEL, announces, roles_there
from bot.ledger import Ledger
from data.local import Follow, LocalStore
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import Change, News, changed, name_of
from knowledge.sentences import say

log = logging.getLogger("ledger")

CLOSED = (403, 404)  # to the bot; a permission may come back
DAY, STANDS = 24 * 60 * 60, 15 * 60  # seconds between two looks, and until what corrections changed is told
PAUSE = 0.2  # seconds between two channels: Discord takes 50 requests a second, and answers go first
PUBLISHING = 30  # seconds; a channel may publish ten messages an hour, and the library would wait for the next
LONGEST, MOST = 4000, 40  # characters and components of a message, says Discord
BOX = 2800  # characters of a box, so that the first has room for the reason and 25 roles beneath it


def announcing(client: discord.Client, ledger: Ledger) -> tasks.Loop[Any]:
    """Announce what an upgrade changed, as soon as the bot is ready, and once a day what could not be posted.

    What corrections changed is announced when they have stood for a while: one that is undone soon posts nothing.
    """
    posts = Posts(client, ledger)

    @tasks.loop(minutes=1)
    async def looking() -> None:
        try:
            await ledger.catch_up()  # nobody may have asked since another program corrected something
            if posts.due(time.monotonic()):
                await posts.look()
        except Exception as error:
            await posts.fault(error)

    looking.before_loop(client.wait_until_ready)
    return looking


class Post(Struct, frozen=True):
    """One message, and the follows of which everything is told when it is out."""

    message: Message
    told: tuple[Follow, ...]


class Posts:
    """Posts what is new to those that follow it, and remembers what was posted but could not be kept as posted.

    A message is sent first and marked as seen after. A bot that is killed between the two sends it again when it
    is back: a message may come twice but is never lost, and while Discord remembers its nonce it does not come twice.
    """

    def __init__(self, client: discord.Client, ledger: Ledger) -> None:
        self.client, self.ledger = client, ledger
        self._looked = -math.inf
        self._looking = asyncio.Lock()  # one look at a time, else one news might be posted twice
        self._unkept: dict[tuple[int, int, str], str] = {}  # state that was posted, by server, channel and what
        self._pinged: dict[tuple[int, int, str], str] = {}  # the same of what was pinged for and is not all out yet

    def due(self, now: float) -> bool:
        """Whether to look: a day after the last look, or when corrections since then have stood long enough."""
        if now - self._looked < DAY and not self._looked < self.ledger.moved + STANDS <= now:
            return False
        self._looked = now
        return True

    async def look(self) -> None:
        """Post the news of every follow whose state is not the one seen last: one message and one ping a channel."""
        async with self._looking:
            application = self.client.application_id
            if application is not None and not await self.ledger.locally(lambda local: local.belongs_to(application)):
                log.warning(
                    "the folder is another application's: what that follows is kept and not posted, and /follow keeps "
                    "nothing. Set another LEDGER_FOLDER, or delete its local.db if it shall be this application's"
                )
                return
            if not await self.ledger.locally(lambda local: local.servers()):
                return
            await self._forget_left_servers()
            follows = await self.ledger.locally(lambda local: local.follows())
            followed = {_key(follow) for follow in follows}
            for posted in (self._unkept, self._pinged):
                for ended in posted.keys() - followed:
                    del posted[ended]
            for server, channel in dict.fromkeys((follow.server, follow.channel) for follow in follows):
                if await self._safely(server, channel):
                    await asyncio.sleep(PAUSE)
            if self._unkept:
                log.error("%s posts could not be kept as posted: after a restart they come again", len(self._unkept))

    async def _safely(self, server: int, channel: int) -> bool:
        """Post one channel's news; whether Discord was asked to. What fails here stops no other channel."""
        try:
            return await self._tell(server, channel)
        except Exception as error:
            await self.fault(error)
        return True

    async def fault(self, error: Exception) -> None:
        """What kept news from being posted; they are kept, tried again a day later, and /follow list shows it."""
        match error:
            case Problem():  # local.db refused, and the log says why
                pass
            case discord.HTTPException() if error.status in CLOSED or error.code in TOO_LATE:
                log.warning("news could not be posted in one channel: Discord's code %s", error.code)
            case _ if is_networks(error):
                log.warning("news could not be posted in one channel: %s", type(error).__name__)
            case _:
                code = new_code()
                log.error("%s: news could not be posted in one channel", code, exc_info=error)
                await self.ledger.note_fault(code, "the posts of /follow", error)

    async def _tell(self, server: int, channel: int) -> bool:
        await self.ledger.catch_up()
        facts, chosen = self.ledger.of(server).facts, self.ledger.answering(server).language
        kept = await self.ledger.locally(lambda local: local.follows_of(server))  # as they are by now
        follows = [follow for follow in kept if follow.channel == channel]
        found = {follow: change for follow in follows if (change := changed(facts, follow.what, follow.seen))}
        new = {follow: change for follow, change in found.items() if change.news and not self._is_out(follow, change)}
        for follow, change in found.items():
            if follow not in new:
                await self._keep(follow, change)
        if not new:
            return False
        unpinged = [f for f, change in new.items() if self._pinged.get(_key(f)) != change.state]
        roles = await roles_there(self.client, server, (f.role for f in unpinged if f.role is not None))
        where = self.client.get_partial_messageable(channel, guild_id=server)
        drawn = words(chosen or follows[-1].language, markdown=True)
        sent = []
        try:
            for n, post in enumerate(posts_of(facts, new, roles, drawn)):
                pings = _pings(roles if n == 0 else ())
                nonce = _nonce(n, new)
                sent.append(await _send(where, post.message, pings, nonce))
                if n == 0:
                    self._pinged |= {_key(follow): change.state for follow, change in new.items()}
                for follow in post.told:
                    await self._keep(follow, new[follow])
        except Exception as error:
            if not (isinstance(error, discord.NotFound) and error.code == UNKNOWN_CHANNEL):
                await self._publish(channel, sent)  # the next look posts what is missing, and not what is out
                raise
            for what in [follow.what for follow in follows]:
                await self.ledger.locally(partial(_unfollow, server, what, channel))
            log.info("the follows of a channel were deleted with it")
        await self._publish(channel, sent)
        return True

    def _is_out(self, follow: Follow, change: Change) -> bool:
        return self._unkept.get(_key(follow)) == change.state

    async def _keep(self, follow: Follow, change: Change) -> None:
        """Mark a state as seen. A disk that is full shall not have it posted again every day."""
        self._pinged.pop(_key(follow), None)
        try:
            await self.ledger.locally(lambda local: local.mark_seen(follow, change.state))
        except Problem:  # the log says why
            if change.news:
                self._unkept[_key(follow)] = change.state
        else:
            self._unkept.pop(_key(follow), None)

    async def _publish(self, channel: int, sent: Sequence[discord.Message]) -> None:
        """Hand the messages of an announcement channel on to the channels elsewhere that follow it."""
        try:
            if sent and await announces(self.client, channel):
                for message in sent:
                    await asyncio.wait_for(message.publish(), PUBLISHING)
        except UNASKED as error:
            why = f"Discord's code {error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__
            log.warning("news that were posted in an announcement channel may not be published: %s", why)

    async def _forget_left_servers(self) -> None:
        """Delete what is kept of servers that removed the bot; without intents Discord does not tell when they do."""
        try:
            ours = {server.id async for server in self.client.fetch_guilds(limit=None)}
        except (discord.HTTPException, *BROKEN_OFF) as error:
            told = getattr(error, "code", None) or type(error).__name__
            log.warning("the list of servers could not be read (%s), so none is taken for left", told)
            return
        with suppress(Problem):  # the log says why, and there are news to post
            if gone := await self.ledger.locally(lambda local: local.forget_absent(ours)):
                log.info("what was kept of %s servers that removed the bot was deleted", gone)
                await self.ledger.take_settings()


async def _send(
    where: discord.abc.Messageable, message: Message, pings: discord.AllowedMentions, nonce: str
) -> discord.Message:
    """Send it, and once more if the network broke off: by its nonce Discord knows one that it has already."""
    try:
        return await where.send(view=message.view(), allowed_mentions=pings, nonce=nonce)
    except BROKEN_OFF:
        return await where.send(view=message.view(), allowed_mentions=pings, nonce=nonce)


def _unfollow(server: int, what: str, channel: int, local: LocalStore) -> None:
    local.unfollow(server, what, channel)


def posts_of(facts: Facts, new: Mapping[Follow, Change], roles: Iterable[int], words: Words) -> list[Post]:
    """A channel's news as one message, or as few as hold it; the reason and the roles are in the first alone."""
    why = say("Posted because this channel follows these; those who manage the server end it with /follow stop.")
    if len(new) == 1:
        why = say(
            "Posted because this channel follows {what}; those who manage the server end it with /follow stop.",
            what=name_of(facts, next(iter(new)).what),
        )
    below = [text(f"-# {words(why)}")]
    if mentions := " ".join(f"<@&{role}>" for role in roles):
        below.append(text(mentions))
    news = {one.of: one for change in new.values() for one in change.news}  # heard once, whoever follows it
    packed = _packed(facts, news.values(), below, words)
    last = {of: n for n, (_, told) in enumerate(packed) for of in told}
    ends = {follow: max(last[one.of] for one in change.news) for follow, change in new.items()}
    return [
        Post(Message.of(*items), tuple(follow for follow, end in ends.items() if end == n))
        for n, (items, _) in enumerate(packed)
    ]


def preview_of(facts: Facts, news: Iterable[News], words: Words) -> list[Message]:
    """The same as it will look, with nobody pinged."""
    told = say("This is what a post looks like. Nothing was posted, and nothing is followed by asking for it.")
    below = [text(f"-# {words(told)}")]
    return [Message.of(*items) for items, _ in _packed(facts, news, below, words)]


def _packed(
    facts: Facts, news: Iterable[News], below: Sequence[Component], words: Words
) -> list[tuple[list[Component], list[str]]]:
    """The items of each message, and what is told to its end in it; `below` ends the first."""
    messages: list[tuple[list[Component], list[str]]] = [([], [])]
    said: set[str] = set()
    told_of = list(news)
    for one in told_of:
        boxes = _boxes(facts, one, words, said, alone=len(told_of) == 1)
        for n, box in enumerate(boxes):
            items, told = messages[-1]
            if items and not _fits([*items, *box, *(below if len(messages) == 1 else ())]):
                items, told = [], []
                messages.append((items, told))
            items += box
            if n == len(boxes) - 1:
                told.append(one.of)
    messages[0][0].extend(below)
    return messages


def _boxes(facts: Facts, news: News, words: Words, said: set[str], *, alone: bool) -> list[list[Component]]:
    """What is told of one thing, with buttons that ask on in private, since many may press them.

    Beside others it has fewer of them, so that more things fit into one message.
    """
    notes = {words(note): note for note in news.answer.notes}
    answer = replace(news.answer, notes=tuple(note for text, note in notes.items() if text not in said))
    said.update(notes)  # what holds for several is noted once
    boxes: list[list[Component]] = [[box] for box in answer_boxes(answer, words, BOX, panels=alone)]
    if row := ask_row(((question, _label(facts, question)) for question in news.ask), True):
        boxes[-1].append(row)
    return boxes


def _label(facts: Facts, question: Question) -> str:
    """What a button asks, as it would be typed."""
    member = facts.spenders.get(question.member or "") or facts.groups.get(question.member or "")
    edition = f"edition:{question.edition}" if question.edition else None
    words = (f"/{question.name}", member.name if member else None, question.year, question.rule, edition)
    return " ".join(word for word in words if word)


def _fits(items: Iterable[Component]) -> bool:
    """Whether Discord takes these in one message."""
    found = [*each(items)]
    return len(found) <= MOST and sum(len(one.get("content", "")) for one in found) <= LONGEST


def _pings(roles: Iterable[int]) -> discord.AllowedMentions:
    pinged = [discord.Object(role) for role in roles]
    return discord.AllowedMentions(everyone=False, users=False, roles=pinged or False, replied_user=False)


def _key(follow: Follow) -> tuple[int, int, str]:
    return follow.server, follow.channel, follow.what


def _nonce(number: int, new: Mapping[Follow, Change]) -> str:
    """The same for the same news in the same channel, whenever it is sent; Discord takes 25 characters."""
    text = "|".join([str(number), *(f"{_key(follow)}{change.state}" for follow, change in new.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:25]
