"""Tells other systems what has happened: a signed call for each item that is closed, and each exception.

What there is to tell is read from the store and written down as a row, so that nothing is told of what was undone by
a crash and nothing is left out; a call that was not taken is made again, with the same id, for three days. A
scheduler that dies between a call and its note makes it a second time: the id says that it is the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from loguru import logger

from config.settings import Happening, Hook
from connectors.webhook.calling import send_call
from connectors.webhook.connection import hook_connection
from engine.clock import Clock
from engine.errors import ApplicationException, BusinessException, ClerkworkError
from engine.ids import new_id
from engine.items import CLOSED
from engine.store import tables
from engine.store.database import (
    Database,
    Row,
    Transaction,
    change,
    find,
    insert_all_once,
    insert_once,
    one_at_a_time,
    rows,
)
from scheduler.alerts import Connections

OVERLAP = timedelta(minutes=2)
"""What was written down late, by a machine whose clock is behind, is found all the same."""
AT_ONCE = 500
SECONDS = 8.0
"""So long calls are made at a stretch: the process has other work, and a receiver may be slow."""
HELD = timedelta(minutes=2)
FIRST_TRY_AGAIN = timedelta(seconds=10)
LONGEST_TRY_AGAIN = timedelta(hours=1)
GIVEN_UP = timedelta(days=3)
KEPT = timedelta(days=14)
_LOCK = 4250311


class Outgoing:
    """The calls of a project. Any number of schedulers may make them."""

    def __init__(self, database: Database, clock: Clock, hooks: Mapping[str, Hook], connections: Connections) -> None:
        self.database, self.clock, self.hooks, self.connections = database, clock, hooks, connections
        self._name = new_id("calls")

    # -- what there is to tell ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """Write down what has happened since the last look. A hook that is new is told of what comes from now on."""
        now = self.clock.now()
        with self.database.write() as transaction:
            one_at_a_time(transaction, _LOCK)
            for name, hook in self.hooks.items():
                position = find(transaction, tables.hook_positions, hook=name)
                if position is None:
                    insert_once(transaction, tables.hook_positions, {"hook": name, "until": now, "failures": 0})
                    continue
                until = self._note(transaction, name, hook, position["until"] - OVERLAP, now)
                change(transaction, tables.hook_positions, {"hook": name}, until=max(until, position["until"]))
            table = tables.deliveries
            transaction.execute(table.delete().where(table.c.at < now - KEPT, table.c.next_try.is_(None)))

    def _note(self, transaction: Transaction, name: str, hook: Hook, since: datetime, now: datetime) -> datetime:
        """Up to when everything is written down."""
        until = now
        for what in hook.what:
            found = _happened(transaction, name, hook, what, since)
            told = {"hook": name, "event": what, "next_try": now, "tries": 0}
            new = [{"id": new_id("call"), "subject": subject, "at": at, **told} for subject, at in found]
            insert_all_once(transaction, tables.deliveries, new)
            if len(found) == AT_ONCE:
                until = min(until, found[-1][1])
        return until

    # -- telling it ---------------------------------------------------------------------------------------------------

    def deliver(self) -> int:
        """Make the calls whose time has come, in order; how many were taken.

        A receiver that takes nothing is left alone for a while; one that does not take a call gets the next.
        """
        now, table, hooks = self.clock.now(), tables.deliveries, tables.hook_positions
        query = table.select().where(*_to_make(now)).order_by(table.c.at, table.c.id).limit(AT_ONCE)
        with self.database.read() as transaction:
            resting = {row["hook"] for row in rows(transaction, hooks.select().where(hooks.c.rests_until > now))}
            found = rows(transaction, query.where(table.c.hook.not_in(resting)))
        taken, end = 0, time.monotonic() + SECONDS
        for row in found:
            if time.monotonic() > end:
                break
            if row["hook"] in resting:
                continue
            try:
                taken += self._deliver(row, now)
            except ClerkworkError as error:
                self._put_off(row, error, now)
                if not isinstance(error, BusinessException):
                    resting.add(row["hook"])
        return taken

    def _deliver(self, row: Row, now: datetime) -> bool:
        """Whether it was taken; raises what `send_call` does."""
        hook = self.hooks.get(row["hook"])
        with self.database.write() as transaction:
            held = tables.deliveries.update().where(tables.deliveries.c.id == row["id"], *_to_make(now))
            if transaction.execute(held.values(holder=self._name, held_until=now + HELD)).rowcount != 1:
                return False  # another scheduler has it, or has made it
            told = _told(transaction, hook, row) if hook is not None else {}
        if hook is None:
            self._settle(row, next_try=None, error="the hook is not in the settings any more")
            return False
        connection = hook_connection(hook.connection, self.connections.connection(hook.connection))
        send_call(connection, str(row["id"]), now, self.connections.scrubber.conceal(told))
        self._settle(row, next_try=None, error=None, delivered=self.clock.now())
        return True

    def _put_off(self, row: Row, error: ClerkworkError, now: datetime) -> None:
        why = self.connections.scrubber.scrub(error.message)
        is_of_this_call = isinstance(error, BusinessException)
        again: datetime | None = self.clock.now() + _wait(row["tries"]) if is_of_this_call else now
        if now - row["at"] > GIVEN_UP:
            again = None
        self._settle(row, next_try=again, tries=row["tries"] + 1, error=why)
        end = "; it is not made any more" if again is None else ""
        logger.error("the call {} of the hook {} was not taken: {}{}", row["id"], row["hook"], why, end)
        if not is_of_this_call:
            asked = error.retry_after if isinstance(error, ApplicationException) else None
            self._rest(str(row["hook"]), timedelta(seconds=asked or 0))

    def _rest(self, hook: str, asked: timedelta) -> None:
        with self.database.write() as transaction:
            row = find(transaction, tables.hook_positions, lock=True, hook=hook)
            failures = int(row["failures"]) if row is not None else 0
            rests_until = self.clock.now() + max(_wait(failures), asked)
            which = {"hook": hook}
            change(transaction, tables.hook_positions, which, failures=failures + 1, rests_until=rests_until)

    def _settle(self, row: Row, **values: object) -> None:
        mine = {"id": row["id"], "holder": self._name}
        with self.database.write() as transaction:
            change(transaction, tables.deliveries, mine, **values, holder=None, held_until=None)
            if values.get("delivered") is not None:
                works = tables.hook_positions.update().where(
                    tables.hook_positions.c.hook == row["hook"], tables.hook_positions.c.failures > 0
                )
                transaction.execute(works.values(failures=0, rests_until=None))


def retry(transaction: Transaction, hook: str, now: datetime) -> int:
    """Make the calls again that were given up or wait for their time; how many those are."""
    change(transaction, tables.hook_positions, {"hook": hook}, failures=0, rests_until=None)
    table = tables.deliveries
    waiting = table.update().where(table.c.hook == hook, table.c.delivered.is_(None))
    return int(transaction.execute(waiting.values(next_try=now, tries=0)).rowcount)


def _wait(failures: int) -> timedelta:
    times: int = 2 ** min(failures, 12)
    return min(FIRST_TRY_AGAIN * times, LONGEST_TRY_AGAIN)


def _to_make(now: datetime) -> list[Any]:
    """Calls whose time has come, and that no process is making."""
    call = tables.deliveries.c
    return [call.next_try <= now, call.held_until.is_(None) | (call.held_until < now)]


def _happened(
    transaction: Transaction, name: str, hook: Hook, what: Happening, since: datetime
) -> list[tuple[str, datetime]]:
    """What of this kind came to be after `since` and is not written down: ids and times, the oldest first."""
    source, at = {
        "item.closed": (tables.items, tables.items.c.finished),
        "exception.opened": (tables.exceptions, tables.exceptions.c.created),
        "exception.closed": (tables.exceptions, tables.exceptions.c.closed),
    }[what]
    noted = tables.deliveries
    is_noted = noted.select().where(
        noted.c.hook == name, noted.c.event == what, noted.c.subject == source.c.id, noted.c.at == at
    )
    query = source.select().where(at > since, ~is_noted.exists())
    if hook.workflows:
        query = query.where(source.c.workflow.in_(hook.workflows))
    if what == "item.closed":
        query = query.where(tables.items.c.state.in_(CLOSED))
    found = rows(transaction, query.order_by(at).limit(AT_ONCE))
    return [(str(row["id"]), row[at.name]) for row in found]


def _told(transaction: Transaction, hook: Hook, row: Row) -> dict[str, Any]:
    """What the receiver gets, as it is now: what was forgotten meanwhile is not told."""
    if row["event"] == "item.closed":
        item = find(transaction, tables.items, id=row["subject"])
        data = dict(_of_item(item, hook)) if item is not None else {}
    else:
        raised = find(transaction, tables.exceptions, id=row["subject"])
        data = dict(_of_exception(transaction, raised)) if raised is not None else {}
    return {"type": row["event"], "timestamp": row["at"].isoformat(), "data": data}


def _of_item(item: Row, hook: Hook) -> Iterator[tuple[str, Any]]:
    yield "item", item["id"]
    for name in ("workflow", "key", "state", "code", "message"):
        yield name, item[name]
    yield "created", item["created"].isoformat()
    yield "finished", item["finished"].isoformat() if item["finished"] else None
    if hook.outputs:
        yield "outputs", item["outputs"] or {}


def _of_exception(transaction: Transaction, raised: Row) -> Iterator[tuple[str, Any]]:
    item = find(transaction, tables.items, id=raised["item"])
    yield "exception", raised["id"]
    yield "item", raised["item"]
    yield "key", item["key"] if item is not None else None
    for name in ("workflow", "kind", "code", "message", "step", "assigned"):
        yield name, raised[name]
    for name in ("created", "due", "closed"):
        yield name, raised[name].isoformat() if raised[name] else None
