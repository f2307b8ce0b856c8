"""Dates in sentences: `payable until`, `2 % discount if paid by`, `will be debited on`, `Munich, 27 January 2026`."""

from __future__ import annotations

import re

Meant = tuple[str, float, str]
"""A field, how strongly a date is meant for it (0..1), and the reason as one word."""

_UNTIL = re.compile(
    r"\b(?:bis|bis zum|bis spätestens|zum|am|until|by|before|on|avant le|antes del?|entro il|entro|voor|op|em|"
    r"até(?: ao dia| a| o)?|uiterlijk|fino al|no later than|spätestens|am|au plus tard le|do dnia|do|le|il|el)\s*$",
    re.IGNORECASE,
)
_PAYMENT = re.compile(
    r"zahlbar|zahlung|zahlen|überweis|fällig|payable|remit|\bpay|due|payer|paiement|règlement|régler|échéance|pagar|pagad|pago|vence|saldar|abonar|liquidar|voldoen|voldaan|régl|uregulowa|"
    r"vencimiento|pagare|pagamento|scadenza|betal|vencimento|zapłat|płatn",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"\s*(?:zur Zahlung )?(?:fällig|zahlbar|zu (?:be)?zahlen|zu überweisen|zu begleichen|te betalen|te voldoen|"
    r"over te maken)",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"received|erhalten|eingegangen|reçu|\bpaid|bezahlt|recibid|ricevut|ontvangen|recebid|otrzyman", re.IGNORECASE
)
_DEBIT = re.compile(
    r"lastschrift|eingezogen|einziehen|abgebucht|abbuch|direct debit|debited|prélev|adeudo|domicilia|cargo en|addebit|"
    r"incasso|afgeschreven|débito directo|polecenie zapłaty",
    re.IGNORECASE,
)
_DISCOUNT = re.compile(r"skonto|discount|escompte|descuento|sconto|korting|desconto|skont", re.IGNORECASE)
_PLACE = re.compile(r"[A-ZÀ-Ý][^\W\d][^\d:]{1,28},\s*(?:den |le |the |il |el )?")  # `München, 27. Januar 2026`
_SENTENCE = re.compile(r"\d{2,4}[.,;] |[.;,] (?=\w{3})")
_NEXT = re.compile(r"[.;] |\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|, (?!(?:abz|mit|minus|less|with|avec|con|met)\w*)")


def discounted(before: str, after: str) -> bool:
    """Whether a date is where a cash discount ends. `before` and `after` are the text around it."""
    clause = _SENTENCE.split(before.rpartition("  ")[2])[-1]
    return bool(_DISCOUNT.search(clause) or _DISCOUNT.search(_NEXT.split(after, maxsplit=1)[0]))


def spoken(before: str, after: str, following: str) -> list[Meant]:
    """What a sentence makes of a date. `before` and `after` are the text around it, `following` is the next line."""
    if not _UNTIL.search(before):
        return []
    if discounted(before, after):
        return [("other.date", 0.95, "discount")]
    if _PAID.search(before) or _PAID.search(_NEXT.split(after, maxsplit=1)[0]):
        return []
    if _PAYMENT.search(before) or _FOLLOWS.match(after):
        return [("due_date", 0.92, "until")]
    return [("due_date", 0.8, "debit")] if _DEBIT.search(f"{before} {after} {following}") else []


def placed(cell: str) -> bool:
    """Whether what stands before a date in its cell is only the place where a letter was written."""
    return bool(_PLACE.fullmatch(cell))
