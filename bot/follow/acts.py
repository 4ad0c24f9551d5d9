"""What `/follow` does: who may is checked, what is kept is kept, and the asker is told what it will do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import aiohttp
import discord

from bot.discord.feature import Interaction
from bot.discord.guards import managed_server, may_ping, may_post_in
from bot.drawing.words import words
from bot.ledger import Ledger
from commands.follow import List, Preview, Start, Stop
from data.local import Follow, LocalStore
from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import CROSSED, EVERYTHING, followed, matching, name_of, news, read_what, sample, state_of
from knowledge.sentences import Listing, Sentence, say
from knowledge.things import Rule

PATIENCE = 1.5  # seconds to ask Discord what is there: the answer has three
MOST = 25  # follows of one server, and what Discord shows of a list


async def start(ledger: Ledger, interaction: Interaction, wanted: Start) -> Answer:
    """Keep a follow and say what it will do; what is so now counts as announced."""
    server = managed_server(interaction)
    what = read_what(ledger.facts, wanted.what)
    notes = [*may_post_in(interaction, wanted.place), *may_ping(interaction, wanted.role)]
    state = state_of(ledger.facts, what)
    assert state is not None  # it was just found
    assert interaction.channel_id is not None  # in a server
    locale = interaction.guild_locale or interaction.locale
    channel = wanted.place.id if wanted.place is not None else interaction.channel_id
    kept = Follow(server, channel, what, wanted.role.id if wanted.role is not None else None, locale.value, state)

    def keep(local: LocalStore) -> bool:
        others = [f for f in local.follows_of(server) if (f.channel, f.what) != (channel, what)]
        if len(others) < MOST:
            local.follow(kept)
        return len(others) < MOST

    if not await ledger.locally(keep):
        told = say("A server may follow {count} things, and this one does. End one with /follow stop.")
        raise Problem("too-many-follows", told.filled(count=tally(MOST, say("what a server may follow"))))
    return Answer(Question("follow"), _promise(ledger.facts, kept), notes=tuple(notes))


async def stop(ledger: Ledger, interaction: Interaction, wanted: Stop) -> Answer:
    """End a follow in one channel or, without one, in all of the server."""
    server = managed_server(interaction)
    kept = {follow.what for follow in await ledger.locally(lambda local: local.follows_of(server))}
    what = wanted.what if wanted.what in kept else read_what(ledger.facts, wanted.what)  # it may be held no longer
    place = wanted.place.id if wanted.place is not None else None
    ended = await ledger.locally(lambda local: local.unfollow(server, what, place))
    if not ended:
        told = say("That is not followed there, so nothing was ended. /follow list shows what is.")
        raise Problem("not-followed", told)
    channels = Listing(tuple(f"<#{channel}>" for channel in ended))
    told = say("No longer followed in {channels}: {what}.", channels=channels, what=name_of(ledger.facts, what))
    return Answer(Question("follow"), told)


async def list_(ledger: Ledger, interaction: Interaction, _: List) -> Answer:
    """What the server's channels follow."""
    server = managed_server(interaction)
    follows = await ledger.locally(lambda local: local.follows_of(server))
    return _list_of(ledger.facts, follows, await _there(interaction) if follows else None)


async def preview(ledger: Ledger, interaction: Interaction, wanted: Preview) -> Answer:
    """What a post would look like, shown to the asker alone."""
    managed_server(interaction)
    found = sample(ledger.facts, read_what(ledger.facts, wanted.what))
    note = say("Nothing was posted: this is what a post would have looked like when NATO's newest edition came out.")
    if found is None or found.answer is None:
        told = say("Nothing of this would have been posted when NATO's newest edition came out.")
        raise Problem("no-post", told)
    return replace(found.answer, asked=Question("follow"), notes=(note, *found.answer.notes))


async def _there(interaction: Interaction) -> set[int] | None:
    """The channels, threads and roles that the server has; None where Discord does not let us know."""
    if interaction.guild is None:
        return None
    server = interaction.guild
    try:
        async with asyncio.timeout(PATIENCE):
            found = await asyncio.gather(server.fetch_channels(), server.fetch_roles(), server.active_threads())
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError):
        return None
    return {thing.id for things in found for thing in things}


async def anything(ledger: Ledger, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """Everything that can be followed."""
    return _offered(ledger.facts, interaction, matching(ledger.facts, typed, MOST))


async def followed_here(ledger: Ledger, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """What the server follows, for those who may end it."""
    if not interaction.permissions.manage_guild:
        return []
    server = interaction.guild_id or 0
    kept = await ledger.locally(lambda local: local.follows_of(server))
    found = _offered(ledger.facts, interaction, dict.fromkeys(follow.what for follow in kept))
    return [(shown, what) for shown, what in found if typed.casefold().strip() in shown.casefold()]


def _offered(facts: Facts, interaction: Interaction, found: Iterable[str]) -> list[tuple[str, str]]:
    drawn = words(interaction.locale.value)
    return [(drawn(say("{what}", what=name_of(facts, what))), what) for what in found]


def _promise(facts: Facts, follow: Follow) -> Sentence:
    """What a channel will hear, and who will be pinged."""
    thing = followed(facts, follow.what)
    channel = f"<#{follow.channel}>"
    if follow.what == EVERYTHING:
        hears = say(
            "{channel} will hear when a new NATO edition is out, and when the figures of an Ally or a rule change.",
            channel=channel,
        )
    elif follow.what == CROSSED:
        hears = say(
            "{channel} will hear which Allies a new NATO edition shows on the other side of the rule’s line.",
            channel=channel,
        )
    elif isinstance(thing, Rule):
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


def _list_of(facts: Facts, follows: list[Follow], there: set[int] | None) -> Answer:
    """What a server's channels follow, what could not be posted yet, and which channels and roles are gone."""
    rows = []
    for follow in follows:
        text = say("in {channel}; nobody is pinged", channel=f"<#{follow.channel}>")
        if follow.role is not None:
            text = say("in {channel}; {role} is pinged", channel=f"<#{follow.channel}>", role=f"<@&{follow.role}>")
        if there is not None and follow.role is not None and follow.role not in there:
            text = say("{text}. That role is gone: follow again to name another.", text=text)
        if there is not None and follow.channel not in there:
            text = say(
                "{text}. This bot does not see that channel: it is gone, closed to it, or an archived thread.",
                text=text,
            )
        found = news(facts, follow.what, follow.seen)
        if found is not None and found.answer is not None:
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
