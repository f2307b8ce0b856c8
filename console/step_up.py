"""Approvals of large amounts ask for the second factor again, by whichever way they come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from console import second_factor
from console.second_factor import Sealing
from console.services import SecondFactorRule
from engine.errors import UsageError
from engine.exceptions import Kind
from engine.store.database import Transaction

_AMOUNT = re.compile(r"[^\d.,\s-]{0,4}\s*[-+]?(\d(?:[\d.,'\s]*\d)?)\s*[^\d.,\s-]{0,4}")
"""An amount written out: with its currency before or after it, and with any sign between the thousands."""
_BOUNDLESS = Decimal(10) ** 30


class SecondFactorAsked(UsageError):
    """The approval was not made: the second factor has to be shown with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Why an approval asks for the second factor: the amount it shows; None where no amount can be seen at all."""

    amount: Decimal | None

    def __str__(self) -> str:
        return f"an approval of {self.amount:,f}" if self.amount is not None else "an approval that shows no amount"


def asks_for_second_factor(kind: str, details: Mapping[str, Any], rule: SecondFactorRule) -> Asked | None:
    """Whether an approval asks for the second factor, and why; None where it does not.

    All numbers that are shown count, however deep, and texts that are an amount. Where there is none nobody can say
    that it is small, so it asks.
    """
    if kind != Kind.APPROVAL or rule.approvals is None:
        return None
    largest = max(_numbers(details.get("show") or {}), default=None)
    return Asked(largest) if largest is None or largest >= rule.approvals else None


def is_fresh(proved: datetime | None, rule: SecondFactorRule, now: datetime) -> bool:
    """Whether the second factor was shown so lately that it is not asked for again."""
    return proved is not None and now - proved <= rule.lasts


def demand_code(transaction: Transaction, sealing: Sealing, user: str, code: str, asked: Asked, now: datetime) -> None:
    """SecondFactorAsked unless this code is one of the user's; it is used up by it."""
    told = f"{asked} asks for your second factor"
    if not second_factor.has_second_factor(transaction, user):
        raise SecondFactorAsked(f"{told}, and you have none", advice="add one under Account in the console")
    if not code:
        raise SecondFactorAsked(told, advice="type the code of your authenticator app, or a recovery code")
    if not second_factor.proves(transaction, sealing, user, code, now):
        raise SecondFactorAsked(
            f"{told}; this code is not right, or it was used already", advice="take the next one that the app shows"
        )


def _numbers(value: Any) -> Iterator[Decimal]:
    """The numbers in what is shown. A text is read as an amount in either way of writing, the larger one counts."""
    if isinstance(value, bool):
        return
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, str):
        amount = _AMOUNT.fullmatch(value.strip())
        if amount is not None:
            yield _decimal(_plain(re.sub(r"[\s']", "", amount[1])))
    elif isinstance(value, (int, float, Decimal)):
        yield _decimal(str(value))


def _plain(digits: str) -> str:
    """With a point for the decimals alone. What may be either, as in 1.250, is read as the larger amount."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark, before, after = digits[last], digits[:last], digits[last + 1 :]
    whole = re.sub(r"[.,]", "", before)
    is_thousands = mark in before or (len(after) == 3 and not re.search(r"[.,]", before))
    return whole + after if is_thousands else f"{whole}.{after}"


def _decimal(text: str) -> Decimal:
    """Its size; what is no size (not a number, without end, with several points) is as large as can be."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _BOUNDLESS
    return abs(number) if number.is_finite() else _BOUNDLESS
