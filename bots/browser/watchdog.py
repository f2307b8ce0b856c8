"""Deadlines for what a page may never answer: a page in an endless loop gives nothing back, not even a timeout."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE = 1.0  # seconds past a deadline before what does not answer is ended
LOOK = 0.5  # seconds between looks whether there is still somebody who could answer


class Watchdog:
    """Calls `bark`, from a thread of its own, when a guarded piece of work is `GRACE` past its deadline; and again
    each `GRACE` until the work comes back. What is `gone` will not answer: then the deadline is now.
    """

    def __init__(self, bark: Callable[[], None], gone: Callable[[], bool]) -> None:
        self._bark = bark
        self._gone = gone
        self._deadline: float | None = None
        self._fixed = False
        self._closed = False
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def guard(self, seconds: float, *, fixed: bool = False) -> Iterator[None]:
        """The work inside has this long, and as long as `until` says from then on, unless it is `fixed`."""
        self._set(time.monotonic() + seconds, fixed)
        try:
            yield
        finally:
            self._set(None, False)

    def until(self, moment: float) -> None:
        """The guarded work has shown that it goes on: from now on its deadline is this moment (time.monotonic)."""
        if self._deadline is not None and not self._fixed:
            self._set(moment, False)

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._change.notify()

    def _set(self, moment: float | None, fixed: bool) -> None:
        with self._change:
            before, self._deadline, self._fixed = self._deadline, moment, fixed
            if moment is not None and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="browser-watchdog", daemon=True)
                self._thread.start()
            elif moment is not None and (before is None or moment < before):
                self._change.notify()  # a later one is seen when the thread wakes up for the one before

    def _run(self) -> None:
        with self._change:
            while not self._closed:
                if self._deadline is None:
                    self._change.wait()
                    continue
                now = time.monotonic()
                rest = self._deadline + GRACE - now
                if rest > 0:
                    if self._deadline > now and self._gone():
                        self._deadline, self._fixed = now, True
                    self._change.wait(min(rest, LOOK))
                    continue
                self._deadline, self._fixed = now, True
                self._bark()
