"""Sources a reader can trust: each is cited, none is refused, NATO's own text stands first, and quotations are kept apart."""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing

import pytest

from data import FACTS as PATH
from data.refused import refuse
from data.seeds import FOLDER, RefusedRow, SeedError, SourceRow, rows
from knowledge.facts import Facts
from knowledge.figure import Read, SaidBy

REFUSED = rows("refused.csv", RefusedRow)


def cited(publisher: str, address: str = "") -> list[SourceRow]:
    row = {"key": "x", "title": "A title", "publisher": publisher, "published": "", "address": address}
    return [SourceRow.model_validate({**row, "said_by": "press", "read": "whole", "reprint": "no"})]


def test_every_source_is_cited_by_some_row() -> None:
    with closing(sqlite3.connect(PATH)) as db:
        found: set[str] = set()
        for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
            for key in db.execute(f"pragma foreign_key_list([{table}])").fetchall():
                if key[2] == "source":
                    found |= {row[0] for row in db.execute(f"select [{key[3]}] from [{table}]")}
        keys = {row[0] for row in db.execute("select key from source")}
    assert len(keys) > 100
    assert keys - found == set()


def test_no_refused_domain_is_left_in_any_table() -> None:
    assert len(REFUSED) >= 60
    domains = re.compile("|".join(rf"(?<![a-z0-9-]){re.escape(row.domain)}(?![a-z0-9-])" for row in REFUSED))
    files = [file for file in FOLDER.rglob("*.*") if file.name != "refused.csv" and file.is_file()]
    assert len(files) > 15
    assert {file.name: found for file in files if (found := domains.findall(file.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    ("publisher", "address"),
    [
        ("NATO", "https://albania.news-pravda.com/en/1606.html"),
        ("Reuters", "https://squidsite02.com/?p=1160531"),
        ("klamm.de", ""),
        ("AP via dnyuz.com", ""),
        ("Sputnik International", ""),
        ("RT", ""),
    ],
)
def test_what_is_refused(publisher: str, address: str) -> None:
    with pytest.raises(SeedError, match="which is refused"):
        refuse("sources.csv", cited(publisher, address), REFUSED)


@pytest.mark.parametrize(
    ("publisher", "address"),
    [
        ("RTL Today", "https://today.rtl.lu/news/1"),
        ("Forsal.pl", "https://forsal.pl/1"),
        ("The Diplomat in Spain", "https://thediplomatinspain.com/en/2025"),
        ("Start.com", "https://mysquidsite02.com/1"),
    ],
)
def test_a_name_inside_another_is_not_refused(publisher: str, address: str) -> None:
    refuse("sources.csv", cited(publisher, address), REFUSED)


def test_no_publisher_tells_where_it_was_read() -> None:
    """The original publisher alone is cited; that it was read in a reprint has a column of its own."""
    for row in rows("sources.csv", SourceRow):
        assert not re.search(r"\bvia\b|\bcop(y|ies)\b|reprint|repost|mirror|aggregator|public file", row.publisher), (
            row.key
        )
        assert not re.search(r"\(copy|reprint|repost|\bcopy\)|public file", row.title), row.key


def test_natos_own_text_stands_first_in_a_rule(facts: Facts) -> None:
    first = 0
    for rule in facts.rules.values():
        said = [citation.source.said_by for citation in rule.citations]
        assert said, rule.id
        if SaidBy.NATO in said:
            assert said[0] is SaidBy.NATO, rule.id
            first += 1
        if all(c.source.read is Read.QUOTED or c.source.said_by is SaidBy.AGGREGATOR for c in rule.citations):
            assert "quoted by others" in rule.caution, rule.id
    assert first > 8


def test_a_quotation_stands_apart_from_our_summary(facts: Facts) -> None:
    quoted = [(p.id, p.summary, p.quote) for p in facts.pledges.values() if p.quote]
    quoted += [(d.id, d.definition, d.quote) for d in facts.definitions.values() if d.quote]
    assert len(quoted) > 15
    for key, ours, quote in quoted:
        assert quote not in ours, key
        assert not quote.startswith(("“", '"')), key
    for pledge in facts.pledges.values():
        assert "“" not in pledge.summary, pledge.id
        assert '"' not in pledge.summary, pledge.id


def test_a_fiscal_year_has_its_months_and_its_name(facts: Facts) -> None:
    with (FOLDER / "members.csv").open(encoding="utf-8", newline="") as file:
        years = {row["code"]: row["fiscal_year"] for row in csv.DictReader(file)}
    assert {code for code, months in years.items() if months} == {"CAN", "GBR", "USA"}
    assert {m.code: m.fiscal_names for m in facts.members.values() if m.fiscal_names} == {
        "CAN": "first",
        "GBR": "first",
        "USA": "last",
    }
    text = facts.definitions["fiscal-year"].definition
    assert all(name in text for name in ("Canada", "United Kingdom", "United States", "2026/27", "1 October 2025"))
