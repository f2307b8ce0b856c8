"""What the last decision was, told on the page that follows it."""

from __future__ import annotations

from dataclasses import dataclass

from console.words import count
from engine.exceptions import Verdict
from engine.store import tables
from engine.store.database import Transaction, one


@dataclass(frozen=True, slots=True)
class Told:
    item: str
    text: str


def outcome_of(transaction: Transaction, exception: str) -> Told | None:
    """In words what became of the exception with this id; None where nothing was decided."""
    table = tables.decisions
    row = one(transaction, table.select().where(table.c.exception == exception).order_by(table.c.id.desc()))
    if row is None:
        return None
    changed = count(len(row["corrections"] or {}), "field")
    text = {
        Verdict.CORRECT: f"{changed} corrected; the item goes on.",
        Verdict.APPROVE: "Approved; the item goes on.",
        Verdict.REJECT: f"Rejected: {row['reason']}",
        Verdict.RETRY: "It is tried again.",
        Verdict.SETTLE: f"Settled ({str(row['reason']).replace('_', ' ')}); the item goes on.",
    }[Verdict(row["kind"])]
    learned = f" {row['learned']}" if row["learned"] else ""
    return Told(str(row["item"]), text + learned)
