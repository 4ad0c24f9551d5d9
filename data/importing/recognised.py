"""What was recognised in a file, before it is compared with anything; and the names it is recognised by."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field


class Names(Struct, frozen=True):
    """What labels can mean, by name as names are compared."""

    spenders: dict[str, str]  # → code of an Ally or a total
    others: dict[str, str]  # → name of a country or body that is no Ally
    currencies: dict[str, tuple[str, ...]]  # → ISO codes; "dollars" are of several
    measures: dict[str, str]  # → id


class Block(Struct, frozen=True):
    """Figures of one kind: the measures that the words above them allow, one if they decide it."""

    sheet: str
    words: str
    measures: tuple[str, ...]
    prices_said: bool
    base: str  # the year of constant prices, if said


class Observation(Struct, frozen=True):
    """One cell of a figure as it was read; `value` is a decimal as text, and empty for a blank.

    `value` times ten to the power of `scale` is the figure in plain units; None where no scale is said. `places` are
    those written behind the point. `year` is None where the table names none. `note` says what was odd: "text" for a
    number stored as text in a workbook, "style" for the decimal sign or grouping that the table does not use.
    """

    block: int
    spender: str
    year: int | None
    mark: str
    value: str
    places: int
    scale: int | None
    row: int
    column: int
    written: str
    currency: tuple[str, ...] = ()
    note: str = ""


class Claim(Struct, frozen=True):
    """A yes or no on whether a share reaches a level, for checking only."""

    sheet: str
    spender: str
    year: int | None
    level: str
    yes: bool
    row: int
    column: int


class LeftOut(Struct, frozen=True):
    """A row that is of no Ally. `why` is "no-ally" with `name` for a country or body that is known, else "unknown"."""

    sheet: str
    label: str
    why: Literal["no-ally", "unknown"]
    name: str
    row: int
    column: int


class Unread(Struct, frozen=True):
    """A cell where a figure should stand that holds none: `why` is "error", "unfilled" or "text"."""

    block: int
    spender: str
    year: int | None
    why: Literal["error", "unfilled", "text"]
    written: str
    row: int
    column: int


class Recognised(Struct, frozen=True):
    form: str
    blocks: tuple[Block, ...] = field(default=())
    observations: tuple[Observation, ...] = field(default=())
    claims: tuple[Claim, ...] = field(default=())
    left_out: tuple[LeftOut, ...] = field(default=())
    unread: tuple[Unread, ...] = field(default=())
    remarks: tuple[str, ...] = field(default=())
