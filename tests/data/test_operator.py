"""The operator's terminal: what each command says, stores and ends with; nothing is stored without a yes."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path

import pytest

from data.__main__ import main
from data.english import in_english, lines_of
from data.exports import log_as_csv
from data.local import LocalStore
from data.log import Log
from data.proposals import Proposals
from data.reports import Reports
from data.upgrade import LAST
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.corrections import EVERYWHERE, Change, Value, as_text
from knowledge.facts import Cell, Facts
from knowledge.questions import ask

ROOT = Path(__file__).parents[2]
GIVEN = ["--why", "revised budget act", "--source", "https://budget.example/act"]
SLOVENIA = ["correct", "Slovenia", "2026", "2.01e", *GIVEN]

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEDGER_FOLDER", str(tmp_path))
    LocalStore(tmp_path / "local.db").close()
    return tmp_path


@pytest.fixture
def say(folder: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """A command line in this process, without a terminal: its exit code, and what it says on either stream."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(list(words))
        except SystemExit as ended:  # argparse's
            code = int(str(ended.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def log(folder: Path) -> Iterator[Log]:
    with closing(LocalStore.beside(folder / "local.db")) as store:
        yield Log(store.db)


def test_a_figure_is_corrected_shown_exported_and_taken_back(say: Say, log: Log) -> None:
    code, told, _ = say(*SLOVENIA, "--yes")
    assert code == 0
    assert "For every server:\n  Share of GDP, Slovenia, 2026: 1.61% (estimate) → 2.01% (estimate) (2026" in told
    assert "Please check: By NATO's amounts in current prices, spending is 1.61% of GDP." in told
    assert "11 of 45 answers that were tried change.\n" in told
    assert "1.49 points short of the 3.5%" in told
    assert "Stored as revision 1, approved by nobody else." in told
    [one] = log.of(EVERYWHERE)
    assert f"Head of the log: {one.digest}" in told
    assert (one.by, one.approved, one.kind, one.address) == ("operator", "operator", "correct", GIVEN[3])
    assert one.changes == (
        Change(("2026", "share", "SVN", 2026), None, Value(Decimal("2.01"), "e"), Value(Decimal("1.61"), "e")),
    )
    assert say("undo", "1", "--why", "it was a slip", "--yes")[0] == 0
    assert [(one.n, one.undoes, one.changes[0].new) for one in log.of(EVERYWHERE)][1:] == [(2, 1, None)]
    code, told, _ = say("history")
    assert code == 0
    second, first = told.split("\n1, ")
    assert second.startswith("2, ")
    assert "undo, operator, approved by nobody else\n" in second
    assert "2.01% (estimate) → what NATO prints" in second
    assert "Why: it was a slip\n  Takes back revision: 1" in second
    assert "Why: revised budget act\n  Source: https://budget.example/act\n  Taken back by revision: 2" in first


def test_a_servers_own_lie_above_those_for_every_server(say: Say, log: Log) -> None:
    assert say(*SLOVENIA, "--yes")[0] == 0
    code, told, _ = say("correct", "svn", "2026", "2,2e", *GIVEN, "--server", "77", "--yes")
    assert code == 0
    assert "For server 77:\n  Share of GDP, Slovenia, 2026: 2.01% (estimate) → 2.20% (estimate)" in told
    assert "nothing is kept of this server so far. Is its id right?" in told
    assert log.scopes() == ["77", EVERYWHERE]
    assert "Nothing was corrected for server 78 yet." in say("history", "--server", "78")[1]
    assert say("history", "--server", "77")[1].count("Source") == 1
    assert "is its id right" not in say("correct", "svn", "2025", "2", *GIVEN, "--server", "77", "--yes")[1].lower()


FIGURES = [  # what is typed for another figure, and how it is told
    (["nato total", "2025", "blank"], "Share of GDP, NATO, 2025: 2.75% (estimate) → blank"),
    (["Slovenia", "2024", "1 391", "--measure", "usd"], "USD 1,391,000,000"),
    (["Slovenia", "2024", "1.4", "--edition", "2025"], "1.40% (2025 edition)"),
    (["Slovenia", "2023", "-3.2", "--measure", "growth"], "→ -3.20%"),
]


@pytest.mark.parametrize(("typed", "told"), FIGURES)
def test_other_figures(say: Say, typed: list[str], told: str) -> None:
    code, out, err = say("correct", *typed, *GIVEN)
    assert (code, err) == (3, "Nothing is stored yet. Say --yes to store it.\n"), out
    assert told in out


NOTHING = [  # a command line, its exit code, and the one sentence that it says
    (SLOVENIA, 3, "Nothing is stored yet. Say --yes to store it."),
    (["correct", "Slovenia", "2026", "1.61e", *GIVEN, "--yes"], 0, "It is 1.61% (estimate) already"),
    (["correct", "Slovenia", "2026", "a lot", *GIVEN, "--yes"], 2, "“a lot” is no number. Write it as NATO's table"),
    (["correct", "Slovenia", "2026", "269", *GIVEN, "--yes"], 2, "“269” is no share of GDP"),
    (["correct", "Slovenia", "1926", "2", *GIVEN, "--yes"], 2, "The 2026 edition prints this for"),
    (["correct", "Slovenia", "soon", "2", *GIVEN, "--yes"], 2, "“soon” is no year."),
    (["correct", "Atlantis", "2026", "2", *GIVEN, "--yes"], 2, "Atlantis"),
    (["correct", "nordic", "2026", "2", *GIVEN, "--yes"], 2, "This group is summed here from its Allies."),
    ([*SLOVENIA, "--measure", "luck", "--yes"], 2, "luck"),
    ([*SLOVENIA, "--edition", "1812", "--yes"], 2, "1812"),
    ([*SLOVENIA[:7], "budget.example", "--yes"], 2, "“budget.example” is no web address."),
    ([*SLOVENIA[:7], "https://me:pw@budget.example/", "--yes"], 2, "is no web address"),
    ([*SLOVENIA[:4], "--why", " so \x00", "--source", "https://a.example", "--yes"], 2, "--why takes 5 to 300 char"),
    ([*SLOVENIA[:4], "--why", "x" * 301, "--source", "https://a.example", "--yes"], 2, "these are 301."),
    (SLOVENIA[:4], 2, "the following arguments are required: --why, --source"),
    ([*SLOVENIA, "--server", "my server", "--yes"], 2, "“my server” is no id of a server"),
    ([*SLOVENIA[:4], "--why", "caf\udce9 au lait", "--source", "https://a.example"], 2, "this is no text in the"),
    (["undo", "1", "--why", "it was a slip", "--yes"], 1, "There is no revision 1 for every server."),
    (["undo", "first", "--why", "it was a slip"], 2, "invalid int value"),
    (["verify", "--head", "12345"], 2, "a digest has 8 to 64 hexadecimal digits"),
    (
        ["verify", "--head", "0123456789abcdef"],
        1,
        "No log has the digest 0123456789abcdef: one was cut",
    ),
    (["verify", "--head", "0" * 64], 0, "is that of revision 0 of everywhere"),
    (["verify"], 0, "No log has a revision yet."),
    (["history"], 0, "Nothing was corrected for every server yet."),
    (["status"], 0, "Revisions: 0"),
]


@pytest.mark.parametrize(("words", "code", "told"), NOTHING)
def test_what_stores_nothing_says_why(say: Say, log: Log, words: list[str], code: int, told: str) -> None:
    ended, out, err = say(*words)
    assert ended == code
    assert told in (err if code else out)
    assert "Traceback" not in err
    assert log.position() == 0


def test_a_revision_is_taken_back_whole_or_what_is_untouched_of_it_by_name(say: Say, folder: Path, log: Log) -> None:
    base: dict[Cell, Value] = {
        ("2026", "share", member, 2026): Value(Decimal(number), "e")
        for member, number in {"SVN": "1.61", "ESP": "2.00", "ITA": "1.98"}.items()
    }
    changes = tuple(Change(cell, None, Value(Decimal("3.00"), "e"), seen) for cell, seen in base.items())
    with closing(LocalStore.beside(folder / "local.db")) as store:
        Proposals(store).write(EVERYWHERE, "import", changes, base, address="", reason="three", facts="v")
    assert say("correct", "Spain", "2026", "2.5e", *GIVEN, "--yes")[0] == 0
    code, out, err = say("undo", "1", "--why", "wrong table", "--yes")
    assert code == 1
    assert "Of revision 1 this was changed again since:\n  Share of GDP, Spain, 2026:" in out
    assert "by revision 2" in out
    assert "Slovenia" not in out
    assert err == "Nothing was stored. Take the later revisions back first, or say --part for the other 2.\n"
    assert log.head(EVERYWHERE).n == 2
    assert say("undo", "1", "--why", "wrong table", "--part", "--yes")[0] == 0
    undone = [as_text(one.key) for one in log.of(EVERYWHERE)[2].changes]
    assert undone == ["figure|2026|share|SVN|2026", "figure|2026|share|ITA|2026"]
    assert "Nothing else is in it" in say("undo", "1", "--why", "wrong table", "--part", "--yes")[2]
    assert say("undo", "2", "--why", "wrong again", "--yes")[0] == 0
    assert say("undo", "3", "--why", "it was right", "--yes")[0] == 0  # an undo is undone
    assert len(log.of(EVERYWHERE)) == 5


def test_the_log_as_documents(say: Say, folder: Path) -> None:
    assert say(*SLOVENIA, "--yes")[0] == 0
    assert say("undo", "1", "--why", "it was a slip", "--yes")[0] == 0
    history = json.loads(say("history", "--json")[1])
    assert (history["format"], history["scope"]) == ("allied-ledger-history/1", "everywhere")
    newest, first = history["revisions"]
    assert (newest["number"], newest["undoes"], first["undone_by"], first["reason"]) == (2, 1, 2, "revised budget act")
    assert first["changes"] == [
        {
            "key": "figure|2026|share|SVN|2026",
            "before": {"value": "1.61", "mark": "e", "row": None},
            "after": {"value": "2.01", "mark": "e", "row": None},
        }
    ]
    assert newest["changes"][0]["after"] is None
    status = json.loads(say("status", "--json")[1])
    assert {key: status[key] for key in ("format", "corrected", "revisions", "waiting", "servers")} == {
        "format": "allied-ledger-status/1", "corrected": 0, "revisions": 2, "waiting": 0, "servers": 0,
    }  # fmt: skip
    assert status["head"] == newest["digest"]
    verified = json.loads(say("verify", "--json", "--head", first["digest"][:16])[1])
    assert verified["whole"]
    backed_up = json.loads(say("verify", "--json", "--head", status["head_of_all"][:16])[1])  # as a backup is named
    assert backed_up["found"] == [{"scope": "all", "number": 2}]
    assert verified["found"] == [{"scope": "everywhere", "number": 1}]
    assert verified["chains"] == [{"scope": "everywhere", "revisions": 2, "head": newest["digest"], "broken": None}]


def test_the_log_as_a_file(say: Say, folder: Path, log: Log) -> None:
    assert say(*SLOVENIA, "--yes")[0] == 0
    file = folder / "sub" / "log.csv"
    code, _, err = say("export", str(file))
    assert (code, err) == (1, f"{file}.part could not be written: No such file or directory.\n")
    file.parent.mkdir()
    assert say("export", str(file)) == (0, "", "")
    assert file.read_bytes() == log_as_csv(log.of(EVERYWHERE))
    [row] = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    assert (row["before"], row["after"], row["by"], row["approved"]) == ("1.61e", "2.01e", "operator", "operator")
    assert say("export")[1].encode() == file.read_bytes()
    assert len(list(file.parent.iterdir())) == 1
    for name in ("local.db", "local.db-wal", "local.lock"):
        code, _, err = say("export", str(folder / name))
        assert (code, "is the bot's own. Choose another name." in err) == (2, True)
    with closing(sqlite3.connect(folder / "local.db")) as raw:
        assert raw.execute("select count(*) from revision").fetchone() == (1,)


def tampered(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as raw:
        for trigger in ("revision_stays", "revision_goes_with_its_scope"):
            raw.execute(f"drop trigger if exists {trigger}")
        for statement in statements:
            raw.execute(statement)
        raw.commit()


def test_a_log_that_was_written_past_the_bot_is_noticed_and_used_no_further(say: Say, folder: Path) -> None:
    for number in ("2.01e", "2.02e", "2.03e"):
        assert say("correct", "Slovenia", "2026", number, *GIVEN, "--yes")[0] == 0
    head = json.loads(say("status", "--json")[1])["head"]
    assert say("verify", "--head", head)[0] == 0
    tampered(folder / "local.db", "delete from revision where n = 3")
    code, out, err = say("verify", "--head", head)
    assert (code, "whole" in out) == (1, True), "a cut tail leaves the chain whole"
    assert "one was cut" in err
    tampered(folder / "local.db", "update revision set body = replace(body, '2.02', '9.02') where n = 2")
    code, out, err = say("verify")
    assert (code, "broken: revision 2 is not as it was written" in out) == (1, True)
    for words in (["history"], ["export"], ["status"], ["undo", "1", "--why", "a slip", "--yes"], [*SLOVENIA, "--yes"]):
        code, out, err = say(*words)
        assert (code, out) == (1, "")
        assert "Revision 2 of everywhere is not as it was written." in err
        assert "restore a backup" in err


def test_corrections_that_lie_over_other_figures_are_not_added_to(say: Say, folder: Path, log: Log) -> None:
    with closing(LocalStore.beside(folder / "local.db")) as store:
        store.put(LAST, "of before")
    for words in ([*SLOVENIA, "--yes"], ["undo", "1", "--why", "a slip", "--yes"]):
        code, _, err = say(*words)
        assert (code, "lie over the figures of before" in err, "Start the bot once" in err) == (1, True, True)
    assert say("history")[0] == 0


def test_what_readers_reported_of_the_figure_is_settled(say: Say, folder: Path) -> None:
    cell = ("2026", "share", "SVN", 2026)
    with closing(LocalStore.beside(folder / "local.db")) as store:
        reports = Reports(store)
        reports.report(
            "77", 5, cell, Value(Decimal("1.61"), "e"), words="it looks wrong", better="", channel=1, language="en"
        )
        reports.report(
            "78", 5, cell, Value(Decimal("1.61"), "e"), words="it looks wrong", better="", channel=1, language="en"
        )
    assert say(*SLOVENIA, "--server", "77", "--yes")[0] == 0
    with closing(LocalStore.beside(folder / "local.db")) as store:
        assert [len(Reports(store).pending(scope)) for scope in ("77", "78")] == [0, 1]


def test_what_waits_is_counted_and_the_folder_can_be_named(
    say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = ("2026", "share", "SVN", 2026)
    with closing(LocalStore.beside(folder / "local.db")) as store:
        change = Change(cell, None, Value(Decimal("2.05"), "e"), Value(Decimal("1.61"), "e"))
        Proposals(store).propose("77", 1, "correct", (change,), address="", reason="another", facts="v")
    monkeypatch.setenv("LEDGER_FOLDER", str(folder / "elsewhere"))
    assert say("status", "--server", "77")[0] == 1
    code, told, _ = say("status", "--server", "77", "--folder", str(folder))
    assert (code, "Waiting for a decision: 1, the oldest since 20" in told) == (0, True)
    assert "Waiting for a decision: 0\n" in say("status", "--folder", str(folder))[1]


# -- faults of the file ------------------------------------------------------------------------------


def held(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    return other


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = LocalStore.beside

    def small(path: Path) -> LocalStore:
        store = beside(path)
        store.db.execute("pragma max_page_count = 1").fetchall()
        return store

    monkeypatch.setattr(LocalStore, "beside", staticmethod(small))


def test_a_held_file_is_told_of(say: Say, folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.local.BESIDE", 0.2)
    with closing(held(folder / "local.db")):
        code, _, err = say(*SLOVENIA, "--yes")
        assert (code, "is held by another program, so nothing was stored. Try again" in err) == (1, True)
        assert say("history")[0] == 0  # who reads waits for nobody
    assert say(*SLOVENIA, "--yes")[0] == 0


def test_a_full_disk_is_told_of(say: Say, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch)
    for n in range(10, 40):  # what is left of the last page is used first
        code, _, err = say("correct", "Slovenia", "2026", f"2.{n}e", *GIVEN, "--yes")
        if code:
            break
    assert (code, "is full, so nothing is kept. Make room on it." in err) == (1, True)


def test_a_read_only_file_is_told_of(say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = LocalStore.beside

    def read_only(path: Path) -> LocalStore:
        store = beside(path)
        store.db.execute("pragma query_only = 1")
        return store

    monkeypatch.setattr(LocalStore, "beside", staticmethod(read_only))
    code, _, err = say(*SLOVENIA, "--yes")
    assert (code, "cannot be written" in err, "Use the user the bot runs as" in err) == (1, True, True)
    assert say("history")[0] == 0


def test_a_missing_file_is_not_made(say: Say, folder: Path) -> None:
    (folder / "local.db").unlink()
    for words in (["history"], ["status"], ["verify"], ["export"], [*SLOVENIA, "--yes"]):
        code, out, err = say(*words)
        assert (code, out) == (1, "")
        assert err.startswith(f"There is no {folder / 'local.db'}. A bot makes it when it starts; LEDGER_FOLDER says")
    assert not (folder / "local.db").exists()


def test_a_missing_store_of_figures_is_told_of(say: Say, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_FACTS", str(folder / "none.db"))
    code, out, err = say(*SLOVENIA, "--yes")
    assert (code, out, "none.db" in err) == (1, "", True)


# -- in a shell --------------------------------------------------------------------------------------


def shell(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    given = os.environ | {"LEDGER_FOLDER": str(folder)} | environment
    return subprocess.run(
        [sys.executable, "-m", "data", *words], cwd=ROOT, env=given, capture_output=True, check=False, timeout=60
    )


def test_another_encoding(folder: Path) -> None:
    source = ["--source", "https://budget.example/ä"]
    done = shell(folder, *SLOVENIA[:4], "--why", "Überprüft – „ja“", *source, "--yes", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert b"1.61% (estimate) ? 2.01% (estimate)" in done.stdout
    told = shell(folder, "history", "--json", PYTHONIOENCODING="latin-1").stdout
    assert json.loads(told.decode("ascii"))["revisions"][0]["reason"] == "Überprüft – „ja“"


ANSWERS = [(b"yes\n", 0, True), (b"no\n", 1, False), (b"\x03", 1, False)]  # the last is Ctrl-C


@pytest.mark.parametrize(("typed", "code", "stored"), ANSWERS)
def test_on_a_terminal_it_asks(folder: Path, log: Log, typed: bytes, code: int, stored: bool) -> None:
    ours, theirs = pty.openpty()
    given = os.environ | {"LEDGER_FOLDER": str(folder)}
    words = [sys.executable, "-m", "data", *SLOVENIA]
    with subprocess.Popen(words, cwd=ROOT, env=given, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                          preexec_fn=_control) as process:  # fmt: skip
        os.close(theirs)
        try:
            shown, until = b"", time.monotonic() + 30
            while b"Write yes or no: " not in shown and time.monotonic() < until:
                if select.select([ours], [], [], 0.2)[0]:
                    shown += os.read(ours, 65536)
            assert b"Write yes or no: " in shown, shown
            assert log.position() == 0, "nothing before the answer"
            while process.poll() is None and time.monotonic() < until:
                os.write(ours, typed)  # a Ctrl-C just before it reads is lost, and pressed again
                with suppress(subprocess.TimeoutExpired):
                    process.wait(3)
            assert process.poll() == code
        finally:
            process.kill()
    os.close(ours)
    assert log.position() == int(stored)


def _control() -> None:
    """Let the terminal be the process's own, so that its Ctrl-C arrives."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_reader_that_goes_away_is_no_fault(folder: Path) -> None:
    line = f"{sys.executable} -m data status | true"
    given = os.environ | {"LEDGER_FOLDER": str(folder)}
    done = subprocess.run(line, shell=True, cwd=ROOT, env=given, capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


# -- in plain English --------------------------------------------------------------------------------


def test_every_kind_of_answer_is_told_in_plain_english(facts: Facts) -> None:
    for asked in ("gap germany", "rank share 2026", "spending nordic since 2020", "revisions france", "whatif nato 3.5",
                  "pledges italy", "compare baltics, france", "rule hague", "summit", "target spain",
                  "spending turkey per head", "define share"):  # fmt: skip
        lines = lines_of(ask(facts, read(asked)))
        assert lines
        assert not [line for line in lines if "{" in line or "Decimal" in line or "Struct" in line], asked
    with pytest.raises(Problem) as refused:
        ask(facts, read("gap atlantis"))
    assert lines_of(refused.value) == (in_english(refused.value.sentence),)


def test_every_command_is_in_the_guide() -> None:
    page = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    from data.operator import COMMANDS, add_commands

    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    add_commands(commands)
    assert set(commands.choices) == set(COMMANDS)
    assert [name for name in COMMANDS if f"`{name}" not in page] == []
    options = {text for one in commands.choices.values() for act in one._actions for text in act.option_strings}
    assert sorted(text for text in options if text.startswith("--") and f"`{text}" not in page) == ["--help"]
