"""`config/calendars.yaml`: named calendars, those of countries, and what is told of wrong ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.calendars import Calendars
from config.settings import Hours
from engine.errors import ConfigurationError

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 2)
BANK = """
bank:
  country: DE
  region: BE
  start: "08:30"
  end: "16:00"
  cut_off: "15:00"
  closed: [2026-12-24]
  worked: [2026-12-19]
new-york: {timezone: America/New_York, country: US}
"""


def calendars(tmp_path: Path, text: str = BANK, **office: object) -> Calendars:
    (tmp_path / "calendars.yaml").write_text(text)
    return Calendars(tmp_path / "calendars.yaml", Hours.model_validate(office), BERLIN, TODAY)


def test_a_calendar_has_holidays_closed_and_worked_days_and_a_cut_off(tmp_path: Path) -> None:
    bank = calendars(tmp_path).get("bank")
    assert not bank.is_business_day(date(2026, 3, 8)) and not bank.is_business_day(date(2026, 12, 24))
    assert bank.why_closed(date(2026, 5, 1)) is not None and bank.why_closed(date(2026, 12, 24)) == "closed"
    assert bank.why_closed(date(2026, 12, 20)) == "Sunday"
    assert bank.is_business_day(date(2026, 12, 19)), "a Saturday that is worked"
    assert (bank.opens, bank.cut_off, bank.timezone) == (time(8, 30), time(15), BERLIN)


def test_a_calendar_may_lie_in_another_time_zone(tmp_path: Path) -> None:
    york = calendars(tmp_path).get("new-york")
    assert york.is_open(datetime(2026, 3, 2, 15, tzinfo=UTC)) and not york.is_open(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert york.why_closed(date(2026, 7, 3)) is not None


def test_the_office_and_countries_need_no_entry(tmp_path: Path) -> None:
    known = calendars(tmp_path, "", country="FR", start="07:00")
    assert known.names() == ["office"]
    assert not known.get("office").is_business_day(date(2026, 7, 14))
    assert known.get("DE-BE").is_business_day(date(2026, 7, 14)) and known.get("DE-BE").opens == time(7)
    assert not known.get("DE-BY").is_business_day(date(2026, 1, 6)) and known.get("DE-BE").is_business_day(
        date(2026, 1, 6)
    )


@pytest.mark.parametrize("name", ["bnk", "XX", "DE-XX"])
def test_a_calendar_that_is_not_there_is_told_with_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        calendars(tmp_path).get(name)
    assert str(wrong.value).startswith(f"there is no calendar {name}; ")
    if name == "bnk":
        assert str(wrong.value) == "there is no calendar bnk; did you mean bank?"
    else:
        assert "known: bank, new-york, office, or a country such as DE or DE-BE; others stand in" in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a: 5",
            ":1:4: the calendar a is 5, expected a mapping; write its hours below it, each as `name: value`, indented",
        ),
        ("a: {opens: 9}", ":1:5: a.opens is not part of a calendar; expected one of "),
        (
            "a: {country: XX}",
            ":1:4: no public holidays are known for XX; use an ISO code such as DE with a region such as BE",
        ),
        ("a: {start: '18:00'}", ":1:4: the calendar opens at 18:00 and closes at 17:00; let it close after it opens"),
        (
            "a: {cut_off: '18:00'}",
            ":1:4: the calendar's cut-off is 18:00, outside its hours 09:00-17:00; let it lie after",
        ),
        (
            "a: {days: [monday]}",
            ":1:12: a.days.0 is 'monday'; expected 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'",
        ),
        ("a: {timezone: Mars}", ":1:15: a.timezone is 'Mars'; expected the name of a time zone such as Europe/Berlin"),
    ],
)
def test_a_wrong_entry_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        calendars(tmp_path, text).get("a")
    assert str(wrong.value).startswith(f"{tmp_path}/calendars.yaml{told}"), str(wrong.value)
