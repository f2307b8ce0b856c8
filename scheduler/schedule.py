"""A schedule: its times, its calendar, and what becomes of firings that were missed or that overlap. Pure."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from engine.business_time import Calendar
from engine.language import Template, TriggerSpec, Workflow
from scheduler.times import At, Cron, Every, Times

LONGEST_SEARCH = timedelta(days=366 * 5)
"""A schedule that its calendar never lets fire within this time never does."""
GRACE = timedelta(seconds=30)
"""A firing that is no later than this was not missed: the machine was busy."""

INSTANT = timedelta(microseconds=1)
REACHES = (timedelta(minutes=10), timedelta(hours=6), timedelta(days=1))

CalendarOf = Callable[[str], Calendar]


class Missed(StrEnum):
    """What becomes of firings that nobody was there for."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class Overlap(StrEnum):
    """What to do when the item of an earlier firing is still at work or waits to be worked."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


class Closed(StrEnum):
    """What becomes of a firing on a day that the calendar has closed."""

    SKIP = "skip"
    NEXT = "next"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One trigger of a workflow that the clock drives. `name` is stable: workflow, and name or place in the file."""

    name: str
    workflow: str
    times: Times
    zone: ZoneInfo
    missed: Missed = Missed.LAST
    overlap: Overlap = Overlap.QUEUE
    window: timedelta = timedelta(days=7)
    jitter: timedelta = timedelta()
    calendar: Calendar | None = None
    closed: Closed = Closed.SKIP
    business_hours: bool = False
    business_day: int | None = None
    inputs: Template | None = None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every firing after this moment, in order, in the schedule's zone; ends where none comes for years."""
        if self.calendar is None:
            yield from self.times.after(moment, self.zone)
            return
        last = moment
        for fire_time in self._moved(moment, self.calendar):
            if fire_time > last:
                last = fire_time
                yield fire_time

    def next(self, moment: datetime) -> datetime | None:
        return next(self.after(moment), None)

    def without_calendar(self, moment: datetime) -> Iterator[datetime]:
        """Its times as they would be if every day were a business day."""
        return self.times.after(moment, self.zone)

    def later(self, fire_time: datetime) -> timedelta:
        """How much later its item may start: the same for every scheduler, another for every firing."""
        if not self.jitter:
            return timedelta()
        digest = hashlib.sha256(f"{self.name}@{fire_time.timestamp()}".encode()).digest()
        return self.jitter * (int.from_bytes(digest[:4], "big") / 2**32)

    def _moved(self, moment: datetime, calendar: Calendar) -> Iterator[datetime]:
        """The times that the calendar allows, each on the day that it moves them to."""
        begin = moment
        if self.closed is Closed.NEXT:
            # What was moved to a day after `moment` stands on a closed day before it.
            opened = calendar.business_day_from(moment.astimezone(self.zone).date() - timedelta(days=1), -1)
            begin = datetime(opened.year, opened.month, opened.day, tzinfo=self.zone) - timedelta(seconds=1)
        waiting: list[datetime] = []
        quiet_until = max(begin, moment) + LONGEST_SEARCH
        for time in self.times.after(begin, self.zone):
            if time > quiet_until:
                break
            day = self._day(time.date(), calendar)
            while waiting and (day is not None and waiting[0].date() < day):
                yield heapq.heappop(waiting)
            moved = None if day is None else time if day == time.date() else _on(day, time, self.zone)
            if moved is not None and self._allowed(moved, calendar):
                heapq.heappush(waiting, moved)
                quiet_until = moved + LONGEST_SEARCH
                if day == time.date() and self.closed is Closed.SKIP:
                    yield heapq.heappop(waiting)
        while waiting:
            yield heapq.heappop(waiting)

    def _day(self, day: date, calendar: Calendar) -> date | None:
        if calendar.is_business_day(day):
            return day
        if self.closed is Closed.SKIP:
            return None
        return calendar.business_day_from(day, 1 if self.closed is Closed.NEXT else -1)

    def _allowed(self, time: datetime, calendar: Calendar) -> bool:
        if self.business_hours and not calendar.is_open(time):
            return False
        return self.business_day is None or self.business_day in calendar.place_in_month(time.date())


def _on(day: date, time: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.time().replace(fold=0), zone)


def schedules_of(workflow: Workflow, zone: ZoneInfo, calendar_of: CalendarOf) -> list[Schedule]:
    """The schedules a workflow declares; `zone` is used where it names none. ConfigurationError: no such calendar."""
    return [
        _schedule(workflow, number, trigger, zone, calendar_of)
        for number, trigger in enumerate(workflow.triggers)
        if trigger.kind in ("schedule", "every", "at")
    ]


def _schedule(
    workflow: Workflow, number: int, trigger: TriggerSpec, zone: ZoneInfo, calendar_of: CalendarOf
) -> Schedule:
    given = trigger.settings
    day = getattr(given, "business_day", None)
    named = given.calendar or ("office" if given.business_hours or day is not None else None)
    return Schedule(
        name=f"{workflow.id}/{given.name or number}",
        workflow=workflow.id,
        times=_times(trigger),
        zone=ZoneInfo(given.timezone) if given.timezone else zone,
        missed=Missed(given.missed),
        overlap=Overlap(given.overlap),
        window=given.window.length,
        jitter=given.jitter.length,
        calendar=calendar_of(named) if named else None,
        closed=Closed(given.closed),
        business_hours=given.business_hours,
        business_day=day,
        inputs=trigger.inputs,
    )


def _times(trigger: TriggerSpec) -> Times:
    given = trigger.settings
    if trigger.kind == "schedule":
        return Cron(given.cron)
    if trigger.kind == "every":
        return Every(given.every.text, given.every.length, given.start)
    return At(tuple(given.at))


def due(schedule: Schedule, since: datetime, now: datetime) -> list[datetime]:
    """The firings after `since` that are to happen now: those on time, and of the missed ones what the policy says.

    Nothing older than the schedule's window is made up.
    """
    on_time = _between(schedule, max(since, now - GRACE - INSTANT), now)
    if schedule.missed is Missed.NONE or (on_time and schedule.missed is Missed.LAST):
        return on_time
    if schedule.missed is Missed.ALL:
        return _between(schedule, max(since, now - schedule.window), now)
    # The last one is near the end: what fires every minute need not be gone through for a week.
    for reach in (reach for reach in REACHES if reach < schedule.window):
        if found := _between(schedule, max(since, now - reach), now):
            return found[-1:]
    return _between(schedule, max(since, now - schedule.window), now)[-1:]


def _between(schedule: Schedule, begin: datetime, now: datetime) -> list[datetime]:
    return list(takewhile(lambda fire_time: fire_time <= now, schedule.after(begin)))
