"""Workers that are killed, paused longer than their lease, asked to leave; and items that kill them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from random import Random

from benchmarks.faults.office import Office
from benchmarks.faults.row import Row, clean, percentile

LEASE = 1.0
DRAIN_SECONDS = 30.0
PER_PAUSE = 20
"""Items that wait for each worker, so that none is without work when it is paused."""


def kills(folder: Path, url: str, store: str, workers: int, items: int, times: int) -> Row:
    """kill -9 at random moments, spread evenly over the work."""
    office, chance, numbers = Office(folder, url, slow=0.002), Random(workers), range(items)
    recovered: list[float] = []
    office.add(numbers)
    try:
        office.staff(workers)
        for number in range(times):
            while office.done() < number * items // times and office.is_open():
                office.replace_dead()
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.03))
            victim = chance.choice(office.workers)
            pid = victim.pid or 0
            os.kill(pid, signal.SIGKILL)
            struck = time.monotonic()
            victim.join()
            held = office.holds(pid)
            office.replace_dead()
            if held:
                recovered.append(office.seconds_to_recover(held, struck))
        office.wait()
        found = office.found(numbers)
    finally:
        office.close()
    seconds = percentile(recovered)
    met = clean(found) and not found.uncertain and (seconds is None or seconds <= office.lease + 2)
    told = f"{items:,} items, {len(recovered)} kills hit one at work"
    goal = f"0 lost, 0 doubled, back in {office.lease + 2:.0f} s"
    return Row("kill -9", store, workers, times, found.lost, found.doubled, found.uncertain, seconds, goal, met, told)


def pauses(folder: Path, url: str, store: str, workers: int, times: int, *, hosts: bool) -> Row:
    """SIGSTOP for longer than the lease, in the middle of an effect; then SIGCONT.

    Another worker of the same host waits, as it sees that the process lives; one of another host cannot see it.
    """
    office = Office(folder, url, post="slow: 0.03", lease=LEASE, hosts=hosts)
    chance, items, hit = Random(workers), 0, 0
    recovered: list[float] = []
    try:
        office.staff(workers)
        while hit < times:
            if office.states().get("ready", 0) < PER_PAUSE * workers:
                office.add(range(items, items + 2 * PER_PAUSE * workers))
                items += 2 * PER_PAUSE * workers
            time.sleep(chance.uniform(0, 0.1))
            pid = chance.choice(office.workers).pid or 0
            os.kill(pid, signal.SIGSTOP)
            struck = time.monotonic()
            held = office.holds(pid)
            hit += bool(held)
            if held and hosts:
                recovered.append(office.seconds_to_recover(held, struck, LEASE + 3))
            if held:
                time.sleep(max(0.0, struck + LEASE * 1.3 - time.monotonic()))
            os.kill(pid, signal.SIGCONT)
        office.wait()
        found = office.found(range(items))
    finally:
        office.close()
    fault = f"SIGSTOP beyond the lease, {'seen from other hosts' if hosts else 'on one host'}"
    told = f"{items:,} items, each pause hit one at work{'' if hosts else ', none may be taken over'}"
    goal = "0 lost, 0 doubled, or uncertain"
    seconds = percentile(recovered)
    return Row(
        fault, store, workers, times, found.lost, found.doubled, found.uncertain, seconds, goal, clean(found), told
    )


def leave(folder: Path, url: str, store: str, workers: int, times: int) -> Row:
    """SIGTERM in the middle of the work: each worker finishes its item, and nothing is counted against it."""
    items = times * workers * 8
    office, numbers = Office(folder, url, post="slow: 0.05", slow=0.05), range(items)
    office.add(numbers)
    took: list[float] = []
    left_over = 0
    try:
        for number in range(times):
            office.staff(workers)
            while office.is_open() and office.done() <= number * workers:
                time.sleep(0.01)
            took.append(office.dismiss())
            left_over += office.states().get("running", 0)
        office.staff(workers)
        office.wait()
        found = office.found(numbers)
    finally:
        office.close()
    seconds = percentile(took)
    met = clean(found) and not left_over and max(took) <= DRAIN_SECONDS
    told = f"{items:,} items, {left_over} left in the middle"
    goal = "drained in 30 s, none left in the middle"
    return Row("SIGTERM", store, workers, times, found.lost, found.doubled, found.uncertain, seconds, goal, met, told)


def poison(folder: Path, url: str, store: str, workers: int, items: int) -> Row:
    """One item kills every worker that takes it."""
    office, bad = Office(folder, url), Office(folder, url, name="poison", post="kills: true")
    numbers = range(items)
    bad.add([0])
    office.add(numbers)
    began = time.monotonic()
    try:
        office.staff(workers)
        office.wait()
        bad_states = _until_parked(office, bad)
        found = office.found(numbers)
    finally:
        office.close()
        bad.close()
    met = clean(found) and bad_states.get("failed") == 1
    told = f"{items:,} others done; the item stands in the queue after 3 workers"
    goal = "it is parked, the others are done"
    took = time.monotonic() - began
    return Row("an item that kills its worker", store, workers, 3, found.lost, found.doubled, 0, took, goal, met, told)


def _until_parked(office: Office, bad: Office) -> dict[str, int]:
    deadline = time.monotonic() + 60
    while bad.is_open() and time.monotonic() < deadline:
        office.replace_dead()
        time.sleep(0.05)
    return bad.states()
