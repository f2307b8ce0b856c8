"""The console's users and the one-time links with which they choose a password."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from console.passwords import hash_password, matches
from console.permissions import GRANTS, Role
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Row, Transaction, insert_once, one, rows

LINK_LASTS = timedelta(hours=24)
FIRST_USER = "admin"

_NAME = re.compile(r"[\w.@+-]{1,100}")


def add_user(
    transaction: Transaction, name: str, password: str | None, role: str, teams: Sequence[str], now: datetime
) -> None:
    """Add a user; without a password they choose one through `set_up_link`. UsageError if the name is taken."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no user name", advice="use letters, digits and . _ @ + -")
    if role not in GRANTS:
        raise UsageError(f"{role!r} is no role", advice=f"one of {', '.join(GRANTS)}")
    known = list_users(transaction)
    # Work is assigned to people and teams by name: who is called as a team is would have what is the team's.
    if any(name in (user["teams"] or ()) for user in known):
        raise UsageError(f"{name} is the name of a team", advice="choose another name")
    refuse_people(known, teams)
    values = {
        "name": name,
        "password": hash_password(password, name) if password is not None else None,
        "role": role,
        "teams": list(teams),
        "disabled": False,
        "created": now,
    }
    if not insert_once(transaction, tables.users, values):
        raise UsageError(f"there is a user {name} already", advice="choose another name")


def refuse_people(users: Sequence[Row], teams: Sequence[str]) -> None:
    """UsageError where a team is called as a user is."""
    for user in users:
        if user["name"] in teams:
            raise UsageError(f"{user['name']} is a user and no team", advice="give the team another name")


def set_up_link(transaction: Transaction, name: str, now: datetime) -> str:
    """The token of a one-time link (`/set-up/<token>`) with which the user chooses a password. Older links end."""
    find_user(transaction, name)
    token = secrets.token_urlsafe(32)
    links = tables.set_up_links
    transaction.execute(links.delete().where(links.c.user == name))
    transaction.execute(links.insert().values(digest=digest(token), user=name, expires=now + LINK_LASTS))
    return token


def first_link(transaction: Transaction, now: datetime) -> str | None:
    """A link for the first admin, as long as nobody can come in yet; there is no default password."""
    if one(transaction, tables.users.select().where(tables.users.c.password.is_not(None)).limit(1)) is not None:
        return None
    if one(transaction, tables.identities.select().limit(1)) is not None:
        return None
    if one(transaction, tables.users.select().where(tables.users.c.name == FIRST_USER)) is None:
        add_user(transaction, FIRST_USER, None, Role.ADMIN, [], now)
    return set_up_link(transaction, FIRST_USER, now)


def link_user(transaction: Transaction, token: str, now: datetime) -> str | None:
    """The user a link is for, None if it was used or is too old."""
    links = tables.set_up_links
    row = one(transaction, links.select().where(links.c.digest == digest(token), links.c.expires > now))
    return str(row["user"]) if row is not None else None


def choose_password(transaction: Transaction, token: str, password: str, now: datetime) -> str:
    """Set the password of the link's user and use the link up; the sessions they had are over. Returns the name."""
    name = link_user(transaction, token, now)
    if name is None:
        raise UsageError("this link was used already or is too old", advice="ask an admin for a new one")
    kept = hash_password(password, name)
    transaction.execute(tables.users.update().where(tables.users.c.name == name).values(password=kept))
    transaction.execute(tables.set_up_links.delete().where(tables.set_up_links.c.user == name))
    for table in (tables.sessions, tables.half_sessions):
        transaction.execute(table.delete().where(table.c.user == name))
    return name


def remove_user(transaction: Transaction, name: str) -> None:
    """Forget a user with all that they sign in with; what they decided keeps their name."""
    find_user(transaction, name)
    for table in (
        tables.set_up_links,
        tables.sessions,
        tables.half_sessions,
        tables.second_factors,
        tables.recovery_codes,
        tables.passkeys,
        tables.identities,
        tables.api_tokens,
    ):
        transaction.execute(table.delete().where(table.c.user == name))
    transaction.execute(tables.users.delete().where(tables.users.c.name == name))


def signed_in(transaction: Transaction, name: str, password: str) -> bool:
    """Whether this name and password belong to a user who may come in."""
    row = one(transaction, tables.users.select().where(tables.users.c.name == name))
    right = matches(password, row["password"] if row is not None else None)
    return right and row is not None and not row["disabled"]


def find_user(transaction: Transaction, name: str) -> Row:
    row = one(transaction, tables.users.select().where(tables.users.c.name == name))
    if row is None:
        raise UsageError(f"there is no user {name}", advice="see `user list`")
    return row


def list_users(transaction: Transaction) -> list[Row]:
    """All users by name."""
    return rows(transaction, tables.users.select().order_by(tables.users.c.name))


def digest(token: str) -> str:
    """What is kept of a token: who reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()
