"""What `/settings` does: how a server has questions answered, who may correct figures in it, and where proposals wait."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bot.corrections.rights import who
from bot.discord.feature import Interaction
from bot.discord.guards import in_its_own_folder, may_post_in
from bot.ledger import Ledger
from commands.options import AS_DISCORD, DEFAULT, ENDONYMS, NEWEST, NOBODY, OF_THE_YEAR
from commands.settings import EVERYBODY, PARTS, VISIBILITY, Answers, Corrections, InChannel, Reset, Show
from data.local import LocalStore
from data.servers import AS_EVER, PRIVATE, QUIET, Answering, Moderation, change_answering, change_moderation
from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.names import index_of, plain
from knowledge.questions.saying import level_of
from knowledge.sentences import Listing, Sentence, Typed, say
from knowledge.things import Member

MOST = 50  # channels of a server with something of their own
_HELD_NO_LONGER = say("“{text}”, which is held no longer")


async def show(ledger: Ledger, interaction: Interaction, _: Show) -> Answer:
    """Everything that can be set, and what of it is the default."""
    person = await who(ledger, interaction)
    person.may_manage()
    rows = (*_answering_rows(ledger.of(person.server).facts, ledger.answering(person.server)), *_rows(person.rules))
    return Answer(Question("settings"), say("What this server has set."), rows)


async def answers(ledger: Ledger, interaction: Interaction, wanted: Answers) -> Answer:
    """Set what was named, and leave the rest as it is."""
    person = await who(ledger, interaction)
    person.may_manage()
    facts = ledger.of(person.server).facts
    chosen: dict[str, str | None] = {}
    readers = {"language": _language, "edition": _edition, "rule": _rule, "country": _country}
    for option, read in readers.items():
        if (text := getattr(wanted, option)) is not None:
            chosen[option] = None if text == DEFAULT else _plainly(read, facts, text)

    def change(now: Answering) -> Answering:
        named = {option: key for option, key in chosen.items() if option != "language"}
        return replace(
            now,
            language=chosen.get("language", now.language),
            private=now.private if wanted.visibility is None else wanted.visibility == PRIVATE,
            defaults=replace(now.defaults, **named),
        )

    return _told_answering(facts, await _changed(ledger, interaction, person.server, change))


async def in_channel(ledger: Ledger, interaction: Interaction, wanted: InChannel) -> Answer:
    """Set who sees answers in a channel; a quiet one may not follow anything."""
    person = await who(ledger, interaction)
    person.may_manage()
    channel = wanted.place.id if wanted.place is not None else interaction.channel_id
    assert channel is not None  # in a server

    def change(now: Answering) -> Answering:
        others = {key: own for key, own in now.channels.items() if key != channel}
        if wanted.visibility == DEFAULT:
            return replace(now, channels=others)
        if len(others) >= MOST:
            told = say("{count} channels have something of their own, and more cannot: /settings reset begins anew.")
            raise Problem(
                "too-many-channels", told.filled(count=tally(MOST, say("channels with something of their own")))
            )
        return replace(now, channels={**others, channel: wanted.visibility})

    def no_follows(local: LocalStore) -> None:
        if wanted.visibility == QUIET and any(one.channel == channel for one in local.follows_of(person.server)):
            told = say("News are posted in {channel}, so it cannot be quiet: end that first with /follow stop.")
            raise Problem("channel-follows", told.filled(channel=f"<#{channel}>"))

    chosen = await _changed(ledger, interaction, person.server, change, no_follows)
    return _told_answering(ledger.of(person.server).facts, chosen)


async def reset(ledger: Ledger, interaction: Interaction, wanted: Reset) -> Answer:
    """Take back one part of what was set."""
    person = await who(ledger, interaction)
    person.may_manage()
    if wanted.what == "corrections":
        await _ruled(ledger, interaction, person.server, lambda _: Moderation())
    else:

        def change(now: Answering) -> Answering:
            if wanted.what == "channels":
                return replace(now, channels={})
            return replace(AS_EVER, channels=now.channels)

        await _changed(ledger, interaction, person.server, change)
    return Answer(Question("settings"), say("Back to the default: {what}.", what=PARTS[wanted.what]))


async def change(ledger: Ledger, interaction: Interaction, wanted: Corrections) -> Answer:
    """Set what was named, and leave the rest as it is."""
    person = await who(ledger, interaction)
    person.may_manage()
    notes, named = list[Sentence](), dict[str, int | bool]()
    for role in (wanted.editors, wanted.approvers):
        if role is not None and (role.id == person.server or role.managed):
            told = say("Choose a role that people are given: not @everyone, and not one of a bot's.")
            raise Problem("bad-role", told)
    if wanted.editors is not None:
        named["editors"] = wanted.editors.id
    if wanted.approvers is not None:
        named["approvers"] = wanted.approvers.id
    if wanted.people is not None:
        named["alone"] = wanted.people == 1
    if wanted.place is not None:
        notes += may_post_in(interaction, wanted.place)
        named["channel"] = wanted.place.id
    chosen = await _ruled(ledger, interaction, person.server, lambda now: replace(now, **named))
    headline = say("Who may correct figures in this server's answers.")
    return Answer(Question("settings"), headline, _rows(chosen), tuple(notes))


async def _ruled(
    ledger: Ledger, interaction: Interaction, server: int, change: Callable[[Moderation], Moderation]
) -> Moderation:
    """What is set after a change that was kept."""
    return await in_its_own_folder(ledger, interaction, lambda local: change_moderation(local, server, change))


async def _changed(
    ledger: Ledger,
    interaction: Interaction,
    server: int,
    change: Callable[[Answering], Answering],
    look: Callable[[LocalStore], None] = lambda local: None,
) -> Answering:
    """What is set after a change that was kept, and heeded from now on."""

    def keep(local: LocalStore) -> Answering:
        look(local)
        return change_answering(local, server, change)

    chosen = await in_its_own_folder(ledger, interaction, keep)
    ledger.answer_so(server, chosen)
    return chosen


# -- what was named ----------------------------------------------------------------------------------


def _plainly(read: Callable[[Facts, str], str], facts: Facts, text: str) -> str:
    """What was named; a Problem offers no question, since none was asked."""
    try:
        return read(facts, text)
    except Problem as problem:
        raise Problem(problem.code, problem.sentence) from None


def _language(_: Facts, text: str) -> str:
    if text in ENDONYMS:
        return text
    told = say("The bot does not answer in “{text}”. Take {languages}.")
    raise Problem("unknown-language", told.filled(text=Typed(text), languages=Listing(tuple(ENDONYMS.values()), "or")))


def _edition(facts: Facts, text: str) -> str:
    found = index_of(facts).editions.get(plain(text))
    if found is None:
        held = Listing(tuple(facts.editions), "or")
        raise Problem("unknown-edition", say("No edition “{text}” is held. Take {held}.", text=Typed(text), held=held))
    return found.id


def _rule(facts: Facts, text: str) -> str:
    rule = index_of(facts).rule(text)
    level_of(rule)
    if rule.only:
        concerned = Listing(tuple(facts.members[code] for code in rule.only))
        raise Problem("not-its-rule", say("{rule} concerns {members} alone.", rule=rule, members=concerned))
    return rule.id


def _country(facts: Facts, text: str) -> str:
    found = index_of(facts).spender(text, "gap")
    if not isinstance(found, Member):
        raise Problem("one-ally", say("“We” means one Ally; {group} is several.", group=found))
    return found.code


# -- what is told ------------------------------------------------------------------------------------


def _told_answering(facts: Facts, chosen: Answering) -> Answer:
    return Answer(
        Question("settings"), say("How questions are answered in this server."), _answering_rows(facts, chosen)
    )


def _answering_rows(facts: Facts, chosen: Answering) -> tuple[Row, ...]:
    defaults = chosen.defaults
    language = AS_DISCORD
    if chosen.language is not None:
        language = say("{language}", language=ENDONYMS.get(chosen.language, chosen.language))
    rows = [
        Row(say("Language of what all see"), language),
        Row(say("Answers"), VISIBILITY["private"] if chosen.private else EVERYBODY),
    ]
    for visibility, text in VISIBILITY.items():
        if channels := [f"<#{channel}>" for channel, own in chosen.channels.items() if own == visibility]:
            rows.append(Row(say("{channels}", channels=Listing(tuple(channels), "unit")), text))
    rows += [
        Row(say("Edition where none is named"), _named(defaults.edition, facts.editions.get, NEWEST)),
        Row(say("Rule where none is named"), _named(defaults.rule, facts.rules.get, OF_THE_YEAR)),
        Row(say("“We” in a question"), _named(defaults.country, facts.members.get, NOBODY)),
    ]
    return tuple(rows)


def _named(key: str | None, held: Callable[[str], object], default: Sentence) -> Sentence:
    if key is None:
        return default
    thing = held(key)
    return _HELD_NO_LONGER.filled(text=Typed(key)) if thing is None else say("{what}", what=thing)


def _default(what: Sentence) -> Sentence:
    return say("default: {what}", what=what)


def _rows(rules: Moderation) -> tuple[Row, ...]:
    managers = _default(say("those who manage this server"))
    editors, approvers = managers, managers
    if rules.editors is not None:
        editors = say("{role}, and those who manage this server", role=f"<@&{rules.editors}>")
    if rules.approvers is not None:
        approvers = say("{role}, and those who manage this server", role=f"<@&{rules.approvers}>")
    people = _default(say("two people: who proposes and who approves"))
    if rules.alone:
        people = say("one person is enough")
    channel = _default(say("no channel; see /data pending"))
    if rules.channel is not None:
        channel = say("{channel}", channel=f"<#{rules.channel}>")
    return (
        Row(say("May propose"), editors),
        Row(say("May approve"), approvers),
        Row(say("It takes"), people),
        Row(say("Proposals wait in"), channel),
    )
