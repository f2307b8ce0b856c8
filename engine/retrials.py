"""Retrying all that stopped for one cause: one goes first, and the others follow only if it got past the cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine import exceptions, items
from engine.errors import UsageError
from engine.exceptions import Person
from engine.ids import new_id
from engine.items import CLOSED, State
from engine.store import tables
from engine.store.database import Database, Row, Transaction, count, one, rows

AT_ONCE = 200
"""Items let go on in one transaction."""


class Stage(StrEnum):
    """Where a retrial stands."""

    TRYING = "trying"  # the first one is on its way
    PASSED = "passed"  # it got past the cause; the others follow
    DONE = "done"
    STOPPED = "stopped"  # the first one stands again, or a person stopped it: the others stay where they are


OPEN = (Stage.TRYING, Stage.PASSED)


def standing(transaction: Transaction, workflow: str, code: str, step: str | None) -> dict[str, list[Row]]:
    """The open exceptions that a retry can help, the oldest first, by their cause (its fingerprint)."""
    table = tables.exceptions
    query = table.select().where(table.c.closed.is_(None), table.c.workflow == workflow, table.c.code == code)
    query = query.where(table.c.kind.in_((exceptions.Kind.BUSINESS, exceptions.Kind.APPLICATION)))
    if step is not None:
        query = query.where(table.c.step == step)
    found: dict[str, list[Row]] = {}
    for row in rows(transaction, query.order_by(table.c.id)):
        found.setdefault(str(row["fingerprint"]), []).append(row)
    return found


def let_go_on(database: Database, names: Sequence[str], person: Person, now: datetime) -> tuple[int, str]:
    """Retry all of these at once, some in each transaction: how many, and why the last that was left out was."""
    retried, left = 0, ""
    for place in range(0, len(names), AT_ONCE):
        with database.write() as transaction:
            for name in names[place : place + AT_ONCE]:
                try:
                    exceptions.retry(transaction, name, person, now)
                    retried += 1
                except UsageError as refused:
                    left = refused.message
    return retried, left


def begin(transaction: Transaction, fingerprint: str, person: Person, names: Sequence[str], now: datetime) -> str:
    """Retry the first of these exceptions that can be retried, and remember the others; the id of the retrial.

    UsageError where none can be, or where another retrial of this cause is on its way.
    """
    table = tables.retrials
    if count(transaction, table, table.c.fingerprint == fingerprint, table.c.state.in_(OPEN)):
        raise UsageError("this cause is being retried already", advice="wait for what comes of it")
    refused: UsageError | None = None
    for place, name in enumerate(names):
        try:
            exceptions.retry(transaction, name, person, now)
        except UsageError as error:
            refused = error
            continue
        first = exceptions.find(transaction, name)
        values = {"id": new_id("ret"), "fingerprint": fingerprint, "workflow": first["workflow"], "first": name}
        values |= {"person": person.name, "teams": list(person.teams), "admin": person.admin, "item": first["item"]}
        values |= {"state": Stage.TRYING, "others": list(names[place + 1 :]), "retried": 1, "made": now}
        transaction.execute(table.insert().values(**values, changed=now))
        return str(values["id"])
    if refused is not None:
        raise refused
    raise UsageError("nothing stands for this cause", advice="reload the page")


def advance(database: Database, now: datetime) -> None:
    """See what became of those that went first, and let the others follow; any number of processes may do so."""
    with database.read() as transaction:
        names = [row["id"] for row in rows(transaction, _open())]
    for name in names:
        while _advance(database, name, now):
            pass


def _advance(database: Database, name: str, now: datetime) -> bool:
    """One transaction of one retrial; whether there is more to do at once."""
    table = tables.retrials
    with database.write() as transaction:
        row = one(transaction, table.select().where(table.c.id == name).with_for_update())
        if row is None or row["state"] not in OPEN:
            return False
        if row["state"] == Stage.TRYING:
            stage, note = _judged(transaction, row)
            if stage is not Stage.TRYING:
                _set(transaction, name, now, state=stage, note=note)
            return stage is Stage.PASSED
        some, rest = row["others"][:AT_ONCE], row["others"][AT_ONCE:]
        person = Person(row["person"], tuple(row["teams"]), admin=row["admin"])
        retried, left = row["retried"], ""
        for exception in some:
            try:
                exceptions.retry(transaction, exception, person, now)
                retried += 1
            except UsageError as refused:
                left = refused.message
        note = f"left out: {left}" if left else row["note"]
        _set(
            transaction, name, now, others=rest, retried=retried, note=note, state=row["state"] if rest else Stage.DONE
        )
        return bool(rest)


def _judged(transaction: Transaction, row: Row) -> tuple[Stage, str]:
    """What became of the first one. That it now waits for a person at a later step is past the cause too."""
    item = items.get(transaction, row["item"])
    if item["state"] == State.DONE:
        return Stage.PASSED, ""
    if item["state"] in CLOSED:
        return Stage.STOPPED, f"the first one was {item['state']}"
    if item["state"] in (State.READY, State.RUNNING):
        return Stage.TRYING, ""
    table = tables.exceptions
    stands = one(transaction, table.select().where(table.c.item == row["item"], table.c.closed.is_(None)))
    if stands is None:
        return Stage.TRYING, ""  # it waits for a time
    if stands["fingerprint"] == row["fingerprint"]:
        return Stage.STOPPED, f"the first one stands again: {stands['message']}"
    if item["state"] == State.WAITING:
        return Stage.PASSED, ""
    return Stage.STOPPED, f"the first one got further and stands at {stands['step']}: {stands['message']}"


def stop(transaction: Transaction, name: str, person: Person, now: datetime) -> None:
    """Let the others stay where they are."""
    table = tables.retrials
    row = one(transaction, table.select().where(table.c.id == name).with_for_update())
    if row is None or row["state"] not in OPEN:
        raise UsageError("this retrial is over", advice="reload the page")
    _set(transaction, name, now, state=Stage.STOPPED, note=f"stopped by {person.name}")


def get(transaction: Transaction, name: str) -> Row:
    """A retrial by its id."""
    table = tables.retrials
    found = one(transaction, table.select().where(table.c.id == name))
    if found is None:
        raise UsageError(f"there is no retrial {name}", advice="see `exceptions list`")
    return found


def latest(transaction: Transaction, fingerprint: str) -> Row | None:
    """The last retrial of a cause."""
    table = tables.retrials
    return one(transaction, table.select().where(table.c.fingerprint == fingerprint).order_by(table.c.id.desc()))


def _open() -> Any:
    table = tables.retrials
    return table.select().where(table.c.state.in_(OPEN)).order_by(table.c.id)


def _set(transaction: Transaction, name: str, now: datetime, **values: Any) -> None:
    table = tables.retrials
    transaction.execute(table.update().where(table.c.id == name).values(**values, changed=now))
