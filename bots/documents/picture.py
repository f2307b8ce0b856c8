"""A page with its fields drawn on it: a box around each value, its name beside it, the colour by how sure it is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from bots.documents.document import Box, Document

MOST = 50  # pages of a document that are drawn
SURE = 0.9
DOUBTFUL = 0.7
_COLOURS = {"sure": (22, 128, 61), "doubtful": (202, 108, 4), "unsure": (200, 30, 30), "line": (70, 100, 200)}


def draw_fields(png: bytes, number: int, document: Document) -> bytes:
    """The picture of page `number` (from 1) as PNG, with the boxes of its fields and, thinner, of its line items."""
    from PIL import Image, ImageDraw

    image = Image.open(io.BytesIO(png)).convert("RGB")
    width = document.sizes[number - 1][0]
    scale = image.width / width
    pen = ImageDraw.Draw(image)
    for box in _lines(document, number):
        pen.rectangle(_scaled(box, scale, 2), outline=_COLOURS["line"], width=1)
    for name, found in document.fields.items():
        if found.page != number or found.box is None:
            continue
        colour = _COLOURS[band(found.confidence)]
        edges = _scaled(found.box, scale, 3)
        pen.rectangle(edges, outline=colour, width=2)
        _name(pen, f"{name} {found.confidence:.0%}", edges, colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def band(confidence: float) -> str:
    """`sure`, `doubtful` or `unsure`."""
    return "sure" if confidence >= SURE else "doubtful" if confidence >= DOUBTFUL else "unsure"


def _lines(document: Document, number: int) -> Iterable[Box]:
    return [line.box for line in document.lines if line.page == number and line.box is not None]


def _scaled(box: Box, scale: float, around: float) -> Box:
    x0, y0, x1, y1 = (edge * scale for edge in box)
    return (x0 - around, y0 - around, x1 + around, y1 + around)


def _name(pen: Any, text: str, edges: Box, colour: tuple[int, int, int]) -> None:
    """The name on a plate over the box, or under it at the top of the page."""
    from PIL import ImageFont

    font = ImageFont.load_default(size=13)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    height = bottom - top + 6
    y = edges[1] - height if edges[1] > height else edges[3]
    pen.rectangle((edges[0], y, edges[0] + right - left + 8, y + height), fill=colour)
    pen.text((edges[0] + 4, y + 2 - top), text, fill=(255, 255, 255), font=font)
