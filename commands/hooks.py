"""`hooks ...`: the systems that are called when something has happened, and what became of the calls."""

from __future__ import annotations

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import ClerkworkError, ExitCode, UsageError


@click.group(cls=Subcommands, no_args_is_help=True)
def hooks() -> None:
    """See the calls to other systems; try them out, make them again."""


@hooks.command("list")
@click.option("--all", "every", is_flag=True, help="Also the calls that were taken.")
@options
def list_calls(session: Session, every: bool) -> None:
    """List the calls, newest first: those that wait, and those that were given up."""
    from commands.wiring import open_store
    from engine.store import tables
    from engine.store.database import rows

    table = tables.deliveries
    query = table.select().order_by(table.c.id.desc()).limit(500)
    if not every:
        query = query.where(table.c.delivered.is_(None))
    with open_store(session) as database, database.read() as transaction:
        found = [dict(row) for row in rows(transaction, query)]
    names = ["id", "hook", "event", "subject", "at", "tries", "next_try", "error", "delivered"]
    columns = {name: name for name in names if name != "id"}
    told = [{name: row[name] for name in names} for row in found]
    session.rows(columns, told, none="no call waits, and none was given up", spare=["next_try", "delivered"])


@hooks.command("test")
@click.argument("hook", required=False)
@options
def test_hooks(session: Session, hook: str | None) -> int:
    """Make a trial call of HOOK, or of all; ends with 1 where one was not taken."""
    from connectors.webhook.calling import send_call
    from connectors.webhook.connection import hook_connection
    from engine.ids import new_id

    refused = False
    for name in _known(session, hook):
        connection, problem, now = session.project.settings.hooks[name].connection, "", session.clock.now()
        try:
            settings = hook_connection(connection, session.surroundings.connection(connection))
            told = {"type": "test", "timestamp": now.isoformat(), "data": {"hook": name}}
            send_call(settings, new_id("call"), now, told)
        except ClerkworkError as error:
            problem, refused = session.surroundings.scrubber.scrub(f"{error.message}; {error.advice}"), True
        if session.as_json:
            session.line({"hook": name, "connection": connection, "taken": not problem, "error": problem or None})
        else:
            session.say(f"{name}: {problem or 'taken'}")
    return int(ExitCode.APPLICATION if refused else ExitCode.DONE)


@hooks.command()
@click.argument("hook")
@options
def retry(session: Session, hook: str) -> None:
    """Make the calls of HOOK again that were given up or wait; the scheduler makes them within seconds."""
    from commands.wiring import open_store
    from scheduler import outgoing

    _known(session, hook)
    with open_store(session) as database, database.write() as transaction:
        number = outgoing.retry(transaction, hook, session.clock.now())
    session.line({"calls": number}) if session.as_json else session.say(f"{number} calls are made again")


def _known(session: Session, hook: str | None) -> list[str]:
    from engine.nearest import suggestion

    known = session.project.settings.hooks
    if not known:
        advice = "name one under `hooks` in config/settings.yaml"
        raise UsageError("no system is called when something has happened", advice=advice)
    if hook is not None and hook not in known:
        advice = suggestion(hook, known, f"the hooks are {', '.join(known)}")
        raise UsageError(f"there is no hook {hook}", advice=advice)
    return [hook] if hook is not None else list(known)
