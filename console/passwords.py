"""Passwords: argon2id with 19 MiB, two passes and one lane (OWASP's figures), and what makes one acceptable."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import UsageError

SHORTEST = 12
LONGEST = 256

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str, name: str) -> str:
    """The hash to keep; UsageError in plain words if the password is too easy to guess."""
    if len(password) < SHORTEST:
        raise UsageError(
            f"the password has {len(password)} characters",
            advice=f"choose one of {SHORTEST} or more; a sentence is good",
        )
    if len(password) > LONGEST:
        raise UsageError(f"the password is longer than {LONGEST} characters", advice="choose a shorter one")
    named = len(name) >= 4 and name.casefold() in password.casefold()
    if named or len(set(password)) < 5:
        raise UsageError("the password is too easy to guess", advice="leave your name out of it and vary the letters")
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed; as slow for a person who does not exist as for one who does."""
    try:
        _hasher.verify(kept or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobody() -> str:
    return _hasher.hash("a password that nobody has")
