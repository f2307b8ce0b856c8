"""Work items: add, claim, renew, let go, finish. Each is one guarded change inside a transaction.

A claim carries a fencing number; whoever holds an older number may change nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select

from engine.admission import Admission
from engine.errors import LeaseLost, UsageError
from engine.ids import new_id
from engine.key import LONGEST
from engine.runnable import Taker, let_in, open_queues, take_next, with_work
from engine.store import tables
from engine.store.bell import ring
from engine.store.database import Row, Transaction, change, find, insert_once, one, rows
from engine.takeover import note_lost

LEASE = timedelta(seconds=60)
FIRST_SPACE = "4026531836"
"""The number that the kernel gives to the processes outside all containers."""
PRIORITIES = {"low": -1, "normal": 0, "high": 1}


class State(StrEnum):
    """Where an item stands. READY and WAITING with a time are taken up again by themselves."""

    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"  # for a person (an open review or approval) or a time (`not_before`)
    EXCEPTION = "exception"  # a business exception: a person decides
    FAILED = "failed"  # an application exception remains after its attempts
    UNCERTAIN = "uncertain"  # an effect of unknown outcome: a person decides
    DONE = "done"
    REJECTED = "rejected"  # a person said no
    DISCARDED = "discarded"  # a person took it out of the queue
    SKIPPED = "skipped"


CLOSED = (State.DONE, State.REJECTED, State.DISCARDED, State.SKIPPED)
STANDING = (State.WAITING, State.EXCEPTION, State.FAILED, State.UNCERTAIN)
"""States in which an item stands in the exception queue."""


@dataclass(frozen=True, slots=True)
class NewItem:
    workflow: str
    key: str
    inputs: Mapping[str, Any]
    priority: int = 0
    due: datetime | None = None
    not_before: datetime | None = None
    parent: str | None = None
    again_after: timedelta | None = None  # when its key may come again; None: never


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one item, until another claim takes it over. `is_begun`: its run was opened before.

    `failures` in a row of its queue when it was claimed.
    """

    item: str
    number: int
    workflow: str
    worker: str
    run: str = ""
    is_begun: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0


_AT_WORK = (
    select(*(tables.items.c[name] for name in ("id", "claim", "worker", "lease_until", "run")))
    .where(tables.items.c.state == State.RUNNING)
    .order_by(tables.items.c.id)
)
_LOCKED = (
    select(tables.items.c.id)
    .where(*(tables.items.c[name] == bindparam(name) for name in ("id", "claim", "state")))
    .with_for_update(skip_locked=True)
)
_FREED: dict[str, Any] = {"state": State.READY, "worker": None, "lease_until": None}


def worker_name() -> str:
    """`host:pid:start`, so that a worker on the same host can tell whether another one is dead."""
    return f"{_host()}:{os.getpid()}:{_started(os.getpid())}"


def _host() -> str:
    """This host, or this container of it: what has process numbers of its own cannot judge those of others."""
    space = Path("/proc/self/ns/pid")
    number = space.readlink().name.strip("pid:[]") if space.is_symlink() else FIRST_SPACE
    return socket.gethostname() + ("" if number == FIRST_SPACE else f"-{number}")


def _started(pid: int) -> str:
    """The kernel's start time of a process, which tells a reused pid; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_dead(worker: str) -> bool:
    """True if this worker certainly does not run any more: same host, and its process is gone."""
    host, _, rest = worker.partition(":")
    pid, _, started = rest.partition(":")
    return host == _host() and pid.isdigit() and _started(int(pid)) != started


def add(transaction: Transaction, new: NewItem, now: datetime) -> tuple[str, bool]:
    """Queue an item; `(id, True)`, or the id of the item that has this key already and False."""
    values = row_of(new, now)
    make_room(transaction, new, now)
    insert_once(transaction, tables.queues, {"workflow": new.workflow, "paused": False, "failures_in_row": 0})
    if insert_once(transaction, tables.items, values):
        ring(transaction)
        return str(values["id"]), True
    there = one(
        transaction,
        tables.items.select().where(tables.items.c.workflow == new.workflow, tables.items.c.key == new.key),
    )
    assert there is not None
    return str(there["id"]), False


def row_of(new: NewItem, now: datetime) -> dict[str, Any]:
    """The columns of an item that is queued now."""
    return {
        "id": new_id("item"),
        "workflow": new.workflow,
        "key": new.key,
        "state": State.READY,
        "priority": new.priority,
        "inputs": dict(new.inputs),
        "created": now,
        "due": new.due,
        "not_before": new.not_before,
        "parent": new.parent,
        "claim": 0,
    }


def make_room(transaction: Transaction, new: NewItem, now: datetime) -> None:
    """Let the key be given again where it is unique for a period only, that is over, and its item is closed.

    The earlier item keeps its key with its own id behind it, so that it is still found by it.
    """
    if new.again_after is None:
        return
    table = tables.items.c
    transaction.execute(
        tables.items.update()
        .where(
            table.workflow == new.workflow,
            table.key == new.key,
            table.state.in_(CLOSED),
            table.created <= now - new.again_after,
        )
        .values(key=func.substr(table.key, 1, LONGEST - 60).op("||")(" (").op("||")(table.id).op("||")(")"))
    )


def get(transaction: Transaction, item: str, *, lock: bool = False) -> Row:
    """The item's row; UsageError if there is none. `lock` keeps it from changing until the transaction ends."""
    row = find(transaction, tables.items, lock=lock, id=item)
    if row is None:
        raise UsageError(f"no item {item}", advice="list them with `queue list`")
    return row


def children(transaction: Transaction, item: str) -> list[Row]:
    """The items that this one queued, in that order: id, workflow, key, state, code, finished."""
    table = tables.items.c
    columns = (table[name] for name in ("id", "workflow", "key", "state", "code", "finished"))
    return rows(transaction, select(*columns).where(table.parent == item).order_by(table.id))


def claim(
    transaction: Transaction,
    worker: str,
    now: datetime,
    *,
    only: Sequence[str] | None = None,
    workflows: Sequence[str] | None = None,
    admission: Admission | None = None,
    lease: timedelta = LEASE,
    tend: bool = True,
) -> Claim | None:
    """Take the next runnable item: highest priority, then the oldest. Its run is to be opened in this transaction.

    `only` names the items to choose from, `workflows` the queues; `admission` says which of them are open.
    `tend`: look first whether a worker is gone and whose time has come.
    """
    if tend:
        take_over_the_dead(transaction, now)
        let_in(transaction, now)
    found = open_queues(transaction, workflows)
    queues = list(found)
    if admission is not None and (gated := admission.gated(queues)):
        queues = admission.admit(transaction, queues, with_work(transaction, gated), now)
    taker = Taker(worker, now + lease, new_id("run"))
    row = take_next(transaction, queues, taker, only)
    if row is None:
        return None
    if admission is not None:
        admission.passed(transaction, row["workflow"], now)
    is_begun = row["run"] != taker.run
    return Claim(
        row["id"], row["claim"], row["workflow"], worker, row["run"], is_begun, row["inputs"], found[row["workflow"]]
    )


def take_over_the_dead(transaction: Transaction, now: datetime) -> int:
    """Free the items of workers that are gone: at once on this host, after the lease elsewhere."""
    freed = 0
    for row in rows(transaction, _AT_WORK):
        if row["lease_until"] > now and not is_dead(row["worker"]):
            continue
        if row["lease_until"] <= now and _lives_here(row["worker"]):
            # A process of this host that is merely paused would wake up and go on: it keeps its item until it is dead.
            continue
        held = {"id": row["id"], "claim": row["claim"], "state": State.RUNNING}
        # A locked row is skipped: whoever was cut off in the middle of a transaction must not hold up the others.
        if not transaction.execute(_LOCKED, held).first():
            continue
        changed = change(transaction, tables.items, held, **_FREED, claim=row["claim"] + 1)
        if changed:
            note_lost(transaction, row, now, dead=is_dead(row["worker"]))
        freed += changed
    return freed


def _lives_here(worker: str) -> bool:
    return worker.partition(":")[0] == _host() and not is_dead(worker)


def hold(transaction: Transaction, claim: Claim) -> Row:
    """The item's row, locked, if this claim still holds it; LeaseLost if another took it over."""
    row = find(transaction, tables.items, lock=True, id=claim.item)
    if row is None or row["claim"] != claim.number or row["state"] != State.RUNNING:
        raise _lost(claim)
    return row


def _lost(claim: Claim) -> LeaseLost:
    return LeaseLost(f"item {claim.item} was taken over by another worker")


def renew(transaction: Transaction, claim: Claim, now: datetime, lease: timedelta = LEASE) -> None:
    hold(transaction, claim)
    transaction.execute(tables.items.update().where(tables.items.c.id == claim.item).values(lease_until=now + lease))


def give_back(transaction: Transaction, claim: Claim) -> None:
    """Free an item whose work was cut short, by its own worker; nothing where it holds it no more."""
    table = tables.items.c
    transaction.execute(
        tables.items.update()
        .where(table.id == claim.item, table.claim == claim.number, table.state == State.RUNNING)
        .values(state=State.READY, worker=None, lease_until=None, claim=table.claim + 1)
    )
    ring(transaction)


def let_go(transaction: Transaction, claim: Claim, state: State, **values: Any) -> None:
    """End the claim: the item is in `state` now, with these columns set."""
    held = {"id": claim.item, "claim": claim.number, "state": State.RUNNING}
    if not change(transaction, tables.items, held, **{"state": state, "worker": None, "lease_until": None, **values}):
        raise _lost(claim)


def make_ready(transaction: Transaction, item: str, now: datetime) -> None:
    """Let an item that stands go on; UsageError if it runs or is closed."""
    row = get(transaction, item, lock=True)
    if row["state"] not in STANDING and row["state"] != State.READY:
        raise UsageError(
            f"item {item} is {row['state']}, not standing in the exception queue",
            advice="only items that wait, failed or are uncertain can go on",
        )
    transaction.execute(
        tables.items.update()
        .where(tables.items.c.id == item)
        .values(state=State.READY, not_before=None, code=None, message=None, step=None)
    )
    ring(transaction)


def postpone(transaction: Transaction, item: str, until: datetime, now: datetime) -> None:
    """Let an item that is ready or put off not be begun before `until`.

    UsageError if it is in another state, or if that time is not to come.
    """
    row = get(transaction, item, lock=True)
    is_put_off = row["state"] == State.WAITING and row["not_before"] is not None
    if row["state"] != State.READY and not is_put_off:
        found = "waiting for a person" if row["state"] == State.WAITING else row["state"]
        raise UsageError(
            f"item {item} is {found} and cannot be postponed; expected one that is ready or put off",
            advice="an exception is put aside in the console; see `queue list --state ready`",
        )
    if until <= now:
        raise UsageError(
            f"item {item} cannot be postponed until {until:%Y-%m-%d %H:%M} UTC, that is over",
            advice="give a time that is to come",
        )
    change(transaction, tables.items, {"id": item}, not_before=until)
    # Whoever sleeps until the earlier time has to hear of it.
    ring(transaction)


def close(transaction: Transaction, item: str, state: State, now: datetime, code: str, message: str) -> None:
    """A person takes an item out of the queue (REJECTED, DISCARDED, SKIPPED); refused while it runs."""
    row = get(transaction, item, lock=True)
    if row["state"] == State.RUNNING or row["state"] in CLOSED:
        raise UsageError(f"item {item} is {row['state']}", advice="only an item that neither runs nor is closed")
    transaction.execute(
        tables.items.update()
        .where(tables.items.c.id == item)
        .values(state=state, finished=now, code=code, message=message, not_before=None)
    )


def next_time(
    transaction: Transaction, *, only: Sequence[str] | None = None, workflows: Sequence[str] | None = None
) -> datetime | None:
    """When the first item that is put off for another attempt may be tried again; narrowed as in `claim`."""
    table = tables.items.c
    query = tables.items.select().where(table.state == State.READY, table.not_before.is_not(None))
    if only is not None:
        query = query.where(table.id.in_(only))
    if workflows is not None:
        query = query.where(table.workflow.in_(workflows))
    row = one(transaction, query.order_by(table.not_before).limit(1))
    return row["not_before"] if row else None


def pause(transaction: Transaction, workflow: str, reason: str) -> None:
    insert_once(transaction, tables.queues, {"workflow": workflow, "paused": False, "failures_in_row": 0})
    transaction.execute(
        tables.queues.update().where(tables.queues.c.workflow == workflow).values(paused=True, reason=reason)
    )


def paused(transaction: Transaction, workflow: str) -> str | None:
    """Why the queue is paused, None if it is not."""
    row = one(transaction, tables.queues.select().where(tables.queues.c.workflow == workflow))
    return str(row["reason"] or "by a person") if row is not None and row["paused"] else None


def resume(transaction: Transaction, workflow: str) -> None:
    transaction.execute(
        tables.queues.update()
        .where(tables.queues.c.workflow == workflow)
        .values(paused=False, reason=None, failures_in_row=0)
    )
    ring(transaction)


def note_failure(transaction: Transaction, workflow: str, stop_after: int | None) -> bool:
    """Count an application failure; True if the circuit breaker has just paused the queue."""
    table = tables.queues.c
    row = one(transaction, tables.queues.select().where(table.workflow == workflow).with_for_update())
    failures = int(row["failures_in_row"]) + 1 if row else 1
    transaction.execute(tables.queues.update().where(table.workflow == workflow).values(failures_in_row=failures))
    if stop_after is None or failures < stop_after or (row and row["paused"]):
        return False
    pause(transaction, workflow, f"{failures} failures in a row")
    return True


def note_success(transaction: Transaction, claim: Claim) -> None:
    """The failures that were in a row before this item was claimed are so no more."""
    if claim.failures:
        change(transaction, tables.queues, {"workflow": claim.workflow}, failures_in_row=0)
