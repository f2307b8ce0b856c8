"""A worker: takes one item after the other until it is told to stop; the one at hand is finished first."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

from engine.work import Engine

SHORTEST_IDLE, LONGEST_IDLE = 0.05, 1.0
REFRESH_SECONDS = 2.0


class Worker:
    """`queues` narrows it to some workflows. Once `leaving` is set it leaves after the item at hand."""

    def __init__(self, engine: Engine, queues: Sequence[str] | None = None, leaving: Event | None = None) -> None:
        self.engine = engine
        self.queues = queues
        self.leaving = leaving or Event()

    def work(self) -> int:
        """Work until told to leave; the number of items worked."""
        worked, idle, since_refresh = 0, SHORTEST_IDLE, 0.0
        try:
            while not self.leaving.is_set():
                if self.engine.work_one(workflows=self.queues) is not None:
                    worked, idle = worked + 1, SHORTEST_IDLE
                    continue
                self.leaving.wait(idle)
                since_refresh += idle
                idle = min(idle * 2, LONGEST_IDLE)
                if since_refresh >= REFRESH_SECONDS:
                    self.engine.library.refresh()
                    since_refresh = 0.0
        finally:
            self.engine.close()
        return worked
