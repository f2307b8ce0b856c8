"""The postal address of the seller: the lines under its name, down to where telephone, numbers or dates begin."""

from __future__ import annotations

import re

from bots.documents.claims import Marks
from bots.documents.document import Box
from bots.documents.page import Line, union
from bots.documents.parties import Name

_STOP = re.compile(
    r"\b(?:tel|telefon|phone|fax|gst|sst|vat|ust|tax|reg|co\.? ?no|roc|www|e-?mail|invoice|receipt|date|datum|bill|"
    r"cash|cashier|table|member|iban|bic|website|hp|h/p|order|doc|customer|kunde|client|served)\b|@|\d\d[-/]\d\d[-/]\d\d|:\s*\S",
    re.IGNORECASE,
)
_REGISTERED = re.compile(r"^\W*(?:co\.?\s*(?:reg|no)|company|roc|reg)?[\s.:no]*\d{4,}\s?-?\s?[A-Z]?\W*$", re.IGNORECASE)
_POSTCODE = re.compile(r"\b\d{4,6}\b")


def address_under(name: Name, lines: list[Line], marks: Marks) -> tuple[str, Line, Box, float] | None:
    """The address under a name: its text, first line, box, and how well it looks like one, 0..1."""
    start = next(
        (line.index for line in lines if abs(line.box[1] - name.box[1]) < line.height and line.page == name.page), None
    )
    if start is None:
        return None
    taken: list[Line] = []
    for line in lines[start + 1 : start + 8]:
        text = line.text.strip()
        if not taken and _REGISTERED.match(text):
            continue
        last = taken[-1] if taken else lines[start]
        if _STOP.search(text) or line.box[1] - last.box[3] > 2.5 * line.height or not re.search(r"[^\W\d]{3}", text):
            break
        taken.append(line)
        if _POSTCODE.search(text) and len(taken) >= 4:
            break
    if not taken:
        return None
    text = re.sub(r"\s+", " ", " ".join(line.text for line in taken)).strip(" ,;")
    likely = 0.85 if _POSTCODE.search(text) else 0.5
    return text, taken[0], union(line.box for line in taken), likely
