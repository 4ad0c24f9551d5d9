"""The log of corrections, and other rows, as files that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from data.log import Revision
from knowledge.corrections import Row, Stated, as_text


def log_as_csv(revisions: Iterable[Revision]) -> bytes:
    """The whole log, a row a figure; people are tokens, and a reason is its digest."""
    columns = [
        "scope", "revision", "time", "kind", "figure", "before", "after", "source", "by", "approved", "reason_digest",
        "undoes", "digest",
    ]  # fmt: skip
    rows: list[list[object]] = [[*columns]]
    for one in revisions:
        for change in one.changes:
            before = change.old if one.kind == "upgrade" else change.seen
            rows.append(
                [one.scope, one.n, one.at, one.kind, as_text(change.key), shown(before), shown(change.new),
                 one.address, one.by, one.approved, one.note, one.undoes, one.digest]
            )  # fmt: skip
    return as_csv(rows)


def shown(value: Stated | None) -> object:
    """A value as a cell: a number where it is one without a mark."""
    if value is None:
        return "what NATO prints"
    if isinstance(value, Row):
        return value.json
    if value.number is None:
        return "blank"
    return f"{value.number:f}{value.mark}" if value.mark else value.number


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """For any spreadsheet program: with the mark of UTF-8, every cell safe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(v if isinstance(v, Decimal) else "" if v is None else str(v)) for v in row])
    return out.getvalue().encode("utf-8-sig")


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; a number stays a number, also below zero."""
    if not isinstance(value, str):
        return format(value, "f")
    return f"'{value}" if value[:1] in tuple("=+-@\t\r") else value
