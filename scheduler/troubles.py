"""What is wrong at this moment, as the store has it: one trouble for each cause, however many items it holds up.

Nothing is remembered between two looks, so that no trouble is missed because a process died meanwhile.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config.settings import What
from engine import census
from engine.admission import resting
from engine.exceptions import Kind
from engine.store import tables
from engine.store.database import Transaction, rows
from scheduler import presence
from scheduler.firings import Outcome

LEAST_DISK = 1_000_000_000
LOST_OFTEN = 3
REFUSED_OFTEN = 3
LOST_WITHIN = timedelta(hours=1)
MISSED_WITHIN = timedelta(hours=24)
_KINDS: Mapping[str, What] = {Kind.APPLICATION: "failed", Kind.UNCERTAIN: "uncertain"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`subject` tells troubles of a kind apart; `number` is how many of it there are."""

    what: What
    subject: str
    message: str
    number: int = 1
    workflow: str | None = None
    team: str | None = None

    @property
    def cause(self) -> str:
        """What two looks at the same trouble have in common."""
        return hashlib.sha256(f"{self.what}\n{self.subject}\n{self.team or ''}".encode()).hexdigest()


def troubles(transaction: Transaction, now: datetime, folder: Path) -> list[Trouble]:
    """All that is wrong now; `folder` is where the disk must not be full."""
    return [
        *_exceptions(transaction),
        *_paused(transaction),
        *_connections(transaction),
        *_schedules(transaction, now),
        *_reports(transaction),
        *_workers(transaction, now),
        *_past_due(transaction, now),
        *_disk(folder),
    ]


def _exceptions(transaction: Transaction) -> Iterator[Trouble]:
    for row in census.open_exceptions(transaction, list(_KINDS)):
        what, number = _KINDS[row["kind"]], int(row["number"])
        items = "1 item" if number == 1 else f"{number} items"
        told = "failed" if what == "failed" else "may or may not have been posted"
        # The text of an exception may hold what stood in a document: it stays in the console.
        message = f"{row['workflow']}: {items} {told}, {row['code']} at the step {row['step']}"
        yield Trouble(what, f"{row['workflow']} {row['code']}", message, number, row["workflow"], row["assigned"])


def _paused(transaction: Transaction) -> Iterator[Trouble]:
    table = tables.queues
    for row in rows(transaction, table.select().where(table.c.paused).order_by(table.c.workflow)):
        reason = f": {row['reason']}" if row["reason"] else ""
        yield Trouble("paused", row["workflow"], f"the queue {row['workflow']} is paused{reason}", 1, row["workflow"])


def _connections(transaction: Transaction) -> Iterator[Trouble]:
    for one in resting(transaction):
        yield Trouble("connection", one.connection, f"the connection {one.connection} is down: {one.reason}")


def _schedules(transaction: Transaction, now: datetime) -> Iterator[Trouble]:
    for row in census.firings_since(transaction, Outcome.REFUSED, now - MISSED_WITHIN):
        number = int(row["number"])
        message = f"the schedule {row['schedule']} made no item, {_times(number)} within a day"
        yield Trouble("schedule", row["schedule"], message, number, row["workflow"])


def _reports(transaction: Transaction) -> Iterator[Trouble]:
    table = tables.reports_sent
    late = table.c.sent.is_(None), table.c.next_try.is_not(None), table.c.tries >= REFUSED_OFTEN
    for row in rows(transaction, table.select().where(*late).order_by(table.c.report, table.c.channel)):
        name = f"the report {row['report']}"
        yield Trouble(
            "schedule", f"{name} {row['channel']}", f"{name} is not taken by {row['channel']}: {row['error']}"
        )


def _workers(transaction: Transaction, now: datetime) -> Iterator[Trouble]:
    number = presence.lost(transaction, "worker", now, LOST_WITHIN)
    if number >= LOST_OFTEN:
        yield Trouble("workers", "workers", f"{number} workers were lost within an hour", number)


def _past_due(transaction: Transaction, now: datetime) -> Iterator[Trouble]:
    for row in census.past_due(transaction, now):
        workflow, number = row["workflow"], int(row["number"])
        items = "1 item is" if number == 1 else f"{number} items are"
        yield Trouble("due", workflow, f"{workflow}: {items} past due", number, workflow)


def _disk(folder: Path) -> Iterator[Trouble]:
    free = shutil.disk_usage(folder).free
    if free < LEAST_DISK:
        host = socket.gethostname()
        yield Trouble("disk", host, f"{host} has {free / 1e9:.1f} GB free in {folder}")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
