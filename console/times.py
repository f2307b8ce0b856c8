"""Times as a person reads them: in their zone, near ones as a distance, lengths in the two largest units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Times:
    """`now` is when the page is made; `zone` is where it is read."""

    now: datetime
    zone: tzinfo

    def moment(self, time: datetime | None) -> str:
        """`2 Mar, 14:05`, with the year where it is another one."""
        if time is None:
            return ""
        local = time.astimezone(self.zone)
        year = "" if local.year == self.now.astimezone(self.zone).year else f" {local.year}"
        return f"{local.day} {local:%b}{year}, {local:%H:%M}"

    def day(self, time: datetime) -> str:
        """`Mon 2 Mar, 14:05`: the weekday helps to see a pattern."""
        return f"{time.astimezone(self.zone):%a} {self.moment(time)}"

    def length(self, span: timedelta) -> str:
        return f"{span.total_seconds():.0f} s" if span < timedelta(minutes=1) else length(span)

    def clock(self, time: datetime) -> str:
        """`14:05:31.250`: where in a run something happened."""
        local = time.astimezone(self.zone)
        return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"

    def full(self, time: datetime) -> str:
        """The whole time with its zone, for a tooltip."""
        return f"{time.astimezone(self.zone):%A %Y-%m-%d %H:%M:%S %Z}"

    def iso(self, time: datetime) -> str:
        return time.isoformat(timespec="seconds")

    def distance(self, time: datetime) -> str:
        """`in 3 h`, `2 d ago`."""
        gap = time - self.now
        if abs(gap) < timedelta(minutes=1):
            return "now"
        return f"in {length(gap)}" if gap > timedelta(0) else f"{length(-gap)} ago"

    def age(self, since: datetime) -> str:
        return length(self.now - since)

    def is_over(self, time: datetime | None) -> bool:
        return time is not None and time < self.now

    def is_near(self, time: datetime | None) -> bool:
        """Due within two hours."""
        return time is not None and timedelta(0) <= time - self.now <= timedelta(hours=2)

    def duration(self, start: datetime, end: datetime | None) -> str:
        """How long something took, to the millisecond where it was short."""
        if end is None:
            return "running"
        seconds = (end - start).total_seconds()
        if seconds < 1:
            return f"{seconds * 1000:.0f} ms"
        return f"{seconds:.1f} s" if seconds < 60 else length(end - start)


def length(span: timedelta) -> str:
    """The largest unit, with the next one while that is small: `45 min`, `1 h 20 min`, `3 d`."""
    minutes = int(abs(span).total_seconds() // 60)
    hours, days = minutes // 60, minutes // 1440
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    if hours < 5 and minutes % 60:
        return f"{hours} h {minutes % 60} min"
    if days < 1:
        return f"{hours} h"
    if days < 3 and hours % 24:
        return f"{days} d {hours % 24} h"
    return f"{days} d"
