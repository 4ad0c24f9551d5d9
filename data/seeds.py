"""The seed tables as typed rows; a broken row stops the build with its file, line, column and reason."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from knowledge.dates import PartialDate
from knowledge.figure import Read, SaidBy

FOLDER = Path(__file__).with_name("seed")


class SeedError(Exception):
    """One sentence that names the file, the line, the column and what is wrong there."""


def _partial(text: str) -> str:
    return PartialDate(text).text if text else ""


def _decimal(text: str) -> str:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise ValueError(f"{text!r} is not a plain decimal number")
    return text


def _optional(text: object) -> object:
    return None if text == "" else text


Day = Annotated[str, BeforeValidator(_partial)]
Number = Annotated[str, BeforeValidator(_decimal)]
MaybeNumber = Annotated[Number | None, BeforeValidator(_optional)]
Year = Annotated[int, Field(ge=1000, le=9999)]
MaybeYear = Annotated[Year | None, BeforeValidator(_optional)]
YesNo = Literal["yes", "no"]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


QUOTED = "no open licence; facts quoted with credit"  # of NATO, and of whatever names no licence


class Row(BaseModel):
    """Every column is named and none is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class SourceRow(Row):
    key: str = Field(min_length=1)
    title: str = Field(min_length=1, pattern=r"^[^\[\]]+$")  # a bracket would break the link it stands in
    publisher: str
    published: Day
    address: str = Field(pattern=r"^(https?://\S+)?$")
    said_by: SaidBy
    read: Read
    reprint: YesNo

    def columns(self) -> dict[str, object]:
        return self.model_dump() | {"reprint": int(self.reprint == "yes"), "licence": QUOTED}


class Publication(Row):
    """What is a source of its own."""

    title: str
    publisher: str
    published: Day
    address: str
    said_by: SaidBy
    read: Read

    def source(self, key: str, licence: str = QUOTED) -> dict[str, object]:
        """The columns of that source."""
        names = ("title", "publisher", "published", "address", "said_by", "read")
        return {"key": key, "reprint": 0, "licence": licence, **{name: getattr(self, name) for name in names}}


class RefusedRow(Row):
    """A mirror, a content farm or a propaganda outlet: no source is cited from it."""

    domain: str = Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    name: str  # what it calls itself; blank where the domain says it, or where the name is another's too
    why: str = Field(min_length=5)


class MemberRow(Row):
    code: Code
    iso2: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    official_name: str
    nato_label: str
    aliases: str
    accession: Day
    founding: YesNo
    armed_forces: YesNo
    currency: Code
    eu_since: MaybeYear
    fiscal_year: str  # its months, where it is not the calendar's
    fiscal_names: Literal["first", "last", ""]
    note: str
    source: str


class AggregateRow(Row):
    code: str = Field(pattern=r"^NATO_[A-Z_]+$")
    name: str
    aliases: str
    note: str


class GroupRow(Row):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]+$")
    name: str
    aliases: str
    members: str = Field(pattern=r"^[A-Z]{3}(\|[A-Z]{3})+$")
    note: str = Field(min_length=10)
    source: str


class LookalikeRow(Row):
    code: str
    name: str
    aliases: str


class CurrencyRow(Row):
    code: Code
    name: str
    aliases: str


class EditionRow(Publication):
    """A release; `first` to `last` are the years it prints, whatever is held of them."""

    id: str
    name: str
    tables: YesNo
    first: Year
    last: Year
    published: Annotated[Day, Field(min_length=4)]
    cut_off: Day
    price_base: str = Field(pattern=r"^\d{4}$")
    definition: Literal["core defence expenditure", "defence expenditure"]
    decimals: int = Field(ge=0, le=4)
    held: str
    address: str = Field(pattern=r"^https?://\S+$")

    def as_source(self) -> dict[str, object]:
        return self.source(f"nato-{self.id}")

    def columns(self) -> dict[str, object]:
        """What its table holds of it; the rest is its source's."""
        own = self.model_dump(exclude=set(Publication.model_fields))
        return own | {"tables": int(self.tables == "yes"), "source": f"nato-{self.id}"}


class SeriesRow(Row):
    """What heads a row of figures that was entered with its edition."""

    edition: str
    measure: str
    member: str
    currency: str = Field(pattern=r"^([A-Z]{3})?$")


class MeasureRow(Row):
    id: str
    name: str
    aliases: str
    kind: str
    currency: Literal["USD", ""]
    constant: YesNo
    scale: int = Field(ge=0, le=9)
    decimals: int = Field(ge=0, le=4)
    about: Literal["spending", "gdp", "people"]
    adds_up: YesNo
    per_head: YesNo
    heading: str = Field(pattern=r"^([^{}]*\{unit\}[^{}]*)?$")
    step: MaybeNumber


class CoverageRow(Row):
    """How much of a measure is held of an edition; `years` is a year, a span, or blank for all years it prints."""

    edition: str
    measure: str
    years: str = Field(pattern=r"^(\d{4}(-\d{4})?)?$")
    held: Literal["whole", "part", "unprinted"]
    but: str


class BreakRow(Row):
    """Figures that are not what they seem or not alike; a blank list is all, a blank year is open.

    `editions` may end in an id and "on": that edition and every later one.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]+$")
    kind: Literal["income", "definition", "prices", "typed", "real-gdp", "membership", "iceland"]
    members: str
    measures: str
    editions: str
    first: MaybeYear
    last: MaybeYear
    joined: YesNo
    what: str = Field(min_length=10)
    source: str


class KnownRow(Row):
    """What a release says of itself: a total, or how many or which members print a level or more."""

    edition: str
    what: Literal["total", "count", "members"]
    measure: str
    spender: str
    year: Year
    level: MaybeNumber
    value: str = Field(min_length=1)


class FundingRow(Row):
    """A ceiling of a common budget, or an Ally's part of the costs."""

    year: Year
    scheme: str
    member: Code | Literal[""]
    share: MaybeNumber
    ceiling_eur_m: MaybeNumber
    about: YesNo
    note: str
    source: str

    @model_validator(mode="after")
    def _one_of_two(self) -> FundingRow:
        if (self.share is None) == (self.ceiling_eur_m is None) or bool(self.member) != (self.share is not None):
            raise ValueError("a row is either a ceiling, or the share of a member")
        return self


class ForecastRow(Row):
    """What a projection stands on."""

    gdp: str
    second: str
    people: str
    prices: Year
    held_to: Year
    no_current_prices: tuple[Code, ...]


class SummitRow(Row):
    id: str
    name: str
    place: str
    start: Annotated[Day, Field(min_length=4)]
    end: Day
    kind: str
    who: str
    decided: str
    proposed: str
    note: str
    source: str


class PledgeRow(Row):
    id: str
    member: Code
    share: MaybeNumber
    share_low: MaybeNumber
    share_high: MaybeNumber
    basis: Literal["core", "related", "total", "national budget", "core (GNI)"]
    year_from: MaybeYear
    year_to: MaybeYear
    kind: Literal[
        "promise", "plan", "law", "law intended", "budget", "ambition", "proposal", "statement", "reservation",
        "reported to NATO", "reported as achieved", "context",
    ]  # fmt: skip
    announced: Day
    summary: str = Field(min_length=5)
    quote: str
    since: str
    source: str
    note: str


class DefinitionRow(Row):
    id: str
    term: str
    also_called: str
    definition: str
    quote: str
    source: str
    note: str


class DistinctionRow(Row):
    """Two definitions, by their ids, that are not the same."""

    a: str
    b: str
    why: str = Field(min_length=10)
    source: str


class DatasetRow(Publication):
    id: str
    licence: str = Field(min_length=5)

    def as_source(self) -> dict[str, object]:
        return self.source(self.id, self.licence)


class ExceptionRow(Row):
    """A cell that breaks an identity in NATO's own tables, with the reason we know of."""

    identity: str
    edition: str
    member: str
    year: str
    reason: str = Field(min_length=10)


class ComponentRow(Row):
    code: str
    measure: str
    op: Literal["at least", "up to", "move towards", "aim", "exactly"]
    value: Number
    unit: Literal[
        "% of GDP", "% of GNI", "% of defence expenditure", "% real growth a year", "EUR billion", "USD billion"
    ]
    by: int | None = None
    verified: bool


class ExemptionRow(Row):
    member: Code
    text: str


class RuleSourceRow(Row):
    key: str
    supports: str = ""


class RuleRow(Row):
    id: str
    name: str = Field(max_length=60)
    aliases: tuple[str, ...]
    standing: Literal["adopted", "proposed", "demanded", "reading", "fact", "measurement"]
    kind: Literal["share", "growth", "plan", "capability", "amount", "measurement", "fact"]
    superseded_by: str = ""
    announced: Day
    by: str
    venue: str = ""
    summit: str = ""
    applies_from: int | None = None
    applies_to: int | None = None
    deadline: int | None = None
    only: tuple[Code, ...] = ()
    baseline_year: int | None = None
    path: str = ""
    force: str = ""
    summary: str
    calculation: str = ""
    review: str = ""
    outcome: str = ""
    caution: str = ""
    component: tuple[ComponentRow, ...] = ()
    exemption: tuple[ExemptionRow, ...] = ()
    source: tuple[RuleSourceRow, ...] = Field(min_length=1)


def rule_tables(rules: Iterable[RuleRow]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the four tables that hold rules."""
    found: dict[str, list[dict[str, Any]]] = {
        "rule": [], "rule_component": [], "rule_exemption": [], "rule_source": []
    }  # fmt: skip
    for n, rule in enumerate(rules):
        row = rule.model_dump(exclude={"component", "exemption", "source"})
        found["rule"].append(row | {"position": n, "aliases": "|".join(rule.aliases), "only": "|".join(rule.only)})
        found["rule_component"] += [
            part.model_dump(exclude={"note"}) | {"rule": rule.id, "position": n, "verified": int(part.verified)}
            for n, part in enumerate(rule.component)
        ]
        found["rule_exemption"] += [one.model_dump() | {"rule": rule.id} for one in rule.exemption]
        found["rule_source"] += [
            {"rule": rule.id, "position": n, "source": one.key, "supports": one.supports}
            for n, one in enumerate(rule.source)
        ]
    return found


class WideRow(BaseModel):
    """One row of a table with a column a year; a letter behind a year or a value marks it.

    e: NATO's estimate · ?: the source does not say · f: forecast · p: part of the year only.
    """

    model_config = ConfigDict(frozen=True)
    keys: dict[str, str]
    values: dict[int, str]
    marks: dict[int, str]


_Model = TypeVar("_Model", bound=Row)
_YEAR = re.compile(r"(\d{4})([e?]?)")
_CELL = re.compile(r"(-?\d+(?:\.\d+)?)([fp]?)")


def _text(name: str, folder: Path) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SeedError(f"{name}: the file is missing.") from None
    except UnicodeDecodeError as error:
        raise SeedError(f"{name}: byte {error.start} is not UTF-8.") from None


def _lines(name: str, folder: Path) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(_text(name, folder), newline=""))
    for row in reader:
        if None in row or None in row.values():
            raise SeedError(f"{name}, line {reader.line_num}: the row has not as many columns as the header.")
        yield reader.line_num, row


def rows(name: str, model: type[_Model], folder: Path = FOLDER) -> list[_Model]:
    """The typed rows of one CSV seed table."""
    found = []
    for line, row in _lines(name, folder):
        try:
            found.append(model.model_validate(row))
        except ValidationError as error:
            raise SeedError(f"{name}, line {line}, {where(error)}") from None
    return found


def wide_rows(name: str, keys: tuple[str, ...], folder: Path = FOLDER) -> list[WideRow]:
    """The rows of a table with a column a year; a blank cell is a value that was not published."""
    found = []
    for line, row in _lines(name, folder):
        values: dict[int, str] = {}
        marks: dict[int, str] = {}
        for column, text in row.items():
            if column in keys:
                continue
            year = _YEAR.fullmatch(column)
            if year is None:
                raise SeedError(
                    f"{name}, line 1, column {column}: the heading is neither a year nor {', '.join(keys)}."
                )
            if not text:
                continue
            cell = _CELL.fullmatch(text)
            if cell is None:
                raise SeedError(f"{name}, line {line}, column {column}: {text!r} is not a plain decimal number.")
            number = int(year[1])
            values[number] = cell[1]
            if mark := year[2] or cell[2]:
                marks[number] = mark
        if missing := [key for key in keys if key not in row]:
            raise SeedError(f"{name}, line 1: there is no column {missing[0]}.")
        found.append(WideRow(keys={key: row[key] for key in keys}, values=values, marks=marks))
    return found


def _toml(name: str, folder: Path) -> tuple[str, dict[str, Any]]:
    text = _text(name, folder)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SeedError(f"{name}: {error}.") from None


def forecast_row(folder: Path = FOLDER) -> ForecastRow:
    """What forecast.toml says; an unknown key is an error."""
    _, keys = _toml("forecast.toml", folder)
    try:
        return ForecastRow.model_validate(keys)
    except ValidationError as error:
        raise SeedError(f"forecast.toml, {where(error)}") from None


def rule_rows(folder: Path = FOLDER) -> list[RuleRow]:
    """The rules of rules.toml; an unknown key is an error."""
    text, tables = _toml("rules.toml", folder)
    starts = [n for n, line in enumerate(text.splitlines(), 1) if line.split("#")[0].strip() == "[[rule]]"]
    found = []
    for start, table in zip(starts, tables.get("rule", []), strict=True):
        try:
            found.append(RuleRow.model_validate(table))
        except ValidationError as error:
            raise SeedError(f"rules.toml, rule at line {start}, {where(error)}") from None
    return found


def where(error: ValidationError) -> str:
    """The first thing that is wrong, with its column."""
    first = error.errors(include_url=False)[0]
    column = ".".join(str(part) for part in first["loc"])
    reason = str(first["msg"]).removeprefix("Value error, ")
    given = first["input"]
    shown = f" (it holds {given!r})" if isinstance(given, str | int | float) else ""
    return f"column {column}: {reason}{shown}."
