"""Opaque ids that sort by the time they were made: 48 bits of milliseconds, then randomness."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import timedelta

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class _Sequence:
    """Numbers that only grow, in this process."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._last = max((int(time.time() * 1000) << 52) | secrets.randbits(52), self._last + 1)
            return self._last


_sequence = _Sequence()


def new_id(prefix: str) -> str:
    """For example `run_01k9w3v5d8x2f7h4q6n0`. Ids made one after the other by a process also sort that way."""
    number = _sequence.next()
    digits = []
    for _ in range(20):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(digits))}"


def earlier(name: str, span: timedelta) -> str:
    """An id like this one, as it would have been made `span` before; one that is not of this form as it is."""
    prefix, _, digits = name.rpartition("_")
    if len(digits) != 20 or not set(digits) <= set(_ALPHABET):
        return name
    number = 0
    for digit in digits:
        number = number << 5 | _ALPHABET.index(digit)
    number = max(number - (int(span.total_seconds() * 1000) << 52), 0)
    before = [_ALPHABET[number >> 5 * place & 31] for place in reversed(range(20))]
    return f"{prefix}_{''.join(before)}"
