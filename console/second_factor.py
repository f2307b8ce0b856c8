"""The second factor of a user: codes of an authenticator app (RFC 6238), and recovery codes, each good once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Protocol

from console.users import digest
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Transaction, change, count, find, insert_once

ISSUER = "Clerkwork"
STEP_SECONDS = 30
EARLIER, LATER = 1, 1
"""Steps by which the clock of a telephone may be off."""
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Sealing(Protocol):
    """The project's key: what it seals opens under the same name only."""

    def seal(self, name: str, text: str) -> str: ...

    def unseal(self, name: str, sealed: str) -> str: ...

    def derived(self, name: str) -> bytes: ...


def begin(transaction: Transaction, sealing: Sealing, user: str, now: datetime) -> str:
    """A new secret for an authenticator app, in base32. It counts once `confirm` has seen a code of it."""
    import pyotp

    secret = pyotp.random_base32()
    table = tables.second_factors
    transaction.execute(table.delete().where(table.c.user == user, table.c.confirmed.is_(None)))
    row = {"user": user, "sealed": sealing.seal(_name(user), secret), "step": 0, "created": now}
    if not insert_once(transaction, table, row):
        raise UsageError("you have an authenticator app already", advice="take it away first, then add another")
    return secret


def waiting_secret(transaction: Transaction, sealing: Sealing, user: str) -> str | None:
    """The secret that was begun and is not confirmed yet."""
    row = find(transaction, tables.second_factors, user=user)
    return sealing.unseal(_name(user), row["sealed"]) if row is not None and row["confirmed"] is None else None


def address_of(secret: str, user: str) -> str:
    """What the QR code holds."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)


def confirm(transaction: Transaction, sealing: Sealing, user: str, code: str, now: datetime) -> list[str]:
    """The app shows the right codes: from now on they are asked for. Returns the recovery codes, this once."""
    if not _is_code_of_app(transaction, sealing, user, code, now, confirmed=False):
        raise UsageError(
            "this is not the code that the app shows now", advice="look whether the telephone's clock is right"
        )
    change(transaction, tables.second_factors, {"user": user}, confirmed=now)
    return new_recovery_codes(transaction, user)


def new_recovery_codes(transaction: Transaction, user: str) -> list[str]:
    """Ten new codes; the old ones end. Only their digests are kept."""
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]
    table = tables.recovery_codes
    transaction.execute(table.delete().where(table.c.user == user))
    transaction.execute(table.insert(), [{"digest": _digest(user, code), "user": user} for code in codes])
    return codes


def has_app(transaction: Transaction, user: str) -> bool:
    row = find(transaction, tables.second_factors, user=user)
    return row is not None and row["confirmed"] is not None


def has_second_factor(transaction: Transaction, user: str) -> bool:
    """Whether the password alone lets this user not in."""
    return has_app(transaction, user) or count(transaction, tables.passkeys, tables.passkeys.c.user == user) > 0


def codes_left(transaction: Transaction, user: str) -> int:
    return count(transaction, tables.recovery_codes, tables.recovery_codes.c.user == user)


def proves(transaction: Transaction, sealing: Sealing, user: str, code: str, now: datetime) -> bool:
    """Whether this is a code of the app or a recovery code; either is used up by it."""
    if _is_code_of_app(transaction, sealing, user, code, now, confirmed=True):
        return True
    table = tables.recovery_codes
    used = table.delete().where(table.c.user == user, table.c.digest == _digest(user, code))
    return transaction.execute(used).rowcount == 1


def remove_app(transaction: Transaction, user: str) -> None:
    """Take the app away; with the last second factor the recovery codes go too."""
    transaction.execute(tables.second_factors.delete().where(tables.second_factors.c.user == user))
    forget_codes(transaction, user)


def forget_codes(transaction: Transaction, user: str) -> None:
    """Without a second factor there is nothing to recover."""
    if not has_second_factor(transaction, user):
        transaction.execute(tables.recovery_codes.delete().where(tables.recovery_codes.c.user == user))


def reset(transaction: Transaction, user: str) -> None:
    """Take every second factor of a user away, and end all that they have open: for who has lost the telephone."""
    for table in (
        tables.second_factors,
        tables.recovery_codes,
        tables.passkeys,
        tables.half_sessions,
        tables.sessions,
    ):
        transaction.execute(table.delete().where(table.c.user == user))


def _is_code_of_app(
    transaction: Transaction, sealing: Sealing, user: str, code: str, now: datetime, *, confirmed: bool
) -> bool:
    """A code counts once: the step it belongs to is taken over only from an earlier one."""
    import pyotp

    table = tables.second_factors
    row = find(transaction, table, user=user)
    given = code.replace(" ", "")
    if row is None or (row["confirmed"] is not None) != confirmed or not (given.isascii() and given.isdigit()):
        return False
    app = pyotp.TOTP(sealing.unseal(_name(user), row["sealed"]))
    present = int(now.timestamp()) // STEP_SECONDS
    steps = [step for step in range(present - EARLIER, present + LATER + 1)]
    # All are compared, so that the time it takes tells nothing.
    right = [step for step in steps if hmac.compare_digest(app.generate_otp(step), given)]
    if not right:
        return False
    taken = table.update().where(table.c.user == user, table.c.step < right[-1]).values(step=right[-1])
    return transaction.execute(taken).rowcount == 1


def _name(user: str) -> str:
    return f"second factor of {user}"


def _digest(user: str, code: str) -> str:
    """A code has 50 bits, so a fast digest is enough: nobody tries 10^15 of them."""
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(f"{digest(user)} {plain}".encode()).hexdigest()
