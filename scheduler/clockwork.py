"""Fires schedules when their time has come. Any number of schedulers may do so: our rows decide who was first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import RLock

from engine.errors import ApplicationException, ItemError, UsageError
from engine.events import Event
from engine.items import NewItem
from engine.store.database import StoreError
from engine.work import Engine
from scheduler import firings, registered
from scheduler.firings import Fired, Firing, Outcome
from scheduler.made_item import made_item
from scheduler.schedule import GRACE, INSTANT, Schedule, due
from scheduler.timetable import Timetable

AT_ONCE = 20
"""Firings in one transaction: many share one wait for the disk, and none waits long for the others."""
LATE = timedelta(seconds=5)
"""A schedule that is due for longer and did not fire is late."""


class Clockwork:
    """Knows the schedules and when each fires next. `away` is set while the store does not answer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.schedules: dict[str, Schedule] = {}
        self.table = Timetable()
        self._lock = RLock()
        self._seen = engine.clock.now()
        self.away = False
        self._held: set[str] = set()  # their items could not be made yet

    def take_up(self, schedules: Mapping[str, Schedule]) -> None:
        """Go by these schedules from now on; what new or changed ones missed is made up by their policy."""
        with self._lock:
            now = self.engine.clock.now()
            changed = {name: one for name, one in schedules.items() if self.schedules.get(name) != one}
            if changed:
                with self.engine.database.write() as transaction:
                    registered.register(transaction, {name: one.workflow for name, one in changed.items()}, now)
                    known = registered.read(transaction, changed)
                for name, one in changed.items():
                    since = min(known[name]["last"] or known[name]["since"], now)
                    # What is due already is found at the next tick, and with it what the policy makes up.
                    self.table.put(name, one.next(max(since, now - one.window)))
            for name in self.schedules.keys() - schedules.keys():
                self.table.drop(name)
            self.schedules = dict(schedules)

    def next_time(self) -> datetime | None:
        with self._lock:
            return self.table.first()

    def late(self) -> int:
        """How many schedules are due and did not fire yet."""
        with self._lock:
            return self.table.due(self.engine.clock.now() - LATE)

    def tick(self) -> list[Fired]:
        """Fire what is due by now."""
        with self._lock:
            now = self.engine.clock.now()
            if now < self._seen - GRACE:
                self._set_back(now)
            self._seen = now
            taken = [(time, name) for time, name in self.table.take(now) if name in self.schedules]
            if not taken:
                return []
            try:
                fired = self._fire_due(taken, now)
            except StoreError as error:
                for time, name in taken:
                    self.table.put(name, time)
                self.tell_away(error)
                return []
            self.away = False
            for time, name in taken:
                self.table.put(name, time if name in self._held else self.schedules[name].next(now))
            self._held.clear()
            return fired

    def _set_back(self, now: datetime) -> None:
        """The clock was set back: the times to come are nearer than the table has them. No row fires twice."""
        for name, schedule in self.schedules.items():
            self.table.put(name, schedule.next(now))

    def tell_away(self, error: StoreError) -> None:
        """Say once that the store does not answer, until something fires again."""
        if not self.away:
            self.away = True
            message = str(error.orig or error).splitlines()[0]
            data = {"message": f"the store does not answer, what is due fires as soon as it does: {message}"}
            self.engine.events.emit(Event("trigger.delayed", self.engine.clock.now(), "", data=data))

    def _fire_due(self, taken: Sequence[tuple[datetime, str]], now: datetime) -> list[Fired]:
        names = {name for _, name in taken}
        with self.engine.database.read() as transaction:
            known = registered.read(transaction, names)
        paused = {name for name, row in known.items() if row["paused"]}
        plan = [
            (self.schedules[name], fire_time)
            for time, name in taken
            if name not in paused
            for fire_time in due(self.schedules[name], time - INSTANT, now)
        ]
        return self.fire_all(plan)

    # -- firing -------------------------------------------------------------------------------------------------------

    def fire_all(self, plan: Sequence[tuple[Schedule, datetime]], *, again: bool = False) -> list[Fired]:
        """Fire these; those that fired before are left out. `again` queues an item also where none was queued then."""
        fired: list[Fired] = []
        for start in range(0, len(plan), AT_ONCE):
            fired += self._fire_some(plan[start : start + AT_ONCE], again=again)
        return fired

    def _fire_some(self, plan: Sequence[tuple[Schedule, datetime]], *, again: bool) -> list[Fired]:
        with self.engine.database.read() as transaction:
            known = firings.known(transaction, [(one.name, time) for one, time in plan]) if not again else set()
        # In the order of names, so that two schedulers with the same work never hold what the other waits for.
        fresh = [(one, time) for one, time in plan if (one.name, time) not in known]
        found = [firing for one, time in fresh if (firing := self.firing(one, time)) is not None]
        made = sorted(found, key=lambda one: (one.schedule, one.fire_time))
        if not made:
            return []
        now = self.engine.clock.now()
        put = firings.fire_again if again else firings.fire
        with self.engine.database.write() as transaction:
            fired = [one for firing in made if (one := put(transaction, firing, now)) is not None]
            if not again:
                registered.came_to(transaction, ((firing.schedule, firing.fire_time) for firing in made))
        for one in fired:
            self._tell(one)
        return fired

    def firing(self, schedule: Schedule, fire_time: datetime) -> Firing | None:
        """The firing with its item, or with why there is none; None while the files it carries cannot be kept."""
        try:
            new = self._item(schedule, fire_time)
        except ApplicationException as error:
            self._held.add(schedule.name)
            data = {"schedule": schedule.name, "message": f"{schedule.name} fires later: {error}"}
            self.engine.events.emit(Event("trigger.delayed", self.engine.clock.now(), "", data=data))
            return None
        except (ItemError, UsageError) as error:
            return Firing(schedule.name, fire_time, None, schedule.overlap, str(error))
        return Firing(schedule.name, fire_time, new, schedule.overlap)

    def _item(self, schedule: Schedule, fire_time: datetime) -> NewItem:
        local = fire_time.astimezone(schedule.zone)
        names = {"fire_time": local, "fire_day": local.date(), "schedule": schedule.name}
        key = f"{schedule.name}@{local.isoformat()}"
        new = made_item(self.engine, schedule.workflow, schedule.inputs, names, otherwise=key)
        later = schedule.later(fire_time)
        return replace(new, not_before=fire_time + later) if later else new

    def release(self) -> list[Fired]:
        """Queue the items of firings that waited for the item before them."""
        with self.engine.database.read() as transaction:
            rows = firings.waiting(transaction)
        fired = []
        for row in rows:
            name = row["schedule"]
            schedule = self.schedules.get(name)
            if schedule is None:
                continue
            with self.engine.database.read() as transaction:
                if firings.overlaps(transaction, name, row["fire_time"]):
                    continue
            firing = self.firing(schedule, row["fire_time"])
            if firing is None:
                continue
            with self.engine.database.write() as transaction:
                one = firings.let_go_on(transaction, firing, self.engine.clock.now())
            if one is not None:
                self._tell(one)
                fired.append(one)
        return fired

    def _tell(self, fired: Fired) -> None:
        now, firing = self.engine.clock.now(), fired.firing
        told = {"schedule": firing.schedule, "fire_time": firing.fire_time.isoformat()}
        if fired.outcome in (Outcome.QUEUED, Outcome.REPEATED):
            data = {"schedule": firing.schedule, "new": fired.outcome is Outcome.QUEUED}
            self.engine.events.emit(Event("item.added", now, fired.item or "", data=data))
        elif fired.outcome is Outcome.REFUSED:
            message = f"{firing.schedule} at {firing.fire_time}: {firing.reason}"
            self.engine.events.emit(Event("trigger.refused", now, "", data={**told, "message": message}))
        else:
            self.engine.events.emit(Event(f"trigger.{fired.outcome}", now, "", data=told))
