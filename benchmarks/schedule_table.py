"""When cron lines fire across changes of the clocks, worked out independently: every day and every minute by itself.

Nothing here is shared with the scheduler: the fields are read by a reader of its own, and the times are found by
looking at each of them. A line that names its minutes and hours is taken day by day on the wall clock; one with a star
there is taken minute by minute in elapsed time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # changes at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Cairo",  # at midnight, on weekdays
    "Asia/Kathmandu",  # never; 5:45 from Greenwich
)
FORMS = (
    "30 2 * * *",
    "0 0 * * *",
    "15,45 1-3 * * *",
    "*/20 * * * *",
    "0 */2 * * sun",
    "30 0 13 * fri",
    "0 3 1-7/2 mar,apr,oct,nov *",
    "5 2 * * 7",
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True)
class Line:
    """A cron line as sets of numbers; weekdays count from Sunday, 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool
    by_elapsed_time: bool

    @classmethod
    def read(cls, text: str) -> Line:
        minute, hour, day, month, weekday = text.split()
        return cls(
            _numbers(minute, 0, 59),
            _numbers(hour, 0, 23),
            _numbers(day, 1, 31),
            _numbers(month, 1, 12, MONTHS),
            frozenset(number % 7 for number in _numbers(weekday, 0, 7, DAYS)),
            either=day[0] != "*" and weekday[0] != "*",
            by_elapsed_time=minute[0] == "*" or hour[0] == "*",
        )

    def has_day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either else by_date and by_weekday


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        else:
            begin = _number(first, low, names)
            end = _number(last, low, names) if last else (high if step else begin)
        found.update(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, low: int, names: tuple[str, ...]) -> int:
    return names.index(text) + (low if names is MONTHS else 0) if text in names else int(text)


def firings(text: str, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Every firing after `start` and not after `end` (aware), in UTC."""
    line = Line.read(text)
    found = set(_elapsed(line, zone, start, end) if line.by_elapsed_time else _by_day(line, zone, start, end))
    return sorted(one for one in found if start < one <= end)


def _elapsed(line: Line, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    moment = start.astimezone(UTC).replace(second=0, microsecond=0)
    while moment <= end:
        local = moment.astimezone(zone)
        if local.minute in line.minutes and local.hour in line.hours and line.has_day(local.date()):
            yield moment
        moment += timedelta(minutes=1)


def _by_day(line: Line, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    day, last = start.astimezone(zone).date() - timedelta(days=1), end.astimezone(zone).date()
    while day <= last:
        if line.has_day(day):
            shown = _shown(day, zone)
            for hour in line.hours:
                for minute in line.minutes:
                    wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - on the wall
                    yield next(moment for clock, moment in shown if clock >= wall)
        day += timedelta(days=1)


@lru_cache(maxsize=64)
def _shown(day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """What the wall clock shows in each minute around this day, in the order of time, with the instant.

    The first one that shows a time, or one after it where the clocks skipped it, is when that time fires.
    """
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    instants = (begin + timedelta(minutes=number) for number in range(60 * 54))
    shown = [(instant.astimezone(zone).replace(tzinfo=None), instant) for instant in instants]
    return [(clock, instant) for clock, instant in shown if clock.date() >= day]


@dataclass(frozen=True)
class Compared:
    """How a cron agrees with the table."""

    who: str
    lines: int
    firings: int
    wrong: int


@dataclass(frozen=True)
class Window:
    zone: ZoneInfo
    start: datetime
    end: datetime


def whole_years(first: int, number: int) -> list[Window]:
    """Every day of these years, in every zone."""
    start, end = datetime(first, 1, 1, tzinfo=UTC), datetime(first + number, 1, 1, tzinfo=UTC)
    return [Window(ZoneInfo(name), start, end) for name in ZONES]


def around_changes(year: int) -> list[Window]:
    """The days around every change of the clocks in this year, and a few days of a zone that has none."""
    found = []
    for name in ZONES:
        zone = ZoneInfo(name)
        days = [datetime(year, 1, 3, 12, tzinfo=UTC) + timedelta(days=number) for number in range(360)]
        changes = [one for one in days if _offset(one, zone) != _offset(one + timedelta(days=1), zone)]
        for day in changes or days[:1]:
            found.append(Window(zone, day - timedelta(days=2), day + timedelta(days=3)))
    return found


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def compare(windows: list[Window]) -> list[Compared]:
    """Our cron, and APScheduler's own, against the table: the firings that are missing, or too many."""
    from scheduler.times import Cron

    total, ours, theirs = 0, 0, 0
    for window in windows:
        zone, start, end = window.zone, window.start, window.end
        for text in FORMS:
            table = set(firings(text, zone, start, end))
            total += len(table)
            made = _until(end, Cron(text).after(start, zone))
            ours += len(table ^ set(made))
            theirs += len(table ^ set(_apscheduler(text, zone, start, end)))
    lines = len({window.zone.key for window in windows}) * len(FORMS)
    return [Compared("clerkwork", lines, total, ours), Compared("APScheduler's CronTrigger", lines, total, theirs)]


def _until(end: datetime, found: Iterator[datetime]) -> Iterator[datetime]:
    return (one.astimezone(UTC) for one in takewhile(lambda one: one <= end, found))


def _apscheduler(text: str, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    from apscheduler.triggers.cron import CronTrigger

    trigger, moment = CronTrigger.from_crontab(text.replace(" 7", " sun"), timezone=zone), start
    while (found := trigger.get_next_fire_time(None, moment)) is not None and found <= end:
        yield found.astimezone(UTC)
        moment = found.astimezone(UTC) + timedelta(microseconds=1)
