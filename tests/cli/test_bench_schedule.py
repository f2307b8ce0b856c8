"""`bench schedule`, in small: the table agrees, a hundred at once are there soon, a fleet fires each once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from benchmarks.schedule_fleet import _counted, measure_fleet
from benchmarks.schedule_load import measure_load
from benchmarks.schedule_table import around_changes, compare, firings
from engine.store import tables
from engine.store.database import Database


def test_our_cron_agrees_with_the_table_around_every_change_of_the_clocks() -> None:
    ours, theirs = compare(around_changes(2026))
    assert (ours.lines, ours.wrong) == (48, 0)
    assert ours.firings > 4000 and theirs.wrong > 0, "a table that agrees with everybody shows nothing"


@pytest.mark.parametrize(
    ("line", "zone", "expected"),
    [
        ("30 2 * * *", "Europe/Berlin", ["2026-03-29T01:00", "2026-03-30T00:30"]),
        ("0 0 * * *", "America/Santiago", ["2026-03-29T03:00", "2026-03-30T03:00"]),
        ("0 0 29 * mon", "Asia/Kathmandu", ["2026-03-28T18:15", "2026-03-29T18:15"]),
    ],
)
def test_the_table_itself(line: str, zone: str, expected: list[str]) -> None:
    start, end = datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 3, 30, 18, tzinfo=UTC)
    assert [f"{one:%Y-%m-%dT%H:%M}" for one in firings(line, ZoneInfo(zone), start, end)] == expected


def test_a_hundred_at_once_are_there_and_waiting_costs_little(tmp_path: Path) -> None:
    load = measure_load(tmp_path, schedules=200, rounds=1, idle_seconds=1)
    assert (load.wrong, load.schedules) == (0, 200)
    assert 0 < load.p50_ms <= load.p99_ms < 4000 and load.memory_mb > 20


def test_three_schedulers_of_which_one_dies_and_one_sleeps_fire_each_once(tmp_path: Path) -> None:
    fleet = measure_fleet(tmp_path / "project", f"sqlite:///{tmp_path}/clerkwork.db", seconds=3)
    assert fleet.fired > 0 and (fleet.missed, fleet.doubled) == (0, 0)


def test_a_firing_that_is_missing_or_twice_is_counted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/clerkwork.db"
    database = Database(url)
    database.migrate()
    with database.write() as transaction:
        for second in (0, 1, 3, 4, 5):
            moment = datetime(2026, 3, 1, 0, 0, second, tzinfo=UTC)
            row = {"schedule": "a/0", "fire_time": moment, "item": f"i{second}", "made": moment, "outcome": "queued"}
            transaction.execute(tables.firings.insert().values(row))
    database.close()
    counted = _counted(url)
    assert (counted.fired, counted.missed, counted.doubled) == (5, 1, 5), "second 2 is missing, and no item is there"
