"""What an action may ask of its surroundings. Bots and connectors see this and nothing of `config`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from engine.memory import Memory

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class File(BaseModel):
    """A file a work item carries: an immutable copy kept by content. `path` is where it lies on this machine."""

    path: str
    name: str
    sha256: str = ""


class Context(Protocol):
    """Handed to every action. `key` is the idempotency key of the effect under way, else an empty string."""

    workflow: str
    item: str
    run: str
    step: str
    attempt: int
    key: str
    dry_run: bool

    def now(self) -> datetime:
        """The injected clock, aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait on the injected clock; ends early with LeaseLost when the item was taken away."""

    def remaining(self) -> float:
        """Seconds until the step's deadline."""

    def connection(self, name: str, model: type[T]) -> T:
        """The named connection, validated as `model`, its secrets resolved; ConfigurationError if unknown."""

    def secret(self, name: str) -> str:
        """The value of a named secret; it is scrubbed from everything written from now on."""

    def kept(self, name: str) -> str | None:
        """What was last kept under this name; None if nothing was, or if it cannot be opened any more."""

    def keep(self, name: str, text: str | None) -> None:
        """Keep a text that can be made again (a session's cookies) from run to run, sealed; None forgets it."""

    def path(self, text: str) -> Path:
        """A path in the project's files (relative) or an allowed folder; BusinessException if it leaves them."""

    def cache(self, name: str) -> Path:
        """A folder of the project, by this name, for what can be made again at any time; it may not exist yet."""

    def memory(self, *, change: bool = False) -> AbstractContextManager[Memory]:
        """What people taught this action's bot, in one transaction; `change` to write. A dry run can only read it."""

    def artifact(self, name: str, content: bytes, media_type: str) -> str:
        """Keep a file with the run as evidence, scrubbed of secrets where it is text; returns its id."""

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R:
        """Something this worker keeps warm between items (a browser, an OCR engine, a session)."""

    def drop_resource(self, key: str) -> None:
        """Close a warm resource that is broken; the next `resource` makes a new one."""

    def scrub(self, text: str) -> str:
        """The text with every known secret masked, in every usual encoding."""

    def conceal(self, value: Any) -> Any:
        """Data for later steps without secrets; one of fewer than eight characters is left, it may be there by chance.

        `value` is plain data: texts, numbers, lists, mappings.
        """

    def event(self, name: str, **data: Any) -> None:
        """Note what happened, for the run's timeline. `name` is dotted, as in `browser.click`."""
