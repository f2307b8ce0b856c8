"""What a process shows of itself: that it is there, its metrics, its health; and the alerts it sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable

from loguru import logger
from prometheus_client import CollectorRegistry, disable_created_metrics

from engine.clock import Clock
from engine.events import Events
from engine.ids import new_id
from engine.store.database import Database, StoreError
from scheduler import presence
from scheduler.health import HealthPort, store_is_ready
from scheduler.metrics import DUTY, EventMetrics, StoreMetrics

STUCK_SECONDS = 60.0
"""A loop that did not turn for so long while nothing is at work is stuck."""
STUCK_AT_WORK_SECONDS = 1800.0
"""The same while an item or a firing is at work: longer than a step may take without a word."""


class Turning:
    """Whether a process gets on: its loop turns, or the item at hand has steps that begin and end."""

    def __init__(self, events: Events) -> None:
        self._last, self._at_work = time.monotonic(), False
        events.listen(lambda event: self._heard(event.name))

    def turn(self) -> None:
        self._last, self._at_work = time.monotonic(), False

    def _heard(self, name: str) -> None:
        self._last = time.monotonic()
        if name == "item.claimed":
            self._at_work = True

    def is_stuck(self) -> bool:
        return time.monotonic() - self._last > (STUCK_AT_WORK_SECONDS if self._at_work else STUCK_SECONDS)


class Vitals:
    """`kind` is worker, scheduler or console. `every_beat` are further jobs of a process, done every few seconds.

    Only a scheduler whose metrics are asked for takes the duty to tell what the store knows.
    """

    def __init__(self, kind: str, database: Database, clock: Clock, events: Events) -> None:
        self.kind, self.database, self.clock = kind, database, clock
        self.name = new_id(kind)
        self.able: list[str] | None = None  # what a worker offers to `needs`
        self.turning: Turning | None = None
        self.every_beat: list[Callable[[], object]] = []
        self.registry = CollectorRegistry()
        self.port: HealthPort | None = None
        self._events, self._on_duty = events, False
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def turns(self, events: Events) -> Callable[[], None]:
        """Watch whether the process gets on from now on; what is given is to be called with each turn of its loop."""
        self.turning = Turning(events)
        return self.turning.turn

    def serve(self, host: str, port: int, late: Callable[[], int] | None = None) -> HealthPort:
        """Answer scrapes and probes. `late` is given by a scheduler: it may have to tell what the store knows."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it untyped
        EventMetrics(self.registry).listen_to(self._events)
        if late is not None:
            self.registry.register(StoreMetrics(self.database, self.clock.now, lambda: self._on_duty, late))
            self.every_beat.append(self._take_duty)
        self.port = HealthPort(host, port, self.registry, self.state)
        return self.port

    def state(self) -> str:
        if self.turning is not None and self.turning.is_stuck():
            return "stuck"
        return store_is_ready(self.database)

    def start(self) -> None:
        self.beat()
        self._thread = threading.Thread(target=self._go, name="vitals", daemon=True)
        self._thread.start()

    def _go(self) -> None:
        while not self._stopped.wait(presence.BEAT_SECONDS):
            self.beat()

    def beat(self) -> None:
        """Say that the process is there and do what it does every few seconds; a store that is away is asked again."""
        self._do([self._announce, *self.every_beat])

    def _do(self, jobs: Iterable[Callable[[], object]]) -> None:
        for job in jobs:
            try:
                job()
            except StoreError as error:
                self._on_duty = False
                logger.debug("the store does not answer: {}", str(error.orig or error).splitlines()[0])
            except Exception:  # noqa: BLE001 - whatever it is, the other jobs of the beat go on, and it is in the log
                logger.exception("a job of the {} failed", self.kind)

    def _announce(self) -> None:
        now = self.clock.now()
        with self.database.write() as transaction:
            presence.announce(transaction, self.name, self.kind, socket.gethostname(), now, self.able)
            presence.forget(transaction, now)

    def _leave(self) -> None:
        with self.database.write() as transaction:
            presence.leave(transaction, self.name)

    def _take_duty(self) -> None:
        with self.database.write() as transaction:
            self._on_duty = presence.has_duty(transaction, DUTY, self.name, self.clock.now())

    def close(self) -> None:
        """The process leaves as it should."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        if self.port is not None:
            self.port.close()
        self._do([self._leave])
