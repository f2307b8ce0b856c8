"""How long what items held is kept, and how it is forgotten.

Forgetting blanks the contents and removes the files; the rows stay, and so do the ledger's keys, outcomes and times,
so that nothing is done a second time because its history is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.artifacts import Artifacts
from engine.errors import UsageError
from engine.items import CLOSED, get
from engine.measures.counting import forget_vendors
from engine.store import tables
from engine.store.database import Database, Row, Transaction, change, rows
from engine.workflows import Library

PORTION = 500
"""Items forgotten in one transaction: no worker waits long for it."""
_MANY = 500


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many items were blanked, and how many kept files went with them."""

    items: int
    files: int


# -- what is old enough ------------------------------------------------------------------------------------------------


def kept_by(library: Library) -> dict[str, timedelta]:
    """The workflows that say themselves how long their items are kept, and how long."""
    return {flow.id: flow.queue.keep for flow in library.all() if flow.queue.keep is not None}


def due(
    transaction: Transaction, keep: Mapping[str, timedelta], default: timedelta | None, now: datetime, limit: int
) -> list[str]:
    """Closed items whose time is over, the oldest of each queue first; none that is on hold or forgotten already."""
    table, queues = tables.items.c, rows(transaction, tables.queues.select())
    found: list[str] = []
    for queue in queues:
        length = keep.get(queue["workflow"], default)
        if length is None or queue["hold"] is not None:
            continue
        query = (
            sa.select(table.id)
            .where(
                table.workflow == queue["workflow"],
                table.finished <= now - length,
                table.state.in_(CLOSED),
                table.hold.is_(None),
                table.erased.is_(None),
            )
            .order_by(table.finished)
            .limit(limit - len(found))
        )
        found += [str(item) for (item,) in transaction.execute(query)]
        if len(found) >= limit:
            break
    return found


def forget_old(
    database: Database, artifacts: Artifacts, keep: Mapping[str, timedelta], default: timedelta | None, now: datetime
) -> Forgotten:
    """Forget what is old enough, in portions. Any number of schedulers may do so: blanking twice changes nothing."""
    items = files = 0
    while True:
        with database.read() as transaction:
            portion = due(transaction, keep, default, now, PORTION)
        if not portion:
            return Forgotten(items, files)
        done = forget(database, artifacts, portion, now)
        items, files = items + done.items, files + done.files


def forget(database: Database, artifacts: Artifacts, items: Sequence[str], now: datetime) -> Forgotten:
    """Blank these items, and remove the files that only they referred to."""
    with database.read() as transaction:
        held = _files_of(transaction, items)
        files = sorted(held - _of_others(transaction, held, items))
    # The files first: whatever ends this halfway, the rows still say that there is something to forget.
    for digest in files:
        artifacts.remove(digest)
    with database.write() as transaction:
        _blank(transaction, items, now)
    return Forgotten(len(items), len(files))


def _blank(transaction: Transaction, items: Sequence[str], now: datetime) -> None:
    runs = [
        str(run) for (run,) in transaction.execute(sa.select(tables.runs.c.id).where(tables.runs.c.item.in_(items)))
    ]
    raised = sa.select(tables.exceptions.c.id).where(tables.exceptions.c.item.in_(items))
    decided = tables.decisions.c.item.in_(items)
    acted = tables.acts.c.item.in_(items) | tables.acts.c.exception.in_(raised)
    blanks: list[tuple[sa.Table, sa.ColumnElement[bool], dict[str, Any]]] = [
        (tables.steps, tables.steps.c.run.in_(runs), {"result": None}),
        (tables.attempts, tables.attempts.c.run.in_(runs), {"message": None}),
        (tables.events, tables.events.c.run.in_(runs), {"data": None}),
        (tables.exceptions, tables.exceptions.c.item.in_(items), {"message": "", "details": None}),
        (tables.decisions, decided, {"corrections": None, "reason": None, "learned": None}),
        (tables.acts, acted, {"text": None, "data": None}),
        (tables.effects, tables.effects.c.item.in_(items), {"input": None, "result": None, "note": None}),
    ]
    for table, which, values in blanks:
        transaction.execute(table.update().where(which).values(**values))
    transaction.execute(tables.artifacts.delete().where(tables.artifacts.c.run.in_(runs)))
    forget_vendors(transaction, items)
    gone: dict[str, Any] = {"inputs": {}, "outputs": None, "message": None, "erased": now}
    transaction.execute(tables.items.update().where(tables.items.c.id.in_(items)).values(**gone))


# -- files -------------------------------------------------------------------------------------------------------------


def _files_of(transaction: Transaction, items: Sequence[str]) -> set[str]:
    carried, runs, kept = tables.items.c, tables.runs.c, tables.artifacts.c
    found = {
        digest
        for (inputs,) in transaction.execute(sa.select(carried.inputs).where(carried.id.in_(items)))
        for digest in _digests(inputs)
    }
    query = sa.select(kept.sha256).join(tables.runs, runs.id == kept.run).where(runs.item.in_(items))
    return found | {str(digest) for (digest,) in transaction.execute(query)}


def _of_others(transaction: Transaction, wanted: set[str], items: Sequence[str]) -> set[str]:
    """What of it others than these items still have: the same content is kept once, whoever keeps it."""
    if not wanted:
        return set()
    carried, runs, kept = tables.items.c, tables.runs.c, tables.artifacts.c
    others = sa.select(carried.inputs).where(
        carried.id.not_in(items), carried.erased.is_(None), sa.cast(carried.inputs, sa.Text).contains('"sha256"')
    )
    found = {
        digest
        for (inputs,) in transaction.execute(others.execution_options(yield_per=_MANY))
        for digest in _digests(inputs)
    }
    query = (
        sa.select(kept.sha256)
        .join(tables.runs, runs.id == kept.run)
        .where(kept.sha256.in_(wanted), runs.item.not_in(items))
    )
    found |= {str(digest) for (digest,) in transaction.execute(query)}
    taught = sa.select(tables.examples.c.digest).where(tables.examples.c.digest.in_(wanted))
    return wanted & (found | {str(digest) for (digest,) in transaction.execute(taught)})


def _digests(value: Any) -> Iterator[str]:
    """The content of each file in an item's inputs."""
    if isinstance(value, Mapping):
        if isinstance(value.get("sha256"), str) and value["sha256"]:
            yield value["sha256"]
        for inner in value.values():
            yield from _digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _digests(inner)


# -- a person who is to be forgotten -----------------------------------------------------------------------------------


def holding(transaction: Transaction, value: str) -> list[Row]:
    """The items that hold this text in what came in, went out, was read, told or decided; the oldest first."""
    if len(value.strip()) < 3:
        raise UsageError(f"{value!r} is too short to be looked for", advice="give at least three letters of it")
    runs, items = tables.runs.c, tables.items.c
    of_run = [
        (tables.steps.c.run, tables.steps.c.result),
        (tables.events.c.run, tables.events.c.data),
        (tables.attempts.c.run, tables.attempts.c.message),
    ]
    of_item = [
        (items.id, items.inputs),
        (items.id, items.outputs),
        (items.id, items.message),
        (items.id, items.key),
        (tables.effects.c.item, tables.effects.c.input),
        (tables.effects.c.item, tables.effects.c.result),
        (tables.exceptions.c.item, tables.exceptions.c.message),
        (tables.exceptions.c.item, tables.exceptions.c.details),
        (tables.decisions.c.item, tables.decisions.c.corrections),
        (tables.decisions.c.item, tables.decisions.c.reason),
        (tables.acts.c.item, tables.acts.c.text),
    ]
    parts = [sa.select(item).where(_holds(column, value)) for item, column in of_item]
    parts += [
        sa.select(runs.item).join(run.table, runs.id == run).where(_holds(column, value)) for run, column in of_run
    ]
    return rows(transaction, tables.items.select().where(items.id.in_(sa.union(*parts))).order_by(items.id))


def _holds(column: sa.Column[Any], value: str) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.Text).contains(value, autoescape=True)


def erase(database: Database, artifacts: Artifacts, items: Sequence[str], now: datetime) -> Forgotten:
    """Forget these items at once, whatever their age, with what was learned from them; nothing is left in the file."""
    with database.write() as transaction:
        for item in items:
            row = get(transaction, item, lock=True)
            if row["state"] not in CLOSED or row["hold"] is not None:
                why = f"is on hold: {row['hold']}" if row["hold"] is not None else f"is {row['state']}"
                raise UsageError(f"item {item} {why}", advice="close it, or release the hold, and then erase it")
        transaction.execute(tables.examples.delete().where(tables.examples.c.item.in_(items)))
    done = forget(database, artifacts, items, now)
    database.compact()
    return done


# -- legal hold --------------------------------------------------------------------------------------------------------


def hold(transaction: Transaction, name: str, reason: str | None) -> None:
    """Keep an item, or all items of a workflow, from being forgotten; a reason of None releases it."""
    is_item = change(transaction, tables.items, {"id": name}, hold=reason) == 1
    if not is_item and change(transaction, tables.queues, {"workflow": name}, hold=reason) == 0:
        advice = "`queue list` tells the ids"
        raise UsageError(f"there is no item {name}, and no queue of a workflow {name}", advice=advice)
