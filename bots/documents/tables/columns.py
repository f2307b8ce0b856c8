"""Columns without lines: what stands apart in a line of print, and where many lines leave the same space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bots.documents.document import Box
from bots.documents.pages.page import CELL_GAP, Line, Word, union
from bots.documents.tables.cells import is_data

FIGURE_GAP = 0.4  # heights of print between two figures that are two entries and not one number with a blank in it
LEADER = "._-·…"  # a run of these leads the eye from a label to its value


@dataclass(frozen=True)
class Chunk:
    """Words of one line that belong together."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with a blank in between."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The box around the words."""
        return union(word.box for word in self.words)

    @property
    def data(self) -> bool:
        """Whether it is an entry: a figure, a date, a sign for nothing."""
        return is_data(self.text)


@dataclass(frozen=True)
class Row:
    """A line of print in its chunks, from left to right."""

    line: Line
    chunks: tuple[Chunk, ...]

    @property
    def box(self) -> Box:
        """The line's box."""
        return self.line.box

    @property
    def height(self) -> float:
        """The usual height of its words."""
        heights = sorted(word.height for word in self.line.words)
        return heights[len(heights) // 2]

    @property
    def entries(self) -> int:
        """How many of its chunks are entries."""
        return sum(1 for chunk in self.chunks if chunk.data)


def row_of(line: Line) -> Row:
    """A line cut to chunks: at wide gaps, at narrower ones between figures, and at leaders."""
    words = [word for word in line.words if not _leader(word.text)]
    height = sorted(word.height for word in line.words)[len(line.words) // 2]
    chunks: list[list[Word]] = []
    for index, word in enumerate(words):
        gap = word.box[0] - words[index - 1].box[2] if index else 0.0
        figures = index and _figure(word.text) and _figure(words[index - 1].text)
        if index and gap <= CELL_GAP * height and not (figures and gap > FIGURE_GAP * height):
            chunks[-1].append(word)
        else:
            chunks.append([word])
    return Row(line, tuple(Chunk(tuple(chunk)) for chunk in chunks))


def _figure(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and is_data(text)


def _leader(text: str) -> bool:
    return len(text) > 3 and all(letter in LEADER for letter in text)


def separators(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """The spaces between the columns of these rows: those that (nearly) all of them leave, and most of them widely."""
    allowed = int(0.06 * len(rows))
    least = 0.5 if len(rows) > 4 else 0.6 * max((row.height for row in rows), default=0.0)
    events: list[tuple[float, int]] = []
    for row in rows:
        for start, end in _inked(row):
            events += [(start, 1), (end, -1)]
    events.sort()
    found: list[tuple[float, float]] = []
    depth, opened = 0, None
    for at, step in events:
        before = depth
        depth += step
        if before > allowed >= depth:
            opened = at
        elif before <= allowed < depth and opened is not None:
            if at - opened > least and _wide(rows, opened, at):
                found.append((opened, at))
            opened = None
    return _without_labels(rows, found)


def _without_labels(rows: Sequence[Row], found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The spaces without those that only the ends of a few long labels part from the next one."""
    kept: list[tuple[float, float]] = []
    for index, space in enumerate(found):
        end = found[index + 1][0] if index + 1 < len(found) else 1e9
        held = [chunk for row in rows for chunk in row.chunks if space[1] - 1 <= chunk.box[0] < end]
        if kept or len(held) > 0.1 * len(rows) or any(chunk.data for chunk in held):
            kept.append(space)
    return kept


def _inked(row: Row) -> list[tuple[float, float]]:
    """The stretches of a line that are printed; the blanks between words of a chunk belong to none."""
    return [(word.box[0], word.box[2]) for chunk in row.chunks for word in chunk.words]


def _wide(rows: Sequence[Row], start: float, end: float) -> bool:
    """Whether the lines with print on both sides of a space mostly end a chunk there."""
    both = apart = 0
    middle = (start + end) / 2
    for row in rows:
        left = any(chunk.box[0] < middle for chunk in row.chunks)
        right = any(chunk.box[2] > middle for chunk in row.chunks)
        if left and right:
            both += 1
            apart += not any(chunk.box[0] < middle < chunk.box[2] for chunk in row.chunks)
    return both > 0 and apart >= 0.5 * both


def cuts_in(spaces: Sequence[tuple[float, float]], heads: Sequence[Row]) -> list[float]:
    """A place in every space between columns that the least print of the heads crosses; else its middle."""
    words = [word.box for row in heads for chunk in row.chunks for word in chunk.words]
    cuts = []
    for start, end in spaces:
        middle = (start + end) / 2
        edges = [edge for box in words for edge in (box[0] - 0.5, box[2] + 0.5) if start <= edge <= end]
        places = [middle, start + 0.3, end - 0.3, *edges]
        cuts.append(min(places, key=lambda at: (sum(box[0] < at < box[2] for box in words), abs(at - middle))))
    return cuts
