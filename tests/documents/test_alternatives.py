"""What else a doubtful field may be, as the reading keeps it for the person who looks."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bots.documents.deciding.opinion import second_opinion
from bots.documents.document import Document, Finding
from bots.documents.reader import read_document
from bots.documents.schemas import INVOICE
from tests.documents.paper import ENGLISH, draw


def test_what_would_make_the_sums_hold_is_offered_first(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "wrong.pdf", ENGLISH, total="Total due|£392.00"))
    first, *others = document.alternatives["total"]
    assert (first.value, first.why, first.mends, first.confidence) == (Decimal("372.00"), "net plus tax", True, None)
    assert all(not one.mends and one.page == 1 and one.box for one in others)
    # 82.00 would be no 20 % of 310.00, and a net of 330.00 is not the sum of the rows.
    assert not any(one.mends for name in ("net_total", "tax_total") for one in document.alternatives.get(name, []))


def test_a_document_without_doubts_has_none(tmp_path: Path) -> None:
    assert read_document(draw(tmp_path / "right.pdf", ENGLISH)).alternatives == {}


def test_what_the_other_reading_of_a_scan_saw_is_an_alternative() -> None:
    first = Document("a.pdf", fields={"number": Finding("INV-2O26", 0.9, 1, (1, 2, 3, 4), "ocr")})
    second = Document("a.pdf", fields={"number": Finding("INV-2026", 0.8, 1, (1, 2, 3, 4), "ocr")})
    merged = second_opinion(first, second, INVOICE)
    assert merged.fields["number"].value == "INV-2O26"
    (other,) = merged.alternatives["number"]
    assert (other.value, other.why, other.box) == ("INV-2026", "read otherwise", (1, 2, 3, 4))
