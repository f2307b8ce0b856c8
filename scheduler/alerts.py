"""Tells people of trouble: one message for each cause and channel, a reminder while it lasts, and word when it is over.

An alert is a row. Whichever scheduler finds it writes it, whichever holds it sends it, and one that could not be
delivered is tried again until it is. A scheduler that dies between handing a message over and writing that down
leaves it to be sent a second time: rather twice than never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from loguru import logger

from config.settings import AlertChannel
from connectors.notices.connection import notice_connection
from connectors.notices.sending import send_notice
from engine.clock import Clock
from engine.errors import ClerkworkError
from engine.ids import new_id
from engine.scrub import Scrubber
from engine.store import tables
from engine.store.database import Database, Row, Transaction, change, one_at_a_time, rows
from scheduler.troubles import Trouble, troubles

GATHER = timedelta(seconds=15)
"""A first message waits so long, so that 500 equal failures are one message that says 500."""
LOOK_SECONDS = 10
HELD = timedelta(minutes=2)
FIRST_TRY_AGAIN = timedelta(seconds=30)
LONGEST_TRY_AGAIN = timedelta(hours=1)
KEPT = timedelta(days=90)
AT_ONCE = 20
_LOCK = 4250308


class Pending(StrEnum):
    """Which message is still to be sent."""

    FIRST = "first"
    REMINDER = "reminder"
    OVER = "over"


class Connections(Protocol):
    """The part of the surroundings that knows the connections, and the secrets that must not be told."""

    scrubber: Scrubber

    def connection(self, name: str) -> Mapping[str, object]: ...


class Alerts:
    """Looks for trouble and delivers what is to be told. Any number of processes may do so."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Mapping[str, AlertChannel],
        connections: Connections,
        zone: tzinfo,
        folder: Path,
    ) -> None:
        self.database, self.clock, self.channels = database, clock, channels
        self.connections, self.zone, self.folder = connections, zone, folder
        self._name = new_id("alerts")
        self._looked: datetime | None = None

    # -- looking ------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Write down what is wrong and what is over, once in some seconds."""
        now = self.clock.now()
        if self._looked is not None and timedelta() <= now - self._looked < timedelta(seconds=LOOK_SECONDS):
            return
        self._looked = now
        with self.database.read() as transaction:
            found = troubles(transaction, now, self.folder)
        with self.database.write() as transaction:
            one_at_a_time(transaction, _LOCK)
            self._note(transaction, found, now)
            table = tables.alerts
            transaction.execute(table.delete().where(table.c.ended < now - KEPT, table.c.pending.is_(None)))

    def _note(self, transaction: Transaction, found: Sequence[Trouble], now: datetime) -> None:
        table = tables.alerts
        lasting = {
            (row["channel"], row["fingerprint"]): row
            for row in rows(transaction, table.select().where(table.c.ended.is_(None)))
        }
        for name, channel in self.channels.items():
            for trouble in found:
                if not is_for(channel, trouble):
                    continue
                row = lasting.pop((name, trouble.cause), None)
                if row is None:
                    self._begin(transaction, name, trouble, now)
                else:
                    self._goes_on(transaction, row, trouble, channel, now)
        for row in lasting.values():
            self._is_over(transaction, row, now)

    def _begin(self, transaction: Transaction, channel: str, trouble: Trouble, now: datetime) -> None:
        row = {
            "id": new_id("alert"),
            "channel": channel,
            "what": trouble.what,
            "subject": trouble.subject[:300],
            "fingerprint": trouble.cause,
            "message": self.connections.scrubber.scrub(trouble.message),
            "number": trouble.number,
            "first": now,
            "last": now,
            "pending": Pending.FIRST,
            "next_try": now + GATHER,
            "tries": 0,
        }
        transaction.execute(tables.alerts.insert(), row)

    def _goes_on(
        self, transaction: Transaction, row: Row, trouble: Trouble, channel: AlertChannel, now: datetime
    ) -> None:
        message = self.connections.scrubber.scrub(trouble.message)
        told: dict[str, object] = {"message": message, "number": trouble.number, "last": now}
        if row["pending"] is None and now - row["sent"] >= timedelta(minutes=channel.remind):
            told |= {"pending": Pending.REMINDER, "next_try": now, "tries": 0}
        change(transaction, tables.alerts, {"id": row["id"]}, **told)

    def _is_over(self, transaction: Transaction, row: Row, now: datetime) -> None:
        told: dict[str, object] = {"ended": now}
        if row["pending"] in (None, Pending.REMINDER):
            told |= {"pending": Pending.OVER, "next_try": now, "tries": 0}
        # One whose first message is still to be sent keeps it: it says then that it is over.
        change(transaction, tables.alerts, {"id": row["id"]}, **told)

    # -- delivering ---------------------------------------------------------------------------------------------------

    def deliver(self) -> int:
        """Send what is to be sent by now; how many messages were taken."""
        now, table = self.clock.now(), tables.alerts
        query = table.select().where(*_to_send(now)).order_by(table.c.next_try, table.c.id).limit(AT_ONCE)
        with self.database.read() as transaction:
            found = rows(transaction, query)
        return sum(self._deliver(str(row["id"]), now) for row in found)

    def _deliver(self, alert: str, now: datetime) -> bool:
        row = self._hold(alert, now)
        if row is None:
            return False
        channel = self.channels.get(row["channel"])
        if channel is None:
            self._settle(row, pending=None, error="the channel is not in the settings any more")
            return False
        wake = end_of_quiet(channel, now, self.zone)
        if wake is not None:
            self._settle(row, next_try=wake)
            return False
        try:
            title, lines = message_of(row)
            settings = self.connections.connection(channel.connection)
            send_notice(notice_connection(channel.connection, settings), title, lines)
        except ClerkworkError as error:
            wait = min(FIRST_TRY_AGAIN * 2 ** min(row["tries"], 10), LONGEST_TRY_AGAIN)
            told = self.connections.scrubber.scrub(error.message)
            logger.error("the alert to {} was not delivered: {}", row["channel"], told)
            self._settle(row, tries=row["tries"] + 1, error=told, next_try=self.clock.now() + wait)
            return False
        self._settle(row, pending=None, error=None, tries=0, sent=self.clock.now())
        return True

    def _hold(self, alert: str, now: datetime) -> Row | None:
        """The alert, ours alone for a while; None if another process has it or has sent it."""
        table = tables.alerts
        with self.database.write() as transaction:
            held = table.update().where(table.c.id == alert, *_to_send(now))
            if transaction.execute(held.values(holder=self._name, held_until=now + HELD)).rowcount != 1:
                return None
            return rows(transaction, table.select().where(table.c.id == alert))[0]

    def _settle(self, row: Row, **values: object) -> None:
        """What became of a message that we hold; if the trouble ended meanwhile, that is to be told next."""
        table, mine = tables.alerts, {"id": row["id"], "holder": self._name}
        with self.database.write() as transaction:
            change(transaction, table, mine, **values, holder=None, held_until=None)
            if values.get("sent") is None or row["pending"] == Pending.OVER or row["ended"] is not None:
                return
            ended = table.c.id == row["id"], table.c.ended.is_not(None)
            transaction.execute(table.update().where(*ended).values(pending=Pending.OVER, next_try=self.clock.now()))


def _to_send(now: datetime) -> list[Any]:
    """Messages whose time has come, and that no process is sending."""
    alert = tables.alerts.c
    free = alert.held_until.is_(None) | (alert.held_until < now)
    return [alert.pending.is_not(None), alert.next_try <= now, free]


def is_for(channel: AlertChannel, trouble: Trouble) -> bool:
    """Whether the channel is to hear of it. What is in no workflow is for everybody who asked for its kind."""
    if trouble.what not in channel.what:
        return False
    if channel.workflows and trouble.workflow is not None and trouble.workflow not in channel.workflows:
        return False
    return not channel.teams or trouble.what not in ("failed", "uncertain") or trouble.team in channel.teams


def end_of_quiet(channel: AlertChannel, now: datetime, zone: tzinfo) -> datetime | None:
    """When the quiet hours end that it is now; None if it is not quiet."""
    if channel.quiet is None:
        return None
    here, start, end = now.astimezone(zone), channel.quiet.start, channel.quiet.end
    clock = here.time()
    is_quiet = start <= clock < end if start <= end else clock >= start or clock < end
    if not is_quiet:
        return None
    day = here.date() if clock < end else here.date() + timedelta(days=1)
    return datetime.combine(day, time(end.hour, end.minute, end.second), zone)


def message_of(row: Row) -> tuple[str, list[str]]:
    """Title and lines of the message that is to be sent."""
    since = f"since {row['first']:%Y-%m-%d %H:%M} UTC"
    if row["pending"] == Pending.OVER:
        return f"Over again: {row['message']}", [since, f"over at {row['ended']:%Y-%m-%d %H:%M} UTC"]
    if row["pending"] == Pending.REMINDER:
        return f"Still so: {row['message']}", [since]
    over = [f"over again at {row['ended']:%Y-%m-%d %H:%M} UTC"] if row["ended"] is not None else []
    return str(row["message"])[:1].upper() + str(row["message"])[1:], [since, *over]
