"""E-invoices: the XML inside a PDF is used and compared with the page; XML files are read alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from bots.documents.reader import read_document
from tests.documents.paper import ENGLISH, draw

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocument><ram:ID>INV-2026-0417</ram:ID><ram:TypeCode>380</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20260314</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:SpecifiedTradeProduct><ram:Name>Copy paper A4, box</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>8.50</ram:ChargeAmount>
   </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">20</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:RateApplicablePercent>20</ram:RateApplicablePercent>
   </ram:ApplicableTradeTax><ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>170.00</ram:LineTotalAmount>
   </ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Northwind Paper Ltd</ram:Name>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">GB980780684</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:Name>Harbour Books Ltd</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>GBP</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:ChargeTotalAmount>140.00</ram:ChargeTotalAmount><ram:TaxBasisTotalAmount>310.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="GBP">62.00</ram:TaxTotalAmount><ram:GrandTotalAmount>{total}</ram:GrandTotalAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>R-77</cbc:ID><cbc:IssueDate>2026-02-01</cbc:IssueDate><cbc:DueDate>2026-03-03</cbc:DueDate>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party>
  <cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Nordpapier GmbH</cbc:RegistrationName></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:InvoicedQuantity>4</cbc:InvoicedQuantity><cbc:LineExtensionAmount>100.00</cbc:LineExtensionAmount>
  <cac:Item><cbc:Name>Regal</cbc:Name><cac:ClassifiedTaxCategory><cbc:Percent>19</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
  <cac:Price><cbc:PriceAmount>25.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>
"""

BOMB = """<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>&b;</ID></Invoice>
"""


def with_xml(folder: Path, xml: str, **changes: str) -> Path:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=draw(folder / "page.pdf", ENGLISH, **changes))
    writer.add_attachment("factur-x.xml", xml.encode())
    writer.write(folder / "a.pdf")
    return folder / "a.pdf"


def test_the_xml_inside_a_pdf_gives_the_values_and_the_page_their_places(tmp_path: Path) -> None:
    document = read_document(with_xml(tmp_path, CII.format(total="372.00")))
    total = document.fields["total"]
    assert (total.value, total.source, total.page) == (Decimal("372.00"), "einvoice", 1)
    assert total.box is not None
    assert document.fields["seller.tax_id"].box is not None
    assert document.fields["due_date"].source == "text"
    assert document.lines[0].description == "Copy paper A4, box"
    assert document.lines[0].tax_rate == Decimal(20)
    assert document.problems == []
    assert document.confidence >= 0.9  # nobody needs to look at it


def test_a_page_that_says_something_else_is_a_problem(tmp_path: Path) -> None:
    path = with_xml(tmp_path, CII.format(total="372.00"), number="Invoice number: INV-9999")
    (problem,) = read_document(path).problems
    assert (problem.code, problem.fields) == ("EINVOICE_DISAGREES", ("number",))
    assert problem.message == (
        "The e-invoice inside the file says invoice number INV-2026-0417, but the page says INV-9999; "
        "ask the sender which one holds"
    )


def test_the_xml_can_be_left_aside(tmp_path: Path) -> None:
    document = read_document(with_xml(tmp_path, CII.format(total="999.00")), einvoice=False)
    assert document.value("total") == Decimal("372.00")
    assert document.fields["total"].source == "text"


def test_an_xml_file_of_its_own_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(UBL)
    document = read_document(tmp_path / "r.xml")
    assert {name: document.value(name) for name in ("number", "issue_date", "due_date", "seller.name", "total")} == {
        "number": "R-77",
        "issue_date": date(2026, 2, 1),
        "due_date": date(2026, 3, 3),
        "seller.name": "Nordpapier GmbH",
        "total": Decimal("119.00"),
    }
    assert document.lines[0].quantity == 4
    assert (document.pages, document.problems) == (0, [])


def test_an_xml_bomb_is_not_opened_and_the_page_is_read(tmp_path: Path) -> None:
    document = read_document(with_xml(tmp_path, BOMB))
    assert document.value("total") == Decimal("372.00")
    assert [(problem.code, problem.message) for problem in document.problems] == [
        (
            "EINVOICE_BROKEN",
            "The e-invoice inside the file cannot be used: the e-invoice defines XML entities, which no e-invoice "
            "needs; it is not opened; the values are from the page",
        )
    ]


def test_a_damaged_xml_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(UBL[:400])
    (problem,) = read_document(tmp_path / "r.xml").problems
    assert problem.code == "CORRUPT_FILE"
    assert problem.message.startswith("r.xml: the e-invoice is damaged (")
