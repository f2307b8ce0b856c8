"""What the console stands on. The command line makes it; nothing here reads a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.action import Action
from engine.artifacts import Artifacts
from engine.clock import Clock
from engine.errors import UsageError
from engine.measures.scope import Given
from engine.scrub import Scrubber
from engine.store.database import Database

if TYPE_CHECKING:
    from console.company import Company
    from console.desk import Desk
    from console.second_factor import Sealing
    from engine.workflows import Library


@dataclass(frozen=True, slots=True)
class SecondFactorRule:
    """`roles` may do nothing without a second factor; an approval of `approvals` or more asks for it again."""

    roles: tuple[str, ...] = ()
    approvals: Decimal | None = None
    lasts: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class ConsoleServices:
    """`on_decision(item)` is called once a decision that lets an item go on is durable: it may wake a worker.

    `on_hook(path, headers, body)` takes the call of a web hook; it verifies the signature itself, and its answer is an
    HTTP status and what the caller is told. `desk` starts work and knows the triggers. `company` is whose accounts may
    sign in besides our own. `sealing` is the project's key; without it nobody can add an authenticator app.
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
    given: Given = field(default_factory=Given)
    sealing: Sealing | None = None
    second_factor: SecondFactorRule = SecondFactorRule()

    @property
    def the_sealing(self) -> Sealing:
        if self.sealing is None:
            raise UsageError("this console has no key", advice="start it with `clerkwork start`")
        return self.sealing

    @property
    def the_desk(self) -> Desk:
        if self.desk is None:
            raise UsageError("nothing can be started in this console", advice="start it with `clerkwork start`")
        return self.desk
