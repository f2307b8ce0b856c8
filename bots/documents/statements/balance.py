"""The arithmetic that proves a statement: opening balance and bookings make every balance printed after them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from bots.documents.document import DocumentProblem, Transaction

CENT = Decimal("0.01")


class Booked(Protocol):
    """What has an amount, and perhaps the balance printed after it."""

    @property
    def amount(self) -> Decimal: ...

    @property
    def balance(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Break:
    """The first balance that does not follow from the one before it: after which booking, or None for the closing one.

    `since` is how many bookings lie between the two balances.
    """

    place: int | None
    expected: Decimal
    found: Decimal
    since: int


@dataclass(frozen=True)
class Proof:
    """What the balances prove: how many hold, which bookings lie between two that do, and the breaks in order."""

    held: int
    proven: frozenset[int]
    breaks: tuple[Break, ...]
    closed: bool  # the closing balance follows from the opening one and all bookings

    @property
    def worth(self) -> int:
        """More where more balances hold and fewer break; the closing one speaks for all bookings."""
        return self.held + 2 * self.closed - 2 * len(self.breaks)


def prove(bookings: Sequence[Booked], opening: Decimal | None, closing: Decimal | None) -> Proof:
    """Follow the balances from the first booking to the last. After a break it goes on from what is printed."""
    running, since = opening, list[int]()
    held, proven, breaks = 0, set[int](), list[Break]()

    def compare(printed: Decimal, place: int | None) -> None:
        nonlocal held
        if running is None:
            return
        expected = running + sum(bookings[index].amount for index in since)
        if abs(expected - printed) < CENT:
            held += 1
            proven.update(since)
        else:
            breaks.append(Break(place, expected, printed, len(since)))

    for place, booking in enumerate(bookings):
        since.append(place)
        if booking.balance is not None:
            compare(booking.balance, place)
            running, since = booking.balance, []
    if closing is not None:
        compare(closing, None)
    total = sum(booking.amount for booking in bookings)
    closed = opening is not None and closing is not None and abs(opening + total - closing) < CENT
    return Proof(held, frozenset(proven), tuple(breaks), closed)


def in_order(transactions: Sequence[Transaction]) -> list[Transaction]:
    """Oldest first: some banks print the newest booking at the top."""
    dates = [one.date for one in transactions]
    falling = sum(before > after for before, after in itertools.pairwise(dates))
    rising = sum(before < after for before, after in itertools.pairwise(dates))
    return list(reversed(transactions)) if falling > rising else list(transactions)


def balance_problems(
    transactions: Sequence[Transaction], opening: Decimal | None, closing: Decimal | None
) -> list[DocumentProblem]:
    """The first balance that does not hold, with the booking it is printed after."""
    if any(one.kind == "brought_forward" for one in transactions):
        opening = Decimal(0)
    ordered = in_order(transactions)
    proofs = [(prove(order, opening, closing), order) for order in (ordered, ordered[::-1])]
    proof, order = max(proofs, key=lambda one: one[0].held - len(one[0].breaks))
    if not proof.breaks:
        return []
    return [_problem(proof.breaks[0], order, opening, len(proof.breaks))]


def _problem(first: Break, bookings: Sequence[Transaction], opening: Decimal | None, count: int) -> DocumentProblem:
    if first.place is None:
        whole = first.since == len(bookings)
        begins = f"The opening balance {opening} and {len(bookings)} bookings make" if whole else "The bookings make"
        message = (
            f"{begins} {first.expected}, but the closing balance says {first.found}: {first.found - first.expected} is "
            "missing or misread; compare the bookings with the pages"
        )
        return DocumentProblem("BALANCE_DISAGREES", message, ("closing_balance",))
    booking = bookings[first.place]
    among = f", or one of the {first.since - 1} before it," if first.since > 1 else ""
    others = f"; so do {count - 1} more balances" if count > 1 else ""
    message = (
        f"Page {booking.page}, {booking.date} {booking.description[:60]}: after {booking.amount} the balance should be "
        f"{first.expected}, but {first.found} is printed; this booking{among} is misread, or one is missing before it"
        f"{others}"
    )
    return DocumentProblem("BALANCE_DISAGREES", message, ("closing_balance",))


def bookings_data(transactions: Sequence[Transaction]) -> list[dict[str, Any]]:
    """The bookings as plain data, as they stand in a journalled result."""
    return [
        {
            "date": one.date,
            "description": one.description,
            "amount": one.amount,
            "balance": one.balance,
            "kind": one.kind,
            "confidence": Decimal(str(one.confidence)),
            "page": one.page,
            "box": [Decimal(str(round(edge, 1))) for edge in one.box] if one.box else None,
        }
        for one in transactions
    ]


def bookings_of(data: Sequence[Mapping[str, Any]]) -> list[Transaction]:
    """The bookings of a journalled result."""
    return [Transaction(**{**one, "confidence": float(one["confidence"])}) for one in data]
