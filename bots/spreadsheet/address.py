"""Cells and ranges as Excel names them: A1, $B$2:D9."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import BusinessException

LAST_COLUMN, LAST_ROW = 16_384, 1_048_576
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


def letters(column: int) -> str:
    """1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def reference(row: int, column: int) -> str:
    return f"{letters(column)}{row}"


def place(text: str) -> tuple[int, int]:
    """Row and column of a cell, from one; BusinessException if there is no such cell."""
    found = _CELL.fullmatch(text.strip())
    if found is not None:
        column = 0
        for letter in found.group(1).upper():
            column = column * 26 + ord(letter) - 64
        if column <= LAST_COLUMN and int(found.group(2)) <= LAST_ROW:
            return int(found.group(2)), column
    raise BusinessException("NO_SUCH_CELL", f"{text!r} is no cell", advice="write a column and a row, as in B7")


@dataclass(frozen=True, slots=True)
class Area:
    """A block of cells; all four sides belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> Area:
        first, _, last = text.replace("$", "").partition(":")
        top, left = place(first)
        bottom, right = place(last or first)
        return cls(top, left, bottom, right)

    def __str__(self) -> str:
        first, last = reference(self.top, self.left), reference(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def absolute(self) -> str:
        return f"${letters(self.left)}${self.top}:${letters(self.right)}${self.bottom}"
