"""The scheduler: APScheduler drives the clock, our rows decide what fires. Any number of them may run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine import retention, retrials
from engine.errors import ItemError, UsageError
from engine.events import Event
from engine.language import Workflow
from engine.store.database import StoreError
from engine.work import Engine
from scheduler import arrivals, firings, registered
from scheduler.clockwork import Clockwork
from scheduler.mail import MailTrigger, MailWatch
from scheduler.schedule import CalendarOf
from scheduler.triggers import Triggers, triggers_of

if TYPE_CHECKING:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

THREADS = 4
SCAN_SECONDS = 1
RELOAD_SECONDS = 5
FORGET_HOURS = 12
KEPT = timedelta(days=400)
"""How long a firing is known: longer than any window in which it could be made up."""


class Scheduler:
    """Turns clock times, files, mails and other work into items, until it is stopped."""

    def __init__(self, engine: Engine, zone: ZoneInfo, calendar_of: CalendarOf | None = None) -> None:
        self.engine = engine
        self.zone = zone
        self.calendar_of = calendar_of or (lambda _name: engine.surroundings.calendar)
        self.clockwork = Clockwork(engine)
        self.keep_items: timedelta | None = None  # after they are closed; None: for ever, but where a queue says so
        self._flows: dict[str, tuple[str, Triggers]] = {}
        self._clock: BackgroundScheduler | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._armed: datetime | None = None
        self._mails: dict[str, MailWatch] = {}
        self.on_turn: Callable[[], None] | None = None

    def start(self) -> None:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        self._threads = ThreadPoolExecutor(THREADS)
        self._clock = BackgroundScheduler(
            timezone=self.zone,
            executors={"default": self._threads},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        self._clock.start()
        self.reload()
        add = self._clock.add_job
        add(self._patiently, "interval", args=[self.scan], seconds=SCAN_SECONDS, id="scan")
        add(self._patiently, "interval", args=[self.reload], seconds=RELOAD_SECONDS, id="reload")
        add(self._patiently, "interval", args=[self.forget], hours=FORGET_HOURS, jitter=600, id="forget")

    def _patiently(self, job: Callable[[], object]) -> None:
        """Do it; a store that does not answer is told of once, and asked again the next time."""
        try:
            job()
        except StoreError as error:
            self.clockwork.tell_away(error)

    def stop(self) -> None:
        """Finish what is firing at this moment, then stop the clock."""
        if self._clock is not None and self._threads is not None:
            # Its own shutdown would wait for jobs with the lock held that a job needs to arm the next one. So the
            # clock is stopped first, and asking for its jobs waits until it has handed out what was due.
            self._clock.pause()
            self._clock.get_jobs()
            self._threads.shutdown(wait=True)
            self._clock.shutdown(wait=False)
            self._clock = None
        for watch in self._mails.values():
            watch.stop()
        for watch in self._mails.values():
            watch.join()
        self._mails.clear()

    def reload(self) -> None:
        """Take up workflows that are new or changed; a file that became wrong keeps its last good triggers."""
        self.engine.library.refresh()
        flows = self.engine.library.all()
        self._flows = {flow.id: (flow.digest, self._triggers_of(flow)) for flow in flows}
        self.clockwork.take_up({one.name: one for _, triggers in self._flows.values() for one in triggers.schedules})
        self.tick()
        self._watch_mail({one.name: one for _, triggers in self._flows.values() for one in triggers.mails})

    def _watch_mail(self, wanted: Mapping[str, MailTrigger]) -> None:
        """A thread for each mailbox that is watched, while the clock runs."""
        for name, watch in list(self._mails.items()):
            if wanted.get(name) != watch.trigger:
                self._mails.pop(name).stop()
        for name, trigger in wanted.items():
            if self._clock is not None and name not in self._mails:
                self._mails[name] = MailWatch(self.engine, trigger)
                self._mails[name].start()

    def _triggers_of(self, flow: Workflow) -> Triggers:
        """What makes the items of a workflow; what watches already remembers what it saw."""
        digest, triggers = self._flows.get(flow.id, ("", Triggers()))
        if digest == flow.digest:
            return triggers
        try:
            found = triggers_of(flow, self.zone, self.calendar_of, self.engine.surroundings)
            with self.engine.database.write() as transaction:
                registered.register(transaction, dict.fromkeys(found.names(), flow.id), self.engine.clock.now())
            return found
        except (ItemError, UsageError) as error:
            data = {"workflow": flow.id, "message": f"the triggers of {flow.id} stay as they were: {error}"}
            self.engine.events.emit(Event("trigger.refused", self.engine.clock.now(), "", data=data))
            return triggers

    def forget(self) -> None:
        """Forget what fired and came in more than a year ago, and what items held that were closed long enough ago."""
        before = self.engine.clock.now() - KEPT
        with self.engine.database.write() as transaction:
            firings.forget(transaction, before)
            arrivals.forget(transaction, before)
        keep = retention.kept_by(self.engine.library)
        if keep or self.keep_items is not None:
            artifacts, now = self.engine.surroundings.artifacts, self.engine.clock.now()
            retention.forget_old(self.engine.database, artifacts, keep, self.keep_items, now)

    def tick(self) -> None:
        """Fire what is due, and have the clock call again when the next one is."""
        self.clockwork.tick()
        while (first := self.clockwork.next_time()) is not None and not self.clockwork.away:
            if first > self.engine.clock.now():
                self._arm(first)
                return
            self.clockwork.tick()

    def _arm(self, first: datetime) -> None:
        if self._clock is not None and first != self._armed:
            self._armed = first
            self._clock.add_job(self.tick, "date", run_date=first, id="tick", replace_existing=True)

    def scan(self) -> list[str]:
        """Look once for what came in, and for what a clock that was moved has made due; the ids of new items."""
        if self.on_turn is not None:
            self.on_turn()
        self.tick()
        self.clockwork.release()
        retrials.advance(self.engine.database, self.engine.clock.now())
        return list(self._arrived())

    def _arrived(self) -> Iterator[str]:
        watchers = [one for _, triggers in list(self._flows.values()) for one in triggers.watchers()]
        if not watchers:
            return
        with self.engine.database.read() as transaction:
            paused = registered.paused(transaction)
        for one in watchers:
            if one.name not in paused:
                yield from one.scan(self.engine)
