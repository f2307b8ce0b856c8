"""Approvals of large amounts ask for the second factor again, by whichever way they come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from console import second_factor
from console.second_factor import Sealing
from console.services import SecondFactorRule
from engine.errors import UsageError
from engine.exceptions import Kind
from engine.store.database import Transaction


class SecondFactorAsked(UsageError):
    """The approval was not made: the second factor has to be shown with it."""


def amount_that_asks(kind: str, details: Mapping[str, Any], rule: SecondFactorRule) -> Decimal | None:
    """The largest number that an approval shows, where the rule asks for the second factor; else None."""
    if kind != Kind.APPROVAL or rule.approvals is None:
        return None
    shown = details.get("show")
    found = [abs(number) for value in (shown or {}).values() if (number := _number(value)) is not None]
    largest = max(found, default=None)
    return largest if largest is not None and largest >= rule.approvals else None


def is_fresh(proved: datetime | None, rule: SecondFactorRule, now: datetime) -> bool:
    """Whether the second factor was shown so lately that it is not asked for again."""
    return proved is not None and now - proved <= rule.lasts


def demand_code(
    transaction: Transaction, sealing: Sealing, user: str, code: str, amount: Decimal, now: datetime
) -> None:
    """SecondFactorAsked unless this code is one of the user's; it is used up by it."""
    told = f"an approval of {amount:,f} asks for your second factor"
    if not second_factor.has_second_factor(transaction, user):
        raise SecondFactorAsked(f"{told}, and you have none", advice="add one under Account in the console")
    if not code:
        raise SecondFactorAsked(told, advice="type the code of your authenticator app, or a recovery code")
    if not second_factor.proves(transaction, sealing, user, code, now):
        raise SecondFactorAsked(
            f"{told}; this code is not right, or it was used already", advice="take the next one that the app shows"
        )


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    return Decimal(str(value))
