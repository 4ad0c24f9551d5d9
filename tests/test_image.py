"""The container image, as far as it can be tested without an engine: what goes in, and the step that makes it small."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import babel
import pytest

from bot.drawing.languages import LANGUAGES

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
COPIED = [name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()]
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def goes_in(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last line that fits it, or a folder it is in, decides."""
    inside = True
    for line in IGNORED:
        pattern = line.removeprefix("!")
        if not line or line.startswith("#"):
            continue
        signs = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
        fits = "".join(signs.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*|\?)", pattern))
        if re.fullmatch(f"{fits}(?:/.*)?", path):
            inside = line.startswith("!")
    return inside


def test_what_is_copied_is_there_and_is_let_through() -> None:
    assert {"bot", "knowledge", "LICENSE", "PRIVACY.md"} < {*COPIED}
    assert [name for name in COPIED if not (ROOT / name).exists() or not goes_in(name)] == []


def test_nothing_else_is_let_through() -> None:
    assert {path.name for path in ROOT.iterdir() if goes_in(path.name)} == {*COPIED}


@pytest.mark.parametrize(
    "path",
    [
        ".env", ".git/config", "var/local.db", "tests/conftest.py", "data/facts.db", "data/facts.db-wal",
        "bot/__pycache__/ledger.cpython-313.pyc", "data/old.pyc", "bot/languages/de/LC_MESSAGES/ledger.mo",
    ],
)  # fmt: skip
def test_what_is_private_or_made_stays_out(path: str) -> None:
    assert not goes_in(path)


def test_what_builds_is_not_in_the_image() -> None:
    _, _, final = DOCKERFILE.partition("\nFROM python:3.13-slim\n")
    assert re.findall(r"^COPY (.+)$", final, re.MULTILINE) == [
        "--from=build /opt/venv /opt/venv",
        "--from=build /app /app",
    ]


DRAWN = """
import sys
from datetime import date
import babel
from discord import Locale
from bot.drawing.charts import alt_text, vega_lite
from bot.drawing.document import terminal_text
from bot.drawing.words import words
from data.store import load
from knowledge.asking.kinds import KINDS
from knowledge.asking.question import read
from knowledge.questions import ask
print(babel.__file__, file=sys.stderr)
facts = load()
answers = [ask(facts, read(kind.example), date(2026, 11, 1)) for kind in KINDS.values()]
for language in Locale:
    drawn = words(language.value)
    for answer in answers:
        print(terminal_text(answer, drawn))
        if answer.chart is not None:
            print(alt_text(answer, drawn), vega_lite(answer, drawn))
    for member in facts.members.values():
        print(drawn.value(member), drawn.locale.territories[member.iso2])
    for thing in (*facts.currencies.values(), *facts.editions.values()):
        print(drawn.value(thing))
"""


def drawn(folder: Path, packages: Path | None = None) -> tuple[str, str]:
    """Answers in every language of Discord's as they are drawn in a folder, and where Babel was found."""
    done = subprocess.run(
        [sys.executable, "-c", DRAWN],
        cwd=folder,
        env={"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"} if packages else {},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_the_image_is_small_and_readable_and_draws_the_same(tmp_path: Path) -> None:
    (step,) = re.findall(r"^RUN (rm -r .+)$", DOCKERFILE, re.MULTILINE)
    app, packages = tmp_path / "app", tmp_path / "venv" / "lib" / "python3.x" / "site-packages"
    for name in COPIED:
        app.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, app / name, ignore=shutil.ignore_patterns("__pycache__"))  # as .dockerignore
        else:
            shutil.copy(ROOT / name, app / name)
    shutil.copytree(Path(babel.__file__).parent, packages / "babel")
    for pip in ("pip", "pip-1.0.dist-info"):
        (packages / pip).mkdir()
    (tmp_path / "venv" / "bin").mkdir()
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    secret = app / "bot" / "ledger.py"
    secret.chmod(0o600)  # as a checkout under the umask 077 has it
    secret.parent.chmod(0o700)
    subprocess.run(
        ["sh", "-ec", step.replace("/opt/venv", f"{tmp_path}/venv").replace("/app", str(app))], cwd=app, check=True
    )

    assert sorted(path.name for path in app.iterdir()) == sorted({*COPIED} - {"requirements.txt", "tools"})
    assert [path for path in packages.iterdir() if path.name.startswith("pip")] == []
    assert [path for path in app.rglob("*") if path.stat().st_mode & 0o044 != 0o044] == []
    kept = {path.stem.partition("_")[0] for path in (packages / "babel" / "locale-data").glob("*.dat")}
    assert kept == {"root", "en", *LANGUAGES}
    assert list(app.rglob("*.po*")) == []
    compiled = [*app.rglob("*.pyc"), *packages.rglob("*.pyc")]
    assert len(compiled) > 100
    assert {path.read_bytes()[4:8] for path in compiled} == {b"\1\0\0\0"}  # unchecked, by PEP 552
    here, there = drawn(ROOT), drawn(app, packages)
    assert str(packages) in there[1]
    assert here[0] == there[0]
