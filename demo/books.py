"""What the four places that hold the booked invoices say, each read back by its own means, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.erp.connection import ErpConnection
from demo.erp.books import booked_bills
from engine.items import State
from engine.store import tables
from engine.store.database import Database, rows

PLACES = ("ERP", "register", "ledger", "journal")


@dataclass(frozen=True, slots=True)
class Entry:
    """One invoice as one place has it. `number` is the vendor's, `reference` the place's own."""

    number: str
    currency: str
    total: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The sums of one currency, by place, with how many invoices make them."""

    currency: str
    totals: Mapping[str, Decimal]
    counts: Mapping[str, int]

    @property
    def agrees(self) -> bool:
        return len(set(self.totals.values())) == 1 and len(set(self.counts.values())) == 1


@dataclass(frozen=True)
class Books:
    """The entries of each place."""

    places: Mapping[str, list[Entry]]

    def balances(self) -> list[Balance]:
        """One for each currency, in alphabetical order."""
        currencies = sorted({entry.currency for entries in self.places.values() for entry in entries})
        return [self._balance(currency) for currency in currencies]

    def _balance(self, currency: str) -> Balance:
        of = {name: [one for one in entries if one.currency == currency] for name, entries in self.places.items()}
        return Balance(
            currency,
            {name: sum((one.total for one in entries), Decimal(0)) for name, entries in of.items()},
            {name: len(entries) for name, entries in of.items()},
        )

    def gaps(self) -> list[str]:
        """A sentence for every invoice that some place lacks, has twice, or has with another amount."""
        told = []
        for number in sorted({entry.number for entries in self.places.values() for entry in entries}):
            found = {name: [one for one in entries if one.number == number] for name, entries in self.places.items()}
            amounts = {(one.currency, one.total) for entries in found.values() for one in entries}
            if len(amounts) > 1 or any(len(entries) != 1 for entries in found.values()):
                each = ", ".join(f"{name}: {_listed(entries)}" for name, entries in found.items())
                told.append(f"invoice {number}: {each}")
        return told

    @property
    def agree(self) -> bool:
        return not self.gaps()


def _listed(entries: Iterable[Entry]) -> str:
    return " and ".join(f"{one.total} {one.currency} ({one.reference})" for one in entries) or "nothing"


def bills(connection: ErpConnection) -> list[Entry]:
    """The posted bills, read over the ERP's own API."""
    return [
        Entry(bill.vendor_number, bill.currency, bill.total, bill.number or f"draft {bill.id}")
        for bill in booked_bills(connection)
        if bill.state != "cancelled"
    ]


def payments(entries: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The register's entries, as its REST interface gives them."""
    return [Entry(one["invoice_number"], one["currency"], one["amount"], one["number"]) for one in entries]


def ledger_rows(file: Path) -> list[Entry]:
    """The rows of the Excel ledger, all sheets, read by another library than the one that wrote them."""
    if not file.exists():
        return []
    from openpyxl import load_workbook

    workbook = load_workbook(file, read_only=True, data_only=True)
    try:
        return [entry for sheet in workbook.worksheets for entry in _sheet_rows(sheet)]
    finally:
        workbook.close()


def _sheet_rows(sheet: Any) -> Iterable[Entry]:
    names: list[Any] = []
    for position, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if not names:
            names = list(values)
            continue
        record = dict(zip(names, values, strict=False))
        if record.get("number") is not None:
            total = Decimal(str(record["total"])).quantize(Decimal("0.01"))
            yield Entry(str(record["number"]), str(record["currency"]), total, f"{sheet.title}, row {position}")


def journalled(database: Database, workflow: str) -> list[Entry]:
    """What the journal says was booked: the outputs of the items that are done."""
    table = tables.items
    with database.read() as transaction:
        done = rows(transaction, table.select().where(table.c.workflow == workflow, table.c.state == State.DONE))
    return [
        Entry(row["outputs"]["number"], row["outputs"]["currency"], row["outputs"]["total"], row["id"]) for row in done
    ]
