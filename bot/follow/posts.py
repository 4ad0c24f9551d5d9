"""`/follow` behind the command: who may, what is kept, and the posts when figures changed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui

from bot.discord.buttons import AgainButton
from bot.discord.layout import answer_view, problem_view
from bot.drawing.words import Words, words
from commands.face import Asked, Place
from data.local import Follow
from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import News, followed, name_of, news, read_what, state_of
from knowledge.sentences import Listing, Sentence, say
from knowledge.things import Rule

if TYPE_CHECKING:
    from bot.discord.client import LedgerClient

log = logging.getLogger("ledger")

UNKNOWN_CHANNEL = 10003
DAY = 24 * 60 * 60
MOST = 25  # follows of one server
PAUSE = 0.2  # seconds between two posts: Discord takes 50 requests a second, and answers go first


# -- the command -------------------------------------------------------------------------------------


async def follow(
    client: LedgerClient, interaction: Asked, what: str, place: Place | None, role: discord.Role | None
) -> None:
    """Keep a follow and say what it will do; what is so now counts as announced."""

    def answer() -> Answer:
        server = _server_of(interaction)
        wanted = read_what(client.facts, what)
        notes = [*_place_trouble(interaction, place), *_role_trouble(interaction, role)]
        state = state_of(client.facts, wanted)
        assert state is not None  # it was just found
        assert interaction.channel_id is not None  # in a server
        locale = interaction.guild_locale or interaction.locale
        channel = place.id if place is not None else interaction.channel_id
        kept = Follow(server, channel, wanted, role.id if role is not None else None, locale.value, state)
        others = [f for f in client.local.follows_of(server) if (f.channel, f.what) != (channel, wanted)]
        if len(others) >= MOST:
            raise Problem(
                "too-many-follows",
                say(
                    "A server may follow {count} things, and this one does. End one with /follow stop.",
                    count=tally(MOST, say("what a server may follow")),
                ),
            )
        client.local.follow(kept)
        return Answer(Question("follow"), _promise(client.facts, kept), notes=tuple(notes))

    await _respond(client, interaction, answer)


async def unfollow(client: LedgerClient, interaction: Asked, what: str, place: Place | None) -> None:
    """End a follow in one channel or, without one, in all of the server."""

    def answer() -> Answer:
        server = _server_of(interaction)
        kept = {f.what for f in client.local.follows_of(server)}
        wanted = what if what in kept else read_what(client.facts, what)  # what is kept may no longer be held
        ended = client.local.unfollow(server, wanted, place.id if place is not None else None)
        if not ended:
            raise Problem(
                "not-followed",
                say("That is not followed there, so nothing was ended. /follow list shows what is."),
            )
        channels = Listing(tuple(f"<#{channel}>" for channel in ended))
        headline = say(
            "No longer followed in {channels}: {what}.", channels=channels, what=name_of(client.facts, wanted)
        )
        return Answer(Question("follow"), headline)

    await _respond(client, interaction, answer)


async def show_follows(client: LedgerClient, interaction: Asked) -> None:
    """What the server's channels follow."""
    await _respond(
        client, interaction, lambda: _list_of(client.facts, client.local.follows_of(_server_of(interaction)))
    )


async def _respond(client: LedgerClient, interaction: Asked, make: Callable[[], Answer]) -> None:
    drawn = client.words_for(interaction, True)
    try:
        view = answer_view(make(), drawn)
    except Problem as problem:
        view = problem_view(problem, drawn, True)
    await client.respond(interaction, view, private=True)


def _server_of(interaction: Asked) -> int:
    """The server that is asked for; Problem for anybody who may not manage it, whatever Discord let through."""
    if interaction.guild_id is None:
        raise Problem("server-only", say("Only a channel of a server can follow figures. Ask this in a server."))
    if interaction.is_user_integration() and not interaction.is_guild_integration():
        raise Problem(
            "not-in-server",
            say(
                "This bot cannot post here, since it was not added to this server. Whoever manages it can add the bot."
            ),
        )
    if not interaction.permissions.manage_guild:
        raise Problem(
            "not-allowed",
            say("Only those who may manage this server choose what its channels follow. Ask one of them."),
        )
    return interaction.guild_id


def _place_trouble(interaction: Asked, place: Place | None) -> list[Sentence]:
    """What may keep posts from a channel; Problem if it is known that they cannot be made."""
    here = place is None or place.id == interaction.channel_id
    thread = isinstance(interaction.channel if place is None else place, discord.Thread | app_commands.AppCommandThread)
    if not _may_post(interaction.permissions if place is None else place.permissions, thread):
        raise Problem("bad-channel", say("You may not write in that channel yourself, so choose another one."))
    channel = f"<#{interaction.channel_id if place is None else place.id}>"
    if not here:  # Discord tells a bot's permissions only for the channel it was asked in
        return [
            say("Make sure that this bot may see {channel} and write there; /follow list says if not.", channel=channel)
        ]
    if not _may_post(interaction.app_permissions, thread):
        raise Problem(
            "bad-channel",
            say("This bot may not write in {channel}. Allow it to, or choose another channel.", channel=channel),
        )
    return []


def _may_post(permissions: discord.Permissions, thread: bool) -> bool:
    return permissions.view_channel and (permissions.send_messages_in_threads if thread else permissions.send_messages)


def _role_trouble(interaction: Asked, role: discord.Role | None) -> list[Sentence]:
    """What may keep a role from being pinged; Problem if it shall not be."""
    if role is None:
        return []
    mention = f"<@&{role.id}>"
    if role.id == interaction.guild_id or role.managed:
        raise Problem(
            "bad-role",
            say("Choose a role that people opt in to: not @everyone, and not one that belongs to a bot or to Discord."),
        )
    if role.mentionable:
        return []
    if not interaction.permissions.mention_everyone:
        raise Problem(
            "bad-role",
            say("You may not ping {role} yourself. Choose a role that everybody may mention.", role=mention),
        )
    return [say("{role} is pinged only if everybody, or this bot, may mention it.", role=mention)]


# -- what the asker is told --------------------------------------------------------------------------


def _promise(facts: Facts, follow: Follow) -> Sentence:
    """What a channel will hear, and who will be pinged."""
    thing = followed(facts, follow.what)
    channel = f"<#{follow.channel}>"
    if isinstance(thing, Rule):
        hears = say(
            "{channel} will hear when the standing, a level or the deadline of this rule changes: {rule}.",
            channel=channel,
            rule=thing,
        )
    elif thing is not None:
        hears = say(
            "{channel} will hear when a new NATO edition or a correction changes the figures of {member}.",
            channel=channel,
            member=thing,
        )
    else:
        hears = say("{channel} will hear when a new NATO edition is out.", channel=channel)
    if follow.role is None:
        return say("{hears} {pinged}", hears=hears, pinged=say("Nobody will be pinged."))
    return say("{hears} {pinged}", hears=hears, pinged=say("{role} will be pinged.", role=f"<@&{follow.role}>"))


def _list_of(facts: Facts, follows: list[Follow]) -> Answer:
    """What a server's channels follow, and what could not be posted yet."""
    rows = []
    for follow in follows:
        text = say("in {channel}; nobody is pinged", channel=f"<#{follow.channel}>")
        if follow.role is not None:
            text = say("in {channel}; {role} is pinged", channel=f"<#{follow.channel}>", role=f"<@&{follow.role}>")
        if news(facts, follow.what, follow.seen) is not None:
            text = say(
                "{text}. Its newest post is not out yet: check that this bot may see and write there.", text=text
            )
        rows.append(Row(say("{what}", what=name_of(facts, follow.what)), text))
    headline = (
        say("This server's channels follow these; end one with /follow stop.")
        if follows
        else say("No channel of this server follows anything. Begin with /follow start.")
    )
    return Answer(Question("follow"), headline, tuple(rows))


# -- the posts ---------------------------------------------------------------------------------------


async def keep_announcing(client: LedgerClient) -> None:
    """Announce what an upgrade changed, as soon as the bot is ready, and once a day what could not be posted."""
    await client.wait_until_ready()
    while True:
        try:
            await client.announce_changes()
        except Exception as error:
            log.error("changes could not be announced", exc_info=error)
        await asyncio.sleep(DAY)


async def announce_changes(client: LedgerClient) -> None:
    """Post the news of every follow whose state is not the one seen last.

    A message is sent first and marked as seen after. A bot that is killed between the two sends it again when it
    is back: a message may come twice but is never lost, and while Discord remembers its nonce it does not come twice.
    """
    async with client.announcing:
        await _forget_left_servers(client)
        for follow in client.local.follows():
            try:
                if await _announce(client, follow):
                    await asyncio.sleep(PAUSE)
            except discord.Forbidden as error:  # kept: a permission may come back, and /follow list shows it
                log.warning("a follow of %s could not be posted: Discord's code %s", follow.what, error.code)
            except Exception as error:
                log.error("a follow of %s could not be posted", follow.what, exc_info=error)


async def _forget_left_servers(client: LedgerClient) -> None:
    """Delete what is kept of servers that removed the bot; without intents Discord does not tell when they do."""
    kept = {follow.server for follow in client.local.follows()}
    if not kept:
        return
    try:
        ours = {server.id async for server in client.fetch_guilds(limit=None)}
    except discord.HTTPException as error:
        log.warning("the list of servers could not be read: Discord's code %s", error.code)
        return
    for server in kept - ours:
        client.local.forget_server(server)
        log.info("the follows of a server that removed the bot were deleted")


async def _announce(client: LedgerClient, follow: Follow) -> bool:
    """Post one follow's news; whether Discord was asked to."""
    facts = client.facts
    found = news(facts, follow.what, follow.seen)
    if found is None or follow not in client.local.follows_of(follow.server):  # ended while others were posted
        return False
    channel = client.get_partial_messageable(follow.channel, guild_id=follow.server)
    try:
        await channel.send(
            view=news_view(facts, follow, found, words(follow.language, markdown=True)),
            allowed_mentions=_pings(follow),
            nonce=_nonce(follow, found),
        )
    except discord.NotFound as error:
        if error.code != UNKNOWN_CHANNEL:
            raise
        client.local.unfollow(follow.server, follow.what, follow.channel)
        log.info("a follow of %s was deleted with its channel", follow.what)
    else:
        client.local.mark_seen(follow, found.state)
    return True


def news_view(facts: Facts, follow: Follow, found: News, words: Words) -> ui.LayoutView:
    """The news as an answer, with buttons that ask on in private, since many may press them, and the ping."""
    view = answer_view(found.answer, words)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for question in found.ask:
        row.add_item(AgainButton(question, True, _label(facts, question)))
    view.add_item(row)
    why = say(
        "Posted because this channel follows {what}; those who manage the server end it with /follow stop.",
        what=name_of(facts, follow.what),
    )
    view.add_item(ui.TextDisplay(f"-# {words(why)}"))
    if follow.role is not None:
        view.add_item(ui.TextDisplay(f"<@&{follow.role}>"))
    return view


def _label(facts: Facts, question: Question) -> str:
    """What a button asks, as it would be typed."""
    member = facts.spenders.get(question.member or "")
    edition = f"edition:{question.edition}" if question.edition else None
    words = (f"/{question.name}", member.name if member else None, question.year, question.rule, edition)
    return " ".join(word for word in words if word)[:80]


def _pings(follow: Follow) -> discord.AllowedMentions:
    if follow.role is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(everyone=False, users=False, roles=[discord.Object(follow.role)], replied_user=False)


def _nonce(follow: Follow, found: News) -> str:
    """The same for the same news in the same channel, whenever it is sent; Discord takes 25 characters."""
    text = f"{follow.server}|{follow.channel}|{follow.what}|{found.state}"
    return hashlib.sha256(text.encode()).hexdigest()[:25]
