"""A checked workflow, as the engine runs it. The loader makes these from YAML; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from engine.action import Action, Effect
from engine.errors import Location
from engine.rate import Rate


class Template(Protocol):
    """A YAML value with `${{ }}` inside. Parsed once; evaluated against a scope of plain values."""

    @property
    def location(self) -> Location: ...

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value with every expression replaced; a whole-value expression keeps its type."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as written: `30s`, `5m`, `2 hours`, `4 business hours`, `1 business day`.

    `days` is how many business days, where it counts in those: 24 business hours are three of them, not one.
    """

    text: str
    length: timedelta
    business: bool = False
    days: int = 0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and when an application exception is tried again. `attempts` counts the first one."""

    attempts: int = 3
    wait: float = 1.0  # seconds before the second attempt
    factor: float = 2.0
    jitter: bool = True
    on: tuple[str, ...] | None = None  # codes of the exceptions that are tried again; None: all
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a work item. `type` is one of text number integer money date datetime bool list mapping file.

    `choices`, `min`, `max` and `pattern` are as written in the file.
    """

    name: str
    type: str
    description: str = ""
    required: bool = True
    default: Any = None
    choices: tuple[Any, ...] = ()
    min: Any = None
    max: Any = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class QueueSpec:
    key: Template | None = None
    due: Span | Template | None = None
    priority: str | Template = "normal"
    concurrency: int | None = None
    retry: RetryPolicy = RetryPolicy()
    stop_after: int | None = None  # application failures in a row before the queue pauses
    not_before: Span | Template | None = None
    again_after: timedelta | None = None  # None: a key is unique for ever
    quarantine_after: int = 3  # dead workers
    rate: Rate | None = None
    keep: timedelta | None = None  # None: as the settings say
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewSpec:
    when: Template  # must give a bool
    assign: str | None = None


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """`effect:` of a step: the world's own key for it, and the name of the `verify` section that looks it up."""

    key: Template | None = None
    verify: str | None = None


@dataclass(frozen=True, slots=True)
class ExceptionSpec:
    assign: str | None = None
    notify: tuple[str, ...] = ()
    due: Span | None = None


@dataclass(frozen=True, slots=True)
class TriggerSpec:
    """One trigger: `kind` is folder, schedule, mail, webhook, ...; `options` as written, `settings` their model.

    `inputs` gives the inputs of an item from what came in.
    """

    kind: str
    options: Mapping[str, Any]
    location: Location
    settings: Any = None
    inputs: Template | None = None


@dataclass(frozen=True)
class Step:
    """One step. `path` is its place in the file (`steps.3`, `steps.5.group.0`) and names it in the journal.

    `action` is None for the control actions of the engine itself: set, fail, approve, review, call, group,
    parallel, wait, queue.add, settle. `children` holds the steps of group and parallel; `input` is then unused.
    """

    path: str
    kind: str  # the action key as written: "erp.create_bill", "set", "group"
    location: Location
    input: Template
    action: Action | None = None
    name: str | None = None
    bind: str | None = None
    condition: Template | None = None
    for_each: Template | None = None
    each: str = "each"
    max_parallel: int = 1
    retry: RetryPolicy | None = None
    timeout: float | None = None  # seconds
    review: ReviewSpec | None = None
    effect: EffectSpec | None = None
    effect_kind: Effect = Effect.NONE
    on_error: tuple[Step, ...] | None = None  # None: raise; empty: continue
    secrets: tuple[str, ...] = ()
    children: tuple[Step, ...] = ()
    final: tuple[Step, ...] = ()  # `finally` of a group

    @property
    def title(self) -> str:
        return self.name or f"{self.kind} (line {self.location.line})"


@dataclass(frozen=True)
class Workflow:
    id: str
    title: str
    file: str
    source: str  # the YAML text, kept with each run
    digest: str  # sha256 of source
    steps: tuple[Step, ...]
    owner: str | None = None
    inputs: Mapping[str, InputSpec] = field(default_factory=dict)
    triggers: tuple[TriggerSpec, ...] = ()
    queue: QueueSpec = QueueSpec()
    verify: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    on_exception: ExceptionSpec = ExceptionSpec()
    outputs: Mapping[str, Template] = field(default_factory=dict)
