"""How long people look at an item: beats that the item's page sends while somebody reads or types."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.store import tables
from engine.store.database import Transaction, change, find, insert_once

IDLE = timedelta(seconds=60)
"""Between two beats further apart nobody was there: that time counts for nothing."""


def beat(transaction: Transaction, item: str, person: str, now: datetime) -> float:
    """Somebody is at the item now; the seconds that they were there in all."""
    mine = {"item": item, "person": person}
    row = find(transaction, tables.focus, lock=True, **mine)
    if row is None:
        insert_once(transaction, tables.focus, {**mine, "seconds": 0.0, "last": now})
        return 0.0
    # Where the clock was set back the time between is not known.
    since = max(now - row["last"], timedelta())
    seconds = float(row["seconds"]) + (since.total_seconds() if since <= IDLE else 0.0)
    change(transaction, tables.focus, mine, seconds=seconds, last=now)
    return seconds
