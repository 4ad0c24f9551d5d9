"""What an operator meets: settings in a file, logs that name nobody, reports of one's own."""

from __future__ import annotations

import asyncio
import errno
import gc
import io
import json
import logging
import os
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import discord
import pytest
from aiohttp.client_reqrep import ConnectionKey

from bot.__main__ import main
from bot.service.health import verdict
from bot.service.logs import Formatter, is_news
from bot.service.reporting import Reporting
from bot.service.run import why
from bot.service.settings import SettingsError, read_file, read_settings
from data import FACTS
from data.store import is_readable


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("DISCORD_TOKEN=abc\nLEDGER_LOG=WARNING\n", None),
        ("\ufeffDISCORD_TOKEN=abc\r\n# a comment\r\n\r\n", None),
        ("DISCORD_TOKEN = abc\n", "without spaces"),
        (" DISCORD_TOKEN=abc\n", "without spaces"),
        ("DISCORD_TOKEN\n", "write NAME=value"),
        ("DISCORD_TOKN=abc\n", "no setting of that name"),
        ('DISCORD_TOKEN="abc"\n', "quotes"),
    ],
)
def test_a_file_of_settings(tmp_path: Path, text: str, wrong: str | None) -> None:
    file = tmp_path / ".env"
    file.write_text(text, encoding="utf-8", newline="")
    if wrong is None:
        assert read_settings(read_file(file)).discord_token == "abc"
        return
    with pytest.raises(SettingsError, match=wrong) as raised:
        read_settings(read_file(file))
    assert "abc" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("LEDGER_PORT=1".encode("utf-16"), "not UTF-8"),
        ("LEDGER_FOLDER=größe".encode("cp1252"), "not UTF-8"),
        (None, "No such file"),
    ],
)
@pytest.mark.parametrize("command", ["run", "ask", "check", "health"])
def test_a_file_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, content: bytes | None, wrong: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    if content is not None:
        file.write_bytes(content)
    assert main([command, "--env-file", str(file), *["gap germany"] * (command == "ask")]) == 1
    said = capsys.readouterr().err
    assert wrong in said
    assert said.endswith(".\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("environment", "folder"),
    [({}, "of the file"), ({"LEDGER_FOLDER": ""}, "of the file"), ({"LEDGER_FOLDER": "given"}, "given")],
)
def test_what_is_given_comes_before_a_file(
    tmp_path: Path, environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("LEDGER_FOLDER=of the file\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEDGER_FOLDER", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    report = tmp_path / folder / "health.json"
    report.parent.mkdir()
    report.write_text(json.dumps({"time": time.time(), "connected": True, "heard": True, "store": True}))
    assert main(["health", "--env-file", ".env"]) == 0


def test_the_token_is_in_no_description_of_the_settings() -> None:
    assert "secret" not in repr(read_settings({"DISCORD_TOKEN": "secret"}))


# -- logs ----------------------------------------------------------------------------------------------------

WORDS, PERSON = "my secret words", "200000000000000001"


def logged(message: str, *values: object, error: BaseException | None = None, name: str = "ledger") -> str | None:
    """The line or lines of a record; None where it is no news."""
    trace = None
    try:
        if error is not None:
            raise error
    except BaseException as raised:
        trace = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, values, trace)
    return Formatter("%(levelname)s %(message)s").format(record) if is_news(record) else None


@pytest.mark.parametrize("error", [ValueError(f"{WORDS} of {PERSON}"), KeyError(WORDS), RuntimeError(WORDS, PERSON)])
def test_an_exception_is_its_type_and_its_place(error: Exception) -> None:
    line = logged("F-123456 in %s", "/gap", error=error)
    assert line is not None
    assert type(error).__name__ in line
    assert "test_service.py" in line
    assert WORDS not in line
    assert PERSON not in line


@pytest.mark.parametrize("error", [ConnectionResetError(), ValueError(f"{WORDS} {PERSON}")])
def test_a_list_that_could_not_be_sent_names_nobody(error: Exception) -> None:
    line = logged("Ignoring exception in autocomplete for %r (Guild: %s, User: %s)", "gap", PERSON, PERSON, error=error)
    assert line is not None
    assert "what /gap offers could not be sent" in line
    assert WORDS not in line
    assert PERSON not in line
    assert ("Traceback" in line or "test_service.py" in line) == isinstance(error, ValueError)
    assert line.startswith("WARNING") == isinstance(error, ConnectionResetError)


def test_ids_and_tokens_stand_in_no_line() -> None:
    line = logged("We are being rate limited. POST %s", f"/webhooks/{PERSON}/aW50ZXJhY3Rpb246MTIz/messages")
    assert line is not None
    assert PERSON not in line
    assert "aW50" not in line


@pytest.mark.parametrize("error", [ConnectionResetError(WORDS), aiohttp.ClientPayloadError(WORDS), OSError(WORDS)])
def test_a_gateway_that_is_away_is_a_line_each_time(error: Exception) -> None:
    line = logged("Attempting a reconnect in %.2fs", 1.82, error=error, name="discord.client")
    assert line == f"WARNING Attempting a reconnect in 1.82s ({type(error).__name__})"


def fails(words: str) -> None:
    raise ValueError(words)


async def never_awaited() -> None:
    task = asyncio.ensure_future(asyncio.to_thread(fails, f"{WORDS} of {PERSON}"))
    await asyncio.wait([task])


async def in_a_callback() -> None:
    asyncio.get_running_loop().call_soon(fails, WORDS)
    await asyncio.sleep(0)


async def in_a_future() -> None:
    asyncio.get_running_loop().create_future().set_exception(KeyError(WORDS, PERSON))


@pytest.mark.parametrize("lost", [never_awaited, in_a_callback, in_a_future])
async def test_what_asyncio_says_of_a_lost_exception_holds_no_words(lost: Callable[[], Awaitable[None]]) -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(Formatter())
    handler.addFilter(is_news)
    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.addHandler(handler)
    try:
        await lost()
        gc.collect()
        await asyncio.sleep(0)
    finally:
        asyncio_log.removeHandler(handler)
    assert "xception" in told.getvalue()
    assert "Error" in told.getvalue()
    assert WORDS not in told.getvalue()
    assert PERSON not in told.getvalue()


@pytest.mark.parametrize("text", ["Guilds intent seems to be disabled.", "PyNaCl is not installed, voice will NOT"])
def test_what_the_bot_does_without_is_no_news(text: str) -> None:
    assert logged(text) is None


# -- what ended it -------------------------------------------------------------------------------------------

REACHED, TRUSTED, REFUSED = "Discord cannot be reached", "certificate", "The system refused what the bot needs: "
TO = ConnectionKey("discord.com", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (aiohttp.ClientConnectorError(TO, OSError(errno.ECONNREFUSED, "refused")), REACHED),
        (aiohttp.ClientConnectorDNSError(TO, OSError(-3, "Temporary failure in name resolution")), REACHED),
        (aiohttp.ServerDisconnectedError(), REACHED),
        (socket.gaierror(-2, "Name or service not known"), REACHED),
        (ConnectionResetError(errno.ECONNRESET, "reset"), REACHED),
        (TimeoutError(), REACHED),
        (aiohttp.ClientConnectorCertificateError(TO, ssl.SSLCertVerificationError("expired")), TRUSTED),
        (aiohttp.ClientConnectorSSLError(TO, ssl.SSLError("wrong version")), TRUSTED),
        (OSError(errno.EMFILE, "Too many open files"), REFUSED + "Too many open files."),
        (PermissionError(errno.EACCES, "Permission denied"), REFUSED + "Permission denied."),
        (sqlite3.OperationalError("disk I/O error"), "local.db"),
    ],
)
def test_what_ended_it_is_one_true_sentence(error: Exception, sentence: str) -> None:
    assert sentence in why(error)
    assert why(error).endswith((".", "?"))


# -- health --------------------------------------------------------------------------------------------------


async def test_a_report_is_taken_away_by_its_own_process_alone(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    reporting = Reporting(discord.Client(intents=discord.Intents.none()), path, FACTS)
    await reporting._report(True)
    assert json.loads(path.read_text())["store"] is True
    assert verdict(path, json.loads(path.read_text())["time"]) == "The bot is not connected to Discord's gateway."
    path.write_text(json.dumps({"process": os.getpid() + 1}))
    reporting.end()
    assert path.exists()
    path.write_text(json.dumps({"process": os.getpid()}))
    reporting.end()
    assert not path.exists()


async def test_a_full_disk_is_said_once_and_leaves_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reporting = Reporting(discord.Client(intents=discord.Intents.none()), tmp_path / "gone" / "health.json", FACTS)
    await reporting._report(True)
    await reporting._report(True)
    assert caplog.text.count("could not be written") == 1


def test_health_imports_nothing_heavy() -> None:
    code = "import sys; from bot.__main__ import main; main(['health']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"discord", "aiohttp", "pydantic", "sqlite_utils", "babel"} & set(done.stdout.split())


def test_a_store_is_really_read(tmp_path: Path) -> None:
    assert is_readable(FACTS)
    assert not is_readable(tmp_path / "none.db")
    (tmp_path / "broken.db").write_bytes(b"no database" * 1000)
    assert not is_readable(tmp_path / "broken.db")
