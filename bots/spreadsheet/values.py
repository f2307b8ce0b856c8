"""What may stand in a cell, on its way in and out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from bots.spreadsheet import markup
from engine.errors import BusinessException

Value: TypeAlias = bool | int | Decimal | float | datetime | date | str | None
"""A text, a number, a date, a moment (kept in UTC), yes or no; None leaves the cell empty."""

LONGEST_TEXT = 32_767
DIGITS = 15
"""What Excel keeps of a number."""
RISKY = ("=", "+", "-", "@", "\t", "\0", "\r")
"""A text that starts with these would become a formula where somebody edits the cell or saves the sheet as CSV."""
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's days have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_PLACES = re.compile(r"\.(0+)")
MONEY = "#,##0.00"
DAY = "yyyy-mm-dd"
MOMENT = "yyyy-mm-dd hh:mm:ss"


def check(column: str, value: Any) -> Value:
    """The value as a cell can keep it exactly; BusinessException naming the column if it cannot."""
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise BusinessException(
                "TEXT_TOO_LONG",
                f"the text for {column} has {len(value)} characters; a cell holds {LONGEST_TEXT}",
                advice="shorten it, or keep it in a file and write the file's name",
            )
        return value
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal):
        return _number(column, value)
    raise BusinessException(
        "NOT_A_CELL_VALUE",
        f"the value for {column} is a {_word(value)}; a cell holds one text, number, date, or yes or no",
        advice="name the part of it that is meant, as in invoice.total",
    )


def _number(column: str, value: int | Decimal) -> Value:
    number = Decimal(value)
    if not number.is_finite():
        raise BusinessException("NOT_A_CELL_VALUE", f"the value for {column} is {value}", advice="write a number")
    if len("".join(map(str, number.normalize().as_tuple().digits))) <= DIGITS:
        return value
    if isinstance(value, int):
        return str(value)  # an identity, not a quantity: as text it keeps its digits
    raise BusinessException(
        "NUMBER_TOO_LONG",
        f"the number {value} for {column} has more than {DIGITS} digits, and a spreadsheet would change it",
        advice="round it, or write it as text: ${{ text(...) }}",
    )


def _word(value: Any) -> str:
    known: dict[type, str] = {dict: "mapping", list: "list"}
    return known.get(type(value), type(value).__name__)


def number_format(value: Value) -> str | None:
    """The format in which people expect to see it; None where any will do."""
    if isinstance(value, datetime):
        return MOMENT
    if isinstance(value, date):
        return DAY
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) else 0
        return MONEY if places <= 2 else "#,##0." + "0" * places
    return None


def serial(value: date | datetime, epoch_1904: bool) -> str:
    """The number of days that Excel keeps for a date or a moment."""
    epoch = _EPOCH_1904 if epoch_1904 else _EPOCH
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    else:
        moment = datetime.combine(value, time())
    span = moment - epoch
    days = Decimal(span.days) + Decimal(span.seconds) / 86_400
    return format(days.quantize(Decimal("1e-10")).normalize(), "f")


def cell(reference: str, value: Value, style: int, prefix: str = "", epoch_1904: bool = False) -> bytes:
    """The cell as a sheet holds it. Text is kept in place; nothing here ever becomes a formula."""
    styled = f' s="{style}"' if style else ""
    head = f'<{prefix}c r="{reference}"{styled}'
    if value is None:
        return f"{head}/>".encode()
    if isinstance(value, str):
        kept = f'<{prefix}is><{prefix}t xml:space="preserve">{markup.text(value)}</{prefix}t></{prefix}is>'
        return f'{head} t="inlineStr">{kept}</{prefix}c>'.encode()
    if isinstance(value, bool):
        return f'{head} t="b"><{prefix}v>{int(value)}</{prefix}v></{prefix}c>'.encode()
    written = serial(value, epoch_1904) if isinstance(value, date) else format(Decimal(value), "f")
    return f"{head}><{prefix}v>{written}</{prefix}v></{prefix}c>".encode()


def found(value: Any, shown: str) -> Value:
    """A value as openpyxl gives it, in the form workflows use: money and fractions exact, moments in UTC.

    `shown` is the cell's number format: 1190 shown as 1,190.00 is Decimal('1190.00').
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return markup.plain(value)
    if isinstance(value, int | float):
        return _found_number(value, shown)
    if isinstance(value, datetime):
        day_only = value.time() == time() and "h" not in shown.lower()
        return value.date() if day_only else value.replace(tzinfo=UTC)
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return Decimal(value.total_seconds()) / 86_400
    return value if isinstance(value, date) else str(value)


def _found_number(value: float, shown: str) -> Value:
    number = Decimal(format(value, f".{DIGITS}g"))
    places = _PLACES.search(shown.partition(";")[0])
    if places is not None and "%" not in shown:
        rounded = number.quantize(Decimal(1).scaleb(-min(len(places.group(1)), 10)))
        if rounded == number:
            return rounded
    whole = number == number.to_integral_value()
    return int(number) if whole and places is None else number


def canonical(value: Value) -> str:
    """How two values are compared: 4711 and the text 4711 are the same key, 0123 and 123 are not."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal | float):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return format(number.normalize(), "f") if number else "0"
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value.strip()


def same(one: Value, other: Value) -> bool:
    return canonical(one) == canonical(other)
