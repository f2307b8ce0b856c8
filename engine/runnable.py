"""The next item to be worked, found and taken by one look at an index however many wait, are put off or are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import tables
from engine.store.database import Row, Transaction, rows

_ITEMS = tables.items.c
_RUNNABLE = sa.text("state = 'ready' AND not_before IS NULL")
"""In the very words of the index: neither database uses a partial index for a state given as a parameter."""
_PUT_OFF = sa.text("not_before IS NOT NULL")
"""Only items that are ready or waiting have a time: it is taken off whenever one is claimed or closed."""
_MANY = 100
"""Items whose time has come that are let in at once; the others follow with the next claim."""

_NEXT = (
    sa.select(_ITEMS.id)
    .where(_RUNNABLE)
    .order_by(_ITEMS.priority.desc(), _ITEMS.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEXT_OF_QUEUE = _NEXT.where(_ITEMS.workflow == sa.bindparam("queue"))


def _taking(next_item: sa.Select[tuple[str]]) -> Any:
    """Take the item that `next_item` finds: one trip to the store instead of two."""
    return (
        tables.items.update()
        .where(_ITEMS.id == next_item.scalar_subquery())
        .values(
            state="running",
            claim=_ITEMS.claim + 1,
            worker=sa.bindparam("by"),
            lease_until=sa.bindparam("until"),
            not_before=None,
            run=sa.func.coalesce(_ITEMS.run, sa.bindparam("opened")),
        )
        .returning(_ITEMS.id, _ITEMS.workflow, _ITEMS.claim, _ITEMS.run, _ITEMS.inputs)
    )


_TAKE = _taking(_NEXT_OF_QUEUE)
_FIRST_DUE = (
    sa.select(_ITEMS.id)
    .where(_PUT_OFF, _ITEMS.not_before <= sa.bindparam("now"))
    .order_by(_ITEMS.not_before)
    .limit(_MANY)
    .with_for_update(skip_locked=True)
)
_QUEUES = tables.queues.select()


def let_in(transaction: Transaction, now: datetime) -> None:
    """Make the items runnable whose time has come."""
    due = [str(item) for (item,) in transaction.execute(_FIRST_DUE, {"now": now})]
    if due:
        change = tables.items.update().where(_ITEMS.id.in_(due)).values(state="ready", not_before=None)
        transaction.execute(change)


def open_queues(transaction: Transaction, workflows: Sequence[str] | None) -> dict[str, int]:
    """The queues that have ever had an item, are not paused and are among `workflows`, if those are given; with the
    failures in a row of each."""
    found = rows(transaction, _QUEUES)
    wanted = None if workflows is None else frozenset(workflows)
    return {
        row["workflow"]: row["failures_in_row"]
        for row in found
        if not row["paused"] and (wanted is None or row["workflow"] in wanted)
    }


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes an item, until when, and the run that is opened for it if it has none."""

    worker: str
    until: datetime
    run: str


def take_next(
    transaction: Transaction, queues: Sequence[str], taker: Taker, only: Sequence[str] | None = None
) -> Row | None:
    """Take the runnable item of these queues with the highest priority, of several the oldest.

    The row has its `id`, `workflow`, `claim`, `run` and `inputs`; None: none is runnable.
    """
    given = {"by": taker.worker, "until": taker.until, "opened": taker.run}
    if only is not None:
        take = _taking(_NEXT.where(_ITEMS.id.in_(only), _ITEMS.workflow.in_(queues)))
        return transaction.execute(take, given).mappings().first()
    for queue in with_work(transaction, queues) if len(queues) > 1 else queues:
        # The first of a queue may be taken by another worker meanwhile: then its next one, or another queue's.
        row = transaction.execute(_TAKE, given | {"queue": queue}).mappings().first()
        if row is not None:
            return row
    return None


def with_work(transaction: Transaction, queues: Sequence[str]) -> list[str]:
    """The queues that have something to do, the one with the most urgent item first."""
    firsts: list[tuple[str, int, str]] = []
    for start in range(0, len(queues), _MANY):
        parts = [
            sa.select(_ITEMS.workflow, _ITEMS.priority, _ITEMS.id)
            .where(_ITEMS.workflow == queue, _RUNNABLE)
            .order_by(_ITEMS.priority.desc(), _ITEMS.id)
            .limit(1)
            .subquery()
            for queue in queues[start : start + _MANY]
        ]
        found = transaction.execute(sa.union_all(*(sa.select(part) for part in parts)))
        firsts += [(str(queue), int(priority), str(item)) for queue, priority, item in found]
    return [queue for queue, _, _ in sorted(firsts, key=lambda first: (-first[1], first[2]))]
