"""An answer before it is drawn: sentences, rows and figures, from which workings and sources are read off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Any

from msgspec import Struct, field

from knowledge import figure as figures_module
from knowledge.asking.question import Question
from knowledge.chart import Chart
from knowledge.facts import Cell, cell_behind
from knowledge.figure import Citation, Figure, Standing, Status
from knowledge.sentences import Sentence, walk
from knowledge.things import BEST, Break, Edition, Rule, Summit


class Row(Struct, frozen=True):
    """One line of an answer: what, and the figures or words that say it. `standing` labels a rule's part."""

    label: Sentence
    text: Sentence
    standing: Standing | None = None
    illustration: bool = False


class Table(Struct, frozen=True):
    """Rows of figures under headings, for a series of years; a cell is None where NATO prints nothing."""

    headings: tuple[Sentence, ...]
    rows: tuple[tuple[object, ...], ...]


class Answer(Struct, frozen=True, eq=False, dict=True):
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
        return chain.from_iterable(self.table.rows if self.table else ())

    @cached_property
    def _said(self) -> list[object]:
        rows = (part for row in self.rows for part in (row.label, row.text))
        return walk((self.headline, *rows, *self._cells()))

    @cached_property
    def _values(self) -> tuple[object, ...]:
        return (*self._said, *walk(self.notes), *self.more)

    def _named(self, *kinds: type[Any]) -> Iterator[Any]:
        """Everything of these kinds that the answer names, in reading order."""
        return (value for value in self._values if type(value) in kinds)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure the answer prints, each once by its name, in reading order."""
        found: dict[str, Figure] = {}
        for figure in self._named(Figure):
            found.setdefault(figure.name, figure)
        return tuple(found.values())

    @property
    def computed(self) -> bool:
        """Whether it has workings."""
        return any(figure.operation is not None for figure in self._named(Figure))

    @property
    def cited(self) -> bool:
        """Whether it has sources."""
        if any(self._named(Edition, Citation)):
            return True
        if any(one.citations for one in self._named(Rule, Summit, Break)):
            return True
        return any(leaf.citations for figure in self.figures for leaf in figure.closure())

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of NATO's tables that its figures rest on, each once, those of the headline first."""
        found = (cell_behind(leaf) for leaf in figures_module.behind(self.figures))
        return tuple(dict.fromkeys(cell for cell in found if cell is not None))

    @cached_property
    def workings(self) -> tuple[Figure, ...]:
        return figures_module.workings(self.figures)

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """The tables that hold the numbers, then what else the figures, the rules and the meetings in the text cite."""
        found = dict.fromkeys(figures_module.citations(self.figures))
        for value in self._values:
            if isinstance(value, Rule | Summit | Break):
                found |= dict.fromkeys(value.citations[:BEST])
            elif isinstance(value, Edition):
                found[Citation(value.source)] = None
            elif isinstance(value, Citation):
                found[value] = None
        return tuple(sorted(found, key=lambda citation: not citation.table))

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The series breaks that the answer tells of, for its chart and its file as well."""
        return tuple(dict.fromkeys(self._named(Break)))

    @property
    def folded(self) -> tuple[Rule, ...]:
        """The rules that have more sources than are cited here."""
        cited = set(self.citations)
        return tuple(dict.fromkeys(rule for rule in self._named(Rule) if not cited.issuperset(rule.citations)))

    @cached_property
    def status(self) -> Status:
        """How sure the least sure figure is; a row that calls itself an illustration speaks for itself alone."""
        said = self._said
        if any(row.illustration for row in self.rows):
            said = walk((self.headline, *(row.text for row in self.rows if not row.illustration), *self._cells()))
        return max([value.status for value in said if type(value) is Figure], default=Status.PUBLISHED)

    @cached_property
    def standing(self) -> Standing | None:
        """The standing of the rule the headline's main figure rests on, if it rests on one."""
        found = (value.standing for value in self.headline.walk() if isinstance(value, (Figure, Rule)))
        return next((standing for standing in found if standing is not None), None)
