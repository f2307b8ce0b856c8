"""Whether the queue changed: one cheap look at the store, shared by all who have the page open."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from threading import Lock

from fastapi.concurrency import run_in_threadpool

from engine import census
from engine.store import tables
from engine.store.database import Database, Transaction, newest

EVERY = 1.0
LOOK_OUT = 0.25
LASTS = 300.0
"""A stream ends after so many seconds; the browser asks again, and with it whether the person is still signed in."""


class Pulse:
    """`is_leaving` says that the server is to end: streams do not hold it up."""

    def __init__(self, database: Database) -> None:
        self.is_leaving: Callable[[], bool] = lambda: False
        self._database = database
        self._lock = Lock()
        self._looked = -EVERY
        self._last: dict[str, str] = {}
        self._beats: Counter[str | None] = Counter()

    def mark(self, workflows: frozenset[str] | None = None) -> int:
        """Another number once something was raised, decided, taken or said in one of these workflows, or in any.

        Asks the store once a second at most.
        """
        with self._lock:
            if time.monotonic() - self._looked >= EVERY * 0.9:
                with self._database.read() as transaction:
                    self._look(transaction)
                self._looked = time.monotonic()
            return sum(beats for name, beats in self._beats.items() if workflows is None or name in workflows)

    def _look(self, transaction: Transaction) -> None:
        for table in (tables.exceptions, tables.decisions, tables.acts):
            if table.name not in self._last:
                self._last[table.name] = newest(transaction, table)
                continue
            latest, changed = census.changed_since(transaction, table, self._last[table.name])
            self._last[table.name] = latest
            self._beats.update(changed)

    async def stream(self, workflows: frozenset[str] | None = None) -> AsyncIterator[str]:
        """Server-sent events: `changed` whenever the queue did, as far as these workflows go; None for all."""
        began = time.monotonic()
        seen = await run_in_threadpool(self.mark, workflows)
        yield "retry: 2000\n\n"
        last = time.monotonic()
        while not self.is_leaving() and time.monotonic() - began < LASTS:
            await asyncio.sleep(LOOK_OUT)
            if time.monotonic() - last < EVERY:
                continue
            last = time.monotonic()
            now = await run_in_threadpool(self.mark, workflows)
            # A line of comment keeps what stands between from closing a stream that is quiet.
            yield ": \n\n" if now == seen else "event: changed\ndata: queue\n\n"
            seen = now
