"""Systems that let the work down: answers that are lost, an outage, a store that is locked or restarted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.faults.office import Office
from benchmarks.faults.row import Row, clean, percentile

STOP_AFTER = 5
RESUMED_SECONDS = 30.0


def lost_answers(folder: Path, url: str, store: str, workers: int, items: int) -> Row:
    """The system commits, and then the answer is lost: for one key in five."""
    office, numbers = Office(folder, url, post="lost: 20"), range(items)
    office.add(numbers)
    began = time.monotonic()
    try:
        office.staff(workers)
        office.wait(3600)
        found = office.found(numbers)
    finally:
        office.close()
    took = time.monotonic() - began
    told = f"{items:,} items in {took:.0f} s"
    goal = "0 lost, 0 doubled, settled or uncertain"
    met = clean(found) and not found.failed
    fault = "the answer is lost after the commit, 20 %"
    return Row(fault, store, workers, items // 5, found.lost, found.doubled, found.uncertain, None, goal, met, told)


def outage(folder: Path, url: str, store: str, workers: int, items: int) -> Row:
    """One system is away: its queue is paused after few failures, and the others go on."""
    away = Office(folder, url, name="away", post="down: true", queue=f", stop_after: {STOP_AFTER} failures in a row")
    office, numbers = Office(folder, url), range(items)
    away.add(numbers)
    office.add(numbers)
    try:
        office.staff(workers)
        office.wait()
        deadline = time.monotonic() + 60
        while away.states().get("failed", 0) < STOP_AFTER and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.0)
        found, failed = office.found(numbers), away.states().get("failed", 0)
    finally:
        office.close()
        away.close()
    # Each worker may have had an item in hand when the queue was paused.
    met = clean(found) and STOP_AFTER <= failed < STOP_AFTER + workers
    told = f"{failed} items of {items} failed, then the queue paused; {items} of another queue done"
    goal = f"paused after {STOP_AFTER}, others done"
    return Row("a system is away", store, workers, failed, found.lost, found.doubled, 0, None, goal, met, told)


def locked(folder: Path, url: str, workers: int, items: int, seconds: float) -> Row:
    """Another program holds the store's write lock for longer than a worker waits."""
    office, numbers = Office(folder, url), range(items)
    office.add(numbers)
    try:
        office.staff(workers)
        while office.done() < items // 4:
            time.sleep(0.01)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            before = office.done()
            other.execute("ROLLBACK")
        took = _until_more(office, before)
        office.wait()
        found = office.found(numbers)
    finally:
        office.close()
    met = clean(found) and took <= RESUMED_SECONDS
    goal, told = "0 lost, 0 doubled, resumes in 30 s", f"{items} items"
    fault = f"the store locked for {seconds:.0f} s"
    return Row(fault, "sqlite", workers, 1, found.lost, found.doubled, found.uncertain, took, goal, met, told)


def restarts(
    folder: Path, url: str, workers: int, items: int, times: int, restart: Callable[[], None], gap: float
) -> Row:
    """The database server is stopped at once and started again, every `gap` seconds."""
    office, numbers = Office(folder, url, slow=0.005), range(items)
    office.add(numbers)
    took: list[float] = []
    made = 0
    try:
        office.staff(workers)
        while made < times:
            made += 1
            time.sleep(gap)
            before = office.done()
            restart()
            if before == items:
                break
            took.append(_until_more(office, before))
        office.wait()
        found = office.found(numbers)
    finally:
        office.close()
    seconds = percentile(took)
    met = clean(found) and (seconds is None or seconds <= RESUMED_SECONDS)
    goal, told = "0 lost, 0 doubled, resumes in 30 s", f"{items:,} items"
    fault = "PostgreSQL restarted"
    return Row(fault, "postgresql", workers, made, found.lost, found.doubled, found.uncertain, seconds, goal, met, told)


def _until_more(office: Office, before: int) -> float:
    """Seconds until more items are done than before."""
    from engine.store.database import StoreError

    began = time.monotonic()
    while time.monotonic() < began + 60:
        office.replace_dead()
        try:
            if office.done() > before or not office.is_open():
                break
        except StoreError:
            office.database.close()  # the server is not up yet
        time.sleep(0.05)
    return time.monotonic() - began
