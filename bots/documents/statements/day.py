"""Dates of bookings. Most statements leave out the year; it follows from the period that the statement is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bots.documents.words.dates import MONTHS, find_dates
from bots.documents.words.lexicon import squeeze

_NUMERIC = re.compile(r"(?P<a>\d{1,2})\s?(?P<sep>[./-])\s?(?P<b>\d{1,2})(?:\.(?!\d)|(?![\d./,-]))")
_DAY_MONTH = re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[ .\-/]{0,2}(?P<n>[^\W\d_]{3,10})(?!\w)\.?")
_MONTH_DAY = re.compile(r"(?P<n>[^\W\d_]{3,10})[ .\-/]{0,2}(?P<d>\d{1,2})(?:st|nd|rd|th)?(?![\w.,]\d|\d|\w)")
_MONTH_BEHIND = re.compile(r"[ .\-/]?([^\W\d_]{3,10})(?!\w)")
_EARLIER, _LATER = timedelta(days=75), timedelta(days=10)  # how far from its period a booking may be dated


@dataclass(frozen=True, slots=True)
class Day:
    """A date in a text from `start` to `end`. `year` is 0 where none is printed, and `short` where it has two digits.

    `forced` says that it can only be read with day and month in the other order than was asked for.
    """

    start: int
    end: int
    month: int
    day: int
    year: int = 0
    short: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The period of a statement; an end is None where the statement does not tell it."""

    start: date | None = None
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a booking of this day may stand on the statement."""
        first = (self.start or (self.end and self.end - timedelta(days=31))) or date.min
        last = self.end or (self.start + timedelta(days=366) if self.start else date.max)
        return (
            first - (_EARLIER if first > date(2, 1, 1) else timedelta(0))
            <= day
            <= (last + (_LATER if last < date(9000, 1, 1) else timedelta(0)))
        )


def day_at(text: str, start: int, day_first: bool) -> Day | None:
    """The date that begins at this place of a text, or None."""
    tail = text[start : start + 32]
    whole = next((found for found in find_dates(tail) if found.start == 0), None)
    if whole is not None and not _reaches_on(tail, whole.end):
        value = whole.value(day_first)
        forced = whole.votes_day_first is (not day_first)
        short = not re.search(r"\d{4}", tail[: whole.end])
        return Day(start, start + whole.end, value.month, value.day, value.year, short, forced)
    if match := _NUMERIC.match(tail):
        return _numeric(match, start, day_first)
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        match = pattern.match(tail)
        month = MONTHS.get(squeeze(match["n"]), 0) if match else 0
        if match and _valid(month, int(match["d"])):
            return Day(start, start + match.end(), month, int(match["d"]))
    return None


def _reaches_on(text: str, end: int) -> bool:
    """Whether what looks like the year is the next date's day: `10 Apr 12 Apr`, or stands in the next column."""
    if "  " in text[:end]:
        return True
    behind = _MONTH_BEHIND.match(text, end)
    return behind is not None and squeeze(behind[1]) in MONTHS


def _numeric(match: re.Match[str], start: int, day_first: bool) -> Day | None:
    a, b = int(match["a"]), int(match["b"])
    as_day_first, as_month_first = _valid(b, a), _valid(a, b) and match["sep"] != "."
    if not (as_day_first or as_month_first):
        return None
    first = as_day_first and (day_first or not as_month_first)
    month, day = (b, a) if first else (a, b)
    forced = first is not day_first and match["sep"] != "." and a != b
    return Day(start, start + match.end(), month, day, forced=forced)


def _valid(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def dated(day: Day, span: Span) -> date | None:
    """The date with its year: the printed one, else that which falls into the period, else the last before its end."""
    printed = _date(day.year, day.month, day.day) if day.year else None
    if day.year and not day.short:
        return printed
    anchor = span.end or span.start
    if anchor is None:
        return printed
    years = (anchor.year, anchor.year - 1, anchor.year + 1)
    found = [one for year in years if (one := _date(year, day.month, day.day))]
    inside = [one for one in found if (span.start or one) <= one <= (span.end or one)]
    near = [one for one in found if span.holds(one)]
    if printed is not None:
        # `10 Apr 12 MAIN STREET`: what was taken for a year is none, if only another year fits.
        return printed if span.holds(printed) or not inside else inside[0]
    return next(iter(inside or near), None) or min(found, key=lambda one: abs(one - anchor), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
