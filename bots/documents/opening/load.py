"""A file to pages, one after the other: the text layer where a page has one, OCR where it has none.

What is called from here opens files of unknown origin; a reading child does it, never the process that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from bots.documents.codes.finding import codes_of, codes_on_page, upright
from bots.documents.document import Box
from bots.documents.ocr.port import DPI, engine_for
from bots.documents.ocr.scan import scanned_page
from bots.documents.pages.layer import better, judged
from bots.documents.pages.limits import Limits
from bots.documents.pages.page import Code, Page
from bots.documents.pages.pdf_file import check_pdf, kind_of, refuse
from bots.documents.pages.pdf_text import text_layers
from bots.documents.pages.raster import picture_count, picture_pages, render_pdf

OcrChoice: TypeAlias = Literal["auto", "tesseract", "rapidocr", "never", "always"]
ENOUGH = 25  # letters of a text layer below which the page is taken for a picture
MOST_WORDS = 10_000  # of one page; a closely printed one has 2,000
MOST_IN_LINE = 5_000  # letters
MOST_LETTERS = 1_000  # of one word; what is longer is no print but data
FARTHEST = 1e5  # points; no page is as wide as that

Announce: TypeAlias = Callable[[int, float, float], None]
"""Told before a page is read as a picture: its number, width and height in points."""


def load_pages(path: Path, ocr: OcrChoice, *, second: bool = False) -> list[Page]:
    """All pages of a PDF or a picture, read in this process. Raises Unreadable with the reason."""
    limits = Limits()
    return list(pages_of(path, ocr, range(1, page_count(path, limits) + 1), second=second, limits=limits))


def page_count(path: Path, limits: Limits) -> int:
    """How many pages a file has. Raises Unreadable for one that cannot be opened or has too many."""
    if kind_of(path) == "pdf":
        return check_pdf(path, limits.pages)
    return picture_count(path, limits)


def pages_of(
    path: Path,
    ocr: OcrChoice,
    span: range,
    *,
    second: bool = False,
    limits: Limits,
    announce: Announce = lambda number, width, height: None,
) -> Iterator[Page]:
    """These pages of a PDF or a picture, numbered from 1; `second` reads scans in the other way. Raises Unreadable."""
    if kind_of(path) == "pdf":
        for number, taken in zip(span, text_layers(path, span), strict=True):
            sound = taken and _sound(taken, path)
            layer = sound if sound is not None and not _needs_ocr(sound, ocr) else None
            page = judged(path, layer) if layer and ocr != "never" else layer
            if page is not None:
                yield replace(page, codes=_codes(path, number))
                continue
            if ocr == "never":
                told = f"{path.name} is damaged and cannot be read as a PDF; ask the sender for the file again"
                raise refuse("CORRUPT_FILE", told)
            for scanned in _scans(render_pdf(path, [number], DPI), path, ocr, second, announce):
                yield better(scanned, layer)
        return
    if ocr == "never":
        raise refuse("NO_TEXT", f"{path.name} is a picture and OCR is off; set ocr: auto to read it")
    yield from _scans(picture_pages(path, span, limits), path, ocr, second, announce)


def text_pages(path: Path) -> list[Page]:
    """The text layer of every page; a page whose text is damaged is left out."""
    span = range(1, check_pdf(path, Limits().pages) + 1)
    return [page for page in text_layers(path, span) if page is not None]


def _codes(path: Path, number: int) -> list[Code]:
    from pypdfium2 import PdfiumError

    try:
        return codes_on_page(path, number)
    except PdfiumError:  # a page that cannot be drawn shows no code
        return []


def _needs_ocr(page: Page, ocr: OcrChoice) -> bool:
    if ocr in ("always", "never"):
        return ocr == "always"
    return sum(len(word.text) for word in page.words) < ENOUGH


def _scans(
    pictures: Iterator[tuple[int, Any, float]], path: Path, ocr: OcrChoice, second: bool, announce: Announce
) -> Iterator[Page]:
    for number, picture, dpi in pictures:
        announce(number, picture.width * 72 / dpi, picture.height * 72 / dpi)
        page = _sound(scanned_page(number, picture, dpi, engine_for(ocr, second=second)), path)
        if page is not None:
            yield replace(page, codes=upright(codes_of(picture, dpi), page))


def _sound(page: Page, path: Path) -> Page | None:
    """The page without words that lie nowhere or say nothing; None for a page that has no size itself."""
    if not all(1 <= edge <= FARTHEST for edge in (page.width, page.height)):
        return None
    kept = [word for word in page.words if _plain(word.text) and _placed(word.box)]
    if len(kept) < len(page.words):
        page = replace(page, words=kept, lines=[])
    line = max(page.lines, key=lambda line: len(line.text), default=None)
    for found, most, what in (
        (len(page.words), MOST_WORDS, "words"),
        (len(line.text) if line else 0, MOST_IN_LINE, "letters in one line"),
    ):
        if found > most:
            told = f"Page {page.number} of {path.name} has {found} {what}; at most {most} are read; it is no document"
            raise refuse("TOO_LARGE", told)
    return page


def _plain(text: str) -> bool:
    return 0 < len(text) <= MOST_LETTERS and text.isprintable()


def _placed(box: Box) -> bool:
    return all(-FARTHEST <= edge <= FARTHEST for edge in box) and box[0] <= box[2] and box[1] <= box[3]
