"""Digital PDFs are read from their text layer, and doubtful ones say so."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bots.documents.reader import read_document
from tests.documents.paper import ENGLISH, GERMAN, draw


def test_an_english_invoice_is_read_whole(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH))
    assert {name: found.value for name, found in document.fields.items()} == {
        "number": "INV-2026-0417",
        "issue_date": date(2026, 3, 14),
        "due_date": date(2026, 4, 13),
        "currency": "GBP",
        "seller.name": "Northwind Paper Ltd",
        "seller.tax_id": "GB980780684",
        "seller.iban": "GB29NWBK60161331926819",
        "buyer.name": "Harbour Books Ltd",
        "order_number": "PO-77120",
        "net_total": Decimal("310.00"),
        "tax_total": Decimal("62.00"),
        "total": Decimal("372.00"),
    }
    assert document.problems == []
    assert document.confidence >= 0.9
    assert (document.type, document.language, document.pages) == ("invoice", "en", 1)


def test_a_german_invoice_is_read_with_its_own_numbers_and_dates(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", GERMAN))
    assert document.value("number") == "RE-20417"
    assert document.value("issue_date") == date(2026, 3, 14)
    assert document.value("due_date") == date(2026, 4, 13)
    assert document.value("seller.name") == "Nordpapier GmbH"
    assert document.value("seller.tax_id") == "DE136695976"
    assert document.value("buyer.name") == "Buchhaus Hafen GmbH"
    assert document.value("net_total") == Decimal("1310.00")
    assert document.value("total") == Decimal("1558.90")
    assert document.problems == []
    assert document.confidence >= 0.9


def test_each_value_says_where_it_stands(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH))
    total = document.fields["total"]
    assert total.page == 1
    assert total.source == "text"
    assert total.box is not None
    x0, _, x1, _ = total.box
    assert x1 == pytest.approx(540, abs=2)
    assert 495 < x0 < 512


def test_totals_that_do_not_add_up_are_a_problem_with_the_numbers(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, total="Total due|£392.00"))
    problem = next(problem for problem in document.problems if problem.code == "TOTALS_DISAGREE")
    assert problem.message == (
        "Net 310.00 plus tax 62.00 is 372.00, but the total says 392.00; compare them with the page"
    )
    assert problem.fields == ("net_total", "tax_total", "total")
    assert document.confidence < 0.9


def test_a_missing_number_is_a_problem(tmp_path: Path) -> None:
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, number="", order=""))
    assert [(problem.code, problem.message) for problem in document.problems] == [
        ("MISSING_FIELD", "No invoice number was found; look at the page and enter it")
    ]
    assert document.confidence < 0.5


def test_a_date_that_can_be_read_in_two_ways_is_never_guessed(tmp_path: Path) -> None:
    changes = {
        "seller": "Northwind Paper Company|12 Mill Lane",
        "date": "Invoice date: 03/04/2026",
        "due": "",
        "buyer": "Bill to:|Harbour Books",
        "total": "Total due|372.00",
    }
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, **changes))
    problem = next(problem for problem in document.problems if problem.code == "AMBIGUOUS_DATE")
    assert problem.message == ("The issue date 03/04/2026 may be 2026-04-03 or 2026-03-04; the page does not decide")
    assert document.confidence < 0.9


def test_another_date_of_the_document_decides_the_order(tmp_path: Path) -> None:
    changes = {"date": "Invoice date: 03/04/2026", "due": "Due date: 28/04/2026"}
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, **changes))
    assert document.value("issue_date") == date(2026, 4, 3)
    assert document.problems == []


def test_authors_name_their_own_fields(tmp_path: Path) -> None:
    fields = {"extends": "invoice", "po": {"type": "text", "labels": ["PO number"], "pattern": r"PO-\d+"}}
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH), fields)
    assert document.value("po") == "PO-77120"
    assert document.fields["po"].confidence >= 0.9
    assert document.value("number") == "INV-2026-0417"


def test_the_json_is_as_the_language_says(tmp_path: Path) -> None:
    data = read_document(draw(tmp_path / "a.pdf", ENGLISH)).to_json()
    assert json.loads(json.dumps(data)) == data
    assert list(data) == [
        "file", "pages", "type", "language", "fields", "lines", "tax_breakdown", "tables", "problems", "confidence"
    ]  # fmt: skip
    assert data["fields"]["total"]["value"] == "372.00"
    assert data["fields"]["issue_date"]["value"] == "2026-03-14"
    assert list(data["fields"]["total"]) == ["value", "confidence", "page", "box", "source"]
