"""A file is read in a process that can open nothing, is ended in time, and is believed in nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.importing import walled
from data.importing.limits import MIB, Refused
from data.importing.naming import names_of
from data.importing.recognised import Names
from data.importing.walled import believed, recognised
from knowledge.facts import Facts
from tests.data.importing.hostile import HOSTILE_TEXTS, HOSTILE_WORKBOOKS

ROOT = Path(__file__).parents[3]
REFUSED = {
    "two cells in far corners": "too-large",
    "far corners, other quotes": "too-large",
    "far corners, a prefix": "too-large",
    "two cells, 20,000 by 1,000": "too-large",
    "two cells, 5,000 by 512": "too-large",
    "four billion strings announced": "too-large",
    "a gigabyte in a cell": "too-large",
    "a gigabyte in an element nobody reads": "too-large",
    "300,000 rows": "too-large",
    "5,000 sheets": "too-large",
    "entities in entities": "damaged",
    "an entity from a file": "damaged",
    "a password": "password",
    "a locked part": "password",
    "a part twice": "damaged",
    "10,000 parts": "too-large",
    "another packing": "unsupported",
    "cut in half": "damaged",
    "only the first letters of an archive": "damaged",
    "5 MB in a cell": "too-large",
    "12 MB in an attribute": "too-large",
    "nested deep": "damaged",
    "a strange address": "damaged",
    "columns without end": "damaged",
    "a string that is not there": "damaged",
    "half a million cells": "too-large",
    "a sheet elsewhere": "damaged",
    "nothing": "empty",
    "a NUL": "unsupported",
    "a quote that never ends": "too-large",
    "300,000 lines": "too-large",
    "600 columns": "too-large",
    "a field of 20,000 letters": "too-large",
    "half a letter of UTF-16": "damaged",
    "a picture": "unsupported",
    "8 MiB and a byte": "too-large",
    "100,000 delimiters": "too-large",
    "30,000 figures": "too-large",
    "no table": "no-table",
}
HOSTILE = {**HOSTILE_WORKBOOKS, **HOSTILE_TEXTS}
TABLE = b"Country,2024,2025\nAlbania,1.35,1.48\nBelgium,1.27,2\n"


def test_every_hostile_file_has_its_end() -> None:
    assert set(REFUSED) == set(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_one_sentence_while_the_loop_goes_on(facts: Facts, name: str) -> None:
    data, names = HOSTILE[name](), names_of(facts)
    late = 0.0

    async def watch() -> None:
        nonlocal late
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late = max(late, time.perf_counter() - began - 0.005)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    with pytest.raises(Refused) as refused:
        await recognised(data, names)
    watching.cancel()
    assert refused.value.code == REFUSED[name]
    assert refused.value.sentence.endswith(".")
    assert "\n" not in refused.value.sentence
    assert time.perf_counter() - began < 10
    assert late < 0.5  # of a loaded machine; a reader in this process would hold it for seconds


async def test_what_hangs_is_ended(facts: Facts) -> None:
    began = time.perf_counter()
    with pytest.raises(Refused) as refused:
        await recognised(TABLE, names_of(facts), longest=0.001)
    assert refused.value.code == "limits"
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "limits"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "limits"),
        ("import os; os.abort()", "unreadable"),
        ("raise SystemExit(3)", "unreadable"),
        ("print('{}')", "unreadable"),
        ('print(\'{"kind": "end", "what": 0}\')', "unreadable"),
        ("import sys\nwhile True: sys.stdout.write('a' * 1000000)", "unreadable"),
    ],
)
async def test_a_worker_that_dies_or_lies_is_one_sentence(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, code: str
) -> None:
    (tmp_path / "worker.py").write_text(program)
    monkeypatch.setattr(walled, "WORKER", tmp_path / "worker.py")
    monkeypatch.setattr(walled, "MOST", 3 * MIB)
    with pytest.raises(Refused) as refused:
        await recognised(TABLE * 1000, names_of(facts))
    assert refused.value.code == code


LEFT = """
import sys
sys.path.insert(0, {root!r})
import socket
from data.importing import worker
worker.shut()
try:
    {attempt}
except (OSError, MemoryError) as error:
    print(type(error).__name__)
else:
    print("done")
"""
ATTEMPTS = {
    "open('/etc/hostname')": "OSError",
    "socket.socket()": "OSError",
    "bytes(600 * 1024 * 1024)": "MemoryError",
    "bytes(60 * 1024 * 1024)": "done",
}


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU") or sys.platform != "linux", reason="limits are Linux's here")
@pytest.mark.parametrize(("attempt", "end"), ATTEMPTS.items())
def test_inside_the_wall_nothing_is_opened(attempt: str, end: str) -> None:
    program = LEFT.format(root=str(ROOT), attempt=attempt)
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, env={}, check=False)
    assert done.stdout.strip() == end, done.stderr


def line(kind: str, what: object) -> bytes:
    return json.dumps({"kind": kind, "what": what}).encode()


NAMES = Names({"albania": "ALB"}, {}, {}, {})
BLOCK = {"sheet": "", "words": "a", "measures": ["share"], "prices_said": False, "base": ""}
CELL = {
    "block": 0, "spender": "ALB", "year": 2024, "mark": "e", "value": "1.35", "places": 2, "scale": None, "row": 2,
    "column": 2, "written": "1.35", "currency": [], "note": "",
}  # fmt: skip
LIES = {
    "a spender that nobody is": {"spender": "XXX"},
    "a block that is not there": {"block": 1},
    "a number that is none": {"value": "1.35; drop"},
    "a number without end": {"value": "9" * 50},
    "a year out of the world": {"year": 99999},
    "a long text": {"written": "a" * 300},
    "a field more": {"more": 1},
}


def said(**changed: object) -> bytes:
    lines = [line("form", "UTF-8"), line("blocks", BLOCK), line("observations", {**CELL, **changed})]
    return b"\n".join([*lines, line("end", len(lines))])


def test_what_the_worker_says_is_taken() -> None:
    (cell,) = believed(said(), NAMES).observations
    assert (cell.spender, cell.value, cell.mark) == ("ALB", "1.35", "e")


@pytest.mark.parametrize("changed", LIES.values(), ids=LIES)
def test_no_lie_of_the_worker_is_believed(changed: dict[str, object]) -> None:
    with pytest.raises(Refused):
        believed(said(**changed), NAMES)


def test_half_a_word_is_not_believed() -> None:
    whole = said()
    for cut in (whole[:-10], whole[: whole.rfind(b"\n")], b""):
        with pytest.raises(Refused):
            believed(cut, NAMES)
