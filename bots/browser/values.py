"""Values on their way into a page and out of it."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, TypeAlias

from engine.context import Context, File
from engine.errors import BusinessException

Scalar: TypeAlias = bool | int | Decimal | float | datetime | date | str | None
"""What a step may put into a page: a text, a number, a date, yes or no. None empties the field."""

Kind: TypeAlias = Literal["text", "number", "money", "date"]

_DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y")


def text_of(value: Scalar) -> str:
    """The value as a person would type it: dates in ISO form, money with its own decimals, yes and no as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def as_kind(text: str, kind: Kind, where: str) -> Any:
    """A text read from a page: `number` and `money` as Decimal, `date`, or as it is. BusinessException if none."""
    if kind == "text":
        return text
    found = _date(text) if kind == "date" else _number(text)
    if found is None:
        raise BusinessException(
            "NOT_A_" + kind.upper(),
            f"{where} shows {text!r}, which is not a {kind}",
            advice="read it as text, or name the element that shows it",
        )
    return found


def file_path(value: str | File, context: Context) -> Path:
    """Where the file to upload lies. A file that a work item carries is known by its own copy."""
    path = Path(value.path) if isinstance(value, File) else context.path(value)
    if not path.is_file():
        raise BusinessException("FILE_NOT_FOUND", f"there is no file {path.name} to upload", advice="check the path")
    return path


def _number(text: str) -> Decimal | None:
    """`1.234,50 €`, `1,234.50`, `1 234,5` and `(12.00)`: the last separator followed by one or two digits, or by
    more when it stands alone and is a point, is the decimal one."""
    found = re.search(r"[-−(]?\s*[^\d\s]{0,3}\s*\d[\d.,'’\s]*-?", text)
    if found is None:
        return None
    part = found.group()
    negative = part.lstrip()[0] in "-−(" or part.rstrip().endswith("-")
    digits = re.sub(r"[^\d.,]", "", part).strip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    mark = digits[last] if last >= 0 else ""
    tail = len(digits) - last - 1
    is_decimal = mark != "" and digits.count(mark) == 1 and (tail != 3 or (mark == "." and digits.startswith("0.")))
    whole, fraction = (digits[:last], digits[last + 1 :]) if is_decimal else (digits, "")
    try:
        value = Decimal(re.sub(r"\D", "", whole) + ("." + fraction if fraction else ""))
    except InvalidOperation:
        return None
    return -value if negative else value


def _date(text: str) -> date | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a date alone has no zone
        except ValueError:
            continue
    return None
