"""Firings are rows with a unique (schedule, fire time): whoever inserts it first queues the item.

The row and the item are one transaction. A firing that queues no item says why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine import items
from engine.items import NewItem, State
from engine.store import tables
from engine.store.database import Row, Transaction, count, insert_once, one, rows
from scheduler.schedule import Overlap

AT_WORK = (State.READY, State.RUNNING, State.WAITING, State.UNCERTAIN)
"""An item in one of these overlaps with the next firing. One that stopped with an exception holds nothing up."""


class Outcome(StrEnum):
    """What became of a firing."""

    QUEUED = "queued"
    REPEATED = "repeated"  # an item with this key was queued before
    SKIPPED = "skipped"  # the item before was still at work: `overlap: skip`
    WAITING = "waiting"  # the item before is still at work: `overlap: queue`
    REFUSED = "refused"  # no item could be made


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing that is due. `new` is its item, or None with the reason why there is none."""

    schedule: str
    fire_time: datetime
    new: NewItem | None
    overlap: Overlap = Overlap.ALLOW
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    firing: Firing
    outcome: Outcome
    item: str | None = None


def fire(transaction: Transaction, firing: Firing, now: datetime) -> Fired | None:
    """Record a firing and queue its item; None if it fired before."""
    row = {"schedule": firing.schedule, "fire_time": firing.fire_time, "made": now, "outcome": Outcome.REFUSED}
    if not insert_once(transaction, tables.firings, {**row, "reason": firing.reason}):
        return None
    fired = _decided(transaction, firing, now)
    if fired.outcome is not Outcome.REFUSED:
        _note(transaction, fired)
    return fired


def _decided(transaction: Transaction, firing: Firing, now: datetime) -> Fired:
    if firing.new is None:
        return Fired(firing, Outcome.REFUSED)
    if firing.overlap is not Overlap.ALLOW and overlaps(transaction, firing.schedule, firing.fire_time):
        return Fired(firing, Outcome.SKIPPED if firing.overlap is Overlap.SKIP else Outcome.WAITING)
    return _queued(transaction, firing, firing.new, now)


def _queued(transaction: Transaction, firing: Firing, new: NewItem, now: datetime) -> Fired:
    item, is_new = items.add(transaction, new, now)
    return Fired(firing, Outcome.QUEUED if is_new else Outcome.REPEATED, item)


def _note(transaction: Transaction, fired: Fired) -> None:
    table = tables.firings
    transaction.execute(
        table.update()
        .where(table.c.schedule == fired.firing.schedule, table.c.fire_time == fired.firing.fire_time)
        .values(item=fired.item, outcome=fired.outcome, reason=fired.firing.reason)
    )


def fire_again(transaction: Transaction, firing: Firing, now: datetime) -> Fired | None:
    """Queue the item of a firing that came to nothing, or that nobody was there for; None if it has one.

    Of several, each waits for the one before it, unless they may overlap.
    """
    if firing.overlap is Overlap.SKIP:
        firing = replace(firing, overlap=Overlap.QUEUE)
    fired = fire(transaction, firing, now)
    if fired is not None or firing.new is None:
        return fired
    table = tables.firings
    there = table.c.schedule == firing.schedule, table.c.fire_time == firing.fire_time
    row = one(transaction, table.select().where(*there).with_for_update())
    if row is None or row["outcome"] not in (Outcome.SKIPPED, Outcome.REFUSED):
        return None
    again = _decided(transaction, firing, now)
    _note(transaction, again)
    return again


def overlaps(transaction: Transaction, name: str, fire_time: datetime) -> bool:
    """True while the item of the firing before is at work, or waits for its own turn."""
    table, item = tables.firings, tables.items
    before = table.select().where(table.c.schedule == name, table.c.fire_time < fire_time)
    query = before.with_only_columns(table.c.outcome, item.c.state)
    query = query.select_from(table.outerjoin(item, item.c.id == table.c.item))
    query = query.where(table.c.item.is_not(None) | (table.c.outcome == Outcome.WAITING))
    row = one(transaction, query.order_by(table.c.fire_time.desc()).limit(1))
    return row is not None and (row["outcome"] == Outcome.WAITING or row["state"] in AT_WORK)


def waiting(transaction: Transaction) -> list[Row]:
    """Of each schedule that has some, the oldest firing whose item waits for the item before it."""
    table = tables.firings
    stands = table.select().where(table.c.outcome == Outcome.WAITING)
    names = rows(transaction, stands.with_only_columns(table.c.schedule).distinct())
    found = []
    for name in sorted(row["schedule"] for row in names):
        first = one(transaction, stands.where(table.c.schedule == name).order_by(table.c.fire_time).limit(1))
        if first is not None:
            found.append(first)
    return found


def let_go_on(transaction: Transaction, firing: Firing, now: datetime) -> Fired | None:
    """Queue the item of a waiting firing once the item before is no longer at work; None if another scheduler did."""
    table = tables.firings
    there = table.c.schedule == firing.schedule, table.c.fire_time == firing.fire_time
    row = one(transaction, table.select().where(*there).with_for_update())
    if row is None or row["outcome"] != Outcome.WAITING or overlaps(transaction, firing.schedule, firing.fire_time):
        return None
    fired = Fired(firing, Outcome.REFUSED) if firing.new is None else _queued(transaction, firing, firing.new, now)
    _note(transaction, fired)
    return fired


def known(transaction: Transaction, pairs: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
    """Those of these (schedule, fire time) that fired already."""
    table = tables.firings.c
    query = tables.firings.select().where(
        table.schedule.in_({name for name, _ in pairs}), table.fire_time.in_({moment for _, moment in pairs})
    )
    return {(row["schedule"], row["fire_time"]) for row in rows(transaction, query)}


def fired(transaction: Transaction, name: str, fire_time: datetime) -> bool:
    table = tables.firings.c
    return count(transaction, tables.firings, table.schedule == name, table.fire_time == fire_time) > 0


def history(transaction: Transaction, names: Sequence[str], limit: int) -> list[Row]:
    """The latest firings of these schedules, the newest first."""
    table = tables.firings
    query = table.select().where(table.c.schedule.in_(names)).order_by(table.c.fire_time.desc())
    return rows(transaction, query.limit(limit))


def forget(transaction: Transaction, before: datetime) -> None:
    """Forget firings from before this time; those that still wait for their turn stay."""
    table = tables.firings
    transaction.execute(table.delete().where(table.c.fire_time < before, table.c.outcome != Outcome.WAITING))
