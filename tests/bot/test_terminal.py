"""`python -m bot`: answers, exit codes, JSON, failed starts and health, as a person at a shell meets them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
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


ENCODINGS = ("ascii", "cp1252", "cp437", "iso8859-15", "utf-16", "utf-8")


def in_bytes(*words: str, stdin: bytes = b"", encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    """The same, with what is read and written as it is."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LEDGER_") and k != "DISCORD_TOKEN"}
    clean |= {"PYTHONIOENCODING": encoding}
    asking = [sys.executable, "-m", "bot", *words]
    return subprocess.run(asking, input=stdin, env=clean, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("encoding", "question", "shown"),
    [
        ("utf-8", "revisions", "−"),
        ("cp1252", "revisions", " -0."),
        ("cp437", "gap germany", "US$ 44.0 bn (EUR 37.3 bn)"),
        ("cp1252", "gap germany", "US$ 44.0 bn (€ 37.3 bn)"),
        ("iso8859-15", "gap germany", "€ 37.3 bn"),
        ("ascii", "gap türkiye", "Turkiye is expected"),
        ("ascii", "rule hague", '"'),
        ("ascii", "gap germany", "x"),
        ("cp437", "gap germany", "÷"),
        ("ascii", "spending germany 2014-2026", "2014-2026"),
    ],
)
def test_what_a_terminal_lacks_is_shown_otherwise(encoding: str, question: str, shown: str) -> None:
    done = in_bytes("ask", question, encoding=encoding)
    text = (done.stdout + done.stderr).decode(encoding)
    assert done.returncode == 0
    assert shown in text
    assert "?" not in text


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_json_in_every_encoding(encoding: str) -> None:
    questions = 'gap türkiye\nrule "−€“🇹🇷\\\nrevisions\nspending poland pln\nłódź 日本\n'.encode()
    done = in_bytes(
        "ask",
        "--json",
        "-",
        stdin=questions if encoding != "utf-16" else questions.decode().encode("utf-16"),
        encoding=encoding,
    )
    documents = [AnswerDocument.model_validate_json(line) for line in done.stdout.decode(encoding).splitlines()]
    assert len(documents) == 5
    if encoding == "utf-8":
        assert documents[4].asked == "łódź 日本"
    assert "−" in documents[2].model_dump_json()
    assert b"Traceback" not in done.stderr


def test_bytes_that_are_no_text_are_no_question() -> None:
    done = in_bytes("ask", "--json", "-", stdin=b"gap \xff\xfe\ngap germany\n")
    first, second = (AnswerDocument.model_validate_json(line) for line in done.stdout.splitlines())
    assert first.error is not None
    assert first.error.code == "unknown-member"
    assert second.error is None
    named = subprocess.run(
        [sys.executable.encode(), b"-m", b"bot", b"ask", b"--json", b"gap \xff"], capture_output=True, check=False
    )
    assert AnswerDocument.model_validate_json(named.stdout).asked == "gap \N{REPLACEMENT CHARACTER}"


TYPED = (
    ("\ufeffgap germany", "gap member:DEU"),
    ("\u200bgap\u200b ger\u00admany\u200e", "gap member:DEU"),
    ("gap\u00a0germany", "gap member:DEU"),
    ("  /gap germany  ", "gap member:DEU"),
    ("\u202agap germany\u202c", "gap member:DEU"),
    ("ｇａｐ　ｇｅｒｍａｎｙ", "gap member:DEU"),
    ("／gap germany", "gap member:DEU"),
    ("gap member：germany", "gap member:DEU"),
    ("compare germany，france", "compare members:FRA,DEU"),
    ("compare germany、france", "compare members:FRA,DEU"),
    ("whatif germany ３．５％ ２０３２", "whatif member:DEU share:3.5 by:2032"),
    ("gap 🇩🇪", "gap member:DEU"),
)


def test_what_nobody_sees_and_wide_forms_are_read() -> None:
    done = bot("ask", "--json", "-", stdin="\n".join(text for text, _ in TYPED), PYTHONIOENCODING="utf-8")
    documents = [AnswerDocument.model_validate_json(line) for line in done.stdout.splitlines()]
    found = [(text, meant, document.asked) for (text, meant), document in zip(TYPED, documents, strict=True)]
    assert [one for one in found if not {*one[1].split()} <= {*one[2].split()}] == []


def test_check_is_readable_in_any_encoding(tmp_path: Path) -> None:
    done = bot("check", LEDGER_FOLDER=str(tmp_path), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith("+ The store of figures reads")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"LEDGER_FACTS": "/nowhere/facts.db"}, "There is no store of figures"),
        ({"LEDGER_FACTS": "x" * 300}, "cannot be read"),
        ({"LEDGER_PORT": "many"}, "LEDGER_PORT is wrong"),
        ({"LEDGER_PORT": "70000"}, "LEDGER_PORT is wrong"),
        ({"LEDGER_PORT": "9" * 5000}, "LEDGER_PORT is wrong"),
        ({"LEDGER_LOG": "loud"}, "LEDGER_LOG is wrong"),
        ({"LEDGER_FOLDER": '"/var/x"'}, "written with quotes"),
        ({"DISCORD_TOKEN": "'abc'"}, "written with quotes"),
        ({"DISCORD_TOKEN": "a b"}, "a space or a line break"),
        ({"DISCORD_TOKEN ": "abc"}, "a space or an invisible sign"),
        ({"\ufeffDISCORD_TOKEN": "abc"}, "a space or an invisible sign"),
        ({"discord_token": "abc"}, "in small letters: write DISCORD_TOKEN=…"),
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


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_a_signal_during_the_start_is_no_fault(how: str) -> None:
    while_it_reads = f"""
import os, signal, sys
import bot.service.run as run
from bot.__main__ import main
run.ready_client = lambda *_: os.kill(os.getpid(), signal.{how})
sys.exit(main(["run"]))
"""
    any_port = os.environ | {"LEDGER_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", while_it_reads], capture_output=True, text=True, check=False, env=any_port
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


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
    assert bot("check", LEDGER_FACTS="/nowhere", LEDGER_FOLDER=str(tmp_path)).returncode == 1


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


ASKING = f"{shlex.quote(sys.executable)} -m bot ask"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (f"{ASKING} 'gap germany' > /dev/full", 1, "The output could not be read or written: No space left on device."),
        (f"{ASKING} --json - < /dev/null > /dev/full", 0, ""),
        (f"{ASKING} - <&-", 0, ""),
        (f"{ASKING} 'gap germany' >&-", 0, ""),
        (f"{ASKING} 'gap ukraine' 2>&-", 2, ""),
        (f"(yes revisions | {ASKING} -) | true; exit ${{PIPESTATUS[0]}}", 0, ""),
    ],
    ids=["full", "nothing", "no input", "no output", "no errors", "nobody reads"],
)
@pytest.mark.skipif(not Path("/dev/full").exists() or not shutil.which("bash"), reason="needs a full device, and bash")
def test_what_cannot_be_read_or_written_is_a_sentence_at_most(line: str, code: int, said: str) -> None:
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done
    assert done.stderr.strip() == said


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ({"connected": True, "heard": True, "store": True}, None),
        ({"connected": False, "heard": True, "store": True}, "not connected"),
        ({"connected": True, "heard": False, "store": True}, "heartbeat"),
        ({"connected": True, "store": True}, "heartbeat"),
        ({"connected": True, "heard": True, "store": False}, "store"),
        ({"connected": True, "heard": True, "store": True, "time": 1.0}, "seconds old"),
        ({"connected": True, "heard": True, "store": True, "time": 9e9}, "seconds old"),
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
