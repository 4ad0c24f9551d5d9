"""Reports in local.db: brought forward from an older file, forgotten with their server or their person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlite_utils import Database

from data.local import LocalStore
from data.migrations import migrations
from data.proposals import Proposals
from data.reports import KEPT, MOST_HERE, MOST_OF_ONE, MUTED, Reports, Slip
from knowledge.asking.problem import Problem
from knowledge.corrections import Change, Value
from knowledge.facts import Cell

HERE, ELSEWHERE, CHANNEL, ANN, BEN, CLEO = "77", "88", 5, 1, 2, 3
SEEN = Value(Decimal("1.61"), "e")
WEEK = timedelta(days=7)


def svn(year: int = 2026) -> Cell:
    return ("2026", "share", "SVN", year)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 3, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reports(tmp_path: Path, clock: Clock) -> Iterator[Reports]:
    local = LocalStore(tmp_path / "local.db")
    yield Reports(local, clock)
    local.close()


def reported(reports: Reports, person: int = ANN, year: int = 2026, scope: str = HERE) -> Slip:
    return reports.report(scope, person, svn(year), SEEN, "it is 2.01", "page 4", CHANNEL, "en")


def rows(reports: Reports, table: str) -> int:
    return int(reports.db.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.mark.parametrize("seen", [SEEN, Value(None), Value(Decimal("-0.5")), Value(Decimal("1391000"))])
def test_a_report_is_kept_as_it_was_made(reports: Reports, seen: Value) -> None:
    found = reports.report(HERE, ANN, svn(), seen, "it is 2.01", "", CHANNEL, "en")
    assert (found.id, found.scope, found.cell, found.seen, found.state, found.version) == (
        1,
        HERE,
        svn(),
        seen,
        "open",
        1,
    )
    assert [(one.words, one.better, one.muted) for one in found.reports] == [("it is 2.01", "", None)]
    assert reports.pending(HERE) == [found]
    assert reports.pending(ELSEWHERE) == []


STEPS = [  # what was done before, who reports what then, and the code of the refusal
    ([], (ANN, 2026), None),
    ([(ANN, 2026)], (ANN, 2026), "reported-already"),
    ([(ANN, 2026)], (BEN, 2026), None),
    ([(ANN, year) for year in range(2026, 2026 - MOST_OF_ONE, -1)], (ANN, 2014), "too-many"),
    ([(100 + n, 2026) for n in range(MOST_HERE)], (ANN, 2025), "too-many"),
]


@pytest.mark.parametrize(("before", "then", "code"), STEPS)
def test_limits(
    reports: Reports, clock: Clock, before: list[tuple[int, int]], then: tuple[int, int], code: str | None
) -> None:
    for person, year in before:
        reported(reports, person, year)
    kept = list(reports.db.iterdump())
    if code is None:
        assert reported(reports, *then).open
        return
    with pytest.raises(Problem, match=code):
        reported(reports, *then)
    assert list(reports.db.iterdump()) == kept  # not even a token for whoever was refused
    clock.now += timedelta(days=1, seconds=1)
    if code == "too-many":
        assert reported(reports, *then).open


def test_three_a_day_are_counted_over_all_servers(reports: Reports) -> None:
    for scope in (HERE, ELSEWHERE, "99"):
        reported(reports, scope=scope)
    with pytest.raises(Problem, match="too-many"):
        reported(reports, scope="111")


def test_who_is_muted_reports_again_after_thirty_days(reports: Reports, clock: Clock) -> None:
    found = reported(reports)
    muted = reports.mute(HERE, found.reports[0].id)
    assert muted.reports[0].muted is not None
    with pytest.raises(Problem, match="not-allowed"):
        reported(reports, year=2025)
    assert reported(reports, year=2025, scope=ELSEWHERE).open  # of one server alone
    clock.now += MUTED + timedelta(seconds=1)
    assert reported(reports, year=2025).open
    with pytest.raises(Problem, match="so-now"):
        reports.mute(ELSEWHERE, found.reports[0].id)


def test_of_two_who_close_at_once_one_does(reports: Reports) -> None:
    found = reported(reports)
    assert reports.close(found.id, found.version, BEN, "that page says 1.61").state == "closed"
    with pytest.raises(Problem, match="so-now"):
        reports.close(found.id, found.version, CLEO, "no source says so")
    assert reports.get(found.id).remark == "that page says 1.61"
    newer = reported(reports)  # the next report is of another slip
    reported(reports, CLEO)
    with pytest.raises(Problem, match="so-now"):
        reports.close(newer.id, newer.version, BEN, "what was not read is not closed")


def test_what_is_corrected_needs_no_decision(reports: Reports) -> None:
    for scope in (HERE, ELSEWHERE):
        reported(reports, scope=scope)
    reported(reports, BEN, 2025)
    proposals, change = Proposals(reports.local), Change(svn(), None, Value(Decimal("2.01"), "e"), SEEN)
    found = proposals.propose(HERE, ANN, "correct", (change,), address="", reason="the act", facts="1")
    assert reports.get(1).open
    proposals.approve(found.id, 1, BEN, {svn(): SEEN})  # in that step: a kill leaves no report of what is corrected
    assert [one.state for one in (reports.get(n) for n in (1, 2, 3))] == ["corrected", "open", "open"]
    assert [one.id for one in reports.settled(HERE, [svn()])] == [1]
    proposals.write(ELSEWHERE, "correct", (change,), {svn(): SEEN}, address="", reason="the act", facts="1")
    assert reports.get(2).state == "corrected"


def test_a_person_is_forgotten(reports: Reports) -> None:
    found = reported(reports)
    reported(reports, BEN)
    reports.close(found.id, 2, CLEO, "that page says 1.61")
    for person in (ANN, CLEO):
        assert Proposals(reports.local).forget_person(person) == 1
    now = reports.get(found.id)
    assert [(one.words, one.better) for one in now.reports] == [("", ""), ("it is 2.01", "page 4")]
    assert now.remark == ""
    assert now.version == 5  # its message follows
    assert [row["person"] for row in reports.db.execute("select person from actor")] == [BEN]


def test_a_server_is_forgotten(reports: Reports, clock: Clock) -> None:
    reports.close(reported(reports).id, 1, BEN, "that page says 1.61")
    reported(reports, scope=ELSEWHERE)
    for after in (timedelta(), WEEK):
        reports.local.forget_absent({int(ELSEWHERE)}, clock.now + after)
    assert {table: rows(reports, table) for table in ("slip", "report", "outbox", "actor", "note")} == {
        "slip": 1, "report": 1, "outbox": 1, "actor": 1, "note": 2,
    }  # fmt: skip
    assert reports.pending(ELSEWHERE)[0].reports[0].words == "it is 2.01"


def test_what_was_decided_long_ago_is_deleted(reports: Reports, clock: Clock) -> None:
    found = reported(reports)
    reports.close(found.id, 1, BEN, "that page says 1.61")
    open_one = reported(reports)
    for after, left in ((KEPT, 2), (timedelta(seconds=1), 1)):
        clock.now += after
        reports.forget_old()
        assert [rows(reports, table) for table in ("slip", "report", "outbox")] == [left] * 3
    assert reports.get(open_one.id) == open_one
    assert rows(reports, "note") == 2


def test_what_was_owed_of_proposals_is_owed_on(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    db = Database(path)
    migrations.apply(db, stop_before="create_reports")
    db.execute("insert into outbox (scope, channel, message, proposal, version, due) values ('77', 5, 6, 9, 2, '2026')")
    db.execute("insert into actor (token, scope, person) values ('t', '77', 1)")
    db.close()
    LocalStore(path).close()
    with closing(sqlite3.connect(path)) as raw:
        row = raw.execute("select scope, channel, message, what, number, version, tries, due from outbox").fetchone()
        assert row == ("77", 5, 6, "proposal", 9, 2, 0, "2026")
        assert raw.execute("select token, muted from actor").fetchall() == [("t", None)]
