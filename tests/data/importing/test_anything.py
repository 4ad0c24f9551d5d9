"""Whatever stands in a table, it is read, compared and told, or refused in a sentence; nothing else happens."""

from __future__ import annotations

import os
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.importing.comparing import compare
from data.importing.document import ImportDocument, document, lines
from data.importing.limits import Refused
from data.importing.naming import names_of
from data.importing.reading import read
from data.importing.recognised import Names
from data.importing.recognising import recognise
from data.importing.walled import believed
from data.importing.worker import lines as lines_of_json
from knowledge.facts import Facts

MORE = 20 if os.environ.get("LEDGER_SOAK") else 1
WORDS = [
    "Albania", "Germany", "USA", "Iceland", "NATO Total", "Europe and Canada", "Ukraine", "EU", "Atlantis", "Türkiye*",
    "Bulgaria (Leva)", "Italy (Euros)", "2014", "2024", "2025e", "2026 (e)", "2024*", "US$ 2024", "2014-2024",
    "Share of GDP (%)", "Million US dollars", "Current prices", "Constant 2015 prices", "Equipment (a)", "Tsd.",
    "Real change 2014-2024e (%)", "Notes: e = estimate", "1.35", "1,35", "2", "0", "-3", "967,707", "93 747", "$1.6bn",
    "3.38%", "..", "n/a", "", "", "yes", "No", "Meets 2%?", "e", "z", "#REF!", "=1+1", "edition 2026", "1" * 60, "9e99",
    "PC_GDP", "geo", "time", "value", "flag",
]  # fmt: skip
TABLES = st.lists(st.lists(st.sampled_from(WORDS), min_size=2, max_size=7), min_size=1, max_size=14)
ANYTHING = st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=5), min_size=1, max_size=8)


@settings(max_examples=120 * MORE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(TABLES, ANYTHING), st.sampled_from([None, "2026", "2024", "2016"]))
def test_any_table(facts: Facts, rows: list[list[str]], edition: str | None) -> None:
    names = names_of(facts)
    with suppress(Refused):
        found = recognise(read("\n".join(";".join(row) for row in rows).encode()), names)
        assert believed(b"\n".join(lines_of_json(found)), names) == found
        told = document(compare(facts, found, edition=edition))
        assert ImportDocument.model_validate_json(told.model_dump_json()) == told
        assert told.equal + told.new + len(told.different) <= told.cells
        assert "\n" not in "".join(lines(told, facts))


@settings(max_examples=100 * MORE, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    for begun in (data, b"PK\x03\x04" + data, b"\xff\xfe" + data):
        with suppress(Refused):
            recognise(read(begun), Names({"albania": "ALB"}, {}, {}, {}))
