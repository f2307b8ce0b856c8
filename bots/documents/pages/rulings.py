"""Ruled lines of a page, and the edges of its boxes, as thin horizontal or vertical boxes in points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bots.documents.document import Box

THIN = 3.0  # points: what is thinner is a line; what is thicker is an area with edges
SHORTEST = 5.0  # points: shorter strokes are dashes, ticks and parts of letters
SEAM = 1.2  # points by which areas that lie one on the other may miss each other
DASH = 3.0  # points: a wider gap ends a dashed line
MOST = 3000  # of one page: a drawing with more is no table
SCAN_SHORTEST = 0.45  # inches: a shorter dark run on a scan may be a stroke of a large letter


def drawn_rulings(page: Any) -> tuple[Box, ...]:
    """The rulings of a pdfplumber page, measured from its top left corner."""
    x, y = float(page.bbox[0]), float(page.bbox[1])
    width, height = float(page.width), float(page.height)
    found: list[Box] = []
    areas: dict[Any, list[Box]] = defaultdict(list)
    for shape in (*page.lines, *page.rects, *page.curves):
        box = (shape["x0"] - x, shape["top"] - y, shape["x1"] - x, shape["bottom"] - y)
        whole = box[2] - box[0] > 0.95 * width and box[3] - box[1] > 0.95 * height
        if whole or not _visible(shape) or (shape["object_type"] == "curve" and len(shape.get("pts", ())) > 5):
            continue
        if shape.get("fill") and not shape.get("stroke") and min(box[2] - box[0], box[3] - box[1]) > THIN:
            areas[str(shape.get("non_stroking_color"))].append(box)
        else:
            found.extend(edges(box))
        if len(found) > 4 * MOST or sum(map(len, areas.values())) > MOST:
            return ()
    for same in areas.values():
        found.extend(_coloured(same, found))
    joined = tuple(joined_rulings(found))
    return joined if len(joined) <= MOST else ()


def _coloured(areas: list[Box], drawn: list[Box]) -> list[Box]:
    """The edges of areas of one colour. Where one lies on another, as when lines of print are shaded one by one, no
    edge is seen; it counts only where a line or another area's edge goes on beside it."""
    tops: dict[int, list[Box]] = defaultdict(list)
    for box in areas:
        tops[round(box[1])].append(box)
    found: list[Box] = []
    seams: list[tuple[float, float, float]] = []
    for box in areas:
        found.extend(edges(box))
        for below in (one for at in (-1, 0, 1) for one in tops[round(box[3]) + at]):
            x0, x1 = max(box[0], below[0]), min(box[2], below[2])
            if abs(below[1] - box[3]) < SEAM and x1 - x0 > 0.8 * min(box[2] - box[0], below[2] - below[0]):
                seams.append((x0, (box[3] + below[1]) / 2, x1))
    if not seams:
        return found
    flat: dict[int, list[Box]] = defaultdict(list)
    for box in (*found, *drawn):
        if box[3] == box[1]:
            flat[round(box[1])].append(box)
    hidden = [seam for seam in seams if not _goes_on(seam, flat)]
    return [box for box in found if box[3] != box[1] or not any(_hides(seam, box) for seam in hidden)]


def _goes_on(seam: tuple[float, float, float], flat: Mapping[int, list[Box]]) -> bool:
    x0, y, x1 = seam
    near = [box for at in (-1, 0, 1) for box in flat.get(round(y) + at, ()) if abs(box[1] - y) < SEAM]
    beside = sum(max(0.0, min(box[2], x0) - box[0]) + max(0.0, box[2] - max(box[0], x1)) for box in near)
    return beside > x1 - x0


def _hides(seam: tuple[float, float, float], box: Box) -> bool:
    x0, y, x1 = seam
    return abs(box[1] - y) < SEAM and box[0] >= x0 - 1 and box[2] <= x1 + 1


def _visible(shape: Any) -> bool:
    """Whether a shape shows. A white area does not; a white line may part colours, or be of an ink counted from 1."""
    if shape["object_type"] == "line" or min(shape["width"], shape["height"]) <= THIN:
        return True
    if shape.get("stroke") and not _white(shape.get("stroking_color")):
        return True
    return bool(shape.get("fill")) and not _white(shape.get("non_stroking_color"))


def _white(color: Any) -> bool:
    if color is None:
        return False
    parts = color if isinstance(color, (tuple, list)) else (color,)
    if not all(isinstance(part, (int, float)) for part in parts):
        return False
    return sum(parts) == 0 if len(parts) == 4 else bool(parts) and all(part > 0.99 for part in parts)


def edges(box: Box) -> Iterator[Box]:
    """A line as it is, an area as its four edges."""
    x0, y0, x1, y1 = box
    if y1 - y0 <= THIN:
        middle = (y0 + y1) / 2
        yield (x0, middle, x1, middle)
    elif x1 - x0 <= THIN:
        middle = (x0 + x1) / 2
        yield (middle, y0, middle, y1)
    else:
        yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def joined_rulings(found: Iterable[Box]) -> Iterator[Box]:
    """Pieces of one line as one line, the horizontal ones first; what then is short is left out."""
    every = list(found)
    flat = _joined((y0, x0, x1) for x0, y0, x1, y1 in every if y1 - y0 <= x1 - x0)
    yield from ((start, at, end, at) for at, start, end in flat if end - start >= SHORTEST)
    upright = _joined((x0, y0, y1) for x0, y0, x1, y1 in every if y1 - y0 > x1 - x0)
    yield from ((at, start, at, end) for at, start, end in upright if end - start >= SHORTEST)


def _joined(pieces: Iterable[tuple[float, float, float]]) -> Iterator[tuple[float, float, float]]:
    """Pieces (place across, start, end) that lie on one line within a point, each line as one piece."""
    tracks: list[list[tuple[float, float, float]]] = []
    for piece in sorted(pieces):
        if tracks and piece[0] - tracks[-1][-1][0] <= 0.7 and piece[0] - tracks[-1][0][0] <= 1.5:
            tracks[-1].append(piece)
        else:
            tracks.append([piece])
    for track in tracks:
        at = sum(piece[0] for piece in track) / len(track)
        runs = sorted((start, end) for _, start, end in track)
        start, end = runs[0]
        for left, right in runs[1:]:
            if left - end > DASH:
                yield (at, start, end)
                start, end = left, right
            end = max(end, right)
        yield (at, start, end)


def scanned_rulings(grey: Any, points: float) -> tuple[Box, ...]:
    """The long dark runs of a straight grey picture whose pixels are `points` wide."""
    import cv2
    import numpy

    pixels = numpy.asarray(grey.convert("L"))
    dark = cv2.adaptiveThreshold(pixels, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12)
    found: list[Box] = []
    length = max(round(SCAN_SHORTEST * 72 / points), 20)
    for shape in ((length, 1), (1, length)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, shape)
        runs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
        count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
        if count > MOST:
            return ()
        for x, y, width, height, _ in stats[1:]:
            if min(width, height) * points <= THIN:
                found.extend(edges((x * points, y * points, (x + width) * points, (y + height) * points)))
    return tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in joined_rulings(found))
