"""Tokens with which programs use the console: a digest in the store, scopes, an owner, and an end."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.permissions import Permission, Role, allows
from console.sessions import Viewer
from console.users import digest, find_user
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Row, Transaction, change, insert_once, one, rows

MARK = "cw_"
LONGEST = timedelta(days=366)
USED_EVERY = timedelta(minutes=1)
"""The time of the last use is written no more often than this."""
FOR_MACHINES = (Permission.SEE, Permission.DECIDE, Permission.RETRY, Permission.RUN, Permission.OPERATE)
"""An approval is a person's, and so are users."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_TOKEN = re.compile(MARK + r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class TokenViewer(Viewer):
    """Who asks with a token: its owner, or the machine it was made for, with what the token grants and no more."""

    token: str = ""
    permissions: frozenset[Permission] = frozenset()
    is_machine: bool = False

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def add_token(
    transaction: Transaction,
    name: str,
    user: str | None,
    scopes: Sequence[str],
    teams: Sequence[str],
    lasts: timedelta,
    now: datetime,
) -> str:
    """Make a token and return it, for the only time; without a `user` it is a machine's.

    `teams` are those it acts for: of a user's, all if none is named. UsageError says what is wrong.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a token", advice="use up to 60 letters, digits and . _ -")
    known = [permission.value for permission in Permission]
    wrong = [scope for scope in scopes if scope not in known]
    if wrong or not scopes:
        found = f"{wrong[0]!r} is no scope" if wrong else "no scope is given"
        raise UsageError(found, advice=f"one or more of {', '.join(known)}")
    if not timedelta() < lasts <= LONGEST:
        raise UsageError("a token lasts a day at least and a year at most", advice="give it 1 to 366 days")
    if user is None:
        _check_machine(scopes)
    else:
        _check_owner(find_user(transaction, user), scopes, teams)
    token = MARK + secrets.token_urlsafe(32)
    values: dict[str, Any] = {"name": name, "digest": digest(token), "user": user, "scopes": sorted(set(scopes))}
    values |= {"teams": sorted(set(teams)) or None, "created": now, "expires": now + lasts}
    if not insert_once(transaction, tables.api_tokens, values):
        # What was done with a token stands under its name, so a name is never given twice.
        raise UsageError(f"there is or was a token {name} already", advice="choose another name")
    return token


def _check_machine(scopes: Sequence[str]) -> None:
    refused = [scope for scope in scopes if scope not in FOR_MACHINES]
    if refused:
        raise UsageError(
            f"a machine may not have the scope {refused[0]}", advice="make the token for a person, with --user"
        )


def _check_owner(owner: Row, scopes: Sequence[str], teams: Sequence[str]) -> None:
    lacking = [scope for scope in scopes if not allows(str(owner["role"]), Permission(scope))]
    if lacking:
        raise UsageError(
            f"{owner['name']} is {owner['role']} and may not {lacking[0]}",
            advice="a token has no more than its owner; leave the scope out",
        )
    foreign = sorted(set(teams) - set(owner["teams"] or ()))
    if foreign and owner["role"] != Role.ADMIN:
        raise UsageError(f"{owner['name']} is not in the team {foreign[0]}", advice="name teams the owner is in")


def list_tokens(transaction: Transaction) -> list[Row]:
    """All tokens by name, those that ended too."""
    return rows(transaction, tables.api_tokens.select().order_by(tables.api_tokens.c.name))


def revoke(transaction: Transaction, name: str, now: datetime) -> None:
    """End a token at once; UsageError if there is none of that name."""
    if not change(transaction, tables.api_tokens, {"name": name}, revoked=now):
        raise UsageError(f"there is no token {name}", advice="see `token list`")


def find_token(transaction: Transaction, token: str, now: datetime) -> tuple[TokenViewer, bool] | None:
    """Who asks with this token, and whether its use is to be noted; None if it opens nothing (any more)."""
    table = tables.api_tokens
    if not _TOKEN.fullmatch(token):
        return None
    row = one(transaction, table.select().where(table.c.digest == digest(token), table.c.expires > now))
    if row is None or row["revoked"] is not None:
        return None
    viewer = _machine(row) if row["user"] is None else _person(transaction, row)
    return (viewer, row["used"] is None or now - row["used"] >= USED_EVERY) if viewer is not None else None


def note_use(transaction: Transaction, name: str, now: datetime) -> None:
    change(transaction, tables.api_tokens, {"name": name}, used=now)


def _machine(row: Row) -> TokenViewer:
    name = str(row["name"])
    scopes = frozenset(Permission(scope) for scope in row["scopes"]) & frozenset(FOR_MACHINES)
    # No user can have a name with a colon.
    return TokenViewer(
        f"token:{name}",
        "machine",
        tuple(row["teams"] or ()),
        "",
        "",
        by="token",
        token=name,
        permissions=scopes,
        is_machine=True,
    )


def _person(transaction: Transaction, row: Row) -> TokenViewer | None:
    """The owner as they are now: what they lost meanwhile, the token lost with them."""
    users = tables.users
    user = one(transaction, users.select().where(users.c.name == row["user"], users.c.disabled.is_(False)))
    if user is None:
        return None
    role, teams = str(user["role"]), frozenset(user["teams"] or ())
    scopes = frozenset(Permission(scope) for scope in row["scopes"] if allows(role, Permission(scope)))
    if row["teams"]:
        named = frozenset(row["teams"])
        # Who is admin for all is, with a token for some teams, only one of these.
        teams, role = (named, "member") if role == Role.ADMIN else (teams & named, role)
    name = str(user["name"])
    return TokenViewer(name, role, tuple(sorted(teams)), "", "", by="token", token=str(row["name"]), permissions=scopes)
