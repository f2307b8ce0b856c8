"""E-invoices: the XML inside a Factur-X or ZUGFeRD PDF, and XRechnung files in CII or UBL (EN 16931).

Element names follow UN/CEFACT Cross Industry Invoice (D16B, and ZUGFeRD 1.0's older one) and OASIS UBL 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeAlias

from bots.documents.document import LineItem, TaxShare, Value
from bots.documents.pages.pdf_file import refuse

Element: TypeAlias = Any  # an xml.etree element, made by defusedxml
MOST_BYTES = 20 * 1024 * 1024
_CII_ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument")
_UBL_ROOTS = ("Invoice", "CreditNote")
_CREDIT_CODES = frozenset({"381", "384", "261", "262", "296", "308", "396", "83"})


@dataclass
class EInvoice:
    """What an e-invoice says: fields by their flat names, line items, and `invoice` or `credit_note`."""

    fields: dict[str, Value] = field(default_factory=dict)
    lines: list[LineItem] = field(default_factory=list)
    type: str = "invoice"
    adjustments: frozenset[Decimal] = frozenset()  # allowances and charges of the whole invoice
    taxes: list[TaxShare] = field(default_factory=list)


class BrokenEInvoice(Exception):
    """The XML is there and cannot be used; the message says why."""


def embedded_xml(path: Path) -> bytes | None:
    """The e-invoice attached to a PDF, or None. Raises BrokenEInvoice where the attachment cannot be unpacked."""
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it notes every oddity of a file; none of them matter here
    try:
        with PdfReader(path) as reader:
            for name, contents in reader.attachments.items():
                if name.lower().endswith(".xml"):
                    for content in contents:
                        if _root_name(content) in (*_CII_ROOTS, *_UBL_ROOTS):
                            return content
    except MemoryError:
        raise
    except Exception as error:  # a broken file makes the library fail in many ways
        raise BrokenEInvoice(f"the attachments of {path.name} cannot be unpacked ({str(error)[:80]})") from error
    return None


def _root_name(content: bytes) -> str:
    """The name of the first element, without reading the rest."""
    head = content[:4000].decode("utf-8", "replace")
    for part in head.split("<")[1:]:
        if part and part[0] not in "?!/":
            return re.split(r"[\s>/]", part)[0].rpartition(":")[2]
    return ""


def is_einvoice(content: bytes) -> bool:
    """Whether a file looks like CII or UBL."""
    return _root_name(content) in (*_CII_ROOTS, *_UBL_ROOTS)


def read_file(path: Path) -> EInvoice:
    """An e-invoice that is a file of its own. Raises Unreadable."""
    content = path.read_bytes()
    if not is_einvoice(content):
        raise refuse(
            "UNREADABLE",
            f"{path.name} is XML, but no e-invoice in CII or UBL; ask the sender for a PDF or an XRechnung",
        )
    try:
        return parse(content)
    except BrokenEInvoice as error:
        raise refuse("CORRUPT_FILE", f"{path.name}: {error}; ask the sender for the file again") from error


def parse(content: bytes) -> EInvoice:
    """An e-invoice from its XML. Raises BrokenEInvoice for XML that is damaged, hostile or of another kind."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    if len(content) > MOST_BYTES:
        raise BrokenEInvoice(f"the e-invoice has {len(content) // 2**20} MB; at most {MOST_BYTES // 2**20} MB are read")
    try:
        root = ElementTree.fromstring(content)
    except DefusedXmlException as error:
        raise BrokenEInvoice(
            "the e-invoice defines XML entities, which no e-invoice needs; it is not opened"
        ) from error
    except (ParseError, LookupError, ValueError) as error:  # also an encoding that does not exist
        raise BrokenEInvoice(f"the e-invoice is damaged ({str(error)[:80]})") from error
    name = _local(root)
    if name in _CII_ROOTS:
        return _cii(root)
    if name in _UBL_ROOTS:
        return _ubl(root)
    raise BrokenEInvoice(f"its root element is {name}; expected {', '.join((*_CII_ROOTS, *_UBL_ROOTS))}")


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Element | None, path: str) -> Iterator[Element]:
    """The elements at a path of local names; `a|b` takes either, `*` any."""
    if element is None:
        return
    step, _, rest = path.partition("/")
    names = step.split("|")
    for child in element:
        if step == "*" or _local(child) in names:
            if rest:
                yield from _all(child, rest)
            else:
                yield child


def _first(element: Element | None, path: str) -> Element | None:
    return next(_all(element, path), None)


def _text(element: Element | None, path: str) -> str:
    found = _first(element, path)
    return (found.text or "").strip() if found is not None else ""


def _money(element: Element | None, path: str) -> Decimal | None:
    return _amount(_text(element, path))


def _amount(text: str) -> Decimal | None:
    """An amount, a quantity or a rate; None for what is none, or has more digits than bookkeeping calculates with."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and (number == 0 or -12 <= number.adjusted() <= 15) else None


def _date(text: str) -> date | None:
    for shape in ("%Y%m%d", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(text[:19], shape).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal("0.01"))


def _kept(fields: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _cii(root: Element) -> EInvoice:
    head = _first(root, "ExchangedDocument|HeaderExchangedDocument")
    trade = _first(root, "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction")
    agreement = _first(trade, "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement")
    settlement = _first(trade, "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement")
    sums = _first(
        settlement, "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
    )
    seller, buyer = _first(agreement, "SellerTradeParty"), _first(agreement, "BuyerTradeParty")
    currency = _text(settlement, "InvoiceCurrencyCode")
    fields = {
        "number": _text(head, "ID"),
        "issue_date": _date(_text(head, "IssueDateTime/DateTimeString")),
        "due_date": _date(_text(settlement, "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString")),
        "currency": currency,
        "seller.name": _text(seller, "Name"),
        "seller.tax_id": _cii_tax_id(seller),
        "seller.iban": _text(
            settlement, "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"
        ).replace(" ", ""),
        "buyer.name": _text(buyer, "Name"),
        "buyer.tax_id": _cii_tax_id(buyer),
        "order_number": _text(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID|ID"),
        "net_total": _cents(_money(sums, "TaxBasisTotalAmount")),
        "tax_total": _cents(_cii_tax(sums, currency)),
        "total": _cents(_money(sums, "GrandTotalAmount")),
    }
    lines = [_cii_line(line) for line in _all(trade, "IncludedSupplyChainTradeLineItem")]
    kind = "credit_note" if _text(head, "TypeCode") in _CREDIT_CODES else "invoice"
    adjusted = _adjustments(_money(sums, "AllowanceTotalAmount"), _money(sums, "ChargeTotalAmount"))
    taxes = _shares(
        _all(settlement, "ApplicableTradeTax"),
        "RateApplicablePercent|ApplicablePercent",
        "BasisAmount",
        "CalculatedAmount",
    )
    return EInvoice(_kept(fields), [line for line in lines if line is not None], kind, adjusted, taxes)


def _shares(taxes: Iterable[Element], rate: str, basis: str, amount: str) -> list[TaxShare]:
    """The taxes by rate; one without an amount it is on says nothing that could be booked."""
    found = []
    for tax in taxes:
        on, comes_to = _cents(_money(tax, basis)), _cents(_money(tax, amount))
        if on is not None and comes_to is not None:
            found.append(TaxShare(_money(tax, rate) or Decimal(0), on, comes_to))
    return found


def _adjustments(allowance: Decimal | None, charge: Decimal | None) -> frozenset[Decimal]:
    """What stands between the sum of the lines and the net total."""
    difference = _cents((charge or Decimal(0)) - (allowance or Decimal(0)))
    return frozenset([difference] if difference else [])


def _cii_tax(sums: Element | None, currency: str) -> Decimal | None:
    """The tax in the invoice's currency; a second amount may stand in the currency of the books."""
    amounts = list(_all(sums, "TaxTotalAmount"))
    own = next((one for one in amounts if one.get("currencyID") == currency), amounts[0] if amounts else None)
    return _amount((own.text or "").strip()) if own is not None else None


def _cii_tax_id(party: Element | None) -> str:
    for registration in _all(party, "SpecifiedTaxRegistration/ID"):
        if registration.get("schemeID") == "VA":
            return (registration.text or "").replace(" ", "")
    return ""


def _cii_line(line: Element) -> LineItem | None:
    agreement = _first(line, "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement")
    delivery = _first(line, "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery")
    settlement = _first(line, "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement")
    price = _first(agreement, "NetPriceProductTradePrice")
    net = _money(
        settlement,
        "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
    )
    if net is None:
        return None
    return LineItem(
        description=_text(line, "SpecifiedTradeProduct/Name"),
        quantity=_money(delivery, "BilledQuantity"),
        unit_price=_per_unit(_money(price, "ChargeAmount"), _money(price, "BasisQuantity")),
        net_total=_cents(net),
        tax_rate=_money(settlement, "ApplicableTradeTax/RateApplicablePercent|ApplicablePercent"),
    )


def _per_unit(price: Decimal | None, basis: Decimal | None) -> Decimal | None:
    return price / basis if price is not None and basis and basis != 1 else price


def _ubl(root: Element) -> EInvoice:
    seller = _first(root, "AccountingSupplierParty/Party")
    buyer = _first(root, "AccountingCustomerParty/Party")
    sums = _first(root, "LegalMonetaryTotal")
    fields = {
        "number": _text(root, "ID"),
        "issue_date": _date(_text(root, "IssueDate")),
        "due_date": _date(_text(root, "DueDate") or _text(root, "PaymentMeans/PaymentDueDate")),
        "currency": _text(root, "DocumentCurrencyCode"),
        "seller.name": _ubl_name(seller),
        "seller.tax_id": _ubl_tax_id(seller),
        "seller.iban": _text(root, "PaymentMeans/PayeeFinancialAccount/ID").replace(" ", ""),
        "buyer.name": _ubl_name(buyer),
        "buyer.tax_id": _ubl_tax_id(buyer),
        "order_number": _text(root, "OrderReference/ID"),
        "net_total": _cents(_money(sums, "TaxExclusiveAmount")),
        "tax_total": _cents(_money(root, "TaxTotal/TaxAmount")),
        "total": _cents(_money(sums, "TaxInclusiveAmount")),
    }
    lines = [_ubl_line(line) for line in _all(root, "InvoiceLine|CreditNoteLine")]
    kind = "credit_note" if _local(root) == "CreditNote" else "invoice"
    adjusted = _adjustments(_money(sums, "AllowanceTotalAmount"), _money(sums, "ChargeTotalAmount"))
    taxes = _shares(_all(root, "TaxTotal/TaxSubtotal"), "TaxCategory/Percent", "TaxableAmount", "TaxAmount")
    return EInvoice(_kept(fields), lines, kind, adjusted, taxes)


def _ubl_name(party: Element | None) -> str:
    return _text(party, "PartyLegalEntity/RegistrationName") or _text(party, "PartyName/Name")


def _ubl_tax_id(party: Element | None) -> str:
    for scheme in _all(party, "PartyTaxScheme"):
        if _text(scheme, "TaxScheme/ID") == "VAT":
            return _text(scheme, "CompanyID").replace(" ", "")
    return ""


def _ubl_line(line: Element) -> LineItem:
    return LineItem(
        description=_text(line, "Item/Name"),
        quantity=_money(line, "InvoicedQuantity|CreditedQuantity"),
        unit_price=_per_unit(_money(line, "Price/PriceAmount"), _money(line, "Price/BaseQuantity")),
        net_total=_cents(_money(line, "LineExtensionAmount")),
        tax_rate=_money(line, "Item/ClassifiedTaxCategory/Percent"),
    )
