"""The operators of expressions on plain values: numbers as Decimal, sizes bounded, errors in plain words."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, DecimalException, DivisionByZero
from typing import Any

from engine.budget import MAX_LIST, Budget, within
from engine.errors import ExpressionError
from engine.values import ARITHMETIC, described, is_number, number

Binary = Callable[[Any, Any, Budget], Any]


class OperandError(ExpressionError):
    """Two values do not go with an operator."""

    def within(self, label: str) -> ExpressionError:
        """The same, told with the part of the expression that it is about."""
        return ExpressionError(f"`{label}`: {self.message}", advice=self.advice)


_DECIMAL: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "//": ARITHMETIC.divide_int,
    "%": ARITHMETIC.remainder,
    "**": ARITHMETIC.power,
}


def arithmetic(symbol: str) -> Binary:
    """The operator on two numbers; text, lists and dates only where that has one meaning."""
    compute = _DECIMAL[symbol]
    other = _OTHER.get(symbol, _mismatch)

    def apply(left: Any, right: Any, budget: Budget) -> Any:
        if type(left) is Decimal and type(right) is Decimal:
            return _computed(compute, left, right, symbol)
        if is_number(left) and is_number(right):
            return _computed(compute, number(left), number(right), symbol)
        return other(left, right, symbol, budget)

    return apply


def _computed(compute: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal, symbol: str) -> Decimal:
    try:
        return compute(left, right)
    except DivisionByZero:
        raise OperandError("division by zero", advice="ask first whether the divisor is 0") from None
    except DecimalException:
        if symbol in ("/", "//", "%") and not right:
            raise OperandError("division by zero", advice="ask first whether the divisor is 0") from None
        raise OperandError(f"the result of {symbol} is too large or has no value", advice="check the numbers") from None


def _mismatch(left: Any, right: Any, symbol: str, budget: Budget) -> Any:
    if isinstance(left, str) and symbol == "%":
        raise OperandError("% does not format text", advice="write the values inside text: `No. ${{ number }}`")
    if symbol == "*" and (isinstance(left, (str, list)) or isinstance(right, (str, list))):
        raise OperandError("* does not repeat text or lists", advice="use pad(...) to fill text up to a width")
    raise OperandError(f"{symbol} cannot work on {described(left)} and {described(right)}", advice=_hint(left, right))


def _hint(left: Any, right: Any) -> str:
    if left is None or right is None:
        return "ask first whether the value is there: `x is not none`"
    if isinstance(left, str) or isinstance(right, str):
        return "turn text into a number with number(...), or a number into text with text(...)"
    return "use two numbers"


def _plus(left: Any, right: Any, symbol: str, budget: Budget) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        joined = left + right
        budget.size(joined)
        return joined
    if isinstance(left, list) and isinstance(right, list):
        both = left + right
        within(both, MAX_LIST, "list", "entries")
        budget.size(both)
        return both
    if isinstance(left, date) and is_number(right):
        return moved(left, number(right))
    return _mismatch(left, right, symbol, budget)


def _minus(left: Any, right: Any, symbol: str, budget: Budget) -> Any:
    if isinstance(left, date) and is_number(right):
        return moved(left, -number(right))
    if isinstance(left, date) and isinstance(right, date):
        return days_between(right, left)
    return _mismatch(left, right, symbol, budget)


_OTHER: dict[str, Callable[[Any, Any, str, Budget], Any]] = {"+": _plus, "-": _minus}


def moved(day: date, days: Decimal) -> date:
    """A date so many days later; a time may move by part of a day. ExpressionError outside the years 1 to 9999."""
    if not isinstance(day, datetime) and days != days.to_integral_value():
        raise OperandError(f"a date cannot move by {days} days", advice="use a whole number of days")
    try:
        return day + timedelta(days=float(days))
    except OverflowError:
        raise OperandError("the date would lie outside the years 1 to 9999", advice="check the number") from None


def days_between(start: date, end: date) -> int | Decimal:
    """Days from start to end: whole for two dates, with a fraction for two times."""
    _same_kind_of_date(start, end)
    length: timedelta = end - start
    if not isinstance(start, datetime):
        return length.days
    return ARITHMETIC.divide(Decimal(length // timedelta(microseconds=1)), Decimal(86_400_000_000))


def _same_kind_of_date(left: date, right: date) -> None:
    if isinstance(left, datetime) != isinstance(right, datetime):
        raise OperandError(
            f"{described(left)} cannot be set against {described(right)}",
            advice="use two dates: `.date` of a time is its date",
        )
    if isinstance(left, datetime) and isinstance(right, datetime) and (left.tzinfo is None) != (right.tzinfo is None):
        raise OperandError(
            f"{described(left)} cannot be set against {described(right)}: one of them has no time zone",
            advice="write the offset too, for example 2026-03-31T17:00+02:00",
        )


def negative(value: Any) -> Decimal:
    if not is_number(value):
        raise OperandError(f"- cannot work on {described(value)}", advice="use a number")
    return ARITHMETIC.minus(number(value))


def positive(value: Any) -> Decimal:
    if not is_number(value):
        raise OperandError(f"+ cannot work on {described(value)}", advice="use a number")
    return ARITHMETIC.plus(number(value))


def equal(left: Any, right: Any, budget: Budget) -> bool:
    """The same value. Numbers by value, whatever their type; values of different kinds are never equal."""
    if type(left) is not type(right) and (isinstance(left, float) or isinstance(right, float)):
        return is_number(left) and is_number(right) and number(left) == number(right)
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
        budget.weigh(left)
        budget.weigh(right)
    elif isinstance(left, str):
        budget.size(left)
    return bool(left == right)


def ordering(symbol: str, compare: Callable[[Any, Any], bool]) -> Binary:
    def apply(left: Any, right: Any, budget: Budget) -> bool:
        if type(left) is Decimal and type(right) is Decimal and left.is_finite() and right.is_finite():
            return compare(left, right)
        if is_number(left) and is_number(right):
            return compare(number(left), number(right))
        if isinstance(left, str) and isinstance(right, str):
            budget.size(left)
            return compare(left, right)
        if isinstance(left, date) and isinstance(right, date):
            _same_kind_of_date(left, right)
            return compare(left, right)
        raise OperandError(
            f"{described(left)} cannot be compared with {described(right)} by {symbol}",
            advice=_compare_hint(left, right),
        )

    return apply


def _compare_hint(left: Any, right: Any) -> str:
    if left is None or right is None:
        return "ask first whether the value is there: `x is not none and ...`"
    if isinstance(left, date) or isinstance(right, date):
        return "turn text into a date with date(...)"
    if isinstance(left, str) or isinstance(right, str):
        return "turn text into a number with number(...)"
    return "compare two numbers, two texts or two dates"


def contains(left: Any, right: Any, budget: Budget) -> bool:
    """`left in right`: text in text, an entry in a list, a field's name in a mapping."""
    budget.size(right)
    if isinstance(right, str):
        if isinstance(left, str):
            return left in right
        raise OperandError(f"`in` cannot look for {described(left)} in text", advice="turn it into text with text(...)")
    if isinstance(right, list):
        return any(equal(left, entry, budget) for entry in right)
    if isinstance(right, Mapping):
        return isinstance(left, str) and left in right
    raise OperandError(f"`in` cannot look into {described(right)}", advice="use text, a list or a mapping after it")


BINARY: Mapping[type[ast.operator], Binary] = {
    ast.Add: arithmetic("+"),
    ast.Sub: arithmetic("-"),
    ast.Mult: arithmetic("*"),
    ast.Div: arithmetic("/"),
    ast.FloorDiv: arithmetic("//"),
    ast.Mod: arithmetic("%"),
    ast.Pow: arithmetic("**"),
}
COMPARE: Mapping[type[ast.cmpop], Binary] = {
    ast.Eq: equal,
    ast.NotEq: lambda left, right, budget: not equal(left, right, budget),
    ast.Lt: ordering("<", lambda left, right: left < right),
    ast.LtE: ordering("<=", lambda left, right: left <= right),
    ast.Gt: ordering(">", lambda left, right: left > right),
    ast.GtE: ordering(">=", lambda left, right: left >= right),
    ast.In: contains,
    ast.NotIn: lambda left, right, budget: not contains(left, right, budget),
    ast.Is: equal,
    ast.IsNot: lambda left, right, budget: not equal(left, right, budget),
}
