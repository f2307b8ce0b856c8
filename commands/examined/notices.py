"""Who is told of trouble, and whether what they were to be told was taken."""

from __future__ import annotations

from commands.examined.finding import Finding, State
from commands.session import Session


def alerts(session: Session) -> Finding:
    """A message that nobody took is trouble of its own."""
    from commands.wiring import open_store
    from engine.store import tables
    from engine.store.database import rows

    table = tables.alerts
    query = table.select().where(table.c.pending.is_not(None), table.c.error.is_not(None)).order_by(table.c.first)
    with open_store(session) as database, database.read() as transaction:
        stuck = rows(transaction, query)
    if stuck:
        first = stuck[0]
        found = f"{len(stuck)} not delivered, the first to {first['channel']}: {first['error']}"
        return Finding("alerts", State.WARNING, found, "mend the connection of the channel; `alerts test` tries it out")
    return Finding("alerts", State.OK, ", ".join(session.project.settings.alerts) or "nobody is told of trouble")
