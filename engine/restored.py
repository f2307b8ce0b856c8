"""After a restore the ledger lacks what was done outside since the backup: so it is looked up before it is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.action import Effect
from engine.ledger import Next, Standing
from engine.store import tables
from engine.store.database import Transaction, find, insert_once

LOOK_UP_NEW = timedelta(days=1)
"""Items of after the backup are gone from the store and come anew, from mails, files and schedules: as many as are made
within a day of the restore are taken for such."""
_NAME = "restored"
_REPEATABLE = (Effect.IDEMPOTENT, Effect.KEYED)


def remember(transaction: Transaction, now: datetime) -> None:
    """The store is put back now; of several restores the last one counts."""
    transaction.execute(tables.duties.delete().where(tables.duties.c.name == _NAME))
    insert_once(transaction, tables.duties, {"name": _NAME, "holder": "", "until": now})


def restored_at(transaction: Transaction) -> datetime | None:
    """When the store was put back; None: never."""
    row = find(transaction, tables.duties, name=_NAME)
    return row["until"] if row is not None else None


def is_in_doubt(transaction: Transaction, standing: Standing, kind: Effect, item: str, restored: datetime) -> bool:
    """Whether an effect that the ledger does not have may have been done all the same, after the backup."""
    if standing.next is not Next.PERFORM or kind in _REPEATABLE:
        return False
    if standing.settled is not None and standing.settled > restored:
        return False  # it was looked up, or a person said that it was not done
    row = find(transaction, tables.items, id=item)
    return row is not None and bool(row["created"] < restored + LOOK_UP_NEW)
