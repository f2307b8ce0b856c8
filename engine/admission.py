"""Which queues a worker may take from now: what it can do, how many at a time, how often, and what is away.

A gate is the queue of a workflow with a limit, or a connection with one; all workflows that use the connection pass
through it. Its row in the store is locked while an item passes, so that the limit holds over all workers and machines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.connections_used import connections_used
from engine.rate import Rate
from engine.store import tables
from engine.store.bell import ring
from engine.store.database import Row, Transaction, change, count, find, insert_once, rows
from engine.workflows import Library

CONNECTION = "connection "
LONGEST_REST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """`stop_after` failures in a row a connection rests for `rest`, then for twice as long, up to half an hour."""

    at_once: int | None = None
    rate: Rate | None = None
    stop_after: int | None = None
    rest: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    limits: Limits
    workflows: frozenset[str]


def gate_of(connection: str) -> str:
    return CONNECTION + connection


class Admission:
    """The gates that items pass through; `lacking` are the needs, by workflow, that this worker does not meet.

    Of the last look: `again` is when a shut gate opens by itself, `failing` are the connections that had failed.
    """

    def __init__(self, gates: Iterable[Gate] = (), lacking: Mapping[str, Sequence[str]] | None = None) -> None:
        self.lacking = lacking or {}
        self.again: datetime | None = None
        self.failing: frozenset[str] = frozenset()
        self._gates: dict[str, list[Gate]] = {}
        for gate in gates:
            for workflow in gate.workflows:
                self._gates.setdefault(workflow, []).append(gate)

    def gated(self, workflows: Iterable[str]) -> list[str]:
        """Those of the workflows whose items pass through a gate."""
        return [workflow for workflow in workflows if workflow in self._gates]

    def admit(
        self, transaction: Transaction, queues: Sequence[str], waiting: Collection[str], now: datetime
    ) -> list[str]:
        """Of these queues those that are open; `waiting` are those with an item to take, whose gates are locked."""
        wanted = {gate.name: gate for queue in waiting for gate in self._gates.get(queue, ())}
        shut: set[str] = set()
        opens: list[datetime] = []
        failing: set[str] = set()
        for gate, row in _locked(transaction, wanted):
            if row["failures"]:
                failing.add(gate.name.removeprefix(CONNECTION))
            until = _shut_until(transaction, gate, row, now)
            if until is not None:
                shut |= gate.workflows
                opens += [until] if until > now else []
        self.again, self.failing = min(opens, default=None), frozenset(failing)
        return [queue for queue in queues if queue not in shut]

    def passed(self, transaction: Transaction, workflow: str, now: datetime) -> None:
        """An item of this workflow was taken: the next may follow when the rate allows it."""
        for gate in self._gates.get(workflow, ()):
            if gate.limits.rate is not None:
                change(transaction, tables.gates, {"name": gate.name}, opens=now + gate.limits.rate.every)


def admission_of(library: Library, connections: Mapping[str, Limits], able: Collection[str] | None) -> Admission:
    """The gates of a project's workflows, for a worker that can do what `able` names; None: whatever is needed."""
    gates: list[Gate] = []
    users: dict[str, set[str]] = {}
    for flow in library.all():
        for name in connections_used(flow, library) & connections.keys():
            users.setdefault(name, set()).add(flow.id)
        if flow.queue.concurrency or flow.queue.rate:
            limits = Limits(at_once=flow.queue.concurrency, rate=flow.queue.rate)
            gates.append(Gate(f"queue {flow.id}", limits, frozenset([flow.id])))
    gates += [Gate(gate_of(name), connections[name], frozenset(ids)) for name, ids in users.items()]
    lacking = {flow: unmet for flow, needs in needs_of(library).items() if (unmet := unmet_needs(needs, able))}
    return Admission(gates, lacking)


def needs_of(library: Library) -> dict[str, tuple[str, ...]]:
    """The workflows that need something of a worker, with what."""
    return {flow.id: flow.queue.needs for flow in library.all() if flow.queue.needs}


def unmet_needs(needs: Iterable[str], able: Collection[str] | None) -> list[str]:
    return [need for need in needs if able is not None and need not in able]


def _locked(transaction: Transaction, wanted: Mapping[str, Gate]) -> Iterator[tuple[Gate, Row]]:
    """In one order for everybody, so that two who wait for each other's gates cannot be."""
    for name in sorted(wanted):
        yield wanted[name], _lock(transaction, name)


def _lock(transaction: Transaction, name: str) -> Row:
    """The row of a gate, ours until the transaction ends; made where there is none yet."""
    row = find(transaction, tables.gates, lock=True, name=name)
    if row is None:
        insert_once(transaction, tables.gates, {"name": name, "failures": 0})
        row = find(transaction, tables.gates, lock=True, name=name)
        assert row is not None
    return row


def _shut_until(transaction: Transaction, gate: Gate, row: Row, now: datetime) -> datetime | None:
    """None: open. A time that is past: it opens with the end of an item."""
    limits = gate.limits
    if limits.rate is not None and row["opens"] is not None and row["opens"] > now:
        return row["opens"]  # type: ignore[no-any-return]
    resting = limits.stop_after is not None and row["failures"] >= limits.stop_after
    if resting and row["rests_until"] is not None and row["rests_until"] > now:
        return row["rests_until"]  # type: ignore[no-any-return]
    # After its rest one item tries whether the connection works again, and the others follow when it does.
    most = 1 if resting else limits.at_once
    return now if most is not None and _running(transaction, gate.workflows) >= most else None


def _running(transaction: Transaction, workflows: Collection[str]) -> int:
    table = tables.items.c
    return count(transaction, tables.items, table.workflow.in_(workflows), table.state == "running")


# -- what becomes of a connection ------------------------------------------------------------------------------------


def failed(
    transaction: Transaction, connection: str, limits: Limits, now: datetime, why: str, retry_after: float | None
) -> bool:
    """Count a failure that the connection is to blame for; True if it has just gone to rest."""
    if limits.stop_after is None:
        return False
    name = gate_of(connection)
    failures = int(_lock(transaction, name)["failures"]) + 1
    values: dict[str, object] = {"failures": failures, "reason": why}
    if failures >= limits.stop_after:
        rest = min(limits.rest * 2 ** min(failures - limits.stop_after, 10), LONGEST_REST)
        values["rests_until"] = now + max(rest, timedelta(seconds=retry_after or 0))
    change(transaction, tables.gates, {"name": name}, **values)
    return failures == limits.stop_after


def works(transaction: Transaction, connection: str) -> None:
    """The connection answered, or a person says that it does: what waits for it may go on."""
    change(transaction, tables.gates, {"name": gate_of(connection)}, failures=0, rests_until=None, reason=None)
    ring(transaction)


@dataclass(frozen=True, slots=True)
class Resting:
    """A connection that is at rest until then, or tried after it, and why."""

    connection: str
    until: datetime
    failures: int
    reason: str


def resting(transaction: Transaction) -> list[Resting]:
    """The connections that are down, by name."""
    table = tables.gates
    found = rows(transaction, table.select().where(table.c.rests_until.is_not(None)).order_by(table.c.name))
    return [
        Resting(row["name"].removeprefix(CONNECTION), row["rests_until"], row["failures"], row["reason"])
        for row in found
    ]
