"""How long the items of a workflow take, from what was measured."""

from __future__ import annotations

from datetime import timedelta

from engine.items import State
from engine.store import tables
from engine.store.database import Transaction, rows

LATEST = 100
FEWEST = 3
"""Fewer items than this say nothing about the next one."""
OFTEN = 0.9


def usual_length(transaction: Transaction, workflow: str) -> timedelta | None:
    """What nine of ten of the latest items stay under, from their start to their end; None: too few were measured."""
    items, runs = tables.items, tables.runs
    query = (
        items.select()
        .with_only_columns(runs.c.started, items.c.finished)
        .select_from(items.join(runs, runs.c.id == items.c.run))
        .where(items.c.workflow == workflow, items.c.state == State.DONE, items.c.finished.is_not(None))
        .order_by(items.c.finished.desc())
        .limit(LATEST)
    )
    lengths = sorted(row["finished"] - row["started"] for row in rows(transaction, query))
    if len(lengths) < FEWEST:
        return None
    usual: timedelta = lengths[min(int(len(lengths) * OFTEN), len(lengths) - 1)]
    return usual
