"""`schedule ...`: when schedules fire, what became of that, and making them wait or catch up."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.store.database import Database
    from scheduler.clockwork import Clockwork
    from scheduler.firings import Fired
    from scheduler.schedule import Schedule
    from scheduler.triggers import Triggers

MOST = 1000


@click.group(cls=Subcommands, no_args_is_help=True)
def schedule() -> None:
    """See when schedules fire, in their own time zone and across changes of the clocks; pause them, catch up."""


@schedule.command("list")
@click.option("--all", "every", is_flag=True, help="The triggers too that do not go by the clock: folders, mail, ...")
@options
def list_schedules(session: Session, every: bool) -> None:
    """List every schedule with its next firing."""
    from scheduler import registered

    found = _schedules(session)
    names = _all_names(session)
    with _store(session) as database:
        known = {}
        if database is not None:
            with database.read() as transaction:
                known = registered.read(transaction, names)
    lines = [
        {
            "schedule": one.name,
            "workflow": one.workflow,
            "when": one.times.text,
            "timezone": one.zone.key,
            "next": _minutes(one.next(session.clock.now())),
            "paused": _why_paused(known.get(one.name)),
        }
        for one in found
    ]
    for name in sorted(names.keys() - {one.name for one in found}) if every else ():
        told = {"schedule": name, "workflow": names[name], "when": "something comes in", "timezone": "", "next": ""}
        lines.append({**told, "paused": _why_paused(known.get(name))})
    _tell(session, lines, "no workflow has a trigger" if every else "no workflow has a schedule")


def _why_paused(row: Any) -> str:
    return str(row["reason"] or "by a person") if row is not None and row["paused"] else ""


def _minutes(moment: datetime | None) -> str:
    return "never" if moment is None else moment.isoformat(timespec="seconds" if moment.second else "minutes")


@schedule.command("next")
@click.argument("name", required=False)
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 3660), help="How far to look ahead.")
@click.option("--limit", default=MOST, show_default=True, type=click.IntRange(1), help="At most so many lines.")
@options
def next_firings(session: Session, name: str | None, days: int, limit: int) -> None:
    """List every coming firing, of NAME or of all: holidays, changes of the clocks, and whether it meets the item
    before, by how long items took so far.
    """
    from scheduler.forecast import coming
    from scheduler.measured import usual_length

    now = session.clock.now()
    until = now + timedelta(days=days)
    found = [_named(session, name)] if name else _schedules(session)
    takes: dict[str, timedelta | None] = {}
    with _store(session) as database:
        if database is not None:
            with database.read() as transaction:
                takes = {flow: usual_length(transaction, flow) for flow in {one.workflow for one in found}}
    merged = heapq.merge(
        *(coming(one, now, until, takes.get(one.workflow)) for one in found), key=lambda one: (one.at, one.schedule)
    )
    lines = [
        {
            "at": _minutes(one.at),
            "day": one.at.strftime("%A"),
            "schedule": one.schedule,
            "fires": one.fires if session.as_json else "" if one.fires else "no",
            "note": one.note,
        }
        for one in islice(merged, limit)
    ]
    _tell(session, lines, f"nothing fires in the next {days} days")
    if len(lines) == limit and next(merged, None) is not None:
        session.say(f"more follow; --limit shows more than {limit}")


@schedule.command()
@click.argument("name", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many firings.")
@options
def history(session: Session, name: str | None, limit: int) -> None:
    """List the latest firings, of NAME or of all, with what became of each."""
    from commands.wiring import open_store
    from scheduler import firings

    names = [_named(session, name).name] if name else [one.name for one in _schedules(session)]
    with open_store(session) as database, database.read() as transaction:
        found = firings.history(transaction, names, limit)
    columns = {"schedule": "schedule", "at": "fire_time", "outcome": "outcome", "item": "item", "reason": "reason"}
    session.rows(columns, reversed(found), none="nothing fired yet")


@schedule.command()
@click.argument("name")
@click.option("--reason", default="paused on the command line", show_default=True, help="Why; shown in lists.")
@options
def pause(session: Session, name: str, reason: str) -> None:
    """Let the trigger NAME make no item until it is resumed; what it made already goes on."""
    from commands.person import written_down
    from commands.wiring import open_store
    from scheduler import registered

    with open_store(session) as database, database.write() as transaction:
        registered.register(transaction, _all_names(session), session.clock.now())
        registered.pause(transaction, name, reason)
        written_down(session, transaction, "paused", name, reason)
    session.line({"trigger": name, "paused": True}) if session.as_json else session.say(f"{name} is paused")


@schedule.command()
@click.argument("name")
@click.option("--missed", is_flag=True, help="Make up what fell into the pause, by the schedule's own policy.")
@options
def resume(session: Session, name: str, missed: bool) -> None:
    """Let the trigger NAME go on; what fell into the pause stays undone unless --missed is given."""
    from commands.person import written_down
    from scheduler import registered
    from scheduler.schedule import due

    session.log()
    with _clockwork(session) as clockwork:
        now = session.clock.now()
        with clockwork.engine.database.write() as transaction:
            registered.register(transaction, _all_names(session), now)
            row = registered.read(transaction, [name]).get(name)
            registered.resume(transaction, name, None if missed else now)
            written_down(session, transaction, "resumed", name)
        one = clockwork.schedules.get(name)
        plan = []
        if missed and one is not None and row is not None:
            plan = [(one, fire_time) for fire_time in due(one, row["last"] or row["since"], now)]
        _tell_fired(session, clockwork.fire_all(plan))
    session.line({"trigger": name, "paused": False}) if session.as_json else session.say(f"{name} goes on")


@schedule.command()
@click.argument("name")
@click.option("--from", "start", required=True, type=click.DateTime(), help="The first time, in the schedule's zone.")
@click.option("--to", "end", type=click.DateTime(), help="The last time; default: now.")
@click.option("--dry-run", is_flag=True, help="Only list what would be queued.")
@options
def backfill(session: Session, name: str, start: datetime, end: datetime | None, dry_run: bool) -> None:
    """Queue the items of NAME for every time between two moments in the past at which none was queued."""
    one = _named(session, name)
    now = session.clock.now()
    first = start.replace(tzinfo=one.zone)
    last = end.replace(tzinfo=one.zone) if end is not None else now
    if not first <= last <= now:
        raise UsageError(
            f"--from {first:%Y-%m-%d %H:%M} --to {last:%Y-%m-%d %H:%M} is no time in the past",
            advice="give --from before --to, and --to not after now",
        )
    times = list(takewhile(lambda time: time <= last, one.after(first - timedelta(microseconds=1))))
    if dry_run:
        _tell(session, [{"at": _minutes(time), "schedule": name} for time in times], "no time of it lies there")
        return
    session.log()
    with _clockwork(session) as clockwork:
        known = clockwork.schedules[name]
        _tell_fired(session, clockwork.fire_all([(known, time) for time in times], again=True))


def _tell_fired(session: Session, fired: list[Fired]) -> None:
    lines = [
        {
            "schedule": one.firing.schedule,
            "at": _minutes(one.firing.fire_time),
            "outcome": str(one.outcome),
            "item": one.item or "",
            "reason": one.firing.reason or "",
        }
        for one in fired
    ]
    _tell(session, lines, "nothing is to be made up")


# -- what there is ----------------------------------------------------------------------------------------------------


def _schedules(session: Session) -> list[Schedule]:
    return [one for _, triggers in _triggers(session) for one in triggers.schedules]


def _triggers(session: Session) -> list[tuple[str, Triggers]]:
    from commands.registry import load_actions
    from engine.workflows import Library
    from scheduler.triggers import triggers_of

    library = Library(session.project.workflow_folders, load_actions(session.project))
    zone, calendars = session.project.settings.zone, session.surroundings.calendars
    return [(flow.id, triggers_of(flow, zone, calendars.get, session.surroundings)) for flow in library.all()]


def _all_names(session: Session) -> dict[str, str]:
    """Every trigger that can be paused, with its workflow."""
    return {name: flow for flow, triggers in _triggers(session) for name in triggers.names()}


def _named(session: Session, name: str) -> Schedule:
    from engine.nearest import listed, suggestion

    found = {one.name: one for one in _schedules(session)}
    if name not in found:
        known = f"known: {listed(found)}" if found else "no workflow has a schedule"
        raise UsageError(f"there is no schedule {name}", advice=suggestion(name, found, known))
    return found[name]


@contextmanager
def _store(session: Session) -> Iterator[Database | None]:
    """The project's store, None where nothing was ever kept: looking ahead makes none."""
    from pathlib import Path

    from commands.wiring import open_store

    url = session.project.database_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        yield None
        return
    with open_store(session) as database:
        yield database


@contextmanager
def _clockwork(session: Session) -> Iterator[Clockwork]:
    """What fires schedules, on the project's store, with all schedules taken up."""
    from commands.wiring import open_engine
    from scheduler.clockwork import Clockwork

    with open_engine(session) as engine:
        clockwork = Clockwork(engine)
        clockwork.take_up({one.name: one for one in _schedules(session)})
        yield clockwork


def _tell(session: Session, lines: list[dict[str, Any]], none: str) -> None:
    if session.as_json:
        for line in lines:
            session.line(line)
        return
    shown = [name for name in lines[0] if any(line[name] for line in lines)] if lines else []
    session.table(shown, [[line[name] for name in shown] for line in lines], none=none)
