"""Drawn pictures on disk, so that a restart draws nothing twice; every call may wait for the disk, so use a thread."""

# diskcache would do this, but it pickles, has an open advisory for that and has had no release since 2023.

from __future__ import annotations

import logging
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from cachetools import LRUCache

log = logging.getLogger("ledger.charts")

OURS = re.compile(r"(?P<version>[0-9a-f]{16})-(?P<key>[0-9a-f]{64})\.png(?P<part>\.\d+)?")
SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Disk:
    """Pictures by their key, in files of `folder`, up to `room` bytes; the oldest use goes first.

    `version` says what draws them, in sixteen hexadecimal digits; pictures of another version are cleared away. The
    order of use outlives a restart as the files' times. For one thread at a time; what cannot be written raises OSError.
    """

    def __init__(self, folder: Path, room: int, version: Callable[[], str]) -> None:
        self.folder, self.room, self._version = folder, room, version
        self._found: LRUCache[str, int] | None = None  # sizes, in the order of use

    def open(self) -> None:
        """Look once at what is there; nobody else's files are touched."""
        if self._found is not None:
            return
        kept = []
        for file in list(self.folder.iterdir()) if self.folder.is_dir() else []:
            if name := OURS.fullmatch(file.name):
                stat = file.lstat()
                current = name["version"] == self._version() and not name["part"]
                if current and S_ISREG(stat.st_mode) and stat.st_size <= self.room:
                    kept.append((stat.st_mtime_ns, name["key"], stat.st_size))
                else:
                    with suppress(OSError):  # what cannot be cleared away is not read either
                        file.unlink()
        self._found = LRUCache(self.room, getsizeof=lambda size: size)
        for _, key, size in sorted(kept):
            with suppress(OSError):
                self._make_room(size)
            self._found[key] = size

    def get(self, key: str) -> bytes | None:
        """A picture that is there and whole."""
        if (size := self._sizes.get(key)) is None:
            return None
        file, png = self._file(key), b""
        with suppress(OSError), file.open("rb") as opened:
            png = opened.read(size + 1)
        if not whole(png):
            log.warning("a picture on disk was gone or damaged, and is drawn again")
            del self._sizes[key]
            with suppress(OSError):
                file.unlink()
            return None
        self.used([key])
        return png

    def used(self, keys: Iterable[str]) -> None:
        """These were asked for just now, be it elsewhere."""
        for key in keys:
            if self._sizes.get(key) is not None:
                with suppress(OSError):
                    os.utime(self._file(key))

    def put(self, key: str, png: bytes) -> None:
        """Keep a picture: whole or not at all."""
        if len(png) > self.room:
            return
        self._sizes.pop(key, None)
        self._make_room(len(png))
        file = self._file(key)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(png)
            part.replace(file)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise
        self._sizes[key] = len(png)

    @property
    def _sizes(self) -> LRUCache[str, int]:
        self.open()
        assert self._found is not None
        return self._found

    def _make_room(self, size: int) -> None:
        while self._sizes and self._sizes.currsize + size > self.room:
            oldest, _ = self._sizes.popitem()
            self._file(oldest).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self.folder / f"{self._version()}-{key}.png"


def whole(png: bytes) -> bool:
    """Whether bytes are a PNG from its signature to its end chunk, every chunk as its own checksum says."""
    at, kind = len(SIGNATURE), b""
    if png[:at] != SIGNATURE:
        return False
    while at + 12 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        end = at + 8 + length
        if zlib.crc32(png[at + 4 : end]).to_bytes(4, "big") != png[end : end + 4]:
            return False
        at = end + 4
    return kind == b"IEND" and at == len(png)
