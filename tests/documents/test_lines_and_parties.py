"""Line items with wrapped descriptions over pages, and who sells to whom."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bots.documents.reader import read_document
from bots.documents.words.names import bare_name
from tests.documents.paper import ENGLISH, GERMAN, draw


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    first, second = read_document(draw(tmp_path / "a.pdf", GERMAN)).lines
    assert (first.description, first.quantity, first.unit_price, first.net_total) == (
        "Kopierpapier A4, Karton",
        Decimal(20),
        Decimal("8.50"),
        Decimal("170.00"),
    )
    assert second.net_total == Decimal("1140.00")
    assert second.box is not None


def test_rows_that_do_not_add_up_to_the_net_are_a_problem(tmp_path: Path) -> None:
    rows = "Copy paper A4, box|20|8.50|170.00;Archive folder, blue|30|3.50|105.00"
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, rows=rows))
    assert [(problem.code, problem.message) for problem in document.problems] == [
        (
            "LINES_DISAGREE",
            "The lines add up to 275.00, but the net total says 310.00; compare the lines with the page",
        )
    ]
    assert document.confidence < 0.9


def test_the_buyers_tax_id_is_not_the_sellers(tmp_path: Path) -> None:
    changes = {
        "buyer": "Bill to:|Harbour Books GmbH|Kaistr. 4|28195 Bremen|VAT ID: DE136695976",
        "seller": "Northwind Paper Ltd|12 Mill Lane|Leeds LS1 2AB",
    }
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, **changes))
    assert document.value("buyer.tax_id") == "DE136695976"
    assert document.value("seller.tax_id") is None
    assert document.value("seller.name") == "Northwind Paper Ltd"


def test_a_tax_id_of_a_wrong_form_is_a_problem(tmp_path: Path) -> None:
    seller = "Nordpapier GmbH|Mühlenweg 12|04109 Leipzig|USt-IdNr.: DE 1366959"
    document = read_document(draw(tmp_path / "a.pdf", GERMAN, seller=seller))
    assert [(problem.code, problem.message) for problem in document.problems] == [
        (
            "TAX_ID_FORM",
            "The tax id DE1366959 does not have the form of a VAT id; compare it with the page",
        )
    ]


def test_a_wrong_iban_is_a_problem_before_anyone_pays(tmp_path: Path) -> None:
    seller = GERMAN["seller"].replace("0130 00", "0130 01")
    (problem,) = read_document(draw(tmp_path / "a.pdf", GERMAN, seller=seller)).problems
    assert problem.message == (
        "The IBAN DE89370400440532013001 fails its own checksum; compare it with the page before paying"
    )


def test_a_due_date_before_the_issue_date_is_a_problem(tmp_path: Path) -> None:
    (problem,) = read_document(draw(tmp_path / "a.pdf", ENGLISH, due="Due date: 13 February 2026")).problems
    assert problem.message == (
        "The due date 2026-02-13 lies before the issue date 2026-03-14; compare them with the page"
    )


def test_freight_between_net_and_total_is_no_disagreement(tmp_path: Path) -> None:
    changes = {"due": "Shipping: 10.00", "total": "Total due|£382.00"}
    document = read_document(draw(tmp_path / "a.pdf", ENGLISH, **changes))
    assert document.value("total") == Decimal("382.00")
    assert document.problems == []


def test_what_stands_behind_a_dot_is_no_part_of_a_name_with_its_legal_form() -> None:
    assert (
        bare_name("Papeterie Lumière SARL · RCS Lyon 842 173 650 · SARL au capital de 20 000 €")
        == "Papeterie Lumière SARL"
    )
    assert bare_name("Muster GmbH, Hauptstr. 1, 04109 Leipzig") == "Muster GmbH"
