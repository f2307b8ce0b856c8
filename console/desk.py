"""What pages ask of the engine and the scheduler besides the store. The command line gives it; nothing here runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from engine.language import Workflow


@dataclass(frozen=True, slots=True)
class Would:
    """An effect that a dry run would have done. `changes` is field -> (before, after); `already`: the ledger has it."""

    step: str
    action: str
    target: str
    changes: Mapping[str, tuple[Any, Any]]
    already: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a dry run; `outcome` is as `run --json` has it."""

    outcome: str
    code: str
    message: str
    step: str
    outputs: Mapping[str, Any]
    would: Sequence[Would]


@dataclass(frozen=True, slots=True)
class Coming:
    """A time that a schedule names. `fires` is False where it comes to nothing; `note` says what is special."""

    at: datetime
    fires: bool
    note: str


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of a firing: `outcome` is queued, repeated, skipped, waiting, refused, or missed."""

    at: datetime
    outcome: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class TriggerLine:
    """One trigger of a workflow. `paused` is the reason, empty where it runs; `zone` is empty where no clock drives it.

    `coming` begins with the next time, `fired` with the latest; `takes` is how long its items usually take.
    """

    name: str
    kind: str
    when: str
    zone: str
    paused: str
    policy: str = ""
    coming: Sequence[Coming] = ()
    fired: Sequence[Fired] = ()
    takes: timedelta | None = None

    @property
    def missed(self) -> int:
        return sum(one.outcome == "missed" for one in self.fired)


class Desk(Protocol):
    """Starting work, and the triggers that do so."""

    def add(self, workflow: Workflow, given: Mapping[str, Any], key: str) -> tuple[str, bool]:
        """Queue an item: its id, and whether it is new. WrongInputs, ItemError: no item can be made.

        `key` is the item's where its queue gives it none: the same form sent twice is one item.
        """

    def try_out(self, workflow: Workflow, given: Mapping[str, Any]) -> Trial:
        """A dry run: reads happen, effects do not. UsageError where it could not be done."""

    def triggers(self, workflow: Workflow) -> list[TriggerLine]:
        """What makes the items of a workflow."""

    def pause(self, workflow: Workflow, trigger: str, reason: str) -> None:
        """Let a trigger make no item until it is resumed; UsageError if the workflow has none of that name."""

    def resume(self, workflow: Workflow, trigger: str, *, missed: bool) -> int:
        """Let it go on; with `missed`, what fell into the pause is made up by its policy. How many items that are."""
