"""Draws the small documents that the tests read: an invoice in a plain layout, as a digital PDF or as a scan of it."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

ENGLISH: dict[str, str] = {
    "title": "INVOICE",
    "number": "Invoice number: INV-2026-0417",
    "date": "Invoice date: 14 March 2026",
    "due": "Due date: 13 April 2026",
    "order": "PO number: PO-77120",
    "head": "Description|Quantity|Unit price|Amount",
    "net": "Net total|310.00",
    "tax": "VAT 20%|62.00",
    "total": "Total due|£372.00",
    "buyer": "Bill to:|Harbour Books Ltd|4 Quay Street|Bristol BS1 4RB",
    "seller": "Northwind Paper Ltd|12 Mill Lane|Leeds LS1 2AB|VAT no: GB 980 7806 84|IBAN: GB29 NWBK 6016 1331 9268 19",
    "rows": "Copy paper A4, box|20|8.50|170.00;Archive folder, blue|40|3.50|140.00",
}
GERMAN: dict[str, str] = {
    "title": "Rechnung",
    "number": "Rechnungsnummer: RE-20417",
    "date": "Rechnungsdatum: 14.03.2026",
    "due": "Zahlbar bis: 13.04.2026",
    "order": "Ihre Bestellnummer: B-5512",
    "head": "Bezeichnung|Menge|Einzelpreis|Gesamtpreis",
    "net": "Summe netto|1.310,00 €",
    "tax": "zzgl. 19 % MwSt.|248,90 €",
    "total": "Gesamtbetrag|1.558,90 €",
    "buyer": "Rechnungsempfänger:|Buchhaus Hafen GmbH|Kaistraße 4|28195 Bremen",
    "seller": "Nordpapier GmbH|Mühlenweg 12|04109 Leipzig|USt-IdNr.: DE 136 695 976|IBAN: DE89 3704 0044 0532 0130 00",
    "rows": "Kopierpapier A4, Karton|20|8,50|170,00;Regal, verzinkt|4|285,00|1.140,00",
}


def draw(path: Path, text: dict[str, str], **changes: str) -> Path:
    """A one-page invoice: seller and footer, buyer at the left, numbers at the right, rows, totals."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    words = {**text, **changes}
    canvas = Canvas(str(path), pagesize=A4)
    height = A4[1]
    seller = words["seller"].split("|")
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(50, height - 60, seller[0])
    canvas.setFont("Helvetica", 10)
    for index, line in enumerate(words["buyer"].split("|")):
        canvas.drawString(50, height - 130 - 14 * index, line)
    for index, name in enumerate(("number", "date", "due", "order")):
        if words[name]:
            canvas.drawString(340, height - 130 - 14 * index, words[name])
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(50, height - 230, words["title"])
    canvas.setFont("Helvetica", 10)
    rows = [words["head"], *filter(None, words["rows"].split(";"))]
    for index, row in enumerate(rows):
        cells = row.split("|")
        canvas.drawString(50, height - 270 - 18 * index, cells[0])
        for edge, cell in zip((350, 440, 540), cells[1:], strict=True):
            canvas.drawRightString(edge, height - 270 - 18 * index, cell)
    y = height - 270 - 18 * len(rows) - 20
    for name in ("net", "tax", "total"):
        if words[name]:
            label, value = words[name].split("|")
            canvas.drawString(350, y, label)
            canvas.drawRightString(540, y, value)
            y -= 16
    canvas.setFont("Helvetica", 8)
    for index, line in enumerate(seller):
        canvas.drawString(50, 100 - 11 * index, line)
    canvas.save()
    return path


def scan(source: Path, target: Path, *, dpi: int = 200, skew: float = 0.8, noise: int = 12, seed: int = 7) -> Path:
    """The page as a scanner would give it: grey, a little askew, noisy, JPEG in a PDF (or a plain picture)."""
    import numpy
    import pypdfium2 as pdfium
    from PIL import Image

    with pdfium.PdfDocument(source) as pdf:
        page = pdf[0]
        bitmap = page.render(scale=dpi / 72, grayscale=True)
        image: Any = bitmap.to_pil().copy()
        bitmap.close()
        page.close()
    image = image.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=255)
    random.seed(seed)
    grain = numpy.random.default_rng(seed).normal(0, noise, (image.height, image.width))
    image = Image.fromarray(numpy.clip(numpy.asarray(image, dtype=float) + grain, 0, 255).astype("uint8"))
    if target.suffix == ".pdf":
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=60, dpi=(dpi, dpi))
        Image.open(buffer).save(target, "PDF", resolution=dpi)
    else:
        image.save(target, dpi=(dpi, dpi))
    return target
