"""Taking, handing on, putting aside and commenting on exceptions: who may, and what a form means by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from console.access import demand
from console.permissions import Permission, allows
from console.sessions import Viewer
from console.users import find_user, list_users
from engine import comments, holding
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store.database import Row, Transaction

HANDS = (Permission.DECIDE, Permission.APPROVE, Permission.RETRY)
"""Who may do something about an exception may also take it."""
RESTS = {
    "1h": "for an hour",
    "4h": "for four hours",
    "tomorrow": "until tomorrow, 9:00",
    "monday": "until Monday, 9:00",
    "week": "for a week",
}
MORNING = time(9, 0)


def claim(transaction: Transaction, viewer: Viewer, exception: str, now: datetime, note: str = "") -> None:
    demand(viewer, *HANDS)
    holding.claim(transaction, exception, viewer.person, now, note=note)


def release(transaction: Transaction, viewer: Viewer, exception: str, now: datetime) -> None:
    demand(viewer, *HANDS)
    holding.release(transaction, exception, viewer.person, now)


def assign(
    transaction: Transaction, viewer: Viewer, exception: str, colleague: str, now: datetime, note: str = ""
) -> None:
    """UsageError where the colleague may not decide it or is not there any more."""
    demand(viewer, *HANDS)
    user = find_user(transaction, colleague)
    if user["disabled"] or not _has_hands(user):
        raise UsageError(f"{colleague} may decide nothing here", advice="give it to somebody who may")
    holding.assign(transaction, exception, viewer.person, person_of(user), now, note=note)


def snooze(
    transaction: Transaction, viewer: Viewer, exception: str, until: datetime, now: datetime, note: str = ""
) -> None:
    demand(viewer, *HANDS)
    holding.snooze(transaction, exception, viewer.person, until, now, note=note)


def wake(transaction: Transaction, viewer: Viewer, exception: str, now: datetime) -> None:
    demand(viewer, *HANDS)
    holding.wake(transaction, exception, viewer.person, now)


def comment(transaction: Transaction, viewer: Viewer, exception: str, text: str, now: datetime) -> list[str]:
    demand(viewer, *HANDS)
    return comments.comment(transaction, exception, viewer.person, text, now)


def colleagues(transaction: Transaction, assigned: str | None) -> list[str]:
    """Who could be given what is assigned like this."""
    return [
        str(user["name"])
        for user in list_users(transaction)
        if not user["disabled"] and _has_hands(user) and person_of(user).answers_for(assigned)
    ]


def person_of(user: Row) -> Person:
    teams: Sequence[str] = tuple(str(team) for team in user["teams"] or ())
    return Person(str(user["name"]), teams, admin=user["role"] == "admin")


def rest_until(chosen: str, typed: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that a form names: one of RESTS, or a local time; UsageError if it is neither."""
    local = now.astimezone(zone)
    if typed.strip():
        try:
            moment = datetime.fromisoformat(typed.strip())
        except ValueError:
            raise UsageError(f"{typed!r} is no time", advice="write it as 2026-03-31T09:00") from None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    if chosen in ("1h", "4h"):
        return now + timedelta(hours=int(chosen[0]))
    if chosen == "week":
        return now + timedelta(days=7)
    if chosen in ("tomorrow", "monday"):
        days = 1 if chosen == "tomorrow" else 7 - local.weekday()
        return datetime.combine(local.date() + timedelta(days=days), MORNING, zone)
    raise UsageError("it is not said until when it rests", advice="choose one, or type a time")


def _has_hands(user: Row) -> bool:
    return any(allows(str(user["role"]), permission) for permission in HANDS)
