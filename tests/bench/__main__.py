"""Measures what answers, a crowd, the snapshot and a start cost, next to a bare discord.py: python -m tests.bench"""

from __future__ import annotations

import compileall
import sys
import tempfile
from itertools import chain
from pathlib import Path

from data.store import load
from tests.bench.alone import alone
from tests.bench.crowd import crowd
from tests.bench.rows import TOLERANCE

ROOT = Path(__file__).parents[2]


def main() -> int:
    for package in ("bot", "commands", "data", "knowledge"):  # as they are in the image, and at every second start
        compileall.compile_dir(ROOT / package, quiet=1)
    facts = load()
    print(f"{'':<66} {'figure':>9} {'':<4} {'limit':>8} {'of limit':>8}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in chain(alone(facts), crowd(facts, Path(folder))):
            print(row, flush=True)
            rows.append(row)
    missed = [row for row in rows if row.share > TOLERANCE]
    for row in missed:
        print(f"Missed by {row.share - 1:.0%}: {row.what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
