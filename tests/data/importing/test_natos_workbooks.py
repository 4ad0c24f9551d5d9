"""NATO's own workbooks cell by cell, where somebody has them: LEDGER_WORKBOOKS names the folder they are in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.importing.comparing import compare
from data.importing.naming import names_of
from data.importing.walled import recognised
from knowledge.facts import Facts

FOLDER = Path(os.environ.get("LEDGER_WORKBOOKS", ""))
WORKBOOKS = {"def-exp-2024-tables.xlsx": ("2024", 5377), "def-exp-2022-tables-march-2023.xlsx": ("2023-03", 3845)}

needs_workbooks = pytest.mark.skipif(not os.environ.get("LEDGER_WORKBOOKS"), reason="NATO's workbooks are not shipped")


@needs_workbooks
@pytest.mark.parametrize("name", WORKBOOKS)
async def test_every_figure_and_mark(facts: Facts, name: str) -> None:
    edition, count = WORKBOOKS[name]
    found = compare(facts, await recognised((FOLDER / name).read_bytes(), names_of(facts)))
    assert (found.edition, found.cells, found.equal) == (edition, count, count)
    assert found.refused is None
    assert [*found.new, *found.different, *found.blank, *found.questions] == []
    assert not any("marked otherwise" in remark for remark in found.remarks)
