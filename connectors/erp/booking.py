"""From a document that was read to a bill that can be booked, to the cent; pure, no ERP is asked here.

The total on paper is what will be paid, so the booked total must be that one exactly. Where the document's own
numbers do not agree with each other, nothing is booked and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.erp.bill import BillLine, NewBill, TaxAmount
from engine.errors import BusinessException

CENT = Decimal("0.01")
HALF_CENT = Decimal("0.005")
ZERO = Decimal(0)


class Seller(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = ""
    tax_id: str | None = None
    iban: str | None = None


class DocumentLine(BaseModel):
    model_config = ConfigDict(extra="ignore")

    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    net_total: Decimal | None = None
    tax_rate: Decimal | None = None

    @property
    def net(self) -> Decimal | None:
        if self.net_total is not None:
            return self.net_total
        if self.quantity is None or self.unit_price is None:
            return None
        return cents(self.quantity * self.unit_price)


class BillDocument(BaseModel):
    """The fields of an invoice as `document.read` gives them; what else is in the mapping is not looked at."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    number: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    currency: str | None = None
    seller: Seller = Field(default_factory=Seller)
    net_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    lines: list[DocumentLine] = Field(default_factory=list)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def read_document(values: Mapping[str, Any]) -> BillDocument:
    """BusinessException BILL_INCOMPLETE naming every field that is missing, BILL_UNREADABLE what has no right type."""
    try:
        document = BillDocument.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors())
        raise BusinessException(
            "BILL_UNREADABLE", f"the bill cannot be booked as it was read: {faults}", advice="correct these fields"
        ) from error
    needed = {
        "number": document.number,
        "issue_date": document.issue_date,
        "currency": document.currency,
        "seller.name": document.seller.name,
        "total": document.total,
    }
    missing = [name for name, value in needed.items() if value is None or value == ""]
    if document.net_total is None and document.tax_total is None and _lines_net(document) is None:
        missing += ["net_total or tax_total"]
    if missing:
        raise BusinessException(
            "BILL_INCOMPLETE",
            f"the bill lacks: {', '.join(missing)}",
            advice="fill these fields in and let it go on",
            details={"fields": missing},
        )
    return document


def plan(document: BillDocument, rates: Sequence[Decimal], *, with_lines: bool = True) -> NewBill:
    """The bill to book, with the ERP's own tax rates (per cent).

    Raises BusinessException TOTALS_DISAGREE or TAX_RATE_UNKNOWN.
    """
    assert document.number and document.issue_date and document.currency and document.total is not None
    net, tax = _totals(document)
    lines = _lines(document, net, tax, rates) if with_lines or not document.lines else None
    if lines is None:
        lines = _summed(document, net, tax, rates)
    bill = NewBill(
        number=document.number,
        issue_date=document.issue_date,
        due_date=document.due_date,
        currency=document.currency,
        lines=tuple(lines),
        taxes=tuple(_taxes(lines, tax)),
    )
    if bill.total != document.total:
        raise _disagree(f"the lines and taxes make {bill.total}, the total is {document.total}")
    return bill


def _totals(document: BillDocument) -> tuple[Decimal, Decimal]:
    assert document.total is not None
    net, tax, total = document.net_total, document.tax_total, document.total
    for name, amount in (("net_total", net), ("tax_total", tax), ("total", total)):
        if amount is not None and amount != cents(amount):
            raise _disagree(f"{name} is {amount}, which is no amount in whole cents")
    if net is None:
        net = total - tax if tax is not None else _lines_net(document)
    assert net is not None
    if tax is None:
        tax = total - net
    if net + tax != total:
        raise _disagree(f"net {net} and tax {tax} make {net + tax}, the total is {total}")
    return net, tax


def _lines_net(document: BillDocument) -> Decimal | None:
    """What the lines come to; None where there are none or one has no amount."""
    amounts = [line.net for line in document.lines]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known and len(known) == len(amounts) else None


def _lines(document: BillDocument, net: Decimal, tax: Decimal, rates: Sequence[Decimal]) -> list[BillLine] | None:
    """The document's lines; None where they cannot be booked one by one (no amounts, or prices that hold the tax)."""
    summed = _lines_net(document)
    if summed is None or (tax and summed == document.total):
        return None
    if summed != net:
        raise _disagree(f"the lines make {summed}, the net total is {net}")
    shared = None if all(line.tax_rate is not None for line in document.lines) else _implied(net, tax, rates)
    lines = []
    for position, line in enumerate(document.lines, 1):
        rate = line.tax_rate if line.tax_rate is not None else shared
        assert rate is not None and line.net is not None
        name = line.description or f"Line {position}"
        if line.net != cents(line.net):
            raise _disagree(f"line {position} ({name}) is {line.net}, which is no amount in whole cents")
        lines.append(BillLine(name, line.net, _known(rate, rates, name), line.quantity, line.unit_price))
    return lines


def _summed(document: BillDocument, net: Decimal, tax: Decimal, rates: Sequence[Decimal]) -> list[BillLine]:
    """One line for each tax rate where the lines say so, else one for the whole."""
    by_rate: dict[Decimal, Decimal] = {}
    for line in document.lines:
        if line.net is None or line.tax_rate is None:
            by_rate = {}
            break
        by_rate[line.tax_rate] = by_rate.get(line.tax_rate, ZERO) + line.net
    title = f"Invoice {document.number}"
    if by_rate and sum(by_rate.values(), ZERO) == net:
        return [
            BillLine(f"{title}, {rate.normalize():f} %", base, _known(rate, rates, title))
            for rate, base in by_rate.items()
        ]
    return [BillLine(title, net, _implied(net, tax, rates))]


def _implied(net: Decimal, tax: Decimal, rates: Sequence[Decimal]) -> Decimal:
    """The one rate that makes this tax of this net, give or take the rounding of a few lines."""
    if tax == 0 and 0 in rates:
        return ZERO
    off = {rate: abs(net * rate / 100 - tax) for rate in rates if (rate == 0) == (tax == 0)}
    best = min(off, key=lambda rate: off[rate], default=None)
    if best is None or off[best] > 2 * CENT:
        raise BusinessException(
            "TAX_RATE_UNKNOWN",
            f"a tax of {tax} on {net} fits none of the ERP's rates ({_listed(rates)})",
            advice="correct the amounts or the lines' tax rates, or ask accounting for a purchase tax of that rate",
        )
    return best


def _known(rate: Decimal, rates: Sequence[Decimal], line: str) -> Decimal:
    for known in rates:
        if known == rate:
            return known
    raise BusinessException(
        "TAX_RATE_UNKNOWN",
        f"{line!r} is taxed at {rate.normalize():f} %, the ERP has {_listed(rates)}",
        advice="correct the line's tax rate, or ask accounting for a purchase tax of that rate",
        details={"rate": rate},
    )


def _taxes(lines: Sequence[BillLine], tax: Decimal) -> list[TaxAmount]:
    """The tax of each rate; the cents by which rounding by line and by total differ go to the largest."""
    bases: dict[tuple[Decimal, bool], Decimal] = {}
    for line in lines:
        side = (line.rate, line.net >= 0)
        bases[side] = bases.get(side, ZERO) + line.net
    amounts = {side: cents(base * side[0] / 100) for side, base in bases.items()}
    rest = tax - sum(amounts.values(), ZERO)
    allowed = max(CENT, HALF_CENT * len(lines) + HALF_CENT)
    taxed = [side for side in bases if side[0]]
    if rest and (abs(rest) > allowed or not taxed):
        raise _disagree(f"the tax of the lines is {tax - rest}, the tax total is {tax}")
    if rest:
        amounts[max(taxed, key=lambda side: abs(bases[side]))] += rest
    return [TaxAmount(side[0], base, amounts[side]) for side, base in bases.items()]


def _disagree(found: str) -> BusinessException:
    return BusinessException(
        "TOTALS_DISAGREE",
        f"the amounts of the bill disagree: {found}",
        advice="compare them with the document and correct them; nothing was booked",
    )


def _listed(rates: Sequence[Decimal]) -> str:
    return ", ".join(f"{rate.normalize():f} %" for rate in rates) or "no purchase tax"
