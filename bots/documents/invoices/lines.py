"""Line items: the rows under the heads of a table, ruled or not, over several pages, with descriptions that wrap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from bots.documents.document import LineItem
from bots.documents.invoices.candidates import Evidence
from bots.documents.invoices.line_heads import Column, columns_of, worth
from bots.documents.invoices.line_rows import Row, item, numbers_of, part_of, proven_row, row_of, wraps
from bots.documents.pages.page import Line, Page
from bots.documents.words.amounts import CODES
from bots.documents.words.lexicon import squeeze, words

CENT = Decimal("0.01")
_TOTALS = frozenset({"total", "net_total", "tax_total"})


@dataclass
class _Reading:
    """The table as far as it was read."""

    evidence: Evidence
    rows: list[Row] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    head: Line | None = None  # the last line of heads
    partial: tuple[Line, dict[str, Decimal]] | None = None  # numbers of a row whose amount stands on another line
    ended: int = 0  # the page on which a total closed the table
    sums: Decimal = Decimal(0)  # of the rows so far
    texts: list[Line] = field(default_factory=list)  # the lines that rows took up after their own
    trail: int = 0  # how many of them the last row did
    loose: list[Line] = field(default_factory=list)  # lines of text that stand before the row they belong to
    leading: bool = False  # descriptions begin over the line with the numbers


def line_items(evidence: Evidence) -> list[LineItem]:
    """The rows of the document's item table, top to bottom; empty where no table is recognised.

    Where no heads are known, rows that prove themselves (quantity times price is the amount) are taken.
    """
    reading = _Reading(evidence)
    for page in evidence.pages:
        _read_page(reading, page)
    rows = reading.rows or list(_proven(evidence))
    return [item(row) for row in rows]


def _read_page(reading: _Reading, page: Page) -> None:
    last: Line | None = None
    reading.loose = []
    for line in page.lines:
        heads = columns_of(line, page.lines)
        if heads:
            if _goes_on(reading, heads, page):
                same = last is not None and last is reading.head and line.box[1] - last.box[3] < 2 * line.height
                if not same or worth(heads) > worth(reading.columns):
                    reading.columns = heads
                reading.ended, reading.head, last, reading.loose = 0, line, line, []
            continue
        if not reading.columns:
            continue
        if reading.ended and not _reopens(reading, line):
            continue
        if reading.rows and not reading.ended and _closes(reading, line):
            reading.ended = page.number
            _flush(reading)
            continue
        last = _take(reading, page, line, last)
    _flush(reading)


def _goes_on(reading: _Reading, heads: Sequence[Column], page: Page) -> bool:
    """Whether heads begin the table, or go on with it: after a total only the same heads on a later page do."""
    if not reading.rows or not reading.ended:
        return True
    before = {column.role for column in reading.columns}
    return reading.ended < page.number and {column.role for column in heads} == before


def _reopens(reading: _Reading, line: Line) -> bool:
    """After a total, only a row that proves itself under the same heads is one: the total was of a part."""
    row = row_of(line, reading.columns, reading.evidence)
    if row is None or not row.proven or row.quantity in (None, Decimal(1)) or reading.ended != line.page:
        return False
    if _labelled(line, reading.evidence):
        return False
    reading.ended = 0
    return True


def _take(reading: _Reading, page: Page, line: Line, last: Line | None) -> Line | None:
    """Take a line up as a row, as more of a description, or not at all; gives the last line of the table."""
    row = row_of(line, reading.columns, reading.evidence)
    if row is not None:
        _complete(reading, row)
        _give_back(reading, row, line)
    if row is not None and _is_sum(reading, row, line):
        _flush(reading)
        return line
    if row is not None:
        if not reading.rows or reading.rows[-1].line.page != page.number:
            reading.leading = reading.leading or (bool(reading.loose) and not row.words)
        mine = _split(reading, line)
        row.words[:0] = [text for text, _ in mine]
        row.boxes += [other.box for _, other in mine]
        reading.rows.append(row)
        reading.trail = 0
        reading.sums += row.net
        reading.loose = []
        return line
    above = last if last is not None and last.page == line.page else None
    part = part_of(line, reading.columns, reading.evidence)
    if len(part) > 1:
        # The amount stands on a line of its own, a little higher or lower than the rest of its row.
        before = reading.rows[-1] if reading.rows else None
        if before is not None and before.bare and _beside(before.line, line):
            before.fill(part)
        else:
            reading.partial = (line, part)
            reading.loose.append(line)
            return line
    if above is None or not wraps(line, above, reading.columns, 1.8 if above is reading.head else 0.9):
        return last
    reading.loose.append(line)
    if reading.rows and not reading.leading and reading.rows[-1].line.page == page.number:
        if reading.rows[-1].extend(line, reading.columns):
            reading.texts.append(line)
            reading.trail += 1
        reading.loose = []
    return line


def _give_back(reading: _Reading, row: Row, line: Line) -> None:
    """An amount without words, right under texts that the row before took up: they are around it, set in the middle."""
    above = [other for other in reading.texts if other.page == line.page][-reading.trail :] if reading.trail else []
    if row.words or reading.loose or not above or line.box[1] - above[-1].box[3] > 0.4 * line.height:
        return
    before = reading.rows[-1]
    del before.words[-len(above) :], before.boxes[-len(above) :]
    reading.loose, reading.leading, reading.trail = above, True, 0


def _flush(reading: _Reading) -> None:
    """What is left over when no further row comes is more of the last one."""
    for other in reading.loose:
        if reading.rows and reading.rows[-1].line.page == other.page:
            reading.rows[-1].extend(other, reading.columns)
    reading.loose = []


def _complete(reading: _Reading, row: Row) -> None:
    """Give a row with nothing but its amount the numbers that were printed a little over it."""
    if reading.partial is not None and row.bare and _beside(reading.partial[0], row.line):
        row.fill(reading.partial[1])
        reading.leading = reading.leading or not row.words
    reading.partial = None


def _beside(one: Line, other: Line) -> bool:
    """Whether two lines stand so near that they may be one row of cells set at different heights."""
    return one.page == other.page and abs(one.box[1] - other.box[1]) < 2.2 * min(one.height, other.height)


def _split(reading: _Reading, line: Line) -> list[tuple[str, Line]]:
    """Which of the lines since the last row belong to the row that begins now; the others end the one before."""
    loose = reading.loose
    if not loose:
        return []
    if not reading.rows or reading.rows[-1].line.page != line.page:
        texts = [(reading_text, other) for other in loose if (reading_text := _text(other, reading))]
        return texts if reading.leading or len(loose) == 1 else []
    chain = [reading.rows[-1].line, *loose, line]
    gaps = [after.box[1] - before.box[1] for before, after in pairwise(chain)]
    widest = max(range(len(gaps)), key=lambda index: gaps[index])
    cut = widest if gaps[widest] > 1.12 * sorted(gaps)[len(gaps) // 2] else 0
    for other in loose[:cut]:
        reading.rows[-1].extend(other, reading.columns)
    return [(text, other) for other in loose[cut:] if (text := _text(other, reading))]


def _text(line: Line, reading: _Reading) -> str:
    probe = Row(line, {})
    probe.extend(line, reading.columns)
    return " ".join(probe.words)


def _is_sum(reading: _Reading, row: Row, line: Line) -> bool:
    """Whether a row with an amount is no item: a sum of the rows before it, one carried over, a charge on all."""
    bare = row.bare
    counted = {column.role for column in reading.columns} & {"quantity", "unit_price"}
    if not bare and row.proven:
        return False
    if _begins_with(line, _carried()) and (bare or not row.proven):
        return True
    if not counted and not reading.loose and not _says(row):
        return True  # a table of taxes has heads like one of services, and no words in its rows
    if not row.proven and counted and not reading.loose and not _says(row):
        # Amounts that do not say what they are for, and the last of them is what the others add up to.
        return (bare and (not reading.rows or _says(reading.rows[-1]))) or _adds_up(line, row, reading.evidence)
    labels = _labelled(line, reading.evidence)
    if counted and "other.adjustment" in (
        labels if row.price is None else _labelled(line, reading.evidence, first=True)
    ):
        return True
    if bare and counted:
        return bool(labels & _TOTALS) or (bool(reading.rows) and abs(row.net - reading.sums) < CENT)
    return bool(len(reading.rows) > 1 and bare and abs(row.net - reading.sums) < CENT)


def _adds_up(line: Line, row: Row, evidence: Evidence) -> bool:
    """Whether a line is a row of totals: its amount is the sum of the other amounts on it."""
    others = [number.value for number in numbers_of(line, evidence) if number.amount.money and number.value != row.net]
    return len(others) > 1 and abs(sum(others) - row.net) < CENT


def _says(row: Row) -> bool:
    """Whether a row has words of its own, besides currencies."""
    words_only = re.sub(r"\b(?:" + "|".join(CODES) + r")\b", "", " ".join(row.words))
    return sum(letter.isalpha() for letter in words_only) >= 3


@lru_cache(maxsize=1)
def _carried() -> frozenset[str]:
    return frozenset(squeeze(text) for text in words()["carried"].split(";"))


def _begins_with(line: Line, listed: Iterable[str]) -> bool:
    letters = squeeze(re.split(r"\s{2,}|:", line.text)[0])
    return any(letters.startswith(one) for one in listed) if letters else False


def _labelled(line: Line, evidence: Evidence, *, first: bool = False) -> set[str]:
    """What the labels at the beginning of a line's cells speak of; with `first`, of its first cell alone."""
    return {
        meaning.field
        for label in evidence.marks.of(line).labels
        if label.start - (0 if first else line.cell_at(label.start).start) <= 12
        for meaning in label.meanings
        if meaning.strength > 0.55
    }


def _closes(reading: _Reading, line: Line) -> bool:
    """Whether the table ends here: a total with its amount, and nothing in the columns of quantity and price."""
    labels = [
        (label, max(meaning.strength for meaning in label.meanings if meaning.field in _TOTALS))
        for label in reading.evidence.marks.of(line).labels
        if any(meaning.field in _TOTALS for meaning in label.meanings)
    ]
    if not labels or _begins_with(line, _carried()):
        return False
    numbers = numbers_of(line, reading.evidence)
    if not any(number.amount.money for number in numbers):
        return len(labels) >= 2 and all(
            number.amount.percent for number in numbers
        )  # the head of a table of taxes or totals
    row = row_of(line, reading.columns, reading.evidence)
    if row is not None and row.quantity is not None and row.price is not None:
        return False
    label, strength = labels[0]
    inside = label.start - line.cell_at(label.start).start
    return label.start <= 2 or (strength > 0.8 and inside <= 12 and label.start < 0.6 * len(line.text))


def _proven(evidence: Evidence) -> Iterable[Row]:
    """Rows that need no heads: on each a quantity times a price gives the amount at its end."""
    for page in evidence.pages:
        for line in page.lines:
            if _labelled(line, evidence) & {"other.adjustment", "other.amount", *_TOTALS}:
                continue
            row = proven_row(line, evidence)
            if row is not None:
                yield row
