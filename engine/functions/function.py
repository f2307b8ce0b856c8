"""One function of the expression language."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.errors import ExpressionError
from engine.values import described, is_number, number


@dataclass(frozen=True)
class Function:
    """`call` takes plain values; one that is `metered` takes the budget before them.

    One that is `quick` takes the same time whatever the size of its values, so they are not paid for.
    """

    name: str
    call: Callable[..., Any]
    metered: bool = False
    quick: bool = False

    @property
    def signature(self) -> inspect.Signature:
        found = inspect.signature(self.call)
        parameters = list(found.parameters.values())
        return found.replace(parameters=parameters[1:] if self.metered else parameters)

    @property
    def usage(self) -> str:
        """`pad(value, width, fill=' ')`, for messages and the reference."""
        parts = []
        for parameter in self.signature.parameters.values():
            name = f"{parameter.name}, ..." if parameter.kind is parameter.VAR_POSITIONAL else parameter.name
            default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
            parts.append(name + default)
        return f"{self.name}({', '.join(parts)})"

    @property
    def summary(self) -> str:
        return inspect.getdoc(self.call) or ""


def expects(name: str, wanted: str, value: Any, advice: str = "") -> ExpressionError:
    """The error for a value of the wrong kind given to a function."""
    hint = (
        "ask first whether the value is there: `x is not none`" if value is None else "check where the value comes from"
    )
    return ExpressionError(f"{name}(...) expects {wanted} and was given {described(value)}", advice=advice or hint)


def text_of(name: str, value: Any) -> str:
    if not isinstance(value, str):
        advice = "turn it into text with text(...)" if is_number(value) else ""
        raise expects(name, "text", value, advice)
    return value


def number_of(name: str, value: Any) -> Decimal:
    if not is_number(value):
        advice = "turn text into a number with number(...)" if isinstance(value, str) else ""
        raise expects(name, "a number", value, advice)
    return number(value)


def whole_of(name: str, value: Any) -> int:
    found = number_of(name, value)
    if found != found.to_integral_value():
        raise expects(name, "a whole number", value)
    return int(found)


def list_of(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise expects(name, "a list", value)
    return value


def day_of(name: str, value: Any) -> date:
    if not isinstance(value, date):
        raise expects(name, "a date", value, "turn text into a date with date(...)" if isinstance(value, str) else "")
    return value.date() if isinstance(value, datetime) else value
