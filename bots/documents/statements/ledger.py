"""The rows of a statement by their part: the bookings in a row, and the balances before and after them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bots.documents.statements.row import Row
from bots.documents.statements.signing import Custom, Entry, balance_of, entry_of


@dataclass(frozen=True)
class Balance:
    """An opening or closing balance with its sign and where it is printed."""

    value: Decimal
    row: Row


@dataclass
class Ledger:
    """Bookings, and the balances before and after them with the likeliest first; `totals` are sums that may be one."""

    entries: list[Entry]
    opening: list[Balance]
    closing: list[Balance]
    totals: list[Balance]
    accounts: int = 1
    left: Decimal | None = None  # the closing balance that was printed last, with bookings after it

    @property
    def forward(self) -> bool:
        """Whether the balance before stands among the bookings, so that counting begins with nothing."""
        return any(one.kind == "brought_forward" for one in self.entries)

    def ends(self) -> Iterator[tuple[Balance | None, Balance | None]]:
        """Pairs of balances that may be those before and after the bookings."""
        openings: list[Balance | None] = [*self.opening[:3]] or [None]
        for begin in openings:
            for end in [*self.closing[:4], *([] if self.closing else [None]), *self.totals]:
                yield begin, end


def ledger_of(rows: Sequence[Row], custom: Custom, told: bool) -> Ledger:
    """The rows as a custom of signs reads them; `told` says that heads name the columns."""
    amounts = [row.amounts["amount"] for row in rows if row.kind == "booking" and "amount" in row.amounts]
    marked = any(figure.mark for figure in amounts)
    ledger = Ledger([], [], [], [])
    last = max((index for index, row in enumerate(rows) if row.kind == "booking"), default=-1)
    for index, row in enumerate(rows):
        if row.kind == "booking":
            if (entry := entry_of(row, custom, told=told, marked=marked)) is not None:
                ledger.entries.append(entry)
        elif row.kind != "total" and (value := balance_of(row, custom)) is not None:
            _put(ledger, Balance(value, row), custom, after=index > last)
    ledger.opening.sort(key=lambda one: one.row.kind != "opening")
    if custom.balance < 0 and not ledger.closing:
        ledger.totals = list(_totals(rows, custom))
    return ledger


def _put(ledger: Ledger, balance: Balance, custom: Custom, *, after: bool) -> None:
    """A balance where it belongs; `after` says that no booking follows."""
    row, entries = balance.row, ledger.entries
    booked = any(entry.kind == "transaction" for entry in entries)
    if row.kind == "opening" and row.listed and custom.balance < 0:
        entries.append(Entry(row, balance.value, kind="brought_forward"))
    elif row.kind == "opening" and (not booked or after):
        ledger.opening.append(balance)
    elif row.kind == "closing" and after:
        ledger.closing.insert(0, balance)
    elif row.kind == "closing" and not booked:
        ledger.closing.append(balance)
    elif row.kind == "balance" and not booked:
        ledger.opening.append(balance)
    elif row.kind == "opening" and ledger.left not in (None, balance.value):
        ledger.accounts += 1  # what is carried to the next page is the same there
    elif entries and booked and entries[-1].balance is None:
        entries[-1].balance = balance.value  # carried to the next page, or the balance at the end of a day
    ledger.left = balance.value if row.kind == "closing" and booked else None


def _totals(rows: Sequence[Row], custom: Custom) -> Iterator[Balance]:
    """What a card's statement may come to without saying so: its last total, or those of its several cards."""
    ends: list[Balance] = []
    for row, following in itertools.zip_longest(rows, rows[1:]):
        if row.kind == "total" and (following is None or following.kind == "opening"):
            value = balance_of(row, custom)
            if value is not None:
                ends.append(Balance(value, row))
    if ends:
        yield ends[-1]
        yield Balance(sum((one.value for one in ends), Decimal(0)), ends[-1].row)
