"""`python -m data correct`, `import` and `undo` killed while they write: what they called stored is there, the rest whole or not at all.

`make soak` kills more. LEDGER_SOAK=1 and --junit-xml, in one process, tell the counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from data.local import LocalStore
from data.log import Log, Revision
from knowledge.corrections import EVERYWHERE, Change, Value, fold
from knowledge.facts import Facts
from tests.conftest import few_or_many
from tests.data.importing import tables

ROOT = Path(__file__).parents[2]
KILLS = few_or_many(2, 30)
LAST = "  and "  # begins the line that is printed last before anything is written
CELL = ("2026", "share", "SVN", 2026)


class Ended(NamedTuple):
    """How one command ended: what it printed, and how many seconds its writing took, as far as it came."""

    said: str
    wrote: float


def command(folder: Path, *words: str, dies: float | None = None, lists: int = 1) -> Ended:
    """Run a command of the log, or kill it so many seconds after its last words before it writes.

    Those end a list, of `lists` that are cut short.
    """
    line = [sys.executable, "-u", "-m", "data", *words, "--folder", str(folder), "--yes"]
    environment = os.environ | {"PYTHONUTF8": "1"}
    with subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        said = ""
        for printed in process.stdout:
            said += printed
            lists -= printed.startswith(LAST)
            if not lists:
                break
        assert said.splitlines()[-1].startswith(LAST), said
        begun = time.monotonic()
        if dies is not None:
            time.sleep(dies)
            process.kill()
        said += process.stdout.readline()  # that it is stored, if it came so far
        wrote = time.monotonic() - begun
        said += process.stdout.read()
    return Ended(said, wrote)


def correction(number: int) -> tuple[str, ...]:
    value, why = f"{2 + number / 100:.2f}e", f"reading {number} of the budget act"
    return "correct", "Slovenia", "2026", value, "--why", why, "--source", "https://budget.example/act"


@pytest.mark.soak
def test_what_was_called_stored_outlives_every_kill(
    facts: Facts, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    LocalStore(tmp_path / "local.db").close()
    random = Random(9)
    writing = command(tmp_path, *correction(0)).wrote
    stored, unsaid, nothing = 1, 0, 0
    before = whole(tmp_path, facts)
    assert len(before) == 1
    for number in range(1, KILLS + 1):
        undoes = before[-1] if random.random() < 0.4 else None
        words = ("undo", str(undoes.n), "--why", f"slip {number} of ours") if undoes else correction(number)
        said = command(tmp_path, *words, dies=random.uniform(0, 1.5 * writing)).said
        after = whole(tmp_path, facts)
        assert after[: len(before)] == before
        made = after[len(before) :]
        acknowledged = f"Stored as revision {len(before) + 1}" in said
        assert len(made) == 1 if acknowledged else len(made) <= 1, said
        for one in made:
            new = undoes.changes[0].old if undoes else Value(Decimal(words[3][:-1]), "e")
            assert (one.kind, one.changes[0].new) == ("undo" if undoes else "correct", new)
        stored += acknowledged
        unsaid += len(made) > acknowledged
        nothing += not made
        before = after
    assert (stored + unsaid, stored + unsaid + nothing) == (len(before), KILLS + 1)
    for name, count in {"kills": KILLS, "stored": stored, "unsaid": unsaid, "nothing": nothing}.items():
        record_testsuite_property(f"terminal_{name}", count)
    done = command(tmp_path, *correction(KILLS + 1))  # and the next one goes on from there
    assert f"Stored as revision {len(before) + 1}" in done.said


def whole(folder: Path, facts: Facts) -> list[Revision]:
    """Every revision; each is chained, rests on the one before, and its closed proposal agrees with it."""
    with closing(LocalStore.beside(folder / "local.db")) as local:
        log = Log(local.db)
        log.verify(EVERYWHERE)
        revisions = log.of(EVERYWHERE)
        rows = local.db.execute("select id, state, revision, reason from proposal order by id").fetchall()
        notes = {row[0] for row in local.db.execute("select id from note")}
    assert [(row["id"], row["state"], row["revision"]) for row in rows] == [
        (one.of, "applied", one.n) for one in revisions
    ]
    assert {row["reason"] for row in rows} == notes
    stands, printed = None, Value(facts.series[CELL[:3]].values[CELL[3]], "e")
    for one in revisions:
        (change,) = one.changes
        assert change == Change(CELL, stands, change.new, stands or printed)
        stands = change.new
    return revisions


EDITIONS = few_or_many(2, 20)
NEW = (
    "--new-edition", "2027", "--published", "2026-11-02", "--source", "https://www.nato.int/tables.xlsx",
    "--why", "NATO published it",
)  # fmt: skip


@pytest.mark.soak
def test_a_whole_edition_comes_in_whole_or_not_at_all(
    facts: Facts, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Thousands of changes in one step, and back in another, killed at any moment of either."""
    LocalStore(tmp_path / "local.db").close()
    table, random = tmp_path / "tables.xlsx", Random(27)
    table.write_bytes(tables.nato(facts, facts.newest.id, years_more=1))
    importing, back = ("import", str(table), *NEW), ("--why", "it was a trial")
    writing = {"import": command(tmp_path, *importing, lists=2).wrote}
    writing["undo"] = command(tmp_path, "undo", "1", *back, lists=2).wrote
    before = chained(tmp_path)
    count = len(before[0].changes)
    assert count > 6000
    stored, unsaid = 2, 0
    for _ in range(EDITIONS):
        there = before[-1].kind == "import"
        words = ("undo", str(before[-1].n), *back) if there else importing
        dies = random.uniform(0, 3 * writing[words[0]])  # it takes longer as the log grows
        said = command(tmp_path, *words, dies=dies, lists=2).said
        after = chained(tmp_path)
        assert after[: len(before)] == before
        made = after[len(before) :]
        acknowledged = f"Stored as revision {len(before) + 1}" in said
        assert len(made) == 1 if acknowledged else len(made) <= 1, said
        assert [(one.kind, len(one.changes)) for one in made] in ([], [("undo" if there else "import", count)])
        stored, unsaid, before = stored + acknowledged, unsaid + (len(made) > acknowledged), after
        with closing(LocalStore.beside(tmp_path / "local.db")) as local:
            ledger = fold(Log(local.db).of(EVERYWHERE))
        assert len(ledger.printed) == (count - len(ledger.entries) if before[-1].kind == "import" else 0)
    for name, number in {"kills": EDITIONS, "stored": stored, "unsaid": unsaid}.items():
        record_testsuite_property(f"edition_{name}", number)


def chained(folder: Path) -> list[Revision]:
    with closing(LocalStore.beside(folder / "local.db")) as local:
        log = Log(local.db)
        log.verify(EVERYWHERE)
        return log.of(EVERYWHERE)
