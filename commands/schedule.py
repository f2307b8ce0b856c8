"""`schedule ...`: when schedules fire."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

import click

from commands.session import Session, options
from commands.subcommands import Subcommands

if TYPE_CHECKING:
    from scheduler.schedule import Schedule


@click.group(cls=Subcommands, no_args_is_help=True)
def schedule() -> None:
    """See when schedules fire, in their own time zone and across changes of the clocks."""


@schedule.command("list")
@options
def list_schedules(session: Session) -> None:
    """List every schedule with its next firing."""
    lines = [
        {
            "schedule": one.name,
            "workflow": one.workflow,
            "cron": one.cron,
            "timezone": one.zone.key,
            "next": one.next(session.clock.now()).isoformat(timespec="minutes"),
        }
        for one in _schedules(session)
    ]
    _tell(session, lines, "no workflow has a schedule")


@schedule.command("next")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 3660), help="How far to look ahead.")
@options
def next_firings(session: Session, days: int) -> None:
    """List every coming firing."""
    now = session.clock.now()
    firings = []
    for one in _schedules(session):
        firings += [
            (moment, one.name) for moment in takewhile(lambda at: at <= now + timedelta(days=days), one.after(now))
        ]
    lines = [
        {"at": moment.isoformat(timespec="minutes"), "day": moment.strftime("%A"), "schedule": name}
        for moment, name in sorted(firings)
    ]
    _tell(session, lines, f"nothing fires in the next {days} days")


def _schedules(session: Session) -> list[Schedule]:
    from commands.registry import load_actions
    from engine.workflows import Library
    from scheduler.schedule import schedules_of

    library = Library(session.project.workflow_folders, load_actions(session.project))
    zone = session.project.settings.zone
    return [one for workflow in library.all() for one in schedules_of(workflow, zone)]


def _tell(session: Session, lines: list[dict[str, str]], none: str) -> None:
    if session.as_json:
        for line in lines:
            session.line(line)
        return
    session.table(list(lines[0]) if lines else [], [list(line.values()) for line in lines], none=none)
