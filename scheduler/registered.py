"""What is known of each trigger from run to run: since when, how far it came, and whether a person paused it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.errors import UsageError
from engine.nearest import listed, suggestion
from engine.store import tables
from engine.store.database import Row, Transaction, insert_all_once, rows

MANY = 500
"""Names in one query: SQLite takes so many parameters, and PostgreSQL plans so few quickly."""


def register(transaction: Transaction, workflows: Mapping[str, str], now: datetime) -> None:
    """Note the triggers (name: workflow) that are seen for the first time, and that their queues exist.

    The queues are made here, so that two schedulers that fire at once never wait for each other's new queue.
    """
    queues = [{"workflow": name, "paused": False, "failures_in_row": 0} for name in sorted(set(workflows.values()))]
    insert_all_once(transaction, tables.queues, queues)
    found = [
        {"name": name, "workflow": workflow, "since": now, "paused": False}
        for name, workflow in sorted(workflows.items())
    ]
    insert_all_once(transaction, tables.triggers, found)


def read(transaction: Transaction, names: Collection[str]) -> dict[str, Row]:
    """What is known of these triggers; nothing of one that no scheduler has seen yet."""
    found: dict[str, Row] = {}
    ordered = sorted(names)
    for start in range(0, len(ordered), MANY):
        query = tables.triggers.select().where(tables.triggers.c.name.in_(ordered[start : start + MANY]))
        found.update((row["name"], row) for row in rows(transaction, query))
    return found


def paused(transaction: Transaction) -> set[str]:
    """The triggers that a person paused."""
    return {row["name"] for row in rows(transaction, tables.triggers.select().where(tables.triggers.c.paused))}


def came_to(transaction: Transaction, reached: Iterable[tuple[str, datetime]]) -> None:
    """Note how far these triggers came; never back."""
    table = tables.triggers
    for name, moment in sorted(reached):
        behind = table.c.last.is_(None) | (table.c.last < moment)
        transaction.execute(table.update().where(table.c.name == name, behind).values(last=moment))


def keep_place(transaction: Transaction, name: str, place: Any) -> None:
    """Note where in a mailbox or file the trigger stands."""
    transaction.execute(tables.triggers.update().where(tables.triggers.c.name == name).values(place=place))


def pause(transaction: Transaction, name: str, reason: str) -> None:
    _known(transaction, name)
    transaction.execute(
        tables.triggers.update().where(tables.triggers.c.name == name).values(paused=True, reason=reason)
    )


def resume(transaction: Transaction, name: str, last: datetime | None) -> None:
    """Let it go on; with `last`, nothing until then is made up."""
    _known(transaction, name)
    changes: dict[str, Any] = {"paused": False, "reason": None}
    if last is not None:
        changes["last"] = last
    transaction.execute(tables.triggers.update().where(tables.triggers.c.name == name).values(**changes))


def _known(transaction: Transaction, name: str) -> None:
    if not read(transaction, [name]):
        names = [row["name"] for row in rows(transaction, tables.triggers.select().order_by(tables.triggers.c.name))]
        raise UsageError(
            f"no trigger {name}", advice=suggestion(name, names, f"known: {listed(names)}; `schedule list` shows them")
        )
