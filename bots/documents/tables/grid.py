"""Tables drawn as a grid: lines that cross make cells, and where a line is missing between two cells they are one."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bots.documents.document import Box
from bots.documents.pages.page import Page, Word, union
from bots.documents.tables.cells import Piece, is_data, text_of

REACH = 3.0  # points by which lines that should meet may miss each other
DOUBLE = 4.5  # points between the two strokes of a double line
WALL = 0.55  # of a cell's side: a longer line closes it
SLIM = 9.0  # points: a narrower row or column that holds no word is the space between two strokes
LONG = 8  # words of a last row over all columns that is a note
APART = 1.0  # heights of print: words of one cell this far apart may stand in two


@dataclass(frozen=True)
class Grid:
    """A ruled table: the edges of its columns and rows, and its cells with text."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    pieces: tuple[Piece, ...]

    @property
    def box(self) -> Box:
        """The outer edges."""
        return (self.columns[0], self.rows[0], self.columns[-1], self.rows[-1])


@dataclass(frozen=True)
class _Rules:
    """Lines that hang together: (y, x0, x1) and (x, y0, y1)."""

    flat: list[tuple[float, float, float]]
    upright: list[tuple[float, float, float]]


def grids_on(page: Page) -> list[Grid]:
    """The ruled tables of a page, top to bottom. A frame around anything else is none."""
    found = []
    for rules in _together(page.rulings):
        grid = _grid(rules, page.words)
        if grid is not None and _is_table(grid):
            found.append(grid)
    found.sort(key=lambda grid: (grid.rows[0], grid.columns[0]))
    return [grid for grid in found if not any(other is not grid and _inside(grid.box, other.box) for other in found)]


def _inside(box: Box, other: Box) -> bool:
    return box[0] >= other[0] - 1 and box[1] >= other[1] - 1 and box[2] <= other[2] + 1 and box[3] <= other[3] + 1


def _together(rulings: Iterable[Box]) -> Iterator[_Rules]:
    """The rulings in groups that touch or cross."""
    flat = [(box[1], box[0], box[2]) for box in rulings if box[3] - box[1] <= box[2] - box[0]]
    upright = sorted((box[0], box[1], box[3]) for box in rulings if box[3] - box[1] > box[2] - box[0])
    places = [line[0] for line in upright]
    parents = list(range(len(flat) + len(upright)))

    def root(one: int) -> int:
        while parents[one] != one:
            parents[one] = parents[parents[one]]
            one = parents[one]
        return one

    for index, (y, x0, x1) in enumerate(flat):
        first, last = bisect.bisect_left(places, x0 - REACH), bisect.bisect_right(places, x1 + REACH)
        for other in range(first, last):
            if upright[other][1] - REACH <= y <= upright[other][2] + REACH:
                parents[root(len(flat) + other)] = root(index)
    groups: dict[int, _Rules] = defaultdict(lambda: _Rules([], []))
    for index, line in enumerate(flat):
        groups[root(index)].flat.append(line)
    for index, line in enumerate(upright):
        groups[root(len(flat) + index)].upright.append(line)
    yield from (group for group in groups.values() if len(group.flat) >= 2 and group.upright)


def _edges(lines: Sequence[tuple[float, float, float]], across: Sequence[tuple[float, float, float]]) -> list[float]:
    """Where lines lie, double ones once; and the ends of the lines across where these stand out on a side."""
    edges: list[list[float]] = []
    for at, _, _ in sorted(lines):
        if edges and at - edges[-1][-1] <= DOUBLE and at - edges[-1][0] <= 2 * DOUBLE:
            edges[-1].append(at)
        else:
            edges.append([at])
    found = [sum(edge) / len(edge) for edge in edges]
    starts, ends = sorted(line[1] for line in across), sorted(line[2] for line in across)
    if len(starts) >= 2 and starts[1] < found[0] - 12:
        found.insert(0, starts[1])
    if len(ends) >= 2 and ends[-2] > found[-1] + 12:
        found.append(ends[-2])
    return found


def _grid(rules: _Rules, words: Sequence[Word]) -> Grid | None:
    columns, rows = _edges(rules.upright, rules.flat), _edges(rules.flat, rules.upright)
    box = (columns[0], rows[0], columns[-1], rows[-1])
    words = [word for word in words if _within(word, box)]
    columns = _without_slim(columns, sorted((word.box[0] + word.box[2]) / 2 for word in words))
    rows = _without_slim(rows, sorted(word.middle for word in words))
    if len(columns) < 3 or len(rows) < 2 or len(columns) > 60 or len(rows) > 200:
        return None
    inside: dict[tuple[int, int], list[Word]] = defaultdict(list)
    cells = _cells(rules, columns, rows)
    for word in words:
        column = bisect.bisect_right(columns, (word.box[0] + word.box[2]) / 2) - 1
        row = bisect.bisect_right(rows, word.middle) - 1
        if 0 <= column < len(columns) - 1 and 0 <= row < len(rows) - 1:
            inside[(row, column)].append(word)
    pieces: list[Piece] = []
    for top, bottom, left, right in cells:
        held = [
            word for row in range(top, bottom + 1) for column in range(left, right + 1) for word in inside[row, column]
        ]
        if held:
            pieces.extend(_split_columns(held, (top, bottom, left, right), columns, rows))
    return Grid(tuple(columns), tuple(rows), tuple(_without_captions(list(_split_rows(pieces)))))


def _within(word: Word, box: Box) -> bool:
    return box[0] <= (word.box[0] + word.box[2]) / 2 <= box[2] and box[1] <= word.middle <= box[3]


def _without_slim(edges: list[float], middles: list[float]) -> list[float]:
    """The edges, with two of them as one where they are close and no word stands in between."""
    kept = [edges[0]]
    for edge in edges[1:]:
        held = bisect.bisect(middles, edge) - bisect.bisect(middles, kept[-1])
        if edge - kept[-1] < SLIM and not held:
            kept[-1] = (kept[-1] + edge) / 2
        else:
            kept.append(edge)
    return kept


def _split_columns(
    held: Sequence[Word], place: tuple[int, int, int, int], columns: Sequence[float], rows: Sequence[float]
) -> Iterator[Piece]:
    """A cell over several columns, cut where its words stand far apart on the two sides of a column's edge."""
    top, bottom, left, right = place
    height = sorted(word.height for word in held)[len(held) // 2]
    cuts = [left]
    reach = -1e9
    for word in sorted(held, key=lambda word: word.box[0]) if right > left else ():
        if word.box[0] - reach > APART * height:
            between = [edge for edge in range(cuts[-1] + 1, right + 1) if reach - 2 <= columns[edge] <= word.box[0] + 2]
            if between and reach > 0:
                middle = (reach + word.box[0]) / 2
                cuts.append(min(between, key=lambda edge: abs(columns[edge] - middle)))
        reach = max(reach, word.box[2])
    for start, end in zip(cuts, [*(cut - 1 for cut in cuts[1:]), right], strict=True):
        inside = tuple(
            word
            for word in held
            if columns[start] <= max((word.box[0] + word.box[2]) / 2, columns[left]) <= columns[end + 1]
        )
        if inside:
            box = (columns[start], rows[top], columns[end + 1], rows[bottom + 1])
            yield Piece(inside, top, bottom, start, end, box)


def _cells(rules: _Rules, columns: list[float], rows: list[float]) -> list[tuple[int, int, int, int]]:
    """The cells as (first row, last row, first column, last column): what no wall parts is one."""
    wide, high = len(columns) - 1, len(rows) - 1
    flat, upright = _walls(rules.flat, rows, columns), _walls(rules.upright, columns, rows)
    cells: list[tuple[int, int, int, int]] = []
    taken: set[tuple[int, int]] = set()
    for row in range(high):
        for column in range(wide):
            if (row, column) in taken:
                continue
            right = column
            while right + 1 < wide and (right + 1, row) not in upright and (row, right + 1) not in taken:
                right += 1
            bottom = row
            while bottom + 1 < high and not any(
                (bottom + 1, place) in flat or (bottom + 1, place) in taken for place in range(column, right + 1)
            ):
                inner = any((place, bottom + 1) in upright for place in range(column + 1, right + 1))
                if inner or (right + 1 < wide and (right + 1, bottom + 1) not in upright):
                    break
                bottom += 1
            taken.update((r, c) for r in range(row, bottom + 1) for c in range(column, right + 1))
            cells.append((row, bottom, column, right))
    return cells


def _walls(
    lines: Sequence[tuple[float, float, float]], places: Sequence[float], across: Sequence[float]
) -> set[tuple[int, int]]:
    """(edge, stretch) pairs: the stretch between two neighbouring edges across that a line at this edge closes."""
    covered: dict[tuple[int, int], float] = defaultdict(float)
    for at, start, end in lines:
        edge = min(range(len(places)), key=lambda place: abs(places[place] - at))
        if abs(places[edge] - at) > 2 * DOUBLE:
            continue
        for stretch in range(len(across) - 1):
            covered[edge, stretch] += max(0.0, min(end, across[stretch + 1]) - max(start, across[stretch]))
    return {
        (edge, stretch)
        for (edge, stretch), length in covered.items()
        if length >= WALL * (across[stretch + 1] - across[stretch])
    }


def _split_rows(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """A band of the grid that holds several rows of figures, with no lines in between, becomes these rows."""
    shift = 0
    for row in range(max((piece.bottom for piece in pieces), default=-1) + 1):
        band = [piece for piece in pieces if piece.top == row]
        starts = _row_starts(band) if all(piece.bottom == row for piece in band) else []
        if len(starts) < 2:
            for piece in band:
                yield replace(piece, top=piece.top + shift, bottom=piece.bottom + shift)
            continue
        for piece in band:
            for index, held in enumerate(_stretches(piece, starts)):
                if held:
                    at = row + shift + index
                    yield Piece(tuple(held), at, at, piece.left, piece.right, union(word.box for word in held))
        shift += len(starts) - 1


def _stretches(piece: Piece, starts: Sequence[float]) -> list[list[Word]]:
    """The words of a cell, those of each line of print from one start to the next."""
    held: list[list[Word]] = [[] for _ in starts]
    for word in piece.words:
        held[max(bisect.bisect_right(starts, word.middle + 2) - 1, 0)].append(word)
    return held


def _row_starts(band: Sequence[Piece]) -> list[float]:
    """The lines of print with which rows start in a band: where entries stand in most columns that have any.

    A band of which that cannot be said is one row, whose texts have several lines.
    """
    lines = _baselines(band)
    if len(lines) < 2:
        return []
    entries = [
        {at for at, held in enumerate(_stretches(piece, lines)) if held and is_data(text_of(held))} for piece in band
    ]
    figures = [held for held in entries if held]
    if len(figures) < max(2, len(band) // 2):
        return []
    starts = [at for at in range(len(lines)) if sum(1 for held in figures if at in held) > 0.5 * len(figures)]
    if len(starts) < 2:
        return []
    if len(starts) >= 0.5 * len(lines):
        return lines  # the others are heads of groups
    if starts[0] > 0 or not all(held <= set(starts) for held in figures):
        return []
    return [lines[at] for at in starts]


def _without_captions(pieces: list[Piece]) -> list[Piece]:
    """The cells without a title or notes that stand in a row of their own over or under all columns."""
    left, right = min((piece.left for piece in pieces), default=0), max((piece.right for piece in pieces), default=0)
    for last in (False, True):
        while len(pieces) > 1:
            row = max(piece.top for piece in pieces) if last else min(piece.top for piece in pieces)
            held = [piece for piece in pieces if piece.top == row]
            whole = len(held) == 1 and held[0].left == left and held[0].right == right > left
            if not whole or (last and len(held[0].words) < LONG):
                break
            pieces.remove(held[0])
    return pieces


def _baselines(band: Sequence[Piece]) -> list[float]:
    """The middles of the lines of print in a band."""
    middles = sorted((word.middle, word.height) for piece in band for word in piece.words)
    lines: list[float] = []
    for middle, height in middles:
        if not lines or middle - lines[-1] > 0.5 * height:
            lines.append(middle)
    return lines


def _is_table(grid: Grid) -> bool:
    """Whether a grid holds rows and columns of entries, and is no frame, form field or drawing."""
    rows: dict[int, set[int]] = defaultdict(set)
    for piece in grid.pieces:
        rows[piece.top].add(piece.left)
    columns = {piece.left for piece in grid.pieces}
    several = sum(1 for filled in rows.values() if len(filled) >= 2)
    if len(columns) < 2 or len(rows) < 2 or several < 2 or len(grid.pieces) < 4:
        return False
    return len(grid.pieces) >= 0.2 * len(rows) * len(columns)
