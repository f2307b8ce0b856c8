"""Who works on an exception: one person takes it, hands it on, or puts it aside until a time.

`assigned` says whose it is to decide, a team or a person, and stays as the workflow says; `holder` is the one who is
at it. While somebody holds it nobody else decides, by any route, without taking it over with a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine import acts
from engine.acts import Did
from engine.errors import UsageError
from engine.exceptions import Person, open_for
from engine.store import tables
from engine.store.database import Row, Transaction

LONGEST_REST = timedelta(days=90)


def claim(transaction: Transaction, name: str, person: Person, now: datetime, *, note: str = "") -> None:
    """Take it; from a colleague only with a note, which they read."""
    exception = open_for(transaction, name, person, held=False)
    if exception["holder"] == person.name:
        return
    before = exception["holder"]
    _note_if_taken(exception, person, note)
    _set(transaction, exception, holder=person.name, held=now, snoozed=None)
    _did(transaction, exception, person, "claimed", now, note, {"from": before} if before else None)


def release(transaction: Transaction, name: str, person: Person, now: datetime) -> None:
    """Let it go: who answers for it may take it."""
    exception = open_for(transaction, name, person, held=False)
    if exception["holder"] is None:
        return
    if exception["holder"] != person.name and not person.admin:
        raise UsageError(
            f"{exception['holder']} has item {exception['item']}", advice="take it over with a note, or ask them"
        )
    _set(transaction, exception, holder=None, held=None)
    _did(transaction, exception, person, "released", now)


def assign(
    transaction: Transaction, name: str, person: Person, colleague: Person, now: datetime, *, note: str = ""
) -> None:
    """Give it to a colleague, who must be one of those that may answer for it."""
    exception = open_for(transaction, name, person, held=False)
    if not colleague.answers_for(exception["assigned"]):
        raise UsageError(
            f"{colleague.name} does not answer for what is assigned to {exception['assigned']}",
            advice="give it to somebody of that team",
        )
    if exception["holder"] == colleague.name:
        return
    before = exception["holder"]
    _note_if_taken(exception, person, note)
    _set(transaction, exception, holder=colleague.name, held=now)
    act = _did(transaction, exception, person, "assigned", now, note, {"to": colleague.name, "from": before})
    if colleague.name != person.name:
        acts.mention(transaction, act, colleague.name, str(exception["id"]), now)


def snooze(
    transaction: Transaction, name: str, person: Person, until: datetime, now: datetime, *, note: str = ""
) -> None:
    """Put it aside: lists leave it out until this time. Its deadline stays."""
    exception = open_for(transaction, name, person)
    if not now < until <= now + LONGEST_REST:
        raise UsageError(
            f"it cannot rest until {until:%Y-%m-%d %H:%M}",
            advice=f"give a time that is to come, within {LONGEST_REST.days} days",
        )
    _set(transaction, exception, snoozed=until)
    _did(transaction, exception, person, "snoozed", now, note, {"until": until})


def wake(transaction: Transaction, name: str, person: Person, now: datetime) -> None:
    """Bring it back into the lists."""
    exception = open_for(transaction, name, person)
    if exception["snoozed"] is None:
        return
    _set(transaction, exception, snoozed=None)
    _did(transaction, exception, person, "woken", now)


def _note_if_taken(exception: Row, person: Person, note: str) -> None:
    if exception["holder"] not in (None, person.name) and not note.strip():
        raise UsageError(
            f"{exception['holder']} has item {exception['item']} already",
            advice="say in a note why you take it over; they read it",
        )


def _set(transaction: Transaction, exception: Row, **values: Any) -> None:
    table = tables.exceptions
    transaction.execute(table.update().where(table.c.id == exception["id"]).values(**values))


def _did(
    transaction: Transaction,
    exception: Row,
    person: Person,
    kind: str,
    now: datetime,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> str:
    about = str(exception["item"]), str(exception["id"]), str(exception["workflow"])
    act = acts.note(transaction, Did(person.name, kind, *about, text=note.strip(), data=data), now)
    taken_from = (data or {}).get("from")
    if kind in ("claimed", "assigned") and taken_from not in (None, person.name):
        acts.mention(transaction, act, str(taken_from), str(exception["id"]), now)
    return act
