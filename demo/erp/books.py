"""What stands in the ERP, read back over its API, to be compared with the journal and the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.erp.bill import Bill
from connectors.erp.connection import ErpConnection
from connectors.erp.port import open_erp

R = TypeVar("R")
SECONDS = 60.0


def booked_bills(connection: ErpConnection) -> list[Bill]:
    """All bills that Clerkwork has made in this ERP, oldest first; the errors are those of the connector."""
    with closing(Onlooker()) as onlooker:
        return open_erp("erp", connection, onlooker).bills()


class Onlooker:
    """A caller outside of a run: wall clock, nothing noted, sessions closed with it."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS
        self._held: dict[str, tuple[Any, Callable[[], None]]] = {}

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def remaining(self) -> float:
        return max(self._end - time.monotonic(), 0.0)

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R:
        if key not in self._held:
            made = make()
            self._held[key] = (made, lambda: close(made) if close else None)
        held: R = self._held[key][0]
        return held

    def event(self, name: str, **data: Any) -> None:
        """There is no timeline here."""

    def close(self) -> None:
        for _, close in self._held.values():
            close()
