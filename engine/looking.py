"""Who has an exception open at the moment: a claim that blocks nobody and ends by itself.

It says to colleagues that somebody is already at it. Who wants to keep it takes it: see `holding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.store import tables
from engine.store.database import Row, Transaction, insert_once, one, rows

LASTS = timedelta(minutes=10)
FRESH = timedelta(minutes=1)
"""So long nothing is written anew for the same person, who may reload the page."""


def is_fresh(transaction: Transaction, exception: str, person: str, now: datetime) -> bool:
    """Whether it was noted a moment ago that this person looks at it."""
    table = tables.looks
    row = one(transaction, table.select().where(table.c.exception == exception, table.c.person == person))
    return row is not None and row["until"] - LASTS + FRESH > now


def look(transaction: Transaction, exception: str, person: str, now: datetime) -> None:
    """The person has opened it: for ten minutes from now their colleagues see that. What is over is forgotten."""
    table = tables.looks
    transaction.execute(table.delete().where(table.c.until <= now))
    values = {"exception": exception, "person": person, "since": now, "until": now + LASTS}
    if not insert_once(transaction, table, values):
        own = table.update().where(table.c.exception == exception, table.c.person == person)
        transaction.execute(own.values(until=now + LASTS))


def leave(transaction: Transaction, exception: str, person: str) -> None:
    """The person is done with it."""
    table = tables.looks
    transaction.execute(table.delete().where(table.c.exception == exception, table.c.person == person))


def at(transaction: Transaction, exceptions: Sequence[str], but: str, now: datetime) -> list[Row]:
    """Who else looks at these exceptions, those who opened them first before the others."""
    table = tables.looks
    query = table.select().where(table.c.exception.in_(exceptions), table.c.person != but, table.c.until > now)
    return rows(transaction, query.order_by(table.c.since, table.c.person))
