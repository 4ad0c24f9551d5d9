"""PRIVACY.md tells of every column of local.db, and of every field inside of one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from data import KEPT
from data.erased import Erased
from data.local import LocalStore
from data.log import Revision
from data.servers import Answering, Moderation
from knowledge.asking.defaults import Defaults

PAGE = " ".join((Path(__file__).parents[2] / "PRIVACY.md").read_text(encoding="utf-8").split())
LINES, STEPS = "technical lines", "By which steps the tables were made and when"
FOLLOWED, SET = "for each thing that a channel follows", "for a server, what it set with `/settings`"
OPEN = "an edition, a rule and a country for questions that name none"
PROPOSED, OWED = "for each proposed correction: its number, the server,", "What is owed to a channel"
REPORTED, EACH = "for each figure that readers report with `/report`", "For each report of it"
LOG = "the log of approved corrections"
WROTE = "the reason, the question, the answer and the remark that somebody wrote"
TOKEN = "for whoever proposed, asked, approved first or decided, a random token"
FAULTS = "the last hundred faults of the program"

TOLD = {  # the phrase that tells of it
    "_sqlite_migrations": dict.fromkeys(("id", "migration_set", "name", "applied_at"), STEPS),
    "sqlite_sequence": dict.fromkeys(("name", "seq"), "how many rows each has had"),
    "state": dict.fromkeys(("key", "value"), LINES),
    "follow": {
        "server": f"{FOLLOWED} with `/follow`: the id of the server",
        "channel": "the id of the channel",
        "what": "what is followed",
        "role": "the id of the role to ping",
        "language": "the language to post in",
        "seen": "what was announced last",
    },
    "setting": {
        "server": SET,
        "key": SET,
        "value": SET,
        "value.editors": "the ids of two roles",
        "value.approvers": "the ids of two roles",
        "value.channel": "two roles and of a channel",
        "value.alone": "how many people it takes",
        "value.language": "on answers, a language",
        "value.private": "whether they are private",
        "value.channels": "the ids of channels where that is otherwise",
        "value.defaults": OPEN,
        "value.edition": OPEN,
        "value.rule": OPEN,
        "value.country": OPEN,
    },
    "proposal": {
        "id": PROPOSED,
        "scope": PROPOSED,
        "kind": "whether it corrects or undoes and which revision, or what new figures made of it",
        "undoes": "undoes and which revision",
        "changes": "the figure, before and after",
        "address": "the address of the source",
        "facts": "the version of the figures it was made from",
        "made": "when and in which state it is",
        "touched": "when and in which state it is",
        "state": "when and in which state it is",
        "version": "how often that changed",
        "revision": "the revision it became",
        "reason": WROTE,
        "question": WROTE,
        "answer": WROTE,
        "remark": WROTE,
        "proposer": TOKEN,
        "decider": TOKEN,
        "asker": TOKEN,
        "seconded": TOKEN,
    },
    "slip": {
        "id": f"{REPORTED}: its number",
        "scope": f"{REPORTED}: its number, the server",
        "key": f"{REPORTED}: its number, the server, the figure",
        "seen": "its value when it was reported first",
        "state": "when and in which state it is, how often that changed, and, when somebody decided",
        "made": "when and in which state it is, how often that changed, and, when somebody decided",
        "touched": "when and in which state it is, how often that changed, and, when somebody decided",
        "version": "how often that changed, and, when somebody decided",
        "decider": "when somebody decided, their token",
        "remark": "their token and their remark",
    },
    "report": {
        "id": f"{EACH}: its number",
        "scope": f"{EACH}: its number, the server",
        "slip": f"{EACH}: its number, the server, the number of the figure",
        "reporter": "a random token for whoever reported",
        "made": "for whoever reported, when",
        "words": "and what they wrote, each with a random salt",
        "better": "and what they wrote, each with a random salt",
    },
    "note": {"id": WROTE, "text": WROTE, "salt": "each with a random salt"},
    "actor": {
        **dict.fromkeys(("token", "scope", "person"), "which person's id a token of a server stands for"),
        "muted": "until when no report is taken from them",
    },
    "outbox": {
        "id": OWED,
        "scope": OWED,
        "channel": f"{OWED}: its id",
        "message": "its id and that of the message",
        "what": "the number of the correction or of the reported figure",
        "number": "the number of the correction or of the reported figure",
        "version": "which of its steps the message shows",
        "due": "when it is tried next",
        "tries": "how often it was tried",
        "language": "the language to post in, how often",
        "remind": "when it is reminded of",
    },
    "revision": {
        "position": f"{LOG}: the server, figures, numbers",
        "n": f"{LOG}: the server, figures, numbers",
        "scope": f"{LOG}: the server",
        "body": LOG,
        "before": "a digest that chains each to the one before",
        "digest": "a digest that chains each to the one before",
        "body.at": "days, addresses of sources",
        "body.by": "tokens, a salted digest",
        "body.approved": "tokens, a salted digest",
        "body.kind": "whether it corrects or undoes",
        "body.changes": f"{LOG}: the server, figures",
        "body.address": "addresses of sources",
        "body.note": "a salted digest of the reason",
        "body.facts": "addresses of sources, versions",
        "body.of": f"{LOG}: the server, figures, numbers",
        "body.undoes": f"{LOG}: the server, figures, numbers",
    },
    "leaving": {
        "scope": "While the log of a server is deleted, and no longer, the server's id stands in one more table"
    },
    "fault": {
        "id": FAULTS,
        "code": f"{FAULTS}: a code",
        "time": "a code, the time",
        "where": "the name of the command",
        "kind": "the kind of error",
        "place": "the line of the program",
    },
}
INSIDE = {  # columns that hold a record as JSON
    ("setting", "value"): (Moderation, Answering, Defaults),
    ("revision", "body"): (Revision,),
}


def columns(db: sqlite3.Connection) -> dict[str, set[str]]:
    """Those of every table, and the fields of a record that one holds and that are no column beside it."""
    tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
    found = {table: {row[1] for row in db.execute(f"pragma table_info({table})")} for table in tables}
    for (table, column), records in INSIDE.items():
        fields = {field for record in records for field in record.__struct_fields__}
        found[table] |= {f"{column}.{field}" for field in fields - found[table]}
    return found


def untold(db: sqlite3.Connection) -> set[str]:
    held = {f"{table}.{column}" for table, names in columns(db).items() for column in names}
    return held - {f"{table}.{column}" for table, told in TOLD.items() for column in told}


BESIDE = {  # of the list of deletions beside the backups
    "kind": "of each person who was forgotten a digest",
    "digest": "a digest of the random tokens they had, of each server a salted digest of its id",
    "salt": "slow to compute, with its salt",
    "at": "with its salt, and when",
}


@pytest.fixture
def db() -> sqlite3.Connection:
    return LocalStore(None).db


def test_every_column_is_told_of(db: sqlite3.Connection) -> None:
    assert untold(db) == set()
    assert {table: set(told) for table, told in TOLD.items()} == columns(db)


@pytest.mark.parametrize("table", TOLD)
def test_the_page_says_so(table: str) -> None:
    stored = PAGE.partition("## What is stored")[2].partition("## What is not stored")[0]
    assert [phrase for phrase in TOLD[table].values() if phrase not in stored] == []


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("alter table follow add column person integer", {"follow.person"}),
        ("create table visit (person integer)", {"visit.person"}),
    ],
)
def test_a_new_column_is_noticed(db: sqlite3.Connection, step: str, found: set[str]) -> None:
    db.execute(step)
    assert untold(db) == found


def test_what_lies_beside_the_backups_is_told_of() -> None:
    assert set(BESIDE) == set(Erased.__struct_fields__)
    assert [phrase for phrase in BESIDE.values() if phrase not in PAGE] == []
    assert f"of which the last {KEPT} are kept" in PAGE
    assert f"for up to {KEPT} days in which the bot runs" in PAGE
