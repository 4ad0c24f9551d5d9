"""Who may what with corrections: asked again at every command, button and form, whatever Discord let through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from msgspec import Struct

from bot.discord.feature import Interaction
from bot.discord.guards import in_its_own_folder
from bot.ledger import Ledger, Snapshot
from data.servers import Moderation, moderation_of
from data.standing import over
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Change, Trial, fold
from knowledge.facts import Facts
from knowledge.sentences import say


class Person(Struct, frozen=True):
    """Who asks, in which server, and what they are there."""

    id: int
    server: int
    manages: bool
    edits: bool
    approves: bool
    maintains: bool
    rules: Moderation

    def scope(self, *, everywhere: bool) -> str:
        return EVERYWHERE if everywhere else str(self.server)

    def may_propose(self, scope: str) -> None:
        """Problem if not."""
        self._of_this_server(scope)
        if scope == EVERYWHERE:
            self._maintainer()
        elif not (self.manages or self.edits or self.approves):
            told = say("Only those whom this server's managers named may propose corrections: /settings corrections.")
            raise Problem("not-allowed", told)

    def can_propose(self, scope: str) -> bool:
        try:
            self.may_propose(scope)
        except Problem:
            return False
        return True

    def may_decide(self, scope: str) -> None:
        """Problem if not."""
        self._of_this_server(scope)
        if scope == EVERYWHERE:
            self._maintainer()
        elif not (self.manages or self.approves):
            told = say("Only those whom this server's managers named may decide on corrections: /settings corrections.")
            raise Problem("not-allowed", told)

    def may_manage(self) -> None:
        """Problem if not."""
        if not self.manages:
            raise Problem("not-allowed", say("Only those who may manage this server set this. Ask one of them."))

    def may_read(self, scope: str) -> None:
        """Problem if it is another server's."""
        self._of_this_server(scope)

    def alone(self, scope: str) -> bool:
        """Whether one person is enough; for what every server sees it never is."""
        return scope != EVERYWHERE and self.rules.alone

    def _maintainer(self) -> None:
        if not self.maintains:
            told = say("Only a maintainer of the bot may change what every server sees; you may correct for your own.")
            raise Problem("not-allowed", told)

    def _of_this_server(self, scope: str) -> None:
        if scope not in (EVERYWHERE, str(self.server)):
            raise Problem("other-server", say("This is another server's correction, so it cannot be used here."))


async def who(ledger: Ledger, interaction: Interaction) -> Person:
    """Whoever asks or presses; Problem outside of servers that have the bot."""
    server = interaction.guild_id
    if server is None or (interaction.is_user_integration() and not interaction.is_guild_integration()):
        raise Problem("server-only", say("Figures are corrected in a server that has added the bot. Ask there."))
    rules = await in_its_own_folder(ledger, interaction, lambda local: moderation_of(local, server))
    manages = interaction.permissions.manage_guild or interaction.permissions.administrator
    return Person(
        interaction.user.id,
        server,
        manages,
        _has_role(interaction, rules.editors),
        _has_role(interaction, rules.approvers),
        interaction.user.id in ledger.maintainers,
        rules,
    )


def counted(ledger: Ledger, scope: str) -> Collection[int] | None:
    """The people whose consent counts in a scope; None where it is that of whoever may decide at the time."""
    return ledger.maintainers if scope == EVERYWHERE else None


def _has_role(interaction: Interaction, role: int | None) -> bool:
    """discord.py knows the roles of a server's cache alone, and none is cached; the ids come with the interaction."""
    held = getattr(interaction.user, "_roles", None)
    return role is not None and held is not None and bool(held.has(role))


def seen_in(ledger: Ledger, scope: str) -> Snapshot:
    """What readers of a scope see."""
    return ledger.now if scope == EVERYWHERE else ledger.of(int(scope))


def tried(ledger: Ledger, scope: str, changes: Iterable[Change]) -> Facts:
    """What they would see if these changes were approved; many take a while, and any thread may wait for it."""
    trial = Trial(scope, tuple(changes), datetime.now(UTC).isoformat())
    stands = fold([trial], ledger.stands(scope))
    below = beneath(ledger, scope)
    return over(below, stands, f"{below.version}?")


def beneath(ledger: Ledger, scope: str) -> Facts:
    """The same without the scope's own corrections."""
    return ledger.published if scope == EVERYWHERE else ledger.now.facts
