"""The engine of one worker: takes an item, works it, reports it. Synchronous; concurrency is processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine import exceptions, items, journal, ledger
from engine.action import Action
from engine.admission import Admission, Limits, admission_of
from engine.bulk import add_all
from engine.clock import Clock, SystemClock
from engine.errors import BusinessException, LeaseLost, UsageError
from engine.events import Event, Events
from engine.ids import new_id
from engine.inputs import typed_inputs
from engine.item_times import moment_of
from engine.items import CLOSED, LEASE, PRIORITIES, Claim, NewItem, State, worker_name
from engine.key import as_key
from engine.language import Workflow
from engine.ledger import QUIET_SECONDS
from engine.mended import goes_on_with
from engine.perform import WouldDo
from engine.restored import restored_at
from engine.run import Run
from engine.run_context import Resources
from engine.scope import evaluate, first_scope
from engine.store import tables
from engine.store.database import Database, StoreError, Transaction, one
from engine.surroundings import Surroundings
from engine.taking import Taken, Wanted, take
from engine.workflows import Library

TEND_SECONDS = 0.25
"""A worker with one item after the other looks this often whether another worker is gone and whose time has come."""


def _never() -> bool:
    return False


OUTCOMES = {
    State.DONE: "done",
    State.EXCEPTION: "exception",
    State.FAILED: "failed",
    State.UNCERTAIN: "uncertain",
    State.REJECTED: "exception",
    State.DISCARDED: "exception",
    State.SKIPPED: "exception",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one item; the fields of `run --json`."""

    item: str
    key: str
    outcome: str  # done exception failed waiting uncertain
    code: str | None
    message: str | None
    step: str | None
    outputs: dict[str, Any]
    run: str | None
    seconds: float


@dataclass
class Engine:
    """Everything one worker needs. `already_done(scope, key)` lets a dry run see the real ledger, `taught` is the
    store with what people taught, where that is another one than `database`."""

    database: Database
    surroundings: Surroundings
    registry: Mapping[str, Action]
    library: Library
    clock: Clock = field(default_factory=SystemClock)
    events: Events = field(default_factory=Events)
    resources: Resources = field(default_factory=Resources)
    worker: str = field(default_factory=worker_name)
    chance: Random = field(default_factory=Random)
    quiet_seconds: float = QUIET_SECONDS
    lease: timedelta = LEASE
    dry_run: bool = False
    already_done: Callable[[str, str], Any] | None = None
    taught: Database | None = None
    connection_limits: Mapping[str, Limits] = field(default_factory=dict)
    able: Collection[str] | None = None  # what workflows may need of this worker; None: whatever they do

    def __post_init__(self) -> None:
        self.would_do: dict[str, list[WouldDo]] = {}
        self._current: Claim | None = None
        self._begun: Claim | None = None  # left standing where the store did not answer in the middle of its work
        self._ahead: Taken | None = None  # taken with the end of the item before it
        self._wanted = Wanted()
        self._goes_on: Callable[[], bool] = _never
        self._tended = 0.0
        self._admission: tuple[int, Admission] | None = None
        self._sources_kept: set[str] = set()
        self._restored: tuple[datetime | None] | None = None
        self._stopped = threading.Event()
        self._heart: threading.Thread | None = None

    # -- items --------------------------------------------------------------------------------------------------------

    def new_item(
        self, workflow: Workflow, given: Mapping[str, Any], parent: str | None = None, otherwise: str | None = None
    ) -> NewItem:
        """An item from what a person or a trigger gave: inputs typed, files taken in, key and deadline worked out.

        `otherwise` is the key of an item whose queue gives it none.
        """
        inputs = typed_inputs(workflow, given, self.surroundings)
        now = self.clock.now()
        scope = first_scope(inputs, "", workflow.id, now, self.surroundings.timezone)
        queue = workflow.queue
        key = evaluate(queue.key, scope) if queue.key else None
        priority = queue.priority if isinstance(queue.priority, str) else evaluate(queue.priority, scope)
        if priority not in PRIORITIES:
            raise BusinessException(
                "BAD_INPUT", f"queue.priority is {priority!r}", advice="it is one of low, normal, high"
            )
        calendar = self.surroundings.calendar
        # An item without a key of its own is one of its kind: nothing is ever a repeat of it.
        return NewItem(
            workflow.id,
            as_key(key, "ITEM_KEY", "the key of the item") if key is not None else otherwise or new_id("once"),
            inputs,
            priority=PRIORITIES[str(priority)],
            due=moment_of(queue.due, scope, now, calendar, "queue.due", of_day=calendar.closes),
            not_before=moment_of(queue.not_before, scope, now, calendar, "queue.not_before"),
            parent=parent,
            again_after=queue.again_after,
        )

    def add(self, new: NewItem) -> tuple[str, bool]:
        """Queue one item, durably: `(id, is_new)`."""
        with self.database.write() as transaction:
            added = items.add(transaction, new, self.clock.now())
        self.events.emit(Event("item.added", self.clock.now(), added[0], data={"new": added[1]}))
        return added

    def add_all(self, new: Sequence[NewItem], told: Callable[[int], None] | None = None) -> list[tuple[str, bool]]:
        """Queue many items in one transaction, all or none: `(id, is_new)` of each."""
        with self.database.write() as transaction:
            added = add_all(transaction, new, self.clock.now(), told)
        self.events.emit(Event("items.added", self.clock.now(), "", data={"new": sum(is_new for _, is_new in added)}))
        return added

    def restored(self, transaction: Transaction) -> datetime | None:
        """When the store was put back from a backup; asked once, as nobody is at work while it is."""
        if self._restored is None:
            self._restored = (restored_at(transaction),)
        return self._restored[0]

    # -- work ---------------------------------------------------------------------------------------------------------

    def work_one(
        self,
        only: Sequence[str] | None = None,
        workflows: Sequence[str] | None = None,
        ahead: Callable[[], bool] | None = None,
    ) -> str | None:
        """Take one runnable item and work it until it is done, parked or put off; its id, or None: nothing to do.

        Where `ahead()` is true at its end the next item is taken in the same transaction, which saves a commit: call
        again with the same arguments, or `close`.
        """
        if self._begun is not None:
            self._give_back()
        self._wanted, self._goes_on = Wanted(only, workflows), ahead or _never
        taken, self._ahead = self._ahead, None
        if taken is None:
            with self.database.write() as transaction:
                taken = self._take(transaction, tend=True)
                if taken is None:
                    return None
                self._begun = taken.claim  # before the commit: whether that came about may stay unknown
        self._begun = taken.claim
        if taken.source is None:
            self._sources_kept.add(taken.workflow.digest)
        item = self._work(taken)
        self._begun = None
        return item

    def _work(self, taken: Taken) -> str:
        claim, opened, inputs = taken.claim, taken.journal, dict(taken.inputs)
        try:
            workflow = self._version(taken)
        except UsageError as error:
            message = f"the workflow as it was when this run began cannot be read any more: {error}"
            Run(self, taken.workflow, opened, inputs).give_up("WORKFLOW_CHANGED", message)
            return claim.item
        run = Run(self, workflow, opened, inputs)
        if taken.lost >= workflow.queue.quarantine_after:
            message = f"{taken.lost} workers were lost while they worked this item; it may be its fault"
            run.give_up("WORKERS_LOST", message)
            return claim.item
        self._current = claim
        self._beat()
        told = {"workflow": workflow.id}
        self.events.emit(Event("item.claimed", self.clock.now(), claim.item, opened.run, data=told))
        try:
            run.go()
        except LeaseLost as error:
            self.events.emit(Event("item.lost", self.clock.now(), claim.item, opened.run, data={"message": str(error)}))
        finally:
            self._current = None
            if self.dry_run:
                self.would_do[claim.item] = run.would_do
        return claim.item

    def _take(self, transaction: Transaction, *, tend: bool) -> Taken | None:
        if tend:
            self._tended = time.monotonic()
        now = self.clock.now()
        admission = self.admission()
        return take(
            transaction,
            self.worker,
            self.library,
            self._wanted,
            now,
            self.lease,
            admission,
            tend=tend,
            kept=self._sources_kept,
        )

    def admission(self) -> Admission:
        """The gates of the workflows as they are now."""
        if self._admission is None or self._admission[0] != self.library.version:
            made = admission_of(self.library, self.connection_limits, self.able)
            self._admission = (self.library.version, made)
        return self._admission[1]

    def take_ahead(self, transaction: Transaction) -> None:
        """Take the next item with the very commit that ends the one at hand, where the worker goes on."""
        if self._goes_on():
            tend = time.monotonic() - self._tended >= TEND_SECONDS
            self._ahead = self._take(transaction, tend=tend)

    def _give_back(self) -> None:
        """Free what this worker has: nobody else takes an item from one that lives."""
        held = [self._begun, self._ahead.claim if self._ahead is not None else None]
        with self.database.write() as transaction:
            for claim in held:
                if claim is not None:
                    items.give_back(transaction, claim)
        self._begun = self._ahead = None
        self._sources_kept.clear()  # the store that comes back may be one that was restored

    def _version(self, taken: Taken) -> Workflow:
        """The text that the run goes on with: the one it began with, or a mended one after a person said retry."""
        opened, newest = taken.journal, taken.workflow
        if taken.source is None:
            return newest
        begun = self.library.from_source(opened.digest, *taken.source)
        with self.database.write() as transaction:
            made = exceptions.decisions(transaction, opened.claim.item)
            retried = bool(made) and made[-1]["kind"] == exceptions.Verdict.RETRY
            if not retried or not goes_on_with((entry.path for entry in opened.entries()), begun, newest):
                return begun
            journal.adopt(transaction, opened, newest)
        return newest

    def work_until_idle(self, only: Sequence[str], report: Callable[[str], None] | None = None) -> None:
        """Work these items until none of them is runnable; waits for those put off for another attempt."""
        while True:
            worked = self.work_one(only)
            if worked is not None:
                if report is not None:
                    report(worked)
                continue
            then = self.look_again(only=only)
            if then is None:
                return
            self.clock.sleep(max((then - self.clock.now()).total_seconds(), 0.05))

    def look_again(
        self, *, only: Sequence[str] | None = None, workflows: Sequence[str] | None = None
    ) -> datetime | None:
        """When there may be something to do again by itself, after there was nothing; None: no time is known."""
        with self.database.read() as transaction:
            then = items.next_time(transaction, only=only, workflows=workflows)
        return min((time for time in (then, self.admission().again) if time is not None), default=None)

    def report(self, item: str) -> Report:
        """What became of an item."""
        with self.database.read() as transaction:
            row = items.get(transaction, item)
            run = one(transaction, tables.runs.select().where(tables.runs.c.id == row["run"]))
            last = one(
                transaction,
                tables.exceptions.select()
                .where(tables.exceptions.c.item == item)
                .order_by(tables.exceptions.c.id.desc()),
            )
            reason = items.paused(transaction, row["workflow"]) if row["state"] == State.READY else None
        told = (row["code"], row["message"])
        if reason is not None:
            told = ("QUEUE_PAUSED", f"the queue is paused: {reason}; `queue resume {row['workflow']}` lets it go on")
        began: datetime | None = run["started"] if run else None
        ended = row["finished"] or (last["created"] if last and row["state"] not in CLOSED else self.clock.now())
        return Report(
            item=item,
            key=row["key"],
            outcome=OUTCOMES.get(row["state"], "waiting"),
            code=told[0],
            message=told[1],
            step=row["step"],
            outputs=row["outputs"] or {},
            run=row["run"],
            seconds=round((ended - began).total_seconds(), 3) if began else 0.0,
        )

    # -- the lease ----------------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        if self._heart is None:
            self._heart = threading.Thread(target=self._renew, name="lease", daemon=True)
            self._heart.start()

    def _renew(self) -> None:
        """Renew the lease of the item at work, from a thread of its own: the work may take long in one call."""
        while not self._stopped.wait(self.lease.total_seconds() / 4):
            claim = self._current
            if claim is None:
                continue
            try:
                with self.database.write() as transaction:
                    items.renew(transaction, claim, self.clock.now(), self.lease)
            except (LeaseLost, StoreError):
                # The run meets the same at its next durable point; a store that comes back finds the lease renewed.
                continue

    def close(self) -> None:
        """Stop renewing, close what was kept warm, give back what was taken and not begun."""
        self._stopped.set()
        if self._heart is not None:
            self._heart.join(timeout=5)
        self.resources.close()
        if self._begun is not None or self._ahead is not None:
            # A store that does not answer is no reason to stay: what this process holds is free once it is gone.
            with suppress(StoreError):
                self._give_back()


def already_done_in(database: Database) -> Callable[[str, str], Any]:
    """Look a key up in a ledger: the recorded result of an effect that is done, else None."""

    def look(scope: str, key: str) -> Any:
        with database.read() as transaction:
            table = tables.effects
            row = one(transaction, table.select().where(table.c.scope == scope, table.c.key == key))
        return row["result"] if row is not None and row["status"] == ledger.Status.DONE else None

    return look
