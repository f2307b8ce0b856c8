"""All that is kept of one run, in the order it happened: steps, attempts, events, evidence, effects, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import exceptions, items, journal, ledger
from engine.errors import UsageError
from engine.journal import Entry
from engine.store import tables
from engine.store.database import Row, Transaction, one, rows


@dataclass
class StepView:
    """A step with what belongs to it. `offset` and `share` place its bar, in per mille of the run."""

    entry: Entry
    depth: int
    offset: int
    share: int
    attempts: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    artifacts: list[Row] = field(default_factory=list)
    effects: list[Row] = field(default_factory=list)
    raised: list[Row] = field(default_factory=list)

    @property
    def pictures(self) -> list[Row]:
        return [row for row in self.artifacts if str(row["media_type"]).startswith("image/")]

    @property
    def files(self) -> list[Row]:
        return [row for row in self.artifacts if not str(row["media_type"]).startswith("image/")]


@dataclass(frozen=True, slots=True)
class Frame:
    """A screenshot, and the step that made it by its number and title."""

    number: int
    title: str
    picture: Row


@dataclass(frozen=True)
class Timeline:
    run: Row
    item: Row
    file: str
    source: str
    steps: list[StepView]
    decisions: dict[str, Row]
    start: datetime
    end: datetime

    @property
    def frames(self) -> list[Frame]:
        """The screenshots of the run in the order they were taken."""
        found = [
            Frame(number, step.entry.title, picture)
            for number, step in enumerate(self.steps, 1)
            for picture in step.pictures
        ]
        return sorted(found, key=lambda frame: (frame.picture["created"], frame.picture["id"]))


def read_timeline(transaction: Transaction, name: str, now: datetime) -> Timeline:
    """The run with this id; UsageError if there is none."""
    run = one(transaction, tables.runs.select().where(tables.runs.c.id == name))
    if run is None:
        raise UsageError(f"there is no run {name}", advice="open its item")
    item = items.get(transaction, str(run["item"]))
    entries = journal.entries_of(transaction, name)
    raised = _of_run(transaction, tables.exceptions, name)
    start = run["started"]
    end = run["finished"] or max([start, *_ends(entries), *(row["created"] for row in raised)])
    steps = {entry.path: _placed(entry, start, end) for entry in entries}
    for row in raised:
        # A step that failed has no entry of its own until it is done.
        steps.setdefault(row["path"], _placed(_failed(row), start, end)).raised.append(row)
    for table, part in ((tables.attempts, "attempts"), (tables.events, "events"), (tables.artifacts, "artifacts")):
        for row in _of_run(transaction, table, name):
            getattr(_home(steps, str(row["path"]), row, start, end), part).append(row)
    for row in ledger.effects(transaction, item=str(item["id"])):
        if row["run"] == name:
            _home(steps, str(row["path"]), row, start, end).effects.append(row)
    file, source = journal.source_of(transaction, str(run["digest"]))
    decisions = {str(row["exception"]): row for row in exceptions.decisions(transaction, str(item["id"]))}
    return Timeline(run, item, file, source, list(steps.values()), decisions, start, end)


def _of_run(transaction: Transaction, table: Any, run: str) -> list[Row]:
    return rows(transaction, table.select().where(table.c.run == run).order_by(table.c.id))


def _ends(entries: list[Entry]) -> Iterator[datetime]:
    for entry in entries:
        yield entry.finished or entry.started


def _placed(entry: Entry, start: datetime, end: datetime) -> StepView:
    whole = max((end - start).total_seconds(), 0.001)
    offset = min(max((entry.started - start).total_seconds() / whole, 0.0), 1.0)
    took = ((entry.finished or end) - entry.started).total_seconds() / whole
    depth = entry.path.count(".group.") + entry.path.count(".call.") + entry.path.count("[")
    return StepView(entry, depth, round(offset * 1000), max(round(min(took, 1 - offset) * 1000), 4))


def _failed(row: Row) -> Entry:
    return Entry(str(row["path"]), "", str(row["step"]), "stopped", None, row["created"], row["created"])


def _home(steps: dict[str, StepView], path: str, row: Row, start: datetime, end: datetime) -> StepView:
    """The step a row belongs to; one that was put off before it was journalled gets a line all the same."""
    if path not in steps:
        at = next(row[name] for name in ("started", "at", "created", "intended") if name in row)
        steps[path] = _placed(Entry(path, "", path, "begun", None, at, at), start, end)
    return steps[path]
