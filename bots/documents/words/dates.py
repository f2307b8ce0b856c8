"""Dates as documents write them, in eight languages; day or month first is left open where the text leaves it open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    1: "january januar jänner janvier enero gennaio januari janeiro styczen stycznia jan janv ene gen sty",
    2: "february februar feber fevrier febrero febbraio februari fevereiro luty lutego feb fev fevr febr lut",
    3: "march marz maerz mars marzo maart marco marzec marca mar mrz mrt",
    4: "april avril abril aprile kwiecien kwietnia apr avr abr kwi",
    5: "may mai mayo maggio mei maio maj maja mag",
    6: "june juni juin junio giugno junho czerwiec czerwca jun giu cze",
    7: "july juli juillet julio luglio julho lipiec lipca jul juil lug lip",
    8: "august aout agosto augustus sierpien sierpnia aug ago sie",
    9: "september septembre septiembre settembre setembro wrzesien wrzesnia sep sept set wrz",
    10: "october oktober octobre octubre ottobre outubro pazdziernik pazdziernika oct okt ott out paz",
    11: "november novembre noviembre novembro listopad listopada nov lis",
    12: "december dezember decembre diciembre dicembre dezembro grudzien grudnia dec dez dic gru",
}


def _fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


MONTHS = {_fold(name): month for month, names in _MONTHS.items() for name in names.split()}
_WORD = r"[^\W\d_]{3,12}"
_YEAR = r"(?:19|20)\d\d|\d\d"
_PATTERNS = (
    re.compile(r"(?<![A-Za-z0-9])(?P<n>[A-Z][a-z]{2})(?P<d>\d\d)/(?P<y>\d\d)(?![\d/])"),  # `Jan06/20`
    re.compile(r"(?<![\d.])(?P<y>(?:19|20)\d\d)\s?(?P<sep>[-/.])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<d>\d{1,2})(?!\d)"),
    re.compile(
        rf"(?<![\d.,/-])(?P<a>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=sep)\s?(?P<y>{_YEAR})(?![\d/]|[.,]\d)"
    ),
    re.compile(
        rf"(?<![\d.,])(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª)?[ .\-/]{{0,2}}(?:de |of )?(?P<n>{_WORD})"
        rf"[ .,\-/']{{0,2}}(?:de |del )?(?P<y>{_YEAR})(?!\d|[.,]\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<n>{_WORD})[ .\-]{{1,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: ?[,;.])?[ \-](?P<y>{_YEAR})(?!\d|[.,]\d)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\w/.-])(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?![\w/-])"),
)


@dataclass(frozen=True, slots=True)
class DateText:
    """A date in a text. Where both readings are possible and differ, `day_first` and `month_first` differ."""

    start: int
    end: int
    day_first: date | None
    month_first: date | None

    @property
    def ambiguous(self) -> bool:
        return self.day_first is not None and self.month_first is not None and self.day_first != self.month_first

    def value(self, day_first: bool) -> date:
        """The date, `day_first` deciding where the text does not."""
        first, second = (self.day_first, self.month_first) if day_first else (self.month_first, self.day_first)
        found = first or second
        if found is None:
            raise AssertionError("a date without a reading is never made")
        return found

    @property
    def votes_day_first(self) -> bool | None:
        """What this date says about the document: True or False where only one reading is possible, else None."""
        if self.day_first == self.month_first:
            return None
        if self.month_first is None:
            return True
        return False if self.day_first is None else None


def find_dates(text: str) -> Iterator[DateText]:
    """The dates of a line, left to right."""
    found: list[DateText] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            reading = _reading(match)
            if reading is not None:
                found.append(reading)
    yield from sorted(found, key=lambda reading: reading.start)


def _reading(match: re.Match[str]) -> DateText | None:
    groups = match.groupdict()
    year = int(groups["y"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    if "a" in groups:
        one, two = int(groups["a"]), int(groups["b"])
        day_first = _date(year, two, one)
        # Dots are written day first everywhere.
        month_first = day_first if groups["sep"] == "." else _date(year, one, two)
    else:
        month = int(groups["m"]) if groups.get("m") else MONTHS.get(_fold(groups["n"]), 0)
        day_first = month_first = _date(year, month, int(groups["d"]))
    if day_first is None and month_first is None:
        return None
    return DateText(match.start(), match.end(), day_first, month_first)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2100 else None


def parse_date(text: str) -> date | None:
    """A date that a person typed (`2026-03-31`, `31.03.2026`), or None where it is none or could be two."""
    found = next(find_dates(text.strip()), None)
    if found is None or found.ambiguous or (found.start, found.end) != (0, len(text.strip())):
        return None
    return found.value(True)
