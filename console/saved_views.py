"""Views of the queue that somebody kept under a name, for everybody."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl

from console.access import demand
from console.permissions import Role
from console.queue_filter import QueueFilter
from console.sessions import Viewer
from console.triage import HANDS
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Row, Transaction, insert_once, one, rows

LONGEST_NAME = 60
MOST = 50


def saved_views(transaction: Transaction) -> list[Row]:
    """All of them by name; `query` is the filter as the URL has it."""
    return rows(transaction, tables.saved_views.select().order_by(tables.saved_views.c.name))


def save_view(transaction: Transaction, viewer: Viewer, name: str, filter_: QueueFilter, now: datetime) -> None:
    """Keep a view; UsageError if there is no name, or somebody else's view has it. One's own is replaced."""
    demand(viewer, *HANDS)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"{name!r} is no name for a view", advice=f"give it a name of up to {LONGEST_NAME} letters")
    table = tables.saved_views
    if len(saved_views(transaction)) >= MOST:
        raise UsageError(f"there are {MOST} views already", advice="remove one that nobody needs")
    values = {"name": name, "query": filter_.query, "person": viewer.name, "made": now}
    if insert_once(transaction, table, values):
        return
    there = one(transaction, table.select().where(table.c.name == name))
    if there is None:
        raise UsageError(f"the name {name} is taken", advice="give yours another name")
    if there["person"] != viewer.name and viewer.role != Role.ADMIN:
        raise UsageError(f"{there['person']} has a view {name} already", advice="give yours another name")
    transaction.execute(table.update().where(table.c.name == name).values(query=filter_.query, person=viewer.name))


def forget_view(transaction: Transaction, viewer: Viewer, name: str) -> None:
    """Remove a view: one's own, or any for an admin."""
    demand(viewer, *HANDS)
    table = tables.saved_views
    there = one(transaction, table.select().where(table.c.name == name))
    if there is None:
        raise UsageError(f"there is no view {name}", advice="reload the queue")
    if there["person"] != viewer.name and viewer.role != Role.ADMIN:
        raise UsageError(f"{there['person']} made the view {name}", advice="they or an admin may remove it")
    transaction.execute(table.delete().where(table.c.name == name))


def filter_in(query: str) -> QueueFilter:
    """The filter that a kept query names."""
    return QueueFilter.of(dict(parse_qsl(query)))
