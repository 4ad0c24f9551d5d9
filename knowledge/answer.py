"""An answer before it is drawn: sentences, rows and figures, from which workings and sources are read off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from knowledge import figure as figures_module
from knowledge.asking.question import Question
from knowledge.chart import Chart
from knowledge.figure import Citation, Figure, Standing, Status
from knowledge.record import record
from knowledge.sentences import Listing, Sentence
from knowledge.things import BEST, Break, Edition, Rule, Summit


@record()
class Row:
    """One line of an answer: what, and the figures or words that say it. `standing` labels a rule's part."""

    label: Sentence
    text: Sentence
    standing: Standing | None = None
    illustration: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures under headings, for a series of years; a cell is None where NATO prints nothing."""

    headings: tuple[Sentence, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, eq=False)
class Answer:
    """`asked` is pinned to the edition that answered, so that asking it again gives the same answer."""

    asked: Question
    headline: Sentence
    rows: tuple[Row, ...] = ()
    notes: tuple[Sentence, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    edition: Edition | None = None
    more: tuple[object, ...] = field(default=())  # things whose sources count though no sentence names them

    def _cells(self) -> Iterator[object]:
        yield from (cell for cells in (self.table.rows if self.table else ()) for cell in cells)

    def _values(self) -> Iterator[object]:
        yield from self.headline.walk()
        for row in self.rows:
            yield from row.label.walk()
            yield from row.text.walk()
        for cell in self._cells():
            yield from cell.walk() if isinstance(cell, Sentence) else (cell,)
        for note in self.notes:
            yield from note.walk()
        yield from self.more

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure the answer prints, each once by its name, in reading order."""
        found: dict[str, Figure] = {}
        for value in self._values():
            for item in value.items if isinstance(value, Listing) else (value,):
                if isinstance(item, Figure):
                    found.setdefault(item.name, item)
        return tuple(found.values())

    @cached_property
    def workings(self) -> tuple[Figure, ...]:
        return figures_module.workings(self.figures)

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """The tables that hold the numbers, then what else the figures, the rules and the meetings in the text cite."""
        found = dict.fromkeys(figures_module.citations(self.figures))
        for value in self._values():
            if isinstance(value, Rule | Summit | Break):
                for citation in value.citations[:BEST]:
                    found.setdefault(citation)
            elif isinstance(value, Edition):
                found.setdefault(Citation(value.source))
            elif isinstance(value, Citation):
                found.setdefault(value)
        return tuple(sorted(found, key=lambda citation: not citation.table))

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The series breaks that the answer tells of, for its chart and its file as well."""
        return tuple(dict.fromkeys(value for value in self._values() if isinstance(value, Break)))

    @property
    def folded(self) -> tuple[Rule, ...]:
        """The rules that have more sources than are cited here."""
        cited = set(self.citations)
        rules = dict.fromkeys(value for value in self._values() if isinstance(value, Rule))
        return tuple(rule for rule in rules if not cited.issuperset(rule.citations))

    @cached_property
    def status(self) -> Status:
        """How sure the least sure figure is; a row that calls itself an illustration speaks for itself alone."""
        sentences = [self.headline, *(row.text for row in self.rows if not row.illustration)]
        values = (*(value for sentence in sentences for value in sentence.walk()), *self._cells())
        return max((v.status for v in values if isinstance(v, Figure)), default=Status.PUBLISHED)

    @cached_property
    def standing(self) -> Standing | None:
        """The standing of the rule the headline's main figure rests on, if it rests on one."""
        found = (v.standing for v in self.headline.walk() if isinstance(v, Figure | Rule) and v.standing is not None)
        return next(found, None)
