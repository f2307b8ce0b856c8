"""The scheduler: APScheduler drives the clock, our rows decide what fires. Any number of them may run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import ItemError, UsageError
from engine.events import Event
from engine.items import NewItem
from engine.language import Workflow
from engine.work import Engine
from scheduler import firings
from scheduler.folder import FolderTrigger
from scheduler.schedule import Overlap, Schedule, schedules_of, to_make_up

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

SCAN_SECONDS = 1
RELOAD_SECONDS = 5
MAKE_UP_WINDOW = timedelta(days=7)


class Scheduler:
    """Turns folders and clock times into work items, until it is stopped."""

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self.engine = engine
        self.zone = zone
        self._schedules: dict[str, Schedule] = {}
        self._folders: dict[tuple[str, str, str], FolderTrigger] = {}
        self._clock: BackgroundScheduler | None = None

    def start(self) -> None:
        from apscheduler.schedulers.background import BackgroundScheduler

        self._clock = BackgroundScheduler(timezone=self.zone, job_defaults={"max_instances": 1, "coalesce": True})
        self._clock.start()
        self.reload()
        self._clock.add_job(self.scan, "interval", seconds=SCAN_SECONDS, id="folders", misfire_grace_time=None)
        self._clock.add_job(self.reload, "interval", seconds=RELOAD_SECONDS, id="reload", misfire_grace_time=None)

    def stop(self) -> None:
        """Finish what is firing at this moment, then stop the clock."""
        if self._clock is not None:
            self._clock.shutdown(wait=True)
            self._clock = None

    def reload(self) -> None:
        """Take up workflows that are new or changed; a file that became wrong keeps its last good triggers."""
        self.engine.library.refresh()
        schedules = {one.name: one for flow in self.engine.library.all() for one in schedules_of(flow, self.zone)}
        for name, schedule in schedules.items():
            # Also of a schedule that is armed: its firing is missed when the store is away at that moment.
            self.make_up(schedule)
            if self._schedules.get(name) != schedule:
                self._arm(schedule)
        for name in self._schedules.keys() - schedules.keys():
            if self._clock is not None and self._clock.get_job(name):
                self._clock.remove_job(name)
        self._schedules = schedules
        self._reload_folders()

    def _reload_folders(self) -> None:
        wanted = {}
        for flow in self.engine.library.all():
            for trigger in (one for one in flow.triggers if one.kind == "folder"):
                options = trigger.options
                key = (flow.id, str(options["path"]), str(options.get("match") or "*"))
                wanted[key] = self._folders.get(key) or FolderTrigger(
                    flow.id,
                    self.engine.surroundings.path(key[1]),
                    key[2],
                    str(options.get("input") or _file_input(flow)),
                )
        self._folders = wanted

    def scan(self) -> list[str]:
        """Look into every watched folder once; the ids of the new items."""
        return [item for folder in self._folders.values() for item in folder.scan(self.engine)]

    def make_up(self, schedule: Schedule) -> None:
        """Fire what was missed while no scheduler ran or the store was away, by the schedule's policy."""
        now = self.engine.clock.now()
        with self.engine.database.read() as transaction:
            last = firings.last(transaction, schedule.name)
        for fire_time in to_make_up(schedule, last, now, MAKE_UP_WINDOW):
            self.fire(schedule, fire_time)

    def _arm(self, schedule: Schedule) -> None:
        if self._clock is None:
            return
        fire_time = schedule.next(self.engine.clock.now())
        self._clock.add_job(
            self._tick,
            "date",
            run_date=fire_time,
            args=[schedule, fire_time],
            id=schedule.name,
            replace_existing=True,
            misfire_grace_time=None,
        )

    def _tick(self, schedule: Schedule, fire_time: datetime) -> None:
        self._arm(schedule)
        self.fire(schedule, fire_time)

    def fire(self, schedule: Schedule, fire_time: datetime) -> str | None:
        """Queue the item of one firing; its id, or None: another scheduler did, or the last one is still open."""
        now = self.engine.clock.now()
        try:
            new: NewItem | None = self._item(schedule, fire_time)
        except (ItemError, UsageError) as error:
            data = {"schedule": schedule.name, "message": f"{schedule.name} at {fire_time}: {error}"}
            self.engine.events.emit(Event("trigger.refused", now, "", data=data))
            new = None
        with self.engine.database.write() as transaction:
            if schedule.overlap is Overlap.SKIP and firings.is_open(transaction, schedule.name):
                new = None
            item = firings.fire(transaction, schedule.name, fire_time, new, now)
        if item is not None:
            self.engine.events.emit(Event("item.added", now, item, data={"schedule": schedule.name}))
        return item

    def _item(self, schedule: Schedule, fire_time: datetime) -> NewItem:
        workflow = self.engine.library.get(schedule.workflow)
        new = self.engine.new_item(workflow, schedule.inputs or {})
        if workflow.queue.key is None:
            return NewItem(new.workflow, f"{schedule.name}@{fire_time.isoformat()}", new.inputs, new.priority, new.due)
        return new


def _file_input(workflow: Workflow) -> str:
    """The input that takes the file, where the trigger does not name it: the only one of type file."""
    files = [spec.name for spec in workflow.inputs.values() if spec.type == "file"]
    return files[0] if len(files) == 1 else "file"
