"""When a schedule fires: cron as Vixie wrote it, in a time zone, once a local day across a change of clocks.

`cronsim` has Debian's rules (Sunday is 0 or 7, day OR weekday, a skipped or doubled hour fires once).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from engine.language import TriggerSpec, Workflow


class Missed(StrEnum):
    """What becomes of firings that nobody was there for."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class Overlap(StrEnum):
    """What to do when the item of an earlier firing is still open."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One `schedule:` trigger of a workflow. `name` is stable across restarts: workflow and place in the file."""

    name: str
    workflow: str
    cron: str
    zone: ZoneInfo
    missed: Missed = Missed.LAST
    overlap: Overlap = Overlap.QUEUE
    inputs: Mapping[str, Any] | None = None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every firing after this moment, aware, in the schedule's zone."""
        return CronSim(self.cron, moment.astimezone(self.zone))

    def next(self, moment: datetime) -> datetime:
        return next(self.after(moment))


def schedules_of(workflow: Workflow, zone: ZoneInfo) -> list[Schedule]:
    """The schedules a workflow declares; `zone` is used where it names none."""
    found = []
    for number, trigger in enumerate(workflow.triggers):
        if trigger.kind == "schedule":
            found.append(_schedule(workflow, number, trigger, zone))
    return found


def _schedule(workflow: Workflow, number: int, trigger: TriggerSpec, zone: ZoneInfo) -> Schedule:
    options = trigger.options
    named = options.get("timezone")
    return Schedule(
        name=f"{workflow.id}/{options.get('name') or number}",
        workflow=workflow.id,
        cron=str(options["cron"]),
        zone=ZoneInfo(str(named)) if named else zone,
        missed=Missed(options.get("missed") or Missed.LAST),
        overlap=Overlap(options.get("overlap") or Overlap.QUEUE),
        inputs=options.get("inputs"),
    )


def to_make_up(schedule: Schedule, last: datetime | None, now: datetime, window: timedelta) -> list[datetime]:
    """The firings that were missed since the last one and are due now, by the schedule's policy.

    A schedule that never fired has missed nothing. Nothing older than `window` is made up.
    """
    if last is None or schedule.missed is Missed.NONE:
        return []
    missed = []
    for fire_time in schedule.after(max(last, now - window)):
        if fire_time > now:
            break
        missed.append(fire_time)
    return missed[-1:] if schedule.missed is Missed.LAST else missed
