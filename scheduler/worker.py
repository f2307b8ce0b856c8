"""A worker: takes one item after the other until it is told to stop; the one at hand is finished first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from threading import Event

from engine.events import Event as Happening
from engine.store.bell import bell_of
from engine.store.database import StoreError
from engine.work import Engine
from scheduler.memory import megabytes

IDLE_SECONDS = 1.0
"""A worker without work looks for some this often, and at once when the bell rings."""
LONGEST_IN_VAIN = 0.25
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
        self.on_turn: Callable[[], None] | None = None

    def work(self) -> int:
        """Work until told to leave; the number of items worked."""
        worked, in_vain, refreshed = 0, 0.0, time.monotonic()
        bell = bell_of(self.engine.database)
        try:
            while not self.leaving.is_set():
                bell.hush()
                if self.on_turn is not None:
                    self.on_turn()
                if self._work_one():
                    worked, in_vain = worked + 1, 0.0
                    if self.is_worn_out():
                        break
                    continue
                if bell.wait(IDLE_SECONDS, self.leaving):
                    # It rings for the work of others too: who comes in vain again and again comes less often.
                    self.leaving.wait(in_vain)
                    in_vain = min(in_vain * 2 + 0.01, LONGEST_IN_VAIN)
                else:
                    in_vain = 0.0
                if time.monotonic() - refreshed >= REFRESH_SECONDS:
                    self.engine.library.refresh()
                    refreshed = time.monotonic()
        finally:
            bell.close()
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
