"""The process that reads a file, run by data/importing/walled.py: names and bytes in on stdin, JSON lines out on stdout.

It is given no file name and no environment. Before it looks at a byte it gives up what it may use: memory, time, and
opening anything, so neither a file nor a connection can be opened from in here.
"""

from __future__ import annotations

import codecs
import os
import struct
import sys
from pathlib import Path

if __name__ == "__main__":  # a file and not a module of an environment: -I looks for nothing beside it
    sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from data.importing.limits import MEMORY, PROCESSOR, Refused
from data.importing.reading import read
from data.importing.recognised import Names, Recognised
from data.importing.recognising import recognise

LENGTH = struct.Struct(">I")  # of the names, which stand before the bytes of the file
PARTS = ("blocks", "observations", "claims", "left_out", "unread", "remarks")
TIME = "The file took too long to read. Take out what is no table, or save it anew."
MEMORY_ENDED = "The file needs more memory to read than it is given. Take out what is no table, or save it anew."


def shut() -> None:
    """Give up memory beyond a limit, time, and opening anything; where the system knows no limits, nothing."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp437"):
        codecs.lookup(encoding)  # read from a file at its first use
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR + 1))
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # those it has


def lines(found: Recognised) -> list[bytes]:
    """A line of JSON for each record, after what kind it is; the last line says that nothing is missing."""
    made = [_line("form", found.form)]
    for part in PARTS:
        made += [_line(part, record) for record in getattr(found, part)]
    return [*made, _line("end", len(made))]


def _line(kind: str, what: object) -> bytes:
    return msgspec.json.encode({"kind": kind, "what": what})


def main() -> None:
    given = sys.stdin.buffer
    (length,) = LENGTH.unpack(given.read(LENGTH.size))
    names = msgspec.json.decode(given.read(length), type=Names)
    data = given.read()
    try:
        made = lines(recognise(read(data), names))
    except Refused as refused:
        made = [_line("refused", {"code": refused.code, "sentence": refused.sentence})]
    except MemoryError:
        made = [_line("refused", {"code": "limits", "sentence": MEMORY_ENDED})]
    sys.stdout.buffer.write(b"\n".join(made))
    sys.stdout.flush()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)  # a running bot's answers come first
    shut()
    main()
