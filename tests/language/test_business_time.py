"""Lengths of time and business time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.business_time import Calendar
from engine.errors import ConfigurationError, UsageError
from engine.spans import parse_span

BERLIN = ZoneInfo("Europe/Berlin")
EXPECTED = "expected a length of time such as 30s, 5m, 2 hours, 1 day, 4 business hours or 1 business day"


@pytest.mark.parametrize(
    ("text", "length", "business"),
    [
        ("30s", timedelta(seconds=30), False),
        ("30 seconds", timedelta(seconds=30), False),
        ("5m", timedelta(minutes=5), False),
        ("5 min", timedelta(minutes=5), False),
        ("2 hours", timedelta(hours=2), False),
        ("1.5h", timedelta(minutes=90), False),
        ("1 Day", timedelta(days=1), False),
        ("2 weeks", timedelta(days=14), False),
        ("4 business hours", timedelta(hours=4), True),
        ("0.5 business hours", timedelta(minutes=30), True),
        ("1 business day", timedelta(days=1), True),
        ("2 business weeks", timedelta(days=10), True),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta, business: bool) -> None:
    span = parse_span(text)
    assert (span.length, span.business) == (length, business)
    assert parse_span(span.text) == span


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soon", f"'soon' is not a length of time; {EXPECTED}; write a number and a unit"),
        ("30", f"'30' is not a length of time; {EXPECTED}; write a number and a unit"),
        ("-5m", f"'-5m' is not a length of time; {EXPECTED}; write a number and a unit"),
        ("5 minuts", f"'5 minuts': there is no unit minuts; {EXPECTED}; did you mean minutes?"),
        ("5 years", f"'5 years': there is no unit years; {EXPECTED}; use seconds, minutes, hours, days or weeks"),
        ("5 business minutes", "'5 business minutes': business time counts in hours and days; write `1 business hour`"),
        ("1.5 business days", "'1.5 business days': business days are whole; write business hours for a part of a day"),
    ],
)
def test_what_is_no_length_of_time_says_so(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_span(text)
    assert str(caught.value) == message


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


CALENDAR = Calendar(BERLIN, holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))  # Good Friday, Easter Monday


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-31T10:00", "4 business hours", "2026-03-31T14:00"),
        ("2026-03-31T10:00", "7 business hours", "2026-03-31T17:00"),
        ("2026-03-31T16:00", "4 business hours", "2026-04-01T12:00"),
        ("2026-04-02T16:00", "4 business hours", "2026-04-07T12:00"),
        ("2026-03-31T07:00", "1 business hour", "2026-03-31T10:00"),
        ("2026-03-31T20:00", "1 business hour", "2026-04-01T10:00"),
        ("2026-03-28T12:00", "1 business hour", "2026-03-30T10:00"),
        ("2026-03-31T10:00", "1 business day", "2026-04-01T10:00"),
        ("2026-04-02T10:00", "1 business day", "2026-04-07T10:00"),
        ("2026-03-28T12:00", "1 business day", "2026-03-31T09:00"),
        ("2026-03-27T10:00", "5 business days", "2026-04-07T10:00"),
        ("2026-03-31T10:00", "1 day", "2026-04-01T10:00"),
        ("2026-03-28T10:00", "1 day", "2026-03-29T11:00"),  # a plain day is 24 hours, whatever the clocks do
        ("2026-03-27T10:00", "1 business day", "2026-03-30T10:00"),  # a business day keeps the time of day
        ("2026-03-31T10:00", "30s", "2026-03-31T10:00:30"),
    ],
)
def test_a_span_is_over(start: str, span: str, end: str) -> None:
    found = CALENDAR.add(berlin(start), parse_span(span))
    assert found == berlin(end) and found.tzinfo is UTC


def test_a_calendar_knows_its_days() -> None:
    assert CALENDAR.is_business_day(date(2026, 4, 2))
    assert not CALENDAR.is_business_day(date(2026, 4, 3)), "a holiday"
    assert not CALENDAR.is_business_day(date(2026, 4, 4)), "a Saturday"
    gulf = Calendar(weekdays=frozenset({6, 0, 1, 2, 3}))
    assert gulf.is_business_day(date(2026, 4, 5)) and not gulf.is_business_day(date(2026, 4, 3))


def test_the_hours_are_those_of_the_calendars_zone() -> None:
    tokyo = Calendar(ZoneInfo("Asia/Tokyo"))
    end = tokyo.add(datetime(2026, 3, 30, 23, 0, tzinfo=UTC), parse_span("1 business hour"))
    assert end == datetime(2026, 3, 31, 1, 0, tzinfo=UTC), "23:00 UTC is 08:00 in Tokyo, an hour before it opens"


def test_a_calendar_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="opens at 17:00 and closes at 09:00; let it close after it opens"):
        Calendar(opens=time(17), closes=time(9))
    with pytest.raises(ConfigurationError, match="the calendar has no business day; name at least one weekday"):
        Calendar(weekdays=frozenset())
    every_day = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(366 * 21))
    with pytest.raises(ConfigurationError, match="no business day for twenty years; check its holidays"):
        Calendar(holidays=every_day).add(datetime(2026, 1, 1, tzinfo=UTC), parse_span("1 business day"))


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC)),
    st.integers(1, 60),
    st.sampled_from(["business hours", "business days"]),
)
def test_a_business_span_ends_in_business_hours(start: datetime, number: int, unit: str) -> None:
    end = CALENDAR.add(start, parse_span(f"{number} {unit}"))
    local = end.astimezone(BERLIN)
    assert end > start
    assert CALENDAR.is_business_day(local.date())
    assert time(9) <= local.time() <= time(17)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)), st.integers(1, 40), st.integers(1, 40))
def test_business_hours_add_up(start: datetime, first: int, second: int) -> None:
    begin = start.replace(tzinfo=UTC)
    both = CALENDAR.add(begin, parse_span(f"{first + second} business hours"))
    assert (
        CALENDAR.add(CALENDAR.add(begin, parse_span(f"{first} business hours")), parse_span(f"{second} business hours"))
        == both
    )


def test_what_comes_after_the_cut_off_counts_from_the_next_opening() -> None:
    bank = Calendar(cut_off=time(15))
    friday = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
    assert bank.add(friday, parse_span("1 business hour")) == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert bank.add(friday - timedelta(minutes=1), parse_span("1 business hour")) == datetime(
        2026, 3, 6, 15, 59, tzinfo=UTC
    )
    assert bank.add(friday, parse_span("1 business day")) == datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_a_day_that_is_worked_counts_whatever_day_it_is() -> None:
    saturday = date(2026, 3, 7)
    calendar = Calendar(worked=frozenset({saturday}))
    assert calendar.is_business_day(saturday) and calendar.why_closed(saturday) is None
    assert calendar.business_day_from(date(2026, 3, 8)) == date(2026, 3, 9)
    assert calendar.business_day_from(date(2026, 3, 8), -1) == saturday
    assert calendar.place_in_month(date(2026, 3, 31)) == (23, -1)
