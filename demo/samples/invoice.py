"""An invoice as its vendor's billing system knows it, before it becomes paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Address:
    """A company and where it sits; `tax_id` compact, as registers keep it."""

    name: str
    street: str
    town: str  # postal code and town, in the order of the country
    country: str
    tax_id: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who sends invoices. `layout` names the module that draws them; `iban` is empty where none is printed."""

    id: str
    address: Address
    layout: str
    country_code: str
    tax_id_printed: str
    phone: str
    mail: str
    web: str
    register: str
    bank: str = ""
    iban: str = ""
    bic: str = ""
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `rate` is per cent; the net is quantity times price, to the cent."""

    article: str
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    rate: Decimal

    @property
    def net(self) -> Decimal:
        return cents(self.quantity * self.price)


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice. `misprint` is added to the total that stands on the page, and nowhere else."""

    vendor: Vendor
    buyer: Address
    number: str
    issued: date
    due: date
    order: str
    customer: str
    delivered: date
    lines: tuple[Line, ...] = field(default=())
    currency: str = "EUR"
    misprint: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def taxes(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Rate, base and tax of each rate, the highest rate first."""
        rates = sorted({line.rate for line in self.lines}, reverse=True)
        bases = [(rate, sum((line.net for line in self.lines if line.rate == rate), Decimal(0))) for rate in rates]
        return [(rate, base, cents(base * rate / 100)) for rate, base in bases]

    @property
    def tax(self) -> Decimal:
        return sum((tax for _, _, tax in self.taxes), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def printed_total(self) -> Decimal:
        return self.total + self.misprint


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
