"""When an item is due and when it may be begun: lengths of time from now, or dates and times that its inputs give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from engine.business_time import Calendar
from engine.errors import BusinessException, UsageError
from engine.language import Span, Template
from engine.scope import evaluate
from engine.spans import parse_span
from engine.values import described


def moment_of(
    given: Span | Template | None,
    scope: Mapping[str, Any],
    now: datetime,
    calendar: Calendar,
    what: str,
    of_day: time = time(0),
) -> datetime | None:
    """The moment in UTC; None where none is given or the expression gives none.

    A date alone means `of_day` there, a time without a zone is the calendar's. BusinessException BAD_INPUT if the
    expression gives no date or time. Business time counts by the calendar.
    """
    if given is None:
        return None
    if isinstance(given, Span):
        return calendar.add(now, given)
    value = evaluate(given, dict(scope))
    if isinstance(value, str) and value:
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError as error:
            raise _bad(what, value) from error
    if value in (None, ""):
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, of_day)
    if not isinstance(value, datetime):
        raise _bad(what, value)
    return (value if value.tzinfo else value.replace(tzinfo=calendar.timezone)).astimezone(UTC)


def spoken_moment(text: str, now: datetime, calendar: Calendar) -> datetime:
    """The moment in UTC that a person gives: a date, a time, or a length of time from now. UsageError if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            return calendar.add(now, parse_span(text))
        except UsageError as error:
            raise UsageError(
                f"{text!r} is neither a time nor a length of time",
                advice="write 2026-03-31T17:00, 2026-03-31, 30m or 2 business hours",
            ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=calendar.timezone)).astimezone(UTC)


def _bad(what: str, value: Any) -> BusinessException:
    return BusinessException(
        "BAD_INPUT", f"{what} is {described(value)}", advice="it is a date or a time such as 2026-03-31T17:00"
    )
