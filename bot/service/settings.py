"""What the operator sets, read from the environment once; a wrong value is one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from data.store import PATH


class SettingsError(Exception):
    """One sentence that names the variable and what it takes."""


class Settings(BaseModel):
    """Each field is the environment variable of the same name in capitals; .env.example explains them."""

    model_config = ConfigDict(frozen=True)

    discord_token: SecretStr | None = None
    ledger_folder: Path = Path("var")
    ledger_facts: Path = PATH
    ledger_port: int = Field(default=8765, ge=0, le=65535)
    ledger_log: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def local_path(self) -> Path:
        return self.ledger_folder / "local.db"

    @property
    def health_path(self) -> Path:
        return self.ledger_folder / "health.json"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment; an empty variable counts as absent."""
    given = {name: environment[name.upper()].strip() for name in Settings.model_fields if environment.get(name.upper())}
    given = {name: value for name, value in given.items() if value}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingsError(f"{str(first['loc'][0]).upper()} is wrong: {first['msg']}.") from None
