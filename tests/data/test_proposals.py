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
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from data.local import NOTES, LocalStore
from data.log import FIRST, Broken, Head, Moved
from data.proposals import EXPIRES, MOST_OPEN_OF_ONE, OPEN, Proposal, Proposals
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Change, Key, Stated, Value, fold, value_of
from knowledge.facts import Cell
from tests.conftest import few_or_many

ROOT = Path(__file__).parents[2]
HERE, ANN, BEN, CLEO, DAN = "77", 1, 2, 3, 4
SVN: Cell = ("2026", "share", "SVN", 2026)
ESP: Cell = ("2026", "share", "ESP", 2026)
BASE: dict[Cell, Value | None] = {SVN: Value(Decimal("1.61"), "e"), ESP: Value(Decimal("2.00"), "e")}


SCOPES, PERSON = st.sampled_from([HERE, HERE, EVERYWHERE]), st.sampled_from([ANN, BEN, CLEO])
BACK, LATE = st.sampled_from([0, 0, 1, 2, 5]), st.sampled_from([False, False, False, True])


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


def both(proposals: Proposals, person: int = ANN) -> Proposal:
    """A proposal of two figures at once."""
    changes = tuple(Change(cell, None, Value(Decimal("2.01"), "e"), BASE[cell]) for cell in BASE)
    return proposals.propose(HERE, person, "import", changes, address="", reason="a restatement", facts="v1")


def test_what_nobody_changed_since_is_undone_alone(proposals: Proposals) -> None:
    proposals.approve(both(proposals).id, 1, BEN, BASE)
    proposals.approve(proposed(proposals, "1.99").id, 1, BEN, BASE)
    apart = proposals.apart(HERE, 1)
    assert [change.key for change in apart.untouched] == [ESP]
    assert [(change.key, by) for change, by in apart.later] == [(SVN, 2)]
    for part in (None, 0, 2):  # all of it, none of it, more than there is
        with pytest.raises(Problem, match="changed-since"):
            proposals.undo(HERE, 1, ANN, BASE, address="", reason="a slip", facts="v1", part=part)
    back = proposals.undo(HERE, 1, ANN, BASE, address="", reason="a slip", facts="v1", part=1)
    assert proposals.approve(back.id, 1, BEN, BASE).state == "applied"
    assert (seen(proposals, ESP), seen(proposals, SVN)) == (BASE[ESP], Value(Decimal("1.99"), "e"))
    with pytest.raises(Problem, match="changed-since"):  # by now all of it was
        proposals.undo(HERE, 1, ANN, BASE, address="", reason="a slip", facts="v1", part=1)


def test_a_proposer_who_is_none_of_them_any_more_takes_two_others(proposals: Proposals) -> None:
    def approve(person: int, counting: set[int]) -> Proposal:
        return proposals.approve(1, proposals.get(1).version, person, BASE, counting=counting)

    proposed(proposals, "2.01", ANN, scope=EVERYWHERE)
    assert approve(BEN, {BEN, CLEO, DAN}).state == "pending"
    with pytest.raises(Problem, match="own-proposal"):
        approve(BEN, {BEN, CLEO, DAN})
    assert approve(CLEO, {CLEO, DAN}).state == "pending"  # whoever was first is none of them any more either
    with pytest.raises(Problem, match="own-proposal"):
        approve(ANN, {ANN, CLEO})
    done = approve(DAN, {CLEO, DAN})
    assert (done.state, done.revision) == ("applied", 1)
    assert [proposals.person(token) for token in (done.proposer, done.seconded, done.decider)] == [ANN, CLEO, DAN]


def test_a_proposer_who_is_one_of_them_takes_one_other(proposals: Proposals) -> None:
    proposed(proposals, "2.01", ANN, scope=EVERYWHERE)
    assert proposals.approve(1, 1, BEN, BASE, counting={ANN, BEN}).state == "applied"


def test_a_first_approval_does_not_count_for_another_figure(proposals: Proposals) -> None:
    first = proposed(proposals, "2.01", ANN, scope=EVERYWHERE)
    proposals.approve(first.id, 1, BEN, BASE, counting={BEN, CLEO, DAN})
    other = proposed(proposals, "1.99", CLEO, scope=EVERYWHERE)
    proposals.approve(other.id, 1, BEN, BASE, counting={BEN, CLEO, DAN})
    assert proposals.approve(first.id, 2, DAN, BASE, counting={BEN, CLEO, DAN}).state == "stale"
    now = proposals.renew(first.id, 3, BASE)
    assert proposals.approve(first.id, now.version, DAN, BASE, counting={BEN, CLEO, DAN}).state == "pending"


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


@pytest.mark.soak
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
    """Any steps in any order by anybody, in a server and for every server, with restarts, against a model of its own.

    `stands` is what readers of each scope should find; it is changed by what approving answers, never read off the log.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.folder = Path(tempfile.mkdtemp())
        self.open()
        self.closed: dict[int, str] = {}
        self.stands: dict[str, dict[Key, Stated]] = {HERE: {}, EVERYWHERE: {}}
        self.maintainers = {ANN, BEN, CLEO}

    def open(self) -> None:
        self.proposals = Proposals(LocalStore(self.folder / "local.db"), self.clock)
        self.proposals.db.execute("pragma synchronous = off")  # the power stays on

    def base(self, scope: str) -> dict[Key, Stated | None]:
        """What readers would see without the scope's own: a server stands on what is so for all."""
        over = self.stands[EVERYWHERE] if scope == HERE else {}
        return {cell: over.get(cell, value) for cell, value in BASE.items()}

    def seen(self, scope: str, key: Key) -> Stated | None:
        return self.stands[scope].get(key, self.base(scope)[key])

    def rows(self) -> list[tuple[object, ...]]:
        tables = ("proposal", "note", "actor", "revision")
        return [tuple(row) for table in tables for row in self.proposals.db.execute(f"select * from {table}")]

    def step(self, take: Callable[[Proposals], Proposal]) -> Proposal | None:
        """What a step made of its proposal; None if it was refused, which changes nothing."""
        before = self.rows()
        try:
            return take(self.proposals)
        except Problem:
            assert self.rows() == before
            return None

    def one(self, back: int) -> Proposal | None:
        """One of those that wait, the newest first; beyond them one that is decided."""
        rows = self.proposals.db.execute("select id, state from proposal order by id desc").fetchall()
        numbers = [row["id"] for row in sorted(rows, key=lambda row: row["state"] not in OPEN)]
        return self.proposals.get(numbers[back]) if len(numbers) > back else None

    @rule(
        number=st.sampled_from(["2.01", "1.61", "1.99"]), person=st.sampled_from([ANN, BEN]), scope=SCOPES,
        cells=st.sampled_from([(SVN,), (ESP,), (SVN, ESP)]),
    )  # fmt: skip
    def propose(self, number: str, person: int, scope: str, cells: tuple[Cell, ...]) -> None:
        new = Value(Decimal(number), "e")
        changes = tuple(Change(cell, self.stands[scope].get(cell), new, self.seen(scope, cell)) for cell in cells)
        self.step(lambda p: p.propose(scope, person, "import", changes, address="", reason="because", facts="v1"))

    @rule(back=BACK, late=LATE, person=PERSON, alone=st.booleans())
    def approve(self, back: int, late: bool, person: int, alone: bool) -> None:
        found = self.one(back)
        if found is None or (found.scope == EVERYWHERE and person not in self.maintainers):
            return  # the bot asks that before
        base, everywhere = self.base(found.scope), found.scope == EVERYWHERE
        alone, counting = alone and not everywhere, self.maintainers if everywhere else None
        done = self.step(
            lambda p: p.approve(found.id, found.version - late, person, base, alone=alone, counting=counting)
        )
        if done is None or done.state != "applied":
            return
        assert (found.state, late) == ("pending", False)
        others = {self.proposals.person(token) for token in (found.proposer, found.seconded)} - {person}
        assert alone or others & (self.maintainers if everywhere else {ANN, BEN, CLEO})
        revisions = self.proposals.log.of(found.scope)
        assert done.revision == len(revisions)
        for change in revisions[-1].changes:
            assert change.old == self.stands[found.scope].get(change.key)
            assert change.seen == self.seen(found.scope, change.key)
        if found.undoes is not None:
            were = {change.key: change.old for change in revisions[found.undoes - 1].changes}
            assert all(change.new == were[change.key] for change in revisions[-1].changes)
        for change in found.changes:
            self.stands[found.scope].pop(change.key, None)
            if change.new is not None:
                self.stands[found.scope][change.key] = change.new

    @rule(
        what=st.sampled_from(["reject", "ask", "answer", "withdraw", "renew"]), back=BACK, late=LATE, person=PERSON,
    )  # fmt: skip
    def otherwise(self, what: str, back: int, late: bool, person: int) -> None:
        found = self.one(back)
        if found is None:
            return
        number, version, base = found.id, found.version - late, self.base(found.scope)
        takes: dict[str, Callable[[Proposals], Proposal]] = {
            "reject": lambda p: p.reject(number, version, person, "no"),
            "ask": lambda p: p.ask(number, version, person, "why?"),
            "answer": lambda p: p.answer(number, version, person, "so"),
            "withdraw": lambda p: p.withdraw(number, version, person),
            "renew": lambda p: p.renew(number, version, base),
        }
        self.step(takes[what])

    @rule(back=st.integers(0, 2), person=st.sampled_from([ANN, BEN]), scope=SCOPES, part=st.booleans())
    def undo(self, back: int, person: int, scope: str, part: bool) -> None:
        n, base = self.proposals.log.head(scope).n - back, self.base(scope)
        rest = len(self.proposals.apart(scope, n).untouched) if part and n > 0 else None
        done = self.step(lambda p: p.undo(scope, n, person, base, address="", reason="a slip", facts="v1", part=rest))
        if done is not None:
            revisions = self.proposals.log.of(scope)
            later = {change.key for one in revisions[n:] for change in one.changes}
            keys = {change.key for change in revisions[n - 1].changes}
            assert {change.key for change in done.changes} == keys - later
            assert part or not keys & later

    @rule(people=st.sets(PERSON, min_size=1))
    def name_maintainers(self, people: set[int]) -> None:
        self.maintainers = people

    @rule(what=st.sampled_from(["forget", "wait", "wait", "restart"]), person=PERSON, days=st.integers(1, 15))
    def meanwhile(self, what: str, person: int, days: int) -> None:
        """What happens seldom, so that more comes of the rest."""
        {"forget": lambda: self.forget(person), "wait": lambda: self.wait(days), "restart": self.restart}[what]()

    def forget(self, person: int) -> None:
        waiting = {one.id for scope in self.stands for one in self.proposals.pending(scope)}
        own = {one for one in waiting if self.proposals.person(self.proposals.get(one).proposer) == person}
        self.proposals.forget_person(person)
        assert self.proposals.held_of(person) == ()
        left = {one.id for scope in self.stands for one in self.proposals.pending(scope)}
        assert left == waiting - own

    def wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)
        waiting = [one for scope in self.stands for one in self.proposals.pending(scope)]
        assert all(datetime.fromisoformat(one.touched) + EXPIRES >= self.clock.now for one in waiting)

    def restart(self) -> None:
        before = self.rows()
        self.proposals.local.close()
        self.open()
        assert self.rows() == before

    @invariant()
    def the_chain_is_whole_and_outcomes_stay(self) -> None:
        rows = self.proposals.db.execute("select id, scope, state, revision from proposal").fetchall()
        for scope in self.stands:
            head = self.proposals.log.verify(scope)
            applied = sorted(row["revision"] for row in rows if (row["scope"], row["state"]) == (scope, "applied"))
            assert applied == list(range(1, head.n + 1))
        for row in rows:
            if row["id"] in self.closed:
                assert self.closed[row["id"]] == row["state"]
            elif row["state"] not in OPEN:
                self.closed[row["id"]] = row["state"]

    @invariant()
    def the_fold_of_the_log_is_what_was_approved(self) -> None:
        for scope, stands in self.stands.items():
            found = fold(self.proposals.log.of(scope))
            assert {cell: value_of(one) for cell, one in found.cells.items()} == stands

    @invariant()
    def no_words_are_kept_that_nobody_can_read(self) -> None:
        columns = " union all ".join(f"select {note} from {table}" for table, notes in NOTES.items() for note in notes)
        kept = {row[0] for row in self.proposals.db.execute("select id from note")}
        assert kept == {row[0] for row in self.proposals.db.execute(columns) if row[0] is not None}

    def teardown(self) -> None:
        self.proposals.local.close()
        shutil.rmtree(self.folder)


TestLife = pytest.mark.soak(Life.TestCase)
TestLife.settings = settings(max_examples=few_or_many(40, 1000), stateful_step_count=few_or_many(30, 50), deadline=None)
