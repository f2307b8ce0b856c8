"""Which processes are at work, and which of them does what only one may do.

A process says every few seconds that it is there, and takes its row away when it leaves as it should. A row that
nobody renews any more is a process that was lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.admission import unmet_needs
from engine.store import tables
from engine.store.database import Row, Transaction, change, count, find, insert_once, rows

BEAT_SECONDS = 5.0
ALIVE = timedelta(seconds=30)
"""So long after it was last seen a process counts as being there."""
REMEMBERED = timedelta(hours=24)
"""So long a lost process is known as lost."""


def announce(
    transaction: Transaction, name: str, kind: str, host: str, now: datetime, able: Sequence[str] | None = None
) -> None:
    """Say that the process is there; also called again and again to say so anew. `able`: what a worker offers."""
    if change(transaction, tables.processes, {"name": name}, seen=now) == 0:
        row = {"name": name, "kind": kind, "host": host, "able": able, "started": now, "seen": now}
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


def there(transaction: Transaction, now: datetime) -> list[Row]:
    """The processes that are there."""
    table = tables.processes
    return rows(transaction, table.select().where(table.c.seen >= now - ALIVE))


def unmet(transaction: Transaction, needs: Mapping[str, Sequence[str]], now: datetime) -> dict[str, list[str]]:
    """Of these workflows and their needs those that no worker meets, with what the one that comes nearest lacks."""
    offers = [row["able"] or () for row in there(transaction, now) if row["kind"] == "worker"] or [()]
    lacking = {flow: min((unmet_needs(asked, able) for able in offers), key=len) for flow, asked in needs.items()}
    return {flow: lack for flow, lack in lacking.items() if lack}


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
