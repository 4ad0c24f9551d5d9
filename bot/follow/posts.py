"""The posts of `/follow`: what changed since it was announced last, told in the channels that follow it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui
from discord.ext import tasks

from bot.discord.layout import answer_box, ask_row
from bot.discord.message import Message
from bot.drawing.words import Words, words
from bot.ledger import Ledger
from data.local import Follow
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import News, name_of, news
from knowledge.sentences import Listing, say

log = logging.getLogger("ledger")

UNKNOWN_CHANNEL = 10003
PAUSE = 0.2  # seconds between two posts: Discord takes 50 requests a second, and answers go first
LONGEST, MOST = 3800, 36  # characters and components of a message, with room for its last lines

Place = tuple[int, int]  # a server and a channel


def announcing(client: discord.Client, ledger: Ledger) -> tasks.Loop[Any]:
    """Announce what an upgrade changed, as soon as the bot is ready, and once a day what could not be posted."""
    posts = Posts(client, ledger)

    @tasks.loop(hours=24)
    async def daily() -> None:
        try:
            await posts.look()
        except Exception as error:
            log.error("changes could not be announced", exc_info=error)

    daily.before_loop(client.wait_until_ready)
    return daily


@dataclass(frozen=True, slots=True)
class Told:
    """One follow's news in a post."""

    follow: Follow
    news: News


class Posts:
    """Tells channels what changed: one message a channel, whatever it follows, and each role pinged once.

    A message is sent first and marked as seen after. A bot that is killed between the two sends it again when it
    is back: a message may come twice but is never lost, and while Discord remembers its nonce it does not come twice.
    What was sent and could not be marked is remembered as long as the bot runs.
    """

    def __init__(self, client: discord.Client, ledger: Ledger) -> None:
        self.client, self.ledger = client, ledger
        self._looking = asyncio.Lock()  # one look at a time, else one news might be posted twice
        self._sent: dict[tuple[int, int, str], str] = {}  # what was sent and could not be marked

    async def look(self) -> None:
        """Post the news of every follow whose state is not the one seen last."""
        async with self._looking:
            application = self.client.application_id
            if application is not None and not await self.ledger.locally(lambda local: local.belongs_to(application)):
                log.warning("the folder is another application's: its follows are kept, and nothing is posted for them")
                return
            follows = await self.ledger.locally(lambda local: local.follows())
            if not follows:
                return
            await self._forget_left_servers()
            places: dict[Place, list[Follow]] = {}
            for follow in follows:
                places.setdefault((follow.server, follow.channel), []).append(follow)
            for place, here in places.items():
                try:
                    if await self._tell(place, here):
                        await asyncio.sleep(PAUSE)
                except discord.Forbidden as error:  # kept: a permission may come back, and /follow list shows it
                    log.warning("what a channel follows could not be posted: Discord's code %s", error.code)
                except Exception as error:
                    log.error("what a channel follows could not be posted", exc_info=error)

    async def _forget_left_servers(self) -> None:
        """Delete what is kept of servers that removed the bot; without intents Discord does not tell when they do."""
        try:
            ours = {server.id async for server in self.client.fetch_guilds(limit=None)}
        except discord.HTTPException as error:
            log.warning("the list of servers could not be read: Discord's code %s", error.code)
            return
        if gone := await self.ledger.locally(lambda local: local.forget_absent(ours)):
            log.info("the follows of %s servers that removed the bot were deleted", gone)

    async def _tell(self, place: Place, follows: list[Follow]) -> bool:
        """Post what is new for one channel; whether Discord was asked to."""
        facts = self.ledger.facts
        kept = set(await self.ledger.locally(lambda local: local.follows_of(place[0])))
        found = [(f, news(facts, f.what, f.seen)) for f in follows if f in kept]  # others ended meanwhile
        fresh = []
        for follow, one in found:
            if one is None:
                continue
            told = Told(follow, one)
            if one.answer is None or self._sent.get(_key(follow)) == one.state:
                await self._mark(told)
            else:
                fresh.append(told)
        if not fresh:
            return False
        channel = await self._channel(place, fresh)
        if channel is None:
            return True
        for number, (message, part) in enumerate(messages(facts, fresh)):
            sent = await channel.send(
                view=message.view(),
                allowed_mentions=_pings(fresh) if number == 0 else discord.AllowedMentions.none(),
                nonce=_nonce(place, part),
            )
            for told in part:
                await self._mark(told)
            if isinstance(channel, discord.TextChannel) and channel.is_news():
                await _publish(sent)
        return True

    async def _channel(self, place: Place, told: list[Told]) -> discord.abc.Messageable | None:
        """The channel; None if it is gone, and its follows with it."""
        server, key = place
        try:
            found = await self.client.fetch_channel(key)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL:
                raise
            for one in told:
                what = one.follow.what
                await self.ledger.locally(lambda local, what=what: local.unfollow(server, what, key))  # type: ignore[misc]
            log.info("the follows of a channel were deleted with it")
            return None
        except (discord.HTTPException, discord.InvalidData):
            return self.client.get_partial_messageable(key, guild_id=server)  # sending says what is wrong
        return found if isinstance(found, discord.abc.Messageable) else None

    async def _mark(self, told: Told) -> None:
        follow, state = told.follow, told.news.state
        try:
            await self.ledger.locally(lambda local: local.mark_seen(follow, state))
        except Problem:
            self._sent[_key(follow)] = state
            log.error("a post could not be marked as sent; it is not repeated as long as this process runs")
        else:
            self._sent.pop(_key(follow), None)


def _key(follow: Follow) -> tuple[int, int, str]:
    return follow.server, follow.channel, follow.what


async def _publish(message: discord.Message) -> None:
    """In an announcement channel, for the servers that follow it."""
    try:
        await message.publish()
    except discord.HTTPException as error:
        log.warning("a post in an announcement channel could not be published: Discord's code %s", error.code)


def messages(facts: Facts, told: list[Told]) -> list[tuple[Message, list[Told]]]:
    """The news of one channel in as few messages as they fit; the first says why it comes, and whom it pings."""
    drawn = words(told[-1].follow.language, markdown=True)
    parts: list[tuple[list[ui.Item[ui.LayoutView]], list[Told]]] = []
    for one in told:
        items = news_items(facts, one.news, drawn)
        if parts and _fits([*parts[-1][0], *items]):
            parts[-1] = ([*parts[-1][0], *items], [*parts[-1][1], one])
        else:
            parts.append((items, [one]))
    why = say(
        "Posted because this channel follows {what}; those who manage the server end it with /follow stop.",
        what=Listing(tuple(name_of(facts, one.follow.what) for one in told)),
    )
    first: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(f"-# {drawn(why)}")]
    if roles := dict.fromkeys(one.follow.role for one in told if one.follow.role is not None):
        first.append(ui.TextDisplay(" ".join(f"<@&{role}>" for role in roles)))
    return [(Message.of(*items, *([] if n else first)), part) for n, (items, part) in enumerate(parts)]


def news_items(facts: Facts, found: News, words: Words) -> list[ui.Item[ui.LayoutView]]:
    """News as an answer, with buttons that ask on in private, since many may press them."""
    assert found.answer is not None
    row = ask_row(((question, _label(facts, question)) for question in found.ask), True)
    return [answer_box(found.answer, words), *([row] if row else [])]


def _fits(items: list[ui.Item[ui.LayoutView]]) -> bool:
    parts = [part for item in items for part in (item, *getattr(item, "walk_children", lambda: ())())]
    return len(parts) <= MOST and sum(len(p.content) for p in parts if isinstance(p, ui.TextDisplay)) <= LONGEST


def _label(facts: Facts, question: Question) -> str:
    """What a button asks, as it would be typed."""
    member = facts.spenders.get(question.member or "")
    edition = f"edition:{question.edition}" if question.edition else None
    words = (f"/{question.name}", member.name if member else None, question.year, question.rule, edition)
    return " ".join(word for word in words if word)


def _pings(told: list[Told]) -> discord.AllowedMentions:
    roles = [discord.Object(role) for role in dict.fromkeys(one.follow.role for one in told) if role is not None]
    if not roles:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)


def _nonce(place: Place, told: list[Told]) -> str:
    """The same for the same news in the same channel, whenever it is sent; Discord takes 25 characters."""
    text = "|".join([str(place), *(f"{one.follow.what} {one.news.state}" for one in told)])
    return hashlib.sha256(text.encode()).hexdigest()[:25]
