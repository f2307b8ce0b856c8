"""Tables without a grid: lines of print whose entries stand in columns, with the heads above them."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bots.documents.document import Box, Table
from bots.documents.pages.page import Line, union
from bots.documents.tables.cells import Piece, names_values, table_of
from bots.documents.tables.columns import Chunk, Row, cuts_in, row_of, separators

NEAR = 2.2  # heights of print between two rows of one table
LABELS = 6  # lines without entries that may stand between two rows with some: heads of groups, wrapped texts
LONG = 14  # words of a chunk: more is prose
FEWEST = 3  # rows with entries that make a table


@dataclass
class _Block:
    """Rows that follow each other, `body` of them with entries; `flat` are the ruled lines around them (y, x0, x1)."""

    rows: list[Row]
    flat: Sequence[tuple[float, float, float]] = ()
    cuts: list[float] = field(default_factory=list)

    @property
    def body(self) -> list[Row]:
        return [row for row in self.rows if _is_body(row)]

    @property
    def box(self) -> Box:
        return union(row.box for row in self.rows)


def text_tables(number: int, lines: Sequence[Line], rulings: Sequence[Box]) -> list[Table]:
    """The tables among these lines of a page, top to bottom."""
    flat = [(box[1], box[0], box[2]) for box in rulings if box[1] == box[3]]
    rows = [row for row in (row_of(line) for line in lines) if row.chunks]
    found: list[Table] = []
    used = 0
    for start, end in _blocks(rows):
        first, last = _trimmed(rows, start, end)
        block = _Block(rows[first:last], flat)
        if not block.rows:
            continue
        spaces = separators(block.body)
        block.cuts = cuts_in(spaces, ())
        heads = _heads(block, rows[used:first])
        block.cuts = cuts_in(spaces, heads)
        if not _is_table(block, heads):
            continue
        pieces = [*_head_pieces(heads, block), *_body_pieces(block, len(heads))]
        table = table_of(number, pieces, len(heads))
        if not names_values(table):
            found.append(table)
            used = last
    return found


def _is_body(row: Row) -> bool:
    """Whether a line holds entries in columns: figures beside something else, and no prose."""
    return len(row.chunks) >= 2 and row.entries >= 1 and all(len(chunk.words) <= LONG for chunk in row.chunks)


def _blocks(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """First and last place of rows with entries that follow each other closely, with labels in between."""
    start = None
    last = 0
    for index, row in enumerate(rows):
        if start is not None and not _follows(rows, last, index):
            yield (start, last + 1)
            start = None
        if _is_body(row):
            if start is None:
                start = index
            last = index
    if start is not None:
        yield (start, last + 1)


def _follows(rows: Sequence[Row], last: int, index: int) -> bool:
    """Whether a line may belong to the table whose last row with entries is given."""
    row, before = rows[index], rows[index - 1]
    if index - last > LABELS or row.box[1] - before.box[3] > NEAR * row.height:
        return False
    if _is_body(row):
        return True
    indented = row.box[0] > rows[last].box[0] + 0.3 * _width(rows[last])
    if indented and row.box[1] - before.box[3] > 0.8 * row.height:
        return False  # the head of the next table
    return len(row.chunks[0].words) <= LONG and row.box[2] - row.box[0] < 0.8 * _width(rows[last])


def _trimmed(rows: Sequence[Row], start: int, end: int) -> tuple[int, int]:
    """The stretch without rows at its ends that have words where the others have figures."""
    body = [row for row in rows[start:end] if _is_body(row)]
    cuts = cuts_in(separators(body), ())
    figures: dict[int, list[bool]] = {}
    for row in body:
        for chunk in row.chunks:
            figures.setdefault(_columns(chunk, cuts)[0], []).append(chunk.data)
    columns = {column for column, held in figures.items() if sum(held) >= 0.6 * len(held)}

    def fits(row: Row) -> bool:
        inside = [chunk.data for chunk in row.chunks if _columns(chunk, cuts)[0] in columns]
        return _is_body(row) and (not inside or sum(inside) >= 0.5 * len(inside))

    while start < end and not fits(rows[start]):
        start += 1
    while end > start and not fits(rows[end - 1]):
        end -= 1
    return start, end


def _width(row: Row) -> float:
    return row.box[2] - row.box[0]


def _heads(block: _Block, above: Sequence[Row]) -> list[Row]:
    """The lines over a block that head its columns, from the top."""
    box = block.box
    heads: list[Row] = []
    lowest = block.rows[0]
    long = [line for line in block.flat if min(line[2], box[2]) - max(line[1], box[0]) > 0.6 * (box[2] - box[0])]
    for row in reversed(above[-8:]):
        gap = lowest.box[1] - row.box[3]
        ruled = any(row.box[3] - 2 <= line[0] <= lowest.box[1] + 2 for line in long)
        if gap > (NEAR if ruled else 1.5) * row.height or row.box[2] < box[0] or row.box[0] > box[2]:
            break
        topmost = heads and any(row.box[3] - 2 <= line[0] <= lowest.box[1] + 2 for line in long)
        under = any(line[0] < row.box[1] + 2 and line[0] > row.box[1] - 4 * row.height for line in long)
        if topmost and not under:
            break
        if not _is_head(row, block):
            break
        heads.insert(0, row)
        lowest = row
    return heads


def _is_head(row: Row, block: _Block) -> bool:
    """Whether a line may head columns: short texts that stand over columns, and not a sentence across them all."""
    if any(len(chunk.words) > LONG for chunk in row.chunks):
        return False
    crossed = [_columns(chunk, block.cuts) for chunk in row.chunks]
    if len(row.chunks) == 1:
        first, last = crossed[0]
        return first > 0 or (last == 0 and len(row.chunks[0].words) <= 4)
    return all(last - first < max(len(block.cuts), 1) for first, last in crossed)


def _columns(chunk: Chunk, cuts: Sequence[float]) -> tuple[int, int]:
    """The first and last column in which words of a chunk stand."""
    x0, x1 = chunk.box[0], chunk.box[2]
    return bisect.bisect_right(cuts, x0 + 0.5), bisect.bisect_right(cuts, x1 - 0.5)


def _is_table(block: _Block, heads: Sequence[Row]) -> bool:
    """Whether the rows make a table: enough of them, in columns that most of them fill."""
    body = block.body
    columns = len(block.cuts) + 1
    if columns < 2 or len(body) < FEWEST - bool(heads and columns >= 4):
        return False
    every = [chunk.data for row in body for chunk in row.chunks]
    rest = [chunk.data for row in body for chunk in row.chunks if _columns(chunk, block.cuts)[0] > 0]
    if sum(every) < 0.45 * len(every) and sum(rest) < (0.55 if heads else 0.7) * len(rest):
        return False
    filled = sum(len({_columns(chunk, block.cuts)[0] for chunk in row.chunks}) for row in body)
    if filled < (0.45 if heads else 0.65) * columns * len(body):
        return False
    if columns == 2:
        return bool(heads) and len(heads[-1].chunks) >= 2 and len(body) > FEWEST
    return True


def _cut(row: Row, cuts: Sequence[float], least: float = 0.2) -> Iterator[tuple[Chunk, int, int]]:
    """The chunks of a row with their first and last column; one that reaches over a cut is parted there where it
    leaves at least that many heights of its print."""
    for chunk in row.chunks:
        part = [chunk.words[0]]
        for word in chunk.words[1:]:
            gap = word.box[0] - part[-1].box[2]
            parted = any(part[-1].box[2] - 1 <= cut <= word.box[0] + 1 for cut in cuts)
            if parted and gap > least * row.height:
                yield (Chunk(tuple(part)), *_columns(Chunk(tuple(part)), cuts))
                part = []
            part.append(word)
        yield (Chunk(tuple(part)), *_columns(Chunk(tuple(part)), cuts))


def _body_pieces(block: _Block, first: int) -> Iterator[Piece]:
    """The cells of the rows; a line that only goes on with a text belongs to the row it goes on with."""
    current: list[tuple[Chunk, int, int]] = []
    number = first
    rows = block.rows
    joins = _joins(block)
    for index, row in enumerate(rows):
        parts = list(_cut(row, block.cuts))
        if index and index not in joins:
            yield from _pieces(current, number)
            current, number = [], number + 1
        current += parts
    yield from _pieces(current, number)


def _joins(block: _Block) -> set[int]:
    """The places of rows that belong to the row before them."""
    rows, joins = block.rows, set()
    for index in range(1, len(rows)):
        row, before = rows[index], rows[index - 1]
        label = row.chunks[0].text
        if len(row.chunks) == 1 and not row.entries:
            hanging = row.box[0] > before.box[0] + 1 and (
                index + 1 == len(rows) or row.box[0] > rows[index + 1].box[0] + 1 or _is_body(before)
            )
            tight = row.box[1] - before.box[3] < 0.5 * row.height
            if _columns(row.chunks[0], block.cuts)[0] > 0 or (tight and (hanging or label[:1].islower())):
                joins.add(index)
        elif not before.entries and len(before.chunks) == 1 and label[:1].islower():
            joins.add(index)
    return joins


def _pieces(parts: Sequence[tuple[Chunk, int, int]], row: int) -> Iterator[Piece]:
    columns: dict[int, list[tuple[Chunk, int, int]]] = {}
    for chunk, first, last in parts:
        columns.setdefault(first, []).append((chunk, first, last))
    for first, held in columns.items():
        words = tuple(word for chunk, _, _ in held for word in chunk.words)
        yield Piece(words, row, row, first, max(last for _, _, last in held), union(word.box for word in words))


def _head_pieces(heads: Sequence[Row], block: _Block) -> Iterator[Piece]:
    """The heads: texts one under the other in a column are one head; a head over several columns stands above them."""
    bottom = len(heads) - 1
    parts = [
        (index, chunk, *_spanned(chunk, first, last, row, block))
        for index, row in enumerate(heads)
        for chunk, first, last in _cut(row, block.cuts, 0.35 if index == bottom else 0.5)
    ]
    single: dict[int, list[tuple[int, Chunk]]] = {}
    for index, chunk, first, last in parts:
        if first == last:
            single.setdefault(first, []).append((index, chunk))
        else:
            yield Piece(chunk.words, index, index, first, last, chunk.box)
    for column, held in single.items():
        words = tuple(word for _, chunk in held for word in chunk.words)
        yield Piece(words, bottom, bottom, column, column, union(word.box for word in words))


def _spanned(chunk: Chunk, first: int, last: int, row: Row, block: _Block) -> tuple[int, int]:
    """The columns a head stands for: those that the line drawn under it spans, else those its print touches."""
    x0, _, x1, y1 = chunk.box
    middle = (x0 + x1) / 2
    for y, start, end in block.flat:
        whole = end - start > 0.9 * (block.box[2] - block.box[0])
        if -2 <= y - y1 <= 0.9 * row.height and start <= middle <= end and not whole:
            spanned = bisect.bisect_right(block.cuts, start + 2), bisect.bisect_right(block.cuts, end - 2)
            return min(first, spanned[0]), max(last, spanned[1])
    return first, last
