"""What admins do about users: role and teams, letting in and out, links and sessions. Each is written down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console import sessions
from console.access import demand
from console.permissions import GRANTS, Permission, Role
from console.second_factor import reset
from console.sessions import Viewer
from console.users import add_user, find_user, list_users, refuse_people, set_up_link
from engine import acts
from engine.acts import Did
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Row, Transaction, count, one_at_a_time, rows, tally

MOST_TEAMS = 50
LATEST = 20
ACT = "user"
"""The kind of what was done about a user; `data` has whose it was."""
_TEAM = re.compile(r"[\w.@+-]([\w.@+ -]{0,98}[\w.@+-])?")
_LOCK = 4250306  # of two admins who let each other go at the same moment one stays


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user as admins see them. `sessions` are open now; `comes_in` says how they sign in, empty while they cannot."""

    user: Row
    sessions: int
    comes_in: str
    second_factor: bool

    @property
    def name(self) -> str:
        return str(self.user["name"])

    @property
    def teams(self) -> list[str]:
        return [str(team) for team in self.user["teams"] or ()]


def read_staff(transaction: Transaction, now: datetime) -> list[Colleague]:
    """All users by name."""
    table = tables.sessions.c
    opened = tally(transaction, table.user, table.expires > now)
    company = {str(row["user"]) for row in rows(transaction, tables.identities.select())}
    apps = tables.second_factors.select().where(tables.second_factors.c.confirmed.is_not(None))
    second = {str(row["user"]) for kept in (apps, tables.passkeys.select()) for row in rows(transaction, kept)}
    return [
        Colleague(user, opened.get(user["name"], 0), _comes_in(user, company), user["name"] in second)
        for user in list_users(transaction)
    ]


def read_colleague(transaction: Transaction, name: str, now: datetime) -> Colleague:
    """The user of this name; UsageError if there is none."""
    find_user(transaction, name)
    return next(one for one in read_staff(transaction, now) if one.name == name)


def tokens_of(transaction: Transaction, name: str | None) -> list[Row]:
    """The tokens with which programs act for a user, those of machines for None; the latest first."""
    table = tables.api_tokens
    return rows(transaction, table.select().where(table.c.user == name).order_by(table.c.created.desc()))


def history(transaction: Transaction, name: str) -> list[Row]:
    """What admins did about a user, the newest first."""
    table = tables.acts
    query = table.select().where(table.c.kind == ACT, table.c.data.is_not(None)).order_by(table.c.id.desc())
    return [row for row in rows(transaction, query.limit(2000)) if row["data"].get("user") == name][:LATEST]


def hire(transaction: Transaction, viewer: Viewer, name: str, role: str, teams: Sequence[str], now: datetime) -> str:
    """Add a user; the token of the link with which they choose a password."""
    demand(viewer, Permission.ADMINISTER)
    add_user(transaction, name, None, role, teams, now)
    _note(transaction, viewer, name, f"added as {role}{_of(teams)}", now)
    return set_up_link(transaction, name, now)


def change(transaction: Transaction, viewer: Viewer, name: str, role: str, teams: Sequence[str], now: datetime) -> None:
    """Another role, other teams: they hold from the next page on. UsageError for the last admin."""
    demand(viewer, Permission.ADMINISTER)
    user = find_user(transaction, name)
    if role not in GRANTS:
        raise UsageError(f"{role!r} is no role", advice=f"one of {', '.join(GRANTS)}")
    refuse_people(list_users(transaction), teams)
    if role != Role.ADMIN:
        _keep_an_admin(transaction, user)
    table = tables.users
    transaction.execute(table.update().where(table.c.name == name).values(role=role, teams=list(teams)))
    if (user["role"], list(user["teams"] or ())) != (role, list(teams)):
        was = f"was {user['role']}{_of(user['teams'] or ())}"
        _note(transaction, viewer, name, f"made {role}{_of(teams)}; {was}", now)


def shut_out(transaction: Transaction, viewer: Viewer, name: str, now: datetime) -> None:
    """They cannot come in any more, and who is in is out: sessions and links end at once. Decisions keep the name."""
    demand(viewer, Permission.ADMINISTER)
    user = find_user(transaction, name)
    _keep_an_admin(transaction, user)
    transaction.execute(tables.users.update().where(tables.users.c.name == name).values(disabled=True))
    _end(transaction, name)
    transaction.execute(tables.set_up_links.delete().where(tables.set_up_links.c.user == name))
    _note(transaction, viewer, name, "disabled", now)


def let_in(transaction: Transaction, viewer: Viewer, name: str, now: datetime) -> None:
    demand(viewer, Permission.ADMINISTER)
    find_user(transaction, name)
    transaction.execute(tables.users.update().where(tables.users.c.name == name).values(disabled=False))
    _note(transaction, viewer, name, "enabled", now)


def new_link(transaction: Transaction, viewer: Viewer, name: str, now: datetime) -> str:
    """The token of a new link; older ones end, and the password stays until it is used."""
    demand(viewer, Permission.ADMINISTER)
    if find_user(transaction, name)["disabled"]:
        raise UsageError(f"{name} is disabled", advice="enable them first")
    _note(transaction, viewer, name, "given a new link", now)
    return set_up_link(transaction, name, now)


def reset_second_factor(transaction: Transaction, viewer: Viewer, name: str, now: datetime) -> None:
    """Take every second factor away, of who lost the telephone; what they have open ends."""
    demand(viewer, Permission.ADMINISTER)
    find_user(transaction, name)
    reset(transaction, name)
    _note(transaction, viewer, name, "second factor taken away", now)


def end_sessions(transaction: Transaction, viewer: Viewer, name: str, now: datetime) -> int:
    """Sign them out everywhere; how many sessions that were."""
    demand(viewer, Permission.ADMINISTER)
    find_user(transaction, name)
    ended = _end(transaction, name)
    _note(transaction, viewer, name, "signed out everywhere", now)
    return ended


def teams_of(text: str) -> list[str]:
    """The teams in a line of text, with commas between; UsageError for what is no name."""
    found = list(dict.fromkeys(" ".join(part.split()) for part in text.split(",") if part.strip()))
    for name in found:
        if not _TEAM.fullmatch(name):
            raise UsageError(f"{name!r} is no name for a team", advice="use letters, digits and . _ @ + -")
    if len(found) > MOST_TEAMS:
        raise UsageError(f"these are {len(found)} teams", advice=f"give at most {MOST_TEAMS}")
    return found


def _keep_an_admin(transaction: Transaction, user: Row) -> None:
    """UsageError where nobody would be left who can administer."""
    if user["role"] != Role.ADMIN or user["disabled"]:
        return
    one_at_a_time(transaction, _LOCK)
    table = tables.users.c
    company = [str(row["user"]) for row in rows(transaction, tables.identities.select())]
    others = (table.role == Role.ADMIN, table.disabled.is_(False), table.name != user["name"])
    if not count(transaction, tables.users, *others, table.password.is_not(None) | table.name.in_(company)):
        raise UsageError(
            f"{user['name']} is the last admin who can sign in", advice="make somebody else an admin first"
        )


def _end(transaction: Transaction, name: str) -> int:
    return sessions.end_sessions(transaction, name)


def _note(transaction: Transaction, viewer: Viewer, name: str, text: str, now: datetime) -> None:
    acts.note(transaction, Did(viewer.name, ACT, text=text, data={"user": name}), now)


def _comes_in(user: Row, company: set[str]) -> str:
    ways = [way for way, has in (("password", user["password"]), ("company", user["name"] in company)) if has]
    return "" if user["disabled"] else " and ".join(ways)


def _of(teams: Sequence[str]) -> str:
    return f" of {', '.join(teams)}" if teams else ""
