"""A file of somebody else → what was recognised in it, read in a process of its own and believed in nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from data.importing.limits import COLUMNS, LARGEST_FILE, LINES, LONGEST, MIB, OBSERVATIONS, SHOWN, Refused, shown
from data.importing.recognised import Block, Claim, LeftOut, Names, Observation, Recognised, Unread
from data.importing.saying import MEASURES
from data.importing.worker import LENGTH, TIME

WORKER = Path(__file__).with_name("worker.py")
MOST = 32 * MIB  # of what comes back
FAILED = "The file could not be read. Save it again as XLSX or CSV in a spreadsheet program."

Text = Annotated[str, Field(max_length=SHOWN)]
Place = Annotated[int, Field(ge=1, le=LINES + 1)]
Column = Annotated[int, Field(ge=1, le=COLUMNS)]
Year = Annotated[int, Field(ge=1900, le=2099)] | None
Spender = Annotated[str, Field(pattern=r"^[A-Z][A-Z_]{2,19}$")]
Index = Annotated[int, Field(ge=0, lt=OBSERVATIONS)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BlockRow(_Row):
    sheet: Text
    words: Text
    measures: Annotated[tuple[Literal[tuple(MEASURES)], ...], Field(strict=False)]  # type: ignore[valid-type]
    prices_said: bool
    base: Annotated[str, Field(pattern=r"^(\d{4})?$")]


class ObservationRow(_Row):
    block: Index
    spender: Spender
    year: Year
    mark: Literal["", "e"]
    value: Annotated[str, Field(pattern=r"^(-?\d{1,40}(\.\d{1,40})?)?$")]
    places: Annotated[int, Field(ge=0, le=40)]
    scale: Literal[None, 0, 3, 6, 9]
    row: Place
    column: Column
    written: Text
    currency: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...], Field(strict=False, max_length=20)]
    note: Literal["", "text", "style"]


class ClaimRow(_Row):
    sheet: Text
    spender: Spender
    year: Year
    level: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,4})?$")]
    yes: bool
    row: Place
    column: Column


class LeftOutRow(_Row):
    sheet: Text
    label: Text
    why: Literal["no-ally", "unknown"]
    name: Text
    row: Place
    column: Column


class UnreadRow(_Row):
    block: Index
    spender: Spender
    year: Year
    why: Literal["error", "unfilled", "text"]
    written: Text
    row: Place
    column: Column


class RefusalRow(_Row):
    code: Annotated[str, Field(pattern=r"^[a-z-]{1,30}$")]
    sentence: Text


class _Line(_Row):
    pass


class FormLine(_Line):
    kind: Literal["form"]
    what: Text


class BlockLine(_Line):
    kind: Literal["blocks"]
    what: BlockRow


class ObservationLine(_Line):
    kind: Literal["observations"]
    what: ObservationRow


class ClaimLine(_Line):
    kind: Literal["claims"]
    what: ClaimRow


class LeftOutLine(_Line):
    kind: Literal["left_out"]
    what: LeftOutRow


class UnreadLine(_Line):
    kind: Literal["unread"]
    what: UnreadRow


class RemarkLine(_Line):
    kind: Literal["remarks"]
    what: Text


class RefusedLine(_Line):
    kind: Literal["refused"]
    what: RefusalRow


class EndLine(_Line):
    kind: Literal["end"]
    what: int


Line = (
    FormLine | BlockLine | ObservationLine | ClaimLine | LeftOutLine | UnreadLine | RemarkLine | RefusedLine | EndLine
)
_LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


async def recognised(data: bytes, names: Names, *, longest: float = LONGEST) -> Recognised:
    """The figures of a file; Refused if it is none of ours, is more than is read, or its reading was ended."""
    if len(data) > LARGEST_FILE:
        raise Refused("too-large", f"The file is larger than {LARGEST_FILE // MIB} MiB, the most that is read.")
    told = msgspec.json.encode(names)
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(WORKER),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={},
        cwd="/" if os.name == "posix" else None,
        start_new_session=True,  # so that it is ended with whatever it started
    )
    try:
        async with asyncio.timeout(longest):
            _, said = await asyncio.gather(_give(worker, LENGTH.pack(len(told)) + told + data), _take(worker))
            code = await worker.wait()
    except TimeoutError:
        raise Refused("limits", TIME) from None
    finally:
        await _end(worker)
    if code == -getattr(signal, "SIGXCPU", 0) or code == -getattr(signal, "SIGKILL", 0):
        raise Refused("limits", TIME)
    if code != 0:
        raise Refused("unreadable", FAILED)
    return await asyncio.to_thread(believed, said, names)  # thousands of lines, and others wait for the loop


async def _give(worker: Process, data: bytes) -> None:
    assert worker.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended before it had read all
        worker.stdin.write(data)
        await worker.stdin.drain()
        worker.stdin.close()


async def _take(worker: Process) -> bytes:
    assert worker.stdout is not None
    taken = bytearray()
    while block := await worker.stdout.read(MIB):
        taken += block
        if len(taken) > MOST:
            raise Refused("unreadable", FAILED)
    return bytes(taken)


async def _end(worker: Process) -> None:
    if worker.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(worker.pid, signal.SIGKILL)
            else:
                worker.kill()
        assert worker.stdout is not None
        while await worker.stdout.read(MIB):  # what it still said: asyncio waits for the end of that as well
            pass
        await worker.wait()


def believed(said: bytes, names: Names) -> Recognised:
    """What the process said, each line held against its model; Refused if a line is not what it may be, or missing."""
    try:
        lines = [_LINE.validate_json(line) for line in said.split(b"\n")]
    except ValidationError:
        raise Refused("unreadable", FAILED) from None
    last = lines[-1]
    if isinstance(last, RefusedLine):
        raise Refused(last.what.code, shown(last.what.sentence))
    if not isinstance(last, EndLine) or last.what != len(lines) - 1 or not isinstance(lines[0], FormLine):
        raise Refused("unreadable", FAILED)
    blocks = tuple(Block(**line.what.model_dump()) for line in lines if isinstance(line, BlockLine))
    cells = tuple(Observation(**line.what.model_dump()) for line in lines if isinstance(line, ObservationLine))
    unread = tuple(Unread(**line.what.model_dump()) for line in lines if isinstance(line, UnreadLine))
    claims = tuple(Claim(**line.what.model_dump()) for line in lines if isinstance(line, ClaimLine))
    known = set(names.spenders.values())
    in_blocks = [cell.block for cell in cells] + [cell.block for cell in unread]
    spenders = {cell.spender for cell in cells} | {cell.spender for cell in unread} | {c.spender for c in claims}
    if max(in_blocks, default=-1) >= len(blocks) or not spenders <= known:
        raise Refused("unreadable", FAILED)
    return Recognised(
        shown(lines[0].what),
        blocks,
        cells,
        claims,
        tuple(LeftOut(**line.what.model_dump()) for line in lines if isinstance(line, LeftOutLine)),
        unread,
        tuple(shown(line.what) for line in lines if isinstance(line, RemarkLine)),
    )
