"""Proposed corrections, from the first word to the log: one outcome each, whoever presses what at the same time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from msgspec import Struct

from data import erased
from data.local import NOTES, LocalStore
from data.log import Log, Moved, Revision, changes_as_json, note_digest, read_changes
from data.owed import Place, owe
from data.people import forget_words, text_of, token_of, written
from data.reports import Reports
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Base, Change, Fold, Key, Stated, backwards, fold
from knowledge.sentences import Sentence, say

OPEN = ("pending", "asked", "stale")
EXPIRES = timedelta(days=14)  # after the last step
REMINDS = timedelta(days=7)  # after the last step, once
MOST_OPEN = {EVERYWHERE: 50}
MOST_OPEN_HERE, MOST_OPEN_OF_ONE, MOST_A_DAY = 25, 5, 10

OPERATOR = "operator"  # in the place of a person's token, where the terminal wrote
SYSTEM = "system"  # in the place of a person's token, where new figures changed something

NOT_YOURS = say("Another person has to approve this: you proposed it.")
_SO_NOW: Mapping[str, Sentence] = {
    "pending": say("This changed since the message was made. Look at it again with /data pending."),
    "asked": say("Something was asked about this; whoever proposed it answers first. See /data pending."),
    "stale": say("The figure changed since this was proposed. Look at it again with /data pending."),
    "applied": say("This is approved already, as revision {revision}."),
    "rejected": say("This was rejected already."),
    "withdrawn": say("Whoever proposed this took it back."),
    "expired": say("Nobody decided on this within two weeks, so it has lapsed. Propose it again."),
    "superseded": say("The figure is as proposed already, so there is nothing left to do."),
    "gone": say("There is no such change. See /data pending."),
}


class Proposal(Struct, frozen=True):
    """One proposed change. Open it is pending, asked or stale; closed applied, rejected, withdrawn, expired, superseded.

    `version` grows with every step, so that an old button is noticed. `proposer`, `decider`, `asker` (of the
    question) and `seconded` (the first of two who approve) are tokens of its scope.
    `kind` is that of a revision; one to keep was set aside by new figures and goes back by the same rules.
    """

    id: int
    scope: str
    state: str
    version: int
    kind: str
    changes: tuple[Change, ...]
    address: str
    facts: str
    proposer: str
    reason: str
    question: str
    answer: str
    decider: str | None
    remark: str
    made: str
    touched: str
    revision: int | None
    undoes: int | None
    asker: str | None = None
    seconded: str | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN


class Apart(NamedTuple):
    """The changes of a revision that nobody changed since, and the others with the last revision that did."""

    untouched: tuple[Change, ...]
    later: tuple[tuple[Change, int], ...]


class Held(Struct, frozen=True):
    """What is kept of one person in one scope, as it is handed to them: words of theirs, no words of others.

    `revisions` are the numbers of those in the log that carry their token; `closed` are reports of others that they
    decided on, and `muted` until when theirs are not taken.
    """

    scope: str
    token: str
    proposed: list[dict[str, object]]
    decided: list[dict[str, object]]
    revisions: list[int]
    reported: list[dict[str, object]]
    closed: list[dict[str, object]]
    muted: str | None


class Proposals:
    """Over the local store. Every step is one transaction; who may take it is asked before, by the bot."""

    def __init__(self, local: LocalStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.local, self.db, self.log, self._now = local, local.db, Log(local.db), now

    # -- reading -------------------------------------------------------------------------------------

    def get(self, number: int) -> Proposal:
        """Problem if there is none."""
        row = self.db.execute("select * from proposal where id = ?", [number]).fetchone()
        if row is None:
            raise _so_now("gone")
        return self._read(row)

    def pending(self, scope: str) -> list[Proposal]:
        """What waits for somebody in a scope, oldest first; what nobody decided on has lapsed."""
        self.expire()
        rows = self.db.execute(
            f"select * from proposal where scope = ? and state in ({_marks(OPEN)}) order by id", [scope, *OPEN]
        ).fetchall()
        return [self._read(row) for row in rows]

    def token(self, scope: str, person: int) -> str | None:
        """A person's name in a scope's log, if they ever did something there."""
        row = self.db.execute("select token from actor where scope = ? and person = ?", [scope, person]).fetchone()
        return None if row is None else str(row["token"])

    def person(self, token: str | None) -> int | None:
        """Whom a token stands for; None where they were forgotten."""
        row = self.db.execute("select person from actor where token = ?", [token]).fetchone()
        return None if row is None else int(row["person"])

    def held_of(self, person: int) -> tuple[Held, ...]:
        """What is kept of a person, in every scope."""
        actors = self.db.execute("select scope, token from actor where person = ? order by scope", [person]).fetchall()
        return tuple(self._held(row["scope"], row["token"]) for row in actors)

    def _held(self, scope: str, token: str) -> Held:
        rows = self.db.execute("select * from proposal where scope = ? order by id", [scope]).fetchall()
        found = [self._read(row) for row in rows]
        proposed: list[dict[str, object]] = [
            {
                "number": one.id, "state": one.state, "kind": one.kind, "undoes": one.undoes, "revision": one.revision,
                "made": one.made, "touched": one.touched, "changes": changes_as_json(one.changes),
                "address": one.address, "reason": one.reason, "answer": one.answer,
            }
            for one in found if one.proposer == token
        ]  # fmt: skip
        decided: list[dict[str, object]] = [
            {
                "number": one.id, "state": one.state, "revision": one.revision, "touched": one.touched,
                "question": one.question if one.asker == token else "",
                "remark": one.remark if one.decider == token else "",
            }
            for one in found if token in (one.decider, one.asker, one.seconded)
        ]  # fmt: skip
        revisions = [one.n for one in self.log.of(scope) if token in (one.by, one.approved)]
        return Held(scope, token, proposed, decided, revisions, *Reports(self.local).held_of(token))

    # -- steps ---------------------------------------------------------------------------------------

    def propose(
        self, scope: str, person: int, kind: str, changes: tuple[Change, ...], *,
        address: str, reason: str, facts: str, undoes: int | None = None, place: Place | None = None,
    ) -> Proposal:  # fmt: skip
        """Keep a proposal and owe its message to a channel, if there is one; Problem if too many wait."""
        with self.local.writing():
            self._expire()
            token = self._token(scope, person)
            self._within_limits(scope, token)
            note = self._note(reason)
            number = self._insert(scope, kind, changes, address, facts, token, note, undoes=undoes)
            if place is not None:
                now, remind = self._time(), self._time(REMINDS)
                owe(self.db, scope, place.channel, "proposal", number, place.language, now, remind)
            return self.get(number)

    def approve(
        self,
        number: int,
        version: int,
        person: int,
        base: Base,
        *,
        alone: bool = False,
        counting: Collection[int] | None = None,
    ) -> Proposal:
        """Write it into the log; `base` is what a reader would see of each cell without this scope's corrections.

        It becomes stale if a reader sees something else by now than its proposer did, superseded if that is what was
        proposed. Problem if its proposer approves it, unless one person is enough (`alone`). With `counting`, the people
        whose consent counts: if the proposer is none of them by now, a first approval is noted and a second one needed.
        """
        with self.local.writing():
            found = self._at(number, version, ("pending",))
            token = self._token(found.scope, person)
            if found.proposer == token and not alone:
                raise Problem("own-proposal", NOT_YOURS)
            layer = fold(self.log.of(found.scope))
            now = {key: _now(layer, key, base[key]) for key in base}
            if all(_is_so(one, layer.get(one.key), now[one.key]) for one in found.changes):
                return self._step(found, "superseded", decider=token)
            if any(now[one.key] != one.seen for one in found.changes):
                return self._step(found, "stale", seconded=None)
            if counting is not None and not self._is_backed(found, token, counting):
                return self._step(found, "pending", seconded=token)
            changes = tuple(Change(c.key, layer.get(c.key), c.new, c.seen) for c in found.changes)
            revision = self.log.append(
                Revision(
                    found.scope, self.log.head(found.scope).n + 1, self._time(), found.proposer, token, found.kind,
                    changes, found.address, self._digest_of_reason(number), found.facts, number, found.undoes,
                )
            )  # fmt: skip
            Reports(self.local, self._now).settle(found.scope, changes)
            return self._step(found, "applied", decider=token, revision=revision.n)

    def _is_backed(self, found: Proposal, token: str, counting: Collection[int]) -> bool:
        """Whether another person than who approves it now stands behind it; Problem if that one has done all they can."""
        others = [one for one in (found.proposer, found.seconded) if one not in (None, token)]
        if any(self.person(one) in counting for one in others):
            return True
        if found.seconded == token:
            raise Problem("own-proposal", say("You approved this already; another maintainer has to approve it too."))
        return False

    def reject(self, number: int, version: int, person: int, why: str) -> Proposal:
        with self.local.writing():
            found = self._at(number, version, OPEN)
            return self._step(found, "rejected", decider=self._token(found.scope, person), remark=self._note(why))

    def ask(self, number: int, version: int, person: int, question: str) -> Proposal:
        """Ask whoever proposed it for more; it waits for the answer."""
        with self.local.writing():
            found = self._at(number, version, ("pending",))
            token = self._token(found.scope, person)
            return self._step(found, "asked", decider=token, asker=token, question=self._note(question), answer=None)

    def answer(self, number: int, version: int, person: int, text: str) -> Proposal:
        with self.local.writing():
            found = self._at(number, version, ("asked",))
            self._only_its_proposer(found, person)
            return self._step(found, "pending", answer=self._note(text))

    def withdraw(self, number: int, version: int, person: int) -> Proposal:
        with self.local.writing():
            found = self._at(number, version, OPEN)
            self._only_its_proposer(found, person)
            return self._step(found, "withdrawn")

    def renew(self, number: int, version: int, base: Base) -> Proposal:
        """Propose a stale one again from what a reader sees now; superseded if that is what was proposed."""
        with self.local.writing():
            found = self._at(number, version, ("stale",))
            layer = fold(self.log.of(found.scope))
            now = {key: _now(layer, key, base[key]) for key in base}
            changes = tuple(Change(c.key, layer.get(c.key), c.new, now[c.key]) for c in found.changes)
            if all(_is_so(one, one.old, one.seen) for one in changes):
                return self._step(found, "superseded")
            return self._step(found, "pending", changes=json.dumps(changes_as_json(changes)))

    def undo(
        self, scope: str, n: int, person: int, base: Base, *,
        address: str, reason: str, facts: str, part: int | None = None, place: Place | None = None,
    ) -> Proposal:  # fmt: skip
        """Propose to take a revision back, all of it; with `part` the so many figures that nobody changed since.

        Problem if there is no such revision, if somebody changed another cell of it since than is known, or if nothing
        would change.
        """
        revisions = self.log.of(scope)
        untouched, later = _apart(revisions, n)
        if len(untouched) != (part if part is not None else len(untouched) + len(later)) or not untouched:
            raise Problem("changed-since", say("A figure of this revision was changed again since. Undo that first."))
        layer = fold(revisions)
        now = {key: _now(layer, key, base[key]) for key in base}
        changes = backwards(untouched, now)
        if all(_is_so(one, one.old, one.seen) for one in changes):
            raise _so_now("superseded")
        return self.propose(
            scope, person, "undo", changes, address=address, reason=reason, facts=facts, undoes=n, place=place
        )

    def apart(self, scope: str, n: int) -> Apart:
        """The changes of a revision, apart by whether a later one changed the same again; Problem if there is none."""
        return _apart(self.log.of(scope), n)

    def seen(self, scope: str, base: Base) -> dict[Any, Stated | None]:
        """What a reader of a scope sees of these; `base` is that without the scope's own revisions."""
        layer = fold(self.log.of(scope))
        return {key: _now(layer, key, base[key]) for key in base}

    def waiting(self, scope: str) -> tuple[int, str | None]:
        """How many wait for a decision and since when the oldest does; read without a step of any."""
        row = self.db.execute(
            f"select count(*), min(made) from proposal where scope = ? and state in ({_marks(OPEN)}) and touched >= ?",
            [scope, *OPEN, self._expired()],
        ).fetchone()
        return int(row[0]), row[1]

    def write(
        self, scope: str, kind: str, changes: tuple[Change, ...], base: Base, *,
        address: str, reason: str, facts: str, undoes: int | None = None,
    ) -> Revision:  # fmt: skip
        """Write the operator's own changes into the log, in one step and with nobody else's consent.

        Moved, and nothing is kept, if a reader sees something else by now than the changes say.
        """
        with self.local.writing():
            layer = fold(self.log.of(scope))
            if any(_now(layer, one.key, base[one.key]) != one.seen for one in changes):
                raise Moved
            made = tuple(Change(one.key, layer.get(one.key), one.new, one.seen) for one in changes)
            # A proposal that is closed already is where the reason is kept.
            number = self._insert(scope, kind, made, address, facts, OPERATOR, self._note(reason), undoes=undoes)
            revision = self.log.append(
                Revision(
                    scope, self.log.head(scope).n + 1, self._time(), OPERATOR, OPERATOR, kind, made, address,
                    self._digest_of_reason(number), facts, number, undoes,
                )
            )  # fmt: skip
            if kind == "correct":
                Reports(self.local, self._now).settle(scope, made)
            self._step(self.get(number), "applied", decider=OPERATOR, revision=revision.n)
            return revision

    def reasons(self, scope: str) -> dict[int, str]:
        """Why each revision of a scope was made, by its number; "" where the words were deleted."""
        rows = self.db.execute(
            "select p.revision, n.text from proposal p join note n on n.id = p.reason"
            " where p.scope = ? and p.revision is not null",
            [scope],
        )
        return {int(row["revision"]): str(row["text"]) for row in rows}

    def expire(self) -> None:
        """Let lapse what nobody decided on in time, however long the bot was away."""
        with self.local.writing():
            self._expire()

    def forget_person(self, person: int) -> int:
        """Take back what they propose, delete their words, and forget whom their tokens stand for; how many.

        What was approved once and is set aside still waits. The log stays whole: it holds tokens, and digests of reasons.
        """
        with self.local.writing():
            tokens = [row["token"] for row in self.db.execute("select token from actor where person = ?", [person])]
            erased.note_people(self.local.path, tokens)
            for token in tokens:
                self.db.execute(
                    "update proposal set state = 'withdrawn' where proposer = ? and kind <> 'keep'"
                    f" and state in ({_marks(OPEN)})",
                    [token, *OPEN],
                )
                forget_words(self.db, token)
                self.db.execute(  # what was posted of it is drawn again, without the words
                    "update proposal set version = version + 1 where ? in (proposer, decider, asker, seconded)", [token]
                )
            self.db.execute("delete from actor where person = ?", [person])
        return len(tokens)

    # -- within a transaction ------------------------------------------------------------------------

    def take_back(self, scope: str, changes: tuple[Change, ...], facts: str) -> int:
        """Append a revision of the system's, as new figures bring it about; its proposal, closed already."""
        number = self._insert(scope, "upgrade", changes, "", facts, SYSTEM, None)
        revision = self.log.append(
            Revision(
                scope, self.log.head(scope).n + 1, self._time(), SYSTEM, None, "upgrade", changes, "", "", facts, number
            )
        )
        return self._step(self.get(number), "applied", revision=revision.n).id

    def set_aside(self, of: Revision, changes: tuple[Change, ...], facts: str) -> int:
        """Put up again what a revision made and new figures took back: by the same person, for the same reason.

        No limit holds for it, and it counts towards none.
        """
        row = self.db.execute("select reason from proposal where id = ?", [of.of]).fetchone()
        reason = None if row is None else row["reason"]
        return self._insert(of.scope, "keep", changes, of.address, facts, of.by, reason)

    def _insert(
        self, scope: str, kind: str, changes: tuple[Change, ...], address: str, facts: str, token: str,
        reason: int | None, *, undoes: int | None = None,
    ) -> int:  # fmt: skip
        now = self._time()
        number = self.db.execute(
            "insert into proposal (scope, state, kind, changes, address, facts, proposer, reason, made, touched, undoes)"
            " values (?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [scope, kind, json.dumps(changes_as_json(changes)), address, facts, token, reason, now, now, undoes],
        ).lastrowid
        return number or 0

    def _time(self, later: timedelta = timedelta()) -> str:
        return (self._now().astimezone(UTC) + later).isoformat(timespec="seconds")

    def _expired(self) -> str:
        """What nobody touched since then has lapsed."""
        return (self._now().astimezone(UTC) - EXPIRES).isoformat(timespec="seconds")

    def _expire(self) -> None:
        self.db.execute(
            f"update proposal set state = 'expired', version = version + 1 where state in ({_marks(OPEN)}) and touched < ?",
            [*OPEN, self._expired()],
        )

    def _at(self, number: int, version: int, states: tuple[str, ...]) -> Proposal:
        """The proposal as it was seen by whoever pressed; Problem, saying how it is now, if it went on since."""
        self._expire()
        found = self.get(number)
        if found.state not in states or found.version != version:
            raise _so_now(found.state, found.revision)
        return found

    def _step(self, found: Proposal, state: str, **columns: object) -> Proposal:
        """To another state, if nobody was faster. What a new text takes the place of is deleted."""
        for name in columns.keys() & NOTES["proposal"].keys():
            self.db.execute(f"delete from note where id = (select {name} from proposal where id = ?)", [found.id])
        given = {"state": state, "touched": self._time(), **columns}
        sets = ", ".join(f"{name} = ?" for name in given)
        row = self.db.execute(
            f"update proposal set {sets}, version = version + 1 where id = ? and version = ? returning *",
            [*given.values(), found.id, found.version],
        ).fetchone()
        return self._read(row)

    def _token(self, scope: str, person: int) -> str:
        return token_of(self.db, scope, person)

    def _note(self, text: str) -> int:
        return written(self.db, text)

    def _text(self, note: int | None) -> str:
        return text_of(self.db, note)

    def _digest_of_reason(self, number: int) -> str:
        row = self.db.execute(
            "select salt, text from note where id = (select reason from proposal where id = ?)", [number]
        ).fetchone()
        return "" if row is None else note_digest(row["salt"], row["text"])

    def _only_its_proposer(self, found: Proposal, person: int) -> None:
        if self.token(found.scope, person) != found.proposer:
            raise Problem("not-yours", say("Only whoever proposed this can do that."))

    def _within_limits(self, scope: str, token: str) -> None:
        day = (self._now().astimezone(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
        counts = self.db.execute(
            f"select count(*) filter (where state in ({_marks(OPEN)})) as here,"
            f" count(*) filter (where state in ({_marks(OPEN)}) and proposer = ?) as own,"
            " count(*) filter (where made > ? and proposer = ?) as today from proposal where scope = ? and kind <> 'keep'",
            [*OPEN, *OPEN, token, day, token, scope],
        ).fetchone()
        if counts["own"] >= MOST_OPEN_OF_ONE:
            raise Problem("too-many", say("Five of your changes wait for a decision already. Withdraw one, or wait."))
        if counts["here"] >= MOST_OPEN.get(scope, MOST_OPEN_HERE):
            raise Problem("too-many", say("Too many changes wait here already. Decide on some first: /data pending."))
        if counts["today"] >= MOST_A_DAY:
            raise Problem("too-many", say("You have proposed ten changes within a day. Go on tomorrow."))

    def _read(self, row: sqlite3.Row) -> Proposal:
        found = dict(row)
        texts = {name: self._text(found[name]) for name in NOTES["proposal"]}
        return Proposal(**{**found, **texts, "changes": read_changes(json.loads(found["changes"]))})


def _apart(revisions: Sequence[Revision], n: int) -> Apart:
    if not 1 <= n <= len(revisions):
        raise Problem("no-such-revision", say("There is no such revision. See /data history."))
    last = {change.key: one.n for one in revisions[n:] for change in one.changes}
    changes = revisions[n - 1].changes
    later = tuple((change, last[change.key]) for change in changes if change.key in last)
    return Apart(tuple(change for change in changes if change.key not in last), later)


def _now(layer: Fold, key: Key, base: Stated | None) -> Stated | None:
    """What a reader of the scope sees."""
    found = layer.get(key)
    return base if found is None else found


def _is_so(change: Change, layer: Stated | None, seen: Stated | None) -> bool:
    """Whether a change would change nothing: a value that is there, or a correction that is gone."""
    return layer is None if change.new is None else seen == change.new


def _so_now(state: str, revision: int | None = None) -> Problem:
    return Problem("so-now", _SO_NOW[state].filled(revision=str(revision)))


def _marks(states: tuple[str, ...]) -> str:
    return ", ".join("?" * len(states))
