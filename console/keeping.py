"""Keeps the dashboard's figures fresh: what changed is counted when somebody looks, at most every few seconds.

A store that was never counted is counted aside, while the page tells how far it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from datetime import tzinfo

from loguru import logger

from console.dashboard import Board
from engine.clock import Clock
from engine.measures.counting import keep_up
from engine.store.database import Database, StoreError

EVERY = 5.0
REST = 20
"""So many times as long as counting took it rests, so that it never takes more than a part of the machine."""
VENDORS_EVERY = 300.0
MOST_LISTS = 200
MOST_BOARDS = 100
AT_ONCE = 500
"""Items that a page waits for; the rest is counted aside."""


class Keeping:
    """One for the console; any number of requests may ask at the same time."""

    def __init__(self, database: Database, clock: Clock, zone: tzinfo) -> None:
        self._database, self._clock, self._zone = database, clock, zone
        self._lock = threading.Lock()
        self._next = 0.0
        self._version = 0
        self._boards: dict[Hashable, tuple[int, Board]] = {}
        self._reading = threading.Lock()
        self._vendors: dict[Hashable, tuple[float, list[str]]] = {}

    def board(self, seen: Hashable, read: Callable[[], Board]) -> Board:
        """The tiles for those who see the same: read once for each time that was counted, whoever asks."""
        # One after the other: ten people who come at the same moment wait for one, and then have it all.
        with self._reading:
            version, known = self._boards.get(seen, (-1, None))
            if known is None or version != self._version:
                version, known = self._version, read()
                self._boards.pop(seen, None)
                if len(self._boards) >= MOST_BOARDS:
                    del self._boards[next(iter(self._boards))]
                self._boards[seen] = version, known
            return known

    def vendors(self, seen: Hashable, read: Callable[[], list[str]]) -> list[str]:
        """The vendors to choose from, for those who see the same; gone through once in some minutes."""
        known = self._vendors.get(seen)
        if known is None or time.monotonic() - known[0] > VENDORS_EVERY:
            if len(self._vendors) >= MOST_LISTS:
                self._vendors.clear()
            known = self._vendors[seen] = time.monotonic(), read()
        return known[1]

    def look(self) -> None:
        """Count what changed. Who comes while another request counts gets the figures as they were."""
        if time.monotonic() < self._next or not self._lock.acquire(blocking=False):
            return
        began = time.monotonic()
        try:
            whole = keep_up(self._database, self._clock.now(), self._zone, most=AT_ONCE)
        except BaseException:
            self._lock.release()
            raise
        self._version += 1
        if whole:
            ended = time.monotonic()
            self._next = ended + max(EVERY, REST * (ended - began) if EVERY else 0.0)
            self._lock.release()
            return
        threading.Thread(target=self._rest, name="figures", daemon=True).start()

    def _rest(self) -> None:
        try:
            keep_up(self._database, self._clock.now(), self._zone)
        except StoreError as error:
            # Whoever looks next begins where it stopped.
            logger.error("the figures were not counted to the end: {}", error)
        finally:
            self._version += 1
            self._lock.release()
