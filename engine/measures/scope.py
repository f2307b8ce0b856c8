"""What part of the office is looked at, over which days, and the sums of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from engine.measures.counting import Counted, counted
from engine.measures.sums import Sums, by_day, of_row
from engine.store import tables
from engine.store.database import Transaction, count, rows

COHORTS = ("arrived_on", "started_on", "closed_on", "due_on")


@dataclass(frozen=True, slots=True)
class Given:
    """What no store can know, and the office says: minutes by hand, costs, and what its workflows are for.

    `minutes` by workflow: what an item takes by hand. `hour` and `month`: what an hour of a person and a month of
    Clerkwork cost, in `currency`. `rework` and `upkeep`: hours of people a month, None where nothing is said.
    """

    minutes: Mapping[str, float] = field(default_factory=dict)
    currency: str = ""
    hour: float | None = None
    month: float | None = None
    rework: float | None = None
    upkeep: float | None = None
    payslips: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """`workflows` None: all that the reader sees. Days are the office's, `first` and `last` included."""

    first: date
    last: date
    workflows: tuple[str, ...] | None = None
    vendor: str = ""

    @property
    def days(self) -> list[str]:
        return [(self.first + timedelta(days=day)).isoformat() for day in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Scope:
        """As many days right before these."""
        length = self.last - self.first + timedelta(days=1)
        return Scope(self.first - length, self.last - length, self.workflows, self.vendor)

    def conditions(self, table: sa.Table, day: str | None) -> list[Any]:
        """What rows of `table` have to do with it; `day` is the column of the day that counts, None: of any day."""
        found: list[Any] = []
        if day is not None:
            found.append(table.c[day].between(self.first.isoformat(), self.last.isoformat()))
        if self.workflows is not None:
            found.append(table.c.workflow.in_(self.workflows))
        if self.vendor:
            found.append(table.c.vendor == self.vendor)
        return found


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of a scope: of each day, of each workflow, of all. `open` and `waiting` (not due yet) are of now."""

    scope: Scope
    zone: tzinfo
    counted: Counted
    days: Mapping[str, Sums]
    workflows: Mapping[str, Sums]
    total: Sums
    open: int
    not_yet_due: int

    @property
    def moment(self) -> datetime:
        """Up to when it is counted."""
        return self.counted.moment or datetime.combine(self.scope.last, time.max, self.zone)

    @property
    def hours(self) -> float:
        """The hours of the period that are over."""
        begin = datetime.combine(self.scope.first, time(), self.zone)
        end = datetime.combine(self.scope.last + timedelta(days=1), time(), self.zone)
        # Both in UTC: a day on which the clocks change is an hour shorter or longer.
        return max((min(end, self.moment).timestamp() - begin.timestamp()) / 3600, 0.0)

    @property
    def overdue(self) -> int:
        """Items that were to be closed in the period, are not, and whose time has passed."""
        return self.total.waiting - self.not_yet_due


def figures(transaction: Transaction, scope: Scope, zone: tzinfo) -> Figures:
    """Read the sums of a scope. With a vendor they come from the lines of its items, else from the sums of days."""
    told = counted(transaction)
    days = {day: Sums() for day in scope.days}
    flows: dict[str, Sums] = {}
    total = Sums()
    for workflow, day, sums in _of_vendor(transaction, scope) if scope.vendor else _daily(transaction, scope):
        flows.setdefault(workflow, Sums()).add(sums)
        days[day].add(sums)
        total.add(sums)
    lines = tables.measured
    stands = lines.c.closed_on.is_(None)
    is_open = count(transaction, lines, stands, *scope.conditions(lines, None))
    later = 0
    if total.waiting and told.moment is not None:
        later = count(transaction, lines, stands, lines.c.due > told.moment, *scope.conditions(lines, "due_on"))
    return Figures(scope, zone, told, days, flows, total, is_open, later)


def _daily(transaction: Transaction, scope: Scope) -> list[tuple[str, str, Sums]]:
    table = tables.daily
    conditions = Scope(scope.first, scope.last, scope.workflows).conditions(table, "day")
    found = rows(transaction, table.select().where(*conditions))
    return [(str(row["workflow"]), str(row["day"]), of_row(row)) for row in found]


def _of_vendor(transaction: Transaction, scope: Scope) -> list[tuple[str, str, Sums]]:
    """The plain formula over the lines of one vendor: few enough to be added up each time."""
    lines = tables.measured
    touches = sa.or_(*(lines.c[day].between(scope.first.isoformat(), scope.last.isoformat()) for day in COHORTS))
    found: dict[str, list[Any]] = {}
    for row in rows(transaction, lines.select().where(touches, *scope.conditions(lines, None))):
        found.setdefault(str(row["workflow"]), []).append(row)
    wanted = set(scope.days)
    return [
        (workflow, day, sums) for workflow, many in found.items() for day, sums in by_day(many).items() if day in wanted
    ]


def vendors(transaction: Transaction, workflows: Sequence[str] | None, most: int = 200) -> list[str]:
    """The vendors of which there are items, those with most of them first."""
    lines = tables.measured.c
    query = sa.select(lines.vendor, sa.func.count().label("number")).where(lines.vendor.is_not(None))
    if workflows is not None:
        query = query.where(lines.workflow.in_(workflows))
    query = query.group_by(lines.vendor).order_by(sa.desc("number"), lines.vendor).limit(most)
    return [str(row[0]) for row in transaction.execute(query)]
