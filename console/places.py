"""A place on a page as a form carries it: its number and a box in points from the top left, `1 301.2 400.1 350 412`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.errors import UsageError

if TYPE_CHECKING:
    from bots.documents.document import Box


def place_of(text: str) -> tuple[int, Box]:
    """The page and the box; UsageError for anything else."""
    try:
        page, x0, y0, x1, y1 = text.split()
        number, box = int(page), (float(x0), float(y0), float(x1), float(y1))
    except ValueError:
        number, box = 0, (0.0, 0.0, 0.0, 0.0)
    if number < 1 or not all(map(math.isfinite, box)) or box[0] >= box[2] or box[1] >= box[3]:
        raise UsageError(f"{text[:60]!r} is no place on a page", advice="draw the box again")
    return number, box


def written(page: int, box: Box) -> str:
    return " ".join([str(page), *(f"{edge:.1f}" for edge in box)])
