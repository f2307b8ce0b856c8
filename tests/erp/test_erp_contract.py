"""What every ERP adapter must do, seen through the actions. Runs against the real system."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from erp_invoices import invoice, line
from fakes.context import PlainContext

from connectors.erp.bill import Bill
from connectors.erp.bills import (
    Attach,
    BookedBill,
    CreateBill,
    FindBill,
    attach,
    create_bill,
    find_bill,
    preview_bill,
    settle_attachment,
    settle_bill,
)
from connectors.erp.booking import plan, read_document
from connectors.erp.parties import (
    CreateParty,
    FindParty,
    create_party,
    find_party,
    preview_party,
    settle_party,
)
from connectors.erp.party import NewParty
from connectors.erp.port import connect
from engine.action import Done, NotDone, Unsettled
from engine.context import File
from engine.errors import BusinessException


def ask(document: dict[str, Any], **options: Any) -> CreateBill:
    return CreateBill(connection="erp", bill=document, **options)


def book(context: PlainContext, document: dict[str, Any], **options: Any) -> BookedBill:
    booked: BookedBill = create_bill(ask(document, **options), context)
    return booked


def booked_with_our_key(context: PlainContext) -> list[Bill]:
    return connect(context, "erp").bills(key=context.key)


def draft(context: PlainContext, document: dict[str, Any]) -> str:
    """What a worker leaves behind that dies right after the ERP has made the bill."""
    erp = connect(context, "erp")
    wanted = plan(read_document(document), erp.tax_rates())
    return erp.draft_bill(wanted, erp.create_party(NewParty(document["seller"]["name"])), context.key)


def vendor(context: PlainContext, **changes: Any) -> CreateParty:
    return CreateParty(connection="erp", **{"name": f"Kontor {uuid4().hex[:8]} AG", **changes})


def test_a_party_is_found_by_its_tax_id_however_it_is_written(context: PlainContext) -> None:
    made = create_party(vendor(context, tax_id="FR 40 303 265 045", iban="FR14 2004 1010 0505 0001 3M02 606"), context)
    found = find_party(FindParty(connection="erp", tax_id="fr40303265045"), context)
    assert (found.found, found.id, found.iban) == (True, made.id, "FR1420041010050500013M02606")


def test_a_party_is_found_by_its_name_whatever_the_case(context: PlainContext) -> None:
    made = create_party(vendor(context), context)
    found = find_party(FindParty(connection="erp", name=made.name.upper().replace(" ", "  ")), context)
    assert found.id == made.id


def test_a_name_is_no_pattern(context: PlainContext) -> None:
    create_party(vendor(context, name=f"Hundert 100 {uuid4().hex}"), context)
    assert not find_party(FindParty(connection="erp", name="Hundert 100 %"), context).found


def test_a_party_that_is_there_is_kept(context: PlainContext) -> None:
    wanted = vendor(context, country="de", address="Kai 3\n20457 Hamburg")
    first, second = create_party(wanted, context), create_party(wanted, context)
    assert (first.created, second.created, second.id) == (True, False, first.id)


def test_the_same_name_with_another_tax_id_is_another_party(context: PlainContext) -> None:
    first = create_party(vendor(context, tax_id="ATU 13585627"), context)
    other = create_party(vendor(context, name=first.name, tax_id="NL4495445B01"), context)
    assert other.created


def test_two_parties_of_one_name_are_told_apart_by_a_person(context: PlainContext) -> None:
    name = f"Zwilling {uuid4().hex[:6]}"
    for tax_id in ("1111-A", "2222-B"):
        create_party(vendor(context, name=name, tax_id=f"{tax_id}{name}"), context)
    with pytest.raises(BusinessException, match="the ERP has 2 parties that could be Zwilling") as caught:
        find_party(FindParty(connection="erp", name=name), context)
    assert caught.value.code == "PARTY_AMBIGUOUS"


def test_an_unknown_country_is_refused_before_anything_is_created(context: PlainContext) -> None:
    wanted = vendor(context, country="XX")
    with pytest.raises(BusinessException, match="the ERP has no country 'XX'; write its two letters"):
        create_party(wanted, context)
    assert settle_party(wanted, context) == NotDone()


def test_a_created_party_settles_as_done(context: PlainContext) -> None:
    wanted = vendor(context)
    assert settle_party(wanted, context) == NotDone()
    assert preview_party(wanted, context).changes == {"name": (None, wanted.name)}
    made = create_party(wanted, context)
    settled = settle_party(wanted, context)
    assert isinstance(settled, Done)
    assert settled.result == made.model_copy(update={"created": False})
    assert preview_party(wanted, context).changes == {}


def test_a_bill_is_posted_with_its_file_and_found_again(context: PlainContext) -> None:
    Path(context.folder / "scan.pdf").write_bytes(b"%PDF-1.7 a scan")
    document = invoice()
    bill = book(context, document, attach="scan.pdf")
    assert (bill.state, bill.total, bill.party) == ("posted", Decimal("119.00"), document["seller"]["name"])
    assert bill.number
    found = find_bill(FindBill(connection="erp", vendor=bill.party, number=document["number"].lower()), context)
    assert (found.found, found.id, found.number, found.total) == (True, bill.id, bill.number, bill.total)
    assert [file.name for file in connect(context, "erp").attachments(bill.id)] == ["scan.pdf"]


def test_a_bill_nobody_booked_is_not_found(context: PlainContext) -> None:
    assert not find_bill(FindBill(connection="erp", vendor="Nobody", number="1"), context).found


CASES = {
    "a rate and a half cent": invoice("2.50", "0.48", "2.98", lines=[line("2.50")]),
    "tax rounded by line": invoice("0.39", "0.06", "0.45", lines=[line("0.13") for _ in range(3)]),
    "two rates": invoice("100.07", "16.01", "116.08", lines=[line("75.00"), line("25.07", "7")]),
    "a price of three decimals": invoice("10.01", "1.90", "11.91", lines=[line("10.01", quantity="3", price="3.335")]),
    "a price of six decimals": invoice("1.23", "0.23", "1.46", lines=[line("1.23", quantity="1000", price="0.001234")]),
    "a third of a unit": invoice("3.33", "0.63", "3.96", lines=[line("3.33", quantity="0.333", price="10.00")]),
    "a discounted line": invoice("95.00", "18.05", "113.05", lines=[line("95.00", quantity="10", price="10.00")]),
    "a discount": invoice("90.00", "17.10", "107.10", lines=[line("100.00"), line("-10.00")]),
    "no lines": invoice("33.33", "6.33", "39.66", lines=[]),
    "no tax": invoice("80.00", "0.00", "80.00", lines=[line("80.00", None)]),
    "a credit note": invoice("-50.00", "-9.50", "-59.50", lines=[line("-50.00", quantity="-1", price="50.00")]),
    "in dollars": invoice("99.99", "20.00", "119.99", currency="USD", lines=[line("99.99", "20")]),
    "a large one": invoice("9999999.99", "1900000.00", "11899999.99", lines=[line("9999999.99")]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_booked_total_is_the_one_on_paper(context: PlainContext, name: str) -> None:
    document = CASES[name] | {"number": f"C-{uuid4().hex[:6]}"}
    book(context, document)
    (bill,) = booked_with_our_key(context)
    assert (bill.net, bill.tax, bill.total) == (document["net_total"], document["tax_total"], document["total"])
    assert (bill.state, bill.currency) == ("posted", document["currency"])


def test_a_second_bill_with_the_vendors_number_is_refused(context: PlainContext) -> None:
    document = invoice()
    first = book(context, document)
    context.key = "another/key"
    with pytest.raises(BusinessException) as caught:
        book(context, document)
    assert caught.value.code == "DUPLICATE_BILL"
    assert str(caught.value) == (
        f"bill {document['number']} of {first.party} is in the ERP already, as {first.number} over 119.00 EUR; "
        "reject this one if it is a duplicate, or correct its number"
    )


def test_the_same_key_gives_the_same_bill(context: PlainContext) -> None:
    document = invoice()
    assert book(context, document) == book(context, document)
    assert preview_bill(ask(document), context).changes == {}


def test_our_own_company_is_no_vendor(context: PlainContext) -> None:
    document = invoice(seller={"name": "NORDWIND Handels GmbH", "tax_id": None})
    with pytest.raises(BusinessException, match="would be Nordwind Handels GmbH, our own company") as caught:
        book(context, document)
    assert caught.value.code == "VENDOR_IS_US"


def test_an_unknown_vendor_may_be_refused(context: PlainContext) -> None:
    document = invoice()
    with pytest.raises(BusinessException, match=f"the ERP has no party {document['seller']['name']} \\(no tax id\\)"):
        book(context, document, create_party=False)


def test_a_tax_id_that_was_misread_neither_hides_a_booked_bill_nor_makes_a_second_vendor(context: PlainContext) -> None:
    name = f"Kontor {uuid4().hex[:8]} AG"
    document = invoice(seller={"name": name, "tax_id": f"1234{name}"})
    book(context, document)
    context.key = "another/key"
    misread = document | {"seller": {"name": name, "tax_id": "1284"}}
    assert find_bill(FindBill(connection="erp", vendor=name, number=document["number"], tax_id="1284"), context).found
    with pytest.raises(
        BusinessException, match=f"the ERP knows {name} with the tax id 1234.*, the bill says 1284"
    ) as caught:
        book(context, misread)
    assert caught.value.code == "VENDOR_DOUBTFUL"


def test_an_unknown_currency_names_those_there_are(context: PlainContext) -> None:
    with pytest.raises(BusinessException, match="the bill is in SEK, the ERP has CHF, EUR, GBP, USD"):
        book(context, invoice(currency="SEK"))


def test_an_unknown_tax_rate_books_nothing_and_creates_no_vendor(context: PlainContext) -> None:
    document = invoice("100.00", "16.00", "116.00", lines=[line("100.00", "16")])
    with pytest.raises(BusinessException, match="is taxed at 16 %, the ERP has 0 %, 7 %, 19 %, 20 %"):
        book(context, document)
    assert booked_with_our_key(context) == []
    assert not find_party(FindParty(connection="erp", name=document["seller"]["name"]), context).found


def test_a_missing_file_stops_it_before_anything_is_booked(context: PlainContext) -> None:
    gone = File(path=str(context.folder / "gone.pdf"), name="gone.pdf")
    with pytest.raises(BusinessException, match="there is no file .*gone.pdf; put it back, or correct its name"):
        book(context, invoice(), attach=gone)
    assert booked_with_our_key(context) == []


def test_what_the_erp_refuses_leaves_nothing_behind(context: PlainContext) -> None:
    document = invoice(issue_date=date(1999, 1, 1), due_date=None)
    with pytest.raises(BusinessException, match="the ERP refuses it: .*1999|the ERP refuses it: .*period") as caught:
        book(context, document)
    assert caught.value.code == "ERP_REFUSED"
    assert booked_with_our_key(context) == []
    assert settle_bill(ask(document), context) == NotDone()


def test_a_bill_may_stay_a_draft(context: PlainContext) -> None:
    bill = book(context, invoice(), post=False)
    assert (bill.state, bill.number) == ("draft", None)


def test_an_effect_that_never_happened_settles_as_not_done(context: PlainContext) -> None:
    assert settle_bill(ask(invoice()), context) == NotDone()


def test_a_posted_bill_settles_as_done_with_its_result(context: PlainContext) -> None:
    document = invoice()
    bill = book(context, document)
    assert settle_bill(ask(document), context) == Done(bill)


def test_a_draft_that_was_cut_short_is_brought_to_its_end(context: PlainContext) -> None:
    Path(context.folder / "scan.pdf").write_bytes(b"%PDF-1.7 a scan")
    document = invoice()
    begun = draft(context, document)
    settled = settle_bill(ask(document, attach="scan.pdf"), context)
    assert isinstance(settled, Done)
    assert isinstance(settled.result, BookedBill)
    assert (settled.result.id, settled.result.state) == (begun, "posted")
    assert len(connect(context, "erp").attachments(begun)) == 1


def test_a_draft_that_cannot_be_posted_is_taken_away_and_settles_as_not_done(context: PlainContext) -> None:
    document = invoice(issue_date=date(1999, 1, 1), due_date=None)
    draft(context, document)
    assert settle_bill(ask(document), context) == NotDone()
    assert booked_with_our_key(context) == []


def test_two_bills_with_one_key_are_for_a_person(context: PlainContext) -> None:
    document = invoice()
    numbers = [draft(context, document), draft(context, document | {"number": "other"})]
    settled = settle_bill(ask(document), context)
    listed = ", ".join(f"draft {number}" for number in numbers)
    assert settled == Unsettled(f"2 bills in the ERP carry the key {context.key}: {listed}")


def test_a_key_is_not_taken_for_a_longer_one(context: PlainContext) -> None:
    book(context, invoice())
    context.key = context.key[:-1]
    assert booked_with_our_key(context) == []


def test_a_key_with_wildcards_finds_only_itself(context: PlainContext) -> None:
    context.key = f"{context.key}/A_100%"
    book(context, invoice())
    context.key = context.key.replace("A_1", "AX1")
    assert booked_with_our_key(context) == []


def test_a_preview_shows_what_would_be_booked_and_books_nothing(context: PlainContext) -> None:
    document = invoice(lines=[line("60.00", name="Paper"), line("40.00", name="Toner")])
    preview = preview_bill(ask(document), context)
    assert preview.target == f"bill {document['number']} of {document['seller']['name']}"
    assert preview.changes["vendor"] == (None, f"{document['seller']['name']} (new)")
    assert preview.changes["lines.2"] == (None, "Toner: 40.00 at 19 %")
    assert preview.changes["total"] == (None, Decimal("119.00"))
    assert preview.changes["state"] == (None, "posted")
    assert booked_with_our_key(context) == []
    assert not find_party(FindParty(connection="erp", name=document["seller"]["name"]), context).found


def test_the_same_file_is_not_hung_on_a_bill_twice(context: PlainContext) -> None:
    Path(context.folder / "note.txt").write_text("agreed by phone")
    bill = book(context, invoice())
    wanted = Attach(connection="erp", bill=bill.id, file="note.txt")
    assert settle_attachment(wanted, context) == NotDone()
    first = attach(wanted, context)
    assert attach(wanted, context) == first
    assert settle_attachment(wanted, context) == Done(first)
    assert len(connect(context, "erp").attachments(bill.id)) == 1


def test_all_that_was_booked_by_us_is_listed_for_comparison(context: PlainContext) -> None:
    bill = book(context, invoice())
    mine = {entry.id: entry for entry in connect(context, "erp").bills()}
    assert (mine[bill.id].total, mine[bill.id].key) == (bill.total, context.key)
