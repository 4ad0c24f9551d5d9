"""The tables of local.db, a step for each change of theirs; only a file that lacks one needs this module."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("allied-ledger-local")


@migrations()
def create_state(db: Database) -> None:
    db.table("state").create({"key": str, "value": str}, pk="key", not_null={"value"}, strict=True)


@migrations()
def create_follow(db: Database) -> None:
    db.table("follow").create(
        {"server": int, "channel": int, "what": str, "role": int, "language": str, "seen": str},
        pk=("server", "channel", "what"),
        not_null={"server", "channel", "what", "language", "seen"},
        strict=True,
    )


@migrations()
def create_fault(db: Database) -> None:
    db.table("fault").create(
        {"id": int, "code": str, "time": str, "where": str, "kind": str, "place": str},
        pk="id",
        not_null={"code", "time", "where", "kind", "place"},
        strict=True,
    )


CORRECTIONS = (
    """create table revision ( position integer primary key autoincrement, scope text not null, n integer not
        null, body text not null, before text not null, digest text not null, unique (scope, n) ) strict""",
    "create table leaving (scope text primary key) strict",
    "create trigger revision_stays before update on revision begin select raise(abort, 'append-only'); end",
    """create trigger revision_goes_with_its_scope before delete on revision when not exists (select 1 from
        leaving where scope = old.scope) begin select raise(abort, 'append-only'); end""",
    """create table proposal ( id integer primary key autoincrement, scope text not null, state text not null,
        version integer not null default 1, kind text not null, changes text not null, address text not null,
        facts text not null, proposer text not null, reason integer, question integer, answer integer, decider
        text, remark integer, made text not null, touched text not null, revision integer, undoes integer )
        strict""",
    "create index proposal_by_state on proposal (scope, state)",
    "create table note (id integer primary key autoincrement, salt text not null, text text not null) strict",
    """create table actor ( token text primary key, scope text not null, person integer not null, unique
        (scope, person) ) strict""",
    """create table outbox ( id integer primary key autoincrement, scope text not null, channel integer not
        null, message integer, proposal integer not null unique, version integer not null, tries integer not
        null default 0, due text not null ) strict""",
    """create table setting ( server integer not null, key text not null, value text not null, primary key
        (server, key) ) strict""",
)


@migrations()
def create_corrections(db: Database) -> None:
    """The log of corrections and what leads to it; nothing but a whole scope ever leaves the log."""
    for statement in CORRECTIONS:
        db.execute(statement)


REPORTS = (
    """create table slip ( id integer primary key autoincrement, scope text not null, key text not null, seen text
        not null, state text not null, version integer not null default 1, decider text, remark integer, made text
        not null, touched text not null ) strict""",
    "create unique index slip_open on slip (scope, key) where state = 'open'",
    """create table report ( id integer primary key autoincrement, scope text not null, slip integer not null,
        reporter text not null, words integer not null, better integer, made text not null, unique (slip,
        reporter) ) strict""",
    "create index report_by_day on report (scope, made)",
    "alter table actor add column muted text",
    """create table owed ( id integer primary key autoincrement, scope text not null, channel integer not null,
        message integer, what text not null, number integer not null, version integer not null, tries integer not
        null default 0, due text not null, unique (what, number) ) strict""",
    """insert into owed (id, scope, channel, message, what, number, version, tries, due)
        select id, scope, channel, message, 'proposal', proposal, version, tries, due from outbox""",
    "drop table outbox",
    "alter table owed rename to outbox",
)


@migrations()
def create_reports(db: Database) -> None:
    """What readers say is wrong, and messages that are owed of that too."""
    for statement in REPORTS:
        db.execute(statement)


@migrations()
def create_life(db: Database) -> None:
    """Who asked and who approved first, apart from who decided; a post's language, and when its reminder is due."""
    for table, column in (
        ("proposal", "asker text"),
        ("proposal", "seconded text"),
        ("outbox", "language text not null default 'en'"),
        ("outbox", "remind text"),
    ):
        db.execute(f"alter table {table} add column {column}")
