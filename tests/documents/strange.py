"""Invoices of a vendor with its own words: no label that a reader knows stands beside its number or over its date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS: dict[str, str] = {
    "seller": "Quellwerk Manufaktur GmbH",
    "street": "Am Bach 3, 78315 Radolfzell",
    "tax_id": "USt-IdNr. DE 811 193 231",
    "buyer": "Buchhaus Hafen GmbH",
    "label": "Unser Vorgang",
    "number": "VG-20417",
    "other": "Rechnung Nr. der Leistung: 5512",
    "date": "Datum: 14.03.2026",
    "net": "1.310,00",
    "tax": "248,90",
    "total": "1.558,90",
}


def strange(path: Path, **changes: str) -> Path:
    """The invoice: a decoy with the well-known words for a number, the number itself beside words of its own."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    words: dict[str, Any] = {**WORDS, **changes}
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    height = A4[1]
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(50, height - 60, words["seller"])
    canvas.setFont("Helvetica", 10)
    canvas.drawString(50, height - 76, words["street"])
    for index, line in enumerate(("Rechnungsempfänger", words["buyer"], "Kaistraße 4", "28195 Bremen")):
        canvas.drawString(50, height - 120 - 14 * index, line)
    canvas.drawString(340, height - 120, words["date"])
    canvas.drawString(340, height - 134, words["other"])
    if words["label"]:
        canvas.drawString(340, height - 160, words["label"])
        canvas.drawString(440, height - 160, words["number"])
    canvas.drawString(50, height - 270, "Leistung nach Aufwand")
    canvas.drawRightString(540, height - 270, words["net"] + " €")
    y = height - 330
    for label, value in (("Summe netto", "net"), ("zzgl. 19 % MwSt.", "tax"), ("Gesamtbetrag", "total")):
        canvas.drawString(350, y, label)
        canvas.drawRightString(540, y, words[value] + " €")
        y -= 16
    canvas.setFont("Helvetica", 8)
    canvas.drawString(50, 60, words["tax_id"])
    canvas.save()
    return path
