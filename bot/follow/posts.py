"""The posts of `/follow`: what changed since it was announced last, told in the channels that follow it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Any

import discord
from discord import ui
from discord.ext import tasks

from bot.discord.layout import answer_box, ask_row
from bot.discord.message import Message
from bot.drawing.words import Words, words
from bot.ledger import Ledger
from data.local import Follow
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import News, name_of, news
from knowledge.sentences import say

log = logging.getLogger("ledger")

UNKNOWN_CHANNEL = 10003
PAUSE = 0.2  # seconds between two posts: Discord takes 50 requests a second, and answers go first
ANNOUNCING = asyncio.Lock()  # one look at the follows at a time, else one news might be posted twice


def announcing(client: discord.Client, ledger: Ledger) -> tasks.Loop[Any]:
    """Announce what an upgrade changed, as soon as the bot is ready, and once a day what could not be posted."""

    @tasks.loop(hours=24)
    async def daily() -> None:
        try:
            await announce_changes(client, ledger)
        except Exception as error:
            log.error("changes could not be announced", exc_info=error)

    daily.before_loop(client.wait_until_ready)
    return daily


async def announce_changes(client: discord.Client, ledger: Ledger) -> None:
    """Post the news of every follow whose state is not the one seen last.

    A message is sent first and marked as seen after. A bot that is killed between the two sends it again when it
    is back: a message may come twice but is never lost, and while Discord remembers its nonce it does not come twice.
    """
    async with ANNOUNCING:
        await _forget_left_servers(client, ledger)
        for follow in ledger.local.follows():
            try:
                if await _announce(client, ledger, follow):
                    await asyncio.sleep(PAUSE)
            except discord.Forbidden as error:  # kept: a permission may come back, and /follow list shows it
                log.warning("a follow of %s could not be posted: Discord's code %s", follow.what, error.code)
            except Exception as error:
                log.error("a follow of %s could not be posted", follow.what, exc_info=error)


async def _forget_left_servers(client: discord.Client, ledger: Ledger) -> None:
    """Delete what is kept of servers that removed the bot; without intents Discord does not tell when they do."""
    kept = {follow.server for follow in ledger.local.follows()}
    if not kept:
        return
    try:
        ours = {server.id async for server in client.fetch_guilds(limit=None)}
    except discord.HTTPException as error:
        log.warning("the list of servers could not be read: Discord's code %s", error.code)
        return
    for server in kept - ours:
        ledger.local.forget_server(server)
        log.info("the follows of a server that removed the bot were deleted")


async def _announce(client: discord.Client, ledger: Ledger, follow: Follow) -> bool:
    """Post one follow's news; whether Discord was asked to."""
    facts = ledger.facts
    found = news(facts, follow.what, follow.seen)
    if found is None or follow not in ledger.local.follows_of(follow.server):  # ended while others were posted
        return False
    channel = client.get_partial_messageable(follow.channel, guild_id=follow.server)
    try:
        await channel.send(
            view=news_message(facts, follow, found, words(follow.language, markdown=True)).view(),
            allowed_mentions=_pings(follow),
            nonce=_nonce(follow, found),
        )
    except discord.NotFound as error:
        if error.code != UNKNOWN_CHANNEL:
            raise
        ledger.local.unfollow(follow.server, follow.what, follow.channel)
        log.info("a follow of %s was deleted with its channel", follow.what)
    else:
        ledger.local.mark_seen(follow, found.state)
    return True


def news_message(facts: Facts, follow: Follow, found: News, words: Words) -> Message:
    """The news as an answer, with buttons that ask on in private, since many may press them, and the ping."""
    why = say(
        "Posted because this channel follows {what}; those who manage the server end it with /follow stop.",
        what=name_of(facts, follow.what),
    )
    below: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(f"-# {words(why)}")]
    if follow.role is not None:
        below.append(ui.TextDisplay(f"<@&{follow.role}>"))
    row = ask_row(((question, _label(facts, question)) for question in found.ask), True)
    return Message.of(answer_box(found.answer, words), *([row] if row else []), *below)


def _label(facts: Facts, question: Question) -> str:
    """What a button asks, as it would be typed."""
    member = facts.spenders.get(question.member or "")
    edition = f"edition:{question.edition}" if question.edition else None
    words = (f"/{question.name}", member.name if member else None, question.year, question.rule, edition)
    return " ".join(word for word in words if word)


def _pings(follow: Follow) -> discord.AllowedMentions:
    if follow.role is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(everyone=False, users=False, roles=[discord.Object(follow.role)], replied_user=False)


def _nonce(follow: Follow, found: News) -> str:
    """The same for the same news in the same channel, whenever it is sent; Discord takes 25 characters."""
    text = f"{follow.server}|{follow.channel}|{follow.what}|{found.state}"
    return hashlib.sha256(text.encode()).hexdigest()[:25]
