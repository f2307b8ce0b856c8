"""The context of a bot that works for a person at the command line, outside of any item's run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from commands.session import Session
from engine.errors import ConfigurationError, EffectForbidden
from engine.memory import Memory
from engine.run_context import Resources

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class OutsideRun:
    """Connections and secrets of the project; nothing is journalled, and nothing but `kept` is kept. Close it."""

    workflow = item = step = key = ""
    attempt = 1

    def __init__(self, session: Session, name: str, seconds: float) -> None:
        self.run = name
        self.dry_run = True  # nobody asked for an effect: requests that change data are held back
        self._session = session
        self._resources = Resources()
        self._end = time.monotonic() + seconds

    def __enter__(self) -> OutsideRun:
        return self

    def __exit__(self, *failure: object) -> None:
        self._resources.close()

    def now(self) -> datetime:
        return self._session.clock.now()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(seconds, 0))

    def remaining(self) -> float:
        return max(self._end - time.monotonic(), 0.0)

    def connection(self, name: str, model: type[T]) -> T:
        try:
            return model.model_validate(self._session.surroundings.connection(name))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "it"
            raise ConfigurationError(
                f"config/connections.yaml: connection {name}: {where}: {first['msg'].lower()}",
                advice=f"the fields are {', '.join(model.model_fields)}",
            ) from error

    def secret(self, name: str) -> str:
        return self._session.surroundings.secret(name)

    def kept(self, name: str) -> str | None:
        return self._session.surroundings.kept(name)

    def keep(self, name: str, text: str | None) -> None:
        self._session.surroundings.keep(name, text)

    def path(self, text: str) -> Path:
        return self._session.surroundings.path(text)

    def cache(self, name: str) -> Path:
        return self._session.surroundings.cache / name

    def memory(self, *, change: bool = False) -> AbstractContextManager[Memory]:
        raise EffectForbidden("a bot outside of a run has no memory")

    def artifact(self, name: str, content: bytes, media_type: str) -> str:
        return ""  # there is no run to keep it with

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R:
        return self._resources.get(key, make, close)

    def drop_resource(self, key: str) -> None:
        self._resources.drop(key)

    def scrub(self, text: str) -> str:
        return self._session.scrubber.scrub(text)

    def conceal(self, value: Any) -> Any:
        return value

    def event(self, name: str, **data: Any) -> None:
        """Nobody keeps a timeline here."""
