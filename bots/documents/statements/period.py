"""The period a statement is for, and the day it was made: they give the bookings their year."""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bots.documents.pages.page import Line, Page
from bots.documents.statements.column import columns_of
from bots.documents.statements.day import Span, dated, day_at
from bots.documents.statements.words import starts_with
from bots.documents.words.dates import MONTHS, find_dates
from bots.documents.words.lexicon import squeeze

_BETWEEN = re.compile(
    r"\W*(?:(?:to|through|thru|until|till|bis|bis zum|au|jusqu'au|al|a|hasta|hasta el|fino al|t/m|tot|tot en met|ate|"
    r"do|und|and|and ending|ending|-|–|—|/)\s*(?:den|the|el|le|il)?)\W*",
    re.IGNORECASE,
)
_DAYS_OF_MONTH = re.compile(  # `1 - 31 March 2026`, `March 1 - 31, 2026`
    r"(?<![\d.,/-])(?P<a>\d{1,2})\.?\s?(?:-|–|to|bis|au|al|t/m)\s?(?P<b>\d{1,2})\.?\s(?P<n>[^\W\d_]{3,12})\s(?P<y>20\d\d)"
    r"|(?P<n2>[^\W\d_]{3,12})\s(?P<a2>\d{1,2})\s?(?:-|–|to|through)\s?(?P<b2>\d{1,2}),?\s(?P<y2>20\d\d)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(?<![\w.])(?P<n>[^\W\d_]{3,12})\.? (?:de )?(?P<y>20\d\d)(?![\d.,/-])")
_MOST = 40  # dates that are looked at where no period is told
_WORD = re.compile(r"(?<!\w)\w")


@dataclass(frozen=True)
class Told:
    """A date that the statement says of itself, and where."""

    value: date
    line: Line
    start: int
    end: int


@dataclass(frozen=True)
class Period:
    """The period as told, where it is, and the days that the statement may be of, where no period is told."""

    start: Told | None = None
    end: Told | None = None
    issued: tuple[Told, ...] = ()
    guessed: tuple[Told, ...] = ()  # other dates with a year, of which nothing says what they are

    @property
    def spans(self) -> list[Span]:
        """What bookings may be dated by: the period, else each day that may be the statement's own."""
        if self.start is not None and self.end is not None:
            return [Span(self.start.value, self.end.value)]
        return [Span(None, told.value) for told in (*self.issued, *self.guessed)]


def period_of(pages: Iterable[Page], day_first: bool) -> Period:
    """The first period that is printed, and the statement's own date: beside, or under, its label."""
    issued: list[Told] = []
    others: list[Told] = []
    month: tuple[Told, Told] | None = None
    for page in pages:
        for line in page.lines:
            if (both := _period_in(line, day_first)) is not None:
                return Period(*both)
            if (told := _issued(page, line, day_first)) is not None:
                issued.append(told)
            elif len(others) < _MOST:
                month = month or (None if others else _whole_month(line))
                others.extend(_dates_in(line, day_first))
    if month is not None and not issued:
        return Period(*month)
    return Period(None, None, tuple(issued), tuple(others))


def _whole_month(line: Line) -> tuple[Told, Told] | None:
    """`Statement for March 2026`, above all dates."""
    for match in _MONTH.finditer(line.text):
        month, year = MONTHS.get(squeeze(match["n"]), 0), int(match["y"])
        if month and not line.text[: match.start()].rstrip(" .").endswith(tuple("0123456789")):
            last = calendar.monthrange(year, month)[1]
            first, end = date(year, month, 1), date(year, month, last)
            return Told(first, line, *match.span()), Told(end, line, *match.span())
    return None


def _dates_in(line: Line, day_first: bool) -> Iterator[Told]:
    for found in find_dates(line.text):
        if "  " in line.text[found.start : found.end]:
            continue  # what stands in two columns is no date
        yield Told(found.value(day_first), line, found.start, found.end)


def _period_in(line: Line, day_first: bool) -> tuple[Told, Told] | None:
    if (match := _DAYS_OF_MONTH.search(line.text)) is not None:
        made = _of_month(match, line)
        if made is not None:
            return made
    dates = list(_dates_in(line, day_first))
    for one, other in itertools.pairwise(dates):
        if _BETWEEN.fullmatch(line.text[one.end : other.start]) and one.value < other.value:
            return one, other
    for last in dates:  # `1 March to 31 March 2026`: the year is told once
        for match in _WORD.finditer(line.text[: last.start]):
            day = day_at(line.text, match.start(), day_first)
            if day is None or day.year or not _BETWEEN.fullmatch(line.text[day.end : last.start]):
                continue
            first = dated(day, Span(None, last.value))
            if first is not None and first < last.value:
                return Told(first, line, day.start, day.end), last
    return None


def _of_month(match: re.Match[str], line: Line) -> tuple[Told, Told] | None:
    tail = "" if match["n"] else "2"
    month = MONTHS.get(squeeze(match[f"n{tail}"]), 0)
    try:
        first = date(int(match[f"y{tail}"]), month, int(match[f"a{tail}"]))
        last = date(int(match[f"y{tail}"]), month, int(match[f"b{tail}"]))
    except ValueError:
        return None
    return (Told(first, line, match.start(), match.end()), Told(last, line, match.start(), match.end()))


def _issued(page: Page, line: Line, day_first: bool) -> Told | None:
    """The date beside a label of the statement's date, or under it in the same column."""
    for cell in line.cells:
        if not starts_with(cell.text, "issued"):
            continue
        beside = next((told for told in _dates_in(line, day_first) if told.start >= cell.start), None)
        if beside is not None:
            return beside
        for under in page.lines[line.index + 1 : line.index + 3] if not columns_of(line) else ():
            for told in _dates_in(under, day_first):
                box = under.box_of(told.start, told.end)
                if box[0] < cell.box[2] + 5 and box[2] > cell.box[0] - 5:
                    return told
    return None
