"""Which processes are at work, and which of them does what only one may do.

A process says every few seconds that it is there, and takes its row away when it leaves as it should. A row that
nobody renews any more is a process that was lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.store import tables
from engine.store.database import Transaction, change, count, find, insert_once

BEAT_SECONDS = 5.0
ALIVE = timedelta(seconds=30)
"""So long after it was last seen a process counts as being there."""
REMEMBERED = timedelta(hours=24)
"""So long a lost process is known as lost."""


def announce(transaction: Transaction, name: str, kind: str, host: str, now: datetime) -> None:
    """Say that the process is there; also called again and again to say so anew."""
    if change(transaction, tables.processes, {"name": name}, seen=now) == 0:
        row = {"name": name, "kind": kind, "host": host, "started": now, "seen": now}
        insert_once(transaction, tables.processes, row)


def leave(transaction: Transaction, name: str) -> None:
    """The process ends as it should: it is not missed, and its duties are free."""
    transaction.execute(tables.processes.delete().where(tables.processes.c.name == name))
    transaction.execute(tables.duties.delete().where(tables.duties.c.holder == name))


def forget(transaction: Transaction, now: datetime) -> None:
    transaction.execute(tables.processes.delete().where(tables.processes.c.seen < now - REMEMBERED))


def alive(transaction: Transaction, kind: str, now: datetime) -> int:
    """How many processes of this kind are there."""
    table = tables.processes
    return count(transaction, table, table.c.kind == kind, table.c.seen >= now - ALIVE)


def lost(transaction: Transaction, kind: str, now: datetime, within: timedelta) -> int:
    """How many processes of this kind ended without leaving, within this time."""
    table = tables.processes
    return count(transaction, table, table.c.kind == kind, table.c.seen < now - ALIVE, table.c.seen >= now - within)


def has_duty(transaction: Transaction, duty: str, name: str, now: datetime) -> bool:
    """Take the duty, or keep it, unless another process that still renews it has it. True: it is ours for a while."""
    table, until = tables.duties, now + ALIVE
    if insert_once(transaction, table, {"name": duty, "holder": name, "until": until}):
        return True
    free = (table.c.holder == name) | (table.c.until < now)
    transaction.execute(table.update().where(table.c.name == duty, free).values(holder=name, until=until))
    row = find(transaction, table, name=duty)
    return row is not None and row["holder"] == name
