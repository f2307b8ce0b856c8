"""Metrics in Prometheus's form: what this process did, from its events, and what the store knows, told by one process.

Labels are workflows, states, actions and causes, never items, keys or texts. What the store knows would be counted
several times if each process told it; only the one that has the duty does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from engine import census
from engine.events import Event, Events
from engine.exceptions import Kind
from engine.ledger import Status
from engine.store import tables
from engine.store.database import Database, Row, Transaction, count
from scheduler import presence

DUTY = "store metrics"
MOST_CAUSES = 50
"""A workflow may make up codes of exceptions; past this number the rarer ones are told together as `other`."""
FRESH_SECONDS = 10.0
_ENDS = ("done", "exception", "failed", "waiting", "uncertain", "put_off", "lost")
_SECONDS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)


class EventMetrics:
    """What this process did, counted as it happens."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._claimed = Counter("clerkwork_items_claimed", "Items taken.", ["workflow"], registry=registry)
        self._ended = Counter(
            "clerkwork_items_ended", "Runs that came to an end or a halt.", ["workflow", "state"], registry=registry
        )
        self._item_seconds = Histogram(
            "clerkwork_item_duration_seconds",
            "From the claim of an item to its end or halt.",
            ["workflow"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._steps = Counter("clerkwork_steps", "Steps that ended.", ["action", "status"], registry=registry)
        self._retries = Counter("clerkwork_step_retries", "Attempts put off.", ["action"], registry=registry)
        self._step_seconds = Histogram(
            "clerkwork_step_duration_seconds", "How long steps took.", ["action"], buckets=_SECONDS, registry=registry
        )
        self._effects = Counter("clerkwork_effects", "Effects done.", ["workflow", "action"], registry=registry)
        self._refused = Counter("clerkwork_triggers_refused", "Firings that made no item.", registry=registry)
        self._waits = Counter("clerkwork_store_waits", "Times the store did not answer.", registry=registry)
        # One worker works one item at a time: this is the one at hand.
        self._workflow, self._begun = "", 0.0
        self._steps_begun: dict[str, float] = {}

    def listen_to(self, events: Events) -> None:
        events.listen(self._heard)

    def _heard(self, event: Event) -> None:
        family, _, what = event.name.partition(".")
        if event.name == "item.claimed":
            self._workflow, self._begun = str(event.data.get("workflow", "")), time.monotonic()
            self._steps_begun.clear()
            self._claimed.labels(self._workflow).inc()
        elif family == "item" and what in _ENDS and self._workflow:
            self._ended.labels(self._workflow, what).inc()
            self._item_seconds.labels(self._workflow).observe(time.monotonic() - self._begun)
            self._workflow = ""
        elif family == "step":
            self._step(event, what)
        elif event.name == "effect.done":
            self._effects.labels(self._workflow, str(event.data.get("action", ""))).inc()
        elif event.name == "trigger.refused":
            self._refused.inc()
        elif event.name in ("worker.waits", "trigger.delayed"):
            self._waits.inc()

    def _step(self, event: Event, what: str) -> None:
        action = str(event.data.get("action", ""))
        if what == "begun":
            self._steps_begun[event.path] = time.monotonic()
            return
        if what == "retry":
            self._retries.labels(action).inc()
            return
        self._steps.labels(action, what).inc()
        begun = self._steps_begun.pop(event.path, None)
        if begun is not None:
            self._step_seconds.labels(action).observe(time.monotonic() - begun)


class StoreMetrics(Collector):
    """What the store knows, looked up when it is asked for, once in some seconds at most.

    `late()` is how many schedules are due and did not fire yet; `on_duty()` whether this process is the one to tell.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        on_duty: Callable[[], bool],
        late: Callable[[], int],
    ) -> None:
        self.database, self.now, self.on_duty, self.late = database, now, on_duty, late
        self._found: list[GaugeMetricFamily] = []
        self._looked = -FRESH_SECONDS

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield from ()  # so that registering it asks the store nothing

    def collect(self) -> Iterator[GaugeMetricFamily]:
        if not self.on_duty():
            return
        if time.monotonic() - self._looked >= FRESH_SECONDS:
            with self.database.read() as transaction:
                self._found = list(store_metrics(transaction, self.now()))
            self._looked = time.monotonic()
        yield from self._found
        late = GaugeMetricFamily("clerkwork_schedules_late", "Schedules that are due and did not fire yet.")
        late.add_metric([], self.late())
        yield late


def store_metrics(transaction: Transaction, now: datetime) -> Iterator[GaugeMetricFamily]:
    """What the store knows at this moment."""
    yield _family("items", "Items in the store.", census.items_by_state(transaction), "workflow", "state")
    waiting = GaugeMetricFamily(
        "clerkwork_oldest_ready_item_age_seconds", "Age of the oldest item that could be worked.", labels=["workflow"]
    )
    for row in census.oldest_ready(transaction, now):
        waiting.add_metric([row["workflow"]], max((now - row["since"]).total_seconds(), 0.0))
    yield waiting
    causes = GaugeMetricFamily("clerkwork_exceptions_open", "Open exceptions by cause.", labels=["workflow", "code"])
    for (workflow, code), number in sorted(_causes(transaction).items()):
        causes.add_metric([workflow, code], number)
    yield causes
    overdue = census.past_due(transaction, now)
    yield _family("items_past_due", "Open items past their due time.", overdue, "workflow")
    for name, told, number in (
        ("queues_paused", "Queues that are paused.", count(transaction, tables.queues, tables.queues.c.paused)),
        ("workers_alive", "Workers that were seen lately.", presence.alive(transaction, "worker", now)),
        ("effects_uncertain", "Effects of unknown outcome.", _uncertain(transaction)),
        ("alerts_undelivered", "Alerts that could not be delivered yet.", _undelivered(transaction)),
        ("decisions_waiting", "Reviews and approvals that wait for a person.", _to_decide(transaction)),
    ):
        family = GaugeMetricFamily(f"clerkwork_{name}", told)
        family.add_metric([], number)
        yield family


def _family(name: str, told: str, found: Sequence[Row], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"clerkwork_{name}", told, labels=labels)
    for row in found:
        family.add_metric([row[label] for label in labels], row["number"])
    return family


def _causes(transaction: Transaction) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in census.open_causes(transaction):
        key = row["workflow"], row["code"] if len(found) < MOST_CAUSES else "other"
        found[key] = found.get(key, 0) + int(row["number"])
    return found


def _uncertain(transaction: Transaction) -> int:
    return count(transaction, tables.effects, tables.effects.c.status == Status.UNCERTAIN)


def _undelivered(transaction: Transaction) -> int:
    return count(transaction, tables.alerts, tables.alerts.c.pending.is_not(None), tables.alerts.c.error.is_not(None))


def _to_decide(transaction: Transaction) -> int:
    raised = tables.exceptions
    return count(transaction, raised, raised.c.closed.is_(None), raised.c.kind.in_((Kind.REVIEW, Kind.APPROVAL)))
