"""What the console stands on. The command line makes it; nothing here reads a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from engine.action import Action
from engine.artifacts import Artifacts
from engine.clock import Clock
from engine.errors import UsageError
from engine.scrub import Scrubber
from engine.store.database import Database

if TYPE_CHECKING:
    from console.company import Company
    from console.desk import Desk
    from engine.workflows import Library


@dataclass(frozen=True)
class ConsoleServices:
    """`on_decision(item)` is called once a decision that lets an item go on is durable: it may wake a worker.

    `on_hook(path, headers, body)` takes the call of a web hook; it verifies the signature itself, and its answer is an
    HTTP status and what the caller is told. `desk` starts work and knows the triggers. `company` is whose accounts may
    sign in besides our own.
    """

    database: Database
    artifacts: Artifacts
    library: Library
    registry: Mapping[str, Action]
    clock: Clock
    scrubber: Scrubber
    timezone: tzinfo
    on_decision: Callable[[str], None] | None = None
    on_hook: Callable[[str, Mapping[str, str], bytes], tuple[int, Mapping[str, Any]]] | None = None
    desk: Desk | None = None
    company: Company | None = None

    @property
    def the_desk(self) -> Desk:
        if self.desk is None:
            raise UsageError("nothing can be started in this console", advice="start it with `clerkwork start`")
        return self.desk
