"""Opaque ids that sort by the time they were made: 48 bits of milliseconds, then randomness."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """For example `run_01k9w3v5d8x2f7h4q6n0`."""
    number = (int(time.time() * 1000) << 52) | secrets.randbits(52)
    digits = []
    for _ in range(20):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(digits))}"
