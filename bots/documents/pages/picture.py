"""A page with its fields drawn on it: a box around each value, its name beside it, the colour by how sure it is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from bots.documents.document import Box, Document, LineItem, Transaction

MOST = 50  # pages of a document that are drawn
SURE = 0.9
DOUBTFUL = 0.7
_COLOURS = {"sure": (22, 128, 61), "doubtful": (202, 108, 4), "unsure": (200, 30, 30), "line": (70, 100, 200)}


def draw_fields(png: bytes, number: int, document: Document) -> bytes:
    """The picture of page `number` (from 1) as PNG, with the boxes of its fields and, thinner, of its rows."""
    from PIL import Image, ImageDraw

    image = Image.open(io.BytesIO(png)).convert("RGB")
    width = document.sizes[number - 1][0]
    scale = image.width / width
    ink = image.convert("L").point(lambda level: 1 if level < 160 else 0)
    pen = ImageDraw.Draw(image)
    for box in _lines(document, number):
        pen.rectangle(_scaled(box, scale, 2), outline=_COLOURS["line"], width=1)
    found = [(name, one) for name, one in document.fields.items() if one.page == number and one.box is not None]
    taken = [_scaled(one.box, scale, 3) for _, one in found if one.box is not None]
    for (name, one), edges in zip(found, list(taken), strict=True):
        colour = _COLOURS[band(one.confidence)]
        pen.rectangle(edges, outline=colour, width=2)
        taken.append(_name(pen, f"{name} {one.confidence:.0%}", edges, colour, ink, taken))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def band(confidence: float) -> str:
    """`sure`, `doubtful` or `unsure`."""
    return "sure" if confidence >= SURE else "doubtful" if confidence >= DOUBTFUL else "unsure"


def _lines(document: Document, number: int) -> Iterable[Box]:
    rows: Iterable[LineItem | Transaction] = (*document.lines, *document.transactions)
    return [row.box for row in rows if row.page == number and row.box is not None]


def _scaled(box: Box, scale: float, around: float) -> Box:
    x0, y0, x1, y1 = (edge * scale for edge in box)
    return (x0 - around, y0 - around, x1 + around, y1 + around)


def _name(pen: Any, text: str, edges: Box, colour: tuple[int, int, int], ink: Any, taken: list[Box]) -> Box:
    """The name on a plate beside the box, where it hides the least; returns the plate's place."""
    from PIL import ImageFont

    font = ImageFont.load_default(size=12)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    width, height = right - left + 8, bottom - top + 6
    x0, y0, x1, y1 = edges
    level = (y0 + y1 - height) / 2
    corners = (
        (x1, level),
        (x0, y0 - height),
        (x0 - width, level),
        (x0, y1),
        (x1 - width, y0 - height),
        (x1 - width, y1),
    )
    plates = [(x, y, x + width, y + height) for x, y in corners]
    plate = min(plates, key=lambda plate: _hidden(plate, ink, taken))
    pen.rectangle(plate, fill=colour)
    pen.text((plate[0] + 4, plate[1] + 3 - top), text, fill=(255, 255, 255), font=font)
    return plate


def _hidden(plate: Box, ink: Any, taken: list[Box]) -> float:
    """How much a plate would hide: print under it, other boxes and plates, and itself beyond the page."""
    x0, y0, x1, y1 = plate
    if x0 < 0 or y0 < 0 or x1 > ink.width or y1 > ink.height:
        return float("inf")
    print_under: float = sum(ink.crop((round(x0), round(y0), round(x1), round(y1))).tobytes())
    over = sum(
        max(min(x1, other[2]) - max(x0, other[0]), 0.0) * max(min(y1, other[3]) - max(y0, other[1]), 0.0)
        for other in taken
    )
    return print_under + over
