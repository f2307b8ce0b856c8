"""Firings are rows with a unique (schedule, fire time): whoever inserts it first queues the item.

The row and the item are one transaction.
"""

from __future__ import annotations

from datetime import datetime

from engine import items
from engine.items import CLOSED, NewItem
from engine.store import tables
from engine.store.database import Transaction, count, insert_once, one


def fire(transaction: Transaction, name: str, fire_time: datetime, new: NewItem | None, now: datetime) -> str | None:
    """Record a firing and queue its item; the item's id, or None if it fired before (or nothing is to be queued)."""
    row = {"schedule": name, "fire_time": fire_time, "made": now}
    if not insert_once(transaction, tables.firings, row) or new is None:
        return None
    item, _ = items.add(transaction, new, now)
    table = tables.firings
    transaction.execute(
        table.update().where(table.c.schedule == name, table.c.fire_time == fire_time).values(item=item)
    )
    return item


def fired(transaction: Transaction, name: str, fire_time: datetime) -> bool:
    table = tables.firings.c
    return count(transaction, tables.firings, table.schedule == name, table.fire_time == fire_time) > 0


def last(transaction: Transaction, name: str) -> datetime | None:
    """The latest firing of a schedule."""
    table = tables.firings
    row = one(transaction, table.select().where(table.c.schedule == name).order_by(table.c.fire_time.desc()).limit(1))
    return row["fire_time"] if row else None


def is_open(transaction: Transaction, name: str) -> bool:
    """True while the item of the schedule's latest firing is not closed."""
    table = tables.firings
    query = table.select().where(table.c.schedule == name, table.c.item.is_not(None))
    row = one(transaction, query.order_by(table.c.fire_time.desc()).limit(1))
    if row is None:
        return False
    item = one(transaction, tables.items.select().where(tables.items.c.id == row["item"]))
    return item is not None and item["state"] not in CLOSED
