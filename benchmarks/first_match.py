"""The baseline of `bench documents`: what one writes in an afternoon. The text of the page, and the first match wins.

Text comes from pdfplumber where the PDF has any, else from pytesseract at 200 dpi; for each field the first of a few
and the total is the largest amount beside a word for one. Amounts and dates are then read with the same parsers the
reader has, so that the comparison is of finding and not of parsing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bots.documents.document import Document, Finding, Value
from bots.documents.words.amounts import parse_amount
from bots.documents.words.dates import parse_date

_DATE = r"(\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? [A-Za-zäé]{3,9}\.?,? \d{4}|[A-Z][a-z]{2,8} \d{1,2}, \d{4})"
_AMOUNT = r"(-?\d[\d.,' ]*[.,]\d{2})\b"
_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "number": (
        r"(?i:invoice|rechnungs?|facture|fattura|factura|factuur|beleg|contract|order)[ -]?"
        r"(?i:no|nr|number|nummer|num[ée]ro|n°|#)[\W_]*([A-Z0-9][A-Z0-9/-]{2,})",
        r"(?:Invoice|INVOICE|Rechnung|RECHNUNG|Facture|FACTURE)[\W_]+((?=\S*\d)[A-Z0-9][A-Z0-9/-]{2,})",
    ),
    "issue_date": (r"(?i:date|datum|data|fecha|vom)\W*\s*" + _DATE, _DATE),
    "seller.tax_id": (r"\b((?:ATU|BE|DE|DK|ES|FR|GB|IT|NL|PL|PT) ?[0-9]{8,11}(?:B\d\d)?)\b",),
}
_TOTAL = re.compile(
    r"total|gesamt|summe|zahlbetrag|rechnungsbetrag|amount due|payer|importe|totale|bedrag|kwota", re.IGNORECASE
)


def read_first_match(path: Path) -> Document:
    """Number, date, total and VAT id of a document by the first match."""
    document = Document(str(path))
    text = _text(path)
    for name, patterns in _PATTERNS.items():
        match = next((found for pattern in patterns if (found := re.search(pattern, text))), None)
        value = _value(name, match[1]) if match else None
        if value is not None:
            document.fields[name] = Finding(value, 1.0)
    amounts = [
        parse_amount(printed[-1])
        for line in text.splitlines()
        if _TOTAL.search(line) and (printed := re.findall(_AMOUNT, line))
    ]
    if known := [amount for amount in amounts if amount is not None]:
        document.fields["total"] = Finding(max(known), 1.0)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines:
        document.fields["seller.name"] = Finding(lines[0], 1.0)
        document.fields["seller.address"] = Finding(" ".join(lines[1:4]), 1.0)
    return document


def _value(name: str, printed: str) -> Value | None:
    if name == "issue_date":
        return parse_date(printed)
    return printed.replace(" ", "")


def _text(path: Path) -> str:
    import pdfplumber
    import pytesseract
    from PIL import Image

    if path.suffix.lower() != ".pdf":
        with Image.open(path) as image:
            return str(pytesseract.image_to_string(image))
    texts = []
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages[:10]:
            text = page.extract_text() or ""
            if len(text) < 25:
                text = str(pytesseract.image_to_string(page.to_image(resolution=200).original))
            texts.append(text)
    return "\n".join(texts)
