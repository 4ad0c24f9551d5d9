"""What was entered by hand meets a store that has it, has another in its place, or does not take it any more."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.corrections.acts import _base, _history_row, _upgraded
from bot.corrections.messages import proposal_message
from bot.drawing.words import words
from bot.ledger import Ledger
from data import seeds
from data.build import build
from data.entered import row_of
from data.local import LocalStore
from data.proposals import Proposal, Proposals
from data.seeds import FOLDER
from knowledge.asking.problem import Problem
from knowledge.corrections import EVERYWHERE, Change, Outcome, Row, Value, fold, value_in
from knowledge.facts import Facts
from tests.commands.test_channel import texts
from tests.data.test_next_edition import add_next_edition
from tests.upgrades import republished

ANN, BEN = 1, 2
RETIRED, ASIDE, GONE = Outcome.RETIRED, Outcome.SET_ASIDE, Outcome.GONE


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(FOLDER, tmp_path_factory.mktemp("shipped") / "seed"))
    add_next_edition(folder)
    return folder


@pytest.fixture(scope="module")
def shipped(seed: Path) -> Facts:
    """A store that was built with the edition of next year."""
    return build(seed.parent / "facts.db", seed)


@pytest.fixture(scope="module")
def edition(seed: Path, shipped: Facts) -> tuple[Change, ...]:
    """The same edition as somebody enters two tables of it."""
    found = next(row for row in seeds.rows("editions.csv", seeds.EditionRow, seed) if row.id == shipped.newest.id)
    changes = [Change(("edition", found.id), None, row_of("edition", found.model_dump()), None)]
    for key, row in shipped.series.items():
        if key[0] != found.id or key[1] not in ("share", "spending_national"):
            continue
        if row.currency:
            columns = dict(zip(("edition", "measure", "member", "currency"), (*key, row.currency), strict=True))
            changes.append(Change(("series", "/".join(key)), None, row_of("series", columns), None))
        changes += [
            Change((*key, year), None, Value(value, row.marks.get(year, "")), None)
            for year, value in row.values.items()
        ]
    return tuple(changes)


def entered(proposals: Proposals, *changes: Change, scope: str = EVERYWHERE) -> Proposal:
    found = proposals.propose(scope, ANN, "import", changes, address="https://nato.example", reason="why", facts="v")
    return proposals.approve(found.id, found.version, BEN, {one.key: None for one in changes})


def pledge(**columns: object) -> Row:
    first = seeds.rows("pledges.csv", seeds.PledgeRow)[0].model_dump()
    return row_of("pledge", first | columns)


def test_an_edition_that_is_shipped_takes_the_place_of_the_entered_one(
    facts: Facts, shipped: Facts, edition: tuple[Change, ...]
) -> None:
    proposals = Proposals(LocalStore(None))
    entered(proposals, *edition)
    assert Ledger(facts, proposals.local).facts.newest.id == shipped.newest.id
    ledger = Ledger(shipped, proposals.local)
    assert ledger.now.facts is shipped
    [_, upgrade] = proposals.log.of(EVERYWHERE)
    assert len(upgrade.changes) == len(edition)
    assert proposals.pending(EVERYWHERE) == []
    assert not ledger.stands(EVERYWHERE)
    drawn = words()
    [status] = _upgraded(shipped, (), proposals.log.of(EVERYWHERE))
    posted = "\n".join(texts(proposal_message(shipped, proposals.get(2), drawn).components))
    for told in (posted, drawn(_history_row(shipped, upgrade, None, "").text)):
        assert "2027 edition, a whole edition" in told
        assert "the entry is retired, since the figures hold it themselves now" in told
    assert drawn(status.text).startswith(f"{len([one for one in edition if one.key[0] != 'series'])}: ")
    with pytest.raises(Problem, match="so-now"):  # the store has all of it
        proposals.undo(
            EVERYWHERE, 2, ANN, _base(ledger, EVERYWHERE, upgrade.changes), address="", reason="no", facts="v"
        )
    back = Ledger(replace(facts, version="back"), proposals.local)  # what is retired stays so
    assert back.facts.newest.id == facts.newest.id
    found = proposals.undo(
        EVERYWHERE, 2, ANN, _base(back, EVERYWHERE, upgrade.changes), address="", reason="again", facts="v"
    )
    proposals.approve(found.id, 1, BEN, _base(back, EVERYWHERE, found.changes))
    assert Ledger(facts, proposals.local).facts.newest.id == shipped.newest.id


def test_where_it_says_something_else_that_is_asked(facts: Facts, shipped: Facts, edition: tuple[Change, ...]) -> None:
    proposals = Proposals(LocalStore(None))
    entered(proposals, *edition)
    cell = (shipped.newest.id, "share", "SVN", shipped.newest.last)
    other = republished(shipped, "other", {cell: Value(None)})
    ledger = Ledger(other, proposals.local)
    assert value_in(ledger.facts, cell) == Value(None)
    [keep] = proposals.pending(EVERYWHERE)
    assert [(one.key, one.seen) for one in keep.changes] == [(cell, Value(None))]
    proposals.approve(keep.id, keep.version, BEN, _base(ledger, EVERYWHERE, keep.changes))
    stands = fold(proposals.log.of(EVERYWHERE))
    assert (set(stands.cells), stands.entries, stands.printed) == ({cell}, {}, {})
    assert value_in(Ledger(other, proposals.local).facts, cell) == value_in(shipped, cell)


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (pledge(), RETIRED),  # the store has the very same
        (pledge(summary="Another promise"), ASIDE),
        (pledge(id="al-99"), None),
        (pledge(id="al-99", source="nowhere"), GONE),
    ],
)
def test_a_row_that_was_entered(facts: Facts, row: Row, outcome: Outcome | None) -> None:
    proposals = Proposals(LocalStore(None))
    key = ("pledge", "al-99" if "al-99" in row.json else "al-01")
    entered(proposals, Change(key, None, row, None), scope="77")
    without = replace(facts, version="without", pledges={k: v for k, v in facts.pledges.items() if k != "al-01"})
    ledger = Ledger(facts if outcome else without, proposals.local)
    stands = fold(proposals.log.of("77"))
    assert (key in stands.entries) == (outcome is None)
    assert (key[1] in ledger.of(77).facts.pledges) == (outcome is not GONE)
    assert [one.kind for one in proposals.pending("77")] == (["keep"] if outcome is ASIDE else [])
    told = Counter(one.kind for one in proposals.log.of("77"))
    assert told["upgrade"] == (outcome is not None)
