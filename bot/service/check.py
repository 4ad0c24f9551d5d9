"""`python -m bot check`: whether everything needed is there, in plain sentences."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from bot.drawing.languages import LANGUAGES, compiled
from bot.service.settings import SettingsError, read_settings
from data.backups import told_of
from data.build import seed_version
from data.local import InUse, LocalStore, faults_of
from data.seeds import FOLDER
from data.store import StoreError, load


def check(environment: Mapping[str, str]) -> int:
    """Print a sentence for each thing needed; 0 if the bot can run, 1 if not."""
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        print(f"✗ {error}")
        return 1
    fine = True
    try:
        facts = load(settings.ledger_facts)
        count = sum(len(series.values) for series in facts.series.values())
        print(f"✓ The store of figures reads: {count:,} figures, newest the {facts.newest.name}.")
        if FOLDER.is_dir() and seed_version() != facts.version:
            print("✗ The store is older than its seed tables. Build it again: make store")
            fine = False
    except StoreError as error:
        print(f"✗ {error}")
        fine = False
    if absent := [language for language in LANGUAGES if not compiled(language).exists()]:
        print(f"✗ Translations are not compiled ({', '.join(absent)}): English is shown. Compile them: make store")
        fine = False
    try:
        LocalStore(settings.local_path).close()
        print(f"✓ The folder {settings.ledger_folder} can be written.")
    except InUse:
        print(f"✓ A bot runs on the folder {settings.ledger_folder}.")
    except StoreError as error:
        print(f"✗ {error}")
        fine = False
    if settings.local_path.exists():
        whole, told = told_of(settings.local_path)
        print(f"{'✓' if whole else '✗'} {told}")
        fine = fine and whole
    count, last = faults_of(settings.local_path)
    if count:
        print(f"  Faults of the program so far: {count}; the last of them:")
    for fault in last:
        print(f"  {fault.time} {fault.code} in {fault.where}: {fault.kind} at {fault.place}")
    if settings.discord_token:
        print("✓ DISCORD_TOKEN is set: the bot will run on Discord.")
    elif importlib.util.find_spec("simcord") is not None:
        print(f"✓ There is no DISCORD_TOKEN: the bot will run offline, on port {settings.ledger_port}.")
    else:
        print("✗ There is no DISCORD_TOKEN, and the offline channel is not installed. Set it, or use: make run")
        fine = False
    return 0 if fine else 1
