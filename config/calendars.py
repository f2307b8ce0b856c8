"""`config/calendars.yaml`: the named calendars of schedules. Each starts from the office's own.

    bank:
      country: DE
      region: BE
      start: "08:30"
      end: "16:00"
      cut_off: "15:00"
      closed: [2026-12-24]
      worked: [2026-12-19]

`office` is the one of the settings, and `DE` or `DE-BE` (ISO codes) are there without an entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError, field_validator

from config.settings import Hours
from config.yaml_file import yaml_file
from engine.business_time import Calendar
from engine.errors import ConfigurationError
from engine.nearest import listed, suggestion

OFFICE = "office"
_COUNTRY = re.compile(r"([A-Z]{2,3})(?:-([A-Za-z0-9]{1,5}))?")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_YEARS_BACK, _YEARS_AHEAD = 1, 5


class CalendarEntry(Hours):
    """One calendar of the file: the hours of an office, in a time zone of its own if it has one."""

    timezone: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("the name of a time zone such as Europe/Berlin") from error
        return name


class Calendars:
    """The calendars of a project by name. `today` decides for which years public holidays are looked up."""

    def __init__(self, file: Path, office: Hours, zone: ZoneInfo, today: date) -> None:
        self._source = yaml_file(file)
        self._office, self._zone, self._today = office, zone, today
        self._made: dict[str, Calendar] = {}

    def names(self) -> list[str]:
        """Those that have a name of their own; countries are known besides."""
        return sorted({OFFICE, *self._source.values})

    def get(self, name: str) -> Calendar:
        """The calendar; ConfigurationError if there is none of this name, or if its entry is wrong."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Calendar:
        if name in self._source.values:
            return self._entry(name)
        if name == OFFICE:
            return calendar_of(self._office, self._zone, self._today, "config/settings.yaml")
        found = _COUNTRY.fullmatch(name)
        if found is not None:
            hours = self._office.model_copy(update={"country": found.group(1), "region": found.group(2)})
            try:
                return calendar_of(hours, self._zone, self._today, "")
            except ConfigurationError:
                pass  # no country either: told below, with the names there are
        raise ConfigurationError(
            f"there is no calendar {name}",
            advice=suggestion(
                name,
                self.names(),
                f"known: {listed(self.names())}, or a country such as DE or DE-BE; others stand in {self._source.file}",
            ),
        )

    def _entry(self, name: str) -> Calendar:
        given = self._source.values[name]
        if not isinstance(given, dict):
            raise ConfigurationError(
                f"{self._source.location((name,))}: the calendar {name} is {given!r}, expected a mapping",
                advice="write its hours below it, each as `name: value`, indented",
            )
        try:
            entry = CalendarEntry.model_validate({**self._office.model_dump(exclude_unset=True), **given})
        except ValidationError as error:
            raise ConfigurationError("\n".join(self._told(name, problem) for problem in error.errors())) from error
        zone = ZoneInfo(entry.timezone) if entry.timezone else self._zone
        return calendar_of(entry, zone, self._today, self._source.location((name,)))

    def _told(self, name: str, problem: Mapping[str, Any]) -> str:
        path = (name, *problem["loc"])
        what = ".".join(str(part) for part in path)
        if problem["type"] == "extra_forbidden":
            known = listed(CalendarEntry.model_fields)
            advice = suggestion(str(path[-1]), CalendarEntry.model_fields, "remove it")
            place = self._source.location(path, key=True)
            return f"{place}: {what} is not part of a calendar; expected one of {known}; {advice}"
        expected = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
        return f"{self._source.location(path)}: {what} is {problem['input']!r}; expected {expected}"


def calendar_of(hours: Hours, zone: ZoneInfo, today: date, where: str) -> Calendar:
    """The calendar of these hours; ConfigurationError for a country or region without known public holidays."""
    named = _public_holidays(hours, today, where) if hours.country else {}
    try:
        return Calendar(
            timezone=zone,
            weekdays=frozenset(_WEEKDAYS.index(day) for day in hours.days),
            opens=hours.start,
            closes=hours.end,
            holidays=frozenset({*hours.closed, *named}),
            worked=frozenset(hours.worked),
            cut_off=hours.cut_off,
            names=named,
        )
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error.message}" if where else error.message, advice=error.advice) from None


def _public_holidays(hours: Hours, today: date, where: str) -> dict[date, str]:
    import holidays

    place = " ".join(part for part in (hours.country, hours.region) if part)
    years = range(today.year - _YEARS_BACK, today.year + _YEARS_AHEAD + 1)
    try:
        return dict(holidays.country_holidays(str(hours.country), subdiv=hours.region, years=years))
    except NotImplementedError as error:
        raise ConfigurationError(
            f"{where}: no public holidays are known for {place}",
            advice="use an ISO code such as DE with a region such as BE, or list the days under `closed`",
        ) from error
