"""`alerts ...`: who is told of trouble, what was told, and a message to try it out."""

from __future__ import annotations

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import ClerkworkError, ExitCode, UsageError


@click.group(cls=Subcommands, no_args_is_help=True)
def alerts() -> None:
    """See what people were told of; try out the channels."""


@alerts.command("list")
@click.option("--all", "every", is_flag=True, help="Also what is over and was told.")
@options
def list_alerts(session: Session, every: bool) -> None:
    """List the alerts, newest first: what lasts, and what could not be delivered yet."""
    from commands.wiring import open_store
    from engine.store import tables
    from engine.store.database import rows

    table = tables.alerts
    query = table.select().order_by(table.c.id.desc()).limit(500)
    if not every:
        query = query.where(table.c.ended.is_(None) | table.c.pending.is_not(None))
    with open_store(session) as database, database.read() as transaction:
        found = [dict(row) for row in rows(transaction, query)]
    names = ["id", "channel", "what", "message", "number", "first", "last", "ended", "pending", "error", "sent"]
    columns = {name: name for name in names if name != "id"}
    told = [{name: row[name] for name in names} for row in found]
    session.rows(columns, told, none="nothing is wrong that anybody is to be told of", spare=["last", "sent"])


@alerts.command("test")
@click.argument("channel", required=False)
@options
def test_alerts(session: Session, channel: str | None) -> int:
    """Send a trial message to CHANNEL, or to all; ends with 1 where one was not taken."""
    from connectors.notices.connection import notice_connection
    from connectors.notices.sending import send_notice
    from engine.nearest import suggestion

    known = session.project.settings.alerts
    if not known:
        raise UsageError("nobody is told of trouble", advice="name a channel under `alerts` in config/settings.yaml")
    if channel is not None and channel not in known:
        advice = suggestion(channel, known, f"the channels are {', '.join(known)}")
        raise UsageError(f"there is no channel {channel}", advice=advice)
    refused = False
    for name in [channel] if channel is not None else known:
        connection = known[name].connection
        problem = ""
        try:
            settings = session.surroundings.connection(connection)
            lines = [f"This is how trouble will be told to the channel {name}."]
            send_notice(notice_connection(connection, settings), "Clerkwork: a trial message", lines)
        except ClerkworkError as error:
            problem, refused = session.surroundings.scrubber.scrub(f"{error.message}; {error.advice}"), True
        if session.as_json:
            session.line({"channel": name, "connection": connection, "sent": not problem, "error": problem or None})
        else:
            session.say(f"{name}: {problem or 'sent'}")
    return int(ExitCode.APPLICATION if refused else ExitCode.DONE)
