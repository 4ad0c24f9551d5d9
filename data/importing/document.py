"""A comparison as the document of `--json`, and as the lines of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from data.importing.comparing import Comparison, Why
from knowledge.facts import Facts

FORMAT: Literal["allied-ledger-import/1"] = "allied-ledger-import/1"
LISTED = 10  # of each kind, in the terminal


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceDocument(_Part):
    agreeing: int
    telling: int


class EditionDocument(_Part):
    id: str | None
    evidence: dict[str, EvidenceDocument]


class DifferentDocument(_Part):
    measure: str
    member: str
    year: int
    held: str
    found: str
    where: str


class BlankDocument(_Part):
    measure: str
    member: str
    year: int
    held: str | None
    where: str


class LeftOutDocument(_Part):
    what: str
    why: Why
    sentence: str
    where: str


class RefusedDocument(_Part):
    code: str
    sentence: str


class ImportDocument(_Part):
    """What `--json` prints; docs/importing.md says what each field holds."""

    format: Literal["allied-ledger-import/1"] = FORMAT
    edition: EditionDocument
    cells: int
    equal: int
    new: int
    different: tuple[DifferentDocument, ...]
    blank: tuple[BlankDocument, ...]
    left_out: tuple[LeftOutDocument, ...]
    questions: tuple[str, ...]
    refused: RefusedDocument | None
    remarks: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 nothing stands in the way, 1 refused, 3 a person must decide something first."""
        return 1 if self.refused is not None else 3 if self.questions else 0


def document(found: Comparison) -> ImportDocument:
    refused = found.refused
    return ImportDocument(
        edition=EditionDocument(
            id=found.edition,
            evidence={
                e: EvidenceDocument(agreeing=told.agreeing, telling=told.telling)
                for e, told in found.found.counts.items()
            },
        ),
        cells=found.cells,
        equal=found.equal,
        new=len(found.new),
        different=tuple(
            DifferentDocument(
                measure=d.measure, member=d.member, year=d.year, held=text(d.held), found=text(d.found), where=d.where
            )
            for d in found.different
        ),
        blank=tuple(
            BlankDocument(
                measure=b.measure,
                member=b.member,
                year=b.year,
                held=None if b.held is None else text(b.held),
                where=b.where,
            )
            for b in found.blank
        ),
        left_out=tuple(
            LeftOutDocument(what=left.what, why=left.why, sentence=left.sentence, where=left.where)
            for left in found.left_out
        ),
        questions=found.questions,
        refused=None if refused is None else RefusedDocument(code=refused.code, sentence=refused.sentence),
        remarks=found.remarks,
    )


def refusal(code: str, sentence: str) -> ImportDocument:
    """The document of a file that could not be read at all."""
    return ImportDocument(
        edition=EditionDocument(id=None, evidence={}),
        cells=0,
        equal=0,
        new=0,
        different=(),
        blank=(),
        left_out=(),
        questions=(),
        refused=RefusedDocument(code=code, sentence=sentence),
        remarks=(),
    )


def text(value: Decimal) -> str:
    """An exact decimal, without an exponent."""
    return format(value, "f")


def lines(told: ImportDocument, facts: Facts) -> Iterator[str]:
    """The same for a reader of the terminal: what was found, what is doubtful, what is not."""
    if told.refused is not None:
        yield told.refused.sentence
    if told.cells:
        yield _headline(told, facts)
    for question in told.questions:
        yield f"? {question}"
    for d in told.different[:LISTED]:
        name, measure = facts.spenders[d.member].name, facts.measures[d.measure].name
        yield f"≠ {name}, {measure}, {d.year}: {d.held} is held, {d.found} stands in {d.where}."
    if len(told.different) > LISTED:
        yield f"≠ and {len(told.different) - LISTED} more; --json lists all."
    for left in told.left_out[:LISTED]:
        yield f"– {left.sentence}"
    for remark in told.remarks:
        yield f"· {remark}"


def _headline(told: ImportDocument, facts: Facts) -> str:
    if told.edition.id is None:
        return f"{told.cells:,} figures, of no edition that could be told for certain; nothing was compared."
    name = facts.editions[told.edition.id].name
    if told.equal == told.cells:
        return f"All {told.cells:,} figures are those of the {name}. Nothing to add."
    if told.new == told.cells:
        return f"All {told.cells:,} figures are new in the {name}."
    rest = [f"{told.new:,} new"] * bool(told.new) + [f"{len(told.different):,} different"] * bool(told.different)
    others = told.cells - told.equal - told.new - len(told.different)
    rest += [f"{others:,} left open or left out"] * bool(others)
    return f"{told.equal:,} of {told.cells:,} figures are those of the {name}; {', '.join(rest)}."
