"""The taxes by rate: as a table, inside the sums, from one rate or from the lines; and where they contradict the total."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bots.documents.document import Document
from bots.documents.reader import read_document, understand
from bots.documents.schemas import INVOICE
from tests.documents.paper import ENGLISH, GERMAN, draw
from tests.documents.test_line_tables import HEAD, TITLE, page

ROWS = [
    TITLE,
    HEAD,
    (120, ((50, "Copy paper"), (300, "2"), (380, "100.00"), (480, "200.00"))),
    (135, ((50, "Tea"), (300, "1"), (380, "50.00"), (480, "50.00"))),
]


def shares(document: Document) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [(share.rate, share.basis, share.amount) for share in document.tax_breakdown]


def test_a_table_of_rates_is_read() -> None:
    rows = [
        *ROWS,
        (160, ((50, "VAT rate"), (150, "Net"), (250, "VAT"))),
        (175, ((50, "20 %"), (150, "200.00"), (250, "40.00"))),
        (190, ((50, "5 %"), (150, "50.00"), (250, "2.50"))),
        (220, ((380, "Net total"), (480, "250.00"))),
        (235, ((380, "Total VAT"), (480, "42.50"))),
        (250, ((380, "Total due"), (480, "292.50"))),
    ]
    document = understand("a.pdf", [page(rows)], INVOICE)
    assert shares(document) == [
        (Decimal(20), Decimal("200.00"), Decimal("40.00")),
        (Decimal(5), Decimal("50.00"), Decimal("2.50")),
    ]
    assert document.to_json()["tax_breakdown"][0]["rate"] == "20"
    assert "TAX_DISAGREES" not in [problem.code for problem in document.problems]


def test_of_two_amounts_that_fit_a_rate_the_one_that_makes_the_net_is_taken() -> None:
    rows = [
        TITLE,
        (160, ((50, "Rate"), (120, "Goods"), (200, "Discount"), (280, "Net"), (360, "VAT"))),
        (175, ((50, "20 %"), (120, "4.95"), (200, "0.10"), (280, "4.85"), (360, "0.97"))),
        (190, ((50, "7 %"), (120, "2.90"), (200, "0.08"), (280, "2.82"), (360, "0.20"))),
        (220, ((380, "Net total"), (480, "7.67"))),
        (235, ((380, "Total VAT"), (480, "1.17"))),
        (250, ((380, "Total due"), (480, "8.84"))),
    ]
    assert [basis for _, basis, _ in shares(understand("a.pdf", [page(rows)], INVOICE))] == [
        Decimal("4.85"),
        Decimal("2.82"),
    ]


def test_one_rate_is_on_the_whole_net(tmp_path: Path) -> None:
    assert shares(read_document(draw(tmp_path / "a.pdf", GERMAN))) == [
        (Decimal(19), Decimal("1310.00"), Decimal("248.90"))
    ]


def test_a_rate_that_does_not_make_the_tax_gives_no_breakdown(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, tax="VAT 5%|62.00"))
    assert document.tax_breakdown == []


def test_a_tax_that_is_not_its_rate_of_what_it_is_on_is_a_problem(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, tax="VAT 5% on 310.00|62.00"))
    assert [(problem.code, problem.message, problem.fields) for problem in document.problems] == [
        (
            "TAX_DISAGREES",
            "5 % of 310.00 is 15.50, but the tax says 62.00; compare the taxes with the page",
            ("tax_total",),
        )
    ]
