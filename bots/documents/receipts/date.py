"""The date of a sale: printed in many ways, often glued to the time, among codes and other dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from bots.documents.pages.page import Line, Page
from bots.documents.receipts.words import vocabulary
from bots.documents.words.dates import MONTHS, DateText, find_dates

_LOOKALIKES = str.maketrans("OoQDIlL|S", "000011115")
_DATELIKE = re.compile(
    r"(?<![^\W_])[\dOoQDIlL|S]{1,4}\s?[-/.~_—–]\s?[\dOoQDIlL|S]{1,2}\s?[-/.~_—–]\s?[\dOoQDIlL|S]{2,4}(?![^\W\d_])"
)
_SEPARATOR = re.compile(r"(?<=\d)[~_—–](?=\s?\d)")
_COMMA = re.compile(r"(?<=[^\W\d_]),(?=\d)")  # `Friday,29-12-2017`
_DASH = re.compile(r"(?<=\w)-(?=\d{1,2}/\d{1,2}/\d{2,4})")  # `REG #19-21/05/2018`
# A year glued to the hour: `23/03/20183:13:19`, `27/06/185:02:32`, `Oct 3, 201612:16`.
_GLUED_LONG = re.compile(r"(?<=[-/. ,])(?P<year>(?:19|20)\d\d)(?=[0-2]?\d[:.]\d\d)")
_GLUED_SHORT = re.compile(r"(?:(?<=\d[-/.])|(?<=[A-Za-z]{3}[-/. ]))(?P<year>\d\d)(?=[0-2]?\d:\d\d)")
_LETTERS_FIRST = re.compile(r"(?:[^\W\d_]|#)$")
_TIME = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3])\s?[:.hH]\s?[0-5]\d(?:\s?[:.]\s?[0-5]\d)?\s?(?:[AaPp]\.?[Mm]\b)?")
_WEEKDAYS = {
    0: "mon monday montag lundi lunes lunedi maandag segunda mo",
    1: "tue tuesday dienstag mardi martes martedi dinsdag terca di tues",
    2: "wed wednesday mittwoch mercredi miercoles mercoledi woensdag quarta mi",
    3: "thu thursday donnerstag jeudi jueves giovedi donderdag quinta do thur thurs",
    4: "fri friday freitag vendredi viernes venerdi vrijdag sexta fr",
    5: "sat saturday samstag samedi sabado sabato zaterdag sa",
    6: "sun sunday sonntag dimanche domingo domenica zondag so",
}
_WEEKDAY = {name: day for day, names in _WEEKDAYS.items() for name in names.split() if len(name) > 2}


@dataclass(frozen=True)
class Day:
    """A possible date of the sale: its place, score 0..1, the other reading where it has two, and its measures."""

    value: date
    line: Line
    start: int
    end: int
    score: float
    certain: bool
    other: date | None
    label: str
    measures: dict[str, float] = field(default_factory=dict, compare=False)


def days_of(pages: Sequence[Page], day_first: bool | None) -> list[Day]:
    """The possible dates, best first, each value once. `day_first` is how the country writes them, if that is known."""
    texts = [(line, text, found) for page in pages for line in page.lines for text, found in _dates_in(line)]
    votes = {vote for _, _, found in texts for vote in [found.votes_day_first] if vote is not None}
    order = votes.pop() if len(votes) == 1 else day_first
    best: dict[date, Day] = {}
    count: dict[date, int] = {}
    for line, text, found in texts:
        day = _weighed(line, text, found, order)
        count[day.value] = count.get(day.value, 0) + 1
        if day.value not in best or day.score > best[day.value].score:
            best[day.value] = day
    for value, day in best.items():
        day.measures["repeated"] = 1.0 if count[value] > 1 else 0.0
        day.measures["only"] = 1.0 if len(best) == 1 else 0.0
    return sorted(best.values(), key=lambda day: (-day.score, -count[day.value]))


def _dates_in(line: Line) -> Iterator[tuple[str, DateText]]:
    """The dates of a line, found in its text after what glues or splits them is mended."""
    text = _DATELIKE.sub(lambda match: _digits(match.group()), line.text)
    text = _DASH.sub(" ", _COMMA.sub(" ", _SEPARATOR.sub("-", text)))
    seen: list[tuple[int, int]] = []
    for mended in dict.fromkeys((_cut(text), text)):
        for found in find_dates(mended):
            start, end = _original(found.start, mended, text), _original(found.end, mended, text)
            if any(start < other_end and other_start < end for other_start, other_end in seen):
                continue
            if not _stands_free(mended, found.start, found.end):
                continue
            seen.append((start, end))
            yield text, DateText(start, end, found.day_first, found.month_first)


def _digits(text: str) -> str:
    return text.translate(_LOOKALIKES) if sum(letter.isdigit() for letter in text) >= 4 else text


def _cut(text: str) -> str:
    """The text with a space between a year and the hour that is glued to it."""
    text = _GLUED_LONG.sub(lambda match: match["year"] + " ", text)
    return _GLUED_SHORT.sub(lambda match: match["year"] + " ", text)


def _original(place: int, mended: str, text: str) -> int:
    """Where a place of the mended text, which only has spaces added, lies in the text."""
    at = 0
    for letter in mended[:place]:
        if at < len(text) and letter == text[at]:
            at += 1
    return at


def _stands_free(text: str, start: int, end: int) -> bool:
    """Whether a date is no part of a code: `HD03-04-06` is one, `Date23/03/2018` is not."""
    before = text[:start]
    if _LETTERS_FIRST.search(before):
        word = re.search(r"[^\W\d_]+$", before)
        named = word is not None and "issued" in vocabulary("dates").said(word.group())
        month = word is not None and word.group().lower()[-3:] in MONTHS
        if not named and not month:
            return False
    long_year = bool(re.search(r"(?:19|20)\d\d$", text[start:end]))
    return not re.match(r"\d|[-/]\d" if long_year else r"\d|[-/]\d|[^\W\d_]{3}", text[end:])


def _weighed(line: Line, text: str, found: DateText, order: bool | None) -> Day:
    value = found.value(order if order is not None else True)
    certain = not found.ambiguous or order is not None
    other = (found.month_first if value == found.day_first else found.day_first) if found.ambiguous else None
    before = text[: found.start]
    near = before[-40:]
    spoken = vocabulary("dates").find(near)
    last = spoken[-1] if spoken else None
    named = last is not None and "issued" in last.meanings and len(near[last.end :].strip(" :.-/")) < 14
    against = any("other" in one.meanings and "issued" not in one.meanings for one in spoken)
    timed = bool(_TIME.search(text[found.end :])) or bool(_TIME.search(before[-14:]))
    weekday = _weekday(text[max(found.start - 12, 0) : found.start] + " " + text[found.end : found.end + 12])
    fits_weekday = weekday is not None and weekday == value.weekday()
    if weekday is not None and not fits_weekday and other is not None and other.weekday() == weekday:
        value, other, certain, fits_weekday = other, value, True, True
    alone = not re.search(r"[^\W\d_]{3}", text[: found.start] + text[found.end :])
    modern = 1990 <= value.year <= 2060
    long_year = bool(re.search(r"(?:19|20)\d\d", text[found.start : found.end]))
    score = 0.42 + 0.3 * named + 0.25 * timed + 0.08 * alone + 0.06 * long_year + 0.1 * fits_weekday
    score -= 0.4 * against + (0.3 if not modern else 0.0)
    measures = {
        "named": 1.0 if named else 0.0,
        "timed": 1.0 if timed else 0.0,
        "long_year": 1.0 if long_year else 0.0,
        "weekday": 1.0 if fits_weekday else 0.0,
        "one_reading": 0.0 if found.ambiguous else 1.0,
    }
    label = last.letters if named and last is not None else ""
    return Day(value, line, found.start, found.end, min(max(score, 0.0), 0.98), certain, other, label, measures)


def _weekday(text: str) -> int | None:
    for word in re.findall(r"[^\W\d_]{3,}", text.lower()):
        if word in _WEEKDAY:
            return _WEEKDAY[word]
    return None
