"""`python -m data build` builds facts.db from the seed tables; `python -m data check` only checks them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from data import FACTS
from data.build import build
from data.seeds import SeedError


def main(words: list[str]) -> int:
    if words not in (["build"], ["check"]):
        print("Say: python -m data build, or: python -m data check", file=sys.stderr)
        return 2
    try:
        if words == ["build"]:
            facts = build(FACTS)
        else:
            with tempfile.TemporaryDirectory() as folder:
                facts = build(Path(folder) / "facts.db")
    except SeedError as error:
        print(error, file=sys.stderr)
        return 1
    count = sum(len(series.values) for series in facts.series.values())
    print(f"{count:,} figures of {len(facts.editions)} editions, {len(facts.rules)} rules: every check holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
