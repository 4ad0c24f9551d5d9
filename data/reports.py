"""Figures that readers say are wrong: of each cell one slip, which gathers the reports of all, until somebody decides."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from data.local import LocalStore
from data.owed import owe
from data.people import text_of, token_of, written
from knowledge.asking.problem import Problem
from knowledge.corrections import Change, Value, as_text, key_of
from knowledge.dates import PartialDate
from knowledge.facts import Cell
from knowledge.sentences import say

MOST_OF_ONE, MOST_HERE = 3, 20  # reports of a person, wherever, and of a server, within a day
MUTED = timedelta(days=30)
KEPT = timedelta(days=180)  # after somebody decided


class Report(Struct, frozen=True):
    """What one reader wrote of a slip; `better` is where the figure stands better, "" where they did not say.

    `reporter` is a token of the scope; `muted` until when its person reports nothing more, if they may not.
    """

    id: int
    reporter: str
    words: str
    better: str
    muted: PartialDate | None


class Slip(Struct, frozen=True):
    """A cell that somebody says is wrong, as it was `seen` by the first. Open, closed, or corrected.

    `version` grows with every report and every step, so that an old button is noticed and its message follows.
    """

    id: int
    scope: str
    cell: Cell
    seen: Value
    state: str
    version: int
    remark: str
    made: str
    reports: tuple[Report, ...]

    @property
    def open(self) -> bool:
        return self.state == "open"


class Reports:
    """Over the local store. Every step is one transaction; who may decide is asked before, by the bot."""

    def __init__(self, local: LocalStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.local, self.db, self._now = local, local.db, now

    # -- reading -------------------------------------------------------------------------------------

    def get(self, number: int) -> Slip:
        """Problem if there is none."""
        row = self.db.execute("select * from slip where id = ?", [number]).fetchone()
        if row is None:
            raise _gone()
        return self._read(row)

    def pending(self, scope: str) -> list[Slip]:
        """What waits for somebody in a scope, oldest first."""
        rows = self.db.execute("select * from slip where scope = ? and state = 'open' order by id", [scope])
        return [self._read(row) for row in rows.fetchall()]

    def may_report(self, scope: str, person: int, cell: Cell) -> None:
        """Problem, with why, if a person may not report this cell now."""
        day = self._time(-timedelta(days=1))
        row = self.db.execute("select token, muted from actor where scope = ? and person = ?", [scope, person])
        token, muted = row.fetchone() or (None, None)
        if muted is not None and muted > self._time():
            told = say("Those who manage this server take no reports from you until {day}.")
            raise Problem("not-allowed", told.filled(day=PartialDate(muted[:10])))
        own = (
            "select count(*) from report r join slip s on s.id = r.slip"
            " where s.state = 'open' and s.scope = ? and s.key = ? and r.reporter = ?"
        )
        if self._count(own, scope, as_text(cell), token):
            raise Problem(
                "reported-already", say("You have reported this figure already. The moderators decide on it.")
            )
        today = "select count(*) from report where made > ? and reporter in (select token from actor where person = ?)"
        if self._count(today, day, person) >= MOST_OF_ONE:
            raise Problem("too-many", say("You have reported three figures within a day. Go on tomorrow."))
        if self._count("select count(*) from report where made > ? and scope = ?", day, scope) >= MOST_HERE:
            raise Problem("too-many", say("This server has had twenty reports within a day. Go on tomorrow."))

    def settled(self, scope: str, cells: Iterable[Cell]) -> list[Slip]:
        """Those of these cells that are corrected, though their message does not say so yet."""
        rows = self.db.execute(
            "select s.* from slip s join outbox o on o.what = 'slip' and o.number = s.id"
            " where s.scope = ? and s.state = 'corrected' and s.version <> o.version order by s.id",
            [scope],
        ).fetchall()
        keys = {as_text(cell) for cell in cells}
        return [self._read(row) for row in rows if row["key"] in keys]

    def held_of(self, token: str) -> tuple[list[dict[str, object]], list[dict[str, object]], str | None]:
        """What a person reported, which slips they decided on, and until when they report nothing more."""
        reported: list[dict[str, object]] = [
            {
                "number": row["id"], "figure": row["key"], "state": row["state"], "made": row["made"],
                "words": text_of(self.db, row["words"]), "better": text_of(self.db, row["better"]),
            }
            for row in self.db.execute(
                "select r.*, s.key, s.state from report r join slip s on s.id = r.slip where r.reporter = ? order by r.id",
                [token],
            ).fetchall()
        ]  # fmt: skip
        closed: list[dict[str, object]] = [
            {"number": row["id"], "figure": row["key"], "state": row["state"], "touched": row["touched"],
             "remark": text_of(self.db, row["remark"])}
            for row in self.db.execute("select * from slip where decider = ? order by id", [token]).fetchall()
        ]  # fmt: skip
        muted = self.db.execute("select muted from actor where token = ?", [token]).fetchone()
        return reported, closed, None if muted is None else muted["muted"]

    # -- steps ---------------------------------------------------------------------------------------

    def report(
        self, scope: str, person: int, cell: Cell, seen: Value, words: str, better: str, channel: int, language: str
    ) -> Slip:
        """Keep a report, with those of others of the same cell, and owe it to a channel; Problem if there are too many."""
        with self.local.writing():
            self.may_report(scope, person, cell)
            now, key = self._time(), as_text(cell)
            self.db.execute(
                "insert into slip (scope, key, seen, state, version, made, touched) values (?, ?, ?, 'open', 0, ?, ?)"
                " on conflict (scope, key) where state = 'open' do nothing",
                [scope, key, _printed(seen), now, now],
            )
            row = self.db.execute(
                "update slip set version = version + 1, touched = ?"
                " where scope = ? and key = ? and state = 'open' returning *",
                [now, scope, key],
            ).fetchone()
            self.db.execute(
                "insert into report (scope, slip, reporter, words, better, made) values (?, ?, ?, ?, ?, ?)",
                [scope, row["id"], token_of(self.db, scope, person), written(self.db, words),
                 written(self.db, better) if better else None, now],
            )  # fmt: skip
            owe(self.db, scope, channel, "slip", row["id"], language, now)
            return self._read(row)

    def close(self, number: int, version: int, person: int, why: str) -> Slip:
        """Nothing is to be corrected; Problem if it went on since it was seen."""
        with self.local.writing():
            found = self.get(number)
            if found.version != version or not found.open:
                raise _gone()
            return self._decided(
                found, "closed", decider=token_of(self.db, found.scope, person), remark=written(self.db, why)
            )

    def mute(self, scope: str, report: int) -> Slip:
        """Take no more reports from whoever made one, for thirty days, or take them again if they were muted."""
        with self.local.writing():
            row = self.db.execute("select * from report where scope = ? and id = ?", [scope, report]).fetchone()
            if row is None:
                raise _gone()
            until = "case when muted > ? then null else ? end"
            self.db.execute(
                f"update actor set muted = {until} where token = ?", [self._time(), self._time(MUTED), row["reporter"]]
            )
            return self.get(row["slip"])

    def forget_old(self) -> None:
        """Delete what was decided half a year ago, with what was written of it."""
        with self.local.writing():
            old = "select id from slip where state <> 'open' and touched < ?"
            since = [self._time(-KEPT)]
            for notes in ("select words from report where slip", "select better from report where slip",
                          "select remark from slip where id"):  # fmt: skip
                self.db.execute(f"delete from note where id in ({notes} in ({old}))", since)
            self.db.execute(f"delete from report where slip in ({old})", since)
            self.db.execute(f"delete from outbox where what = 'slip' and number in ({old})", since)
            self.db.execute(f"delete from slip where id in ({old})", since)

    # -- within a transaction ------------------------------------------------------------------------

    def settle(self, scope: str, changes: Iterable[Change]) -> None:
        """What waits of the cells of these changes is corrected by now; a part of the step that corrects them."""
        keys = {as_text(one.key) for one in changes}
        for found in self.pending(scope):
            if as_text(found.cell) in keys:
                self._decided(found, "corrected")

    def _time(self, later: timedelta = timedelta()) -> str:
        return (self._now().astimezone(UTC) + later).isoformat(timespec="seconds")

    def _count(self, query: str, *values: object) -> int:
        return int(self.db.execute(query, values).fetchone()[0])

    def _decided(self, found: Slip, state: str, **columns: object) -> Slip:
        given = {"state": state, "touched": self._time(), **columns}
        sets = ", ".join(f"{name} = ?" for name in given)
        row = self.db.execute(
            f"update slip set {sets}, version = version + 1 where id = ? returning *", [*given.values(), found.id]
        ).fetchone()
        return self._read(row)

    def _read(self, row: sqlite3.Row) -> Slip:
        cell = key_of(row["key"])
        assert len(cell) == 4  # only figures are reported
        reports = self.db.execute(
            "select r.*, a.muted from report r left join actor a on a.token = r.reporter where r.slip = ? order by r.id",
            [row["id"]],
        )
        return Slip(
            row["id"], row["scope"], cell, _read_printed(row["seen"]), row["state"], row["version"],
            text_of(self.db, row["remark"]), row["made"], tuple(map(self._report, reports.fetchall())),
        )  # fmt: skip

    def _report(self, row: sqlite3.Row) -> Report:
        muted = PartialDate(row["muted"][:10]) if row["muted"] and row["muted"] > self._time() else None
        return Report(
            row["id"], row["reporter"], text_of(self.db, row["words"]), text_of(self.db, row["better"]), muted
        )


def _printed(value: Value) -> str:
    """As a table prints it: 1.61e, or blank."""
    return "blank" if value.number is None else f"{value.number:f}{value.mark}"


def _read_printed(text: str) -> Value:
    number = text.removesuffix("e")
    return Value(None) if text == "blank" else Value(Decimal(number), text[len(number) :])


def _gone() -> Problem:
    return Problem("so-now", say("This changed since the message was made. Look at it again with /data pending."))
