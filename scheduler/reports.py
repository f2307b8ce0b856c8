"""Sends figures by themselves: when a report's time has come, once to each of those that it goes to.

A firing is a row, unique for report, receiver and time. Whichever scheduler finds it due writes it, whichever holds it
sends it; what is not taken is tried again for three days, and counts as trouble meanwhile. A scheduler that dies
between handing a report over and writing that down leaves it to be sent a second time: rather twice than never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from config.measures import Report
from connectors.notices.connection import notice_connection
from connectors.notices.sending import Letter, send_notice
from engine.clock import Clock
from engine.errors import ClerkworkError
from engine.ids import new_id
from engine.store import tables
from engine.store.database import Database, Row, Transaction, change, find, insert_all_once, insert_once, rows
from scheduler.alerts import Connections
from scheduler.schedule import Schedule, due
from scheduler.times import Cron

HELD = timedelta(minutes=5)
FIRST_TRY_AGAIN = timedelta(seconds=30)
LONGEST_TRY_AGAIN = timedelta(hours=1)
GIVEN_UP = timedelta(days=3)
KEPT = timedelta(days=400)
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Made:
    """A report as it goes out: a title, its lines as plain text, and the same for mail."""

    title: str
    lines: Sequence[str]
    letter: Letter


Make = Callable[[str, Report, datetime], Made]
"""Makes the report with this name as of its time."""


class Reports:
    """The reports of a project. Any number of schedulers may send them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        reports: Mapping[str, Report],
        connections: Connections,
        zone: ZoneInfo,
        make: Make,
    ) -> None:
        self.database, self.clock, self.reports = database, clock, reports
        self.connections, self.zone, self.make = connections, zone, make
        self._name = new_id("reports")
        self._schedules = {name: schedule_of(name, one, zone) for name, one in reports.items()}

    def look(self) -> None:
        """Write down the firings that are due. A report that is new goes out from now on."""
        now, times = self.clock.now(), tables.report_times
        with self.database.read() as transaction:
            known = {str(row["report"]): row["last"] for row in rows(transaction, times.select())}
        fired = {name: due(one, min(known[name], now), now) for name, one in self._schedules.items() if name in known}
        if not any(fired.values()) and not set(self.reports) - set(known):
            return
        with self.database.write() as transaction:
            for name, report in self.reports.items():
                if insert_once(transaction, times, {"report": name, "since": now, "last": now}):
                    continue
                for fire_time in fired.get(name, ()):
                    self._note(transaction, name, report, fire_time, now)
            table = tables.reports_sent
            transaction.execute(table.delete().where(table.c.fire_time < now - KEPT, table.c.next_try.is_(None)))

    def _note(self, transaction: Transaction, name: str, report: Report, fire_time: datetime, now: datetime) -> None:
        told = {"report": name, "fire_time": fire_time, "made": now, "tries": 0, "next_try": now}
        insert_all_once(transaction, tables.reports_sent, [{**told, "channel": to} for to in dict.fromkeys(report.to)])
        change(transaction, tables.report_times, {"report": name}, last=fire_time)

    def deliver(self) -> int:
        """Send what is to be sent by now; how many were taken."""
        now, table = self.clock.now(), tables.reports_sent
        query = table.select().where(*_to_send(now)).order_by(table.c.next_try).limit(AT_ONCE)
        with self.database.read() as transaction:
            found = rows(transaction, query)
        return sum(self._deliver(_key(row), now) for row in found)

    def _deliver(self, key: dict[str, Any], now: datetime) -> bool:
        row = self._hold(key, now)
        if row is None:
            return False
        report = self.reports.get(row["report"])
        if report is None or row["channel"] not in report.to:
            self._settle(key, next_try=None, error="it is not in the settings any more")
            return False
        try:
            send_report(self.make(row["report"], report, row["fire_time"]), row["channel"], self.connections)
        except ClerkworkError as error:
            self._failed(key, row, self.connections.scrubber.scrub(error.message))
            return False
        self._settle(key, next_try=None, error=None, sent=self.clock.now())
        return True

    def _failed(self, key: dict[str, Any], row: Row, told: str) -> None:
        logger.error("the report {} was not taken by {}: {}", row["report"], row["channel"], told)
        now = self.clock.now()
        wait = min(FIRST_TRY_AGAIN * 2 ** min(row["tries"], 10), LONGEST_TRY_AGAIN)
        goes_on = now + wait < row["made"] + GIVEN_UP
        self._settle(key, tries=row["tries"] + 1, error=told, next_try=now + wait if goes_on else None)

    def _hold(self, key: dict[str, Any], now: datetime) -> Row | None:
        """The firing, ours alone for a while; None if another process has it or has sent it."""
        table = tables.reports_sent
        mine = [table.c[name] == value for name, value in key.items()]
        with self.database.write() as transaction:
            held = table.update().where(*mine, *_to_send(now)).values(holder=self._name, held_until=now + HELD)
            return find(transaction, table, **key) if transaction.execute(held).rowcount == 1 else None

    def _settle(self, key: dict[str, Any], **values: object) -> None:
        with self.database.write() as transaction:
            mine = {**key, "holder": self._name}
            change(transaction, tables.reports_sent, mine, **values, holder=None, held_until=None)


def schedule_of(name: str, report: Report, zone: ZoneInfo) -> Schedule:
    """When a report goes out; the last one that was missed goes out late, within a week."""
    return Schedule(f"report/{name}", "", Cron(report.cron), ZoneInfo(report.timezone) if report.timezone else zone)


def send_report(made: Made, channel: str, connections: Connections) -> None:
    """Hand a report over to a connection: mail with its papers, a chat with its lines; ClerkworkError if not taken."""
    connection = notice_connection(channel, connections.connection(channel))
    send_notice(connection, made.title, list(made.lines), made.letter)


def _key(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("report", "channel", "fire_time")}


def _to_send(now: datetime) -> list[Any]:
    table = tables.reports_sent.c
    return [table.next_try <= now, table.held_until.is_(None) | (table.held_until < now)]
