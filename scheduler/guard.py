"""Ends workers that hold too much memory or are at one item for too long; the item is taken over like any other."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from engine.items import State, worker_name
from engine.store import tables
from engine.store.database import Database, StoreError, rows
from scheduler.memory import descendants, megabytes

LOOK_SECONDS = 2.0


def end(pid: int) -> None:
    """Kill a process with all that it started: a browser has a group of its own and would outlive it."""
    for one in (*descendants(pid), pid):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


class Guard:
    """`most_memory` in MB, browser and all; `most_seconds` for one item. None: no limit.

    `told(name, message)` hears of every worker that is killed.
    """

    def __init__(
        self,
        database: Database,
        most_memory: int | None,
        most_seconds: float | None,
        told: Callable[[str, str], None],
    ) -> None:
        self._database, self._most_memory, self._most_seconds, self._told = database, most_memory, most_seconds, told
        self._host = worker_name().partition(":")[0]
        self._since: dict[tuple[str, int], float] = {}
        self._looked = 0.0

    def look(self, workers: Iterable[tuple[str, int]]) -> None:
        """Look at these processes, `(name, pid)`; call it as often as you like."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        at_work = self._at_work(now) if self._most_seconds is not None else {}
        for name, pid in workers:
            why = self._too_much(pid) or self._too_long(at_work.get(pid), now)
            if why is not None:
                self._told(name, f"{why}, and is killed; its item is taken over")
                end(pid)

    def _too_much(self, pid: int) -> str | None:
        held = megabytes(pid) if self._most_memory is not None else 0.0
        if self._most_memory is None or held <= self._most_memory:
            return None
        return f"holds {held:,.0f} MB, more than {self._most_memory:,}"

    def _too_long(self, claim: tuple[str, int] | None, now: float) -> str | None:
        if claim is None or self._most_seconds is None or now - self._since[claim] <= self._most_seconds:
            return None
        return f"has been at item {claim[0]} for more than {self._most_seconds / 60:g} minutes"

    def _at_work(self, now: float) -> dict[int, tuple[str, int]]:
        """The claim that each process of this host holds, and since when it has been seen with it."""
        table = tables.items.c
        query = tables.items.select().where(table.state == State.RUNNING, table.worker.like(f"{self._host}:%"))
        try:
            with self._database.read() as transaction:
                found = rows(transaction, query)
        except StoreError:
            return {}  # the workers wait for the store too; the next look finds it
        claims = {int(row["worker"].split(":")[1]): (str(row["id"]), int(row["claim"])) for row in found}
        self._since = {claim: self._since.get(claim, now) for claim in claims.values()}
        return claims
