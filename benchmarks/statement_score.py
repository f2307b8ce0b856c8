"""Whether every booking of bank statements is read, with its day and its sign, and whether the balances hold.

The truth of a statement has `transactions`, each with `date` and `amount` (money out is negative). Bookings are the
same where both are; a balance brought forward that is printed among them may be in the truth or not. A file that is
no document (as one whose content is missing) is counted and left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from bots.documents.document import Document, Transaction
from bots.documents.reader import Reader

SET = "bank_statement"
CLOSED = frozenset({"NOT_A_PDF", "PASSWORD_PROTECTED", "FILE_MISSING", "EMPTY_FILE"})
ACCEPT = 0.9
Booking: TypeAlias = tuple[str, Decimal]


@dataclass
class StatementScore:
    """Counts over all statements of a set; `errors` names what was missed and what was read too much."""

    documents: int = 0
    closed: int = 0  # files that are no documents
    true: int = 0
    read: int = 0
    right: int = 0
    whole: int = 0  # statements with every booking, and none too many
    holding: int = 0  # of these, statements whose balances hold
    accepted: int = 0
    accepted_wrong: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of bookings read that are right."""
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """The share of bookings that were read."""
        return self.right / self.true if self.true else 1.0

    def add(self, truth: Mapping[str, Any], document: Document) -> None:
        """Count one statement."""
        if document.fatal is not None and document.fatal.code in CLOSED:
            self.closed += 1
            return
        wanted = Counter(_true(row) for row in truth["transactions"])
        found = Counter(_read(one) for one in document.transactions)
        optional = Counter(_read(one) for one in document.transactions if one.kind == "brought_forward")
        found -= optional - wanted
        both = wanted & found
        self.documents += 1
        self.true += wanted.total()
        self.read += found.total()
        self.right += both.total()
        whole = wanted == found
        self.whole += whole
        self.holding += whole and holds(document)
        accepted = document.confidence >= ACCEPT and not document.problems
        self.accepted += accepted
        self.accepted_wrong += accepted and not whole
        for kind, left in (("missed", wanted - both), ("too much", found - both)):
            self.errors += [f"{truth['file']}: {kind} {day} {amount}" for day, amount in left.elements()]


def holds(document: Document) -> bool:
    """Whether the balances on the pages prove the bookings."""
    return document.confidence >= ACCEPT and all(one.code != "BALANCE_DISAGREES" for one in document.problems)


def _true(row: Mapping[str, Any]) -> Booking:
    return str(row["date"]), Decimal(str(row["amount"])).quantize(Decimal("0.01"))


def _read(one: Transaction) -> Booking:
    return one.date.isoformat(), one.amount.quantize(Decimal("0.01"))


def score_statements(folder: Path) -> StatementScore:
    """Read the statements that a folder's truth.jsonl describes."""
    score = StatementScore()
    with Reader() as reader:
        for row in _rows(folder):
            score.add(row, reader.read(folder / row["file"], SET))
    return score


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    lines: Iterable[str] = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return (row for row in map(json.loads, filter(None, lines)) if row.get("transactions"))
