"""Whether the rows of items were read: each true row is matched to at most one row read, best match first.

A row counts as found where its amount is right, or its quantity is right and its description alike; so a table whose
amounts are misread still shows that its rows were found, and a total taken for a row shows as one too many.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import Any

ALIKE = 0.6  # of two descriptions, from 0 to 1, from which they are the same
CENT = Decimal("0.01")
NUMBERS = {"quantity": "quantity", "unit_price": "unit_price", "net_total": "amount", "tax_rate": "tax_rate"}
"""The numbers of a row as reading names them, and as truth files do."""


@dataclass(frozen=True)
class LineScore:
    """Counts over one document or many. `asked` are the numbers known of the rows found, `cells` those read right."""

    found: int = 0
    read: int = 0
    true: int = 0
    cells: int = 0
    asked: int = 0

    def __add__(self, other: LineScore) -> LineScore:
        return LineScore(
            self.found + other.found,
            self.read + other.read,
            self.true + other.true,
            self.cells + other.cells,
            self.asked + other.asked,
        )

    @property
    def precision(self) -> float:
        """The share of rows read that are rows."""
        return self.found / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """The share of rows that were read."""
        return self.found / self.true if self.true else 1.0

    @property
    def right_cells(self) -> float:
        """The share of the numbers of the rows found that are right."""
        return self.cells / self.asked if self.asked else 1.0


def score_lines(truth: Iterable[Mapping[str, Any]], read: Iterable[Mapping[str, Any]]) -> LineScore:
    """Compare the `line_items` of a truth row with the `lines` of a document in JSON. Rows without an amount in the
    truth (headings, notes) are not asked for."""
    true = [row for row in truth if number(row.get("amount")) is not None]
    rows = list(read)
    pairs = sorted(
        ((_match(row, line), -abs(i - j), i, j) for i, row in enumerate(true) for j, line in enumerate(rows)),
        reverse=True,
    )
    matched: dict[int, int] = {}
    for worth, _, i, j in pairs:
        if worth >= 1.0 and i not in matched and j not in matched.values():
            matched[i] = j
    cells, asked = _cells(true, rows, matched)
    return LineScore(len(matched), len(rows), len(true), cells, asked)


def _cells(
    true: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], matched: Mapping[int, int]
) -> tuple[int, int]:
    cells = asked = 0
    for i, j in matched.items():
        for ours, theirs in NUMBERS.items():
            wanted = number(true[i].get(theirs))
            if wanted is not None:
                asked += 1
                cells += same_number(number(rows[j].get(ours)), wanted)
    return cells, asked


def _match(true: Mapping[str, Any], line: Mapping[str, Any]) -> float:
    """How well a row read fits a true one; from 1.0 on they may be the same."""
    amount = same_number(number(line.get("net_total")), number(true.get("amount")))
    quantity = same_number(number(line.get("quantity")), number(true.get("quantity")))
    alike = similar(str(true.get("description") or ""), str(line.get("description") or ""))
    worth = 0.0
    if amount:
        worth = 1.0
    if quantity and alike >= ALIKE:
        worth = max(worth, 1.0)
    return worth + 0.5 * alike + 0.25 * quantity + 0.25 * amount if worth else 0.0


def number(value: Any) -> Decimal | None:
    """A value as a number, or None where it is none."""
    try:
        return None if value in (None, "") else Decimal(str(value))
    except InvalidOperation:
        return None


def same_number(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether two numbers are the same to the cent."""
    return one is not None and other is not None and abs(one - other) < CENT


def similar(one: str, other: str) -> float:
    """How alike two descriptions are, 0 to 1; a description read with more behind it is alike too."""
    a, b = _letters(one), _letters(other)
    if not a or not b:
        return 0.0
    if a in b or b in a:
        return 1.0
    return SequenceMatcher(None, a, b[: 2 * len(a)]).ratio()


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.casefold())
