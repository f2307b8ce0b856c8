"""Lengths of time as written: `30s`, `5m`, `2 hours`, `1 day`, `4 business hours`, `1 business day`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from engine.errors import UsageError
from engine.language import Span
from engine.nearest import suggestion

_FORM = re.compile(r"\s*(\d{1,6}(?:\.\d{1,3})?)\s*(business\s+)?([a-z]+)\s*", re.IGNORECASE)
_UNITS: Mapping[str, timedelta] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}
EXAMPLES = "a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day"


def parse_span(text: str) -> Span:
    """The length of time. UsageError if the text is not one; business time counts in hours and days."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is not a length of time; expected {EXAMPLES}", advice="write a number and a unit")
    number, business, unit = found.groups()
    if unit.lower() not in _UNITS:
        raise UsageError(
            f"{text!r}: there is no unit {unit}; expected {EXAMPLES}",
            advice=suggestion(unit.lower(), _UNITS, "use seconds, minutes, hours, days or weeks"),
        )
    length = _UNITS[unit.lower()]
    if business and length < timedelta(hours=1):
        raise UsageError(f"{text!r}: business time counts in hours and days", advice="write `1 business hour`")
    if business and length >= timedelta(days=1) and Decimal(number) % 1:
        raise UsageError(f"{text!r}: business days are whole", advice="write business hours for a part of a day")
    if business and length >= timedelta(days=1):
        days = int(Decimal(number)) * (5 if length == timedelta(weeks=1) else 1)
        return Span(" ".join(text.split()), timedelta(days=days), business=True, days=days)
    seconds = Decimal(number) * int(length.total_seconds())
    return Span(" ".join(text.split()), timedelta(seconds=float(seconds)), business=business is not None)
