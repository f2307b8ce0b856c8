"""Keeps the figures up: finds the items that changed, writes their lines anew, and the sums of the days they touch.

A line and a sum are always made whole from what the store holds, never added to, so that counting something twice
changes nothing and forgetting all of it loses nothing. Any number of processes may count; one does at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from engine import census
from engine.ids import earlier
from engine.measures.facts import facts
from engine.measures.sums import by_day
from engine.store import tables
from engine.store.database import Database, Row, Transaction, find, insert_once, newest, one_at_a_time, rows

PORTION = 500
"""Items counted in one transaction: no worker waits long for it."""
OVERLAP = timedelta(minutes=2)
"""What was written down late, or by a machine whose clock is behind, is found all the same."""
UNDONE = timedelta(hours=2)
"""So long after its end an item may be taken back: bulk can be undone for an hour."""
_LOCK = 4250315
_NAME = "all"
_DAYS = ("arrived_on", "started_on", "closed_on", "due_on")


@dataclass(frozen=True, slots=True)
class Counted:
    """Up to when the figures hold, and whether all items are in them yet."""

    moment: datetime | None
    whole: bool


def counted(transaction: Transaction) -> Counted:
    row = find(transaction, tables.measured_until, name=_NAME)
    return Counted(row["moment"], row["whole"]) if row is not None else Counted(None, whole=False)


def keep_up(database: Database, now: datetime, zone: tzinfo, *, most: int | None = None) -> bool:
    """Count what changed since the last time, and what was never counted; True once nothing is left.

    `most`: stop after about so many items that were never counted.
    """
    done = 0
    while most is None or done < most:
        with database.write() as transaction:
            one_at_a_time(transaction, _LOCK)
            place = _place(transaction, now, zone)
            if place["whole"]:
                _changed(transaction, place, now, zone)
                return True
            new = _uncounted(transaction, str(place["items"]), PORTION)
            _count(transaction, new, zone)
            if len(new) < PORTION:
                # What changed while the old items were counted is found from where the counting began.
                _move(transaction, whole=True)
            else:
                _move(transaction, items=new[-1])
        done += len(new)
    return False


def rebuild(database: Database, now: datetime, zone: tzinfo) -> None:
    """Forget all lines and sums, and count everything anew."""
    with database.write() as transaction:
        one_at_a_time(transaction, _LOCK)
        _forget(transaction)
    keep_up(database, now, zone)


def forget_vendors(transaction: Transaction, items: Sequence[str]) -> None:
    """Of items whose contents are forgotten the figures stay, and no name does."""
    for table in (tables.measured, tables.checked_items):
        transaction.execute(table.update().where(table.c.item.in_(items)).values(vendor=None))


def _place(transaction: Transaction, now: datetime, zone: tzinfo) -> Row:
    row = find(transaction, tables.measured_until, name=_NAME)
    if row is not None and row["zone"] != str(zone):
        # The days begin at another time: all sums are others.
        _forget(transaction)
        row = None
    if row is None:
        latest = {name: newest(transaction, tables.metadata.tables[name]) for name in ("runs", "exceptions")}
        latest["decisions"] = newest(transaction, tables.decisions)
        begin = {"name": _NAME, "zone": str(zone), "moment": now, "items": "", "whole": False, **latest}
        insert_once(transaction, tables.measured_until, begin)
        row = find(transaction, tables.measured_until, name=_NAME)
    assert row is not None
    return row


def _move(transaction: Transaction, **values: Any) -> None:
    transaction.execute(tables.measured_until.update().where(tables.measured_until.c.name == _NAME).values(**values))


def _forget(transaction: Transaction) -> None:
    for table in (tables.measured, tables.daily, tables.measured_until):
        transaction.execute(table.delete())


# -- what changed ------------------------------------------------------------------------------------------------------


def _changed(transaction: Transaction, place: Row, now: datetime, zone: tzinfo) -> None:
    since = place["moment"] - OVERLAP
    latest = {name: newest(transaction, tables.metadata.tables[name]) for name in _WATCHED}
    found = {
        *_uncounted(transaction, earlier(str(place["items"]), OVERLAP), None),
        *_begun(transaction, earlier(str(place["runs"]), OVERLAP)),
        *_of(transaction, tables.exceptions, earlier(str(place["exceptions"]), OVERLAP)),
        *_of(transaction, tables.decisions, earlier(str(place["decisions"]), OVERLAP)),
        *_ended(transaction, since),
        *_taken_back(transaction, place["moment"] - UNDONE),
        *_looked_at(transaction, since),
    }
    ordered = sorted(found)
    for start in range(0, len(ordered), PORTION):
        _count(transaction, ordered[start : start + PORTION], zone)
    _move(transaction, moment=now, **latest)


_WATCHED = ("items", "runs", "exceptions", "decisions")


def _uncounted(transaction: Transaction, after: str, most: int | None) -> list[str]:
    items, lines = tables.items.c, tables.measured.c
    joined = tables.items.outerjoin(tables.measured, lines.item == items.id)
    query = sa.select(items.id).select_from(joined).where(items.id > after)
    if most is None:
        query = query.where(lines.item.is_(None))
    return [str(item) for (item,) in transaction.execute(query.order_by(items.id).limit(most))]


def _begun(transaction: Transaction, after: str) -> list[str]:
    runs, lines = tables.runs.c, tables.measured.c
    joined = tables.runs.join(tables.measured, lines.item == runs.item)
    query = sa.select(runs.item).select_from(joined).where(runs.id > after, lines.started_on.is_(None))
    return [str(item) for (item,) in transaction.execute(query)]


def _of(transaction: Transaction, table: sa.Table, after: str) -> list[str]:
    return [str(item) for (item,) in transaction.execute(sa.select(table.c.item).where(table.c.id > after))]


def _ended(transaction: Transaction, since: datetime) -> list[str]:
    items, lines = tables.items.c, tables.measured.c
    joined = tables.items.join(tables.measured, lines.item == items.id)
    query = sa.select(items.id).select_from(joined).where(items.finished >= since, lines.closed.is_(None))
    # One look at an index for each workflow: the times of all of them together have none.
    names = census.workflows_of_items(transaction)
    return [
        str(item) for name in names for (item,) in transaction.execute(query.where(items.workflow == name)).fetchall()
    ]


def _taken_back(transaction: Transaction, since: datetime) -> list[str]:
    items, lines = tables.items.c, tables.measured.c
    joined = tables.measured.join(tables.items, lines.item == items.id)
    is_other = items.finished.is_(None) | (items.state != lines.state)
    query = sa.select(items.id).select_from(joined).where(lines.closed >= since, is_other)
    return [str(item) for (item,) in transaction.execute(query)]


def _looked_at(transaction: Transaction, since: datetime) -> list[str]:
    table = tables.focus.c
    return [str(item) for (item,) in transaction.execute(sa.select(table.item).where(table.last >= since))]


# -- counting it -------------------------------------------------------------------------------------------------------


def _count(transaction: Transaction, items: Sequence[str], zone: tzinfo) -> None:
    """Write the lines of these items anew, and the sums of every day that they touched or touch."""
    if not items:
        return
    lines = tables.measured
    before = rows(transaction, lines.select().where(lines.c.item.in_(items)))
    now = facts(transaction, items, zone)
    known = {str(row["item"]): dict(row) for row in before}
    fresh = [line for line in now if known.get(line["item"]) != line]
    stale = [line["item"] for line in fresh if line["item"] in known]
    if stale:
        transaction.execute(lines.delete().where(lines.c.item.in_(stale)))
    if fresh:
        transaction.execute(lines.insert(), fresh)
    _add_up(transaction, [*fresh, *(known[item] for item in stale)])


def _add_up(transaction: Transaction, lines: Sequence[Mapping[str, Any]]) -> None:
    touched: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        touched[str(line["workflow"])] |= {line[name] for name in _DAYS if line[name] is not None}
    table = tables.daily
    for workflow, days in touched.items():
        made = by_day(lines_of(transaction, workflow, days))
        transaction.execute(table.delete().where(table.c.workflow == workflow, table.c.day.in_(days)))
        kept = [{"workflow": workflow, "day": day, **made[day].as_row()} for day in sorted(days) if day in made]
        if kept:
            transaction.execute(table.insert(), kept)


def lines_of(transaction: Transaction, workflow: str, days: set[str]) -> list[Row]:
    """The lines of a workflow that have to do with one of these days."""
    lines = tables.measured
    parts = [
        sa.select(lines.c.item).where(lines.c.workflow == workflow, lines.c[name].in_(sorted(days))) for name in _DAYS
    ]
    return rows(transaction, lines.select().where(lines.c.item.in_(sa.union(*parts))))
