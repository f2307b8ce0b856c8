"""What came in is a row with a unique (trigger, mark): whoever inserts it first queues the item.

The row and the item are one transaction, so that a mail, a call or a row of a sheet is never queued twice, and never
lost between the two.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from engine import items
from engine.events import Event
from engine.items import NewItem
from engine.store import tables
from engine.store.database import Transaction, insert_once, one, rows
from engine.work import Engine

MANY = 500
"""Marks in one query."""


def arrive(engine: Engine, trigger: str, mark: str, new: NewItem | None) -> str | None:
    """Note what came in and queue its item; the item's id, or None: it came before, or nothing is made of it."""
    now = engine.clock.now()
    with engine.database.write() as transaction:
        row = {"trigger": trigger, "mark": mark, "made": now}
        if not insert_once(transaction, tables.arrivals, row) or new is None:
            return None
        item, is_new = items.add(transaction, new, now)
        table = tables.arrivals
        transaction.execute(table.update().where(table.c.trigger == trigger, table.c.mark == mark).values(item=item))
    engine.events.emit(Event("item.added", now, item, data={"trigger": trigger, "new": is_new}))
    return item if is_new else None


def arrived(engine: Engine, trigger: str, marks: Collection[str]) -> set[str]:
    """Those of these marks that came in before."""
    table, ordered, found = tables.arrivals.c, sorted(marks), set()
    with engine.database.read() as transaction:
        for start in range(0, len(ordered), MANY):
            query = tables.arrivals.select().where(
                table.trigger == trigger, table.mark.in_(ordered[start : start + MANY])
            )
            found |= {str(row["mark"]) for row in rows(transaction, query)}
    return found


def item_of(engine: Engine, trigger: str, mark: str) -> str | None:
    """The item that was made of what came in under this mark."""
    table = tables.arrivals
    with engine.database.read() as transaction:
        row = one(transaction, table.select().where(table.c.trigger == trigger, table.c.mark == mark))
    return row["item"] if row is not None else None


def forget(transaction: Transaction, before: datetime) -> None:
    """Forget calls and followed items from before this time: neither can come again.

    Mails and rows stay: they may lie in their folder or sheet for ever.
    """
    table = tables.arrivals.c
    passing = table.trigger.like("%/hook/%") | table.trigger.like("%/after/%")
    transaction.execute(tables.arrivals.delete().where(table.made < before, passing))


def refuse(engine: Engine, trigger: str, message: str) -> None:
    """Say that something came in and no item was made of it."""
    data = {"trigger": trigger, "message": message}
    engine.events.emit(Event("trigger.refused", engine.clock.now(), "", data=data))
