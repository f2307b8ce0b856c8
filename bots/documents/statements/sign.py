"""Whether each booking came in or went out: from its column, mark, section, and from the balances around it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bots.documents.statements.row import Row

_CENT = Decimal("0.01")
_MOST_OPEN = 10  # bookings of unknown sign between two balances for which all signs are tried


@dataclass
class Booked:
    """A row with its amount as it counts: `value` is signed, None while its sign is not known; `balance` likewise.

    `sure` says that the page told the sign; a sign that only follows from balances is proven by them instead.
    """

    row: Row
    size: Decimal
    value: Decimal | None
    balance: Decimal | None
    sure: bool


@dataclass(frozen=True)
class Break:
    """Where the balances stop to hold: at a row (or None: at the closing balance), what was expected and found."""

    row: Row | None
    before: Decimal
    expected: Decimal
    found: Decimal


@dataclass
class Reckoning:
    """Bookings with signs, the balances at both ends, and how the balances between them hold.

    `proven` counts the balances that the bookings lead to, `held` the bookings that these prove.
    """

    bookings: list[Booked]
    opening: Decimal | None
    closing: Decimal | None
    opening_row: Row | None
    closing_row: Row | None
    proven: int = 0
    held: int = 0
    breaks: list[Break] | None = None

    @property
    def whole(self) -> bool:
        """Whether balances prove all bookings."""
        return self.breaks == [] and self.proven > 0 and self.held == len(self.bookings)

    @property
    def score(self) -> tuple[int, int, int]:
        """Better is greater: fewer breaks in the balances, more proven, fewer signs unknown."""
        broken, unknown = len(self.breaks or ()), sum(one.value is None for one in self.bookings)
        return (self.proven - 2 * broken, -unknown, len(self.bookings))


def reckon(rows: Sequence[Row], card: bool) -> Reckoning:
    """The signs under which the balances hold best. `card` says that it looks like the statement of a credit card."""
    polarities = (True, False) if card else (False,)
    made = [_reckoned(rows, owed) for owed in polarities]
    return max(made, key=lambda one: one.score)


def _reckoned(rows: Sequence[Row], owed: bool) -> Reckoning:
    ordered = _by_time([row for row in rows if row.kind in ("booking", "balance")])
    marked = {row.money.mark for row in ordered if row.money is not None and "amount" in row.amounts}
    bookings = [_booked(row, owed, marked) for row in ordered]
    made = []
    for opening, closing in _ends(rows):
        reckoning = Reckoning(
            [Booked(one.row, one.size, one.value, one.balance, one.sure) for one in bookings],
            _balance(opening, owed),
            _balance(closing, owed),
            opening,
            closing,
        )
        _hold(reckoning)
        made.append(reckoning)
    return max(made, key=lambda one: one.score)


def _by_time(rows: list[Row]) -> list[Row]:
    """From the oldest to the newest: some statements begin with the newest."""
    days = [(row.day.year, row.day.month, row.day.day) for row in rows if row.day is not None]
    falls = sum(before > after for before, after in itertools.pairwise(days))
    rises = sum(before < after for before, after in itertools.pairwise(days))
    return rows[::-1] if falls > 2 * rises and falls > 1 else rows


def _ends(rows: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Pairs of rows that may be the opening and the closing balance, likeliest first."""
    opening = [row for row in rows if row.kind == "opening"]
    closing = [row for row in rows if row.kind == "closing"]
    for first in [*_distinct(opening)[:3], *([] if opening else [None])]:
        for last in [*_distinct(closing[::-1])[:4], *([] if closing else [None])]:
            yield first, last


def _distinct(rows: Sequence[Row]) -> list[Row]:
    found: dict[Decimal, Row] = {}
    for row in rows:
        if row.money is not None:
            found.setdefault(row.money.value, row)
    return list(found.values())


def _booked(row: Row, owed: bool, marked: set[str]) -> Booked:
    balance = row.amounts.get("balance")
    told = None if balance is None else _signed_balance(balance.value, balance.sign, owed)
    if row.kind == "balance":
        return Booked(row, Decimal(0), Decimal(0), told, True)
    money = row.money
    assert money is not None
    if "amount" not in row.amounts or row.amounts["amount"] is not money:
        sign = -1 if row.amounts.get("debit") is money else 1
        return Booked(row, money.size, sign * money.size, told, True)
    sign = _sign(money.mark, money.sign, row.hint, owed, marked)
    return Booked(row, money.size, sign * money.size if sign else None, told, sign != 0)


def _sign(mark: str, sign: int, hint: int, owed: bool, marked: set[str]) -> int:
    """The sign of an amount in a column for both directions, 0 where nothing tells it."""
    if owed:
        # What a card's holder owes is printed plain, what was paid with a mark of either kind.
        return 1 if mark and mark not in ("+", "DR", "S", "D") else -1
    if mark:
        return sign
    if hint:
        return hint
    negative, positive = marked & {"-", "(", "DR", "S", "D"}, marked & {"+", "CR", "H", "C", "K"}
    if negative and not positive:
        return 1
    if positive and not negative:
        return -1
    return 0


def _balance(row: Row | None, owed: bool) -> Decimal | None:
    if row is None or row.money is None:
        return None
    money = row.money
    if row.amounts.get("debit") is money:
        return -money.size
    return _signed_balance(money.value, money.sign, owed)


def _signed_balance(value: Decimal, sign: int, owed: bool) -> Decimal:
    if not owed:
        return value
    return abs(value) if sign else -value


def _hold(reckoning: Reckoning) -> None:
    """Go from balance to balance: settle open signs that only one choice explains, and note what holds and breaks."""
    reckoning.breaks = []
    known = reckoning.opening
    waiting: list[Booked] = []
    for booked in reckoning.bookings:
        waiting.append(booked)
        if booked.balance is None:
            continue
        if known is None:
            _settle_first(reckoning, waiting, booked.balance)
        else:
            _compare(reckoning, waiting, known, booked.balance, booked.row)
        known, waiting = booked.balance, []
    if reckoning.closing is not None and known is not None:
        _compare(reckoning, waiting, known, reckoning.closing, None)


def _settle_first(reckoning: Reckoning, waiting: list[Booked], balance: Decimal) -> None:
    """Without an opening balance it is what the first printed balance leaves."""
    values = [one.value for one in waiting]
    if all(value is not None for value in values):
        reckoning.opening = balance - sum((value for value in values if value is not None), Decimal(0))


def _compare(reckoning: Reckoning, waiting: list[Booked], known: Decimal, balance: Decimal, row: Row | None) -> None:
    assert reckoning.breaks is not None
    unknown = [one for one in waiting if one.value is None]
    told = sum((one.value for one in waiting if one.value is not None), Decimal(0))
    if unknown and (signs := _explained(unknown, balance - known - told)) is not None:
        for one, sign in zip(unknown, signs, strict=True):
            one.value = sign * one.size
        told = balance - known
    if any(one.value is None for one in waiting):
        return
    if abs(known + told - balance) < _CENT:
        reckoning.proven += 1
        reckoning.held += len(waiting)
    else:
        reckoning.breaks.append(Break(row, known, known + told, balance))


def _explained(unknown: Sequence[Booked], difference: Decimal) -> tuple[int, ...] | None:
    """The signs that add up to the difference, where there is just one such choice."""
    if len(unknown) > _MOST_OPEN:
        return None
    found = [
        signs
        for signs in itertools.product((1, -1), repeat=len(unknown))
        if sum((sign * one.size for sign, one in zip(signs, unknown, strict=True)), Decimal(0)) == difference
    ]
    values = {tuple(sorted((one.size, sign) for sign, one in zip(signs, unknown, strict=True))) for signs in found}
    return found[0] if len(found) == 1 or (found and len(values) == 1 and len(unknown) == 1) else None
