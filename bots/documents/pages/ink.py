"""Ink on a page that is neither print nor ruling: signatures, ticks, stamps. Runs in the reading child."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.documents.document import Box
from bots.documents.pages.limits import Limits
from bots.documents.pages.pdf_file import kind_of

DPI = 150
DARKER = 0.3  # share of the paper's brightness by which ink is darker
RULED = 0.4  # inches: straight strokes longer than that are rulings, not handwriting
SPECK = 3.0  # points: what is smaller is dust, a dot of a dotted line, a comma
TICK_BOX = (6.0, 24.0)  # points: the sides of boxes to be ticked
FILLED = 0.06  # share of ink inside a box from which on it is ticked
AROUND = 1.5  # points by which print reaches out of the boxes of its words


@dataclass(frozen=True)
class Place:
    """Where to look on a page, and the words there, as boxes in points of the page as it was turned to be read."""

    page: int
    quarters: int
    turned: float
    region: Box
    words: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Ink:
    """How much ink there is, in square points, and the box around it; None where there is none."""

    area: float
    box: Box | None


def ink_at(path: Path, places: Sequence[Place], limits: Limits) -> list[Ink]:
    """The ink of each place. Raises Unreadable for a file that cannot be opened."""
    pictures: dict[int, tuple[Any, float]] = {}
    found = []
    for place in places:
        if place.page not in pictures:
            pictures = {place.page: _straight(path, place, limits)}  # only one page is held
        image, dpi = pictures[place.page]
        found.append(_ink(image, dpi / 72, place))
    return found


def _straight(path: Path, place: Place, limits: Limits) -> tuple[Any, float]:
    """The page as grey levels, turned as it was to be read, with its dots an inch."""
    import numpy
    from PIL import Image

    from bots.documents.pages.raster import picture_pages, render_pdf

    if kind_of(path) == "pdf":
        ((_, image, dpi),) = render_pdf(path, [place.page], DPI)
    else:
        ((_, image, dpi),) = picture_pages(path, range(place.page, place.page + 1), limits)
    grey = image.convert("L")
    if dpi > 1.5 * DPI:
        grey = grey.resize((round(grey.width * DPI / dpi), round(grey.height * DPI / dpi)), Image.Resampling.BOX)
        dpi = float(DPI)
    if place.quarters:
        grey = grey.rotate(90 * place.quarters, expand=True)
    if place.turned:
        grey = grey.rotate(math.degrees(place.turned), resample=Image.Resampling.BICUBIC, fillcolor=255)
    return numpy.asarray(grey), dpi


def _ink(image: Any, scale: float, place: Place) -> Ink:
    import cv2
    import numpy

    # A margin, so that a ruling that runs through the region is seen in its length.
    left, top, right, bottom = _pixels(place.region, scale, image.shape, around=RULED * 72)
    cut = image[top:bottom, left:right]
    if cut.size == 0:
        return Ink(0.0, None)
    paper = float(numpy.percentile(cut, 80))
    dark = (cut < paper * (1 - DARKER)).astype("uint8")
    for length in ((round(RULED * 72 * scale), 1), (1, round(RULED * 72 * scale))):
        ruled = cv2.morphologyEx(dark, cv2.MORPH_OPEN, numpy.ones(length[::-1], "uint8"))
        dark[cv2.dilate(ruled, numpy.ones((3, 3), "uint8")) > 0] = 0
    for word in place.words:
        x0, y0, x1, y1 = _pixels(word, scale, image.shape, around=AROUND)
        dark[max(y0 - top, 0) : max(y1 - top, 0), max(x0 - left, 0) : max(x1 - left, 0)] = 0
    inside = numpy.zeros_like(dark)
    x0, y0, x1, y1 = _pixels(place.region, scale, image.shape)
    inside[y0 - top : y1 - top, x0 - left : x1 - left] = 1
    return _strokes(dark * inside, scale, (left, top))


def _strokes(dark: Any, scale: float, corner: tuple[int, int]) -> Ink:
    """The ink of all connected strokes that are neither specks nor empty boxes."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    area, boxes = 0.0, []
    for number in range(1, count):
        x, y, width, height, pixels = (int(value) for value in stats[number])
        if max(width, height) < SPECK * scale:
            continue
        if _is_box(width / scale, height / scale) and _inside(labels[y : y + height, x : x + width] > 0) < FILLED:
            continue
        area += pixels / scale**2
        boxes.append((x, y, x + width, y + height))
    if not boxes:
        return Ink(0.0, None)
    edges = list(zip(*boxes, strict=True))
    around = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
    x0, y0, x1, y1 = (float(value + corner[index % 2]) / scale for index, value in enumerate(around))
    return Ink(area, (x0, y0, x1, y1))


def _is_box(width: float, height: float) -> bool:
    return TICK_BOX[0] <= min(width, height) and max(width, height) <= min(TICK_BOX[1], 1.4 * min(width, height))


def _inside(shape: Any) -> float:
    """The share of ink within the edges of a box."""
    height, width = shape.shape
    inner = shape[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return float(inner.mean()) if inner.size else 0.0


def _pixels(box: Box, scale: float, shape: tuple[int, ...], around: float = 0.0) -> tuple[int, int, int, int]:
    height, width = shape[:2]
    x0, y0, x1, y1 = ((box[0] - around), (box[1] - around), (box[2] + around), (box[3] + around))
    return (
        min(max(int(x0 * scale), 0), width),
        min(max(int(y0 * scale), 0), height),
        min(max(math.ceil(x1 * scale), 0), width),
        min(max(math.ceil(y1 * scale), 0), height),
    )
