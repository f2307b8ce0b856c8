"""What was begun and waits for a second step in this browser: a sign-in, or a new passkey. It opens nothing else."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.users import digest
from engine.store import tables
from engine.store.database import Transaction, find, one

LASTS = timedelta(minutes=5)
MOST_TRIES = 5


class Purpose(StrEnum):
    SECOND = "second"  # the password was right, the second factor is asked for
    PASSKEY = "passkey"  # somebody signs in with a passkey alone
    REGISTER = "register"  # a new passkey of who is signed in
    PROVE = "prove"  # who is signed in shows the second factor again


@dataclass(frozen=True, slots=True)
class Half:
    """`user` is empty where a passkey is to say who it is. `challenge` is what a passkey signs, once."""

    user: str
    purpose: Purpose
    place: str
    digest: str
    challenge: bytes


def open_half(transaction: Transaction, user: str, purpose: Purpose, place: str, now: datetime) -> str:
    """Begin one; the token for its cookie."""
    token = secrets.token_urlsafe(32)
    table = tables.half_sessions
    transaction.execute(table.delete().where(table.c.expires <= now))
    values = {"user": user or None, "purpose": purpose, "place": place[:2000], "tries": 0, "expires": now + LASTS}
    transaction.execute(table.insert().values(digest=digest(token), **values))
    return token


def half_of(transaction: Transaction, token: str | None, now: datetime, *purposes: Purpose) -> Half | None:
    """The one of this cookie, begun for one of these; None if there is none, it is over, or its user is shut out."""
    table = tables.half_sessions
    if token is None:
        return None
    row = one(transaction, table.select().where(table.c.digest == digest(token), table.c.expires > now))
    if row is None or row["tries"] >= MOST_TRIES or row["purpose"] not in purposes:
        return None
    if row["user"] is not None:
        user = find(transaction, tables.users, name=row["user"])
        if user is None or user["disabled"]:
            return None
    challenge = hashlib.sha256(f"challenge {token}".encode()).digest()
    return Half(str(row["user"] or ""), Purpose(row["purpose"]), str(row["place"]), str(row["digest"]), challenge)


def tried(transaction: Transaction, half: Half) -> None:
    """A wrong answer: after some of them it has to be begun anew."""
    table = tables.half_sessions
    transaction.execute(table.update().where(table.c.digest == half.digest).values(tries=table.c.tries + 1))


def use(transaction: Transaction, half: Half) -> bool:
    """End it; False if it was used meanwhile: of two who come in with it only one does."""
    table = tables.half_sessions
    return transaction.execute(table.delete().where(table.c.digest == half.digest)).rowcount == 1
