"""The whole table: every fault on every store, with two and with four workers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.bad_certificate import bad_certificate
from benchmarks.faults.clock_faults import JUMPS, away, clock_jumps
from benchmarks.faults.connection_faults import FAULTS, connection_fault
from benchmarks.faults.disk_fault import KINDS, disk_fault
from benchmarks.faults.power_loss import power_loss
from benchmarks.faults.process_faults import kills, leave, pauses, poison
from benchmarks.faults.restored_store import restored_store
from benchmarks.faults.row import Row
from benchmarks.faults.system_faults import locked, lost_answers, outage, restarts
from benchmarks.faults.two_hosts import two_hosts
from benchmarks.postgres import OwnPostgres, own_server
from scheduler.schedule import Missed

STAFF = (2, 4)


@dataclass(frozen=True, slots=True)
class Size:
    """How often each fault is made, and over how many items."""

    items: int
    kills: int
    pauses: int
    power_losses: int
    power_items: int
    lost_items: int
    locked_seconds: float
    disk_seconds: float
    remote_seconds: float
    restarts: int
    restarted_items: int
    restart_gap: float
    cuts: int
    staff: tuple[int, ...]


SMALL = Size(120, 6, 3, 40, 12, 60, 1.0, 1.0, 3.0, 2, 120, 0.5, 1, (2,))
FULL = Size(10_000, 500, 150, 1_000, 100, 10_000, 32.0, 60.0, 60.0, 12, 5_000, 5.0, 30, STAFF)


def measure(*, full: bool = False, only: str | None = None) -> Iterator[Row]:
    """A row for each fault; `only` names a part of the fault's function, for example `kills`."""
    size = FULL if full else SMALL
    for staff in size.staff:
        yield from _on_sqlite(size, staff, only)
        yield from _on_postgres(size, staff, only)
    if _wanted("clock", only):
        yield from _clock()
    if _wanted("bad_certificate", only):
        with tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as folder:
            yield bad_certificate(Path(folder))
    if _wanted("two_hosts", only):
        yield two_hosts(size.cuts)
    if _wanted("power_loss", only):
        for synchronous in ("FULL", "NORMAL"):
            with tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as folder:
                yield power_loss(Path(folder), size.power_losses, size.power_items, synchronous=synchronous)


def _clock() -> Iterator[Row]:
    for jump in JUMPS:
        with _sqlite() as (folder, url):
            yield clock_jumps(folder, url, "sqlite", jump)
    for missed in Missed:
        with _sqlite() as (folder, url):
            yield away(folder, url, "sqlite", missed)


def _wanted(name: str, only: str | None) -> bool:
    return only is None or only in name


def _on_sqlite(size: Size, staff: int, only: str | None) -> Iterator[Row]:
    for name, drill in _drills(size, staff, "sqlite"):
        if _wanted(name, only):
            with _sqlite() as (folder, url):
                yield drill(folder, url)
    if _wanted("locked", only):
        with _sqlite() as (folder, url):
            yield locked(folder, url, staff, size.items // 4, size.locked_seconds)
    if _wanted("restored_store", only):
        with _sqlite() as (folder, url):
            other = f"sqlite:///{folder}/elsewhere/clerkwork.sqlite"
            yield restored_store(folder, url, other, "sqlite", staff, size.items // 4)
    if _wanted("disk_fault", only):
        for number in KINDS:
            with _sqlite() as (folder, _):
                yield disk_fault(folder, staff, size.items // 2, size.disk_seconds, number)


def _on_postgres(size: Size, staff: int, only: str | None) -> Iterator[Row]:
    drills = [(name, drill) for name, drill in _drills(size, staff, "postgresql") if _wanted(name, only)]
    if not drills and not _wanted("restarts", only) and not _wanted("restored_store", only):
        return
    with own_server() as server:
        if server is None:
            told = "left out: PostgreSQL is not installed (apt install postgresql)"
            yield Row("all of them", "postgresql", staff, 0, told=told)
            return
        for name, drill in drills:
            with tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as folder:
                yield drill(Path(folder), server.new_database(name))
        if _wanted("restored_store", only):
            with tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as folder:
                url, other = server.new_database("saved"), server.new_database("elsewhere")
                yield restored_store(Path(folder), url, other, "postgresql", staff, size.items // 4)
        if _wanted("restarts", only):
            yield _restarts(size, staff, server)


def _restarts(size: Size, staff: int, server: OwnPostgres) -> Row:
    with tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as folder:
        url = server.new_database("restarts")
        items, times = size.restarted_items, size.restarts
        return restarts(Path(folder), url, staff, items, times, server.restart, size.restart_gap)


def _drills(size: Size, staff: int, store: str) -> list[tuple[str, Callable[[Path, str], Row]]]:
    """The drills that are the same on each store."""
    hosts = store != "sqlite"
    remote = [
        (
            f"connection_{fault}",
            lambda folder, url, fault=fault: connection_fault(
                folder, url, store, staff, size.items // 2, fault, size.remote_seconds
            ),
        )
        for fault in FAULTS
    ]
    return [
        *remote,
        ("kills", lambda folder, url: kills(folder, url, store, staff, size.items, size.kills)),
        ("pauses", lambda folder, url: pauses(folder, url, store, staff, size.pauses, hosts=hosts)),
        ("leave", lambda folder, url: leave(folder, url, store, staff, 3)),
        ("poison", lambda folder, url: poison(folder, url, store, staff, size.items // 4)),
        ("outage", lambda folder, url: outage(folder, url, store, staff, size.items // 4)),
        ("lost_answers", lambda folder, url: lost_answers(folder, url, store, staff, size.lost_items)),
    ]


@contextmanager
def _sqlite() -> Iterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory(prefix="clerkwork-faults-") as name:
        yield Path(name), f"sqlite:///{name}/store/clerkwork.sqlite"
