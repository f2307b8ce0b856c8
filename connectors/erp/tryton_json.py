"""Tryton's JSON: decimals, dates and bytes travel as objects with a `__class__` (trytond/protocols/jsonrpc.py)."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def dumps(value: Any) -> str:
    return json.dumps(value, default=_encode, separators=(",", ":"))


def loads(text: str) -> Any:
    """ValueError if it is no JSON."""
    return json.loads(text, object_hook=_decode)


def _encode(value: Any) -> dict[str, Any]:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case date() if not isinstance(value, datetime):
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} cannot be sent to Tryton")


def _decode(value: dict[str, Any]) -> Any:
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "bytes":
            return base64.b64decode(value["base64"])
    return value
