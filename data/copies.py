"""`python -m data backup` and `restore`: what they print, and how they end."""

from __future__ import annotations

import sys
from pathlib import Path

from data.backups import back_up, broken_off, restore
from data.store import StoreError

NAME = "local.db"


def keep_a_copy(folder: Path, to: Path | None) -> int:
    """Make a backup, beside the others or elsewhere; 0, or 1 and why not."""
    path = folder / NAME
    if (half := broken_off(path)) is not None:
        print(half, file=sys.stderr)
    try:
        made = back_up(path, to=to)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{made.path} is a whole copy of {path}; the head of its logs is {made.digest}.")
    return 0


def put_back(folder: Path, file: Path) -> int:
    """Restore a copy; 0, or 1 and why not."""
    path = folder / NAME
    try:
        done = restore(path, file)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path} is {file} now, with {done.revisions} revisions; the head of its logs is {done.digest[:16]}.")
    if done.people or done.servers:
        print(
            f"Deleted again, since it was deleted after the copy was made: {done.people} people, {done.servers} servers."
        )
    if done.aside is not None:
        print(f"What was there before is in {done.aside}. Delete that when all is well.")
    return 0
