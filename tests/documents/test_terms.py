"""Days to pay in, in the languages and shorthands of invoices, and the due date they come to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bots.documents.invoices.terms import EarlyDiscount, PaymentTerms, payment_terms
from bots.documents.pages.page import Page, Word
from bots.documents.reader import read_document
from tests.documents.paper import ENGLISH, draw

ISSUED = date(2026, 3, 14)


def terms_of(text: str) -> PaymentTerms | None:
    words, x = [], 50.0
    for word in text.split(" "):
        words.append(Word(word, (x, 100, x + 5 * len(word), 110)))
        x += 5 * len(word) + 3
    return payment_terms([Page(1, 595, 842, words)])


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Net 30", date(2026, 4, 13)),
        ("Payment terms: 30 days net", date(2026, 4, 13)),
        ("Zahlbar innerhalb von 14 Tagen ohne Abzug", date(2026, 3, 28)),
        ("10 Tage 2 % Skonto, 30 Tage netto", date(2026, 4, 13)),
        ("Paiement à 30 jours fin de mois", date(2026, 4, 30)),
        ("30 jours date de facture", date(2026, 4, 13)),
        ("Pago a 60 días", date(2026, 5, 13)),
        ("Pagamento: bonifico bancario 30 gg F.M.", date(2026, 4, 30)),
        ("Betaling binnen 14 dagen na factuurdatum", date(2026, 3, 28)),
        ("Termin płatności: 7 dni", date(2026, 3, 21)),
        ("Condições de pagamento: 30 dias", date(2026, 4, 13)),
        ("2/10 net 30", date(2026, 4, 13)),
    ],
)
def test_days_to_pay_in_come_to_a_due_date(text: str, due: date) -> None:
    terms = terms_of(text)
    assert terms is not None
    assert terms.due(ISSUED) == due


@pytest.mark.parametrize(
    ("text", "discount"),
    [
        ("10 Tage 2 % Skonto, 30 Tage netto", EarlyDiscount(Decimal(2), 10)),
        ("2/10 net 30", EarlyDiscount(Decimal(2), 10)),
        ("Zahlbar in 8 Tagen mit 2,5 % Skonto oder 30 Tage netto", EarlyDiscount(Decimal("2.5"), 8)),
    ],
)
def test_a_discount_for_paying_early_is_kept_apart(text: str, discount: EarlyDiscount) -> None:
    terms = terms_of(text)
    assert terms is not None
    assert (terms.days, terms.discounts) == (30, (discount,))


@pytest.mark.parametrize(
    "text",
    [
        "Reklamationen innerhalb von 8 Tagen nach Lieferung, Zahlung in EUR",
        "Returns accepted within 30 days, payment by card",
        "Delivery within 14 days",
        "Bei Zahlung innerhalb von 10 Tagen gewähren wir 2 % Skonto.",
        "Interest on late payment after 30 days overdue",
    ],
)
def test_other_days_are_no_days_to_pay_in(text: str) -> None:
    assert terms_of(text) is None


def test_a_calculated_due_date_is_never_sure(tmp_path: Path) -> None:
    found = read_document(draw(tmp_path / "a.pdf", ENGLISH, due="Payment terms: 30 days net")).fields["due_date"]
    assert found.value == date(2026, 4, 13)
    assert found.confidence <= 0.5


def test_a_printed_due_date_goes_before_a_calculated_one(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, order="Terms: 60 days net"))
    assert document.value("due_date") == date(2026, 4, 13)
