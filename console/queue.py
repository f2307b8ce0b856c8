"""The exception queue as it is shown: a page of it by deadline, its counts, and its causes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from console.queue_filter import QueueFilter
from console.sessions import Viewer
from console.subject import Subject, subjects
from engine import looking
from engine.store import tables
from engine.store.database import Row, Transaction, one, rows, tally_by

PAGE = 50
MOST_CAUSES = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the queue; `lookers` have it open at the moment, besides the viewer."""

    exception: Row
    subject: Subject
    lookers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Exceptions with the same fingerprint: the same workflow, step and code."""

    fingerprint: str
    code: str
    workflow: str
    step: str
    number: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """`after` continues where this page ends, None at the end of the queue. `mark` changes when the list does."""

    entries: list[Entry]
    after: str | None
    total: int
    by_kind: dict[str, int]
    workflows: list[str]
    causes: list[Cause]
    resting: int
    mark: str


def read_queue(
    transaction: Transaction, filter_: QueueFilter, viewer: Viewer, now: datetime, after: str = ""
) -> QueuePage:
    """One page of the queue, the next deadline first; what has no deadline comes last, the oldest first."""
    found = list(_ordered(transaction, filter_.conditions(viewer, now), after, PAGE + 1))
    page = found[:PAGE]
    groups = _groups(transaction, filter_, viewer, now)
    here = [group for group in groups if group.lets_in(filter_)]
    kindless, restless = replace(filter_, kind=""), replace(filter_, rest="yes")
    by_kind: Counter[str] = Counter()
    for group in groups:
        if group.lets_in(kindless):
            by_kind[group.kind] += group.number
    there = _lookers(transaction, page, viewer, now)
    return QueuePage(
        entries=[
            Entry(row, subject, there.get(str(row["id"]), ()))
            for row, subject in zip(page, subjects(transaction, page), strict=True)
        ],
        after=str(page[-1]["id"]) if len(found) > PAGE else None,
        total=sum(group.number for group in here),
        by_kind=dict(by_kind),
        workflows=sorted({group.workflow for group in groups if group.rests == bool(filter_.rest)}),
        causes=_causes(here, filter_),
        resting=sum(group.number for group in groups if group.lets_in(restless)),
        mark=_mark(page),
    )


def _lookers(transaction: Transaction, page: Sequence[Row], viewer: Viewer, now: datetime) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in looking.at(transaction, [str(line["id"]) for line in page], viewer.name, now) if page else ():
        found.setdefault(str(row["exception"]), []).append(str(row["person"]))
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """How many exceptions are alike in all that a filter may ask for."""

    kind: str
    workflow: str
    code: str
    step: str
    fingerprint: str
    rests: bool
    number: int

    def lets_in(self, filter_: QueueFilter) -> bool:
        asked = (
            (filter_.kind, self.kind),
            (filter_.workflow, self.workflow),
            (filter_.code, self.code),
            (filter_.step, self.step),
            (filter_.cause, self.fingerprint),
        )
        return self.rests == bool(filter_.rest) and all(want in ("", has) for want, has in asked)


def _groups(transaction: Transaction, filter_: QueueFilter, viewer: Viewer, now: datetime) -> list[_Group]:
    """Everything that is counted on the page, from one walk along the index of what is open."""
    table = tables.exceptions.c
    columns = (table.kind, table.workflow, table.code, table.step, table.fingerprint, table.snoozed > now)
    whose = QueueFilter(assigned=filter_.assigned).whose(viewer)
    found = tally_by(transaction, columns, table.closed.is_(None), *whose)
    return [
        _Group(str(kind), str(workflow), str(code), str(step), str(cause), bool(rests), number)
        for (kind, workflow, code, step, cause, rests), number in found
    ]


def _ordered(transaction: Transaction, conditions: Sequence[Any], after: str, limit: int) -> Iterator[Row]:
    """By (due, id), without a deadline last. Two queries, so that the index gives the order in each."""
    table = tables.exceptions
    last = one(transaction, table.select().where(table.c.id == after)) if after else None
    dated = table.select().where(*conditions, table.c.due.is_not(None)).order_by(table.c.due, table.c.id)
    undated = table.select().where(*conditions, table.c.due.is_(None)).order_by(table.c.id)
    if last is not None and last["due"] is not None:
        later = (table.c.due > last["due"]) | ((table.c.due == last["due"]) & (table.c.id > last["id"]))
        dated = dated.where(later)
    found: list[Row] = []
    if last is None or last["due"] is not None:
        found = rows(transaction, dated.limit(limit))
    elif last is not None:
        undated = undated.where(table.c.id > last["id"])
    yield from found
    if len(found) < limit:
        yield from rows(transaction, undated.limit(limit - len(found)))


def neighbours(
    transaction: Transaction, filter_: QueueFilter, viewer: Viewer, row: Row, now: datetime
) -> tuple[str | None, str | None]:
    """The exceptions before and after this one in the same view, by id."""
    conditions = filter_.conditions(viewer, now)
    following = next(_ordered(transaction, conditions, str(row["id"]), 1), None)
    return _before(transaction, conditions, row), str(following["id"]) if following is not None else None


def first_of(transaction: Transaction, filter_: QueueFilter, viewer: Viewer, now: datetime) -> str | None:
    found = next(_ordered(transaction, filter_.conditions(viewer, now), "", 1), None)
    return str(found["id"]) if found is not None else None


def _before(transaction: Transaction, conditions: Sequence[Any], row: Row) -> str | None:
    table = tables.exceptions
    dated = table.select().where(*conditions, table.c.due.is_not(None))
    dated = dated.order_by(table.c.due.desc(), table.c.id.desc()).limit(1)
    if row["due"] is not None:
        earlier = (table.c.due < row["due"]) | ((table.c.due == row["due"]) & (table.c.id < row["id"]))
        found = one(transaction, dated.where(earlier))
    else:
        undated = table.select().where(*conditions, table.c.due.is_(None), table.c.id < row["id"])
        found = one(transaction, undated.order_by(table.c.id.desc()).limit(1)) or one(transaction, dated)
    return str(found["id"]) if found is not None else None


def _causes(groups: Sequence[_Group], filter_: QueueFilter) -> list[Cause]:
    """The causes that stand more than once, the most frequent first."""
    by_cause: dict[str, list[_Group]] = {}
    for group in groups:
        by_cause.setdefault(group.fingerprint, []).append(group)
    numbers = {name: sum(group.number for group in alike) for name, alike in by_cause.items()}
    most = sorted(numbers, key=lambda name: (-numbers[name], name))[:MOST_CAUSES]
    return [
        Cause(name, by_cause[name][0].code, by_cause[name][0].workflow, by_cause[name][0].step, numbers[name])
        for name in most
        if numbers[name] > 1 or filter_.cause
    ]


def _mark(page: Sequence[Row]) -> str:
    text = "\n".join(f"{row['id']} {row['assigned']} {row['holder']} {row['due']}" for row in page)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
