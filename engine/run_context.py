"""The context of one step's attempt: the engine's side of `engine.context.Context`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.clock import Clock
from engine.context import Context
from engine.errors import ConfigurationError, EffectForbidden
from engine.events import Event, Events
from engine.ids import new_id
from engine.journal import Journal
from engine.memory import Memory
from engine.store.database import Database
from engine.store.memory import StoredMemory
from engine.surroundings import Surroundings

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

_TEXT = ("text/", "application/json", "application/xml")


class Resources:
    """What a worker keeps warm between items; closed with it."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[Any, Callable[[Any], None] | None]] = {}

    def get(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None) -> R:
        if key not in self._held:
            self._held[key] = (make(), close)
        held: R = self._held[key][0]
        return held

    def drop(self, key: str) -> None:
        thing, close = self._held.pop(key, (None, None))
        if close is not None:
            close(thing)

    def close(self) -> None:
        for key in reversed(list(self._held)):
            self.drop(key)


@dataclass
class RunContext:
    workflow: str
    item: str
    run: str
    step: str
    attempt: int
    key: str
    dry_run: bool
    deadline: datetime
    clock: Clock
    surroundings: Surroundings
    resources: Resources
    journal: Journal
    events: Events
    taught: Database  # the project's own store, in a dry run too
    topic: str
    path_in_run: str = field(default="")

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def remaining(self) -> float:
        return max((self.deadline - self.clock.now()).total_seconds(), 0.0)

    def connection(self, name: str, model: type[T]) -> T:
        settings = self.surroundings.connection(name)
        try:
            return model.model_validate(settings)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "it"
            raise ConfigurationError(
                f"config/connections.yaml: connection {name}: {where}: {first['msg'].lower()}",
                advice=f"the fields are {', '.join(model.model_fields)}",
            ) from error

    def secret(self, name: str) -> str:
        return self.surroundings.secret(name)

    def kept(self, name: str) -> str | None:
        return self.surroundings.kept(name)

    def keep(self, name: str, text: str | None) -> None:
        self.surroundings.keep(name, text)

    def path(self, text: str) -> Path:
        return self.surroundings.path(text)

    def cache(self, name: str) -> Path:
        return self.surroundings.cache / name

    @contextmanager
    def memory(self, *, change: bool = False) -> Iterator[Memory]:
        if change and self.dry_run:
            raise EffectForbidden("what people taught was about to be changed in a dry run")
        with self.taught.write() if change else self.taught.read() as transaction:
            yield StoredMemory(transaction, self.topic)

    def artifact(self, name: str, content: bytes, media_type: str) -> str:
        if media_type.startswith(_TEXT):
            content = self.surroundings.scrubber.scrub_bytes(content)
        values: dict[str, Any] = {"id": new_id("art"), "path": self.path_in_run, "name": name, "media_type": media_type}
        values |= {"sha256": self.surroundings.artifacts.put(content), "size": len(content), "created": self.now()}
        self.journal.artifact(values)
        return str(values["id"])

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R:
        return self.resources.get(key, make, close)

    def drop_resource(self, key: str) -> None:
        self.resources.drop(key)

    def scrub(self, text: str) -> str:
        return self.surroundings.scrubber.scrub(text)

    def conceal(self, value: Any) -> Any:
        return self.surroundings.scrubber.conceal(value)

    def event(self, name: str, **data: Any) -> None:
        scrubbed = {key: self.surroundings.scrubber.scrub_all(value) for key, value in data.items()}
        self.journal.event(self.path_in_run, name, self.now(), scrubbed)
        self.events.emit(Event(name, self.now(), self.item, self.run, self.path_in_run, scrubbed))


def _is_a_context(context: RunContext) -> Context:
    return context  # mypy shows here that the engine's context has all that actions may ask for
