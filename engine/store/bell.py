"""Wakes a worker that waits for work as soon as another process may have queued some.

A bell that is not heard does no harm: who waits looks again after a second anyway.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from engine.store.database import Database, Transaction, patience

if TYPE_CHECKING:
    import psycopg

CHANNEL = "clerkwork_items"
LOOK_SECONDS = 0.01
LISTEN_SECONDS = 0.25
"""How soon a worker that is asked to leave hears of it."""

UNREADABLE = -1
"""No number that SQLite gives: the look for work that follows says what is wrong with the store."""

_RING = sa.text(f"SELECT pg_notify('{CHANNEL}', '')")


def ring(transaction: Transaction) -> None:
    """Wake whoever waits, once this transaction is committed. SQLite's waiters see every commit by themselves."""
    if transaction.dialect.name != "sqlite":
        transaction.execute(_RING)


class Bell(Protocol):
    """`wait` returns True as soon as there may be work that came after the last `hush`, else False: after so many
    seconds, or when `leaving` is set."""

    def hush(self) -> None: ...

    def wait(self, seconds: float, leaving: threading.Event) -> bool: ...

    def close(self) -> None: ...


def bell_of(database: Database) -> Bell:
    if not database.is_sqlite:
        return PostgresBell(database.url)
    file = sa.engine.make_url(database.url).database
    return NoBell() if not file or file == ":memory:" else SqliteBell(file)


class NoBell:
    """A store in memory has no other process that could queue anything."""

    def hush(self) -> None:
        return

    def wait(self, seconds: float, leaving: threading.Event) -> bool:
        leaving.wait(seconds)
        return False

    def close(self) -> None:
        return


class SqliteBell:
    """Looks at the number that changes with every commit of another connection; some microseconds a look."""

    def __init__(self, file: str) -> None:
        self._store = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self.hush()

    def hush(self) -> None:
        self._seen = self._version()

    def _version(self) -> int:
        try:
            return int(self._store.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.OperationalError:
            return UNREADABLE

    def wait(self, seconds: float, leaving: threading.Event) -> bool:
        end = time.monotonic() + seconds
        while not leaving.wait(LOOK_SECONDS):
            if self._version() != self._seen:
                return True
            if time.monotonic() >= end:
                return False
        return False

    def close(self) -> None:
        self._store.close()


class PostgresBell:
    """Listens on a connection of its own. Where the server does not answer it waits without, and tries anew."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._patience: dict[str, Any] = dict(patience(url))
        self._connection: psycopg.Connection | None = None

    def hush(self) -> None:
        """What it has heard and not told of is kept by the server's own queue, and is told of once more at most."""

    def wait(self, seconds: float, leaving: threading.Event) -> bool:
        import psycopg

        end = time.monotonic() + seconds
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True, **self._patience)
                self._connection.execute(f"LISTEN {CHANNEL}".encode())
                # What was queued before it listened was not heard.
                return True
            while not leaving.is_set() and (left := end - time.monotonic()) > 0:
                for _ in self._connection.notifies(timeout=min(left, LISTEN_SECONDS), stop_after=1):
                    return True
        except psycopg.OperationalError:
            self.close()
            leaving.wait(max(end - time.monotonic(), 0.0))
        return False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
