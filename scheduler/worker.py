"""A worker: takes one item after the other until it is told to stop; the one at hand is finished first."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from engine.work import Engine

SHORTEST_IDLE, LONGEST_IDLE = 0.05, 1.0
REFRESH_SECONDS = 2.0


class Worker:
    """`queues` narrows it to some workflows. SIGTERM and SIGINT make it leave after the item at hand."""

    def __init__(self, engine: Engine, queues: Sequence[str] | None = None) -> None:
        self.engine = engine
        self.queues = queues
        self.leaving = threading.Event()
        self._parent = os.getppid()

    def leave_on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        self.leaving.set()

    def work(self) -> int:
        """Work until told to leave; the number of items worked."""
        worked, idle, since_refresh = 0, SHORTEST_IDLE, 0.0
        try:
            # A parent that was killed cannot ask anybody to leave: its workers see that it is gone.
            while not self.leaving.is_set() and os.getppid() == self._parent:
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
