"""When something happens again: cron lines, steady lengths of time, given moments. Pure; knows no clock.

Cron is Vixie's, as Debian has it: Sunday is 0 or 7, day OR weekday, names, steps. A line that names its minutes and
hours fires once a local day: what falls into an hour that the clocks skip fires at its end, what falls into one that
they repeat fires the first time. A line whose minute or hour is a star (`*`, `*/10`) follows elapsed time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim

LONGEST_CHANGE = timedelta(hours=25)
"""More than any zone ever moved its clocks by: Samoa left out a day."""
USUAL_CHANGE = timedelta(hours=3)
MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - the zone is the schedule's


class Times(Protocol):
    """`text` is how people see it."""

    @property
    def text(self) -> str: ...

    def after(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every time after this moment (aware), in order, in the zone."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Five fields, or six with the seconds first."""

    text: str

    def after(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        begin = moment.astimezone(UTC)
        fields = self.text.split()[-5:]
        if fields[0].startswith("*") or fields[1].startswith("*"):
            found: Iterator[datetime] = _elapsed(self.text, begin, zone)
        else:
            found = _wall(self.text, begin, zone)
        last = begin
        for time in found:
            if time > last:
                last = time
                yield time.astimezone(zone)


def _elapsed(text: str, begin: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """A star in the minutes or hours: every local time as it comes, a repeated hour twice, a skipped one never."""
    again: list[datetime] = []
    for local in CronSim(text, _start(begin, zone)):
        first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if first > second:
            continue  # the clocks skip it
        while again and again[0] < first:
            yield again.pop(0)
        yield first
        if second > first:
            again.append(second)


def _wall(text: str, begin: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Named minutes and hours: each time on the wall clock once."""
    for local in CronSim(text, _start(begin, zone)):
        yield first_instant(local, zone)


def _start(begin: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock shows at `begin`; earlier by as much as the clocks change nearby: times may come twice."""
    change = _change(begin, zone, LONGEST_CHANGE)
    if change < USUAL_CHANGE:
        change = _change(begin, zone, USUAL_CHANGE)
    return begin.astimezone(zone).replace(tzinfo=None) - change


def _change(begin: datetime, zone: ZoneInfo, reach: timedelta) -> timedelta:
    before, after = (begin - reach).astimezone(zone), (begin + reach).astimezone(zone)
    return abs((after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta()))


def first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which a clock on the wall shows this time, or the end of the gap it falls into."""
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # Inside a gap, fold 0 reckons with the offset before it and fold 1 with the one after it.
    late, early = moment, local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == early.astimezone(zone).utcoffset():
            early = middle
        else:
            late = middle
    return late


@dataclass(frozen=True, slots=True)
class Every:
    """A steady length of time, counted from `start`, else from midnight of a Monday in the zone."""

    text: str
    length: timedelta
    start: datetime | None = None

    def after(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        first = self.start or MONDAY
        anchor = (first.replace(tzinfo=zone) if first.tzinfo is None else first).astimezone(UTC)
        passed = (moment.astimezone(UTC) - anchor) // self.length
        number = passed + 1 if self.start is None else max(passed + 1, 0)
        while True:
            yield (anchor + number * self.length).astimezone(zone)
            number += 1


@dataclass(frozen=True, slots=True)
class At:
    """Given moments; one without a zone of its own is in the schedule's."""

    moments: tuple[datetime, ...]

    @property
    def text(self) -> str:
        return ", ".join(moment.isoformat(timespec="minutes") for moment in self.moments)

    def after(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        for found in sorted(_instants(self.moments, zone)):
            if found > moment:
                yield found.astimezone(zone)


def _instants(moments: Sequence[datetime], zone: ZoneInfo) -> set[datetime]:
    return {one.astimezone(UTC) if one.tzinfo is not None else first_instant(one, zone) for one in moments}
