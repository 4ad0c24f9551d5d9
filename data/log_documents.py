"""The log of corrections as documents of `--json`; docs/running.md describes each."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from data.log import Revision
from knowledge.corrections import Change, Row, Stated, as_text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ValueDocument(_Part):
    """A cell's `value`, an exact decimal as a table prints it, or null for a blank; or a whole row as its JSON."""

    value: str | None = None
    mark: str = ""
    row: str | None = None


class ChangeDocument(_Part):
    """`before` is what readers saw; `after` null is what NATO prints."""

    key: str
    before: ValueDocument | None
    after: ValueDocument | None


class RevisionDocument(_Part):
    number: int
    at: str
    kind: str
    by: str
    approved: str | None
    reason: str
    source: str
    undoes: int | None
    undone_by: int | None
    digest: str
    changes: tuple[ChangeDocument, ...]


class HistoryDocument(_Part):
    format: Literal["allied-ledger-history/1"] = "allied-ledger-history/1"
    scope: str
    revisions: tuple[RevisionDocument, ...]


class StatusDocument(_Part):
    format: Literal["allied-ledger-status/1"] = "allied-ledger-status/1"
    scope: str
    facts: str
    corrected: int
    revisions: int
    waiting: int
    oldest: str | None
    head: str
    head_of_all: str
    servers: int


class ChainDocument(_Part):
    """`broken` is the number of the first revision that is not as it was written."""

    scope: str
    revisions: int
    head: str
    broken: int | None = None


class FoundDocument(_Part):
    scope: str
    number: int


class VerifyDocument(_Part):
    """`found` is where the digest asked for stands: empty if it is in no chain, null if none was asked for."""

    format: Literal["allied-ledger-verify/1"] = "allied-ledger-verify/1"
    whole: bool
    chains: tuple[ChainDocument, ...]
    found: tuple[FoundDocument, ...] | None = None


def revision_document(one: Revision, reason: str, undone_by: int | None) -> RevisionDocument:
    return RevisionDocument(
        number=one.n,
        at=one.at,
        kind=one.kind,
        by=one.by,
        approved=one.approved,
        reason=reason,
        source=one.address,
        undoes=one.undoes,
        undone_by=undone_by,
        digest=one.digest,
        changes=tuple(_change(change, one.kind) for change in one.changes),
    )


def _change(one: Change, kind: str) -> ChangeDocument:
    before = one.old if kind == "upgrade" else one.seen  # there `seen` is what the new figures say
    return ChangeDocument(key=as_text(one.key), before=_value(before), after=_value(one.new))


def _value(value: Stated | None) -> ValueDocument | None:
    if value is None:
        return None
    if isinstance(value, Row):
        return ValueDocument(row=value.json)
    return ValueDocument(value=None if value.number is None else f"{value.number:f}", mark=value.mark)
