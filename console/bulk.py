"""Many exceptions at once: what would come of it, doing it, and taking it back. The rules are those for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console import triage
from console.access import Refused, demand
from console.deciding import permission_for
from console.permissions import Permission
from console.queue_filter import QueueFilter
from console.sessions import Viewer
from engine import acts, exceptions, items, undoing
from engine.acts import Did
from engine.errors import UsageError
from engine.exceptions import Kind
from engine.store import tables
from engine.store.database import Database, Row, Transaction, one, rows

MOST = 2000
AT_ONCE = 200
GRACE = timedelta(seconds=10)
"""So long nobody takes up what was retried in bulk, so that it can be taken back."""
UNDO = timedelta(hours=1)
ACTIONS: Mapping[str, tuple[str, str]] = {
    "claim": ("Claim", "claimed"),
    "assign": ("Assign", "assigned"),
    "snooze": ("Snooze", "snoozed"),
    "release": ("Release", "released"),
    "retry": ("Retry", "tried again"),
    "reject": ("Reject", "rejected"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with each. `note` is the reason of a rejection too; `until` is for `snooze`."""

    action: str
    to: str = ""
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done` are ids; `left` maps why something was left out to how many those are."""

    done: list[str]
    left: dict[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """What a bulk was, for the page that follows it."""

    act: str
    text: str
    left: Mapping[str, int]
    can_undo: bool


def chosen(
    transaction: Transaction, filter_: QueueFilter, viewer: Viewer, now: datetime, picks: Sequence[str], *, every: bool
) -> list[Row]:
    """The exceptions that were picked, or all of the view; UsageError if there are none, or too many."""
    table = tables.exceptions
    if every:
        found = rows(transaction, table.select().where(*filter_.conditions(viewer, now)).limit(MOST + 1))
    else:
        open_ = table.c.closed.is_(None)
        found = [
            row
            for start in range(0, min(len(picks), MOST + 1), AT_ONCE)
            for row in rows(transaction, table.select().where(table.c.id.in_(picks[start : start + AT_ONCE]), open_))
        ]
    if not found:
        raise UsageError("nothing was picked", advice="pick some lines first")
    if len(found) > MOST:
        raise UsageError(f"these are more than {MOST}", advice="narrow the view, and do it in parts")
    return sorted(found, key=lambda row: str(row["id"]))


def rehearse(database: Database, viewer: Viewer, order: Order, found: Sequence[Row], now: datetime) -> Outcome:
    """What would come of it: it is done, and undone before anybody sees it."""
    done: list[str] = []
    left: dict[str, int] = {}
    for some in _parts(found):
        try:
            with database.write() as transaction:
                _each(transaction, viewer, order, some, now, done, left)
                raise _Undo
        except _Undo:
            continue
    return Outcome(done, left)


def carry_out(database: Database, viewer: Viewer, order: Order, found: Sequence[Row], now: datetime) -> str:
    """Do it, some hundred in a transaction; the id under which it can be taken back. Refused ones are left out."""
    done: list[str] = []
    left: dict[str, int] = {}
    was = {str(row["id"]): [row["holder"], row["held"], row["snoozed"]] for row in found}
    before: dict[str, list[Any]] = {}
    act = ""
    for some in _parts(found):
        with database.write() as transaction:
            claims = {str(row["id"]): _claim(transaction, row) for row in some}
            _each(transaction, viewer, order, some, now, done, left)
            before |= {name: [*was[name], claims[name]] for name in done if name in claims}
            data = {"action": order.action, "to": order.to, "left": left, "before": before}
            if act:
                transaction.execute(tables.acts.update().where(tables.acts.c.id == act).values(data=data))
            else:
                act = acts.note(transaction, Did(viewer.name, "bulk", text=order.note, data=data), now)
    return act


def undo(database: Database, viewer: Viewer, act: str, now: datetime) -> Outcome:
    """Take a bulk back, as far as nothing came of it: for the person who did it, within the hour."""
    demand(viewer, *triage.HANDS)
    with database.read() as transaction:
        row = _bulk(transaction, act)
    if row is None:
        raise UsageError(f"there is nothing to take back as {act}", advice="go back to the queue")
    if row["person"] != viewer.name or now - row["made"] > UNDO:
        raise UsageError("this cannot be taken back any more", advice="do the contrary")
    data: Mapping[str, Any] = row["data"]
    done: list[str] = []
    left: dict[str, int] = {}
    names = sorted(data["before"])
    for start in range(0, len(names), AT_ONCE):
        with database.write() as transaction:
            for name in names[start : start + AT_ONCE]:
                try:
                    _back(transaction, viewer, data, name, now)
                    done.append(name)
                except UsageError as refused:
                    _leave(transaction, name, refused.message, left)
    with database.write() as transaction:
        transaction.execute(
            tables.acts.update().where(tables.acts.c.id == act).values(data={**data, "before": {}, "undone": True})
        )
    return Outcome(done, left)


def told(transaction: Transaction, viewer: Viewer, act: str, now: datetime) -> Told | None:
    """What the bulk with this id was; None if it is not one of this person."""
    row = _bulk(transaction, act)
    if row is None or row["person"] != viewer.name:
        return None
    data = row["data"]
    if data.get("undone"):
        return Told(act, "It was taken back.", {}, False)
    number = len(data["before"])
    words = ACTIONS[data["action"]][1] + (f" to {data['to']}" if data["action"] == "assign" else "")
    text = f"{number} {'is' if number == 1 else 'are'} {words}."
    return Told(act, text, data["left"], bool(number) and now - row["made"] <= UNDO)


def _each(
    transaction: Transaction,
    viewer: Viewer,
    order: Order,
    found: Sequence[Row],
    now: datetime,
    done: list[str],
    left: dict[str, int],
) -> None:
    do = _DO[order.action]
    for row in found:
        try:
            # Everything that is refused is refused before anything of this one is written.
            do(transaction, viewer, order, row, now)
            done.append(str(row["id"]))
        except (UsageError, Refused) as refused:
            _leave(transaction, str(row["id"]), refused.message, left, str(row["item"]))


def _leave(transaction: Transaction, name: str, message: str, left: dict[str, int], item: str = "") -> None:
    """Count it under why it was left out; what tells one item from another is taken out of the words."""
    if not item:
        row = one(transaction, tables.exceptions.select().where(tables.exceptions.c.id == name))
        item = str(row["item"]) if row is not None else ""
    why = message.replace(f"item {item}", "it").replace(f"exception {name}", "it")
    left[why] = left.get(why, 0) + 1


def _claim(transaction: Transaction, row: Row) -> int:
    return int(items.get(transaction, row["item"])["claim"])


def _retry(transaction: Transaction, viewer: Viewer, order: Order, row: Row, now: datetime) -> None:
    demand(viewer, Permission.RETRY)
    exceptions.retry(transaction, row["id"], viewer.person, now)
    table = tables.items
    transaction.execute(table.update().where(table.c.id == row["item"]).values(not_before=now + GRACE))


def _reject(transaction: Transaction, viewer: Viewer, order: Order, row: Row, now: datetime) -> None:
    demand(viewer, permission_for(Kind(row["kind"])))
    exceptions.reject(transaction, row["id"], viewer.person, now, reason=order.note)


def _snooze(transaction: Transaction, viewer: Viewer, order: Order, row: Row, now: datetime) -> None:
    assert order.until is not None
    triage.snooze(transaction, viewer, row["id"], order.until, now, order.note)


_DO: Mapping[str, Callable[[Transaction, Viewer, Order, Row, datetime], None]] = {
    "claim": lambda at, viewer, order, row, now: triage.claim(at, viewer, row["id"], now, order.note),
    "release": lambda at, viewer, order, row, now: triage.release(at, viewer, row["id"], now),
    "assign": lambda at, viewer, order, row, now: triage.assign(at, viewer, row["id"], order.to, now, order.note),
    "snooze": _snooze,
    "retry": _retry,
    "reject": _reject,
}


def _back(transaction: Transaction, viewer: Viewer, data: Mapping[str, Any], name: str, now: datetime) -> None:
    holder, held, snoozed, claim = data["before"][name]
    if data["action"] in ("retry", "reject"):
        undoing.put_back(transaction, name, viewer.person, claim, now)
        return
    row = exceptions.open_for(transaction, name, viewer.person, held=False)
    ours = {"claim": viewer.name, "assign": data["to"], "release": None, "snooze": row["holder"]}[data["action"]]
    if row["holder"] != ours:
        raise UsageError(f"item {row['item']} changed hands meanwhile", advice="look at it")
    table = tables.exceptions
    values = {"holder": holder, "held": held, "snoozed": snoozed}
    transaction.execute(table.update().where(table.c.id == name).values(**values))
    about = str(row["item"]), name, str(row["workflow"])
    acts.note(transaction, Did(viewer.name, "undone", *about, text=f"the {data['action']}"), now)


def _bulk(transaction: Transaction, act: str) -> Row | None:
    return one(transaction, tables.acts.select().where(tables.acts.c.id == act, tables.acts.c.kind == "bulk"))


def _parts(found: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


class _Undo(Exception):
    """Ends a rehearsal's transaction."""
