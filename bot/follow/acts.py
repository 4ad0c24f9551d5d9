"""What `/follow` does: who may is checked, what is kept is kept, and the asker is told what it will do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import discord

from bot.discord.feature import Interaction
from bot.discord.guards import in_its_own_folder, managed_server, may_ping, may_post_in, may_tell_news
from bot.discord.locales import shared_language
from bot.discord.message import Message
from bot.drawing.languages import LANGUAGES
from bot.drawing.words import words
from bot.follow.places import Fault, faults_of
from bot.follow.posts import preview_of
from bot.ledger import Ledger
from commands.follow import List, Preview, Start, Stop
from commands.options import LONGEST_LABEL
from data.local import Follow, LocalStore
from knowledge import following
from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.following import changed, followed, matching, name_of, read_what, state_of
from knowledge.names import plain
from knowledge.sentences import Listing, Sentence, say
from knowledge.things import Rule

MOST = 25  # follows of one server, and what Discord shows of a list
_FAULTS = {
    Fault.NO_CHANNEL: say("{text}. This channel was deleted, so nothing is posted there."),
    Fault.CLOSED: say("{text}. This bot may not see it or not write there, so nothing is posted."),
    Fault.NO_ROLE: say("{text}. That role is gone: follow again to name another."),
    Fault.SILENT_ROLE: say("{text}. Neither everybody nor this bot may mention this role, so nobody is pinged."),
}

_HEARS = {
    following.EVERYTHING: say(
        "{channel} will hear when a new NATO edition is out, and when the figures of an Ally or a rule change."
    ),
    following.EDITION: say("{channel} will hear when a new NATO edition is out."),
    following.CROSSED: say(
        "{channel} will hear which Allies a new NATO edition shows on the other side of the rule’s line."
    ),
}


async def start(ledger: Ledger, interaction: Interaction, wanted: Start) -> Answer:
    """Keep a follow and say what it will do; what is so now counts as announced."""
    server = managed_server(interaction)
    facts = ledger.of(server).facts
    what = _meant(facts, interaction, wanted.what)
    may_tell_news(ledger, interaction, wanted.place)
    notes = [*may_post_in(interaction, wanted.place), *may_ping(interaction, wanted.role)]
    state = state_of(facts, what)
    assert state is not None  # it was just found
    assert interaction.channel_id is not None  # in a server
    channel = wanted.place.id if wanted.place is not None else interaction.channel_id
    role = wanted.role.id if wanted.role is not None else None
    language = shared_language(interaction, ledger.answering(server).language)
    kept = Follow(server, channel, what, role, language, state)

    def keep(local: LocalStore) -> bool:
        others = [one for one in local.follows_of(server) if (one.channel, one.what) != (channel, what)]
        if len(others) < MOST:
            local.follow(kept)
        return len(others) < MOST

    if not await in_its_own_folder(ledger, interaction, keep):
        told = say("A server may follow {count} things, and this one does. End one with /follow stop.")
        raise Problem("too-many-follows", told.filled(count=tally(MOST, say("what a server may follow"))))
    place = wanted.place if wanted.place is not None else interaction.channel
    if getattr(place, "type", None) is discord.ChannelType.news:
        text = say("{channel} is an announcement channel: the channels elsewhere that follow it get each post too.")
        notes.append(text.filled(channel=f"<#{channel}>"))
    return Answer(Question("follow"), _promise(facts, kept), notes=tuple(notes))


async def stop(ledger: Ledger, interaction: Interaction, wanted: Stop) -> Answer:
    """End a follow in one channel or, without one, in all of the server."""
    server = managed_server(interaction)
    kept = {follow.what for follow in await _kept(ledger, interaction, server)}
    what = wanted.what if wanted.what in kept else _meant(ledger.facts, interaction, wanted.what)  # held no longer
    channel = wanted.place.id if wanted.place is not None else None
    ended = await ledger.locally(lambda local: local.unfollow(server, what, channel))
    if not ended:
        told = say("That is not followed there, so nothing was ended. /follow list shows what is.")
        raise Problem("not-followed", told)
    channels = Listing(tuple(f"<#{channel}>" for channel in ended))
    told = say("No longer followed in {channels}: {what}.", channels=channels, what=name_of(ledger.facts, what))
    return Answer(Question("follow"), told)


async def list_(ledger: Ledger, interaction: Interaction, _: List) -> Answer:
    """What the server's channels follow, and what keeps them from hearing it."""
    server = managed_server(interaction)
    follows = await _kept(ledger, interaction, server)
    faults = await faults_of(interaction.client, server, follows) if follows else {}
    return _list_of(ledger.of(server).facts, follows, faults)


async def preview(ledger: Ledger, interaction: Interaction, wanted: Preview) -> Answer | Sequence[Message]:
    """A post on it as it will look, in the language it will be in."""
    server = managed_server(interaction)
    facts = ledger.of(server).facts
    what = _meant(facts, interaction, wanted.what)
    language = shared_language(interaction, ledger.answering(server).language)
    if news := following.preview(facts, what):
        return preview_of(facts, news, words(language, markdown=True))
    return Answer(
        Question("follow"), say("Nothing of this would have been posted when NATO's newest edition came out.")
    )


async def anything(ledger: Ledger, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """Everything that can be followed."""
    shown = _shown(ledger.facts, interaction.locale.value, following.everything(ledger.facts))
    return [(shown[what], what) for what in matching(ledger.facts, typed, MOST, shown)]


async def followed_here(ledger: Ledger, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """What the server follows, for those who may end it."""
    if not interaction.permissions.manage_guild:
        return []
    follows = await _kept(ledger, interaction, interaction.guild_id or 0)
    kept = dict.fromkeys(follow.what for follow in follows)
    shown = _shown(ledger.facts, interaction.locale.value, kept)
    return [(label, what) for what, label in shown.items() if typed.casefold().strip() in label.casefold()]


async def _kept(ledger: Ledger, interaction: Interaction, server: int) -> list[Follow]:
    return await in_its_own_folder(ledger, interaction, lambda local: local.follows_of(server))


def _meant(facts: Facts, interaction: Interaction, typed: str) -> str:
    """What somebody means to follow; Discord may send what a list shows in the place of what it stands for."""
    try:
        return read_what(facts, typed)
    except Problem:
        key, everything = plain(typed[:LONGEST_LABEL]), following.everything(facts)
        for language in (interaction.locale.value, *LANGUAGES):
            for what, label in _shown(facts, language, everything).items():
                if plain(label) == key:
                    return what
        raise


def _shown(facts: Facts, language: str, found: Iterable[str]) -> dict[str, str]:
    """What is sent → what is shown."""
    drawn = words(language)
    return {what: drawn(say("{what}", what=name_of(facts, what)))[:LONGEST_LABEL] for what in found}


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
        hears = _HEARS[follow.what].filled(channel=channel)
    if follow.role is None:
        return say("{hears} {pinged}", hears=hears, pinged=say("Nobody will be pinged."))
    return say("{hears} {pinged}", hears=hears, pinged=say("{role} will be pinged.", role=f"<@&{follow.role}>"))


def _list_of(facts: Facts, follows: list[Follow], faults: Mapping[Follow, Fault]) -> Answer:
    """What a server's channels follow, and what could not be posted yet or cannot be."""
    rows = []
    for follow in follows:
        fault, change = faults.get(follow), changed(facts, follow.what, follow.seen)
        text = say("in {channel}; nobody is pinged", channel=f"<#{follow.channel}>")
        if follow.role is not None:
            text = say("in {channel}; {role} is pinged", channel=f"<#{follow.channel}>", role=f"<@&{follow.role}>")
        if fault in (Fault.NO_ROLE, Fault.SILENT_ROLE):
            text = say("in {channel}; {role}", channel=f"<#{follow.channel}>", role=f"<@&{follow.role}>")
        if fault is not None:
            text = _FAULTS[fault].filled(text=text)
        elif change is not None and change.news:
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
