"""A fake ERP for workflow tests: it keeps parties and bills in memory and forgets them with the test.

It is no ERP. A connection cannot name it by accident: it is known as `system: fake` only where this module was
imported, which workflow tests do and nothing else. It passes the contract suite that every adapter passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.erp.bill import Attachment, Bill, NewBill
from connectors.erp.caller import Caller
from connectors.erp.connection import ErpConnection
from connectors.erp.party import NewParty, Party, compact, same_name
from connectors.erp.port import adapter
from engine.errors import BusinessException

COUNTRIES = frozenset(
    ["AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "LU", "NL", "NO", "PL", "PT", "SE", "US"]
)
SETTINGS: Mapping[str, str] = {
    "system": "fake",
    "url": "fake://in-memory",
    "database": "fake",
    "user": "fake",
    "password": "fake",  # there is nothing to protect
}
"""What a workflow test gives as the connection."""


class FakeParty(BaseModel):
    """A party that is there before the test."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Its name")
    tax_id: str | None = Field(default=None, description="Its tax id")
    iban: str | None = Field(default=None, description="Its bank account")
    ours: bool = Field(default=False, description="It is the company whose books these are")


class FakeBill(BaseModel):
    """A bill that is there before the test."""

    model_config = ConfigDict(extra="forbid")

    party: str = Field(description="The vendor's name; made if it is not among the parties")
    number: str = Field(description="The number on the vendor's paper")
    total: Decimal = Field(description="What is to be paid")
    net: Decimal | None = Field(default=None, description="Without tax; the total if left out")
    currency: str = Field(default="EUR", description="Its currency")
    state: str = Field(default="posted", description="draft, posted, paid or cancelled")


class FakeState(BaseModel):
    """What the fake ERP has before the test."""

    model_config = ConfigDict(extra="forbid")

    parties: list[FakeParty] = Field(default_factory=list, description="Vendors and the company itself")
    bills: list[FakeBill] = Field(default_factory=list, description="Supplier bills")
    tax_rates: list[Decimal] = Field(
        default=[Decimal(0), Decimal(7), Decimal(19)], description="Rates of its purchase taxes, per cent"
    )
    closed_before: date = Field(default=date(2000, 1, 1), description="Bills of an earlier day are refused")
    currencies: list[str] = Field(default=["CHF", "EUR", "GBP", "USD"], description="Currencies it can book in")


@dataclass
class FakeBooks:
    """What it has in memory."""

    rates: list[Decimal] = field(default_factory=lambda: list(FakeState().tax_rates))
    currencies: list[str] = field(default_factory=lambda: list(FakeState().currencies))
    parties: dict[str, Party] = field(default_factory=dict)
    bills: dict[str, Bill] = field(default_factory=dict)
    files: dict[str, list[Attachment]] = field(default_factory=dict)
    closed_before: date = date(2000, 1, 1)
    days: dict[str, date] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, state: FakeState) -> FakeBooks:
        books = cls(
            rates=sorted(state.tax_rates), currencies=sorted(state.currencies), closed_before=state.closed_before
        )
        for given in state.parties:
            books.add_party(Party("", given.name, _compact(given.tax_id), _compact(given.iban), given.ours))
        for bill in state.bills:
            known = [one for one in books.parties.values() if same_name(one.name, bill.party)]
            party = known[0] if known else books.add_party(Party("", bill.party))
            net = bill.total if bill.net is None else bill.net
            made = Bill("", None, bill.number, party.name, "draft", bill.currency, net, bill.total - net, bill.total)
            kept = books.add_bill(made)
            number = None if bill.state == "draft" else books.number()
            books.bills[kept.id] = replace(kept, state=bill.state, number=number)
        return books

    def add_party(self, party: Party) -> Party:
        kept = replace(party, id=str(next(self._ids)))
        self.parties[kept.id] = kept
        return kept

    def add_bill(self, bill: Bill) -> Bill:
        kept = replace(bill, id=str(next(self._ids)))
        self.bills[kept.id] = kept
        return kept

    def number(self) -> str:
        return f"FAKE-{1 + sum(bill.number is not None for bill in self.bills.values()):04}"

    def state(self) -> dict[str, Any]:
        """What a test compares: parties and bills, the oldest first."""
        bills = [
            {
                "party": bill.party,
                "number": bill.vendor_number,
                "net": bill.net,
                "tax": bill.tax,
                "total": bill.total,
                "currency": bill.currency,
                "state": bill.state,
                "files": [one.name for one in self.files.get(bill.id, [])],
            }
            for bill in self.bills.values()
        ]
        parties = [{"name": one.name, "tax_id": one.tax_id, "iban": one.iban} for one in self.parties.values()]
        return {"parties": parties, "bills": bills}


def resource(name: str) -> str:
    """The warm resource in which the books of a connection lie."""
    return f"erp:fake:{name}"


@adapter("fake")
class FakeErp:
    """One step's view of the books in memory."""

    settle_after = 0.0

    def __init__(self, name: str, connection: ErpConnection, caller: Caller) -> None:
        self.books: FakeBooks = caller.resource(resource(name), FakeBooks)

    def parties(self, name: str | None, tax_id: str | None) -> list[Party]:
        known = self.books.parties.values()
        if tax_id and (by_number := [one for one in known if _compact(one.tax_id) == compact(tax_id)]):
            return by_number
        if not name:
            return []
        return [one for one in known if same_name(one.name, name) and not (tax_id and one.tax_id)]

    def create_party(self, party: NewParty) -> Party:
        if party.country and party.country.upper() not in COUNTRIES:
            raise BusinessException(
                "COUNTRY_UNKNOWN",
                f"the ERP has no country {party.country!r}",
                advice="write its two letters, as in DE, or add the country in the ERP",
            )
        name = " ".join(party.name.split())
        self.books.add_party(Party("", name, _compact(party.tax_id), _compact(party.iban)))
        return self.parties(party.name, party.tax_id)[0]

    def tax_rates(self) -> list[Decimal]:
        return self.books.rates

    def currencies(self) -> list[str]:
        return self.books.currencies

    def bills(self, *, parties: Sequence[Party] = (), vendor_number: str = "", key: str = "") -> list[Bill]:
        names = {party.name for party in parties}
        return [
            bill
            for bill in self.books.bills.values()
            if (bill.party in names if parties else bool(bill.key))
            and (not vendor_number or bill.vendor_number.casefold() == vendor_number.strip().casefold())
            and (not key or bill.key == key)
        ]

    def bill(self, bill: str) -> Bill:
        return self.books.bills[bill]

    def draft_bill(self, bill: NewBill, party: Party, key: str) -> str:
        made = Bill(
            "", None, bill.number, party.name, "draft", bill.currency, bill.net, bill.tax, bill.total, key
        )  # fmt: skip
        kept = self.books.add_bill(made)
        self.books.days[kept.id] = bill.issue_date
        return kept.id

    def post_bill(self, bill: str) -> None:
        posting = self.books.bills[bill]
        if self.books.days[bill] < self.books.closed_before:
            raise BusinessException(
                "ERP_REFUSED",
                f"the ERP refuses it: its period is closed ({self.books.days[bill]})",
                advice="correct the data, or the set-up of the ERP",
            )
        for other in self.books.bills.values():
            same = (other.party, other.vendor_number) == (posting.party, posting.vendor_number)
            if same and other.id != bill and other.state in ("posted", "paid"):
                raise BusinessException(
                    "DUPLICATE_BILL",
                    f"bill {posting.vendor_number} of {posting.party} is booked already as {other.number}",
                    advice="reject this one if it is a duplicate",
                    details={"bill": bill},
                )
        self.books.bills[bill] = replace(posting, state="posted", number=self.books.number())

    def discard_bill(self, bill: str) -> None:
        del self.books.bills[bill]

    def attachments(self, bill: str) -> list[Attachment]:
        return self.books.files.get(bill, [])

    def attach(self, bill: str, name: str, content: bytes) -> None:
        self.books.files.setdefault(bill, []).append(Attachment(name, len(content)))


def _compact(number: str | None) -> str | None:
    return compact(number) if number else None
