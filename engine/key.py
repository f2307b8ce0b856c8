"""Keys: what makes an item or an effect the only one of its kind, as text that reads the same every time."""

from __future__ import annotations

from typing import Any

from engine.errors import BusinessException, ExpressionError
from engine.values import as_text, described

LONGEST = 500


def as_key(value: Any, code: str, what: str) -> str:
    """A value as it stands inside text, without spaces around it; BusinessException `code` if that is no key."""
    advice = "make it of numbers, dates and texts, for example ${{ a.number }}/${{ a.date }}"
    try:
        text = as_text(value).strip()
    except ExpressionError as error:
        raise BusinessException(code, f"{what} is {described(value)}", advice=advice) from error
    if not text:
        raise BusinessException(code, f"{what} is empty", advice="correct the field that it is made of")
    if len(text) > LONGEST:
        found = f"{what} has {len(text)} characters, at most {LONGEST} are possible"
        raise BusinessException(code, found, advice="use sha256(...) of what is long")
    return text
