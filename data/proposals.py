"""Proposed corrections, from the first word to the log: one outcome each, whoever presses what at the same time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from data.local import NOTES, LocalStore
from data.log import Log, Moved, Revision, changes_as_json, new_token, note_digest, read_changes
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Base, Change, Fold, Key, Stated, backwards, fold
from knowledge.sentences import Sentence, say

OPEN = ("pending", "asked", "stale")
EXPIRES = timedelta(days=14)  # after the last step
MOST_OPEN = {EVERYWHERE: 50}
MOST_OPEN_HERE, MOST_OPEN_OF_ONE, MOST_A_DAY = 25, 5, 10

OPERATOR = "operator"  # in the place of a person's token, where the terminal wrote
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

    `version` grows with every step, so that an old button is noticed. `proposer` and `decider` are tokens of its scope.
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

    @property
    def open(self) -> bool:
        return self.state in OPEN


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

    # -- steps ---------------------------------------------------------------------------------------

    def propose(
        self, scope: str, person: int, kind: str, changes: tuple[Change, ...], *,
        address: str, reason: str, facts: str, undoes: int | None = None,
    ) -> Proposal:  # fmt: skip
        """Keep a proposal; Problem if too many wait."""
        with self.local.writing():
            self._expire()
            token = self._token(scope, person)
            self._within_limits(scope, token)
            now = self._time()
            number = self.db.execute(
                "insert into proposal (scope, state, kind, changes, address, facts, proposer, reason, made, touched, undoes)"
                " values (?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [scope, kind, json.dumps(changes_as_json(changes)), address, facts, token, self._note(reason), now, now,
                 undoes],
            ).lastrowid  # fmt: skip
            return self.get(number or 0)

    def approve(self, number: int, version: int, person: int, base: Base, *, alone: bool = False) -> Proposal:
        """Write it into the log; `base` is what a reader would see of each cell without this scope's corrections.

        It becomes stale if a reader sees something else by now than its proposer did, superseded if that is what was
        proposed. Problem if its proposer approves it, unless one person is enough (`alone`).
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
                return self._step(found, "stale")
            changes = tuple(Change(c.key, layer.get(c.key), c.new, c.seen) for c in found.changes)
            revision = self.log.append(
                Revision(
                    found.scope, self.log.head(found.scope).n + 1, self._time(), found.proposer, token, found.kind,
                    changes, found.address, self._digest_of_reason(number), found.facts, number, found.undoes,
                )
            )  # fmt: skip
            return self._step(found, "applied", decider=token, revision=revision.n)

    def reject(self, number: int, version: int, person: int, why: str) -> Proposal:
        with self.local.writing():
            found = self._at(number, version, OPEN)
            return self._step(found, "rejected", decider=self._token(found.scope, person), remark=self._note(why))

    def ask(self, number: int, version: int, person: int, question: str) -> Proposal:
        """Ask whoever proposed it for more; it waits for the answer."""
        with self.local.writing():
            found = self._at(number, version, ("pending",))
            token = self._token(found.scope, person)
            return self._step(found, "asked", decider=token, question=self._note(question), answer=None)

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
        address: str, reason: str, facts: str, part: bool = False,
    ) -> Proposal:  # fmt: skip
        """Propose to take a revision back, all of it; with `part` what nobody changed since.

        Problem if there is no such revision, or if somebody changed a cell of it since and `part` is not asked for.
        """
        revisions = self.log.of(scope)
        if not 1 <= n <= len(revisions):
            raise Problem("no-such-revision", say("There is no such revision. See /data history."))
        later = {change.key for one in revisions[n:] for change in one.changes}
        untouched = tuple(change for change in revisions[n - 1].changes if change.key not in later)
        if len(untouched) < len(revisions[n - 1].changes) and not (part and untouched):
            raise Problem("changed-since", say("A figure of this revision was changed again since. Undo that first."))
        layer = fold(revisions)
        now = {key: _now(layer, key, base[key]) for key in base}
        changes = backwards(untouched, now)
        return self.propose(scope, person, "undo", changes, address=address, reason=reason, facts=facts, undoes=n)

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
            written = tuple(Change(one.key, layer.get(one.key), one.new, one.seen) for one in changes)
            at, n = self._time(), self.log.head(scope).n + 1
            number = self.db.execute(  # closed already: it is where the reason is kept
                "insert into proposal (scope, state, kind, changes, address, facts, proposer, reason, made, touched, undoes,"
                " decider, revision) values (?, 'applied', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [scope, kind, json.dumps(changes_as_json(written)), address, facts, OPERATOR, self._note(reason), at, at,
                 undoes, OPERATOR, n],
            ).lastrowid  # fmt: skip
            note = self._digest_of_reason(number or 0)
            return self.log.append(
                Revision(scope, n, at, OPERATOR, OPERATOR, kind, written, address, note, facts, number, undoes)
            )

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
        """Take back what they still propose, delete their words, and forget whom their tokens stand for; how many.

        The log stays whole: it holds tokens, and digests of reasons.
        """
        with self.local.writing():
            tokens = [row["token"] for row in self.db.execute("select token from actor where person = ?", [person])]
            for token in tokens:
                self.db.execute(
                    f"update proposal set state = 'withdrawn', version = version + 1 where proposer = ? and state in ({_marks(OPEN)})",
                    [token, *OPEN],
                )
                own = "select reason from proposal where proposer = ? union select answer from proposal where proposer = ?"
                decided = "select remark from proposal where decider = ? union select question from proposal where decider = ?"
                self.db.execute(f"update note set text = '' where id in ({own} union {decided})", [token] * 4)
            self.db.execute("delete from actor where person = ?", [person])
        return len(tokens)

    # -- within a transaction ------------------------------------------------------------------------

    def _time(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="seconds")

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
        """To another state, if nobody was faster."""
        given = {"state": state, "touched": self._time(), **columns}
        sets = ", ".join(f"{name} = ?" for name in given)
        row = self.db.execute(
            f"update proposal set {sets}, version = version + 1 where id = ? and version = ? returning *",
            [*given.values(), found.id, found.version],
        ).fetchone()
        return self._read(row)

    def _token(self, scope: str, person: int) -> str:
        self.db.execute(
            "insert into actor (token, scope, person) values (?, ?, ?) on conflict (scope, person) do nothing",
            [new_token(), scope, person],
        )
        token = self.token(scope, person)
        assert token is not None
        return token

    def _note(self, text: str) -> int:
        return self.db.execute("insert into note (salt, text) values (?, ?)", [new_token(), text]).lastrowid or 0

    def _text(self, note: int | None) -> str:
        row = self.db.execute("select text from note where id = ?", [note]).fetchone()
        return "" if row is None else str(row["text"])

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
            " count(*) filter (where made > ? and proposer = ?) as today from proposal where scope = ?",
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
        texts = {name: self._text(found[name]) for name in NOTES}
        return Proposal(**{**found, **texts, "changes": read_changes(json.loads(found["changes"]))})


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
