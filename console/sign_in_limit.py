"""How often a sign-in may fail: few times by name, some more by address, counted over a sliding window."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
BY_NAME = 8
BY_ADDRESS = 40
MOST_KEYS = 10_000


class SignInLimit:
    """Failures are kept in memory: they matter for minutes, and the console is one process."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def seconds_to_wait(self, name: str, address: str, now: datetime) -> int:
        """Zero if another attempt is allowed, else how long to wait."""
        with self._lock:
            waits = [self._wait(key, most, now) for key, most in _keys(name, address)]
        return max(waits)

    def failed(self, name: str, address: str, now: datetime) -> None:
        with self._lock:
            if len(self._failures) >= MOST_KEYS:
                self._forget(now)
            for key, most in _keys(name, address):
                self._failures.setdefault(key, deque(maxlen=most)).append(now)

    def succeeded(self, name: str) -> None:
        with self._lock:
            self._failures.pop(f"name {name.casefold()}", None)

    def _wait(self, key: str, most: int, now: datetime) -> int:
        times = self._failures.get(key)
        if times is None or len(times) < most or times[0] + WINDOW <= now:
            return 0
        return int((times[0] + WINDOW - now).total_seconds()) + 1

    def _forget(self, now: datetime) -> None:
        self._failures = {key: times for key, times in self._failures.items() if times[-1] + WINDOW > now}


def _keys(name: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return ((f"name {name.casefold()}", BY_NAME), (f"address {address}", BY_ADDRESS))
