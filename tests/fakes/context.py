"""A context for the tests of single actions: real clock, plain connections, files in a temporary folder.

It is handed to an action as the engine would hand its own, so it keeps the same promises: an unknown connection
is a ConfigurationError, a path that leaves the folder a BusinessException, a warm resource is made once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.context import Context
from engine.errors import BusinessException, ConfigurationError
from engine.memory import Memory
from engine.scrub import Scrubber

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class PlainContext:
    """`PlainContext(tmp_path, connections={"erp": {...}}, key="k1")`.

    `events` lists `(name, data)`, `artifacts` maps an id to the path of the file kept, `resources` what is warm.
    Close it (or use it in a `with`) to close the warm resources.
    """

    def __init__(
        self,
        folder: Path,
        *,
        connections: Mapping[str, Mapping[str, Any]] | None = None,
        secrets: Mapping[str, str] | None = None,
        key: str = "",
        dry_run: bool = False,
        seconds: float = 60.0,
    ) -> None:
        self.workflow, self.item, self.run, self.step, self.attempt = "a-workflow", "item_1", "run_1", "steps.0", 1
        self.topic = "document"
        self.key = key
        self.dry_run = dry_run
        self.folder = folder
        self.connections: dict[str, Mapping[str, Any]] = dict(connections or {})
        self.secrets = dict(secrets or {})
        self.deadline = datetime.now(UTC) + timedelta(seconds=seconds)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.artifacts: dict[str, Path] = {}
        self.resources: dict[str, tuple[Any, Callable[[Any], None] | None]] = {}

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def remaining(self) -> float:
        return max((self.deadline - self.now()).total_seconds(), 0.0)

    def connection(self, name: str, model: type[T]) -> T:
        if name not in self.connections:
            known = ", ".join(sorted(self.connections)) or "none"
            raise ConfigurationError(f"there is no connection {name}", advice=f"the known ones are: {known}")
        try:
            return model.model_validate(dict(self.connections[name]))
        except ValidationError as error:
            raise ConfigurationError(f"connection {name}: {error}") from error

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise ConfigurationError(f"there is no secret {name}", advice=f"set it with `secret set {name}`")
        return self.secrets[name]

    def kept(self, name: str) -> str | None:
        found: dict[str, str] = self.resource("kept", dict)
        return found.get(name)

    def keep(self, name: str, text: str | None) -> None:
        found: dict[str, str] = self.resource("kept", dict)
        if text is None:
            found.pop(name, None)
        else:
            found[name] = text

    def path(self, text: str) -> Path:
        path = (self.folder / text).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise BusinessException("PATH_REFUSED", f"{text} lies outside the project's files")
        return path

    def cache(self, name: str) -> Path:
        return self.folder / "cache" / name

    @contextmanager
    def memory(self, *, change: bool = False) -> Iterator[Memory]:
        from engine.store.database import Database
        from engine.store.memory import StoredMemory
        from engine.store.tables import metadata

        def made() -> Database:
            database = Database(f"sqlite:///{self.folder}/memory.sqlite")
            metadata.create_all(database.engine)
            return database

        database = self.resource("memory", made, Database.close)
        with database.write() if change else database.read() as transaction:
            yield StoredMemory(transaction, self.topic)

    def artifact(self, name: str, content: bytes, media_type: str) -> str:
        identity = f"art_{len(self.artifacts) + 1}"
        if media_type.startswith("text/"):
            content = self.scrub(content.decode()).encode()
        path = self.folder / "artifacts" / f"{identity}-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.artifacts[identity] = path
        return identity

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R:
        if key not in self.resources:
            self.resources[key] = (make(), close)
        held: R = self.resources[key][0]
        return held

    def drop_resource(self, key: str) -> None:
        thing, close = self.resources.pop(key, (None, None))
        if close is not None:
            close(thing)

    def scrub(self, text: str) -> str:
        for value in self.secrets.values():
            text = text.replace(value, "***")
        return text

    def conceal(self, value: Any) -> Any:
        scrubber = Scrubber()
        for secret in self.secrets.values():
            scrubber.add(secret)
        return scrubber.conceal(value)

    def event(self, name: str, **data: Any) -> None:
        self.events.append((name, data))

    def close(self) -> None:
        for key in reversed(list(self.resources)):
            self.drop_resource(key)

    def __enter__(self) -> PlainContext:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def _is_a_context(context: PlainContext) -> Context:
    return context  # mypy shows here that the fake has all that actions may ask for
