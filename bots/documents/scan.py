"""A picture of a page to a Page: scaled, turned straight, read, and brought back to points."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from bots.documents.deskew import skew_of
from bots.documents.ocr import OcrEngine, OcrTimeout
from bots.documents.page import Page, Word

GRAIN = 12  # grey levels by which neighbouring pixels of a very grainy page differ on average


def scanned_page(number: int, image: Any, dpi: float, engine: OcrEngine) -> Page:
    """Read a picture of a page that has `dpi` dots an inch. The page's boxes are in points of the straight page."""
    from PIL import Image

    grey = _quiet(image.convert("L"))
    least, most = engine.resolution
    scale = max(least / dpi, 1.0) if dpi < most else most / dpi
    if not 0.95 < scale < 1.05:
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)), Image.Resampling.BICUBIC)
    angle = skew_of(grey)
    if angle:
        grey = grey.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    points = 72 * image.width / (dpi * grey.width)
    try:
        read = engine.words(grey)
    except OcrTimeout:
        page = Page(number, image.width * 72 / dpi, image.height * 72 / dpi, [], "ocr")
        page.unread = True
        return page
    words = [Word(word.text, tuple(edge * points for edge in word.box), word.confidence) for word in read]
    words = list(_whole_numbers(words))
    page = Page(number, image.width * 72 / dpi, image.height * 72 / dpi, words, "ocr")
    page.turned = math.radians(angle)
    return page


def _quiet(grey: Any) -> Any:
    """The picture without its grain, where there is much of it; a clean page would only lose its fine strokes."""
    from PIL import ImageChops, ImageFilter, ImageStat

    smooth = grey.filter(ImageFilter.MedianFilter(3))
    grain = ImageStat.Stat(ImageChops.difference(grey, smooth)).mean[0]
    return smooth if grain > GRAIN else grey


def _whole_numbers(words: list[Word]) -> Iterator[Word]:
    """Print with wide dots is read as `79.` and `35`: one number again."""
    last: Word | None = None
    for word in words:
        if last is not None and _split(last, word):
            box = (last.box[0], min(last.box[1], word.box[1]), word.box[2], max(last.box[3], word.box[3]))
            last = Word(last.text + word.text, box, min(last.confidence, word.confidence))
            continue
        if last is not None:
            yield last
        last = word
    if last is not None:
        yield last


def _split(one: Word, two: Word) -> bool:
    near = 0 <= two.box[0] - one.box[2] < 0.8 * one.height and abs(two.middle - one.middle) < 0.4 * one.height
    return near and bool(re.search(r"\d[.,]$", one.text)) and bool(re.match(r"\d\d$", two.text))
