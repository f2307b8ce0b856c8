"""A table under way: texts with their places, and the finished Table without rows and columns that hold nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bots.documents.document import Box, Table, TableCell
from bots.documents.pages.page import Word, lines_of, union

_DATA = re.compile(
    r"[(<>≤≥~±+\-−–—*†‡]{0,2}\s?(?:[€$£¥%]|[A-Z]{3}|RM)?\s?[-−–+(]?\d[\d.,'’/:\u00a0 ()−–-]*"
    r"(?:[€$£¥%*†‡]|[A-Z]{2,3}|[a-z]{1,3})?[)*]?"
    r"|[-−–—*†‡.…]{1,3}|n/?a\.?|nil|x|ref\.?|yes|no|ja|nein|oui|non",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell with text, by the first and last row and column it covers."""

    words: tuple[Word, ...]
    top: int
    bottom: int
    left: int
    right: int
    box: Box

    @property
    def text(self) -> str:
        """The words in reading order."""
        return text_of(self.words)


def text_of(words: Sequence[Word]) -> str:
    """Words as text, their lines joined with a blank."""
    if len(words) == 1:
        return words[0].text
    heights = [word.height for word in words]
    if max(word.middle for word in words) - min(word.middle for word in words) < 0.3 * min(heights):
        return " ".join(word.text for word in sorted(words, key=lambda word: word.box[0]))
    return " ".join(word.text for line in lines_of(0, words) for word in line.words)


def is_data(text: str) -> bool:
    """Whether a text is a number, a date, a sign for nothing or another short entry, as tables hold them."""
    return bool(_DATA.fullmatch(text.strip()))


def table_of(page: int, pieces: Iterable[Piece], heads: int = 0) -> Table:
    """The table that these cells make; rows and columns without text are left out."""
    kept = [piece for piece in pieces if piece.words]
    rows = _places({piece.top for piece in kept})
    columns = _places({piece.left for piece in kept})
    cells = []
    for piece in kept:
        top, left = rows[piece.top], columns[piece.left]
        down = sum(1 for row in rows if piece.top <= row <= piece.bottom)
        across = sum(1 for column in columns if piece.left <= column <= piece.right)
        cells.append(TableCell(top, left, piece.text, piece.box, max(down, 1), max(across, 1)))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    texts = [["" for _ in columns] for _ in rows]
    for cell in cells:
        texts[cell.row][cell.column] = cell.text
    return Table(
        page=page,
        rows=tuple(tuple(row) for row in texts),
        box=union(cell.box for cell in cells),
        cells=tuple(cells),
        heads=sum(1 for row in rows if row < heads),
    )


def _places(used: set[int]) -> dict[int, int]:
    """The rows or columns in which some cell starts, numbered anew."""
    return {old: new for new, old in enumerate(sorted(used))}


def names_values(table: Table) -> bool:
    """Whether these are names with their values and no table: `Number:  4711`, or a sum under a sum with no heads."""
    named = sum(1 for cell in table.cells if cell.text.endswith(":"))
    if named >= 0.25 * len(table.cells):
        return True
    if len(table.rows[0]) > 2:
        return False
    first = next((row for row in table.rows if all(row)), ())
    return not first or is_data(first[1])


def heads_of(table: Table) -> int:
    """How many rows at the top of a grid are heads: those before the first with an entry beside its first column,
    and those that a head of the first row reaches down to."""
    reach = max((cell.row_span for cell in table.cells if cell.row == 0), default=1)
    for index, row in enumerate(table.rows[:5]):
        if index >= reach and any(is_data(text) for text in row[1:] if text):
            return index
    return 0 if any(is_data(text) for text in table.rows[0][1:] if text) else reach
