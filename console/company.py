"""People who sign in with the company's account: who they are here, and what they may do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.openid.provider import OpenIdProvider, refused
from console.users import add_user, digest
from engine.store import tables
from engine.store.database import Row, Transaction, change, find, insert_once

SPENT = timedelta(days=1)
"""So long it is remembered which sign-ins were used: far longer than a provider takes a code."""


@dataclass(frozen=True)
class Company:
    """A provider, and how what it says is read here.

    `name` and `groups` are claims. `roles` and `teams` map a group of the provider to ours; where `roles` is empty
    nobody comes in whom an admin has not added.
    """

    provider: OpenIdProvider
    label: str
    name: str = "email"
    groups: str = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journey:
    """A way to the provider and back. All that has to be known of it follows from `token`, which the browser keeps."""

    token: str
    place: str

    @classmethod
    def to(cls, place: str) -> Journey:
        return cls(secrets.token_urlsafe(32), place)

    @classmethod
    def of(cls, cookie: str | None) -> Journey | None:
        """The journey that a cookie tells of; None if it tells of none."""
        token, _, place = (cookie or "").partition(".")
        try:
            return cls(token, base64.urlsafe_b64decode(place).decode()) if token and place else None
        except ValueError:
            return None

    @property
    def cookie(self) -> str:
        return f"{self.token}.{base64.urlsafe_b64encode(self.place.encode()).decode()}"

    @property
    def state(self) -> str:
        return self._from("state")

    @property
    def nonce(self) -> str:
        return self._from("nonce")

    @property
    def verifier(self) -> str:
        return self._from("verifier")

    def comes_back_with(self, state: str) -> bool:
        return hmac.compare_digest(self.state.encode(), state.encode())

    def _from(self, what: str) -> str:
        made = hmac.digest(self.token.encode(), what.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def person_of(transaction: Transaction, company: Company, claims: Mapping[str, Any], now: datetime) -> str:
    """The user's name; made or brought up to date as the groups say.

    BusinessException (SIGN_IN_REFUSED) in plain words where this account may not come in. An account is known by
    issuer and subject, which no provider gives twice; the name only serves the first time.
    """
    _spend(transaction, str(claims["nonce"]), now)
    issuer, subject = company.provider.connection.issuer, str(claims["sub"])
    role, teams = _granted(company, claims)
    known = find(transaction, tables.identities, issuer=issuer, subject=subject)
    name = str(known["user"]) if known is not None else _new_identity(transaction, company, claims, role, now)
    user = find(transaction, tables.users, name=name)
    if user is None or user["disabled"]:
        raise refused(f"the account {name} may not come in here any more")
    _bring_up_to_date(transaction, company, user, role, teams)
    return name


def _spend(transaction: Transaction, nonce: str, now: datetime) -> None:
    """Each sign-in counts once, whoever sends it again."""
    spent = tables.spent_sign_ins
    transaction.execute(spent.delete().where(spent.c.expires <= now))
    if not insert_once(transaction, spent, {"digest": digest(nonce), "expires": now + SPENT}):
        raise refused("this sign-in was used already")


def _granted(company: Company, claims: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    """Role and teams by the groups; of several roles the one that the settings name first."""
    given = claims.get(company.groups)
    groups = {str(one) for one in given} if isinstance(given, list) else {str(given)}
    role = next((role for group, role in company.roles.items() if group in groups), None)
    return role, sorted({team for group, team in company.teams.items() if group in groups})


def _new_identity(
    transaction: Transaction, company: Company, claims: Mapping[str, Any], role: str | None, now: datetime
) -> str:
    name = _name_in(company, claims)
    user = find(transaction, tables.users, name=name)
    issuer, subject = company.provider.connection.issuer, str(claims["sub"])
    if user is None:
        if role is None:
            raise refused(f"nobody has said what {name} may do here")
        add_user(transaction, name, None, role, [], now)
    elif user["password"] is not None or find(transaction, tables.identities, issuer=issuer, user=name) is not None:
        # Whoever can choose a name or a mail address at the provider must not become a user of that name here.
        raise refused(f"there is a user {name} here already, who signs in otherwise")
    insert_once(transaction, tables.identities, {"issuer": issuer, "subject": subject, "user": name, "created": now})
    # The link with which they could have chosen a password is not needed any more.
    transaction.execute(tables.set_up_links.delete().where(tables.set_up_links.c.user == name))
    return name


def _name_in(company: Company, claims: Mapping[str, Any]) -> str:
    name = claims.get(company.name)
    if not isinstance(name, str) or not name.strip():
        raise refused(f"the provider does not say your {company.name}")
    if company.name == "email" and claims.get("email_verified") is not True:
        raise refused(f"the provider has not verified that {name} is yours")
    return name.strip()


def _bring_up_to_date(
    transaction: Transaction, company: Company, user: Row, role: str | None, teams: list[str]
) -> None:
    """Where groups give roles, they take them too: who has left them all does not come in."""
    values: dict[str, Any] = {}
    if company.roles:
        if role is None:
            raise refused(f"the account {user['name']} is in none of the groups that may come in here")
        values["role"] = role
    if company.teams:
        values["teams"] = teams
    if values:
        change(transaction, tables.users, {"name": user["name"]}, **values)
