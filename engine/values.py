"""The values that expressions work on, in the words a person uses for them, and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from engine.errors import ExpressionError
from engine.nearest import listed, suggestion

ARITHMETIC = Context(prec=34, Emin=-999, Emax=999, traps=[InvalidOperation, DivisionByZero, Overflow])
"""34 digits hold any sum of money exactly; the exponent is bounded so that no number is endless as text."""

SHOWN = 60

FIELDS: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    date: {
        "year": lambda day: day.year,
        "month": lambda day: day.month,
        "day": lambda day: day.day,
        "weekday": lambda day: day.isoweekday(),
        "week": lambda day: day.isocalendar().week,
        "quarter": lambda day: (day.month + 2) // 3,
    },
    time: {"hour": lambda at: at.hour, "minute": lambda at: at.minute, "second": lambda at: at.second},
}
"""What `.field` gives on a date or a time. Weekdays count from Monday, 1, to Sunday, 7."""
MOMENT_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    **FIELDS[date],
    **FIELDS[time],
    "date": lambda moment: moment.date(),
    "time": lambda moment: moment.time(),
}


def described(value: Any) -> str:
    """`the number 5`, `the text 'abc'`, `nothing (none)`, for messages."""
    match value:
        case None:
            return "nothing (none)"
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return f"the number {_cut(as_text(value))}"
        case str():
            return f"the text {_cut(repr(value))}"
        case datetime():
            return f"the time {value.isoformat()}"
        case date():
            return f"the date {value.isoformat()}"
        case list():
            return f"a list of {len(value)}"
        case Mapping():
            return f"a mapping with {listed(str(key) for key in value)}" if value else "an empty mapping"
    return f"a value of type {type(value).__name__}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def as_text(value: Any) -> str:
    """A single value as it stands inside text: numbers without exponent, dates in ISO form, true and false.

    ExpressionError for nothing, lists and mappings: they have no one reading as text.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return _plain(value)
        case int():
            return str(value) if abs(value).bit_length() < 4000 else _refuse_number(value)
        case float():
            return _plain(number(value))
        case datetime():
            return value.isoformat(timespec="seconds")
        case date() | time():
            return value.isoformat()
        case None:
            raise ExpressionError(
                "the value is nothing (none) and cannot stand inside text",
                advice="give another value for that case: `x if x is not none else 'unknown'`",
            )
    raise ExpressionError(
        f"{described(value)} cannot stand inside text", advice="name one entry or field of it, or use join(...)"
    )


def _plain(value: Decimal) -> str:
    if not value.is_finite() or abs(value.adjusted()) > ARITHMETIC.Emax:
        return _refuse_number(value)
    text = format(value, "f")
    return text.removeprefix("-") if not value else text


def _refuse_number(value: Any) -> str:
    raise ExpressionError("a number is too large or is not a number", advice="check where it comes from")


def is_number(value: Any) -> bool:
    return isinstance(value, (Decimal, int, float)) and not isinstance(value, bool)


def number(value: int | float | Decimal) -> Decimal:
    """As Decimal. A float gives the digits that it is written with, not its binary expansion."""
    made = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not made.is_finite() or abs(made.adjusted()) > ARITHMETIC.Emax:
        _refuse_number(value)
    return made


def field_of(value: Any, name: str, label: str) -> Any:
    """`value.name`; `label` is what the value is called in the expression. No attribute of an object is reachable."""
    if isinstance(value, Mapping):
        if name in value:
            return value[name]
        raise ExpressionError(
            f"{label} has no field {name}; it has {listed(str(key) for key in value)}",
            advice=suggestion(name, (str(key) for key in value), "write one of those"),
        )
    fields = fields_of_type(value)
    if name in fields:
        return fields[name](value)
    if value is None:
        raise ExpressionError(
            f"{label} is nothing (none) and has no field {name}",
            advice=f"ask first: `{label}.{name} if {label} is not none else ...`",
        )
    if isinstance(value, list):
        raise ExpressionError(
            f"{label} is a list of {len(value)} and has no field {name}",
            advice=f"name one entry, `{label}[0].{name}`, or go through all: `[each.{name} for each in {label}]`",
        )
    if fields:
        raise ExpressionError(
            f"{label} is {described(value)} and has no field {name}",
            advice=suggestion(name, fields, f"its fields are {listed(fields)}"),
        )
    raise ExpressionError(
        f"{label} is {described(value)} and has no field {name}", advice="only mappings, dates and times have fields"
    )


def fields_of_type(value: Any) -> Mapping[str, Callable[[Any], Any]]:
    """The fields of a date, a time or a moment; nothing for all else."""
    if isinstance(value, datetime):
        return MOMENT_FIELDS
    for kind, fields in FIELDS.items():
        if isinstance(value, kind):
            return fields
    return {}


def entry_of(value: Any, index: Any, label: str) -> Any:
    """`value[index]`."""
    if isinstance(value, Mapping):
        return field_of(value, index, label) if isinstance(index, str) else _no_entry(value, index, label)
    if isinstance(value, (list, str)) and is_number(index):
        place = place_of(index, label)
        if place is None or not -len(value) <= place < len(value):
            what = "characters" if isinstance(value, str) else "entries"
            raise ExpressionError(f"{label} has {len(value)} {what} and none at [{index}]", advice="they count from 0")
        return value[place]
    return _no_entry(value, index, label)


def _no_entry(value: Any, index: Any, label: str) -> Any:
    advice = "name a field of a mapping by text, an entry of a list by its number"
    raise ExpressionError(f"{label} is {described(value)} and has no entry for {described(index)}", advice=advice)


def place_of(index: Any, label: str) -> int | None:
    """An index of a list or text: a whole number, or None for an open end of a slice."""
    if index is None:
        return None
    if not is_number(index) or number(index) != number(index).to_integral_value():
        raise ExpressionError(f"{label} has no entry for {described(index)}", advice="use a whole number")
    return int(index)


def entries_of(value: Any, label: str) -> list[Any]:
    """The entries of a list, for a comprehension."""
    if isinstance(value, list):
        return value
    advice = "use keys(...) or values(...)" if isinstance(value, Mapping) else "use a list after `in`"
    raise ExpressionError(f"{label} is {described(value)}, not a list", advice=advice)
