"""What the lines of a statement are: heads, bookings, more of their description, balances, sections, totals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bots.documents.pages.page import Cell, Line, Page
from bots.documents.statements.column import Column, columns_of, sorted_in
from bots.documents.statements.day import Day, day_at
from bots.documents.statements.figure import Figure, figures_of
from bots.documents.statements.words import List, phrases, starts_with
from bots.documents.words.lexicon import squeeze

Kind: TypeAlias = Literal["booking", "opening", "closing", "balance", "total"]
_SIGNS = {
    **dict.fromkeys(("af", "debit", "dr", "d", "s", "soll", "uit", "debet", "db", "dare", "debe"), -1),
    **dict.fromkeys(("bij", "credit", "cr", "c", "h", "haben", "avere", "haber", "ha"), 1),
}
_SECTIONS: tuple[tuple[List, int], ...] = (("money_in", 1), ("money_out", -1))
_NEAR = 2.2  # heights of a line: what stands farther below a booking is no more of its description
_LEADING = re.compile(r"[\s|:.,;*-]+|(?:du|am|vom|le|on|per|from|de|del|as at|at|au|al)\s+", re.IGNORECASE)


@dataclass
class Row:
    """A booking, or a balance printed among or around the bookings.

    `amounts` are by their column (`debit`, `credit`, `amount`, `balance`); `hint` is the sign that its section or a
    word such as `Af` tells, or 0. `undated` bookings have the day of the one above them.
    """

    kind: Kind
    line: Line
    day: Day | None
    text: str
    amounts: dict[str, Figure]
    hint: int = 0
    undated: bool = False
    listed: bool = False  # a balance that stands among the bookings, in the column of their amounts
    more: list[Line] = field(default_factory=list)  # the lines under it that go on with the description
    texts: list[str] = field(default_factory=list)  # and what they say

    @property
    def description(self) -> str:
        return " ".join(filter(None, (self.text, *self.texts)))

    @property
    def money(self) -> Figure | None:
        """The amount that was booked, or of a balance the balance itself."""
        wanted = ("balance", "amount", "credit", "debit") if self.kind != "booking" else ("debit", "credit", "amount")
        found = [self.amounts[kind] for kind in wanted if kind in self.amounts]
        return next((figure for figure in found if figure.size), next(iter(found), None))


class Rows:
    """Collects the rows of all pages in reading order. Without `columns` the heads that are printed hold."""

    def __init__(self, spaced: bool, day_first: bool, columns: Sequence[Column] = ()) -> None:
        self.spaced, self.day_first = spaced, day_first
        self.columns = list(columns)
        self.fixed = bool(columns)
        self.found: list[Row] = []
        self.section = 0
        self.skipping = False  # within a list of daily balances
        self.last: Line | None = None  # of the booking that may go on
        self.waiting: Row | None = None  # dated, its amount further down
        self.heading: Line | None = None  # the last row of heads

    def read(self, pages: Sequence[Page]) -> list[Row]:
        """All bookings and balances of the pages."""
        for page in pages:
            self._stop()
            skip = -1
            for line in page.lines:
                if line.index == skip:
                    continue
                under = page.lines[line.index + 1] if line.index + 1 < len(page.lines) else None
                if under is not None and (pair := _summary(line, under, self.spaced)):
                    self.found.extend(pair)
                    skip = under.index
                    continue
                if self._head(line, under):
                    skip = line.index + 1 if under is not None and _second_half(line, under) else -1
                    continue
                self._line(line)
        return self.found

    def _head(self, line: Line, under: Line | None) -> bool:
        if next(figures_of(line, self.spaced), None) is not None:
            return False
        columns = columns_of(line, under)
        if not columns:
            return False
        daily = {column.kind for column in columns} <= {"date", "balance"}
        self.skipping = starts_with(line.text, "daily") or daily
        if not self.fixed:
            self.columns = columns
        self._stop()
        self.heading = under if under is not None and _second_half(line, under) else line
        return True

    def _line(self, line: Line) -> None:
        days, rest = self.dates_of(line)
        figures = [figure for figure in figures_of(line, self.spaced) if figure.start >= rest]
        words = _LEADING.sub("", line.text[rest:], count=1) if rest else line.text
        if not days and self._is_section(line, words, figures):
            return
        if self.skipping:
            return
        amounts = sorted_in(figures, self.columns)
        if not days and (both := _beside(line, figures)):
            self._stop()
            self.found.extend(both)
        elif figures and (kind := _balance_kind(words, self._after_bookings)):
            self._balance(kind, line, days, figures, amounts)
        elif figures and not days and starts_with(words, "totals"):
            self._stop()
            self.found.append(Row("total", line, None, words, amounts))
        elif days and amounts:
            self._told_more()
            self._booking(line, days, rest, figures, amounts)
        elif days and self._text(line, rest, figures, {}):
            self._told_more()
            self.waiting = Row("booking", line, days[0], self._text(line, rest, figures, {}), {}, self.section)
            self.last = line
        elif not days and set(amounts) & {"debit", "credit", "amount"} and (self._goes_on(line) or self._tops(line)):
            self._undated(line, figures, amounts)
        elif not days and not figures and self._goes_on(line) and self._under_description(line):
            self._more(line)

    @property
    def _after_bookings(self) -> bool:
        return any(row.kind == "booking" for row in self.found)

    def dates_of(self, line: Line) -> tuple[list[Day], int]:
        """The dates a line begins with (booked, valued), and where the rest of it starts."""
        for cell in self._date_cells(line):
            days: list[Day] = []
            place = cell.start
            while len(days) < 2 and (day := day_at(line.text, place, self.day_first)) is not None:
                days.append(day)
                place = day.end
                while place < len(line.text) and line.text[place] in " |,;":
                    place += 1
            if days:
                return days, days[-1].end
        return [], 0

    def _date_cells(self, line: Line) -> Iterator[Cell]:
        yield line.cells[0]
        for head in self.columns:
            if head.kind == "date":
                yield from (
                    cell for cell in line.cells[1:3] if cell.box[0] < head.box[2] + 3 and head.box[0] - 3 < cell.box[2]
                )

    def _is_section(self, line: Line, words: str, figures: Sequence[Figure]) -> bool:
        if starts_with(words, "daily") and not figures:
            self.skipping = True
            return True
        if figures or len(words.split()) > 8:
            return False
        cell = line.cells[0].text if len(line.cells) == 1 else ""
        letters = squeeze(re.sub(r"\(?(?:continued|cont'?d?|fortsetzung|suite)\W*$", "", cell, flags=re.IGNORECASE))
        for listed, sign in _SECTIONS:
            if letters and letters in phrases(listed):
                self.section, self.skipping = sign, False
                self._stop()
                return True
        return False

    def _balance(
        self, kind: Kind, line: Line, days: Sequence[Day], figures: Sequence[Figure], amounts: dict[str, Figure]
    ) -> None:
        self._stop()
        chosen = amounts if amounts else {"balance": figures[-1]}
        words = line.text[: figures[0].start].strip()
        listed = bool(self.columns) and "amount" in amounts and "balance" not in amounts
        day = days[0] if days else None
        self.found.append(Row(kind, line, day, words.replace("  ", " "), chosen, listed=listed))

    def _booking(
        self, line: Line, days: Sequence[Day], rest: int, figures: Sequence[Figure], amounts: dict[str, Figure]
    ) -> None:
        text = " ".join(filter(None, (line.text[: days[0].start].strip(), self._text(line, rest, figures, amounts))))
        day = None if self._valued_only(line, days[0]) else days[0]
        kind: Kind = "booking" if set(amounts) & {"debit", "credit", "amount"} else "balance"
        hint = _word_sign(line, amounts) or self.section
        self.found.append(Row(kind, line, day, text, amounts, hint))
        self.last, self.waiting = line, None

    def _valued_only(self, line: Line, day: Day) -> bool:
        """Whether a date stands under the second head of dates alone: the day of booking is that of the row above."""
        heads = [column for column in self.columns if column.kind == "date"]
        if len(heads) != 2 or not self._after_bookings:
            return False
        left, right = (abs(head.box[0] - line.box_of(day.start, day.end)[0]) for head in heads)
        return right < left

    def _undated(self, line: Line, figures: Sequence[Figure], amounts: dict[str, Figure]) -> None:
        text = self._text(line, 0, figures, amounts)
        hint = _word_sign(line, amounts) or self.section
        if self.waiting is not None:
            waiting, self.waiting = self.waiting, None
            more = " ".join(filter(None, (waiting.description, text)))
            self.found.append(Row("booking", waiting.line, waiting.day, more, amounts, hint, more=[]))
        else:
            self.found.append(Row("booking", line, None, text, amounts, hint, undated=True))
        self.last = line

    def _stop(self) -> None:
        self._told_more()
        self.last = None

    def _told_more(self) -> None:
        """What waited for an amount and got none was a second line of the booking above it, with its other date."""
        above = self.found[-1] if self.found else None
        if self.waiting is not None and above is not None and above.kind == "booking" and self._near(above):
            above.more += [self.waiting.line, *self.waiting.more]
            above.texts.append(self.waiting.description)
        self.waiting = None

    def _near(self, above: Row) -> bool:
        assert self.waiting is not None
        line, last = self.waiting.line, (above.more or [above.line])[-1]
        return line.page == last.page and line.box[1] - last.box[3] < _NEAR * line.height

    def _more(self, line: Line) -> None:
        row = self.waiting or self.found[-1]
        row.more.append(line)
        row.texts.append(line.text.replace("  ", " "))
        self.last = line

    def _goes_on(self, line: Line) -> bool:
        return (
            self.last is not None
            and line.page == self.last.page
            and line.box[1] - self.last.box[3] < _NEAR * max(line.height, self.last.height)
            and (self.waiting is not None or bool(self.found))
        )

    def _tops(self, line: Line) -> bool:
        """Whether a line is the first under the heads of a page, where bookings of the page before may go on."""
        head = self.heading
        if head is None or not self._after_bookings or head.page != line.page or self.found[-1].kind != "booking":
            return False
        return self.found[-1].line.page < line.page and 0 <= line.box[1] - head.box[3] < _NEAR * line.height

    def _under_description(self, line: Line) -> bool:
        """Whether a line starts where descriptions do: right of the date, left of the amounts."""
        row = self.waiting or self.found[-1]
        day = row.day.end if row.day is not None else 0
        left = row.line.box_of(0, max(day, 1))[2] if row.day is not None else row.line.box[0] - 5
        first = min((figure.box[0] for figure in row.amounts.values()), default=line.box[2] + 1)
        return left - 2 <= line.box[0] < first and line.box[0] < line.box[2] <= max(first, line.box[2] * 0.9) + 20

    def _text(self, line: Line, rest: int, figures: Sequence[Figure], amounts: dict[str, Figure]) -> str:
        """The words of a row that are neither date nor amount."""
        used = list(amounts.values()) or list(figures)
        parts: list[str] = []
        place = rest
        for figure in sorted(used, key=lambda one: one.start):
            parts.append(line.text[place : figure.start])
            place = figure.end
        parts.append(line.text[place:])
        cells = [cell.strip() for part in parts for cell in part.split("  ")]
        return " ".join(cell for cell in cells if cell and squeeze(cell) not in _SIGNS and cell not in "+-|")


def _word_sign(line: Line, amounts: dict[str, Figure]) -> int:
    """The sign that a cell of its own tells: `Af`, `Bij`, `S`, `H`, `DR`."""
    if "amount" not in amounts:
        return 0
    signs = {_SIGNS[letters] for cell in line.cells if (letters := squeeze(cell.text)) in _SIGNS}
    return signs.pop() if len(signs) == 1 else 0


def _balance_kind(words: str, after: bool) -> Kind | None:
    opening, closing = starts_with(words, "opening"), starts_with(words, "closing")
    if opening and closing:
        return "closing" if after else "opening"
    return "opening" if opening else "closing" if closing else None


def _summary(line: Line, under: Line, spaced: bool) -> list[Row]:
    """Balances whose labels stand side by side over their amounts."""
    if next(figures_of(line, spaced), None) is not None or len(line.cells) < 2:
        return []
    figures = list(figures_of(under, spaced))
    found: list[Row] = []
    for cell in line.cells:
        kind = _balance_kind(cell.text, after=False)
        if kind is None:
            continue
        column = Column("balance", cell.box)
        nearest = min(figures, key=lambda figure: column.distance(figure.box), default=None)
        if nearest is not None and column.distance(nearest.box) < 30:
            found.append(Row(kind, under, None, cell.text, {"balance": nearest}))
    return found if {"opening", "closing"} <= {row.kind for row in found} else []


def _beside(line: Line, figures: Sequence[Figure]) -> list[Row]:
    """Opening and closing balance side by side, each behind its label."""
    kinds = [(cell, _balance_kind(cell.text, after=False)) for cell in line.cells]
    labels = [(cell, kind) for cell, kind in kinds if kind is not None]
    if {kind for _, kind in labels} != {"opening", "closing"}:
        return []
    found = []
    for place, (cell, kind) in enumerate(labels):
        end = labels[place + 1][0].start if place + 1 < len(labels) else len(line.text)
        figure = next((one for one in figures if cell.start <= one.start < end), None)
        if figure is not None:
            found.append(Row(kind, line, None, cell.text, {"balance": figure}))
    return found


def _second_half(line: Line, under: Line) -> bool:
    """Whether the heads of `line` took the line under it too."""
    return not columns_of(line) and bool(columns_of(line, under))
