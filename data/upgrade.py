"""Old corrections under newly published figures: which the figures make needless, and about which somebody is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from data.local import LocalStore
from data.log import Revision
from data.owed import owe
from data.proposals import REMINDS, Proposals
from data.servers import moderation_of
from knowledge.corrections import EVERYWHERE, Change, Entry, Fold, Met, Outcome, met
from knowledge.facts import Facts

LAST = "facts"  # key of the version of the published figures that the corrections have met


def upgrade(
    local: LocalStore, published: Facts, now: Callable[[], datetime] = lambda: datetime.now(UTC), *, again: bool = False
) -> Counter[Outcome]:
    """Hold every live correction against figures that were not published before; how many they took back.

    One transaction: all of it or nothing, and once for each version. What is retired, set aside or gone is taken back by
    a revision of the system's; what is set aside becomes a proposal to keep it, and the server's channel is owed word.
    With `again` those that have met these figures are looked at once more.
    """
    told = Counter[Outcome]()
    if (local.get(LAST) == published.version and not again) or not Proposals(local).log.position():
        return told
    with local.writing():
        proposals = Proposals(local, now)
        revisions = proposals.log.since(0)
        by_number = {(one.scope, one.n): one for one in revisions}
        due, remind = (
            (now().astimezone(UTC) + later).isoformat(timespec="seconds") for later in (timedelta(), REMINDS)
        )
        for scope, found in met(published, revisions, partial(_lost, published)).items():
            told.update(one.outcome for one in found)
            posts = _taken_back(proposals, scope, found, by_number, published.version)
            if (channel := _channel_of(local, scope)) is not None:
                language = _language_of(local, scope)
                for number in posts:
                    owe(local.db, scope, channel, "proposal", number, language, due, remind)
        local.keep(LAST, published.version)
    return told


def _taken_back(
    proposals: Proposals, scope: str, found: list[Met], revisions: dict[tuple[str, int], Revision], version: str
) -> list[int]:
    """The proposals that a scope's channel is told of: one of all that went, one for each revision to keep or drop."""
    posts = list[int]()
    for outcome in (Outcome.RETIRED, Outcome.GONE, Outcome.SET_ASIDE):
        if changes := tuple(one.change for one in found if one.outcome is outcome):
            done = proposals.take_back(scope, changes, version)
            if outcome is not Outcome.SET_ASIDE:
                posts.append(done)
    aside: dict[int, list[Change]] = {}
    for one in found:
        if one.outcome is Outcome.SET_ASIDE:
            back = Change(one.change.key, None, one.change.old, one.change.seen)
            aside.setdefault(one.revision, []).append(back)
    return posts + [proposals.set_aside(revisions[scope, n], tuple(aside[n]), version) for n in sorted(aside)]


def _lost(published: Facts, own: Fold, below: Fold) -> Mapping[Entry, Outcome]:
    from data.entered import lost  # the models of the seed tables take long to make, and few enter rows

    return lost(published, own, below)


def _language_of(local: LocalStore, scope: str) -> str:
    """That of the last post there, since nobody asks now from whom Discord would tell it."""
    row = local.db.execute("select language from outbox where scope = ? order by id desc limit 1", [scope]).fetchone()
    return "en" if row is None else str(row["language"])


def _channel_of(local: LocalStore, scope: str) -> int | None:
    """Where a server's proposals wait, if anywhere; for every server there is no such channel."""
    return None if scope == EVERYWHERE else moderation_of(local, int(scope)).channel
