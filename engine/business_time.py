"""Business time: hours and days as an office counts them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.language import Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an office is open. `weekdays` counts Monday as 0; `opens` and `closes` are local times of one day."""

    timezone: tzinfo = UTC
    weekdays: Set[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time = time(17)
    holidays: Set[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def add(self, start: datetime, span: Span) -> datetime:
        """The moment that lies `span` after `start`, in UTC. Plain spans are clock time.

        Business hours count only while the office is open. A business day ends when the office closes: `1 business
        day` from Friday noon is Monday's closing time.
        """
        if not span.business:
            return (start + span.length).astimezone(UTC)
        if span.length % _DAY == timedelta(0) and "day" in span.text:
            return self._days(start, span.length // _DAY)
        return self._hours(start, span.length)

    def _days(self, start: datetime, days: int) -> datetime:
        day = start.astimezone(self.timezone).date()
        while days > 0:
            day += _DAY
            days -= self.is_business_day(day)
        return datetime.combine(day, self.closes, self.timezone).astimezone(UTC)

    def _hours(self, start: datetime, rest: timedelta) -> datetime:
        day = start.astimezone(self.timezone).date()
        while True:
            opens = datetime.combine(day, self.opens, self.timezone).astimezone(UTC)
            closes = datetime.combine(day, self.closes, self.timezone).astimezone(UTC)
            begin = max(start.astimezone(UTC), opens)
            if self.is_business_day(day) and begin < closes:
                if closes - begin >= rest:
                    return begin + rest
                rest -= closes - begin
            day += _DAY
