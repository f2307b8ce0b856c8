"""Which schedule fires next: a heap of times. Knows no clock and no store."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime


class Timetable:
    """One coming time for each name. An entry that was replaced stays in the heap until its time comes."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._next: dict[str, datetime] = {}

    def put(self, name: str, time: datetime | None) -> None:
        """The time at which this name fires next; None: never again."""
        if time is None:
            self.drop(name)
            return
        moment = time.astimezone(UTC)
        self._next[name] = moment
        heapq.heappush(self._heap, (moment, name))

    def drop(self, name: str) -> None:
        self._next.pop(name, None)

    def take(self, now: datetime) -> list[tuple[datetime, str]]:
        """Take out what is due, in order of time and name."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            time, name = heapq.heappop(self._heap)
            if self._next.get(name) == time:
                del self._next[name]
                found.append((time, name))
        return found

    def due(self, now: datetime) -> int:
        """How many names were due by now and were not taken."""
        return sum(time <= now for time in self._next.values())

    def first(self) -> datetime | None:
        """When the next one is due."""
        while self._heap and self._next.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
