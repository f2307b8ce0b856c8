"""A disk that takes nothing for a while: it is full, or it fails. Workers wait, and go on when it takes something."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.office import Office, work
from benchmarks.faults.row import Row, clean
from benchmarks.faults.shim import NO_COMPILER, build_shim
from engine.events import Event

SOURCE = Path(__file__).parent / "disk.c"
RESUMED_SECONDS = 30.0
KINDS = {errno.ENOSPC: ("the disk is full", "full"), errno.EIO: ("the disk fails (EIO)", "I/O error")}
"""The fault's name, and the word that the worker's log must have for it."""


def disk_fault(folder: Path, workers: int, items: int, seconds: float, number: int) -> Row:
    """`number` is ENOSPC or EIO: what every write and sync of the store's files fails with for `seconds`."""
    kind, word = KINDS[number]
    fault, goal = f"{kind} for {seconds:g} s", "0 lost, 0 doubled, said plainly, resumes in 30 s"
    shim = build_shim(SOURCE, folder)
    if shim is None:
        return Row(fault, "sqlite", workers, 0, goal=goal, told=NO_COMPILER)
    office, numbers, full = Office(folder, f"sqlite:///{folder}/store/clerkwork.sqlite"), range(items), folder / "full"
    office.add(numbers)
    try:
        with _workers(folder, shim, workers) as at_work:
            office.until_done(items // 4)
            full.write_text(f"{number}\n")
            time.sleep(min(1.0, seconds / 2))  # what is said to be done must be in the store by now, or never
            before = office.done()
            time.sleep(seconds)
            written = office.done() - before
            full.unlink()
            began = time.monotonic()
            office.until_done(before + 1)
            took = time.monotonic() - began
            office.wait()
            died = sum(one.poll() is not None for one in at_work)
        found = office.found(numbers)
    finally:
        full.unlink(missing_ok=True)
        office.close()
    said = sum(word in (folder / f"worker-{index}.log").read_text() for index in range(workers))
    met = clean(found) and not written and not died and said == workers and took <= RESUMED_SECONDS
    told = f"{items:,} items, {before} done before it, {died} workers died, {said} of {workers} said what was wrong"
    return Row(fault, "sqlite", workers, 1, found.lost, found.doubled, found.uncertain, took, goal, met, told)


@contextmanager
def _workers(folder: Path, shim: Path, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    env = {**os.environ, "LD_PRELOAD": str(shim), "DISK_FOLDER": str(folder / "store")}
    env["DISK_FAULT"] = str(folder / "full")
    made: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-m", "benchmarks.faults.disk_fault", str(folder)]
    try:
        for index in range(number):
            with (folder / f"worker-{index}.log").open("wb") as log:
                made.append(subprocess.Popen(command, env=env, stderr=log, cwd=Path(__file__).parents[2]))
        yield made
    finally:
        for one in made:
            one.terminate()
        for one in made:
            one.wait(30)


def _say(event: Event) -> None:
    if message := event.data.get("message"):
        sys.stderr.write(f"{event.name}: {message}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    work(Office(place, f"sqlite:///{place}/store/clerkwork.sqlite"), _say)
