"""Sessions, kept on the server: a random token in a cookie, its digest in the store. Revoked by deleting the row."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.permissions import Permission, Role, allows
from console.users import digest
from engine.exceptions import Person
from engine.store import tables
from engine.store.database import Row, Transaction, change, count, one, rows

LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in person of a request. `csrf` is the token that each of their forms carries."""

    name: str
    role: str
    teams: tuple[str, ...]
    csrf: str
    session: str
    calls: int = 0  # what colleagues wrote to them that they have not seen
    by: str = "password"  # how they signed in
    proved: datetime | None = None  # when they last showed their second factor in this session

    def may(self, permission: Permission) -> bool:
        return allows(self.role, permission)

    @property
    def person(self) -> Person:
        """The same person, as the engine's decisions want it."""
        return Person(self.name, self.teams, admin=self.role == Role.ADMIN)


def open_session(
    transaction: Transaction,
    user: str,
    now: datetime,
    *,
    by: str = "password",
    agent: str = "",
    proved: bool = False,
) -> str:
    """Begin a session; its token is always new, so that a planted one is worth nothing.

    `by` is how they signed in, `agent` what their browser calls itself; `proved`: with a second factor.
    """
    token = secrets.token_urlsafe(32)
    table = tables.sessions
    transaction.execute(table.delete().where(table.c.expires <= now))
    values = {"digest": digest(token), "user": user, "csrf": secrets.token_hex(32), "created": now, "by": by}
    values |= {"agent": agent[:300] or None, "proved": now if proved else None}
    transaction.execute(table.insert().values(**values, expires=now + LASTS))
    return token


def find_viewer(transaction: Transaction, token: str, now: datetime) -> Viewer | None:
    """Whose session this is; None if it is over or the user was disabled meanwhile."""
    sessions, users = tables.sessions, tables.users
    session = one(transaction, sessions.select().where(sessions.c.digest == digest(token), sessions.c.expires > now))
    if session is None:
        return None
    user = one(transaction, users.select().where(users.c.name == session["user"], users.c.disabled.is_(False)))
    if user is None:
        return None
    teams = tuple(str(team) for team in user["teams"] or ())
    name = str(user["name"])
    calls = unseen_calls(transaction, name)
    of_session = (str(session["csrf"]), str(session["digest"]), calls, str(session["by"]), session["proved"])
    return Viewer(name, str(user["role"]), teams, *of_session)


def unseen_calls(transaction: Transaction, person: str) -> int:
    """How many times colleagues called a person who has not looked yet."""
    mentions = tables.mentions
    return count(transaction, mentions, mentions.c.person == person, mentions.c.seen.is_(None))


def sessions_of(transaction: Transaction, user: str, now: datetime) -> list[Row]:
    """What a user has open, the newest first."""
    table = tables.sessions
    mine = table.select().where(table.c.user == user, table.c.expires > now)
    return rows(transaction, mine.order_by(table.c.created.desc()))


def end_sessions(transaction: Transaction, user: str, but: str = "") -> int:
    """End all that a user has open, but for this one; how many that were."""
    table, half = tables.sessions, tables.half_sessions
    transaction.execute(half.delete().where(half.c.user == user))  # what was begun and is not finished, too
    return int(transaction.execute(table.delete().where(table.c.user == user, table.c.digest != but)).rowcount)


def prove(transaction: Transaction, session: str, now: datetime) -> None:
    """The second factor was shown in this session just now."""
    change(transaction, tables.sessions, {"digest": session}, proved=now)


def end_session(transaction: Transaction, session: str) -> None:
    transaction.execute(tables.sessions.delete().where(tables.sessions.c.digest == session))
