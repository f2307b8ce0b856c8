"""Actions on supplier bills: find one, book one, hang a file on it.

Booking is a draft with everything in it (one request), then the file, then the posting. The draft carries the
idempotency key from the moment it exists, so whatever is cut short after it is found by that key and brought to
its end; what the ERP will not post is taken away again, so that a refused bill leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.erp.bill import Bill, NewBill
from connectors.erp.booking import BillDocument, plan, read_document
from connectors.erp.parties import the_party
from connectors.erp.party import NewParty, Party, compact
from connectors.erp.port import Erp, connect
from engine.action import Done, Effect, NotDone, Preview, Settlement, Unsettled, action
from engine.context import Context, File
from engine.errors import ApplicationException, BusinessException, Outcome


class FindBill(BaseModel):
    model_config = ConfigDict(extra="forbid")

    connection: str = Field(description="The connection to the ERP.")
    vendor: str = Field(description="The vendor's name.")
    number: str = Field(description="The number the vendor gave the invoice.")
    tax_id: str | None = Field(None, description="The vendor's tax id; decides where both are given.")


class FoundBill(BaseModel):
    found: bool
    id: str | None = None
    number: str | None = None
    state: str | None = None
    total: Decimal | None = None


class CreateBill(BaseModel):
    model_config = ConfigDict(extra="forbid")

    connection: str = Field(description="The connection to the ERP.")
    bill: dict[str, Any] = Field(description="The invoice, as `document.read` gives it with the fields `invoice`.")
    attach: File | str | None = Field(None, description="A file to hang on the bill, usually the document itself.")
    post: bool = Field(True, description="Post it; false leaves a draft.")
    create_party: bool = Field(True, description="Create the vendor if the ERP does not have it; false stops there.")
    lines: bool = Field(True, description="Book the document's lines; false books one line for each tax rate.")


class BookedBill(BaseModel):
    id: str
    number: str | None
    party: str
    total: Decimal
    state: str


class Attach(BaseModel):
    model_config = ConfigDict(extra="forbid")

    connection: str = Field(description="The connection to the ERP.")
    bill: str = Field(description="The id of the bill, as erp.create_bill or erp.find_bill gives it.")
    file: File | str = Field(description="The file to hang on it.")


class Attached(BaseModel):
    bill: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Order:
    """A booking that has been checked and can begin. `party` is None where the vendor is to be created.

    `begun` is the bill that an earlier try with the same key made: it is brought to its end, none is added.
    """

    document: BillDocument
    bill: NewBill
    party: Party | None
    begun: Bill | None


@action("erp.find_bill")
def find_bill(input: FindBill, context: Context) -> FoundBill:
    """Look a supplier bill up in the ERP, by vendor and the vendor's number; cancelled ones do not count."""
    erp = connect(context, input.connection)
    # Namesakes with another tax id count too: one that was misread must not hide a bill that is booked already.
    parties = list(dict.fromkeys([*erp.parties(input.vendor, input.tax_id), *erp.parties(input.vendor, None)]))
    found = [bill for bill in _of(erp, parties, input.number) if bill.state != "cancelled"]
    if not found:
        return FoundBill(found=False)
    bill = found[0]
    return FoundBill(found=True, id=bill.id, number=bill.number, state=bill.state, total=bill.total)


def _of(erp: Erp, parties: list[Party], number: str) -> list[Bill]:
    return erp.bills(parties=parties, vendor_number=number) if parties else []


def settle_bill(input: CreateBill, context: Context) -> Settlement:
    """Look the bill up by its key; a draft is brought to its end."""
    erp = connect(context, input.connection)
    found = erp.bills(key=context.key)
    if not found and erp.settle_after:
        context.sleep(min(erp.settle_after, context.remaining()))
        found = erp.bills(key=context.key)
    if not found:
        return NotDone()
    if len(found) > 1:
        return Unsettled(f"{len(found)} bills in the ERP carry the key {context.key}: {_listed(found)}")
    if found[0].state == "cancelled":
        return Unsettled(f"it was booked as {found[0].number or found[0].id}, and somebody has cancelled it since")
    wanted = plan(read_document(input.bill), erp.tax_rates(), with_lines=input.lines)
    try:
        return Done(_booked(_finish(erp, found[0].id, wanted, input, context)))
    except BusinessException:
        return NotDone()  # taken away again by _finish; doing it anew tells the reason


def _listed(bills: list[Bill]) -> str:
    return ", ".join(bill.number or f"draft {bill.id}" for bill in bills)


def preview_bill(input: CreateBill, context: Context) -> Preview:
    """What would be booked; reads only."""
    erp = connect(context, input.connection)
    order = _order(erp, input, context)
    bill = order.bill
    target = f"bill {bill.number} of {order.document.seller.name}"
    if order.begun is not None and order.begun.state != "draft":
        return Preview(target, {})  # it is booked already, with this key
    changes: dict[str, tuple[Any, Any]] = {
        "vendor": (None, order.party.name if order.party else f"{order.document.seller.name} (new)"),
        "number": (None, bill.number),
        "issue_date": (None, bill.issue_date),
        "due_date": (None, bill.due_date),
        "currency": (None, bill.currency),
    }
    for position, line in enumerate(bill.lines, 1):
        changes[f"lines.{position}"] = (None, f"{line.description}: {line.net} at {line.rate.normalize():f} %")
    changes |= {"net_total": (None, bill.net), "tax_total": (None, bill.tax), "total": (None, bill.total)}
    if input.attach is not None:
        changes["attachment"] = (None, _file(input.attach, context)[0])
    changes["state"] = (None, "posted" if input.post else "draft")
    return Preview(target, changes)


@action("erp.create_bill", effect=Effect.SEARCHABLE, verify=settle_bill, preview=preview_bill)
def create_bill(input: CreateBill, context: Context) -> BookedBill:
    """Book a supplier bill in the ERP, its total equal to the document's to the cent, and post it."""
    erp = connect(context, input.connection)
    if input.attach is not None:
        _file(input.attach, context)  # a file that is missing must stop it before anything is booked
    order = _order(erp, input, context)
    if order.begun is not None:
        drafted = order.begun.id
    else:
        party = order.party or erp.create_party(_vendor(order.document))
        drafted = erp.draft_bill(order.bill, party, context.key)
    try:
        return _booked(_finish(erp, drafted, order.bill, input, context))
    except ApplicationException as error:
        # The draft exists: what failed now may not be reported as if nothing had been done.
        error.outcome = Outcome.UNKNOWN
        raise


def _order(erp: Erp, input: CreateBill, context: Context) -> Order:
    """Check all that can be known before anything is written."""
    document = read_document(input.bill)
    if document.currency not in erp.currencies():
        raise BusinessException(
            "CURRENCY_UNKNOWN",
            f"the bill is in {document.currency}, the ERP has {', '.join(erp.currencies())}",
            advice="correct the currency, or add it in the ERP with its rate",
        )
    bill = plan(document, erp.tax_rates(), with_lines=input.lines)
    party = the_party(context, erp, document.seller.name, document.seller.tax_id)
    if party is None:
        _refuse_doubtful(erp, document)
    if party is None and not input.create_party:
        raise BusinessException(
            "VENDOR_UNKNOWN",
            f"the ERP has no party {document.seller.name} ({document.seller.tax_id or 'no tax id'})",
            advice="create the vendor in the ERP, or correct its name or tax id",
        )
    return Order(document, bill, party, _begun(erp, party, document, context.key) if party else None)


def _refuse_doubtful(erp: Erp, document: BillDocument) -> None:
    """A tax id that was misread would make the vendor a second time, and hide that the bill is booked already."""
    said = document.seller.tax_id
    for namesake in erp.parties(document.seller.name, None):
        if not said or not namesake.tax_id or compact(said) == compact(namesake.tax_id):
            continue  # no contradiction: another worker has just created the same vendor
        raise BusinessException(
            "VENDOR_DOUBTFUL",
            f"the ERP knows {namesake.name} with the tax id {namesake.tax_id}, the bill says {said}",
            advice="correct the tax id; if it is another company, create it in the ERP first",
            details={"party": namesake.id},
        )


def _begun(erp: Erp, party: Party, document: BillDocument, key: str) -> Bill | None:
    """The bill made with this very key, if there is one; BusinessException if another has the vendor's number."""
    if party.ours:
        raise BusinessException(
            "VENDOR_IS_US",
            f"the vendor of bill {document.number} would be {party.name}, our own company",
            advice="correct the seller: the reader may have taken the buyer's name or tax id",
        )
    for there in erp.bills(parties=[party], vendor_number=str(document.number)):
        if key and there.key == key and there.state != "cancelled":
            return there
        if there.state != "cancelled":
            raise BusinessException(
                "DUPLICATE_BILL",
                f"bill {document.number} of {party.name} is in the ERP already, as "
                f"{there.number or f'draft {there.id}'} over {there.total} {there.currency}",
                advice="reject this one if it is a duplicate, or correct its number",
                details={"bill": there.id, "total": there.total},
            )
    return None


def _vendor(document: BillDocument) -> NewParty:
    return NewParty(document.seller.name, document.seller.tax_id, document.seller.iban)


def _finish(erp: Erp, drafted: str, wanted: NewBill, input: CreateBill, context: Context) -> Bill:
    """From the draft to what the step asked for; a draft that is refused is taken away."""
    bill = erp.bill(drafted)
    try:
        if (bill.net, bill.tax, bill.total) != (wanted.net, wanted.tax, wanted.total):
            raise BusinessException(
                "TOTALS_DISAGREE",
                f"the ERP makes {bill.total} of it ({bill.net} net, {bill.tax} tax), the document says {wanted.total} "
                f"({wanted.net} net, {wanted.tax} tax)",
                advice="check the taxes in the ERP; nothing was booked",
            )
        if input.attach is not None:
            _hang(erp, bill.id, *_file(input.attach, context))
        if input.post and bill.state == "draft":
            erp.post_bill(bill.id)
            bill = erp.bill(bill.id)
    except BusinessException:
        if bill.state == "draft":
            erp.discard_bill(bill.id)
        raise
    return bill


def _booked(bill: Bill) -> BookedBill:
    return BookedBill(id=bill.id, number=bill.number, party=bill.party, total=bill.total, state=bill.state)


def _file(given: File | str, context: Context) -> tuple[str, bytes]:
    """Name and content; BusinessException if there is no such file."""
    name, path = (given.name, Path(given.path)) if isinstance(given, File) else (Path(given).name, context.path(given))
    try:
        return name, path.read_bytes()
    except FileNotFoundError as error:
        raise BusinessException(
            "FILE_MISSING", f"there is no file {path}", advice="put it back, or correct its name"
        ) from error


def _hang(erp: Erp, bill: str, name: str, content: bytes) -> None:
    if not any(there.name == name and there.size == len(content) for there in erp.attachments(bill)):
        erp.attach(bill, name, content)


def settle_attachment(input: Attach, context: Context) -> Settlement:
    erp = connect(context, input.connection)
    name, content = _file(input.file, context)
    if any(there.name == name and there.size == len(content) for there in erp.attachments(input.bill)):
        return Done(Attached(bill=input.bill, name=name, size=len(content)))
    return NotDone()


def preview_attachment(input: Attach, context: Context) -> Preview:
    there = connect(context, input.connection).attachments(input.bill)
    return Preview(f"bill {input.bill}", {"attachments": ([one.name for one in there], _file(input.file, context)[0])})


@action("erp.attach", effect=Effect.SEARCHABLE, verify=settle_attachment, preview=preview_attachment)
def attach(input: Attach, context: Context) -> Attached:
    """Hang a file on a bill in the ERP; the same file (name and size) is not hung on it twice."""
    name, content = _file(input.file, context)
    _hang(connect(context, input.connection), input.bill, name, content)
    return Attached(bill=input.bill, name=name, size=len(content))
