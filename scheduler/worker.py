"""A worker: takes one item after the other until it is told to stop; the one at hand is finished first."""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import Event

from engine.events import Event as Happening
from engine.store.database import StoreError
from engine.work import Engine
from scheduler.memory import megabytes

SHORTEST_IDLE, LONGEST_IDLE = 0.05, 1.0
REFRESH_SECONDS = 2.0


class Worker:
    """`queues` narrows it to some workflows. Once `leaving` is set it leaves after the item at hand.

    `most_memory` in MB: after the item with which it came to hold more, it leaves for whoever started it to replace it.
    """

    def __init__(
        self,
        engine: Engine,
        queues: Sequence[str] | None = None,
        leaving: Event | None = None,
        most_memory: int | None = None,
    ) -> None:
        self.engine = engine
        self.queues = queues
        self.leaving = leaving or Event()
        self.most_memory = most_memory

    def work(self) -> int:
        """Work until told to leave; the number of items worked."""
        worked, idle, since_refresh = 0, SHORTEST_IDLE, 0.0
        try:
            while not self.leaving.is_set():
                if self._work_one():
                    worked, idle = worked + 1, SHORTEST_IDLE
                    if self.is_worn_out():
                        break
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

    def _work_one(self) -> bool:
        """True if there was an item. A store that does not answer is waited for: a worker costs less than its start."""
        try:
            return self.engine.work_one(workflows=self.queues, ahead=self._goes_on) is not None
        except StoreError as error:
            message = f"the store does not answer, the worker waits for it: {str(error.orig or error).splitlines()[0]}"
            self.engine.events.emit(Happening("worker.waits", self.engine.clock.now(), "", data={"message": message}))
            return False

    def _goes_on(self) -> bool:
        return not self.leaving.is_set()

    def is_worn_out(self) -> bool:
        """Whether it holds more memory than it may, with its browser and the rest of what it started."""
        if self.most_memory is None or megabytes(os.getpid()) <= self.most_memory:
            return False
        data = {"message": f"the worker holds more than {self.most_memory} MB and ends, to be started anew"}
        self.engine.events.emit(Happening("worker.worn_out", self.engine.clock.now(), "", data=data))
        return True
