"""Functions on dates. Business days here are Monday to Friday; a span such as `2 business days` knows the calendar."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.errors import ExpressionError
from engine.functions.function import Function, day_of, expects, list_of, text_of, whole_of
from engine.operators import days_between as between
from engine.operators import moved
from engine.values import is_number

_FORMAT = re.compile(r"(?:[^%]|%[YmdHMSyBbAajUVGu%])*")
MAX_FORMAT = 100
MAX_DAYS = 100_000


def date_(value: Any, month: Any = None, day: Any = None) -> date:
    """A date from text (2026-03-31), from year, month and day, or the date of a time."""
    if month is not None or day is not None:
        return _made(whole_of("date", value), whole_of("date", month), whole_of("date", day))
    if isinstance(value, date):
        return day_of("date", value)
    text = text_of("date", value).strip()
    try:
        return date.fromisoformat(text[:10]) if len(text) == 10 else datetime.fromisoformat(text).date()
    except ValueError:
        raise ExpressionError(
            f"date(...) was given {text!r}, which is not a date",
            advice="write it as 2026-03-31, or read another form with parse_date(text, '%d.%m.%Y')",
        ) from None


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise ExpressionError(f"there is no date {year}-{month}-{day}", advice="check year, month and day") from None


def parse_date(value: Any, form: Any) -> date:
    """A date from text in the given form, `%d.%m.%Y` for 31.03.2026."""
    text, pattern = text_of("parse_date", value).strip(), _form("parse_date", form)
    try:
        return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise ExpressionError(
            f"parse_date(...) was given {text!r}, which does not have the form {pattern}", advice="correct one of them"
        ) from None


def format_date(value: Any, form: Any = "%Y-%m-%d") -> str:
    """A date or time as text in the given form, `%d.%m.%Y` for 31.03.2026."""
    if not isinstance(value, date):
        raise expects("format_date", "a date", value, "turn text into a date with date(...)")
    return value.strftime(_form("format_date", form))


def _form(name: str, form: Any) -> str:
    text = text_of(name, form)
    if len(text) > MAX_FORMAT or not _FORMAT.fullmatch(text):
        raise expects(name, "a form made of %Y %m %d %H %M %S %y %B %b %A %a %j %U %V %G %u", form)
    return text


def add_days(value: Any, days: Any) -> date:
    """The date so many days later; earlier if negative."""
    if not isinstance(value, date):
        raise expects("add_days", "a date", value, "turn text into a date with date(...)")
    return moved(value, Decimal(whole_of("add_days", days)))


def add_months(value: Any, months: Any) -> date:
    """The same day so many months later, or the last day of that month if it is shorter."""
    day = day_of("add_months", value)
    index = day.year * 12 + day.month - 1 + whole_of("add_months", months)
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise ExpressionError("the date would lie outside the years 1 to 9999", advice="check the number")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_between(start: Any, end: Any) -> int | Decimal:
    """Days from start to end: whole for dates, with a fraction for times."""
    for value in (start, end):
        if not isinstance(value, date):
            raise expects("days_between", "two dates", value, "turn text into a date with date(...)")
    return between(start, end)


def business_days(start: Any, end: Any, holidays: Any = None) -> int:
    """Days from Monday to Friday after start, up to and with end, less the holidays given."""
    first, last = day_of("business_days", start), day_of("business_days", end)
    if last < first:
        return -business_days(last, first, holidays)
    free = _holidays("business_days", holidays)
    weeks, rest = divmod((last - first).days, 7)
    days = weeks * 5 + sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, rest + 1))
    return days - sum(first < day <= last and day.weekday() < 5 for day in free)


def add_business_days(value: Any, days: Any, holidays: Any = None) -> date:
    """The date so many days from Monday to Friday later, holidays given left out."""
    day, left = day_of("add_business_days", value), whole_of("add_business_days", days)
    if abs(left) > MAX_DAYS:
        raise expects("add_business_days", f"at most {MAX_DAYS:,} days", days)
    free = _holidays("add_business_days", holidays)
    one = Decimal(1 if left >= 0 else -1)
    while left:
        day = moved(day, one)
        if day.weekday() < 5 and day not in free:
            left -= int(one)
    return day


def _holidays(name: str, given: Any) -> frozenset[date]:
    return frozenset(day_of(name, entry) for entry in list_of(name, given)) if given is not None else frozenset()


def month_start(value: Any) -> date:
    """The first day of the month."""
    return day_of("month_start", value).replace(day=1)


def month_end(value: Any) -> date:
    """The last day of the month."""
    day = day_of("month_end", value)
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def is_business_day(value: Any, holidays: Any = None) -> bool:
    """Whether the date is a Monday to Friday and none of the holidays given."""
    day = day_of("is_business_day", value)
    return day.weekday() < 5 and day not in _holidays("is_business_day", holidays)


def is_date(value: Any) -> bool:
    """Whether the value is a date, or text that date(...) can read."""
    if isinstance(value, date):
        return True
    if not isinstance(value, str) or is_number(value):
        return False
    try:
        date_(value)
    except ExpressionError:
        return False
    return True


TABLE = (
    Function("date", date_),
    Function("parse_date", parse_date),
    Function("format_date", format_date),
    Function("add_days", add_days),
    Function("add_months", add_months),
    Function("days_between", days_between),
    Function("business_days", business_days),
    Function("add_business_days", add_business_days),
    Function("month_start", month_start),
    Function("month_end", month_end),
    Function("is_business_day", is_business_day),
    Function("is_date", is_date),
)
