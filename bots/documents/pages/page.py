"""A page as words with boxes, in one shape whatever they were read with, and its lines and cells."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from bots.documents.document import Box, Source

# A wider gap than this, in heights of the text, is the space between two columns and not between two words.
CELL_GAP = 0.95
STEEP = 0.02  # a slope of the lines from which on they are followed
AGREEING = 12  # neighbouring words at least, to tell a slope from chance


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `confidence` is 0..1: 1 for a text layer, the engine's own for OCR; `other`: what else it may be."""

    text: str
    box: Box
    confidence: float = 1.0
    other: str = ""

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True, slots=True)
class Code:
    """A bar code or QR code: its kind (`qr`, `code128`, `ean13`), what it says, and where it stands."""

    kind: str
    text: str
    box: Box


@dataclass(frozen=True)
class Cell:
    """A run of words of one line with no column gap in between; `start` and `end` are places in the line's text."""

    text: str
    start: int
    end: int
    box: Box


@dataclass(frozen=True)
class Line:
    """The words on one baseline. In `text` a single space parts words and two spaces part cells."""

    page: int
    index: int
    words: tuple[Word, ...]
    text: str
    offsets: tuple[int, ...]
    cells: tuple[Cell, ...]
    box: Box

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    def box_of(self, start: int, end: int) -> Box:
        """The box around a span of the text, cutting words in proportion to their letters."""
        first = max(bisect.bisect_right(self.offsets, start) - 1, 0)
        last = max(bisect.bisect_left(self.offsets, end) - 1, first)
        words = self.words[first : last + 1]
        x0 = _along(words[0], start - self.offsets[first])
        x1 = _along(words[-1], end - self.offsets[last])
        return (x0, min(word.box[1] for word in words), max(x1, x0), max(word.box[3] for word in words))

    def confidence_of(self, start: int, end: int) -> float:
        """The least confidence of the words a span touches."""
        first = max(bisect.bisect_right(self.offsets, start) - 1, 0)
        last = max(bisect.bisect_left(self.offsets, end) - 1, first)
        return min(word.confidence for word in self.words[first : last + 1])

    def cell_at(self, place: int) -> Cell:
        """The cell that holds a place of the text."""
        return next((cell for cell in self.cells if cell.start <= place < cell.end), self.cells[-1])


@dataclass
class Page:
    """One page: its size in points, its words, and its lines from top to bottom. `number` counts from 1.

    `turned` is the angle in radians, counter-clockwise, by which a scan was turned before it was read.
    """

    number: int
    width: float
    height: float
    words: list[Word]
    source: Source = "text"
    lines: list[Line] = field(default_factory=list)
    turned: float = 0.0
    unread: bool = False  # OCR gave up on it
    codes: list[Code] = field(default_factory=list)
    unseen: str = ""  # words of its text layer that leave no ink on it, and so are not among its words
    quarters: int = 0  # quarter turns, counter-clockwise, that brought it upright before all that
    rulings: tuple[Box, ...] = ()  # ruled lines and edges of boxes, each a horizontal or vertical line

    def __post_init__(self) -> None:
        if not self.lines:
            self.lines = lines_of(self.number, self.words)

    @property
    def confidence(self) -> float:
        """How well the words were read on the whole: the mean of their confidence, weighted by length."""
        letters = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / letters if letters else 0.0

    @property
    def paper(self) -> tuple[float, float]:
        """Width and height of the page that was scanned."""
        return (self.height, self.width) if self.quarters % 2 else (self.width, self.height)

    def on_paper(self, box: Box) -> Box:
        """A box of the straightened page as it lies on the page that was scanned."""
        x0, y0, x1, y1 = self._leaned(box) if self.turned else box
        width, height = self.width, self.height
        for _ in range(self.quarters):
            # One turn clockwise takes the page back: its left edge was the bottom.
            x0, y0, x1, y1 = height - y1, x0, height - y0, x1
            width, height = height, width
        return (x0, y0, x1, y1)

    def _leaned(self, box: Box) -> Box:
        sine, cosine = math.sin(self.turned), math.cos(self.turned)
        dx, dy = (box[0] + box[2] - self.width) / 2, (box[1] + box[3] - self.height) / 2
        x, y = cosine * dx - sine * dy + self.width / 2, sine * dx + cosine * dy + self.height / 2
        half_width, half_height = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
        half_height += abs(sine) * half_width * 0.6
        return (x - half_width, y - half_height, x + half_width, y + half_height)


def union(boxes: Iterable[Box]) -> Box:
    """The box around all boxes."""
    edges = list(zip(*boxes, strict=True))
    return (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))


def lines_of(page: int, words: Iterable[Word]) -> list[Line]:
    """Words grouped to lines, top to bottom, each line from left to right."""
    listed = list(words)
    slope = _slope(listed)
    rows: list[list[Word]] = []
    for word in sorted(listed, key=lambda word: _level(word, slope)):
        row = _row_for(word, rows, slope)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    rows.sort(key=lambda row: sum(_level(word, slope) for word in row) / len(row))
    return [_line(page, index, sorted(row, key=lambda word: word.box[0])) for index, row in enumerate(rows)]


def _slope(words: list[Word]) -> float:
    """By how much lines of print still fall on their way to the right, where most neighbouring words agree on it."""
    slopes = sorted(
        (after.middle - word.middle) / (after.box[0] - word.box[0])
        for word, after in itertools.pairwise(words)
        if 0 < after.box[0] - word.box[2] < 1.5 * word.height and abs(after.middle - word.middle) < 0.6 * word.height
    )
    if len(slopes) < AGREEING:
        return 0.0
    usual = slopes[len(slopes) // 2]
    agree = sum(abs(slope - usual) < 0.5 * abs(usual) for slope in slopes)
    return usual if abs(usual) >= STEEP and agree > 0.6 * len(slopes) else 0.0


def _level(word: Word, slope: float) -> float:
    """The height a word would stand at on a straight page."""
    return word.middle - slope * (word.box[0] + word.box[2]) / 2


def _row_for(word: Word, rows: list[list[Word]], slope: float) -> list[Word] | None:
    for row in reversed(rows[-4:]):
        middle = sum(_level(other, slope) for other in row) / len(row)
        height = min(word.height, *(other.height for other in row))
        apart = abs(_level(word, slope) - middle)
        overprint = any(_overlaps(word.box, other.box) for other in row)
        if apart < 0.45 * height and not overprint:
            return row
    return None


def _overlaps(one: Box, other: Box) -> bool:
    """Whether two boxes lie over each other sideways by more than the sloppiness of an engine's boxes."""
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0.5 * min(one[2] - one[0], other[2] - other[0])


def _line(page: int, index: int, words: list[Word]) -> Line:
    text, offsets, cells = "", [], []
    start = 0
    height = sorted(word.height for word in words)[len(words) // 2]
    for position, word in enumerate(words):
        if position:
            if word.box[0] - words[position - 1].box[2] > CELL_GAP * height:
                cells.append((start, len(text)))
                text += "  "
                start = len(text)
            else:
                text += " "
        offsets.append(len(text))
        text += word.text
    cells.append((start, len(text)))
    line = Line(page, index, tuple(words), text, tuple(offsets), (), union(word.box for word in words))
    made = tuple(Cell(text[a:b], a, b, line.box_of(a, b)) for a, b in cells)
    return Line(page, index, line.words, text, line.offsets, made, line.box)


def _along(word: Word, letters: int) -> float:
    share = min(max(letters / max(len(word.text), 1), 0.0), 1.0)
    return word.box[0] + (word.box[2] - word.box[0]) * share
