"""What speaks for and against a chosen value, as numbers: the measures from which its confidence is calculated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from bots.documents.invoices.candidates import Candidate
from bots.documents.schemas import Schema

# The fields whose confidence is calculated alike: they are found in the same way and fail in the same way.
GROUPS: Mapping[str, str] = {
    "number": "number",
    "order_number": "order_number",
    "issue_date": "issue_date",
    "due_date": "due_date",
    "seller.name": "seller_name",
    "seller.address": "address",
    "buyer.name": "buyer_name",
    "seller.tax_id": "tax_id",
    "buyer.tax_id": "tax_id",
    "seller.iban": "iban",
    "net_total": "net_total",
    "tax_total": "tax_total",
    "total": "total",
}


def group_of(name: str, kind: str) -> str:
    """The group a field of a kind of document belongs to; fields an author defined are `own`."""
    group = GROUPS.get(name, "own")
    return f"receipt_{group}" if kind == "receipt" and group != "own" else group


def features_of(chosen: Candidate, rivals: Iterable[Candidate], **more: float) -> dict[str, float]:
    """The measures of a choice, each about 0..1 and the more the better; `more` adds what only some fields have."""
    first = _held(chosen.score)
    second = max((_held(rival.score) for rival in rivals if rival.value != chosen.value), default=0.0)
    scanned = chosen.source == "ocr"
    atom = chosen.atom
    return {
        "score": first,
        "lead": first - second,
        "far_ahead": min(max(first - second, 0.0) / 0.35, 1.0),
        "digital": 0.0 if scanned else 1.0,
        "reading": chosen.reading if scanned else 1.0,
        "checked": 1.0 if atom is not None and atom.checked else 0.0,
        "labelled": 1.0 if chosen.label else 0.0,
        "repeated": min((chosen.repeats - 1) / 2, 1.0),
        **more,
    }


def _held(score: float) -> float:
    return min(max(score, 0.0), 1.0)


def document_features(schema: Schema, sure: Mapping[str, float], unanswered: int = 0) -> dict[str, float]:
    """The measures of a whole document from the confidence of its fields, each growing with it.

    `core` is that of number, date and total, all right at once (0 where one is missing), `seller` that of its name,
    `all` that of every field given, `least` the one most in doubt: each as log odds, so that a sum of them makes sense.
    `answered` falls with the fields that were overlooked; an invoice that is `addressed` to nobody was not read well.
    """
    core = math.prod(sure.get(name, 0.0) for name in schema.required if name != "seller.name")
    return {
        "core": _odds(core),
        "seller": _odds(sure.get("seller.name", 0.0)),
        "all": _odds(math.prod(sure.values())),
        "least": _odds(min(sure.values(), default=0.0)),
        "answered": 1 / (1 + unanswered),
        "addressed": 1.0 if "buyer.name" in sure else 0.0,
    }


def _odds(share: float) -> float:
    """Log odds brought to about 0..1: 0 for 1 %, 1 for 99 %."""
    held = min(max(share, 0.01), 0.99)
    return math.log(held / (1 - held)) / (2 * math.log(99)) + 0.5
