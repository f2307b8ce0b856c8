"""What was decided before where an item stopped for the same cause: of the same vendor first, then the latest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.case import Case
from console.subject import subjects
from console.words import label, value
from engine.exceptions import Verdict
from engine.store import tables
from engine.store.database import Row, Transaction, rows

LOOKED_AT = 20  # past exceptions of the cause, the latest
SHOWN = 4
DID: Mapping[str, str] = {
    Verdict.CORRECT: "corrected",
    Verdict.APPROVE: "approved as it was",
    Verdict.REJECT: "rejected",
    Verdict.RETRY: "retried",
    Verdict.SETTLE: "settled",
}


@dataclass(frozen=True, slots=True)
class Past:
    """`what` was decided by `person`, in words, and `why` if they said; `same` says that it is of the same vendor."""

    exception: str
    title: str
    what: str
    why: str
    person: str
    made: datetime
    same: bool


def similar(transaction: Transaction, case: Case) -> list[Past]:
    """Some past cases with how they ended; none where the cause is new."""
    table, told = tables.exceptions, tables.decisions
    found = rows(
        transaction,
        table.select()
        .where(table.c.fingerprint == case.exception["fingerprint"], table.c.closed.is_not(None))
        .where(table.c.item != case.exception["item"])
        .order_by(table.c.closed.desc())
        .limit(LOOKED_AT),
    )
    ids = [str(row["id"]) for row in found]
    decided = rows(transaction, told.select().where(told.c.exception.in_(ids)).order_by(told.c.made)) if ids else []
    decisions = {str(row["exception"]): row for row in decided}
    # What left the queue by another door was decided by nobody.
    found = [row for row in found if str(row["id"]) in decisions]
    if not found:
        return []
    past = [
        _past(row, subject.title, decisions[str(row["id"])], case.subject.title)
        for row, subject in zip(found, subjects(transaction, found), strict=True)
    ]
    return sorted(past, key=lambda one: not one.same)[:SHOWN]


def _past(exception: Row, title: str, decision: Row, ours: str) -> Past:
    return Past(
        exception=str(exception["id"]),
        title=title,
        what=_what(str(decision["kind"]), decision["corrections"] or {}),
        why=str(decision["reason"] or "") if decision["kind"] != Verdict.SETTLE else "",
        person=str(decision["person"]),
        made=decision["made"],
        same=title == ours,
    )


def _what(kind: str, corrections: Mapping[str, Any]) -> str:
    if kind != Verdict.CORRECT:
        return DID.get(kind, kind)
    named = [f"{label(name)} = {value(text) or 'not there'}" for name, text in corrections.items()]
    more = f" and {len(named) - 2} more" if len(named) > 2 else ""
    return f"corrected: {', '.join(named[:2])}{more}"
