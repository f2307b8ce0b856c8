"""A picture of a page to a Page: scaled, turned straight, read, and brought back to points."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bots.documents.document import Box
from bots.documents.ocr.deskew import skew_of
from bots.documents.ocr.port import OcrEngine, OcrTimeout
from bots.documents.pages.page import Page, Word
from bots.documents.pages.rulings import scanned_rulings

_TURNS = {1: 2, 2: 3, 3: 4}  # quarter turns to Pillow's names for them
GRAIN = 12  # grey levels by which neighbouring pixels of a very grainy page differ on average


def scanned_page(number: int, image: Any, dpi: float, engine: OcrEngine) -> Page:
    """Read a picture of a page that has `dpi` dots an inch. The page's boxes are in points of the straight page."""
    grey = scaled(quiet(image.convert("L")), dpi, engine.resolution)
    page = _read(number, grey, 72 * image.width / (dpi * grey.width), engine)
    if page.quarters:
        upright = grey.transpose(_TURNS[page.quarters])
        page = replace(_read(number, upright, page.width / grey.width, engine, upright=True), quarters=page.quarters)
    return page


def _read(number: int, grey: Any, points: float, engine: OcrEngine, *, upright: bool = False) -> Page:
    """Read a picture whose pixels are `points` wide; turned straight first, by a few degrees."""
    from PIL import Image

    angle = skew_of(grey)
    straight = grey.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255) if angle else grey
    page = Page(number, grey.width * points, grey.height * points, [], "ocr", turned=math.radians(angle))
    try:
        read = engine.read(straight, upright=upright)
    except OcrTimeout:
        page.unread = True
        return page
    words = [replace(word, box=_times(word.box, points)) for word in read.words]
    rulings = scanned_rulings(straight, points)
    return replace(page, words=list(_whole_numbers(words)), lines=[], quarters=read.turn, rulings=rulings)


def scaled(grey: Any, dpi: float, resolution: tuple[float, float]) -> Any:
    """The picture at a resolution within the bounds that the engine reads well."""
    from PIL import Image

    least, most = resolution
    scale = min(max(dpi, least), most) / dpi
    if 0.95 < scale < 1.05:
        return grey
    return grey.resize((round(grey.width * scale), round(grey.height * scale)), Image.Resampling.BICUBIC)


def _times(box: Box, points: float) -> Box:
    return (box[0] * points, box[1] * points, box[2] * points, box[3] * points)


def quiet(grey: Any) -> Any:
    """The picture without its grain, where there is much of it; a clean page would only lose its fine strokes."""
    import cv2
    import numpy
    from PIL import Image

    pixels = numpy.asarray(grey)
    smooth = cv2.medianBlur(pixels, 3)
    grain = float(cv2.absdiff(pixels, smooth).mean())
    return Image.fromarray(smooth) if grain > GRAIN else grey


def _whole_numbers(words: list[Word]) -> Iterator[Word]:
    """Print with wide dots is read as `79.` and `35`: one number again."""
    last: Word | None = None
    for word in words:
        if last is not None and _split(last, word):
            box = (last.box[0], min(last.box[1], word.box[1]), word.box[2], max(last.box[3], word.box[3]))
            last = replace(last, text=last.text + word.text, box=box, confidence=min(last.confidence, word.confidence))
            continue
        if last is not None:
            yield last
        last = word
    if last is not None:
        yield last


def _split(one: Word, two: Word) -> bool:
    near = 0 <= two.box[0] - one.box[2] < 0.8 * one.height and abs(two.middle - one.middle) < 0.4 * one.height
    if re.search(r"\d[.,]$", one.text):
        return near and bool(re.match(r"\d\d$", two.text))
    return near and bool(re.search(r"\d$", one.text) and re.match(r"[.,]\d\d$", two.text))
