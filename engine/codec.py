"""Values as JSON text and back, types kept: Decimal, date, datetime and time carry a tag.

The journal keeps results in this form, so that a resumed run binds exactly what the first one had.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

_TAG = "$"
_PLAIN = (str, bool, int, float, Decimal, date, time)


def plain(value: Any) -> Any:
    """A result as plain data: models become mappings, tuples and sets lists, paths and enums text."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="python"))
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, _PLAIN):
        return value
    raise TypeError(f"a result holds {type(value).__name__}, which cannot be journalled")


def _tagged(value: Any) -> dict[str, Any]:
    match value:
        case Decimal():
            return {_TAG: "decimal", "value": str(value)}
        case datetime():
            return {_TAG: "datetime", "value": value.isoformat()}
        case date():
            return {_TAG: "date", "value": value.isoformat()}
        case time():
            return {_TAG: "time", "value": value.isoformat()}
    raise TypeError(f"a result holds {type(value).__name__}, which cannot be journalled")


def _escaped(value: Any) -> Any:
    """A mapping that has the tag's own name as a key goes as pairs, so that it is not taken for a tagged value."""
    if isinstance(value, dict):
        inner = {key: _escaped(entry) for key, entry in value.items()}
        return {_TAG: "mapping", "value": [[key, entry] for key, entry in inner.items()]} if _TAG in inner else inner
    return [_escaped(entry) for entry in value] if isinstance(value, list) else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "mapping": dict,
}


def _untagged(value: dict[str, Any]) -> Any:
    reader = _READERS.get(value.get(_TAG, "")) if len(value) == 2 else None
    return reader(value["value"]) if reader else value


def dumps(value: Any) -> str:
    """JSON text with types kept."""
    text = json.dumps(_escaped(plain(value)), default=_tagged, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a character, from a file's name or a damaged document: only its escape can be stored.
        return json.dumps(json.loads(text), separators=(",", ":"))
    return text


def loads(text: str | None) -> Any:
    """The value that `dumps` wrote; None for no text."""
    return None if text is None else json.loads(text, object_hook=_untagged)


def readable(value: Any) -> Any:
    """Plain JSON for people and scripts: decimals and dates as text, no tags."""
    return json.loads(json.dumps(plain(value), default=str))
