"""Whose chart is drawn next: the people who wait take turns, and no more wait than can be drawn soon."""

from __future__ import annotations

EACH = 3  # charts that one person may have waiting, besides the one under way


class Turns:
    """Charts that wait, each once, in a line for each person who asked; one of those just served comes last."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lines: dict[object, list[str]] = {}  # people in the order of their turns
        self._askers: dict[str, list[object]] = {}  # whose lines a chart stands in
        self._served: list[object] = []

    def __contains__(self, chart: str) -> bool:
        return chart in self._askers

    def add(self, chart: str, who: object) -> bool:
        """Whether the chart waits now. One that waits already comes with whichever of its askers is first."""
        line = self._lines.get(who, [])
        if chart not in self._askers and (len(self._askers) >= self._room or len(line) >= EACH):
            return False
        if chart not in line:
            self._lines.setdefault(who, []).append(chart)
            self._askers.setdefault(chart, []).append(who)
        return True

    def take(self) -> str | None:
        """The next chart, which waits no longer; None if none does. The one taken before it is done by now."""
        for who in self._served:
            if line := self._lines.pop(who, None):
                self._lines[who] = line
        self._served = []
        for line in self._lines.values():
            chart = line[0]
            self._served = self._askers.pop(chart)
            for who in self._served:
                self._lines[who].remove(chart)
                if not self._lines[who]:
                    del self._lines[who]
            return chart
        return None
