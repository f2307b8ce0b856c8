"""The alerts: whether each channel has a connection that takes messages, and whether all were taken."""

from __future__ import annotations

from commands.examined.finding import Finding, State
from commands.session import Session


def alerts(session: Session) -> Finding:
    """What can be said without sending anything; what is wrong with a connection is raised."""
    from commands.wiring import open_store
    from connectors.notices.connection import notice_connection
    from engine.store import tables
    from engine.store.database import rows

    channels = session.project.settings.alerts
    if not channels:
        return Finding("alerts", State.OK, "nobody is told of trouble")
    for channel in channels.values():
        notice_connection(channel.connection, session.surroundings.connection(channel.connection))
    table = tables.alerts
    undelivered = table.select().where(table.c.pending.is_not(None), table.c.error.is_not(None)).order_by(table.c.id)
    with open_store(session) as database, database.read() as transaction:
        found = rows(transaction, undelivered)
    if found:
        told = f"{len(found)} not delivered, the first to {found[0]['channel']}: {found[0]['error']}"
        return Finding("alerts", State.WARNING, told, "run `alerts test`; they are sent again until they are taken")
    return Finding("alerts", State.OK, f"told: {', '.join(channels)}")
