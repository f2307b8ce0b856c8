"""Lengths of time as a person writes them: `30s`, `5m`, `2 hours`, `4 business hours`, `1 business day`."""

from __future__ import annotations

import re
from datetime import timedelta

from engine.errors import UsageError
from engine.language import Span

_UNITS = {
    "s": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_SPAN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<business>business\s+)?(?P<unit>[a-z]+?)s?", re.IGNORECASE)


def parse_span(text: str) -> Span:
    """The span; `length` of a business span counts hours of business or days of business. UsageError if it is none."""
    found = _SPAN.fullmatch(text.strip())
    unit = found["unit"].lower() if found else ""
    if found is None or unit not in _UNITS or (found["business"] and _UNITS[unit] < timedelta(hours=1)):
        raise UsageError(
            f"{text!r} is not a length of time", advice="write it as 30s, 5m, 2 hours, 1 day, 4 business hours"
        )
    return Span(text, _UNITS[unit] * float(found["number"]), business=bool(found["business"]))
