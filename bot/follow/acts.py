"""What `/follow` does: who may is checked, what is kept is kept, and the asker is told what it will do."""

from __future__ import annotations

from collections.abc import Iterable

from bot.discord.feature import Interaction
from bot.discord.guards import managed_server, may_ping, may_post_in
from bot.drawing.words import words
from bot.ledger import Ledger
from commands.follow import List, Start, Stop
from data.local import Follow
from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import followed, matching, name_of, news, read_what, state_of
from knowledge.sentences import Listing, Sentence, say
from knowledge.things import Rule

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
    others = [f for f in ledger.local.follows_of(server) if (f.channel, f.what) != (channel, what)]
    if len(others) >= MOST:
        told = say("A server may follow {count} things, and this one does. End one with /follow stop.")
        raise Problem("too-many-follows", told.filled(count=tally(MOST, say("what a server may follow"))))
    ledger.local.follow(kept)
    return Answer(Question("follow"), _promise(ledger.facts, kept), notes=tuple(notes))


async def stop(ledger: Ledger, interaction: Interaction, wanted: Stop) -> Answer:
    """End a follow in one channel or, without one, in all of the server."""
    server = managed_server(interaction)
    kept = {follow.what for follow in ledger.local.follows_of(server)}
    what = wanted.what if wanted.what in kept else read_what(ledger.facts, wanted.what)  # it may be held no longer
    ended = ledger.local.unfollow(server, what, wanted.place.id if wanted.place is not None else None)
    if not ended:
        told = say("That is not followed there, so nothing was ended. /follow list shows what is.")
        raise Problem("not-followed", told)
    channels = Listing(tuple(f"<#{channel}>" for channel in ended))
    told = say("No longer followed in {channels}: {what}.", channels=channels, what=name_of(ledger.facts, what))
    return Answer(Question("follow"), told)


async def list_(ledger: Ledger, interaction: Interaction, _: List) -> Answer:
    """What the server's channels follow."""
    return _list_of(ledger.facts, ledger.local.follows_of(managed_server(interaction)))


async def anything(ledger: Ledger, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """Everything that can be followed."""
    return _offered(ledger.facts, interaction, matching(ledger.facts, typed, MOST))


async def followed_here(ledger: Ledger, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """What the server follows, for those who may end it."""
    if not interaction.permissions.manage_guild:
        return []
    kept = dict.fromkeys(follow.what for follow in ledger.local.follows_of(interaction.guild_id or 0))
    found = _offered(ledger.facts, interaction, kept)
    return [(shown, what) for shown, what in found if typed.casefold().strip() in shown.casefold()]


def _offered(facts: Facts, interaction: Interaction, found: Iterable[str]) -> list[tuple[str, str]]:
    drawn = words(interaction.locale.value)
    return [(drawn(say("{what}", what=name_of(facts, what))), what) for what in found]


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
