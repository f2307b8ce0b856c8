"""One module a vendor's layout: `draw(invoice)` gives the PDF as that vendor's billing system would."""

from __future__ import annotations

from demo.samples.invoice import Invoice
from demo.samples.layouts import band, boxes, centered, columns, letter, modern, papeterie, typewriter

LAYOUTS = {
    "letter": letter.draw,
    "boxes": boxes.draw,
    "centered": centered.draw,
    "band": band.draw,
    "columns": columns.draw,
    "modern": modern.draw,
    "typewriter": typewriter.draw,
    "papeterie": papeterie.draw,
}


def draw(invoice: Invoice) -> bytes:
    """The invoice as a PDF in its vendor's layout; the same bytes each time."""
    return LAYOUTS[invoice.vendor.layout](invoice)
