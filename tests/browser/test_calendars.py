"""Dates: typed where a field takes them, else clicked together in the calendar that it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}

CALENDAR = """<html lang=%(lang)s><body>
<label>Due <input id=due %(attributes)s></label> <p>2 of 30 entries</p>
<div id=box style="display:none"><a class=prev href="#">‹</a> <b id=head></b> <a class=next href="#">›</a><table id=days></table></div>
<script>
const names = %(names)s;
let at = new Date(2016, 10, 1), last = new Date(2017, 2, 1);
const draw = () => {
  head.textContent = names[at.getMonth()] + " " + at.getFullYear();
  const start = new Date(at); start.setDate(1 - (at.getDay() + 6) %% 7);
  days.innerHTML = "";
  for (let week = 0; week < 6; week += 1) {
    const row = days.insertRow();
    for (let day = 0; day < 7; day += 1) {
      const one = new Date(start.getFullYear(), start.getMonth(), start.getDate() + week * 7 + day), cell = row.insertCell();
      cell.textContent = one.getDate();
      if (one.getMonth() !== at.getMonth()) cell.className = "other-month";
      cell.onclick = () => { due.value = %(shown)s; box.style.display = "none"; };
    }
  }
};
const turn = (by) => { const to = new Date(at.getFullYear(), at.getMonth() + by, 1); if (to <= last) { at = to; setTimeout(draw, 100); } };
document.querySelector(".prev").onclick = () => turn(-1);
document.querySelector(".next").onclick = () => turn(1);
due.onclick = () => { draw(); box.style.display = ""; };
</script>"""

ENGLISH = (
    '["January","February","March","April","May","June","July","August","September","October","November","December"]'
)
GERMAN = '["Januar","Februar","März","April","Mai","Juni","Juli","August","September","Oktober","November","Dezember"]'


def _calendar(lang: str, attributes: str, shown: str) -> str:
    names = GERMAN if lang == "de" else ENGLISH
    return CALENDAR % {"lang": lang, "attributes": attributes, "names": names, "shown": shown}


@pytest.mark.parametrize("value", ["2016-11-30", "2016-09-01", "2017-02-28"])
def test_a_date_that_cannot_be_typed_is_clicked_in_the_calendar(value: str, site: Any, bot: Any) -> None:
    site.page("/", _calendar("en", "readonly", "[one.getMonth() + 1, one.getDate(), one.getFullYear()].join('/')"))
    shown = bot.do(OPEN, {"date": {"Due": value}}, {"read": {"due": "Due"}})["due"]
    year, month, day = (int(part) for part in value.split("-"))
    assert shown == f"{month}/{day}/{year}"


def test_a_calendar_in_another_language_is_read(site: Any, bot: Any) -> None:
    form = "one.getDate() + '.' + (one.getMonth() + 1) + '.' + one.getFullYear()"
    site.page("/", _calendar("de", "readonly", form))
    assert bot.do(OPEN, {"date": {"Due": "2017-03-05"}}, {"read": {"due": "Due"}})["due"] == "5.3.2017"


def test_a_field_that_can_be_typed_into_gets_the_date_typed(site: Any, bot: Any) -> None:
    site.page("/", "<label>Due <input id=due></label>")
    step = {"date": {"Due": "2017-03-05", "format": "%d/%m/%Y"}}
    assert bot.do(OPEN, step, {"read": {"due": "Due"}})["due"] == "05/03/2017"


def test_a_date_that_the_calendar_does_not_reach_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", _calendar("en", "readonly", "''"))
    with pytest.raises(ApplicationException, match="the calendar of 'Due' cannot be turned to 2017-06-05"):
        quick(OPEN, {"date": {"Due": "2017-06-05"}})


def test_a_day_that_the_field_does_not_take_over_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", _calendar("en", "readonly", "'never'"))
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"date": {"Due": "2016-11-05"}})
    assert caught.value.code == "VALUE_NOT_KEPT"
    assert "'Due' shows 'never' after 2016-11-05 was clicked in its calendar" in caught.value.message


def test_a_field_that_opens_no_calendar_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<label>Due <input readonly></label>")
    with pytest.raises(ApplicationException, match="the field 'Due' opens no calendars that show a month"):
        quick(OPEN, {"date": {"Due": "2016-11-05"}})
