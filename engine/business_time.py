"""Business time: which days and hours count, and when a length of it is over. Pure; knows no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.errors import ConfigurationError
from engine.language import Span

MONDAY_TO_FRIDAY = frozenset(range(5))
HORIZON = 366 * 20  # days that are looked through before a calendar is called endless


@dataclass(frozen=True, slots=True)
class Calendar:
    """Business days are `weekdays` (Monday is 0) without `holidays`; business hours lie from `opens` to `closes`.

    On a day in `worked` the office works whatever day it is. What comes after the time of `cut_off` counts as if it
    had come at the next opening. `names` says what the holidays are called.
    """

    timezone: tzinfo = UTC
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    opens: time = time(9)
    closes: time = time(17)
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    cut_off: time | None = None
    names: Mapping[date, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ConfigurationError(
                f"the calendar opens at {self.opens:%H:%M} and closes at {self.closes:%H:%M}",
                advice="let it close after it opens",
            )
        if not self.weekdays:
            raise ConfigurationError("the calendar has no business day", advice="name at least one weekday")
        if self.cut_off is not None and not self.opens < self.cut_off <= self.closes:
            raise ConfigurationError(
                f"the calendar's cut-off is {self.cut_off:%H:%M}, outside its hours {self.opens:%H:%M}"
                f"-{self.closes:%H:%M}",
                advice="let it lie after it opens and not after it closes",
            )

    def is_business_day(self, day: date) -> bool:
        return day in self.worked or (day.weekday() in self.weekdays and day not in self.holidays)

    def is_open(self, moment: datetime) -> bool:
        """Whether this moment (aware) lies within the business hours of a business day."""
        local = moment.astimezone(self.timezone)
        return self.is_business_day(local.date()) and self.opens <= local.time() < self.closes

    def why_closed(self, day: date) -> str | None:
        """What is to be said of a day on which nobody works: the holiday's name, or the weekday."""
        if self.is_business_day(day):
            return None
        if day in self.holidays:
            return self.names.get(day) or "closed"
        return f"{day:%A}"

    def business_day_from(self, day: date, step: int = 1) -> date:
        """The day itself if it is a business day, else the next one; with step -1 the one before."""
        for _ in range(HORIZON):
            if self.is_business_day(day):
                return day
            day += timedelta(days=step)
        raise ConfigurationError("the calendar has no business day for twenty years", advice="check its holidays")

    def place_in_month(self, day: date) -> tuple[int, int]:
        """Which business day of its month this is, counted from the first (1) and from the last (-1)."""
        first = day.replace(day=1)
        end = (first + timedelta(days=32)).replace(day=1)
        days = [first + timedelta(days=n) for n in range((end - first).days)]
        before = sum(self.is_business_day(other) for other in days if other <= day)
        after = sum(self.is_business_day(other) for other in days if other >= day)
        return before, -after

    def add(self, start: datetime, span: Span) -> datetime:
        """When the span that begins at `start` (aware) is over, in UTC.

        Plain spans are elapsed time; a plain day is 24 hours. Business hours count while it is open. A business day
        ends at the same time of day on the next business day; what begins outside business hours begins at the
        next opening.
        """
        if not span.business:
            return start.astimezone(UTC) + span.length
        if span.days:
            return self._add_days(start, span.days)
        return self._add_hours(start, span.length)

    def _add_days(self, start: datetime, days: int) -> datetime:
        begin = self._next_open(start)
        coming = self._business_days(begin.date() + timedelta(days=1))
        day = begin.date()
        for _ in range(days):
            day = next(coming)
        return self._at(day, begin.timetz().replace(tzinfo=None)).astimezone(UTC)

    def _add_hours(self, start: datetime, length: timedelta) -> datetime:
        begin = self._next_open(start).astimezone(UTC)
        for day in self._business_days(begin.astimezone(self.timezone).date()):
            opens, closes = self._at(day, self.opens).astimezone(UTC), self._at(day, self.closes).astimezone(UTC)
            begin = max(begin, opens)
            if begin + length <= closes:
                return begin + length
            length -= closes - begin
            begin = closes
        raise AssertionError("the days of a calendar do not end")

    def _next_open(self, moment: datetime) -> datetime:
        """The moment itself within business hours, else the next opening, in the calendar's zone."""
        local = moment.astimezone(self.timezone)
        if self.is_business_day(local.date()):
            if local < self._at(local.date(), self.opens):
                return self._at(local.date(), self.opens)
            if local < self._at(local.date(), self.cut_off or self.closes):
                return local
        return self._at(next(self._business_days(local.date() + timedelta(days=1))), self.opens)

    def _business_days(self, first: date) -> Iterator[date]:
        """Business days from `first` on; ConfigurationError if none comes for twenty years."""
        idle, day = 0, first
        while idle < HORIZON:
            if self.is_business_day(day):
                idle = 0
                yield day
            else:
                idle += 1
            day += timedelta(days=1)
        raise ConfigurationError("the calendar has no business day for twenty years", advice="check its holidays")

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.timezone)
