"""`bench schedule`: when cron lines fire, how late many are at once, and that a fleet of schedulers fires each once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.postgres import own_postgres
from benchmarks.schedule_fleet import Fleet, measure_fleet
from benchmarks.schedule_load import measure_load
from benchmarks.schedule_table import around_changes, compare, whole_years

FEW, MANY = 500, 10_000


@dataclass(frozen=True)
class Figure:
    """One figure; `met` is None where there is no goal for it."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None


def measure(*, full: bool, schedules: int | None = None) -> Iterator[Figure]:
    """All figures. `full` takes 10,000 schedules and two whole years instead of 500 and the days around changes."""
    yield from _table(full=full)
    yield from _load(schedules or (MANY if full else FEW), rounds=12 if full else 3, idle=30 if full else 4)
    yield from _fleet(seconds=60 if full else 9)


def _table(*, full: bool) -> Iterator[Figure]:
    for one in compare(whole_years(2026, 2) if full else around_changes(2026)):
        name = f"{one.who}: firings that differ from the table, of {one.firings:,} of {one.lines} lines"
        ours = one.who == "clerkwork"
        yield Figure(name, one.wrong, "firings", "0" if ours else "", one.wrong == 0 if ours else None)


def _load(schedules: int, rounds: int, idle: float) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as folder:
        load = measure_load(Path(folder), schedules, rounds, idle)
    many = f"{load.schedules:,} schedules"
    yield Figure(f"{many}: until all are known", load.ready_seconds, "s")
    yield Figure(f"{many}: memory of the scheduler", load.memory_mb, "MB")
    yield Figure(
        f"{many}: processor while nothing is due", load.idle_percent, "% of a core", "<= 2", load.idle_percent <= 2
    )
    yield Figure(f"100 at once, {load.rounds} times: item there after, p50", load.p50_ms, "ms")
    yield Figure("100 at once: item there after, p99", load.p99_ms, "ms", "<= 1,000", load.p99_ms <= 1000)
    yield Figure("100 at once: items missing or too many", load.wrong, "items", "0", load.wrong == 0)


def _fleet(seconds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as folder:
        yield from _fired(measure_fleet(Path(folder) / "project", f"sqlite:///{folder}/clerkwork.db", seconds))
    with own_postgres() as url:
        if url is None:
            yield Figure("PostgreSQL is not installed: not measured", float("nan"), "")
            return
        with tempfile.TemporaryDirectory(prefix="clerkwork-bench-") as folder:
            yield from _fired(measure_fleet(Path(folder) / "project", url, seconds))


def _fired(fleet: Fleet) -> Iterator[Figure]:
    name = f"3 schedulers on {fleet.store}, one killed, one paused: "
    yield Figure(f"{name}fired", fleet.fired, "firings")
    yield Figure(f"{name}missed", fleet.missed, "firings", "0", fleet.missed == 0)
    yield Figure(f"{name}doubled", fleet.doubled, "firings", "0", fleet.doubled == 0)
