"""The sums of a day, of one workflow or of many: made from the lines of items, and added to each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from engine.items import State
from engine.store.database import Row

INVOICE = "invoice"
Line: TypeAlias = "Mapping[str, Any] | Row"


@dataclass(slots=True)
class Sums:
    """How many items; `cycles`, `handling` and `documents` are milliseconds of single items, in no order.

    `arrived`, `started` and `due` count by the day on which that was; all others by the day of the end, but for
    `troubled` (an exception), `technical` and `uncertain`, which go with the start. `due` are those that were to be
    closed that day and of which it is known how it came out: `met` in time, or late; `waiting` are still open.
    `documents` are the times of invoices from receipt to the end.
    """

    arrived: int = 0
    started: int = 0
    troubled: int = 0
    technical: int = 0
    uncertain: int = 0
    closed: int = 0
    done: int = 0
    straight: int = 0
    touched: int = 0
    uncorrected: int = 0
    due: int = 0
    met: int = 0
    waiting: int = 0
    focus: int = 0
    cycles: list[int] = field(default_factory=list)
    handling: list[int] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)

    def add(self, other: Sums) -> None:
        # Written out: a dashboard of a year adds up thousands of days.
        self.arrived += other.arrived
        self.started += other.started
        self.troubled += other.troubled
        self.technical += other.technical
        self.uncertain += other.uncertain
        self.closed += other.closed
        self.done += other.done
        self.straight += other.straight
        self.touched += other.touched
        self.uncorrected += other.uncorrected
        self.due += other.due
        self.met += other.met
        self.waiting += other.waiting
        self.focus += other.focus
        self.cycles += other.cycles
        self.handling += other.handling
        self.documents += other.documents

    def as_row(self) -> dict[str, str]:
        """The columns of `daily`."""
        told = {name: value for name in NUMBERS if (value := getattr(self, name))}
        lists = {name: ",".join(map(str, sorted(getattr(self, name)))) for name in LISTS}
        return {"sums": json.dumps(told), **lists}


LISTS = ("cycles", "handling", "documents")
NUMBERS = tuple(one.name for one in fields(Sums) if one.name not in LISTS)


def of_row(row: Line) -> Sums:
    """The sums that stand in a row of `daily`."""
    sums = Sums(**json.loads(row["sums"]))
    for name in LISTS:
        setattr(sums, name, list(map(int, row[name].split(","))) if row[name] else [])
    return sums


def by_day(lines: Iterable[Line]) -> dict[str, Sums]:
    """The plain formula: the sums of each day, straight from the lines of the items."""
    days: dict[str, Sums] = {}

    def on(day: str) -> Sums:
        return days.setdefault(day, Sums())

    for line in lines:
        on(line["arrived_on"]).arrived += 1
        if line["started_on"] is not None:
            _begin(on(line["started_on"]), line)
        if line["closed_on"] is not None:
            _end(on(line["closed_on"]), line)
        if line["due_on"] is not None:
            _due(on(line["due_on"]), line)
    return days


def _begin(day: Sums, line: Line) -> None:
    day.started += 1
    day.troubled += line["exceptions"] > 0
    day.technical += line["technical"] > 0
    day.uncertain += line["uncertain"] > 0


def _end(day: Sums, line: Line) -> None:
    is_done = line["state"] == State.DONE
    day.closed += 1
    day.done += is_done
    day.straight += is_done and not line["touches"]
    day.touched += line["touches"] > 0
    day.uncorrected += is_done and not line["corrections"]
    day.focus += line["focus"]
    day.cycles.append(line["cycle"])
    if line["focus"]:
        day.handling.append(line["focus"])
    if line["document"] == INVOICE:
        day.documents.append(line["cycle"])


def _due(day: Sums, line: Line) -> None:
    if line["closed_on"] is None:
        day.waiting += 1
        return
    day.due += 1
    day.met += bool(line["in_time"])


def percentile(values: list[int], percent: int) -> int | None:
    """The nearest rank: the least value that so many in a hundred do not pass; None where there is none."""
    if not values:
        return None
    return sorted(values)[max(-(-percent * len(values) // 100), 1) - 1]
