"""Swiss QR bills and GiroCodes: what they say, what is wrong with them, and how they settle a document's fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bots.documents.codes.payment_code import payment_code
from bots.documents.codes.swiss_bill import swico
from bots.documents.document import Document
from bots.documents.reader import read_document
from tests.documents.code_stamps import epc, stamp_qr, swiss
from tests.documents.paper import GERMAN, draw


def test_a_swiss_bill_says_who_is_paid_how_much_and_for_which_invoice() -> None:
    bill = payment_code(swiss())
    assert bill is not None
    assert bill.problems == ()
    assert (bill.scheme, bill.iban, bill.name) == ("swiss", "CH4431999123000889012", "Robert Schneider AG")
    assert (bill.address, bill.country) == ("Rue du Lac 1268, 2501 Biel", "CH")
    assert (bill.amount, bill.currency, bill.debtor) == (Decimal("1949.75"), "CHF", "Pia Rutschmann")
    assert (bill.reference_type, bill.reference) == ("QRR", "210000000003139471430009017")
    assert (bill.number, bill.tax_id) == ("10201409", "CHE102673386")
    assert (bill.issue_date, bill.due_date) == (date(2020, 5, 15), date(2020, 6, 14))


def test_a_combined_address_and_an_open_amount_are_read() -> None:
    bill = payment_code(swiss(creditor="K|Robert Schneider AG|Rue du Lac 1268|2501 Biel|||CH", amount=""))
    assert bill is not None
    assert (bill.address, bill.amount, bill.problems) == ("Rue du Lac 1268, 2501 Biel", None, ())


def test_a_creditor_reference_goes_with_a_plain_iban() -> None:
    bill = payment_code(swiss(iban="CH5800791123000889012", kind="SCOR", reference="RF18539007547034"))
    assert bill is not None
    assert (bill.reference_type, bill.problems) == ("SCOR", ())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"iban": "CH4431999123000889013"}, "CH4431999123000889013 is no valid Swiss IBAN"),
        ({"iban": "DE89370400440532013000"}, "DE89370400440532013000 is no valid Swiss IBAN"),
        (
            {"kind": "NON", "reference": ""},
            "the reference type is NON with the account CH4431999123000889012; expected a QR reference",
        ),
        (
            {"iban": "CH5800791123000889012"},
            "the reference type is QRR with the account CH5800791123000889012; expected an IBAN that is no QR-IBAN",
        ),
        (
            {"reference": "210000000003139471430009018"},
            "the QR reference 210000000003139471430009018 fails its check digit",
        ),
        (
            {"iban": "CH5800791123000889012", "kind": "SCOR", "reference": "RF19539007547034"},
            "the creditor reference RF19539007547034 fails its check digits",
        ),
        ({"amount": "1'949.75"}, 'the amount of the QR bill is "1\'949.75"; expected digits as in 1949.75'),
        ({"currency": "USD"}, "the currency of the QR bill is 'USD'; expected CHF or EUR"),
        ({"trailer": "END"}, "the QR bill ends its data with 'END'; expected EPD"),
        ({"creditor": "S||||||"}, "the QR bill does not name its creditor with a country"),
    ],
)
def test_what_cannot_be_right_in_a_swiss_bill_is_said(changes: dict[str, str], problem: str) -> None:
    bill = payment_code(swiss(**changes))
    assert bill is not None
    assert bill.problems == (problem,)


def test_a_swiss_bill_that_breaks_off_is_told_and_not_an_error() -> None:
    bill = payment_code("SPC\n0200\n1\nCH4431999123000889012")
    assert bill is not None
    assert bill.problems[0] == "the QR bill has 4 lines; expected 31 or more"


def test_billing_information_keeps_what_it_writes_rightly() -> None:
    stated = swico(r"//S1/10/X.66711\/8824/11/200712/20/MW-2020-04/30/107978798/32/2.5:117.22/40/3:5;1.5:20;1:40;0:60")
    assert (stated.number, stated.tax_id) == ("X.66711/8824", "CHE107978798")
    assert (stated.issue_date, stated.due_date) == (date(2020, 7, 12), date(2020, 9, 10))
    assert swico("//S1/10/7/11/209912/40/0:30").issue_date is None
    assert swico("//XY/10/7").number == ""


def test_a_giro_code_says_who_is_paid() -> None:
    code = payment_code(epc())
    assert code is not None
    assert (code.scheme, code.name, code.iban) == ("epc", "Nordpapier GmbH", "DE89370400440532013000")
    assert (code.amount, code.currency, code.message) == (Decimal("1558.90"), "EUR", "RE-20417")
    assert code.problems == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"iban": "DE00370400440532013000"},
            "the IBAN DE00370400440532013000 of the payment code fails its own checksum",
        ),
        ({"amount": "1558,90"}, "the amount of the payment code is '1558,90'; expected one as in EUR12.30"),
        ({"version": "001"}, "the payment code has no BIC; version 001 asks for one"),
        (
            {"reference": "RF19539007547034", "text": ""},
            "the creditor reference RF19539007547034 fails its check digits",
        ),
        ({"service": "XXX"}, "the payment code has the service 'XXX'; expected SCT"),
        ({"name": ""}, "the payment code does not name who is paid"),
    ],
)
def test_what_cannot_be_right_in_a_giro_code_is_said(changes: dict[str, str], problem: str) -> None:
    code = payment_code(epc(**changes))
    assert code is not None
    assert code.problems == (problem,)


def test_any_other_code_is_no_payment() -> None:
    assert payment_code("https://example.org/pay") is None
    assert payment_code("") is None


def read_with(tmp_path: Path, text: str, fields: str = "invoice", **changes: str) -> Document:
    return read_document(stamp_qr(draw(tmp_path / "a.pdf", GERMAN, **changes), text), fields)


def test_a_code_that_says_the_same_makes_the_values_surer(tmp_path: Path) -> None:
    document = read_with(tmp_path, epc())
    assert document.problems == []
    assert document.value("total") == Decimal("1558.90")
    assert min(document.fields[name].confidence for name in ("total", "seller.iban", "currency")) >= 0.98


def test_a_value_that_only_the_code_gives_is_taken_from_it(tmp_path: Path) -> None:
    document = read_with(tmp_path, epc(), seller="Nordpapier GmbH|Mühlenweg 12|04109 Leipzig")
    found = document.fields["seller.iban"]
    assert (found.value, found.source, found.page) == ("DE89370400440532013000", "code", 1)
    assert found.box is not None


def test_a_code_that_asks_for_another_amount_is_a_problem(tmp_path: Path) -> None:
    document = read_with(tmp_path, epc(amount="EUR2558.90"))
    (problem,) = document.problems
    assert problem.code == "PAYMENT_CODE_DISAGREES"
    assert problem.message == (
        "The payment code on page 1 says total 2558.90, but the page says 1558.90; compare both before paying"
    )
    assert document.fields["total"].confidence <= 0.5
    assert document.confidence < 0.9


def test_a_code_that_pays_into_another_account_is_a_problem(tmp_path: Path) -> None:
    document = read_with(tmp_path, epc(iban="GB29NWBK60161331926819"))
    assert [problem.code for problem in document.problems] == ["PAYMENT_CODE_DISAGREES"]
    assert document.value("seller.iban") == "DE89370400440532013000"
    assert document.fields["seller.iban"].confidence <= 0.5


def test_a_code_that_is_wrong_in_itself_is_a_problem(tmp_path: Path) -> None:
    document = read_with(tmp_path, epc(iban="DE00370400440532013000"))
    assert document.problems[0].message == (
        "On page 1 the IBAN DE00370400440532013000 of the payment code fails its own checksum; compare it with the "
        "page before paying, or ask the sender"
    )


def test_a_qr_bill_can_be_read_for_itself(tmp_path: Path) -> None:
    document = read_with(tmp_path, swiss(), "qr_bill")
    assert document.value("payment_reference") == "210000000003139471430009017"
    assert document.value("message") == "Order of 15.06.2020"
    assert document.value("seller.address") == "Rue du Lac 1268, 2501 Biel"
