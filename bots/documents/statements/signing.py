"""Which bookings went out and which came in: column, mark, section, or the balances that only one reading fulfils."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bots.documents.statements.figure import Figure
from bots.documents.statements.row import Row

CENT = Decimal("0.01")
_MOST_OPEN = 10  # bookings between two balances whose signs are tried


@dataclass(frozen=True)
class Custom:
    """How a bank prints signs: that of an amount without a mark, of one with a minus, and of a balance without a mark.

    On a card's statement what the holder owes is printed as it is: charges and balances plain, payments with a minus.
    """

    plain: int
    minus: int
    balance: int


ACCOUNT = Custom(1, -1, 1)
CARD = Custom(-1, 1, -1)
CUSTOMS = (ACCOUNT, CARD, Custom(-1, -1, 1), Custom(-1, 1, 1), Custom(1, -1, -1))
"""The third marks only what comes in; the others are cards' that mix both."""


@dataclass
class Entry:
    """A booking with its sign, and the balance printed after it. `open` is a sign that nothing on the row tells."""

    row: Row
    amount: Decimal
    balance: Decimal | None = None
    open: bool = False
    proven: bool = False
    kind: Literal["transaction", "brought_forward"] = "transaction"


def entry_of(row: Row, custom: Custom, *, told: bool, marked: bool) -> Entry | None:
    """A booking as this custom reads it, or None where it has no amount.

    `told` says that heads name the columns, `marked` that some amounts carry marks, so that having none tells it too.
    """
    figure = row.money
    if figure is None:
        return None
    debit, credit = row.amounts.get("debit"), row.amounts.get("credit")
    if figure is debit:
        return Entry(row, -figure.size, _balance(row, custom), open=not told)
    if figure is credit:
        return Entry(row, figure.size, _balance(row, custom), open=not told)
    sign = _sign(figure, row.hint, custom)
    silent = not (marked or figure.mark or row.hint)
    return Entry(row, sign * figure.size, _balance(row, custom), open=silent)


def _sign(figure: Figure, hint: int, custom: Custom) -> int:
    if figure.mark in ("-", "("):
        return hint or -1 if custom.minus < 0 else 1
    return figure.sign or hint or custom.plain


def _balance(row: Row, custom: Custom) -> Decimal | None:
    figure = row.amounts.get("balance")
    return signed_balance(figure, custom) if figure is not None else None


def balance_of(row: Row, custom: Custom) -> Decimal | None:
    """The balance that a row without a booking tells; in a column of debits it is one."""
    figure = row.money
    if figure is None:
        return None
    if figure is row.amounts.get("debit"):
        return -figure.size
    return figure.size if figure is row.amounts.get("credit") else signed_balance(figure, custom)


def signed_balance(figure: Figure, custom: Custom) -> Decimal:
    """A printed balance with its sign: credit is the holder's, debit the bank's."""
    if figure.mark in ("-", "("):
        return -custom.balance * figure.size
    return (figure.sign or custom.balance) * figure.size


def settle_signs(entries: Sequence[Entry], opening: Decimal | None, closing: Decimal | None) -> None:
    """Turn the open signs so that the balances hold, where exactly one way of turning them does."""
    running, since = opening, list[Entry]()
    for entry in entries:
        since.append(entry)
        if entry.balance is None:
            continue
        if running is not None:
            _turn(since, entry.balance - running)
        running, since = entry.balance, []
    if since and running is not None and closing is not None:
        _turn(since, closing - running)


def _turn(entries: Sequence[Entry], wanted: Decimal) -> None:
    gap = wanted - sum(entry.amount for entry in entries)
    unsure = [entry for entry in entries if entry.open and entry.amount]
    if not gap or not unsure or len(unsure) > _MOST_OPEN:
        return
    ways: dict[Decimal, tuple[int, ...] | None] = {Decimal(0): ()}
    for index, entry in enumerate(unsure):
        turned = -2 * entry.amount
        for total, chosen in list(ways.items()):
            more = (*chosen, index) if chosen is not None else None
            # Two ways to one sum tell nothing.
            ways[total + turned] = None if total + turned in ways else more
    for index in ways.get(gap) or ():
        unsure[index].amount = -unsure[index].amount


def copies(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries, to be changed without changing these."""
    return (replace(entry) for entry in entries)
