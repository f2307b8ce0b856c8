"""The rows of a document as a table: the items of an invoice, or the bookings of a bank statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.words import value


@dataclass(frozen=True)
class Head:
    """The head of a column; `figure` says that numbers stand in it."""

    title: str
    figure: bool = True


@dataclass(frozen=True)
class LineTable:
    """Heads and rows of text; `noun` is what one row is."""

    noun: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]


ITEMS = {
    "description": Head("Description", figure=False),
    "quantity": Head("Quantity"),
    "unit_price": Head("Price"),
    "net_total": Head("Net"),
    "tax_rate": Head("Tax %"),
}
BOOKINGS = {
    "date": Head("Date", figure=False),
    "description": Head("Description", figure=False),
    "amount": Head("Amount"),
    "balance": Head("Balance"),
}


def line_table(lines: Sequence[Mapping[str, Any]]) -> LineTable | None:
    """The table of these rows, or None where there are none."""
    if not lines:
        return None
    noun, columns = ("booking", BOOKINGS) if "amount" in lines[0] else ("line", ITEMS)
    return LineTable(noun, list(columns.values()), [[value(line.get(name)) for name in columns] for line in lines])
