"""How much work one evaluation of an expression may do, counted and not timed, so that every run decides alike."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from engine.errors import ExpressionError

UNITS = 500_000  # about 50 ms: one unit is about one step of a comprehension
REGEX_SECONDS = 0.05
MAX_TEXT = 1_000_000  # characters
MAX_LIST = 100_000  # entries
CHARACTERS_PER_UNIT = 16  # at most 8 million characters, 32 MB, in all


class Budget:
    """Spent by comprehensions, functions and joins of text; an evaluation that runs out of it is refused."""

    __slots__ = ("left", "regex_seconds")

    def __init__(self) -> None:
        self.left = UNITS
        self.regex_seconds = REGEX_SECONDS

    def spend(self, units: int) -> None:
        self.left -= units
        if self.left < 0:
            raise ExpressionError("the expression takes too much work", advice="work on fewer or smaller values")

    def size(self, value: Any) -> None:
        """Pay for a text or list that is read or made; ExpressionError if it is larger than any may be."""
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise too_long("text", MAX_TEXT, "characters")
            self.spend(len(value) // CHARACTERS_PER_UNIT)
        elif isinstance(value, (list, dict)):
            self.spend(len(value))

    def weigh(self, value: Any) -> None:
        """Pay for every value inside lists and mappings, before they are compared or handed out.

        A list made of the same list many times is small in memory and endless to walk.
        """
        pending = [value]
        while pending:
            entry = pending.pop()
            if isinstance(entry, dict):
                self.spend(len(entry))
                pending.extend(entry.values())
            elif isinstance(entry, list):
                self.spend(len(entry))
                pending.extend(entry)
            else:
                self.size(entry)


def too_long(what: str, limit: int, unit: str) -> ExpressionError:
    return ExpressionError(f"the {what} would be longer than {limit:,} {unit}", advice="work on smaller values")


def within(value: Sized, limit: int, what: str, unit: str) -> None:
    if len(value) > limit:
        raise too_long(what, limit, unit)
