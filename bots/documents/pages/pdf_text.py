"""The text layers of a PDF, page by page: nothing of a page is kept once the next one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from bots.documents.pages.page import Page
from bots.documents.pages.text_layer import text_page

T = TypeVar("T")


def text_layers(path: Path, span: range) -> Iterator[Page | None]:
    """The text layer of each of these pages; None for one whose text cannot be taken out of the file.

    A page that one picture covers has the source `ocr`: its text is what some scanner's OCR made of it.
    """
    with path.open("rb") as stream:
        found = _parsed_pages(stream)
        ended = False
        for number in range(1, span.stop):
            parsed = None if ended else _parsed(lambda: next(found, None))
            ended = ended or parsed is None
            if number >= span.start:
                yield _layer(number, parsed[0], parsed[1]) if parsed else None


def _parsed_pages(stream: Any) -> Iterator[tuple[Any, Any]]:
    """The PDF with each of its pages as it stands in the page tree, before anything is drawn."""
    from pdfminer.pdfpage import PDFPage
    from pdfplumber.pdf import PDF

    pdf = PDF(stream, stream_is_external=True)
    for page in PDFPage.create_pages(pdf.doc):
        yield pdf, page


def _layer(number: int, pdf: Any, found: Any) -> Page | None:
    from pdfplumber.page import Page as PdfPage

    def parse() -> Any:
        page = PdfPage(pdf, found, page_number=number)
        page.objects  # noqa: B018 - here the page's content is interpreted
        return page

    page = _parsed(parse)
    if page is None:
        return None
    layer = text_page(number, page)
    if _covered(page):
        layer.source = "ocr"
    page.close()
    return layer


def _parsed(parse: Callable[[], T | None]) -> T | None:
    """What a parser makes of the file; None where it gives up, in whichever of its many ways."""
    try:
        return parse()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken file makes a parser fail anywhere; the page is then read as a picture
        return None


def _covered(page: Any) -> bool:
    """Whether one picture covers the page."""
    area = float(page.width) * float(page.height)
    return any((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) > 0.85 * area for image in page.images)
