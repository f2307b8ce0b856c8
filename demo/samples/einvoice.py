"""The invoice as Cross Industry Invoice XML after EN 16931, and the PDF that carries it as `factur-x.xml`.

Element order and code lists follow UN/CEFACT D16B as Factur-X 1.0 and ZUGFeRD 2 use it. The file is not claimed to be
PDF/A-3: the demo needs what a reader of e-invoices needs, the attachment, its relationship and the profile in XMP.
"""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from xml.sax.saxutils import escape

from demo.samples.invoice import Address, Invoice, Line

PROFILE = "urn:cen.eu:en16931:2017"
UNITS = {"St": "H87", "Stk": "H87", "Set": "SET", "Pk": "PA", "Kt": "CT", "psch": "LS", "Std": "HUR", "m": "MTR"}
"""UN/ECE Recommendation 20 codes of the units on paper."""


def with_xml(pdf: bytes, invoice: Invoice) -> bytes:
    """The PDF with the invoice's XML inside; the same bytes each time."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, NameObject

    writer = PdfWriter()
    writer.append(PdfReader(BytesIO(pdf)))
    writer.add_metadata({"/Title": f"Rechnung {invoice.number}", "/Author": invoice.vendor.address.name})
    attached = writer.add_attachment("factur-x.xml", xml_of(invoice).encode())
    attached.subtype = NameObject("/text/xml")
    attached.associated_file_relationship = NameObject("/Alternative")
    writer.root_object[NameObject("/AF")] = ArrayObject([attached.pdf_object])
    writer.xmp_metadata = _xmp().encode()
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def xml_of(invoice: Invoice) -> str:
    """A Cross Industry Invoice. Raises KeyError for a unit that has no code in `UNITS`."""
    lines = "".join(_line(position, line) for position, line in enumerate(invoice.lines, start=1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
        ' xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
        ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">\n'
        "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>"
        f"<ram:ID>{PROFILE}</ram:ID>"
        "</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>\n"
        f"<rsm:ExchangedDocument><ram:ID>{escape(invoice.number)}</ram:ID><ram:TypeCode>380</ram:TypeCode>"
        f"<ram:IssueDateTime>{_date(invoice.issued)}</ram:IssueDateTime></rsm:ExchangedDocument>\n"
        f"<rsm:SupplyChainTradeTransaction>\n{lines}{_agreement(invoice)}{_delivery(invoice)}{_settlement(invoice)}"
        "</rsm:SupplyChainTradeTransaction>\n</rsm:CrossIndustryInvoice>\n"
    )


def _line(position: int, line: Line) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem>"
        f"<ram:AssociatedDocumentLineDocument><ram:LineID>{position}</ram:LineID></ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct><ram:SellerAssignedID>{escape(line.article)}</ram:SellerAssignedID>"
        f"<ram:Name>{escape(line.description)}</ram:Name></ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{line.price}</ram:ChargeAmount>"
        "</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>"
        "<ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="{UNITS[line.unit]}">{line.quantity}</ram:BilledQuantity>'
        "</ram:SpecifiedLineTradeDelivery>"
        f"<ram:SpecifiedLineTradeSettlement>{_tax(line.rate)}"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{line.net}</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem>\n"
    )


def _agreement(invoice: Invoice) -> str:
    vendor = invoice.vendor
    return (
        "<ram:ApplicableHeaderTradeAgreement>"
        f"<ram:SellerTradeParty>{_party(vendor.address, vendor.country_code)}</ram:SellerTradeParty>"
        f"<ram:BuyerTradeParty>{_party(invoice.buyer, 'DE')}</ram:BuyerTradeParty>"
        f"<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>{escape(invoice.order)}</ram:IssuerAssignedID>"
        "</ram:BuyerOrderReferencedDocument></ram:ApplicableHeaderTradeAgreement>\n"
    )


def _party(party: Address, country: str) -> str:
    code, _, town = party.town.partition(" ")
    return (
        f"<ram:Name>{escape(party.name)}</ram:Name><ram:PostalTradeAddress>"
        f"<ram:PostcodeCode>{code}</ram:PostcodeCode><ram:LineOne>{escape(party.street)}</ram:LineOne>"
        f"<ram:CityName>{escape(town)}</ram:CityName><ram:CountryID>{country}</ram:CountryID>"
        f'</ram:PostalTradeAddress><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{party.tax_id}</ram:ID>'
        "</ram:SpecifiedTaxRegistration>"
    )


def _delivery(invoice: Invoice) -> str:
    return (
        "<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent>"
        f"<ram:OccurrenceDateTime>{_date(invoice.delivered)}</ram:OccurrenceDateTime>"
        "</ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>\n"
    )


def _settlement(invoice: Invoice) -> str:
    vendor = invoice.vendor
    taxes = "".join(_tax(rate, base, tax) for rate, base, tax in invoice.taxes)
    return (
        f"<ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>{escape(invoice.number)}</ram:PaymentReference>"
        f"<ram:InvoiceCurrencyCode>{invoice.currency}</ram:InvoiceCurrencyCode>"
        "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode>"
        f"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{vendor.iban}</ram:IBANID>"
        "</ram:PayeePartyCreditorFinancialAccount><ram:PayeeSpecifiedCreditorFinancialInstitution>"
        f"<ram:BICID>{vendor.bic}</ram:BICID></ram:PayeeSpecifiedCreditorFinancialInstitution>"
        f"</ram:SpecifiedTradeSettlementPaymentMeans>{taxes}"
        f"<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{_date(invoice.due)}</ram:DueDateDateTime>"
        "</ram:SpecifiedTradePaymentTerms><ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{invoice.net}</ram:LineTotalAmount>"
        f"<ram:TaxBasisTotalAmount>{invoice.net}</ram:TaxBasisTotalAmount>"
        f'<ram:TaxTotalAmount currencyID="{invoice.currency}">{invoice.tax}</ram:TaxTotalAmount>'
        f"<ram:GrandTotalAmount>{invoice.total}</ram:GrandTotalAmount>"
        f"<ram:DuePayableAmount>{invoice.total}</ram:DuePayableAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>\n"
    )


def _tax(rate: Decimal, base: Decimal | None = None, tax: Decimal | None = None) -> str:
    """A line's tax, or with `base` and `tax` the sum of one rate."""
    return (
        "<ram:ApplicableTradeTax>"
        + (f"<ram:CalculatedAmount>{tax}</ram:CalculatedAmount>" if tax is not None else "")
        + "<ram:TypeCode>VAT</ram:TypeCode>"
        + (f"<ram:BasisAmount>{base}</ram:BasisAmount>" if base is not None else "")
        + f"<ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>{rate}.00</ram:RateApplicablePercent>"
        "</ram:ApplicableTradeTax>"
    )


def _date(day: object) -> str:
    return f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>'


def _xmp() -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">'
        "<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>"
        "<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>\n'
    )
