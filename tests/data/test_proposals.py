"""Proposals and the log: one outcome each, the store is the fold of the log, nothing acknowledged is lost."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from data.local import LocalStore
from data.log import FIRST, Broken, Head, Moved
from data.proposals import EXPIRES, MOST_OPEN_OF_ONE, Proposal, Proposals
from knowledge.asking.problem import Problem
from knowledge.corrections import Change, Key, Stated, Value, fold, value_of
from knowledge.facts import Cell
from tests.conftest import few_or_many

ROOT = Path(__file__).parents[2]
HERE, ANN, BEN, CLEO = "77", 1, 2, 3
SVN: Cell = ("2026", "share", "SVN", 2026)
ESP: Cell = ("2026", "share", "ESP", 2026)
BASE: dict[Cell, Value | None] = {SVN: Value(Decimal("1.61"), "e"), ESP: Value(Decimal("2.00"), "e")}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 3, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proposals(tmp_path: Path, clock: Clock) -> Iterator[Proposals]:
    local = LocalStore(tmp_path / "local.db")
    yield Proposals(local, clock)
    local.close()


def seen(proposals: Proposals, cell: Cell, scope: str = HERE) -> Value | None:
    found = fold(proposals.log.of(scope)).get(cell)
    return found if isinstance(found, Value) else BASE[cell]


def cell_in(change: Change) -> Cell:
    assert len(change.key) == 4
    return change.key


def proposed(proposals: Proposals, number: str, person: int = ANN, cell: Cell = SVN, scope: str = HERE) -> Proposal:
    layer = fold(proposals.log.of(scope))
    change = Change(cell, layer.get(cell), Value(Decimal(number), "e"), seen(proposals, cell, scope))
    return proposals.propose(
        scope, person, "correct", (change,), address="https://budget.example", reason="revised budget act", facts="v1"
    )


def test_a_change_is_proposed_by_one_and_approved_by_another(proposals: Proposals) -> None:
    found = proposed(proposals, "2.01")
    assert (found.id, found.state, found.version, found.reason) == (1, "pending", 1, "revised budget act")
    with pytest.raises(Problem, match="own-proposal"):
        proposals.approve(1, 1, ANN, BASE)
    done = proposals.approve(1, 1, BEN, BASE)
    assert (done.state, done.revision) == ("applied", 1)
    [revision] = proposals.log.of(HERE)
    assert revision.approved != revision.by
    assert seen(proposals, SVN) == Value(Decimal("2.01"), "e")
    assert proposals.log.verify(HERE) == Head(1, revision.digest)
    body = proposals.db.execute("select body from revision").fetchone()[0]
    assert "revised budget act" not in body  # a person's words can be deleted, and the chain stays whole
    with pytest.raises(Problem, match="so-now") as late:
        proposals.approve(1, 1, CLEO, BASE)
    assert late.value.sentence.values["revision"] == "1"


def test_one_person_is_enough_where_that_is_set(proposals: Proposals) -> None:
    assert proposals.approve(proposed(proposals, "2.01").id, 1, ANN, BASE, alone=True).state == "applied"


STEPS: dict[str, Callable[[Proposals, Proposal], Proposal]] = {
    "approve": lambda p, found: p.approve(found.id, found.version, BEN, BASE),
    "reject": lambda p, found: p.reject(found.id, found.version, BEN, "no source says so"),
    "ask": lambda p, found: p.ask(found.id, found.version, BEN, "Which page?"),
    "answer": lambda p, found: p.answer(found.id, found.version, ANN, "Page 4"),
    "withdraw": lambda p, found: p.withdraw(found.id, found.version, ANN),
    "renew": lambda p, found: p.renew(found.id, found.version, BASE),
}
LEADS = [  # from a state by a step to a state; every other step leaves it as it is
    ("pending", "approve", "applied"),
    ("pending", "reject", "rejected"),
    ("pending", "ask", "asked"),
    ("pending", "withdraw", "withdrawn"),
    ("asked", "answer", "pending"),
    ("asked", "reject", "rejected"),
    ("asked", "withdraw", "withdrawn"),
    ("stale", "renew", "pending"),
    ("stale", "reject", "rejected"),
    ("stale", "withdraw", "withdrawn"),
]


def brought_to(proposals: Proposals, state: str, clock: Clock) -> Proposal:
    found = proposed(proposals, "2.01")
    match state:
        case "asked":
            return STEPS["ask"](proposals, found)
        case "stale":
            other = proposed(proposals, "1.99", CLEO)
            proposals.approve(other.id, 1, BEN, BASE)
            return STEPS["approve"](proposals, found)
        case "expired":
            clock.now += EXPIRES + timedelta(seconds=1)
            proposals.expire()
            return proposals.get(found.id)
        case "superseded":
            other = proposed(proposals, "2.01", CLEO)
            proposals.approve(other.id, 1, BEN, BASE)
            return STEPS["approve"](proposals, found)
        case "applied":
            return STEPS["approve"](proposals, found)
        case "rejected":
            return STEPS["reject"](proposals, found)
        case "withdrawn":
            return STEPS["withdraw"](proposals, found)
    return found


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "state", ["pending", "asked", "stale", "applied", "rejected", "withdrawn", "expired", "superseded"]
)
def test_every_step_from_every_state(proposals: Proposals, clock: Clock, state: str, step: str) -> None:
    found = brought_to(proposals, state, clock)
    assert found.state == state
    before = [tuple(row) for row in proposals.db.execute("select * from proposal")]
    leads = {(a, b): c for a, b, c in LEADS}
    if (state, step) in leads:
        assert STEPS[step](proposals, found).state == leads[state, step]
    else:
        with pytest.raises(Problem, match="so-now"):
            STEPS[step](proposals, found)
        assert [tuple(row) for row in proposals.db.execute("select * from proposal")] == before


def test_an_old_button_does_nothing(proposals: Proposals) -> None:
    found = proposals.ask(proposed(proposals, "2.01").id, 1, BEN, "Which page?")
    now = proposals.answer(found.id, found.version, ANN, "Page 4")
    with pytest.raises(Problem, match="so-now"):
        proposals.approve(found.id, 1, BEN, BASE)
    assert proposals.approve(found.id, now.version, BEN, BASE).state == "applied"


def test_who_did_not_propose_it_neither_withdraws_nor_answers(proposals: Proposals) -> None:
    found = proposed(proposals, "2.01")
    with pytest.raises(Problem, match="not-yours"):
        proposals.withdraw(found.id, found.version, BEN)
    asked = proposals.ask(found.id, found.version, BEN, "Which page?")
    with pytest.raises(Problem, match="not-yours"):
        proposals.answer(found.id, asked.version, CLEO, "Page 4")


def test_an_undo_is_a_revision_and_can_be_undone(proposals: Proposals) -> None:
    proposals.approve(proposed(proposals, "2.01").id, 1, BEN, BASE)
    values = []
    for n in (1, 2, 3):
        back = proposals.undo(HERE, n, ANN, BASE, address="", reason="a slip", facts="v1")
        assert proposals.approve(back.id, back.version, BEN, BASE).state == "applied"
        values.append(seen(proposals, SVN))
    assert values == [BASE[SVN], Value(Decimal("2.01"), "e"), BASE[SVN]]
    assert [one.kind for one in proposals.log.of(HERE)] == ["correct", "undo", "undo", "undo"]
    with pytest.raises(Problem, match="changed-since"):
        proposals.undo(HERE, 1, ANN, BASE, address="", reason="a slip", facts="v1")
    with pytest.raises(Problem, match="no-such-revision"):
        proposals.undo(HERE, 9, ANN, BASE, address="", reason="a slip", facts="v1")


def test_a_correction_of_one_server_is_none_of_anothers(proposals: Proposals) -> None:
    proposals.approve(proposed(proposals, "2.01").id, 1, BEN, BASE)
    assert seen(proposals, SVN, "88") == BASE[SVN]
    assert proposals.log.head("88") == Head(0, FIRST)


def test_too_many_wait(proposals: Proposals) -> None:
    for n in range(MOST_OPEN_OF_ONE):
        proposed(proposals, f"2.0{n}")
    with pytest.raises(Problem, match="too-many"):
        proposed(proposals, "2.09")
    assert proposed(proposals, "2.09", BEN).state == "pending"


def test_the_log_is_append_only_and_its_chain_is_checked(proposals: Proposals, tmp_path: Path) -> None:
    for number in ("2.01", "2.02", "2.03"):
        found = proposed(proposals, number)
        proposals.approve(found.id, 1, BEN, BASE)
    for statement in ("update revision set body = '{}'", "delete from revision", "delete from revision where n = 3"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            proposals.db.execute(statement)
    with pytest.raises(Moved):
        proposals.log.append(proposals.log.of(HERE)[2])
    head = proposals.log.verify(HERE)
    assert head.n == 3
    proposals.db.execute("drop trigger revision_stays")
    proposals.db.execute("update revision set body = replace(body, '2.02', '2.20') where n = 2")
    with pytest.raises(Broken) as broken:
        proposals.log.verify(HERE)
    assert (broken.value.scope, broken.value.n) == (HERE, 2)


def test_a_scope_goes_as_a_whole(proposals: Proposals) -> None:
    proposals.approve(proposed(proposals, "2.01").id, 1, BEN, BASE)
    other = proposed(proposals, "2.02", scope="88")
    gone = proposals.local.forget_absent({88}, datetime(2026, 11, 3, tzinfo=UTC))
    gone += proposals.local.forget_absent({88}, datetime(2026, 11, 10, tzinfo=UTC))
    assert gone == 1
    assert proposals.log.of(HERE) == []
    left = {
        table: proposals.db.execute(f"select count(*) from {table}").fetchone()[0]
        for table in ("proposal", "note", "actor", "revision", "leaving")
    }
    assert left == {"proposal": 1, "note": 1, "actor": 1, "revision": 0, "leaving": 0}
    assert proposals.get(other.id).reason == "revised budget act"


def test_a_person_is_forgotten_and_the_chain_stays_whole(proposals: Proposals) -> None:
    proposals.approve(proposed(proposals, "2.01").id, 1, BEN, BASE)
    waiting = proposed(proposals, "2.02")
    head = proposals.log.verify(HERE)
    assert proposals.forget_person(ANN) == 1
    assert proposals.log.verify(HERE) == head
    assert proposals.token(HERE, ANN) is None
    assert proposals.get(waiting.id).state == "withdrawn"
    assert [row[0] for row in proposals.db.execute("select text from note")] == ["", ""]
    assert proposals.token(HERE, BEN) is not None


def test_two_approve_at_once_and_one_does(tmp_path: Path) -> None:
    local = LocalStore(tmp_path / "local.db")
    proposals = Proposals(local)
    for n in range(few_or_many(20, 200)):
        found = proposed(proposals, f"{2 + n % 7}.01", 100 + n)
        outcomes = list[str]()
        gate = threading.Barrier(2)

        def press(person: int, number: int = found.id, outcomes: list[str] = outcomes) -> None:
            with closing(_second(tmp_path)) as other:
                gate.wait()  # noqa: B023 - joined before the next turn
                try:
                    outcomes.append(Proposals(other).approve(number, 1, person, BASE).state)
                except Problem as problem:
                    outcomes.append(problem.code)

        pressing = [threading.Thread(target=press, args=(person,)) for person in (BEN, CLEO)]
        for one in pressing:
            one.start()
        for one in pressing:
            one.join()
        assert sorted(outcomes) in (["applied", "so-now"], ["so-now", "superseded"])
    assert proposals.log.verify(HERE).n == len(proposals.log.of(HERE))
    local.close()


def _second(folder: Path) -> LocalStore:
    """The same file over another connection, as another process has it."""
    other = LocalStore(None)
    other.db.close()
    other.db = sqlite3.connect(folder / "local.db", timeout=5, isolation_level=None)
    other.db.row_factory = sqlite3.Row
    other.db.execute("pragma wal_autocheckpoint = 0")  # a write into the file itself would be noticed as a stranger's
    return other


WRITER = """
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from data.local import LocalStore
from data.proposals import Proposals
from knowledge.corrections import Change, Key, Stated, Value, fold, value_of

cell, base = ("2026", "share", "SVN", 2026), Value(Decimal("1.61"), "e")
proposals = Proposals(LocalStore(Path(sys.argv[1])))
for left in proposals.pending("77"):  # else too many would wait in the end
    proposals.reject(left.id, left.version, -1, "left over by a kill")
while True:
    layer = fold(proposals.log.of("77"))
    new = Value(Decimal(len(proposals.log.of("77")) % 500 + 100).scaleb(-2), "e")
    old = value_of(layer.get(cell))
    change = Change(cell, old, new, old or base)
    found = proposals.propose("77", time.time_ns(), "correct", (change,), address="", reason="x", facts="v")
    print("proposed", found.id, flush=True)
    done = proposals.approve(found.id, found.version, -1, {cell: base})
    print("applied" if done.state == "applied" else "kept", done.revision, flush=True)
"""


@pytest.mark.soak
def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path, acknowledged, dice = tmp_path / "local.db", list[str](), random.Random(9)
    for _ in range(few_or_many(6, 100)):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(dice.randint(2, 40)):
                acknowledged.append(writer.stdout.readline())
            writer.kill()
            assert writer.wait(10) == -signal.SIGKILL
            acknowledged += writer.stdout.readlines()
        with closing(LocalStore(path)) as local:
            proposals = Proposals(local)
            head = proposals.log.verify(HERE)
            done = {int(line.split()[1]) for line in acknowledged if line.startswith("applied") and line.endswith("\n")}
            assert done <= set(range(1, head.n + 1))
            kept = [line for line in acknowledged if line.startswith("proposed") and line.endswith("\n")]
            assert all(proposals.get(int(line.split()[1])) for line in kept)
            applied = local.db.execute("select count(*) from proposal where state = 'applied'").fetchone()[0]
            assert applied == head.n  # never half: a revision has its proposal closed, and the other way round
    assert len(acknowledged) > 10


class Life(RuleBasedStateMachine):
    """Any steps in any order by anybody, with restarts: the store stays the fold of the log, an outcome stays."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.folder = Path(tempfile.mkdtemp())
        self.proposals = Proposals(LocalStore(self.folder / "local.db"), self.clock)
        self.closed: dict[int, str] = {}

    def _try(self, step: str, number: int, version: int, person: int) -> None:
        steps = {
            "approve": lambda: self.proposals.approve(number, version, person, BASE),
            "reject": lambda: self.proposals.reject(number, version, person, "no"),
            "ask": lambda: self.proposals.ask(number, version, person, "why?"),
            "answer": lambda: self.proposals.answer(number, version, person, "so"),
            "withdraw": lambda: self.proposals.withdraw(number, version, person),
            "renew": lambda: self.proposals.renew(number, version, BASE),
        }
        with suppress(Problem):
            steps[step]()

    @rule(
        number=st.sampled_from(["2.01", "1.61", "1.99"]),
        person=st.sampled_from([ANN, BEN]),
        cell=st.sampled_from([SVN, ESP]),
    )
    def propose(self, number: str, person: int, cell: Cell) -> None:
        with suppress(Problem):  # too many
            proposed(self.proposals, number, person, cell)

    @rule(
        step=st.sampled_from(["approve", "approve", "approve", "reject", "ask", "answer", "withdraw", "renew"]),
        number=st.integers(1, 6), late=st.booleans(), person=st.sampled_from([ANN, BEN, CLEO]),
    )  # fmt: skip
    def step(self, step: str, number: int, late: bool, person: int) -> None:
        try:
            version = self.proposals.get(number).version - int(late)
        except Problem:
            return
        self._try(step, number, version, person)

    @precondition(lambda self: self.proposals.log.head(HERE).n > 0)
    @rule(back=st.integers(0, 2), person=st.sampled_from([ANN, BEN]))
    def undo(self, back: int, person: int) -> None:
        n = self.proposals.log.head(HERE).n - back
        with suppress(Problem):  # too many, changed since, or none of that number
            self.proposals.undo(HERE, n, person, BASE, address="", reason="a slip", facts="v1")

    @rule(days=st.integers(1, 15))
    def wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)
        self.proposals.expire()

    @rule()
    def restart(self) -> None:
        self.proposals.local.close()
        self.proposals = Proposals(LocalStore(self.folder / "local.db"), self.clock)

    @invariant()
    def the_chain_is_whole_and_outcomes_stay(self) -> None:
        head = self.proposals.log.verify(HERE)
        rows = self.proposals.db.execute("select id, state, revision from proposal").fetchall()
        applied = sorted(row["revision"] for row in rows if row["state"] == "applied")
        assert applied == list(range(1, head.n + 1))
        for row in rows:
            if row["id"] in self.closed:
                assert self.closed[row["id"]] == row["state"]
            elif row["state"] not in ("pending", "asked", "stale"):
                self.closed[row["id"]] = row["state"]

    @invariant()
    def each_revision_was_true_when_it_was_made(self) -> None:
        value: dict[Key, Stated | None] = {}
        for revision in self.proposals.log.of(HERE):
            for change in revision.changes:
                assert change.old == value.get(change.key)
                assert change.seen == (change.old or BASE[cell_in(change)])
                value[change.key] = change.new
        assert {c: v for c, v in value.items() if v is not None} == {
            cell: value_of(one) for cell, one in fold(self.proposals.log.of(HERE)).cells.items()
        }

    def teardown(self) -> None:
        self.proposals.local.close()
        shutil.rmtree(self.folder)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=few_or_many(12, 300), stateful_step_count=few_or_many(25, 40), deadline=None)
