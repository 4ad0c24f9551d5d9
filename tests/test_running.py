"""docs/running.md is true line by line: its commands are run as they stand, but for those that need a container engine."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from bot.service.health import STALE, verdict
from bot.service.settings import NAMES, Settings
from data import FACTS
from tests.loopback.payloads import slash
from tests.loopback.process import bot
from tests.loopback.server import Loopback, until

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
VOLUME = "/var/lib/ledger"

BLOCKS = re.findall(r"^```sh\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`((?:docker|make|chmod|rm|cp|python|\.venv/\S+) [^`]+)`", PAGE)
COMMANDS = [
    re.sub(r"\s+# .*", "", line).strip()
    for block in (*BLOCKS, *INLINE)
    for line in re.sub(r"\\\n\s*", "", block).splitlines()
]

# What cannot be run without an engine; what stands in quotes or behind `docker exec ledger` is run below nevertheless.
DOCKER = {
    "docker build -t allied-ledger .",
    "docker stop ledger",
    "docker start ledger",
    "docker stop ledger && docker rm ledger",
    "docker inspect -f '{{.State.Health.Status}}' ledger",
    "docker logs ledger",
    "docker cp ledger:/var/lib/ledger/copy.db .",
    "docker rm -f ledger && docker volume rm ledger && docker rmi allied-ledger",
}
STARTS = "docker run -d --name ledger "


def command(begin: str) -> str:
    """The one command of the page that begins so."""
    (found,) = {line for line in COMMANDS if line.startswith(begin)}
    return found


RUN = {
    "start": "make run",
    "check": command(".venv/bin/python -m bot check"),
    "faults": command("docker exec ledger python -m bot check"),
    "private": "chmod 600 .env",
    "health": command("docker exec ledger python -m bot health"),
    "backup": command("docker exec ledger python -m data backup"),
    "correct": command("docker exec ledger python -m data correct"),
    "history": command("docker exec ledger python -m data history"),
    "undo": command("docker exec ledger python -m data undo"),
    "verify": command("docker exec ledger python -m data verify"),
    "remove": command("docker exec ledger rm"),
    "restore": command("docker run --rm"),
    "own backup": command(".venv/bin/python -m data backup"),
    "own restore": command(".venv/bin/python -m data restore"),
    "delete": "rm -rf var && make clean",
}


def test_every_command_of_the_page_is_run_or_needs_an_engine() -> None:
    others = {line for line in COMMANDS if not line.startswith(STARTS)}
    assert others == DOCKER | {*RUN.values()}


def test_the_image_is_what_the_page_runs() -> None:
    words = shlex.split(command(STARTS))
    assert words[-1] == command("docker build").split()[-2]
    assert f"ledger:{VOLUME}" in words
    assert re.search(rf"^VOLUME {VOLUME}$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert f"LEDGER_FOLDER={VOLUME}" in DOCKERFILE
    assert 'CMD ["python", "-m", "bot", "health"]' in DOCKERFILE
    assert f"within the last {STALE:.0f} seconds" in PAGE


def test_the_table_of_variables_is_that_of_the_settings() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", PAGE, re.MULTILINE))
    defaults = {field.name.upper(): str(field.default) for field in fields(Settings)}
    assert tuple(rows) == NAMES
    told = {name: (re.findall(r"`([^`]+)`", row) or [""])[0] for name, row in rows.items()}
    assert told == defaults | {"LEDGER_FACTS": FACTS.relative_to(ROOT).as_posix()}
    assert f"in the image `{VOLUME}`" in rows["LEDGER_FOLDER"]


@dataclass(frozen=True, slots=True)
class Shell:
    """A checkout of its own and the page's commands in it."""

    folder: Path
    environment: dict[str, str]

    def run(self, line: str, **more: str) -> subprocess.CompletedProcess[str]:
        line = line.removeprefix("docker exec ledger ")
        environment = self.environment | more
        return subprocess.run(
            line, shell=True, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """What `make run` needs, with what was made of it already, and this Python for its own."""
    folder = tmp_path / "checkout"
    for name in ("bot", "commands", "data", "knowledge", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "requirements-dev.txt", ".env.example"):
        shutil.copy2(ROOT / name, folder / name)
    binaries = folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    (binaries / "python").chmod(0o755)
    (folder / ".venv" / "ready").touch()
    given = {name: value for name, value in os.environ.items() if name not in NAMES and not name.startswith("MAKE")}
    return Shell(folder, given | {"PATH": f"{binaries}:{given['PATH']}"})


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_without_docker_it_is_set_up_started_checked_ended_and_deleted(shell: Shell) -> None:
    before = {path for path in shell.folder.rglob("*") if path.name != "facts.db" and path.suffix != ".mo"}
    shutil.copy(shell.folder / ".env.example", shell.folder / ".env")
    assert shell.run(RUN["private"]).returncode == 0
    assert (shell.folder / ".env").stat().st_mode & 0o077 == 0
    with (shell.folder / ".env").open("a", encoding="utf-8") as env:
        env.write("LEDGER_PORT=1\n")
    port = free_port()
    running = subprocess.Popen(
        RUN["start"].split(),
        cwd=shell.folder,
        env=shell.environment | {"LEDGER_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if line.startswith("Type /gap"):
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as page:
            assert page.status == 200, said
        os.killpg(running.pid, signal.SIGINT)  # Ctrl+C
        assert "Traceback" not in running.communicate(timeout=20)[0]
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    checked = shell.run(RUN["check"])
    assert (checked.returncode, checked.stdout.count("✓")) == (0, 4), checked.stdout
    assert "on port 1." in checked.stdout
    assert shell.run(RUN["delete"]).returncode == 0
    (shell.folder / ".env").unlink()
    left = {path for path in shell.folder.rglob("*") if "__pycache__" not in path.parts}
    assert {path for path in left if path not in before} == set()
    assert not (shell.folder / ".venv").exists()


async def test_health_backup_and_restore(shell: Shell) -> None:
    discord, folder = Loopback(), shell.folder / "var"
    local = folder / "local.db"

    def here(line: str) -> str:
        """With the image's folders here, and without the engine."""
        return (
            line.rpartition(" allied-ledger ")[2].replace(VOLUME, str(folder)).replace(" /copy/", f" {shell.folder}/")
        )

    async def followed() -> bool:
        (listed,) = await discord.seen(await discord.ask(slash("follow list")))
        return "Germany" in listed.text

    async with discord.running():
        async with bot(discord, folder) as process:
            await discord.seen(await discord.ask(slash("follow start", what="germany")))
            assert await until(lambda: verdict(folder / "health.json", time.time()) is None, STALE)
            shutil.copy(shell.folder / ".env.example", shell.folder / ".env")
            for line in (here(RUN["health"]), RUN["check"], RUN["faults"], here(RUN["backup"]), RUN["own backup"]):
                done = await asyncio.to_thread(shell.run, line, LEDGER_FOLDER=str(folder))
                assert (done.returncode, done.stderr) == (0, ""), (line, done)
                assert line != RUN["health"] or done.stdout == ""
            shutil.copy(folder / "copy.db", shell.folder / "docker.db")  # as `docker cp` does it
            assert shell.run(here(RUN["remove"])).returncode == 0
            assert not (folder / "copy.db").exists()
            assert await followed()
            for name, told in (("correct", "2.01%"), ("history", "2.01%"), ("undo", "1.61%"), ("verify", "1.61%")):
                done = await asyncio.to_thread(shell.run, RUN[name], LEDGER_FOLDER=str(folder))
                assert (done.returncode, done.stderr) == (0, ""), (name, done)
                (answer,) = await discord.seen(await discord.ask(slash("gap", member="Slovenia")))
                assert told in answer.text, name
            process.process.send_signal(signal.SIGTERM)
            assert await process.ended() == 0
        (shell.folder / "copy.db").replace(shell.folder / "own.db")
        for name, line in (("docker.db", here(RUN["restore"])), ("own.db", RUN["own restore"])):
            for path in (local, *folder.glob("local.db-*")):
                path.write_bytes(b"damaged")
            (shell.folder / name).replace(shell.folder / "copy.db")
            done = shell.run(line, LEDGER_FOLDER=str(folder))
            assert (done.returncode, done.stderr) == (0, ""), done
            discord.identified.clear()
            async with bot(discord, folder):
                assert await followed()
