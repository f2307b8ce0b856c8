"""The journal of one run: which steps are done, with which result.

Reads are kept lazily, with the next durable point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import LeaseLost
from engine.items import Claim, hold
from engine.language import Workflow
from engine.store import tables
from engine.store.database import Transaction, change, find, insert_once, one, rows

_INSERTS = {
    table: table.insert() for table in (tables.steps, tables.attempts, tables.events, tables.artifacts, tables.runs)
}

DONE = "done"
SKIPPED = "skipped"
PARKED = "parked"  # a person decides; `result` is what the step gave so far
HANDLING = "handling"  # it failed and its on_error is at work; `result` is what that is told of the error
HANDLED = "handled"  # it failed and its on_error took over


@dataclass(slots=True)
class Entry:
    """One step of the run as journalled. `path` names it, loops included: `steps.3[2].group.0`."""

    path: str
    kind: str
    title: str
    status: str
    result: Any
    started: datetime
    finished: datetime | None
    seq: int = 0  # the order in which the steps of the run began


@dataclass(frozen=True, slots=True)
class Begun:
    """An effect of this run that was done or may have been: its key, and whether its outcome is still open."""

    key: str
    is_open: bool


class Journal:
    """The entries of one run, in memory and in the store. What is written is fenced by the claim."""

    def __init__(
        self, run: Mapping[str, Any], entries: Mapping[str, Entry], attempts: dict[str, int], claim: Claim
    ) -> None:
        self.run = str(run["id"])
        self.digest = str(run["digest"])
        self.started: datetime = run["started"]
        self.claim = claim
        self.attempts = attempts
        self.effects: dict[str, Begun] = {}
        self._entries = dict(entries)
        self._stored = set(entries)
        self._unsaved_steps: dict[str, Entry] = {}
        self._unsaved_rows: list[tuple[Any, dict[str, Any]]] = []

    def get(self, path: str) -> Entry | None:
        return self._entries.get(path)

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def note(self, entry: Entry) -> None:
        """Remember a step; it reaches the disk with the next durable point."""
        known = self._entries.get(entry.path)
        entry.seq = known.seq if known else 1 + max((other.seq for other in self._entries.values()), default=0)
        self._entries[entry.path] = entry
        self._unsaved_steps[entry.path] = entry

    def has_effect(self, path: str, *, only_open: bool = False) -> bool:
        """Whether the step at this path, or one inside it, did or may have done an effect."""
        inside = (f"{path}.", f"{path}[")
        return any(
            (of == path or of.startswith(inside)) and (begun.is_open or not only_open)
            for of, begun in self.effects.items()
        )

    def attempt(self, path: str, started: datetime, finished: datetime, code: str | None, message: str | None) -> None:
        """Count one try of a step."""
        self.attempts[path] = self.attempts.get(path, 0) + 1
        values = {"run": self.run, "path": path, "number": self.attempts[path]}
        values |= {"started": started, "finished": finished, "code": code, "message": message}
        self._unsaved_rows.append((tables.attempts, values))

    def event(self, path: str, name: str, at: datetime, data: Mapping[str, Any]) -> None:
        values = {"run": self.run, "path": path, "name": name, "at": at, "data": dict(data)}
        self._unsaved_rows.append((tables.events, values))

    def artifact(self, values: Mapping[str, Any]) -> None:
        self._unsaved_rows.append((tables.artifacts, {"run": self.run, **values}))

    def write(self, transaction: Transaction) -> None:
        """Write what is unsaved, in a transaction that has seen to it that the claim holds."""
        unsaved = {entry.path: self._columns(entry) for entry in self._unsaved_steps.values()}
        new = [values for path, values in unsaved.items() if path not in self._stored]
        if new:
            transaction.execute(_INSERTS[tables.steps], new)
        for path in unsaved.keys() & self._stored:
            change(transaction, tables.steps, {"run": self.run, "path": path}, **unsaved[path])
        for table in (tables.attempts, tables.events, tables.artifacts):
            new = [values for of, values in self._unsaved_rows if of is table]
            if new:
                transaction.execute(_INSERTS[table], new)

    def _columns(self, entry: Entry) -> dict[str, Any]:
        return {"run": self.run, **{name: getattr(entry, name) for name in Entry.__slots__}}

    def saved(self) -> None:
        """The transaction that flushed has committed."""
        self._stored.update(self._unsaved_steps)
        self._unsaved_steps.clear()
        self._unsaved_rows.clear()


def begin_in(
    transaction: Transaction, claim: Claim, workflow: Workflow, now: datetime, *, is_kept: bool = False
) -> Journal:
    """Open the run of an item that was claimed in this transaction: the one it has begun before, or a new one.

    `is_kept`: the store has the workflow's text for certain.
    """
    if claim.is_begun:
        return load(transaction, claim.run, claim)
    values = {"id": claim.run, "item": claim.item, "workflow": workflow.id, "digest": workflow.digest, "started": now}
    if not is_kept:
        keep_source(transaction, workflow)
    transaction.execute(_INSERTS[tables.runs], values)
    return Journal(values, {}, {}, claim)


def adopt(transaction: Transaction, opened: Journal, workflow: Workflow) -> None:
    """Go on with this text of the workflow from now on, after a crash too."""
    hold(transaction, opened.claim)
    keep_source(transaction, workflow)
    transaction.execute(tables.runs.update().where(tables.runs.c.id == opened.run).values(digest=workflow.digest))
    opened.digest = workflow.digest


def keep_source(transaction: Transaction, workflow: Workflow) -> None:
    """Keep the YAML text a run was begun with, so that a resumed run goes on with the same steps."""
    values = {"digest": workflow.digest, "file": workflow.file, "source": workflow.source}
    insert_once(transaction, tables.sources, values)


def load(transaction: Transaction, run: str, claim: Claim) -> Journal:
    row = one(transaction, tables.runs.select().where(tables.runs.c.id == run))
    if row is None:
        raise LeaseLost(f"run {run} of item {claim.item} is gone")
    entries = {entry.path: entry for entry in entries_of(transaction, run)}
    attempts: dict[str, int] = {}
    for attempt in rows(transaction, tables.attempts.select().where(tables.attempts.c.run == run)):
        attempts[attempt["path"]] = attempts.get(attempt["path"], 0) + 1
    journal = Journal(dict(row), entries, attempts, claim)
    table = tables.effects.c
    # By the item, of which there is an index: a ledger of years must not be gone through for each item that goes on.
    own = (table.item == claim.item, table.run == run, table.status != "not_done")
    for effect in rows(transaction, tables.effects.select().where(*own)):
        journal.effects[effect["path"]] = Begun(effect["key"], effect["status"] != "done")
    return journal


def entries_of(transaction: Transaction, run: str) -> list[Entry]:
    """The journalled steps of a run, in the order they began."""
    table = tables.steps
    found = rows(transaction, table.select().where(table.c.run == run).order_by(table.c.seq))
    return [Entry(**{name: row[name] for name in Entry.__slots__}) for row in found]


def source_of(transaction: Transaction, digest: str) -> tuple[str, str]:
    """`(file, YAML text)` of the workflow a run was begun with."""
    row = find(transaction, tables.sources, digest=digest)
    assert row is not None, digest
    return str(row["file"]), str(row["source"])
