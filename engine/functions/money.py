"""Functions on numbers and money."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from engine.budget import Budget
from engine.errors import ExpressionError
from engine.functions.function import Function, expects, list_of, number_of, text_of, whole_of
from engine.operators import COMPARE, arithmetic
from engine.values import ARITHMETIC, is_number, number

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_QUANTIZE = Context(prec=ARITHMETIC.prec + 12, traps=[InvalidOperation])
_STYLES: Mapping[str, tuple[str, str]] = {"en": (",", "."), "de": (".", ","), "fr": ("\u202f", ","), "ch": ("’", ".")}
MAX_PLACES = 12
_add = arithmetic("+")
_less = COMPARE[ast.Lt]


def number_(value: Any) -> Decimal:
    """A number from text such as `1234.50`; a number stays as it is."""
    if is_number(value):
        return number(value)
    text = text_of("number", value).strip()
    if not _NUMBER.fullmatch(text) or len(text) > 100:
        raise expects("number", "digits with a dot for the fraction", value, "take other signs out with replace(...)")
    return number(Decimal(text))


def integer(value: Any) -> int:
    """A whole number from a number or from text; an error if it has a fraction."""
    return whole_of("integer", number_(value))


def is_number_(value: Any) -> bool:
    """Whether the value is a number, or text that number(...) can read."""
    return is_number(value) or (isinstance(value, str) and bool(_NUMBER.fullmatch(value.strip())))


def round_(value: Any, places: Any = 0) -> Decimal:
    """Rounded half up, as in book-keeping: round(0.125, 2) is 0.13."""
    return _rounded("round", value, places, ROUND_HALF_UP)


def floor(value: Any) -> Decimal:
    """The next whole number downwards."""
    return _rounded("floor", value, 0, ROUND_FLOOR)


def ceil(value: Any) -> Decimal:
    """The next whole number upwards."""
    return _rounded("ceil", value, 0, ROUND_CEILING)


def _rounded(name: str, value: Any, places: Any, rounding: str) -> Decimal:
    digits = whole_of(name, places)
    if not -MAX_PLACES <= digits <= MAX_PLACES:
        raise expects(name, f"at most {MAX_PLACES} places", places)
    found = number_of(name, value)
    try:
        rounded = found.quantize(Decimal(1).scaleb(-digits), rounding=rounding, context=_QUANTIZE)
    except InvalidOperation:
        raise ExpressionError(f"{name}(...) was given a number that is too large", advice="check the number") from None
    return rounded if digits >= 0 else _QUANTIZE.create_decimal(int(rounded))


def money(value: Any) -> Decimal:
    """An amount with two places, from a number or from text such as `1234.5`."""
    return _rounded("money", number_(value), 2, ROUND_HALF_UP)


def format_money(amount: Any, currency: Any = "", style: Any = "en") -> str:
    """An amount for people: 1,234.50 EUR. `style` is en (1,234.50), de (1.234,50), fr (1 234,50) or ch (1’234.50)."""
    if style not in _STYLES:
        raise expects("format_money", f"a style out of {', '.join(_STYLES)}", style)
    thousands, point = _STYLES[style]
    shown = f"{money(number_of('format_money', amount)):,.2f}"
    shown = shown.replace(",", "\0").replace(".", point).replace("\0", thousands)
    return f"{shown} {text_of('format_money', currency)}".rstrip()


def sum_(values: Any, start: Any = 0) -> Decimal:
    """The sum of a list of numbers."""
    total, budget = number_of("sum", start), Budget()
    for value in list_of("sum", values):
        total = _add(total, number_of("sum", value), budget)
    return total


def abs_(value: Any) -> Decimal:
    """The number without its sign."""
    return abs(number_of("abs", value))


def min_(*values: Any) -> Any:
    """The smallest of the values, or of a list: numbers, texts or dates."""
    return _chosen("min", values, lambda one, best: _less(one, best, Budget()))


def max_(*values: Any) -> Any:
    """The largest of the values, or of a list: numbers, texts or dates."""
    return _chosen("max", values, lambda one, best: _less(best, one, Budget()))


def _chosen(name: str, values: tuple[Any, ...], better: Any) -> Any:
    entries = list_of(name, values[0]) if len(values) == 1 else list(values)
    if not entries:
        raise ExpressionError(f"{name}(...) was given an empty list", advice="ask first: `len(...) > 0`")
    best = entries[0]
    for entry in entries[1:]:
        if better(entry, best):
            best = entry
    return best


TABLE = (
    Function("number", number_),
    Function("integer", integer),
    Function("is_number", is_number_),
    Function("round", round_),
    Function("floor", floor),
    Function("ceil", ceil),
    Function("money", money),
    Function("format_money", format_money),
    Function("sum", sum_),
    Function("abs", abs_),
    Function("min", min_),
    Function("max", max_),
)
