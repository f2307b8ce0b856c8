"""Many items in one transaction: all of them are queued, or none is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import select

from engine.items import NewItem, make_room, row_of
from engine.store import tables
from engine.store.bell import ring
from engine.store.database import Transaction, insert_all_once, insert_once, recount

CHUNK = 1000
"""Rows in one statement; both databases take far more parameters than this has."""


def add_all(
    transaction: Transaction,
    new: Sequence[NewItem],
    now: datetime,
    told: Callable[[int], None] | None = None,
) -> list[tuple[str, bool]]:
    """Queue items as `items.add` does, many to a statement: `(id, is_new)` of each, in the order given.

    A key that comes twice is queued once. `told` hears how many more are through.
    """
    for workflow in {one.workflow for one in new}:
        insert_once(transaction, tables.queues, {"workflow": workflow, "paused": False, "failures_in_row": 0})
    answers: list[tuple[str, bool]] = []
    waiting = iter(new)
    while chunk := list(islice(waiting, CHUNK)):
        for one in chunk:
            make_room(transaction, one, now)
        rows = [row_of(one, now) for one in chunk]
        insert_all_once(transaction, tables.items, rows)
        answers += _there(transaction, rows)
        if told is not None:
            told(len(chunk))
    if len(new) >= CHUNK:
        recount(transaction, tables.items)
    ring(transaction)
    return answers


def _there(transaction: Transaction, rows: Sequence[dict[str, object]]) -> list[tuple[str, bool]]:
    """Who has each row's key now: the row itself, or an item that had it before."""
    table, ids = tables.items.c, {}
    for workflow in {row["workflow"] for row in rows}:
        keys = {row["key"] for row in rows if row["workflow"] == workflow}
        query = select(table.id, table.key).where(table.workflow == workflow, table.key.in_(keys))
        ids.update({(workflow, key): str(item) for item, key in transaction.execute(query)})
    owners = [ids[row["workflow"], row["key"]] for row in rows]
    return [(owner, owner == row["id"]) for owner, row in zip(owners, rows, strict=True)]
