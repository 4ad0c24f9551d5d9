"""The next edition is data alone: a trial one is built by the steps of CONTRIBUTING.md, and every check holds."""

from __future__ import annotations

import csv
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bot.drawing.document import document
from bot.drawing.words import words
from data.build import build
from data.seeds import FOLDER, BreakRow, rows
from knowledge.asking.kinds import KINDS
from knowledge.asking.problem import Problem
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.figure import Status
from knowledge.questions import ask

Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def add_next_edition(seed: Path) -> int:
    """Add the newest edition once more with one made-up year behind its last, which is returned.

    In that year everything stands still: the amounts are those of the year before, and so nothing changes.
    """
    editions = rows_of(seed / "editions.csv")
    newest = max((row for row in editions if row["tables"] == "yes"), key=lambda row: row["published"])
    id_, last = newest["id"], int(newest["last"])
    year, new_id = last + 1, str(last + 1)
    new = {
        "id": new_id,
        "name": f"{year} edition",
        "last": str(year),
        "title": f"Tables of a trial, to {year}",
        "published": f"{year}-07-10",
        "cut_off": f"{year}-07-03",
    }
    write(seed / "editions.csv", [*editions, {**newest, **new}])

    figures = rows_of(seed / "figures" / f"{id_}.csv")
    for row in figures:
        before = next(text for column, text in row.items() if column.startswith(str(last)))
        row[f"{year}e"] = "0" if row["measure"] == "real_change" else before
    write(seed / "figures" / f"{new_id}.csv", figures)

    coverage = rows_of(seed / "coverage.csv")
    write(seed / "coverage.csv", [*coverage, *({**r, "edition": new_id} for r in coverage if r["edition"] == id_)])

    exceptions = rows_of(seed / "exceptions.csv")
    again = [{**row, "edition": new_id} for row in exceptions if row["edition"] == id_]
    write(
        seed / "exceptions.csv",
        [*exceptions, *again, *({**row, "year": str(year)} for row in again if row["year"] == str(last))],
    )
    return year


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> int:
    return add_next_edition(Path(shutil.copytree(FOLDER, tmp_path_factory.getbasetemp() / "next" / "seed")))


@pytest.fixture(scope="module")
def later(year: int, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder = tmp_path_factory.getbasetemp() / "next"
    return build(folder / "facts.db", folder / "seed")


def test_it_is_the_newest(facts: Facts, later: Facts, year: int) -> None:
    assert later.newest.id == str(year)
    assert (later.newest.first, later.newest.last) == (facts.newest.first, year)
    assert len(later.editions) == len(facts.editions) + 1
    assert later.version != facts.version


def test_its_made_up_year_is_an_estimate(later: Facts, year: int) -> None:
    for code in later.members:
        made_up = later.figure(later.newest, "share", later.members[code], year)
        before = later.figure(later.newest, "share", later.members[code], year - 1)
        assert (made_up is None) == (before is None) == (code == "ISL")
        if made_up is not None and before is not None:
            assert (made_up.value, made_up.status) == (before.value, Status.ESTIMATE)
    standing_still = later.figure(later.newest, "real_change", later.members["DEU"], year)
    assert standing_still is not None
    assert standing_still.value == Decimal(0)


def test_what_it_covers_reaches_its_last_year(facts: Facts, later: Facts, year: int) -> None:
    for (edition, measure), before in facts.coverage.items():
        if edition == facts.newest.id:
            found = later.coverage[later.newest.id, measure]
            assert [(row.held, row.but) for row in found] == [(row.held, row.but) for row in before]
            assert max(row.last for row in found) == year


def test_breaks_that_go_on_reach_it(later: Facts) -> None:
    """What holds "from an edition on", or in all of them, holds in the next one without a change."""
    going_on = {row.id for row in rows("breaks.csv", BreakRow) if not row.editions or row.editions.endswith(" on")}
    assert going_on == {b.id for b in later.breaks if not b.editions or later.newest.id in b.editions}
    assert {"core-defence", "luxembourg-income", "prices-2021"} <= going_on


def test_the_figures_held_before_are_as_before(facts: Facts, later: Facts) -> None:
    assert {key: series for key, series in later.series.items() if key[0] != later.newest.id} == facts.series


def test_no_code_of_the_store_names_a_year_or_an_edition(facts: Facts) -> None:
    ids = "|".join(re.escape(name) for name in (*facts.editions, facts.forecast.gdp, facts.forecast.second))
    named = re.compile(rf"\b(19|20)\d\d\b|[\"'`]({ids})[\"'`]")
    files = sorted(Path(build.__code__.co_filename).parent.glob("*.py"))
    assert len(files) > 5
    assert [(file.name, found[0]) for file in files for found in named.finditer(file.read_text(encoding="utf-8"))] == []


# Beside the examples of the help: what leans on the newest year, on a span, on a year ahead or on the forecast.
ASKED = (
    "whatif germany 3.5", "whatif nato 3.5", "whatif everyone share:3.5", "whatif germany", "whatif luxembourg 3",
    "target germany", "target luxembourg 2035", "gap spain", "gap germany last year", "spending germany since 2014",
    "spending nordic", "rank share", "rank gap-usd", "rank share 2014-2026", "rank since 2014", "rank gdp per head",
    "compare usa, nato usd", "revisions germany", "revisions", "pledges poland", "spending germany edition:2026",
)  # fmt: skip


@pytest.mark.parametrize("asked", [*(kind.example for kind in KINDS.values()), *ASKED])
def test_every_question_has_an_answer_in_it(later: Facts, asked: str) -> None:
    drawn = words()
    answer = ask(later, read(asked))
    made = document(answer, drawn)
    assert made.headline
    assert document(ask(later, read(str(answer.asked))), drawn) == made


@pytest.mark.parametrize(
    "asked", ["gap germany 2028", "spending germany 2031", "whatif germany 3.5 2036", "rank share 2030"]
)
def test_no_refusal_leads_back_to_itself(later: Facts, asked: str) -> None:
    with pytest.raises(Problem) as refused:
        ask(later, read(asked))
    assert refused.value.instead
    for offer in refused.value.instead:
        assert ask(later, read(offer)).headline
