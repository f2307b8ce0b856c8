"""What people did besides deciding: started an item, took an exception, put it aside, wrote a comment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.ids import new_id
from engine.store import audit, tables
from engine.store.database import Row, Transaction, insert_once, rows


@dataclass(frozen=True, slots=True)
class Did:
    """One thing that a person did. `kind` is one word in the past: started, claimed, assigned, snoozed, commented."""

    person: str
    kind: str
    item: str | None = None
    exception: str | None = None
    workflow: str | None = None
    text: str = ""
    data: Mapping[str, Any] | None = None


def note(transaction: Transaction, did: Did, now: datetime) -> str:
    """Write it down; its id."""
    values = {"id": new_id("act"), "person": did.person, "kind": did.kind, "item": did.item, "made": now}
    values |= {"exception": did.exception, "workflow": did.workflow, "text": did.text or None}
    transaction.execute(tables.acts.insert().values(**values, data=dict(did.data) if did.data is not None else None))
    about = "/".join(part for part in (did.workflow, did.item) if part) or str((did.data or {}).get("user", ""))
    audit.note(transaction, audit.Entry(did.person, did.kind, about, now, source=("acts", values)))
    return str(values["id"])


def mention(transaction: Transaction, act: str, person: str, exception: str, now: datetime) -> None:
    """Let a person find what was done under what calls for them."""
    values = {"act": act, "person": person, "exception": exception, "made": now}
    insert_once(transaction, tables.mentions, values)


def of_item(transaction: Transaction, item: str) -> list[Row]:
    """What people did with an item, in the order they did it."""
    table = tables.acts
    return rows(transaction, table.select().where(table.c.item == item).order_by(table.c.made, table.c.id))


def of_workflow(transaction: Transaction, workflow: str, kinds: Sequence[str], limit: int) -> list[Row]:
    """The latest of what people did with a workflow, the newest first."""
    table = tables.acts
    query = table.select().where(table.c.workflow == workflow, table.c.kind.in_(kinds))
    return rows(transaction, query.order_by(table.c.id.desc()).limit(limit))
