"""A supplier bill. Money is Decimal in the bill's currency; a tax rate is per cent (19 is 19 %)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line to book; `net` is what counts, quantity and price are kept where they give it exactly."""

    description: str
    net: Decimal
    rate: Decimal
    quantity: Decimal | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """The tax of one rate on the sum of the lines of that rate, to the cent as the vendor states it.

    Lines above and below zero make amounts of their own, as ledgers book them to different sides.
    """

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NewBill:
    """A bill ready to book: lines and taxes add up to `total` exactly. `number` is the vendor's."""

    number: str
    issue_date: date
    due_date: date | None
    currency: str
    lines: tuple[BillLine, ...]
    taxes: tuple[TaxAmount, ...]

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((tax.amount for tax in self.taxes), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill that the ERP has. `number` is the ERP's own (None while a draft), `vendor_number` what stands on paper.

    `state` is draft, posted, paid or cancelled; `key` the idempotency key it was made with (empty if not by us).
    """

    id: str
    number: str | None
    vendor_number: str
    party: str
    state: str
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    key: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on a bill; `size` in bytes."""

    name: str
    size: int
