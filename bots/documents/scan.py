"""A picture of a page to a Page: scaled, turned straight, read, and brought back to points."""

from __future__ import annotations

import math
from typing import Any

from bots.documents.deskew import skew_of
from bots.documents.ocr import DPI, OcrEngine
from bots.documents.page import Page, Word


def scanned_page(number: int, image: Any, dpi: float, engine: OcrEngine) -> Page:
    """Read a picture of a page that has `dpi` dots an inch. The page's boxes are in points of the straight page."""
    from PIL import Image

    grey = image.convert("L")
    scale = DPI / dpi
    if not 0.95 < scale < 1.05:
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)), Image.Resampling.BICUBIC)
    angle = skew_of(grey)
    if angle:
        grey = grey.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    points = 72 / DPI
    words = [
        Word(word.text, tuple(edge * points for edge in word.box), word.confidence)  # type: ignore[arg-type]
        for word in engine.words(grey)
    ]
    page = Page(number, image.width * 72 / dpi, image.height * 72 / dpi, words, "ocr")
    page.turned = math.radians(angle)
    return page
