"""The triggers of a workflow, as the scheduler runs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from engine.language import Workflow
from engine.surroundings import Surroundings
from scheduler.folder import FolderTrigger, folders_of
from scheduler.following import QueueTrigger, followings_of
from scheduler.mail import MailTrigger, mails_of
from scheduler.schedule import CalendarOf, Schedule, schedules_of
from scheduler.sheet_rows import SheetTrigger, sheets_of
from scheduler.webhook import hook_names


@dataclass
class Triggers:
    """What makes the items of one workflow."""

    schedules: list[Schedule] = field(default_factory=list)
    folders: list[FolderTrigger] = field(default_factory=list)
    followings: list[QueueTrigger] = field(default_factory=list)
    sheets: list[SheetTrigger] = field(default_factory=list)
    mails: list[MailTrigger] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)

    def names(self) -> Iterator[str]:
        """The names by which they can be paused."""
        yield from (one.name for one in (*self.schedules, *self.watchers(), *self.mails))
        yield from self.hooks

    def watchers(self) -> Iterator[FolderTrigger | QueueTrigger | SheetTrigger]:
        """Those that look again and again for what came in."""
        yield from self.folders
        yield from self.followings
        yield from self.sheets


def triggers_of(workflow: Workflow, zone: ZoneInfo, calendar_of: CalendarOf, surroundings: Surroundings) -> Triggers:
    """What the workflow declares; ItemError or UsageError: a path or calendar is not to be had."""
    return Triggers(
        schedules=schedules_of(workflow, zone, calendar_of),
        folders=folders_of(workflow, surroundings),
        followings=followings_of(workflow),
        sheets=sheets_of(workflow, surroundings),
        mails=mails_of(workflow),
        hooks=hook_names(workflow),
    )
