"""Date fields: typed where the field takes it, else clicked together in the calendar that the field opens."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bots.browser.finding import PAGE
from engine.errors import ApplicationException

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle

    from bots.browser.session import Session

TURNS = 1_200  # months at most from what a calendar shows to the date
OPENS = 2.0  # seconds a calendar has to open after a click


class Calendars:
    def __init__(self, session: Session) -> None:
        self._session = session

    def set(self, label: str, value: date, form: str | None) -> None:
        """Type the date; a field that cannot be typed into, or loses what is typed, gets it from its calendar."""
        field = self._session.finder.find(label, "field").handle
        if not field.evaluate("element => !!element.readOnly || !('value' in element)"):
            try:
                self._session.forms.date(label, value, form)
                return
            except ApplicationException as error:
                if error.code != "VALUE_NOT_KEPT":
                    raise
        self._click_together(label, value)

    def _click_together(self, label: str, value: date) -> None:
        self._session.more_time()
        self._session.act(label, "field", lambda found, ms: found.handle.click(timeout=ms))
        shown = self._open(label)
        for _turn in range(TURNS):
            away = (value.year - shown["year"]) * 12 + value.month - shown["month"]
            if away == 0:
                break
            shown = self._turned(label, shown, "next" if away > 0 else "previous", value)
        self._part("calendarDay", value.day, label, value).click(timeout=self._session.ms())
        self._must_show(label, value)

    def _open(self, label: str) -> dict[str, Any]:
        shown: dict[str, Any] = {"calendars": 0}
        for last in self._session.polls(OPENS):
            shown = self._shown()
            if shown["calendars"] == 1:
                return shown
            if last:
                break
        raise self._session.failure(
            "ELEMENT_NOT_FOUND",
            f"the field {label!r} opens {shown['calendars'] or 'no'} calendars that show a month with its days "
            f"({self._session.where()})",
            "click it together by `click:`, or `type:` the date",
        )

    def _shown(self) -> dict[str, Any]:
        """The one calendar of all frames: what it shows."""
        finder = self._session.finder
        answers = [finder.call(frame, "calendar", None) or {"calendars": 0} for frame in finder.frames()]
        open_ones = [one for one in answers if one["calendars"]]
        return open_ones[0] if len(open_ones) == 1 else {"calendars": sum(one["calendars"] for one in answers)}

    def _turned(self, label: str, before: dict[str, Any], way: str, value: date) -> dict[str, Any]:
        self._session.more_time()
        self._part("calendarTurn", way, label, value).click(timeout=self._session.ms())
        for last in self._session.polls(OPENS):
            shown = self._shown()
            if shown["calendars"] == 1 and (shown["year"], shown["month"]) != (before["year"], before["month"]):
                return shown
            if last:
                break
        raise self._out_of_reach(label, value)

    def _part(self, what: str, argument: Any, label: str, value: date) -> ElementHandle:
        """A day, or what turns the calendar."""
        finder = self._session.finder
        for frame in finder.frames():
            if (finder.call(frame, "calendar", None) or {"calendars": 0})["calendars"]:
                part = frame.evaluate_handle(f"argument => {PAGE}.{what}(argument)", argument).as_element()
                if part is not None:
                    return part
        raise self._out_of_reach(label, value)

    def _out_of_reach(self, label: str, value: date) -> ApplicationException:
        return self._session.failure(
            "ELEMENT_NOT_FOUND",
            f"the calendar of {label!r} cannot be turned to {value.isoformat()} ({self._session.where()})",
            "look at the screenshot among the evidence: does it take this date at all?",
        )

    def _must_show(self, label: str, value: date) -> None:
        """The field shows the day and the year, in whatever form the page writes dates."""
        text = ""
        for last in self._session.polls(OPENS):
            found = self._session.finder.find(label, "field")
            text = str(found.handle.evaluate(f"element => {PAGE}.shows(element, '')[0]"))
            numbers = [int(part) for part in _digits(text)]
            if value.day in numbers and (value.year in numbers or value.year % 100 in numbers):
                self._session.note(label, {"how": found.how, "box": found.box}, value.isoformat())
                return
            if last:
                break
        raise self._session.failure(
            "VALUE_NOT_KEPT",
            f"the field {label!r} shows {text!r} after {value.isoformat()} was clicked in its calendar "
            f"({self._session.where()})",
            "look whether the page takes this date",
        )


def _digits(text: str) -> list[str]:
    """The numbers in a text: `03/05/2016` -> 03, 05, 2016."""
    return "".join(one if one.isdigit() else " " for one in text).split()
