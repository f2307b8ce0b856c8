"""What is to come: every firing, what the calendar and the clocks do to it, and whether it meets the item before.

Pure: how long an item takes is told by who asks, from what was measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from scheduler.schedule import Closed, Overlap, Schedule

NEARBY = timedelta(days=40)
"""No firing is moved further than this by a calendar."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One time of a schedule. `fires` is False where it comes to nothing; `note` says what is special about it."""

    at: datetime
    schedule: str
    fires: bool = True
    note: str = ""


def coming(schedule: Schedule, now: datetime, until: datetime, takes: timedelta | None = None) -> Iterator[Coming]:
    """Every time of the schedule after `now` and not after `until`, in order."""
    moved = dict(_moved(schedule, now, until))
    lost = _lost(schedule, now, until)
    busy: datetime | None = None
    for at in takewhile(lambda time: time <= until, schedule.after(now)):
        while lost and lost[0].at <= at:
            yield lost.pop(0)
        notes = [moved.get(at.timestamp(), ""), _clocks(at)]
        fires = True
        if takes is not None:
            note, fires, busy = _meets(schedule, at, busy, takes)
            notes.append(note)
        yield Coming(at, schedule.name, fires, "; ".join(note for note in notes if note))
    yield from lost


def _lost(schedule: Schedule, now: datetime, until: datetime) -> list[Coming]:
    """The times that fall on a day which the calendar has closed, and are not moved. Free weekdays are not told."""
    calendar = schedule.calendar
    if calendar is None or schedule.closed is not Closed.SKIP or schedule.business_day is not None:
        return []
    return [
        Coming(at, schedule.name, False, f"does not fire: {calendar.why_closed(at.date())}")
        for at in takewhile(lambda time: time <= until, schedule.without_calendar(now))
        if at.date() in calendar.holidays and not calendar.is_business_day(at.date())
    ]


def _moved(schedule: Schedule, now: datetime, until: datetime) -> Iterator[tuple[float, str]]:
    calendar = schedule.calendar
    if calendar is None or schedule.closed is Closed.SKIP:
        return
    step = 1 if schedule.closed is Closed.NEXT else -1
    for at in takewhile(lambda time: time <= until + NEARBY, schedule.without_calendar(now - NEARBY)):
        why = calendar.why_closed(at.date())
        if why is not None:
            day = calendar.business_day_from(at.date(), step)
            target = datetime.combine(day, at.time().replace(fold=0), at.tzinfo)
            yield target.timestamp(), f"moved from {at:%Y-%m-%d} ({why})"


def _clocks(at: datetime) -> str:
    """What the clocks do on the day of this firing."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    before, after = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
    if before is None or after is None or before == after:
        return ""
    change = after - before
    return f"the clocks go {'forward' if change > timedelta() else 'back'} by {shown(abs(change))} on this day"


def _meets(
    schedule: Schedule, at: datetime, busy: datetime | None, takes: timedelta
) -> tuple[str, bool, datetime | None]:
    """What becomes of a firing while the item before is still at work, and until when its own is."""
    start = at + schedule.later(at)
    if busy is None or start >= busy:
        return "", True, start + takes
    wait = busy - start
    if schedule.overlap is Overlap.SKIP:
        return f"skipped: the item before takes {shown(wait)} longer", False, busy
    if schedule.overlap is Overlap.QUEUE:
        return f"waits {shown(wait)} for the item before", True, busy + takes
    return f"runs beside the item before for {shown(wait)}", True, start + takes


def shown(length: timedelta) -> str:
    """`40 s`, `12 min`, `1 h 30 min`, `2 d 3 h`."""
    seconds = round(length.total_seconds())
    for unit, name, size, smaller in (("d", "h", 86400, 3600), ("h", "min", 3600, 60)):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            return f"{whole} {unit}" + (f" {rest // smaller} {name}" if rest // smaller else "")
    return f"{round(seconds / 60)} min" if seconds >= 60 else f"{seconds} s"
