"""What a client needs of whoever calls it: the context of a step, or something smaller outside of a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Caller(Protocol):
    """The part of `engine.context.Context` that has to do with time, warm resources and the timeline."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...

    def remaining(self) -> float: ...

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R: ...

    def event(self, name: str, **data: Any) -> None: ...
