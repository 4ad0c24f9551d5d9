"""What the operator sets, read from the environment once; a wrong value is one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import FACTS, KEPT

LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """One sentence that names the variable and what it takes."""


@dataclass(frozen=True, slots=True)  # no Struct, which would show the token wherever it is printed
class Settings:
    """Each field is the environment variable of the same name in capitals; .env.example explains them."""

    discord_token: str = field(default="", repr=False)
    ledger_folder: Path = Path("var")
    ledger_facts: Path = FACTS
    ledger_port: int = 8765
    ledger_log: str = "info"
    ledger_maintainers: str = ""
    ledger_backups: int = KEPT

    @property
    def maintainers(self) -> frozenset[int]:
        return frozenset(map(int, self.ledger_maintainers.split(",") if self.ledger_maintainers else ()))

    @property
    def local_path(self) -> Path:
        return self.ledger_folder / "local.db"

    @property
    def health_path(self) -> Path:
        return self.ledger_folder / "health.json"

    @property
    def pictures_path(self) -> Path:
        return self.ledger_folder / "pictures"


NAMES = tuple(name.upper() for name in Settings.__dataclass_fields__)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment; an empty variable counts as absent."""
    given: dict[str, Any] = {}
    for name, value in environment.items():
        meant = name.strip("\ufeff \t").upper()
        if meant in NAMES and name != meant and not environment.get(meant):
            raise SettingsError(
                f"{meant} is written with a space or an invisible sign in its name, or in small letters: write {meant}=…"
            )
        if name in NAMES and value.strip():
            given[name.lower()] = _READ[name](_unquoted(name, value.strip()))
    return Settings(**given)


def read_file(path: Path) -> dict[str, str]:
    """The variables of a file such as .env, which is read the way Docker reads it: NAME=value, and nothing else."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8: save it in that encoding.") from None
    variables = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, given, value = line.partition("=")
        if not given or name != name.strip() or value != value.strip():
            raise SettingsError(f"Line {number} of {path} is wrong: write NAME=value, without spaces around the =.")
        if name not in NAMES:
            raise SettingsError(f"Line {number} of {path} is wrong: there is no setting of that name.")
        variables[name] = value
    return variables


def _unquoted(name: str, value: str) -> str:
    if value[0] in "\"'" or value[-1] in "\"'":
        raise SettingsError(f"{name} is written with quotes, which become a part of the value: write it without.")
    return value


def _token(value: str) -> str:
    if any(not sign.isprintable() or sign.isspace() for sign in value):
        raise SettingsError("DISCORD_TOKEN has a space or a line break in it: copy it again, in one piece.")
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or len(value) > 5 or int(value) > 65535:
        raise SettingsError("LEDGER_PORT is wrong: a port is a number from 0 to 65535.")
    return int(value)


def _level(value: str) -> str:
    if value.lower() not in LEVELS:
        raise SettingsError(f"LEDGER_LOG is wrong: it takes {', '.join(LEVELS[:-1])} or {LEVELS[-1]}.")
    return value.lower()


def _backups(value: str) -> int:
    if not (value.isdecimal() and value.isascii() and len(value) <= 3 and int(value) >= 1):
        raise SettingsError("LEDGER_BACKUPS is wrong: it takes how many backups are kept, a number from 1 to 999.")
    return int(value)


def _people(value: str) -> str:
    """Ids with commas and nothing else between them."""
    ids = value.replace(",", " ").split()
    if not all(one.isdecimal() and one.isascii() and len(one) <= 20 for one in ids):
        raise SettingsError("LEDGER_MAINTAINERS is wrong: it takes the ids of people, with commas between them.")
    return ",".join(ids)


_READ: Mapping[str, Callable[[str], object]] = {
    "DISCORD_TOKEN": _token,
    "LEDGER_FOLDER": Path,
    "LEDGER_FACTS": Path,
    "LEDGER_PORT": _port,
    "LEDGER_LOG": _level,
    "LEDGER_MAINTAINERS": _people,
    "LEDGER_BACKUPS": _backups,
}
