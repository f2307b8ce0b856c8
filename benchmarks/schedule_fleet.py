"""Three schedulers on one store, one killed and one paused midway: every firing happens, and happens once."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.schedule_load import scheduler_process, workflow

SCHEDULES = 20
SCHEDULERS = 3


@dataclass(frozen=True)
class Fleet:
    store: str
    fired: int
    missed: int
    doubled: int


def measure_fleet(folder: Path, url: str, seconds: int) -> Fleet:
    """Schedules of every second for so long; a third in, one scheduler is killed, and another sleeps for a while."""
    (folder / "workflows").mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "config" / "settings.yaml").write_text("timezone: UTC\n")
    cron = "'* * * * * *', overlap: allow, missed: all"
    (folder / "workflows" / "second.yaml").write_text(workflow("second", [cron] * SCHEDULES))
    with ExitStack() as stack:
        processes = [stack.enter_context(scheduler_process(folder, CLERKWORK_DATABASE=url)) for _ in range(SCHEDULERS)]
        _first_firing(url)
        time.sleep(seconds / 3)
        processes[0].kill()
        os.kill(processes[1].pid, signal.SIGSTOP)
        time.sleep(seconds / 3)
        os.kill(processes[1].pid, signal.SIGCONT)
        time.sleep(seconds / 3)
    return _counted(url)


def _first_firing(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        time.sleep(0.2)
        try:
            if _rows(url)[0]:
                return
        except Exception as error:
            if time.monotonic() > deadline:
                raise error
    raise TimeoutError("no scheduler fired within 120 s")


def _rows(url: str) -> tuple[list[tuple[str, datetime]], list[str]]:
    """(schedule, fire time) of every firing with an item, and the keys of all items."""
    from engine.store import tables
    from engine.store.database import Database, rows

    database = Database(url)
    try:
        with database.read() as transaction:
            fired = rows(transaction, tables.firings.select().where(tables.firings.c.item.is_not(None)))
            items = rows(transaction, tables.items.select())
    finally:
        database.close()
    return [(row["schedule"], row["fire_time"]) for row in fired], [row["key"] for row in items]


def _counted(url: str) -> Fleet:
    """Between the first and the last second that any of them fired, every schedule fires at every second, once."""
    fired, keys = _rows(url)
    times = [moment for _, moment in fired]
    # The last second may have been cut off by the end.
    begin, end = min(times), max(times) - timedelta(seconds=1)
    slots = [begin + timedelta(seconds=number) for number in range(int((end - begin).total_seconds()) + 1)]
    per_item = Counter(keys)
    there = set(fired)
    first = {name: min(moment for other, moment in fired if other == name) for name, _ in fired}
    missed = sum((name, slot) not in there for name, since in first.items() for slot in slots if slot >= since)
    doubled = len(fired) - len(there) + sum(times - 1 for times in per_item.values()) + abs(len(keys) - len(fired))
    return Fleet(url.partition(":")[0], len(fired), missed, doubled)
