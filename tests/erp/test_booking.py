"""From a document to a bill, to the cent: pure, so many cases are cheap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erp_invoices import invoice, line
from hypothesis import given
from hypothesis import strategies as st

from connectors.erp.bill import NewBill
from connectors.erp.booking import CENT, cents, plan, read_document
from engine.errors import BusinessException

RATES = [Decimal(rate) for rate in ("0", "7", "19", "20")]


def planned(document: dict[str, Any], **options: bool) -> NewBill:
    return plan(read_document(document), RATES, **options)


def refused(document: dict[str, Any], **options: bool) -> BusinessException:
    with pytest.raises(BusinessException) as caught:
        planned(document, **options)
    return caught.value


def test_lines_of_two_rates_make_a_tax_for_each() -> None:
    bill = planned(invoice("100.07", "16.01", "116.08", lines=[line("75.00", "19"), line("25.07", "7")]))
    assert [(tax.rate, tax.base, tax.amount) for tax in bill.taxes] == [
        (Decimal(19), Decimal("75.00"), Decimal("14.26")),
        (Decimal(7), Decimal("25.07"), Decimal("1.75")),
    ]
    assert bill.total == Decimal("116.08")


def test_tax_that_the_vendor_rounded_by_line_is_kept_as_stated() -> None:
    lines = [line("0.13") for _ in range(3)]  # 19 % of 0.13 is 0.0247: by line 0.02, together 0.0741
    bill = planned(invoice("0.39", "0.06", "0.45", lines=lines))
    assert bill.tax == Decimal("0.06")


def test_a_tax_that_rounding_does_not_explain_is_refused() -> None:
    error = refused(invoice("100.00", "19.05", "119.05"))
    assert error.code == "TOTALS_DISAGREE"
    assert str(error) == (
        "the amounts of the bill disagree: the tax of the lines is 19.00, the tax total is 19.05; "
        "compare them with the document and correct them; nothing was booked"
    )


def test_net_and_tax_that_do_not_make_the_total_are_refused() -> None:
    assert refused(invoice(total="120.00")).message == (
        "the amounts of the bill disagree: net 100.00 and tax 19.00 make 119.00, the total is 120.00"
    )


def test_lines_that_do_not_make_the_net_total_are_refused_and_may_be_left_out() -> None:
    document = invoice(lines=[line("90.00")])
    assert refused(document).message == (
        "the amounts of the bill disagree: the lines make 90.00, the net total is 100.00"
    )
    assert planned(document, with_lines=False).total == Decimal("119.00")


def test_parts_of_a_cent_are_refused() -> None:
    assert refused(invoice("100.004", "19.00", "119.004")).message == (
        "the amounts of the bill disagree: net_total is 100.004, which is no amount in whole cents"
    )


def test_a_document_without_lines_is_booked_in_one() -> None:
    bill = planned(invoice(lines=[]))
    assert [(entry.net, entry.rate) for entry in bill.lines] == [(Decimal("100.00"), Decimal(19))]


def test_without_lines_wanted_there_is_one_for_each_rate() -> None:
    lines = [line("50.00", "19"), line("25.00", "19"), line("25.00", "7")]
    bill = planned(invoice("100.00", "16.00", "116.00", lines=lines), with_lines=False)
    assert [(entry.net, entry.rate) for entry in bill.lines] == [
        (Decimal("75.00"), Decimal(19)),
        (Decimal("25.00"), Decimal(7)),
    ]


def test_lines_without_a_rate_get_the_one_that_the_totals_imply() -> None:
    bill = planned(invoice("100.00", "7.00", "107.00", lines=[line("60.00", None), line("40.00", None)]))
    assert {entry.rate for entry in bill.lines} == {Decimal(7)}


def test_no_tax_means_the_zero_rate() -> None:
    bill = planned(invoice("80.00", "0.00", "80.00", lines=[line("80.00", None)]))
    assert (bill.lines[0].rate, bill.total) == (Decimal(0), Decimal("80.00"))


def test_prices_that_hold_the_tax_are_booked_as_a_sum() -> None:
    bill = planned(invoice("100.00", "19.00", "119.00", lines=[line("59.50"), line("59.50")]))
    assert [entry.net for entry in bill.lines] == [Decimal("100.00")]


def test_a_line_without_an_amount_makes_it_a_sum_too() -> None:
    bill = planned(invoice(lines=[{"description": "see annex"}, line("100.00")]))
    assert [entry.net for entry in bill.lines] == [Decimal("100.00")]


def test_net_or_tax_may_be_missing_where_the_other_is_there() -> None:
    assert planned(invoice(net_total=None)).net == Decimal("100.00")
    assert planned(invoice(tax_total=None)).tax == Decimal("19.00")


def test_a_discount_line_keeps_its_own_side_of_the_tax() -> None:
    bill = planned(invoice("90.00", "17.10", "107.10", lines=[line("100.00"), line("-10.00", name="Discount")]))
    assert [(tax.base, tax.amount) for tax in bill.taxes] == [
        (Decimal("100.00"), Decimal("19.00")),
        (Decimal("-10.00"), Decimal("-1.90")),
    ]


def test_an_unknown_rate_names_the_line_and_the_rates_there_are() -> None:
    error = refused(invoice("100.00", "16.00", "116.00", lines=[line("100.00", "16", name="Toner")]))
    assert error.code == "TAX_RATE_UNKNOWN"
    assert str(error) == (
        "'Toner' is taxed at 16 %, the ERP has 0 %, 7 %, 19 %, 20 %; "
        "correct the line's tax rate, or ask accounting for a purchase tax of that rate"
    )


def test_a_tax_that_fits_no_rate_is_refused_where_no_line_tells() -> None:
    assert str(refused(invoice("100.00", "8.25", "108.25", lines=[]))) == (
        "a tax of 8.25 on 100.00 fits none of the ERP's rates (0 %, 7 %, 19 %, 20 %); "
        "correct the amounts or the lines' tax rates, or ask accounting for a purchase tax of that rate"
    )


def test_every_missing_field_is_named_at_once() -> None:
    error = refused({"seller": {"tax_id": "DE811193231"}, "lines": []})
    assert error.code == "BILL_INCOMPLETE"
    assert str(error) == (
        "the bill lacks: number, issue_date, currency, seller.name, total, net_total or tax_total; "
        "fill these fields in and let it go on"
    )


def test_a_field_of_the_wrong_type_is_named() -> None:
    error = refused(invoice(issue_date="31.02.2026"))
    assert error.code == "BILL_UNREADABLE"
    assert error.message.startswith("the bill cannot be booked as it was read: issue_date: ")


amounts = st.decimals(min_value="0.01", max_value="99999.99", places=2)
taxed_lines = st.lists(st.tuples(amounts, st.sampled_from(["0", "7", "19", "20"])), min_size=1, max_size=12)


@given(taxed_lines, st.booleans())
def test_whatever_a_vendor_rounds_the_booked_total_is_the_one_on_paper(
    items: list[tuple[Decimal, str]], by_line: bool
) -> None:
    lines = [line(str(net), rate) for net, rate in items]
    net = sum((amount for amount, _ in items), Decimal(0))
    exact = [(amount * Decimal(rate) / 100) for amount, rate in items]
    tax = sum(map(cents, exact), Decimal(0)) if by_line else cents(sum(exact, Decimal(0)))
    bill = planned(invoice(str(net), str(tax), str(net + tax), lines=lines))
    assert bill.total == net + tax
    assert all(entry.amount == entry.amount.quantize(CENT) for entry in bill.taxes)
