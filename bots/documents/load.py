"""A file to pages: the text layer where a page has one, OCR where it has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

from bots.documents.ocr import DPI, OcrEngine, engine_for
from bots.documents.page import Page
from bots.documents.pdf_file import MOST_PAGES, check_pdf, kind_of, refuse
from bots.documents.raster import picture_pages, render_pdf

OcrChoice: TypeAlias = Literal["auto", "tesseract", "rapidocr", "never", "always"]
ENOUGH = 25  # letters of a text layer below which the page is taken for a picture


def load_pages(path: Path, ocr: OcrChoice, *, second: bool = False) -> list[Page]:
    """The pages of a PDF or a picture; `second` reads scans in the other way. Raises Unreadable with the reason."""
    kind = kind_of(path)
    if kind == "image":
        if ocr == "never":
            raise refuse("NO_TEXT", f"{path.name} is a picture and OCR is off; set ocr: auto to read it")
        engine = engine_for(ocr, second=second)
        return _scans(((number, image, dpi) for number, (image, dpi) in _numbered(path)), engine)
    check_pdf(path)
    pages = text_pages(path)
    wanted = [page.number for page in pages if _needs_ocr(page, ocr)]
    if wanted:
        engine = engine_for(ocr, second=second)
        for scanned in _scans(render_pdf(path, wanted, DPI), engine):
            pages[scanned.number - 1] = scanned
    return pages


def text_pages(path: Path) -> list[Page]:
    """The text layer of every page. A damaged page raises Unreadable."""
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    from bots.documents.text_layer import text_page

    pages: list[Page] = []
    try:
        with pdfplumber.open(path) as pdf:
            for number, page in enumerate(pdf.pages, start=1):
                pages.append(text_page(number, page))
                if _covered(page):
                    pages[-1].source = "ocr"
                page.close()
    except (PDFException, PdfminerException, ValueError, TypeError, KeyError, RecursionError) as error:
        raise refuse(
            "CORRUPT_FILE", f"{path.name} is damaged and cannot be read as a PDF; ask the sender for the file again"
        ) from error
    return pages


def _covered(page: Any) -> bool:
    """Whether one picture covers the page: its text layer then is what some scanner's OCR made of it."""
    area = float(page.width) * float(page.height)
    return any((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) > 0.85 * area for image in page.images)


def _needs_ocr(page: Page, ocr: OcrChoice) -> bool:
    if ocr in ("always", "never"):
        return ocr == "always"
    return sum(len(word.text) for word in page.words) < ENOUGH


def _numbered(path: Path) -> Any:
    return enumerate(picture_pages(path, MOST_PAGES), start=1)


def _scans(images: Any, engine: OcrEngine) -> list[Page]:
    from bots.documents.scan import scanned_page

    return [scanned_page(number, image, dpi, engine) for number, image, dpi in images]
