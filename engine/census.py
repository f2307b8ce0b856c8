"""What the store holds, counted: for metrics and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.items import CLOSED, State
from engine.store import tables
from engine.store.database import Row, Transaction, one, rows


def items_by_state(transaction: Transaction) -> list[Row]:
    """`workflow`, `state`, `number`."""
    alike = tables.items.c.workflow, tables.items.c.state
    return rows(transaction, sa.select(*alike, _number()).group_by(*alike).order_by(*alike))


def oldest_ready(transaction: Transaction, now: datetime) -> list[Row]:
    """`workflow`, `since`: when the oldest item was made that could be worked now."""
    table = tables.items
    could = (table.c.state == State.READY) & (table.c.not_before.is_(None) | (table.c.not_before <= now))
    query = sa.select(table.c.workflow, sa.func.min(table.c.created).label("since")).where(could)
    return rows(transaction, query.group_by(table.c.workflow).order_by(table.c.workflow))


def past_due(transaction: Transaction, now: datetime) -> list[Row]:
    """`workflow`, `number` of the open items whose time has passed."""
    table = tables.items
    is_open = table.c.state.in_([state for state in State if state not in CLOSED])
    query = sa.select(table.c.workflow, _number()).where(is_open, table.c.due < now)
    return rows(transaction, query.group_by(table.c.workflow).order_by(table.c.workflow))


def open_causes(transaction: Transaction) -> list[Row]:
    """`workflow`, `code`, `number` of the open exceptions, the most frequent first."""
    table = tables.exceptions
    alike = table.c.workflow, table.c.code
    query = sa.select(*alike, _number()).where(table.c.closed.is_(None)).group_by(*alike)
    return rows(transaction, query.order_by(sa.desc("number"), *alike))


def open_exceptions(transaction: Transaction, kinds: Sequence[str]) -> list[Row]:
    """`kind`, `workflow`, `code`, `assigned`, `number`, and `step`: one of those at which they stopped."""
    table = tables.exceptions
    alike = table.c.kind, table.c.workflow, table.c.code, table.c.assigned
    query = sa.select(*alike, _number(), sa.func.max(table.c.step).label("step"))
    query = query.where(table.c.closed.is_(None), table.c.kind.in_(kinds))
    return rows(transaction, query.group_by(*alike).order_by(*alike))


def firings_since(transaction: Transaction, outcome: str, since: datetime) -> list[Row]:
    """`schedule`, `workflow`, `number` of the firings with this outcome."""
    fired, known = tables.firings, tables.triggers
    alike = fired.c.schedule, known.c.workflow
    query = sa.select(*alike, _number()).join(known, known.c.name == fired.c.schedule)
    query = query.where(fired.c.outcome == outcome, fired.c.made >= since)
    return rows(transaction, query.group_by(*alike).order_by(*alike))


def _number() -> sa.Label[int]:
    return sa.func.count().label("number")


def workflows_of_items(transaction: Transaction) -> list[str]:
    """Every workflow that has or had an item, by name; one look at an index for each."""
    column, found = tables.items.c.workflow, [""]
    while (
        name := transaction.execute(sa.select(sa.func.min(column)).where(column > found[-1])).scalar_one()
    ) is not None:
        found.append(str(name))
    return found[1:]


def asked_of(transaction: Transaction, names: Sequence[str], workflows: Sequence[str]) -> list[str]:
    """Those of the workflows in which something stands that is assigned to one of these people or teams."""
    table = tables.exceptions.c
    query = sa.select(table.workflow).distinct().where(table.closed.is_(None), table.workflow.in_(workflows))
    return [str(name) for (name,) in transaction.execute(query.where(table.assigned.in_(names)))]


def last_source(transaction: Transaction, workflow: str) -> Row | None:
    """`digest`, `file`, `source` that an item of the workflow was last worked with; None where none was."""
    items, runs, sources = tables.items, tables.runs, tables.sources
    joined = items.join(runs, runs.c.id == items.c.run).join(sources, sources.c.digest == runs.c.digest)
    query = sa.select(sources).select_from(joined).where(items.c.workflow == workflow)
    return one(transaction, query.order_by(items.c.finished.desc()).limit(1))


def changed_since(transaction: Transaction, table: sa.Table, last: str) -> tuple[str, list[str | None]]:
    """The latest id of a table, and the workflows in which a row came after the one with the id `last`."""
    items = tables.items
    workflow = table.c.workflow if "workflow" in table.c else items.c.workflow
    query = sa.select(workflow, sa.func.max(table.c.id)).where(table.c.id > last).group_by(workflow)
    if "workflow" not in table.c:
        query = query.join_from(table, items, items.c.id == table.c.item)
    found = transaction.execute(query).all()
    return max([last, *(str(newest) for _, newest in found)]), [name for name, _ in found]
