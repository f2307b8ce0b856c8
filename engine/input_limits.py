"""What an input may be besides its type: one of some values, between two bounds, of a pattern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.language import InputSpec
from engine.nearest import listed
from engine.values import as_text

BOUNDED = ("number", "money", "integer", "date", "datetime")
CHOSEN = (*BOUNDED, "text")
PATTERN_SECONDS = 0.05


def what_is_wrong(spec: InputSpec, value: Any, read: Callable[[Any], Any]) -> str | None:
    """What was expected of a typed value, None if it fits. `read` gives the type of the input to what the file says."""
    if value is None:
        return None
    if spec.choices and value not in [read(one) for one in spec.choices]:
        return f"one of {listed([as_text(read(one)) for one in spec.choices])}"
    if spec.min is not None and value < read(spec.min):
        return f"{as_text(read(spec.min))} or more"
    if spec.max is not None and value > read(spec.max):
        return f"{as_text(read(spec.max))} or less"
    if spec.pattern is not None and not _is_like(spec.pattern, value):
        return f"text like {spec.pattern}"
    return None


def _is_like(pattern: str, text: str) -> bool:
    import regex

    try:
        return regex.fullmatch(pattern, text, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        return False  # a text made to keep the pattern busy is not what it describes
