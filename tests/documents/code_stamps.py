"""Bar codes and payment codes as they are drawn on documents: as lines in a PDF, or as a picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

SWISS = {
    "iban": "CH4431999123000889012",
    "creditor": "S|Robert Schneider AG|Rue du Lac|1268|2501|Biel|CH",
    "amount": "1949.75",
    "currency": "CHF",
    "debtor": "S|Pia Rutschmann|Marktgasse|28|9400|Rorschach|CH",
    "kind": "QRR",
    "reference": "210000000003139471430009017",
    "message": "Order of 15.06.2020",
    "trailer": "EPD",
    "billing": "//S1/10/10201409/11/200515/20/140.000-53/30/102673386/31/200615/32/7.7/40/0:30",
}


def swiss(**changes: str) -> str:
    """The text of a Swiss QR code, as in the standard's own example."""
    said = {**SWISS, **changes}
    parts = [
        "SPC",
        "0200",
        "1",
        said["iban"],
        *said["creditor"].split("|"),
        *[""] * 7,
        said["amount"],
        said["currency"],
    ]
    parts += [*said["debtor"].split("|"), said["kind"], said["reference"], said["message"], said["trailer"]]
    return "\r\n".join([*parts, said["billing"]])


def epc(**changes: str) -> str:
    """The text of a GiroCode."""
    said = {"version": "002", "service": "SCT", "bic": "", "name": "Nordpapier GmbH", "iban": "DE89370400440532013000"}
    said |= {"amount": "EUR1558.90", "reference": "", "text": "RE-20417", **changes}
    head = ["BCD", said["version"], "1", said["service"], said["bic"], said["name"], said["iban"], said["amount"], ""]
    return "\n".join([*head, said["reference"], said["text"]])


def stamp_picture(path: Path, image: Any, *, x: float = 60, y: float = 40, width: float = 150) -> Path:
    """Put a picture onto the first page of a PDF, from its bottom left corner."""
    from reportlab.lib.utils import ImageReader

    return _stamp(
        path, lambda canvas: canvas.drawImage(ImageReader(image), x, y, width, width * image.height / image.width)
    )


def stamp_qr(path: Path, text: str, *, x: float = 190, y: float = 40, size: float = 130) -> Path:
    """Draw a QR code as lines onto the first page of a PDF; x, y from the bottom left corner, in points."""
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing

    widget = QrCodeWidget(text, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    drawing = Drawing(size, size, transform=[size / (right - left), 0, 0, size / (top - bottom), 0, 0])
    drawing.add(widget)
    return _stamp(path, lambda canvas: renderPDF.draw(drawing, canvas, x, y))


def _stamp(path: Path, draw: Callable[[Any], Any]) -> Path:
    from pypdf import PdfReader, PdfWriter
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    draw(canvas)
    canvas.save()
    writer = PdfWriter(clone_from=str(path))
    writer.pages[0].merge_page(PdfReader(buffer).pages[0])
    writer.write(str(path))
    return path


def barcode_image(kind: str, text: str, scale: int = 3) -> Any:
    """A code as a Pillow image with its quiet zone; `kind` as zxing names it: Code128, EAN13, QRCode."""
    import numpy
    import zxingcpp
    from PIL import Image

    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    return Image.fromarray(numpy.array(code.to_image(scale=scale)))


def page_with(*codes: tuple[Any, int, int], size: tuple[int, int] = (1240, 1754)) -> Any:
    """A white page picture of 150 dpi with pictures pasted at places."""
    from PIL import Image

    page = Image.new("L", size, 255)
    for image, x, y in codes:
        page.paste(image, (x, y))
    return page
