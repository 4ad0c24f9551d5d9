"""The tables of facts.db: STRICT, with foreign keys, created afresh with every build."""

from __future__ import annotations

from sqlite_utils import Database

Columns = dict[str, type]
Keys = list[tuple[str, str, str]]

TABLES: list[tuple[str, Columns, str | tuple[str, ...], Keys]] = [
    ("meta", {"key": str, "value": str}, "key", []),
    (
        "source",
        {
            "key": str, "title": str, "publisher": str, "published": str, "address": str, "said_by": str, "read": str,
            "reprint": int, "licence": str,
        },
        "key",
        [],
    ),
    (
        "edition",
        {
            "id": str, "name": str, "tables": int, "definition": str, "price_base": str, "cut_off": str,
            "decimals": int, "held": str, "first": int, "last": int, "source": str,
        },
        "id",
        [("source", "source", "key")],
    ),
    (
        "member",
        {
            "code": str, "iso2": str, "name": str, "official_name": str, "nato_label": str, "aliases": str,
            "accession": str, "founding": int, "armed_forces": int, "currency": str, "eu_since": int,
            "fiscal_names": str, "note": str, "source": str,
        },
        "code",
        [("source", "source", "key")],
    ),
    ("aggregate", {"code": str, "name": str, "aliases": str, "note": str}, "code", []),
    (
        "member_group",
        {"id": str, "name": str, "aliases": str, "members": str, "note": str, "source": str},
        "id",
        [("source", "source", "key")],
    ),
    ("lookalike", {"code": str, "name": str, "aliases": str}, "code", []),
    ("currency", {"code": str, "name": str, "aliases": str}, "code", []),
    (
        "measure",
        {
            "id": str, "name": str, "aliases": str, "kind": str, "currency": str, "constant": int, "scale": int,
            "decimals": int, "about": str, "adds_up": int, "per_head": int, "heading": str, "step": str,
        },
        "id",
        [],
    ),
    (
        "series",
        {"id": int, "edition": str, "measure": str, "spender": str, "table_number": str, "currency": str},
        "id",
        [("edition", "edition", "id"), ("measure", "measure", "id")],
    ),
    (
        "figure",
        {"series": int, "year": int, "value": str, "mark": str},
        ("series", "year"),
        [("series", "series", "id")],
    ),
    (
        "coverage",
        {"edition": str, "measure": str, "first": int, "last": int, "held": str, "but": str},
        ("edition", "measure", "first"),
        [("edition", "edition", "id"), ("measure", "measure", "id")],
    ),
    (
        "break",
        {
            "id": str, "kind": str, "members": str, "measures": str, "editions": str, "first": int, "last": int,
            "joined": int, "what": str, "source": str, "onwards": int,
        },
        "id",
        [("source", "source", "key")],
    ),
    (
        "rule",
        {
            "id": str, "position": int, "name": str, "aliases": str, "standing": str, "kind": str,
            "superseded_by": str, "announced": str, "by": str, "venue": str, "summit": str, "applies_from": int,
            "applies_to": int, "deadline": int, "only": str, "baseline_year": int, "path": str, "force": str,
            "summary": str, "calculation": str, "review": str, "outcome": str, "caution": str,
        },
        "id",
        [],
    ),
    (
        "rule_component",
        {
            "rule": str, "position": int, "code": str, "measure": str, "op": str, "value": str, "unit": str,
            "by": int, "verified": int,
        },
        ("rule", "position"),
        [("rule", "rule", "id")],
    ),
    (
        "rule_exemption",
        {"rule": str, "member": str, "text": str},
        ("rule", "member"),
        [("rule", "rule", "id"), ("member", "member", "code")],
    ),
    (
        "rule_source",
        {"rule": str, "position": int, "source": str, "supports": str},
        ("rule", "position"),
        [("rule", "rule", "id"), ("source", "source", "key")],
    ),
    (
        "summit",
        {
            "id": str, "name": str, "place": str, "start": str, "end": str, "kind": str, "who": str,
            "decided": str, "proposed": str, "note": str, "source": str,
        },
        "id",
        [("source", "source", "key")],
    ),
    (
        "pledge",
        {
            "id": str, "member": str, "share": str, "share_low": str, "share_high": str, "basis": str,
            "year_from": int, "year_to": int, "kind": str, "announced": str, "summary": str, "quote": str,
            "since": str, "source": str, "note": str,
        },
        "id",
        [("member", "member", "code"), ("source", "source", "key")],
    ),
    (
        "definition",
        {
            "id": str, "term": str, "also_called": str, "definition": str, "quote": str, "source": str,
            "note": str,
        },
        "id",
        [("source", "source", "key")],
    ),
    (
        "distinction",
        {"a": str, "b": str, "why": str, "source": str},
        ("a", "b"),
        [("a", "definition", "id"), ("b", "definition", "id"), ("source", "source", "key")],
    ),
    (
        "outlook",
        {"id": int, "source": str, "indicator": str, "member": str, "currency": str, "scale": int},
        "id",
        [("source", "source", "key"), ("member", "member", "code")],
    ),
    (
        "outlook_value",
        {"outlook": int, "year": int, "value": str, "mark": str},
        ("outlook", "year"),
        [("outlook", "outlook", "id")],
    ),
    (
        "forecast",
        {"gdp": str, "second": str, "people": str, "prices": int, "held_to": int, "no_current_prices": str},
        "gdp",
        [("gdp", "source", "key"), ("second", "source", "key"), ("people", "source", "key")],
    ),
    (
        "funding",
        {
            "id": int, "year": int, "scheme": str, "member": str, "share": str, "ceiling": str, "about": int,
            "note": str, "source": str,
        },
        "id",
        [("source", "source", "key")],
    ),
]  # fmt: skip


def create(db: Database) -> None:
    for name, columns, key, foreign in TABLES:
        db.table(name).create(columns, pk=key, foreign_keys=foreign, strict=True)
