"""What `/settings` does: who may correct figures in a server, and where proposals wait."""

from __future__ import annotations

from msgspec.structs import replace

from bot.corrections.rights import who
from bot.discord.feature import Interaction
from bot.discord.guards import in_its_own_folder, may_post_in
from bot.ledger import Ledger
from commands.settings import Corrections, Show
from data.servers import Moderation, set_moderation
from knowledge.answer import Answer, Row
from knowledge.asking.problem import Problem
from knowledge.asking.question import Question
from knowledge.sentences import Sentence, say


async def show(ledger: Ledger, interaction: Interaction, _: Show) -> Answer:
    person = await who(ledger, interaction)
    person.may_manage()
    return _told(person.rules, ())


async def change(ledger: Ledger, interaction: Interaction, wanted: Corrections) -> Answer:
    """Set what was named, and leave the rest as it is."""
    person = await who(ledger, interaction)
    person.may_manage()
    chosen, notes = person.rules, list[Sentence]()
    for role in (wanted.editors, wanted.approvers):
        if role is not None and (role.id == person.server or role.managed):
            told = say("Choose a role that people are given: not @everyone, and not one of a bot's.")
            raise Problem("bad-role", told)
    if wanted.editors is not None:
        chosen = replace(chosen, editors=wanted.editors.id)
    if wanted.approvers is not None:
        chosen = replace(chosen, approvers=wanted.approvers.id)
    if wanted.people is not None:
        chosen = replace(chosen, alone=wanted.people == 1)
    if wanted.place is not None:
        notes += may_post_in(interaction, wanted.place)
        chosen = replace(chosen, channel=wanted.place.id)
    await in_its_own_folder(ledger, interaction, lambda local: set_moderation(local, person.server, chosen))
    return _told(chosen, tuple(notes))


def _told(rules: Moderation, notes: tuple[Sentence, ...]) -> Answer:
    managers = say("those who manage this server")
    editors, approvers = managers, managers
    if rules.editors is not None:
        editors = say("{role}, and those who manage this server", role=f"<@&{rules.editors}>")
    if rules.approvers is not None:
        approvers = say("{role}, and those who manage this server", role=f"<@&{rules.approvers}>")
    people = say("one person is enough") if rules.alone else say("two people: who proposes and who approves")
    channel = say("no channel; see /data pending")
    if rules.channel is not None:
        channel = say("{channel}", channel=f"<#{rules.channel}>")
    rows = (
        Row(say("May propose"), editors),
        Row(say("May approve"), approvers),
        Row(say("It takes"), people),
        Row(say("Proposals wait in"), channel),
    )
    return Answer(Question("settings"), say("Who may correct figures in this server's answers."), rows, notes)
