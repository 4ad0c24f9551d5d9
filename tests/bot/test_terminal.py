"""`python -m bot`: answers, exit codes, JSON, failed starts and health, as a person at a shell meets them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.drawing.document import AnswerDocument
from bot.service.health import verdict


def bot(*words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LEDGER_") and k != "DISCORD_TOKEN"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=stdin,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_answer_is_printed() -> None:
    done = bot("ask", "gap germany")
    assert done.returncode == 0
    assert done.stdout.startswith("Germany is expected to spend 2.69% of GDP")
    assert "US$ 44.0 bn (€ 37.3 bn)" in done.stdout
    assert done.stderr == ""


def test_a_question_that_cannot_be_answered_is_exit_2_and_a_sentence() -> None:
    done = bot("ask", "gap ukraine")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "not one of the 32 Allies" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_questions_on_standard_input_are_documents_line_by_line() -> None:
    done = bot("ask", "--json", "-", stdin="gap poland\ngap atlantis\n\n/target poland 2032 rule:rutte\n")
    documents = [AnswerDocument.model_validate_json(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [d.error.code if d.error else None for d in documents] == [None, "unknown-member", None]
    gap = {figure.name: figure for figure in documents[0].figures}["gap.hague"]
    assert (gap.value, gap.unit, gap.status) == ("1.18", "percentage points of GDP", "estimate")
    assert {documents[0].sources[n].table for n in gap.sources} >= {"3"}
    assert documents[2].standing == "proposed"
    assert list(json.loads(done.stdout.splitlines()[0]))[:4] == ["format", "asked", "headline", "status"]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"LEDGER_FACTS": "/nowhere/facts.db"}, "There is no store of figures"),
        ({"LEDGER_PORT": "many"}, "LEDGER_PORT is wrong"),
        ({"LEDGER_PORT": "70000"}, "LEDGER_PORT is wrong"),
        ({"LEDGER_LOG": "loud"}, "LEDGER_LOG is wrong"),
        ({"LEDGER_FOLDER": '"/var/x"'}, "written with quotes"),
        ({"DISCORD_TOKEN": "'abc'"}, "written with quotes"),
        ({"DISCORD_TOKEN": "a b"}, "a space or a line break"),
        ({"DISCORD_TOKEN ": "abc"}, "a space or an invisible sign"),
        ({"\ufeffDISCORD_TOKEN": "abc"}, "a space or an invisible sign"),
        ({"DISCORD_TOKEN": "wrong", "LEDGER_FOLDER": "/proc/nowhere"}, "cannot be written"),
    ],
)
def test_a_failed_start_is_one_sentence(environment: dict[str, str], sentence: str) -> None:
    done = bot("run", **environment)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "facts.db"
    broken.write_bytes(b"not a database at all" * 100)
    done = bot("run", LEDGER_FACTS=str(broken))
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = bot("run", LEDGER_PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_says_what_is_there(tmp_path: Path) -> None:
    done = bot("check", LEDGER_FOLDER=str(tmp_path))
    assert done.returncode == 0
    assert re.search(r"[\d,]+ figures, newest the \d{4} edition", done.stdout)
    assert bot("check", LEDGER_FACTS="/nowhere").returncode == 1


def test_ending_a_pipe_early_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("gap germany\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith('{"format":"allied-ledger/1"')
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdin.close()
    process.stdout.close()


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ({"connected": True, "heard": True, "store": True}, None),
        ({"connected": False, "heard": True, "store": True}, "not connected"),
        ({"connected": True, "heard": False, "store": True}, "heartbeat"),
        ({"connected": True, "store": True}, "heartbeat"),
        ({"connected": True, "heard": True, "store": False}, "store"),
        ({"connected": True, "heard": True, "store": True, "time": 1.0}, "seconds old"),
    ],
)
def test_health(tmp_path: Path, state: dict[str, object], trouble: str | None) -> None:
    path = tmp_path / "health.json"
    path.write_text(json.dumps({"time": time.time(), **state}))
    found = verdict(path, time.time())
    assert (found is None) if trouble is None else (found is not None and trouble in found)


def test_no_report_is_not_healthy(tmp_path: Path) -> None:
    assert verdict(tmp_path / "none", time.time()) is not None
    assert bot("health", LEDGER_FOLDER=str(tmp_path)).returncode == 1
