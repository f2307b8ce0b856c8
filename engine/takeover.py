"""What is kept of a worker that lost its item: that it did, and which of its effects may still be on their way."""

from __future__ import annotations

from datetime import datetime

from engine.store import tables
from engine.store.database import Row, Transaction, count, one

LOST = "worker.lost"


def note_lost(transaction: Transaction, item: Row, now: datetime, *, dead: bool) -> None:
    """The item's worker is gone. `dead`: certainly; else it is out of reach, and may come back and go on.

    One that may come back can still do the effect that it had begun, so a look-up that finds nothing proves nothing.
    """
    if item["run"] is None:
        return
    data = {"worker": item["worker"], "dead": dead}
    event = {"run": item["run"], "path": "", "name": LOST, "at": now, "data": data}
    transaction.execute(tables.events.insert().values(**event))
    if dead:
        return
    table = tables.effects.c
    note = f"the worker {item['worker']} was out of reach when its lease ended and may still have been at it"
    transaction.execute(
        tables.effects.update().where(table.item == item["id"], table.status == "intended").values(note=note)
    )


def lost_over(transaction: Transaction, item: str, run: str) -> int:
    """How many workers were lost over this run of an item since a person last decided about it."""
    events, decisions = tables.events.c, tables.decisions.c
    made = one(transaction, tables.decisions.select().where(decisions.item == item).order_by(decisions.made.desc()))
    since = [events.at > made["made"]] if made is not None else []
    return count(transaction, tables.events, events.run == run, events.name == LOST, *since)
