"""People in local.db: a random token for each in every scope, and what they wrote; both can be forgotten."""

from __future__ import annotations

import sqlite3

from data.local import NOTES
from data.log import new_token


def token_of(db: sqlite3.Connection, scope: str, person: int) -> str:
    """What stands for a person in a scope, made where there is none yet; within a transaction of the caller's."""
    db.execute(
        "insert into actor (token, scope, person) values (?, ?, ?) on conflict (scope, person) do nothing",
        [new_token(), scope, person],
    )
    row = db.execute("select token from actor where scope = ? and person = ?", [scope, person]).fetchone()
    return str(row["token"])


def written(db: sqlite3.Connection, text: str) -> int:
    """Keep what somebody wrote; its number."""
    return db.execute("insert into note (salt, text) values (?, ?)", [new_token(), text]).lastrowid or 0


def text_of(db: sqlite3.Connection, note: int | None) -> str:
    """What was written; "" where nothing was, or where it was forgotten."""
    row = db.execute("select text from note where id = ?", [note]).fetchone()
    return "" if row is None else str(row["text"])


def forget_words(db: sqlite3.Connection, token: str) -> None:
    """Empty everything that whoever the token stands for wrote, and let the messages that show it follow."""
    for table, columns in NOTES.items():
        for column, author in columns.items():
            db.execute(
                f"update note set text = '' where id in (select {column} from {table} where {author} = ?)", [token]
            )
    theirs = "decider = ? or id in (select slip from report where reporter = ?)"
    db.execute(f"update slip set version = version + 1 where {theirs}", [token, token])
