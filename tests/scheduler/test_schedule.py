"""When schedules fire, and that each firing happens once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from engine.business_time import Calendar
from engine.items import NewItem, State
from engine.store import tables
from engine.store.database import Database, count
from scheduler import firings
from scheduler.firings import Firing, Outcome
from scheduler.forecast import coming
from scheduler.schedule import Closed, Missed, Overlap, Schedule, due
from scheduler.times import At, Cron, Every, Times

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = datetime(2026, 3, 1, tzinfo=BERLIN)
WEEK = timedelta(days=7)


def schedule(cron: str | Times, **values: object) -> Schedule:
    times = Cron(cron) if isinstance(cron, str) else cron
    return Schedule("flow/0", "flow", times, BERLIN, **values)  # type: ignore[arg-type]


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


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 30 2 * * *"])
def test_a_skipped_time_fires_when_the_clocks_have_skipped_it_with_or_without_seconds(cron: str) -> None:
    assert fires(cron, datetime(2026, 3, 29, tzinfo=BERLIN), 2) == [
        "Sun 2026-03-29 03:00+0200",
        "Mon 2026-03-30 02:30+0200",
    ]


def test_a_time_asked_for_within_the_doubled_hour_is_never_given_in_the_past() -> None:
    second_pass = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)
    assert fires("30 2 * * *", second_pass, 1) == ["Mon 2026-10-26 02:30+0100"]


def test_a_star_in_the_hours_follows_elapsed_time() -> None:
    assert fires("*/30 * * * *", datetime(2026, 10, 25, 1, 45, tzinfo=BERLIN), 5)[:4] == [
        "Sun 2026-10-25 02:00+0200",
        "Sun 2026-10-25 02:30+0200",
        "Sun 2026-10-25 02:00+0100",
        "Sun 2026-10-25 02:30+0100",
    ]


def test_names_and_steps_and_seconds() -> None:
    assert fires("*/20 30 6 * jan,mar mon-wed/2", MARCH, 4) == [
        "Mon 2026-03-02 06:30+0100",
        "Mon 2026-03-02 06:30+0100",
        "Mon 2026-03-02 06:30+0100",
        "Wed 2026-03-04 06:30+0100",
    ]


def test_every_counts_from_midnight_of_a_monday_or_from_its_start() -> None:
    weekly = schedule(Every("1 week", timedelta(weeks=1)))
    assert [f"{one:%a %d %H:%M}" for one in islice(weekly.after(MARCH), 2)] == ["Mon 02 00:00", "Mon 09 00:00"]
    start = datetime(2026, 3, 1, 0, 10)
    seven = schedule(Every("7m", timedelta(minutes=7), start))
    assert [f"{one:%H:%M}" for one in islice(seven.after(MARCH - timedelta(days=1)), 2)] == ["00:10", "00:17"]


def test_at_fires_at_each_of_its_times_once_and_then_never() -> None:
    twice = schedule(At((datetime(2026, 3, 31, 17), datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 31, 17))))
    assert [f"{one:%d %H:%M}" for one in twice.after(MARCH)] == ["29 03:00", "31 17:00"]
    assert twice.next(datetime(2026, 4, 1, tzinfo=BERLIN)) is None


# -- calendars --------------------------------------------------------------------------------------------------------

GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)
EASTER = Calendar(timezone=BERLIN, holidays=frozenset({GOOD_FRIDAY, EASTER_MONDAY}), names={GOOD_FRIDAY: "Good Friday"})


@pytest.mark.parametrize(
    ("closed", "days"),
    [
        (Closed.SKIP, ["Thu 02 07", "Tue 07 07", "Wed 08 07"]),
        (Closed.NEXT, ["Thu 02 07", "Tue 07 07", "Wed 08 07"]),
        (Closed.PREVIOUS, ["Thu 02 07", "Tue 07 07", "Wed 08 07"]),
    ],
)
def test_a_daily_schedule_keeps_the_holidays_and_fires_once_a_business_day(closed: Closed, days: list[str]) -> None:
    daily = schedule("0 7 * * *", calendar=EASTER, closed=closed)
    found = islice(daily.after(datetime(2026, 4, 1, 12, tzinfo=BERLIN)), 3)
    assert [f"{one:%a %d %H}" for one in found] == days


@pytest.mark.parametrize(
    ("closed", "days"),
    [(Closed.SKIP, ["2026-06-03"]), (Closed.NEXT, ["2026-04-07"]), (Closed.PREVIOUS, ["2026-04-02"])],
)
def test_a_monthly_schedule_moves_off_a_holiday_to_the_day_its_author_chose(closed: Closed, days: list[str]) -> None:
    third = schedule("0 7 3 * *", calendar=EASTER, closed=closed)
    assert [f"{one:%Y-%m-%d}" for one in islice(third.after(datetime(2026, 4, 1, tzinfo=BERLIN)), 1)] == days


def test_a_firing_moved_to_the_next_business_day_is_found_on_the_closed_days_before_it() -> None:
    third = schedule("0 7 3 * *", calendar=EASTER, closed=Closed.NEXT)
    assert str(third.next(datetime(2026, 4, 5, 9, tzinfo=BERLIN))) == "2026-04-07 07:00:00+02:00"


def test_the_last_business_day_of_the_month_and_the_third() -> None:
    for number, expected in ((-1, ["04-30", "05-29", "06-30"]), (3, ["04-07", "05-05", "06-03"])):
        nth = schedule("0 18 * * *", calendar=EASTER, business_day=number)
        found = islice(nth.after(datetime(2026, 4, 1, 20, tzinfo=BERLIN)), 3)
        assert [f"{one:%m-%d}" for one in found] == expected


def test_within_business_hours_only() -> None:
    hourly = schedule("30 * * * *", calendar=EASTER, business_hours=True)
    found = list(islice(hourly.after(datetime(2026, 4, 2, 15, tzinfo=BERLIN)), 3))
    assert [f"{one:%a %d %H:%M}" for one in found] == ["Thu 02 15:30", "Thu 02 16:30", "Tue 07 09:30"]


def test_a_calendar_that_never_lets_it_fire_ends_the_search() -> None:
    assert schedule("0 7 * * sun", calendar=EASTER).next(MARCH) is None


# -- what was missed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "made_up"), [(Missed.NONE, []), (Missed.LAST, [9]), (Missed.ALL, [7, 8, 9])])
def test_missed_firings_are_made_up_by_policy(policy: Missed, made_up: list[int]) -> None:
    last = datetime(2026, 3, 2, 6, tzinfo=BERLIN)
    now = datetime(2026, 3, 2, 9, 30, tzinfo=BERLIN)
    assert [moment.hour for moment in due(schedule("0 * * * *", missed=policy), last, now)] == made_up


def test_nothing_older_than_the_window_is_made_up() -> None:
    hourly = schedule("0 * * * *", missed=Missed.ALL, window=timedelta(hours=2))
    now = datetime(2026, 3, 2, 9, 30, tzinfo=BERLIN)
    assert [moment.hour for moment in due(hourly, now - timedelta(days=30), now)] == [8, 9]


@pytest.mark.parametrize("cron", ["* * * * *", "0 * * * *", "0 7 * * *", "0 7 * * sun", "0 7 2 2 *"])
def test_the_last_one_is_found_however_often_it_fires(cron: str) -> None:
    every = schedule(cron, missed=Missed.ALL, window=timedelta(days=40))
    now = datetime(2026, 3, 2, 9, 30, 45, tzinfo=BERLIN)
    since = now - timedelta(days=60)
    last = replace(every, missed=Missed.LAST)
    assert due(last, since, now) == due(every, since, now)[-1:] != []


@pytest.mark.parametrize("policy", list(Missed))
def test_what_is_only_seconds_late_was_not_missed(policy: Missed) -> None:
    now = datetime(2026, 3, 2, 9, 0, 20, tzinfo=BERLIN)
    seconds = due(schedule("5,15 0 9 * * *", missed=policy), now - timedelta(seconds=21), now)
    assert [moment.second for moment in seconds] == [5, 15]


def test_jitter_differs_between_firings_stays_below_its_length_and_is_the_same_for_all_schedulers() -> None:
    spread = schedule("* * * * *", jitter=timedelta(minutes=5))
    moments = list(islice(spread.after(MARCH), 50))
    later = [spread.later(moment) for moment in moments]
    assert later == [schedule("* * * * *", jitter=timedelta(minutes=5)).later(moment) for moment in moments]
    assert len(set(later)) == 50 and min(later) >= timedelta() and max(later) < timedelta(minutes=5)
    assert max(later) - min(later) > timedelta(minutes=3)


# -- firings ----------------------------------------------------------------------------------------------------------


def put(database: Database, moment: datetime, overlap: Overlap = Overlap.ALLOW, key: str = "") -> Outcome | None:
    new = NewItem("flow", key or moment.isoformat(), {})
    with database.write() as tx:
        fired = firings.fire(tx, Firing("flow/0", moment, new, overlap), datetime.now(UTC))
    return fired.outcome if fired is not None else None


def set_state(database: Database, state: State) -> None:
    with database.write() as tx:
        tx.execute(tables.items.update().values(state=state))


def test_two_schedulers_fire_the_same_slot_once(database: Database) -> None:
    assert [put(database, MARCH), put(database, MARCH)] == [Outcome.QUEUED, None]
    with database.read() as tx:
        assert count(tx, tables.items) == 1
        assert firings.overlaps(tx, "flow/0", MARCH + WEEK)


@pytest.mark.parametrize(
    ("overlap", "outcome"),
    [(Overlap.SKIP, Outcome.SKIPPED), (Overlap.QUEUE, Outcome.WAITING), (Overlap.ALLOW, Outcome.QUEUED)],
)
@pytest.mark.parametrize(
    ("state", "at_work"),
    [(State.READY, True), (State.WAITING, True), (State.UNCERTAIN, True), (State.DONE, False), (State.FAILED, False)],
)
def test_overlap_counts_items_at_work(
    database: Database, overlap: Overlap, outcome: Outcome, state: State, at_work: bool
) -> None:
    put(database, MARCH)
    set_state(database, state)
    assert put(database, MARCH + WEEK, overlap) is (outcome if at_work else Outcome.QUEUED)


def test_waiting_firings_go_on_one_after_the_other(database: Database) -> None:
    moments = [MARCH + number * WEEK for number in range(3)]
    assert [put(database, moment, Overlap.QUEUE) for moment in moments] == ["queued", "waiting", "waiting"]
    set_state(database, State.DONE)
    second, third = (Firing("flow/0", moment, NewItem("flow", moment.isoformat(), {})) for moment in moments[1:])
    with database.write() as tx:
        assert firings.let_go_on(tx, third, datetime.now(UTC)) is None, "the second comes first"
        assert firings.let_go_on(tx, second, datetime.now(UTC)) is not None
        assert firings.let_go_on(tx, second, datetime.now(UTC)) is None, "another scheduler did already"
        assert firings.let_go_on(tx, third, datetime.now(UTC)) is None, "the second is at work now"


def test_a_firing_whose_key_was_queued_before_says_so(database: Database) -> None:
    assert [put(database, MARCH, key="k"), put(database, MARCH + WEEK, key="k")] == [Outcome.QUEUED, Outcome.REPEATED]


# -- what is to come --------------------------------------------------------------------------------------------------


def notes(one: Schedule, days: int, takes: timedelta | None = None, start: datetime = MARCH) -> list[str]:
    found = coming(one, start, start + timedelta(days=days), takes)
    return [f"{line.at:%m-%d %H:%M}{'' if line.fires else ' no'} {line.note}".strip() for line in found]


def test_holidays_are_shown_where_they_take_a_firing_and_where_they_move_it() -> None:
    start = datetime(2026, 4, 2, 12, tzinfo=BERLIN)
    assert notes(schedule("0 7 * * *", calendar=EASTER), 5, None, start) == [
        "04-03 07:00 no does not fire: Good Friday",
        "04-06 07:00 no does not fire: closed",
        "04-07 07:00",
    ]
    assert notes(schedule("0 7 3 * *", calendar=EASTER, closed=Closed.NEXT), 5, None, start) == [
        "04-07 07:00 moved from 2026-04-03 (Good Friday)"
    ]
    assert notes(schedule("0 7 * * *", calendar=EASTER, business_day=3), 5, None, start) == ["04-07 07:00"]


def test_changes_of_the_clocks_are_shown_on_their_day() -> None:
    assert notes(schedule("30 2 * * *"), 2, None, datetime(2026, 3, 28, 12, tzinfo=BERLIN)) == [
        "03-29 03:00 the clocks go forward by 1 h on this day",
        "03-30 02:30",
    ]
    (back, *_) = notes(schedule("30 2 * * *"), 2, None, datetime(2026, 10, 24, 12, tzinfo=BERLIN))
    assert back == "10-25 02:30 the clocks go back by 1 h on this day"


@pytest.mark.parametrize(
    ("overlap", "second"),
    [
        (Overlap.SKIP, "03-01 02:00 no skipped: the item before takes 30 min longer"),
        (Overlap.QUEUE, "03-01 02:00 waits 30 min for the item before"),
        (Overlap.ALLOW, "03-01 02:00 runs beside the item before for 30 min"),
    ],
)
def test_overlaps_are_forecast_from_how_long_items_took(overlap: Overlap, second: str) -> None:
    found = notes(schedule("0 * * * *", overlap=overlap), 1, timedelta(minutes=90))
    assert found[:2] == ["03-01 01:00", second]
