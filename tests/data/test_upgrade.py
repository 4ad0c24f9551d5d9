"""Corrections and a new facts.db: done once, wholly or not at all, and nothing that was acknowledged is lost."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.ledger import Ledger
from data.local import LocalStore
from data.log import Revision
from data.proposals import EXPIRES, SYSTEM, Proposal, Proposals
from data.servers import Moderation, change_moderation
from data.store import load
from data.upgrade import LAST, upgrade
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Change, Outcome, Value, fold, layered, outcome_of, value_in, value_of
from knowledge.facts import Cell, Facts
from tests.conftest import few_or_many
from tests.data.test_proposals import Clock
from tests.upgrades import republished

ROOT = Path(__file__).parents[2]
HERE, ANN, BEN, CLEO, CHANNEL = "77", 1, 2, 3, 5
SVN: Cell = ("2026", "share", "SVN", 2026)
ESP: Cell = ("2026", "share", "ESP", 2026)
POL: Cell = ("2026", "spending_national", "POL", 2026)  # in its own money: without its row there is no place for it
DEU: Cell = ("2026", "share", "DEU", 2026)
NEW, OTHER = Value(Decimal("2.01"), "e"), Value(Decimal("1.75"), "e")
KEPT, RETIRED, ASIDE, GONE = Outcome.KEPT, Outcome.RETIRED, Outcome.SET_ASIDE, Outcome.GONE


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proposals(tmp_path: Path, clock: Clock) -> Iterator[Proposals]:
    local = LocalStore(tmp_path / "local.db")
    change_moderation(local, int(HERE), lambda _: Moderation(channel=CHANNEL))
    yield Proposals(local, clock)
    local.close()


@pytest.fixture
def changed(facts: Facts) -> Facts:
    """Slovenia's figure is another, Spain's is as it was corrected, Poland's row is gone, Germany's is as before."""
    return republished(facts, "changed", {SVN: OTHER, ESP: NEW, POL: None})


def base(facts: Facts, *cells: Cell) -> dict[Cell, Value | None]:
    return {cell: value_in(facts, cell) for cell in cells}


def corrected(proposals: Proposals, facts: Facts, *cells: Cell, scope: str = HERE, new: Value = NEW) -> Proposal:
    changes = tuple(Change(cell, None, new, value_in(facts, cell)) for cell in cells)
    found = proposals.propose(
        scope, ANN, "correct", changes, address="https://budget.example", reason="revised budget act", facts="v1"
    )
    return proposals.approve(found.id, found.version, BEN, base(facts, *cells))


def live(proposals: Proposals, scope: str = HERE) -> dict[Cell, Value | None]:
    stands = fold(proposals.log.of(scope))
    return {cell: value_of(stands.cells[cell]) for cell in stands.cells}


def full(self: LocalStore, key: str, value: str) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def rows(proposals: Proposals) -> list[tuple[object, ...]]:
    tables = ("revision", "proposal", "note", "outbox", "state")
    return [tuple(row) for table in tables for row in proposals.db.execute(f"select * from {table}")]


def test_the_four_outcomes_at_once(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    corrected(proposals, facts, SVN, ESP, POL, DEU)
    assert upgrade(proposals.local, changed) == Counter({RETIRED: 1, ASIDE: 1, GONE: 1})
    assert live(proposals) == {DEU: NEW}
    assert [(one.n, one.kind, one.by, one.approved, one.facts, one.changes) for one in proposals.log.of(HERE)[1:]] == [
        (2, "upgrade", SYSTEM, None, "changed", (Change(ESP, NEW, None, NEW),)),
        (3, "upgrade", SYSTEM, None, "changed", (Change(POL, NEW, None, None),)),
        (4, "upgrade", SYSTEM, None, "changed", (Change(SVN, NEW, None, OTHER),)),
    ]
    assert proposals.log.verify(HERE).n == 4
    [keep] = proposals.pending(HERE)
    assert (keep.kind, keep.state, keep.address) == ("keep", "pending", "https://budget.example")
    assert (keep.reason, proposals.person(keep.proposer)) == ("revised budget act", ANN)
    assert keep.changes == (Change(SVN, None, NEW, OTHER),)
    owed = proposals.db.execute("select o.channel, p.kind, p.state from outbox o join proposal p on p.id = o.number")
    assert [tuple(row) for row in owed] == [
        (CHANNEL, "upgrade", "applied"),
        (CHANNEL, "upgrade", "applied"),
        (CHANNEL, "keep", "pending"),
    ]


@pytest.mark.parametrize("last", ["de", None])
def test_a_channel_is_told_in_the_language_of_its_last_post(
    proposals: Proposals, facts: Facts, changed: Facts, last: str | None
) -> None:
    done = corrected(proposals, facts, SVN)
    if last is not None:
        with proposals.local.writing():
            proposals.db.execute(
                "insert into outbox (scope, channel, what, number, version, due, language)"
                " values (?, ?, 'proposal', ?, 3, '2000', ?)",
                [HERE, CHANNEL, done.id, last],
            )
    upgrade(proposals.local, changed, proposals._now)
    found = proposals.db.execute("select language, remind from outbox where version = 0").fetchall()
    assert [tuple(row) for row in found] == [(last or "en", "2026-11-10T14:02:00+00:00")]


def test_it_is_done_once(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    corrected(proposals, facts, SVN, ESP, POL, DEU)
    upgrade(proposals.local, changed)
    after = rows(proposals)
    assert upgrade(proposals.local, changed) == Counter()
    assert upgrade(proposals.local, changed, again=True) == Counter()
    proposals.local.put(LAST, "lost")  # even if nobody knew that it was done
    assert upgrade(proposals.local, changed) == Counter()
    assert rows(proposals) == after


def test_figures_that_touch_no_correction_leave_everything(proposals: Proposals, facts: Facts) -> None:
    corrected(proposals, facts, SVN)
    before = rows(proposals)
    assert upgrade(proposals.local, republished(facts, "next", {ESP: OTHER})) == Counter()
    assert set(rows(proposals)) - set(before) == {(LAST, "next")}


def test_nothing_is_written_where_nothing_was_corrected(proposals: Proposals, facts: Facts) -> None:
    before = rows(proposals)
    assert upgrade(proposals.local, facts) == Counter()
    assert rows(proposals) == before


def test_corrections_of_before_versions_were_kept_are_met_too(
    proposals: Proposals, facts: Facts, changed: Facts
) -> None:
    corrected(proposals, facts, SVN)
    assert proposals.local.get(LAST) is None
    assert upgrade(proposals.local, changed) == Counter({ASIDE: 1})


KILLED = """
import os, signal, sys
from pathlib import Path
from decimal import Decimal
from data.local import LocalStore
from data.store import load
from data.upgrade import upgrade
from knowledge.corrections import Value
from tests.upgrades import republished

begins, times = sys.argv[2], int(sys.argv[3])
local = LocalStore(Path(sys.argv[1]))
svn, esp = (("2026", "share", code, 2026) for code in ("SVN", "ESP"))
changed = republished(load(), "changed", {svn: Value(Decimal("1.75"), "e"), esp: Value(Decimal("2.01"), "e")})

def step(statement):
    global times
    times -= statement.startswith(begins)
    if times == 0:
        os.kill(os.getpid(), signal.SIGKILL)

local.db.set_trace_callback(step)
upgrade(local, changed)
print("done")
"""


KILLS = [  # before which statement, and which of those
    ("BEGIN", "1"),
    ("insert into proposal", "1"),
    ("insert into revision", "1"),
    ("update proposal", "1"),
    ("insert into revision", "2"),
    ("insert into proposal", "3"),
    ("insert into state", "1"),
    ("COMMIT", "1"),
]


def test_a_kill_in_the_midst_leaves_all_or_nothing(tmp_path: Path, facts: Facts) -> None:
    path = tmp_path / "local.db"
    local = LocalStore(path)
    proposals = Proposals(local)
    corrected(proposals, facts, SVN, ESP)
    before = rows(proposals)
    local.close()
    for begins, times in (*KILLS, ("no statement", "1")):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), begins, times],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        local = LocalStore(path)
        proposals = Proposals(local)
        assert proposals.log.verify(HERE)
        if begins == "no statement":
            assert done.stdout == "done\n"
            assert [one.kind for one in proposals.log.of(HERE)] == ["correct", "upgrade", "upgrade"]
            assert [one.kind for one in proposals.pending(HERE)] == ["keep"]
            assert live(proposals) == {}
        else:
            assert done.returncode == -signal.SIGKILL
            assert rows(proposals) == before
        local.close()


def test_a_fault_in_the_midst_leaves_nothing(
    proposals: Proposals, facts: Facts, changed: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected(proposals, facts, SVN, ESP, POL, DEU)
    before = rows(proposals)

    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "keep", full)
        with pytest.raises(sqlite3.OperationalError):
            upgrade(proposals.local, changed)
        assert rows(proposals) == before
        ledger = Ledger(changed, proposals.local)  # the bot starts all the same, and shows what is published
        assert ledger.behind
        assert value_in(ledger.of(int(HERE)).facts, SVN) == OTHER
        assert value_in(ledger.of(int(HERE)).facts, DEU) == value_in(facts, DEU)
    assert not Ledger(changed, proposals.local).behind
    assert live(proposals) == {DEU: NEW}


async def test_the_disk_is_better_and_corrections_show_again(
    proposals: Proposals, facts: Facts, changed: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected(proposals, facts, DEU)
    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "keep", full)
        ledger = Ledger(changed, proposals.local)
    await ledger.take_corrections()
    assert value_in(ledger.of(int(HERE)).facts, DEU) == NEW
    assert not ledger.behind


async def test_figures_may_change_while_it_runs(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    corrected(proposals, facts, SVN, DEU)
    ledger = Ledger(facts, proposals.local)
    assert value_in(ledger.of(int(HERE)).facts, SVN) == NEW
    await ledger.take_facts(changed)
    assert value_in(ledger.of(int(HERE)).facts, SVN) == OTHER
    assert value_in(ledger.of(int(HERE)).facts, DEU) == NEW
    assert ledger.published is changed


def keep_of(proposals: Proposals) -> Proposal:
    [keep] = [one for one in proposals.pending(HERE) if one.kind == "keep"]
    return keep


def test_what_is_set_aside_is_kept_by_another_person(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    corrected(proposals, facts, SVN)
    upgrade(proposals.local, changed)
    keep = keep_of(proposals)
    with pytest.raises(Problem, match="own-proposal"):
        proposals.approve(keep.id, keep.version, ANN, base(changed, SVN))
    done = proposals.approve(keep.id, keep.version, BEN, base(changed, SVN))
    assert (done.state, live(proposals)) == ("applied", {SVN: NEW})
    assert proposals.log.of(HERE)[-1].kind == "keep"
    assert upgrade(proposals.local, changed, again=True) == Counter()  # it lies over what is printed now
    assert upgrade(proposals.local, republished(facts, "third", {SVN: NEW})) == Counter({RETIRED: 1})


def test_what_is_set_aside_is_dropped_or_lapses(
    proposals: Proposals, facts: Facts, changed: Facts, clock: Clock
) -> None:
    corrected(proposals, facts, SVN)
    upgrade(proposals.local, changed, clock)
    keep = keep_of(proposals)
    assert proposals.reject(keep.id, keep.version, BEN, "NATO knows better").state == "rejected"
    corrected(proposals, changed, SVN)
    upgrade(proposals.local, facts, clock)
    clock.now += EXPIRES * 2
    assert proposals.pending(HERE) == []
    assert live(proposals) == {}


def test_each_revision_is_kept_or_dropped_by_itself(proposals: Proposals, facts: Facts) -> None:
    corrected(proposals, facts, SVN, ESP)
    corrected(proposals, facts, DEU)
    upgrade(proposals.local, republished(facts, "next", dict.fromkeys((SVN, ESP, DEU), OTHER)))
    assert [[one.key for one in found.changes] for found in proposals.pending(HERE)] == [[SVN, ESP], [DEU]]


def test_what_is_set_aside_takes_nobodys_place(proposals: Proposals, facts: Facts) -> None:
    cells: list[Cell] = [("2026", "share", code, 2026) for code in ("SVN", "ESP", "POL", "DEU", "FRA", "ITA")]
    for cell in cells:
        corrected(proposals, facts, cell)
    upgrade(proposals.local, republished(facts, "next", dict.fromkeys(cells, OTHER)))
    assert len(proposals.pending(HERE)) == 6
    assert corrected(proposals, facts, ("2026", "share", "NOR", 2026)).state == "applied"


def test_who_is_forgotten_takes_nothing_along_that_was_approved(
    proposals: Proposals, facts: Facts, changed: Facts
) -> None:
    corrected(proposals, facts, SVN)
    upgrade(proposals.local, changed)
    proposals.forget_person(ANN)
    keep = keep_of(proposals)
    assert (keep.reason, proposals.person(keep.proposer)) == ("", None)
    assert proposals.approve(keep.id, keep.version, BEN, base(changed, SVN)).state == "applied"


def test_back_to_the_old_figures(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    """What is retired stays so; what waits to be kept still waits, and is looked at again by what is printed then."""
    corrected(proposals, facts, SVN, ESP, POL, DEU)
    upgrade(proposals.local, changed)
    assert upgrade(proposals.local, facts) == Counter()
    assert live(proposals) == {DEU: NEW}
    keep = keep_of(proposals)
    stale = proposals.approve(keep.id, keep.version, BEN, base(facts, SVN))
    assert stale.state == "stale"
    again = proposals.renew(stale.id, stale.version, base(facts, SVN))
    assert proposals.approve(again.id, again.version, BEN, base(facts, SVN)).state == "applied"
    assert live(proposals) == {DEU: NEW, SVN: NEW}
    assert upgrade(proposals.local, changed) == Counter({ASIDE: 1})  # and forth


def test_an_upgrade_can_be_undone(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    corrected(proposals, facts, SVN, ESP, POL)
    upgrade(proposals.local, changed)
    now = base(changed, SVN, ESP, POL)

    def undo(n: int, under: dict[Cell, Value | None]) -> Proposal:
        found = proposals.undo(HERE, n, ANN, under, address="", reason="all the same", facts="v")
        return proposals.approve(found.id, found.version, BEN, under)

    with pytest.raises(Problem, match="so-now"):  # retired: the figure says so already
        undo(2, now)
    keep = keep_of(proposals)
    assert undo(4, now).state == "applied"
    assert live(proposals) == {SVN: NEW}
    assert proposals.approve(keep.id, keep.version, BEN, now).state == "superseded"
    assert upgrade(proposals.local, changed, again=True) == Counter()
    before = base(facts, SVN, ESP, POL)
    assert undo(2, before).state == "applied"  # under the old figures all of it is sensible
    assert undo(3, before).state == "applied"
    assert set(live(proposals)) == {SVN, ESP, POL}


def test_what_waits_is_stale_by_new_figures(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    waits = {
        cell: proposals.propose(
            HERE, ANN, "correct", (Change(cell, None, NEW, value_in(facts, cell)),), address="", reason="why", facts="v"
        )
        for cell in (SVN, ESP, POL, DEU)
    }
    upgrade(proposals.local, changed)
    states = {
        cell: proposals.approve(found.id, found.version, BEN, base(changed, cell)) for cell, found in waits.items()
    }
    assert {cell: found.state for cell, found in states.items()} == {
        SVN: "stale",
        ESP: "superseded",
        POL: "stale",
        DEU: "applied",
    }
    assert proposals.renew(states[SVN].id, states[SVN].version, base(changed, SVN)).state == "pending"


def test_every_scope_is_met_the_one_for_all_first(proposals: Proposals, facts: Facts, changed: Facts) -> None:
    corrected(proposals, facts, ESP, scope=EVERYWHERE)
    with_everywhere = layered(facts, fold(proposals.log.of(EVERYWHERE)).cells, "corrected")
    corrected(proposals, with_everywhere, ESP, scope="88", new=OTHER)
    corrected(proposals, facts, SVN)
    upgrade(proposals.local, changed)
    assert {scope: live(proposals, scope) for scope in (EVERYWHERE, "88", HERE)} == {
        EVERYWHERE: {},
        "88": {ESP: OTHER},
        HERE: {},
    }
    assert [row[0] for row in proposals.db.execute("select scope from outbox")] == [HERE]  # the only one with a channel


ALL = (EVERYWHERE, HERE, "88")
VALUES = [NEW, OTHER, Value(Decimal("1.61"), "e"), Value(None)]


class Publications(RuleBasedStateMachine):
    """Corrections, undos, restarts and publications in any order: each outcome is by what lay beneath, none is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.facts, self.count = load(), 0
        self.published = self.facts
        self.proposals = Proposals(LocalStore(self.folder / "local.db"))

    def beneath(self, scope: str, cell: Cell) -> Value | None:
        printed = value_in(self.published, cell)
        everywhere = live(self.proposals, EVERYWHERE)
        return everywhere.get(cell, printed) if scope != EVERYWHERE else printed

    def approve(self, found: Proposal) -> None:
        under = {cell: self.beneath(found.scope, cell) for cell in (SVN, ESP)}
        self.proposals.approve(found.id, found.version, self.count, under)

    @rule(scope=st.sampled_from(ALL), cell=st.sampled_from([SVN, ESP]), new=st.sampled_from(VALUES))
    def correct(self, scope: str, cell: Cell, new: Value) -> None:
        seen = live(self.proposals, scope).get(cell, self.beneath(scope, cell))
        if seen != new:
            self.count += 1
            change = Change(cell, None, new, seen)
            self.approve(
                self.proposals.propose(scope, -self.count, "correct", (change,), address="", reason="x", facts="v")
            )

    @rule(scope=st.sampled_from(ALL), back=st.integers(0, 2))
    def undo(self, scope: str, back: int) -> None:
        n = self.proposals.log.head(scope).n - back
        base = {cell: self.beneath(scope, cell) for cell in (SVN, ESP)}
        self.count += 1
        with suppress(Problem):
            self.approve(self.proposals.undo(scope, n, -self.count, base, address="", reason="a slip", facts="v"))

    @rule(which=st.integers(0, 3), scope=st.sampled_from(ALL))
    def keep(self, which: int, scope: str) -> None:
        self.count += 1
        with suppress(Problem, IndexError):
            self.approve(self.proposals.pending(scope)[which])

    @rule()
    def restart(self) -> None:
        self.proposals.local.close()
        self.proposals = Proposals(LocalStore(self.folder / "local.db"))
        told = upgrade(self.proposals.local, self.published)
        assert set(told) <= {RETIRED}  # the first look since something was corrected, and to what is printed

    @rule(svn=st.sampled_from([*VALUES, None]), esp=st.sampled_from([*VALUES, None]))
    def publish(self, svn: Value | None, esp: Value | None) -> None:
        self.count += 1
        stood = {scope: live(self.proposals, scope) for scope in ALL}
        then = {(scope, cell): self.beneath(scope, cell) for scope in ALL for cell in stood[scope]}
        self.published = republished(self.facts, f"v{self.count}", {SVN: svn, ESP: esp})
        told = upgrade(self.proposals.local, self.published)
        outcomes = Counter[Outcome]()
        for (scope, cell), before in then.items():
            corrected = stood[scope][cell]
            assert corrected is not None
            outcome = outcome_of(before, self.beneath(scope, cell), corrected)
            outcomes[outcome] += 1
            assert (cell in live(self.proposals, scope)) == (outcome is KEPT)
            waiting = {
                (change.key, change.new)
                for one in self.proposals.pending(scope)
                if one.kind == "keep"
                for change in one.changes
            }
            if outcome is ASIDE:
                assert (cell, corrected) in waiting
        del outcomes[KEPT]
        assert told == outcomes
        assert upgrade(self.proposals.local, self.published, again=True) == Counter()

    @invariant()
    def the_chain_is_whole_and_no_revision_without_its_proposal(self) -> None:
        for scope in ALL:
            head = self.proposals.log.verify(scope)
            applied = self.proposals.db.execute(
                "select revision from proposal where scope = ? and state = 'applied' order by revision", [scope]
            )
            assert [row[0] for row in applied] == list(range(1, head.n + 1))

    def teardown(self) -> None:
        self.proposals.local.close()
        shutil.rmtree(self.folder)


TestPublications = Publications.TestCase
TestPublications.settings = settings(
    max_examples=few_or_many(15, 300), stateful_step_count=few_or_many(25, 40), deadline=None
)


def test_a_crowd_of_corrections_is_met_quickly(tmp_path: Path, facts: Facts) -> None:
    """32 servers with 50 corrections, each a revision of its own: 30 to 60 ms of one core, measured."""
    local = LocalStore(tmp_path / "local.db")
    proposals = Proposals(local)
    cells = [(*key, max(row.values)) for key, row in facts.series.items() if row.values][:50]
    wrong = Value(Decimal("9.99"))
    with local.writing():
        for server in range(32):
            for n, cell in enumerate(cells, 1):
                changes = (Change(cell, None, wrong, value_in(facts, cell)),)
                proposals.log.append(Revision(str(server), n, "2026-11-03", "x", "y", "correct", changes, "", "", "v"))
    took = list[float]()
    for published in (facts, facts, republished(facts, "next", dict.fromkeys(cells, Value(Decimal("8.88"))))):
        start = time.process_time()
        told = upgrade(local, published)
        took.append(time.process_time() - start)
    assert told[ASIDE] == 32 * 50
    assert took[1] < 0.002  # nothing changed: one look
    assert took[2] < 0.15
    local.close()
