"""Bar codes and QR codes on the picture of a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

from bots.documents.document import Box
from bots.documents.pages.limits import Limits
from bots.documents.pages.page import Code, Page
from bots.documents.pages.pdf_file import check_pdf, kind_of
from bots.documents.pages.raster import picture_count, picture_pages

DPI = 150  # at which a digital page is drawn: a payment code of 46 mm has some 4 pixels a module then
SECOND_DPI = 300  # for codes in small print, where all of them are wanted
SEARCHED = 20  # pages of a digital document on which payment codes are looked for unasked
SMALLEST = 30.0  # points: a payment code is not smaller, or no telephone could read it
SIDES = 400  # strokes on a page from which on they may be the squares of a code
Wanted: TypeAlias = Literal["all", "qr"]


def codes_of(image: Any, dpi: float, wanted: Wanted = "all") -> list[Code]:
    """The codes on a Pillow image, from top to bottom, boxes in points; `qr` is five times as fast as `all`.

    A code whose own check digits fail is left out.
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode] if wanted == "qr" else [])
    found = zxingcpp.read_barcodes(image, formats=formats)
    codes = [Code(_kind(code.format), _text(code), _box(code.position, 72 / dpi)) for code in found if code.valid]
    return sorted((code for code in codes if _worth(code)), key=lambda code: (code.box[1], code.box[0]))


def codes_in_pdf(path: Path, numbers: Collection[int] | None = None, wanted: Wanted = "all") -> dict[int, list[Code]]:
    """The codes of the pages of a PDF by page number from 1; of all pages where no numbers are given.

    The pages are drawn, since a digital code is as often made of lines as it is a picture.
    """
    import pypdfium2 as pdfium

    found: dict[int, list[Code]] = {}
    with pdfium.PdfDocument(path) as pdf:
        for number in sorted(numbers if numbers is not None else range(1, len(pdf) + 1)):
            page = pdf[number - 1]
            found[number] = _codes_on(page, wanted)
            page.close()
    return found


def codes_in_file(path: Path, limits: Limits) -> Iterator[tuple[int, list[Code]]]:
    """All codes of a PDF or a picture, page after page. Raises Unreadable for a file that cannot be opened."""
    if kind_of(path) == "pdf":
        for number in range(1, check_pdf(path, limits.pages) + 1):
            yield number, codes_in_pdf(path, [number])[number]
        return
    for number, image, dpi in picture_pages(path, range(1, picture_count(path, limits) + 1), limits):
        yield number, codes_of(image, dpi)


def codes_on_page(path: Path, number: int) -> list[Code]:
    """The QR codes of a digital page; only of the first `SEARCHED` ones, where a document that asks for money ends.

    Drawing a page costs half as much as reading it, so only one is drawn that can have a code.
    """
    import pypdfium2 as pdfium

    if number > SEARCHED:
        return []
    with pdfium.PdfDocument(path) as pdf:
        page = pdf[number - 1]
        codes = _codes_on(page, "qr") if _may_have_code(page) else []
        page.close()
    return codes


def _may_have_code(page: Any) -> bool:
    """Whether there is a picture that is square or large, or as many strokes as the squares of a code have sides."""
    from pypdfium2 import raw

    area = page.get_width() * page.get_height()
    sides = 0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH], max_depth=4):
        if item.type == raw.FPDF_PAGEOBJ_PATH:
            sides += raw.FPDFPath_CountSegments(item)
            if sides > SIDES:
                return True
            continue
        left, bottom, right, top = item.get_bounds()
        width, height = right - left, top - bottom
        square = min(width, height) > SMALLEST and max(width, height) < 1.25 * min(width, height)
        if square or width * height > 0.12 * area:
            return True
    return False


def _codes_on(page: Any, wanted: Wanted) -> list[Code]:
    codes: list[Code] = []
    for dpi in (DPI, SECOND_DPI) if wanted == "all" else (DPI,):
        bitmap = page.render(scale=_scale(page, dpi), grayscale=True)
        for code in codes_of(bitmap.to_pil(), 72 * _scale(page, dpi), wanted):
            if not any(code.text == known.text and _near(code.box, known.box) for known in codes):
                codes.append(code)
        bitmap.close()
    return codes


def _scale(page: Any, dpi: float) -> float:
    """Pixels a point, less for a page so large that it would not fit into memory."""
    area = max(float(page.get_width() * page.get_height()), 1.0)
    return float(min(dpi / 72, (30_000_000 / area) ** 0.5))


def upright(codes: list[Code], page: Page) -> list[Code]:
    """The codes of a scan, found on the paper as it lay, with boxes on the page as it was turned to be read."""
    return [Code(code.kind, code.text, _upright(code.box, page)) for code in codes]


def _upright(box: Box, page: Page) -> Box:
    from math import cos, sin

    x0, y0, x1, y1 = box
    width, height = page.paper
    for _ in range(page.quarters):
        # One quarter counter-clockwise: the right edge becomes the top.
        x0, y0, x1, y1 = y0, width - x1, y1, width - x0
        width, height = height, width
    dx, dy = (x0 + x1 - width) / 2, (y0 + y1 - height) / 2
    sine, cosine = sin(-page.turned), cos(-page.turned)
    x, y = cosine * dx - sine * dy + width / 2, sine * dx + cosine * dy + height / 2
    return (x - (x1 - x0) / 2, y - (y1 - y0) / 2, x + (x1 - x0) / 2, y + (y1 - y0) / 2)


def _kind(barcode: Any) -> str:
    """`qr`, `code128`, `ean13`, `datamatrix`: the format's name in small letters."""
    name = str(barcode.name).lower()
    return {"qrcode": "qr", "qrcodemodel2": "qr", "code39std": "code39"}.get(name, name)


def _text(code: Any) -> str:
    """What a code says; bytes that are no text in the code's own charset are read as Latin-1."""
    text = str(code.text)
    if "\ufffd" in text or "<U+" in text:
        return bytes(code.bytes).decode("latin-1")
    return text


def _box(position: Any, points: float) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across, down = [corner.x * points for corner in corners], [corner.y * points for corner in corners]
    return (min(across), min(down), max(across), max(down))


_UNPROVEN = frozenset(
    {"itf", "code39", "codabar", "dxfilmedge", "telepenalpha", "telepennumeric", "code93", "ean8", "upce"}
)


def _worth(code: Code) -> bool:
    """Short codes of the kinds that carry no strong check of their own are found in rulings and hatchings, too."""
    return bool(code.text.strip()) and not (code.kind in _UNPROVEN and len(code.text) < 6)


def _near(one: Box, other: Box) -> bool:
    apart = abs(one[0] + one[2] - other[0] - other[2]) + abs(one[1] + one[3] - other[1] - other[3])
    return apart < 60


def has_text(codes: list[Code], text: str) -> bool:
    """Whether one of the codes says this."""
    return any(code.text == text for code in codes)


def numbered(pages: list[Page]) -> Iterator[tuple[int, Code]]:
    """All codes of a document with the number of their page."""
    for page in pages:
        for code in page.codes:
            yield page.number, code
