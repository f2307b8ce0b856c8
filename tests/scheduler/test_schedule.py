"""When schedules fire, and that each firing happens once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from engine.items import NewItem
from engine.store import tables
from engine.store.database import Database, count
from scheduler import firings
from scheduler.schedule import Missed, Schedule, to_make_up

BERLIN = ZoneInfo("Europe/Berlin")


def schedule(cron: str, **values: object) -> Schedule:
    return Schedule("flow/0", "flow", cron, BERLIN, **values)  # type: ignore[arg-type]


def fires(cron: str, start: datetime, number: int) -> list[str]:
    return [f"{moment:%a %Y-%m-%d %H:%M%z}" for moment in islice(schedule(cron).after(start), number)]


@pytest.mark.parametrize("sunday", ["0", "7", "sun"])
def test_sunday_is_0_and_7_and_sun(sunday: str) -> None:
    assert fires(f"0 7 * * {sunday}", datetime(2026, 3, 2, tzinfo=UTC), 1) == ["Sun 2026-03-08 07:00+0100"]


def test_day_and_weekday_together_mean_either() -> None:
    assert fires("0 0 13 * fri", datetime(2026, 4, 1, tzinfo=BERLIN), 3) == [
        "Fri 2026-04-03 00:00+0200",
        "Fri 2026-04-10 00:00+0200",
        "Mon 2026-04-13 00:00+0200",
    ]


def test_a_skipped_hour_fires_once_that_day() -> None:
    """Clocks go from 02:00 to 03:00 on 2026-03-29."""
    days = fires("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=BERLIN), 2)
    assert [day[:14] for day in days] == ["Sun 2026-03-29", "Mon 2026-03-30"]


def test_a_doubled_hour_fires_once_that_day() -> None:
    """Clocks go from 03:00 to 02:00 on 2026-10-25."""
    days = fires("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=BERLIN), 2)
    assert [day[:14] for day in days] == ["Sun 2026-10-25", "Mon 2026-10-26"]


@pytest.mark.parametrize(("policy", "made_up"), [(Missed.NONE, []), (Missed.LAST, [9]), (Missed.ALL, [7, 8, 9])])
def test_missed_firings_are_made_up_by_policy(policy: Missed, made_up: list[int]) -> None:
    last = datetime(2026, 3, 2, 6, tzinfo=BERLIN)
    now = datetime(2026, 3, 2, 9, 30, tzinfo=BERLIN)
    found = to_make_up(schedule("0 * * * *", missed=policy), last, now, timedelta(days=1))
    assert [moment.hour for moment in found] == made_up


def test_a_schedule_that_never_fired_has_missed_nothing() -> None:
    assert to_make_up(schedule("* * * * *", missed=Missed.ALL), None, datetime.now(UTC), timedelta(days=1)) == []


def test_two_schedulers_fire_the_same_slot_once(database: Database) -> None:
    moment = datetime(2026, 3, 2, 7, tzinfo=BERLIN)
    got = []
    for _scheduler in range(2):
        with database.write() as tx:
            got.append(firings.fire(tx, "flow/0", moment, NewItem("flow", f"k{_scheduler}", {}), datetime.now(UTC)))
    assert got[0] is not None and got[1] is None
    with database.read() as tx:
        assert count(tx, tables.items) == 1
        assert firings.last(tx, "flow/0") == moment
        assert firings.is_open(tx, "flow/0")
