"""Where the words of a picture go: how wide a text is, where it breaks, labels that do not overlap, round steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

# Advances of Inter in parts of its size, by kinds of letters; a little wide rather than narrow.
_ADVANCES = {
    **dict.fromkeys("ijlI.,:;'’|! \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", 0.29),
    **dict.fromkeys("frt()[]/", 0.38),
    **dict.fromkeys("mwMWÆŒ@%—", 0.9),
}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About how many pixels a line of Inter takes."""
    ems = sum(_ADVANCES.get(c, 0.71 if c.isupper() else 0.6) for c in text)
    return ems * size * (1.04 if bold else 1.0)


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Lines no wider than `room`, broken between words; a word that is wider stands alone."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width(f"{lines[-1]} {word}", size, bold=bold) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def balanced(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """As few lines as `wrapped` makes, and none much shorter than the others."""
    lines = wrapped(text, room, size, bold=bold)
    while room > size and len(narrower := wrapped(text, room - size, size, bold=bold)) == len(lines):
        if max(width(line, size, bold=bold) for line in narrower) > room:
            break
        lines, room = narrower, room - size
    return lines


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """The middles of labels as near as can be to the wanted ones, in their order, apart, and between low and high.

    Labels that are together higher than the room overlap evenly.
    """
    room, needed = high - low, sum(heights)
    if needed > room > 0:
        heights = [height * room / needed for height in heights]
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    blocks: list[tuple[list[int], float, float]] = []  # labels that touch, the top of the first, the height of all
    for n in order:
        labels, top, height = [n], wanted[n] - heights[n] / 2, heights[n]
        top = min(max(top, low), high - height)
        while blocks and blocks[-1][1] + blocks[-1][2] > top:
            labels = blocks.pop()[0] + labels
            height = sum(heights[k] for k in labels)
            above, tops = 0.0, []
            for k in labels:  # where the block's top would have to be for each of its labels to stand as wanted
                tops.append(wanted[k] - heights[k] / 2 - above)
                above += heights[k]
            top = min(max(sum(tops) / len(tops), low), high - height)
        blocks.append((labels, top, height))
    placed = [0.0] * len(wanted)
    for labels, top, _ in blocks:
        for n in labels:
            placed[n] = top + heights[n] / 2
            top += heights[n]
    return placed


def steps(low: float, high: float, about: int) -> list[Decimal]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten apart) from at or below `low` to at or above `high`."""
    if not high > low:
        high = low + (abs(low) or 1.0)
    raw = (high - low) / about
    power = Decimal(1).scaleb(math.floor(math.log10(raw)))
    step = next(power * n for n in (1, 2, Decimal("2.5"), 5, 10) if float(power * n) >= raw * 0.999)
    first, last = math.floor(low / float(step) + 1e-9), math.ceil(high / float(step) - 1e-9)
    return [step * n for n in range(first, last + 1)]
