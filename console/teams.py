"""Whose a workflow is, and with it its items, exceptions, runs and files: what each person sees of the console.

A workflow with an `owner` is seen by that team, by whom it asks (`assign`, `by`), and by admins; one without by all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from console.permissions import Role
from console.services import ConsoleServices
from console.sessions import Viewer
from engine import census
from engine.errors import ClerkworkError
from engine.language import Step, Workflow
from engine.store.database import Database, Transaction
from engine.store.narrow import Narrowing
from engine.template import ParsedTemplate
from engine.trigger_file import ManualTrigger
from engine.workflows import Library

EVERY = 5.0
"""Seconds after which files and store are looked at again for workflows that came."""
MOST_SIGHTS = 200


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person sees. `whole` is True for who sees everything; else only these workflows are there for them."""

    whole: bool
    workflows: frozenset[str] = frozenset()


class Teams:
    """Whose each workflow is, of the files and of the store; one for the console."""

    def __init__(self, library: Library, database: Database) -> None:
        self._library, self._database = library, database
        self._lock = Lock()
        self._looked = (-1, -EVERY)
        self._seen_by: Mapping[str, frozenset[str] | None] = {}
        self._narrowed: dict[Narrowing, Database] = {}
        self._gone: dict[str, frozenset[str] | None] = {}

    def sight(self, viewer: Viewer) -> Sight:
        """What this person sees at this moment."""
        if viewer.role == Role.ADMIN:
            return Sight(whole=True)
        seen_by = self.seen_by()
        names = {viewer.name, *viewer.teams}
        hidden = [name for name, those in seen_by.items() if those is not None and not those & names]
        if not hidden:
            return Sight(whole=True)
        # What is assigned to them is theirs to see, also where that was worked out at run time.
        with self._database.read() as transaction:
            asked = census.asked_of(transaction, sorted(names), hidden)
        return Sight(whole=False, workflows=frozenset(seen_by) - (set(hidden) - set(asked)))

    def services_for(self, services: ConsoleServices, viewer: Viewer, sight: Sight) -> ConsoleServices:
        """The same services as this person sees them: nothing of other teams is there for them, whatever asks."""
        if sight.whole:
            return services
        to = Narrowing(sight.workflows, viewer.name, frozenset(viewer.teams))
        with self._lock:
            if len(self._narrowed) >= MOST_SIGHTS:
                self._narrowed.clear()
            database = self._narrowed.get(to) or services.database.narrowed(to)
            self._narrowed[to] = database
        return replace(services, database=database, library=services.library.only(sight.workflows))

    def seen_by(self) -> Mapping[str, frozenset[str] | None]:
        """The people and teams of each workflow besides admins, None where all see it."""
        with self._lock:
            version, looked = self._looked
            if version != self._library.version or time.monotonic() - looked >= EVERY:
                self._library.refresh()
                self._seen_by = self._read()
                self._looked = (self._library.version, time.monotonic())
            return self._seen_by

    def _read(self) -> Mapping[str, frozenset[str] | None]:
        known = {workflow.id: workflow for workflow in self._library.all()}
        found = {name: whose(workflow, known) for name, workflow in known.items()}
        with self._database.read() as transaction:
            for name in census.workflows_of_items(transaction):
                if name not in found:
                    found[name] = self._last(transaction, name)
        self._gone |= found
        return found

    def _last(self, transaction: Transaction, name: str) -> frozenset[str] | None:
        """Of a workflow whose file is gone or wrong: whose it was. Where that cannot be told it is the admins'."""
        if name not in self._gone:
            self._gone[name] = frozenset()
            row = census.last_source(transaction, name)
            if row is not None:
                try:
                    was = self._library.from_source(str(row["digest"]), str(row["file"]), str(row["source"]))
                except ClerkworkError:
                    return self._gone[name]
                self._gone[name] = whose(was, {})
        return self._gone[name]


def whose(workflow: Workflow, known: Mapping[str, Workflow]) -> frozenset[str] | None:
    """The people and teams that see a workflow, None where it has no owner and all do."""
    if workflow.owner is None:
        return None
    return frozenset({workflow.owner, *_asked(workflow, known, set())})


def _asked(workflow: Workflow, known: Mapping[str, Workflow], through: set[str]) -> Iterator[str]:
    """Whom it asks, also through the workflows that it calls."""
    through.add(workflow.id)
    if workflow.on_exception.assign is not None:
        yield workflow.on_exception.assign
    for trigger in workflow.triggers:
        if isinstance(trigger.settings, ManualTrigger):
            yield from trigger.settings.by
    for step in _all((*workflow.steps, *(step for steps in workflow.verify.values() for step in steps))):
        if step.review is not None and step.review.assign is not None:
            yield step.review.assign
        given = step.input.raw if isinstance(step.input, ParsedTemplate) else None
        if not isinstance(given, Mapping):
            continue
        if step.kind in ("approve", "review"):
            yield from (str(given[name]) for name in ("by", "assign") if given.get(name) is not None)
        called = known.get(str(given.get("workflow"))) if step.kind == "call" else None
        if called is not None and called.id not in through:
            yield from _asked(called, known, through)


def _all(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all((*step.children, *step.final, *(step.on_error or ())))
