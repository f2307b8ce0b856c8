"""What a colleague decided while a person was still at it, beside what that person has typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.case import Case
from console.deciding import Form
from console.similar import DID
from console.views.fields import FieldView
from engine.store import tables
from engine.store.database import Row, Transaction, one


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as the person left it; `changed` says that the colleague is why."""

    label: str
    theirs: str
    yours: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """`open` is the exception in which the item stands now, None where it stands nowhere."""

    decision: Row
    did: str
    differences: Sequence[Difference]
    open: str | None


def meanwhile(
    transaction: Transaction, case: Case, fields: Sequence[FieldView], form: Form, viewer: str
) -> Meanwhile | None:
    """What somebody else decided here; None where this is open, or where the person themself decided it."""
    decision = next((row for row in reversed(case.decisions) if row["exception"] == case.exception["id"]), None)
    if case.is_open or decision is None or decision["person"] == viewer:
        return None
    corrections = decision["corrections"] or {}
    differences = [
        Difference(field.label, field.text, field.typed.strip(), field.name in corrections)
        for field in fields
        if field.name in form.fields and (field.name in corrections or field.typed.strip() != field.text.strip())
    ]
    table = tables.exceptions
    query = table.select().where(table.c.item == case.exception["item"], table.c.closed.is_(None))
    now = one(transaction, query.order_by(table.c.id.desc()))
    return Meanwhile(decision, DID.get(str(decision["kind"]), ""), differences, str(now["id"]) if now else None)
