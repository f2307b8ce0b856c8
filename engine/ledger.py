"""The effect ledger: intent before, outcome after. Why nothing is posted twice and nothing is lost.

`intend` commits before the action runs; `settle` commits what came back. An intent that is found open was cut
short: it is looked up in the target system before anything is tried again, and what cannot be settled becomes
`uncertain`, for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from engine.action import Effect
from engine.errors import ApplicationException, BusinessException, Outcome
from engine.ids import new_id
from engine.store import tables
from engine.store.database import Row, Transaction, change, insert_once, one, rows

QUIET_SECONDS = 5.0
"""A look-up that finds nothing is believed once this long has passed since the intent: the target system may
still be at work on a request whose sender died."""


class Status(StrEnum):
    INTENDED = "intended"
    DONE = "done"
    NOT_DONE = "not_done"
    UNCERTAIN = "uncertain"


class Next(StrEnum):
    """What to do with an effect now."""

    PERFORM = "perform"
    LOOK_UP = "look_up"
    USE_RESULT = "use_result"
    ASK = "ask"  # a person has been asked already


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be done. `(scope, key)` is unique for ever; `input` is what the action is given."""

    scope: str
    key: str
    item: str
    run: str
    path: str
    workflow: str
    action: str
    kind: Effect
    input: Any


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger knows of an intent, and what follows. `input` is the one first intended."""

    next: Next
    effect: str
    input: Any
    result: Any
    intended: datetime
    doubt: str | None = None  # why a look-up that finds nothing proves nothing
    settled: datetime | None = None  # when it came to nothing the last time
    restored: datetime | None = None  # it may have been done before the store was put back at this time


def find(transaction: Transaction, scope: str, key: str) -> Row | None:
    table = tables.effects.c
    return one(transaction, tables.effects.select().where(table.scope == scope, table.key == key).with_for_update())


def intend(transaction: Transaction, intent: Intent, now: datetime) -> Standing:
    """Record the intent, or say what is known of it already.

    Raises BusinessException DUPLICATE_EFFECT if another item did it, EFFECT_KEY if this item did something else
    with the key; ApplicationException EFFECT_IN_FLIGHT if another item is at it.
    """
    values = {
        "id": new_id("eff"),
        "scope": intent.scope,
        "key": intent.key,
        "item": intent.item,
        "run": intent.run,
        "path": intent.path,
        "workflow": intent.workflow,
        "action": intent.action,
        "kind": intent.kind,
        "status": Status.INTENDED,
        "input": intent.input,
        "intended": now,
    }
    if insert_once(transaction, tables.effects, values):
        return Standing(Next.PERFORM, str(values["id"]), intent.input, None, now)
    row = find(transaction, intent.scope, intent.key)
    assert row is not None
    return _standing(transaction, intent, row, now)


def _standing(transaction: Transaction, intent: Intent, row: Row, now: datetime) -> Standing:
    mine = row["item"] == intent.item
    repeatable = intent.kind is Effect.IDEMPOTENT
    status = Status(row["status"])
    same_step = row["run"] == intent.run and row["path"] == intent.path
    if status is Status.DONE and mine and not repeatable and not same_step and row["input"] != intent.input:
        raise BusinessException(
            "EFFECT_KEY",
            f"the key {intent.key} of {intent.action} was used before in this item, at {row['path']}, "
            "for something else",
            advice="let the key name what is done, in a loop with a part of `each`; or give the steps names",
        )
    if status is Status.DONE and (same_step or (mine and not repeatable)):
        return Standing(Next.USE_RESULT, row["id"], row["input"], row["result"], row["intended"])
    if not mine and not repeatable:
        _refuse_to_share(intent, row, status)
    if status is Status.UNCERTAIN:
        return Standing(Next.ASK, row["id"], row["input"], None, row["intended"])
    if status is Status.INTENDED and mine:
        repeat = intent.kind in (Effect.IDEMPOTENT, Effect.KEYED)
        step = Next.PERFORM if repeat else Next.LOOK_UP
        return Standing(step, row["id"], row["input"], None, row["intended"], row["note"])
    again: dict[str, Any] = {"status": Status.INTENDED, "item": intent.item, "run": intent.run, "path": intent.path}
    again |= {"input": intent.input, "result": None, "note": None, "intended": now, "settled": None}
    transaction.execute(tables.effects.update().where(tables.effects.c.id == row["id"]).values(**again))
    return Standing(Next.PERFORM, row["id"], intent.input, None, now, settled=row["settled"])


def _refuse_to_share(intent: Intent, row: Row, status: Status) -> None:
    if status is Status.DONE:
        raise BusinessException(
            "DUPLICATE_EFFECT",
            f"{intent.action} with the key {intent.key} was already done for item {row['item']} "
            f"on {row['settled']:%Y-%m-%d %H:%M} UTC",
            advice="reject this item if it is a duplicate, or correct the field that makes the key",
            details={"item": row["item"], "result": row["result"]},
        )
    if status in (Status.INTENDED, Status.UNCERTAIN):
        raise ApplicationException(
            "EFFECT_IN_FLIGHT",
            f"{intent.action} with the key {intent.key} is under way for item {row['item']} and not settled yet",
            advice="it is tried again; settle that item first if it stands in the exception queue",
            outcome=Outcome.NOT_DONE,
        )


def settle(transaction: Transaction, effect: str, status: Status, now: datetime, **values: Any) -> None:
    """Record the outcome: `result` of an effect that is done, `note` for what a person should know."""
    change(transaction, tables.effects, {"id": effect}, status=status, settled=now, **values)


def mark_uncertain(transaction: Transaction, effect: str, note: str) -> None:
    """An open intent that nobody could settle waits for a person from now on; what was noted first stays."""
    transaction.execute(
        tables.effects.update()
        .where(tables.effects.c.id == effect, tables.effects.c.status == Status.INTENDED)
        .values(status=Status.UNCERTAIN, note=note)
    )


def reopen(transaction: Transaction, effect: str) -> None:
    """An uncertain effect is to be looked up once more."""
    transaction.execute(
        tables.effects.update()
        .where(tables.effects.c.id == effect, tables.effects.c.status == Status.UNCERTAIN)
        .values(status=Status.INTENDED, note=None)
    )


def intend_again(transaction: Transaction, effect: str, now: datetime) -> None:
    """A look-up was certain that it did not happen: the same intent starts anew."""
    transaction.execute(
        tables.effects.update()
        .where(tables.effects.c.id == effect)
        .values(status=Status.INTENDED, intended=now, note=None)
    )


def effects(
    transaction: Transaction, *, item: str | None = None, status: str | None = None, workflow: str | None = None
) -> list[Row]:
    """The ledger, oldest first, narrowed by item, status or workflow."""
    table = tables.effects
    query = table.select().order_by(table.c.intended, table.c.id)
    for column, value in ((table.c.item, item), (table.c.status, status), (table.c.workflow, workflow)):
        if value is not None:
            query = query.where(column == value)
    return rows(transaction, query)


def unsettled(transaction: Transaction, item: str) -> Row | None:
    """The first effect of an item whose outcome nobody knows."""
    table = tables.effects.c
    open_states = (Status.INTENDED, Status.UNCERTAIN)
    query = tables.effects.select().where(table.item == item, table.status.in_(open_states)).order_by(table.intended)
    return one(transaction, query)


def lasting(transaction: Transaction, run: str) -> list[Row]:
    """The effects of a run that did or may have happened: after these its values may not be changed."""
    table, runs = tables.effects.c, tables.runs.c
    # By the item, of which there is an index.
    of_item = table.item == select(runs.item).where(runs.id == run).scalar_subquery()
    query = tables.effects.select().where(of_item, table.run == run, table.status != Status.NOT_DONE)
    return rows(transaction, query.order_by(table.intended))
